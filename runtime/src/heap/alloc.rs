//! Allocation: bump allocation into runs of free lines, whole blocks for large
//! objects, and the write barrier's slow path.

use super::collect::{Collector, GcModule, Generation};
use super::low::LowArena;
use super::space::{BLOCK, Block, FIRST_LINE, LARGE, LARGE_OFFSET, LINE, LINES, Space};
use super::traces::Traces;
use super::{GRANULE, Gc, Header, Object};
use crate::object::Shape;
use crate::value::Value;
use std::cell::{Cell, RefCell};

/// A bump allocation region: objects go from `cursor` up to `end`.
#[derive(Default)]
struct Region {
    cursor: Cell<usize>,
    /// How far the fast path may go: `end`, or `cursor` while each allocation is traced.
    limit: Cell<usize>,
    end: Cell<usize>,
    start: Cell<usize>,
}

/// A run of free lines: the first, and one past the last.
type Hole = (usize, usize);

/// A run of lines filled with objects from its start to its end, both addresses.
pub(super) struct YoungRun {
    pub start: usize,
    pub end: usize,
    /// The one before in the same block, as [`Block::runs`] has it.
    pub next: u32,
}

/// Lines in a hole that is worth filling: among old objects there are many small ones, and
/// allocation would go from one to the next all the time. Left out, programs ran in 0.8
/// to 0.95 of the time and took no measurable memory. Where blocks are mostly holes,
/// all are filled.
pub(super) const LEAST_HOLE: usize = 4;

/// One interpreter's heap.
pub struct Heap {
    region: Region,
    /// For objects longer than a line that do not fit the current hole.
    overflow: Region,
    pub(super) space: Space,
    pub(super) low: LowArena,
    /// What was allocated into since the last collection.
    pub(super) young_runs: RefCell<Vec<YoungRun>>,
    /// Lines of the smallest hole that is filled.
    pub(super) least_hole: Cell<usize>,
    /// Blocks with free lines.
    pub(super) recyclable: RefCell<Vec<&'static Block>>,
    /// Blocks allocated into since the last collection.
    pub(super) touched: RefCell<Vec<&'static Block>>,
    /// Every block of small objects.
    pub(super) small_blocks: RefCell<Vec<&'static Block>>,
    pub(super) large_young: RefCell<Vec<&'static Block>>,
    pub(super) large_old: RefCell<Vec<&'static Block>>,
    /// Old objects stored into since the last collection.
    pub(super) remembered: RefCell<Vec<&'static Header>>,
    /// Bytes given out since the last collection, counted by runs.
    pub(super) allocated: Cell<usize>,
    pub(super) collector: Collector,
    /// Where memory was allocated, while somebody wants to know.
    pub traces: Traces,
    /// Collect at every allocation, to find references that nothing roots.
    pub(super) stress: Cell<bool>,
    /// Collect nothing now.
    held: Cell<bool>,
    /// State of the module `gc`.
    pub gc_module: GcModule,
}

impl Heap {
    /// A new, empty heap; `None` if the system grants no address space.
    pub fn new() -> Option<Box<Heap>> {
        Some(Box::new(Heap {
            region: Region::default(),
            overflow: Region::default(),
            space: Space::new()?,
            low: LowArena::new()?,
            young_runs: RefCell::default(),
            least_hole: Cell::new(LEAST_HOLE),
            recyclable: RefCell::default(),
            touched: RefCell::default(),
            small_blocks: RefCell::default(),
            large_young: RefCell::default(),
            large_old: RefCell::default(),
            remembered: RefCell::default(),
            allocated: Cell::new(0),
            collector: Collector::new(),
            traces: Traces::default(),
            stress: Cell::new(false),
            held: Cell::new(false),
            gc_module: GcModule::default(),
        }))
    }

    /// Where shapes are allocated.
    pub fn low(&self) -> &LowArena {
        &self.low
    }

    /// Moves `object` onto the heap with the given shape; attribute storage is empty.
    #[inline]
    pub fn alloc<T: Object>(&self, shape: &'static Shape, object: T) -> Gc<T> {
        debug_assert!(
            std::ptr::eq(shape.layout, T::LAYOUT),
            "shape of another layout"
        );
        let size = shape.instance_size();
        let p = self.bump(size) as *mut T;
        // SAFETY: `size` fresh bytes, at least those of the layout; the rest is attribute storage.
        unsafe {
            p.write(object);
            // Few words: written one by one, a call of `memset` would cost more.
            for at in (size_of::<T>()..size).step_by(8) {
                (p as *mut u8).add(at).cast::<u64>().write_volatile(0);
            }
            init_header(p as *mut Header, shape, size);
            self.register(&*(p as *const Header), shape);
            Gc::from_ptr(p)
        }
    }

    /// As [`Heap::alloc`] for a layout of varying length: `extra` zeroed bytes
    /// follow the fixed part. `None` when memory is exhausted.
    pub fn alloc_variable<T: Object>(
        &self,
        shape: &'static Shape,
        object: T,
        extra: usize,
    ) -> Option<Gc<T>> {
        debug_assert!(
            std::ptr::eq(shape.layout, T::LAYOUT),
            "shape of another layout"
        );
        let fixed = size_of::<T>();
        let attributes = if shape.has_attributes() { 8 } else { 0 };
        let used = fixed.checked_add(extra)?.checked_add(attributes)?;
        let size = used.checked_add(GRANULE - 1)? & !(GRANULE - 1);
        let p = if size > LARGE {
            self.alloc_large(used)?
        } else {
            self.bump(used)
        };
        // SAFETY: `size` fresh bytes.
        unsafe {
            (p as *mut T).write(object);
            std::ptr::write_bytes((p as *mut u8).add(fixed), 0, size - fixed);
            init_header(p, shape, size);
            self.register(&*p, shape);
            Some(Gc::from_ptr(p as *mut T))
        }
    }

    /// As [`Heap::alloc_variable`], except that the bytes that follow may be garbage.
    ///
    /// # Safety
    /// The caller fills all of them before anything else is allocated.
    #[inline]
    pub unsafe fn alloc_unfilled<T: Object>(
        &self,
        shape: &'static Shape,
        object: T,
        extra: usize,
    ) -> Option<Gc<T>> {
        if shape.has_attributes() || shape.needs_registration() {
            return self.alloc_variable(shape, object, extra);
        }
        let used = size_of::<T>().checked_add(extra)?;
        let size = used.checked_add(GRANULE - 1)? & !(GRANULE - 1);
        let p = if size > LARGE {
            self.alloc_large(used)?
        } else {
            self.bump(used)
        } as *mut T;
        // SAFETY: `size` fresh bytes; of the last granule those stay zero that nothing fills.
        unsafe {
            let last = (p as *mut u8).add(size - GRANULE);
            last.cast::<[u64; GRANULE / 8]>().write([0; GRANULE / 8]);
            p.write(object);
            init_header(p as *mut Header, shape, size);
            Some(Gc::from_ptr(p))
        }
    }

    /// Gives back what lies beyond the first `size` bytes of an object, all of it for zero, if
    /// that was the last to be allocated. Nothing may refer to it then.
    #[inline]
    pub fn shorten(&self, header: &Header, size: usize) {
        let start = header as *const Header as usize;
        let granules = size.div_ceil(GRANULE);
        let end = start + usize::from(header.granules.get()) * GRANULE;
        // Large objects, of zero granules, end where they start, which no cursor does.
        for region in [&self.region, &self.overflow] {
            if region.cursor.get() == end && region.start.get() <= start {
                header.granules.set(granules as u16);
                region.cursor.set(start + granules * GRANULE);
                if self.traces.are_wanted() {
                    region.limit.set(region.cursor.get());
                    self.traces.shorten(start, size);
                }
                return;
            }
        }
    }

    /// Allocates what must not fail, beyond the limit of `-X maxheap` if need be: there is to be
    /// a MemoryError at the next safepoint then.
    #[cold]
    pub fn past_limit<T>(&self, allocate: impl FnOnce() -> Option<T>) -> T {
        self.account_external(0);
        self.without_collection(allocate)
            .unwrap_or_else(|| out_of_memory())
    }

    /// Where compiled code finds the region's cursor and limit: small objects lie one
    /// behind the other from the cursor on, as long as the limit is not passed, each
    /// with its header as [`Header::word`] has it and no word left as it was.
    pub fn region_addresses(&self) -> (usize, usize) {
        let region = &self.region;
        (
            region.cursor.as_ptr() as usize,
            region.limit.as_ptr() as usize,
        )
    }

    /// Room for small objects of `size` bytes together, where the region has none left.
    ///
    /// # Safety
    /// The caller fills it with objects before anything else is allocated.
    pub unsafe fn make_room(&self, size: usize) -> *mut Header {
        self.bump_slow(size)
    }

    /// An object of `size` bytes, of which all but the header are zero.
    ///
    /// # Safety
    /// That is a state which the layout allows, or becomes one before it is traced.
    pub unsafe fn alloc_zeroed(&self, shape: &'static Shape, size: usize) -> &'static Header {
        let p = self.bump(size);
        // SAFETY: `size` fresh bytes.
        unsafe {
            std::ptr::write_bytes(p as *mut u8, 0, size);
            init_header(p, shape, size);
            self.register(&*p, shape);
            &*p
        }
    }

    #[inline(always)]
    fn register(&self, header: &'static Header, shape: &'static Shape) {
        if shape.needs_registration() {
            self.collector.register(header, shape);
        }
    }

    #[inline(always)]
    fn bump(&self, used: usize) -> *mut Header {
        let size = (used + GRANULE - 1) & !(GRANULE - 1);
        let cursor = self.region.cursor.get();
        let end = cursor + size;
        if end <= self.region.limit.get() {
            self.region.cursor.set(end);
            return cursor as *mut Header;
        }
        self.bump_slow(used)
    }

    #[cold]
    #[inline(never)]
    fn bump_slow(&self, used: usize) -> *mut Header {
        let size = (used + GRANULE - 1) & !(GRANULE - 1);
        if size > LARGE {
            // Fixed-size layouts are small; only absurd attribute storage could come here.
            return self.alloc_large(used).unwrap_or_else(|| out_of_memory());
        }
        let p = self.bump_any(size);
        if self.traces.are_wanted() {
            self.trace_allocation(p as usize, used);
        }
        p
    }

    /// A place for a small object of whole granules, in either region.
    fn bump_any(&self, size: usize) -> *mut Header {
        if self.stress.get() || self.collector.due(self.allocated.get()) {
            self.collect_unless_held();
        }
        if size > LINE && self.region.cursor.get() + LINE <= self.region.end.get() {
            return self.bump_in(&self.overflow, size);
        }
        self.bump_in(&self.region, size)
    }

    fn bump_in(&self, region: &Region, size: usize) -> *mut Header {
        loop {
            let cursor = region.cursor.get();
            if cursor + size <= region.end.get() {
                region.cursor.set(cursor + size);
                if self.stress.get() {
                    self.close(region);
                } else if self.traces.are_wanted() {
                    region.limit.set(cursor + size);
                }
                return cursor as *mut Header;
            }
            if !self.next_run(region, size) {
                out_of_memory();
            }
        }
    }

    /// Moves the region to the next run of free lines.
    fn next_run(&self, region: &Region, size: usize) -> bool {
        let end = region.end.get();
        self.close(region);
        if end != 0 {
            let block = Block::of((end - 1) as *const Header);
            let from = (end - block.address()) / LINE;
            let least = size.div_ceil(LINE).max(self.least_hole.get());
            if let Some(hole) = block.find_hole(from, least) {
                self.open(region, block, hole);
                return true;
            }
        }
        let reused = if size > LINE {
            self.recyclable_hole(size)
        } else {
            let block = self.recyclable.borrow_mut().pop();
            block.map(|block| (block, block.find_hole(FIRST_LINE, self.least_hole.get())))
        };
        if let Some((block, hole)) = reused {
            if let Some(hole) = hole {
                self.open(region, block, hole);
            }
            return true;
        }
        if self.exceeds_limit(BLOCK) && self.relieve() {
            return true;
        }
        let Some(block) = self.space.take(1, self, 0) else {
            return false;
        };
        let mut blocks = self.small_blocks.borrow_mut();
        block.index.set(blocks.len() as u32);
        blocks.push(block);
        drop(blocks);
        self.open(region, block, (FIRST_LINE, LINES));
        true
    }

    /// A used block with a run of free lines for `size` bytes and more of that kind.
    /// Without it, objects of medium size would take a fresh block in each cycle,
    /// and few survivors in each would hold many blocks.
    fn recyclable_hole(&self, size: usize) -> Option<(&'static Block, Option<Hole>)> {
        const TRIES: usize = 16;
        let mut recyclable = self.recyclable.borrow_mut();
        let lines = size.div_ceil(LINE).max(LINES / 32);
        let first = recyclable.len().saturating_sub(TRIES);
        for at in (first..recyclable.len()).rev() {
            if let Some(hole) = recyclable[at].find_hole(FIRST_LINE, lines) {
                return Some((recyclable.swap_remove(at), Some(hole)));
            }
        }
        None
    }

    fn open(&self, region: &Region, block: &'static Block, (first, last): Hole) {
        if !block.touched.replace(true) {
            self.touched.borrow_mut().push(block);
        }
        let start = block.address() + first * LINE;
        let end = block.address() + last * LINE;
        region.start.set(start);
        region.cursor.set(start);
        region.end.set(end);
        region
            .limit
            .set(if self.traces.are_wanted() { start } else { end });
        self.allocated.set(self.allocated.get() + (end - start));
    }

    /// Ends allocation into the region's run and records what was allocated there.
    fn close(&self, region: &Region) {
        if region.cursor.get() > region.start.get() {
            let (start, end) = (region.start.get(), region.cursor.get());
            let mut runs = self.young_runs.borrow_mut();
            let number = runs.len() as u32 + 1;
            let next = Block::of(start as *const Header).runs.replace(number);
            runs.push(YoungRun { start, end, next });
        }
        region.start.set(0);
        region.cursor.set(0);
        region.end.set(0);
        region.limit.set(0);
    }

    pub(super) fn close_regions(&self) {
        self.close(&self.region);
        self.close(&self.overflow);
    }

    /// Whether `more` bytes would pass the limit of `-X maxheap`.
    fn exceeds_limit(&self, more: usize) -> bool {
        self.collector.exceeds_limit(self.space.used_bytes(), more)
    }

    /// The limit is reached by small objects, whose allocation has no way to fail:
    /// collects unless that was in vain not long ago, and returns whether it did. If
    /// it does not help, there is to be a MemoryError at the next safepoint.
    #[cold]
    fn relieve(&self) -> bool {
        if self.held.get() || !self.collector.at_exhaustion(self.space.used_bytes()) {
            return false;
        }
        self.collect(Generation::All);
        if self.exceeds_limit(BLOCK) {
            self.collector.memory_exhausted(self.space.used_bytes());
        }
        true
    }

    fn alloc_large(&self, used: usize) -> Option<*mut Header> {
        let size = used.checked_add(GRANULE - 1)? & !(GRANULE - 1);
        if self.stress.get() || self.collector.due(self.allocated.get() + size) {
            self.collect_unless_held();
        }
        if self.exceeds_limit(size) && !self.held.get() {
            self.collect(Generation::All);
            if self.exceeds_limit(size) {
                return None;
            }
        }
        let blocks = size.checked_add(LARGE_OFFSET)?.div_ceil(BLOCK);
        let block = self.space.take(blocks, self, size)?;
        self.large_young.borrow_mut().push(block);
        self.allocated.set(self.allocated.get() + size);
        let address = block.address() + LARGE_OFFSET;
        if self.traces.are_wanted() {
            self.trace_allocation(address, used);
        }
        Some(address as *mut Header)
    }

    /// What an object owns outside the heap was `before` bytes and is `after` now: growth
    /// counts towards the next collection.
    pub fn external_changed(&self, owner: &Header, before: usize, after: usize) {
        self.account_external(after.saturating_sub(before));
        if self.traces.are_wanted() && before != after {
            let address = owner as *const Header as usize;
            if !self.traces.resize(address, before, after) {
                self.trace_allocation(address, after);
            }
        }
    }

    #[cold]
    fn trace_allocation(&self, address: usize, size: usize) {
        if let Some(roots) = self.collector.roots() {
            self.traces.note(address, size, roots);
        }
    }

    /// Starts tracing where memory is allocated, by up to `depth` frames (`tracemalloc`).
    /// `unknown` is the file named where no frame is.
    pub fn start_traces(&self, depth: usize, unknown: Value) {
        self.close_regions();
        self.traces.start(depth, unknown);
    }

    /// Ends tracing and forgets what was found.
    pub fn stop_traces(&self) {
        self.traces.stop();
        self.close_regions();
    }

    /// Runs `f` while no allocation is noted: what it makes shall not show.
    pub fn without_traces<R>(&self, f: impl FnOnce() -> R) -> R {
        let before = self.traces.want(false);
        let result = f();
        self.traces.want(before);
        self.close_regions();
        result
    }

    fn account_external(&self, bytes: usize) {
        self.allocated.set(self.allocated.get() + bytes);
        self.collector.note_external(bytes);
        if self.exceeds_limit(0) && self.collector.at_exhaustion(self.space.used_bytes()) {
            self.collector.memory_exhausted(self.space.used_bytes());
        }
    }

    fn collect_unless_held(&self) {
        if !self.held.get() {
            self.collect_if_allowed();
        }
    }

    /// Does something that makes few and small objects and must not be interrupted by a
    /// collection, since it has references that no root leads to.
    pub fn without_collection<R>(&self, f: impl FnOnce() -> R) -> R {
        let before = self.held.replace(true);
        let result = f();
        self.held.set(before);
        result
    }

    /// Turns collection at every allocation on or off.
    pub fn set_stress(&self, on: bool) {
        self.stress.set(on);
        self.close_regions();
    }
}

/// # Safety
/// `header` points to `size` bytes of fresh memory.
#[inline(always)]
unsafe fn init_header(header: *mut Header, shape: &'static Shape, size: usize) {
    // SAFETY: by contract.
    let header = unsafe { &*header };
    header.shape.set(shape.id());
    header.gc.set(0);
    let granules = size.div_ceil(GRANULE);
    header
        .granules
        .set(if size > LARGE { 0 } else { granules as u16 });
}

/// Small allocations have no way to fail; passing the limit of `-X maxheap` raises
/// at a safepoint, so this is the system itself refusing.
#[cold]
fn out_of_memory() -> ! {
    eprintln!("Fatal Python error: out of memory");
    std::process::abort()
}

/// The write barrier's slow path: remembers an old object that is stored into.
#[cold]
#[inline(never)]
pub(super) fn remember(header: &Header) {
    header.gc.set(header.gc.get() & !Header::BARRIER);
    let block = Block::of(header);
    // SAFETY: the heap outlives its blocks, and the header its object.
    unsafe {
        (*block.heap)
            .remembered
            .borrow_mut()
            .push(&*(header as *const Header));
    }
}
