//! The Python type `bytes`, and the table of methods that `bytearray` shares.

use super::{Bytes, cases, construct, data_of, format, iterator, like, part, parts};
use crate::heap::Object;
use crate::object::{Consumer, MethodDef, Special, TypeDef};
use crate::ops::compare::CompareOp;
use crate::ops::subscript::normalize;
use crate::types::slice::Slice;
use crate::types::str::codec_arg;
use crate::types::support::{ordered, receiver, repeat_arg};
use crate::value::Value;
use crate::vm::{Result, Vm};
use crate::{comparison_methods, method_table};
use taipan_text::escape;

fn repr(vm: &Vm, args: &[Value]) -> Result {
    Ok(vm
        .new_str_ascii(escape::repr_bytes(data_of(args[0])).as_bytes())
        .value())
}

fn str(vm: &Vm, args: &[Value]) -> Result {
    vm.bytes_warning("str() on a bytes instance")?;
    repr(vm, args)
}

fn hash(vm: &Vm, args: &[Value]) -> Result {
    Ok(vm.new_int(receiver::<Bytes>(args[0]).hash(vm) as i64))
}

fn compare(vm: &Vm, op: CompareOp, a: Value, b: Value) -> Result {
    match b.cast::<Bytes>() {
        Some(other) => ordered(op, data_of(a).cmp(other.as_slice())),
        None => {
            if matches!(op, CompareOp::Eq | CompareOp::Ne) {
                if b.cast::<crate::types::str::Str>().is_some() {
                    vm.bytes_warning("Comparison between bytes and string")?;
                } else if b.as_int_ref().is_some() {
                    vm.bytes_warning("Comparison between bytes and int")?;
                }
            }
            Ok(Value::NOT_IMPLEMENTED)
        }
    }
}

impl Vm {
    /// BytesWarning, if `-b` asks for it.
    pub fn bytes_warning(&self, message: &str) -> Result<()> {
        if self.settings.borrow().bytes_warning == 0 {
            return Ok(());
        }
        self.warn(&crate::types::exception::classes::BYTES_WARNING, message, 1)
    }
}

pub(super) fn len(vm: &Vm, args: &[Value]) -> Result {
    Ok(vm.new_int(data_of(args[0]).len() as i64))
}

/// `self[key]`; `kind` and `range` word the errors.
pub(super) fn subscript(vm: &Vm, args: &[Value], kind: &str, range: &str) -> Result {
    let this = args[0];
    if let Some(i) = args[1].as_int() {
        let data = data_of(this);
        return match normalize(i, data.len()) {
            Some(i) => Ok(Value::small_int(data[i].into())),
            None => Err(vm.index_error(range)),
        };
    }
    if let Some(slice) = args[1].cast::<Slice>() {
        let (start, stop, step) = slice.unpack(vm)?;
        let data = data_of(this);
        let i = crate::types::slice::Indices::adjust(start, stop, step, data.len());
        if i.count == 0 {
            return like(vm, this, &[]);
        }
        if i.step == 1 {
            return part(vm, this, i.start as usize, i.start as usize + i.count);
        }
        return super::fill_like(vm, this, i.count, |out| {
            out.iter_mut().zip(i.iter()).for_each(|(o, i)| *o = data[i]);
        });
    }
    if args[1].as_int_ref().is_none() && vm.class_of(args[1]).special(Special::Index).is_none() {
        let got = vm.type_name(args[1]);
        return Err(vm.type_error(format!(
            "{kind} indices must be integers or slices, not {got}"
        )));
    }
    let index = vm.to_index(args[1])?;
    let data = data_of(this);
    match normalize(index, data.len()) {
        Some(i) => Ok(Value::small_int(data[i].into())),
        None => Err(vm.index_error(range)),
    }
}

fn getitem(vm: &Vm, args: &[Value]) -> Result {
    subscript(vm, args, "byte", "index out of range")
}

fn mul(vm: &Vm, args: &[Value]) -> Result {
    let count = repeat_arg(vm, args[1])?;
    vm.bytes_repeat(args[0], count)
}

fn modulo(vm: &Vm, args: &[Value]) -> Result {
    format::percent(vm, args[0], args[1])
}

fn rmodulo(vm: &Vm, args: &[Value]) -> Result {
    if vm.class_of(args[1]).layout.kind == vm.class_of(args[0]).layout.kind {
        return format::percent(vm, args[1], args[0]);
    }
    Ok(Value::NOT_IMPLEMENTED)
}

fn getnewargs(vm: &Vm, args: &[Value]) -> Result {
    let exact = vm.new_bytes(data_of(args[0]))?;
    Ok(vm.new_tuple(&[exact.value()])?.value())
}

fn dunder_bytes(vm: &Vm, args: &[Value]) -> Result {
    if vm.class_of(args[0]) == vm.types.bytes.get() {
        return Ok(args[0]);
    }
    Ok(vm.new_bytes(data_of(args[0]))?.value())
}

fn decode(vm: &Vm, args: &[Value]) -> Result {
    let encoding = codec_arg(vm, args[1], "decode", "encoding")?;
    let errors = codec_arg(vm, args[2], "decode", "errors")?;
    let decoded = vm.with_bytes(args[0], |data| {
        vm.decode_bytes(
            data,
            encoding.as_deref().unwrap_or("utf-8"),
            errors.as_deref().unwrap_or("strict"),
        )
    })??;
    Ok(decoded.value())
}

fn hex(vm: &Vm, args: &[Value]) -> Result {
    vm.with_bytes(args[0], |data| construct::hex(vm, data, args[1], args[2]))?
}

fn sizeof(vm: &Vm, args: &[Value]) -> Result {
    Ok(vm.new_int(33 + data_of(args[0]).len() as i64))
}

/// `__buffer__` of native types.
pub const BUFFER: MethodDef = MethodDef::new(
    "__buffer__",
    "(self, flags, /)",
    "Return a buffer object that exposes the underlying memory of the object.",
    crate::types::memoryview::dunder_buffer,
);

/// `__release_buffer__` of native types.
pub const RELEASE_BUFFER: MethodDef = MethodDef::new(
    "__release_buffer__",
    "(self, buffer, /)",
    "Release the buffer object that exposes the underlying memory of the object.",
    crate::types::memoryview::dunder_release_buffer,
);

/// Methods of both types.
pub(super) const SHARED: [MethodDef; 50] = [
    BUFFER,
    MethodDef::new("__iter__", "(self, /)", "Implement iter(self).", iterator::iter),
    MethodDef::new("__mod__", "(self, value, /)", "Return self%value.", modulo),
    MethodDef::new("__rmod__", "(self, value, /)", "Return value%self.", rmodulo),
    MethodDef::new("__len__", "(self, /)", "Return len(self).", len),
    MethodDef::new("__add__", "(self, value, /)", "Return self+value.", parts::add),
    MethodDef::new("__mul__", "(self, value, /)", "Return self*value.", mul),
    MethodDef::new("__rmul__", "(self, value, /)", "Return value*self.", mul),
    MethodDef::new("__contains__", "(self, key, /)", "Return bool(key in self).", parts::contains),
    MethodDef::new("capitalize", "(self, /)", "Return a copy whose first letter is upper case and the rest lower case.", cases::capitalize).reads(0xFE, 0),
    MethodDef::new("center", "(self, width, fillchar=b' ', /)", "Return a centered copy of length width, padded with the fill character.", cases::center).reads(0xFE, 0),
    MethodDef::new("count", "(self, sub[, start[, end]], /)", "Return the number of non-overlapping occurrences of sub in self[start:end].\n\n  sub\n    Bytes, or an integer for a single byte.", parts::count).reads(0xFE, 0),
    MethodDef::new("decode", "(self, /, encoding='utf-8', errors='strict')", "Decode the bytes with a codec.\n\n  encoding\n    The codec to use.\n  errors\n    What to do about bytes that the codec cannot decode: a name such as 'strict',\n    'ignore', 'replace' or 'backslashreplace'.", decode),
    MethodDef::new("endswith", "(self, suffix[, start[, end]], /)", "Return whether self[start:end] ends with the suffix, or one of a tuple.", parts::endswith).reads(0xFE, 0),
    MethodDef::new("expandtabs", "(self, /, tabsize=8)", "Return a copy where tabs are expanded to spaces.", cases::expandtabs).reads(0xFE, 0),
    MethodDef::new("find", "(self, sub[, start[, end]], /)", "Return the lowest index of sub in self[start:end], or -1.", parts::find).reads(0xFE, 0),
    MethodDef::new("fromhex", "(type, string, /)", "Create from a string of hexadecimal numbers; spaces between them are accepted.\n\nExample: bytes.fromhex('B9 01EF') -> b'\\\\xb9\\\\x01\\\\xef'.", construct::fromhex).class(),
    MethodDef::new("hex", "(self, /, sep=<unrepresentable>, bytes_per_sep=1)", "Return a string of hexadecimal numbers.\n\n  sep\n    A character or byte to put between groups.\n  bytes_per_sep\n    Size of the groups, counted from the right if positive, else from the left.\n\n>>> value = b'\\xb9\\x01\\xef'\n>>> value.hex()\n'b901ef'\n>>> value.hex(':')\n'b9:01:ef'", hex).reads(0xFE, 0),
    MethodDef::new("index", "(self, sub[, start[, end]], /)", "As find(), but raise ValueError when sub is not found.", parts::index).reads(0xFE, 0),
    MethodDef::new("isalnum", "(self, /)", "Return True if all bytes are letters or digits and there is one.", cases::isalnum).reads(0xFE, 0),
    MethodDef::new("isalpha", "(self, /)", "Return True if all bytes are letters and there is one.", cases::isalpha).reads(0xFE, 0),
    MethodDef::new("isascii", "(self, /)", "Return True if all bytes are ASCII.", cases::isascii).reads(0xFE, 0),
    MethodDef::new("isdigit", "(self, /)", "Return True if all bytes are digits and there is one.", cases::isdigit).reads(0xFE, 0),
    MethodDef::new("islower", "(self, /)", "Return True if all letters are lower case and there is one.", cases::islower).reads(0xFE, 0),
    MethodDef::new("isspace", "(self, /)", "Return True if all bytes are white space and there is one.", cases::isspace).reads(0xFE, 0),
    MethodDef::new("istitle", "(self, /)", "Return True if the bytes are in title case.", cases::istitle).reads(0xFE, 0),
    MethodDef::new("isupper", "(self, /)", "Return True if all letters are upper case and there is one.", cases::isupper).reads(0xFE, 0),
    MethodDef::new("join", "(self, iterable_of_bytes, /)", "Concatenate bytes objects, this one between each two of them.", parts::join).consumes(Consumer::Join),
    MethodDef::new("ljust", "(self, width, fillchar=b' ', /)", "Return a left-justified copy of length width.", cases::ljust).reads(0xFE, 0),
    MethodDef::new("lower", "(self, /)", "Return a copy with ASCII letters converted to lower case.", cases::lower).reads(0xFE, 0),
    MethodDef::new("lstrip", "(self, bytes=None, /)", "Return a copy without leading white space, or bytes in the argument.", parts::lstrip).reads(0xFE, 0),
    MethodDef::new("maketrans", "(frm, to, /)", "Return a translation table for the method translate.\n\nIt maps each byte in frm to the one at the same place in to.", parts::maketrans).static_(),
    MethodDef::new("partition", "(self, sep, /)", "Cut in three at the first separator: before, separator, after.", parts::partition).reads(0xFE, 0),
    MethodDef::new("replace", "(self, old, new, count=-1, /)", "Return a copy with occurrences of old replaced by new.\n\n  count\n    How many to replace at most; -1 means all.", parts::replace).reads(0xFE, 0),
    MethodDef::new("removeprefix", "(self, prefix, /)", "Return a copy without the prefix, if it is there.", parts::removeprefix).reads(0xFE, 0),
    MethodDef::new("removesuffix", "(self, suffix, /)", "Return a copy without the suffix, if it is there.", parts::removesuffix).reads(0xFE, 0),
    MethodDef::new("rfind", "(self, sub[, start[, end]], /)", "Return the highest index of sub in self[start:end], or -1.", parts::rfind).reads(0xFE, 0),
    MethodDef::new("rindex", "(self, sub[, start[, end]], /)", "As rfind(), but raise ValueError when sub is not found.", parts::rindex).reads(0xFE, 0),
    MethodDef::new("rjust", "(self, width, fillchar=b' ', /)", "Return a right-justified copy of length width.", cases::rjust).reads(0xFE, 0),
    MethodDef::new("rpartition", "(self, sep, /)", "Cut in three at the last separator: before, separator, after.", parts::rpartition).reads(0xFE, 0),
    MethodDef::new("rsplit", "(self, /, sep=None, maxsplit=-1)", "Return a list of the sections between separators, splitting from the right.\n\n  sep\n    The separator; None splits at runs of white space.\n  maxsplit\n    How many splits to make at most; -1 means no limit.", parts::rsplit).reads(0xFE, 0),
    MethodDef::new("rstrip", "(self, bytes=None, /)", "Return a copy without trailing white space, or bytes in the argument.", parts::rstrip).reads(0xFE, 0),
    MethodDef::new("split", "(self, /, sep=None, maxsplit=-1)", "Return a list of the sections between separators.\n\n  sep\n    The separator; None splits at runs of white space.\n  maxsplit\n    How many splits to make at most; -1 means no limit.", parts::split).reads(0xFE, 0),
    MethodDef::new("splitlines", "(self, /, keepends=False)", "Return a list of the lines, their breaks left off unless keepends is true.", parts::splitlines).reads(0xFE, 0),
    MethodDef::new("startswith", "(self, prefix[, start[, end]], /)", "Return whether self[start:end] starts with the prefix, or one of a tuple.", parts::startswith).reads(0xFE, 0),
    MethodDef::new("strip", "(self, bytes=None, /)", "Return a copy without white space, or bytes in the argument, at both ends.", parts::strip).reads(0xFE, 0),
    MethodDef::new("swapcase", "(self, /)", "Return a copy with upper case made lower case and the reverse.", cases::swapcase).reads(0xFE, 0),
    MethodDef::new("title", "(self, /)", "Return a copy where each word begins in upper case, the rest in lower case.", cases::title).reads(0xFE, 0),
    MethodDef::new("translate", "(self, table, /, delete=b'')", "Return a copy with bytes mapped by a table of 256 bytes.\n\nBytes in delete are removed; a table of None only removes.", parts::translate).reads(0xFE, 0),
    MethodDef::new("upper", "(self, /)", "Return a copy with ASCII letters converted to upper case.", cases::upper).reads(0xFE, 0),
];

/// After the shared ones because of its place in the alphabet.
pub(super) const ZFILL: [MethodDef; 1] = [MethodDef::new(
    "zfill",
    "(self, width, /)",
    "Pad a number with zeros on the left, after its sign, to the width.",
    cases::zfill,
)
.reads(0xFE, 0)];

const METHODS: [MethodDef; 8] = [
    MethodDef::new(
        "__new__",
        "(cls, source=b'', encoding='utf-8', errors='strict')",
        "Create and return a new object.  See help(type) for accurate signature.",
        construct::new_bytes,
    )
    .static_(),
    MethodDef::new("__repr__", "(self, /)", "Return repr(self).", repr),
    MethodDef::new("__hash__", "(self, /)", "Return hash(self).", hash),
    MethodDef::new("__str__", "(self, /)", "Return str(self).", str),
    MethodDef::new(
        "__getitem__",
        "(self, key, /)",
        "Return self[key].",
        getitem,
    ),
    MethodDef::new("__getnewargs__", "(self, /)", "", getnewargs),
    MethodDef::new(
        "__bytes__",
        "(self, /)",
        "Convert this value to exact type bytes.",
        dunder_bytes,
    ),
    MethodDef::new(
        "__sizeof__",
        "(self, /)",
        "Size of object in memory, in bytes.",
        sizeof,
    ),
];

/// The class `bytes`.
pub static BYTES: TypeDef = TypeDef {
    doc: "bytes(iterable_of_ints) -> bytes\nbytes(string, encoding[, errors]) -> bytes\nbytes(bytes_or_buffer) -> immutable copy of bytes_or_buffer\nbytes(int) -> bytes object of size given by the parameter initialized with null bytes\nbytes() -> empty bytes object\n\nAn immutable array of bytes, made from an iterable of integers in range(256), a\nstring and its encoding, any object with the buffer API, or an integer.",
    subclassable: true,
    methods: method_table![METHODS, comparison_methods!(compare), SHARED, ZFILL],
    ..TypeDef::new("bytes", Bytes::LAYOUT)
};
