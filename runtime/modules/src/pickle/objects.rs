//! The proxies by which Python code sees the memos of picklers and unpicklers.

use taipan_runtime::heap::{Field, Gc, Header, Kind, Object};
use taipan_runtime::heap_object;
use taipan_runtime::object::{ClassFlags, MethodDef, TypeDef};
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::protocol::this;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Vm};

/// A proxy: all it holds is its owner.
#[repr(C)]
pub struct MemoProxy {
    pub header: Header,
    owner: Field,
}

heap_object!(MemoProxy, "MemoProxy", Kind::Other, |this, marker| {
    marker.field(&this.owner);
});

/// A class of proxies.
pub const fn proxy_def(name: &'static str, methods: &'static [MethodDef]) -> TypeDef {
    TypeDef {
        module: "_pickle",
        flags: ClassFlags::NO_INSTANTIATION,
        methods,
        ..TypeDef::new(name, <MemoProxy as Object>::LAYOUT)
    }
}

/// `__hash__` of what is not hashable.
pub const fn no_hash() -> MethodDef {
    MethodDef::new("__hash__", "(self, /)", "", |vm, args| {
        let name = vm.full_type_name(args[0]);
        Err(vm.type_error(format!("unhashable type: '{name}'")))
    })
}

/// A proxy of the memo of `owner`.
pub fn proxy(vm: &Vm, owner: Value, def: &'static TypeDef) -> Result {
    let object = MemoProxy {
        header: Header::empty(),
        owner: Field::new(owner),
    };
    let shape = vm.class_of_def(def)?.root_shape.get();
    Ok(vm.heap.alloc(shape, object).value())
}

/// The owner of a proxy, in one of the proxy's methods.
pub fn owner<T: Object>(v: Value) -> Gc<T> {
    this(this::<MemoProxy>(v).owner.or_none())
}

/// The owner of a value that is a proxy of such an owner's memo.
pub fn proxied<T: Object>(v: Value) -> Option<Gc<T>> {
    v.cast::<MemoProxy>()?.owner.get()?.cast::<T>()
}

/// What a proxy's `__reduce__` returns.
pub fn reduce_as_dict(vm: &Vm, dict: Gc<Dict>) -> Result {
    let args = vm.new_tuple(&[dict.value()])?.value();
    vm.pair(vm.types.dict.get().value(), args)
}
