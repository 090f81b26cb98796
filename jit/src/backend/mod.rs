//! From the representation to machine code: lowering to Cranelift, the memory that
//! the code lies in, and the runtime's functions that it calls.

mod boxes;
mod cold;
pub mod doors;
mod frames;
pub mod function;
mod guards;
pub mod helpers;
pub mod keywords;
pub mod leaves;
pub mod lower;
pub mod memory;
mod objects;
mod powers;
mod quick;
mod raised;
pub mod search;
pub mod slices;
pub mod tables;

pub use lower::{Compiled, compile};

/// How compiled code is left, besides by the guard of this number.
pub mod exits {
    /// From here on: the end of a segment.
    pub const SEGMENT: u64 = 1 << 31;
    /// The state on entry is not what the trace was made for; nothing was done.
    pub const ENTRY: u64 = (1 << 32) - 16;
    /// An exception is pending; the frames are complete.
    pub const RAISED: u64 = ENTRY + 1;
    /// The frames are complete, and the interpreter is to go on where they stand.
    pub const LEFT: u64 = ENTRY + 2;
    /// The root frame, a loop's, is to return the value in the buffer's first word; no frame is
    /// beyond it.
    pub const RETURNED: u64 = ENTRY + 3;

    /// What the code of loops and side traces returns: the number of its compilation, and how it was left.
    pub fn word(version: u64, id: u64) -> u64 {
        version << 32 | id
    }

    /// Takes apart what [`word`] made.
    pub fn split(word: u64) -> (u64, u64) {
        (word >> 32, word & 0xFFFF_FFFF)
    }
}
