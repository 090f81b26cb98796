//! Code objects as bytes: the payload of `.pyc` files and of the frozen library.
//!
//! A table of strings comes first, each kept once however often names and
//! constants mention it; then the module's code. Every code object is preceded
//! by its length in bytes, so a reader can pass over a nested one and load it
//! when it is first called. Numbers are varints (seven bits a byte, least
//! significant first). Inline caches are not written: their number follows from
//! the opcode.

use crate::{Code, Const, Instr, LocalKind, Op};
use std::collections::HashMap;

/// Why bytes are not a code object.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Error {
    /// The bytes end too early.
    Truncated,
    /// A value is out of its range; the text says which.
    Invalid(&'static str),
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Error::Truncated => f.write_str("marshalled code is truncated"),
            Error::Invalid(what) => write!(f, "marshalled code is invalid: {what}"),
        }
    }
}

impl std::error::Error for Error {}

/// Constants and code nested deeper than this are refused, so that reading needs
/// little stack whatever the bytes say.
const MAX_DEPTH: u32 = 400;

mod tag {
    pub const NONE: u8 = 0;
    pub const TRUE: u8 = 1;
    pub const FALSE: u8 = 2;
    pub const ELLIPSIS: u8 = 3;
    pub const INT: u8 = 4;
    pub const BIG: u8 = 5;
    pub const NEGATIVE_BIG: u8 = 6;
    pub const FLOAT: u8 = 7;
    pub const COMPLEX: u8 = 8;
    pub const STR: u8 = 9;
    pub const BYTES: u8 = 10;
    pub const TUPLE: u8 = 11;
    pub const FROZENSET: u8 = 12;
    pub const SLICE: u8 = 13;
    pub const CODE: u8 = 14;
}

#[derive(Default)]
struct Writer<'c> {
    strings: Vec<&'c [u8]>,
    index: HashMap<&'c [u8], u64>,
}

fn put(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

impl<'c> Writer<'c> {
    fn string(&mut self, out: &mut Vec<u8>, text: &'c [u8]) {
        let next = self.strings.len() as u64;
        let at = *self.index.entry(text).or_insert(next);
        if at == next {
            self.strings.push(text);
        }
        put(out, at);
    }

    fn constant(&mut self, out: &mut Vec<u8>, value: &'c Const) {
        match value {
            Const::None => out.push(tag::NONE),
            Const::True => out.push(tag::TRUE),
            Const::False => out.push(tag::FALSE),
            Const::Ellipsis => out.push(tag::ELLIPSIS),
            Const::Int(i) => {
                out.push(tag::INT);
                put(out, (i << 1 ^ i >> 63) as u64);
            }
            Const::BigInt {
                negative,
                magnitude,
            } => {
                out.push(if *negative {
                    tag::NEGATIVE_BIG
                } else {
                    tag::BIG
                });
                put_bytes(out, magnitude);
            }
            Const::Float(f) => {
                out.push(tag::FLOAT);
                out.extend_from_slice(&f.to_bits().to_le_bytes());
            }
            Const::Complex { real, imag } => {
                out.push(tag::COMPLEX);
                out.extend_from_slice(&real.to_bits().to_le_bytes());
                out.extend_from_slice(&imag.to_bits().to_le_bytes());
            }
            Const::Str(s) => {
                out.push(tag::STR);
                self.string(out, s);
            }
            Const::Bytes(b) => {
                out.push(tag::BYTES);
                self.string(out, b);
            }
            Const::Tuple(items) => self.constants(out, tag::TUPLE, items),
            Const::FrozenSet(items) => self.constants(out, tag::FROZENSET, items),
            Const::Slice(items) => {
                out.push(tag::SLICE);
                items.iter().for_each(|i| self.constant(out, i));
            }
            Const::Code(code) => {
                out.push(tag::CODE);
                self.code(out, code);
            }
        }
    }

    fn constants(&mut self, out: &mut Vec<u8>, kind: u8, items: &'c [Const]) {
        out.push(kind);
        put(out, items.len() as u64);
        items.iter().for_each(|i| self.constant(out, i));
    }

    fn code(&mut self, out: &mut Vec<u8>, code: &'c Code) {
        let mut body = Vec::new();
        self.string(&mut body, code.name.as_bytes());
        self.string(&mut body, code.qualname.as_bytes());
        self.string(&mut body, code.filename.as_bytes());
        for number in [
            code.first_line,
            code.flags,
            code.arg_count,
            code.posonly_arg_count,
            code.kwonly_arg_count,
            code.stack_size,
        ] {
            put(&mut body, u64::from(number));
        }
        let mut instrs = Vec::new();
        let mut count = 0u64;
        let mut at = 0;
        while let Some(&unit) = code.instrs.get(at) {
            let ins = Instr(unit);
            instrs.push(ins.op_byte());
            put(&mut instrs, u64::from(ins.arg()));
            count += 1;
            at += 1 + Op::from_u8(ins.op_byte()).map_or(0, Op::caches);
        }
        put(&mut body, count);
        body.append(&mut instrs);
        put_bytes(&mut body, &code.line_table);
        put_bytes(&mut body, &code.exception_table);
        put(&mut body, code.names.len() as u64);
        for name in &code.names {
            self.string(&mut body, name.as_bytes());
        }
        put(&mut body, code.locals_plus.len() as u64);
        for (name, kind) in &code.locals_plus {
            self.string(&mut body, name.as_bytes());
            body.push(kind.0);
        }
        put(&mut body, code.consts.len() as u64);
        for c in &code.consts {
            self.constant(&mut body, c);
        }
        put_bytes(out, &body);
    }
}

/// Writes a code object and all that is nested in it.
pub fn write(code: &Code) -> Vec<u8> {
    let mut writer = Writer::default();
    let mut body = Vec::new();
    writer.code(&mut body, code);
    let mut out = Vec::new();
    put(&mut out, writer.strings.len() as u64);
    for s in &writer.strings {
        put_bytes(&mut out, s);
    }
    out.append(&mut body);
    out
}

/// Reads serialised code piece by piece, for a loader that makes objects of its own.
pub struct Reader<'b> {
    bytes: &'b [u8],
    strings: Vec<&'b [u8]>,
    depth: u32,
}

/// A code object as it is written, without its constants. Strings are indices
/// for [`Reader::text`].
pub struct RawCode<'b> {
    pub name: usize,
    pub qualname: usize,
    pub filename: usize,
    pub first_line: u32,
    pub flags: u32,
    pub arg_count: u32,
    pub posonly_arg_count: u32,
    pub kwonly_arg_count: u32,
    pub stack_size: u32,
    /// Instructions with room for their inline caches.
    pub instrs: Vec<u32>,
    pub line_table: &'b [u8],
    pub exception_table: &'b [u8],
    pub names: Vec<usize>,
    pub locals_plus: Vec<(usize, LocalKind)>,
    /// How many constants follow.
    pub consts: usize,
}

/// A constant as it is written. What a compound one consists of follows it.
pub enum RawConst<'b> {
    None,
    True,
    False,
    Ellipsis,
    Int(i64),
    BigInt {
        negative: bool,
        magnitude: &'b [u8],
    },
    Float(f64),
    Complex {
        real: f64,
        imag: f64,
    },
    Str(&'b [u8]),
    Bytes(&'b [u8]),
    /// Followed by so many constants.
    Tuple(usize),
    /// Followed by so many constants.
    FrozenSet(usize),
    /// Followed by three constants.
    Slice,
    /// Followed by a code object.
    Code,
}

type Result<T> = std::result::Result<T, Error>;

impl<'b> Reader<'b> {
    /// Starts reading what [`write`] wrote; a code object is next.
    ///
    /// # Errors
    /// A damaged table of strings.
    pub fn new(bytes: &'b [u8]) -> Result<Reader<'b>> {
        let mut reader = Reader {
            bytes,
            strings: Vec::new(),
            depth: 0,
        };
        let count = reader.count()?;
        reader.strings.reserve(count);
        for _ in 0..count {
            let s = reader.sized()?;
            reader.strings.push(s);
        }
        Ok(reader)
    }

    /// Size of the table of strings.
    pub fn string_count(&self) -> usize {
        self.strings.len()
    }

    /// A name of the table of strings.
    ///
    /// # Errors
    /// It is not UTF-8, as names are.
    pub fn text(&self, index: usize) -> Result<&'b str> {
        std::str::from_utf8(self.strings[index]).map_err(|_| Error::Invalid("name is not UTF-8"))
    }

    fn byte(&mut self) -> Result<u8> {
        let (&first, rest) = self.bytes.split_first().ok_or(Error::Truncated)?;
        self.bytes = rest;
        Ok(first)
    }

    fn take(&mut self, len: usize) -> Result<&'b [u8]> {
        let (taken, rest) = self.bytes.split_at_checked(len).ok_or(Error::Truncated)?;
        self.bytes = rest;
        Ok(taken)
    }

    fn number(&mut self) -> Result<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(Error::Invalid("number too long"))
    }

    fn small(&mut self) -> Result<u32> {
        u32::try_from(self.number()?).map_err(|_| Error::Invalid("number out of range"))
    }

    /// A number of things that take at least a byte each.
    fn count(&mut self) -> Result<usize> {
        let count = usize::try_from(self.number()?).map_err(|_| Error::Truncated)?;
        if count > self.bytes.len() {
            Err(Error::Truncated)
        } else {
            Ok(count)
        }
    }

    fn sized(&mut self) -> Result<&'b [u8]> {
        let len = self.count()?;
        self.take(len)
    }

    fn string_index(&mut self) -> Result<usize> {
        usize::try_from(self.number()?)
            .ok()
            .filter(|at| *at < self.strings.len())
            .ok_or(Error::Invalid("string index"))
    }

    fn string(&mut self) -> Result<&'b [u8]> {
        self.string_index().map(|at| self.strings[at])
    }

    fn float(&mut self) -> Result<f64> {
        let bytes = self.take(8)?.try_into().map_err(|_| Error::Truncated)?;
        Ok(f64::from_bits(u64::from_le_bytes(bytes)))
    }

    /// Reads with `f` what is nested in something else.
    ///
    /// # Errors
    /// The nesting is too deep, or those of `f`.
    pub fn nested<T, E: From<Error>>(
        &mut self,
        f: impl FnOnce(&mut Self) -> std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        if self.depth >= MAX_DEPTH {
            return Err(Error::Invalid("nested too deeply").into());
        }
        self.depth += 1;
        let result = f(self);
        self.depth -= 1;
        result
    }

    /// Reads a constant.
    ///
    /// # Errors
    /// The bytes end early or are no constant.
    pub fn constant(&mut self) -> Result<RawConst<'b>> {
        Ok(match self.byte()? {
            tag::NONE => RawConst::None,
            tag::TRUE => RawConst::True,
            tag::FALSE => RawConst::False,
            tag::ELLIPSIS => RawConst::Ellipsis,
            tag::INT => {
                let v = self.number()?;
                RawConst::Int((v >> 1) as i64 ^ -((v & 1) as i64))
            }
            kind @ (tag::BIG | tag::NEGATIVE_BIG) => RawConst::BigInt {
                negative: kind == tag::NEGATIVE_BIG,
                magnitude: self.sized()?,
            },
            tag::FLOAT => RawConst::Float(self.float()?),
            tag::COMPLEX => RawConst::Complex {
                real: self.float()?,
                imag: self.float()?,
            },
            tag::STR => RawConst::Str(self.string()?),
            tag::BYTES => RawConst::Bytes(self.string()?),
            tag::TUPLE => RawConst::Tuple(self.count()?),
            tag::FROZENSET => RawConst::FrozenSet(self.count()?),
            tag::SLICE => RawConst::Slice,
            tag::CODE => RawConst::Code,
            _ => return Err(Error::Invalid("constant tag")),
        })
    }

    /// Reads a code object up to its constants, which follow.
    ///
    /// # Errors
    /// The bytes end early or are no code.
    pub fn code(&mut self) -> Result<RawCode<'b>> {
        self.count()?;
        let mut code = RawCode {
            name: self.string_index()?,
            qualname: self.string_index()?,
            filename: self.string_index()?,
            first_line: self.small()?,
            flags: self.small()?,
            arg_count: self.small()?,
            posonly_arg_count: self.small()?,
            kwonly_arg_count: self.small()?,
            stack_size: self.small()?,
            instrs: Vec::new(),
            line_table: &[],
            exception_table: &[],
            names: Vec::new(),
            locals_plus: Vec::new(),
            consts: 0,
        };
        let count = self.count()?;
        code.instrs.reserve(count * 2);
        for _ in 0..count {
            let op = Op::from_u8(self.byte()?).ok_or(Error::Invalid("opcode"))?;
            let arg = self.small()?;
            if arg > crate::opcode::MAX_ARG {
                return Err(Error::Invalid("argument"));
            }
            code.instrs.push(Instr::new(op, arg).0);
            code.instrs.extend(std::iter::repeat_n(0, op.caches()));
        }
        code.line_table = self.sized()?;
        code.exception_table = self.sized()?;
        for _ in 0..self.count()? {
            let name = self.string_index()?;
            code.names.push(name);
        }
        for _ in 0..self.count()? {
            let name = self.string_index()?;
            code.locals_plus.push((name, LocalKind(self.byte()?)));
        }
        code.consts = self.count()?;
        Ok(code)
    }

    /// Whether all is read.
    pub fn is_at_end(&self) -> bool {
        self.bytes.is_empty()
    }
}

fn full_constants(reader: &mut Reader<'_>, count: usize) -> Result<Vec<Const>> {
    (0..count).map(|_| full_constant(reader)).collect()
}

fn full_constant(reader: &mut Reader<'_>) -> Result<Const> {
    Ok(match reader.constant()? {
        RawConst::None => Const::None,
        RawConst::True => Const::True,
        RawConst::False => Const::False,
        RawConst::Ellipsis => Const::Ellipsis,
        RawConst::Int(i) => Const::Int(i),
        RawConst::BigInt {
            negative,
            magnitude,
        } => Const::BigInt {
            negative,
            magnitude: magnitude.to_vec(),
        },
        RawConst::Float(f) => Const::Float(f),
        RawConst::Complex { real, imag } => Const::Complex { real, imag },
        RawConst::Str(s) => Const::Str(s.into()),
        RawConst::Bytes(b) => Const::Bytes(b.into()),
        RawConst::Tuple(n) => Const::Tuple(reader.nested(|r| full_constants(r, n))?),
        RawConst::FrozenSet(n) => Const::FrozenSet(reader.nested(|r| full_constants(r, n))?),
        RawConst::Slice => {
            let parts = reader.nested(|r| -> Result<_> {
                Ok([full_constant(r)?, full_constant(r)?, full_constant(r)?])
            })?;
            Const::Slice(Box::new(parts))
        }
        RawConst::Code => Const::Code(Box::new(reader.nested(full_code)?)),
    })
}

fn full_code(reader: &mut Reader<'_>) -> Result<Code> {
    let raw = reader.code()?;
    let text = |at| reader.text(at).map(str::to_owned);
    let mut code = Code {
        name: text(raw.name)?,
        qualname: text(raw.qualname)?,
        filename: text(raw.filename)?,
        first_line: raw.first_line,
        flags: raw.flags,
        arg_count: raw.arg_count,
        posonly_arg_count: raw.posonly_arg_count,
        kwonly_arg_count: raw.kwonly_arg_count,
        stack_size: raw.stack_size,
        instrs: raw.instrs,
        line_table: raw.line_table.to_vec(),
        exception_table: raw.exception_table.to_vec(),
        names: raw
            .names
            .iter()
            .map(|at| text(*at))
            .collect::<Result<_>>()?,
        ..Code::default()
    };
    for (name, kind) in raw.locals_plus {
        code.locals_plus.push((text(name)?, kind));
    }
    code.consts = full_constants(reader, raw.consts)?;
    Ok(code)
}

/// Reads what [`write`] wrote. The bytes are checked for their form, not for
/// whether the instructions make sense.
///
/// # Errors
/// Bytes that end early, are out of range, or go on after the code.
pub fn read(bytes: &[u8]) -> Result<Code> {
    let mut reader = Reader::new(bytes)?;
    let code = full_code(&mut reader)?;
    if reader.is_at_end() {
        Ok(code)
    } else {
        Err(Error::Invalid("bytes after the code"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Code {
        let inner = Code {
            name: "f".into(),
            qualname: "m.f".into(),
            ..Code::default()
        };
        Code {
            name: "m".into(),
            qualname: "m".into(),
            filename: "m.py".into(),
            first_line: 1,
            flags: 0x400_0003,
            stack_size: 7,
            consts: vec![
                Const::None,
                Const::Int(-1),
                Const::Int(i64::MIN),
                Const::Int(i64::MAX),
                Const::BigInt {
                    negative: true,
                    magnitude: vec![1; 20],
                },
                Const::Float(-0.0),
                Const::Complex {
                    real: 1.5,
                    imag: f64::INFINITY,
                },
                Const::Str(b"\xED\xA0\x80"[..].into()),
                Const::Bytes(b"\x00\xFF"[..].into()),
                Const::Tuple(vec![Const::True, Const::Tuple(vec![])]),
                Const::FrozenSet(vec![Const::Ellipsis]),
                Const::Slice(Box::new([Const::None, Const::Int(2), Const::None])),
                Const::Code(Box::new(inner)),
            ],
            names: vec!["m".into(), "x".into()],
            locals_plus: vec![("x".into(), LocalKind(LocalKind::LOCAL | LocalKind::CELL))],
            instrs: vec![
                Instr::new(Op::LOAD_GLOBAL, 1).0,
                0,
                0,
                0,
                0,
                Instr::new(Op::RETURN_VALUE, 0).0,
            ],
            line_table: vec![1, 2, 3],
            exception_table: vec![4],
            ..Code::default()
        }
    }

    #[test]
    fn round_trip() {
        let code = sample();
        let bytes = write(&code);
        assert_eq!(read(&bytes), Ok(code));
    }

    #[test]
    fn damage_never_panics() {
        let bytes = write(&sample());
        for cut in 0..bytes.len() {
            assert_eq!(
                read(&bytes[..cut]).err().map(|_| ()),
                Some(()),
                "cut at {cut}"
            );
        }
        // Every single-byte change, by a fixed sequence of values.
        let mut value = 1u8;
        for at in 0..bytes.len() {
            for _ in 0..16 {
                value = value.wrapping_mul(97).wrapping_add(41);
                let mut damaged = bytes.clone();
                damaged[at] = value;
                let _ = read(&damaged);
            }
        }
    }

    #[test]
    fn deep_nesting_is_refused() {
        let mut value = Const::None;
        for _ in 0..1000 {
            value = Const::Tuple(vec![value]);
        }
        let code = Code {
            consts: vec![value],
            ..Code::default()
        };
        assert_eq!(
            read(&write(&code)),
            Err(Error::Invalid("nested too deeply"))
        );
    }
}
