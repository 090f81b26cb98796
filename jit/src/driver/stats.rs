//! What the JIT did, in numbers.

use std::collections::BTreeMap;
use std::time::Duration;

/// What is known of a compiled loop.
#[derive(Clone, Debug)]
pub struct LoopInfo {
    pub function: String,
    pub filename: String,
    pub line: u32,
    /// The representation as text.
    pub ir: String,
    /// How often it was entered, and how often the state did not fit.
    pub entered: u64,
    pub misfits: u32,
    pub bridges: usize,
    pub code_bytes: usize,
    /// Guards that failed, the most frequent first.
    pub exits: Vec<(String, u32)>,
}

/// Counts since the start.
#[derive(Clone, Debug, Default)]
pub struct Stats {
    /// Recordings begun, and given up.
    pub recordings: u64,
    pub aborts: u64,
    /// Root traces and bridges that were compiled.
    pub loops: u64,
    pub bridges: u64,
    /// Side traces.
    pub sides: u64,
    /// Compilations, and what they took and made.
    pub compiled: u64,
    pub compile_time: Duration,
    /// The same without the second compilation of what was compiled quickly.
    pub first_compile_time: Duration,
    pub code_bytes: usize,
    pub instructions: usize,
    /// Why recordings were given up.
    pub reasons: BTreeMap<String, u64>,
}
