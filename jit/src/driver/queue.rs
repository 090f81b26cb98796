//! The helper thread that compiles while the main thread goes on interpreting.
//!
//! A tree is plain data and travels there as a whole; what it refers to on the heap
//! is kept alive and does not move. Finished code waits in a channel until the main
//! thread looks ([`Queue::take`]), at a backward jump or when it leaves compiled code.

use crate::backend::{self, Compiled};
use crate::ir::Tree;
use cranelift_codegen::isa::OwnedTargetIsa;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

/// Native stack of the helper thread: bridges upon bridges are lowered recursively.
const STACK: usize = 32 << 20;

/// A tree to compile.
pub struct Job {
    pub id: u64,
    pub tree: Arc<Tree>,
    pub live: Arc<Vec<bool>>,
    /// Address of the machine.
    pub vm: usize,
    /// Whether the machine code is to be had as text.
    pub wants_listing: bool,
}

/// What came of a job.
pub struct Finished {
    pub id: u64,
    pub result: Result<Compiled, String>,
    pub took: Duration,
}

// SAFETY: machine code is memory that nobody writes; it is unmapped by its only owner.
unsafe impl Send for backend::memory::Code {}

/// The processor time that this thread has used: how busy the machine is has no part in it.
fn thread_time() -> Duration {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: the system fills in the time.
    if unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time) } != 0 {
        return Duration::ZERO;
    }
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// Compiles one job.
pub fn compile(isa: &OwnedTargetIsa, job: &Job) -> Finished {
    let started = thread_time();
    let result = backend::compile(isa, &job.tree, &job.live, job.vm, job.id, job.wants_listing);
    Finished {
        id: job.id,
        result,
        took: thread_time().saturating_sub(started),
    }
}

/// The way to the helper thread and back.
pub struct Queue {
    jobs: Sender<Job>,
    finished: Receiver<Finished>,
    ready: Arc<AtomicUsize>,
    /// The process that the thread belongs to: a fork leaves it behind.
    process: u32,
}

/// Signals interrupt what a thread of Python's waits for; those that report faults stay.
fn leave_signals_to_others() {
    // SAFETY: plain calls on a set of this function.
    unsafe {
        let mut signals = std::mem::zeroed();
        libc::sigfillset(&mut signals);
        for fault in [
            libc::SIGSEGV,
            libc::SIGBUS,
            libc::SIGFPE,
            libc::SIGILL,
            libc::SIGABRT,
        ] {
            libc::sigdelset(&mut signals, fault);
        }
        libc::pthread_sigmask(libc::SIG_BLOCK, &signals, std::ptr::null_mut());
    }
}

impl Queue {
    /// Starts the thread; none if the system refuses.
    pub fn start(isa: OwnedTargetIsa) -> Option<Queue> {
        let (jobs, incoming) = channel::<Job>();
        let (outgoing, finished) = channel();
        let ready = Arc::new(AtomicUsize::new(0));
        let counter = ready.clone();
        std::thread::Builder::new()
            .name("taipan-jit".into())
            .stack_size(STACK)
            .spawn(move || {
                leave_signals_to_others();
                for job in incoming {
                    let done = compile(&isa, &job);
                    if outgoing.send(done).is_err() {
                        return;
                    }
                    counter.fetch_add(1, Ordering::Release);
                }
            })
            .ok()?;
        Some(Queue {
            jobs,
            finished,
            ready,
            process: std::process::id(),
        })
    }

    /// Whether the thread is still there.
    pub fn is_alive(&self) -> bool {
        self.process == std::process::id()
    }

    /// Hands over a job.
    pub fn submit(&self, job: Job) -> bool {
        self.jobs.send(job).is_ok()
    }

    /// A finished job, if there is one.
    #[inline]
    pub fn take(&self) -> Option<Finished> {
        if self.ready.load(Ordering::Acquire) == 0 {
            return None;
        }
        let done = self.finished.try_recv().ok()?;
        self.ready.fetch_sub(1, Ordering::Relaxed);
        Some(done)
    }
}
