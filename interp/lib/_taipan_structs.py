"""The named tuples of ``sys``, with the fields and reprs that CPython's have."""


class _Struct(tuple):
    __slots__ = ()
    n_unnamed_fields = 0

    def __new__(cls, values, extra=None):
        values = tuple(values)
        if len(values) < cls.n_sequence_fields:
            raise TypeError(f"{cls.__module__}.{cls.__name__}() takes an at least "
                            f"{cls.n_sequence_fields}-sequence ({len(values)}-sequence given)")
        return tuple.__new__(cls, values)

    def __repr__(self):
        fields = ", ".join(f"{n}={v!r}" for n, v in zip(self.__match_args__, self))
        return f"{type(self).__module__}.{type(self).__name__}({fields})"

    def __reduce__(self):
        return type(self), (tuple(self), {})


def _field(index):
    return property(lambda self: self[index])


def _make(name, fields, callable=True):
    fields = fields.split()
    namespace = {"__slots__": (), "__module__": "sys", "__match_args__": tuple(fields),
                 "n_fields": len(fields), "n_sequence_fields": len(fields)}
    for i, field in enumerate(fields):
        namespace[field] = _field(i)
    return type(name, (_Struct,), namespace)


version_info = _make("version_info", "major minor micro releaselevel serial")
flags = _make("flags", "debug inspect interactive optimize dont_write_bytecode no_user_site no_site "
              "ignore_environment verbose bytes_warning quiet hash_randomization isolated dev_mode utf8_mode "
              "warn_default_encoding safe_path int_max_str_digits gil thread_inherit_context "
              "context_aware_warnings")
float_info = _make("float_info", "max max_exp max_10_exp min min_exp min_10_exp dig mant_dig epsilon radix rounds")
int_info = _make("int_info", "bits_per_digit sizeof_digit default_max_str_digits str_digits_check_threshold")
hash_info = _make("hash_info", "width modulus inf nan imag algorithm hash_bits seed_bits cutoff")
thread_info = _make("thread_info", "name lock version")
asyncgen_hooks = _make("asyncgen_hooks", "firstiter finalizer")
ExceptHookArgs = _make("_ExceptHookArgs", "exc_type exc_value exc_traceback thread")
UnraisableHookArgs = _make("UnraisableHookArgs", "exc_type exc_value exc_traceback err_msg object")


class _Namespace:
    """``types.SimpleNamespace`` for ``sys.implementation``, before that type can be imported."""

    def __init__(self, **fields):
        self.__dict__.update(fields)

    def __repr__(self):
        fields = ", ".join(f"{k}={v!r}" for k, v in self.__dict__.items())
        return f"namespace({fields})"

    def __eq__(self, other):
        if isinstance(other, _Namespace):
            return self.__dict__ == other.__dict__
        return NotImplemented


def make_implementation(version):
    return _Namespace(name="taipan", cache_tag="taipan-314", version=version, hexversion=0x030e00f0,
                      _multiarch="x86_64-linux-gnu", supports_isolated_interpreters=False)
