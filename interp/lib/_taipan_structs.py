"""Types that native modules share and that are written in Python."""

import _imp
from _taipan_sequences import *
from _taipan_sequences import _ExceptHookArgs as ExceptHookArgs


def make_implementation(version):
    return SimpleNamespace(name="taipan", cache_tag="taipan-314", version=version, hexversion=0x030e00f0,
                      _multiarch="x86_64-linux-gnu", supports_isolated_interpreters=False)


# Functions registered by os.register_at_fork: (before, after_in_child, after_in_parent).
fork_hooks = []


class sched_param(tuple):
    """A scheduling parameter."""

    __match_args__ = ("sched_priority",)
    n_fields, n_sequence_fields, n_unnamed_fields = 1, 1, 0

    def __new__(cls, sched_priority):
        return tuple.__new__(cls, (sched_priority,))

    def __repr__(self):
        return f"posix.sched_param(sched_priority={self[0]!r})"

    def __reduce__(self):
        return type(self), tuple(self)

    def __replace__(self, /, **changes):
        priority = changes.pop("sched_priority", self[0])
        if changes:
            raise TypeError(f"Got unexpected field name(s): {list(changes)!r}")
        return type(self)(priority)

    @property
    def sched_priority(self):
        return self[0]


sched_param.__module__ = "posix"
_imp._as_native(sched_param, False)


def _field(index):
    return property(lambda self: self[index])


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

    def __replace__(self, /, **changes):
        raise TypeError("__replace__() is not supported for os.stat_result because it has unnamed field(s)")


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
