//! Dictionaries that the trace makes with keys that it knows: calls with keywords bind to what they
//! hold, lookups find it, and most are never made.
//!
//! ```text
//! def inner(x, by): ...                    v2 = Call.Val {KEYWORDS_1} ('by',), v1
//! def outer(*args, **kwargs):              (v2 is never made:
//!     return inner(*args, **kwargs)         by = v1)
//! outer(x, by=v1)
//! ```
//!
//! A dictionary is known as long as nothing but the trace refers to it
//! ([`crate::opt::memory::Memory::is_fresh`]): whoever changes it is given it as an argument.

use super::call::DICT_LEN;
use super::{Recorded, Recorder};
use crate::backend::{keywords::KEYWORDS, leaves};
use crate::ir::{Op, Ref, Ty};
use taipan_runtime::types::str::Str;
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::{Value, Vm};

impl Recorder {
    /// What a dictionary holds, in order, if it is known.
    pub(super) fn known_items(&self, dict: Ref) -> Option<Vec<(Value, Ref)>> {
        let dict = self.e.resolve(dict);
        let ins = self.e.tree.get(dict);
        if ins.op != Op::Call || !self.e.memory.is_fresh(dict) {
            return None;
        }
        let helper = self.e.tree.helpers[ins.aux as usize];
        if std::ptr::eq(helper, &leaves::DICT_NEW) {
            return Some(Vec::new());
        }
        if !KEYWORDS.iter().any(|k| std::ptr::eq(*k, helper)) {
            return None;
        }
        let args = self.e.tree.call_args(ins);
        // SAFETY: a constant of the trace, kept alive.
        let names = unsafe { Value::from_bits(self.e.tree.as_bits(args[0])?) };
        let names = names.cast::<Tuple>()?;
        let names = names.as_slice().iter().copied();
        Some(names.zip(args[1..].iter().copied()).collect())
    }

    /// A dictionary of these items, whose keys are different exact strings; none if they are too many.
    pub(super) fn known_dict(&mut self, vm: &Vm, items: &[(Value, Ref)]) -> Recorded<Option<Ref>> {
        if items.is_empty() {
            return self.new_dict(vm).map(Some);
        }
        let Some(helper) = KEYWORDS.get(items.len() - 1) else {
            return Ok(None);
        };
        let names: Vec<Value> = items.iter().map(|(name, _)| *name).collect();
        let Ok(names) = vm.new_tuple(&names) else {
            vm.clear_raised();
            return Ok(None);
        };
        let mut args = vec![self.constant(names.value())];
        args.extend(items.iter().map(|(_, r)| *r));
        let dict = self.call_plain(helper, &args)?;
        self.e.memory.set_shape(dict, vm.shapes.dict.get().id());
        let length = self.e.tree.int(items.len() as i64);
        self.e.know(DICT_LEN, dict, length, Ty::Int);
        Ok(Some(dict))
    }

    /// What is found under a key that is a constant: `Value::MISSING` if there is nothing.
    pub(super) fn find_known(&mut self, vm: &Vm, dict: Ref, key: Ref) -> Option<Ref> {
        let items = self.known_items(dict)?;
        let key = self.e.tree.as_bits(self.e.resolve(key))?;
        // SAFETY: a constant of the trace, kept alive.
        let key = exact_text(vm, unsafe { Value::from_bits(key) })?;
        for (name, value) in items {
            if exact_text(vm, name)?.equals(&key) {
                return Some(value);
            }
        }
        Some(self.e.tree.val(Value::MISSING.bits()))
    }

    /// Merges one known dictionary into another, as keywords of a call are, if no key is in both.
    pub(super) fn merge_known(&mut self, vm: &Vm, into: Ref, from: Ref) -> Recorded<Option<Ref>> {
        let (Some(mut items), Some(more)) = (self.known_items(into), self.known_items(from)) else {
            return Ok(None);
        };
        for (name, value) in more {
            if !is_new(vm, &items, name) {
                return Ok(None);
            }
            items.push((name, value));
        }
        self.known_dict(vm, &items)
    }

    /// A display `{key: value, ...}` with constant keys, if it is such a one.
    pub(super) fn known_display(&mut self, vm: &Vm, count: usize) -> Recorded<Option<Ref>> {
        if count == 0 || count > KEYWORDS.len() {
            return Ok(None);
        }
        let mut items = Vec::with_capacity(count);
        for i in (1..=count).rev() {
            let (key, value) = (self.peek(2 * i)?, self.peek(2 * i - 1)?);
            let Some(name) = self.actual(2 * i) else {
                return Ok(None);
            };
            if self.e.tree.as_bits(key) != Some(name.bits()) || !is_new(vm, &items, name) {
                return Ok(None);
            }
            items.push((name, value));
        }
        self.known_dict(vm, &items)
    }
}

fn exact_text(vm: &Vm, v: Value) -> Option<taipan_runtime::heap::Gc<Str>> {
    super::stack::exact_shape(vm, Some(v), vm.shapes.str.get().id())?;
    v.cast::<Str>()
}

/// Whether a value is an exact string that is none of the names.
fn is_new(vm: &Vm, items: &[(Value, Ref)], name: Value) -> bool {
    let Some(text) = exact_text(vm, name) else {
        return false;
    };
    let differs = |(other, _): &(Value, Ref)| {
        exact_text(vm, *other).is_some_and(|other| !other.equals(&text))
    };
    items.iter().all(differs)
}
