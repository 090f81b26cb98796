"""What the interpreter knows of its own build."""


def config_vars():
    """Values that differ between builds of one source."""
    return {"Py_GIL_DISABLED": 0, "SOABI": "taipan-314-x86_64-linux-gnu",
            "EXT_SUFFIX": ".taipan-314-x86_64-linux-gnu.so"}


def get_platform():
    """The platform's name."""
    return "linux-x86_64"
