//! Trees that are of no use any more: they fit no caller, or what they were made for is outdated.

use super::functions::NO_HEADER;
use super::{Entry, Jit};
use crate::ir::{Class, Mem, Op, Ref, Tree};
use std::ops::Range;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// How often a loop is recorded anew because of changed versions. Afterwards its tree gets bridges.
const MAX_RETIRED: u32 = 3;

/// Exits by a guard that gets no bridge, after which it is looked at what the tree does.
const MANY_EXITS: u32 = 6000;
/// Exits that are looked at.
const WATCHED_EXITS: u64 = 1000;
/// What a loop's tree does in a shorter time the interpreter does as fast as it can go on after
/// the exit.
const LEAST_STAY: Duration = Duration::from_nanos(250);

/// What a tree did since so many exits.
#[derive(Clone, Copy)]
pub(super) struct Watch {
    exits: u64,
    /// How often it had been entered before.
    entered: u64,
    /// Of a loop's tree: how long it ran.
    pub stayed: Duration,
}

impl Jit {
    /// Whether a tree that was just left, by a guard whose failures grew to so many, is left almost at once
    /// whenever it is entered: what it was made for is no more, and what there is now finds no room
    /// in it.
    pub(super) fn is_useless(&self, entry: &Entry, failures: &Range<u32>) -> bool {
        if entry.is_side || self.params.borrow().unlimited {
            return false;
        }
        // What is being compiled may take the exits.
        if !self.waiting.borrow().is_empty() {
            entry.watch.set(None);
            return false;
        }
        let Some(mut watch) = entry.watch.get() else {
            if failures.start / MANY_EXITS != failures.end / MANY_EXITS {
                entry.watch.set(Some(Watch {
                    exits: 0,
                    entered: entry.entered.get(),
                    stayed: Duration::ZERO,
                }));
            }
            return false;
        };
        watch.exits += 1;
        entry.watch.set(Some(watch));
        if watch.exits < WATCHED_EXITS {
            return false;
        }
        entry.watch.set(None);
        let entered = entry.entered.get() - watch.entered;
        // Other code may enter it too, which is not counted.
        let is_seen = entered * 5 >= watch.exits * 4;
        if entry.is_function() {
            is_seen && entered * 4 <= watch.exits * 5
        } else {
            is_seen && watch.stayed.as_nanos() < LEAST_STAY.as_nanos() * u128::from(entered)
        }
    }

    /// As [`Jit::give_up`], counted among the failures of a function as well.
    pub(super) fn give_up_for_good(&self, entry: &Entry, index: usize) {
        self.log(|| format!("given up: {}, left at once", entry.code.qualname));
        self.give_up(entry, index);
        if entry.is_function() {
            let key = (entry.code.as_ptr() as usize, NO_HEADER);
            *self.failures.borrow_mut().entry(key).or_insert(0) += 1;
        }
    }

    /// Drops a loop's tree, which is to be recorded anew; false if that is not to be done again.
    pub(super) fn retire(&self, entry: &Entry, index: usize) -> bool {
        if entry.is_side || entry.is_function() {
            return false;
        }
        let key = (entry.code.as_ptr() as usize, entry.header);
        let mut retired = self.retired.borrow_mut();
        let times = retired.entry(key).or_insert(0);
        if *times >= MAX_RETIRED {
            return false;
        }
        *times += 1;
        self.bury(entry);
        Self::unmark(entry.code, index);
        self.by_header.borrow_mut().remove(&key);
        self.log(|| {
            let (name, line) = (
                &entry.code.qualname,
                entry.code.line_of(entry.header as u32),
            );
            format!("outdated: {name} (line {})", line.unwrap_or_default())
        });
        true
    }

    /// Nothing leads to the tree any more.
    fn bury(&self, entry: &Entry) {
        let was_dead = entry.dead.replace(true);
        entry.set_again(None);
        let tree = entry.tree.borrow();
        if let Some(door) = &tree.door {
            door.store(0, Ordering::Release);
        }
        // Functions that enter the loop find its next code in the same place, until then none.
        if let (Some(code), Some(doorway), false) = (&tree.loop_code, &self.doorway, was_dead) {
            code.entry.store(doorway.nothing(), Ordering::Release);
        }
        self.close_crossing(entry);
    }

    /// A tree that is of no use any more.
    pub(super) fn give_up(&self, entry: &Entry, index: usize) {
        self.bury(entry);
        if entry.is_side {
            return;
        }
        Self::unmark(entry.code, index);
        if entry.is_function() {
            let key = entry.code.as_ptr() as usize;
            self.by_function.borrow_mut().remove(&key);
            self.generic.borrow_mut().insert(key);
            return;
        }
        let key = (entry.code.as_ptr() as usize, entry.header);
        self.by_header.borrow_mut().remove(&key);
        *self.failures.borrow_mut().entry(key).or_insert(0) += 1;
    }
}

/// Whether a guard on a loop's own way found that a version has changed, which does not come back:
/// all iterations would leave by it, and nothing be hoisted out of what follows.
pub(super) fn is_outdated(tree: &Tree, guard: Ref) -> bool {
    let condition = tree.get(tree.get(guard).a);
    if tree.op(guard) != Op::GuardTrue || condition.op != Op::ICmp {
        return false;
    }
    let version = tree.get(condition.a);
    let m = Mem::from_aux(version.aux);
    version.op == Op::Load
        && m.size == 4
        && matches!(m.class, Class::Version | Class::Dict)
        && tree.segments[0].code.contains(&guard)
}
