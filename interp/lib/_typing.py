"""Type parameters and aliases (PEP 484, 612, 646, 695, 696): what ``typing`` builds on."""

import _imp
import sys
from _imp import _idfunc

_idfunc.__module__ = "_typing"


class _NoDefaultType:
    """The type of the NoDefault singleton."""

    __slots__ = ()

    def __new__(cls):
        return NoDefault

    def __repr__(self):
        return "typing.NoDefault"

    def __reduce__(self):
        return "NoDefault"

    def __init_subclass__(cls):
        raise TypeError("type 'NoDefaultType' is not an acceptable base type")


_NoDefaultType.__name__ = _NoDefaultType.__qualname__ = "NoDefaultType"
NoDefault = object.__new__(_NoDefaultType)


def _caller():
    frame = sys._getframe(2)
    return frame.f_globals.get("__name__")


class _Lazy:
    """A value, or a function to call for it at first use."""

    __slots__ = ("value", "function", "called")

    def __init__(self, value=None, function=None):
        self.value, self.function, self.called = value, function, False

    def get(self):
        if self.function is not None and not self.called:
            self.value, self.called = self.function(1), True
        return self.value

    def evaluate(self):
        return self.function if self.function is not None else _make_evaluator(self.value)


class _ConstEvaluator:
    """An evaluate function of a value that is known (``annotationlib``'s formats)."""

    __slots__ = ("_value",)

    def __new__(cls):
        raise TypeError("cannot create '_typing._ConstEvaluator' instances")

    def __init_subclass__(cls):
        raise TypeError("type '_typing._ConstEvaluator' is not an acceptable base type")

    def __call__(self, format, /):
        return _text(self._value) if format == 4 else self._value

    def __repr__(self):
        return f"<constevaluator {self._value!r}>"


def _make_evaluator(value):
    made = object.__new__(_ConstEvaluator)
    made._value = value
    return made


def _text(value):
    import annotationlib
    return annotationlib.type_repr(value)


class _Parameter:
    __slots__ = ("__name__", "_default", "__weakref__", "__dict__")

    def __init_subclass__(cls, allowed=False):
        if not allowed:
            raise TypeError(f"type 'typing.{cls.__base__.__name__}' is not an acceptable base type")

    @property
    def __default__(self):
        return self._default.get()

    @property
    def evaluate_default(self):
        default = self._default
        if default.function is None and default.value is NoDefault:
            return None
        return default.evaluate()

    def has_default(self):
        """Whether a default was given."""
        default = self._default
        return default.function is not None or default.value is not NoDefault

    def __reduce__(self):
        return self.__name__

    def __mro_entries__(self, bases):
        raise TypeError(f"Cannot subclass an instance of {type(self).__name__}")

    def __or__(self, other):
        return Union[self, other]

    def __ror__(self, other):
        return Union[other, self]


def _check_name(name, kind):
    if not isinstance(name, str):
        raise TypeError(f"{kind}() argument 'name' must be str, not {type(name).__name__}")


def _variance_repr(self):
    if self.__infer_variance__:
        return self.__name__
    return ("+" if self.__covariant__ else "-" if self.__contravariant__ else "~") + self.__name__


_variance_repr.__name__, _variance_repr.__qualname__ = "__repr__", "TypeVar.__repr__"


class TypeVar(_Parameter, allowed=True):
    """Type variable."""

    __slots__ = ("_bound", "_constraints", "__covariant__", "__contravariant__", "__infer_variance__")

    def __new__(cls, name, *constraints, bound=None, default=NoDefault, covariant=False,
                contravariant=False, infer_variance=False):
        _check_name(name, "typevar")
        if covariant and contravariant:
            raise ValueError("Bivariant types are not supported.")
        if infer_variance and (covariant or contravariant):
            raise ValueError("Variance cannot be specified with infer_variance.")
        from typing import _type_check
        if bound is not None:
            if constraints:
                raise TypeError("Constraints cannot be combined with bound=...")
            bound = _type_check(bound, "Bound must be a type.")
        if len(constraints) == 1:
            raise TypeError("A single constraint is not allowed")
        constraints = tuple(_type_check(c, "TypeVar(name, constraint, ...): constraints must be types.")
                            for c in constraints)
        self = _new_type_var(name, _Lazy(bound), _Lazy(constraints), _Lazy(default))
        self.__covariant__, self.__contravariant__ = bool(covariant), bool(contravariant)
        self.__infer_variance__ = bool(infer_variance)
        self.__module__ = _caller()
        return self

    @property
    def __bound__(self):
        return self._bound.get()

    @property
    def __constraints__(self):
        return self._constraints.get()

    @property
    def evaluate_bound(self):
        bound = self._bound
        return None if bound.function is None and bound.value is None else bound.evaluate()

    @property
    def evaluate_constraints(self):
        constraints = self._constraints
        return None if constraints.function is None and not constraints.value else constraints.evaluate()

    __repr__ = _variance_repr

    def __typing_subst__(self, arg):
        from typing import _typevar_subst
        return _typevar_subst(self, arg)

    def __typing_prepare_subst__(self, alias, args):
        params = alias.__parameters__
        index = params.index(self)
        if index < len(args):
            return args
        if index == len(args) and self.has_default():
            return (*args, self.__default__)
        raise TypeError(f"Too few arguments for {alias}")


def _new_type_var(name, bound, constraints, default):
    self = object.__new__(TypeVar)
    self.__name__ = name
    self._bound, self._constraints, self._default = bound, constraints, default
    self.__covariant__ = self.__contravariant__ = False
    self.__infer_variance__ = True
    return self


class _ParamSpecPart:
    __slots__ = ("__origin__", "__weakref__")

    def __init__(self, origin):
        self.__origin__ = origin

    def __init_subclass__(cls, allowed=False):
        if not allowed:
            raise TypeError(f"type 'typing.{cls.__base__.__name__}' is not an acceptable base type")

    def _text(self):
        origin = self.__origin__
        return origin.__name__ if type(origin) is ParamSpec else repr(origin)

    def __eq__(self, other):
        if type(other) is not type(self):
            return NotImplemented
        return self.__origin__ == other.__origin__

    def __mro_entries__(self, bases):
        raise TypeError(f"Cannot subclass an instance of {type(self).__name__}")


class ParamSpecArgs(_ParamSpecPart, allowed=True):
    """The args for a ParamSpec object."""

    __slots__ = ()

    def __repr__(self):
        return f"{self._text()}.args"


class ParamSpecKwargs(_ParamSpecPart, allowed=True):
    """The kwargs for a ParamSpec object."""

    __slots__ = ()

    def __repr__(self):
        return f"{self._text()}.kwargs"


class ParamSpec(_Parameter, allowed=True):
    """Parameter specification."""

    __slots__ = ("__bound__", "__covariant__", "__contravariant__", "__infer_variance__")

    def __new__(cls, name, *, bound=None, default=NoDefault, covariant=False, contravariant=False,
                infer_variance=False):
        _check_name(name, "paramspec")
        if covariant and contravariant:
            raise ValueError("Bivariant types are not supported.")
        if infer_variance and (covariant or contravariant):
            raise ValueError("Variance cannot be specified with infer_variance.")
        self = object.__new__(cls)
        self.__name__, self.__bound__, self._default = name, bound, _Lazy(default)
        self.__covariant__, self.__contravariant__ = bool(covariant), bool(contravariant)
        self.__infer_variance__ = bool(infer_variance)
        self.__module__ = _caller()
        return self

    @property
    def args(self):
        return ParamSpecArgs(self)

    @property
    def kwargs(self):
        return ParamSpecKwargs(self)

    __repr__ = _variance_repr

    def __typing_subst__(self, arg):
        from typing import _paramspec_subst
        return _paramspec_subst(self, arg)

    def __typing_prepare_subst__(self, alias, args):
        from typing import _paramspec_prepare_subst
        return _paramspec_prepare_subst(self, alias, args)


class TypeVarTuple(_Parameter, allowed=True):
    """Type variable tuple."""

    __slots__ = ()

    def __new__(cls, name, *, default=NoDefault):
        _check_name(name, "typevartuple")
        self = object.__new__(cls)
        self.__name__, self._default = name, _Lazy(default)
        self.__module__ = _caller()
        return self

    def __iter__(self):
        from typing import Unpack
        yield Unpack[self]

    def __repr__(self):
        return self.__name__

    def __typing_subst__(self, arg):
        raise TypeError("Substitution of bare TypeVarTuple is not supported")

    def __typing_prepare_subst__(self, alias, args):
        from typing import _typevartuple_prepare_subst
        return _typevartuple_prepare_subst(self, alias, args)


class TypeAliasType:
    """Type alias, as made by the ``type`` statement."""

    __slots__ = ("__name__", "__type_params__", "_value", "__weakref__", "__dict__")

    def __new__(cls, name, value, *, type_params=()):
        if not isinstance(name, str):
            raise TypeError(f"typealias() argument 'name' must be str, not {type(name).__name__}")
        if not isinstance(type_params, tuple):
            raise TypeError("type_params must be a tuple")
        seen_default = False
        for p in type_params:
            if not isinstance(p, _Parameter):
                raise TypeError(f"Expected a type param, got {p!r}")
            if p.has_default():
                seen_default = True
            elif seen_default:
                raise TypeError(f"non-default type parameter '{p!r}' follows default type parameter")
        return _new_alias(name, type_params, _Lazy(value), _caller())

    def __init_subclass__(cls):
        raise TypeError("type 'typing.TypeAliasType' is not an acceptable base type")

    def __setattr__(self, name, value):
        _refuse(self, name)

    def __delattr__(self, name):
        _refuse(self, name)

    @property
    def __value__(self):
        return self._value.get()

    @property
    def evaluate_value(self):
        return self._value.evaluate()

    @property
    def __parameters__(self):
        return tuple(q for p in self.__type_params__
                     for q in (p if isinstance(p, TypeVarTuple) else (p,)))

    def __getitem__(self, item):
        if not self.__type_params__:
            raise TypeError("Only generic type aliases are subscriptable")
        return type(list[int])(self, item)

    def __iter__(self):
        # What a star before it gives; without this, iterating would subscript it for ever.
        from typing import Unpack
        return iter((Unpack[self],))

    def __repr__(self):
        return self.__name__

    def __reduce__(self):
        return self.__name__

    def __or__(self, other):
        return Union[self, other] if _is_type(other) else NotImplemented

    def __ror__(self, other):
        return Union[other, self] if _is_type(other) else NotImplemented


def _is_type(value):
    """Whether a value goes into unions by ``|`` with native types."""
    return value is None or isinstance(value, (type, type(list[int]), Union, TypeAliasType))


def _refuse(self, name):
    """Complains that an attribute cannot be set or deleted."""
    if name == "__name__":
        raise AttributeError("readonly attribute")
    kind = "typing.TypeAliasType"
    if name in ("__value__", "__parameters__", "__type_params__", "__module__", "evaluate_value"):
        raise AttributeError(f"attribute '{name}' of '{kind}' objects is not writable")
    if hasattr(TypeAliasType, name):
        raise AttributeError(f"'{kind}' object attribute '{name}' is read-only")
    raise AttributeError(f"'{kind}' object has no attribute '{name}' and no __dict__ for setting new attributes")


def _new_alias(name, type_params, value, module):
    self = object.__new__(TypeAliasType)
    put = object.__setattr__
    put(self, "__name__", name)
    put(self, "__type_params__", type_params)
    put(self, "_value", value)
    put(self, "__module__", module)
    return self


class Generic:
    """Abstract base class for generic types."""

    __slots__ = ()
    _is_protocol = False

    @classmethod
    def __class_getitem__(cls, *args, **kwargs):
        from typing import _generic_class_getitem
        return _generic_class_getitem(cls, *args, **kwargs)

    @classmethod
    def __init_subclass__(cls, *args, **kwargs):
        from typing import _generic_init_subclass
        return _generic_init_subclass(cls, *args, **kwargs)


Union = type(int | str)


def _make_type_parameter(kind, name, detail=None):
    """A parameter of PEP 695's syntax; ``detail`` computes its bound or constraints."""
    if kind in ("TypeVar", "TypeVarConstraints"):
        bound = _Lazy(function=detail) if kind == "TypeVar" and detail is not None else _Lazy(None)
        constraints = _Lazy(function=detail) if kind == "TypeVarConstraints" else _Lazy(())
        made = _new_type_var(name, bound, constraints, _Lazy(NoDefault))
    elif kind == "ParamSpec":
        made = object.__new__(ParamSpec)
        made.__name__, made.__bound__, made._default = name, None, _Lazy(NoDefault)
        made.__covariant__ = made.__contravariant__ = False
        made.__infer_variance__ = True
    else:
        made = object.__new__(TypeVarTuple)
        made.__name__, made._default = name, _Lazy(NoDefault)
    made.__module__ = sys._getframe(1).f_globals.get("__name__")
    return made


def _set_type_parameter_default(parameter, function):
    parameter._default = _Lazy(function=function)
    return parameter


def _make_type_alias(name, type_params, function):
    module = sys._getframe(1).f_globals.get("__name__")
    return _new_alias(name, type_params or (), _Lazy(function=function), module)


def _subscript_generic(params):
    """``Generic[params]`` for a class with PEP 695 parameters."""
    from typing import _GenericAlias
    unpacked = tuple(q for p in params for q in (p if isinstance(p, TypeVarTuple) else (p,)))
    return _GenericAlias(Generic, unpacked)


for _cls in (TypeVar, ParamSpec, ParamSpecArgs, ParamSpecKwargs, TypeVarTuple, TypeAliasType, Generic):
    _cls.__module__ = "typing"
    _imp._as_native(_cls)
_imp._as_native(_Parameter, False)
_imp._as_native(_ParamSpecPart, False)
_NoDefaultType.__module__ = "typing"
_imp._as_native(_NoDefaultType, True, False)
del _cls
