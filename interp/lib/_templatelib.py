"""The types of template strings (PEP 750)."""

import _imp


class Interpolation:
    """One ``{...}`` of a template string."""

    __slots__ = ("value", "expression", "conversion", "format_spec")
    __match_args__ = ("value", "expression", "conversion", "format_spec")

    def __new__(cls, value, expression="", conversion=None, format_spec=""):
        if conversion is not None and conversion not in ("s", "r", "a"):
            raise ValueError("Interpolation() argument 'conversion' must be one of 's', 'a' or 'r'")
        if not isinstance(expression, str):
            raise TypeError("Interpolation() argument 'expression' must be str, "
                            f"not {type(expression).__name__}")
        if not isinstance(format_spec, str):
            raise TypeError("Interpolation() argument 'format_spec' must be str, "
                            f"not {type(format_spec).__name__}")
        self = object.__new__(cls)
        for name, part in zip(cls.__slots__, (value, expression, conversion, format_spec)):
            _slots[name](self, part)
        return self

    def __init_subclass__(cls):
        raise TypeError("type 'string.templatelib.Interpolation' is not an acceptable base type")

    def __setattr__(self, name, value):
        _refuse(self, name)

    def __delattr__(self, name):
        _refuse(self, name)

    def __repr__(self):
        return (f"Interpolation({self.value!r}, {self.expression!r}, "
                f"{self.conversion!r}, {self.format_spec!r})")

    def __reduce__(self):
        return Interpolation, (self.value, self.expression, self.conversion, self.format_spec)

    @classmethod
    def __class_getitem__(cls, item):
        return _alias(cls, item)


class Template:
    """A template string: strings and interpolations in turn."""

    __slots__ = ("strings", "interpolations")

    def __new__(cls, *args):
        strings, interpolations = [], []
        expect_string = True
        for part in args:
            if isinstance(part, str):
                if expect_string:
                    strings.append(part)
                else:
                    strings[-1] += part
                expect_string = False
            elif isinstance(part, Interpolation):
                if expect_string:
                    strings.append("")
                interpolations.append(part)
                expect_string = True
            else:
                raise TypeError("Template.__new__ *args need to be of type 'str' or 'Interpolation', "
                                f"got {type(part).__name__}")
        if expect_string:
            strings.append("")
        return _make_template(tuple(strings), tuple(interpolations))

    def __init_subclass__(cls):
        raise TypeError("type 'string.templatelib.Template' is not an acceptable base type")

    def __setattr__(self, name, value):
        _refuse(self, name)

    def __delattr__(self, name):
        _refuse(self, name)

    @classmethod
    def __class_getitem__(cls, item):
        return _alias(cls, item)

    @property
    def values(self):
        """The values of the interpolations."""
        return tuple(i.value for i in self.interpolations)

    def __iter__(self):
        return _parts(self)

    def __add__(self, other):
        if not isinstance(other, Template):
            raise TypeError('can only concatenate string.templatelib.Template '
                            f'(not "{type(other).__name__}") to string.templatelib.Template')
        strings = self.strings[:-1] + (self.strings[-1] + other.strings[0],) + other.strings[1:]
        return _make_template(strings, self.interpolations + other.interpolations)

    def __repr__(self):
        return f"Template(strings={self.strings!r}, interpolations={self.interpolations!r})"

    def __reduce__(self):
        return _rebuild, (self.strings, self.interpolations)


_slots = {name: getattr(cls, name).__set__
          for cls in (Interpolation, Template) for name in cls.__slots__}


def _refuse(self, name):
    """Complains that an attribute cannot be set or deleted."""
    kind = f"string.templatelib.{type(self).__name__}"
    if name in type(self).__slots__:
        raise AttributeError("readonly attribute")
    if name == "values" and type(self) is Template:
        raise AttributeError(f"attribute 'values' of '{kind}' objects is not writable")
    if hasattr(type(self), name):
        raise AttributeError(f"'{kind}' object attribute '{name}' is read-only")
    raise AttributeError(f"'{kind}' object has no attribute '{name}' and no __dict__ for setting new attributes")


def _alias(cls, item):
    return type(list[int])(cls, item)


class TemplateIter:
    """Goes through a template's parts: its strings that are not empty, and its interpolations."""

    __slots__ = ("_parts",)

    def __iter__(self):
        return self

    def __next__(self):
        return next(self._parts)


def _parts(template):
    self = object.__new__(TemplateIter)
    self._parts = _all_parts(template)
    return self


def _all_parts(template):
    for i, text in enumerate(template.strings):
        if text:
            yield text
        if i < len(template.interpolations):
            yield template.interpolations[i]


def _rebuild(strings, interpolations):
    return _make_template(strings, interpolations)


def _make_template(strings, interpolations):
    """A template of these parts, as the machine makes them."""
    self = object.__new__(Template)
    _slots["strings"](self, strings)
    _slots["interpolations"](self, interpolations)
    return self


Template.__module__ = Interpolation.__module__ = TemplateIter.__module__ = "string.templatelib"
_imp._as_native(Template)
_imp._as_native(TemplateIter)
_imp._as_native(Interpolation)
