//! The module `sys`.

use crate::paths;
use taipan_runtime::heap::{Gc, Generation};
use taipan_runtime::object::{ClassFlags, MethodDef, ModuleDef};
use taipan_runtime::types::exception::Exception;
use taipan_runtime::types::exception::classes as exc;
use taipan_runtime::types::frame::Frame;
use taipan_runtime::types::module::Module;
use taipan_runtime::types::str::Str;
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::vm::Settings;
use taipan_runtime::{Result, Value, Vm};

fn exit(vm: &Vm, args: &[Value]) -> Result {
    let class = vm.exception_class(&exc::SYSTEM_EXIT);
    let code = args[0].given().unwrap_or(Value::NONE);
    Err(match code.cast::<Tuple>() {
        Some(t) => vm.raise_new(class, t.as_slice()),
        None if code.is_none() => vm.raise_new(class, &[]),
        None => vm.raise_new(class, &[code]),
    })
}

fn exc_info(vm: &Vm, _: &[Value]) -> Result {
    let parts = match vm.handled_exception() {
        Some(e) => {
            let tb = e
                .cast::<Exception>()
                .map_or(Value::NONE, |x| x.traceback.or_none());
            [vm.class_of(e).value(), e, tb]
        }
        None => [Value::NONE; 3],
    };
    Ok(vm.new_tuple(&parts)?.value())
}

fn exception(vm: &Vm, _: &[Value]) -> Result {
    Ok(vm.handled_exception().unwrap_or(Value::NONE))
}

fn getframe(vm: &Vm, args: &[Value]) -> Result {
    let mut depth = args[0].given().map_or(Ok(0), |d| vm.to_i64(d))?;
    let mut at = vm.current_frame();
    while depth > 0 {
        at = at.and_then(Frame::caller);
        depth -= 1;
    }
    match at {
        Some(f) => {
            let frame = vm.frame_object(f).value();
            vm.audit("sys._getframe", &[frame])?;
            Ok(frame)
        }
        None => Err(vm.value_error("call stack is not deep enough")),
    }
}

fn getframemodulename(vm: &Vm, args: &[Value]) -> Result {
    let mut depth = args[0].given().map_or(Ok(0), |d| vm.to_i64(d))?;
    vm.audit("sys._getframemodulename", &[vm.new_int(depth)])?;
    let mut at = vm.current_frame();
    while depth > 0 {
        at = at.and_then(Frame::caller);
        depth -= 1;
    }
    Ok(at
        .and_then(|f| f.function.module.get())
        .unwrap_or(Value::NONE))
}

fn intern(vm: &Vm, args: &[Value]) -> Result {
    match args[0].cast::<Str>() {
        Some(s) if s.class() == vm.types.str.get() => Ok(vm.intern_str(s).value()),
        _ => Err(vm.type_error(format!(
            "can't intern {}",
            vm.class_of(args[0]).qualified_name()
        ))),
    }
}

fn getrecursionlimit(vm: &Vm, _: &[Value]) -> Result {
    Ok(vm.new_int(vm.recursion_setting.get().into()))
}

fn setrecursionlimit(vm: &Vm, args: &[Value]) -> Result {
    let limit = vm.to_i64(args[0])?;
    if limit < 1 {
        return Err(vm.value_error("recursion limit must be greater or equal than 1"));
    }
    let Ok(limit) = u32::try_from(limit) else {
        return Err(vm.overflow_error("Python int too large to convert to C int"));
    };
    let depth = vm.call_depth();
    if depth >= limit {
        return Err(vm.recursion_error(format!(
            "cannot set the recursion limit to {limit} at the recursion depth {depth}: the limit is too low",
        )));
    }
    vm.set_recursion_limit(limit);
    Ok(Value::NONE)
}

fn getsizeof(vm: &Vm, args: &[Value]) -> Result {
    let v = args[0];
    let class = vm.class_of(v);
    let found = vm.find_attr(class.value(), vm.names.__sizeof__.get())?;
    let size = match found {
        Some(f) => vm.call(f, &[v])?,
        None => match args[1].given() {
            Some(default) => return Ok(default),
            None => {
                return Err(vm.type_error(format!(
                    "Type {} doesn't define __sizeof__",
                    class.qualified_name()
                )));
            }
        },
    };
    match size.as_int_ref() {
        Some(i) if i.is_negative() => Err(vm.value_error("__sizeof__() should return >= 0")),
        Some(_) => Ok(size),
        None => match args[1].given() {
            Some(default) => Ok(default),
            None => Err(vm.type_error("an integer is required")),
        },
    }
}

/// Counts the references to an object that a walk of the heap finds, plus those
/// that CPython would count on its stack.
fn getrefcount(vm: &Vm, args: &[Value]) -> Result {
    let v = args[0];
    if !v.is_object() {
        return Ok(Value::small_int(i64::from(u32::MAX)));
    }
    let mut count = 0i64;
    for object in vm.heap.objects() {
        count += vm
            .heap
            .references_of(object)
            .iter()
            .filter(|r| **r == v)
            .count() as i64;
    }
    let mut at = vm.current_frame();
    while let Some(f) = at {
        let slots = f.code.locals_plus as usize;
        count += (0..slots).filter(|i| f.slot(*i) == Some(v)).count() as i64;
        // SAFETY: calling activations outlive those they called.
        at = unsafe { f.previous.get().as_ref() };
    }
    // The argument counts, unless it was borrowed from a local variable of the caller.
    let borrowed = vm.current_frame().is_some_and(|f| {
        f.code.has(taipan_bytecode::CodeFlags::OPTIMIZED)
            && (0..f.code.locals_plus as usize).any(|i| f.slot(i) == Some(v))
    });
    Ok(vm.new_int(count + i64::from(!borrowed)))
}

fn displayhook(vm: &Vm, args: &[Value]) -> Result {
    if args[0].is_none() {
        return Ok(Value::NONE);
    }
    let builtins = vm.builtins_dict();
    let underscore = vm.intern("_");
    builtins.set_str(vm, underscore, Value::NONE);
    let stdout = vm
        .sys_dict
        .get()
        .and_then(|d| d.get_str(vm.names.stdout.get()));
    let Some(stdout) = stdout.filter(|s| !s.is_none()) else {
        return Err(vm.runtime_error("lost sys.stdout"));
    };
    let text = vm.repr(args[0])?;
    let written = vm.call_method(stdout, "write", &[text.value()]);
    if written.is_err() && vm.raised_is_def(&exc::UNICODE_ENCODE_ERROR) {
        vm.clear_raised();
        let text = vm.ascii(args[0])?;
        vm.call_method(stdout, "write", &[text.value()])?;
    } else {
        written?;
    }
    vm.call_method(stdout, "write", &[vm.new_str("\n").value()])?;
    builtins.set_str(vm, underscore, args[0]);
    Ok(Value::NONE)
}

fn excepthook(vm: &Vm, args: &[Value]) -> Result {
    if args[1].cast::<Exception>().is_none() {
        let text = format!(
            "TypeError: print_exception(): Exception expected for value, {} found\n",
            vm.type_name(args[1])
        );
        let stderr = vm.import_attr("sys", "stderr")?;
        vm.call_method(stderr, "write", &[vm.new_str(&text).value()])?;
        return Ok(Value::NONE);
    }
    crate::report::print_exception(vm, args[1]);
    Ok(Value::NONE)
}

fn unraisablehook(vm: &Vm, args: &[Value]) -> Result {
    if vm.class_of(args[0]).value() != vm.import_attr("_taipan_structs", "UnraisableHookArgs")? {
        return Err(vm.type_error("sys.unraisablehook argument type must be UnraisableHookArgs"));
    }
    let get = |name: &str| vm.get_attr_str(args[0], name);
    let (e, message, object) = (get("exc_value")?, get("err_msg")?, get("object")?);
    let stderr = vm
        .sys_dict
        .get()
        .and_then(|d| d.get_str(vm.names.stderr.get()));
    let Some(stderr) = stderr.filter(|s| !s.is_none()) else {
        return Ok(Value::NONE);
    };
    let shown = if object.is_none() {
        None
    } else {
        Some(match vm.repr(object) {
            Ok(s) => s.to_text(),
            Err(_) => {
                vm.clear_raised();
                "<object repr() failed>".to_owned()
            }
        })
    };
    let head = match (message.is_none(), shown) {
        (true, None) => String::new(),
        (true, Some(shown)) => format!("Exception ignored in: {shown}\n"),
        (false, None) => format!("{}:\n", vm.str_text(message)?),
        (false, Some(shown)) => format!("{}: {shown}\n", vm.str_text(message)?),
    };
    let write = |text: Value| vm.call_method(stderr, "write", &[text]);
    write(vm.new_str(&head).value())?;
    let parts = [get("exc_type")?, e, get("exc_traceback")?];
    let text = vm.import_attr("_taipan_support", "unraisable_text")?;
    write(vm.call(text, &parts)?)?;
    Ok(Value::NONE)
}

fn breakpointhook(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    let name = std::env::var("PYTHONBREAKPOINT").unwrap_or_default();
    if name == "0" {
        return Ok(Value::NONE);
    }
    let (module, attribute) = match name.rsplit_once('.') {
        Some((m, a)) => (m, a),
        None if name.is_empty() => ("pdb", "set_trace"),
        None => ("builtins", &*name),
    };
    let found = match module {
        "" => Err(vm.import_error("Empty module name")),
        module => vm.import_attr(module, attribute),
    };
    match found {
        Ok(f) => vm.call_with(f, args, names),
        Err(raised)
            if vm.raised_is_def(&exc::IMPORT_ERROR) || vm.raised_is_def(&exc::ATTRIBUTE_ERROR) =>
        {
            let _ = raised;
            vm.clear_raised();
            let text = format!("Ignoring unimportable $PYTHONBREAKPOINT: \"{name}\"");
            let category = vm.exception_class(&exc::RUNTIME_WARNING).value();
            let warn = vm.import_attr("warnings", "warn")?;
            vm.call(warn, &[vm.new_str(&text).value(), category])
        }
        Err(raised) => Err(raised),
    }
}

fn getdefaultencoding(vm: &Vm, _: &[Value]) -> Result {
    Ok(vm.intern("utf-8").value())
}

fn getfilesystemencodeerrors(vm: &Vm, _: &[Value]) -> Result {
    Ok(vm.intern("surrogateescape").value())
}

fn get_int_max_str_digits(vm: &Vm, _: &[Value]) -> Result {
    Ok(vm.new_int(vm.settings.borrow().int_max_str_digits.into()))
}

fn set_int_max_str_digits(vm: &Vm, args: &[Value]) -> Result {
    let n = vm.to_i64(args[0])?;
    if n != 0 && n < 640 {
        return Err(vm.value_error("maxdigits must be 0 or larger than 640"));
    }
    vm.settings.borrow_mut().int_max_str_digits = n as u32;
    Ok(Value::NONE)
}

fn clear_type_descriptors(vm: &Vm, args: &[Value]) -> Result {
    use taipan_runtime::object::Class;
    let Some(class) = args[0].cast::<Class>() else {
        return Err(vm.type_error("argument must be a type"));
    };
    if class.has_flag(ClassFlags::IMMUTABLE) {
        return Err(vm.type_error("argument is immutable"));
    }
    for name in [vm.names.__dict__.get(), vm.names.__weakref__.get()] {
        class.delete_attribute(vm, name);
    }
    Ok(Value::NONE)
}

/// What `-X cpu_count` says, or -1.
fn cpu_count_config(vm: &Vm, _: &[Value]) -> Result {
    let n = vm.settings.borrow().cpu_count.unwrap_or(-1);
    Ok(vm.new_int(n.into()))
}

fn unicode_interned_size(vm: &Vm, _: &[Value], _: Option<Gc<Tuple>>) -> Result {
    Ok(vm.new_uint(vm.interned.borrow().len() as u64))
}

fn is_finalizing(vm: &Vm, _: &[Value]) -> Result {
    Ok(Value::bool(vm.finalizing.get()))
}

fn set_script_path(vm: &Vm, args: &[Value]) -> Result {
    vm.settings.borrow_mut().script_path = Some(vm.str_text(args[0])?);
    Ok(Value::NONE)
}

/// There is no interface for remote debuggers.
fn is_remote_debug_enabled(_: &Vm, _: &[Value]) -> Result {
    Ok(Value::FALSE)
}

fn is_gil_enabled(_: &Vm, _: &[Value]) -> Result {
    Ok(Value::TRUE)
}

fn is_interned(vm: &Vm, args: &[Value]) -> Result {
    match args[0].cast::<Str>() {
        Some(s) => Ok(Value::bool(s.is_interned())),
        None => Err(vm.type_error(format!(
            "_is_interned() argument must be str, not {}",
            vm.type_name(args[0])
        ))),
    }
}

fn getswitchinterval(vm: &Vm, _: &[Value]) -> Result {
    Ok(Value::float(vm.switch_interval.get()))
}

fn settrace(vm: &Vm, args: &[Value]) -> Result {
    vm.audit("sys.settrace", &[])?;
    vm.thread()
        .trace_function
        .set(Some(args[0]).filter(|f| !f.is_none()));
    vm.update_tracing();
    Ok(Value::NONE)
}

fn gettrace(vm: &Vm, _: &[Value]) -> Result {
    Ok(vm.thread().trace_function.get().unwrap_or(Value::NONE))
}

fn setprofile(vm: &Vm, args: &[Value]) -> Result {
    vm.audit("sys.setprofile", &[])?;
    vm.thread()
        .profile_function
        .set(Some(args[0]).filter(|f| !f.is_none()));
    vm.update_tracing();
    Ok(Value::NONE)
}

fn getprofile(vm: &Vm, _: &[Value]) -> Result {
    Ok(vm.thread().profile_function.get().unwrap_or(Value::NONE))
}

fn get_coroutine_origin_tracking_depth(vm: &Vm, _: &[Value]) -> Result {
    Ok(vm.new_int(vm.thread().coroutine_origin_depth.get().into()))
}

fn set_coroutine_origin_tracking_depth(vm: &Vm, args: &[Value]) -> Result {
    let depth = vm.to_i64(args[0])?;
    if depth < 0 {
        return Err(vm.value_error("depth must be >= 0"));
    }
    vm.thread().coroutine_origin_depth.set(depth as u32);
    Ok(Value::NONE)
}

fn get_asyncgen_hooks(vm: &Vm, _: &[Value]) -> Result {
    let t = vm.thread();
    let parts = [
        t.asyncgen_firstiter.get().unwrap_or(Value::NONE),
        t.asyncgen_finalizer.get().unwrap_or(Value::NONE),
    ];
    let class = vm.import_attr("_taipan_structs", "asyncgen_hooks")?;
    let parts = vm.new_tuple(&parts)?.value();
    vm.call(class, &[parts])
}

fn set_asyncgen_hooks(vm: &Vm, args: &[Value]) -> Result {
    let t = vm.thread();
    for (v, name) in [(args[0], "firstiter"), (args[1], "finalizer")] {
        if let Some(f) = v.given_not_none()
            && !vm.is_callable(f)
        {
            return Err(vm.type_error(format!(
                "callable {name} expected, got {}",
                vm.class_of(f).qualified_name()
            )));
        }
    }
    if let Some(f) = args[0].given() {
        t.asyncgen_firstiter.set(Some(f).filter(|f| !f.is_none()));
    }
    if let Some(f) = args[1].given() {
        t.asyncgen_finalizer.set(Some(f).filter(|f| !f.is_none()));
    }
    Ok(Value::NONE)
}

fn current_frames(vm: &Vm, _: &[Value]) -> Result {
    let dict = vm.new_dict();
    for t in vm.threads.borrow().iter() {
        // SAFETY: the thread waits for the lock, or is this one.
        if let Some(f) = unsafe { t.frame.get().as_ref() } {
            dict.set(vm, vm.new_uint(t.ident), vm.frame_object(f).value())?;
        }
    }
    Ok(dict.value())
}

fn getallocatedblocks(vm: &Vm, _: &[Value]) -> Result {
    Ok(vm.new_int((vm.heap.used_bytes() / 64) as i64))
}

fn clear_caches(vm: &Vm, _: &[Value]) -> Result {
    vm.lookup_cache.clear();
    vm.heap.collect(Generation::Young);
    Ok(Value::NONE)
}

fn clear_type_cache(vm: &Vm, args: &[Value]) -> Result {
    let text = "sys._clear_type_cache() is deprecated and may be removed in a future version of \
                Python. Use sys._clear_internal_caches() instead.";
    let category = vm.exception_class(&exc::DEPRECATION_WARNING).value();
    let warn = vm.import_attr("_warnings", "warn")?;
    vm.call(warn, &[vm.new_str(text).value(), category])?;
    clear_caches(vm, args)
}

fn current_exceptions(vm: &Vm, _: &[Value]) -> Result {
    let dict = vm.new_dict();
    for t in vm.threads.borrow().iter() {
        let handled = t.handled.get().unwrap_or(Value::NONE);
        dict.set(vm, vm.new_uint(t.ident), handled)?;
    }
    Ok(dict.value())
}

/// What CPython never frees: singletons, small integers, static types, and the
/// shortest strings and tuples.
fn is_immortal(_: &Vm, args: &[Value]) -> Result {
    use taipan_runtime::object::Class;
    use taipan_runtime::types::bytes::Bytes;
    let v = args[0];
    let short = |s: Gc<Str>| s.is_empty() || s.code_points().count() == 1;
    Ok(Value::bool(if let Some(i) = v.as_int() {
        (-5..=256).contains(&i)
    } else if let Some(s) = v.cast::<Str>() {
        short(s)
    } else if let Some(b) = v.cast::<Bytes>() {
        b.as_slice().len() < 2
    } else if let Some(t) = v.cast::<Tuple>() {
        t.is_empty()
    } else if let Some(c) = v.cast::<Class>() {
        !c.has_flag(ClassFlags::HEAP)
    } else {
        !v.is_object() && v.as_float().is_none()
    }))
}

fn call_tracing(vm: &Vm, args: &[Value]) -> Result {
    match args[1].cast::<Tuple>() {
        Some(t) => {
            // Within a tracing function or a callback of `sys.monitoring`: what is called is traced.
            let outer = vm.thread().tracing.replace(false);
            let result = vm.call(args[0], t.as_slice());
            vm.thread().tracing.set(outer);
            result
        }
        None => Err(vm.type_error(format!(
            "call_tracing() argument 2 must be tuple, not {}",
            vm.type_name(args[1])
        ))),
    }
}

fn set_switch_interval(vm: &Vm, args: &[Value]) -> Result {
    let seconds = vm.to_float(args[0])?;
    if seconds <= 0.0 {
        return Err(vm.value_error("switch interval must be strictly positive"));
    }
    vm.switch_interval.set(seconds);
    Ok(Value::NONE)
}

fn audit(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    if names.is_some_and(|n| !n.is_empty()) {
        return Err(vm.type_error("sys.audit() takes no keyword arguments"));
    }
    let Some((event, about)) = args.split_first() else {
        return Err(vm.type_error("audit expected at least 1 argument, got 0"));
    };
    let Some(name) = event.cast::<Str>() else {
        let got = vm.type_name(*event);
        return Err(vm.type_error(format!("audit() argument 1 must be str, not {got}")));
    };
    if name.code_points().any(|c| c == 0) {
        return Err(vm.value_error("embedded null character"));
    }
    if vm.is_audited() {
        vm.call_audit_hooks(*event, about)?;
    }
    Ok(Value::NONE)
}

fn addaudithook(vm: &Vm, args: &[Value]) -> Result {
    vm.add_audit_hook(args[0])?;
    Ok(Value::NONE)
}

const fn f(
    name: &'static str,
    signature: &'static str,
    doc: &'static str,
    code: fn(&Vm, &[Value]) -> Result,
) -> MethodDef {
    MethodDef::new(name, signature, doc, code)
}

/// The module `sys`.
pub static SYS: ModuleDef = ModuleDef {
    name: "sys",
    doc: "This module provides access to some objects used or maintained by the\ninterpreter and to functions that interact strongly with the interpreter.",
    functions: &[
        f(
            "exit",
            "(status=None, /)",
            "Exit the interpreter by raising SystemExit(status).",
            exit,
        ),
        f(
            "exc_info",
            "()",
            "Return current exception information: (type, value, traceback).",
            exc_info,
        ),
        f(
            "exception",
            "()",
            "Return the current exception.",
            exception,
        ),
        f(
            "_getframe",
            "(depth=0, /)",
            "Return a frame object from the call stack.",
            getframe,
        ),
        f(
            "_getframemodulename",
            "(depth=0)",
            "Return the name of the module for a calling frame.",
            getframemodulename,
        ),
        f(
            "intern",
            "(string, /)",
            "``Intern'' the given string.",
            intern,
        ),
        f(
            "getrecursionlimit",
            "()",
            "Return the current value of the recursion limit.",
            getrecursionlimit,
        ),
        f(
            "setrecursionlimit",
            "(limit, /)",
            "Set the maximum depth of the Python interpreter stack to n.",
            setrecursionlimit,
        ),
        f(
            "getsizeof",
            "(object, default=<unset>)",
            "Return the size of object in bytes.",
            getsizeof,
        ),
        f(
            "getrefcount",
            "(object, /)",
            "Return the reference count of object.",
            getrefcount,
        ),
        f(
            "displayhook",
            "(object, /)",
            "Print an object to sys.stdout and also save it in builtins._",
            displayhook,
        ),
        f(
            "excepthook",
            "(exctype, value, traceback, /)",
            "Handle an exception by displaying it with a traceback on sys.stderr.",
            excepthook,
        ),
        f(
            "unraisablehook",
            "(unraisable, /)",
            "Handle an unraisable exception.",
            unraisablehook,
        ),
        MethodDef::raw(
            "breakpointhook",
            "(*args, **kws)",
            "This hook function is called by built-in breakpoint().",
            breakpointhook,
        ),
        f(
            "getdefaultencoding",
            "()",
            "Return the current default encoding used by the Unicode implementation.",
            getdefaultencoding,
        ),
        f(
            "getfilesystemencoding",
            "()",
            "Return the encoding used to convert Unicode filenames to OS filenames.",
            getdefaultencoding,
        ),
        f(
            "getfilesystemencodeerrors",
            "()",
            "Return the error mode used for Unicode to OS filename conversion.",
            getfilesystemencodeerrors,
        ),
        f(
            "get_int_max_str_digits",
            "()",
            "Return the maximum string digits limit for non-binary int<->str conversions.",
            get_int_max_str_digits,
        ),
        f(
            "set_int_max_str_digits",
            "(maxdigits)",
            "Set the maximum string digits limit for non-binary int<->str conversions.",
            set_int_max_str_digits,
        ),
        f(
            "_clear_type_descriptors",
            "(type, /)",
            "Remove the descriptors of a class about to be replaced.",
            clear_type_descriptors,
        ),
        f(
            "_get_cpu_count_config",
            "()",
            "The value of -X cpu_count.",
            cpu_count_config,
        ),
        MethodDef::raw(
            "getunicodeinternedsize",
            "(*, _only_immortal=False)",
            "Return the number of elements of the unicode interned dictionary.",
            unicode_interned_size,
        ),
        f(
            "is_finalizing",
            "()",
            "Return True if Python is exiting.",
            is_finalizing,
        ),
        f(
            "is_remote_debug_enabled",
            "()",
            "Return True if remote debugging is enabled, False otherwise.",
            is_remote_debug_enabled,
        ),
        f(
            "_set_script_path",
            "(path, /)",
            "Note what was put first on sys.path for the program.",
            set_script_path,
        ),
        f(
            "_is_gil_enabled",
            "()",
            "Return True if the GIL is currently enabled and False if the GIL is disabled.",
            is_gil_enabled,
        ),
        f(
            "_is_interned",
            "(string, /)",
            "Return True if the given string is \"interned\".",
            is_interned,
        ),
        f(
            "getswitchinterval",
            "()",
            "Return the current thread switch interval.",
            getswitchinterval,
        ),
        f(
            "setswitchinterval",
            "(interval, /)",
            "Set the ideal thread switching delay inside the Python interpreter.",
            set_switch_interval,
        ),
        f(
            "settrace",
            "(function, /)",
            "Set the global debug tracing function.",
            settrace,
        ),
        f(
            "gettrace",
            "()",
            "Return the global debug tracing function set with sys.settrace.",
            gettrace,
        ),
        f(
            "setprofile",
            "(function, /)",
            "Set the profiling function.",
            setprofile,
        ),
        f(
            "getprofile",
            "()",
            "Return the profiling function set with sys.setprofile.",
            getprofile,
        ),
        f(
            "get_coroutine_origin_tracking_depth",
            "()",
            "Check status of origin tracking for coroutine objects in this thread.",
            get_coroutine_origin_tracking_depth,
        ),
        f(
            "set_coroutine_origin_tracking_depth",
            "(depth)",
            "Enable or disable origin tracking for coroutine objects in this thread.",
            set_coroutine_origin_tracking_depth,
        ),
        f(
            "get_asyncgen_hooks",
            "()",
            "Return the installed asynchronous generators hooks.",
            get_asyncgen_hooks,
        ),
        f(
            "set_asyncgen_hooks",
            "(firstiter=<same>, finalizer=<same>)",
            "Set asynchronous generators hooks.",
            set_asyncgen_hooks,
        ),
        f(
            "_current_frames",
            "()",
            "Return a dict mapping each thread's thread id to its current stack frame.",
            current_frames,
        ),
        f(
            "getallocatedblocks",
            "()",
            "Return the number of memory blocks currently allocated.",
            getallocatedblocks,
        ),
        f(
            "_clear_internal_caches",
            "()",
            "Clear all internal performance-related caches.",
            clear_caches,
        ),
        f(
            "_clear_type_cache",
            "()",
            "Clear the internal type lookup cache.",
            clear_type_cache,
        ),
        f(
            "_clear_internal_caches",
            "()",
            "Clear all internal performance-related caches.",
            clear_caches,
        ),
        f(
            "_current_exceptions",
            "()",
            "Return a dict mapping each thread's identifier to its current raised exception.",
            current_exceptions,
        ),
        f(
            "_is_immortal",
            "(op, /)",
            "Return True if the given object is \"immortal\" per PEP 683.",
            is_immortal,
        ),
        f(
            "call_tracing",
            "(func, args, /)",
            "Call func(*args), while tracing is enabled.",
            call_tracing,
        ),
        MethodDef::raw(
            "audit",
            "(event, /, *args)",
            "Passes the event to any hooks that are attached.",
            audit,
        ),
        f(
            "addaudithook",
            "(hook)",
            "Adds a new audit hook callback.",
            addaudithook,
        ),
    ],
    types: &[],
    exec: None,
};

/// Sets everything that depends on how the program was started. Needs
/// `_taipan_structs`, so it runs once the import system stands.
pub fn fill(vm: &Vm, module: Gc<Module>) -> Result<()> {
    let settings = vm.settings.borrow().clone();
    let text = |s: &str| vm.new_str(s).value();
    let set = |name: &str, v: Value| module.set(vm, name, v);
    let prefix = paths::prefix(vm);
    // In the form that `platform` reads.
    set("version", text("3.14.0 (Taipan 0.1.0) [Rust]"));
    set("copyright", text("Copyright (c) 2026 The Taipan authors"));
    set("_jit", vm.module_from_def(&super::jit::SYS_JIT)?.value());
    let monitoring = vm.module_from_def(&super::monitoring::MONITORING)?;
    set("monitoring", monitoring.value());
    set("hexversion", vm.new_int(0x030E_00F0));
    set("api_version", vm.new_int(1013));
    set(
        "platform",
        text(if cfg!(target_os = "macos") {
            "darwin"
        } else {
            "linux"
        }),
    );
    set(
        "byteorder",
        text(if cfg!(target_endian = "big") {
            "big"
        } else {
            "little"
        }),
    );
    set("maxsize", vm.new_int(i64::MAX));
    set("maxunicode", vm.new_int(0x10FFFF));
    for name in ["prefix", "exec_prefix", "base_prefix", "base_exec_prefix"] {
        set(name, text(&prefix));
    }
    set("executable", text(&settings.executable));
    set("_base_executable", text(&settings.executable));
    set("_stdlib_dir", text(&paths::stdlib_dir(vm)));
    set("platlibdir", text("lib"));
    set("abiflags", text(""));
    set("float_repr_style", text("short"));
    set(
        "pycache_prefix",
        settings.pycache_prefix.as_deref().map_or(Value::NONE, text),
    );
    set(
        "dont_write_bytecode",
        Value::bool(settings.dont_write_bytecode),
    );
    set(
        "_git",
        vm.new_tuple(&[text("Taipan"), text(""), text("")])?.value(),
    );
    set("_framework", text(""));
    set("_unbuffered", Value::bool(settings.unbuffered));
    set("_faulthandler", Value::bool(settings.faulthandler));
    set("_import_time", vm.new_int(settings.import_time.into()));
    set("ps1", text(">>> "));
    set("ps2", text("... "));
    for name in ["ps1", "ps2"] {
        module.dict().remove_str(vm.intern(name));
    }
    let os_list = |items: &[std::ffi::OsString]| -> Result {
        use std::os::unix::ffi::OsStrExt;
        let mut values = vm.rooted();
        for a in items {
            values.push(vm.str_from_os(a.as_bytes())?.value());
        }
        Ok(vm.new_list(&values)?.value())
    };
    set("argv", os_list(&settings.argv)?);
    set("orig_argv", os_list(&settings.orig_argv)?);
    let mut options = vm.rooted();
    for w in &settings.warn_options {
        options.push(text(w));
    }
    set("warnoptions", vm.new_list(&options)?.value());
    let options = vm.new_dict();
    for (k, v) in &settings.x_options {
        options.set(vm, text(k), v.as_ref().map_or(Value::TRUE, |v| text(v)))?;
    }
    set("_xoptions", options.value());
    let mut names: Vec<&str> = vm.native_modules.borrow().keys().copied().collect();
    names.sort_unstable();
    let builtin_names: Vec<Value> = names.iter().map(|n| vm.intern(n).value()).collect();
    set(
        "builtin_module_names",
        vm.new_tuple(&builtin_names)?.value(),
    );
    let mut library: Vec<&str> = crate::frozen::names()
        .filter(|n| !n.contains('.'))
        .collect();
    library.extend(names);
    library.sort_unstable();
    library.dedup();
    let library: Vec<Value> = library.into_iter().map(|n| vm.intern(n).value()).collect();
    set("stdlib_module_names", vm.new_frozenset(&library)?);
    for name in [
        "displayhook",
        "excepthook",
        "unraisablehook",
        "breakpointhook",
    ] {
        if let Some(v) = module.dict().get_str(vm.intern(name)) {
            set(&format!("__{name}__"), v);
        }
    }
    structs(vm, module, &settings)
}

/// The name and version of the C library's threads; None if it does not tell.
fn thread_library(vm: &Vm) -> Value {
    let mut buffer = [0u8; 64];
    // SAFETY: writes no more than the buffer holds, with a zero at the end.
    let length = unsafe {
        libc::confstr(
            libc::_CS_GNU_LIBPTHREAD_VERSION,
            buffer.as_mut_ptr().cast(),
            buffer.len(),
        )
    };
    match buffer.get(..length.saturating_sub(1)) {
        Some(text) if !text.is_empty() => vm.new_str(&String::from_utf8_lossy(text)).value(),
        _ => Value::NONE,
    }
}

/// The attributes that are named tuples.
fn structs(vm: &Vm, module: Gc<Module>, s: &Settings) -> Result<()> {
    let make = |name: &str, items: &[Value], more: &[Value]| -> Result {
        let class = vm.import_attr("_taipan_structs", name)?;
        let class = class
            .cast::<taipan_runtime::object::Class>()
            .ok_or_else(|| vm.type_error("no class"))?;
        vm.new_struct_sequence(class, items, more)
    };
    let n = |i: i64| vm.new_int(i);
    let b = |x: bool| Value::small_int(x.into());
    let final_ = vm.new_str("final").value();
    let version = make("version_info", &[n(3), n(14), n(0), final_, n(0)], &[])?;
    module.set(vm, "version_info", version);
    vm.class_of(version)
        .set_flag(ClassFlags::NO_INSTANTIATION, true);
    let hash_randomization = s.hash_seed != Some(0);
    let flags = make(
        "flags",
        &[
            b(s.debug),
            b(s.inspect),
            b(s.interactive),
            n(s.optimize.into()),
            b(s.dont_write_bytecode),
            b(s.no_user_site),
            b(s.no_site),
            b(s.ignore_environment),
            n(s.verbose.into()),
            n(s.bytes_warning.into()),
            b(s.quiet),
            b(hash_randomization),
            b(s.isolated),
            Value::bool(s.dev_mode),
            b(s.utf8_mode),
            b(s.warn_default_encoding),
            Value::bool(s.safe_path),
            n(s.int_max_str_digits.into()),
        ],
        &[
            n(1),
            b(s.thread_inherit_context),
            b(s.context_aware_warnings),
        ],
    )?;
    module.set(vm, "flags", flags);
    vm.class_of(flags)
        .set_flag(ClassFlags::NO_INSTANTIATION, true);
    let float_info = make(
        "float_info",
        &[
            Value::float(f64::MAX),
            n(1024),
            n(308),
            Value::float(f64::MIN_POSITIVE),
            n(-1021),
            n(-307),
            n(15),
            n(53),
            Value::float(f64::EPSILON),
            n(2),
            n(1),
        ],
        &[],
    )?;
    module.set(vm, "float_info", float_info);
    module.set(
        vm,
        "int_info",
        make("int_info", &[n(30), n(4), n(4300), n(640)], &[])?,
    );
    let hash_info = make(
        "hash_info",
        &[
            n(64),
            n((1 << 61) - 1),
            n(314_159),
            n(0),
            n(1_000_003),
            vm.new_str("siphash13").value(),
            n(64),
            n(128),
            n(0),
        ],
        &[],
    )?;
    module.set(vm, "hash_info", hash_info);
    let thread_info = make(
        "thread_info",
        &[
            vm.new_str("pthread").value(),
            vm.new_str("semaphore").value(),
            thread_library(vm),
        ],
        &[],
    )?;
    module.set(vm, "thread_info", thread_info);
    module.set(
        vm,
        "UnraisableHookArgs",
        vm.import_attr("_taipan_structs", "UnraisableHookArgs")?,
    );
    let implementation = vm.import_attr("_taipan_structs", "make_implementation")?;
    module.set(vm, "implementation", vm.call(implementation, &[version])?);
    Ok(())
}
