//! Address space: one reserved range, divided into blocks of 32 KiB.
//!
//! A block either holds small objects (bump-allocated into runs of free
//! 128-byte lines) or is part of a large object, which takes whole blocks. Every
//! block's first bytes are a [`Block`] header; in a large object's further
//! blocks there is none, and the side table leads back to the first.

use super::{GRANULE, Header, Heap};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

/// Bytes in a block.
pub const BLOCK: usize = 32 << 10;
/// Objects up to this many bytes leave their memory behind when they die.
const KEEP: usize = 1 << 20;
/// Bytes at the start of the space that have pages of the usual size: small programs need no more.
const SMALL_PAGES: usize = 6 << 20;
/// Bytes in a line.
pub const LINE: usize = 128;
/// Lines in a block.
pub const LINES: usize = BLOCK / LINE;
/// Words of a bitmap with a bit for each granule of a block.
pub const BITMAP: usize = BLOCK / GRANULE / 64;
/// Objects above this many bytes take blocks of their own.
pub const LARGE: usize = 16 << 10;
/// Lines that the block's header occupies.
pub const FIRST_LINE: usize = size_of::<Block>().div_ceil(LINE);
/// Offset of a large object in its first block.
pub const LARGE_OFFSET: usize = FIRST_LINE * LINE;

/// The start of every block.
#[repr(C)]
pub struct Block {
    pub heap: *const Heap,
    /// Total bytes of the large object that starts here.
    pub large_size: Cell<usize>,
    /// A bit for each line that holds part of a marked object.
    pub line_marks: [Cell<u64>; LINES / 64],
    /// A bit for each granule where a marked object starts.
    pub live: [Cell<u64>; BITMAP],
    /// A bit for each granule where an object starts; complete only during a collection,
    /// once somebody asked (see `runs`).
    pub starts: [Cell<u64>; BITMAP],
    /// Whether something was allocated here since the last collection.
    pub touched: Cell<bool>,
    /// The heap's last young run in this block whose objects `starts` lacks, counting from
    /// one; zero if there is none.
    pub runs: Cell<u32>,
    /// Place in the heap's list of small blocks.
    pub index: Cell<u32>,
}

/// A set of lines of a block, a bit each.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
struct Lines([u64; LINES / 64]);

impl Lines {
    /// Takes out all lines before this one.
    fn clear_below(&mut self, line: usize) {
        let (whole, rest) = (line / 64, line % 64);
        for word in &mut self.0[..whole.min(LINES / 64)] {
            *word = 0;
        }
        if let Some(word) = self.0.get_mut(whole) {
            *word &= u64::MAX << rest;
        }
    }

    /// The lines that, with so many less one behind them, are all in the set. Doubling what is known
    /// takes fewer steps than going from hole to hole, which the processor cannot foretell.
    fn starts_of_runs(self, least: usize) -> Lines {
        let (mut starts, mut known) = (self, 1);
        while known < least {
            let step = known.min(least - known);
            let later = starts.shifted_down(step);
            starts = Lines(std::array::from_fn(|i| starts.0[i] & later.0[i]));
            known += step;
        }
        starts
    }

    /// The lines that are so many before those of the set.
    fn shifted_down(self, lines: usize) -> Lines {
        let (whole, rest) = (lines / 64, lines % 64);
        let word = |i: usize| self.0.get(i + whole).copied().unwrap_or_default();
        let joined = |i| u128::from(word(i)) | u128::from(word(i + 1)) << 64;
        Lines(std::array::from_fn(|i| (joined(i) >> rest) as u64))
    }

    fn first(self) -> Option<usize> {
        let word = self.0.iter().position(|word| *word != 0)?;
        Some(word * 64 + self.0[word].trailing_zeros() as usize)
    }
}

impl Block {
    /// The block that holds an object's header.
    #[inline(always)]
    pub fn of(header: *const Header) -> &'static Block {
        // SAFETY: objects lie in blocks, whose headers stay while the heap does.
        unsafe { &*((header as usize & !(BLOCK - 1)) as *const Block) }
    }

    /// Address of the block.
    pub fn address(&self) -> usize {
        self as *const Block as usize
    }

    /// The first run of at least `least` unmarked lines at or after `from`: (first, one past
    /// last).
    pub fn find_hole(&self, from: usize, least: usize) -> Option<(usize, usize)> {
        let mut free = Lines::default();
        for (word, marks) in free.0.iter_mut().zip(&self.line_marks) {
            *word = !marks.get();
        }
        free.clear_below(from.max(FIRST_LINE));
        let start = free.starts_of_runs(least).first()?;
        let mut used = Lines(free.0.map(|word| !word));
        used.clear_below(start);
        Some((start, used.first().unwrap_or(LINES)))
    }

    /// Lines that hold part of a marked object.
    pub fn marked_lines(&self) -> usize {
        self.line_marks
            .iter()
            .map(|w| w.get().count_ones() as usize)
            .sum()
    }

    /// Has the words fetched that [`Block::mark`] writes for a small object.
    #[inline]
    pub fn prefetch(&self, object: *const Header) {
        let granule = (object as usize & (BLOCK - 1)) / GRANULE;
        super::mark::prefetch(&self.live[granule / 64]);
        super::mark::prefetch(&self.line_marks);
    }

    /// Records an object of `size` bytes at `address` as marked.
    #[inline]
    pub fn mark(&self, address: usize, size: usize) {
        let offset = address & (BLOCK - 1);
        set_bit(&self.live, offset / GRANULE);
        let first = offset / LINE;
        let last = (offset + size - 1) / LINE;
        for line in first..=last {
            set_bit(&self.line_marks, line);
        }
    }

    /// The start of the object that covers the byte at `offset`, by `starts`.
    pub fn object_covering(&self, offset: usize) -> Option<usize> {
        let granule = offset / GRANULE;
        let mut word = granule / 64;
        let mut bits = self.starts[word].get() & (u64::MAX >> (63 - granule % 64));
        loop {
            if bits != 0 {
                let start = (word * 64 + 63 - bits.leading_zeros() as usize) * GRANULE;
                return Some(self.address() + start);
            }
            if word == 0 {
                return None;
            }
            word -= 1;
            bits = self.starts[word].get();
        }
    }
}

#[inline(always)]
pub fn set_bit(words: &[Cell<u64>], index: usize) {
    let word = &words[index / 64];
    word.set(word.get() | 1 << (index % 64));
}

/// Size in bytes of a large object.
pub fn large_size(header: &Header) -> usize {
    Block::of(header).large_size.get()
}

/// What a block is, as the side table says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BlockUse {
    Free,
    Small,
    LargeHead,
    /// Further block of the large object that starts at the given block.
    LargeTail(u32),
}

/// The reserved range and the table of what each block is.
pub struct Space {
    base: usize,
    blocks: usize,
    /// One word a block: 0 free, 1 small, 2 large head, else tail (head << 2 | 3).
    table: *mut u32,
    /// Blocks from here on were never used.
    fresh: Cell<usize>,
    /// Runs of free blocks below `fresh`: first block, length.
    free: RefCell<BTreeMap<u32, u32>>,
    used: Cell<usize>,
}

impl Space {
    /// Reserves address space, as much as the system grants up to 1 TiB.
    pub fn new() -> Option<Space> {
        let mut size = 1usize << 40;
        while size >= 1 << 28 {
            let base = reserve(size + BLOCK);
            if base != 0 {
                let blocks = size / BLOCK;
                let table = reserve(blocks * 4);
                if table != 0 {
                    use_huge_pages(base.next_multiple_of(BLOCK), size);
                    return Some(Space {
                        base: base.next_multiple_of(BLOCK),
                        blocks,
                        table: table as *mut u32,
                        fresh: Cell::new(0),
                        free: RefCell::default(),
                        used: Cell::new(0),
                    });
                }
                // SAFETY: the mapping made above.
                unsafe { libc::munmap(base as *mut _, size + BLOCK) };
            }
            size /= 2;
        }
        None
    }

    /// Lets the system have the memory of free blocks back, all but about `keep` bytes.
    pub fn trim(&self, keep: usize) {
        let mut kept = 0;
        for (&start, &length) in self.free.borrow().iter() {
            let keep_here = (keep.saturating_sub(kept) / BLOCK).min(length as usize);
            kept += keep_here * BLOCK;
            let start = self.base + (start as usize + keep_here) * BLOCK;
            let bytes = (length as usize - keep_here) * BLOCK;
            if bytes != 0 {
                // SAFETY: nobody uses the range, and whoever takes a block resets it.
                unsafe { libc::madvise(start as *mut _, bytes, libc::MADV_DONTNEED) };
            }
        }
    }

    /// Blocks in use, in bytes.
    pub fn used_bytes(&self) -> usize {
        self.used.get() * BLOCK
    }

    fn entry(&self, block: usize) -> &Cell<u32> {
        debug_assert!(block < self.blocks);
        // SAFETY: within the table.
        unsafe { &*(self.table.add(block) as *const Cell<u32>) }
    }

    /// What the block that holds `address` is; `None` outside the space.
    #[inline]
    pub fn use_of(&self, address: usize) -> Option<BlockUse> {
        let block = address.wrapping_sub(self.base) / BLOCK;
        if block >= self.fresh.get() {
            return None;
        }
        Some(match self.entry(block).get() {
            0 => BlockUse::Free,
            1 => BlockUse::Small,
            2 => BlockUse::LargeHead,
            n => BlockUse::LargeTail(n >> 2),
        })
    }

    /// The header of block number `block`.
    pub fn block(&self, block: usize) -> &'static Block {
        // SAFETY: the caller's block is in use.
        unsafe { &*((self.base + block * BLOCK) as *const Block) }
    }

    /// Takes `count` adjacent blocks for one use; the first one's header is reset.
    pub fn take(
        &self,
        count: usize,
        heap: *const Heap,
        large_size: usize,
    ) -> Option<&'static Block> {
        let first = self.take_run(count)?;
        let large = large_size != 0;
        self.entry(first).set(if large { 2 } else { 1 });
        for i in 1..count {
            self.entry(first + i).set((first as u32) << 2 | 3);
        }
        self.used.set(self.used.get() + count);
        let address = self.base + first * BLOCK;
        // SAFETY: the block is free and mapped; an all-zero header is valid before `heap` is set.
        unsafe {
            std::ptr::write_bytes(address as *mut u8, 0, size_of::<Block>());
            (*(address as *mut Block)).heap = heap;
        }
        let block = self.block(first);
        block.large_size.set(large_size);
        Some(block)
    }

    fn take_run(&self, count: usize) -> Option<usize> {
        let mut free = self.free.borrow_mut();
        let found = free
            .iter()
            .find(|(_, n)| **n as usize >= count)
            .map(|(s, n)| (*s, *n));
        if let Some((start, length)) = found {
            free.remove(&start);
            if length as usize > count {
                free.insert(start + count as u32, length - count as u32);
            }
            return Some(start as usize);
        }
        let first = self.fresh.get();
        if first + count > self.blocks {
            return None;
        }
        self.fresh.set(first + count);
        Some(first)
    }

    /// Gives back the blocks of one use. Their memory is left for the next use unless it is
    /// a lot: having the system take it and bring new pages costs more than a short life did.
    pub fn release(&self, block: &Block) {
        let first = (block.address() - self.base) / BLOCK;
        let count = match block.large_size.get() {
            0 => 1,
            n => (n + LARGE_OFFSET).div_ceil(BLOCK),
        };
        if count * BLOCK > KEEP {
            // SAFETY: the range belongs to a dead large object.
            unsafe {
                libc::madvise(
                    block.address() as *mut _,
                    count * BLOCK,
                    libc::MADV_DONTNEED,
                )
            };
        }
        for i in 0..count {
            self.entry(first + i).set(0);
        }
        self.used.set(self.used.get() - count);
        let mut free = self.free.borrow_mut();
        let (mut start, mut length) = (first as u32, count as u32);
        if let Some((&s, &n)) = free.range(..start).next_back()
            && s + n == start
        {
            free.remove(&s);
            start = s;
            length += n;
        }
        if let Some(n) = free.remove(&(start + length)) {
            length += n;
        }
        free.insert(start, length);
    }
}

impl Drop for Space {
    fn drop(&mut self) {
        // SAFETY: both mappings were made in `new`.
        unsafe {
            libc::munmap(self.base as *mut _, self.blocks * BLOCK);
            libc::munmap(self.table as *mut _, self.blocks * 4);
        }
    }
}

/// Asks for huge pages behind the first few: programs that get so far touch much memory, and
/// bringing it page by page took up to a fifth of their time.
fn use_huge_pages(base: usize, size: usize) {
    let start = (base + SMALL_PAGES).next_multiple_of(2 << 20);
    // SAFETY: part of the range reserved above; advice changes no contents.
    unsafe { libc::madvise(start as *mut _, size - (start - base), libc::MADV_HUGEPAGE) };
}

fn reserve(size: usize) -> usize {
    // SAFETY: a fresh anonymous mapping; pages cost nothing before they are touched.
    let p = unsafe {
        libc::mmap(
            std::ptr::null_mut(),
            size,
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE,
            -1,
            0,
        )
    };
    if p == libc::MAP_FAILED { 0 } else { p as usize }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_of_lines_are_found_across_words() {
        let of = |ranges: &[std::ops::Range<usize>]| {
            let mut lines = Lines::default();
            for line in ranges.iter().cloned().flatten() {
                lines.0[line / 64] |= 1 << (line % 64);
            }
            lines
        };
        let free = of(&[3..5, 62..66, 100..250]);
        assert_eq!(free.starts_of_runs(1), free);
        assert_eq!(free.starts_of_runs(2).first(), Some(3));
        for least in [3, 4] {
            assert_eq!(free.starts_of_runs(least).first(), Some(62));
        }
        for least in [5, 64, 65, 127, 128, 150] {
            let starts = free.starts_of_runs(least);
            assert_eq!(starts, of(&[100..101, 101..251 - least]), "{least}");
        }
        assert_eq!(free.starts_of_runs(151).first(), None);
        for (line, first) in [(0, Some(3)), (63, Some(63)), (128, Some(128)), (256, None)] {
            let mut rest = free;
            rest.clear_below(line);
            assert_eq!(rest.first(), first);
        }
    }
}
