"""The named tuples of ``sys``, with the fields and reprs that CPython's have."""

import _imp


class _Struct(tuple):
    __slots__ = ()
    n_unnamed_fields = 0

    def __new__(cls, values, extra=None):
        values = tuple(values)
        if cls.n_fields == cls.n_sequence_fields != len(values):
            raise TypeError(f"{cls.__module__}.{cls.__name__}() takes a "
                            f"{cls.n_sequence_fields}-sequence ({len(values)}-sequence given)")
        if len(values) < cls.n_sequence_fields:
            raise TypeError(f"{cls.__module__}.{cls.__name__}() takes an at least "
                            f"{cls.n_sequence_fields}-sequence ({len(values)}-sequence given)")
        shown = cls.n_sequence_fields
        if len(values) > shown:
            # Of the types made here only those with a single instance have more.
            for name, value in zip(cls._more, values[shown:]):
                setattr(cls, name, value)
        return tuple.__new__(cls, values[:shown])

    def __repr__(self):
        fields = ", ".join(f"{n}={v!r}" for n, v in zip(self.__match_args__, self))
        return f"{type(self).__module__}.{type(self).__name__}({fields})"

    def __reduce__(self):
        return type(self), (tuple(self), {})

    def __replace__(self, /, **changes):
        fields = {name: changes.pop(name, value) for name, value in zip(self.__match_args__, self)}
        if changes:
            raise TypeError(f"Got unexpected field name(s): {list(changes)!r}")
        return tuple.__new__(type(self), fields.values())


def _field(index):
    return property(lambda self: self[index])


def _make(name, fields, more=""):
    """A named tuple's type; what `more` names are attributes only."""
    fields, more = fields.split(), more.split()
    namespace = {"__slots__": (), "__module__": "sys", "__match_args__": tuple(fields), "_more": more,
                 "n_fields": len(fields) + len(more), "n_sequence_fields": len(fields)}
    for i, field in enumerate(fields):
        namespace[field] = _field(i)
    return type(name, (_Struct,), namespace)


version_info = _make("version_info", "major minor micro releaselevel serial")
flags = _make("flags", "debug inspect interactive optimize dont_write_bytecode no_user_site no_site "
              "ignore_environment verbose bytes_warning quiet hash_randomization isolated dev_mode utf8_mode "
              "warn_default_encoding safe_path int_max_str_digits",
              "gil thread_inherit_context context_aware_warnings")
float_info = _make("float_info", "max max_exp max_10_exp min min_exp min_10_exp dig mant_dig epsilon radix rounds")
int_info = _make("int_info", "bits_per_digit sizeof_digit default_max_str_digits str_digits_check_threshold")
hash_info = _make("hash_info", "width modulus inf nan imag algorithm hash_bits seed_bits cutoff")
thread_info = _make("thread_info", "name lock version")
asyncgen_hooks = _make("asyncgen_hooks", "firstiter finalizer")
ExceptHookArgs = _make("_ExceptHookArgs", "exc_type exc_value exc_traceback thread")
UnraisableHookArgs = _make("UnraisableHookArgs", "exc_type exc_value exc_traceback err_msg object")


_NOTHING = ()


class SimpleNamespace:
    """A simple attribute-based namespace."""

    def __init__(self, mapping_or_iterable=(), /, **kwargs):
        if mapping_or_iterable is not _NOTHING:
            fields = dict(mapping_or_iterable)
            for name in fields:
                if not isinstance(name, str):
                    raise TypeError("keywords must be strings")
            self.__dict__.update(fields)
        self.__dict__.update(kwargs)

    def __repr__(self):
        name = "namespace" if type(self) is SimpleNamespace else type(self).__name__
        if id(self) in _shown:
            return f"{name}(...)"
        _shown.add(id(self))
        try:
            fields = [f"{k}={v!r}" for k, v in self.__dict__.items() if isinstance(k, str) and k]
        finally:
            _shown.discard(id(self))
        return f"{name}({', '.join(fields)})"

    def __reduce__(self):
        """Return state information for pickling"""
        return type(self), (), self.__dict__

    def __replace__(self, /, **changes):
        """Return a copy of the namespace object with new values for the specified attributes."""
        made = type(self)()
        if not _is_namespace(made):
            raise TypeError(f"expect types.SimpleNamespace type, but {_full_name(type(self))}() "
                            f"returned '{_full_name(type(made))}' object")
        made.__dict__.update(self.__dict__)
        made.__dict__.update(changes)
        return made

    def __eq__(self, other):
        return self.__dict__ == other.__dict__ if _is_namespace(other) else NotImplemented

    def __ne__(self, other):
        return self.__dict__ != other.__dict__ if _is_namespace(other) else NotImplemented

    def __lt__(self, other):
        return self.__dict__ < other.__dict__ if _is_namespace(other) else NotImplemented

    def __le__(self, other):
        return self.__dict__ <= other.__dict__ if _is_namespace(other) else NotImplemented

    def __gt__(self, other):
        return self.__dict__ > other.__dict__ if _is_namespace(other) else NotImplemented

    def __ge__(self, other):
        return self.__dict__ >= other.__dict__ if _is_namespace(other) else NotImplemented


SimpleNamespace.__module__ = "types"
_imp._as_native(SimpleNamespace)

# Namespaces whose repr is under way, by identity.
_shown = set()


def _is_namespace(value):
    # Not isinstance, which believes what `__class__` says.
    return SimpleNamespace in type(value).__mro__


def _full_name(kind):
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def make_implementation(version):
    return SimpleNamespace(name="taipan", cache_tag="taipan-314", version=version, hexversion=0x030e00f0,
                      _multiarch="x86_64-linux-gnu", supports_isolated_interpreters=False)


# Functions registered by os.register_at_fork: (before, after_in_child, after_in_parent).
fork_hooks = []


def _make_in(module, name, fields, sequence=None):
    made = _make(name, fields)
    made.__module__ = module
    if sequence is not None:
        made.n_sequence_fields = sequence
    return _imp._as_native(made, False)


terminal_size = _make_in("os", "terminal_size", "columns lines")
times_result = _make_in("posix", "times_result", "user system children_user children_system elapsed")
uname_result = _make_in("posix", "uname_result", "sysname nodename release version machine")
sched_param = _make_in("posix", "sched_param", "sched_priority")


def _new_sched_param(cls, sched_priority):
    return tuple.__new__(cls, (sched_priority,))


sched_param.__new__ = _new_sched_param
sched_param.__reduce__ = lambda self: (type(self), tuple(self))


class statvfs_result(tuple):
    """What os.statvfs() returns: ten items, and f_fsid."""

    __match_args__ = tuple("f_bsize f_frsize f_blocks f_bfree f_bavail f_files f_ffree f_favail f_flag "
                           "f_namemax".split())
    n_fields, n_sequence_fields, n_unnamed_fields = 11, 10, 0

    def __new__(cls, values, extra=None):
        values = tuple(values)
        if not 10 <= len(values) <= 11:
            raise TypeError(f"os.statvfs_result() takes an at least 10-sequence ({len(values)}-sequence given)")
        self = tuple.__new__(cls, values[:10])
        self.f_fsid = values[10] if len(values) > 10 else (extra or {}).get("f_fsid")
        return self

    def __repr__(self):
        fields = ", ".join(f"{n}={v!r}" for n, v in zip(self.__match_args__, self))
        return f"os.statvfs_result({fields})"

    def __reduce__(self):
        return statvfs_result, (tuple(self), {"f_fsid": self.f_fsid})


for _i, _name in enumerate(statvfs_result.__match_args__):
    setattr(statvfs_result, _name, _field(_i))
statvfs_result.__module__ = "os"
_imp._as_native(statvfs_result, False)

struct_passwd = _make_in("pwd", "struct_passwd", "pw_name pw_passwd pw_uid pw_gid pw_gecos pw_dir pw_shell")
struct_group = _make_in("grp", "struct_group", "gr_name gr_passwd gr_gid gr_mem")
waitid_result = _make_in("posix", "waitid_result", "si_pid si_uid si_signo si_status si_code")
struct_rusage = _make_in("resource", "struct_rusage", "ru_utime ru_stime ru_maxrss ru_ixrss ru_idrss ru_isrss "
                         "ru_minflt ru_majflt ru_nswap ru_inblock ru_oublock ru_msgsnd ru_msgrcv ru_nsignals "
                         "ru_nvcsw ru_nivcsw")

class stat_result(tuple):
    """What os.stat() returns: ten items, and more attributes."""

    __match_args__ = ("st_mode", "st_ino", "st_dev", "st_nlink", "st_uid", "st_gid", "st_size")
    n_fields, n_sequence_fields, n_unnamed_fields = 19, 10, 3

    # What os.stat() makes natively: an instance with the items, and the values of the other
    # attributes in `_more`.
    def __new__(cls, values, extra=None):
        values = tuple(values)
        if not 10 <= len(values) <= 19:
            raise TypeError(f"os.stat_result() takes an at least 10-sequence ({len(values)}-sequence given)")
        self = tuple.__new__(cls, values[:10])
        more = list(values[10:]) + [None] * (19 - len(values))
        if extra:
            for i, name in enumerate(_more_of_stat):
                more[i] = extra.get(name, more[i])
        for i in range(3):
            if more[i] is None:
                more[i] = values[7 + i]
        object.__setattr__(self, "_more", tuple(more))
        return self

    def __setattr__(self, name, value):
        if hasattr(type(self), name):
            raise AttributeError("readonly attribute")
        raise AttributeError(f"'os.stat_result' object has no attribute {name!r} and no __dict__ for setting "
                             "new attributes")

    def __repr__(self):
        fields = ", ".join(f"{n}={v!r}" for n, v in zip(_items_of_stat, self))
        return f"os.stat_result({fields})"

    def __reduce__(self):
        return stat_result, (tuple(self), dict(zip(_more_of_stat, self._more)))


_items_of_stat = stat_result.__match_args__ + ("st_atime", "st_mtime", "st_ctime")
_more_of_stat = ("st_atime", "st_mtime", "st_ctime", "st_atime_ns", "st_mtime_ns", "st_ctime_ns",
                 "st_blksize", "st_blocks", "st_rdev")


def _field_of_more(index):
    return property(lambda self: self._more[index])


for _i, _name in enumerate(stat_result.__match_args__):
    setattr(stat_result, _name, _field(_i))
for _i, _name in enumerate(_more_of_stat):
    setattr(stat_result, _name, _field_of_more(_i))
stat_result.__module__ = "os"
_imp._as_native(stat_result, False)
