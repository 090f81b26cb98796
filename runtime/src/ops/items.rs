//! Items that Python functions make: what a `for` loop over a `map` or `filter` calls.
//!
//! The interpreter gives such a function an activation of its own, whose result is the loop's
//! item ([`Frame::ITEM`]) or says whether there is one ([`Frame::PICKED`]), and the recorder
//! inlines it. Both ask here.
//!
//! Iterators over each other, as `enumerate(map(f, filter(g, xs)))`, are *stages*, counted from the loop's
//! one inwards. The innermost one that calls a Python function gets an argument from below and
//! its call is made (a generator below it is resumed first); what comes of that goes up, stage by stage. Nothing but the number of the stage
//! that called ([`level_of`]) and the argument of a `filter` is kept meanwhile.

use crate::heap::{Gc, Kind};
use crate::object::Class;
use crate::types::frame::Frame;
use crate::types::function::Function;
use crate::types::lazy::{Enumerate, Filter, Parallel};
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
        let added = it.gather(vm, "map", |items| args.extend(items.iter().copied()))?;
        Ok(added.is_some())
    }
}

/// The Python function behind a callable, and the receiver that it is called with.
#[inline]
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

/// Stages of a loop's iterator that are followed.
const MAX_STAGES: u32 = 4;

/// A stage that calls a Python function.
#[derive(Clone, Copy)]
pub struct Calling {
    pub level: u32,
    pub call: ItemCall,
    pub function: Gc<Function>,
    /// What the function is called with first, if it is a method.
    pub receiver: Option<Value>,
}

impl Calling {
    /// The flags of the activation, with the stage.
    pub fn flags(&self) -> u32 {
        match self.call {
            ItemCall::Filter(_) => Frame::PICKED | self.level << LEVEL,
            ItemCall::Map(_) if self.level == 0 => Frame::ITEM,
            ItemCall::Map(_) => Frame::STAGE | self.level << LEVEL,
        }
    }

    /// The flags of the generator that this stage takes its items from.
    pub fn flags_below(&self) -> u32 {
        Frame::FOR_LOOP | Frame::STAGE | (self.level + 1) << LEVEL
    }
}

/// Where an activation's flags hold the stage.
const LEVEL: u32 = 24;

/// The stage that an activation with these flags was called by.
pub fn level_of(flags: u32) -> u32 {
    flags >> LEVEL
}

/// What an item that comes from below meets.
pub enum Above {
    /// The loop itself.
    Loop,
    Enumerate(Gc<Enumerate>),
    Call(Calling),
}

impl Vm {
    /// The stage below one, if a stage has only one.
    fn below(&self, it: Value) -> Option<Value> {
        let class = it.header()?.shape().class();
        if class == self.types.enumerate.get() {
            return it.cast::<Enumerate>()?.parts().0;
        }
        self.item_call(it)?.0.only_iterator()
    }

    /// Whether other iterators may be behind this one, or Python functions.
    #[inline(always)]
    fn is_stage(&self, it: Value) -> bool {
        it.header().is_some_and(|h| {
            let class = h.shape().class();
            class == self.types.map.get()
                || class == self.types.filter.get()
                || class == self.types.enumerate.get()
        })
    }

    /// The innermost stage of a loop's iterator that calls a Python function.
    #[inline(always)]
    pub fn innermost_call(&self, it: Value) -> Option<Calling> {
        let Some((call, function, receiver)) = self.item_call(it) else {
            let below = it.cast::<Enumerate>()?.parts().0?;
            return self
                .is_stage(below)
                .then(|| self.innermost_stage(it))
                .flatten();
        };
        if call.only_iterator().is_some_and(|it| self.is_stage(it)) {
            return self.innermost_stage(it);
        }
        Some(Calling {
            level: 0,
            call,
            function,
            receiver,
        })
    }

    #[inline(never)]
    fn innermost_stage(&self, it: Value) -> Option<Calling> {
        let (mut at, mut level, mut found) = (it, 0, None);
        while level < MAX_STAGES && self.is_stage(at) {
            let below = match self.item_call(at) {
                Some((call, function, receiver)) => {
                    found = Some(Calling {
                        level,
                        call,
                        function,
                        receiver,
                    });
                    call.only_iterator()
                }
                None => at.cast::<Enumerate>().and_then(|e| e.parts().0),
            };
            let Some(below) = below else {
                break;
            };
            at = below;
            level += 1;
        }
        found
    }

    /// The stage of a loop's iterator.
    pub fn stage(&self, it: Value, level: u32) -> Option<Value> {
        (0..level).try_fold(it, |at, _| self.below(at))
    }

    /// What an item of this stage goes to. None if the stages are not what they were.
    pub fn above(&self, it: Value, level: u32) -> Option<Above> {
        let Some(level) = level.checked_sub(1) else {
            return Some(Above::Loop);
        };
        let at = self.stage(it, level)?;
        match self.item_call(at) {
            Some((call, function, receiver)) => Some(Above::Call(Calling {
                level,
                call,
                function,
                receiver,
            })),
            None => at.cast::<Enumerate>().map(Above::Enumerate),
        }
    }

    /// The call that the next item of an iterator takes, if it is a `map` or a `filter` of a
    /// Python function.
    #[inline(always)]
    pub fn item_call(&self, it: Value) -> Option<(ItemCall, Gc<Function>, Option<Value>)> {
        let class = it.header()?.shape().class();
        if class != self.types.map.get() && class != self.types.filter.get() {
            return None;
        }
        self.call_of_iterator(it, class)
    }

    #[inline(always)]
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
