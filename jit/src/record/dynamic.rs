//! What classes inherit from `object`, and attributes whose name is a value: `getattr`,
//! `setattr`, `hasattr`, `object.__setattr__` of a name that the trace knows, or can guard to
//! be the same text, are the same loads and stores as those of `LOAD_ATTR` and `STORE_ATTR`.
//!
//! ```text
//! v5 = Call.Val {STR_CONCAT} "visit_", v3
//! v6 = Call.Int {STR_EQUAL} v5, "visit_Add"      getattr(self, "visit_" + kind)
//! GuardTrue v6
//! v7 = New.Val {bound method}                    never made if it is only called
//! ```

use super::attr::{Place, classify};
use super::stack::exact_shape;
use super::{Recorded, Recorder};
use crate::backend::helpers;
use crate::ir::{Class as Alias, Cond, Mem, Op, Ref, Ty};
use std::mem::offset_of;
use taipan_runtime::heap::Gc;
use taipan_runtime::object::{Class, ClassFlags, NativeEffect, NativeFunction, Special};
use taipan_runtime::types::function::Function;
use taipan_runtime::types::str::Str;
use taipan_runtime::{Header, Kind, Value, Vm};

/// Names longer than this are not guarded to be the same text.
const MAX_NAME: usize = 64;

const CLASS_NAME: Mem = Mem::new(Alias::Version, 8, offset_of!(Class, name));
const NATIVE_DEF: Mem = Mem::new(Alias::Const, 8, offset_of!(NativeFunction, def));
const NATIVE_RECEIVER: Mem = Mem::new(Alias::Const, 8, offset_of!(NativeFunction, receiver));
const NATIVE_OWNER: Mem = Mem::new(Alias::Const, 8, offset_of!(NativeFunction, owner));
const NATIVE_FLAGS: Mem = Mem::new(Alias::Const, 1, Header::FLAGS_OFFSET);

impl Recorder {
    /// The methods of `object`, and the functions that take an attribute's name; none if the
    /// trace cannot follow the call.
    pub(super) fn object_function(
        &mut self,
        vm: &Vm,
        f: Gc<NativeFunction>,
        callable: Ref,
        args: &[Ref],
        actuals: &[Option<Value>],
    ) -> Recorded<Option<Ref>> {
        if vm.defaults.new.get() == Some(f.value()) {
            return self.object_new(vm, f, callable, args, actuals);
        }
        let Some(first) = actuals.first().copied().flatten() else {
            return Ok(None);
        };
        if vm.defaults.init.get() == Some(f.value()) && args.len() == 1 {
            self.guard_is(callable, f.value())?;
            // Any object will do, and nothing happens.
            return Ok(Some(self.constant(Value::NONE)));
        }
        if vm.defaults.setattr.get() == Some(f.value()) && args.len() == 3 {
            return self.set_named(vm, f, callable, args, actuals, true);
        }
        let module = f.owner.get().and_then(|o| o.cast::<Str>());
        if f.is_descriptor() || !module.is_some_and(|m| m.is_text("builtins")) {
            return Ok(None);
        }
        match (f.def.name, args.len()) {
            ("getattr", 2 | 3) | ("hasattr", 2) => {
                let Some(h) = first.header() else {
                    return Ok(None);
                };
                let Some(name) = self.name_of(vm, actuals[1]) else {
                    return Ok(None);
                };
                self.get_named(vm, (f, callable), args, h, name)
            }
            ("setattr", 3) => self.set_named(vm, f, callable, args, actuals, false),
            _ => Ok(None),
        }
    }

    /// The attribute's name that a value is.
    fn name_of(&self, vm: &Vm, v: Option<Value>) -> Option<Gc<Str>> {
        exact_shape(vm, v, vm.shapes.str.get().id())?;
        let name = v?.cast::<Str>()?;
        (name.len() <= MAX_NAME).then(|| vm.intern_str(name))
    }

    /// Guards that a value is this text.
    fn guard_name(&mut self, vm: &Vm, r: Ref, v: Option<Value>, name: Gc<Str>) -> Recorded<bool> {
        let r = self.e.boxed(r);
        if self.e.tree.as_bits(r).is_some() {
            return Ok(true);
        }
        let Some(h) = exact_shape(vm, v, vm.shapes.str.get().id()) else {
            return Ok(false);
        };
        self.guard_shape(r, h)?;
        let text = self.constant(name.value());
        let same = self.call_plain(&helpers::STR_EQUAL, &[r, text])?;
        let zero = self.e.tree.int(0);
        let same = self.icmp(Cond::Ne, same, zero)?;
        self.guard_true(same)?;
        Ok(true)
    }

    /// `getattr` and `hasattr` of an object that is no module and no class.
    fn get_named(
        &mut self,
        vm: &Vm,
        (f, callable): (Gc<NativeFunction>, Ref),
        args: &[Ref],
        h: &'static Header,
        name: Gc<Str>,
    ) -> Recorded<Option<Ref>> {
        let shape = h.shape();
        let class = shape.class();
        if matches!(
            shape.layout.kind,
            Kind::Module | Kind::Class | Kind::FrameObject
        ) {
            return Ok(None);
        }
        let asks = f.def.name == "hasattr";
        let place = classify(vm, h, name);
        let is_there = match place {
            Some(Place::Slot(offset)) => {
                // SAFETY: a slot of the object.
                unsafe { taipan_runtime::object::word_at(h, offset) }
                    .get()
                    .is_some()
            }
            Some(Place::ClassValue(_) | Place::ClassMethod(_)) => true,
            Some(Place::Method(f)) => f.cast::<Function>().is_some(),
            Some(_) => return Ok(None),
            None => {
                let is_missing = class.has_flag(ClassFlags::PLAIN_GETATTR)
                    && shape.layout.kind == Kind::Instance
                    && class.lookup(vm, name).is_none()
                    && !(shape.has_attributes() && shape.is_dict_mode())
                    && (!shape.has_attributes() || shape.lookup(name.value()).is_none());
                if !is_missing {
                    return Ok(None);
                }
                false
            }
        };
        if !is_there && (place.is_some() || !asks && args.len() < 3) {
            return Ok(None);
        }
        self.guard_is(callable, f.value())?;
        if !self.guard_name(vm, args[1], Some(name.value()), name)? {
            return Ok(None);
        }
        self.guard_shape(args[0], h)?;
        self.guard_class(class)?;
        if asks {
            // A slot found empty later is no longer of this shape, or is a member's.
            if let Some(Place::Slot(offset)) = place {
                let owner = self.e.boxed(args[0]);
                let r = self.e.load(Ty::Val, owner, super::attr::slot_mem(offset))?;
                if !self.is_unboxed(r) {
                    self.guard1(Op::GuardNonNull, Ty::None, r)?;
                }
            }
            return Ok(Some(self.e.tree.bool(is_there)));
        }
        Ok(match place {
            None => Some(args[2]),
            Some(Place::Slot(offset)) => {
                let owner = self.e.boxed(args[0]);
                let r = self.e.load(Ty::Val, owner, super::attr::slot_mem(offset))?;
                if !self.is_unboxed(r) {
                    self.guard1(Op::GuardNonNull, Ty::None, r)?;
                }
                Some(r)
            }
            Some(Place::ClassValue(value)) => Some(self.class_value(vm, class, name, value)?),
            Some(Place::Method(f)) => {
                let f = self.constant(f);
                Some(self.new_bound_method(vm, f, args[0])?)
            }
            Some(Place::ClassMethod(f)) => {
                let (f, class) = (self.constant(f), self.constant(class.value()));
                Some(self.new_bound_method(vm, f, class)?)
            }
            Some(_) => None,
        })
    }

    /// `setattr`, or with `is_generic` the `__setattr__` of `object`.
    fn set_named(
        &mut self,
        vm: &Vm,
        f: Gc<NativeFunction>,
        callable: Ref,
        args: &[Ref],
        actuals: &[Option<Value>],
        is_generic: bool,
    ) -> Recorded<Option<Ref>> {
        let (Some(h), Some(name)) = (
            actuals[0].and_then(Value::header),
            self.name_of(vm, actuals[1]),
        ) else {
            return Ok(None);
        };
        let class = h.shape().class();
        if h.shape().layout.kind != Kind::Instance
            || !is_generic && !class.has_flag(ClassFlags::PLAIN_SETATTR)
            || !self.can_store_slot(vm, h, name)
        {
            return Ok(None);
        }
        self.guard_is(callable, f.value())?;
        if !self.guard_name(vm, args[1], actuals[1], name)? {
            return Ok(None);
        }
        if !self.store_slot(vm, h, name, args[0], args[2])? {
            return Ok(None);
        }
        Ok(Some(self.constant(Value::NONE)))
    }

    /// `object.__new__(cls)`.
    fn object_new(
        &mut self,
        vm: &Vm,
        f: Gc<NativeFunction>,
        callable: Ref,
        args: &[Ref],
        actuals: &[Option<Value>],
    ) -> Recorded<Option<Ref>> {
        let Some(class) = actuals
            .first()
            .copied()
            .flatten()
            .and_then(|c| c.cast::<Class>())
        else {
            return Ok(None);
        };
        let takes_more = class.special(Special::New) == vm.defaults.new.get()
            && class.special(Special::Init) != vm.defaults.init.get();
        if class.has_flag(ClassFlags::ABSTRACT)
            || class.layout.kind != Kind::Instance
            || args.len() > 1 && !takes_more
        {
            return Ok(None);
        }
        self.guard_is(callable, f.value())?;
        self.guard_is(args[0], class.value())?;
        self.guard_class(class)?;
        self.instance_of_class(class).map(Some)
    }

    /// A native method bound to an object, not yet made if nobody else looks at it.
    pub(super) fn new_bound_native(
        &mut self,
        vm: &Vm,
        f: Gc<NativeFunction>,
        receiver: Ref,
    ) -> Recorded<Ref> {
        let is_slot = f.class() == vm.types.wrapper_descriptor.get();
        let class = if is_slot {
            vm.types.method_wrapper.get()
        } else {
            vm.types.native_function.get()
        };
        self.keep.push(f.value());
        let def = self.e.tree.ptr(std::ptr::from_ref(f.def) as usize);
        let flags = self.e.tree.int(NativeFunction::PASS_RECEIVER.into());
        let receiver = self.e.boxed(receiver);
        let mut fields = vec![
            (NATIVE_FLAGS, flags),
            (NATIVE_DEF, def),
            (NATIVE_RECEIVER, receiver),
        ];
        if is_slot && let Some(owner) = f.owner.get() {
            fields.push((NATIVE_OWNER, self.constant(owner)));
        }
        let layout = super::make::fixed(class.root_shape.get());
        Ok(self.e.new_object(Ty::Val, layout, &fields)?)
    }

    /// The method and the receiver that a bound native method stands for, if calls of the
    /// method can be followed.
    pub(super) fn unbound_native(
        &mut self,
        vm: &Vm,
        f: Gc<NativeFunction>,
        callable: Ref,
    ) -> Recorded<Option<(Gc<NativeFunction>, Ref, Value)>> {
        let Some(receiver) = f.receiver.get().filter(|_| f.passes_receiver()) else {
            return Ok(None);
        };
        let (Some(h), callable) = (f.value().header(), self.e.boxed(callable)) else {
            return Ok(None);
        };
        if self.e.tree.as_bits(callable).is_some() {
            return Ok(None);
        }
        // A bound slot knows its class; others are looked for where they are found by name.
        let name = vm.intern(f.def.name);
        let owner = match f.owner.get().and_then(|o| o.cast::<Class>()) {
            Some(owner) => owner,
            None => vm.class_of(receiver),
        };
        let Some(method) = owner
            .lookup(vm, name)
            .and_then(|m| m.cast::<NativeFunction>())
            .filter(|m| m.is_descriptor() && std::ptr::eq(m.def, f.def))
        else {
            return Ok(None);
        };
        if matches!(f.def.effect, NativeEffect::Any)
            && f.def.resumes.is_none()
            && ![
                vm.defaults.init.get(),
                vm.defaults.setattr.get(),
                vm.defaults.exception_init.get(),
            ]
            .contains(&Some(method.value()))
        {
            return Ok(None);
        }
        self.guard_shape(callable, h)?;
        let def = self.e.load(Ty::Ptr, callable, NATIVE_DEF)?;
        let want = self.e.tree.ptr(std::ptr::from_ref(f.def) as usize);
        let same = self.e.op2(Op::Same, Ty::Bool, def, want)?;
        self.guard_true(same)?;
        self.keep.push(method.value());
        let r = self.e.load(Ty::Val, callable, NATIVE_RECEIVER)?;
        Ok(Some((method, r, receiver)))
    }

    /// The `__name__` of a class.
    pub(super) fn name_of_class(
        &mut self,
        vm: &Vm,
        owner: Ref,
        class: Gc<Class>,
    ) -> Recorded<Option<Ref>> {
        let metaclass = class.class();
        let name = vm.names.__name__.get();
        let type_ = vm.types.type_.get();
        if metaclass.lookup(vm, name) != type_.lookup(vm, name)
            || metaclass.special(Special::GetAttribute) != vm.defaults.type_getattribute.get()
        {
            return Ok(None);
        }
        let Some(text) = class.name.get() else {
            return Ok(None);
        };
        if let Some(h) = class.value().header()
            && metaclass != type_
        {
            self.guard_shape(owner, h)?;
            self.guard_class(metaclass)?;
        }
        let owner = self.guard_is(owner, class.value())?;
        let r = self.e.load(Ty::Val, owner, CLASS_NAME)?;
        self.guard_is(r, text).map(Some)
    }

    /// The sum of two strings that the trace knows.
    pub(super) fn known_concat(&mut self, vm: &Vm, a: Ref, b: Ref) -> Option<Ref> {
        let text = |r: Ref| {
            let bits = self.e.tree.as_bits(self.e.resolve(r))?;
            // SAFETY: a constant of the trace, which keeps it alive.
            let v = unsafe { Value::from_bits(bits) };
            let s = v.cast::<Str>()?;
            (s.class() == vm.types.str.get() && s.len() <= MAX_NAME).then_some(s)
        };
        let (a, b) = (text(a)?, text(b)?);
        let Ok(sum) = vm.str_concat(a, b) else {
            vm.clear_raised();
            return None;
        };
        Some(self.constant(sum.value()))
    }
}
