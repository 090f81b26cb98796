//! Giving back the pages of the program's file that start-up touched.
//!
//! Most of what starts the interpreter (making types, reading the library,
//! compiling the script) does not run again soon, but the system keeps its pages
//! mapped, with their neighbours that came along: some megabytes, more than a
//! small program uses otherwise. Pages unmapped here stay in the system's cache of
//! the file, and those still needed come back at the cost of a short fault for
//! sixteen at a time.

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
    const PAGE: usize = 4096;
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
            let end = start + header.p_memsz as usize;
            let first = start.next_multiple_of(PAGE);
            let bytes = (end & !(PAGE - 1)).saturating_sub(first);
            libc::madvise(first as *mut _, bytes, libc::MADV_DONTNEED);
        }
    }
    1
}
