//! Weak references.

use crate::heap::{Field, Gc, Header, Kind, Object};
use crate::heap_object;
use crate::object::{Class, ClassFlags, GetSetDef, MethodDef, TypeDef};
use crate::ops::compare::CompareOp;
use crate::value::Value;
use crate::vm::{Result, Vm};
use std::cell::Cell;

/// `weakref.ref`, and the referent of a weak proxy. The collector clears it.
#[repr(C)]
pub struct WeakRef {
    pub header: Header,
    /// Not traced.
    referent: Cell<Option<Value>>,
    callback: Field,
    /// The referent's hash, once asked for.
    pub hash: Cell<Option<u64>>,
}

heap_object!(WeakRef, "ReferenceType", Kind::Other, |this, marker| {
    marker.field(&this.callback);
});

impl WeakRef {
    /// A reference about to be placed on the heap.
    pub fn new(referent: Value, callback: Option<Value>) -> WeakRef {
        WeakRef {
            header: Header::empty(),
            referent: Cell::new(Some(referent)),
            callback: Field::opt(callback),
            hash: Cell::new(None),
        }
    }

    /// The object, unless it died.
    pub fn referent(&self) -> Option<Value> {
        self.referent.get()
    }

    /// Forgets the object.
    pub fn clear(&self) {
        self.referent.set(None);
    }

    /// The callback.
    pub fn callback(&self) -> Option<Value> {
        self.callback.get()
    }

    /// Takes the callback out, so that it runs once.
    pub fn take_callback(&self) -> Option<Value> {
        let callback = self.callback.get();
        self.callback.clear();
        callback
    }
}

impl Gc<WeakRef> {
    /// Whether it is the shared reference without callback of its referent.
    pub fn is_plain(self) -> bool {
        self.callback.get().is_none()
    }
}

impl Vm {
    /// `weakref.ref(referent, callback)` of the exact type: the shared one if there is no callback.
    pub fn new_weakref(&self, referent: Value, callback: Option<Value>) -> Result {
        make_ref(self, self.types.weakref.get(), referent, callback)
    }
}

/// The references to `v` that are alive, in order of creation.
pub fn refs_to(vm: &Vm, v: Value) -> Vec<Value> {
    vm.weakrefs
        .borrow()
        .get(&v.bits())
        .map(|r| r.to_vec())
        .unwrap_or_default()
}

/// The oldest reference to `v`.
pub fn first_ref(vm: &Vm, v: Value) -> Option<Value> {
    vm.weakrefs.borrow().get(&v.bits())?.first().copied()
}

/// Makes or finds a reference of a class.
pub fn make_ref(vm: &Vm, class: Gc<Class>, referent: Value, callback: Option<Value>) -> Result {
    let target = vm.class_of(referent);
    let heap_class = target.has_flag(ClassFlags::HEAP) && target.has_flag(ClassFlags::WEAKREFS);
    if !referent.is_object() || !(heap_class || target.has_flag(ClassFlags::WEAKREFS)) {
        return Err(vm.type_error(format!(
            "cannot create weak reference to '{}' object",
            target.qualified_name()
        )));
    }
    if callback.is_none() {
        let refs = vm.weakrefs.borrow();
        let shared = refs.get(&referent.bits()).and_then(|refs| {
            refs.iter().copied().find(|r| {
                r.header().is_some_and(|h| h.shape().class() == class)
                    && r.cast::<WeakRef>()
                        .is_some_and(|w| w.is_plain() && w.referent() == Some(referent))
            })
        });
        let exact = class == vm.types.weakref.get() || class.def.get().is_some();
        if let Some(shared) = shared.filter(|_| exact) {
            return Ok(shared);
        }
    }
    let weak = vm
        .heap
        .alloc(class.root_shape.get(), WeakRef::new(referent, callback))
        .value();
    vm.add_weakref(referent, weak, callback.is_none());
    Ok(weak)
}

fn this(v: Value) -> Gc<WeakRef> {
    // SAFETY: descriptors check their receiver's class, whose layout this is.
    unsafe { v.cast_unchecked() }
}

fn ref_new(vm: &Vm, args: &[Value], names: Option<Gc<crate::types::tuple::Tuple>>) -> Result {
    let class = super::type_::class(args[0]);
    let count = args.len() - names.map_or(0, |n| n.len());
    if !(2..=3).contains(&count) {
        return Err(vm.type_error(format!(
            "__new__ expected at {} argument{}, got {}",
            if count < 2 { "least 1" } else { "most 2" },
            if count < 2 { "" } else { "s" },
            count - 1
        )));
    }
    make_ref(
        vm,
        class,
        args[1],
        args[..count].get(2).copied().filter(|c| !c.is_none()),
    )
}

fn ref_init(vm: &Vm, args: &[Value], names: Option<Gc<crate::types::tuple::Tuple>>) -> Result {
    if names.is_some_and(|n| !n.is_empty()) && vm.class_of(args[0]) == vm.types.weakref.get() {
        return Err(vm.type_error("ref() takes no keyword arguments"));
    }
    let (least, given) = (1, args.len() - names.map_or(0, |n| n.len()) - 1);
    if given < least || given > 2 {
        let (how, bound) = if given < least {
            ("least", "1 argument")
        } else {
            ("most", "2 arguments")
        };
        return Err(vm.type_error(format!("__init__ expected at {how} {bound}, got {given}")));
    }
    Ok(Value::NONE)
}

fn ref_call(_: &Vm, args: &[Value]) -> Result {
    Ok(this(args[0]).referent().unwrap_or(Value::NONE))
}

fn ref_hash(vm: &Vm, args: &[Value]) -> Result {
    let w = this(args[0]);
    let h = match (w.hash.get(), w.referent()) {
        (Some(h), _) => h,
        (None, Some(v)) => {
            let h = vm.hash(v)?;
            w.hash.set(Some(h));
            h
        }
        (None, None) => return Err(vm.type_error("weak object has gone away")),
    };
    Ok(vm.new_int(h as i64))
}

/// References to living objects compare as these do, even if it is one object.
fn compare(vm: &Vm, op: CompareOp, args: &[Value]) -> Result {
    let Some(other) = args[1].cast::<WeakRef>() else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    match (this(args[0]).referent(), other.referent()) {
        (Some(a), Some(b)) => vm.compare(op, a, b),
        _ => Ok(Value::bool((args[0] == args[1]) == (op == CompareOp::Eq))),
    }
}

fn ref_eq(vm: &Vm, args: &[Value]) -> Result {
    compare(vm, CompareOp::Eq, args)
}

fn ref_ne(vm: &Vm, args: &[Value]) -> Result {
    compare(vm, CompareOp::Ne, args)
}

fn ref_repr(vm: &Vm, args: &[Value]) -> Result {
    let at = args[0].bits();
    Ok(vm
        .new_str(&match this(args[0]).referent() {
            None => format!("<weakref at {at:#x}; dead>"),
            Some(v) => {
                let class = vm.full_type_name(v);
                let name = vm.find_attr(v, vm.names.__name__.get());
                vm.clear_raised();
                let name = match name.ok().flatten() {
                    Some(n) if n.cast::<crate::types::str::Str>().is_some() => {
                        format!(" ({})", vm.str(n)?)
                    }
                    _ => String::new(),
                };
                format!(
                    "<weakref at {at:#x}; to '{class}' at {:#x}{name}>",
                    v.bits()
                )
            }
        })
        .value())
}

fn ref_callback(_: &Vm, v: Value) -> Result {
    Ok(this(v).callback().unwrap_or(Value::NONE))
}

/// `weakref.ref`.
pub static REF: TypeDef = TypeDef {
    module: "weakref",
    subclassable: true,
    generic: true,
    methods: &[
        MethodDef::raw(
            "__new__",
            "(type, object, callback=None, /)",
            "Create and return a new object.",
            ref_new,
        )
        .static_(),
        MethodDef::raw(
            "__init__",
            "(self, /, *args, **kwargs)",
            "Initialize self.",
            ref_init,
        ),
        MethodDef::new(
            "__call__",
            "(self, /)",
            "Call self as a function.",
            ref_call,
        ),
        MethodDef::new("__hash__", "(self, /)", "Return hash(self).", ref_hash),
        MethodDef::new("__eq__", "(self, value, /)", "Return self==value.", ref_eq),
        MethodDef::new("__ne__", "(self, value, /)", "Return self!=value.", ref_ne),
        MethodDef::new("__repr__", "(self, /)", "Return repr(self).", ref_repr),
    ],
    getset: &[GetSetDef {
        name: "__callback__",
        doc: "",
        get: ref_callback,
        set: None,
    }],
    shape_flags: crate::object::ShapeFlags::WEAKREF,
    ..TypeDef::new("ReferenceType", <WeakRef as Object>::LAYOUT)
};
