//! Frames: the machine's record of an activation, and Python's view of one.

mod jump;
mod methods;
mod proxy;
pub use methods::FRAME;
pub use proxy::PROXY;

use crate::heap::{Gc, GcField, Header, Kind};
use crate::heap_object;
use crate::types::code::CodeObject;
use crate::types::function::Function;
use crate::types::generator::Generator;
use crate::types::list::Array;
use crate::value::Value;
use std::cell::Cell;
use taipan_bytecode::CodeFlags;

/// An activation of a code object. It lies on the thread's value stack or, for
/// generators, inside the generator object; the slots of `localsplus` and then
/// the evaluation stack follow it.
#[repr(C)]
pub struct Frame {
    pub code: Gc<CodeObject>,
    pub function: Gc<Function>,
    /// The mapping of a class body or of module code (`f_locals`).
    pub locals: Option<Value>,
    /// Python's view of it, once somebody asked.
    pub object: Cell<Option<Gc<FrameObject>>>,
    /// The generator that owns it.
    pub generator: Option<Gc<Generator>>,
    pub flags: Cell<u32>,
    /// How many values the caller's stack is to lose when this frame returns, see the interpreter.
    pub return_info: Cell<u32>,
    // What is above is known when a call is compiled.
    /// The frame that called this one.
    pub previous: Cell<*mut Frame>,
    /// The instruction being executed, kept whenever other code can see it.
    pub ip: Cell<*const Cell<u32>>,
    /// One past the top of the evaluation stack, kept as `ip` is.
    pub sp: Cell<*mut Option<Value>>,
}

impl Frame {
    /// Words that a frame takes before its slots.
    pub const WORDS: usize = size_of::<Frame>() / 8;
    /// Returning from this frame leaves the interpreter's loop.
    pub const ENTRY: u32 = 1;
    /// The result of `__init__`: must be None, the instance is returned instead.
    pub const INIT: u32 = 2;
    /// A generator's frame that a `for` loop resumed: its yields are the loop's items.
    pub const FOR_LOOP: u32 = 16;
    /// A generator's frame that `yield from` or `await` resumed.
    pub const SEND_LOOP: u32 = 32;
    /// Per-line tracing is on for this frame.
    pub const TRACED: u32 = 4;
    /// Called by a binary operator or comparison of the caller: its two operands lie above the
    /// caller's top, and a result of `NotImplemented` is not the last word.
    pub const OPERATOR: u32 = 64;
    /// The result is dropped.
    pub const DISCARD: u32 = 128;
    /// The result is taken for its truth by `CONTAINS_OP`.
    pub const TRUTH: u32 = 256;
    /// A generator's frame that a call of `next` or `send` resumed: what it yields is the call's
    /// result.
    pub const NEXT: u32 = 512;
    /// The result has to be an iterator for `GET_ITER` and its like, a truth value for `TO_BOOL`.
    pub const CHECKED: u32 = 1024;
    /// The result has to be a length, of which `TO_BOOL` takes the truth.
    pub const LENGTH: u32 = 2048;
    /// Called by a `for` loop over a `map`: the result is the next item.
    pub const ITEM: u32 = 4096;
    /// Called by a `for` loop over a `filter`: the result says whether what lies above the caller's
    /// top is the next item.
    pub const PICKED: u32 = 8192;
    /// As `ITEM`, of a `map` or generator that other iterators are over, which the result goes through;
    /// the highest eight flags are the number of the stage then, as with `PICKED`.
    pub const STAGE: u32 = 16384;
    /// Called by a `for` loop for the step of its iterator: the result is the next item, or says that there is
    /// none, or none yet.
    pub const STEPPED: u32 = 32768;
    /// Flags that make more of a result than a value on the caller's stack.
    pub const IMPLICIT: u32 = Self::INIT
        | Self::OPERATOR
        | Self::DISCARD
        | Self::TRUTH
        | Self::CHECKED
        | Self::LENGTH
        | Self::PICKED
        | Self::STAGE
        | Self::STEPPED;

    /// The slot array: locals, cells, free variables, then the evaluation stack.
    #[inline(always)]
    pub fn slots(&self) -> *mut Option<Value> {
        // SAFETY: the slots follow the record.
        unsafe { (self as *const Frame as *mut Frame).add(1).cast() }
    }

    /// How many values above the caller's top this activation needs.
    #[inline(always)]
    pub fn above(flags: u32) -> usize {
        if flags & (Self::INIT | Self::OPERATOR | Self::PICKED) == 0 {
            0
        } else if flags & Self::OPERATOR == 0 {
            1
        } else {
            2
        }
    }

    /// Where the evaluation stack starts.
    #[inline(always)]
    pub fn stack_base(&self) -> *mut Option<Value> {
        // SAFETY: within the frame.
        unsafe { self.slots().add(self.code.locals_plus as usize) }
    }

    /// One local slot.
    #[inline(always)]
    pub fn slot(&self, index: usize) -> Option<Value> {
        // SAFETY: callers index by the code's own slot numbers.
        unsafe { *self.slots().add(index) }
    }

    /// This activation, or the one nearest below it that Python code may see.
    pub fn visible(&self) -> Option<&Frame> {
        if self.code.has(CodeFlags::HIDDEN) {
            self.caller()
        } else {
            Some(self)
        }
    }

    /// The activation that called this one, hidden ones passed over.
    pub fn caller(&self) -> Option<&Frame> {
        // SAFETY: calling activations outlive those they called.
        unsafe { self.previous.get().as_ref() }?.visible()
    }

    /// Index of the current instruction.
    pub fn instruction(&self) -> u32 {
        let offset = (self.ip.get() as usize).wrapping_sub(self.code.start() as usize) / 4;
        offset as u32
    }

    /// The line being executed.
    pub fn line(&self) -> Option<u32> {
        self.code.line_of(self.instruction())
    }
}

/// Python's view of a frame (`types.FrameType`). When the activation ends, its
/// slots are copied here.
#[repr(C)]
pub struct FrameObject {
    pub header: Header,
    /// The activation while it lasts, else null.
    pub frame: Cell<*mut Frame>,
    pub code: Gc<CodeObject>,
    pub function: Gc<Function>,
    /// `f_back` once the activation ended.
    pub back: GcField<FrameObject>,
    /// The local slots once the activation ended.
    pub slots: GcField<Array>,
    pub locals: crate::heap::Field,
    /// Names added through `f_locals` that the code does not know.
    pub extra_locals: crate::heap::Field,
    pub trace: crate::heap::Field,
    pub trace_lines: Cell<bool>,
    pub trace_opcodes: Cell<bool>,
    /// Line and instruction that the tracer saw last.
    pub last_line: Cell<Option<(u32, u32)>>,
    /// As `last_line`, for `sys.monitoring`.
    pub monitored_line: Cell<Option<(u32, u32)>>,
    /// Index of the last instruction once the activation ended.
    pub last_instruction: Cell<u32>,
}

heap_object!(FrameObject, "frame", Kind::FrameObject, |this, marker| {
    marker.object(this.code);
    marker.object(this.function);
    marker.gc_field(&this.back);
    marker.gc_field(&this.slots);
    marker.field(&this.locals);
    marker.field(&this.extra_locals);
    marker.field(&this.trace);
});

impl FrameObject {
    /// The activation, while it lasts.
    pub fn activation(&self) -> Option<&Frame> {
        // SAFETY: cleared when the activation ends.
        unsafe { self.frame.get().as_ref() }
    }

    /// Index of the current or last instruction.
    pub fn instruction(&self) -> u32 {
        self.activation()
            .map_or(self.last_instruction.get(), |f| f.instruction())
    }

    /// The value of a local slot.
    pub fn slot(&self, index: usize) -> Option<Value> {
        match self.activation() {
            Some(frame) => frame.slot(index),
            None => self.slots.get()?.slot(index).get(),
        }
    }
}
