//! The objects of `zlib`: streams that are fed piece by piece.

use super::stream::{Stream, code, flush};
use super::{BUFFER, deflate_all, error, int};
use std::cell::{Cell, RefCell};
use taipan_runtime::heap::{Field, Gc, Header, Kind, Object};
use taipan_runtime::heap_object;
use taipan_runtime::object::{ClassFlags, GetSetDef, MethodDef, TypeDef};
use taipan_runtime::types::protocol::{class_argument, this};
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Vm};

/// What `compressobj()` returns.
#[repr(C)]
pub struct Compress {
    pub header: Header,
    /// Gone once the stream was finished.
    stream: RefCell<Option<Stream>>,
}

heap_object!(Compress, "Compress", Kind::Other, |this, marker| {}, drop);

fn bytes_arg(vm: &Vm, v: Value) -> Result<Vec<u8>> {
    Ok(vm.bytes_like(v)?.contiguous_bytes().into_owned())
}

fn bytes(vm: &Vm, data: &[u8]) -> Result {
    Ok(vm.new_bytes(data)?.value())
}

pub fn compressobj(vm: &Vm, args: &[Value]) -> Result {
    let (level, method, bits) = (
        int(vm, args[0], -1)?,
        int(vm, args[1], 8)?,
        int(vm, args[2], 15)?,
    );
    let (memory, strategy) = (int(vm, args[3], 8)?, int(vm, args[4], 0)?);
    let dictionary = match args[5].given_not_none() {
        Some(v) => Some(bytes_arg(vm, v)?),
        None => None,
    };
    let mut stream = match Stream::deflate(level, method, bits, memory, strategy) {
        Ok(stream) => stream,
        Err(code::MEM_ERROR) => return Err(vm.memory_error()),
        Err(code::STREAM_ERROR) => return Err(vm.value_error("Invalid initialization option")),
        Err(number) => return Err(error(vm, number, None, "while creating compression object")),
    };
    if let Some(dictionary) = dictionary {
        match stream.set_dictionary(&dictionary) {
            code::OK => {}
            code::STREAM_ERROR => return Err(vm.value_error("Invalid dictionary")),
            _ => return Err(vm.value_error("deflateSetDictionary()")),
        }
    }
    let object = Compress {
        header: Header::empty(),
        stream: RefCell::new(Some(stream)),
    };
    Ok(vm
        .heap
        .alloc(vm.class_of_def(&COMPRESS)?.root_shape.get(), object)
        .value())
}

fn compress(vm: &Vm, args: &[Value]) -> Result {
    let data = bytes_arg(vm, args[1])?;
    let object = this::<Compress>(args[0]);
    let mut stream = object.stream.borrow_mut();
    let Some(stream) = &mut *stream else {
        return Err(error(
            vm,
            code::STREAM_ERROR,
            None,
            "while compressing data",
        ));
    };
    let mut out = Vec::new();
    let number = deflate_all(stream, &data, &mut out, flush::NONE);
    if number == code::STREAM_ERROR {
        return Err(error(
            vm,
            number,
            stream.message(),
            "while compressing data",
        ));
    }
    bytes(vm, &out)
}

fn compress_flush(vm: &Vm, args: &[Value]) -> Result {
    let mode = int(vm, args[1], flush::FINISH)?;
    if mode == flush::NONE {
        return bytes(vm, &[]);
    }
    let object = this::<Compress>(args[0]);
    let mut slot = object.stream.borrow_mut();
    let Some(stream) = &mut *slot else {
        return Err(error(vm, code::STREAM_ERROR, None, "while flushing"));
    };
    let mut out = Vec::new();
    let number = deflate_all(stream, &[], &mut out, mode);
    match number {
        code::STREAM_END if mode == flush::FINISH => *slot = None,
        code::OK | code::BUF_ERROR | code::STREAM_END => {}
        number => return Err(error(vm, number, stream.message(), "while flushing")),
    }
    bytes(vm, &out)
}

fn compress_copy(vm: &Vm, args: &[Value]) -> Result {
    let object = this::<Compress>(args[0]);
    let copy = match &mut *object.stream.borrow_mut() {
        Some(stream) => stream.duplicate(),
        None => Err(code::STREAM_ERROR),
    };
    match copy {
        Ok(stream) => {
            let copy = Compress {
                header: Header::empty(),
                stream: RefCell::new(Some(stream)),
            };
            Ok(vm.heap.alloc(object.class().root_shape.get(), copy).value())
        }
        Err(code::STREAM_ERROR) => Err(vm.value_error("Inconsistent stream state")),
        Err(_) => Err(vm.memory_error()),
    }
}

static COMPRESS: TypeDef = TypeDef {
    module: "zlib",
    flags: ClassFlags::NO_INSTANTIATION,
    methods: &[
        MethodDef::new(
            "compress",
            "(self, data, /)",
            "Returns a bytes object containing compressed data.\n\n\
             After calling this function, some of the input data may still\n\
             be stored in internal buffers for later processing.\n\
             Call the flush() method to clear these buffers.",
            compress,
        ),
        MethodDef::new(
            "flush",
            "(self, mode=zlib.Z_FINISH, /)",
            "Return a bytes object containing any remaining compressed data.",
            compress_flush,
        ),
        MethodDef::new(
            "copy",
            "(self, /)",
            "Return a copy of the compression object.",
            compress_copy,
        ),
        MethodDef::new("__copy__", "(self, /)", "", compress_copy),
        MethodDef::new("__deepcopy__", "(self, memo, /)", "", compress_copy),
    ],
    ..TypeDef::new("Compress", <Compress as Object>::LAYOUT)
};

/// What `decompressobj()` returns.
#[repr(C)]
pub struct Decompress {
    pub header: Header,
    unused_data: Field,
    unconsumed_tail: Field,
    /// The dictionary, set when the stream asks for it.
    dictionary: Field,
    eof: Cell<bool>,
    raw: bool,
    stream: RefCell<Stream>,
}

heap_object!(
    Decompress,
    "Decompress",
    Kind::Other,
    |this, marker| {
        marker.field(&this.unused_data);
        marker.field(&this.unconsumed_tail);
        marker.field(&this.dictionary);
    },
    drop
);

/// A decompressor from the arguments `wbits` and `zdict`.
fn open(vm: &Vm, bits: Value, dictionary: Value) -> Result<(Stream, Option<Value>, bool)> {
    let bits = int(vm, bits, 15)?;
    let dictionary = dictionary.given();
    if let Some(v) = dictionary
        && !vm.supports_buffer(v)
    {
        return Err(vm.type_error("zdict argument must support the buffer protocol"));
    }
    let mut stream = match Stream::inflate(bits) {
        Ok(stream) => stream,
        Err(code::MEM_ERROR) => return Err(vm.memory_error()),
        Err(code::STREAM_ERROR) => return Err(vm.value_error("Invalid initialization option")),
        Err(number) => {
            return Err(error(
                vm,
                number,
                None,
                "while creating decompression object",
            ));
        }
    };
    if bits < 0
        && let Some(v) = dictionary
    {
        set_dictionary(vm, &mut stream, v)?;
    }
    Ok((stream, dictionary, bits < 0))
}

fn set_dictionary(vm: &Vm, stream: &mut Stream, v: Value) -> Result<()> {
    let dictionary = bytes_arg(vm, v)?;
    match stream.set_dictionary(&dictionary) {
        code::OK => Ok(()),
        number => Err(error(vm, number, stream.message(), "while setting zdict")),
    }
}

pub fn decompressobj(vm: &Vm, args: &[Value]) -> Result {
    let (stream, dictionary, raw) = open(vm, args[0], args[1])?;
    let empty = bytes(vm, &[])?;
    let object = Decompress {
        header: Header::empty(),
        unused_data: Field::new(empty),
        unconsumed_tail: Field::new(empty),
        dictionary: Field::opt(dictionary),
        eof: Cell::new(false),
        raw,
        stream: RefCell::new(stream),
    };
    Ok(vm
        .heap
        .alloc(vm.class_of_def(&DECOMPRESS)?.root_shape.get(), object)
        .value())
}

/// How a piece of input came out.
struct Inflated {
    out: Vec<u8>,
    used: usize,
    code: i32,
}

/// Decompresses `input`, at most `most` bytes of output.
fn inflate(
    vm: &Vm,
    stream: &mut Stream,
    dictionary: Option<Value>,
    raw: bool,
    input: &[u8],
    most: usize,
) -> Result<Inflated> {
    let mut out = Vec::new();
    let mut used = 0;
    loop {
        let room = BUFFER.max(out.len()).min(most - out.len());
        let step = stream.step(&input[used..], &mut out, room, flush::SYNC);
        used += step.used;
        match (step.code, dictionary) {
            (code::NEED_DICT, Some(v)) if !raw => set_dictionary(vm, stream, v)?,
            (code::OK | code::BUF_ERROR, _)
                if out.len() < most
                    && (stream.filled() || (used < input.len() && step.code == code::OK)) => {}
            (code, _) => return Ok(Inflated { out, used, code }),
        }
    }
}

fn append(vm: &Vm, field: &Field, owner: &Header, more: &[u8]) -> Result<()> {
    let mut all = bytes_arg(vm, field.or_none())?;
    all.extend_from_slice(more);
    field.set(owner, bytes(vm, &all)?);
    Ok(())
}

/// Files away what a piece of input left over.
fn keep_rest(vm: &Vm, object: Gc<Decompress>, input: &[u8], result: &Inflated) -> Result<()> {
    let rest = &input[result.used..];
    if result.code == code::STREAM_END {
        append(vm, &object.unused_data, &object.header, rest)?;
        object.unconsumed_tail.set(&object.header, bytes(vm, &[])?);
        object.eof.set(true);
    } else {
        object.unconsumed_tail.set(&object.header, bytes(vm, rest)?);
    }
    Ok(())
}

fn decompress(vm: &Vm, args: &[Value]) -> Result {
    let object = this::<Decompress>(args[0]);
    let input = bytes_arg(vm, args[1])?;
    let most = args[2].given().map_or(Ok(0), |v| vm.to_ssize_arg(v))?;
    if most < 0 {
        return Err(vm.value_error("max_length must be non-negative"));
    }
    if object.eof.get() {
        append(vm, &object.unused_data, &object.header, &input)?;
        return bytes(vm, &[]);
    }
    let most = if most == 0 { usize::MAX } else { most as usize };
    let mut stream = object.stream.borrow_mut();
    let result = inflate(
        vm,
        &mut stream,
        object.dictionary.get(),
        object.raw,
        &input,
        most,
    )?;
    keep_rest(vm, object, &input, &result)?;
    match result.code {
        code::OK | code::BUF_ERROR | code::STREAM_END => bytes(vm, &result.out),
        number => Err(error(
            vm,
            number,
            stream.message(),
            "while decompressing data",
        )),
    }
}

fn decompress_flush(vm: &Vm, args: &[Value]) -> Result {
    let object = this::<Decompress>(args[0]);
    if let Some(v) = args[1].given()
        && vm.to_ssize_arg(v)? <= 0
    {
        return Err(vm.value_error("length must be greater than zero"));
    }
    if object.eof.get() {
        return bytes(vm, &[]);
    }
    let input = bytes_arg(vm, object.unconsumed_tail.or_none())?;
    let mut stream = object.stream.borrow_mut();
    let result = inflate(
        vm,
        &mut stream,
        object.dictionary.get(),
        object.raw,
        &input,
        usize::MAX,
    )?;
    keep_rest(vm, object, &input, &result)?;
    match result.code {
        code::OK | code::BUF_ERROR | code::STREAM_END => bytes(vm, &result.out),
        number => Err(error(vm, number, stream.message(), "while flushing")),
    }
}

fn decompress_copy(vm: &Vm, args: &[Value]) -> Result {
    let object = this::<Decompress>(args[0]);
    let copy = object.stream.borrow_mut().duplicate();
    match copy {
        Ok(stream) => {
            let copy = Decompress {
                header: Header::empty(),
                unused_data: Field::opt(object.unused_data.get()),
                unconsumed_tail: Field::opt(object.unconsumed_tail.get()),
                dictionary: Field::opt(object.dictionary.get()),
                eof: Cell::new(object.eof.get()),
                raw: object.raw,
                stream: RefCell::new(stream),
            };
            Ok(vm.heap.alloc(object.class().root_shape.get(), copy).value())
        }
        Err(code::STREAM_ERROR) => Err(vm.value_error("Inconsistent stream state")),
        Err(_) => Err(vm.memory_error()),
    }
}

static DECOMPRESS: TypeDef = TypeDef {
    module: "zlib",
    flags: ClassFlags::NO_INSTANTIATION,
    methods: &[
        MethodDef::new(
            "decompress",
            "(self, data, /, max_length=0)",
            "Return a bytes object containing the decompressed version of the data.",
            decompress,
        ),
        MethodDef::new(
            "flush",
            "(self, length=zlib.DEF_BUF_SIZE, /)",
            "Return a bytes object containing any remaining decompressed data.",
            decompress_flush,
        ),
        MethodDef::new(
            "copy",
            "(self, /)",
            "Return a copy of the decompression object.",
            decompress_copy,
        ),
        MethodDef::new("__copy__", "(self, /)", "", decompress_copy),
        MethodDef::new("__deepcopy__", "(self, memo, /)", "", decompress_copy),
    ],
    getset: &[
        GetSetDef {
            name: "unused_data",
            doc: "",
            get: |_, v| Ok(this::<Decompress>(v).unused_data.or_none()),
            set: None,
        },
        GetSetDef {
            name: "unconsumed_tail",
            doc: "",
            get: |_, v| Ok(this::<Decompress>(v).unconsumed_tail.or_none()),
            set: None,
        },
        GetSetDef {
            name: "eof",
            doc: "",
            get: |_, v| Ok(Value::bool(this::<Decompress>(v).eof.get())),
            set: None,
        },
    ],
    ..TypeDef::new("Decompress", <Decompress as Object>::LAYOUT)
};

/// `_ZlibDecompressor`, which keeps input that it has no room to decompress.
#[repr(C)]
pub struct Decompressor {
    pub header: Header,
    unused_data: Field,
    dictionary: Field,
    eof: Cell<bool>,
    needs_input: Cell<bool>,
    raw: bool,
    pending: RefCell<Vec<u8>>,
    stream: RefCell<Stream>,
}

heap_object!(
    Decompressor,
    "_ZlibDecompressor",
    Kind::Other,
    |this, marker| {
        marker.field(&this.unused_data);
        marker.field(&this.dictionary);
    },
    drop
);

fn decompressor_new(vm: &Vm, args: &[Value]) -> Result {
    let class = class_argument(vm, args, vm.class_of_def(&ZLIB_DECOMPRESSOR)?)?;
    let (stream, dictionary, raw) = open(vm, args[1], args[2])?;
    let object = Decompressor {
        header: Header::empty(),
        unused_data: Field::new(bytes(vm, &[])?),
        dictionary: Field::opt(dictionary),
        eof: Cell::new(false),
        needs_input: Cell::new(true),
        raw,
        pending: RefCell::default(),
        stream: RefCell::new(stream),
    };
    Ok(vm.heap.alloc(class.root_shape.get(), object).value())
}

fn decompressor_decompress(vm: &Vm, args: &[Value]) -> Result {
    let object = this::<Decompressor>(args[0]);
    let data = bytes_arg(vm, args[1])?;
    let most = args[2].given().map_or(Ok(-1), |v| vm.to_ssize_arg(v))?;
    if object.eof.get() {
        return Err(vm.eof_error("End of stream already reached"));
    }
    let mut input = object.pending.take();
    input.extend_from_slice(&data);
    let most = if most < 0 { usize::MAX } else { most as usize };
    let mut stream = object.stream.borrow_mut();
    let result = inflate(
        vm,
        &mut stream,
        object.dictionary.get(),
        object.raw,
        &input,
        most,
    )?;
    match result.code {
        code::STREAM_END => {
            object.eof.set(true);
            object.needs_input.set(false);
            object
                .unused_data
                .set(&object.header, bytes(vm, &input[result.used..])?);
        }
        code::OK | code::BUF_ERROR => {
            input.drain(..result.used);
            object
                .needs_input
                .set(input.is_empty() && (result.out.len() < most || most == usize::MAX));
            object.pending.replace(input);
        }
        number => {
            return Err(error(
                vm,
                number,
                stream.message(),
                "while decompressing data",
            ));
        }
    }
    bytes(vm, &result.out)
}

/// `zlib._ZlibDecompressor`.
pub static ZLIB_DECOMPRESSOR: TypeDef = TypeDef {
    module: "zlib",
    doc: "Create a decompressor object for decompressing data incrementally.",
    methods: &[
        MethodDef::new(
            "__new__",
            "(type, /, wbits=MAX_WBITS, zdict=b'')",
            "Create and return a new object.  See help(type) for accurate signature.",
            decompressor_new,
        )
        .static_(),
        MethodDef::new(
            "decompress",
            "(self, /, data, max_length=-1)",
            "Decompress *data*, returning uncompressed data as bytes.",
            decompressor_decompress,
        ),
    ],
    getset: &[
        GetSetDef {
            name: "unused_data",
            doc: "Data found after the end of the compressed stream.",
            get: |_, v| Ok(this::<Decompressor>(v).unused_data.or_none()),
            set: None,
        },
        GetSetDef {
            name: "eof",
            doc: "True if the end-of-stream marker has been reached.",
            get: |_, v| Ok(Value::bool(this::<Decompressor>(v).eof.get())),
            set: None,
        },
        GetSetDef {
            name: "needs_input",
            doc: "True if more input is needed before more decompressed data can be produced.",
            get: |_, v| Ok(Value::bool(this::<Decompressor>(v).needs_input.get())),
            set: None,
        },
    ],
    ..TypeDef::new("_ZlibDecompressor", <Decompressor as Object>::LAYOUT)
};
