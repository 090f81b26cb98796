//! Native stacks: where they lie, and scanning them.

/// The range that a thread's native stack may occupy.
#[derive(Clone, Copy, Debug)]
pub struct StackBounds {
    /// Lowest address.
    pub low: usize,
    /// One past the highest address.
    pub high: usize,
}

impl StackBounds {
    /// Those of the calling thread.
    pub fn current() -> StackBounds {
        // SAFETY: plain queries of the calling thread's attributes, which are released again.
        unsafe {
            let mut attr: libc::pthread_attr_t = std::mem::zeroed();
            let mut address = std::ptr::null_mut();
            let mut size = 0;
            if libc::pthread_getattr_np(libc::pthread_self(), &mut attr) != 0 {
                let here = stack_pointer();
                return StackBounds {
                    low: here.saturating_sub(1 << 20),
                    high: here + (64 << 10),
                };
            }
            libc::pthread_attr_getstack(&attr, &mut address, &mut size);
            libc::pthread_attr_destroy(&mut attr);
            let high = address as usize + size;
            // The main thread's stack grows on demand up to its limit.
            StackBounds {
                low: address as usize,
                high,
            }
        }
    }
}

/// The stack pointer: nothing of the caller's lies below it.
#[inline(always)]
pub fn stack_pointer() -> usize {
    let sp: usize;
    #[cfg(target_arch = "x86_64")]
    // SAFETY: copies one register.
    unsafe {
        std::arch::asm!("mov {}, rsp", out(reg) sp, options(nomem, nostack, preserves_flags));
    }
    #[cfg(target_arch = "aarch64")]
    // SAFETY: copies one register.
    unsafe {
        std::arch::asm!("mov {}, sp", out(reg) sp, options(nomem, nostack, preserves_flags));
    }
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    {
        let marker = 0u8;
        sp = std::hint::black_box(&raw const marker) as usize;
    }
    sp
}

/// Calls `f` with an address below which nothing of interest lies on this
/// thread's stack, every callee-saved register having been written above it.
#[inline(never)]
pub fn with_spilled_registers(f: &mut dyn FnMut(usize)) {
    let mut registers = [0usize; 12];
    #[cfg(target_arch = "x86_64")]
    // SAFETY: stores registers into the array, nothing else.
    unsafe {
        std::arch::asm!(
            "mov [{0}], rbx", "mov [{0} + 8], rbp", "mov [{0} + 16], r12",
            "mov [{0} + 24], r13", "mov [{0} + 32], r14", "mov [{0} + 40], r15",
            in(reg) registers.as_mut_ptr(), options(nostack, preserves_flags)
        );
    }
    #[cfg(target_arch = "aarch64")]
    // SAFETY: stores registers into the array, nothing else.
    unsafe {
        std::arch::asm!(
            "stp x19, x20, [{0}]", "stp x21, x22, [{0}, 16]", "stp x23, x24, [{0}, 32]",
            "stp x25, x26, [{0}, 48]", "stp x27, x28, [{0}, 64]", "str x29, [{0}, 80]",
            in(reg) registers.as_mut_ptr(), options(nostack, preserves_flags)
        );
    }
    f(std::hint::black_box(registers.as_ptr()) as usize);
    std::hint::black_box(&mut registers);
}
