//! Giving back the pages of the program's file that start-up touched.
//!
//! Most of what starts the interpreter (making types, reading the library,
//! compiling the script) does not run again soon, but the system keeps its pages
//! mapped, with their neighbours that came along: some megabytes, more than a
//! small program uses otherwise. Pages unmapped here stay in the system's cache of
//! the file, and those still needed come back at the cost of a short fault for
//! sixteen at a time. Modules that are imported later do the same on a smaller scale:
//! their code goes at once, and the machinery with the next collection.

/// Pages of a file that a fault brings along on both sides.
const AROUND: usize = 64 << 10;

/// Unmaps a part of a constant that is not read again soon, and what came along with it.
/// `whole` is the constant, beyond which nothing is touched.
pub fn release_constant(part: &'static [u8], whole: &'static [u8]) {
    let range = whole.as_ptr_range();
    let start = (part.as_ptr() as usize & !(AROUND - 1)).max(range.start as usize);
    let end = (part.as_ptr_range().end as usize).next_multiple_of(AROUND);
    release_range(start, end.min(range.end as usize));
}

/// Unmaps the whole pages of a range of the program's read-only segments.
fn release_range(start: usize, end: usize) {
    const PAGE: usize = 4096;
    let first = start.next_multiple_of(PAGE);
    let bytes = (end & !(PAGE - 1)).saturating_sub(first);
    if bytes != 0 {
        // SAFETY: the range is backed by the program's file and never written, so that its
        // pages come back as they were.
        unsafe { libc::madvise(first as *mut _, bytes, libc::MADV_DONTNEED) };
    }
}

/// Unmaps the program's code and constants; what is used next is mapped again.
pub fn release_file_pages() {
    // SAFETY: the callback keeps to the C interface's contract.
    unsafe { libc::dl_iterate_phdr(Some(release), std::ptr::null_mut()) };
}

/// Handles the first object listed, which is the program itself, and ends the walk.
unsafe extern "C" fn release(
    info: *mut libc::dl_phdr_info,
    _size: libc::size_t,
    _data: *mut libc::c_void,
) -> libc::c_int {
    // SAFETY: the loader describes the program's own segments, which stay mapped.
    unsafe {
        let info = &*info;
        let headers = std::slice::from_raw_parts(info.dlpi_phdr, info.dlpi_phnum.into());
        for header in headers {
            // Private changes would be lost in writable segments; the others have none.
            if header.p_type != libc::PT_LOAD || header.p_flags & libc::PF_W != 0 {
                continue;
            }
            let start = info.dlpi_addr as usize + header.p_vaddr as usize;
            release_range(start, start + header.p_memsz as usize);
        }
    }
    1
}
