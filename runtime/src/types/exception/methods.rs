//! Methods of the built-in exception classes.

use super::Exception;
use super::classes::{self as exc, get_field, has_field, set_field};
use crate::heap::{Gc, Kind};
use crate::object::Class;
use crate::types::bytes::Bytes;
use crate::types::list::List;
use crate::types::protocol::{too_many_keywords, unexpected_keyword};
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::value::Value;
use crate::vm::{Result, Vm};

/// The receiver of a method.
pub(super) fn this(v: Value) -> Gc<Exception> {
    // SAFETY: method descriptors check their receiver's class, whose layout this is.
    unsafe { v.cast_unchecked() }
}

/// Positional arguments and keywords of a raw call.
pub(super) fn split(args: &[Value], names: Option<Gc<Tuple>>) -> (&[Value], Vec<(Gc<Str>, Value)>) {
    let count = names.map_or(0, |n| n.len());
    let (positional, values) = args.split_at(args.len() - count);
    let keywords = names
        .map(|n| {
            n.as_slice()
                .iter()
                .zip(values)
                .filter_map(|(k, v)| Some((k.cast::<Str>()?, *v)))
                .collect()
        })
        .unwrap_or_default();
    (positional, keywords)
}

fn no_keywords(vm: &Vm, e: Gc<Exception>, names: Option<Gc<Tuple>>) -> Result<()> {
    if names.is_some_and(|n| !n.is_empty()) {
        return Err(vm.type_error(format!(
            "{}() takes no keyword arguments",
            e.class().name_string()
        )));
    }
    Ok(())
}

pub(super) fn base_new(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    let (positional, _) = split(args, names);
    let Some(class) = positional.first().and_then(|c| c.cast::<Class>()) else {
        return Err(vm.type_error("BaseException.__new__(): not enough arguments"));
    };
    if class.layout.kind != Kind::Exception {
        return Err(vm.type_error(format!(
            "BaseException.__new__({0}): {0} is not a subtype of BaseException",
            class.name_string()
        )));
    }
    Ok(vm.new_exception(class, &positional[1..])?.value())
}

pub(super) fn base_init(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    let e = this(args[0]);
    no_keywords(vm, e, names)?;
    set_args_from(vm, e, &args[1..])?;
    Ok(Value::NONE)
}

fn set_args_from(vm: &Vm, e: Gc<Exception>, args: &[Value]) -> Result<()> {
    let args = vm.new_tuple(args)?;
    e.args.set(&e.header, args);
    Ok(())
}

/// The arguments.
pub(super) fn args_of(e: Gc<Exception>) -> Vec<Value> {
    e.args
        .get()
        .map(|a| a.as_slice().to_vec())
        .unwrap_or_default()
}

pub(super) fn base_str(vm: &Vm, args: &[Value]) -> Result {
    let items = args_of(this(args[0]));
    Ok(match items.as_slice() {
        [] => vm.names.empty.get().value(),
        [one] => vm.str(*one)?.value(),
        _ => vm
            .str(this(args[0]).args.get().map_or(Value::NONE, |t| t.value()))?
            .value(),
    })
}

pub(super) fn base_repr(vm: &Vm, args: &[Value]) -> Result {
    let e = this(args[0]);
    let name = e.class().name_string();
    let items = args_of(e);
    let inner = match items.as_slice() {
        [one] => format!("({})", vm.repr_text(*one)?),
        _ => vm.repr_text(e.args.get().map_or(Value::NONE, |t| t.value()))?,
    };
    Ok(vm.new_str(&format!("{name}{inner}")).value())
}

/// The instance dictionary, if it has anything.
fn state(vm: &Vm, v: Value) -> Result<Option<Value>> {
    match v.header() {
        Some(h) if !vm.own_attributes(h).is_empty() => Ok(Some(vm.own_dict(h)?.copy(vm)?.value())),
        _ => Ok(None),
    }
}

pub(super) fn base_reduce(vm: &Vm, args: &[Value]) -> Result {
    let e = this(args[0]);
    let class = e.class().value();
    let arguments = vm.new_tuple(&args_of(e))?.value();
    match state(vm, args[0])? {
        Some(state) => Ok(vm.new_tuple(&[class, arguments, state])?.value()),
        None => vm.pair(class, arguments),
    }
}

pub(super) fn base_setstate(vm: &Vm, args: &[Value]) -> Result {
    if args[1].is_none() {
        return Ok(Value::NONE);
    }
    let Some(dict) = args[1].cast::<crate::types::dict::Dict>() else {
        return Err(vm.type_error("state is not a dictionary"));
    };
    for (k, v) in dict.items() {
        if let Some(name) = k.cast::<Str>() {
            vm.set_attr(args[0], name, Some(v))?;
        }
    }
    Ok(Value::NONE)
}

pub(super) fn with_traceback(vm: &Vm, args: &[Value]) -> Result {
    set_traceback(vm, args[0], Some(args[1]))?;
    Ok(args[0])
}

pub(super) fn add_note(vm: &Vm, args: &[Value]) -> Result {
    if args[1].cast::<Str>().is_none() {
        return Err(vm.type_error(format!(
            "add_note() argument must be str, not {}",
            crate::types::support::arg_name(vm, args[1])
        )));
    }
    let name = vm.names.__notes__.get();
    let notes = match vm.find_attr(args[0], name)? {
        Some(notes) => notes,
        None => {
            let notes = vm.new_list(&[])?.value();
            vm.set_attr(args[0], name, Some(notes))?;
            notes
        }
    };
    match notes.cast::<List>() {
        Some(list) => list.push(vm, args[1])?,
        None => return Err(vm.type_error("Cannot add note: __notes__ is not a list")),
    }
    Ok(Value::NONE)
}

pub(super) fn get_args(vm: &Vm, e: Value) -> Result {
    match this(e).args.get() {
        Some(args) => Ok(args.value()),
        None => Ok(vm.new_tuple(&[])?.value()),
    }
}

pub(super) fn set_args(vm: &Vm, e: Value, value: Option<Value>) -> Result<()> {
    let Some(value) = value else {
        return Err(vm.type_error("args may not be deleted"));
    };
    let items = vm.collect(value)?;
    set_args_from(vm, this(e), &items)
}

pub(super) fn get_traceback(_: &Vm, e: Value) -> Result {
    Ok(this(e).traceback.or_none())
}

pub(super) fn set_traceback(vm: &Vm, e: Value, value: Option<Value>) -> Result<()> {
    let e = this(e);
    match value {
        None => Err(vm.type_error("__traceback__ may not be deleted")),
        Some(v) if v.is_none() => {
            e.traceback.clear();
            Ok(())
        }
        Some(v) if vm.is_kind(v, Kind::Traceback) => {
            e.traceback.set(&e.header, v);
            Ok(())
        }
        Some(_) => Err(vm.type_error("__traceback__ must be a traceback or None")),
    }
}

pub(super) fn get_context(_: &Vm, e: Value) -> Result {
    Ok(this(e).context.or_none())
}

fn set_chained(vm: &Vm, e: Value, value: Option<Value>, cause: bool) -> Result<()> {
    let e = this(e);
    let (field, name) = if cause {
        (&e.cause, "cause")
    } else {
        (&e.context, "context")
    };
    match value {
        None => return Err(vm.type_error(format!("__{name}__ may not be deleted"))),
        Some(v) if v.is_none() => field.clear(),
        Some(v) if vm.is_kind(v, Kind::Exception) => field.set(&e.header, v),
        Some(_) => {
            return Err(vm.type_error(format!(
                "exception {name} must be None or derive from BaseException"
            )));
        }
    }
    if cause {
        e.suppress_context.set(true);
    }
    Ok(())
}

pub(super) fn set_context(vm: &Vm, e: Value, value: Option<Value>) -> Result<()> {
    set_chained(vm, e, value, false)
}

pub(super) fn get_cause(_: &Vm, e: Value) -> Result {
    Ok(this(e).cause.or_none())
}

pub(super) fn set_cause(vm: &Vm, e: Value, value: Option<Value>) -> Result<()> {
    set_chained(vm, e, value, true)
}

pub(super) fn get_suppress(_: &Vm, e: Value) -> Result {
    Ok(Value::bool(this(e).suppress_context.get()))
}

pub(super) fn set_suppress(vm: &Vm, e: Value, value: Option<Value>) -> Result<()> {
    match value {
        Some(v) if v.is_bool() => {
            this(e).suppress_context.set(v == Value::TRUE);
            Ok(())
        }
        Some(_) => Err(vm.type_error("attribute value type must be bool")),
        None => Err(vm.type_error("can't delete numeric/char attribute")),
    }
}

pub(super) fn stop_iteration_init(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    base_init(vm, args, names)?;
    set_field(
        vm,
        this(args[0]),
        "value",
        args.get(1).copied().unwrap_or(Value::NONE),
    );
    Ok(Value::NONE)
}

pub(super) fn system_exit_init(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    base_init(vm, args, names)?;
    let code = match &args[1..] {
        [] => Value::NONE,
        [one] => *one,
        many => vm.new_tuple(many)?.value(),
    };
    set_field(vm, this(args[0]), "code", code);
    Ok(Value::NONE)
}

pub(super) fn key_error_str(vm: &Vm, args: &[Value]) -> Result {
    match args_of(this(args[0])).as_slice() {
        [one] => Ok(vm.repr(*one)?.value()),
        _ => base_str(vm, args),
    }
}

/// Takes keyword arguments that become fields.
fn keyword_fields(
    vm: &Vm,
    class: &str,
    args: &[Value],
    names: Option<Gc<Tuple>>,
    allowed: &[&str],
) -> Result<Gc<Exception>> {
    let e = this(args[0]);
    let (positional, keywords) = split(args, names);
    set_args_from(vm, e, &positional[1..])?;
    for name in allowed {
        set_field(vm, e, name, Value::NONE);
    }
    let count = names.map_or(0, |n| n.len());
    if count > allowed.len() {
        return Err(too_many_keywords(vm, class, allowed.len(), count));
    }
    for (k, v) in keywords {
        let text = k.to_text();
        if !allowed.contains(&text.as_str()) {
            return Err(unexpected_keyword(vm, class, &text, allowed));
        }
        set_field(vm, e, &text, v);
    }
    Ok(e)
}

pub(super) fn import_error_init(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    let e = keyword_fields(
        vm,
        "ImportError",
        args,
        names,
        &["name", "path", "name_from"],
    )?;
    let message = match args_of(e).as_slice() {
        [one] => *one,
        _ => Value::NONE,
    };
    set_field(vm, e, "msg", message);
    Ok(Value::NONE)
}

pub(super) fn import_error_str(vm: &Vm, args: &[Value]) -> Result {
    let msg = get_field(vm, this(args[0]), "msg");
    if msg.cast::<Str>().is_some() {
        Ok(msg)
    } else {
        base_str(vm, args)
    }
}

pub(super) fn import_error_reduce(vm: &Vm, args: &[Value]) -> Result {
    let e = this(args[0]);
    let dict = vm.new_dict();
    if let Some(s) = state(vm, args[0])?.and_then(|s| s.cast::<crate::types::dict::Dict>()) {
        dict.update_from(vm, &s)?;
    }
    for name in ["name", "path", "name_from"] {
        let v = get_field(vm, e, name);
        if !v.is_none() {
            dict.set_str(vm, vm.intern(name), v);
        }
    }
    let (class, arguments) = (e.class().value(), vm.new_tuple(&args_of(e))?.value());
    if dict.is_empty() {
        return vm.pair(class, arguments);
    }
    Ok(vm.new_tuple(&[class, arguments, dict.value()])?.value())
}

pub(super) fn name_error_init(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    keyword_fields(vm, "NameError", args, names, &["name"])?;
    Ok(Value::NONE)
}

pub(super) fn attribute_error_init(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    keyword_fields(vm, "AttributeError", args, names, &["name", "obj"])?;
    Ok(Value::NONE)
}

pub(super) fn attribute_error_getstate(vm: &Vm, args: &[Value]) -> Result {
    let e = this(args[0]);
    let dict = vm.new_dict();
    if let Some(s) = state(vm, args[0])?.and_then(|s| s.cast::<crate::types::dict::Dict>()) {
        dict.update_from(vm, &s)?;
    }
    let name = get_field(vm, e, "name");
    if !name.is_none() {
        dict.set_str(vm, vm.intern("name"), name);
    }
    dict.set_str(vm, vm.intern("args"), vm.new_tuple(&args_of(e))?.value());
    Ok(dict.value())
}

pub(super) fn attribute_error_reduce(vm: &Vm, args: &[Value]) -> Result {
    let e = this(args[0]);
    let state = attribute_error_getstate(vm, args)?;
    let (class, arguments) = (e.class().value(), vm.new_tuple(&args_of(e))?.value());
    Ok(vm.new_tuple(&[class, arguments, state])?.value())
}

/// The subclass of OSError for an `errno` value (PEP 3151).
fn os_error_class(errno: i64) -> &'static crate::object::TypeDef {
    match errno as i32 {
        libc::EAGAIN | libc::EALREADY | libc::EINPROGRESS => &exc::BLOCKING_IO_ERROR,
        libc::ECHILD => &exc::CHILD_PROCESS_ERROR,
        libc::EPIPE | libc::ESHUTDOWN => &exc::BROKEN_PIPE_ERROR,
        libc::ECONNABORTED => &exc::CONNECTION_ABORTED_ERROR,
        libc::ECONNREFUSED => &exc::CONNECTION_REFUSED_ERROR,
        libc::ECONNRESET => &exc::CONNECTION_RESET_ERROR,
        libc::EEXIST => &exc::FILE_EXISTS_ERROR,
        libc::ENOENT => &exc::FILE_NOT_FOUND_ERROR,
        libc::EINTR => &exc::INTERRUPTED_ERROR,
        libc::EISDIR => &exc::IS_A_DIRECTORY_ERROR,
        libc::ENOTDIR => &exc::NOT_A_DIRECTORY_ERROR,
        libc::EACCES | libc::EPERM => &exc::PERMISSION_ERROR,
        libc::ESRCH => &exc::PROCESS_LOOKUP_ERROR,
        libc::ETIMEDOUT => &exc::TIMEOUT_ERROR,
        _ => &exc::OS_ERROR,
    }
}

/// Whether `__init__` does the work because a subclass overrides it, not `__new__`.
fn init_by_init(vm: &Vm, class: Gc<Class>) -> bool {
    use crate::object::Special;
    let os_error = vm.exception_class(&exc::OS_ERROR);
    class.special(Special::Init) != os_error.special(Special::Init)
        && class.special(Special::New) == os_error.special(Special::New)
}

fn os_error_fill(vm: &Vm, e: Gc<Exception>, args: &[Value]) -> Result<()> {
    let mut kept = args;
    if (2..=5).contains(&args.len()) {
        set_field(vm, e, "errno", args[0]);
        set_field(vm, e, "strerror", args[1]);
        let blocking = e
            .class()
            .is_subclass_of(vm.exception_class(&exc::BLOCKING_IO_ERROR));
        if let Some(&filename) = args.get(2)
            && !filename.is_none()
        {
            if blocking && filename.as_int_ref().is_some() {
                set_field(vm, e, "characters_written", filename);
            } else {
                set_field(vm, e, "filename", filename);
                if let Some(&second) = args.get(4)
                    && !second.is_none()
                {
                    set_field(vm, e, "filename2", second);
                }
                kept = &args[..2];
            }
        }
    }
    set_args_from(vm, e, kept)
}

pub(super) fn os_error_new(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    let (positional, _) = split(args, names);
    let Some(mut class) = positional.first().and_then(|c| c.cast::<Class>()) else {
        return Err(vm.type_error("OSError.__new__(): not enough arguments"));
    };
    let rest = &positional[1..];
    if init_by_init(vm, class) {
        return Ok(vm.new_exception(class, &[])?.value());
    }
    if names.is_some_and(|n| !n.is_empty()) {
        return Err(vm.type_error(format!(
            "{}() takes no keyword arguments",
            class.name_string()
        )));
    }
    if class == vm.exception_class(&exc::OS_ERROR)
        && (2..=5).contains(&rest.len())
        && let Some(errno) = rest[0].as_int()
    {
        class = vm.exception_class(os_error_class(errno));
    }
    let e = vm.new_exception(class, rest)?;
    os_error_fill(vm, e, rest)?;
    Ok(e.value())
}

pub(super) fn os_error_init(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    let e = this(args[0]);
    if init_by_init(vm, e.class()) {
        no_keywords(vm, e, names)?;
        os_error_fill(vm, e, &args[1..])?;
    }
    Ok(Value::NONE)
}

pub(super) fn os_error_str(vm: &Vm, args: &[Value]) -> Result {
    let e = this(args[0]);
    let get = |name| get_field(vm, e, name);
    let (errno, strerror) = (get("errno"), get("strerror"));
    let (filename, filename2) = (get("filename"), get("filename2"));
    if !filename.is_none() {
        let head = format!(
            "[Errno {}] {}: {}",
            vm.str(errno)?,
            vm.str(strerror)?,
            vm.repr(filename)?
        );
        let text = if filename2.is_none() {
            head
        } else {
            format!("{head} -> {}", vm.repr(filename2)?)
        };
        return Ok(vm.new_str(&text).value());
    }
    if !errno.is_none() && !strerror.is_none() {
        return Ok(vm
            .new_str(&format!("[Errno {}] {}", vm.str(errno)?, vm.str(strerror)?))
            .value());
    }
    base_str(vm, args)
}

pub(super) fn os_error_reduce(vm: &Vm, args: &[Value]) -> Result {
    let e = this(args[0]);
    let mut arguments = args_of(e);
    let (filename, filename2) = (get_field(vm, e, "filename"), get_field(vm, e, "filename2"));
    if arguments.len() == 2 && !filename.is_none() {
        arguments.push(filename);
        if !filename2.is_none() {
            arguments.extend([Value::NONE, filename2]);
        }
    }
    let (class, arguments) = (e.class().value(), vm.new_tuple(&arguments)?.value());
    match state(vm, args[0])? {
        Some(state) => Ok(vm.new_tuple(&[class, arguments, state])?.value()),
        None => vm.pair(class, arguments),
    }
}

pub(super) fn syntax_error_init(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    base_init(vm, args, names)?;
    let e = this(args[0]);
    if let Some(&msg) = args.get(1) {
        set_field(vm, e, "msg", msg);
    }
    if args.len() == 3 {
        let details = vm.collect(args[2])?;
        if !(4..=7).contains(&details.len()) {
            return Err(vm.type_error(match details.len() {
                0..4 => format!(
                    "function takes at least 4 arguments ({} given)",
                    details.len()
                ),
                n => format!("function takes at most 7 arguments ({n} given)"),
            }));
        }
        if details.len() == 5 {
            return Err(vm.type_error("end_offset must be provided when end_lineno is provided"));
        }
        let fields = [
            "filename",
            "lineno",
            "offset",
            "text",
            "end_lineno",
            "end_offset",
            "_metadata",
        ];
        for (name, v) in fields.iter().zip(details.iter()) {
            set_field(vm, e, name, *v);
        }
    }
    Ok(Value::NONE)
}

pub(super) fn syntax_error_str(vm: &Vm, args: &[Value]) -> Result {
    let e = this(args[0]);
    let msg = vm.str(get_field(vm, e, "msg"))?;
    let filename = get_field(vm, e, "filename")
        .cast::<Str>()
        .map(|s| s.to_text());
    let line = get_field(vm, e, "lineno").as_int();
    let base = filename.map(|f| f.rsplit('/').next().unwrap_or("").to_owned());
    Ok(match (base, line) {
        (Some(f), Some(l)) => vm.new_str(&format!("{msg} ({f}, line {l})")).value(),
        (Some(f), None) => vm.new_str(&format!("{msg} ({f})")).value(),
        (None, Some(l)) => vm.new_str(&format!("{msg} (line {l})")).value(),
        (None, None) => msg.value(),
    })
}

fn unicode_init(
    vm: &Vm,
    args: &[Value],
    names: Option<Gc<Tuple>>,
    fields: &[&str],
    class: &str,
) -> Result {
    base_init(vm, args, names)?;
    let e = this(args[0]);
    let given = &args[1..];
    if given.len() != fields.len() {
        return Err(vm.type_error(format!(
            "function takes exactly {} arguments ({} given)",
            fields.len(),
            given.len()
        )));
    }
    for (i, (name, &v)) in fields.iter().zip(given).enumerate() {
        let mut kept = v;
        let expected = match *name {
            "start" | "end" => {
                vm.to_index(v)?;
                None
            }
            "object" if class == "UnicodeDecodeError" => {
                // Anything with a buffer; kept as bytes.
                if v.cast::<Bytes>().is_none() {
                    let contents = vm.get_buffer(v, false)?;
                    kept = vm.new_bytes(&contents.contiguous_bytes())?.value();
                }
                None
            }
            _ if v.cast::<Str>().is_none() => Some("str"),
            _ => None,
        };
        match expected {
            Some(kind) => {
                return Err(vm.type_error(format!(
                    "argument {} must be {kind}, not {}",
                    i + 1,
                    vm.class_of(v).name_string()
                )));
            }
            None => set_field(vm, e, name, kept),
        }
    }
    Ok(Value::NONE)
}

pub(super) fn unicode_encode_error_init(
    vm: &Vm,
    args: &[Value],
    names: Option<Gc<Tuple>>,
) -> Result {
    unicode_init(
        vm,
        args,
        names,
        &["encoding", "object", "start", "end", "reason"],
        "UnicodeEncodeError",
    )
}

pub(super) fn unicode_decode_error_init(
    vm: &Vm,
    args: &[Value],
    names: Option<Gc<Tuple>>,
) -> Result {
    unicode_init(
        vm,
        args,
        names,
        &["encoding", "object", "start", "end", "reason"],
        "UnicodeDecodeError",
    )
}

pub(super) fn unicode_translate_error_init(
    vm: &Vm,
    args: &[Value],
    names: Option<Gc<Tuple>>,
) -> Result {
    unicode_init(
        vm,
        args,
        names,
        &["object", "start", "end", "reason"],
        "UnicodeTranslateError",
    )
}

fn character(c: u32) -> String {
    match c {
        0..=0xFF => format!("\\x{c:02x}"),
        0x100..=0xFFFF => format!("\\u{c:04x}"),
        _ => format!("\\U{c:08x}"),
    }
}

fn unicode_str(vm: &Vm, e: Gc<Exception>, verb: &str, encoding: bool) -> Result {
    let get = |name| get_field(vm, e, name);
    if !has_field(vm, e, "object") {
        return Ok(vm.names.empty.get().value());
    }
    let reason = vm.str(get("reason"))?;
    let codec = if encoding {
        format!("'{}' codec ", vm.str(get("encoding"))?)
    } else {
        String::new()
    };
    // Asked only now: the texts above may have run code that changed it.
    let object = get("object");
    let (known, kind) = match verb {
        "decode" => (object.cast::<Bytes>().is_some(), "bytes"),
        _ => (object.cast::<Str>().is_some(), "string"),
    };
    if !known {
        return Err(vm.type_error(if has_field(vm, e, "object") {
            format!("UnicodeError 'object' attribute must be a {kind}")
        } else {
            "UnicodeError 'object' attribute is not set".to_owned()
        }));
    }
    let (start, end) = (
        get("start").as_int().unwrap_or(0),
        get("end").as_int().unwrap_or(0),
    );
    let length = vm.length(object)? as i64;
    if (0..length).contains(&start) && end == start + 1 {
        let what = match object.cast::<Str>() {
            Some(s) => format!("character '{}'", character(s.char_at(start as usize))),
            None => {
                let byte = vm
                    .get_item(object, vm.new_int(start))?
                    .as_int()
                    .unwrap_or(0);
                format!("byte 0x{byte:02x}")
            }
        };
        return Ok(vm
            .new_str(&format!(
                "{codec}can't {verb} {what} in position {start}: {reason}"
            ))
            .value());
    }
    let unit = if object.cast::<Str>().is_some() {
        "characters"
    } else {
        "bytes"
    };
    Ok(vm
        .new_str(&format!(
            "{codec}can't {verb} {unit} in position {start}-{}: {reason}",
            end - 1
        ))
        .value())
}

pub(super) fn unicode_encode_error_str(vm: &Vm, args: &[Value]) -> Result {
    unicode_str(vm, this(args[0]), "encode", true)
}

pub(super) fn unicode_decode_error_str(vm: &Vm, args: &[Value]) -> Result {
    unicode_str(vm, this(args[0]), "decode", true)
}

pub(super) fn unicode_translate_error_str(vm: &Vm, args: &[Value]) -> Result {
    unicode_str(vm, this(args[0]), "translate", false)
}
