//! Items that Python functions make: what a `for` loop over a `map` or `filter` calls.
//!
//! The interpreter gives such a function an activation of its own, whose result is the loop's
//! item ([`Frame::ITEM`]) or says whether there is one ([`Frame::PICKED`]), and the recorder
//! inlines it. Both ask here.

use crate::heap::{Gc, Kind};
use crate::object::Class;
use crate::types::frame::Frame;
use crate::types::function::Function;
use crate::types::lazy::{Filter, Parallel};
use crate::types::method::BoundMethod;
use crate::value::Value;
use crate::vm::{Result, Vm};
use smallvec::SmallVec;
use taipan_bytecode::CodeFlags;

/// Iterators of a `map` whose function gets an activation: its arguments, a receiver included,
/// lie on the native stack.
pub const MAX_ITERATORS: usize = 3;

/// What a call for an item passes.
pub type Arguments = SmallVec<[Value; MAX_ITERATORS + 1]>;

/// How an iterator gets its next item.
#[derive(Clone, Copy, Debug)]
pub enum ItemCall {
    /// `map`: the function's result is the item.
    Map(Gc<Parallel>),
    /// `filter`: it says whether the argument is one.
    Filter(Gc<Filter>),
}

impl ItemCall {
    /// What is called.
    pub fn callable(self) -> Value {
        match self {
            ItemCall::Map(it) => it.function().unwrap_or(Value::NONE),
            ItemCall::Filter(it) => it.parts().0.unwrap_or(Value::NONE),
        }
    }

    /// The flags of the activation.
    pub fn flags(self) -> u32 {
        match self {
            ItemCall::Map(_) => Frame::ITEM,
            ItemCall::Filter(_) => Frame::PICKED,
        }
    }

    /// Where the items come from, if that is one iterator.
    #[inline]
    pub fn only_iterator(self) -> Option<Value> {
        match self {
            ItemCall::Map(it) => match *it.iterators()?.as_slice() {
                [one] => Some(one),
                _ => None,
            },
            ItemCall::Filter(it) => it.parts().1,
        }
    }

    /// Adds the arguments of a `map` with several iterators; false if one is exhausted.
    ///
    /// # Errors
    /// An iterator raises.
    pub fn gather(self, vm: &Vm, args: &mut Arguments) -> Result<bool> {
        let ItemCall::Map(it) = self else {
            return Ok(false);
        };
        let items = it.gather(vm, "map")?;
        let any = items.is_some();
        args.extend(items.into_iter().flatten());
        Ok(any)
    }
}

/// The Python function behind a callable, and the receiver that it is called with.
pub fn python_function(callable: Value) -> Option<(Gc<Function>, Option<Value>)> {
    match callable.header()?.shape().layout.kind {
        // SAFETY: the kind says which layout.
        Kind::Function => Some((unsafe { callable.cast_unchecked() }, None)),
        Kind::BoundMethod => {
            // SAFETY: as above.
            let m = unsafe { callable.cast_unchecked::<BoundMethod>() };
            Some((m.function.get()?.cast()?, m.receiver.get()))
        }
        _ => None,
    }
}

impl Vm {
    /// The call that the next item of an iterator takes, if it is a `map` or a `filter` of a
    /// Python function.
    #[inline]
    pub fn item_call(&self, it: Value) -> Option<(ItemCall, Gc<Function>, Option<Value>)> {
        let class = it.header()?.shape().class();
        if class != self.types.map.get() && class != self.types.filter.get() {
            return None;
        }
        self.call_of_iterator(it, class)
    }

    fn call_of_iterator(
        &self,
        it: Value,
        class: Gc<Class>,
    ) -> Option<(ItemCall, Gc<Function>, Option<Value>)> {
        let call = if class == self.types.map.get() {
            let map = it.cast::<Parallel>()?;
            let count = map.iterators()?.len();
            if map.is_strict() || !(1..=MAX_ITERATORS).contains(&count) {
                return None;
            }
            ItemCall::Map(map)
        } else {
            ItemCall::Filter(it.cast::<Filter>()?)
        };
        let (f, receiver) = python_function(call.callable())?;
        // What makes a generator has nothing but that for a result.
        let makes_generator =
            CodeFlags::GENERATOR | CodeFlags::COROUTINE | CodeFlags::ASYNC_GENERATOR;
        (!f.code().has(makes_generator)).then_some((call, f, receiver))
    }
}
