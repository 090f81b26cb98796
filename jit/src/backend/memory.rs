//! Memory for machine code: written while it is not executable, executable once it
//! is not writable, given back when the code is dropped.

use std::io;

/// One piece of executable memory.
#[derive(Debug)]
pub struct Code {
    start: *mut u8,
    /// Bytes mapped.
    size: usize,
    /// Bytes of code.
    pub length: usize,
}

impl Code {
    /// Maps a copy of `bytes`.
    ///
    /// # Errors
    /// The system's, if it grants no memory.
    pub fn new(bytes: &[u8]) -> io::Result<Code> {
        let size = bytes.len().next_multiple_of(4096).max(4096);
        // SAFETY: a fresh mapping, written within its size before it is made executable.
        unsafe {
            let start = libc::mmap(
                std::ptr::null_mut(),
                size,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_PRIVATE | libc::MAP_ANONYMOUS,
                -1,
                0,
            );
            if start == libc::MAP_FAILED {
                return Err(io::Error::last_os_error());
            }
            let code = Code {
                start: start.cast(),
                size,
                length: bytes.len(),
            };
            std::ptr::copy_nonoverlapping(bytes.as_ptr(), code.start, bytes.len());
            if libc::mprotect(start, size, libc::PROT_READ | libc::PROT_EXEC) != 0 {
                return Err(io::Error::last_os_error());
            }
            #[cfg(target_arch = "aarch64")]
            flush_instruction_cache(code.start, bytes.len());
            Ok(code)
        }
    }

    /// Where it starts.
    pub fn address(&self) -> *const u8 {
        self.start
    }

    /// The machine code.
    pub fn bytes(&self) -> &[u8] {
        // SAFETY: mapped and readable.
        unsafe { std::slice::from_raw_parts(self.start, self.length) }
    }
}

#[cfg(target_arch = "aarch64")]
unsafe fn flush_instruction_cache(start: *const u8, length: usize) {
    unsafe extern "C" {
        fn __clear_cache(start: *const u8, end: *const u8);
    }
    // SAFETY: the range is mapped.
    unsafe { __clear_cache(start, start.add(length)) }
}

impl Drop for Code {
    fn drop(&mut self) {
        // SAFETY: the mapping made in `new`; whoever drops it knows that nothing runs there.
        unsafe { libc::munmap(self.start.cast(), self.size) };
    }
}
