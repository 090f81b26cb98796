//! Generators, coroutines and asynchronous generators. The frame lies inside
//! the object and runs there: resuming copies nothing.
//!
//! While it runs, its slots change without a write barrier; the collector
//! visits the frames of running generators as roots, and suspending one runs
//! the barrier for the time after.

mod async_gen;
mod methods;
pub use methods::{
    ASYNC_GENERATOR, COROUTINE, GENERATOR, close, resume_throw, send, thrown_exception,
};

use crate::heap::{Field, Gc, Header, Kind, Marker};
use crate::heap_object;
use crate::types::frame::Frame;
use crate::value::Value;
use std::cell::Cell;

/// Where a generator is in its life.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum GeneratorState {
    /// Not started.
    Created,
    Suspended,
    Running,
    Finished,
}

/// A generator, coroutine or asynchronous generator, by its class.
#[repr(C)]
pub struct Generator {
    pub header: Header,
    pub name: Field,
    pub qualname: Field,
    /// `cr_origin`.
    pub origin: Field,
    pub state: Cell<GeneratorState>,
    /// For asynchronous generators: `ag_running`, hooks called, closed.
    pub async_flags: Cell<u8>,
    /// The finaliser of `sys.set_asyncgen_hooks`.
    pub finalizer: Field,
    /// The exception being handled in its own code.
    pub handled: Field,
    /// The exception that whoever resumed it was handling.
    pub outer: Field,
    /// Words of slots and stack behind the frame.
    pub words: u32,
    pub frame: Frame,
}

heap_object!(
    Generator,
    "generator",
    Kind::Generator,
    |this, marker| {
        marker.field(&this.name);
        marker.field(&this.qualname);
        marker.field(&this.origin);
        marker.field(&this.finalizer);
        marker.field(&this.handled);
        marker.field(&this.outer);
        this.trace_frame(marker);
    },
    variable
);

impl Generator {
    /// Reports what the frame holds.
    pub fn trace_frame(&self, marker: &mut Marker<'_>) {
        marker.object(self.frame.code);
        marker.object(self.frame.function);
        marker.opt(self.frame.locals);
        if let Some(object) = self.frame.object.get() {
            marker.object(object);
        }
        if self.state.get() == GeneratorState::Finished {
            return;
        }
        let end = if self.state.get() == GeneratorState::Running {
            self.words as usize
        } else {
            // SAFETY: both point into this object.
            unsafe { self.frame.sp.get().offset_from(self.frame.slots()) as usize }
        };
        // SAFETY: `words` words follow; between sp and the end there may be stale values,
        // all of which were valid when stored, hence the conservative visit.
        unsafe {
            let low = self.frame.slots() as usize;
            marker.conservative_range(low, low + end * 8);
        }
    }

    /// Whether it has ended.
    pub fn is_finished(&self) -> bool {
        self.state.get() == GeneratorState::Finished
    }
}

impl Gc<Generator> {
    /// What `yield from` or `await` is delegating to.
    pub fn delegate(self) -> Option<Value> {
        if self.state.get() != GeneratorState::Suspended {
            return None;
        }
        use taipan_bytecode::{Instr, Op};
        // A generator suspended inside a SEND loop stands at its YIELD_VALUE; RESUME after it says why.
        let at = self.frame.instruction() as usize;
        let next = Instr(self.frame.code.instrs().get(at + 1)?.get());
        let resume = next.op_byte() == Op::RESUME as u8;
        if resume && next.arg() & 3 >= 2 {
            // SAFETY: the iterator is below the yielded value, which was popped.
            unsafe { *self.frame.sp.get().sub(1) }
        } else {
            None
        }
    }
}
