//! `types.MappingProxyType`: a view of any mapping that offers no way to change it.

use crate::heap::{Field, Header, Kind, Object};
use crate::heap_object;
use crate::object::{ClassFlags, MethodDef, Special, TypeDef, slots};
use crate::ops::arith::BinaryOp;
use crate::ops::compare::CompareOp;
use crate::types::protocol::this;
use crate::value::Value;
use crate::vm::{Result, Vm};

/// See the module's description.
#[repr(C)]
pub struct MappingProxy {
    pub header: Header,
    mapping: Field,
}

heap_object!(MappingProxy, "mappingproxy", Kind::Other, |this, marker| {
    marker.field(&this.mapping);
});

impl Vm {
    /// A read-only view of `mapping`.
    pub fn new_mappingproxy(&self, mapping: Value) -> Value {
        let object = MappingProxy {
            header: Header::empty(),
            mapping: Field::new(mapping),
        };
        self.heap
            .alloc(self.types.mappingproxy.get().root_shape.get(), object)
            .value()
    }
}

fn mapping(v: Value) -> Value {
    this::<MappingProxy>(v).mapping.or_none()
}

fn unwrap(v: Value) -> Value {
    v.cast::<MappingProxy>().map_or(v, |p| p.mapping.or_none())
}

fn proxy_new(vm: &Vm, args: &[Value]) -> Result {
    let class = vm.class_of(args[1]);
    let sequence = matches!(class.layout.kind, Kind::List | Kind::Tuple);
    if sequence || class.special(Special::GetItem).is_none() {
        return Err(vm.type_error(format!(
            "mappingproxy() argument must be a mapping, not {}",
            class.qualified_name()
        )));
    }
    Ok(vm.new_mappingproxy(args[1]))
}

fn proxy_repr(vm: &Vm, args: &[Value]) -> Result {
    let mut text = taipan_text::TextBuf::new();
    text.push_ascii("mappingproxy(");
    vm.push_repr(&mut text, mapping(args[0]))?;
    text.push_ascii(")");
    vm.finish_text(text)
}

fn method(vm: &Vm, args: &[Value], name: &str) -> Result {
    vm.call_method(mapping(args[0]), name, &[])
}

fn proxy_get(vm: &Vm, args: &[Value]) -> Result {
    let default = args[2].given().unwrap_or(Value::NONE);
    vm.call_method(mapping(args[0]), "get", &[args[1], default])
}

/// `types.MappingProxyType`.
pub static MAPPING_PROXY: TypeDef = TypeDef {
    doc: "Read-only proxy of a mapping.",
    generic: true,
    flags: ClassFlags::MAPPING,
    methods: &[
        MethodDef::new(
            "__new__",
            "(type, mapping)",
            "Create and return a new object.",
            proxy_new,
        )
        .static_(),
        slots::repr(proxy_repr),
        slots::str(|vm, args| Ok(vm.str(mapping(args[0]))?.value())),
        slots::hash(|vm, args| Ok(vm.new_int(vm.hash(mapping(args[0]))? as i64))),
        slots::lt(|vm, args| vm.compare(CompareOp::Lt, mapping(args[0]), args[1])),
        slots::le(|vm, args| vm.compare(CompareOp::Le, mapping(args[0]), args[1])),
        slots::eq(|vm, args| vm.compare(CompareOp::Eq, mapping(args[0]), args[1])),
        slots::ne(|vm, args| vm.compare(CompareOp::Ne, mapping(args[0]), args[1])),
        slots::gt(|vm, args| vm.compare(CompareOp::Gt, mapping(args[0]), args[1])),
        slots::ge(|vm, args| vm.compare(CompareOp::Ge, mapping(args[0]), args[1])),
        slots::iter(|vm, args| vm.iter(mapping(args[0]))),
        slots::or(|vm, args| vm.binary(BinaryOp::Or, unwrap(args[0]), unwrap(args[1]))),
        slots::ror(|vm, args| vm.binary(BinaryOp::Or, unwrap(args[1]), unwrap(args[0]))),
        slots::ior(|vm, args| {
            let name = vm.class_of(args[0]).qualified_name();
            Err(vm.type_error(format!("'|=' is not supported by {name}; use '|' instead")))
        }),
        slots::len(|vm, args| Ok(vm.new_int(vm.length(mapping(args[0]))? as i64))),
        slots::getitem(|vm, args| vm.get_item(mapping(args[0]), args[1])),
        slots::contains(|vm, args| Ok(Value::bool(vm.contains(mapping(args[0]), args[1])?))),
        MethodDef::new(
            "get",
            "(self, key, default=None, /)",
            "Return the value for key if key is in the mapping, else default.",
            proxy_get,
        ),
        MethodDef::new(
            "keys",
            "(self, /)",
            "D.keys() -> a set-like object providing a view on D's keys",
            |vm, args| method(vm, args, "keys"),
        ),
        MethodDef::new(
            "values",
            "(self, /)",
            "D.values() -> an object providing a view on D's values",
            |vm, args| method(vm, args, "values"),
        ),
        MethodDef::new(
            "items",
            "(self, /)",
            "D.items() -> a set-like object providing a view on D's items",
            |vm, args| method(vm, args, "items"),
        ),
        MethodDef::new(
            "copy",
            "(self, /)",
            "D.copy() -> a shallow copy of D",
            |vm, args| method(vm, args, "copy"),
        ),
        MethodDef::new(
            "__reversed__",
            "(self, /)",
            "D.__reversed__() -> reverse iterator",
            |vm, args| method(vm, args, "__reversed__"),
        ),
    ],
    ..TypeDef::new("mappingproxy", <MappingProxy as Object>::LAYOUT)
};
