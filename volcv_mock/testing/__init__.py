"""The test kit: VolcvMock, queries of its calls, sample requests, and the verdict on a client."""
