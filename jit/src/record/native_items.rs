//! `for` loops over a `map` of a native function, or of a built-in class, that does nothing but read simple
//! values: the iterators behind it are seen through, and the call is that of the loop's own code.
//!
//! ```text
//! v1 = LoadIdx.Val ...            for y in map(abs, xs): the next item of xs
//! v2 = GuardInt.Int v1
//! ...                             what the trace makes of abs(item)
//! Store {ListIter+16} v0, ...     the iterator is advanced last: should a guard or the call fail,
//!                                 the interpreter takes the same item again
//! ```

use super::items::{MAP_FUNCTION, coming};
use super::iterate::Next;
use super::{Recorded, Recorder};
use crate::ir::{Ref, Ty};
use taipan_runtime::object::{Class, NativeEffect, NativeFunction};
use taipan_runtime::types::iterators::RangeIter;
use taipan_runtime::types::lazy::Parallel;
use taipan_runtime::{Value, Vm};

impl Recorder {
    /// The next item of such a `map`; none if it is no such one.
    pub(super) fn next_of_native(&mut self, vm: &Vm, it: Ref, v: Value) -> Recorded<Option<Next>> {
        let (Some(h), Some(map)) = (v.header(), v.cast::<Parallel>()) else {
            return Ok(None);
        };
        let (Some(iterators), Some(function)) = (map.iterators(), map.function()) else {
            return Ok(None);
        };
        if h.shape().class() != vm.types.map.get() || map.is_strict() || !only_reads(vm, function) {
            return Ok(None);
        }
        let iterators = iterators.as_slice();
        let items: Option<Vec<Value>> = iterators.iter().map(|it| next_item(*it)).collect();
        // What is not simple may run Python code to be read.
        let is_simple = |items: &Vec<Value>| items.iter().all(|v| vm.is_simple(*v));
        if !items.as_ref().is_none_or(is_simple) {
            return Ok(None);
        }
        self.guard_shape(it, h)?;
        let Some(taken) = self.next_of_each(vm, it, iterators)? else {
            return Ok(None);
        };
        let (Some(args), Some(items)) = (taken.items, items) else {
            return Ok(Some(Next {
                item: None,
                stores: taken.stores,
            }));
        };
        let callable = self.e.load(Ty::Val, it, MAP_FUNCTION)?;
        let actuals: Vec<Option<Value>> = items.into_iter().map(Some).collect();
        let made = match (function.cast::<NativeFunction>(), function.cast::<Class>()) {
            (Some(f), _) => match self.built_in(vm, f, callable, &args, &actuals)? {
                Some(r) => Some(r),
                None => self.call_stated(vm, f, callable, &args, &actuals)?,
            },
            (_, Some(class)) => self.construct_stated(vm, class, callable, &args, &actuals)?,
            _ => None,
        };
        Ok(made.map(|r| Next {
            item: Some(r),
            stores: taken.stores,
        }))
    }
}

/// Whether a callable is one that only reads its arguments, if they are simple.
fn only_reads(vm: &Vm, function: Value) -> bool {
    if let Some(f) = function.cast::<NativeFunction>() {
        // A method that is bound anew for each `map` would be another function each time.
        return matches!(f.def.effect, NativeEffect::Reads(_))
            && !f.is_descriptor()
            && !f.passes_receiver();
    }
    let types = &vm.types;
    [&types.int, &types.str, &types.float, &types.bool]
        .iter()
        .any(|class| class.get().value() == function)
}

/// What an iterator over a list, tuple or range comes to next.
fn next_item(it: Value) -> Option<Value> {
    match it.cast::<RangeIter>() {
        Some(it) => (it.remaining.get() > 0).then(|| Value::small_int(it.current.get())),
        None => coming(it),
    }
}
