//! `StringIO`: text in memory as a stream. The text is a growing buffer in its
//! narrowest width; writing at the end appends, writing elsewhere rebuilds it.

use super::base::TEXT_IO_BASE;
use super::newline::Newlines;
use super::size_argument;
use std::cell::{Cell, RefCell};
use taipan_runtime::heap::{Gc, GcField, Header, Kind, Object};
use taipan_runtime::heap_object;
use taipan_runtime::object::{ClassFlags, GetSetDef, MethodDef, TypeDef, slots};
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::protocol::{NEXT, class_argument, this};
use taipan_runtime::types::search;
use taipan_runtime::types::str::Str;
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Vm};
use taipan_text::{TextBuf, TextRef, with_units};

/// See the module's description.
#[repr(C)]
pub struct StringIo {
    pub header: Header,
    /// What was appended since `text` was last complete.
    tail: RefCell<TextBuf>,
    text: GcField<Str>,
    pos: Cell<usize>,
    closed: Cell<bool>,
    ready: Cell<bool>,
    newlines: Newlines,
    universal: Cell<bool>,
    /// Whether line feeds become something else.
    rewrites: Cell<bool>,
    newline: GcField<Str>,
}

heap_object!(
    StringIo,
    "StringIO",
    Kind::Other,
    |this, marker| {
        marker.gc_field(&this.text);
        marker.gc_field(&this.newline);
    },
    drop
);

fn stream(vm: &Vm, args: &[Value]) -> Result<Gc<StringIo>> {
    let this = this::<StringIo>(args[0]);
    if !this.ready.get() {
        return Err(vm.value_error("I/O operation on uninitialized object"));
    }
    if this.closed.get() {
        return Err(vm.value_error("I/O operation on closed file"));
    }
    Ok(this)
}

impl StringIo {
    fn len(&self) -> usize {
        self.text.get().map_or(0, |t| t.len()) + self.tail.borrow().len()
    }

    /// The whole text.
    fn whole(&self, vm: &Vm) -> Result<Gc<Str>> {
        let text = self.text.get().unwrap_or(vm.names.empty.get());
        if self.tail.borrow().is_empty() {
            return Ok(text);
        }
        let tail = vm.str_from_text(self.tail.take().finish())?;
        let whole = vm.str_concat(text, tail)?;
        self.text.set(&self.header, whole);
        Ok(whole)
    }

    fn put(&self, vm: &Vm, new: Gc<Str>) -> Result<()> {
        let at = self.pos.get();
        let len = self.len();
        if at == len {
            self.tail.borrow_mut().push_text(new.data());
            self.pos.set(at + new.len());
            return Ok(());
        }
        let whole = self.whole(vm)?;
        let mut out = TextBuf::with_capacity(len.max(at + new.len()));
        with_units!(whole.data(), u => out.push_units(&u[..at.min(len)]));
        if at > len {
            out.push_repeat(0, at - len);
        }
        out.push_text(new.data());
        let end = at + new.len();
        if end < len {
            with_units!(whole.data(), u => out.push_units(&u[end..]));
        }
        let text = vm.str_from_text(out.finish())?;
        self.text.set(&self.header, text);
        self.pos.set(end);
        Ok(())
    }

    /// Writes text, its line ends translated as asked for.
    fn write(&self, vm: &Vm, text: Gc<Str>) -> Result<()> {
        let mut text = text;
        if self.universal.get() {
            text = self.newlines.feed(vm, text, true)?;
        }
        if self.rewrites.get()
            && let Some(n) = self.newline.get()
        {
            let lf = vm.str_of_byte(b'\n').value();
            let changed = vm.call_method(text.value(), "replace", &[lf, n.value()])?;
            text = vm.str(changed)?;
        }
        if text.is_empty() {
            Ok(())
        } else {
            self.put(vm, text)
        }
    }

    fn line(&self, vm: &Vm, limit: i64) -> Result<Gc<Str>> {
        let whole = self.whole(vm)?;
        let start = self.pos.get();
        if start >= whole.len() {
            return Ok(vm.names.empty.get());
        }
        let mut end =
            with_units!(whole.data(), u => line_end(&u[start..], self.newline.get())) + start;
        if limit >= 0 {
            end = end.min(start.saturating_add(limit as usize));
        }
        self.pos.set(end);
        vm.substring(whole, start, end)
    }
}

fn line_end<U: taipan_text::CodeUnit>(text: &[U], newline: Option<Gc<Str>>) -> usize {
    let find = |c: u8| text.iter().position(|u| (*u).into() == u32::from(c));
    let found = match newline {
        Some(n) if n.is_empty() => {
            let lf = search::position(text, U::narrow(10));
            match find(13).filter(|cr| lf.is_none_or(|lf| *cr < lf)) {
                Some(cr) if lf == Some(cr + 1) => Some(cr + 2),
                Some(cr) => Some(cr + 1),
                None => lf.map(|i| i + 1),
            }
        }
        Some(n) if n.len() == 2 => match n.data() {
            TextRef::Latin1(d) => {
                let needle: Vec<U> = d.iter().map(|b| U::narrow(u32::from(*b))).collect();
                search::find(text, &needle).map(|i| i + 2)
            }
            _ => None,
        },
        Some(n) if n.is_text("\r") => search::position(text, U::narrow(13)).map(|i| i + 1),
        _ => search::position(text, U::narrow(10)).map(|i| i + 1),
    };
    found.unwrap_or(text.len())
}

fn init(vm: &Vm, args: &[Value]) -> Result {
    let this = this::<StringIo>(args[0]);
    this.ready.set(false);
    let newline = if args[2].is_missing() {
        Some(vm.str_of_byte(b'\n'))
    } else if args[2].is_none() {
        None
    } else {
        match args[2].cast::<Str>() {
            Some(s) => Some(s),
            None => {
                let got = vm.type_name(args[2]);
                return Err(vm.type_error(format!("newline must be str or None, not {got}")));
            }
        }
    };
    if let Some(n) = newline
        && !["", "\n", "\r", "\r\n"].iter().any(|t| n.is_text(t))
    {
        let shown = vm.repr_text(n.value())?;
        return Err(vm.value_error(format!("illegal newline value: {shown}")));
    }
    let initial = match args[1].given_not_none() {
        None => None,
        Some(v) => match v.cast::<Str>() {
            Some(s) => Some(s),
            None => {
                let got = vm.type_name(v);
                return Err(vm.type_error(format!("initial_value must be str or None, not {got}")));
            }
        },
    };
    match newline {
        Some(n) => this.newline.set(&this.header, n),
        None => this.newline.clear(),
    }
    this.universal.set(newline.is_none_or(|n| n.is_empty()));
    this.rewrites
        .set(newline.is_some_and(|n| !n.is_empty() && !n.is_text("\n")));
    this.newlines.translate.set(newline.is_none());
    this.newlines.reset();
    this.text.clear();
    this.tail.take();
    this.pos.set(0);
    this.closed.set(false);
    this.ready.set(true);
    if let Some(s) = initial {
        this.write(vm, s)?;
    }
    this.pos.set(0);
    Ok(Value::NONE)
}

fn write(vm: &Vm, args: &[Value]) -> Result {
    let this = this::<StringIo>(args[0]);
    if !this.ready.get() {
        stream(vm, args)?;
    }
    let Some(text) = args[1].cast::<Str>() else {
        let got = vm.type_name(args[1]);
        return Err(vm.type_error(format!("string argument expected, got '{got}'")));
    };
    stream(vm, args)?;
    this.write(vm, text)?;
    Ok(vm.new_int(text.len() as i64))
}

fn read(vm: &Vm, args: &[Value]) -> Result {
    let this = stream(vm, args)?;
    let n = size_argument(vm, args[1])?;
    let whole = this.whole(vm)?;
    let start = this.pos.get().min(whole.len());
    let end = start
        .saturating_add(usize::try_from(n).unwrap_or(usize::MAX))
        .min(whole.len());
    this.pos.set(this.pos.get() + (end - start));
    if start == 0 && end == whole.len() {
        return Ok(whole.value());
    }
    Ok(vm.substring(whole, start, end)?.value())
}

fn readline(vm: &Vm, args: &[Value]) -> Result {
    let this = stream(vm, args)?;
    let limit = size_argument(vm, args[1])?;
    Ok(this.line(vm, limit)?.value())
}

fn next(vm: &Vm, v: Value) -> Result<Option<Value>> {
    let this = stream(vm, &[v])?;
    let line = if vm.class_of(v).def.get().is_some() {
        this.line(vm, -1)?
    } else {
        let line = vm.call_method(v, "readline", &[])?;
        match line.cast::<Str>() {
            Some(s) => s,
            None => {
                let got = vm.type_name(line);
                return Err(vm.os_error_text(format!(
                    "readline() should have returned a str object, not '{got}'"
                )));
            }
        }
    };
    Ok((!line.is_empty()).then(|| line.value()))
}

fn seek(vm: &Vm, args: &[Value]) -> Result {
    let this = stream(vm, args)?;
    let mut at = taipan_runtime::types::support::size_arg(vm, args[1])?;
    let whence = args[2].given().map_or(Ok(0), |v| vm.to_i64(v))?;
    if !(0..=2).contains(&whence) {
        return Err(vm.value_error(format!("Invalid whence ({whence}, should be 0, 1 or 2)")));
    }
    if whence == 0 && at < 0 {
        return Err(vm.value_error(format!("Negative seek position {at}")));
    }
    if whence != 0 && at != 0 {
        return Err(vm.os_error_text("Can't do nonzero cur-relative seeks"));
    }
    match whence {
        1 => at = this.pos.get() as i64,
        2 => at = this.len() as i64,
        _ => {}
    }
    this.pos.set(at as usize);
    Ok(vm.new_int(at))
}

fn truncate(vm: &Vm, args: &[Value]) -> Result {
    let this = stream(vm, args)?;
    let size = match args[1].given_not_none() {
        None => this.pos.get() as i64,
        Some(_) => size_argument(vm, args[1])?,
    };
    if size < 0 {
        return Err(vm.value_error(format!("Negative size value {size}")));
    }
    let whole = this.whole(vm)?;
    if (size as usize) < whole.len() {
        let text = vm.substring(whole, 0, size as usize)?;
        this.text.set(&this.header, text);
    }
    Ok(vm.new_int(size))
}

fn close(_: &Vm, args: &[Value]) -> Result {
    let this = this::<StringIo>(args[0]);
    this.closed.set(true);
    this.text.clear();
    this.tail.take();
    Ok(Value::NONE)
}

fn getvalue(vm: &Vm, args: &[Value]) -> Result {
    Ok(stream(vm, args)?.whole(vm)?.value())
}

fn getstate(vm: &Vm, args: &[Value]) -> Result {
    let this = stream(vm, args)?;
    let newline = this.newline.get().map_or(Value::NONE, |n| n.value());
    let dict = if vm.own_attributes(this.header()).is_empty() {
        Value::NONE
    } else {
        vm.own_dict(this.header())?.copy(vm)?.value()
    };
    let pos = vm.new_int(this.pos.get() as i64);
    Ok(vm
        .new_tuple(&[this.whole(vm)?.value(), newline, pos, dict])?
        .value())
}

fn setstate(vm: &Vm, args: &[Value]) -> Result {
    if this::<StringIo>(args[0]).closed.get() {
        return Err(vm.value_error("I/O operation on closed file"));
    }
    let name = vm.class_of(args[0]).qualified_name();
    let Some(state) = args[1].cast::<Tuple>().filter(|t| t.len() >= 4) else {
        let got = vm.type_name(args[1]);
        return Err(vm.type_error(format!(
            "{name}.__setstate__ argument should be 4-tuple, got {got}"
        )));
    };
    // The text is as it was stored: line ends are not to be translated again.
    init(vm, &[args[0], Value::NONE, state.get(1)])?;
    let this = this::<StringIo>(args[0]);
    match state.get(0).cast::<Str>() {
        Some(s) => this.text.set(&this.header, s),
        None if state.get(0).is_none() => {}
        None => {
            let got = vm.type_name(state.get(0));
            return Err(vm.type_error(format!("initial_value must be str or None, not {got}")));
        }
    }
    if state.get(2).as_int_ref().is_none() {
        let got = vm.type_name(state.get(2));
        return Err(vm.type_error(format!("third item of state must be an integer, got {got}")));
    }
    let pos = vm.to_i64(state.get(2))?;
    if pos < 0 {
        return Err(vm.value_error("position value cannot be negative"));
    }
    this.pos.set(pos as usize);
    let dict = state.get(3);
    if !dict.is_none() {
        if dict.cast::<Dict>().is_none() {
            let got = vm.type_name(dict);
            return Err(vm.type_error(format!(
                "fourth item of state should be a dict, got a {got}"
            )));
        }
        let own = vm.own_dict(this.header())?;
        vm.call_method(own.value(), "update", &[dict])?;
    }
    Ok(Value::NONE)
}

fn yes(vm: &Vm, args: &[Value]) -> Result {
    stream(vm, args)?;
    Ok(Value::TRUE)
}

/// `StringIO`.
pub static STRING_IO: TypeDef = TypeDef {
    module: "_io",
    doc: "Text I/O implementation using an in-memory buffer.\n\nThe initial_value argument sets the value of object.  The newline\nargument is like the one of TextIOWrapper's constructor.",
    base: Some(&TEXT_IO_BASE),
    subclassable: true,
    has_dict: true,
    flags: ClassFlags::WEAKREFS,
    next: Some(next),
    holds_memory_only: true,
    methods: &[
        slots::new(|vm, args, _| {
            let class = class_argument(vm, args, vm.class_of_def(&STRING_IO)?)?;
            let object = StringIo {
                header: Header::empty(),
                tail: RefCell::default(),
                text: GcField::empty(),
                pos: Cell::new(0),
                closed: Cell::new(false),
                ready: Cell::new(false),
                newlines: Newlines::default(),
                universal: Cell::new(false),
                rewrites: Cell::new(false),
                newline: GcField::empty(),
            };
            Ok(vm.heap.alloc(class.root_shape.get(), object).value())
        }),
        MethodDef::new(
            "__init__",
            "(self, /, initial_value='', newline='\\n')",
            "",
            init,
        ),
        MethodDef::new("close", "(self, /)", "Close the IO object.", close),
        MethodDef::new(
            "getvalue",
            "(self, /)",
            "Retrieve the entire contents of the object.",
            getvalue,
        )
        .reads(0, 0),
        MethodDef::new(
            "read",
            "(self, size=-1, /)",
            "Read at most size characters, returned as a string.",
            read,
        )
        .changes(0b10, 0),
        MethodDef::new(
            "readline",
            "(self, size=-1, /)",
            "Read until newline or EOF.",
            readline,
        )
        .changes(0b10, 0),
        MethodDef::new(
            "tell",
            "(self, /)",
            "Tell the current file position.",
            |vm, args| Ok(vm.new_int(stream(vm, args)?.pos.get() as i64)),
        )
        .reads(0, 0),
        MethodDef::new(
            "truncate",
            "(self, pos=None, /)",
            "Truncate size to pos.",
            truncate,
        ),
        MethodDef::new(
            "seek",
            "(self, pos, whence=0, /)",
            "Change stream position.",
            seek,
        )
        .changes(0b110, 0),
        MethodDef::new("write", "(self, s, /)", "Write string to file.", write).changes(0b10, 0),
        MethodDef::new(
            "seekable",
            "(self, /)",
            "Returns True if the IO object can be seeked.",
            yes,
        ),
        MethodDef::new(
            "readable",
            "(self, /)",
            "Returns True if the IO object can be read.",
            yes,
        ),
        MethodDef::new(
            "writable",
            "(self, /)",
            "Returns True if the IO object can be written.",
            yes,
        ),
        MethodDef::new("__getstate__", "(self, /)", "", getstate),
        MethodDef::new("__setstate__", "(self, state, /)", "", setstate),
        NEXT,
    ],
    getset: &[
        GetSetDef {
            name: "closed",
            doc: "",
            get: |vm, v| {
                let this = this::<StringIo>(v);
                if !this.ready.get() {
                    return Err(vm.value_error("I/O operation on uninitialized object"));
                }
                Ok(Value::bool(this.closed.get()))
            },
            set: None,
        },
        GetSetDef {
            name: "newlines",
            doc: "",
            get: |vm, v| {
                let this = stream(vm, &[v])?;
                if this.universal.get() {
                    this.newlines.seen(vm)
                } else {
                    Ok(Value::NONE)
                }
            },
            set: None,
        },
        GetSetDef {
            name: "line_buffering",
            doc: "",
            get: |vm, v| {
                stream(vm, &[v])?;
                Ok(Value::FALSE)
            },
            set: None,
        },
    ],
    ..TypeDef::new("StringIO", <StringIo as Object>::LAYOUT)
};
