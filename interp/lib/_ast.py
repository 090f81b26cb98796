"""The classes of Python's abstract syntax (the library reference, "ast")."""

_SPEC = """
mod
 Module body* type_ignores*
 Interactive body*
 Expression body
 FunctionType argtypes* returns
stmt+
 FunctionDef name args body* decorator_list* returns? type_comment? type_params*
 AsyncFunctionDef name args body* decorator_list* returns? type_comment? type_params*
 ClassDef name bases* keywords* body* decorator_list* type_params*
 Return value?
 Delete targets*
 Assign targets* value type_comment?
 TypeAlias name type_params* value
 AugAssign target op value
 AnnAssign target annotation value? simple
 For target iter body* orelse* type_comment?
 AsyncFor target iter body* orelse* type_comment?
 While test body* orelse*
 If test body* orelse*
 With items* body* type_comment?
 AsyncWith items* body* type_comment?
 Match subject cases*
 Raise exc? cause?
 Try body* handlers* orelse* finalbody*
 TryStar body* handlers* orelse* finalbody*
 Assert test msg?
 Import names*
 ImportFrom module? names* level?
 Global names*
 Nonlocal names*
 Expr value
 Pass
 Break
 Continue
expr+
 BoolOp op values*
 NamedExpr target value
 BinOp left op right
 UnaryOp op operand
 Lambda args body
 IfExp test body orelse
 Dict keys* values*
 Set elts*
 ListComp elt generators*
 SetComp elt generators*
 DictComp key value generators*
 GeneratorExp elt generators*
 Await value
 Yield value?
 YieldFrom value
 Compare left ops* comparators*
 Call func args* keywords*
 FormattedValue value conversion format_spec?
 Interpolation value str conversion format_spec?
 JoinedStr values*
 TemplateStr values*
 Constant value kind?
 Attribute value attr ctx
 Subscript value slice ctx
 Starred value ctx
 Name id ctx
 List elts* ctx
 Tuple elts* ctx
 Slice lower? upper? step?
expr_context
 Load
 Store
 Del
boolop
 And
 Or
operator
 Add
 Sub
 Mult
 MatMult
 Div
 Mod
 Pow
 LShift
 RShift
 BitOr
 BitXor
 BitAnd
 FloorDiv
unaryop
 Invert
 Not
 UAdd
 USub
cmpop
 Eq
 NotEq
 Lt
 LtE
 Gt
 GtE
 Is
 IsNot
 In
 NotIn
comprehension: target iter ifs* is_async
excepthandler+
 ExceptHandler type? name? body*
arguments: posonlyargs* args* vararg? kwonlyargs* kw_defaults* kwarg? defaults*
arg+: arg annotation? type_comment?
keyword+: arg? value
alias+: name asname?
withitem: context_expr optional_vars?
match_case: pattern guard? body*
pattern+
 MatchValue value
 MatchSingleton value
 MatchSequence patterns*
 MatchMapping keys* patterns* rest?
 MatchClass cls patterns* kwd_attrs* kwd_patterns*
 MatchStar name?
 MatchAs pattern? name?
 MatchOr patterns*
type_ignore
 TypeIgnore lineno tag
type_param+
 TypeVar name bound? default_value?
 ParamSpec name default_value?
 TypeVarTuple name default_value?
"""

PyCF_ONLY_AST = 0x400
PyCF_TYPE_COMMENTS = 0x1000
PyCF_ALLOW_TOP_LEVEL_AWAIT = 0x2000
PyCF_OPTIMIZED_AST = 0x8400


class AST:
    """A node."""

    _fields = ()
    _attributes = ()
    _field_types = {}
    __match_args__ = ()
    _lists = ()
    _optional = ()

    def __init__(self, *args, **kwargs):
        fields = self._fields
        if len(args) > len(fields):
            plural = "s" if len(fields) != 1 else ""
            raise TypeError(f"{type(self).__name__} constructor takes at most "
                            f"{len(fields)} positional argument{plural}")
        given = set()
        for name, value in zip(fields, args):
            setattr(self, name, value)
            given.add(name)
        for name, value in kwargs.items():
            if name in given:
                raise TypeError(f"{type(self).__name__} got multiple values for argument {name!r}")
            if name not in fields and name not in self._attributes:
                _warn(f"{type(self).__name__}.__init__ got an unexpected keyword argument {name!r}. "
                      "Support for arbitrary keyword arguments is deprecated and will be removed in Python 3.15.")
            setattr(self, name, value)
            given.add(name)
        for name in fields:
            if name in given:
                continue
            if name in self._lists:
                setattr(self, name, [])
            elif name == "ctx":
                self.ctx = Load()
            elif name in self._optional:
                pass
            elif type(self).__module__ == "ast":
                _warn(f"{type(self).__name__}.__init__ missing 1 required positional argument: {name!r}. "
                      "This will become an error in Python 3.15.")

    def __repr__(self):
        return _repr(self, 3)

    def __reduce__(self):
        return type(self), (), dict(self.__dict__)

    def __replace__(self, **changes):
        allowed = {*self._fields, *self._attributes}
        for name in changes:
            if name not in allowed:
                raise TypeError(f"{type(self).__name__}.__replace__ got an unexpected keyword argument {name!r}.")
        new = type(self).__new__(type(self))
        new.__dict__.update(self.__dict__)
        new.__dict__.update(changes)
        return new


def _warn(message):
    import warnings
    warnings.warn(message, DeprecationWarning, stacklevel=3)


def _repr(node, depth):
    if depth <= 0 and node._fields:
        return f"{type(node).__name__}(...)"
    parts = []
    for name in node._fields:
        try:
            value = getattr(node, name)
        except AttributeError:
            continue
        parts.append(f"{name}={_repr_field(value, depth)}")
    return f"{type(node).__name__}({', '.join(parts)})"


def _repr_field(value, depth):
    if isinstance(value, AST):
        return _repr(value, depth - 1)
    if isinstance(value, (list, tuple)):
        shown = [_repr_field(v, depth) for v in value]
        if len(shown) > 2:
            shown = [shown[0], "...", shown[-1]]
        inner = ", ".join(shown)
        return f"[{inner}]" if isinstance(value, list) else f"({inner})"
    return repr(value)


# What a field of this name holds, and where a class deviates from that.
_SORTS = {
    "body": "stmt", "orelse": "stmt", "finalbody": "stmt", "handlers": "excepthandler",
    "type_ignores": "type_ignore", "name": str, "id": str, "attr": str, "arg": str, "rest": str,
    "asname": str, "module": str, "type_comment": str, "kwd_attrs": str, "tag": str, "lineno": int,
    "level": int, "simple": int, "conversion": int, "is_async": int, "args": "expr",
    "keywords": "keyword", "type_params": "type_param", "items": "withitem", "cases": "match_case",
    "names": "alias", "op": "operator", "ops": "cmpop", "ctx": "expr_context",
    "generators": "comprehension", "posonlyargs": "arg", "kwonlyargs": "arg", "vararg": "arg",
    "kwarg": "arg", "pattern": "pattern", "patterns": "pattern", "kwd_patterns": "pattern",
    "kind": str, "str": object,
}
_DEVIATIONS = {
    "Expression.body": "expr", "Lambda.body": "expr", "IfExp.body": "expr", "IfExp.orelse": "expr",
    "FunctionDef.args": "arguments", "AsyncFunctionDef.args": "arguments",
    "Lambda.args": "arguments", "arguments.args": "arg", "TypeAlias.name": "expr",
    "Global.names": str, "Nonlocal.names": str, "BoolOp.op": "boolop", "UnaryOp.op": "unaryop",
    "Constant.value": object, "MatchSingleton.value": object,
}


def _set_field_types():
    for name, cls in list(globals().items()):
        if not (isinstance(cls, type) and issubclass(cls, AST) and cls._fields):
            continue
        types = {}
        for field in cls._fields:
            sort = _DEVIATIONS.get(f"{name}.{field}") or _SORTS.get(field, "expr")
            if isinstance(sort, str):
                sort = globals()[sort]
            if field in cls._lists:
                sort = list[sort]
            elif field in cls._optional:
                sort = sort | None
            types[field] = sort
        cls._field_types = types


_POSITION = ("lineno", "col_offset", "end_lineno", "end_col_offset")


def _define(name, base, fields, positioned):
    names = tuple(f.rstrip("*?") for f in fields)
    optional = tuple(f[:-1] for f in fields if f.endswith("?"))
    namespace = {
        "__module__": "ast", "__doc__": f"{name}({', '.join(fields)})",
        "_fields": names, "__match_args__": names,
        "_lists": tuple(f[:-1] for f in fields if f.endswith("*")),
        "_optional": optional,
    }
    for field in optional:
        namespace[field] = None
    if positioned:
        namespace["_attributes"] = _POSITION
        namespace["end_lineno"] = namespace["end_col_offset"] = None
    globals()[name] = made = type(name, (base,), namespace)
    return made


def _define_all():
    base, positioned = AST, False
    for line in _SPEC.strip().splitlines():
        if line.startswith(" "):
            name, *fields = line.split()
            _define(name, base, fields, False)
            continue
        head, _, fields = line.partition(":")
        positioned = head.endswith("+")
        base = _define(head.rstrip("+"), AST, fields.split(), positioned)


AST.__module__ = "ast"
_define_all()
_set_field_types()
