//! `_lzma`: what Python sees of liblzma. Its calls are behind safe methods in `stream`, since the library is C;
//! `filters` goes between dictionaries and the library's structures.

mod filters;
mod stream;

use super::{Progress, Reads, eof, needs_input, unused_data};
use crate::common::{Parameters, unsigned_arg};
use filters::{Chain, describe, filter_id};
use liblzma_sys as sys;
use std::cell::RefCell;
use stream::{Code, Stream};
use taipan_runtime::heap::{Gc, Header, Kind, Object};
use taipan_runtime::heap_object;
use taipan_runtime::object::{ClassFlags, GetSetDef, MethodDef, ModuleDef, TypeDef};
use taipan_runtime::types::exception::{Exception, classes as exc};
use taipan_runtime::types::protocol::{class_argument, this};
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Raised, Result, Vm};

const FORMAT_AUTO: i64 = 0;
const FORMAT_XZ: i64 = 1;
const FORMAT_ALONE: i64 = 2;
const FORMAT_RAW: i64 = 3;
const CHECK_ID_MAX: u32 = 15;
/// No check is known yet.
const CHECK_UNKNOWN: u32 = CHECK_ID_MAX + 1;

/// `lzma.LZMAError`.
static ERROR: TypeDef = TypeDef {
    module: "_lzma",
    doc: "A call of liblzma failed.",
    subclassable: true,
    base: Some(&exc::EXCEPTION),
    flags: ClassFlags::EXCEPTION,
    ..TypeDef::new("LZMAError", <Exception as Object>::LAYOUT)
};

#[cold]
fn error(vm: &Vm, message: &str) -> Raised {
    vm.raise_str(vm.exception_class(&ERROR), message)
}

/// The exception for what liblzma answered.
#[cold]
fn engine_error(vm: &Vm, code: Code) -> Raised {
    let words = match code {
        sys::LZMA_MEM_ERROR => return vm.memory_error(),
        sys::LZMA_UNSUPPORTED_CHECK => "Unsupported integrity check",
        sys::LZMA_MEMLIMIT_ERROR => "Memory usage limit exceeded",
        sys::LZMA_FORMAT_ERROR => "Input format not supported by decoder",
        sys::LZMA_OPTIONS_ERROR => "Invalid or unsupported options",
        sys::LZMA_DATA_ERROR => "Corrupt input data",
        sys::LZMA_BUF_ERROR => "Insufficient buffer space",
        sys::LZMA_PROG_ERROR => "Internal error",
        code => return error(vm, &format!("Unrecognized error from liblzma: {code}")),
    };
    error(vm, words)
}

/// A C int in the words of `PyArg_ParseTupleAndKeywords`.
fn int(vm: &Vm, v: Value, default: i64) -> Result<i64> {
    let Some(v) = v.given() else {
        return Ok(default);
    };
    let i = vm.to_ssize_arg(v)?;
    if i > i32::MAX.into() {
        return Err(vm.overflow_error("signed integer is greater than maximum"));
    }
    if i < i32::MIN.into() {
        return Err(vm.overflow_error("signed integer is less than minimum"));
    }
    Ok(i)
}

/// `LZMACompressor`.
#[repr(C)]
pub struct Compressor {
    pub header: Header,
    /// Gone once it was flushed.
    stream: RefCell<Option<Stream>>,
}

heap_object!(
    Compressor,
    "LZMACompressor",
    Kind::Other,
    |this, marker| {},
    drop
);

fn encoder(
    vm: &Vm,
    format: i64,
    check: i64,
    preset: Option<u32>,
    filters: Option<Value>,
) -> Result<Stream> {
    let default = preset.unwrap_or(sys::LZMA_PRESET_DEFAULT);
    let check = match check {
        -1 => sys::LZMA_CHECK_CRC64,
        check => check as u32,
    };
    let made = match (format, filters) {
        (FORMAT_XZ, None) => Stream::easy_encoder(default, check),
        (FORMAT_XZ, Some(v)) => Stream::encoder(&Chain::read(vm, v)?, check),
        (FORMAT_ALONE, None) => Stream::alone_encoder(&Chain::of_preset(vm, default)?),
        (FORMAT_ALONE, Some(v)) => {
            let chain = Chain::read(vm, v)?;
            if chain.lzma_options().is_none() {
                return Err(vm.value_error(
                    "Invalid filter chain for FORMAT_ALONE - must be a single LZMA1 filter",
                ));
            }
            Stream::alone_encoder(&chain)
        }
        (FORMAT_RAW, None) => {
            return Err(vm.value_error("Must specify filters for FORMAT_RAW"));
        }
        (FORMAT_RAW, Some(v)) => Stream::raw_encoder(&Chain::read(vm, v)?),
        _ => return Err(vm.value_error(format!("Invalid container format: {format}"))),
    };
    made.map_err(|code| engine_error(vm, code))
}

fn compressor_new(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    const PARAMETERS: Parameters<4> = Parameters {
        function: "LZMACompressor",
        names: ["format", "check", "preset", "filters"],
        required: 0,
        positional: 4,
        convert: None,
    };
    let class = class_argument(vm, args, vm.class_of_def(&COMPRESSOR)?)?;
    let [format, check, preset, filters] = PARAMETERS.bind(vm, &args[1..], names)?;
    let (format, check) = (int(vm, format, FORMAT_XZ)?, int(vm, check, -1)?);
    let (preset, filters) = (preset.given_not_none(), filters.given_not_none());
    if preset.is_some() && filters.is_some() {
        return Err(vm.value_error("Cannot specify both preset and filter chain"));
    }
    let preset = match preset {
        Some(v) => Some(unsigned_arg(vm, v, u32::MAX.into(), "uint32_t")? as u32),
        None => None,
    };
    if format != FORMAT_XZ && check != -1 && check != i64::from(sys::LZMA_CHECK_NONE) {
        return Err(vm.value_error("Integrity checks are only supported by FORMAT_XZ"));
    }
    let stream = encoder(vm, format, check, preset, filters)?;
    let object = Compressor {
        header: Header::empty(),
        stream: RefCell::new(Some(stream)),
    };
    Ok(vm.heap.alloc(class.root_shape.get(), object).value())
}

fn compress(vm: &Vm, args: &[Value]) -> Result {
    let data = vm.bytes_like(args[1])?;
    let object = this::<Compressor>(args[0]);
    let mut stream = object.stream.borrow_mut();
    let Some(stream) = &mut *stream else {
        return Err(vm.value_error("Compressor has been flushed"));
    };
    let out = stream
        .encode(&data.contiguous_bytes(), false)
        .map_err(|code| engine_error(vm, code))?;
    Ok(vm.new_bytes(&out)?.value())
}

fn flush(vm: &Vm, args: &[Value]) -> Result {
    let Some(mut stream) = this::<Compressor>(args[0]).stream.take() else {
        return Err(vm.value_error("Repeated call to flush()"));
    };
    let out = stream
        .encode(&[], true)
        .map_err(|code| engine_error(vm, code))?;
    Ok(vm.new_bytes(&out)?.value())
}

static COMPRESSOR: TypeDef = TypeDef {
    module: "_lzma",
    doc: "LZMACompressor(format=FORMAT_XZ, check=-1, preset=None, filters=None)\n\n\
          Compresses data given piece by piece.",
    methods: &[
        MethodDef::raw(
            "__new__",
            "",
            "Create and return a new object.  See help(type) for accurate signature.",
            compressor_new,
        )
        .static_(),
        MethodDef::new(
            "compress",
            "(self, data, /)",
            "Takes more data and returns what is compressed already.",
            compress,
        ),
        MethodDef::new(
            "flush",
            "(self, /)",
            "Ends the stream and returns the rest of it.",
            flush,
        ),
    ],
    ..TypeDef::new("LZMACompressor", <Compressor as Object>::LAYOUT)
};

/// `LZMADecompressor`.
#[repr(C)]
pub struct Decompressor {
    pub header: Header,
    progress: Progress,
    stream: RefCell<Stream>,
}

impl Reads for Decompressor {
    fn progress(&self) -> &Progress {
        &self.progress
    }
}

heap_object!(
    Decompressor,
    "LZMADecompressor",
    Kind::Other,
    |this, marker| {
        marker.field(&this.progress.unused_data);
    },
    drop
);

fn decompressor_new(vm: &Vm, args: &[Value]) -> Result {
    let class = class_argument(vm, args, vm.class_of_def(&DECOMPRESSOR)?)?;
    let format = args[1]
        .given()
        .map_or(Ok(FORMAT_AUTO), |v| int(vm, v, FORMAT_AUTO))?;
    let (memory, filters) = (args[2].given_not_none(), args[3].given_not_none());
    let is_raw = format == FORMAT_RAW;
    if memory.is_some() && is_raw {
        return Err(vm.value_error("Cannot specify memory limit with FORMAT_RAW"));
    }
    let memory = match memory {
        Some(v) => unsigned_arg(vm, v, u64::MAX, "uint64_t")?,
        None => u64::MAX,
    };
    if is_raw && filters.is_none() {
        return Err(vm.value_error("Must specify filters for FORMAT_RAW"));
    }
    if !is_raw && filters.is_some() {
        return Err(vm.value_error("Cannot specify filters except with FORMAT_RAW"));
    }
    let made = match (format, filters) {
        (FORMAT_AUTO, _) => Stream::auto_decoder(memory),
        (FORMAT_XZ, _) => Stream::decoder(memory),
        (FORMAT_ALONE, _) => Stream::alone_decoder(memory),
        (FORMAT_RAW, Some(v)) => Stream::raw_decoder(&Chain::read(vm, v)?),
        _ => return Err(vm.value_error(format!("Invalid container format: {format}"))),
    };
    let stream = made.map_err(|code| engine_error(vm, code))?;
    let object = Decompressor {
        header: Header::empty(),
        progress: Progress::new(vm, "Already at end of stream")?,
        stream: RefCell::new(stream),
    };
    Ok(vm.heap.alloc(class.root_shape.get(), object).value())
}

fn decompress(vm: &Vm, args: &[Value]) -> Result {
    let object = this::<Decompressor>(args[0]);
    object.progress.decompress(
        vm,
        &object.header,
        &object.stream,
        (args[1], args[2]),
        true,
        |code| engine_error(vm, code),
    )
}

static DECOMPRESSOR: TypeDef = TypeDef {
    module: "_lzma",
    doc: "Decompresses one stream, given piece by piece.",
    methods: &[
        MethodDef::new(
            "__new__",
            "(type, format=FORMAT_AUTO, memlimit=None, filters=None)",
            "Create and return a new object.  See help(type) for accurate signature.",
            decompressor_new,
        )
        .static_(),
        MethodDef::new(
            "decompress",
            "(self, /, data, max_length=-1)",
            "Takes more data and returns what it decompresses to, at most max_length bytes.",
            decompress,
        ),
    ],
    getset: &[
        GetSetDef {
            name: "check",
            doc: "The kind of integrity check, CHECK_UNKNOWN until the header was read.",
            get: |vm, v| {
                let check = this::<Decompressor>(v).stream.borrow().check;
                Ok(vm.new_int(check.into()))
            },
            set: None,
        },
        eof::<Decompressor>("Whether the stream has come to its end."),
        needs_input::<Decompressor>(),
        unused_data::<Decompressor>("What was given beyond the end of the stream."),
    ],
    ..TypeDef::new("LZMADecompressor", <Decompressor as Object>::LAYOUT)
};

fn is_check_supported(vm: &Vm, args: &[Value]) -> Result {
    let check = taipan_runtime::types::support::c_int_arg(vm, args[0])?;
    // SAFETY: any number may be asked about.
    let supported = unsafe { sys::lzma_check_is_supported(check as sys::lzma_check) };
    Ok(Value::bool(supported != 0))
}

fn encode_properties(vm: &Vm, args: &[Value]) -> Result {
    let properties = Chain::of_one(vm, args[0])?
        .properties()
        .map_err(|code| engine_error(vm, code))?;
    Ok(vm.new_bytes(&properties)?.value())
}

fn decode_properties(vm: &Vm, args: &[Value]) -> Result {
    let id = filter_id(vm, args[0])?;
    let properties = vm.bytes_like(args[1])?;
    describe(vm, id, &properties.contiguous_bytes())
}

const CONSTANTS: &[(&str, i64)] = &[
    ("FORMAT_AUTO", FORMAT_AUTO),
    ("FORMAT_XZ", FORMAT_XZ),
    ("FORMAT_ALONE", FORMAT_ALONE),
    ("FORMAT_RAW", FORMAT_RAW),
    ("CHECK_NONE", sys::LZMA_CHECK_NONE as i64),
    ("CHECK_CRC32", sys::LZMA_CHECK_CRC32 as i64),
    ("CHECK_CRC64", sys::LZMA_CHECK_CRC64 as i64),
    ("CHECK_SHA256", sys::LZMA_CHECK_SHA256 as i64),
    ("CHECK_ID_MAX", CHECK_ID_MAX as i64),
    ("CHECK_UNKNOWN", CHECK_UNKNOWN as i64),
    ("FILTER_LZMA1", sys::LZMA_FILTER_LZMA1 as i64),
    ("FILTER_LZMA2", sys::LZMA_FILTER_LZMA2 as i64),
    ("FILTER_DELTA", sys::LZMA_FILTER_DELTA as i64),
    ("FILTER_X86", sys::LZMA_FILTER_X86 as i64),
    ("FILTER_IA64", sys::LZMA_FILTER_IA64 as i64),
    ("FILTER_ARM", sys::LZMA_FILTER_ARM as i64),
    ("FILTER_ARMTHUMB", sys::LZMA_FILTER_ARMTHUMB as i64),
    ("FILTER_SPARC", sys::LZMA_FILTER_SPARC as i64),
    ("FILTER_POWERPC", sys::LZMA_FILTER_POWERPC as i64),
    ("MF_HC3", sys::LZMA_MF_HC3 as i64),
    ("MF_HC4", sys::LZMA_MF_HC4 as i64),
    ("MF_BT2", sys::LZMA_MF_BT2 as i64),
    ("MF_BT3", sys::LZMA_MF_BT3 as i64),
    ("MF_BT4", sys::LZMA_MF_BT4 as i64),
    ("MODE_FAST", sys::LZMA_MODE_FAST as i64),
    ("MODE_NORMAL", sys::LZMA_MODE_NORMAL as i64),
    ("PRESET_DEFAULT", sys::LZMA_PRESET_DEFAULT as i64),
    ("PRESET_EXTREME", sys::LZMA_PRESET_EXTREME as i64),
];

/// The module.
pub static LZMA: ModuleDef = ModuleDef {
    name: "_lzma",
    doc: "",
    functions: &[
        MethodDef::new(
            "is_check_supported",
            "(check_id, /)",
            "Whether the kind of integrity check is known to this liblzma.",
            is_check_supported,
        ),
        MethodDef::new(
            "_encode_filter_properties",
            "(filter, /)",
            "The properties of a filter as containers have them.",
            encode_properties,
        ),
        MethodDef::new(
            "_decode_filter_properties",
            "(filter_id, encoded_props, /)",
            "The filter that has these properties in containers.",
            decode_properties,
        ),
    ],
    types: &[&COMPRESSOR, &DECOMPRESSOR, &ERROR],
    exec: Some(|vm, module| {
        for (name, value) in CONSTANTS {
            module.set(vm, name, vm.new_int(*value));
        }
        Ok(())
    }),
};
