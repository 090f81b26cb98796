//! The helper thread that compiles while the main thread goes on interpreting.
//!
//! A tree is plain data and travels there as a whole; what it refers to on the heap
//! is kept alive and does not move. Finished code waits in a channel until the main
//! thread looks ([`Queue::take`]), at a backward jump or when it leaves compiled code.
//!
//! What is new is compiled quickly, to slower code that counts the instructions it executes. What
//! runs often, and when the thread has nothing else to do also what runs less often, is compiled again with all of
//! Cranelift's optimisations; running loops leave their code for what has come of it at their next
//! backward jump ([`Breaker::BETTER_CODE`]).

use crate::backend::{self, Compiled};
use crate::ir::Tree;
use cranelift_codegen::isa::OwnedTargetIsa;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;
use taipan_runtime::Vm;
use taipan_runtime::vm::Breaker;

/// Native stack of the helper thread: bridges upon bridges are lowered recursively.
const STACK: usize = 32 << 20;

/// Instructions executed after which code that was compiled quickly is compiled again before what is new,
/// unless the parameters say otherwise.
const HOT: u32 = 2_500_000;
/// Of these, the share after which it is when there is nothing new.
const WARM: u32 = 6;
/// How often it is looked whether something has become so.
const LOOK: Duration = Duration::from_millis(1);
const LOOK_SELDOM: Duration = Duration::from_millis(20);

/// The second compilation of what is compiled quickly first.
#[derive(Clone, Debug)]
pub struct Again {
    pub id: u64,
    /// Whether the quick code is in use still.
    pub wanted: Arc<AtomicBool>,
    /// Where the quick code counts.
    pub runs: Arc<AtomicU32>,
}

/// A tree to compile.
#[derive(Clone)]
pub struct Job {
    pub id: u64,
    /// Of what is to be compiled quickly.
    pub again: Option<Again>,
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
    /// The quick compilation that it takes the place of.
    pub replaces: Option<u64>,
    pub result: Result<Compiled, String>,
    pub took: Duration,
    /// Address of the machine.
    vm: usize,
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
fn compile(isa: &OwnedTargetIsa, job: &Job) -> Finished {
    let started = thread_time();
    let runs = job.again.as_ref().map(|again| &again.runs);
    let result = backend::compile(
        isa,
        &job.tree,
        &job.live,
        job.vm,
        job.id,
        runs,
        job.wants_listing,
    );
    Finished {
        id: job.id,
        replaces: None,
        result,
        took: thread_time().saturating_sub(started),
        vm: job.vm,
    }
}

/// What the helper thread does next.
enum Task {
    New(Job),
    /// With the number of the quick compilation.
    Again(Job, u64),
}

/// The two ways to compile.
struct Targets {
    quick: OwnedTargetIsa,
    good: OwnedTargetIsa,
}

impl Targets {
    fn new(good: OwnedTargetIsa) -> Targets {
        let quick = backend::lower::target(true).unwrap_or_else(|| good.clone());
        Targets { quick, good }
    }

    /// What comes of a task, and the job that may follow it.
    fn run(&self, task: Task) -> (Finished, Option<Job>) {
        match task {
            Task::New(job) if job.again.is_some() => (compile(&self.quick, &job), Some(job)),
            Task::New(job) => (compile(&self.good, &job), None),
            Task::Again(job, replaces) => {
                let mut done = compile(&self.good, &job);
                done.replaces = Some(replaces);
                (done, None)
            }
        }
    }
}

/// What there is to do for the helper thread.
struct Tasks {
    /// Instructions after which something is hot.
    hot: u32,
    /// New jobs, the oldest first.
    new: VecDeque<Job>,
    /// What was compiled quickly.
    quick: Vec<Job>,
}

impl Tasks {
    fn new(again: Option<u32>) -> Tasks {
        Tasks {
            hot: again.unwrap_or(HOT),
            new: VecDeque::new(),
            quick: Vec::new(),
        }
    }

    /// Waits for something to do; none if the main thread is gone. After `was_again` new jobs come first.
    fn next(&mut self, incoming: &Receiver<Job>, was_again: bool) -> Option<Task> {
        let mut look = LOOK;
        loop {
            self.new.extend(incoming.try_iter());
            if (!was_again || self.new.is_empty())
                && let Some(task) = self.take_quick(self.hot)
            {
                return Some(task);
            }
            if let Some(job) = self.new.pop_front() {
                return Some(Task::New(job));
            }
            if let Some(task) = self.take_quick(self.hot / WARM) {
                return Some(task);
            }
            if self.quick.is_empty() {
                return incoming.recv().ok().map(Task::New);
            }
            match incoming.recv_timeout(look) {
                Ok(job) => self.new.push_back(job),
                Err(RecvTimeoutError::Disconnected) => return None,
                Err(RecvTimeoutError::Timeout) => look = (look * 2).min(LOOK_SELDOM),
            }
        }
    }

    /// What has run most often, if at least so often.
    fn take_quick(&mut self, runs: u32) -> Option<Task> {
        let wanted = |job: &Job| {
            let again = job.again.as_ref();
            again.is_some_and(|again| again.wanted.load(Ordering::Relaxed))
        };
        self.quick.retain(wanted);
        let runs_of = |job: &Job| {
            let again = job.again.as_ref();
            again.map_or(0, |again| again.runs.load(Ordering::Relaxed))
        };
        let (at, most) = (self.quick.iter().map(runs_of).enumerate()).max_by_key(|(_, n)| *n)?;
        if most < runs {
            return None;
        }
        let mut job = self.quick.swap_remove(at);
        let again = job.again.take()?;
        let replaces = std::mem::replace(&mut job.id, again.id);
        Some(Task::Again(job, replaces))
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

impl Queue {
    /// Starts the thread; none if the system refuses.
    ///
    /// # Safety
    /// The machine that jobs name lives as long as the process.
    pub unsafe fn start(isa: OwnedTargetIsa, again: Option<u32>) -> Option<Queue> {
        let (jobs, incoming) = channel::<Job>();
        let (outgoing, finished) = channel();
        let ready = Arc::new(AtomicUsize::new(0));
        let counter = ready.clone();
        std::thread::Builder::new()
            .name("taipan-jit".into())
            .stack_size(STACK)
            .spawn(move || {
                // They interrupt what a thread of Python's waits for.
                taipan_runtime::signals::hold_back();
                let targets = Targets::new(isa);
                let (mut tasks, mut was_again) = (Tasks::new(again), false);
                while let Some(task) = tasks.next(&incoming, was_again) {
                    was_again = matches!(task, Task::Again(..));
                    let (done, again) = targets.run(task);
                    let vm = done.vm;
                    if outgoing.send(done).is_err() {
                        return;
                    }
                    counter.fetch_add(1, Ordering::Release);
                    tasks.quick.extend(again);
                    if was_again {
                        // SAFETY: by contract.
                        let vm = unsafe { &*(vm as *const Vm) };
                        vm.breaker.set(Breaker::BETTER_CODE);
                    }
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

/// Compiles where the program runs, and keeps to itself what is to be compiled again.
pub struct Here {
    targets: Targets,
    tasks: Tasks,
    finished: VecDeque<Finished>,
}

impl Here {
    pub fn new(isa: OwnedTargetIsa) -> Here {
        Here {
            targets: Targets::new(isa),
            tasks: Tasks::new(None),
            finished: VecDeque::new(),
        }
    }

    /// Compiles a new job.
    pub fn compile(&mut self, job: Job) -> Finished {
        let (done, again) = self.targets.run(Task::New(job));
        self.tasks.quick.extend(again);
        done
    }

    /// Compiles again what has executed so many instructions; whether there is anything to take.
    pub fn compile_again(&mut self, hot: u32) -> bool {
        while let Some(task) = self.tasks.take_quick(hot) {
            self.finished.push_back(self.targets.run(task).0);
        }
        !self.finished.is_empty()
    }

    /// Something compiled again, if there is any.
    pub fn take(&mut self) -> Option<Finished> {
        self.finished.pop_front()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(id: u64, again: Option<Again>) -> Job {
        Job {
            id,
            again,
            tree: Arc::default(),
            live: Arc::default(),
            vm: 0,
            wants_listing: false,
        }
    }

    fn quick(id: u64, runs: u32) -> Job {
        let again = Again {
            id: id + 100,
            wanted: Arc::new(AtomicBool::new(true)),
            runs: Arc::new(AtomicU32::new(runs)),
        };
        job(id, Some(again))
    }

    fn id_of(task: Option<Task>) -> Option<(u64, Option<u64>)> {
        task.map(|task| match task {
            Task::New(job) => (job.id, None),
            Task::Again(job, replaces) => (job.id, Some(replaces)),
        })
    }

    #[test]
    fn what_is_hot_comes_before_new_jobs_and_what_is_warm_after_them() {
        let (jobs, incoming) = channel();
        let mut tasks = Tasks {
            quick: vec![
                quick(1, HOT / WARM),
                quick(2, HOT),
                quick(3, HOT + 1),
                quick(4, 0),
            ],
            ..Tasks::new(None)
        };
        assert!(jobs.send(job(5, None)).is_ok() && jobs.send(job(6, None)).is_ok());
        let mut next = |was_again| id_of(tasks.next(&incoming, was_again));
        assert_eq!(next(false), Some((103, Some(3))));
        // One of each in turn.
        assert_eq!(next(true), Some((5, None)));
        assert_eq!(next(false), Some((102, Some(2))));
        assert_eq!(next(true), Some((6, None)));
        assert_eq!(next(false), Some((101, Some(1))));
        // The last one has not run; nobody is there who could send anything.
        drop(jobs);
        assert_eq!(next(true), None);
    }

    #[test]
    fn code_that_is_gone_is_not_compiled_again() {
        let (jobs, incoming) = channel();
        let mut tasks = Tasks {
            quick: vec![quick(1, HOT)],
            ..Tasks::new(None)
        };
        let again = tasks.quick[0].again.clone().expect("a second compilation");
        again.wanted.store(false, Ordering::Relaxed);
        assert!(jobs.send(job(2, None)).is_ok());
        assert_eq!(id_of(tasks.next(&incoming, false)), Some((2, None)));
        assert!(tasks.quick.is_empty());
    }
}
