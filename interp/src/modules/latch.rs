//! What threads wait on: a flag that one of them sets and any may clear.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use taipan_runtime::vm::Breaker;
use taipan_runtime::{Result, Value, Vm};

/// What blocks: a flag under a mutex.
#[derive(Default)]
pub struct Latch {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    locked: bool,
    /// Threads that wait: with none, unlocking asks nothing of the system.
    waiting: usize,
}

impl Latch {
    /// Waits until it can be locked; whether it was. The main thread runs the handlers
    /// of signals that arrive meanwhile.
    ///
    /// # Errors
    /// What a signal handler raises.
    pub fn lock(&self, vm: &Vm, wait: Wait) -> Result<bool> {
        {
            let mut state = self.state();
            if !state.locked {
                state.locked = true;
                return Ok(true);
            }
        }
        let deadline = match wait {
            Wait::No => return Ok(false),
            Wait::Until(t) => Some(t),
            Wait::Forever => None,
        };
        let main = taipan_modules::signal::is_main(vm);
        loop {
            let outcome = vm.allow_threads(|| self.wait(deadline, main));
            if main && vm.breaker.get() & Breaker::SIGNAL != 0 {
                if outcome == Some(true) {
                    // The caller would not know that it holds it.
                    return crate::signals::handle_pending(vm)
                        .inspect_err(|_| {
                            self.unlock();
                        })
                        .map(|()| true);
                }
                crate::signals::handle_pending(vm)?;
            }
            if let Some(locked) = outcome {
                return Ok(locked);
            }
        }
    }

    /// Waits without the interpreter's lock: whether it was locked, or `None` when a
    /// thread that handles signals should look for them.
    fn wait(&self, deadline: Option<Instant>, handles_signals: bool) -> Option<bool> {
        const LOOK: Duration = Duration::from_millis(20);
        let mut state = self.state();
        state.waiting += 1;
        let mut looked = false;
        let outcome = loop {
            if !state.locked {
                state.locked = true;
                break Some(true);
            }
            if looked {
                break None;
            }
            let left = match deadline {
                None => Duration::MAX,
                Some(t) => match t.checked_duration_since(Instant::now()) {
                    None => break Some(false),
                    Some(left) => left,
                },
            };
            looked = handles_signals && left > LOOK;
            let step = if looked { LOOK } else { left };
            state = if step == Duration::MAX {
                self.changed
                    .wait(state)
                    .unwrap_or_else(PoisonError::into_inner)
            } else {
                let (guard, timeout) = self
                    .changed
                    .wait_timeout(state, step)
                    .unwrap_or_else(PoisonError::into_inner);
                looked &= timeout.timed_out();
                guard
            };
        };
        state.waiting -= 1;
        outcome
    }

    /// Unlocks it; whether it was locked.
    pub fn unlock(&self) -> bool {
        let mut state = self.state();
        if state.waiting != 0 {
            self.changed.notify_one();
        }
        std::mem::replace(&mut state.locked, false)
    }

    /// Locks it whether or not it is locked.
    pub fn set(&self) {
        self.state().locked = true;
    }

    /// Whether it is locked.
    pub fn is_locked(&self) -> bool {
        self.state().locked
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How long to wait.
#[derive(Clone, Copy)]
pub enum Wait {
    No,
    Until(Instant),
    Forever,
}

/// What the arguments `blocking` and `timeout` of `acquire` ask for.
///
/// # Errors
/// ValueError and OverflowError for timeouts that make no sense.
pub fn wait_of(vm: &Vm, blocking: Value, timeout: Value) -> Result<Wait> {
    let blocking = blocking.given().map_or(Ok(true), |b| vm.truth(b))?;
    let seconds = timeout.given().map_or(Ok(-1.0), |t| vm.to_float(t))?;
    if !blocking && seconds != -1.0 {
        return Err(vm.value_error("can't specify a timeout for a non-blocking call"));
    }
    if seconds < 0.0 && seconds != -1.0 {
        return Err(vm.value_error("timeout value must be a non-negative number"));
    }
    if seconds > 9_223_372_036.0 {
        return Err(vm.overflow_error("timeout value is too large"));
    }
    Ok(match (blocking, seconds) {
        (false, _) => Wait::No,
        (true, s) if s < 0.0 => Wait::Forever,
        (true, s) => Wait::Until(Instant::now() + Duration::from_secs_f64(s)),
    })
}
