"""The test kit: VolcvMock, the calls it received, sample requests, the verdict on a client."""
