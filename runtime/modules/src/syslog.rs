//! `syslog`: messages for the system's log.

use std::ffi::{CStr, CString};
use std::sync::Mutex;
use taipan_runtime::heap::Gc;
use taipan_runtime::object::{MethodDef, ModuleDef};
use taipan_runtime::types::list::List;
use taipan_runtime::types::module::Module;
use taipan_runtime::types::str::Str;
use taipan_runtime::types::support::{arg_name, c_int_arg};
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Vm};

/// Whether the log is open, and the name it was opened with. There is one log a process, and
/// the system keeps a pointer to that name.
static LOG: Mutex<Log> = Mutex::new(Log {
    open: false,
    name: None,
});

struct Log {
    open: bool,
    name: Option<CString>,
}

fn log() -> std::sync::MutexGuard<'static, Log> {
    LOG.lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn c_text(vm: &Vm, v: Value, what: &str) -> Result<CString> {
    if v.cast::<Str>().is_none() {
        return Err(vm.type_error(format!("{what} must be str, not {}", arg_name(vm, v))));
    }
    Ok(crate::posix::path(vm, v)?.text)
}

/// The script's name, which messages carry if the program gives none.
fn script(vm: &Vm) -> Result<Option<CString>> {
    let arguments = vm.import_attr("sys", "argv")?.cast::<List>();
    let Some(first) = arguments
        .and_then(|list| list.get(0))
        .filter(|v| v.cast::<Str>().is_some())
    else {
        return Ok(None);
    };
    let path = crate::posix::path(vm, first)?.text.into_bytes();
    let name = path.rsplit(|b| *b == b'/').next().unwrap_or(&[]);
    Ok(CString::new(name).ok().filter(|name| !name.is_empty()))
}

fn open(vm: &Vm, name: Option<CString>, options: i32, facility: i32) -> Result<()> {
    let name = match name {
        Some(name) => Some(name),
        None => script(vm)?,
    };
    if vm.is_audited() {
        let ident = match &name {
            Some(name) => vm.str_from_os(name.to_bytes())?.value(),
            None => Value::NONE,
        };
        let about = [
            ident,
            vm.new_int(options.into()),
            vm.new_int(facility.into()),
        ];
        vm.audit("syslog.openlog", &about)?;
    }
    let mut log = log();
    let pointer = name.as_deref().map_or(std::ptr::null(), CStr::as_ptr);
    // SAFETY: the name is kept for as long as the system has a pointer to it.
    unsafe { libc::openlog(pointer, options, facility) };
    log.name = name;
    log.open = true;
    Ok(())
}

fn openlog(vm: &Vm, args: &[Value]) -> Result {
    let name = match args[0].given() {
        Some(v) => Some(c_text(vm, v, "openlog() argument 'ident'")?),
        None => None,
    };
    let number = |v: Value, default: i32| match v.given() {
        Some(v) => Ok(c_int_arg(vm, v)? as i32),
        None => Ok(default),
    };
    let (options, facility) = (number(args[1], 0)?, number(args[2], libc::LOG_USER)?);
    open(vm, name, options, facility)?;
    Ok(Value::NONE)
}

fn syslog(vm: &Vm, args: &[Value], _: Option<Gc<taipan_runtime::types::tuple::Tuple>>) -> Result {
    let (priority, message) = match args {
        [message] => (libc::LOG_INFO, c_text(vm, *message, "syslog() argument 1")?),
        [priority, message] => (
            c_int_arg(vm, *priority)? as i32,
            c_text(vm, *message, "syslog() argument 2")?,
        ),
        _ => return Err(vm.type_error("syslog.syslog requires 1 to 2 arguments")),
    };
    if vm.is_audited() {
        let text = vm.str_from_os(message.to_bytes())?.value();
        vm.audit("syslog.syslog", &[vm.new_int(priority.into()), text])?;
    }
    if !log().open {
        open(vm, None, 0, libc::LOG_USER)?;
    }
    // SAFETY: format and message end in NUL.
    vm.allow_threads(|| unsafe { libc::syslog(priority, c"%s".as_ptr(), message.as_ptr()) });
    Ok(Value::NONE)
}

fn closelog(vm: &Vm, _: &[Value]) -> Result {
    vm.audit("syslog.closelog", &[])?;
    let mut log = log();
    if log.open {
        // SAFETY: a plain call; the name is dropped afterwards.
        unsafe { libc::closelog() };
        log.name = None;
        log.open = false;
    }
    Ok(Value::NONE)
}

fn setlogmask(vm: &Vm, args: &[Value]) -> Result {
    let mask = c_int_arg(vm, args[0])? as i32;
    vm.audit("syslog.setlogmask", &[vm.new_int(mask.into())])?;
    // SAFETY: a plain call.
    Ok(vm.new_int(unsafe { libc::setlogmask(mask) }.into()))
}

fn log_mask(vm: &Vm, args: &[Value]) -> Result {
    let priority = c_int_arg(vm, args[0])?;
    Ok(vm.new_int(1i32.wrapping_shl(priority as u32).into()))
}

fn log_upto(vm: &Vm, args: &[Value]) -> Result {
    let priority = c_int_arg(vm, args[0])?;
    let mask = 1i32.wrapping_shl(priority as u32 + 1).wrapping_sub(1);
    Ok(vm.new_int(mask.into()))
}

/// Says which name a constant has.
macro_rules! constants {
    ($($name:ident)*) => {
        &[$((stringify!($name), libc::$name),)*]
    };
}

const CONSTANTS: &[(&str, i32)] = constants! {
    LOG_ALERT LOG_AUTH LOG_AUTHPRIV LOG_CONS LOG_CRIT LOG_CRON LOG_DAEMON LOG_DEBUG LOG_EMERG
    LOG_ERR LOG_FTP LOG_INFO LOG_KERN LOG_LOCAL0 LOG_LOCAL1 LOG_LOCAL2 LOG_LOCAL3 LOG_LOCAL4
    LOG_LOCAL5 LOG_LOCAL6 LOG_LOCAL7 LOG_LPR LOG_MAIL LOG_NDELAY LOG_NEWS LOG_NOTICE LOG_NOWAIT
    LOG_ODELAY LOG_PERROR LOG_PID LOG_SYSLOG LOG_USER LOG_UUCP LOG_WARNING
};

/// The module.
pub static SYSLOG: ModuleDef = ModuleDef {
    name: "syslog",
    doc: "",
    functions: &[
        MethodDef::new(
            "openlog",
            "(ident=<unrepresentable>, logoption=0, facility=LOG_USER)",
            "Set logging options of subsequent syslog() calls.",
            openlog,
        ),
        MethodDef::raw(
            "syslog",
            "",
            "syslog([priority=LOG_INFO,] message)\nSend the string message to the system logger.",
            syslog,
        ),
        MethodDef::new(
            "closelog",
            "()",
            "Reset the syslog module values and call the system library closelog().",
            closelog,
        ),
        MethodDef::new(
            "setlogmask",
            "(maskpri, /)",
            "Set the priority mask to maskpri and return the previous mask value.",
            setlogmask,
        ),
        MethodDef::new(
            "LOG_MASK",
            "(pri, /)",
            "Calculates the mask for the individual priority pri.",
            log_mask,
        ),
        MethodDef::new(
            "LOG_UPTO",
            "(pri, /)",
            "Calculates the mask for all priorities up to and including pri.",
            log_upto,
        ),
    ],
    types: &[],
    exec: Some(|vm: &Vm, module: Gc<Module>| {
        for (name, value) in CONSTANTS {
            module.set(vm, name, vm.new_int((*value).into()));
        }
        Ok(())
    }),
};
