//! `_zstd`: what Python sees of libzstd. Its calls are behind safe methods in `stream`, since the library is C;
//! `parameters` and `dict` are what `options=` and `zstd_dict=` take.

mod dict;
mod parameters;
mod stream;

use super::{Progress, Reads, eof, needs_input, unused_data};
use dict::ZSTD_DICT;
use parameters::{COMPRESSION, DECOMPRESSION};
use std::cell::{Cell, RefCell};
use stream::{Decompress, Encoder, Failure, Mode};
use taipan_runtime::heap::{Gc, Header, Kind, Object};
use taipan_runtime::heap_object;
use taipan_runtime::object::{Class, ClassFlags, GetSetDef, MethodDef, ModuleDef, TypeDef};
use taipan_runtime::types::bytes::Bytes;
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::exception::{Exception, classes as exc};
use taipan_runtime::types::int::IntRef;
use taipan_runtime::types::protocol::{class_argument, this};
use taipan_runtime::types::support::{arg_name, c_int_arg};
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Raised, Result, Vm};

/// `compression.zstd.ZstdError`.
static ERROR: TypeDef = TypeDef {
    module: "compression.zstd",
    doc: "A call of libzstd failed.",
    subclassable: true,
    base: Some(&exc::EXCEPTION),
    flags: ClassFlags::EXCEPTION,
    ..TypeDef::new("ZstdError", <Exception as Object>::LAYOUT)
};

#[cold]
fn plain_error(vm: &Vm, message: &str) -> Raised {
    vm.raise_str(vm.exception_class(&ERROR), message)
}

/// The exception for what libzstd answered.
#[cold]
fn error(vm: &Vm, what: &str, failure: Failure) -> Raised {
    plain_error(vm, &format!("{what}: {}", failure.words()))
}

/// The dictionary given as `options`.
fn options(vm: &Vm, v: Value, function: &str) -> Result<Option<Gc<Dict>>> {
    let Some(v) = v.given_not_none() else {
        return Ok(None);
    };
    match v.cast::<Dict>() {
        Some(dict) => Ok(Some(dict)),
        None => Err(vm.type_error(format!(
            "{function}() argument 'options' must be dict, not {}",
            arg_name(vm, v)
        ))),
    }
}

/// `ZstdCompressor`.
#[repr(C)]
pub struct Compressor {
    pub header: Header,
    stream: RefCell<Encoder>,
    last_mode: Cell<Mode>,
}

heap_object!(
    Compressor,
    "ZstdCompressor",
    Kind::Other,
    |this, marker| {},
    drop
);

fn compressor_new(vm: &Vm, args: &[Value]) -> Result {
    let class = class_argument(vm, args, vm.class_of_def(&COMPRESSOR)?)?;
    let given = options(vm, args[2], "ZstdCompressor")?;
    let level = args[1].given_not_none();
    if level.is_some() && given.is_some() {
        return Err(vm.type_error("Only one of level or options should be used."));
    }
    let mut encoder = Encoder::new().map_err(|_| vm.memory_error())?;
    // SAFETY: a plain call.
    let mut used = unsafe { zstd_sys::ZSTD_defaultCLevel() };
    if let Some(v) = level {
        used = parameters::level_argument(vm, v)?;
        parameters::set_level(vm, &mut encoder, used)?;
    } else if let Some(given) = given {
        used = parameters::set_compression(vm, &mut encoder, given)?.unwrap_or(used);
    }
    if let Some(v) = args[3].given_not_none() {
        dict::use_for_compression(vm, &mut encoder, v, used)?;
    }
    let object = Compressor {
        header: Header::empty(),
        stream: RefCell::new(encoder),
        last_mode: Cell::new(Mode::FlushFrame),
    };
    Ok(vm.heap.alloc(class.root_shape.get(), object).value())
}

fn mode(vm: &Vm, v: Value, default: Mode) -> Result<Option<Mode>> {
    let Some(v) = v.given() else {
        return Ok(Some(default));
    };
    Ok(match c_int_arg(vm, v)? {
        0 => Some(Mode::Continue),
        1 => Some(Mode::FlushBlock),
        2 => Some(Mode::FlushFrame),
        _ => None,
    })
}

fn run(vm: &Vm, compressor: Gc<Compressor>, data: &[u8], mode: Mode) -> Result {
    compressor.last_mode.set(Mode::FlushFrame);
    let out = compressor
        .stream
        .borrow_mut()
        .encode(data, mode)
        .map_err(|f| error(vm, "Unable to compress Zstandard data", f))?;
    compressor.last_mode.set(mode);
    Ok(vm.new_bytes(&out)?.value())
}

fn compress(vm: &Vm, args: &[Value]) -> Result {
    let data = vm.bytes_like(args[1])?;
    let Some(mode) = mode(vm, args[2], Mode::Continue)? else {
        return Err(vm.value_error(
            "mode argument wrong value, it should be one of ZstdCompressor.CONTINUE, \
             ZstdCompressor.FLUSH_BLOCK, ZstdCompressor.FLUSH_FRAME.",
        ));
    };
    run(vm, this(args[0]), &data.contiguous_bytes(), mode)
}

fn flush(vm: &Vm, args: &[Value]) -> Result {
    match mode(vm, args[1], Mode::FlushFrame)? {
        Some(mode) if mode != Mode::Continue => run(vm, this(args[0]), &[], mode),
        _ => Err(vm.value_error(
            "mode argument wrong value, it should be ZstdCompressor.FLUSH_FRAME or \
             ZstdCompressor.FLUSH_BLOCK.",
        )),
    }
}

fn set_pledged_input_size(vm: &Vm, args: &[Value]) -> Result {
    /// No size is known.
    const UNKNOWN: u64 = u64::MAX;
    const LIMIT: u64 = u64::MAX - 1;
    let compressor = this::<Compressor>(args[0]);
    let size = if args[1].is_none() {
        UNKNOWN
    } else {
        let size = match args[1].as_int_ref() {
            Some(IntRef::Small(i)) => u64::try_from(i).ok(),
            Some(IntRef::Big(b)) if !b.is_negative() => match *b.limbs() {
                [low] => Some(low),
                _ => None,
            },
            Some(_) => None,
            None => return Err(vm.type_error("an integer is required")),
        };
        size.filter(|n| *n < LIMIT).ok_or_else(|| {
            vm.value_error(format!(
                "size argument should be a positive int less than {LIMIT}"
            ))
        })?
    };
    if compressor.last_mode.get() != Mode::FlushFrame {
        return Err(vm.value_error(
            "set_pledged_input_size() method must be called when last_mode == FLUSH_FRAME",
        ));
    }
    compressor
        .stream
        .borrow_mut()
        .pledge(size)
        .map_err(|f| error(vm, "Unable to set pledged uncompressed content size", f))?;
    Ok(Value::NONE)
}

static COMPRESSOR: TypeDef = TypeDef {
    module: "compression.zstd",
    doc: "Compresses data given piece by piece.",
    methods: &[
        MethodDef::new(
            "__new__",
            "(type, level=None, options=None, zstd_dict=None)",
            "Create and return a new object.  See help(type) for accurate signature.",
            compressor_new,
        )
        .static_(),
        MethodDef::new(
            "compress",
            "(self, /, data, mode=ZstdCompressor.CONTINUE)",
            "Takes more data and returns what is compressed already, depending on the mode.",
            compress,
        ),
        MethodDef::new(
            "flush",
            "(self, /, mode=ZstdCompressor.FLUSH_FRAME)",
            "Ends the block or the frame and returns what was not returned yet.",
            flush,
        ),
        MethodDef::new(
            "set_pledged_input_size",
            "(self, size, /)",
            "Says how much the next frame will hold, which is written into its header.",
            set_pledged_input_size,
        ),
    ],
    getset: &[GetSetDef {
        name: "last_mode",
        doc: "The mode of the last call that succeeded.",
        get: |_, v| {
            let mode = this::<Compressor>(v).last_mode.get();
            Ok(Value::small_int(mode as i64))
        },
        set: None,
    }],
    finish: Some(|vm: &Vm, class: Gc<Class>| {
        for (name, mode) in [
            ("CONTINUE", Mode::Continue),
            ("FLUSH_BLOCK", Mode::FlushBlock),
            ("FLUSH_FRAME", Mode::FlushFrame),
        ] {
            class
                .namespace()
                .set_str(vm, vm.intern(name), Value::small_int(mode as i64));
        }
        Ok(())
    }),
    ..TypeDef::new("ZstdCompressor", <Compressor as Object>::LAYOUT)
};

/// `ZstdDecompressor`.
#[repr(C)]
pub struct Decompressor {
    pub header: Header,
    progress: Progress,
    stream: RefCell<Decompress>,
}

impl Reads for Decompressor {
    fn progress(&self) -> &Progress {
        &self.progress
    }
}

heap_object!(
    Decompressor,
    "ZstdDecompressor",
    Kind::Other,
    |this, marker| {
        marker.field(&this.progress.unused_data);
    },
    drop
);

fn decompressor_new(vm: &Vm, args: &[Value]) -> Result {
    let class = class_argument(vm, args, vm.class_of_def(&DECOMPRESSOR)?)?;
    let given = options(vm, args[2], "ZstdDecompressor")?;
    let mut decoder = Decompress::new().map_err(|_| vm.memory_error())?;
    if let Some(v) = args[1].given_not_none() {
        dict::use_for_decompression(vm, &mut decoder, v)?;
    }
    if let Some(given) = given {
        parameters::set_decompression(vm, &mut decoder, given)?;
    }
    let object = Decompressor {
        header: Header::empty(),
        progress: Progress::new(vm, "Already at the end of a Zstandard frame.")?,
        stream: RefCell::new(decoder),
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
        |f| error(vm, "Unable to decompress Zstandard data", f),
    )
}

static DECOMPRESSOR: TypeDef = TypeDef {
    module: "compression.zstd",
    doc: "Decompresses one frame, given piece by piece.",
    methods: &[
        MethodDef::new(
            "__new__",
            "(type, zstd_dict=None, options=None)",
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
        eof::<Decompressor>("Whether the frame has come to its end."),
        needs_input::<Decompressor>(),
        unused_data::<Decompressor>("What was given beyond the end of the frame."),
    ],
    ..TypeDef::new("ZstdDecompressor", <Decompressor as Object>::LAYOUT)
};

fn bytes_argument(vm: &Vm, function: &str, place: usize, v: Value) -> Result<Gc<Bytes>> {
    v.cast::<Bytes>().ok_or_else(|| {
        vm.type_error(format!(
            "{function}() argument {place} must be bytes, not {}",
            arg_name(vm, v)
        ))
    })
}

/// The sizes of samples, which have to add up to `total`.
fn sizes(vm: &Vm, function: &str, place: usize, v: Value, total: usize) -> Result<Vec<usize>> {
    let Some(tuple) = v.cast::<Tuple>() else {
        return Err(vm.type_error(format!(
            "{function}() argument {place} must be tuple, not {}",
            arg_name(vm, v)
        )));
    };
    let mut sizes = Vec::new();
    let mut sum = Some(0usize);
    for v in tuple.as_slice() {
        if v.as_int_ref().is_none() {
            return Err(vm.type_error("an integer is required"));
        }
        let size = v.as_int().and_then(|i| usize::try_from(i).ok());
        sum = sum.zip(size).and_then(|(a, b)| a.checked_add(b));
        sizes.extend(size);
    }
    if sum != Some(total) {
        return Err(
            vm.value_error("The samples size tuple doesn't match the concatenation's size.")
        );
    }
    Ok(sizes)
}

fn dictionary_room(vm: &Vm, v: Value) -> Result<usize> {
    match vm.to_ssize_arg(v)? {
        room if room > 0 => Ok(room as usize),
        _ => Err(vm.value_error("dict_size argument should be positive number.")),
    }
}

fn train_dict(vm: &Vm, args: &[Value]) -> Result {
    const NAME: &str = "train_dict";
    let samples = bytes_argument(vm, NAME, 1, args[0])?;
    let tuple = args[1];
    if tuple.cast::<Tuple>().is_none() {
        sizes(vm, NAME, 2, tuple, 0)?;
    }
    let room = dictionary_room(vm, args[2])?;
    let sizes = sizes(vm, NAME, 2, tuple, samples.as_slice().len())?;
    let made = stream::train(samples.as_slice(), &sizes, room)
        .map_err(|f| error(vm, "Unable to train the Zstandard dictionary", f))?;
    Ok(vm.new_bytes(&made)?.value())
}

fn finalize_dict(vm: &Vm, args: &[Value]) -> Result {
    const NAME: &str = "finalize_dict";
    let content = bytes_argument(vm, NAME, 1, args[0])?;
    let samples = bytes_argument(vm, NAME, 2, args[1])?;
    let tuple = args[2];
    if tuple.cast::<Tuple>().is_none() {
        sizes(vm, NAME, 3, tuple, 0)?;
    }
    let level = c_int_arg(vm, args[4])?;
    let room = dictionary_room(vm, args[3])?;
    let sizes = sizes(vm, NAME, 3, tuple, samples.as_slice().len())?;
    let made = stream::finalize(
        content.as_slice(),
        samples.as_slice(),
        &sizes,
        room,
        level as i32,
    )
    .map_err(|f| error(vm, "Unable to finalize the Zstandard dictionary", f))?;
    Ok(vm.new_bytes(&made)?.value())
}

fn get_frame_info(vm: &Vm, args: &[Value]) -> Result {
    let data = vm.bytes_like(args[0])?;
    let frame = data.contiguous_bytes();
    let Some(size) = stream::content_size(&frame) else {
        return Err(plain_error(
            vm,
            "Error when getting information from the header of a Zstandard frame. Ensure the \
             frame_buffer argument starts from the beginning of a frame, and its length is not \
             less than the frame header (6~18 bytes).",
        ));
    };
    let size = match size {
        Some(size) => vm.new_uint(size),
        None => Value::NONE,
    };
    let id = vm.new_int(stream::frame_dictionary(&frame).into());
    Ok(vm.new_tuple(&[size, id])?.value())
}

fn get_frame_size(vm: &Vm, args: &[Value]) -> Result {
    let data = vm.bytes_like(args[0])?;
    match stream::frame_size(&data.contiguous_bytes()) {
        Ok(size) => Ok(vm.new_int(size as i64)),
        Err(f) => Err(plain_error(
            vm,
            &format!(
                "Error when finding the compressed size of a Zstandard frame. Ensure the \
                 frame_buffer argument starts from the beginning of a frame, and its length is \
                 not less than this complete frame. Zstd error message: {}.",
                f.words()
            ),
        )),
    }
}

fn get_param_bounds(vm: &Vm, args: &[Value]) -> Result {
    let id = c_int_arg(vm, args[0])? as i32;
    let is_compress = vm.truth(args[1])?;
    let (bounds, what) = if is_compress {
        let known = COMPRESSION.iter().find(|p| p.id as i32 == id);
        (known.map(|p| p.bounds()), "compression")
    } else {
        let known = DECOMPRESSION.iter().find(|p| p.id as i32 == id);
        (known.map(|p| p.bounds()), "decompression")
    };
    match bounds.unwrap_or(Err(Failure::of_parameter())) {
        Ok((least, most)) => {
            let pair = [vm.new_int(least.into()), vm.new_int(most.into())];
            Ok(vm.new_tuple(&pair)?.value())
        }
        Err(f) => Err(error(
            vm,
            &format!("Unable to get zstd {what} parameter bounds"),
            f,
        )),
    }
}

/// The library's module says which classes its parameters have; they are asked for there when
/// options have keys of other classes than `int`.
fn set_parameter_types(vm: &Vm, args: &[Value]) -> Result {
    for (v, name) in args.iter().zip(["c_parameter_type", "d_parameter_type"]) {
        if v.cast::<Class>().is_none() {
            return Err(vm.type_error(format!(
                "set_parameter_types() argument '{name}' must be type, not {}",
                arg_name(vm, *v)
            )));
        }
    }
    Ok(Value::NONE)
}

/// The module.
pub static ZSTD: ModuleDef = ModuleDef {
    name: "_zstd",
    doc: "Compression by Zstandard.",
    functions: &[
        MethodDef::new(
            "train_dict",
            "(samples_bytes, samples_sizes, dict_size, /)",
            "A dictionary from samples that lie one behind the other.",
            train_dict,
        ),
        MethodDef::new(
            "finalize_dict",
            "(custom_dict_bytes, samples_bytes, samples_sizes, dict_size, compression_level, /)",
            "A dictionary from its content, and samples that it is to serve.",
            finalize_dict,
        ),
        MethodDef::new(
            "get_frame_info",
            "(frame_buffer)",
            "What the header of the first frame says: its size, None if unknown, and dictionary.",
            get_frame_info,
        ),
        MethodDef::new(
            "get_frame_size",
            "(frame_buffer)",
            "Bytes of the first frame.",
            get_frame_size,
        ),
        MethodDef::new(
            "get_param_bounds",
            "(parameter, is_compress)",
            "The least and the greatest value of a parameter.",
            get_param_bounds,
        ),
        MethodDef::new(
            "set_parameter_types",
            "(c_parameter_type, d_parameter_type)",
            "Says of which classes parameters are.",
            set_parameter_types,
        ),
    ],
    types: &[&COMPRESSOR, &DECOMPRESSOR, &ZSTD_DICT, &ERROR],
    exec: Some(|vm, module| {
        let constant = |name: &str, value: i64| module.set(vm, name, vm.new_int(value));
        for parameter in COMPRESSION {
            constant(parameter.constant, parameter.id as i64);
        }
        for parameter in DECOMPRESSION {
            constant(parameter.constant, parameter.id as i64);
        }
        for (name, value) in [
            ("ZSTD_fast", 1),
            ("ZSTD_dfast", 2),
            ("ZSTD_greedy", 3),
            ("ZSTD_lazy", 4),
            ("ZSTD_lazy2", 5),
            ("ZSTD_btlazy2", 6),
            ("ZSTD_btopt", 7),
            ("ZSTD_btultra", 8),
            ("ZSTD_btultra2", 9),
        ] {
            constant(name, value);
        }
        // SAFETY: plain calls, of which one gives a static text.
        let (level, room, version, text) = unsafe {
            (
                zstd_sys::ZSTD_defaultCLevel(),
                zstd_sys::ZSTD_DStreamOutSize(),
                zstd_sys::ZSTD_versionNumber(),
                std::ffi::CStr::from_ptr(zstd_sys::ZSTD_versionString()),
            )
        };
        constant("ZSTD_CLEVEL_DEFAULT", level.into());
        constant("ZSTD_DStreamOutSize", room as i64);
        constant("zstd_version_number", version.into());
        module.set(vm, "zstd_version", vm.new_str(&text.to_string_lossy()));
        Ok(())
    }),
};
