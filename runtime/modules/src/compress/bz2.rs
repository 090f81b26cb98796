//! `_bz2`, on a library in Rust, which must not be asked again once a stream was found to be wrong.

use super::{Decoder, Progress, Reads, Step, eof, needs_input, unused_data};
use bzip2::{Action, Compress, Compression, Decompress, Error, Status};
use std::cell::RefCell;
use std::mem::MaybeUninit;
use taipan_runtime::heap::{Header, Kind, Object};
use taipan_runtime::heap_object;
use taipan_runtime::object::{MethodDef, ModuleDef, TypeDef};
use taipan_runtime::types::exception::classes as exc;
use taipan_runtime::types::protocol::{class_argument, this};
use taipan_runtime::types::support::c_int_arg;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Raised, Result, Vm};

/// Room for output that a compressor is given at a time.
const ROOM: usize = 16 << 10;

#[cold]
fn error(vm: &Vm, error: Error) -> Raised {
    match error {
        Error::Data | Error::DataMagic => {
            vm.raise_str(vm.exception_class(&exc::OS_ERROR), "Invalid data stream")
        }
        Error::Param => vm.value_error("Internal error - invalid parameters passed to libbzip2"),
        Error::Sequence => {
            vm.runtime_error("Internal error - Invalid sequence of commands sent to libbzip2")
        }
    }
}

/// `BZ2Compressor`.
#[repr(C)]
pub struct Compressor {
    pub header: Header,
    /// Gone once it was flushed.
    stream: RefCell<Option<Compress>>,
}

heap_object!(
    Compressor,
    "BZ2Compressor",
    Kind::Other,
    |this, marker| {},
    drop
);

fn compressor_new(vm: &Vm, args: &[Value]) -> Result {
    let class = class_argument(vm, args, vm.class_of_def(&COMPRESSOR)?)?;
    let level = args[1].given().map_or(Ok(9), |v| c_int_arg(vm, v))?;
    if !(1..=9).contains(&level) {
        return Err(vm.value_error("compresslevel must be between 1 and 9"));
    }
    let object = Compressor {
        header: Header::empty(),
        stream: RefCell::new(Some(Compress::new(Compression::new(level as u32), 0))),
    };
    Ok(vm.heap.alloc(class.root_shape.get(), object).value())
}

/// Gives the engine all of `input`.
fn run(
    stream: &mut Compress,
    mut input: &[u8],
    action: Action,
) -> std::result::Result<Vec<u8>, Error> {
    let is_last = matches!(action, Action::Finish);
    let mut out = Vec::new();
    while is_last || !input.is_empty() {
        out.reserve(ROOM);
        let before = stream.total_in();
        let status = stream.compress_vec(input, &mut out, action)?;
        input = &input[(stream.total_in() - before) as usize..];
        if status == Status::StreamEnd {
            break;
        }
    }
    Ok(out)
}

fn compress(vm: &Vm, args: &[Value]) -> Result {
    let data = vm.bytes_like(args[1])?;
    let object = this::<Compressor>(args[0]);
    let mut stream = object.stream.borrow_mut();
    let Some(stream) = &mut *stream else {
        return Err(vm.value_error("Compressor has been flushed"));
    };
    let out = run(stream, &data.contiguous_bytes(), Action::Run).map_err(|e| error(vm, e))?;
    Ok(vm.new_bytes(&out)?.value())
}

fn flush(vm: &Vm, args: &[Value]) -> Result {
    let Some(mut stream) = this::<Compressor>(args[0]).stream.take() else {
        return Err(vm.value_error("Repeated call to flush()"));
    };
    let out = run(&mut stream, &[], Action::Finish).map_err(|e| error(vm, e))?;
    Ok(vm.new_bytes(&out)?.value())
}

static COMPRESSOR: TypeDef = TypeDef {
    module: "_bz2",
    doc: "Compresses data given piece by piece, at a level from 1 to 9.",
    methods: &[
        MethodDef::new(
            "__new__",
            "(type, compresslevel=9, /)",
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
    ..TypeDef::new("BZ2Compressor", <Compressor as Object>::LAYOUT)
};

/// `BZ2Decompressor`.
#[repr(C)]
pub struct Decompressor {
    pub header: Header,
    progress: Progress,
    stream: RefCell<Engine>,
}

/// The library's decompressor.
struct Engine {
    stream: Decompress,
    /// Something was wrong with the stream: the library must not be asked again then.
    failed: bool,
}

impl Reads for Decompressor {
    fn progress(&self) -> &Progress {
        &self.progress
    }
}

heap_object!(
    Decompressor,
    "BZ2Decompressor",
    Kind::Other,
    |this, marker| {
        marker.field(&this.progress.unused_data);
    },
    drop
);

impl Decoder for Engine {
    type Error = Error;
    fn step(
        &mut self,
        input: &[u8],
        out: &mut [MaybeUninit<u8>],
    ) -> std::result::Result<Step, Error> {
        let stream = &mut self.stream;
        let (read, written) = (stream.total_in(), stream.total_out());
        let status = stream
            .decompress_uninit(input, out)
            .inspect_err(|_| self.failed = true)?;
        Ok(Step {
            used: (stream.total_in() - read) as usize,
            written: (stream.total_out() - written) as usize,
            ended: status == Status::StreamEnd,
        })
    }
}

fn decompressor_new(vm: &Vm, args: &[Value]) -> Result {
    let class = class_argument(vm, args, vm.class_of_def(&DECOMPRESSOR)?)?;
    let object = Decompressor {
        header: Header::empty(),
        progress: Progress::new(vm, "End of stream already reached")?,
        stream: RefCell::new(Engine {
            stream: Decompress::new(false),
            failed: false,
        }),
    };
    Ok(vm.heap.alloc(class.root_shape.get(), object).value())
}

fn decompress(vm: &Vm, args: &[Value]) -> Result {
    let object = this::<Decompressor>(args[0]);
    if object.stream.borrow().failed {
        return Err(vm.value_error("Decompressor is unusable after a previous error"));
    }
    object.progress.decompress(
        vm,
        &object.header,
        &object.stream,
        (args[1], args[2]),
        false,
        |e| {
            object.progress.needs_input.set(false);
            error(vm, e)
        },
    )
}

static DECOMPRESSOR: TypeDef = TypeDef {
    module: "_bz2",
    doc: "Decompresses one stream, given piece by piece.",
    methods: &[
        MethodDef::new(
            "__new__",
            "(type, /)",
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
        eof::<Decompressor>("Whether the stream has come to its end."),
        needs_input::<Decompressor>(),
        unused_data::<Decompressor>("What was given beyond the end of the stream."),
    ],
    ..TypeDef::new("BZ2Decompressor", <Decompressor as Object>::LAYOUT)
};

/// The module.
pub static BZ2: ModuleDef = ModuleDef {
    name: "_bz2",
    doc: "",
    functions: &[],
    types: &[&COMPRESSOR, &DECOMPRESSOR],
    exec: None,
};
