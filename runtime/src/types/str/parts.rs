//! Methods of `str` that look for substrings, or cut a string into parts.

use super::{Str, StrData};
use crate::heap::Gc;
use crate::types::list::List;
use crate::types::search::{self, Unit, UnitSet};
use crate::types::support::{arg_name, bounds, receiver, size_arg, str_arg};
use crate::types::tuple::Tuple;
use crate::value::Value;
use crate::vm::{Result, Vm};
use crate::with_str_data;
use taipan_text::unicode;

/// The characters of `s` from `start` to `end`.
fn part(s: &Str, start: usize, end: usize) -> StrData<'_> {
    match s.data() {
        StrData::Latin1(d) => StrData::Latin1(&d[start..end]),
        StrData::Ucs2(d) => StrData::Ucs2(&d[start..end]),
        StrData::Ucs4(d) => StrData::Ucs4(&d[start..end]),
    }
}

fn find_in<U: Unit>(hay: &[U], needle: StrData<'_>, last: bool) -> Option<usize> {
    let needle = U::of_text(needle)?;
    if last {
        search::rfind(hay, &needle)
    } else {
        search::find(hay, &needle)
    }
}

fn locate(text: StrData<'_>, needle: StrData<'_>, last: bool) -> Option<usize> {
    taipan_text::with_units!(text, hay => find_in(hay, needle, last))
}

fn search_in(vm: &Vm, args: &[Value], name: &str, last: bool) -> Result<Option<usize>> {
    let s = receiver::<Str>(args[0]);
    let needle = match args[1].cast::<Str>() {
        Some(needle) => needle,
        None => str_arg(vm, args[1], &format!("{name}() argument 1"))?,
    };
    let Some((start, end)) = bounds(vm, args[2], args[3], s.len())? else {
        return Ok(None);
    };
    Ok(locate(part(&s, start, end), needle.data(), last).map(|at| at + start))
}

fn index_or_minus_one(vm: &Vm, at: Option<usize>) -> Result {
    Ok(vm.new_int(at.map_or(-1, |i| i as i64)))
}

pub(super) fn find(vm: &Vm, args: &[Value]) -> Result {
    index_or_minus_one(vm, search_in(vm, args, "find", false)?)
}

pub(super) fn rfind(vm: &Vm, args: &[Value]) -> Result {
    index_or_minus_one(vm, search_in(vm, args, "rfind", true)?)
}

fn found(vm: &Vm, at: Option<usize>) -> Result {
    match at {
        Some(at) => Ok(vm.new_int(at as i64)),
        None => Err(vm.value_error("substring not found")),
    }
}

pub(super) fn index(vm: &Vm, args: &[Value]) -> Result {
    found(vm, search_in(vm, args, "index", false)?)
}

pub(super) fn rindex(vm: &Vm, args: &[Value]) -> Result {
    found(vm, search_in(vm, args, "rindex", true)?)
}

fn count_in<U: Unit>(hay: &[U], needle: StrData<'_>) -> usize {
    U::of_text(needle).map_or(0, |n| search::count(hay, &n, usize::MAX))
}

pub(super) fn count(vm: &Vm, args: &[Value]) -> Result {
    let s = receiver::<Str>(args[0]);
    let needle = str_arg(vm, args[1], "count() argument 1")?;
    let n = match bounds(vm, args[2], args[3], s.len())? {
        Some((start, end)) => {
            taipan_text::with_units!(part(&s, start, end), hay => count_in(hay, needle.data()))
        }
        None => 0,
    };
    Ok(vm.new_int(n as i64))
}

impl Vm {
    /// `needle in s`.
    pub fn str_contains(&self, s: &Str, needle: &Str) -> bool {
        locate(s.data(), needle.data(), false).is_some()
    }
}

fn has_affix(s: &Str, start: usize, end: usize, affix: &Str, at_end: bool) -> bool {
    let n = affix.len();
    if n > end - start {
        return false;
    }
    let from = if at_end { end - n } else { start };
    match (s.data(), affix.data()) {
        (StrData::Latin1(a), StrData::Latin1(b)) => a[from..from + n] == *b,
        (a, b) => (0..n).all(|i| a.at(from + i) == b.at(i)),
    }
}

fn affix_test(vm: &Vm, args: &[Value], name: &str, at_end: bool) -> Result {
    let s = receiver::<Str>(args[0]);
    let range = bounds(vm, args[2], args[3], s.len())?;
    let test =
        |affix: &Str| range.is_some_and(|(start, end)| has_affix(&s, start, end, affix, at_end));
    if let Some(affix) = args[1].cast::<Str>() {
        return Ok(Value::bool(test(&affix)));
    }
    let Some(choices) = args[1].cast::<Tuple>() else {
        let got = vm.type_name(args[1]);
        return Err(vm.type_error(format!(
            "{name} first arg must be str or a tuple of str, not {got}"
        )));
    };
    for &choice in choices.as_slice() {
        let Some(affix) = choice.cast::<Str>() else {
            let got = vm.type_name(choice);
            return Err(vm.type_error(format!("tuple for {name} must only contain str, not {got}")));
        };
        if test(&affix) {
            return Ok(Value::TRUE);
        }
    }
    Ok(Value::FALSE)
}

pub(super) fn startswith(vm: &Vm, args: &[Value]) -> Result {
    affix_test(vm, args, "startswith", false)
}

pub(super) fn endswith(vm: &Vm, args: &[Value]) -> Result {
    affix_test(vm, args, "endswith", true)
}

pub(super) fn removeprefix(vm: &Vm, args: &[Value]) -> Result {
    let s = receiver::<Str>(args[0]);
    let prefix = str_arg(vm, args[1], "removeprefix() argument")?;
    let start = if has_affix(&s, 0, s.len(), &prefix, false) {
        prefix.len()
    } else {
        0
    };
    Ok(vm.substring(s, start, s.len())?.value())
}

pub(super) fn removesuffix(vm: &Vm, args: &[Value]) -> Result {
    let s = receiver::<Str>(args[0]);
    let suffix = str_arg(vm, args[1], "removesuffix() argument")?;
    let end = if has_affix(&s, 0, s.len(), &suffix, true) {
        s.len() - suffix.len()
    } else {
        s.len()
    };
    Ok(vm.substring(s, 0, end)?.value())
}

/// `str.isspace` of one ASCII or Latin-1 character.
#[inline(always)]
pub(super) fn is_space<U: Into<u32>>(u: U) -> bool {
    match u.into() {
        cp @ 0..128 => matches!(cp, 0x20 | 0x09..=0x0D | 0x1C..=0x1F),
        cp => unicode::is_space(cp),
    }
}

fn strip_with(vm: &Vm, args: &[Value], name: &str, left: bool, right: bool) -> Result {
    let s = receiver::<Str>(args[0]);
    let (start, end) = match args[1].given_not_none() {
        None => with_str_data!(s, d => search::strip(d, left, right, is_space)),
        Some(chars) => {
            let Some(chars) = chars.cast::<Str>() else {
                return Err(vm.type_error(format!("{name} arg must be None or str")));
            };
            // Characters too wide for `s` cannot occur in it.
            fn cut<U: Unit>(
                d: &[U],
                chars: StrData<'_>,
                left: bool,
                right: bool,
            ) -> (usize, usize) {
                let mut units = (0..chars.len())
                    .map(|i| chars.at(i))
                    .filter(|c| *c <= U::MAX)
                    .map(U::narrow);
                match (units.next(), units.next(), units.next()) {
                    (Some(one), None, _) => search::strip(d, left, right, |u| u == one),
                    (Some(one), Some(two), None) => {
                        search::strip(d, left, right, |u| u == one || u == two)
                    }
                    (one, two, three) => {
                        let set =
                            UnitSet::new(one.into_iter().chain(two).chain(three).chain(units));
                        search::strip(d, left, right, |u| set.contains(u))
                    }
                }
            }
            with_str_data!(s, d => cut(d, chars.data(), left, right))
        }
    };
    Ok(vm.substring(s, start, end)?.value())
}

pub(super) fn strip(vm: &Vm, args: &[Value]) -> Result {
    strip_with(vm, args, "strip", true, true)
}

pub(super) fn lstrip(vm: &Vm, args: &[Value]) -> Result {
    strip_with(vm, args, "lstrip", true, false)
}

pub(super) fn rstrip(vm: &Vm, args: &[Value]) -> Result {
    strip_with(vm, args, "rstrip", false, true)
}

/// The arguments `sep` and `maxsplit`: `None` is white space.
fn split_args(vm: &Vm, args: &[Value]) -> Result<(Option<Gc<Str>>, usize)> {
    let limit = match args[2].given() {
        None => -1,
        Some(v) => size_arg(vm, v)?,
    };
    let limit = if limit < 0 {
        usize::MAX
    } else {
        limit as usize
    };
    let separator = match args[1].given_not_none() {
        None => None,
        Some(v) => match v.cast::<Str>() {
            Some(s) if s.is_empty() => return Err(vm.value_error("empty separator")),
            Some(s) => Some(s),
            None => {
                return Err(vm.type_error(format!("must be str or None, not {}", vm.type_name(v))));
            }
        },
    };
    Ok((separator, limit))
}

pub(super) fn split(vm: &Vm, args: &[Value]) -> Result {
    let s = receiver::<Str>(args[0]);
    let (separator, limit) = split_args(vm, args)?;
    // Most texts have few parts: room for those is made at once.
    let room = limit.saturating_add(1).min(s.len() / 2 + 1).min(12);
    let list = vm.list_with_room(&[], room, vm.shapes.list.get())?;
    let push = |start: usize, end: usize| -> Result<()> {
        list.push(vm, vm.substring(s, start, end)?.value())
    };
    fn by<U: Unit>(
        d: &[U],
        sep: &Str,
        limit: usize,
        push: impl FnMut(usize, usize) -> Result<()>,
    ) -> Result<()> {
        match U::of_text(sep.data()) {
            Some(sep) => search::split(d, &sep, limit, push),
            None => search::split(d, &[U::narrow(0)], 0, push),
        }
    }
    match separator {
        None => with_str_data!(s, d => search::split_space(d, limit, is_space, push))?,
        Some(sep) => with_str_data!(s, d => by(d, &sep, limit, push))?,
    }
    Ok(list.value())
}

pub(super) fn rsplit(vm: &Vm, args: &[Value]) -> Result {
    let s = receiver::<Str>(args[0]);
    let (separator, limit) = split_args(vm, args)?;
    let mut parts = vm.rooted();
    let push = |start: usize, end: usize| -> Result<()> {
        parts.push(vm.substring(s, start, end)?.value());
        Ok(())
    };
    fn by<U: Unit>(
        d: &[U],
        sep: &Str,
        limit: usize,
        push: impl FnMut(usize, usize) -> Result<()>,
    ) -> Result<()> {
        match U::of_text(sep.data()) {
            Some(sep) => search::rsplit(d, &sep, limit, push),
            None => search::rsplit(d, &[U::narrow(0)], 0, push),
        }
    }
    match separator {
        None => with_str_data!(s, d => search::rsplit_space(d, limit, is_space, push))?,
        Some(sep) => with_str_data!(s, d => by(d, &sep, limit, push))?,
    }
    parts.reverse();
    Ok(vm.new_list(&parts)?.value())
}

fn partition_at(vm: &Vm, args: &[Value], last: bool) -> Result {
    let s = receiver::<Str>(args[0]);
    let Some(sep) = args[1].cast::<Str>() else {
        return Err(vm.type_error(format!("must be str, not {}", vm.type_name(args[1]))));
    };
    if sep.is_empty() {
        return Err(vm.value_error("empty separator"));
    }
    let empty = vm.names.empty.get().value();
    let parts = match locate(s.data(), sep.data(), last) {
        Some(at) => [
            vm.substring(s, 0, at)?.value(),
            vm.exact_str(sep)?.value(),
            vm.substring(s, at + sep.len(), s.len())?.value(),
        ],
        None if last => [empty, empty, vm.exact_str(s)?.value()],
        None => [vm.exact_str(s)?.value(), empty, empty],
    };
    Ok(vm.new_tuple(&parts)?.value())
}

pub(super) fn partition(vm: &Vm, args: &[Value]) -> Result {
    partition_at(vm, args, false)
}

pub(super) fn rpartition(vm: &Vm, args: &[Value]) -> Result {
    partition_at(vm, args, true)
}

/// Whether a line ends at the character.
fn is_break<U: Into<u32>>(u: U) -> bool {
    match u.into() {
        cp @ 0..128 => matches!(cp, 0x0A..=0x0D | 0x1C..=0x1E),
        cp => unicode::is_linebreak(cp),
    }
}

pub(super) fn splitlines(vm: &Vm, args: &[Value]) -> Result {
    let s = receiver::<Str>(args[0]);
    let keep = match args[1].given() {
        Some(v) => vm.truth(v)?,
        None => false,
    };
    let list: Gc<List> = vm.new_list(&[])?;
    with_str_data!(s, d => search::split_lines(d, is_break, |start, end, next| {
        list.push(vm, vm.substring(s, start, if keep { next } else { end })?.value())
    }))?;
    Ok(list.value())
}

pub(super) fn replace(vm: &Vm, args: &[Value]) -> Result {
    let s = receiver::<Str>(args[0]);
    let check = |v: Value, n: usize| match v.cast::<Str>() {
        Some(s) => Ok(s),
        None => Err(vm.type_error(format!(
            "replace() argument {n} must be str, not {}",
            arg_name(vm, v)
        ))),
    };
    let (old, new) = (check(args[1], 1)?, check(args[2], 2)?);
    let limit = match args[3].given() {
        None => -1,
        Some(v) => size_arg(vm, v)?,
    };
    let limit = if limit < 0 {
        usize::MAX
    } else {
        limit as usize
    };
    Ok(vm.str_replace(s, old, new, limit)?.value())
}

/// Where matches are; most texts have few.
type Positions = smallvec::SmallVec<[usize; 16]>;

fn match_positions<U: Unit>(hay: &[U], needle: StrData<'_>, limit: usize) -> Positions {
    let mut at = Positions::new();
    if let Some(needle) = U::of_text(needle) {
        search::each_match(hay, &needle, limit, |i| at.push(i));
    }
    at
}

impl Vm {
    /// `s.replace(old, new, limit)`.
    pub fn str_replace(
        &self,
        s: Gc<Str>,
        old: Gc<Str>,
        new: Gc<Str>,
        limit: usize,
    ) -> Result<Gc<Str>> {
        if limit == 0 || old.len() > s.len() || old.equals(&new) {
            return self.exact_str(s);
        }
        let positions = if old.is_empty() {
            (0..(s.len() + 1).min(limit)).collect()
        } else {
            with_str_data!(s, d => match_positions(d, old.data(), limit))
        };
        if positions.is_empty() {
            return self.exact_str(s);
        }
        let len = positions
            .len()
            .checked_mul(new.len())
            .and_then(|n| n.checked_add(s.len() - positions.len() * old.len()))
            .filter(|n| *n <= isize::MAX as usize)
            .ok_or_else(|| self.overflow_error("replace string is too long"))?;
        // Removing characters may narrow the width or make the text ASCII; other text is built as it comes.
        match (s.data(), new.data()) {
            (StrData::Latin1(d), StrData::Latin1(n)) if s.is_ascii() => {
                self.build_str(len, new.is_ascii(), |out: &mut [u8]| {
                    splice(d, &positions, old.len(), n, out)
                })
            }
            (StrData::Latin1(d), StrData::Latin1(n)) => {
                let mut out = vec![0; len];
                splice(d, &positions, old.len(), n, &mut out);
                let ascii = out.is_ascii();
                self.try_new_str_latin1(&out, ascii)
            }
            (d, n) => {
                let mut out = taipan_text::TextBuf::with_capacity(len);
                let mut from = 0;
                for &at in &positions {
                    out.push_text(part(&s, from, at));
                    out.push_text(n);
                    from = at + old.len();
                }
                out.push_text(part(&s, from, d.len()));
                self.str_from_text(out.finish())
            }
        }
    }
}

/// Writes `d` with `new` in place of the `old_len` units at each position.
fn splice<U: Copy>(d: &[U], positions: &[usize], old_len: usize, new: &[U], out: &mut [U]) {
    if old_len == 1
        && let [unit] = new
    {
        out.copy_from_slice(d);
        positions.iter().for_each(|&at| out[at] = *unit);
        return;
    }
    let (mut from, mut to) = (0, 0);
    let mut put = |part: &[U]| {
        out[to..to + part.len()].copy_from_slice(part);
        to += part.len();
    };
    for &at in positions {
        put(&d[from..at]);
        put(new);
        from = at + old_len;
    }
    put(&d[from..]);
}
