//! Normal forms (Unicode Standard Annex 15) over code points, lone surrogates passing through.
//!
//! Existing crates work on `char` and so cannot carry surrogates, and the runtime also needs
//! Unicode 3.2's forms for IDNA; with the tables at hand the algorithm itself is short.

use super::{combining, decomp, old, record, tables::*, v3_2};
use crate::buf::{CodeUnit, TextBuf};

/// A normal form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Canonical composition.
    Nfc,
    /// Canonical decomposition.
    Nfd,
    /// Compatibility composition.
    Nfkc,
    /// Compatibility decomposition.
    Nfkd,
}

impl Form {
    /// The form called `name`, as `unicodedata.normalize` takes it.
    pub fn from_name(name: &str) -> Option<Form> {
        Some(match name {
            "NFC" => Form::Nfc,
            "NFD" => Form::Nfd,
            "NFKC" => Form::Nfkc,
            "NFKD" => Form::Nfkd,
            _ => return None,
        })
    }

    fn is_compat(self) -> bool {
        matches!(self, Form::Nfkc | Form::Nfkd)
    }

    fn is_composed(self) -> bool {
        matches!(self, Form::Nfc | Form::Nfkc)
    }
}

/// Which edition of Unicode to follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edition {
    /// The current one.
    Current,
    /// Unicode 3.2, for IDNA.
    V3_2,
}

const S_BASE: u32 = 0xAC00;
const L_BASE: u32 = 0x1100;
const V_BASE: u32 = 0x1161;
const T_BASE: u32 = 0x11A7;
const V_COUNT: u32 = 21;
const T_COUNT: u32 = 28;
const S_COUNT: u32 = 19 * V_COUNT * T_COUNT;

/// One step of decomposition: the compatibility tag (empty if canonical) and the parts.
fn entry(cp: u32) -> Option<(&'static str, &'static [u32])> {
    let block = *decomp::INDEX.get((cp >> 7) as usize)? as usize;
    let at = decomp::BLOCKS[block << 7 | (cp & 127) as usize] as usize;
    if at == 0 {
        return None;
    }
    let head = decomp::DATA[at] as usize;
    Some((
        decomp::TAGS[head >> 8],
        &decomp::DATA[at + 1..at + 1 + (head & 0xFF)],
    ))
}

/// `unicodedata.decomposition`: such as `"<compat> 0020 0308"`, empty when there is none.
pub fn decomposition(cp: u32, edition: Edition) -> String {
    if edition == Edition::V3_2 && !v3_2::is_assigned(cp) {
        return String::new();
    }
    let Some((tag, parts)) = entry(cp) else {
        return String::new();
    };
    let mut words: Vec<String> = parts.iter().map(|p| format!("{p:04X}")).collect();
    if !tag.is_empty() {
        words.insert(0, tag.to_owned());
    }
    words.join(" ")
}

fn decompose(cp: u32, compat: bool, edition: Edition, out: &mut Vec<u32>) {
    if cp.wrapping_sub(S_BASE) < S_COUNT {
        let s = cp - S_BASE;
        out.push(L_BASE + s / (V_COUNT * T_COUNT));
        out.push(V_BASE + s % (V_COUNT * T_COUNT) / T_COUNT);
        if !s.is_multiple_of(T_COUNT) {
            out.push(T_BASE + s % T_COUNT);
        }
        return;
    }
    if edition == Edition::V3_2 {
        if let Ok(i) = old::CORRECTED.binary_search_by_key(&cp, |c| c.0) {
            return out.push(old::CORRECTED[i].1);
        }
        if !v3_2::is_assigned(cp) {
            return out.push(cp);
        }
    }
    match entry(cp) {
        Some((tag, parts)) if compat || tag.is_empty() => {
            parts
                .iter()
                .for_each(|&p| decompose(p, compat, edition, out));
        }
        _ => out.push(cp),
    }
}

/// Sorts each run of non-starters by combining class, keeping equals in order.
fn reorder(cps: &mut [u32]) {
    for run in cps.chunk_by_mut(|_, &next| combining(next) != 0) {
        if run.len() > 1 {
            // Only the first of a chunk can be a starter, and its class 0 keeps it first.
            run.sort_by_key(|&cp| combining(cp));
        }
    }
}

fn compose_pair(a: u32, b: u32) -> Option<u32> {
    if a.wrapping_sub(L_BASE) < 19 && b.wrapping_sub(V_BASE) < V_COUNT {
        return Some(S_BASE + ((a - L_BASE) * V_COUNT + (b - V_BASE)) * T_COUNT);
    }
    if a.wrapping_sub(S_BASE) < S_COUNT && (a - S_BASE).is_multiple_of(T_COUNT) {
        let t = b.wrapping_sub(T_BASE);
        if (1..T_COUNT).contains(&t) {
            return Some(a + t);
        }
    }
    let i = decomp::PAIRS
        .binary_search_by_key(&(a, b), |p| (p.0, p.1))
        .ok()?;
    Some(decomp::PAIRS[i].2)
}

fn compose(cps: &mut Vec<u32>) {
    let mut starter = None;
    let mut last_class = 0;
    let mut to = 0;
    for from in 0..cps.len() {
        let cp = cps[from];
        let class = combining(cp);
        if let Some(s) = starter {
            let adjacent = to == s + 1;
            if (adjacent || (last_class != 0 && last_class < class))
                && let Some(composite) = compose_pair(cps[s], cp)
            {
                cps[s] = composite;
                continue;
            }
        }
        if class == 0 {
            starter = Some(to);
        }
        last_class = class;
        cps[to] = cp;
        to += 1;
    }
    cps.truncate(to);
}

/// Whether the tables alone show `s` to be in `form` already; `false` means "perhaps not".
fn quick_check<U: CodeUnit>(s: &[U], form: Form) -> bool {
    let floor = if form == Form::Nfc {
        0x300
    } else if form.is_compat() {
        0xA0
    } else {
        0xC0
    };
    let bad = match form {
        Form::Nfc => NFC_CHECK,
        Form::Nfd => NFD_NO,
        Form::Nfkc => NFKC_CHECK,
        Form::Nfkd => NFKD_NO,
    };
    let mut last = 0;
    s.iter().all(|&u| {
        let cp: u32 = u.into();
        if cp < floor {
            last = 0;
            return true;
        }
        let r = record(cp);
        let ordered = r.combining == 0 || r.combining >= last;
        last = r.combining;
        ordered && r.flags & bad == 0
    })
}

fn transform<U: CodeUnit>(s: &[U], form: Form, edition: Edition) -> Vec<u32> {
    let mut cps = Vec::with_capacity(s.len() + s.len() / 2);
    s.iter()
        .for_each(|&u| decompose(u.into(), form.is_compat(), edition, &mut cps));
    reorder(&mut cps);
    if form.is_composed() {
        compose(&mut cps);
    }
    cps
}

/// Appends `s` in the normal form; gives `false`, appending nothing, when `s` is in it already.
pub fn normalize<U: CodeUnit>(s: &[U], form: Form, edition: Edition, out: &mut TextBuf) -> bool {
    if edition == Edition::Current && quick_check(s, form) {
        return false;
    }
    out.push_units(&transform(s, form, edition));
    true
}

/// `unicodedata.is_normalized`.
pub fn is_normalized<U: CodeUnit>(s: &[U], form: Form, edition: Edition) -> bool {
    (edition == Edition::Current && quick_check(s, form))
        || transform(s, form, edition)
            .into_iter()
            .eq(s.iter().map(|&u| u.into()))
}
