//! Methods of `str` that map characters: case, `translate`, padding, tabs.

use super::{Str, StrData};
use crate::heap::Gc;
use crate::types::dict::Dict;
use crate::types::exception::classes as exc;
use crate::types::int::IntRef;
use crate::types::support::{arg_name, c_int_arg, receiver, size_arg, str_arg};
use crate::value::Value;
use crate::vm::{Result, Vm};
use crate::with_str_data;
use std::borrow::Cow;
use taipan_text::TextBuf;
use taipan_text::unicode::case;

/// What is done to the letters of a string.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Transform {
    Upper,
    Lower,
    Fold,
    Swap,
    Capitalize,
    Title,
}

/// Writes ASCII letters mapped.
pub(crate) fn ascii_case(transform: Transform, from: &[u8], to: &mut [u8]) {
    let each =
        |map: fn(u8) -> u8, to: &mut [u8]| to.iter_mut().zip(from).for_each(|(t, f)| *t = map(*f));
    match transform {
        Transform::Upper => {
            to.copy_from_slice(from);
            to.make_ascii_uppercase();
        }
        Transform::Lower | Transform::Fold => {
            to.copy_from_slice(from);
            to.make_ascii_lowercase();
        }
        Transform::Swap => each(|b| if b.is_ascii_alphabetic() { b ^ 0x20 } else { b }, to),
        Transform::Capitalize => {
            to.copy_from_slice(from);
            to.make_ascii_lowercase();
            if let Some(first) = to.first_mut() {
                first.make_ascii_uppercase();
            }
        }
        Transform::Title => {
            let mut in_word = false;
            for (t, f) in to.iter_mut().zip(from) {
                *t = if in_word {
                    f.to_ascii_lowercase()
                } else {
                    f.to_ascii_uppercase()
                };
                in_word = f.is_ascii_alphabetic();
            }
        }
    }
}

impl Vm {
    /// `s.upper()` and its like.
    pub fn str_transform(&self, s: Gc<Str>, transform: Transform) -> Result<Gc<Str>> {
        if let (true, StrData::Latin1(d)) = (s.is_ascii(), s.data()) {
            return self.build_str(d.len(), true, |out: &mut [u8]| {
                ascii_case(transform, d, out)
            });
        }
        let mut out = TextBuf::with_capacity(s.len());
        with_str_data!(s, d => match transform {
            Transform::Upper => case::upper(d, &mut out),
            Transform::Lower => case::lower(d, &mut out),
            Transform::Fold => case::casefold(d, &mut out),
            Transform::Swap => case::swapcase(d, &mut out),
            Transform::Capitalize => case::capitalize(d, &mut out),
            Transform::Title => case::title(d, &mut out),
        });
        self.str_from_text(out.finish())
    }
}

macro_rules! transforms {
    ($($name:ident $variant:ident;)*) => {
        $(pub(super) fn $name(vm: &Vm, args: &[Value]) -> Result {
            Ok(vm.str_transform(receiver(args[0]), Transform::$variant)?.value())
        })*
    };
}

transforms! {
    upper Upper;
    lower Lower;
    casefold Fold;
    swapcase Swap;
    capitalize Capitalize;
    title Title;
}

/// A string with padding of `left` and `right` fill characters.
fn pad(vm: &Vm, s: Gc<Str>, left: usize, right: usize, fill: u32) -> Result {
    if left == 0 && right == 0 {
        return Ok(vm.exact_str(s)?.value());
    }
    let len = s
        .len()
        .checked_add(left)
        .and_then(|n| n.checked_add(right))
        .filter(|n| *n < isize::MAX as usize);
    let Some(len) = len else {
        return Err(vm.overflow_error("padded string is too long"));
    };
    if let (StrData::Latin1(d), Ok(fill)) = (s.data(), u8::try_from(fill)) {
        return Ok(vm
            .build_str(len, s.is_ascii() && fill.is_ascii(), |out: &mut [u8]| {
                out[..left].fill(fill);
                out[left..left + d.len()].copy_from_slice(d);
                out[left + d.len()..].fill(fill);
            })?
            .value());
    }
    if len > 1 << 40 {
        return Err(vm.memory_error());
    }
    let mut out = TextBuf::new();
    out.push_repeat(fill, left);
    out.push_text(s.data());
    out.push_repeat(fill, right);
    vm.finish_text(out)
}

/// The arguments `width` and `fillchar`: how much is missing, and with what to fill.
fn pad_args(vm: &Vm, args: &[Value]) -> Result<(Gc<Str>, usize, u32)> {
    let s = receiver::<Str>(args[0]);
    let width = size_arg(vm, args[1])?.max(0) as usize;
    let fill = match args[2].given() {
        None => 32,
        Some(v) => match v.cast::<Str>() {
            Some(f) if f.len() == 1 => f.char_at(0),
            Some(_) => {
                return Err(vm.type_error("The fill character must be exactly one character long"));
            }
            None => {
                let got = vm.type_name(v);
                return Err(vm.type_error(format!(
                    "The fill character must be a unicode character, not {got}"
                )));
            }
        },
    };
    Ok((s, width.saturating_sub(s.len()), fill))
}

pub(super) fn ljust(vm: &Vm, args: &[Value]) -> Result {
    let (s, missing, fill) = pad_args(vm, args)?;
    pad(vm, s, 0, missing, fill)
}

pub(super) fn rjust(vm: &Vm, args: &[Value]) -> Result {
    let (s, missing, fill) = pad_args(vm, args)?;
    pad(vm, s, missing, 0, fill)
}

/// Padding before a centred text: the odd one goes before if the width is odd too.
pub(crate) fn left_of_center(missing: usize, len: usize) -> usize {
    missing / 2 + (missing & (missing + len) & 1)
}

pub(super) fn center(vm: &Vm, args: &[Value]) -> Result {
    let (s, missing, fill) = pad_args(vm, args)?;
    let left = left_of_center(missing, s.len());
    pad(vm, s, left, missing - left, fill)
}

pub(super) fn zfill(vm: &Vm, args: &[Value]) -> Result {
    let s = receiver::<Str>(args[0]);
    let width = size_arg(vm, args[1])?.max(0) as usize;
    let missing = width.saturating_sub(s.len());
    let sign = if s.is_empty() { 0 } else { s.char_at(0) };
    if missing == 0 || !(sign == '+' as u32 || sign == '-' as u32) {
        return pad(vm, s, missing, 0, '0' as u32);
    }
    if width > 1 << 40 {
        return Err(vm.memory_error());
    }
    let mut out = TextBuf::with_capacity(width);
    out.push(sign);
    out.push_repeat('0' as u32, missing);
    with_str_data!(s, d => out.push_units(&d[1..]));
    vm.finish_text(out)
}

pub(super) fn expandtabs(vm: &Vm, args: &[Value]) -> Result {
    let s = receiver::<Str>(args[0]);
    let size = match args[1].given() {
        None => 8,
        Some(v) => c_int_arg(vm, v)?,
    };
    if !s.code_points().any(|c| c == 9) {
        return Ok(vm.exact_str(s)?.value());
    }
    let mut out = TextBuf::with_capacity(s.len() + 16);
    let mut column: i64 = 0;
    for c in s.code_points() {
        match c {
            9 => {
                if size > 0 {
                    let spaces = size - column % size;
                    if out.len() as i64 > i64::MAX - spaces {
                        return Err(vm.overflow_error("new string is too long"));
                    }
                    if spaces > 1 << 40 {
                        return Err(vm.memory_error());
                    }
                    out.push_repeat(32, spaces as usize);
                    column += spaces;
                }
            }
            c => {
                out.push(c);
                column = if c == 10 || c == 13 { 0 } else { column + 1 };
            }
        }
    }
    vm.finish_text(out)
}

/// What a translation table says of a character.
enum Mapped {
    Same,
    Nothing,
    Char(u32),
    Text(Gc<Str>),
}

fn look_up(vm: &Vm, table: Value, c: u32) -> Result<Mapped> {
    let key = Value::small_int(c.into());
    let item = match table
        .cast::<Dict>()
        .filter(|d| d.class() == vm.types.dict.get())
    {
        Some(dict) => dict.get(vm, key)?,
        None => {
            let item = vm.get_item(table, key);
            vm.catch(item, &exc::LOOKUP_ERROR)?
        }
    };
    let Some(item) = item else {
        return Ok(Mapped::Same);
    };
    if item.is_none() {
        return Ok(Mapped::Nothing);
    }
    if let Some(text) = item.cast::<Str>() {
        return Ok(if text.len() == 1 {
            Mapped::Char(text.char_at(0))
        } else {
            Mapped::Text(text)
        });
    }
    match item.as_int_ref() {
        Some(IntRef::Small(i @ 0..=0x10FFFF)) => Ok(Mapped::Char(i as u32)),
        Some(_) => Err(vm.value_error("character mapping must be in range(0x110000)")),
        None => Err(vm.type_error("character mapping must return integer, None or str")),
    }
}

/// Translates ASCII to ASCII as far as it goes. Where it comes to a character that becomes
/// something else, that is returned with its position.
fn translate_ascii(
    vm: &Vm,
    text: &[u8],
    table: Value,
    out: &mut Vec<u8>,
) -> Result<Option<(usize, Mapped)>> {
    const UNKNOWN: u8 = 0xFF;
    const NOTHING: u8 = 0xFE;
    // What each character became, as far as it was asked.
    let mut known = [UNKNOWN; 128];
    for (i, &c) in text.iter().enumerate() {
        let known = &mut known[c as usize & 127];
        if *known < 128 {
            out.push(*known);
        } else if *known == UNKNOWN {
            match look_up(vm, table, c.into())? {
                Mapped::Same => *known = c,
                Mapped::Nothing => *known = NOTHING,
                Mapped::Char(new @ 0..128) => *known = new as u8,
                other => return Ok(Some((i, other))),
            }
            if *known < 128 {
                out.push(*known);
            }
        }
    }
    Ok(None)
}

pub(super) fn translate(vm: &Vm, args: &[Value]) -> Result {
    let s = receiver::<Str>(args[0]);
    let table = args[1];
    let mut out = TextBuf::with_capacity(s.len());
    let mut start = 0;
    let push = |out: &mut TextBuf, c: u32, mapped: Mapped| match mapped {
        Mapped::Same => out.push(c),
        Mapped::Nothing => {}
        Mapped::Char(c) => out.push(c),
        Mapped::Text(text) => out.push_text(text.data()),
    };
    if let Some(text) = s.as_ascii() {
        let mut ascii = Vec::with_capacity(s.len());
        match translate_ascii(vm, text.as_bytes(), table, &mut ascii)? {
            None if ascii == text.as_bytes() => return Ok(vm.exact_str(s)?.value()),
            None => return Ok(vm.try_new_str_latin1(&ascii, true)?.value()),
            Some((at, mapped)) => {
                out.push_text(StrData::Latin1(&ascii));
                push(&mut out, s.char_at(at), mapped);
                start = at + 1;
            }
        }
    }
    // What each ASCII character became: its code, -1 for nothing, -2 for something else or not asked yet.
    let mut known = [-2i32; 128];
    for i in start..s.len() {
        let c = s.char_at(i);
        match known.get(c as usize) {
            Some(-1) => continue,
            Some(&k @ 0..) => {
                out.push(k as u32);
                continue;
            }
            _ => {}
        }
        let mapped = look_up(vm, table, c)?;
        if let Some(known) = known.get_mut(c as usize) {
            *known = match mapped {
                Mapped::Same => c as i32,
                Mapped::Char(c) => c as i32,
                Mapped::Nothing => -1,
                Mapped::Text(_) => -2,
            };
        }
        push(&mut out, c, mapped);
    }
    let text = out.finish();
    let same = text.as_ref();
    if s.len() == same.len() && s.code_points().enumerate().all(|(i, c)| same.at(i) == c) {
        return Ok(vm.exact_str(s)?.value());
    }
    Ok(vm.str_from_text(text)?.value())
}

pub(super) fn maketrans(vm: &Vm, args: &[Value]) -> Result {
    let (x, y, z) = (args[0], args[1], args[2]);
    if let Some(y) = y.given() {
        let y = str_arg(vm, y, "maketrans() argument 2")?;
        let z = match z.given() {
            Some(z) => Some(str_arg(vm, z, "maketrans() argument 3")?),
            None => None,
        };
        let Some(x) = x.cast::<Str>() else {
            return Err(vm.type_error(
                "first maketrans argument must be a string if there is a second argument",
            ));
        };
        if x.len() != y.len() {
            return Err(vm.value_error("the first two maketrans arguments must have equal length"));
        }
        let table = vm.new_dict();
        for (from, to) in x.code_points().zip(y.code_points()) {
            table.set(
                vm,
                Value::small_int(from.into()),
                Value::small_int(to.into()),
            )?;
        }
        for c in z.iter().flat_map(|z| z.code_points()) {
            table.set(vm, Value::small_int(c.into()), Value::NONE)?;
        }
        return Ok(table.value());
    }
    let Some(dict) = x
        .cast::<Dict>()
        .filter(|d| d.class() == vm.types.dict.get())
    else {
        return Err(vm.type_error("if you give only one argument to maketrans it must be a dict"));
    };
    let table = vm.new_dict();
    for (key, value) in dict.items() {
        let key = match key.cast::<Str>() {
            Some(s) if s.len() == 1 => Value::small_int(s.char_at(0).into()),
            Some(_) => {
                return Err(vm.value_error("string keys in translatetable must be of length 1"));
            }
            None if key.as_int_ref().is_some() => key,
            None => return Err(vm.type_error("keys in translate table mustbe strings or integers")),
        };
        table.set(vm, key, value)?;
    }
    Ok(table.value())
}

/// The receiver's name in messages about `s.encode(1)` and its like.
pub(crate) fn codec_arg(
    vm: &Vm,
    v: Value,
    function: &str,
    name: &str,
) -> Result<Option<Cow<'static, str>>> {
    let Some(v) = v.given() else { return Ok(None) };
    let Some(s) = v.cast::<Str>() else {
        return Err(vm.type_error(format!(
            "{function}() argument '{name}' must be str, not {}",
            arg_name(vm, v)
        )));
    };
    const USUAL: [&str; 8] = [
        "utf-8", "ascii", "latin-1", "utf8", "strict", "ignore", "replace", "utf-16",
    ];
    if let Some(usual) = s.as_ascii().and_then(|s| USUAL.iter().find(|u| **u == s)) {
        return Ok(Some(Cow::Borrowed(usual)));
    }
    if s.code_points().any(|c| c == 0) {
        return Err(vm.value_error("embedded null character"));
    }
    Ok(Some(Cow::Owned(s.to_text())))
}
