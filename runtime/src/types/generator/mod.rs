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
use crate::types::function::Function;
use crate::value::Value;
use crate::vm::{Result, Vm};
use std::cell::Cell;
use taipan_bytecode::CodeFlags;

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

    /// Whether it can be resumed with this value.
    #[inline]
    pub fn takes(&self, value: Value) -> bool {
        match self.state.get() {
            GeneratorState::Suspended => true,
            GeneratorState::Created => value.is_none(),
            GeneratorState::Running | GeneratorState::Finished => false,
        }
    }

    /// Whether it has ended.
    pub fn is_finished(&self) -> bool {
        self.state.get() == GeneratorState::Finished
    }
}

impl Vm {
    /// A generator or coroutine of `function` that stands at `resume_at`, its slots empty.
    ///
    /// # Errors
    /// MemoryError.
    pub fn new_generator(
        &self,
        function: Gc<Function>,
        locals: Option<Value>,
        origin: Option<Value>,
        resume_at: *const Cell<u32>,
    ) -> Result<Gc<Generator>> {
        let code = function.code();
        let shapes = &self.shapes;
        let shape = if code.has(CodeFlags::COROUTINE) {
            shapes.coroutine.get()
        } else if code.has(CodeFlags::ASYNC_GENERATOR) {
            shapes.async_generator.get()
        } else {
            shapes.generator.get()
        };
        let words = code.locals_plus + code.stack_size;
        let object = Generator {
            header: Header::empty(),
            name: Field::opt(function.name.get()),
            qualname: Field::opt(function.qualname.get()),
            origin: Field::opt(origin),
            state: Cell::new(GeneratorState::Created),
            async_flags: Cell::new(0),
            finalizer: Field::empty(),
            handled: Field::empty(),
            outer: Field::empty(),
            words,
            frame: Frame {
                code,
                function,
                locals,
                previous: Cell::new(std::ptr::null_mut()),
                ip: Cell::new(resume_at),
                sp: Cell::new(std::ptr::null_mut()),
                object: Cell::new(None),
                generator: None,
                flags: Cell::new(0),
                return_info: Cell::new(0),
            },
        };
        let generator = self
            .heap
            .alloc_variable(shape, object, words as usize * 8)
            .ok_or_else(|| self.memory_error())?;
        // SAFETY: the new object, which nobody else has yet; its slots are zeroed: empty.
        unsafe {
            let frame = &raw mut (*generator.as_ptr()).frame;
            (*frame).generator = Some(generator);
            (*frame).sp.set((*frame).stack_base());
        }
        if code.runs_on_close() && shape.id() == shapes.generator.get().id()
            || shape.id() == shapes.async_generator.get().id()
        {
            self.heap.register_finalizer(generator.header());
        }
        Ok(generator)
    }

    /// Makes a suspended generator's frame an activation called by `previous`: who resumed
    /// it may be handling an exception, which the generator is to give back.
    #[inline]
    pub fn begin_generator(&self, generator: Gc<Generator>, previous: *mut Frame) {
        generator.frame.previous.set(previous);
        generator.state.set(GeneratorState::Running);
        match self.thread().handled.get() {
            Some(outer) => generator.outer.set(&generator.header, outer),
            None => generator.outer.clear(),
        }
    }

    /// Undoes [`Vm::begin_generator`], the state apart.
    #[inline]
    pub fn end_generator(&self, generator: Gc<Generator>) {
        self.thread().handled.set(generator.outer.get());
        generator.frame.previous.set(std::ptr::null_mut());
        generator.header.barrier();
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
