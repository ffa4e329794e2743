"""The pytest files: drawn requests, picture classes, endpoints, wire behaviour and the control API's state machine."""
