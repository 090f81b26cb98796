//! Threads of an interpreter: value stacks, and the word that stops running code.

use super::{Event, Vm};
use crate::heap::{Marker, StackBounds, stack_pointer};
use crate::types::frame::Frame;
use crate::value::Value;
use std::cell::{Cell, RefCell};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

/// Flags that running code tests at backward jumps and function entries.
#[derive(Default)]
pub struct Breaker(AtomicU32);

impl Breaker {
    /// Finalisers or weak reference callbacks are queued.
    pub const FINALIZE: u32 = 1;
    /// A signal arrived.
    pub const SIGNAL: u32 = 2;
    /// Another thread wants the lock.
    pub const DROP_LOCK: u32 = 4;
    /// An exception for a thread (`PyThreadState_SetAsyncExc`'s like).
    pub const ASYNC_ERROR: u32 = 8;
    /// A small allocation passed the heap's limit.
    pub const MEMORY: u32 = 16;
    /// Tracing or profiling is on.
    pub const TRACE: u32 = 32;
    /// Compiled code gives way to the interpreter, since each allocation is traced.
    pub const INTERPRET: u32 = 64;
    /// Better code for what is being run is ready.
    pub const BETTER_CODE: u32 = 128;

    pub fn set(&self, flag: u32) {
        self.0.fetch_or(flag, Ordering::Relaxed);
    }
    pub fn clear(&self, flag: u32) {
        self.0.fetch_and(!flag, Ordering::Relaxed);
    }
    #[inline(always)]
    pub fn get(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }
    pub fn word(&self) -> &AtomicU32 {
        &self.0
    }
}

/// Words of address space for a thread's value stack.
const STACK_WORDS: usize = 32 << 20;
/// Words of the exit buffer: no snapshot may have more values.
pub const EXIT_WORDS: usize = 512;
/// Native stack that must stay free for the runtime's own use, in bytes.
const NATIVE_RESERVE: usize = 160 << 10;

/// Half of what is left above the reserve.
fn code_limit(native: &StackBounds) -> usize {
    let low = native.low + NATIVE_RESERVE;
    low + native.high.saturating_sub(low) / 2
}

/// One thread that runs Python code.
pub struct Thread {
    /// `threading.get_ident()`.
    pub ident: u64,
    native: StackBounds,
    native_limit: Cell<usize>,
    /// Where compiled code may no longer be entered, see [`Thread::native_room_for_code`].
    pub code_limit: Cell<usize>,
    /// Where compiled code leaves the values of a side exit: [`EXIT_WORDS`] words, which are read
    /// as soon as they are written.
    pub exit_buffer: *mut u64,
    stack: *mut Option<Value>,
    /// The innermost activation.
    pub frame: Cell<*mut Frame>,
    /// First free word of the value stack.
    pub top: Cell<*mut Option<Value>>,
    /// Python activations under way, for the recursion limit.
    pub depth: Cell<u32>,
    /// Whether finalisers are being run here: what they queue is run after them.
    pub finalizing: Cell<bool>,
    /// The exceptions being handled, innermost last (`sys.exc_info`).
    pub handled: Cell<Option<Value>>,
    saved_sp: Cell<usize>,
    /// Objects whose `repr` is under way.
    pub repr_guard: RefCell<Vec<Value>>,
    pub async_error: Cell<Option<Value>>,
    /// `sys.settrace`, `sys.setprofile`.
    pub trace_function: Cell<Option<Value>>,
    pub profile_function: Cell<Option<Value>>,
    /// Whether one of those is running: what it does is not observed.
    pub tracing: Cell<bool>,
    /// The event that it or a tool of `sys.monitoring` is being told of, and the activation.
    pub event: Cell<Option<(Event, *const Frame)>>,
    /// Whether that activation is to go on elsewhere (`frame.f_lineno` was assigned).
    pub jumped: Cell<bool>,
    /// The current `contextvars` context, and `asyncio`'s loop and task, for native modules.
    pub context: Cell<Option<Value>>,
    variables: Cell<u64>,
    pub running_loop: Cell<Option<Value>>,
    pub running_task: Cell<Option<Value>>,
    pub asyncgen_firstiter: Cell<Option<Value>>,
    pub asyncgen_finalizer: Cell<Option<Value>>,
    pub coroutine_origin_depth: Cell<u32>,
    pub dict: Cell<Option<Value>>,
}

/// Numbers what context variables have been, in all threads.
fn next_variables() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

impl Thread {
    /// The calling thread, about to run Python code.
    pub fn new(ident: u64) -> Option<Box<Thread>> {
        let native = StackBounds::current();
        // SAFETY: a fresh anonymous mapping.
        let p = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                STACK_WORDS * 8,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE,
                -1,
                0,
            )
        };
        if p == libc::MAP_FAILED {
            return None;
        }
        let stack = p as *mut Option<Value>;
        Some(Box::new(Thread {
            ident,
            native,
            native_limit: Cell::new(native.low + NATIVE_RESERVE),
            code_limit: Cell::new(code_limit(&native)),
            exit_buffer: Box::into_raw(Box::new([0u64; EXIT_WORDS])).cast(),
            stack,
            frame: Cell::new(std::ptr::null_mut()),
            top: Cell::new(stack),
            depth: Cell::new(0),
            finalizing: Cell::new(false),
            handled: Cell::new(None),
            saved_sp: Cell::new(0),
            repr_guard: RefCell::default(),
            async_error: Cell::new(None),
            trace_function: Cell::new(None),
            profile_function: Cell::new(None),
            tracing: Cell::new(false),
            event: Cell::new(None),
            jumped: Cell::new(false),
            context: Cell::new(None),
            variables: Cell::new(next_variables()),
            running_loop: Cell::new(None),
            running_task: Cell::new(None),
            asyncgen_firstiter: Cell::new(None),
            asyncgen_finalizer: Cell::new(None),
            coroutine_origin_depth: Cell::new(0),
            dict: Cell::new(None),
        }))
    }

    /// A number that changes whenever the value of a context variable may have, and that no
    /// other thread ever has: what native modules remember them by.
    #[inline(always)]
    pub fn variables(&self) -> u64 {
        self.variables.get()
    }

    /// To be called when the context, or a variable in it, has changed.
    pub fn note_variables(&self) {
        self.variables.set(next_variables());
    }

    /// Whether the value stack has room for `words` more.
    #[inline(always)]
    pub fn has_room(&self, words: usize) -> bool {
        (self.top.get() as usize - self.stack as usize) / 8 + words + 64 < STACK_WORDS
    }

    /// Whether the native stack has room for another level of native calls.
    #[inline(always)]
    pub fn native_room(&self) -> bool {
        stack_pointer() > self.native_limit.get()
    }

    /// Whether at least half of the native stack is free: enough for compiled code to be
    /// entered, which unlike the interpreter takes native stack for each level of calls.
    #[inline(always)]
    pub fn native_room_for_code(&self) -> bool {
        stack_pointer() > self.code_limit.get()
    }

    pub(super) fn saved_sp(&self) -> usize {
        self.saved_sp.get()
    }

    /// Notes where the native stack stands, before the lock is given up.
    pub(super) fn save_sp_at(&self, sp: usize) {
        self.saved_sp.set(sp);
    }

    pub(super) fn trace(&self, marker: &mut Marker<'_>, sp: usize) {
        if sp != 0 {
            // SAFETY: the part of a native stack that is in use; its thread waits.
            unsafe { marker.conservative_range(sp, self.native.high) };
        }
        // SAFETY: the buffer lives as long as the thread.
        unsafe {
            let end = self.exit_buffer.add(EXIT_WORDS);
            marker.conservative_range(self.exit_buffer as usize, end as usize);
        }
        let mut frame = self.frame.get();
        // The instance that a running `__init__` returns, or an operator's operands, lie above
        // the caller's top.
        let mut above = 0;
        // SAFETY: the chain of activations is intact while the thread waits, and each one's `sp` was
        // set before other code could run: what lies above it is dead.
        unsafe {
            while let Some(activation) = frame.as_ref() {
                if let Some(generator) = activation.generator {
                    marker.object(generator);
                    generator.trace_frame(marker);
                    for i in 0..above {
                        marker.opt(*activation.sp.get().add(i));
                    }
                } else {
                    // Frames' records hold pointers of other kinds between the values.
                    let top = activation.sp.get().add(above);
                    marker.conservative_range(frame as usize, top as usize);
                }
                above = Frame::above(activation.flags.get());
                frame = activation.previous.get();
            }
        }
        for v in [
            &self.handled,
            &self.async_error,
            &self.trace_function,
            &self.profile_function,
            &self.context,
            &self.running_loop,
            &self.running_task,
            &self.asyncgen_firstiter,
            &self.asyncgen_finalizer,
            &self.dict,
        ] {
            marker.opt(v.get());
        }
        for v in self.repr_guard.borrow().iter() {
            marker.value(*v);
        }
    }
}

impl Drop for Thread {
    fn drop(&mut self) {
        // SAFETY: made by `Box::into_raw` in `new`.
        drop(unsafe { Box::from_raw(self.exit_buffer.cast::<[u64; EXIT_WORDS]>()) });
        // SAFETY: the mapping made in `new`.
        unsafe { libc::munmap(self.stack as *mut _, STACK_WORDS * 8) };
    }
}

impl Vm {
    /// Registers the calling thread and makes it the running one.
    pub fn attach_thread(&self, ident: u64) -> bool {
        let Some(thread) = Thread::new(ident) else {
            return false;
        };
        self.thread.set(&*thread);
        self.threads.borrow_mut().push(thread);
        true
    }

    /// Makes `thread` the running one (it has the lock).
    pub fn switch_thread(&self, thread: *const Thread) {
        self.thread.set(thread);
        self.update_tracing();
    }

    /// Sets the breaker by whether the running thread is traced or profiled, or tools monitor.
    pub fn update_tracing(&self) {
        let wanted = self.is_observed();
        if wanted != (self.breaker.get() & Breaker::TRACE != 0) {
            if wanted {
                self.breaker.set(Breaker::TRACE);
            } else {
                self.breaker.clear(Breaker::TRACE);
            }
        }
    }

    /// Removes a thread that has ended.
    pub fn detach_thread(&self, thread: *const Thread) {
        self.threads
            .borrow_mut()
            .retain(|t| !std::ptr::eq(&**t, thread));
    }

    /// RecursionError if the native stack is nearly used up: to be called by
    /// native code that recurses or calls Python code.
    #[inline]
    pub fn check_native_stack(&self) -> super::Result<()> {
        if self.thread().native_room() {
            Ok(())
        } else {
            Err(self.native_stack_overflow())
        }
    }

    #[cold]
    fn native_stack_overflow(&self) -> super::Raised {
        self.raise_str(
            self.exceptions_recursion(),
            "maximum recursion depth exceeded",
        )
    }
}
