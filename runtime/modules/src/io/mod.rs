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

pub use fileio::{path_bytes, retry};
pub use open::locale_encoding;

use taipan_runtime::heap::Gc;
use taipan_runtime::object::{MethodDef, ModuleDef};
use taipan_runtime::ops::buffer::{BufferView, ByteSlice};
use taipan_runtime::types::exception::classes as exc;
use taipan_runtime::types::list::List;
use taipan_runtime::types::module::Module;
use taipan_runtime::types::str::Str;
use taipan_runtime::types::support::{arg_name, index_arg};
use taipan_runtime::types::weakref::WeakRef;
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

const REGISTRY: &str = "_open_writers";

/// Remembers a stream that holds unwritten data until it is flushed, weakly.
fn register(vm: &Vm, stream: Value) -> Result<()> {
    let Some(module) = vm
        .modules
        .get()
        .and_then(|m| m.get_str(vm.intern("_io")))
        .and_then(|m| m.cast::<Module>())
    else {
        return Ok(());
    };
    let Some(list) = module
        .dict()
        .get_str(vm.intern(REGISTRY))
        .and_then(|l| l.cast::<List>())
    else {
        return Ok(());
    };
    // Dead entries go whenever the list has doubled since the last time.
    if list.len() >= 64 && list.len().is_power_of_two() {
        let live: Vec<Value> = list
            .as_slice()
            .iter()
            .copied()
            .filter(|r| r.cast::<WeakRef>().is_some_and(|w| w.referent().is_some()))
            .collect();
        let live = vm.rooted_from(live);
        list.replace_all(vm, &live)?;
    }
    let reference = vm.new_weakref(stream, None)?;
    list.push(vm, reference)
}

fn flush_all(vm: &Vm, _: &[Value]) -> Result {
    let list = vm.import_attr("_io", REGISTRY)?;
    let Some(list) = list.cast::<List>() else {
        return Ok(Value::NONE);
    };
    // Text streams were made after the buffers that they write to.
    let mut refs = vm.rooted_slice(list.as_slice());
    refs.reverse();
    for r in refs.iter() {
        let Some(stream) = r.cast::<WeakRef>().and_then(|w| w.referent()) else {
            continue;
        };
        let flushed = is_closed(vm, stream).and_then(|closed| {
            if closed {
                Ok(Value::NONE)
            } else {
                vm.call_method(stream, "flush", &[])
            }
        });
        if flushed.is_err() {
            vm.clear_raised();
        }
    }
    Ok(Value::NONE)
}

fn exec(vm: &Vm, module: Gc<Module>) -> Result<()> {
    module.set(
        vm,
        "DEFAULT_BUFFER_SIZE",
        vm.new_int(DEFAULT_BUFFER_SIZE as i64),
    );
    module.set(vm, REGISTRY, vm.new_list(&[])?);
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
            flush_all,
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
