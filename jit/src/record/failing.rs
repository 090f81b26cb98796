//! Instructions that are going to raise an exception that the trace can make itself: a
//! subscript without an item, a division by zero, `next` of an iterator at its end. What fails is
//! guarded, the exception made like one that `raise` is given, and never pending.
//!
//! ```text
//! v4 = Call.Val {DICT_FIND} v1, v2       table[key]
//! v5 = Same.Bool v4, MISSING ; GuardTrue v5
//! v6 = New.Val {KeyError}                its argument is the key
//! ```
//!
//! Which exception it is the runtime is asked, which raises it for these operands.

use super::containers::{LIST_LEN, TUPLE_LEN};
use super::stack::exact_shape;
use super::{Recorded, Recorder};
use crate::backend::leaves;
use crate::ir::{Class as Alias, Cond, Mem, Op, Ref, Ty};
use taipan_bytecode::opcode::BinaryOp;
use taipan_runtime::heap::Gc;
use taipan_runtime::object::{Class, ClassFlags, NativeFunction, Special, own_attribute};
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::exception::{Exception, classes as exc};
use taipan_runtime::types::iterators::{ListIter, RangeIter, TupleIter};
use taipan_runtime::types::list::List;
use taipan_runtime::types::str::Str;
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::{Header, Kind, Value, Vm};

impl Recorder {
    /// Whether `a op b` is going to raise an exception that the trace makes itself, in a frame
    /// with a handler: all is done once the interpreter has raised.
    pub(super) fn failing_binary(
        &mut self,
        vm: &Vm,
        op: BinaryOp,
        (a, b): (Ref, Ref),
        (x, y): (Option<Value>, Option<Value>),
    ) -> Recorded<bool> {
        let (Some(v), Some(w)) = (x, y) else {
            return Ok(false);
        };
        match op {
            BinaryOp::FloorDivide | BinaryOp::Remainder | BinaryOp::TrueDivide => {
                if !v.is_int() || w.as_int() != Some(0) || self.handling_depth().is_none() {
                    return Ok(false);
                }
                let Some((class, args)) = raised_by(vm, op, v, w) else {
                    return Ok(false);
                };
                self.int(a, x)?;
                let Some(divisor) = self.int(b, y)? else {
                    return Ok(false);
                };
                let zero = self.e.tree.int(0);
                let is_zero = self.icmp(Cond::Eq, divisor, zero)?;
                self.guard_true(is_zero)?;
                let args: Vec<Ref> = args.iter().map(|v| self.constant(*v)).collect();
                self.raises(vm, class, &args)
            }
            BinaryOp::Subscr => self.failing_subscript(vm, (a, b), (v, w)),
            _ => Ok(false),
        }
    }

    fn failing_subscript(
        &mut self,
        vm: &Vm,
        (a, b): (Ref, Ref),
        (container, key): (Value, Value),
    ) -> Recorded<bool> {
        let shapes = &vm.shapes;
        if let Some(h) = exact_shape(vm, Some(container), shapes.dict.get().id())
            && let Some(dict) = container.cast::<Dict>()
        {
            let found = vm.is_simple(key).then(|| dict.get_key(vm, key));
            if !matches!(found, Some(Some(None))) || self.handling_depth().is_none() {
                return Ok(false);
            }
            let Some((class, args)) = raised_by(vm, BinaryOp::Subscr, container, key) else {
                return Ok(false);
            };
            if args.as_slice() != [key] {
                return Ok(false);
            }
            self.guard_shape(a, h)?;
            let found = self.find_in_dict(vm, (a, dict), b, key)?;
            let missing = self.is_missing(found)?;
            self.guard_true(missing)?;
            return self.raises(vm, class, &[b]);
        }
        let list = exact_shape(vm, Some(container), shapes.list.get().id());
        let tuple = exact_shape(vm, Some(container), shapes.tuple.get().id());
        let length = match (container.cast::<List>(), container.cast::<Tuple>()) {
            (Some(list), _) => list.len(),
            (_, Some(tuple)) => tuple.len(),
            _ => return Ok(false),
        };
        let (Some(h), Some(index)) = (list.or(tuple), key.as_int()) else {
            return Ok(false);
        };
        if index < length as i64 || self.handling_depth().is_none() {
            return Ok(false);
        }
        let Some((class, args)) = raised_by(vm, BinaryOp::Subscr, container, key) else {
            return Ok(false);
        };
        self.guard_shape(a, h)?;
        let Some(index) = self.int(b, Some(key))? else {
            return Ok(false);
        };
        let place = if list.is_some() { LIST_LEN } else { TUPLE_LEN };
        let length = self.e.load(crate::ir::Ty::Int, a, place)?;
        let beyond = self.icmp(Cond::Ge, index, length)?;
        self.guard_true(beyond)?;
        let args: Vec<Ref> = args.iter().map(|v| self.constant(*v)).collect();
        self.raises(vm, class, &args)
    }

    /// Whether reading the attribute is going to raise an AttributeError that the trace makes
    /// itself, in a frame with a handler.
    pub(super) fn failing_attr(
        &mut self,
        vm: &Vm,
        (owner, v): (Ref, Value),
        name: Gc<Str>,
    ) -> Recorded<bool> {
        let class = vm.class_of(v);
        let may_have = |h: &'static Header| {
            let shape = h.shape();
            matches!(shape.layout.kind, Kind::Module | Kind::Class)
                || shape.has_attributes()
                    && (shape.is_dict_mode() || own_attribute(h, name).is_some())
        };
        if self.handling_depth().is_none()
            || !class.has_flag(ClassFlags::PLAIN_GETATTR)
            || class.lookup(vm, name).is_some()
            || v.header().is_some_and(may_have)
            || vm.get_attr(v, name).is_ok()
        {
            return Ok(false);
        }
        let raised = vm.take_raised();
        let own = vm.exception_class(&exc::ATTRIBUTE_ERROR);
        let Some(e) = raised.cast::<Exception>().filter(|e| e.class() == own) else {
            return Ok(false);
        };
        let offsets = ["name", "obj"].map(|field| exc::field_offset(vm, e, field));
        let (Some(args), [Some(name_at), Some(object_at)], true) =
            (e.args.get(), offsets, can_be_made(vm, own))
        else {
            return Ok(false);
        };
        self.guard_operand(vm, owner, v)?;
        let args: Vec<Ref> = args.as_slice().iter().map(|v| self.constant(*v)).collect();
        if !self.raises(vm, own, &args)? {
            return Ok(false);
        }
        if let Some(e) = self.raising {
            let (name, owner) = (self.constant(name.value()), self.e.boxed(owner));
            self.e.store(e, Mem::new(Alias::Attr, 8, name_at), name)?;
            self.e
                .store(e, Mem::new(Alias::Attr, 8, object_at), owner)?;
        }
        Ok(true)
    }

    /// Whether that is a call of `int` with a text of no integer, in a frame with a handler.
    pub(super) fn failing_int(
        &mut self,
        vm: &Vm,
        (callable, v): (Ref, Value),
        args: &[Ref],
        actuals: &[Option<Value>],
    ) -> Recorded<bool> {
        let (&[r], &[Some(source)]) = (args, actuals) else {
            return Ok(false);
        };
        let str_shape = vm.shapes.str.get().id();
        if v != vm.types.int.get().value()
            || self.handling_depth().is_none()
            || exact_shape(vm, Some(source), str_shape).is_none()
            || !source
                .cast::<Str>()
                .is_some_and(|text| vm.is_malformed_int(text.data()))
        {
            return Ok(false);
        }
        self.guard_is(callable, v)?;
        if !self.str(vm, r, Some(source))? {
            return Ok(false);
        }
        let is_malformed = self.call_plain(&leaves::IS_MALFORMED_INT, &[r])?;
        self.guard1(Op::GuardNonNull, Ty::None, is_malformed)?;
        let message = self.call_plain(&leaves::MALFORMED_INT, &[r])?;
        self.e.memory.set_shape(message, str_shape);
        let class = vm.exception_class(&exc::VALUE_ERROR);
        self.raises(vm, class, &[message])
    }

    /// `next(iterator)` of an iterator over a built-in sequence that is at its end.
    pub(super) fn next_of_exhausted(
        &mut self,
        vm: &Vm,
        (callable, v): (Ref, Value),
        args: &[Ref],
        actuals: &[Option<Value>],
    ) -> Recorded<bool> {
        let (Some(f), &[r], &[Some(iterator)]) = (v.cast::<NativeFunction>(), args, actuals) else {
            return Ok(false);
        };
        if f.def.resumes != Some(1)
            || f.is_descriptor()
            || f.passes_receiver()
            || !is_at_end(iterator)
            || self.handling_depth().is_none()
        {
            return Ok(false);
        }
        let class = vm.exception_class(&taipan_runtime::types::exception::classes::STOP_ITERATION);
        if !can_be_made(vm, class) {
            return Ok(false);
        }
        let Some(next) = self.next_of_sequence(vm, r, iterator)? else {
            return Ok(false);
        };
        if next.item.is_some() {
            return Ok(false);
        }
        self.guard_is(callable, v)?;
        for (object, mem, value) in next.stores {
            self.e.store(object, mem, value)?;
        }
        self.raises(vm, class, &[])
    }

    /// The instruction raises a new exception of the class.
    fn raises(&mut self, vm: &Vm, class: Gc<Class>, args: &[Ref]) -> Recorded<bool> {
        match self.new_exception(vm, class.root_shape.get(), args)? {
            Some(e) => {
                self.raising = Some(e);
                Ok(true)
            }
            None => Ok(false),
        }
    }
}

/// Whether the class's exceptions are nothing but their arguments.
fn is_plain(vm: &Vm, class: Gc<Class>) -> bool {
    can_be_made(vm, class) && class.special(Special::Init) == vm.defaults.exception_init.get()
}

/// Whether the trace can make the class's exceptions, as those without arguments are that the
/// runtime raises.
pub(super) fn can_be_made(vm: &Vm, class: Gc<Class>) -> bool {
    vm.makes_plain_exceptions(class)
        && !class.root_shape.get().needs_registration()
        && !class.root_shape.get().layout.variable
}

/// Class and arguments of what the runtime raises for `a op b`, which does nothing else.
fn raised_by(vm: &Vm, op: BinaryOp, a: Value, b: Value) -> Option<(Gc<Class>, Vec<Value>)> {
    if vm.binary(op, a, b).is_ok() {
        return None;
    }
    let e = vm.take_raised();
    let class = vm.class_of(e);
    if !vm.is_kind(e, Kind::Exception) || !is_plain(vm, class) {
        return None;
    }
    let args = e.cast::<Exception>()?.args.get()?;
    // Texts of the runtime, or the operand: the trace keeps them.
    Some((class, args.as_slice().to_vec()))
}

/// Whether an iterator over a built-in sequence has no item left.
fn is_at_end(iterator: Value) -> bool {
    if let Some(it) = iterator.cast::<RangeIter>() {
        return it.remaining.get() <= 0;
    }
    if let Some(it) = iterator.cast::<ListIter>() {
        return it.list.get().is_none_or(|l| it.index.get() >= l.len());
    }
    if let Some(it) = iterator.cast::<TupleIter>() {
        return it.tuple.get().is_none_or(|t| it.index.get() >= t.len());
    }
    false
}
