//! Where memory was allocated: what `tracemalloc` shows.
//!
//! While traces are wanted, the allocator's fast path finds no room (the region's limit is kept
//! at its cursor), so that each allocation comes by the slow one and is noted here. Compiled
//! code gives way meanwhile (`Breaker::INTERPRET`). While they are not wanted, nothing of this
//! costs anything.
//!
//! A trace belongs to an object by its address, and collections drop those of the dead. What an
//! object owns outside the heap counts with it. Sizes are those asked for, before rounding.

use super::{Gc, Marker, RootSource};
use crate::types::code::CodeObject;
use crate::value::Value;
use rustc_hash::{FxHashMap, FxHashSet};
use smallvec::SmallVec;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// A place in a program.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Site {
    /// Index of the file's name, see [`Traces::file`].
    pub file: u32,
    /// Zero if unknown.
    pub line: u32,
}

/// The innermost activations at an allocation, innermost first; shared by what was allocated
/// at the same place.
pub type Frames = Rc<[Site]>;

/// One allocation.
#[derive(Clone)]
pub struct Trace {
    /// In bytes.
    pub size: usize,
    pub frames: Frames,
    /// How many activations there were, which may be more than `frames` has.
    pub depth: usize,
}

/// The traces of one heap.
pub struct Traces {
    wanted: Cell<bool>,
    /// Frames of a trace at most.
    limit: Cell<usize>,
    table: RefCell<Table>,
}

impl Default for Traces {
    fn default() -> Traces {
        Traces {
            wanted: Cell::new(false),
            limit: Cell::new(1),
            table: RefCell::default(),
        }
    }
}

#[derive(Default)]
struct Table {
    /// By the object's address.
    traces: FxHashMap<usize, Trace>,
    /// Addresses noted since the last collection.
    young: Vec<usize>,
    /// Each sequence of frames that a trace has, once.
    frames: FxHashSet<Frames>,
    /// Names of files; the first is that of no file.
    names: Vec<Value>,
    by_name: FxHashMap<Value, u32>,
    /// Sites by code and instruction: finding a line takes long. Emptied by collections, in
    /// which code may die.
    sites: FxHashMap<(usize, u32), Site>,
    current: usize,
    peak: usize,
}

impl Table {
    fn site(&mut self, code: Gc<CodeObject>, instruction: u32) -> Site {
        let key = (code.as_ptr() as usize, instruction);
        if let Some(site) = self.sites.get(&key) {
            return *site;
        }
        let name = code.filename.get().value();
        let names = &mut self.names;
        let file = *self.by_name.entry(name).or_insert_with(|| {
            names.push(name);
            names.len() as u32 - 1
        });
        let line = code.line_of(instruction).unwrap_or(0);
        let site = Site { file, line };
        self.sites.insert(key, site);
        site
    }

    fn grow(&mut self, bytes: usize) {
        self.current += bytes;
        self.peak = self.peak.max(self.current);
    }

    fn remove(&mut self, address: usize) {
        if let Some(trace) = self.traces.remove(&address) {
            self.current -= trace.size;
        }
    }

    fn clear(&mut self) {
        let names = std::mem::take(&mut self.names);
        *self = Table {
            names: names.into_iter().take(1).collect(),
            ..Table::default()
        };
    }
}

impl Traces {
    /// Whether allocations are to be noted.
    #[inline(always)]
    pub fn are_wanted(&self) -> bool {
        self.wanted.get()
    }

    /// How many frames a trace has at most.
    pub fn limit(&self) -> usize {
        self.limit.get()
    }

    pub(super) fn start(&self, limit: usize, unknown: Value) {
        self.limit.set(limit);
        self.table.borrow_mut().names = vec![unknown];
        self.wanted.set(true);
    }

    /// Whether allocations were to be noted.
    pub(super) fn want(&self, wanted: bool) -> bool {
        self.wanted.replace(wanted)
    }

    pub(super) fn stop(&self) {
        self.wanted.set(false);
        *self.table.borrow_mut() = Table::default();
    }

    /// Forgets all traces, and goes on.
    pub fn clear(&self) {
        self.table.borrow_mut().clear();
    }

    /// Bytes that are traced, and the most that ever were.
    pub fn sizes(&self) -> (usize, usize) {
        let table = self.table.borrow();
        (table.current, table.peak)
    }

    /// Makes the peak what is traced now.
    pub fn reset_peak(&self) {
        let mut table = self.table.borrow_mut();
        table.peak = table.current;
    }

    /// Bytes that this takes itself, about.
    pub fn own_size(&self) -> usize {
        let table = self.table.borrow();
        let frames: usize = table.frames.iter().map(|f| size_of_val(&**f) + 16).sum();
        table.traces.capacity() * (size_of::<(usize, Trace)>() + 1)
            + table.young.capacity() * size_of::<usize>()
            + table.frames.capacity() * (size_of::<Frames>() + 1)
            + table.sites.capacity() * (size_of::<((usize, u32), Site)>() + 1)
            + frames
    }

    /// All traces, in no order.
    pub fn all(&self) -> Vec<Trace> {
        self.table.borrow().traces.values().cloned().collect()
    }

    /// The trace of an object.
    pub fn of(&self, v: Value) -> Option<Trace> {
        let address = v.header()? as *const super::Header as usize;
        self.table.borrow().traces.get(&address).cloned()
    }

    /// The name of a file, as long as there are traces.
    pub fn file(&self, index: u32) -> Option<Value> {
        self.table.borrow().names.get(index as usize).copied()
    }

    /// Notes an allocation by what runs now.
    pub(super) fn note(&self, address: usize, size: usize, roots: &dyn RootSource) {
        let table = &mut *self.table.borrow_mut();
        let mut sites: SmallVec<[Site; 16]> = SmallVec::new();
        let mut depth = 0;
        roots.visit_frames(&mut |code, instruction| {
            depth += 1;
            if depth <= self.limit.get() {
                sites.push(table.site(code, instruction));
            }
        });
        if depth == 0 {
            sites.push(Site { file: 0, line: 0 });
            depth = 1;
        }
        let frames = match table.frames.get(&*sites) {
            Some(frames) => frames.clone(),
            None => {
                let frames: Frames = sites.as_slice().into();
                table.frames.insert(frames.clone());
                frames
            }
        };
        table.remove(address);
        table.grow(size);
        table.young.push(address);
        table.traces.insert(
            address,
            Trace {
                size,
                frames,
                depth,
            },
        );
    }

    /// An object owns `after` bytes instead of `before`; whether it has a trace.
    pub(super) fn resize(&self, address: usize, before: usize, after: usize) -> bool {
        let table = &mut *self.table.borrow_mut();
        let Some(trace) = table.traces.get_mut(&address) else {
            return false;
        };
        // What it owned before may be from a time without traces.
        let smaller = trace.size.min(before);
        trace.size = trace.size - smaller + after;
        table.current -= smaller;
        table.grow(after);
        true
    }

    /// The last object allocated takes `size` bytes only; for zero there is none.
    pub(super) fn shorten(&self, address: usize, size: usize) {
        let table = &mut *self.table.borrow_mut();
        if size == 0 {
            table.remove(address);
        } else if let Some(trace) = table.traces.get_mut(&address) {
            table.current -= trace.size - size.min(trace.size);
            trace.size = size.min(trace.size);
        }
    }

    pub(super) fn mark(&self, marker: &mut Marker<'_>) {
        for name in &self.table.borrow().names {
            marker.value(*name);
        }
    }

    /// Forgets traces of what a collection found dead.
    pub(super) fn drop_dead(&self, marker: &Marker<'_>, major: bool) {
        let table = &mut *self.table.borrow_mut();
        table.sites.clear();
        let is_alive = |address: usize| marker.is_marked(Value::object(address as *const _));
        let young = std::mem::take(&mut table.young);
        if major {
            let mut freed = 0;
            table.traces.retain(|address, trace| {
                let alive = is_alive(*address);
                if !alive {
                    freed += trace.size;
                }
                alive
            });
            table.current -= freed;
            return;
        }
        for address in young {
            if !is_alive(address) {
                table.remove(address);
            }
        }
    }
}
