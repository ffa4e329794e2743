"""The commands by name, with a line about each. Not a command itself."""

COMMANDS = {
    "serve": "run the mock server",
    "demo": "call every operation with sample pictures and write a contact sheet",
    "contract": "run the contract suite against the mock, a proxy or the official endpoint",
    "contract-init": "draft a folder for --contract from recordings",
    "calibrate": "measure how a service answers what no document decides, and write readings.toml",
    "codes": "list every code the mock can return",
    "operations": "list the operations, their input modes and defaults",
    "assumptions": "list every behaviour that no document states",
    "readings": "list the open points and the alternatives that can be played",
    "openapi": "print the OpenAPI document",
    "explain": "explain a code: meaning, whether to retry, source",
    "fixtures": "write test pictures and masks at and beyond every documented limit",
    "samples": "write sample photos and masks to send",
    "sign": "sign a request and show each step of the signature",
    "completion": "print the script that completes commands in bash, zsh or fish",
    "version": "print the version",
}
