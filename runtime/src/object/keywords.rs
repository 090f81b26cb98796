//! Which parameters of native functions the keywords of calls give, remembered between calls.
//!
//! The names of a call's keywords are one tuple for each place in the source, so that tuple and
//! function together tell where the values go: no names need be compared again.

use super::MethodDef;
use crate::heap::Gc;
use crate::types::tuple::Tuple;
use crate::vm::Vm;
use std::cell::{Cell, OnceCell};

/// Calls with more keywords are bound each time anew.
const MOST: usize = 6;

/// By address, until the collector frees memory.
#[derive(Default)]
pub struct KeywordPlaces {
    /// What [`crate::heap::Heap::sweeps`] was when the entries were made.
    sweeps: Cell<u64>,
    /// Made when first used.
    entries: OnceCell<Vec<Cell<Places>>>,
}

/// A call that fits: by function, names, and number of positional arguments.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Places {
    def: usize,
    names: usize,
    positional: usize,
    /// The parameter of each keyword.
    at: [u8; MOST],
}

impl Places {
    fn new(def: &'static MethodDef, names: Gc<Tuple>, positional: usize) -> Places {
        Places {
            def: def as *const MethodDef as usize,
            names: &*names as *const Tuple as usize,
            positional,
            at: [0; MOST],
        }
    }

    /// The parameter that the keyword of this index gives.
    #[inline]
    pub(super) fn parameter(&self, index: usize) -> usize {
        self.at[index].into()
    }
}

impl KeywordPlaces {
    const LOG: u32 = 7;

    #[inline]
    fn entry(&self, vm: &Vm, key: &Places) -> &Cell<Places> {
        let entries = self
            .entries
            .get_or_init(|| vec![Cell::default(); 1 << Self::LOG]);
        let sweeps = vm.heap.sweeps();
        if self.sweeps.replace(sweeps) != sweeps {
            entries.iter().for_each(|e| e.set(Places::default()));
        }
        let spread = (key.def ^ key.names.rotate_left(20)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        &entries[spread >> (usize::BITS - Self::LOG)]
    }

    /// What is known of a call.
    #[inline]
    pub(super) fn find(
        &self,
        vm: &Vm,
        def: &'static MethodDef,
        names: Gc<Tuple>,
        positional: usize,
    ) -> Option<Places> {
        let key = Places::new(def, names, positional);
        let found = self.entry(vm, &key).get();
        (Places {
            at: [0; MOST],
            ..found
        } == key)
            .then_some(found)
    }

    /// Remembers a call that was bound: `places` are the parameters of its keywords.
    pub(super) fn remember(
        &self,
        vm: &Vm,
        def: &'static MethodDef,
        names: Gc<Tuple>,
        positional: usize,
        places: &[u8],
    ) {
        if places.len() <= MOST {
            let mut known = Places::new(def, names, positional);
            known.at[..places.len()].copy_from_slice(places);
            self.entry(vm, &known).set(known);
        }
    }
}
