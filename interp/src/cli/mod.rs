//! The command line, as `python3.14 --help` has it.

mod help;
mod values;

use crate::{report, startup};
use std::ffi::{CStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::process::ExitCode;
use taipan_runtime::types::exception::classes as exc;
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::vm::{PycChecks, Settings};
use taipan_runtime::{Result, Value, Vm};
use values::{variable, x_option};

/// What is to be run.
enum Job {
    Command(OsString),
    Module(String),
    File(OsString),
    /// Standard input: interactive on a terminal.
    Stdin,
}

struct Invocation {
    job: Job,
    settings: Settings,
    skip_first_line: bool,
    jit: taipan_jit::Params,
}

const USAGE: &str = "usage: taipan [option] ... [-c cmd | -m mod | file | -] [arg] ...\n";

fn usage_error(message: &str) -> ExitCode {
    report::complain(&format!(
        "{message}\n{USAGE}Try `python -h' for more information."
    ));
    ExitCode::from(2)
}

/// Runs the program; the process's exit status.
pub fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let invocation = match parse(arguments) {
        Ok(i) => i,
        Err(status) => return status,
    };
    let Some(vm) = startup::start(invocation.settings) else {
        report::complain("Fatal Python error: cannot reserve address space");
        return ExitCode::from(1);
    };
    if invocation.jit.enabled {
        taipan_jit::Jit::install(&vm, crate::eval::HOOKS, invocation.jit);
    }
    let status = match startup::initialize(&vm) {
        Ok(()) => run_to_status(&vm, &invocation.job, invocation.skip_first_line),
        Err(_) => {
            let e = vm.take_raised();
            report::print_exception(&vm, e);
            1
        }
    };
    let interrupted = status == INTERRUPTED;
    let status = finish(&vm, status);
    if let Some(jit) = taipan_jit::Jit::of(&vm) {
        jit.log_exits();
    }
    if interrupted {
        die_of_interrupt();
    }
    // What is left is given back by the system; running destructors would gain nothing.
    std::process::exit(status)
}

/// The status of a program that ended by a KeyboardInterrupt nobody caught.
const INTERRUPTED: i32 = 128 + libc::SIGINT;

/// Ends the process by the signal itself, so that whoever waits for it, such as a shell, sees why.
fn die_of_interrupt() {
    // SAFETY: gives the signal its default action and sends it to this process.
    unsafe {
        libc::signal(libc::SIGINT, libc::SIG_DFL);
        libc::kill(libc::getpid(), libc::SIGINT);
    }
}

/// `atexit`, flushing, finalisers; the final status.
fn finish(vm: &Vm, status: i32) -> i32 {
    let call = |name: &str| {
        let f = vm
            .import("_taipan_startup")
            .and_then(|m| vm.get_attr_str(m, name));
        let result = f.and_then(|f| vm.call(f, &[]));
        vm.clear_raised();
        result.ok()
    };
    let mut status = status;
    call("finish");
    let mut flushed = call("flush");
    vm.finalizing.set(true);
    taipan_modules::signal::forget_handlers();
    if crate::safepoint::finalize_all(vm) {
        flushed = flushed.filter(|v| *v == Value::FALSE).or(call("flush"));
    }
    if flushed == Some(Value::FALSE) && status == 0 {
        status = 120;
    }
    status
}

fn run_to_status(vm: &Vm, job: &Job, skip_first_line: bool) -> i32 {
    let prompts = matches!(job, Job::Stdin) && stdin_is_interactive(vm);
    let result = run(vm, job, skip_first_line);
    let inspect = !prompts && {
        let s = vm.settings.borrow();
        // The program may have set the variable.
        (s.inspect || variable(&s, "PYTHONINSPECT").is_some())
            && (s.interactive || stdin_is_interactive(vm))
    };
    let status = match result {
        Ok(status) => status,
        Err(_) => {
            let e = vm.take_raised();
            status_of_exception(vm, e, inspect)
        }
    };
    if !inspect {
        return status;
    }
    let prompt = || {
        let startup = vm.import("_taipan_startup")?;
        vm.call_method(startup, "inspect", &[])
    };
    match prompt() {
        Ok(status) => status.as_int().unwrap_or(0) as i32,
        Err(_) => {
            let e = vm.take_raised();
            status_of_exception(vm, e, false)
        }
    }
}

/// Whether there is somebody to talk to at standard input, or `-i` says so.
fn stdin_is_interactive(vm: &Vm) -> bool {
    // SAFETY: a plain query.
    vm.settings.borrow().interactive || unsafe { libc::isatty(0) } == 1
}

/// Tells of the exception that ended the program; the status. A SystemExit is told of only where
/// a prompt follows, as it exits otherwise.
fn status_of_exception(vm: &Vm, e: Value, stays: bool) -> i32 {
    let is = |v: Value, class| vm.class_of(v).is_subclass_of(vm.exception_class(class));
    if !stays && is(e, &exc::SYSTEM_EXIT) {
        return report::exit_status(vm, e);
    }
    report::hide_startup(e);
    report::uncaught(vm, e);
    let exit = vm.raised_is_def(&exc::SYSTEM_EXIT);
    if let Some(e) = vm.pending() {
        vm.clear_raised();
        // Another error means that the report could not be written.
        if exit {
            return report::exit_status(vm, e);
        }
    }
    if is(e, &exc::KEYBOARD_INTERRUPT) {
        return INTERRUPTED;
    }
    1
}

fn run(vm: &Vm, job: &Job, skip_first_line: bool) -> Result<i32> {
    let startup = vm.import("_taipan_startup")?;
    let text = |s: &str| vm.new_str(s).value();
    let outcome = match job {
        Job::Command(source) => {
            let source = vm.str_from_os(source.as_bytes())?.value();
            vm.call_method(startup, "run_command", &[source])?
        }
        Job::Module(name) => vm.call_method(startup, "run_module", &[text(name)])?,
        Job::File(path) => {
            let path = vm.str_from_os(path.as_bytes())?.value();
            vm.call_method(startup, "run_file", &[path, Value::bool(skip_first_line)])?
        }
        Job::Stdin => vm.call_method(startup, "run_stdin", &[])?,
    };
    if let Some(program) = outcome.cast::<Tuple>().filter(|t| t.len() == 2)
        && let (Some(code), Some(namespace)) = (program.get(0).cast(), program.get(1).cast())
    {
        let function = vm.new_function(code, namespace);
        crate::pages::release_file_pages();
        vm.interpreter().run_code(vm, function, namespace.value())?;
        return Ok(0);
    }
    Ok(outcome.as_int().unwrap_or(0) as i32)
}

fn parse(arguments: Vec<OsString>) -> std::result::Result<Invocation, ExitCode> {
    let mut s = Settings {
        orig_argv: arguments.clone(),
        ..Settings::default()
    };
    s.executable = executable(&arguments);
    let mut job = None;
    let mut argv: Vec<OsString> = Vec::new();
    let mut skip_first_line = false;
    let mut jit_options: Vec<String> = Vec::new();
    let mut at = 1;
    let mut version = 0;
    let mut randomize = false;
    'arguments: while at < arguments.len() {
        let argument = arguments[at].clone();
        let Some(text) = argument
            .to_str()
            .filter(|t| t.starts_with('-') && *t != "-")
        else {
            break;
        };
        at += 1;
        match text {
            "--" => break,
            "--help" => return Err(print_help(&[USAGE, help::OPTIONS])),
            "--help-env" => return Err(print_help(&[help::ENVIRONMENT])),
            "--help-xoptions" => return Err(print_help(&[help::X_OPTIONS])),
            "--help-all" => {
                let parts = [
                    USAGE,
                    help::OPTIONS,
                    "\n",
                    help::ENVIRONMENT,
                    "\n",
                    help::X_OPTIONS,
                ];
                return Err(print_help(&parts));
            }
            "--version" => {
                version = version.max(1);
                continue;
            }
            "--check-hash-based-pycs" => {
                at += 1;
                s.check_hash_based_pycs = match arguments.get(at - 1).and_then(|a| a.to_str()) {
                    Some("default") => PycChecks::Default,
                    Some("always") => PycChecks::Always,
                    Some("never") => PycChecks::Never,
                    Some(_) => {
                        return Err(usage_error(
                            "--check-hash-based-pycs must be one of 'default', 'always', or 'never'",
                        ));
                    }
                    None => {
                        return Err(usage_error(
                            "Argument expected for the --check-hash-based-pycs option",
                        ));
                    }
                };
                continue;
            }
            t if t == "--jit" || t.starts_with("--jit=") => {
                let value = match t.strip_prefix("--jit=") {
                    Some(v) => v.to_owned(),
                    None => {
                        at += 1;
                        arguments
                            .get(at - 1)
                            .map(|v| v.to_string_lossy().into_owned())
                            .unwrap_or_default()
                    }
                };
                jit_options.push(value);
                continue;
            }
            t if t.starts_with("--") => return Err(usage_error(&format!("Unknown option: {t}"))),
            _ => {}
        }
        let flags: Vec<char> = text.chars().skip(1).collect();
        let mut i = 0;
        while i < flags.len() {
            let flag = flags[i];
            i += 1;
            let bytes = |at: &mut usize| -> Option<OsString> {
                let rest: String = flags[i..].iter().collect();
                if !rest.is_empty() {
                    return Some(rest.into());
                }
                *at += 1;
                arguments.get(*at - 1).cloned()
            };
            let value = |at: &mut usize| bytes(at).map(|v| v.to_string_lossy().into_owned());
            match flag {
                'b' => s.bytes_warning += 1,
                'B' => s.dont_write_bytecode = true,
                'd' => s.debug = true,
                'E' => s.ignore_environment = true,
                'h' | '?' => return Err(print_help(&[USAGE, help::OPTIONS])),
                'i' => {
                    s.inspect = true;
                    s.interactive = true;
                }
                'I' => {
                    s.isolated = true;
                    s.ignore_environment = true;
                    s.no_user_site = true;
                    s.safe_path = true;
                }
                'O' => s.optimize = s.optimize.saturating_add(1),
                'P' => s.safe_path = true,
                'q' => s.quiet = true,
                'R' => randomize = true,
                's' => s.no_user_site = true,
                // An option of Python 2.
                't' => {}
                'S' => s.no_site = true,
                'u' => s.unbuffered = true,
                'v' => s.verbose += 1,
                'V' => version += 1,
                'x' => skip_first_line = true,
                'W' => match value(&mut at) {
                    Some(v) => {
                        s.warn_options.push(v);
                        continue 'arguments;
                    }
                    None => return Err(usage_error("Argument expected for the -W option")),
                },
                'X' => match value(&mut at) {
                    Some(v) => {
                        let (k, v) = match v.split_once('=') {
                            Some((k, v)) => (k.to_owned(), Some(v.to_owned())),
                            None => (v, None),
                        };
                        s.x_options.push((k, v));
                        continue 'arguments;
                    }
                    None => return Err(usage_error("Argument expected for the -X option")),
                },
                'c' => match bytes(&mut at) {
                    Some(v) => {
                        job = Some(Job::Command(v));
                        argv.push("-c".into());
                        break 'arguments;
                    }
                    None => return Err(usage_error("Argument expected for the -c option")),
                },
                'm' => match value(&mut at) {
                    Some(v) => {
                        job = Some(Job::Module(v));
                        argv.push("-m".into());
                        break 'arguments;
                    }
                    None => return Err(usage_error("Argument expected for the -m option")),
                },
                other => return Err(usage_error(&format!("Unknown option: -{other}"))),
            }
        }
    }
    if version > 0 {
        println!(
            "Python 3.14.0{}",
            if version > 1 { " (Taipan 0.1.0)" } else { "" }
        );
        return Err(ExitCode::SUCCESS);
    }
    let job = match job {
        Some(job) => {
            argv.extend_from_slice(&arguments[at..]);
            job
        }
        None => match arguments.get(at) {
            None => {
                argv.push("".into());
                Job::Stdin
            }
            Some(a) => {
                argv.extend_from_slice(&arguments[at..]);
                if a == "-" {
                    Job::Stdin
                } else {
                    Job::File(a.clone())
                }
            }
        },
    };
    s.argv = argv;
    let mut read = || -> std::result::Result<(), String> {
        apply_environment(&mut s)?;
        if let Some(seed) = variable(&s, "PYTHONHASHSEED")
            && seed != "random"
            && !randomize
        {
            s.hash_seed = Some(seed.parse().map_err(|_| {
                values::fatal(
                    "config_init_hash_seed: PYTHONHASHSEED must be \"random\" or an integer in range [0; 4294967295]",
                    "preinitialized",
                )
            })?);
        }
        values::apply(&mut s)
    };
    if let Err(message) = read() {
        report::complain(&message);
        return Err(ExitCode::from(1));
    }
    let jit = jit_parameters(&s, &jit_options).map_err(|e| usage_error(&e))?;
    Ok(Invocation {
        jit,
        job,
        settings: s,
        skip_first_line,
    })
}

/// What the environment, then the command line say about the JIT.
fn jit_parameters(
    s: &Settings,
    options: &[String],
) -> std::result::Result<taipan_jit::Params, String> {
    let mut params = taipan_jit::Params::default();
    if variable(s, "PYTHON_JIT").is_some_and(|v| v == "0") {
        params.enabled = false;
    }
    if let Some(text) = variable(s, "TAIPAN_JIT") {
        params.parse(&text)?;
    }
    for text in options {
        params.parse(text)?;
    }
    for (key, value) in &s.x_options {
        if key == "jitlog" {
            params.log = value.as_ref().map(Into::into);
        } else if key == "jitsnapshots" {
            params.log_snapshots = true;
        }
    }
    Ok(params)
}

fn apply_environment(s: &mut Settings) -> std::result::Result<(), String> {
    s.dev_mode = x_option(s, "dev").is_some() || variable(s, "PYTHONDEVMODE").is_some();
    s.no_debug_ranges =
        x_option(s, "no_debug_ranges").is_some() || variable(s, "PYTHONNODEBUGRANGES").is_some();
    let is_c_locale = set_locale();
    s.utf8_mode = values::utf8_mode(s)?.unwrap_or(is_c_locale);
    if is_c_locale {
        coerce_locale(s);
    }
    let given = |s: &Settings, name: &str| variable(s, name).is_some();
    let number = |s: &Settings, name: &str| {
        variable(s, name).map_or(0, |v| v.parse::<u8>().unwrap_or(1).max(1))
    };
    s.optimize = s.optimize.max(number(s, "PYTHONOPTIMIZE"));
    s.verbose = s.verbose.max(number(s, "PYTHONVERBOSE"));
    s.dont_write_bytecode |= given(s, "PYTHONDONTWRITEBYTECODE");
    s.unbuffered |= given(s, "PYTHONUNBUFFERED");
    s.no_user_site |= given(s, "PYTHONNOUSERSITE");
    s.inspect |= given(s, "PYTHONINSPECT");
    s.debug |= given(s, "PYTHONDEBUG");
    s.safe_path |= given(s, "PYTHONSAFEPATH");
    if let Some(w) = variable(s, "PYTHONWARNINGS") {
        let mut all: Vec<String> = w.split(',').map(str::to_owned).collect();
        all.append(&mut s.warn_options);
        s.warn_options = all;
    }
    if s.bytes_warning > 0 {
        let level = if s.bytes_warning > 1 {
            "error::BytesWarning"
        } else {
            "default::BytesWarning"
        };
        s.warn_options.push(level.to_owned());
    }
    if s.dev_mode {
        s.warn_options.insert(0, "default".to_owned());
    }
    Ok(())
}

/// Takes the locale of texts from the environment: whether that is the locale of C, also since
/// the one asked for does not exist (PEP 540).
fn set_locale() -> bool {
    // SAFETY: no other thread runs yet; the name is a C string of the library's.
    unsafe {
        libc::setlocale(libc::LC_CTYPE, c"".as_ptr());
        let name = libc::setlocale(libc::LC_CTYPE, std::ptr::null());
        name.is_null() || matches!(CStr::from_ptr(name).to_bytes(), b"C" | b"POSIX")
    }
}

/// Takes a locale of UTF-8 in the place of C's, for child processes as well (PEP 538).
fn coerce_locale(s: &Settings) {
    let setting = variable(s, "PYTHONCOERCECLOCALE").unwrap_or_default();
    let warns = setting == "warn";
    if setting != "0" && std::env::var_os("LC_ALL").is_none_or(|v| v.is_empty()) {
        for target in [c"C.UTF-8", c"C.utf8", c"UTF-8"] {
            // SAFETY: no other thread runs yet; the name is a C string.
            if unsafe { libc::setlocale(libc::LC_CTYPE, target.as_ptr()) }.is_null() {
                continue;
            }
            let name = target.to_string_lossy();
            // SAFETY: no other thread runs yet.
            unsafe { std::env::set_var("LC_CTYPE", &*name) };
            if warns {
                eprintln!(
                    "Python detected LC_CTYPE=C: LC_CTYPE coerced to {name} (set another locale or \
                     PYTHONCOERCECLOCALE=0 to disable this locale coercion behavior)."
                );
            }
            return;
        }
    }
    if warns {
        eprintln!(
            "Python runtime initialized with LC_CTYPE=C (a locale with default ASCII encoding), which \
             may cause Unicode compatibility problems. Using C.UTF-8, C.utf8, or UTF-8 (if available) \
             as alternative Unicode-compatible locales is recommended."
        );
    }
}

fn executable(arguments: &[OsString]) -> String {
    if let Ok(path) = std::env::current_exe() {
        return path.to_string_lossy().into_owned();
    }
    arguments
        .first()
        .map(|a| a.to_string_lossy().into_owned())
        .unwrap_or_default()
}

fn print_help(parts: &[&str]) -> ExitCode {
    print!("{}", parts.concat());
    ExitCode::SUCCESS
}
