//! The Python type `str`: its table, its constructor and its plain methods.

use super::translate::codec_arg;
use super::{Str, StrData, format, parts, translate};
use crate::heap::{Gc, Kind, Object};
use crate::object::{Consumer, MethodDef, Special, TypeDef};
use crate::ops::compare::CompareOp;
use crate::types::slice::Slice;
use crate::types::support::{new_shape, ordered, receiver, repeat_arg};
use crate::value::Value;
use crate::vm::{Result, Vm};
use crate::{comparison_methods, method_table, with_str_data};
use std::sync::LazyLock;
use taipan_text::unicode::{self, case};
use taipan_text::{CodeUnit, TextBuf, escape};

fn new(vm: &Vm, args: &[Value]) -> Result {
    let base = vm.types.str.get();
    let shape = new_shape(vm, args[0], base)?;
    let encoding = codec_arg(vm, args[2], "str", "encoding")?;
    let errors = codec_arg(vm, args[3], "str", "errors")?;
    let text = match args[1].given() {
        None => vm.names.empty.get(),
        Some(v) if encoding.is_none() && errors.is_none() => vm.str(v)?,
        Some(v) => vm.str_from_encoded(v, encoding.as_deref(), errors.as_deref())?,
    };
    Ok(match shape {
        None => text.value(),
        Some(shape) => vm.str_with_shape(text, shape)?.value(),
    })
}

impl Vm {
    /// `str(object, encoding, errors)`.
    pub fn str_from_encoded(
        &self,
        v: Value,
        encoding: Option<&str>,
        errors: Option<&str>,
    ) -> Result<Gc<Str>> {
        if v.cast::<Str>().is_some() {
            return Err(self.type_error("decoding str is not supported"));
        }
        if !self.supports_buffer(v) {
            let got = self.type_name(v);
            return Err(self.type_error(format!(
                "decoding to str: need a bytes-like object, {got} found"
            )));
        }
        let bytes = self.all_bytes(v)?;
        self.decode_bytes(
            &bytes,
            encoding.unwrap_or("utf-8"),
            errors.unwrap_or("strict"),
        )
    }

    /// `repr(s)`.
    pub fn str_repr(&self, s: &Str) -> Result<Gc<Str>> {
        if let StrData::Latin1(d) = s.data()
            && d.iter()
                .all(|b| matches!(b, 0x20..0x7F) && !matches!(b, b'\'' | b'\\'))
        {
            return self.build_str(d.len() + 2, true, |out: &mut [u8]| {
                out[0] = b'\'';
                out[1..=d.len()].copy_from_slice(d);
                out[d.len() + 1] = b'\'';
            });
        }
        let mut out = TextBuf::with_capacity(s.len() + 2);
        with_str_data!(s, d => escape::repr_str(d, &mut out));
        self.str_from_text(out.finish())
    }

    /// `s[key]`.
    pub fn str_subscript(&self, s: Gc<Str>, key: Value) -> Result<Gc<Str>> {
        if let Some(slice) = key.cast::<Slice>() {
            let indices = slice.indices(self, s.len())?;
            return self.str_slice(s, indices);
        }
        if key.as_int_ref().is_none() && self.class_of(key).special(Special::Index).is_none() {
            let got = self.type_name(key);
            return Err(self.type_error(format!("string indices must be integers, not '{got}'")));
        }
        let index = self.to_index(key)?;
        match crate::ops::subscript::normalize(index, s.len()) {
            Some(i) => self.str_of_char(s.char_at(i)),
            None => Err(self.index_error("string index out of range")),
        }
    }
}

fn repr(vm: &Vm, args: &[Value]) -> Result {
    Ok(vm.str_repr(&receiver::<Str>(args[0]))?.value())
}

fn str(vm: &Vm, args: &[Value]) -> Result {
    Ok(vm.exact_str(receiver(args[0]))?.value())
}

fn hash(vm: &Vm, args: &[Value]) -> Result {
    Ok(vm.new_int(receiver::<Str>(args[0]).hash(vm) as i64))
}

fn compare(_: &Vm, op: CompareOp, a: Value, b: Value) -> Result {
    let (Some(a), Some(b)) = (a.cast::<Str>(), b.cast::<Str>()) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    match op {
        CompareOp::Eq => Ok(Value::bool(a.equals(&b))),
        CompareOp::Ne => Ok(Value::bool(!a.equals(&b))),
        _ => ordered(op, a.compare(&b)),
    }
}

fn iter(vm: &Vm, args: &[Value]) -> Result {
    Ok(vm.new_str_iter(receiver(args[0]))?.value())
}

fn len(vm: &Vm, args: &[Value]) -> Result {
    Ok(vm.new_int(receiver::<Str>(args[0]).len() as i64))
}

fn getitem(vm: &Vm, args: &[Value]) -> Result {
    Ok(vm.str_subscript(receiver(args[0]), args[1])?.value())
}

fn add(vm: &Vm, args: &[Value]) -> Result {
    match args[1].cast::<Str>() {
        Some(b) => {
            let a = vm.exact_str(receiver(args[0]))?;
            Ok(vm.str_concat(a, b)?.value())
        }
        None => {
            let got = vm.type_name(args[1]);
            Err(vm.type_error(format!("can only concatenate str (not \"{got}\") to str")))
        }
    }
}

fn mul(vm: &Vm, args: &[Value]) -> Result {
    let count = repeat_arg(vm, args[1])?;
    Ok(vm.str_repeat(receiver(args[0]), count)?.value())
}

fn contains(vm: &Vm, args: &[Value]) -> Result {
    match args[1].cast::<Str>() {
        Some(needle) => Ok(Value::bool(
            vm.str_contains(&receiver::<Str>(args[0]), &needle),
        )),
        None => {
            let got = vm.type_name(args[1]);
            Err(vm.type_error(format!(
                "'in <string>' requires string as left operand, not {got}"
            )))
        }
    }
}

fn modulo(vm: &Vm, args: &[Value]) -> Result {
    format::percent_format(vm, receiver(args[0]), args[1])
}

fn rmodulo(vm: &Vm, args: &[Value]) -> Result {
    match args[1].cast::<Str>() {
        Some(template) => format::percent_format(vm, template, args[0]),
        None => Ok(Value::NOT_IMPLEMENTED),
    }
}

fn join(vm: &Vm, args: &[Value]) -> Result {
    Ok(vm.str_join(receiver(args[0]), args[1])?.value())
}

fn encode(vm: &Vm, args: &[Value]) -> Result {
    let encoding = codec_arg(vm, args[1], "encode", "encoding")?;
    let errors = codec_arg(vm, args[2], "encode", "errors")?;
    let s = receiver::<Str>(args[0]);
    Ok(vm
        .encode_str(
            s,
            encoding.as_deref().unwrap_or("utf-8"),
            errors.as_deref().unwrap_or("strict"),
        )?
        .value())
}

fn sizeof(vm: &Vm, args: &[Value]) -> Result {
    // CPython's sizes: a compact object and the terminator.
    let s = receiver::<Str>(args[0]);
    let fixed = if s.is_ascii() { 40 } else { 56 };
    Ok(vm.new_int((fixed + (s.len() + 1) * s.width()) as i64))
}

fn getnewargs(vm: &Vm, args: &[Value]) -> Result {
    // A copy even of an exact string, so that copying one that is pickled makes a new object.
    let s = vm.str_with_shape(receiver(args[0]), vm.shapes.str.get())?;
    Ok(vm.new_tuple(&[s.value()])?.value())
}

macro_rules! tests {
    ($($name:ident, $ascii:expr, $data:ident => $general:expr;)*) => {
        $(fn $name(_: &Vm, args: &[Value]) -> Result {
            let s = receiver::<Str>(args[0]);
            if let (true, StrData::Latin1($data)) = (s.is_ascii(), s.data()) {
                let test: fn(&[u8]) -> bool = $ascii;
                return Ok(Value::bool(test($data)));
            }
            Ok(Value::bool(with_str_data!(s, $data => $general)))
        })*
    };
}

fn all(d: &[u8], test: fn(&u8) -> bool) -> bool {
    !d.is_empty() && d.iter().all(test)
}

tests! {
    isascii, |_| true, _d => false;
    isalpha, |d| all(d, u8::is_ascii_alphabetic), d => case::all(d, unicode::is_alpha);
    isalnum, |d| all(d, u8::is_ascii_alphanumeric), d => case::is_alnum_str(d);
    isdecimal, |d| all(d, u8::is_ascii_digit), d => case::all(d, unicode::is_decimal);
    isdigit, |d| all(d, u8::is_ascii_digit), d => case::all(d, unicode::is_digit);
    isnumeric, |d| all(d, u8::is_ascii_digit), d => case::all(d, unicode::is_numeric);
    isspace, |d| all(d, |b| parts::is_space(*b)), d => case::all(d, unicode::is_space);
    isprintable, |d| d.iter().all(|b| matches!(b, 0x20..0x7F)), d => d.is_empty() || case::all(d, unicode::is_printable);
    islower, |d| !d.iter().any(u8::is_ascii_uppercase) && d.iter().any(u8::is_ascii_lowercase), d => case::is_lower_str(d);
    isupper, |d| !d.iter().any(u8::is_ascii_lowercase) && d.iter().any(u8::is_ascii_uppercase), d => case::is_upper_str(d);
    istitle, case::is_title_str::<u8>, d => case::is_title_str(d);
    isidentifier, case::is_identifier::<u8>, d => case::is_identifier(d);
}

impl Str {
    /// Tests of all characters of a text, by the names of the methods.
    pub const TESTS: [&str; 6] = [
        "isalpha", "isalnum", "isdigit", "isspace", "islower", "isupper",
    ];

    /// Which of [`Str::TESTS`] hold, as bits, the first one the lowest.
    pub fn tests(&self) -> u8 {
        with_str_data!(self, d => tests_of(d))
    }

    /// The same of each text of one Latin-1 character.
    pub fn tests_of_characters() -> &'static [u8; 256] {
        static TESTS: LazyLock<[u8; 256]> =
            LazyLock::new(|| std::array::from_fn(|c| tests_of(&[c as u8])));
        &TESTS
    }
}

fn tests_of<U: CodeUnit>(d: &[U]) -> u8 {
    let hold = [
        case::all(d, unicode::is_alpha),
        case::is_alnum_str(d),
        case::all(d, unicode::is_digit),
        case::all(d, unicode::is_space),
        case::is_lower_str(d),
        case::is_upper_str(d),
    ];
    hold.iter()
        .rev()
        .fold(0, |bits, holds| bits << 1 | u8::from(*holds))
}

const OPERATORS: [MethodDef; 15] = [
    MethodDef::new(
        "__new__",
        "(cls, object='', encoding='utf-8', errors='strict')",
        "Create and return a new object.  See help(type) for accurate signature.",
        new,
    )
    .reads(0xFE, 0)
    .static_(),
    MethodDef::new("__repr__", "(self, /)", "Return repr(self).", repr),
    MethodDef::new("__hash__", "(self, /)", "Return hash(self).", hash),
    MethodDef::new("__str__", "(self, /)", "Return str(self).", str),
    MethodDef::new("__iter__", "(self, /)", "Implement iter(self).", iter),
    MethodDef::new("__mod__", "(self, value, /)", "Return self%value.", modulo),
    MethodDef::new(
        "__rmod__",
        "(self, value, /)",
        "Return value%self.",
        rmodulo,
    ),
    MethodDef::new("__len__", "(self, /)", "Return len(self).", len),
    MethodDef::new(
        "__getitem__",
        "(self, key, /)",
        "Return self[key].",
        getitem,
    ),
    MethodDef::new("__add__", "(self, value, /)", "Return self+value.", add),
    MethodDef::new("__mul__", "(self, value, /)", "Return self*value.", mul),
    MethodDef::new("__rmul__", "(self, value, /)", "Return value*self.", mul),
    MethodDef::new(
        "__contains__",
        "(self, key, /)",
        "Return bool(key in self).",
        contains,
    ),
    MethodDef::new(
        "__sizeof__",
        "(self, /)",
        "Return the size of the string in memory, in bytes.",
        sizeof,
    ),
    MethodDef::new("__getnewargs__", "(self, /)", "", getnewargs),
];

const METHODS: [MethodDef; 48] = [
    MethodDef::new("encode", "(self, /, encoding='utf-8', errors='strict')", "Encode the string with a codec.\n\n  encoding\n    The codec to use.\n  errors\n    What to do about characters that the codec cannot encode: a name such as\n    'strict', 'ignore', 'replace' or 'xmlcharrefreplace'.", encode),
    MethodDef::new("replace", "(self, old, new, /, count=-1)", "Return a copy with occurrences of substring old replaced by new.\n\n  count\n    How many to replace at most; -1 means all.", parts::replace).reads(0xFF, 0),
    MethodDef::new("split", "(self, /, sep=None, maxsplit=-1)", "Return a list of the substrings between separators.\n\n  sep\n    The separator; None splits at runs of white space.\n  maxsplit\n    How many splits to make at most, from the left; -1 means no limit.", parts::split).reads(0xFF, 0),
    MethodDef::new("rsplit", "(self, /, sep=None, maxsplit=-1)", "Return a list of the substrings between separators, splitting from the right.\n\n  sep\n    The separator; None splits at runs of white space.\n  maxsplit\n    How many splits to make at most; -1 means no limit.", parts::rsplit).reads(0xFF, 0),
    MethodDef::new("join", "(self, iterable, /)", "Concatenate strings, this one between each two of them.", join).consumes(Consumer::Join),
    MethodDef::new("capitalize", "(self, /)", "Return a copy whose first character is title case and the rest lower case.", translate::capitalize).reads(0xFF, 0),
    MethodDef::new("casefold", "(self, /)", "Return a copy suitable for comparisons without regard to case.", translate::casefold).reads(0xFF, 0),
    MethodDef::new("title", "(self, /)", "Return a copy where each word begins in title case, the rest in lower case.", translate::title).reads(0xFF, 0),
    MethodDef::new("center", "(self, width, fillchar=' ', /)", "Return a centered string of length width, padded with the fill character.", translate::center).reads(0xFF, 0),
    MethodDef::new("count", "(self, sub[, start[, end]], /)", "Return the number of non-overlapping occurrences of sub in self[start:end].", parts::count).reads(0xFF, 0),
    MethodDef::new("expandtabs", "(self, /, tabsize=8)", "Return a copy where tabs are expanded to spaces.", translate::expandtabs).reads(0xFF, 0),
    MethodDef::new("find", "(self, sub[, start[, end]], /)", "Return the lowest index of sub in self[start:end], or -1.", parts::find).reads(0xFF, 0),
    MethodDef::new("partition", "(self, sep, /)", "Cut the string in three at the first separator: before, separator, after.", parts::partition).reads(0xFF, 0),
    MethodDef::new("index", "(self, sub[, start[, end]], /)", "As find(), but raise ValueError when sub is not found.", parts::index).reads(0xFF, 0),
    MethodDef::new("ljust", "(self, width, fillchar=' ', /)", "Return a left-justified string of length width.", translate::ljust).reads(0xFF, 0),
    MethodDef::new("lower", "(self, /)", "Return a copy converted to lower case.", translate::lower).reads(0xFF, 0),
    MethodDef::new("lstrip", "(self, chars=None, /)", "Return a copy without leading white space, or characters in chars.", parts::lstrip).reads(0xFF, 0),
    MethodDef::new("rfind", "(self, sub[, start[, end]], /)", "Return the highest index of sub in self[start:end], or -1.", parts::rfind).reads(0xFF, 0),
    MethodDef::new("rindex", "(self, sub[, start[, end]], /)", "As rfind(), but raise ValueError when sub is not found.", parts::rindex).reads(0xFF, 0),
    MethodDef::new("rjust", "(self, width, fillchar=' ', /)", "Return a right-justified string of length width.", translate::rjust).reads(0xFF, 0),
    MethodDef::new("rstrip", "(self, chars=None, /)", "Return a copy without trailing white space, or characters in chars.", parts::rstrip).reads(0xFF, 0),
    MethodDef::new("rpartition", "(self, sep, /)", "Cut the string in three at the last separator: before, separator, after.", parts::rpartition).reads(0xFF, 0),
    MethodDef::new("splitlines", "(self, /, keepends=False)", "Return a list of the lines, their breaks left off unless keepends is true.", parts::splitlines).reads(0xFF, 0),
    MethodDef::new("strip", "(self, chars=None, /)", "Return a copy without white space, or characters in chars, at both ends.", parts::strip).reads(0xFF, 0),
    MethodDef::new("swapcase", "(self, /)", "Return a copy with upper case made lower case and the reverse.", translate::swapcase).reads(0xFF, 0),
    MethodDef::new("translate", "(self, table, /)", "Replace each character by what the table has at its code point.\n\nThe table gives code points, strings, or None to delete a character; one\nthat it has no item for is kept.", translate::translate),
    MethodDef::new("upper", "(self, /)", "Return a copy converted to upper case.", translate::upper).reads(0xFF, 0),
    MethodDef::new("startswith", "(self, prefix[, start[, end]], /)", "Return whether self[start:end] starts with the prefix, or one of a tuple.", parts::startswith).reads(0xFF, 0),
    MethodDef::new("endswith", "(self, suffix[, start[, end]], /)", "Return whether self[start:end] ends with the suffix, or one of a tuple.", parts::endswith).reads(0xFF, 0),
    MethodDef::new("removeprefix", "(self, prefix, /)", "Return a copy without the prefix, if it is there.", parts::removeprefix).reads(0xFF, 0),
    MethodDef::new("removesuffix", "(self, suffix, /)", "Return a copy without the suffix, if it is there.", parts::removesuffix).reads(0xFF, 0),
    MethodDef::new("isascii", "(self, /)", "Return True if all characters are ASCII.", isascii).reads(0xFF, 0),
    MethodDef::new("islower", "(self, /)", "Return True if all cased characters are lower case and there is one.", islower).reads(0xFF, 0),
    MethodDef::new("isupper", "(self, /)", "Return True if all cased characters are upper case and there is one.", isupper).reads(0xFF, 0),
    MethodDef::new("istitle", "(self, /)", "Return True if the string is in title case.", istitle).reads(0xFF, 0),
    MethodDef::new("isspace", "(self, /)", "Return True if all characters are white space and there is one.", isspace).reads(0xFF, 0),
    MethodDef::new("isdecimal", "(self, /)", "Return True if all characters are decimal and there is one.", isdecimal).reads(0xFF, 0),
    MethodDef::new("isdigit", "(self, /)", "Return True if all characters are digits and there is one.", isdigit).reads(0xFF, 0),
    MethodDef::new("isnumeric", "(self, /)", "Return True if all characters are numeric and there is one.", isnumeric).reads(0xFF, 0),
    MethodDef::new("isalpha", "(self, /)", "Return True if all characters are letters and there is one.", isalpha).reads(0xFF, 0),
    MethodDef::new("isalnum", "(self, /)", "Return True if all characters are letters or numeric and there is one.", isalnum).reads(0xFF, 0),
    MethodDef::new("isidentifier", "(self, /)", "Return True if the string is a valid identifier; keywords count too.", isidentifier).reads(0xFF, 0),
    MethodDef::new("isprintable", "(self, /)", "Return True if repr() shows all characters as they are.", isprintable).reads(0xFF, 0),
    MethodDef::new("zfill", "(self, width, /)", "Pad a number with zeros on the left, after its sign, to the width.", translate::zfill).reads(0xFF, 0),
    MethodDef::new("format", "(self, /, *args, **kwargs)", "Return the string with fields in braces replaced by formatted arguments.", format::format),
    MethodDef::new("format_map", "(self, mapping, /)", "As format(), the fields' names looked up in the mapping.", format::format_map),
    MethodDef::new("__format__", "(self, format_spec, /)", "Return a formatted version of the string as described by format_spec.", format::dunder_format),
    MethodDef::new("maketrans", "(x, y=<unrepresentable>, z=<unrepresentable>, /)", "Return a translation table for str.translate().\n\nOne argument: a dict from code points or characters to code points, strings\nor None.  Two: strings of equal length, mapped character by character; the\ncharacters of a third map to None.", translate::maketrans).static_(),
];

/// The class `str`.
pub static STR: TypeDef = TypeDef {
    doc: "str(object='') -> str\nstr(bytes_or_buffer[, encoding[, errors]]) -> str\n\nA string made from an object. With an encoding or an error handler, the object\nmust hold bytes, which are decoded; otherwise it is object.__str__() if that is\ndefined, or repr(object). The encoding is 'utf-8' and the handler 'strict' unless given.",
    subclassable: true,
    methods: method_table![OPERATORS, comparison_methods!(compare), METHODS],
    ..TypeDef::new("str", Str::LAYOUT)
};

const _: () = assert!(matches!(Str::LAYOUT.kind, Kind::Str));
