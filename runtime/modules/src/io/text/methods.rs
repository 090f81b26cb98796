//! The other methods of `TextIOWrapper`, and its table.

use super::{TextIo, init, is_value_error, read, seek, set_codec, set_newline, write};
use crate::io::base::TEXT_IO_BASE;
use taipan_runtime::heap::{Gc, Object};
use taipan_runtime::object::{ClassFlags, GetSetDef, MethodDef, TypeDef, slots};
use taipan_runtime::types::protocol::{NEXT, class_argument, this};
use taipan_runtime::types::str::Str;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Vm};

fn stream(args: &[Value]) -> Gc<TextIo> {
    this::<TextIo>(args[0])
}

fn detach(vm: &Vm, args: &[Value]) -> Result {
    let this = stream(args);
    let buffer = this.buffer(vm)?;
    vm.call_method(args[0], "flush", &[])?;
    this.buffer.clear();
    this.plain.set(false);
    this.detached.set(true);
    this.ready.set(false);
    Ok(buffer)
}

fn close(vm: &Vm, args: &[Value]) -> Result {
    let this = stream(args);
    let buffer = this.buffer(vm)?;
    if crate::io::is_closed(vm, buffer)? {
        return Ok(Value::NONE);
    }
    if this.finalizing.get() && vm.call_method(buffer, "_dealloc_warn", &[args[0]]).is_err() {
        vm.clear_raised();
    }
    let flushed = vm.call_method(args[0], "flush", &[]);
    let pending = flushed.is_err().then(|| vm.take_raised());
    let closed = vm.call_method(buffer, "close", &[]);
    match (pending, closed) {
        (None, result) => result,
        (Some(e), Ok(_)) => Err(vm.raise_again(e)),
        (Some(e), Err(raised)) => {
            if let Some(later) = vm.pending().and_then(|p| p.cast()) {
                vm.set_context(later, e);
            }
            Err(raised)
        }
    }
}

fn finalize(vm: &Vm, args: &[Value]) -> Result {
    let this = stream(args);
    if !this.ready.get() {
        return Ok(Value::NONE);
    }
    this.finalizing.set(true);
    let result = crate::io::base::finalize(vm, args);
    this.finalizing.set(false);
    result
}

fn delegate(vm: &Vm, args: &[Value], name: &str) -> Result {
    vm.call_method(stream(args).buffer(vm)?, name, &[])
}

fn truncate(vm: &Vm, args: &[Value]) -> Result {
    vm.call_method(args[0], "flush", &[])?;
    let size = args[1].given().unwrap_or(Value::NONE);
    vm.call_method(stream(args).buffer(vm)?, "truncate", &[size])
}

fn reconfigure(vm: &Vm, args: &[Value]) -> Result {
    let this = stream(args);
    this.buffer(vm)?;
    let [_, encoding, errors, newline, line_buffering, write_through] = *args else {
        return Ok(Value::NONE);
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
                "reconfigure() argument '{name}' must be str or None, not {got}"
            )));
        }
    }
    let reading = this.decoded.get().is_some() || this.snapshot.borrow().is_some();
    let codes = encoding.given_not_none().is_some()
        || errors.given_not_none().is_some()
        || newline.given().is_some();
    if reading && codes {
        return Err(crate::io::unsupported(
            vm,
            "It is not possible to set the encoding or newline of stream after the first read",
        ));
    }
    let flag = |v: Value, old: bool| v.given_not_none().map_or(Ok(old), |v| vm.truth(v));
    let line_buffering = flag(line_buffering, this.line_buffering.get())?;
    let write_through = flag(write_through, this.write_through.get())?;
    vm.call_method(args[0], "flush", &[])?;
    if let Some(newline) = newline.given() {
        set_newline(vm, this, newline.cast::<Str>())?;
    }
    if encoding.given_not_none().is_some() || errors.given_not_none().is_some() {
        let old = |v: Value| v.cast::<Str>().unwrap_or_else(|| vm.intern("strict"));
        let new_errors = match (errors.given_not_none(), encoding.given_not_none()) {
            (Some(e), _) => old(e),
            (None, Some(_)) => vm.intern("strict"),
            (None, None) => old(this.errors.or_none()),
        };
        let new_encoding = match encoding.given_not_none().and_then(|e| e.cast::<Str>()) {
            Some(e) if e.is_text("locale") => vm.new_str(&crate::io::open::locale_encoding(vm)),
            Some(e) => e,
            None => old(this.encoding.or_none()),
        };
        set_codec(vm, this, new_encoding, new_errors)?;
        if this.seekable.get() && this.encodes.get() && this.native.get().is_none() {
            let at = vm.call_method(this.buffer(vm)?, "tell", &[])?;
            if vm.truth(at)? {
                this.reset_encoder(vm, false)?;
            }
        }
    }
    this.line_buffering.set(line_buffering);
    this.write_through.set(write_through);
    Ok(Value::NONE)
}

fn repr(vm: &Vm, args: &[Value]) -> Result {
    let this = stream(args);
    this.buffer(vm)?;
    let Some(_guard) = vm.enter_repr(args[0]) else {
        let name = vm.class_of(args[0]).qualified_name();
        return Err(vm.runtime_error(format!("reentrant call inside {name}.__repr__")));
    };
    let mut text = taipan_text::TextBuf::new();
    text.push_ascii("<");
    text.push_str(&vm.class_of(args[0]).qualified_name());
    for (label, key) in [(" name=", "name"), (" mode=", "mode")] {
        match vm.find_attr(args[0], vm.intern(key)) {
            Ok(Some(v)) => {
                text.push_ascii(label);
                vm.push_repr(&mut text, v)?;
            }
            Ok(None) => {}
            Err(_) if key == "name" && is_value_error(vm) => vm.clear_raised(),
            Err(raised) => return Err(raised),
        }
    }
    text.push_ascii(" encoding=");
    vm.push_repr(&mut text, this.encoding.or_none())?;
    text.push_ascii(">");
    vm.text_value(text)
}

fn getstate(vm: &Vm, args: &[Value]) -> Result {
    let name = vm.class_of(args[0]).name_string();
    Err(vm.type_error(format!("cannot pickle '{name}' instances")))
}

fn set_chunk(vm: &Vm, v: Value, new: Option<Value>) -> Result<()> {
    let Some(new) = new else {
        return Err(vm.attribute_error("cannot delete attribute"));
    };
    let n = vm.to_index(new)?;
    if n <= 0 {
        return Err(vm.value_error("a strictly positive integer is required"));
    }
    this::<TextIo>(v).chunk.set(n as usize);
    Ok(())
}

/// `TextIOWrapper`.
pub static TEXT_IO_WRAPPER: TypeDef = TypeDef {
    module: "_io",
    doc: "Character and line based layer over a BufferedIOBase object, buffer.",
    base: Some(&TEXT_IO_BASE),
    subclassable: true,
    has_dict: true,
    flags: ClassFlags::WEAKREFS,
    next: Some(read::next),
    methods: &[
        slots::new(|vm, args, _| {
            let class = class_argument(vm, args, vm.class_of_def(&TEXT_IO_WRAPPER)?)?;
            Ok(vm
                .heap
                .alloc(class.root_shape.get(), TextIo::empty())
                .value())
        }),
        MethodDef::new(
            "__init__",
            "(self, /, buffer, encoding=None, errors=None, newline=None, line_buffering=False, write_through=False)",
            "",
            init,
        ),
        MethodDef::new("detach", "(self, /)", "", detach),
        MethodDef::new(
            "reconfigure",
            "(self, /, *, encoding=None, errors=None, newline=None, line_buffering=None, write_through=None)",
            "Reconfigure the text stream with new parameters.\n\nThis also does an implicit stream flush.",
            reconfigure,
        ),
        MethodDef::new("write", "(self, text, /)", "", write::write),
        MethodDef::new("read", "(self, size=-1, /)", "", read::read),
        MethodDef::new("readline", "(self, size=-1, /)", "", read::readline),
        MethodDef::new("flush", "(self, /)", "", write::flush),
        MethodDef::new("close", "(self, /)", "", close),
        MethodDef::new("fileno", "(self, /)", "", |vm, args| {
            delegate(vm, args, "fileno")
        }),
        MethodDef::new("seekable", "(self, /)", "", |vm, args| {
            delegate(vm, args, "seekable")
        }),
        MethodDef::new("readable", "(self, /)", "", |vm, args| {
            delegate(vm, args, "readable")
        }),
        MethodDef::new("writable", "(self, /)", "", |vm, args| {
            delegate(vm, args, "writable")
        }),
        MethodDef::new("isatty", "(self, /)", "", |vm, args| {
            delegate(vm, args, "isatty")
        }),
        MethodDef::new(
            "seek",
            "(self, cookie, whence=0, /)",
            "Set the stream position, and return the new stream position.",
            seek::seek,
        ),
        MethodDef::new(
            "tell",
            "(self, /)",
            "Return the stream position as an opaque number.",
            seek::tell,
        ),
        MethodDef::new("truncate", "(self, pos=None, /)", "", truncate),
        MethodDef::new("__getstate__", "(self, /)", "", getstate),
        MethodDef::new("__del__", "(self, /)", "", finalize),
        slots::repr(repr),
        NEXT,
    ],
    getset: &[
        GetSetDef {
            name: "encoding",
            doc: "",
            get: |_, v| Ok(this::<TextIo>(v).encoding.or_none()),
            set: None,
        },
        GetSetDef {
            name: "errors",
            doc: "",
            get: |vm, v| {
                this::<TextIo>(v).buffer(vm)?;
                Ok(this::<TextIo>(v).errors.or_none())
            },
            set: None,
        },
        GetSetDef {
            name: "buffer",
            doc: "",
            get: |vm, v| {
                let this = this::<TextIo>(v);
                this.buffer(vm)
            },
            set: None,
        },
        GetSetDef {
            name: "line_buffering",
            doc: "",
            get: |_, v| Ok(Value::bool(this::<TextIo>(v).line_buffering.get())),
            set: None,
        },
        GetSetDef {
            name: "write_through",
            doc: "",
            get: |_, v| Ok(Value::bool(this::<TextIo>(v).write_through.get())),
            set: None,
        },
        GetSetDef {
            name: "_finalizing",
            doc: "",
            get: |_, v| Ok(Value::bool(this::<TextIo>(v).finalizing.get())),
            set: None,
        },
        GetSetDef {
            name: "name",
            doc: "",
            get: |vm, v| vm.get_attr_str(this::<TextIo>(v).buffer(vm)?, "name"),
            set: None,
        },
        GetSetDef {
            name: "closed",
            doc: "",
            get: |vm, v| vm.get_attr_str(this::<TextIo>(v).buffer(vm)?, "closed"),
            set: None,
        },
        GetSetDef {
            name: "newlines",
            doc: "",
            get: |vm, v| {
                let this = this::<TextIo>(v);
                this.buffer(vm)?;
                if this.universal.get() {
                    this.newlines.seen(vm)
                } else {
                    Ok(Value::NONE)
                }
            },
            set: None,
        },
        GetSetDef {
            name: "_CHUNK_SIZE",
            doc: "",
            get: |vm, v| Ok(vm.new_int(this::<TextIo>(v).chunk.get() as i64)),
            set: Some(set_chunk),
        },
    ],
    ..TypeDef::new("TextIOWrapper", <TextIo as Object>::LAYOUT)
};
