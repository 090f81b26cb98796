//! The lock of an interpreter: whoever holds it runs Python code.
//!
//! A thread gives it up around calls that may block ([`Vm::allow_threads`]) and,
//! asked by a waiting thread, at a safepoint. Before it does, its registers are
//! written to its stack and the stack's end noted, so that a collection by
//! another thread finds everything that it holds.

use super::{Breaker, Thread, Vm};
use crate::heap::with_spilled_registers;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

/// How long a thread waits before it asks the holder to let go.
const SWITCH_INTERVAL: Duration = Duration::from_millis(5);

/// See the module's description.
#[derive(Default)]
pub struct InterpreterLock {
    held: Mutex<bool>,
    freed: Condvar,
    waiting: AtomicU32,
}

impl InterpreterLock {
    /// Waits for the lock. `breaker` is set while the holder should let go.
    pub fn acquire(&self, breaker: &Breaker) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        self.waiting.fetch_add(1, Ordering::Relaxed);
        while *held {
            let (guard, timeout) = self
                .freed
                .wait_timeout(held, SWITCH_INTERVAL)
                .unwrap_or_else(PoisonError::into_inner);
            held = guard;
            if timeout.timed_out() && *held {
                breaker.set(Breaker::DROP_LOCK);
            }
        }
        *held = true;
        if self.waiting.fetch_sub(1, Ordering::Relaxed) == 1 {
            breaker.clear(Breaker::DROP_LOCK);
        }
    }

    /// Lets go.
    pub fn release(&self) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        *held = false;
        // Whoever waits has said so before it let go of `held`. Waking nobody is a system call, too.
        let is_wanted = self.is_wanted();
        drop(held);
        if is_wanted {
            self.freed.notify_one();
        }
    }

    /// Whether other threads wait.
    pub fn is_wanted(&self) -> bool {
        self.waiting.load(Ordering::Relaxed) > 0
    }
}

impl Vm {
    /// Runs `f`, which may block and must not touch Python objects, without the lock.
    pub fn allow_threads<R>(&self, f: impl FnOnce() -> R) -> R {
        let thread: *const Thread = self.thread();
        let mut f = Some(f);
        let mut result = None;
        with_spilled_registers(&mut |sp| {
            self.thread().save_sp_at(sp);
            self.lock.release();
            if let Some(f) = f.take() {
                result = Some(f());
            }
            // `errno` is to survive waiting for the lock.
            let errno = std::io::Error::last_os_error().raw_os_error();
            self.lock.acquire(&self.breaker);
            self.switch_thread(thread);
            if let Some(errno) = errno {
                set_errno(errno);
            }
        });
        match result {
            Some(r) => r,
            None => unreachable!("the closure runs once"),
        }
    }

    /// At a safepoint: lets a waiting thread run.
    pub fn yield_lock(&self) {
        self.breaker.clear(Breaker::DROP_LOCK);
        if self.lock.is_wanted() {
            self.allow_threads(std::thread::yield_now);
        }
    }
}

fn set_errno(errno: i32) {
    // SAFETY: the location is the calling thread's own.
    unsafe { *libc::__errno_location() = errno };
}
