"""Values that ``sysconfig.get_config_vars`` reports."""

build_time_vars = {
    "EXT_SUFFIX": ".taipan-314-x86_64-linux-gnu.so", "SOABI": "taipan-314-x86_64-linux-gnu",
    "MULTIARCH": "x86_64-linux-gnu", "HAVE_FORK": 1, "Py_DEBUG": 0, "Py_GIL_DISABLED": 0, "WITH_DOC_STRINGS": 1,
    "CONFIG_ARGS": "", "CC": "cc", "LDVERSION": "3.14", "VERSION": "3.14", "Py_ENABLE_SHARED": 0,
    "PY_CFLAGS": "", "PY_CORE_CFLAGS": "", "CFLAGS": "", "SIZEOF_VOID_P": 8, "Py_TRACE_REFS": 0,
    "HAVE_GETRANDOM": 1, "HAVE_GETRANDOM_SYSCALL": 1,
}
