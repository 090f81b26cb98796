//! Table entries of special methods. Their signatures and docstrings are the
//! same for every built-in type, so a type only says which function it has:
//! `slots::len(list_len)`.

use super::{MethodDef, NativeCode};

macro_rules! slots {
    ($($name:ident $python:literal $signature:literal $doc:literal;)*) => {
        $(
            #[doc = concat!("`", $python, "`.")]
            pub const fn $name(code: NativeCode) -> MethodDef {
                MethodDef::new($python, $signature, $doc, code)
            }
        )*
    };
}

slots! {
    repr "__repr__" "(self, /)" "Return repr(self).";
    str "__str__" "(self, /)" "Return str(self).";
    hash "__hash__" "(self, /)" "Return hash(self).";
    lt "__lt__" "(self, value, /)" "Return self<value.";
    le "__le__" "(self, value, /)" "Return self<=value.";
    eq "__eq__" "(self, value, /)" "Return self==value.";
    ne "__ne__" "(self, value, /)" "Return self!=value.";
    gt "__gt__" "(self, value, /)" "Return self>value.";
    ge "__ge__" "(self, value, /)" "Return self>=value.";
    iter "__iter__" "(self, /)" "Implement iter(self).";
    next "__next__" "(self, /)" "Implement next(self).";
    len "__len__" "(self, /)" "Return len(self).";
    bool "__bool__" "(self, /)" "True if self else False";
    getitem "__getitem__" "(self, key, /)" "Return self[key].";
    setitem "__setitem__" "(self, key, value, /)" "Set self[key] to value.";
    delitem "__delitem__" "(self, key, /)" "Delete self[key].";
    contains "__contains__" "(self, key, /)" "Return bool(key in self).";
    length_hint "__length_hint__" "(self, /)" "Private method returning an estimate of len(list(it)).";
    add "__add__" "(self, value, /)" "Return self+value.";
    sub "__sub__" "(self, value, /)" "Return self-value.";
    mul "__mul__" "(self, value, /)" "Return self*value.";
    and "__and__" "(self, value, /)" "Return self&value.";
    xor "__xor__" "(self, value, /)" "Return self^value.";
    or "__or__" "(self, value, /)" "Return self|value.";
    truediv "__truediv__" "(self, value, /)" "Return self/value.";
    floordiv "__floordiv__" "(self, value, /)" "Return self//value.";
    mod_ "__mod__" "(self, value, /)" "Return self%value.";
    divmod "__divmod__" "(self, value, /)" "Return divmod(self, value).";
    radd "__radd__" "(self, value, /)" "Return value+self.";
    rsub "__rsub__" "(self, value, /)" "Return value-self.";
    rtruediv "__rtruediv__" "(self, value, /)" "Return value/self.";
    rfloordiv "__rfloordiv__" "(self, value, /)" "Return value//self.";
    rmod "__rmod__" "(self, value, /)" "Return value%self.";
    rdivmod "__rdivmod__" "(self, value, /)" "Return divmod(value, self).";
    neg "__neg__" "(self, /)" "-self";
    pos "__pos__" "(self, /)" "+self";
    abs "__abs__" "(self, /)" "abs(self)";
    rmul "__rmul__" "(self, value, /)" "Return value*self.";
    rand "__rand__" "(self, value, /)" "Return value&self.";
    rxor "__rxor__" "(self, value, /)" "Return value^self.";
    ror "__ror__" "(self, value, /)" "Return value|self.";
    iadd "__iadd__" "(self, value, /)" "Implement self+=value.";
    imul "__imul__" "(self, value, /)" "Implement self*=value.";
    isub "__isub__" "(self, value, /)" "Return self-=value.";
    iand "__iand__" "(self, value, /)" "Return self&=value.";
    ixor "__ixor__" "(self, value, /)" "Return self^=value.";
    ior "__ior__" "(self, value, /)" "Return self|=value.";
    reduce "__reduce__" "(self, /)" "Return state information for pickling.";
    setstate "__setstate__" "(self, object, /)" "Set state information for unpickling.";
    get "__get__" "(self, instance, owner=None, /)" "Return an attribute of instance, which is of type owner.";
    enter "__enter__" "(self, /)" "";
}

/// `__new__` that takes its arguments as they come, the class first.
pub const fn new(
    code: fn(
        &crate::vm::Vm,
        &[crate::value::Value],
        Option<crate::heap::Gc<crate::types::tuple::Tuple>>,
    ) -> crate::vm::Result,
) -> MethodDef {
    MethodDef::raw(
        "__new__",
        "(type, /, *args, **kwargs)",
        "Create and return a new object.  See help(type) for accurate signature.",
        code,
    )
    .static_()
}

/// `__init__` that takes its arguments as they come.
pub const fn init(
    code: fn(
        &crate::vm::Vm,
        &[crate::value::Value],
        Option<crate::heap::Gc<crate::types::tuple::Tuple>>,
    ) -> crate::vm::Result,
) -> MethodDef {
    MethodDef::raw(
        "__init__",
        "(self, /, *args, **kwargs)",
        "Initialize self.  See help(type(self)) for accurate signature.",
        code,
    )
}
