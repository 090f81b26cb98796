//! Calls of objects that call Python functions themselves: of `functools.partial`, whose
//! function is inlined behind the stored arguments, and of caches that know the result already
//! (`taipan_runtime::object::Recall`).
//!
//! ```text
//! v1 = Load.Val {Partial+8} v0        p(x), for p = partial(f, 3)
//! GuardIs v1, f
//! v2 = Load.Val {Partial+16} v0
//! v3 = Load.Val {Tuple+24} v2         3
//!                                     f's code
//! v9 = Call.Val {RECALL_1} c, v8      c(x), for a cache c: fails where it has no result
//! ```

use super::arguments::{Arguments, plan};
use super::{Recorded, Recorder};
use crate::backend::leaves;
use crate::ir::{Class as Alias, Cond, Mem, Ref, Ty};
use std::mem::offset_of;
use taipan_bytecode::opcode::Op as Bytecode;
use taipan_runtime::types::partial::{Partial, PlainPartial};
use taipan_runtime::types::str::Str;
use taipan_runtime::{Header, Value, Vm};

// Setting a partial's state anew changes them, which is a call that may do anything.
const FUNCTION: Mem = Mem::new(Alias::Version, 8, offset_of!(Partial, function));
const ARGS: Mem = Mem::new(Alias::Version, 8, offset_of!(Partial, args));
const KEYWORDS: Mem = Mem::new(Alias::Version, 8, offset_of!(Partial, keywords));
const HOLES: Mem = Mem::new(Alias::Version, 8, offset_of!(Partial, holes));

const UNITS: usize = 1 + Bytecode::CALL.caches();

impl Recorder {
    /// A call without receiver that takes `below` values from the stack; false if it is none of
    /// these, or the trace cannot follow.
    pub(super) fn call_wrapper(
        &mut self,
        vm: &Vm,
        (callable, v): (Ref, Value),
        args: &[Ref],
        actuals: &[Option<Value>],
        below: usize,
    ) -> Recorded<bool> {
        let Some(h) = v.header() else {
            return Ok(false);
        };
        if self.call_partial(vm, (callable, v, h), args, actuals, below)? {
            return Ok(true);
        }
        self.recall(vm, (callable, v, h), args, actuals, below)
    }

    fn call_partial(
        &mut self,
        vm: &Vm,
        (callable, v, h): (Ref, Value, &'static Header),
        args: &[Ref],
        actuals: &[Option<Value>],
        below: usize,
    ) -> Recorded<bool> {
        let Some(plain) = vm.plain_partial(v) else {
            return Ok(false);
        };
        if !plain.keywords.is_empty() {
            return self.call_partial_with_keywords(vm, (callable, v), &plain, args, below);
        }
        let f = plain.function;
        let stored = plain.args.as_slice();
        let count = usize::from(plain.receiver.is_some()) + stored.len() + args.len();
        let can_inline = self.can_inline(vm, f, count)?;
        if !can_inline {
            self.callee_first(vm, f, count)?;
            if self.compiled_callee(vm, f.code()).is_none() {
                return Ok(false);
            }
        }
        self.guard_shape(callable, h)?;
        let callable = self.e.boxed(callable);
        let function = self.e.load(Ty::Val, callable, FUNCTION)?;
        let actual = plain.partial.function.or_none();
        let (function, receiver) = self.python_callee(function, actual, f)?;
        self.guard_field(callable, HOLES, 0)?;
        let keywords = self.e.load(Ty::Val, callable, KEYWORDS)?;
        self.guard_field(keywords, super::call::DICT_LEN, 0)?;
        let tuple = self.e.load(Ty::Val, callable, ARGS)?;
        let mut all: Vec<Ref> = receiver.into_iter().collect();
        all.extend(self.items_of_tuple(tuple, stored.len())?);
        all.extend(args);
        if can_inline {
            self.inline(vm, f, function, &all, below, UNITS as u32, 0)?;
            return Ok(true);
        }
        let mut all_actuals: Vec<Option<Value>> = plain.receiver.into_iter().map(Some).collect();
        all_actuals.extend(stored.iter().map(|v| Some(*v)));
        all_actuals.extend(actuals);
        self.call_compiled(vm, f, function, &all, &all_actuals, below, UNITS)
    }

    /// Guards that a field of an object is this number.
    fn guard_field(&mut self, object: Ref, field: Mem, number: i64) -> Recorded {
        let actual = self.e.load(Ty::Int, object, field)?;
        let wanted = self.e.tree.int(number);
        let same = self.icmp(Cond::Eq, actual, wanted)?;
        self.guard_true(same)
    }

    /// A call of this very partial, which has keywords.
    fn call_partial_with_keywords(
        &mut self,
        vm: &Vm,
        (callable, v): (Ref, Value),
        plain: &PlainPartial,
        args: &[Ref],
        below: usize,
    ) -> Recorded<bool> {
        let (f, stored) = (plain.function, plain.args.as_slice());
        let count = usize::from(plain.receiver.is_some()) + stored.len() + args.len();
        let names: Vec<Value> = plain.keywords.items().map(|(name, _)| name).collect();
        let Some(plan) = plan(f, count, &names) else {
            return Ok(false);
        };
        if !self.is_inlinable(vm, f) {
            return Ok(false);
        }
        let callable = self.guard_is(callable, v)?;
        let function = self.e.load(Ty::Val, callable, FUNCTION)?;
        let actual = plain.partial.function.or_none();
        let (function, receiver) = self.python_callee(function, actual, f)?;
        let tuple = self.e.load(Ty::Val, callable, ARGS)?;
        let dict = self.e.load(Ty::Val, callable, KEYWORDS)?;
        self.guard_is(dict, plain.keywords.value())?;
        self.guard_field(callable, HOLES, 0)?;
        self.guard_field(dict, super::call::DICT_LEN, names.len() as i64)?;
        let mut keywords = Vec::with_capacity(names.len());
        for name in names {
            let Some(text) = name.cast::<Str>() else {
                return Ok(false);
            };
            // Their places, and thereby their order, are guarded too.
            match self.namespace_value(vm, plain.keywords, text)? {
                Some((r, _)) => keywords.push((name, r)),
                None => return Ok(false),
            }
        }
        let mut positional: Vec<Ref> = receiver.into_iter().collect();
        positional.extend(self.items_of_tuple(tuple, stored.len())?);
        positional.extend(args);
        let arguments = Arguments {
            positional: &positional,
            keywords: &keywords,
        };
        let function = self.callee(function, f)?;
        let bound = (&plan, &arguments);
        self.inline_planned(vm, f, function, bound, below, UNITS as u32, 0)?;
        Ok(true)
    }

    /// A call whose result is known to the callable, of this very callable.
    fn recall(
        &mut self,
        vm: &Vm,
        (callable, v, h): (Ref, Value, &'static Header),
        args: &[Ref],
        actuals: &[Option<Value>],
        below: usize,
    ) -> Recorded<bool> {
        let Some(recall) = h.shape().class().def.get().and_then(|def| def.recall) else {
            return Ok(false);
        };
        let mut values = vec![v];
        values.extend(actuals.iter().flatten());
        let Some(helper) = args
            .len()
            .checked_sub(1)
            .and_then(|i| leaves::RECALLS.get(i))
        else {
            return Ok(false);
        };
        if values.len() != args.len() + 1 || !(recall.knows)(vm, &values) {
            return Ok(false);
        }
        let callable = self.guard_is(callable, v)?;
        let code = self.e.tree.ptr(recall.result as usize);
        let mut all = vec![code, callable];
        for r in args {
            all.push(self.e.boxed(*r));
        }
        let result = self.call_plain(helper, &all)?;
        self.result(below, result, UNITS)?;
        Ok(true)
    }
}
