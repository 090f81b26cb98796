//! `open` and the choice of a text encoding.

use super::buffered::{BUFFERED_RANDOM, BUFFERED_READER, BUFFERED_WRITER};
use super::fileio::{FILE_IO, FileIo};
use super::text::TEXT_IO_WRAPPER;
use super::{DEFAULT_BUFFER_SIZE, size_argument};
use std::ffi::CStr;
use taipan_runtime::object::TypeDef;
use taipan_runtime::types::bytes::Bytes;
use taipan_runtime::types::exception::classes as exc;
use taipan_runtime::types::str::Str;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Vm};

/// The docstring of `open`.
pub const OPEN_DOC: &str = "Open file and return a stream.  Raise OSError upon failure.";

/// The encoding of texts that name none: the locale's, unless UTF-8 mode is on.
pub fn locale_encoding(vm: &Vm) -> String {
    if vm.settings.borrow().utf8_mode {
        "utf-8".to_owned()
    } else {
        codeset()
    }
}

/// The encoding of the locale, as `locale.getencoding()` names it.
pub fn codeset() -> String {
    // SAFETY: a static C string, copied at once.
    let name = unsafe {
        let name = libc::nl_langinfo(libc::CODESET);
        if name.is_null() {
            return "UTF-8".to_owned();
        }
        CStr::from_ptr(name).to_string_lossy()
    };
    if name.is_empty() {
        "UTF-8".to_owned()
    } else {
        name.into_owned()
    }
}

/// `text_encoding(encoding, stacklevel=2)`.
pub fn text_encoding(vm: &Vm, args: &[Value]) -> Result {
    if !args[0].is_none() {
        return Ok(args[0]);
    }
    warn_default(vm, args[1].given().map_or(Ok(2), |v| vm.to_i64(v))?)?;
    let utf8 = vm.settings.borrow().utf8_mode;
    Ok(vm.new_str(if utf8 { "utf-8" } else { "locale" }).value())
}

/// EncodingWarning if the program was started to get it (PEP 597).
pub fn warn_default(vm: &Vm, level: i64) -> Result<()> {
    let on = vm
        .settings
        .borrow()
        .x_options
        .iter()
        .any(|(name, _)| name == "warn_default_encoding");
    if on {
        vm.warn(
            &exc::ENCODING_WARNING,
            "'encoding' argument not specified",
            level,
        )?;
    }
    Ok(())
}

struct Mode {
    raw: String,
    reading: bool,
    updating: bool,
    binary: bool,
}

fn parse_mode(vm: &Vm, mode: &str) -> Result<Mode> {
    let invalid = || vm.value_error(format!("invalid mode: '{mode}'"));
    let (mut seen, mut kinds, mut text) = (String::new(), String::new(), false);
    let mut out = Mode {
        raw: String::new(),
        reading: false,
        updating: false,
        binary: false,
    };
    for c in mode.chars() {
        if seen.contains(c) {
            return Err(invalid());
        }
        seen.push(c);
        match c {
            'x' | 'r' | 'w' | 'a' => {
                kinds.push(c);
                out.reading |= c == 'r';
            }
            '+' => out.updating = true,
            't' => text = true,
            'b' => out.binary = true,
            _ => return Err(invalid()),
        }
    }
    if text && out.binary {
        return Err(vm.value_error("can't have text and binary mode at once"));
    }
    if kinds.len() != 1 {
        return Err(vm.value_error("must have exactly one of create/read/write/append mode"));
    }
    out.raw = kinds;
    if out.updating {
        out.raw.push('+');
    }
    Ok(out)
}

/// `open(...)`.
pub fn open(vm: &Vm, args: &[Value]) -> Result {
    let [
        file,
        mode,
        buffering,
        encoding,
        errors,
        newline,
        close_fd,
        opener,
    ] = *args
    else {
        return Err(vm.type_error("open() got too few values"));
    };
    let fspath = |v: Value| -> Result {
        if v.as_int_ref().is_some() || v.cast::<Str>().is_some() || v.cast::<Bytes>().is_some() {
            return Ok(v);
        }
        match vm.class_of(v).lookup(vm, vm.intern("__fspath__")) {
            Some(f) => vm.call_special(f, v, &[]),
            None if vm
                .class_of(v)
                .special(taipan_runtime::object::Special::Index)
                .is_some() =>
            {
                vm.index(v)
            }
            None => {
                let got = vm.type_name(v);
                Err(vm.type_error(format!(
                    "expected str, bytes or os.PathLike object, not {got}"
                )))
            }
        }
    };
    let path = fspath(file)?;
    let mode_text = match mode.given() {
        None => "r".to_owned(),
        Some(m) => match m.cast::<Str>() {
            Some(s) => s.to_text(),
            None => {
                let got = vm.type_name(m);
                return Err(vm.type_error(format!("open() argument 'mode' must be str, not {got}")));
            }
        },
    };
    for (v, name) in [
        (encoding, "encoding"),
        (errors, "errors"),
        (newline, "newline"),
    ] {
        if let Some(v) = v.given_not_none()
            && v.cast::<Str>().is_none()
        {
            let got = vm.type_name(v);
            return Err(vm.type_error(format!(
                "open() argument '{name}' must be str or None, not {got}"
            )));
        }
    }
    let mut size = buffering.given().map_or(Ok(-1), |v| size_argument(vm, v))?;
    let mode = parse_mode(vm, &mode_text)?;
    if mode.binary {
        for (v, name) in [
            (encoding, "an encoding"),
            (errors, "an errors"),
            (newline, "a newline"),
        ] {
            if v.given_not_none().is_some() {
                return Err(vm.value_error(format!("binary mode doesn't take {name} argument")));
            }
        }
        if size == 1 {
            vm.warn(
                &exc::RUNTIME_WARNING,
                "line buffering (buffering=1) isn't supported in binary mode, the default buffer size will be used",
                1,
            )?;
        }
    }
    let class = |def: &'static TypeDef| -> Result { Ok(vm.class_of_def(def)?.value()) };
    let raw_mode = vm.new_str(&mode.raw).value();
    let close_fd = close_fd.given().unwrap_or(Value::TRUE);
    let opener = opener.given().unwrap_or(Value::NONE);
    let raw = vm.call(class(&FILE_IO)?, &[path, raw_mode, close_fd, opener])?;
    let mut result = raw;
    let mut wrap = || -> Result<()> {
        let is_tty = if size < 0 {
            let v = vm.call_method(raw, "_isatty_open_only", &[])?;
            vm.truth(v)?
        } else {
            false
        };
        let mut line_buffering = false;
        if size == 1 && !mode.binary || is_tty {
            size = -1;
            line_buffering = true;
        }
        if size < 0 || size == 1 {
            let block = raw.cast::<FileIo>().map_or(0, |f| f.block_size());
            size = block.clamp(DEFAULT_BUFFER_SIZE as i64, 8 << 20);
        }
        if size == 0 {
            if !mode.binary {
                return Err(vm.value_error("can't have unbuffered text I/O"));
            }
            return Ok(());
        }
        let kind = if mode.updating {
            &BUFFERED_RANDOM
        } else if mode.reading {
            &BUFFERED_READER
        } else {
            &BUFFERED_WRITER
        };
        let buffer = vm.call(class(kind)?, &[raw, vm.new_int(size)])?;
        result = buffer;
        if mode.binary {
            return Ok(());
        }
        let or_none = |v: Value| v.given().unwrap_or(Value::NONE);
        let text = vm.call(
            class(&TEXT_IO_WRAPPER)?,
            &[
                buffer,
                or_none(encoding),
                or_none(errors),
                or_none(newline),
                Value::bool(line_buffering),
            ],
        )?;
        result = text;
        vm.set_attr(
            text,
            vm.intern("mode"),
            Some(vm.new_str(&mode_text).value()),
        )
    };
    match wrap() {
        Ok(()) => Ok(result),
        Err(_) => {
            let e = vm.take_raised();
            if vm.call_method(result, "close", &[]).is_err() {
                vm.clear_raised();
            }
            Err(vm.raise_again(e))
        }
    }
}

/// `open_code(path)`.
pub fn open_code(vm: &Vm, args: &[Value]) -> Result {
    if args[0].cast::<Str>().is_none() {
        let got = vm.type_name(args[0]);
        return Err(vm.type_error(format!(
            "open_code() argument 'path' must be str, not {got}"
        )));
    }
    let missing = Value::MISSING;
    let mode = vm.new_str("rb").value();
    open(
        vm,
        &[
            args[0], mode, missing, missing, missing, missing, missing, missing,
        ],
    )
}
