//! `zlib`.

mod objects;
mod stream;

pub use stream::crc32 as crc32_of;
use stream::{Stream, code, flush};
use taipan_runtime::heap::Object;
use taipan_runtime::object::{ClassFlags, MethodDef, ModuleDef, TypeDef};
use taipan_runtime::types::exception::{Exception, classes as exc};
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Raised, Result, Vm};

/// `zlib.error`.
static ERROR: TypeDef = TypeDef {
    module: "zlib",
    subclassable: true,
    base: Some(&exc::EXCEPTION),
    flags: ClassFlags::EXCEPTION,
    ..TypeDef::new("error", <Exception as Object>::LAYOUT)
};

const BUFFER: usize = 16 * 1024;

#[cold]
fn plain_error(vm: &Vm, message: &str) -> Raised {
    vm.raise_str(vm.exception_class(&ERROR), message)
}

/// `zlib.error` with the engine's number and words.
#[cold]
fn error(vm: &Vm, number: i32, message: Option<String>, what: &str) -> Raised {
    let words = message.or_else(|| {
        let words = match number {
            code::BUF_ERROR => "incomplete or truncated stream",
            code::STREAM_ERROR => "inconsistent stream state",
            code::DATA_ERROR => "invalid input data",
            _ => return None,
        };
        Some(words.to_owned())
    });
    match words {
        Some(words) => plain_error(vm, &format!("Error {number} {what}: {words}")),
        None => plain_error(vm, &format!("Error {number} {what}")),
    }
}

/// A C int argument with a default.
fn int(vm: &Vm, v: Value, default: i32) -> Result<i32> {
    match v.given() {
        None => Ok(default),
        Some(v) => taipan_runtime::types::support::c_int_arg(vm, v).map(|i| i as i32),
    }
}

/// Runs a compressor until it has taken all input.
fn deflate_all(stream: &mut Stream, mut input: &[u8], out: &mut Vec<u8>, mode: i32) -> i32 {
    loop {
        let last = input.len() <= 1 << 30;
        let step = stream.step(
            input,
            out,
            BUFFER.max(input.len() / 2),
            if last { mode } else { flush::NONE },
        );
        input = &input[step.used..];
        if step.code == code::STREAM_ERROR
            || (input.is_empty() && !stream.filled())
            || step.code == code::STREAM_END
        {
            return step.code;
        }
    }
}

fn compress(vm: &Vm, args: &[Value]) -> Result {
    let data = vm.bytes_like(args[0])?.contiguous_bytes().into_owned();
    let (level, bits) = (int(vm, args[1], -1)?, int(vm, args[2], 15)?);
    let mut stream = match Stream::deflate(level, 8, bits, 8, 0) {
        Ok(stream) => stream,
        Err(code::MEM_ERROR) => return Err(vm.memory_error()),
        Err(code::STREAM_ERROR) => return Err(plain_error(vm, "Bad compression level")),
        Err(number) => return Err(error(vm, number, None, "while compressing data")),
    };
    let mut out = Vec::new();
    let number = vm.allow_threads(|| deflate_all(&mut stream, &data, &mut out, flush::FINISH));
    if number != code::STREAM_END {
        return Err(error(
            vm,
            number,
            stream.message(),
            "while compressing data",
        ));
    }
    Ok(vm.new_bytes(&out)?.value())
}

fn decompress(vm: &Vm, args: &[Value]) -> Result {
    let data = vm.bytes_like(args[0])?.contiguous_bytes().into_owned();
    let bits = int(vm, args[1], 15)?;
    let size = args[2]
        .given()
        .map_or(Ok(BUFFER as i64), |v| vm.to_ssize_arg(v))?;
    if size < 0 {
        return Err(vm.value_error("bufsize must be non-negative"));
    }
    let mut stream = Stream::inflate(bits)
        .map_err(|number| error(vm, number, None, "while preparing to decompress data"))?;
    let mut out = Vec::new();
    let mut input = &data[..];
    let number = loop {
        let room = (size as usize).max(1).max(out.len());
        let step = stream.step(input, &mut out, room, flush::SYNC);
        input = &input[step.used..];
        match step.code {
            code::OK | code::BUF_ERROR if stream.filled() => {}
            code::OK if !input.is_empty() => {}
            code::OK => break code::BUF_ERROR,
            number => break number,
        }
    };
    if number != code::STREAM_END {
        let message = if number == code::BUF_ERROR {
            None
        } else {
            stream.message()
        };
        return Err(error(vm, number, message, "while decompressing data"));
    }
    Ok(vm.new_bytes(&out)?.value())
}

fn adler32(vm: &Vm, args: &[Value]) -> Result {
    let start = args[1]
        .given()
        .map_or(Ok(1), |v| crate::binascii::low_word(vm, v))?;
    let data = vm.all_bytes(args[0])?;
    Ok(vm.new_int(stream::adler32(start, &data).into()))
}

fn crc32(vm: &Vm, args: &[Value]) -> Result {
    let start = args[1]
        .given()
        .map_or(Ok(0), |v| crate::binascii::low_word(vm, v))?;
    let data = vm.all_bytes(args[0])?;
    Ok(vm.new_int(crc32_of(start, &data).into()))
}

/// The module.
pub static ZLIB: ModuleDef = ModuleDef {
    name: "zlib",
    doc: "The functions in this module allow compression and decompression using the\n\
          zlib library, which is based on GNU zip.",
    functions: &[
        MethodDef::new(
            "adler32",
            "(data, value=1, /)",
            "Compute an Adler-32 checksum of data.\n\n  value\n    Starting value of the checksum.\n\n\
             The returned checksum is an integer.",
            adler32,
        ),
        MethodDef::new(
            "crc32",
            "(data, value=0, /)",
            "Compute a CRC-32 checksum of data.\n\n  value\n    Starting value of the checksum.\n\n\
             The returned checksum is an integer.",
            crc32,
        ),
        MethodDef::new(
            "compress",
            "(data, /, level=Z_DEFAULT_COMPRESSION, wbits=MAX_WBITS)",
            "Returns a bytes object containing compressed data.",
            compress,
        ),
        MethodDef::new(
            "decompress",
            "(data, /, wbits=MAX_WBITS, bufsize=DEF_BUF_SIZE)",
            "Returns a bytes object containing the uncompressed data.",
            decompress,
        ),
        MethodDef::new(
            "compressobj",
            "(level=Z_DEFAULT_COMPRESSION, method=DEFLATED, wbits=MAX_WBITS, memLevel=DEF_MEM_LEVEL, \
             strategy=Z_DEFAULT_STRATEGY, zdict=None)",
            "Return a compressor object.",
            objects::compressobj,
        ),
        MethodDef::new(
            "decompressobj",
            "(wbits=MAX_WBITS, zdict=b'')",
            "Return a decompressor object.",
            objects::decompressobj,
        ),
    ],
    types: &[&ERROR, &objects::ZLIB_DECOMPRESSOR],
    exec: Some(|vm, module| {
        for (name, n) in [
            ("MAX_WBITS", 15),
            ("DEFLATED", 8),
            ("DEF_MEM_LEVEL", 8),
            ("DEF_BUF_SIZE", BUFFER as i64),
            ("Z_NO_COMPRESSION", 0),
            ("Z_BEST_SPEED", 1),
            ("Z_BEST_COMPRESSION", 9),
            ("Z_DEFAULT_COMPRESSION", -1),
            ("Z_FILTERED", 1),
            ("Z_HUFFMAN_ONLY", 2),
            ("Z_RLE", 3),
            ("Z_FIXED", 4),
            ("Z_DEFAULT_STRATEGY", 0),
            ("Z_NO_FLUSH", 0),
            ("Z_PARTIAL_FLUSH", 1),
            ("Z_SYNC_FLUSH", 2),
            ("Z_FULL_FLUSH", 3),
            ("Z_FINISH", 4),
            ("Z_BLOCK", 5),
            ("Z_TREES", 6),
        ] {
            module.set(vm, name, vm.new_int(n));
        }
        // The interface that the engine offers is that of this version.
        for name in ["ZLIB_VERSION", "ZLIB_RUNTIME_VERSION"] {
            module.set(vm, name, vm.new_str("1.3.0"));
        }
        module.set(vm, "__version__", vm.new_str("1.0"));
        Ok(())
    }),
};
