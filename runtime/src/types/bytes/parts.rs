//! Methods of bytes that look for parts, or cut into parts.

use super::cases::is_space;
use super::construct::Needle;
use super::{ByteArray, data_of, like, part};
use crate::heap::Gc;
use crate::ops::buffer::{ByteSlice, Export};
use crate::types::list::List;
use crate::types::search::{self, UnitSet};
use crate::types::support::{bounds, receiver, size_arg};
use crate::types::tuple::Tuple;
use crate::value::Value;
use crate::vm::{Result, Vm};
use smallvec::SmallVec;

/// Keeps a receiver that is a bytearray from being resized while arguments, whose
/// conversion may run Python code, are turned into bytes.
pub(super) fn hold(v: Value) -> Option<Export> {
    v.cast::<ByteArray>().map(|a| a.exports.lend())
}

/// A bytes-like argument.
fn view<'vm>(vm: &'vm Vm, v: Value) -> Result<ByteSlice<'vm>> {
    vm.byte_slice(v)
}

fn search_in(vm: &Vm, args: &[Value], last: bool) -> Result<Option<usize>> {
    let _held = hold(args[0]);
    let range = bounds(vm, args[2], args[3], data_of(args[0]).len())?;
    let needle = Needle::new(vm, args[1])?;
    let data = data_of(args[0]);
    let Some((start, end)) = range.filter(|r| r.1 <= data.len()) else {
        return Ok(None);
    };
    let hay = &data[start..end];
    let at = if last {
        search::rfind(hay, &needle)
    } else {
        search::find(hay, &needle)
    };
    Ok(at.map(|at| at + start))
}

fn index_or_minus_one(vm: &Vm, at: Option<usize>) -> Result {
    Ok(vm.new_int(at.map_or(-1, |i| i as i64)))
}

fn found(vm: &Vm, at: Option<usize>) -> Result {
    match at {
        Some(at) => Ok(vm.new_int(at as i64)),
        None => Err(vm.value_error("subsection not found")),
    }
}

pub(super) fn find(vm: &Vm, args: &[Value]) -> Result {
    index_or_minus_one(vm, search_in(vm, args, false)?)
}

pub(super) fn rfind(vm: &Vm, args: &[Value]) -> Result {
    index_or_minus_one(vm, search_in(vm, args, true)?)
}

pub(super) fn index(vm: &Vm, args: &[Value]) -> Result {
    found(vm, search_in(vm, args, false)?)
}

pub(super) fn rindex(vm: &Vm, args: &[Value]) -> Result {
    found(vm, search_in(vm, args, true)?)
}

pub(super) fn count(vm: &Vm, args: &[Value]) -> Result {
    let _held = hold(args[0]);
    let range = bounds(vm, args[2], args[3], data_of(args[0]).len())?;
    let needle = Needle::new(vm, args[1])?;
    let data = data_of(args[0]);
    let n = match range.filter(|r| r.1 <= data.len()) {
        Some((start, end)) => search::count(&data[start..end], &needle, usize::MAX),
        None => 0,
    };
    Ok(vm.new_int(n as i64))
}

pub(super) fn contains(vm: &Vm, args: &[Value]) -> Result {
    let _held = hold(args[0]);
    if vm.supports_buffer(args[1]) {
        let needle = view(vm, args[1])?;
        return Ok(Value::bool(
            search::find(data_of(args[0]), &needle).is_some(),
        ));
    }
    if args[1].as_int_ref().is_none()
        && vm
            .class_of(args[1])
            .special(crate::object::Special::Index)
            .is_none()
    {
        return Err(vm.not_bytes_like(args[1]));
    }
    let byte = super::construct::byte_arg(vm, args[1])?;
    Ok(Value::bool(
        memchr::memchr(byte, data_of(args[0])).is_some(),
    ))
}

fn affix_test(vm: &Vm, args: &[Value], name: &str, at_end: bool) -> Result {
    let _held = hold(args[0]);
    let range = bounds(vm, args[2], args[3], data_of(args[0]).len())?;
    let test = |affix: Value| -> Result<bool> {
        let affix = view(vm, affix)?;
        let data = data_of(args[0]);
        Ok(range.is_some_and(|(start, end)| {
            let part = data.get(start..end).unwrap_or_default();
            if at_end {
                part.ends_with(&affix)
            } else {
                part.starts_with(&affix)
            }
        }))
    };
    if let Some(choices) = args[1].cast::<Tuple>() {
        for &choice in choices.as_slice() {
            if test(choice)? {
                return Ok(Value::TRUE);
            }
        }
        return Ok(Value::FALSE);
    }
    if !vm.supports_buffer(args[1]) {
        let got = vm.type_name(args[1]);
        return Err(vm.type_error(format!(
            "{name} first arg must be bytes or a tuple of bytes, not {got}"
        )));
    }
    Ok(Value::bool(test(args[1])?))
}

pub(super) fn startswith(vm: &Vm, args: &[Value]) -> Result {
    affix_test(vm, args, "startswith", false)
}

pub(super) fn endswith(vm: &Vm, args: &[Value]) -> Result {
    affix_test(vm, args, "endswith", true)
}

pub(super) fn removeprefix(vm: &Vm, args: &[Value]) -> Result {
    let _held = hold(args[0]);
    let prefix = view(vm, args[1])?;
    let data = data_of(args[0]);
    let start = if data.starts_with(&prefix) {
        prefix.len()
    } else {
        0
    };
    part(vm, args[0], start, data.len())
}

pub(super) fn removesuffix(vm: &Vm, args: &[Value]) -> Result {
    let _held = hold(args[0]);
    let suffix = view(vm, args[1])?;
    let data = data_of(args[0]);
    let end = data.len()
        - if data.ends_with(&suffix) {
            suffix.len()
        } else {
            0
        };
    part(vm, args[0], 0, end)
}

fn strip_with(vm: &Vm, args: &[Value], left: bool, right: bool) -> Result {
    let _held = hold(args[0]);
    let (start, end) = match args[1].given_not_none() {
        None => search::strip(data_of(args[0]), left, right, is_space),
        Some(v) => {
            let bytes = view(vm, v)?;
            let set = UnitSet::new(bytes.iter().copied());
            search::strip(data_of(args[0]), left, right, |b| set.contains(b))
        }
    };
    part(vm, args[0], start, end)
}

pub(super) fn strip(vm: &Vm, args: &[Value]) -> Result {
    strip_with(vm, args, true, true)
}

pub(super) fn lstrip(vm: &Vm, args: &[Value]) -> Result {
    strip_with(vm, args, true, false)
}

pub(super) fn rstrip(vm: &Vm, args: &[Value]) -> Result {
    strip_with(vm, args, false, true)
}

/// The arguments `sep` and `maxsplit`: `None` is white space.
fn split_args<'vm>(vm: &'vm Vm, args: &[Value]) -> Result<(Option<ByteSlice<'vm>>, usize)> {
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
        Some(v) => {
            let separator = view(vm, v)?;
            if separator.is_empty() {
                return Err(vm.value_error("empty separator"));
            }
            Some(separator)
        }
    };
    Ok((separator, limit))
}

pub(super) fn split(vm: &Vm, args: &[Value]) -> Result {
    let _held = hold(args[0]);
    let (separator, limit) = split_args(vm, args)?;
    let list = vm.new_list(&[])?;
    let push = |start, end| -> Result<()> { list.push(vm, part(vm, args[0], start, end)?) };
    match separator {
        None => search::split_space(data_of(args[0]), limit, is_space, push)?,
        Some(sep) => search::split(data_of(args[0]), &sep, limit, push)?,
    }
    Ok(list.value())
}

pub(super) fn rsplit(vm: &Vm, args: &[Value]) -> Result {
    let _held = hold(args[0]);
    let (separator, limit) = split_args(vm, args)?;
    let mut parts = vm.rooted();
    let push = |start, end| -> Result<()> {
        parts.push(part(vm, args[0], start, end)?);
        Ok(())
    };
    match separator {
        None => search::rsplit_space(data_of(args[0]), limit, is_space, push)?,
        Some(sep) => search::rsplit(data_of(args[0]), &sep, limit, push)?,
    }
    parts.reverse();
    Ok(vm.new_list(&parts)?.value())
}

pub(super) fn splitlines(vm: &Vm, args: &[Value]) -> Result {
    let keep = match args[1].given() {
        Some(v) => vm.truth(v)?,
        None => false,
    };
    let list: Gc<List> = vm.new_list(&[])?;
    search::split_lines(
        data_of(args[0]),
        |b| matches!(b, b'\n' | b'\r'),
        |start, end, next| list.push(vm, part(vm, args[0], start, if keep { next } else { end })?),
    )?;
    Ok(list.value())
}

fn partition_at(vm: &Vm, args: &[Value], last: bool) -> Result {
    let _held = hold(args[0]);
    let sep = view(vm, args[1])?;
    if sep.is_empty() {
        return Err(vm.value_error("empty separator"));
    }
    let data = data_of(args[0]);
    let is_array = args[0].cast::<ByteArray>().is_some();
    let at = if last {
        search::rfind(data, &sep)
    } else {
        search::find(data, &sep)
    };
    let parts = match at {
        Some(at) => [
            part(vm, args[0], 0, at)?,
            if is_array {
                like(vm, args[0], &sep)?
            } else {
                args[1]
            },
            part(vm, args[0], at + sep.len(), data.len())?,
        ],
        None => {
            let whole = part(vm, args[0], 0, data.len())?;
            let empties = [like(vm, args[0], &[])?, like(vm, args[0], &[])?];
            if last {
                [empties[0], empties[1], whole]
            } else {
                [whole, empties[0], empties[1]]
            }
        }
    };
    Ok(vm.new_tuple(&parts)?.value())
}

pub(super) fn partition(vm: &Vm, args: &[Value]) -> Result {
    partition_at(vm, args, false)
}

pub(super) fn rpartition(vm: &Vm, args: &[Value]) -> Result {
    partition_at(vm, args, true)
}

pub(super) fn replace(vm: &Vm, args: &[Value]) -> Result {
    let _held = hold(args[0]);
    let (old, new) = (view(vm, args[1])?, view(vm, args[2])?);
    let limit = match args[3].given() {
        None => -1,
        Some(v) => size_arg(vm, v)?,
    };
    let limit = if limit < 0 {
        usize::MAX
    } else {
        limit as usize
    };
    let (old, new, data): (&[u8], &[u8], &[u8]) = (&old, &new, data_of(args[0]));
    let mut positions = Vec::new();
    if old.is_empty() {
        positions.extend(0..(data.len() + 1).min(limit));
    } else {
        search::each_match(data, old, limit, |at| positions.push(at));
    }
    if positions.is_empty() || old == new {
        return part(vm, args[0], 0, data.len());
    }
    let len = positions
        .len()
        .checked_mul(new.len())
        .and_then(|n| n.checked_add(data.len() - positions.len() * old.len()))
        .filter(|n| *n <= isize::MAX as usize);
    let Some(len) = len else {
        return Err(vm.overflow_error("replace bytes is too long"));
    };
    super::fill_like(vm, args[0], len, |out| {
        let (mut from, mut to) = (0, 0);
        let mut put = |part: &[u8]| {
            out[to..to + part.len()].copy_from_slice(part);
            to += part.len();
        };
        for at in positions {
            put(&data[from..at]);
            put(new);
            from = at + old.len();
        }
        put(&data[from..]);
    })
}

pub(super) fn join(vm: &Vm, args: &[Value]) -> Result {
    let _held = hold(args[0]);
    let items = match vm.collect(args[1]) {
        Ok(items) => items,
        Err(_)
            if vm.raised_is_def(&crate::types::exception::classes::TYPE_ERROR)
                && vm
                    .class_of(args[1])
                    .special(crate::object::Special::Iter)
                    .is_none_or(Value::is_none)
                && vm
                    .class_of(args[1])
                    .special(crate::object::Special::GetItem)
                    .is_none() =>
        {
            vm.clear_raised();
            return Err(vm.type_error("can only join an iterable"));
        }
        Err(raised) => return Err(raised),
    };
    // Items that are all of the usual kind are read where they are.
    if args[0].cast::<super::Bytes>().is_some()
        && items.len() > 1
        && items
            .iter()
            .all(|v| vm.class_of(*v) == vm.types.bytes.get())
    {
        return join_bytes(vm, args[0], &items);
    }
    let list = args[1].cast::<List>();
    let mut views: SmallVec<[ByteSlice; 8]> = SmallVec::with_capacity(items.len());
    for (i, &item) in items.iter().enumerate() {
        match view(vm, item) {
            Ok(view) => views.push(view),
            Err(_) => {
                vm.clear_raised();
                let got = vm.type_name(item);
                return Err(vm.type_error(format!(
                    "sequence item {i}: expected a bytes-like object, {got} found"
                )));
            }
        }
        if list.is_some_and(|l| l.len() != items.len()) {
            return Err(vm.runtime_error("sequence changed size during iteration"));
        }
    }
    if let [one] = &items[..]
        && args[0].cast::<super::Bytes>().is_some()
        && vm.class_of(*one) == vm.types.bytes.get()
    {
        return Ok(*one);
    }
    let separator = data_of(args[0]);
    let total = views.iter().try_fold(
        separator.len().checked_mul(views.len().saturating_sub(1)),
        |n, v| n.map(|n: usize| n.checked_add(v.len())),
    );
    let Some(len) = total.flatten().filter(|n| *n <= isize::MAX as usize) else {
        return Err(vm.overflow_error("join() result is too long"));
    };
    super::fill_like(vm, args[0], len, |out| {
        let mut to = 0;
        let mut put = |part: &[u8]| {
            out[to..to + part.len()].copy_from_slice(part);
            to += part.len();
        };
        for (i, view) in views.iter().enumerate() {
            if i > 0 {
                put(separator);
            }
            put(view);
        }
    })
}

/// `separator.join(items)` for `bytes` objects, of which there are at least two.
fn join_bytes(vm: &Vm, separator: Value, items: &[Value]) -> Result {
    let between = data_of(separator);
    let parts = || items.iter().map(|v| data_of(*v));
    let total = parts()
        .map(|p| p.len())
        .try_fold(0usize, usize::checked_add)
        .zip(between.len().checked_mul(items.len() - 1))
        .and_then(|(a, b)| a.checked_add(b))
        .filter(|n| *n <= isize::MAX as usize);
    let Some(len) = total else {
        return Err(vm.overflow_error("join() result is too long"));
    };
    super::fill_like(vm, separator, len, |out| {
        let mut to = 0;
        let mut put = |part: &[u8]| {
            out[to..to + part.len()].copy_from_slice(part);
            to += part.len();
        };
        for (i, part) in parts().enumerate() {
            if i > 0 && !between.is_empty() {
                put(between);
            }
            put(part);
        }
    })
}

pub(super) fn translate(vm: &Vm, args: &[Value]) -> Result {
    let _held = hold(args[0]);
    let table = match args[1].given_not_none() {
        None => None,
        Some(v) => {
            let table = view(vm, v)?;
            if table.len() != 256 {
                return Err(vm.value_error("translation table must be 256 characters long"));
            }
            Some(table)
        }
    };
    let delete = match args[2].given() {
        None => None,
        Some(v) => Some(view(vm, v)?),
    };
    let mut map: [u8; 256] = std::array::from_fn(|i| i as u8);
    if let Some(table) = &table {
        map.copy_from_slice(table);
    }
    let data = data_of(args[0]);
    let Some(delete) = delete.filter(|d| !d.is_empty()) else {
        if vm.class_of(args[0]) == vm.types.bytes.get()
            && data.iter().all(|b| map[*b as usize] == *b)
        {
            return Ok(args[0]);
        }
        return super::build_like(vm, args[0], data.len(), |out| {
            out.iter_mut()
                .zip(data)
                .for_each(|(o, b)| *o = map[*b as usize]);
        });
    };
    let set = UnitSet::new(delete.iter().copied());
    let out: Vec<u8> = data
        .iter()
        .filter(|b| !set.contains(**b))
        .map(|b| map[*b as usize])
        .collect();
    if out == data {
        return part(vm, args[0], 0, data.len());
    }
    like(vm, args[0], &out)
}

pub(super) fn maketrans(vm: &Vm, args: &[Value]) -> Result {
    let (from, to) = (view(vm, args[0])?, view(vm, args[1])?);
    if from.len() != to.len() {
        return Err(vm.value_error("maketrans arguments must have same length"));
    }
    let mut map: [u8; 256] = std::array::from_fn(|i| i as u8);
    for (from, to) in from.iter().zip(to.iter()) {
        map[*from as usize] = *to;
    }
    Ok(vm.new_bytes(&map)?.value())
}

/// `a + b`.
pub(super) fn add(vm: &Vm, args: &[Value]) -> Result {
    if !vm.supports_buffer(args[1]) {
        let (got, this) = (vm.type_name(args[1]), vm.type_name(args[0]));
        return Err(vm.type_error(format!("can't concat {got} to {this}")));
    }
    let other = view(vm, args[1])?;
    let (a, b): (&[u8], &[u8]) = (data_of(args[0]), &other);
    if args[0].cast::<super::Bytes>().is_some() {
        if b.is_empty() && vm.class_of(args[0]) == vm.types.bytes.get() {
            return Ok(args[0]);
        }
        if a.is_empty() && vm.class_of(args[1]) == vm.types.bytes.get() {
            return Ok(args[1]);
        }
    }
    super::fill_like(vm, args[0], a.len() + b.len(), |out| {
        out[..a.len()].copy_from_slice(a);
        out[a.len()..].copy_from_slice(b);
    })
}

/// The receiver of a mutating method.
pub(super) fn array(v: Value) -> Gc<ByteArray> {
    receiver(v)
}
