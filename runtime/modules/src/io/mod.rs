//! The module `_io`: streams. Buffered and text streams over a plain `FileIO`
//! work on it directly instead of calling methods, which is what makes `print`
//! and the reading of lines fast; over anything else they call its methods as
//! the documentation says.

mod base;
mod buffered;
mod bytesio;
mod fileio;
mod newline;
mod open;
mod stringio;
mod text;
mod unclosed;

pub use fileio::{path_bytes, retry};
pub use open::codeset;
pub use unclosed::{close_dropped, flush_file};

use taipan_runtime::heap::Gc;
use taipan_runtime::object::{MethodDef, ModuleDef};
use taipan_runtime::ops::buffer::{BufferView, ByteSlice};
use taipan_runtime::types::exception::classes as exc;
use taipan_runtime::types::module::Module;
use taipan_runtime::types::str::Str;
use taipan_runtime::types::support::{arg_name, index_arg};
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Raised, Result, Vm};

/// `io.DEFAULT_BUFFER_SIZE`.
pub const DEFAULT_BUFFER_SIZE: usize = 128 * 1024;

/// Raises `io.UnsupportedOperation`.
#[cold]
fn unsupported(vm: &Vm, message: &str) -> Raised {
    match vm.import_attr("_io", "UnsupportedOperation") {
        Ok(class) => match vm.call(class, &[vm.new_str(message).value()]) {
            Ok(e) => vm.raise(e),
            Err(raised) => raised,
        },
        Err(raised) => raised,
    }
}

/// A size that may be left out or None: -1 then.
fn size_argument(vm: &Vm, v: Value) -> Result<i64> {
    match v.given_not_none() {
        None => Ok(-1),
        Some(v) if v.as_int_ref().is_some() => index_arg(vm, v),
        Some(v) => {
            if vm
                .class_of(v)
                .special(taipan_runtime::object::Special::Index)
                .is_none()
            {
                let got = vm.type_name(v);
                return Err(
                    vm.type_error(format!("argument should be integer or None, not '{got}'"))
                );
            }
            index_arg(vm, v)
        }
    }
}

/// The bytes to write; TypeError for text.
fn bytes_argument(vm: &Vm, v: Value) -> Result<ByteSlice<'_>> {
    if v.cast::<Str>().is_some() || !vm.supports_buffer(v) {
        let got = vm.type_name(v);
        return Err(vm.type_error(format!("a bytes-like object is required, not '{got}'")));
    }
    vm.byte_slice(v)
}

/// The memory to read into; `what` begins the message, as in `readinto() argument`.
fn writable_argument<'a>(vm: &'a Vm, v: Value, what: &str) -> Result<BufferView<'a>> {
    if vm.supports_buffer(v) {
        match vm.get_contiguous_buffer(v, true) {
            Err(_) if vm.raised_is_def(&exc::BUFFER_ERROR) => vm.clear_raised(),
            result => return result,
        }
    }
    Err(vm.type_error(format!(
        "{what} must be read-write bytes-like object, not {}",
        arg_name(vm, v)
    )))
}

/// Whether a stream says that it is closed.
fn is_closed(vm: &Vm, stream: Value) -> Result<bool> {
    let closed = vm.get_attr(stream, vm.intern("closed"))?;
    vm.truth(closed)
}

fn exec(vm: &Vm, module: Gc<Module>) -> Result<()> {
    module.set(
        vm,
        "DEFAULT_BUFFER_SIZE",
        vm.new_int(DEFAULT_BUFFER_SIZE as i64),
    );
    unclosed::prepare(vm, module)?;
    let bases = vm.pair(
        vm.exception_class(&exc::OS_ERROR).value(),
        vm.exception_class(&exc::VALUE_ERROR).value(),
    )?;
    let namespace = vm.new_dict();
    namespace.set_str(vm, vm.intern("__module__"), vm.new_str("io").value());
    let class = vm.call(
        vm.types.type_.get().value(),
        &[
            vm.new_str("UnsupportedOperation").value(),
            bases,
            namespace.value(),
        ],
    )?;
    module.set(vm, "UnsupportedOperation", class);
    module.set(
        vm,
        "BlockingIOError",
        vm.exception_class(&exc::BLOCKING_IO_ERROR),
    );
    Ok(())
}

/// The module.
pub static IO: ModuleDef = ModuleDef {
    name: "_io",
    doc: "The io module provides the Python interfaces to stream handling. The\nbuiltin open function is defined in this module.",
    functions: &[
        MethodDef::new(
            "open",
            "(file, mode='r', buffering=-1, encoding=None, errors=None, newline=None, closefd=True, opener=None)",
            open::OPEN_DOC,
            open::open,
        ),
        MethodDef::new(
            "open_code",
            "(path)",
            "Opens the provided file with the intent to import the contents.\n\nThis may perform extra validation beyond open(), but is otherwise interchangeable\nwith calling open(path, 'rb').",
            open::open_code,
        ),
        MethodDef::new(
            "text_encoding",
            "(encoding, stacklevel=2, /)",
            "A helper function to choose the text encoding.",
            open::text_encoding,
        ),
        MethodDef::new(
            "_flush_all",
            "()",
            "Flush every buffered writer that is still open.",
            unclosed::flush_all,
        ),
    ],
    types: &[
        &base::IO_BASE,
        &base::RAW_IO_BASE,
        &base::BUFFERED_IO_BASE,
        &base::TEXT_IO_BASE,
        &fileio::FILE_IO,
        &bytesio::BYTES_IO,
        &bytesio::BYTES_IO_BUFFER,
        &stringio::STRING_IO,
        &buffered::BUFFERED_READER,
        &buffered::BUFFERED_WRITER,
        &buffered::BUFFERED_RANDOM,
        &buffered::BUFFERED_RW_PAIR,
        &newline::NEWLINE_DECODER,
        &text::TEXT_IO_WRAPPER,
    ],
    exec: Some(exec),
};
