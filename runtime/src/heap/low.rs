//! Memory below 4 GiB for shapes, so that a header names its shape in 32 bits
//! and a compiled guard compares it with an immediate.

use std::cell::Cell;
use std::ptr::NonNull;

const RESERVED: usize = 512 << 20;

/// A bump allocator over one reserved range of low addresses.
pub struct LowArena {
    next: Cell<usize>,
    end: usize,
    start: usize,
}

impl LowArena {
    /// Reserves address space; `None` if the system has none below 4 GiB left.
    pub fn new() -> Option<LowArena> {
        let mut size = RESERVED;
        while size >= 16 << 20 {
            for hint in (0x1000_0000..0xE000_0000usize).step_by(0x1000_0000) {
                // SAFETY: a fresh anonymous mapping that replaces nothing.
                let p = unsafe {
                    libc::mmap(
                        hint as *mut _,
                        size,
                        libc::PROT_READ | libc::PROT_WRITE,
                        libc::MAP_PRIVATE
                            | libc::MAP_ANONYMOUS
                            | libc::MAP_NORESERVE
                            | libc::MAP_FIXED_NOREPLACE,
                        -1,
                        0,
                    )
                };
                if p == libc::MAP_FAILED {
                    continue;
                }
                let start = p as usize;
                if start + size <= 1 << 32 {
                    return Some(LowArena {
                        next: Cell::new(start),
                        end: start + size,
                        start,
                    });
                }
                // SAFETY: the mapping made above.
                unsafe { libc::munmap(p, size) };
            }
            size /= 2;
        }
        None
    }

    /// Moves `value` into the arena; `None` when it is full.
    pub fn alloc<T>(&self, value: T) -> Option<NonNull<T>> {
        let at = self.next.get().next_multiple_of(align_of::<T>().max(16));
        if at + size_of::<T>() > self.end {
            return None;
        }
        self.next.set(at + size_of::<T>());
        let p = at as *mut T;
        // SAFETY: within the mapping, aligned, and not handed out before.
        unsafe { p.write(value) };
        NonNull::new(p)
    }

    /// Bytes handed out.
    pub fn used(&self) -> usize {
        self.next.get() - self.start
    }
}

impl Drop for LowArena {
    fn drop(&mut self) {
        // SAFETY: the mapping made in `new`; shapes hold nothing that must be dropped after it.
        unsafe { libc::munmap(self.start as *mut _, self.end - self.start) };
    }
}
