//! Exceptions as people see them.

use taipan_runtime::types::exception::Exception;
use taipan_runtime::types::exception::Traceback;
use taipan_runtime::types::exception::classes as exc;
use taipan_runtime::{Result, Value, Vm};

/// Prints an exception with its traceback to `sys.stderr`, as `sys.excepthook` does.
pub fn print_exception(vm: &Vm, e: Value) {
    if vm.finalizing.get() {
        // As in CPython, where the modules are gone by then.
        complain(plain(vm, e).trim_end_matches('\n'));
        vm.clear_raised();
        return;
    }
    let stderr = vm
        .sys_dict
        .get()
        .and_then(|d| d.get_str(vm.names.stderr.get()));
    if stderr.is_some_and(|f| f.is_none()) {
        return;
    }
    let printed = || -> Result<()> {
        let print = vm.import_attr("traceback", "_print_exception_bltin")?;
        vm.call(print, &[e])?;
        Ok(())
    };
    if printed().is_err() {
        vm.clear_raised();
        complain(plain(vm, e).trim_end_matches('\n'));
        vm.clear_raised();
    }
}

/// A plain rendering, when the module `traceback` cannot be used.
fn plain(vm: &Vm, e: Value) -> String {
    let mut out = String::new();
    let Some(x) = e.cast::<Exception>() else {
        return out;
    };
    let mut tb = x.traceback.get().and_then(|t| t.cast::<Traceback>());
    if tb.is_some() {
        out.push_str("Traceback (most recent call last):\n");
    }
    while let Some(t) = tb {
        if let Some(f) = t.frame.get() {
            let line = f
                .code
                .line_of(t.lasti as u32 / 2)
                .map_or("?".to_owned(), |l| l.to_string());
            out.push_str(&format!(
                "  File \"{}\", line {line}, in {}\n",
                f.code.filename.get(),
                f.code.qualname
            ));
        }
        tb = t.next.get().and_then(|n| n.cast::<Traceback>());
    }
    let name = vm.class_of(e).name_string();
    match vm.str(e) {
        Ok(s) if !s.is_empty() => out.push_str(&format!("{name}: {s}\n")),
        _ => {
            vm.clear_raised();
            out.push_str(&format!("{name}\n"));
        }
    }
    out
}

/// Takes the frames of start-up code off the head of a traceback.
pub fn hide_startup(e: Value) {
    let Some(x) = e.cast::<Exception>() else {
        return;
    };
    while let Some(tb) = x.traceback.get().and_then(|t| t.cast::<Traceback>()) {
        let ours = tb.frame.get().is_some_and(|f| {
            f.code
                .filename
                .get()
                .to_text()
                .ends_with("/_taipan_startup.py")
        });
        if !ours {
            break;
        }
        match tb.next.get() {
            Some(next) => x.traceback.set(&x.header, next),
            None => x.traceback.clear(),
        }
    }
}

/// Reports an exception that nobody caught by `sys.excepthook`.
pub fn uncaught(vm: &Vm, e: Value) {
    if let Some(sys) = vm.sys_dict.get() {
        sys.set_str(vm, vm.names.last_exc.get(), e);
        sys.set_str(vm, vm.names.last_value.get(), e);
        sys.set_str(vm, vm.names.last_type.get(), vm.class_of(e).value());
        let tb = e
            .cast::<Exception>()
            .map_or(Value::NONE, |x| x.traceback.or_none());
        sys.set_str(vm, vm.names.last_traceback.get(), tb);
        if let Some(hook) = sys.get_str(vm.names.excepthook.get()) {
            let args = [vm.class_of(e).value(), e, tb];
            let audited = vm.audit("sys.excepthook", &[hook, args[0], e, tb]);
            match audited.and_then(|()| vm.call(hook, &args)) {
                Ok(_) => return,
                // An audit hook may keep the program's hook from running, quietly.
                Err(_) if audited.is_err() && vm.raised_is_def(&exc::RUNTIME_ERROR) => {
                    vm.clear_raised();
                    return;
                }
                Err(_) => {}
            }
            let second = vm.take_raised();
            if vm
                .class_of(second)
                .is_subclass_of(vm.exception_class(&exc::SYSTEM_EXIT))
            {
                vm.raise_again(second);
                return;
            }
            complain("Error in sys.excepthook:");
            print_exception(vm, second);
            complain("\nOriginal exception was:");
        } else {
            complain("sys.excepthook is missing");
        }
    }
    print_exception(vm, e);
}

/// The exit status that SystemExit asks for; prints its message if it has one.
pub fn exit_status(vm: &Vm, e: Value) -> i32 {
    let code = match e.cast::<Exception>() {
        Some(x) => exc::get_field(vm, x, "code"),
        None => Value::NONE,
    };
    if code.is_none() {
        return 0;
    }
    if let Some(i) = code.as_int_ref() {
        return match i {
            taipan_runtime::types::int::IntRef::Small(i) => i as i32,
            taipan_runtime::types::int::IntRef::Big(_) => -1,
        };
    }
    let text = vm.str(code);
    let stderr = vm
        .sys_dict
        .get()
        .and_then(|d| d.get_str(vm.names.stderr.get()))
        .filter(|s| !s.is_none());
    if let Ok(text) = text {
        let end = vm.new_str("\n").value();
        let write = |f: Value| {
            vm.call_method(f, "write", &[text.value()])?;
            vm.call_method(f, "write", &[end])
        };
        match stderr {
            Some(f) if write(f).is_ok() => {}
            _ => {
                vm.clear_raised();
                complain(&text.to_text());
            }
        }
    }
    1
}

/// Writes a line to the standard error stream, where there is nobody to tell if that fails.
pub fn complain(line: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stderr(), "{line}");
}
