//! What the JIT did, in numbers.

use std::collections::BTreeMap;
use std::time::Duration;

/// Counts since the start.
#[derive(Clone, Debug, Default)]
pub struct Stats {
    /// Recordings begun, and given up.
    pub recordings: u64,
    pub aborts: u64,
    /// Root traces and bridges that were compiled.
    pub loops: u64,
    pub bridges: u64,
    /// Compilations, and what they took and made.
    pub compiled: u64,
    pub compile_time: Duration,
    pub code_bytes: usize,
    pub instructions: usize,
    /// Why recordings were given up.
    pub reasons: BTreeMap<String, u64>,
}
