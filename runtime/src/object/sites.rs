//! Caches of attribute access that instructions share. An instruction's own cache holds one
//! shape; what meets many, such as a method called on all kinds of a base class's objects, would
//! go through class and shape at every execution. By name and shape the answer is the same
//! wherever it is asked, so that one table serves all such instructions.

use crate::heap::Gc;
use crate::types::str::Str;
use std::cell::{Cell, OnceCell};

/// How many caches there are. The table is made when an instruction first needs it.
const COUNT: usize = 1024;

/// The words of an attribute instruction and its cache.
const SITE_WORDS: usize = 6;

/// Caches by name and shape, for instructions that meet more shapes than their own cache can
/// serve. Each is laid out as the instruction with its own cache is.
#[derive(Default)]
pub struct SharedSites(OnceCell<Box<[SharedSite]>>);

/// One of them.
pub struct SharedSite {
    /// Which name, by its address, for which use, and for which shape: zero for none. Only
    /// interned names are entered, whose addresses are not used again.
    key: Cell<(u64, u32)>,
    /// The instruction and its cache.
    pub words: [Cell<u32>; SITE_WORDS],
}

impl SharedSites {
    /// The cache for a name, a way of using it (a small number below the alignment of objects),
    /// and a shape, and whether it was theirs before. If not, its words are zero.
    #[inline]
    pub fn site(&self, name: Gc<Str>, usage: u64, shape: u32) -> Option<(&SharedSite, bool)> {
        name.is_interned()
            .then(|| self.site_of((name.as_ptr() as u64 | usage, shape)))
    }

    #[inline]
    fn site_of(&self, key: (u64, u32)) -> (&SharedSite, bool) {
        let table = self.0.get_or_init(|| {
            let empty = || SharedSite {
                key: Cell::new((0, 0)),
                words: Default::default(),
            };
            (0..COUNT).map(|_| empty()).collect()
        });
        let usage = key.0 & 0xF;
        let hash = (u64::from(key.1) >> 4).wrapping_mul(0x9E37_79B9) ^ (key.0 >> 4) ^ usage << 5;
        let site = &table[hash as usize & (COUNT - 1)];
        let is_filled = site.key.get() == key;
        if !is_filled {
            // What is there is for another key; whoever asks may not come to fill it.
            site.key.set(key);
            site.words.iter().for_each(|w| w.set(0));
        }
        (site, is_filled)
    }
}

#[cfg(test)]
mod tests {
    use super::{COUNT, SharedSites};

    #[test]
    fn a_cache_taken_over_for_another_key_is_empty() {
        let sites = SharedSites::default();
        let (key, shape) = (0x1000, 0x40);
        let (site, is_filled) = sites.site_of((key, shape));
        assert!(!is_filled);
        site.words[2].set(shape);
        assert!(sites.site_of((key, shape)).1);
        // Another name whose place is the same.
        let other = key + 16 * COUNT as u64;
        let (taken, is_filled) = sites.site_of((other, shape));
        assert!(std::ptr::eq(site, taken) && !is_filled);
        assert_eq!(taken.words[2].get(), 0);
        // Not filled meanwhile, it is asked for again: nothing of the first name is left.
        let (again, is_filled) = sites.site_of((other, shape));
        assert!(is_filled && again.words.iter().all(|w| w.get() == 0));
        assert!(!sites.site_of((key, shape)).1);
    }
}
