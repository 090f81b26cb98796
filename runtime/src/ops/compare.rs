//! Comparison and truth.

use crate::heap::{Gc, Header, Kind};
use crate::object::{Class, Special};
use crate::types::dict::Dict;
use crate::types::int::IntRef;
use crate::types::list::List;
use crate::types::list::methods::compare_lists;
use crate::types::set::Set;
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::types::tuple::methods::compare_tuples;
use crate::value::Value;
use crate::vm::{Result, Vm};
use std::cmp::Ordering;
pub use taipan_bytecode::opcode::CompareOp;

/// Whether the operator holds of two things in this order.
#[inline(always)]
pub fn holds(op: CompareOp, order: Ordering) -> bool {
    match op {
        CompareOp::Lt => order.is_lt(),
        CompareOp::Le => order.is_le(),
        CompareOp::Eq => order.is_eq(),
        CompareOp::Ne => order.is_ne(),
        CompareOp::Gt => order.is_gt(),
        CompareOp::Ge => order.is_ge(),
    }
}

/// Whether the operator holds of two floats.
#[inline(always)]
pub fn floats(op: CompareOp, a: f64, b: f64) -> bool {
    match op {
        CompareOp::Lt => a < b,
        CompareOp::Le => a <= b,
        CompareOp::Eq => a == b,
        CompareOp::Ne => a != b,
        CompareOp::Gt => a > b,
        CompareOp::Ge => a >= b,
    }
}

/// The operator's sign in source.
pub fn sign(op: CompareOp) -> &'static str {
    match op {
        CompareOp::Lt => "<",
        CompareOp::Le => "<=",
        CompareOp::Eq => "==",
        CompareOp::Ne => "!=",
        CompareOp::Gt => ">",
        CompareOp::Ge => ">=",
    }
}

pub(super) fn special(op: CompareOp) -> Special {
    match op {
        CompareOp::Lt => Special::Lt,
        CompareOp::Le => Special::Le,
        CompareOp::Eq => Special::Eq,
        CompareOp::Ne => Special::Ne,
        CompareOp::Gt => Special::Gt,
        CompareOp::Ge => Special::Ge,
    }
}

/// The operator with its sides exchanged.
pub fn reflected(op: CompareOp) -> CompareOp {
    match op {
        CompareOp::Lt => CompareOp::Gt,
        CompareOp::Le => CompareOp::Ge,
        CompareOp::Gt => CompareOp::Lt,
        CompareOp::Ge => CompareOp::Le,
        other => other,
    }
}

impl IntRef {
    /// Numeric order.
    pub fn compare(self, other: IntRef) -> Ordering {
        match (self, other) {
            (IntRef::Small(a), IntRef::Small(b)) => a.cmp(&b),
            (IntRef::Big(a), IntRef::Big(b)) => a.compare(&b),
            // A big one is beyond every immediate one.
            (IntRef::Big(_), IntRef::Small(_)) => {
                if self.is_negative() {
                    Ordering::Less
                } else {
                    Ordering::Greater
                }
            }
            (IntRef::Small(_), IntRef::Big(_)) => {
                if other.is_negative() {
                    Ordering::Greater
                } else {
                    Ordering::Less
                }
            }
        }
    }

    /// Exact order against a float; `None` for a NaN.
    pub fn compare_float(self, f: f64) -> Option<Ordering> {
        match self {
            IntRef::Small(i) if i.unsigned_abs() < 1 << 53 => (i as f64).partial_cmp(&f),
            other => taipan_text::int::cmp_f64(&other.to_big(), f),
        }
    }
}

fn compare_texts(op: CompareOp, s: Gc<Str>, t: Gc<Str>) -> bool {
    match op {
        CompareOp::Eq => s.equals(&t),
        CompareOp::Ne => !s.equals(&t),
        _ => holds(op, s.compare(&t)),
    }
}

/// Whether an object is an instance of `own`, a built-in type of this kind, or of a subclass that
/// compares in the same way.
fn compares_as(h: &'static Header, kind: Kind, own: Gc<Class>, op: CompareOp) -> bool {
    let class = h.shape().class();
    let inherits = |s: Special| class.special(s) == own.special(s);
    h.shape().layout.kind == kind
        && (class == own || inherits(special(op)) && inherits(special(reflected(op))))
}

/// How a value compares for equality.
#[derive(Clone, Copy)]
enum Equality {
    /// It equals itself alone.
    Identity,
    /// As a built-in type does, to which values of the other kind are strangers.
    Own,
}

impl Vm {
    /// `a op b` as a value.
    #[inline]
    pub fn compare(&self, op: CompareOp, a: Value, b: Value) -> Result {
        if a.both_int(b) {
            return Ok(Value::bool(holds(
                op,
                a.int_unchecked().cmp(&b.int_unchecked()),
            )));
        }
        if a.is_float() && b.is_float() {
            return Ok(Value::bool(floats(
                op,
                a.float_unchecked(),
                b.float_unchecked(),
            )));
        }
        self.compare_general(op, a, b)
    }

    /// Comparison of exact strings and numbers; `None` for everything else.
    #[inline]
    fn compare_builtin(&self, op: CompareOp, a: Value, b: Value) -> Option<bool> {
        if let (Some(ha), Some(hb)) = (a.header(), b.header()) {
            let str_shape = self.shapes.str.get().id();
            if ha.shape_id() == str_shape && hb.shape_id() == str_shape {
                // SAFETY: the shape is that of exact strings.
                let (s, t) = unsafe { (a.cast_unchecked::<Str>(), b.cast_unchecked::<Str>()) };
                return Some(compare_texts(op, s, t));
            }
            if ha.shape().layout.kind != Kind::BigInt || hb.shape().layout.kind != Kind::BigInt {
                return None;
            }
        }
        let (x, y) = (number(a)?, number(b)?);
        Some(match (x, y) {
            (Number::Int(x), Number::Int(y)) => holds(op, x.compare(y)),
            (Number::Float(x), Number::Float(y)) => floats(op, x, y),
            (Number::Int(x), Number::Float(y)) => match x.compare_float(y) {
                Some(order) => holds(op, order),
                None => op == CompareOp::Ne,
            },
            (Number::Float(x), Number::Int(y)) => match y.compare_float(x) {
                Some(order) => holds(op, order.reverse()),
                None => op == CompareOp::Ne,
            },
        })
    }

    fn compare_general(&self, op: CompareOp, a: Value, b: Value) -> Result {
        let tuple = self.shapes.tuple.get().id();
        if let (Some(ha), Some(hb)) = (a.header(), b.header())
            && ha.shape_id() == tuple
            && hb.shape_id() == tuple
        {
            // SAFETY: the shape of exact tuples.
            return unsafe { compare_tuples(self, op, a.cast_unchecked(), b.cast_unchecked()) };
        }
        if let Some(result) = self.compare_builtin(op, a, b) {
            return Ok(Value::bool(result));
        }
        if let (Some(ha), Some(hb)) = (a.header(), b.header()) {
            let (text, tuple) = (self.types.str.get(), self.types.tuple.get());
            // SAFETY: in each case both have the layout of the built-in type.
            unsafe {
                if [ha, hb].iter().all(|h| compares_as(h, Kind::Str, text, op)) {
                    let (s, t) = (a.cast_unchecked::<Str>(), b.cast_unchecked::<Str>());
                    return Ok(Value::bool(compare_texts(op, s, t)));
                }
                if [ha, hb]
                    .iter()
                    .all(|h| compares_as(h, Kind::Tuple, tuple, op))
                {
                    return compare_tuples(self, op, a.cast_unchecked(), b.cast_unchecked());
                }
            }
        }
        if let (Some(ha), Some(hb)) = (a.header(), b.header())
            && hb.shape_id() == ha.shape_id()
            && ha.shape_id() == self.shapes.list.get().id()
        {
            // SAFETY: the shape of exact lists.
            return unsafe { compare_lists(self, op, a.cast_unchecked(), b.cast_unchecked()) };
        }
        if matches!(op, CompareOp::Eq | CompareOp::Ne)
            && let Some(equal) = self.identity_equal(a, b)
        {
            return Ok(Value::bool(equal == (op == CompareOp::Eq)));
        }
        let (class_a, class_b) = (self.class_of(a), self.class_of(b));
        let direct = class_a.special(special(op));
        let swapped = class_b.special(special(reflected(op)));
        let mut tried_swapped = false;
        if class_a != class_b
            && class_b.is_subclass_of(class_a)
            && let Some(f) = swapped
            && Some(f) != direct
        {
            tried_swapped = true;
            let result = self.call_comparison(f, b, a)?;
            if result != Value::NOT_IMPLEMENTED {
                return Ok(result);
            }
        }
        if let Some(f) = direct {
            let result = self.call_comparison(f, a, b)?;
            if result != Value::NOT_IMPLEMENTED {
                return Ok(result);
            }
        }
        if !tried_swapped && let Some(f) = swapped {
            let result = self.call_comparison(f, b, a)?;
            if result != Value::NOT_IMPLEMENTED {
                return Ok(result);
            }
        }
        self.compare_by_identity(op, a, b)
    }

    /// Whether two values are equal, where that needs no method: one of them at least equals only
    /// itself (an instance of a class without an `__eq__` or `__ne__` of its own, a function, a
    /// class, None), and the other does so, too, or is of a built-in type whose comparisons know
    /// nothing of such objects.
    pub fn identity_equal(&self, a: Value, b: Value) -> Option<bool> {
        match (self.equality(a)?, self.equality(b)?) {
            (Equality::Own, Equality::Own) => None,
            _ => Some(a.is(b)),
        }
    }

    /// How a value compares for equality, if it is one of the simple ways.
    #[inline]
    fn equality(&self, v: Value) -> Option<Equality> {
        let Some(h) = v.header() else {
            if v.is_none() {
                return Some(Equality::Identity);
            }
            return (v.is_int() || v.is_float() || v.is_bool()).then_some(Equality::Own);
        };
        let class = h.shape().class();
        match h.shape().layout.kind {
            Kind::Instance | Kind::Class | Kind::Function => {
                let object = self.types.object.get();
                let is_plain = class.special(Special::Eq) == object.special(Special::Eq)
                    && class.special(Special::Ne) == object.special(Special::Ne);
                is_plain.then_some(Equality::Identity)
            }
            Kind::Str => (class == self.types.str.get()).then_some(Equality::Own),
            Kind::List => (class == self.types.list.get()).then_some(Equality::Own),
            Kind::Tuple => (class == self.types.tuple.get()).then_some(Equality::Own),
            Kind::Dict => (class == self.types.dict.get()).then_some(Equality::Own),
            Kind::Bytes => (class == self.types.bytes.get()).then_some(Equality::Own),
            _ => None,
        }
    }

    /// What is left when no method decides.
    pub(super) fn compare_by_identity(&self, op: CompareOp, a: Value, b: Value) -> Result {
        match op {
            CompareOp::Eq => Ok(Value::bool(a.is(b))),
            CompareOp::Ne => Ok(Value::bool(!a.is(b))),
            _ => Err(self.type_error(format!(
                "'{}' not supported between instances of '{}' and '{}'",
                sign(op),
                self.class_of(a).qualified_name(),
                self.class_of(b).qualified_name()
            ))),
        }
    }

    /// Calls a comparison method; one that cannot be bound is as good as none.
    pub(super) fn call_comparison(&self, f: Value, object: Value, other: Value) -> Result {
        if self.binds_by_argument(f) {
            return self.call_special(f, object, &[other]);
        }
        match self.bind_descriptor(f, object, self.class_of(object)) {
            Ok(bound) => self.call(bound, &[other]),
            Err(_) => {
                self.clear_raised();
                Ok(Value::NOT_IMPLEMENTED)
            }
        }
    }

    /// The truth of `a op b`.
    #[inline]
    pub fn compare_bool(&self, op: CompareOp, a: Value, b: Value) -> Result<bool> {
        let result = self.compare(op, a, b)?;
        self.truth(result)
    }

    /// The truth of `a == b`.
    #[inline]
    pub fn equal(&self, a: Value, b: Value) -> Result<bool> {
        self.compare_bool(CompareOp::Eq, a, b)
    }

    /// `a is b or a == b`, as containers compare.
    #[inline]
    pub fn equal_identity(&self, a: Value, b: Value) -> Result<bool> {
        if a.is(b) {
            return Ok(true);
        }
        if a.both_int(b) {
            return Ok(false);
        }
        if let (Some(ha), Some(hb)) = (a.header(), b.header())
            && ha.shape_id() == hb.shape_id()
        {
            // SAFETY: in each arm the shape says which layout.
            unsafe {
                if ha.shape_id() == self.shapes.str.get().id() {
                    return Ok(a.cast_unchecked::<Str>().equals(&b.cast_unchecked::<Str>()));
                }
                if ha.shape_id() == self.shapes.tuple.get().id() {
                    return self.tuples_equal(a.cast_unchecked(), b.cast_unchecked());
                }
            }
        }
        self.equal(a, b)
    }

    /// Whether two exact tuples are equal, item by item.
    fn tuples_equal(&self, a: Gc<Tuple>, b: Gc<Tuple>) -> Result<bool> {
        if a.len() != b.len() {
            return Ok(false);
        }
        if a.as_slice() == b.as_slice() {
            return Ok(true);
        }
        self.check_native_stack()?;
        for (x, y) in a.as_slice().iter().zip(b.as_slice()) {
            if !self.equal_identity(*x, *y)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The truth of a value.
    #[inline]
    pub fn truth(&self, v: Value) -> Result<bool> {
        if v.is_bool() {
            return Ok(v == Value::TRUE);
        }
        if v.is_none() {
            return Ok(false);
        }
        if let Some(i) = v.as_int() {
            return Ok(i != 0);
        }
        self.truth_general(v)
    }

    fn truth_general(&self, v: Value) -> Result<bool> {
        let Some(header) = v.header() else {
            if let Some(f) = v.as_float() {
                return Ok(f != 0.0);
            }
            if v == Value::NOT_IMPLEMENTED {
                return Err(
                    self.type_error("NotImplemented should not be used in a boolean context")
                );
            }
            return Ok(true);
        };
        let shape = header.shape_id();
        let shapes = &self.shapes;
        // SAFETY: in each arm the shape says which layout.
        unsafe {
            if shape == shapes.str.get().id() {
                return Ok(!v.cast_unchecked::<Str>().is_empty());
            } else if shape == shapes.list.get().id() {
                return Ok(!v.cast_unchecked::<List>().is_empty());
            } else if shape == shapes.dict.get().id() {
                return Ok(!v.cast_unchecked::<Dict>().is_empty());
            } else if shape == shapes.tuple.get().id() {
                return Ok(!v.cast_unchecked::<Tuple>().is_empty());
            } else if shape == shapes.set.get().id() {
                return Ok(!v.cast_unchecked::<Set>().is_empty());
            } else if header.shape().layout.kind == Kind::BigInt {
                return Ok(true);
            }
        }
        let class = header.shape().class();
        if let Some(f) = class.special(Special::Bool) {
            if f.is_none() {
                return Err(self.type_error(format!(
                    "'{}' cannot be interpreted as a boolean",
                    class.qualified_name()
                )));
            }
            let result = self.call_special(f, v, &[])?;
            return self.truth_from(result);
        }
        if class.special(Special::Len).is_some() {
            return Ok(self.length(v)? != 0);
        }
        Ok(true)
    }

    /// The truth that a `__bool__` returned.
    ///
    /// # Errors
    /// TypeError if that is no truth value.
    pub fn truth_from(&self, result: Value) -> Result<bool> {
        if result.is_bool() {
            return Ok(result == Value::TRUE);
        }
        Err(self.type_error(format!(
            "__bool__ should return bool, returned {}",
            self.class_of(result).qualified_name()
        )))
    }

    /// `needle in container`.
    pub fn contains(&self, container: Value, needle: Value) -> Result<bool> {
        if let Some(header) = container.header() {
            let shape = header.shape_id();
            // SAFETY: in each arm the shape says which layout.
            unsafe {
                if shape == self.shapes.dict.get().id() {
                    return Ok(container
                        .cast_unchecked::<Dict>()
                        .get(self, needle)?
                        .is_some());
                } else if shape == self.shapes.str.get().id()
                    && let Some(needle) = needle.cast::<Str>()
                {
                    return Ok(self.str_contains(&container.cast_unchecked::<Str>(), &needle));
                } else if shape == self.shapes.set.get().id() {
                    return crate::types::set::contains_item(
                        self,
                        container.cast_unchecked(),
                        needle,
                    );
                } else if shape == self.shapes.list.get().id() {
                    let list = container.cast_unchecked::<List>();
                    let mut i = 0;
                    while let Some(item) = list.get(i) {
                        if self.equal_identity(item, needle)? {
                            return Ok(true);
                        }
                        i += 1;
                    }
                    return Ok(false);
                } else if shape == self.shapes.tuple.get().id() {
                    for &item in container.cast_unchecked::<Tuple>().as_slice() {
                        if self.equal_identity(item, needle)? {
                            return Ok(true);
                        }
                    }
                    return Ok(false);
                }
            }
        }
        let class = self.class_of(container);
        match class.special(Special::Contains) {
            Some(f) if f.is_none() => Err(self.type_error(format!(
                "'{}' object is not a container",
                class.qualified_name()
            ))),
            Some(f) => {
                let result = self.call_special(f, container, &[needle])?;
                self.truth(result)
            }
            None => self.contains_by_iteration(container, needle),
        }
    }

    /// `needle in iterable` for what has no `__contains__`.
    pub fn contains_by_iteration(&self, container: Value, needle: Value) -> Result<bool> {
        let iterator = match self.iter(container) {
            Ok(iterator) => iterator,
            Err(raised) if self.raised_is_def(&crate::types::exception::classes::TYPE_ERROR) => {
                let class = self.class_of(container);
                if class.special(Special::Iter).is_some_and(|f| !f.is_none())
                    || class.special(Special::GetItem).is_some()
                {
                    return Err(raised);
                }
                self.clear_raised();
                return Err(self.type_error(format!(
                    "argument of type '{}' is not a container or iterable",
                    class.qualified_name()
                )));
            }
            Err(raised) => return Err(raised),
        };
        while let Some(item) = self.next(iterator)? {
            if self.equal_identity(item, needle)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Orders two sequences of items as `list` and `tuple` do: by the first pair
    /// that differs, then by length. `len` and `item` read the live sequences, of which
    /// the first `same` items are known to be equal.
    #[inline]
    pub fn compare_sequences(
        &self,
        (op, same): (CompareOp, usize),
        (len_a, item_a): (impl Fn() -> usize, impl Fn(usize) -> Option<Value>),
        (len_b, item_b): (impl Fn() -> usize, impl Fn(usize) -> Option<Value>),
    ) -> Result {
        if len_a() != len_b() && matches!(op, CompareOp::Eq | CompareOp::Ne) {
            return Ok(Value::bool(op == CompareOp::Ne));
        }
        self.check_native_stack()?;
        let mut i = same;
        while let (Some(a), Some(b)) = (item_a(i), item_b(i)) {
            if !self.equal_identity(a, b)? {
                if i >= len_a() || i >= len_b() {
                    // Comparing shortened one of them.
                    break;
                }
                return match op {
                    CompareOp::Eq => Ok(Value::FALSE),
                    CompareOp::Ne => Ok(Value::TRUE),
                    _ => self.compare(op, a, b),
                };
            }
            i += 1;
        }
        Ok(Value::bool(holds(op, len_a().cmp(&len_b()))))
    }
}

/// An exact number of the built-in types, `bool` included.
#[derive(Clone, Copy)]
pub enum Number {
    Int(IntRef),
    Float(f64),
}

/// The number of an exact `int`, `bool` or `float`.
#[inline]
pub fn number(v: Value) -> Option<Number> {
    if let Some(i) = v.as_int() {
        return Some(Number::Int(IntRef::Small(i)));
    }
    if let Some(f) = v.as_float() {
        return Some(Number::Float(f));
    }
    if v.is_bool() {
        return Some(Number::Int(IntRef::Small((v == Value::TRUE).into())));
    }
    if v.header()?.shape().layout.kind == Kind::BigInt {
        // SAFETY: the kind says which layout.
        return Some(Number::Int(IntRef::Big(unsafe { v.cast_unchecked() })));
    }
    None
}
