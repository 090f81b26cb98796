//! From tree to tree: what runs after an exit without the interpreter.
//!
//! A guard that fails often in a large tree has a side trace, which starts with the frames
//! in memory and ends where they are again: at the loop's header, at a join of several
//! ways through the loop's body, or at a jump to another loop. From there the next tree
//! is entered at once.

use super::{Enter, Entry, Jit, Origin, Recording, SIDE_COST};
use crate::backend::{Compiled, exits};
use crate::exit;
use crate::ir::{Home, Ref};
use crate::record::{Recorder, side::Left};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;
use taipan_bytecode::opcode::Op as Bytecode;
use taipan_runtime::types::frame::Frame;
use taipan_runtime::{Value, Vm};

/// States on entry that did not fit, after which it is looked at how many did.
const MAX_MISFITS: u32 = 200;

/// What is known of a place where several side traces of a tree end.
#[derive(Clone, Copy, Debug)]
pub(super) enum Join {
    /// How often it was reached.
    Count(u32),
    /// The trace that goes on from there.
    Tree(usize),
    /// There will be none, or it is being compiled.
    Never,
}

/// What follows when compiled code was left with the frames complete.
enum Next {
    /// The interpreter goes on.
    None,
    /// A side trace could begin here.
    Record,
    Tree(Rc<Entry>, usize),
}

impl Jit {
    /// Runs a tree and what it leads to: side traces of its guards, and the trees of other
    /// loops of the root frame. `base` is where the frames beyond the root's begin.
    ///
    /// # Safety
    /// As for [`Jit::enter`], or the tree is a side trace and was reached by its guard.
    pub(super) unsafe fn run(
        &self,
        vm: &Vm,
        frame: *mut Frame,
        base: *mut Option<Value>,
        mut entry: Rc<Entry>,
        mut index: usize,
    ) -> Enter {
        let thread = vm.thread();
        let Some(doorway) = &self.doorway else {
            return Enter::Nothing;
        };
        let mut untouched = Enter::Nothing;
        loop {
            let mut compiled = entry.compiled.borrow().clone();
            entry.entered.set(entry.entered.get() + 1);
            let since = entry.watch.get().map(|_| Instant::now());
            // SAFETY: by contract.
            let (version, id) = unsafe { doorway.enter(&compiled, frame, thread, base) };
            if let (Some(since), Some(mut watch)) = (since, entry.watch.get()) {
                watch.stayed += since.elapsed();
                entry.watch.set(Some(watch));
            }
            if version != compiled.version {
                // It went on in other trees.
                let Some((at, other)) = self.versions.borrow().get(&version).cloned() else {
                    // At the header of a loop that has no code.
                    return Enter::Reload;
                };
                entry = self.trees.borrow()[at].clone();
                (index, compiled) = (at, other);
                untouched = Enter::Reload;
            }
            match id {
                exits::ENTRY => {
                    // SAFETY: the code was left because of it just now.
                    let rebuilt = unsafe { self.misfit(vm, &entry, index, frame, base) };
                    return if rebuilt { Enter::Reload } else { untouched };
                }
                exits::RAISED => return Enter::Raise,
                exits::RETURNED => {
                    // SAFETY: compiled code returns words of values.
                    return Enter::Return(unsafe {
                        Value::from_bits(exit::buffer(thread)[0].replace(0))
                    });
                }
                exits::LEFT => match self.next_tree(vm, frame, &entry) {
                    Next::Tree(next, at) => (entry, index) = (next, at),
                    // SAFETY: the root frame is the innermost one.
                    Next::Record if unsafe { self.record_join(vm, &entry, index, frame) } => {
                        return Enter::Record;
                    }
                    _ => return Enter::Reload,
                },
                _ => {
                    let exit = compiled.exits.get(&id);
                    let side = exit.and_then(|e| self.side_of(&entry, &compiled, id, e));
                    if side.as_ref().is_some_and(|(next, _)| next.takes_buffer) {
                        (entry, index) = side.unwrap_or((entry, index));
                        exit::set_left_by(vm, compiled.version, id);
                        untouched = Enter::Reload;
                        continue;
                    }
                    if let Some(exit) = exit {
                        // SAFETY: the code left by `id` just now.
                        unsafe { exit::rebuild(vm, &compiled.tree, id, exit, frame, base) };
                    }
                    if let Some((next, at)) = side {
                        (entry, index) = (next, at);
                    } else if id < exits::SEGMENT
                        // SAFETY: the frames were just rebuilt from the guard's snapshot.
                        && unsafe { self.grow(vm, &entry, index, &compiled, id, frame) }
                    {
                        return Enter::Record;
                    } else {
                        return Enter::Reload;
                    }
                }
            }
            untouched = Enter::Reload;
        }
    }

    /// The state on entry did not fit. Whether a side trace should have taken what an exit left in the
    /// buffer: the frames are rebuilt then.
    ///
    /// # Safety
    /// It was entered from the frame `frame` or in its place, and nothing was done since.
    pub(super) unsafe fn misfit(
        &self,
        vm: &Vm,
        entry: &Rc<Entry>,
        index: usize,
        frame: *mut Frame,
        base: *mut Option<Value>,
    ) -> bool {
        entry.misfits.set(entry.misfits.get() + 1);
        if entry.misfits.get() > MAX_MISFITS {
            if entry.takes_buffer && !entry.is_counted.get() {
                // How often it was entered by compiled code is not known.
                entry.is_counted.set(true);
                entry.entered.set(3 * u64::from(MAX_MISFITS));
                self.close_crossing(entry);
            } else if u64::from(entry.misfits.get()) * 2 > entry.entered.get() {
                self.give_up(entry, index);
            }
        }
        if !entry.takes_buffer {
            return false;
        }
        let (version, id) = exit::left_by(vm);
        let from = self.versions.borrow().get(&version).cloned();
        if let Some((_, compiled)) = from
            && let Some(exit) = compiled.exits.get(&id)
        {
            // SAFETY: that code left by `id`, and nothing has touched the buffer since.
            unsafe { exit::rebuild(vm, &compiled.tree, id, exit, frame, base) };
        }
        true
    }

    /// The exit at which a side trace begins no longer jumps there, until the driver says so again.
    pub(super) fn close_crossing(&self, side: &Entry) {
        let Some((parent, id)) = side.begins_at else {
            return;
        };
        let compiled = self.trees.borrow()[parent].compiled.borrow().clone();
        if let Some(code) = compiled.sides.get(id as usize) {
            code.store(0, Ordering::Release);
        }
        if let Some(exit) = compiled.exits.get(&id) {
            exit.side.set(exit::Exit::UNKNOWN);
        }
    }

    /// The loop that an entry's side traces lead back to.
    pub(super) fn home_of(&self, entry: &Entry) -> Option<Home> {
        let home = self.trees.borrow()[entry.home].clone();
        if home.dead.get() {
            return None;
        }
        let tree = home.tree.borrow();
        let params = tree.params.iter().map(|(slot, r)| (*slot, tree.ty(*r)));
        Some(Home {
            door: tree.door.clone()?,
            params: params.collect(),
        })
    }

    /// An exit by a guard of a tree's present code.
    pub(super) fn left<'a>(
        &self,
        entry: &Entry,
        compiled: &'a Compiled,
        live: &'a [bool],
        id: u64,
    ) -> Option<Left<'a>> {
        let is_present = Arc::ptr_eq(&entry.tree.borrow(), &compiled.tree);
        Some(Left {
            tree: &compiled.tree,
            live,
            guard: Ref(id as u32),
            exit: compiled.exits.get(&id).filter(|_| is_present)?,
        })
    }

    /// The side trace of an exit by guard `id`, if there is one.
    #[inline]
    pub(super) fn side_of(
        &self,
        entry: &Entry,
        compiled: &Compiled,
        id: u64,
        exit: &exit::Exit,
    ) -> Option<(Rc<Entry>, usize)> {
        if exit.side.get() == exit::Exit::UNKNOWN {
            let side = self.fitting_side(entry, compiled, id);
            exit.side
                .set(side.map_or(exit::Exit::NO_SIDE, |i| i as u32));
            if let Some(index) = side {
                let next = &self.trees.borrow()[index];
                if next.takes_buffer && !next.is_counted.get() && !next.dead.get() {
                    let code = next.compiled.borrow().entry;
                    compiled.sides[id as usize].store(code, Ordering::Release);
                }
            }
        }
        let index = match exit.side.get() {
            exit::Exit::NO_SIDE => return None,
            index => index as usize,
        };
        let next = self.trees.borrow()[index].clone();
        (!next.dead.get()).then_some((next, index))
    }

    /// As [`Jit::side_of`], the first time: one that was recorded for an exit of an earlier
    /// version of the tree, which left other values, is forgotten.
    fn fitting_side(&self, entry: &Entry, compiled: &Compiled, id: u64) -> Option<usize> {
        let index = entry.sides.borrow().get(&id).copied()?;
        let side = self.trees.borrow()[index].clone();
        let live = entry.live.borrow().clone();
        let left = self.left(entry, compiled, &live, id)?;
        let tree = side.tree.borrow();
        let start = tree.side.as_ref().and_then(|s| s.start.as_ref());
        let fits = start.is_none_or(|start| left.start().is_some_and(|now| now.fits(start)));
        if !fits {
            entry.sides.borrow_mut().remove(&id);
            entry.exits.borrow_mut().insert(id, 0);
        }
        fits.then_some(index)
    }

    /// The tree in which the root frame, left in the interpreter's hands by `entry`, goes
    /// on at once: it stands at the header where a side trace came from, at a join, or at
    /// a jump to a loop with a tree. Such a jump is taken.
    fn next_tree(&self, vm: &Vm, frame: *mut Frame, entry: &Entry) -> Next {
        if vm.thread().frame.get() != frame || vm.breaker.get() != 0 {
            return Next::None;
        }
        // SAFETY: the innermost activation, complete.
        let f = unsafe { &*frame };
        let at = f.ip.get();
        // SAFETY: an instruction of its code and, of a jump, the cache behind it.
        let word = unsafe { (*at).get() };
        let place = f.instruction() as usize;
        let (index, ip) = if place == entry.header {
            (entry.home, at)
        } else if word as u8 == Bytecode::ENTER_TRACE as u8 {
            // SAFETY: as above.
            let index = unsafe { (*at.add(1)).get() };
            // SAFETY: the compiler's jumps are within the code.
            (index as usize, unsafe {
                at.add(2).sub((word >> 8) as usize)
            })
        } else if entry.is_side {
            let key = (f.code.as_ptr() as usize, place, entry.home);
            let mut joins = self.joins.borrow_mut();
            match joins.entry(key).or_insert(Join::Count(0)) {
                Join::Tree(index) => (*index, at),
                Join::Never => return Next::None,
                Join::Count(count) => {
                    *count += 1;
                    let threshold = self.params.borrow().bridge_threshold;
                    return if *count > threshold {
                        Next::Record
                    } else {
                        Next::None
                    };
                }
            }
        } else {
            return Next::None;
        };
        let next = self.trees.borrow()[index].clone();
        if next.dead.get() || next.is_function() || f.function.globals() != next.globals {
            return Next::None;
        }
        f.ip.set(ip);
        Next::Tree(next, index)
    }

    pub(super) fn set_join(&self, parent: usize, ip: usize, join: Join) {
        let (home, code) = {
            let entry = &self.trees.borrow()[parent];
            (entry.home, entry.code.as_ptr() as usize)
        };
        self.joins.borrow_mut().insert((code, ip, home), join);
    }

    /// Begins to record the side trace from a join on, where the root frame stands.
    ///
    /// # Safety
    /// `frame` is the innermost activation.
    unsafe fn record_join(&self, vm: &Vm, entry: &Entry, index: usize, frame: *mut Frame) -> bool {
        self.poll(vm);
        if self.is_recording() || !self.affordable(SIDE_COST) {
            return false;
        }
        // SAFETY: by contract.
        let ip = unsafe { (*frame).instruction() } as usize;
        self.set_join(index, ip, Join::Never);
        self.stats.borrow_mut().recordings += 1;
        *self.recording.borrow_mut() = Some(Recording {
            // SAFETY: by contract.
            recorder: unsafe { Recorder::join(vm, frame, entry.header, self.home_of(entry)) },
            root: frame,
            origin: Origin::Join(index, ip),
            code: entry.code,
            header: entry.header,
            site: 0,
        });
        true
    }
}
