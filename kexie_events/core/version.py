"""The version of the program: what doctor, figures and heartbeats name. Equal to the one in pyproject.toml."""

VERSION = "0.1.0"
