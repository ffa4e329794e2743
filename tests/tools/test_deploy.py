"""`deploy/`: nginx routes by scope for real; manifests, compose file and unit hold together."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from tests.helpers.deadlines import DEADLINE_S
from tests.helpers.redis_server import RedisServer
from tests.server.scripted import until
from volcv_mock import VolcvMock
from volcv_mock.config import Settings, from_sources
from volcv_mock.state.address import parse

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
BASE = DEPLOY / "kustomize" / "base"
CALL = "/volcv/v1?Action=CVProcess&Version=2022-08-31"
REPLICAS = ("mock-1", "mock-2", "mock-3")


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def accepts(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


class Balanced:
    """Three mocks behind nginx with deploy/nginx.conf, whose addresses are replaced by those of the test."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.mocks = {name: VolcvMock(public_url=f"{self.url}/r{name[-1]}") for name in REPLICAS}
        text = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
        for name, mock in self.mocks.items():
            server = stack.enter_context(mock.serve())
            text = text.replace(f"{name}:8410", server.base_url.removeprefix("http://"))
        assert not re.search(r"server mock-\d", text)
        balancing(folder, text, port, stack)


def balancing(folder: Path, text: str, port: int, stack: ExitStack) -> None:
    """nginx with a configuration of deploy/, whose addresses were replaced."""
    text = text.replace("listen 8410;", f"listen 127.0.0.1:{port};")
    (folder / "nginx.conf").write_text(f"daemon off;\n{text}", encoding="utf-8")
    command = ["nginx", "-p", str(folder), "-c", "nginx.conf", "-e", "error.log"]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    stack.callback(process.wait)
    stack.callback(process.terminate)
    assert until(lambda: accepts(port)), (folder / "error.log").read_text(encoding="utf-8")


@pytest.mark.skipif(not shutil.which("nginx"), reason="nginx is not installed")
def test_mocks_with_one_state_are_one_mock_behind_nginx(tmp_path: Path) -> None:
    """Every call may reach another mock, and so may the control calls and the picture links."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with ExitStack() as stack:
        redis = RedisServer()
        stack.callback(redis.close)
        mocks = [VolcvMock(state=redis.url("nginx"), public_url=url) for _ in range(2)]
        for mock in mocks:
            stack.callback(mock.close)
        addresses = [stack.enter_context(mock.serve()).base_url.removeprefix("http://") for mock in mocks]
        text = (DEPLOY / "nginx-shared.conf").read_text(encoding="utf-8")
        balancing(tmp_path, text.replace("server shared:8410;", "".join(f"server {each};" for each in addresses)), port,
                  stack)  # fmt: skip
        client = stack.enter_context(httpx.Client(base_url=url, trust_env=False, timeout=DEADLINE_S))
        client.post("/_mock/faults", json={"code": 50429, "times": 3, "skip": 1})

        headers = {"Authorization": "Bearer sk-a"}
        answers = [client.post(CALL, json=mocks[0].body(return_url=True), headers=headers).json() for _ in range(6)]

        assert [answer["code"] for answer in answers] == [10000, 50429, 50429, 50429, 10000, 10000]
        links = [answer["data"]["image_urls"][0] for answer in answers if answer["data"]]
        assert [client.get(link).status_code for link in links] == [200] * 3
        assert len(client.get("/_mock/calls").json()["calls"]) == 6
        assert all(mock.world.metrics.calls for mock in mocks)


@pytest.fixture(scope="module")
def balanced(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Balanced]:
    if not shutil.which("nginx"):
        pytest.skip("nginx is not installed")
    with ExitStack() as stack:
        yield Balanced(tmp_path_factory.mktemp("nginx"), stack)


@pytest.fixture(scope="module")
def client(balanced: Balanced) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=balanced.url, trust_env=False, timeout=DEADLINE_S) as client:
        yield client


SCOPES = [f"team-{number}" for number in range(12)]


@pytest.mark.parametrize("by", ["header", "key"])
def test_every_scope_is_whole_behind_nginx(balanced: Balanced, client: httpx.Client, by: str) -> None:
    """A rule that is added through the balancer applies to exactly the calls that it should."""
    for name in (f"{by}-{scope}" for scope in SCOPES):
        control = {"X-Volcv-Mock-Scope": name}
        headers = control if by == "header" else {"Authorization": f"Bearer sk-scope-{name}"}
        headers = {"Authorization": "Bearer sk-a"} | headers
        client.post("/_mock/faults", json={"code": 50429, "times": 1, "skip": 1}, headers=control)

        codes = [client.post(CALL, json={}, headers=headers).json()["code"] for _ in range(3)]

        assert codes == [50201, 50429, 50201]
        assert len(client.get("/_mock/calls", headers=control).json()["calls"]) == 3


def test_the_scopes_are_spread_over_the_mocks(balanced: Balanced, client: httpx.Client) -> None:
    """The ports, and with them the shares, differ from run to run: a hundred scopes reach each of three mocks."""
    for scope in (f"spread-{number}" for number in range(100)):
        client.post(CALL, json={}, headers={"X-Volcv-Mock-Scope": scope})

    assert all(len(mock.world.scopes()) > 1 for mock in balanced.mocks.values())


def test_a_picture_link_leads_to_the_mock_that_made_it(balanced: Balanced, client: httpx.Client) -> None:
    mock = next(iter(balanced.mocks.values()))
    for scope in SCOPES[:6]:
        headers = {"Authorization": "Bearer sk-a", "X-Volcv-Mock-Scope": scope}
        answer = client.post(CALL, json=mock.body(return_url=True), headers=headers).json()

        assert httpx.get(answer["data"]["image_urls"][0], trust_env=False, timeout=DEADLINE_S).content.startswith(
            b"\xff\xd8"
        )


def manifests() -> dict[str, dict[str, Any]]:
    named = yaml.safe_load((BASE / "kustomization.yaml").read_text(encoding="utf-8"))["resources"]
    return {name: yaml.safe_load((BASE / name).read_text(encoding="utf-8")) for name in named}


def shared() -> list[dict[str, Any]]:
    """The manifests of the overlay, with the patch applied to the Deployment that it names."""
    folder = DEPLOY / "kustomize" / "overlays" / "shared"
    named = yaml.safe_load((folder / "kustomization.yaml").read_text(encoding="utf-8"))
    assert (folder / named["resources"][0]).resolve() == BASE
    patch = yaml.safe_load((folder / named["patches"][0]["path"]).read_text(encoding="utf-8"))
    base = manifests()
    deployment = base["deployment.yaml"]
    container, more = (each["spec"]["template"]["spec"]["containers"][0] for each in (deployment, patch))
    assert (deployment["metadata"]["name"], container["name"]) == (patch["metadata"]["name"], more["name"])
    container["env"] += more["env"]
    deployment["spec"] |= {name: value for name, value in patch["spec"].items() if name != "template"}
    return [*base.values(), *yaml.safe_load_all((folder / named["resources"][1]).read_text(encoding="utf-8"))]


def test_the_manifests_of_replicas_with_one_state_are_valid_and_lead_to_it() -> None:
    kubernetes_validate = pytest.importorskip(
        "kubernetes_validate", reason="it is not installed; pip install --group manifests does"
    )
    found = shared()
    for manifest in found:
        kubernetes_validate.validate(manifest, kubernetes_validate.latest_version(), strict=True)

    mock, _, state, service = found
    variables = mock["spec"]["template"]["spec"]["containers"][0]["env"]
    environ = {each["name"]: each.get("value", "token") for each in variables}
    address = parse(from_sources({}, environ).state)
    assert (address.host, address.port) == (service["metadata"]["name"], service["spec"]["ports"][0]["port"])
    assert service["spec"]["selector"] == state["spec"]["template"]["metadata"]["labels"]
    assert mock["spec"]["replicas"] > 1


def test_the_manifests_are_valid_for_kubernetes() -> None:
    kubernetes_validate = pytest.importorskip(
        "kubernetes_validate", reason="it is not installed; pip install --group manifests does"
    )

    for manifest in manifests().values():
        kubernetes_validate.validate(manifest, kubernetes_validate.latest_version(), strict=True)


def test_the_service_leads_to_the_pods() -> None:
    deployment, service = manifests()["deployment.yaml"]["spec"], manifests()["service.yaml"]["spec"]
    pod = deployment["template"]

    assert service["selector"] == deployment["selector"]["matchLabels"] == pod["metadata"]["labels"]
    assert pod["spec"]["enableServiceLinks"] is False
    assert service["ports"][0]["targetPort"] == pod["spec"]["containers"][0]["ports"][0]["name"]


def test_the_pod_may_drain_before_it_is_killed() -> None:
    spec = manifests()["deployment.yaml"]["spec"]["template"]["spec"]
    environ = {each["name"]: each.get("value", "token") for each in spec["containers"][0]["env"]}

    settings = from_sources({}, environ)

    assert spec["terminationGracePeriodSeconds"] > settings.drain_s > 0


def compose() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    return document


@pytest.mark.parametrize("name", ["mock", "shared", *REPLICAS])
def test_the_settings_of_each_service_are_accepted(name: str) -> None:
    service = compose()["services"][name]
    environ = {variable: re.sub(r"\$\{.*\}", "token", value) for variable, value in service["environment"].items()}

    settings = from_sources({}, environ)

    assert isinstance(settings, Settings)
    assert settings.public_url.endswith("8410" if name in ("mock", "shared") else f"/r{name[-1]}")
    assert int(service["stop_grace_period"].removesuffix("s")) > settings.drain_s


def test_the_compose_file_names_what_exists() -> None:
    services = compose()["services"]
    mounted = services["balancer"]["volumes"][0].split(":")[0]

    assert (DEPLOY / mounted).is_file()
    assert (DEPLOY / services["mock"]["build"]["context"] / services["mock"]["build"]["dockerfile"]).is_file()
    assert (DEPLOY / services["shared-balancer"]["volumes"][0].split(":")[0]).is_file()
    assert parse(services["shared"]["environment"]["VOLCV_MOCK_STATE"]).host in services
    assert set(services["balancer"]["depends_on"]) == set(REPLICAS) <= set(services)


def test_the_unit_waits_for_the_drain() -> None:
    unit = (DEPLOY / "volcv-mock.service").read_text(encoding="utf-8")

    drain_s, stop_s = re.search(r"DRAIN_S=(\d+)", unit), re.search(r"^TimeoutStopSec=(\d+)$", unit, re.MULTILINE)

    assert drain_s is not None
    assert stop_s is not None
    assert int(stop_s[1]) > int(drain_s[1])
