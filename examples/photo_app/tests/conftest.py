import base64

import pytest
from photo_app.service import Service
from photo_app.studio import Studio


@pytest.fixture
def studio(volcv):
    """The unmodified app, configured by its environment; its calls reach the mock."""
    with Service.from_environment() as service:
        yield Studio(service)


@pytest.fixture
def photo(volcv):
    return base64.b64decode(volcv.body()["binary_data_base64"][0])


@pytest.fixture
def mask(volcv):
    return base64.b64decode(volcv.body()["binary_data_base64"][1])
