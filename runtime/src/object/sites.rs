//! Caches of attribute access that instructions share.

use crate::heap::Gc;
use crate::types::str::Str;
use std::cell::{Cell, OnceCell};

/// How many caches there are. The table is made when an instruction first needs it.
const COUNT: usize = 1024;

/// The words of an attribute instruction and its cache.
pub const SITE_WORDS: usize = 6;

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
    /// and a shape, and whether it is filled for them.
    #[inline]
    pub fn site(&self, name: Gc<Str>, usage: u64, shape: u32) -> Option<(&SharedSite, bool)> {
        if !name.is_interned() {
            return None;
        }
        let table = self.0.get_or_init(|| {
            let empty = || SharedSite {
                key: Cell::new((0, 0)),
                words: Default::default(),
            };
            (0..COUNT).map(|_| empty()).collect()
        });
        let key = (name.as_ptr() as u64 | usage, shape);
        let hash = (u64::from(shape) >> 4).wrapping_mul(0x9E37_79B9) ^ (key.0 >> 4) ^ usage << 5;
        let site = &table[hash as usize & (COUNT - 1)];
        let is_filled = site.key.get() == key;
        site.key.set(key);
        Some((site, is_filled))
    }
}
