//! The embedded standard library, see `build.rs`.

use std::sync::OnceLock;

static ARCHIVE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/stdlib.bin"));

/// A module of the library.
#[derive(Clone, Copy)]
pub struct Frozen {
    pub name: &'static str,
    pub is_package: bool,
    /// Serialised code.
    pub code: &'static [u8],
    source: &'static [u8],
}

impl Frozen {
    /// Gives the memory of the serialised code back, once it was read.
    pub fn release(&self) {
        crate::pages::release_constant(self.code, ARCHIVE);
    }

    /// The module's source text.
    pub fn source(&self) -> String {
        let bytes = miniz_oxide::inflate::decompress_to_vec(self.source).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

fn number(at: &mut usize) -> usize {
    let bytes: [u8; 4] = ARCHIVE[*at..*at + 4].try_into().unwrap_or_default();
    *at += 4;
    u32::from_le_bytes(bytes) as usize
}

/// The table of modules in order of name: read-only data derived from a constant.
fn table() -> &'static [Frozen] {
    static TABLE: OnceLock<Vec<Frozen>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut at = 0;
        let data = &ARCHIVE[number(&mut at)..];
        let count = number(&mut at);
        let mut modules = Vec::with_capacity(count);
        for _ in 0..count {
            let length = number(&mut at);
            let name = std::str::from_utf8(&ARCHIVE[at..at + length]).unwrap_or("");
            at += length;
            let is_package = ARCHIVE[at] != 0;
            at += 1;
            let (code_at, code_len) = (number(&mut at), number(&mut at));
            let (source_at, source_len) = (number(&mut at), number(&mut at));
            modules.push(Frozen {
                name,
                is_package,
                code: &data[code_at..code_at + code_len],
                source: &data[source_at..source_at + source_len],
            });
        }
        modules
    })
}

/// The module of this name.
pub fn find(name: &str) -> Option<Frozen> {
    let table = table();
    table
        .binary_search_by(|m| m.name.cmp(name))
        .ok()
        .map(|i| table[i])
}

/// All modules' names.
pub fn names() -> impl Iterator<Item = &'static str> {
    table().iter().map(|m| m.name)
}
