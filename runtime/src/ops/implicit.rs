//! Python functions that operators call: which one an operator tries first, and what
//! follows once that has declined with `NotImplemented`.
//!
//! The interpreter gives such a function an activation of its own instead of calling
//! it from native code, and the recorder inlines it. Both ask here, so that they and
//! the general way ([`Vm::binary`], [`Vm::compare`]) agree.

use super::arith::{counts, is_native_sequence, specials};
use super::compare::{reflected, special};
use crate::heap::{Gc, Kind};
use crate::object::{Class, ClassFlags, NativeFunction, Special, own_attribute};
use crate::types::descriptor::{Property, StaticMethod};
use crate::types::frame::Frame;
use crate::types::function::Function;
use crate::types::str::Str;
use crate::value::Value;
use crate::vm::{Result, Vm};
use taipan_bytecode::CodeFlags;
use taipan_bytecode::opcode::{BinaryOp, CompareOp};

/// How the function of [`Vm::attribute_setter`] is called.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Setter {
    /// `__setattr__(owner, name, value)`.
    Hook,
    /// A property's setter: `f(owner, value)`.
    Property,
    /// The `__set__` of this descriptor: `f(descriptor, owner, value)`.
    Descriptor(Value),
}

/// A special method that is there and is a Python function.
fn function(class: Gc<Class>, special: Special) -> Option<Gc<Function>> {
    class.special(special)?.cast::<Function>()
}

/// Whether the right operand's reflected method goes first: its class is a subclass that
/// has one of its own.
fn is_overridden(class_a: Gc<Class>, class_b: Gc<Class>, reflected: Special) -> bool {
    class_a != class_b
        && class_b.is_subclass_of(class_a)
        && class_b
            .special(reflected)
            .is_some_and(|m| class_a.special(reflected) != Some(m))
}

/// Whether the value is an instance of a class made by a `class` statement that derives from no
/// other built-in class than `object`.
#[inline]
fn is_instance(v: Value) -> bool {
    v.header()
        .is_some_and(|h| h.shape().layout.kind == Kind::Instance)
}

/// Whether the value is an instance of a class that may have special methods in Python.
#[inline]
fn is_of_python_class(v: Value) -> bool {
    v.header().is_some_and(|h| {
        let shape = h.shape();
        shape.layout.kind == Kind::Instance || !shape.class().has_flag(ClassFlags::IMMUTABLE)
    })
}

impl Vm {
    /// The Python function that `a op b` calls first, and whether it is the reflected one, which
    /// is called as `f(b, a)` instead of `f(a, b)`.
    #[inline]
    pub fn first_binary(&self, op: BinaryOp, a: Value, b: Value) -> Option<(Gc<Function>, bool)> {
        if is_of_python_class(a) || is_instance(b) {
            return self.first_of_instances(op, a, b);
        }
        None
    }

    fn first_of_instances(&self, op: BinaryOp, a: Value, b: Value) -> Option<(Gc<Function>, bool)> {
        let (direct, reflected, in_place, _) = specials(op);
        if !is_of_python_class(a) {
            // Numbers decline instances of other classes.
            let is_number = a.is_int() || a.is_float();
            if !is_number || op == BinaryOp::Subscr {
                return None;
            }
            return function(self.class_of(b), reflected).map(|f| (f, true));
        }
        let (class_a, class_b) = (self.class_of(a), self.class_of(b));
        if op == BinaryOp::Subscr {
            return function(class_a, Special::GetItem).map(|f| (f, false));
        }
        if let Some(special) = in_place
            && let Some(f) = class_a.special(special)
        {
            return f.cast::<Function>().map(|f| (f, false));
        }
        if is_overridden(class_a, class_b, reflected) {
            return None;
        }
        function(class_a, direct).map(|f| (f, false))
    }

    /// The native method that an operator on instances of a native class asks first, or its
    /// reflected one; nothing if there is another one for doing it in place.
    pub fn native_operator(
        &self,
        op: BinaryOp,
        class: Gc<Class>,
        is_reflected: bool,
    ) -> Option<Gc<NativeFunction>> {
        if op == BinaryOp::Subscr {
            return None;
        }
        let (direct, reflected, in_place, _) = specials(op);
        if in_place.is_some_and(|special| class.special(special).is_some()) {
            return None;
        }
        let special = if is_reflected { reflected } else { direct };
        class.special(special)?.cast()
    }

    /// What `a op b` comes to after the function of [`Vm::first_binary`] has declined.
    ///
    /// # Errors
    /// Nothing else implements the operator, or that raises.
    pub fn rest_of_binary(&self, op: BinaryOp, a: Value, b: Value) -> Result {
        let (class_a, class_b) = (self.class_of(a), self.class_of(b));
        let (direct, reflected, in_place, sign) = specials(op);
        if !is_of_python_class(a) {
            return Err(self.unsupported(sign, a, b));
        }
        if in_place.is_some_and(|s| class_a.special(s).is_some()) {
            return match self.try_binary(direct, reflected, a, b)? {
                Some(v) => Ok(v),
                None => Err(self.unsupported(sign, a, b)),
            };
        }
        let other = class_b.special(reflected).filter(|f| {
            class_a != class_b
                && !(matches!(direct, Special::Add | Special::Mul)
                    && is_native_sequence(class_b, Some(*f))
                    && !counts(self, direct, a))
        });
        if let Some(method) = other {
            let result = self.call_special(method, b, &[a])?;
            if result != Value::NOT_IMPLEMENTED {
                return Ok(result);
            }
        }
        Err(self.unsupported(sign, a, b))
    }

    /// As [`Vm::first_binary`], for comparisons.
    pub fn first_compare(&self, op: CompareOp, a: Value, b: Value) -> Option<Gc<Function>> {
        if !is_of_python_class(a) {
            return None;
        }
        let (class_a, class_b) = (self.class_of(a), self.class_of(b));
        if is_overridden(class_a, class_b, special(reflected(op))) {
            return None;
        }
        function(class_a, special(op))
    }

    /// The Python function that `-v` or `~v` calls, which is this special method.
    pub fn unary_function(&self, special: Special, v: Value) -> Option<Gc<Function>> {
        if !is_of_python_class(v) {
            return None;
        }
        function(self.class_of(v), special)
    }

    /// As [`Vm::rest_of_binary`], for comparisons.
    ///
    /// # Errors
    /// The other operand's method raises, or the operands have no order.
    pub fn rest_of_compare(&self, op: CompareOp, a: Value, b: Value) -> Result {
        let swapped = self.class_of(b).special(special(reflected(op)));
        if let Some(f) = swapped {
            let result = self.call_comparison(f, b, a)?;
            if result != Value::NOT_IMPLEMENTED {
                return Ok(result);
            }
        }
        self.compare_by_identity(op, a, b)
    }

    /// The Python function that `container[key] = value` calls, as `f(container, key, value)`.
    pub fn item_setter(&self, container: Value) -> Option<Gc<Function>> {
        is_of_python_class(container)
            .then(|| function(self.class_of(container), Special::SetItem))
            .flatten()
    }

    /// The Python function that `needle in container` calls, as `f(container, needle)`.
    #[inline]
    pub fn membership_test(&self, container: Value) -> Option<Gc<Function>> {
        is_of_python_class(container)
            .then(|| function(self.class_of(container), Special::Contains))
            .flatten()
    }

    /// The Python function that reading the attribute `name` of `owner` calls: of a property
    /// its getter, as `f(owner)`; of another descriptor, which is the second part then,
    /// `__get__`, as `f(descriptor, owner, class)`.
    pub fn attribute_getter(
        &self,
        owner: Value,
        name: Gc<Str>,
    ) -> Option<(Gc<Function>, Option<Value>)> {
        let header = owner.header()?;
        if matches!(header.shape().layout.kind, Kind::Module | Kind::Class) {
            return None;
        }
        let class = self.class_of(owner);
        if !class.has_flag(ClassFlags::PLAIN_GETATTR) {
            return None;
        }
        let found = class.lookup(self, name)?;
        if let Some(property) = found.cast::<Property>() {
            return (property.class() == self.types.property.get())
                .then(|| property.getter.get()?.cast::<Function>())
                .flatten()
                .map(|f| (f, None));
        }
        if !is_instance(found) {
            return None;
        }
        let f = function(self.class_of(found), Special::Get)?;
        let hidden = !self.is_data_descriptor(found) && own_attribute(header, name).is_some();
        (!hidden).then_some((f, Some(found)))
    }

    /// The `__getattr__` that reading the attribute `name` of `owner` calls, as `f(owner, name)`,
    /// since nothing else has such an attribute: of objects whose shape says that.
    pub fn attribute_hook(&self, owner: Value, name: Gc<Str>) -> Option<Gc<Function>> {
        let header = owner.header()?;
        let shape = header.shape();
        if shape.layout.kind != Kind::Instance {
            return None;
        }
        let class = shape.class();
        let f = function(class, Special::GetAttr)?;
        let is_missing = class.special(Special::GetAttribute) == self.defaults.getattribute.get()
            && class.lookup(self, name).is_none()
            && !(shape.has_attributes() && shape.is_dict_mode())
            && own_attribute(header, name).is_none();
        is_missing.then_some(f)
    }

    /// The slot of the object whose attribute `name` was read by calling the function of this
    /// activation, if that is what it was called for and its AttributeError is to say so: those of
    /// descriptors are left alone where the attribute was to be called, `for_call`.
    pub fn attribute_owner(&self, frame: &Frame, name: Gc<Str>, for_call: bool) -> Option<usize> {
        let f = frame.function;
        let slot = |index| {
            let is_there = index < frame.code.locals_plus as usize;
            is_there.then(|| frame.slot(index)).flatten()
        };
        let owner = slot(0)?;
        if self.attribute_hook(owner, name) == Some(f) {
            return Some(0);
        }
        if for_call {
            return None;
        }
        if self.attribute_getter(owner, name) == Some((f, None)) {
            return Some(0);
        }
        let (getter, descriptor) = self.attribute_getter(slot(1)?, name)?;
        (getter == f && descriptor.is_some()).then_some(1)
    }

    /// The Python function that storing the attribute `name` of `owner` calls, and with which
    /// arguments.
    pub fn attribute_setter(&self, owner: Value, name: Gc<Str>) -> Option<(Gc<Function>, Setter)> {
        let header = owner.header()?;
        if matches!(header.shape().layout.kind, Kind::Module | Kind::Class) {
            return None;
        }
        let class = self.class_of(owner);
        if !class.has_flag(ClassFlags::PLAIN_SETATTR)
            && class.special(Special::SetAttr) != self.defaults.setattr.get()
        {
            return function(class, Special::SetAttr).map(|f| (f, Setter::Hook));
        }
        let found = class.lookup(self, name)?;
        if let Some(property) = found.cast::<Property>() {
            return (property.class() == self.types.property.get())
                .then(|| property.setter.get()?.cast::<Function>())
                .flatten()
                .map(|f| (f, Setter::Property));
        }
        if !is_instance(found) {
            return None;
        }
        function(self.class_of(found), Special::Set).map(|f| (f, Setter::Descriptor(found)))
    }

    /// The Python `__iter__` of an object, as `f(object)`, and whether its result still has to be
    /// looked at: that of a generator function is an iterator.
    #[inline]
    pub fn iterating_function(&self, v: Value) -> Option<(Gc<Function>, bool)> {
        if !is_of_python_class(v) {
            return None;
        }
        let f = function(self.class_of(v), Special::Iter)?;
        let code = f.code();
        let makes_generator = code.has(CodeFlags::GENERATOR) && code.has(CodeFlags::OPTIMIZED);
        Some((f, !makes_generator))
    }

    /// The Python function that tells the truth of an object, as `f(object)`, and whether it does
    /// so by a length: `__bool__`, else `__len__`.
    #[inline]
    pub fn truth_function(&self, v: Value) -> Option<(Gc<Function>, bool)> {
        if !is_of_python_class(v) {
            return None;
        }
        let class = self.class_of(v);
        match class.special(Special::Bool) {
            Some(f) => f.cast::<Function>().map(|f| (f, false)),
            None => function(class, Special::Len).map(|f| (f, true)),
        }
    }

    /// The Python `__len__` of an object, as `f(object)`.
    #[inline]
    pub fn length_function(&self, v: Value) -> Option<Gc<Function>> {
        is_of_python_class(v)
            .then(|| function(self.class_of(v), Special::Len))
            .flatten()
    }

    /// The Python `__new__` that is all there is to a call of the class, as
    /// `f(class, arguments...)`: of named tuples, singletons and the like, which have no
    /// `__init__` and no subclasses that might.
    pub fn whole_constructor(&self, class: Gc<Class>) -> Option<Gc<Function>> {
        if class.class() != self.types.type_.get()
            || !matches!(class.layout.kind, Kind::Tuple | Kind::Instance)
            || class.special(Special::Init) != self.defaults.init.get()
            || class.has_flag(ClassFlags::NO_INSTANTIATION)
            || !class.subclasses.borrow().is_empty()
        {
            return None;
        }
        let new = class.special(Special::New)?.cast::<StaticMethod>()?;
        new.callable.get()?.cast::<Function>()
    }

    /// The Python function that a call of a class runs, as `f(class, arguments...)`: its
    /// metaclass's `__call__`, or a `__new__` that is all there is to it.
    pub fn class_call(&self, class: Gc<Class>) -> Option<Gc<Function>> {
        if class.class() == self.types.type_.get() {
            return self.whole_constructor(class);
        }
        function(class.class(), Special::Call)
    }
}
