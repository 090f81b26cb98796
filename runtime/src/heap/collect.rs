//! Collection: when, in which order, and what happens to the dead.
//!
//! A minor collection keeps the marks of the one before (sticky marks): marked
//! objects are old, and only what is reachable from roots and from old objects
//! stored into is visited. A major one starts a new mark epoch.
//!
//! Order within a collection: mark from the roots; clear weak references to
//! what stayed unmarked and queue their callbacks; queue unmarked objects with
//! finalisers, each once, and mark from them (PEP 442); drop the native parts
//! of the dead; sweep blocks.

use super::alloc::LEAST_HOLE;
use super::mark::Marker;
use super::space::{Block, FIRST_LINE, LARGE_OFFSET, LINES, set_bit};
use super::{GRANULE, Gc, Header, Heap, Kind};
use crate::object::Shape;
use crate::types::code::CodeObject;
use crate::types::weakref::WeakRef;
use crate::value::Value;
use rustc_hash::FxHashMap;
use std::cell::{Cell, RefCell};

/// Which part of the heap a collection covers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Generation {
    /// Objects allocated since the last collection.
    Young,
    /// Everything.
    All,
}

/// Whoever owns the heap and knows its roots.
pub trait RootSource {
    /// Reports every root, native stacks included; `stack_pointer` is the
    /// collecting thread's, with all registers spilled above it.
    fn trace_roots(&self, marker: &mut Marker<'_>, stack_pointer: usize);
    /// Called when finalisers or callbacks have been queued.
    fn finalization_pending(&self);
    /// Called when objects have passed the limit on the heap's size.
    fn memory_exhausted(&self);
    /// Called before (`false`) nothing is marked and after (`true`) all is, to
    /// let weak tables drop what died.
    fn after_mark(&self, marker: &Marker<'_>);
    /// Visits the activations of the running thread, innermost first: code and index of the
    /// instruction.
    fn visit_frames(&self, visit: &mut dyn FnMut(Gc<CodeObject>, u32));
}

/// What is to be run at the next safepoint.
pub enum Finalization {
    /// `__del__`, or the native equivalent, of this object.
    Finalize(Value),
    /// A weak reference's callback, with the reference.
    Callback { callback: Value, reference: Value },
}

/// Says which objects [`Heap::collect_cycles`] counts.
pub type Counted = fn(&Header) -> bool;

/// What the module `gc` remembers for Python code.
pub struct GcModule {
    /// `gc.get_threshold()`.
    pub thresholds: Cell<[i64; 3]>,
    /// `gc.get_debug()`.
    pub debug: Cell<i64>,
}

impl Default for GcModule {
    fn default() -> Self {
        GcModule {
            thresholds: Cell::new([2000, 10, 10]),
            debug: Cell::new(0),
        }
    }
}

/// Figures since the heap was made.
#[derive(Clone, Copy, Default, Debug)]
pub struct CollectionStats {
    pub minor: usize,
    pub major: usize,
    /// Minor ones since the last major one.
    pub minor_since_major: usize,
    /// Objects finalised or found dead with a native part.
    pub collected: usize,
    /// Bytes of marked objects after the last major collection.
    pub live_bytes: usize,
}

pub(super) struct Collector {
    roots: Cell<Option<&'static dyn RootSource>>,
    epoch: Cell<u8>,
    /// Sweeps so far.
    sweeps: Cell<u64>,
    /// Bytes of allocation that start the next collection.
    nursery: Cell<usize>,
    /// Bytes that the last two minor collections found alive.
    survived: Cell<[usize; 2]>,
    /// Bytes of old objects, and of what they own outside the heap, that make it a major one.
    major_at: Cell<usize>,
    old_bytes: Cell<usize>,
    /// Bytes of blocks in use after the last collection: old objects and the gaps between them.
    held_bytes: Cell<usize>,
    /// Collections since the first compiled code.
    since_compiled: Cell<Option<u32>>,
    least_growth: Cell<usize>,
    /// Bytes of blocks in use that make it a major one, too.
    major_at_held: Cell<usize>,
    /// Estimated bytes outside the heap that old objects own, and those added since
    /// the last collection.
    old_external: Cell<usize>,
    new_external: Cell<usize>,
    enabled: Cell<bool>,
    running: Cell<bool>,
    /// Asks the collection under way for the number of objects in cycles.
    counting: Cell<Option<Counted>>,
    cyclic: Cell<usize>,
    max_heap: Cell<usize>,
    /// Size of the heap at which its exhaustion is reported next.
    exhausted_at: Cell<usize>,
    /// What may be allocated from then on until the next report.
    grace: Cell<usize>,
    /// Objects that `gc.freeze` keeps.
    frozen: RefCell<Vec<Value>>,
    droppable_young: RefCell<Vec<&'static Header>>,
    droppable_old: RefCell<Vec<&'static Header>>,
    finalizable_young: RefCell<Vec<&'static Header>>,
    finalizable_old: RefCell<Vec<&'static Header>>,
    weakrefs_young: RefCell<Vec<&'static Header>>,
    weakrefs_old: RefCell<Vec<&'static Header>>,
    pending: RefCell<std::collections::VecDeque<Finalization>>,
    /// See [`Heap::after_collection`].
    afterwards: Cell<Option<fn()>>,
    stats: Cell<CollectionStats>,
}

/// Allocation until the first collection: enough for start-up, nearly all of which lives on.
const FIRST_NURSERY: usize = 1280 << 10;
/// Later on about what stays in a second-level cache. Programs that use little memory
/// pay for this in full, so more of it must buy time, which measurements deny as long as programs
/// are interpreted.
const MIN_NURSERY: usize = 1 << 20;
/// As soon as compiled code has been at it for a while, which allocates several times as fast:
/// programs that do little else take 0.7 to 0.9 of the time.
const COMPILED_NURSERY: usize = 4 << 20;
/// Collections since the first compiled code until the nursery doubles, and until it does so again.
/// Memory that is touched for the first time costs more than what a collection has freed.
const COLLECTIONS_TO_GROW: u32 = 4;
const MAX_NURSERY: usize = 16 << 20;
/// Allocation until the next collection for each byte that survived the last one.
const SURVIVAL: usize = 4;
/// As far as that goes: beyond, programs that only build would pay for it in memory.
const MAX_FOR_SURVIVORS: usize = 6 << 20;
/// What a handler of MemoryError may allocate, at first, before the next one.
const EXHAUSTION_GRACE: usize = 256 << 10;
/// Growth of old objects, or of the blocks in use, at the least, from one major collection
/// to the next.
const MIN_GROWTH: usize = 3 << 19;
/// The same from the first compiled code on.
const COMPILED_GROWTH: usize = 4 << 20;

impl Collector {
    pub fn new() -> Collector {
        Collector {
            roots: Cell::new(None),
            epoch: Cell::new(1),
            sweeps: Cell::new(0),
            nursery: Cell::new(FIRST_NURSERY),
            since_compiled: Cell::new(None),
            least_growth: Cell::new(MIN_GROWTH),
            survived: Cell::new([0; 2]),
            major_at: Cell::new(FIRST_NURSERY + MIN_GROWTH),
            old_bytes: Cell::new(0),
            held_bytes: Cell::new(0),
            major_at_held: Cell::new(FIRST_NURSERY + MIN_GROWTH),
            old_external: Cell::new(0),
            new_external: Cell::new(0),
            enabled: Cell::new(true),
            running: Cell::new(false),
            counting: Cell::new(None),
            cyclic: Cell::new(0),
            max_heap: Cell::new(usize::MAX),
            exhausted_at: Cell::new(0),
            grace: Cell::new(EXHAUSTION_GRACE),
            frozen: RefCell::default(),
            droppable_young: RefCell::default(),
            droppable_old: RefCell::default(),
            finalizable_young: RefCell::default(),
            finalizable_old: RefCell::default(),
            weakrefs_young: RefCell::default(),
            weakrefs_old: RefCell::default(),
            pending: RefCell::default(),
            afterwards: Cell::new(None),
            stats: Cell::default(),
        }
    }

    pub fn roots(&self) -> Option<&'static dyn RootSource> {
        self.roots.get()
    }

    #[inline]
    pub fn due(&self, allocated: usize) -> bool {
        allocated >= self.nursery.get()
    }

    pub fn exceeds_limit(&self, used: usize, more: usize) -> bool {
        let limit = self.max_heap.get();
        limit != usize::MAX
            && used
                .saturating_add(self.old_external.get() + self.new_external.get())
                .saturating_add(more)
                > limit
    }

    /// Whether it is time again to do something about memory beyond the limit.
    pub fn at_exhaustion(&self, used: usize) -> bool {
        used >= self.exhausted_at.get()
    }

    /// Reports that the limit is passed. Whoever handles the MemoryError has some
    /// blocks to do so until the next report, more each time, so that collecting
    /// in vain takes little time in all.
    pub fn memory_exhausted(&self, used: usize) {
        let grace = self.grace.get();
        self.exhausted_at.set(used + grace);
        self.grace.set(grace * 2);
        if let Some(roots) = self.roots.get() {
            roots.memory_exhausted();
        }
    }

    pub fn note_external(&self, bytes: usize) {
        self.new_external.set(self.new_external.get() + bytes);
    }

    #[cold]
    pub fn register(&self, header: &'static Header, shape: &'static Shape) {
        if shape.layout.drop.is_some() {
            self.droppable_young.borrow_mut().push(header);
        }
        if shape.has_finalizer() {
            self.finalizable_young.borrow_mut().push(header);
        }
        if shape.is_weakref() {
            self.weakrefs_young.borrow_mut().push(header);
        }
    }

    /// Decides when to collect next. `marked` and `revisited` are the bytes that this
    /// collection marked and those of old objects that it traced again; `held` are those of
    /// the blocks in use.
    ///
    /// Old objects that die between others that live cost more memory than their own, so
    /// that blocks count beside objects. Their growth is measured by the living objects: gaps
    /// that the last major collection left are no reason to wait for more of them.
    ///
    /// Old objects that are traced in every minor collection (a large list that is
    /// being filled) would dominate if the nursery were small beside them, so it
    /// grows with them: a minor collection costs at most in proportion to allocation.
    /// It grows with what a minor collection finds alive, too: data that is in use for a while
    /// and dies then, such as a tree that is built and dropped, is not to become old.
    fn plan(&self, major: bool, marked: usize, held: usize, revisited: usize) {
        let old = if major {
            marked
        } else {
            self.old_bytes.get() + marked
        };
        self.old_bytes.set(old);
        self.held_bytes.set(held);
        if major {
            let live = old + self.old_external.get();
            let growth = (live / 2).max(self.least_growth.get());
            self.major_at.set(live + growth);
            self.major_at_held.set(held + growth);
        }
        if !major {
            let [_, last] = self.survived.get();
            self.survived.set([last, marked]);
        }
        // Once is no sign: what a program sets up in the beginning survives.
        let [before, last] = self.survived.get();
        let survivors = (SURVIVAL * before.min(last)).min(MAX_FOR_SURVIVORS);
        let nursery = (2 * revisited).max(survivors);
        let least = match self.since_compiled.get() {
            None => MIN_NURSERY,
            Some(collections) => {
                self.since_compiled.set(Some(collections.saturating_add(1)));
                let doubled = (collections / COLLECTIONS_TO_GROW).min(MIN_NURSERY.ilog2());
                (MIN_NURSERY << doubled).min(COMPILED_NURSERY)
            }
        };
        self.nursery.set(nursery.clamp(least, MAX_NURSERY));
    }
}

impl Heap {
    /// Tells the heap who knows its roots.
    ///
    /// # Safety
    /// `roots` outlives the heap's last collection.
    pub unsafe fn set_roots(&self, roots: &dyn RootSource) {
        // SAFETY: by contract.
        let roots =
            unsafe { std::mem::transmute::<&dyn RootSource, &'static dyn RootSource>(roots) };
        self.collector.roots.set(Some(roots));
    }

    /// Sets the limit of `-X maxheap`, in bytes.
    pub fn set_max_heap(&self, bytes: usize) {
        self.collector.max_heap.set(bytes);
    }

    /// Turns automatic collection on or off (`gc.enable`, `gc.disable`).
    ///
    /// Memory that nothing references is reclaimed either way: Python's `gc`
    /// switches cycle detection only, and here that is the same mechanism.
    pub fn set_enabled(&self, on: bool) {
        self.collector.enabled.set(on);
    }

    /// Code is being compiled, which will allocate faster than the interpreter does.
    pub fn expect_compiled_code(&self) {
        if self.collector.since_compiled.get().is_none() {
            self.collector.since_compiled.set(Some(0));
            self.collector.least_growth.set(COMPILED_GROWTH);
        }
    }

    /// Whether automatic collection is on.
    pub fn is_enabled(&self) -> bool {
        self.collector.enabled.get()
    }

    /// Figures so far.
    pub fn stats(&self) -> CollectionStats {
        self.collector.stats.get()
    }

    /// Bytes given out since the last collection.
    pub fn young_bytes(&self) -> usize {
        self.allocated.get()
    }

    /// Whether the object's finaliser was queued (`gc.is_finalized`).
    pub fn is_finalized(&self, v: Value) -> bool {
        v.header()
            .is_some_and(|h| h.gc.get() & Header::FINALIZED != 0)
    }

    /// Bytes in blocks in use.
    pub fn used_bytes(&self) -> usize {
        self.space.used_bytes()
    }

    /// Whether finalisers or callbacks of objects that died are still to run.
    pub fn has_finalizations(&self) -> bool {
        !self.collector.pending.borrow().is_empty()
    }

    /// The next finaliser or callback to run.
    pub fn next_finalization(&self) -> Option<Finalization> {
        self.collector.pending.borrow_mut().pop_front()
    }

    /// Makes the object one that is finalised when it dies.
    pub fn register_finalizer(&self, header: &'static Header) {
        self.collector.finalizable_young.borrow_mut().push(header);
    }

    /// Takes the objects whose finalisers are still to run, at exit.
    pub fn take_finalizable(&self) -> Vec<Value> {
        let mut all = self.collector.finalizable_old.take();
        all.append(&mut self.collector.finalizable_young.borrow_mut());
        all.into_iter().map(|h| h.value()).collect()
    }

    pub(super) fn collect_if_allowed(&self) {
        let collector = &self.collector;
        let old = collector.old_bytes.get() + collector.old_external.get();
        let grown = old >= collector.major_at.get()
            || collector.held_bytes.get() >= collector.major_at_held.get();
        // Under stress both kinds have their turn.
        let stats = self.stats();
        let stressed = self.stress.get() && (stats.minor + stats.major) % 32 == 31;
        let major = stressed || grown;
        self.collect(if major {
            Generation::All
        } else {
            Generation::Young
        });
    }

    /// Runs a collection now. Returns the number of objects found dead that had
    /// a finaliser or a native part.
    pub fn collect(&self, generation: Generation) -> usize {
        let collector = &self.collector;
        if collector.running.replace(true) {
            return 0;
        }
        let mut found = 0;
        super::stack::with_spilled_registers(&mut |sp| found = self.collect_from(generation, sp));
        collector.running.set(false);
        found
    }

    fn collect_from(&self, generation: Generation, sp: usize) -> usize {
        let collector = &self.collector;
        let Some(roots) = collector.roots.get() else {
            return 0;
        };
        let major = generation == Generation::All;
        self.close_regions();
        if major {
            self.start_epoch();
        }
        let mut marker = Marker::new(self, collector.epoch.get(), major);
        for header in self.remembered.take() {
            if header.gc.get() & Header::EPOCH_MASK == marker.epoch {
                header.gc.set(header.gc.get() | Header::BARRIER);
                marker.revisited += header.size();
                marker.trace(header);
            }
        }
        roots.trace_roots(&mut marker, sp);
        self.traces.mark(&mut marker);
        if major {
            for v in collector.frozen.borrow().iter() {
                marker.value(*v);
            }
        }
        for pending in collector.pending.borrow().iter() {
            match pending {
                Finalization::Finalize(v) => marker.value(*v),
                Finalization::Callback {
                    callback,
                    reference,
                } => {
                    marker.value(*callback);
                    marker.value(*reference);
                }
            }
        }
        marker.drain();
        let mut found = self.clear_weakrefs(&mut marker, major);
        found += self.queue_finalizers(&mut marker);
        marker.drain();
        if let Some(counted) = collector.counting.get() {
            let dead = self.cyclic_garbage(&marker, counted);
            collector.cyclic.set(collector.cyclic.get() + dead);
        }
        self.forget_young_objects();
        roots.after_mark(&marker);
        self.traces.drop_dead(&marker, major);
        found += self.drop_dead(&marker, major);
        self.sweep(major, collector.epoch.get());
        let held = self.space.used_bytes();
        collector.plan(major, marker.marked_bytes, held, marker.revisited);
        let mut stats = collector.stats.get();
        if major {
            stats.major += 1;
            stats.minor_since_major = 0;
            stats.live_bytes = marker.marked_bytes;
            let soon = collector.nursery.get();
            self.space.trim(self.space.used_bytes() / 4 + soon);
        } else {
            stats.minor += 1;
            stats.minor_since_major += 1;
        }
        stats.collected += found;
        collector.stats.set(stats);
        self.allocated.set(0);
        if !collector.exceeds_limit(self.space.used_bytes(), 0) {
            collector.exhausted_at.set(0);
            collector.grace.set(EXHAUSTION_GRACE);
        }
        if !collector.pending.borrow().is_empty() {
            roots.finalization_pending();
        }
        if let Some(call) = collector.afterwards.take() {
            call();
        }
        found
    }

    /// Has `call` called once, after the next collection.
    pub fn after_collection(&self, call: fn()) {
        self.collector.afterwards.set(Some(call));
    }

    /// As [`Heap::collect`], but returns how many of the objects that `counted`
    /// accepts died in cycles or were reachable from some: what a collector beside
    /// reference counts would have found.
    pub fn collect_cycles(&self, generation: Generation, counted: Counted) -> usize {
        self.collector.counting.set(Some(counted));
        self.collector.cyclic.set(0);
        self.collect(generation);
        self.collector.counting.set(None);
        self.collector.cyclic.take()
    }

    /// Counts the dead that reference counting would not have freed: those left
    /// when the ones that no other dead object refers to are taken away in turn.
    fn cyclic_garbage(&self, marker: &Marker<'_>, counted: Counted) -> usize {
        let mut dead: FxHashMap<Value, usize> = FxHashMap::default();
        for block in self.small_blocks.borrow().iter() {
            if block.runs.get() != 0 {
                self.note_young_objects(block);
            }
            for (i, (starts, live)) in block.starts.iter().zip(&block.live).enumerate() {
                let mut bits = starts.get() & !live.get();
                while bits != 0 {
                    let granule = i * 64 + bits.trailing_zeros() as usize;
                    bits &= bits - 1;
                    let header = (block.address() + granule * GRANULE) as *const Header;
                    dead.insert(Value::object(header), 0);
                }
            }
        }
        for list in [&self.large_young, &self.large_old] {
            for block in list.borrow().iter() {
                let v = Value::object((block.address() + LARGE_OFFSET) as *const Header);
                if !marker.is_marked(v) {
                    dead.insert(v, 0);
                }
            }
        }
        // Old objects are marked in minor collections, though not among the live of `starts`.
        dead.retain(|v, _| !marker.is_marked(*v));
        let all: Vec<Value> = dead.keys().copied().collect();
        for v in &all {
            for referent in self.references_of(*v) {
                if let Some(count) = dead.get_mut(&referent) {
                    *count += 1;
                }
            }
        }
        let mut free: Vec<Value> = all.into_iter().filter(|v| dead[v] == 0).collect();
        while let Some(v) = free.pop() {
            dead.remove(&v);
            for referent in self.references_of(v) {
                if let Some(count) = dead.get_mut(&referent) {
                    *count -= 1;
                    if *count == 0 {
                        free.push(referent);
                    }
                }
            }
        }
        dead.keys()
            .filter_map(|v| v.header())
            .filter(|h| counted(h))
            .count()
    }

    /// Keeps all objects that there are now until [`Heap::unfreeze`] (`gc.freeze`).
    pub fn freeze(&self) {
        *self.collector.frozen.borrow_mut() = self.objects();
    }

    /// Undoes [`Heap::freeze`].
    pub fn unfreeze(&self) {
        self.collector.frozen.borrow_mut().clear();
    }

    /// What [`Heap::freeze`] keeps.
    pub fn frozen(&self) -> Vec<Value> {
        self.collector.frozen.borrow().clone()
    }

    /// Completes a block's `starts` bitmap from the runs allocated into. Walking all young
    /// objects would touch mostly garbage: a block's are noted when the first word that may be
    /// an address points into it.
    #[cold]
    pub(super) fn note_young_objects(&self, block: &Block) {
        let low = block.address();
        let runs = self.young_runs.borrow();
        let mut number = block.runs.replace(0);
        while number != 0 {
            let run = &runs[number as usize - 1];
            let mut at = run.start;
            while at < run.end {
                set_bit(&block.starts, (at - low) / GRANULE);
                // SAFETY: the run was filled with objects from its start.
                at += unsafe { &*(at as *const Header) }.size();
            }
            number = run.next;
        }
    }

    fn forget_young_objects(&self) {
        for run in self.young_runs.borrow_mut().drain(..) {
            Block::of(run.start as *const Header).runs.set(0);
        }
    }

    /// A number that stays the same as long as no object's memory was freed.
    pub fn sweeps(&self) -> u64 {
        self.collector.sweeps.get()
    }

    fn start_epoch(&self) {
        self.collector.epoch.set(3 - self.collector.epoch.get());
        for block in self.small_blocks.borrow().iter() {
            block.live.iter().for_each(|w| w.set(0));
            block.line_marks.iter().for_each(|w| w.set(0));
        }
        // Objects remembered under the old epoch need no second visit: all are visited.
        self.remembered.borrow_mut().clear();
    }

    fn clear_weakrefs(&self, marker: &mut Marker<'_>, major: bool) -> usize {
        let collector = &self.collector;
        let mut work = collector.weakrefs_young.take();
        // A young referent of an old reference is possible only if it was stored
        // there at creation, since referents do not change; old ones die in major collections.
        if major {
            work.extend(collector.weakrefs_old.take());
        }
        let mut kept = Vec::with_capacity(work.len());
        let mut found = 0;
        for header in work {
            if !marker.is_marked(header.value()) {
                continue;
            }
            // SAFETY: only weak references are registered.
            let weak = unsafe { header.value().cast_unchecked::<WeakRef>() };
            let Some(referent) = weak.referent() else {
                continue;
            };
            if marker.is_marked(referent) {
                kept.push(header);
                continue;
            }
            found += 1;
            weak.clear();
            if let Some(callback) = weak.take_callback() {
                let reference = header.value();
                collector
                    .pending
                    .borrow_mut()
                    .push_back(Finalization::Callback {
                        callback,
                        reference,
                    });
            }
        }
        collector.weakrefs_old.borrow_mut().extend(kept);
        found
    }

    fn queue_finalizers(&self, marker: &mut Marker<'_>) -> usize {
        let collector = &self.collector;
        let mut work = Vec::new();
        if marker.is_major() {
            work = collector.finalizable_old.take();
        }
        work.append(&mut collector.finalizable_young.borrow_mut());
        let mut dying = Vec::new();
        for header in work {
            let shape = header.shape();
            let may_be_quiet = match shape.layout.kind {
                Kind::Generator => true,
                // Classes written in Python may have finalisers of their own, and
                // a future may have something to report later.
                Kind::Future => {
                    shape.class().def.get().is_some() && !marker.is_marked(header.value())
                }
                _ => false,
            };
            if may_be_quiet && header.flags.get() & Header::QUIET != 0 {
                continue;
            }
            if marker.is_marked(header.value()) {
                collector.finalizable_old.borrow_mut().push(header);
            } else {
                dying.push(header.value());
            }
        }
        // Newest first: what wraps another object (a buffer its file) was made after
        // it, and may still need it.
        for &v in dying.iter().rev() {
            marker.value(v);
            if let Some(header) = v.header() {
                header.gc.set(header.gc.get() | Header::FINALIZED);
            }
            collector
                .pending
                .borrow_mut()
                .push_back(Finalization::Finalize(v));
        }
        dying.len()
    }

    fn drop_dead(&self, marker: &Marker<'_>, major: bool) -> usize {
        let collector = &self.collector;
        let mut work = collector.droppable_young.take();
        if major {
            work.extend(collector.droppable_old.take());
        }
        let (mut dead, before) = (0, work.len());
        work.retain(|header| {
            if marker.is_marked(header.value()) {
                return true;
            }
            if let Some(drop) = header.shape().layout.drop {
                dead += 1;
                // SAFETY: the object is unreachable and registered once.
                unsafe { drop(*header as *const Header as *mut Header) };
            }
            false
        });
        // Which object owns how much is not recorded: survivors are taken for average.
        let share = |bytes: usize| bytes * work.len() / before.max(1);
        let new = collector.new_external.take();
        let old = collector.old_external.get();
        collector.old_external.set(if major {
            share(old + new)
        } else {
            old + share(new)
        });
        collector.droppable_old.borrow_mut().append(&mut work);
        dead
    }

    fn sweep(&self, major: bool, epoch: u8) {
        let sweeps = &self.collector.sweeps;
        sweeps.set(sweeps.get() + 1);
        let mut recyclable = self.recyclable.borrow_mut();
        let mut blocks = self.small_blocks.borrow_mut();
        let mut touched = self.touched.borrow_mut();
        let mut marked = 0;
        let mut sweep_block = |block: &'static Block, recyclable: &mut Vec<&'static Block>| {
            block.touched.set(false);
            for (starts, live) in block.starts.iter().zip(&block.live) {
                starts.set(live.get());
            }
            let lines = block.marked_lines();
            marked += lines;
            match lines {
                0 => {
                    self.space.release(block);
                    return false;
                }
                n if n + FIRST_LINE < LINES => recyclable.push(block),
                _ => {}
            }
            true
        };
        if major {
            recyclable.clear();
            blocks.retain(|block| sweep_block(block, &mut recyclable));
            for (i, block) in blocks.iter().enumerate() {
                block.index.set(i as u32);
            }
            let is_sparse = marked < blocks.len() * LINES / 2;
            self.least_hole.set(if is_sparse { 1 } else { LEAST_HOLE });
        } else {
            for &block in touched.iter() {
                let index = block.index.get() as usize;
                if !sweep_block(block, &mut recyclable) {
                    blocks.swap_remove(index);
                    if let Some(moved) = blocks.get(index) {
                        moved.index.set(index as u32);
                    }
                }
            }
        }
        touched.clear();
        let mut young = self.large_young.borrow_mut();
        let mut old = self.large_old.borrow_mut();
        if major {
            young.append(&mut old);
        }
        for block in young.drain(..) {
            // SAFETY: a large object starts at this offset of its first block.
            let header = unsafe { &*((block.address() + LARGE_OFFSET) as *const Header) };
            if header.gc.get() & Header::EPOCH_MASK == epoch {
                old.push(block);
            } else {
                self.space.release(block);
            }
        }
    }

    /// Every object that the last collection left, for `gc.get_objects`. Runs a
    /// full collection first.
    pub fn objects(&self) -> Vec<Value> {
        self.collect(Generation::All);
        let mut all = Vec::new();
        for block in self.small_blocks.borrow().iter() {
            for (i, word) in block.live.iter().enumerate() {
                let mut bits = word.get();
                while bits != 0 {
                    let granule = i * 64 + bits.trailing_zeros() as usize;
                    bits &= bits - 1;
                    all.push(Value::object(
                        (block.address() + granule * GRANULE) as *const Header,
                    ));
                }
            }
        }
        for block in self.large_old.borrow().iter() {
            all.push(Value::object(
                (block.address() + LARGE_OFFSET) as *const Header,
            ));
        }
        all
    }

    /// The references that an object holds.
    pub fn references_of(&self, v: Value) -> Vec<Value> {
        let Some(header) = v.header() else {
            return Vec::new();
        };
        let mut marker = Marker::new(self, self.collector.epoch.get(), false);
        marker.collect_into = Some(Vec::new());
        marker.trace(header);
        marker.collect_into.take().unwrap_or_default()
    }
}
