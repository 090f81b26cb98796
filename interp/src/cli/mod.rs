//! The command line, as `python3.14 --help` has it.

use crate::{report, startup};
use std::ffi::{CStr, OsString};
use std::process::ExitCode;
use taipan_runtime::types::exception::classes as exc;
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::vm::Settings;
use taipan_runtime::{Result, Value, Vm};

/// What is to be run.
enum Job {
    Command(String),
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
        "{message}\n{USAGE}Try `taipan -h' for more information."
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
    // What is left is given back by the system; running destructors would gain nothing.
    std::process::exit(finish(&vm, status))
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
    if crate::safepoint::finalize_all(vm) {
        flushed = flushed.filter(|v| *v == Value::FALSE).or(call("flush"));
    }
    if flushed == Some(Value::FALSE) && status == 0 {
        status = 120;
    }
    status
}

fn run_to_status(vm: &Vm, job: &Job, skip_first_line: bool) -> i32 {
    let result = run(vm, job, skip_first_line);
    match result {
        Ok(status) => status,
        Err(_) => {
            let e = vm.take_raised();
            if vm
                .class_of(e)
                .is_subclass_of(vm.exception_class(&exc::SYSTEM_EXIT))
            {
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
            if vm
                .class_of(e)
                .is_subclass_of(vm.exception_class(&exc::KEYBOARD_INTERRUPT))
            {
                return 130;
            }
            1
        }
    }
}

fn run(vm: &Vm, job: &Job, skip_first_line: bool) -> Result<i32> {
    let startup = vm.import("_taipan_startup")?;
    let text = |s: &str| vm.new_str(s).value();
    let outcome = match job {
        Job::Command(source) => vm.call_method(startup, "run_command", &[text(source)])?,
        Job::Module(name) => vm.call_method(startup, "run_module", &[text(name)])?,
        Job::File(path) => {
            use std::os::unix::ffi::OsStrExt;
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

fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|v| !v.is_empty())
}

fn parse(arguments: Vec<OsString>) -> std::result::Result<Invocation, ExitCode> {
    let mut s = Settings {
        int_max_str_digits: 4300,
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
            "--help" => return Err(help()),
            "--version" => {
                version = version.max(1);
                continue;
            }
            t if t.starts_with("--check-hash-based-pycs") => {
                if !t.contains('=') {
                    at += 1;
                }
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
            let value = |at: &mut usize| -> Option<String> {
                let rest: String = flags[i..].iter().collect();
                if !rest.is_empty() {
                    return Some(rest);
                }
                let v = arguments.get(*at)?.to_string_lossy().into_owned();
                *at += 1;
                Some(v)
            };
            match flag {
                'b' => s.bytes_warning += 1,
                'B' => s.dont_write_bytecode = true,
                'd' => s.debug = true,
                'E' => s.ignore_environment = true,
                'h' | '?' => return Err(help()),
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
                'O' => s.optimize = (s.optimize + 1).min(2),
                'P' => s.safe_path = true,
                'q' => s.quiet = true,
                'R' => s.hash_seed = None,
                's' => s.no_user_site = true,
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
                'c' => match value(&mut at) {
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
    apply_environment(&mut s);
    if s.hash_seed.is_none()
        && !s.ignore_environment
        && let Some(seed) = environment("PYTHONHASHSEED")
        && seed != "random"
    {
        match seed.parse::<u32>() {
            Ok(n) => s.hash_seed = Some(n),
            Err(_) => {
                report::complain(
                    "Fatal Python error: config_init_hash_seed: PYTHONHASHSEED must be \"random\" or an integer in range [0; 4294967295]\nPython runtime state: preinitialized\n",
                );
                return Err(ExitCode::from(1));
            }
        }
    }
    s.tracemalloc = match tracemalloc_frames(&s) {
        Ok(frames) => frames,
        Err(message) => {
            report::complain(&message);
            return Err(ExitCode::from(1));
        }
    };
    let jit = jit_parameters(&s, &jit_options).map_err(|e| usage_error(&e))?;
    Ok(Invocation {
        jit,
        job,
        settings: s,
        skip_first_line,
    })
}

/// How many frames `tracemalloc` is to note from the start, by `-X tracemalloc` or else
/// `PYTHONTRACEMALLOC`; zero if none. Otherwise the fatal error.
fn tracemalloc_frames(s: &Settings) -> std::result::Result<i64, String> {
    const LIMIT: i64 = 65535;
    let option = s.x_options.iter().rfind(|(k, _)| k == "tracemalloc");
    let (text, from) = match option {
        Some((_, None)) => return Ok(1),
        Some((_, Some(text))) => (text.clone(), "-X tracemalloc=NFRAME"),
        None if s.ignore_environment => return Ok(0),
        None => match environment("PYTHONTRACEMALLOC") {
            Some(text) => (text, "PYTHONTRACEMALLOC"),
            None => return Ok(0),
        },
    };
    match text.parse::<i32>() {
        Ok(n) if n >= 0 && i64::from(n) <= LIMIT => Ok(n.into()),
        Ok(n) if n >= 0 => Err(format!(
            "Fatal Python error: init_interp_main: can't start tracemalloc\n\
             Python runtime state: core initialized\n\
             ValueError: the number of frames must be in range [1; {LIMIT}]\n"
        )),
        _ => Err(format!(
            "Fatal Python error: config_init_tracemalloc: {from}: invalid number of frames\n\
             Python runtime state: preinitialized\n"
        )),
    }
}

/// What the environment, then the command line say about the JIT.
fn jit_parameters(
    s: &Settings,
    options: &[String],
) -> std::result::Result<taipan_jit::Params, String> {
    let mut params = taipan_jit::Params::default();
    if !s.ignore_environment {
        if environment("PYTHON_JIT").is_some_and(|v| v == "0") {
            params.enabled = false;
        }
        if let Some(text) = environment("TAIPAN_JIT") {
            params.parse(&text)?;
        }
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

fn apply_environment(s: &mut Settings) {
    let x = |name: &str| {
        s.x_options
            .iter()
            .find(|(k, _)| k == name)
            .map(|(_, v)| v.clone())
    };
    if x("dev").is_some() {
        s.dev_mode = true;
    }
    if let Some(Some(n)) = x("int_max_str_digits")
        && let Ok(n) = n.parse()
    {
        s.int_max_str_digits = n;
    }
    s.no_debug_ranges = x("no_debug_ranges").is_some();
    let utf8 = x("utf8").map(|v| v.as_deref() != Some("0"));
    s.utf8_mode = utf8.unwrap_or_else(|| {
        let setting = environment("PYTHONUTF8").filter(|_| !s.ignore_environment);
        match setting.as_deref() {
            Some("0") => false,
            Some("1") => true,
            _ => is_c_locale(),
        }
    });
    if s.ignore_environment {
        return;
    }
    s.no_debug_ranges |= environment("PYTHONNODEBUGRANGES").is_some();
    let number = |name: &str| environment(name).map(|v| v.parse::<u8>().unwrap_or(1).max(1));
    if let Some(n) = number("PYTHONOPTIMIZE") {
        s.optimize = s.optimize.max(n.min(2));
    }
    if let Some(n) = number("PYTHONVERBOSE") {
        s.verbose = s.verbose.max(n);
    }
    s.dont_write_bytecode |= environment("PYTHONDONTWRITEBYTECODE").is_some();
    s.unbuffered |= environment("PYTHONUNBUFFERED").is_some();
    s.no_user_site |= environment("PYTHONNOUSERSITE").is_some();
    s.inspect |= environment("PYTHONINSPECT").is_some();
    s.debug |= environment("PYTHONDEBUG").is_some();
    s.safe_path |= environment("PYTHONSAFEPATH").is_some();
    s.dev_mode |= environment("PYTHONDEVMODE").is_some();
    if let Some(w) = environment("PYTHONWARNINGS") {
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
    if let Some(n) = environment("PYTHONINTMAXSTRDIGITS").and_then(|n| n.parse().ok())
        && x_missing(s, "int_max_str_digits")
    {
        s.int_max_str_digits = n;
    }
}

/// Whether texts go by the locale of C, also since the one asked for does not exist (PEP 540).
fn is_c_locale() -> bool {
    // SAFETY: no other thread runs yet; the name is a C string of the library's.
    unsafe {
        let name = libc::setlocale(libc::LC_CTYPE, c"".as_ptr());
        name.is_null() || matches!(CStr::from_ptr(name).to_bytes(), b"C" | b"POSIX")
    }
}

fn x_missing(s: &Settings, name: &str) -> bool {
    !s.x_options.iter().any(|(k, _)| k == name)
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

fn help() -> ExitCode {
    print!("{USAGE}{OPTIONS}");
    ExitCode::SUCCESS
}

const OPTIONS: &str = "\
Options (and corresponding environment variables):
-b     : issue warnings about converting bytes/bytearray to str and comparing
         bytes/bytearray with str or bytes with int; also PYTHONWARNINGS
-B     : don't write .pyc files on import; also PYTHONDONTWRITEBYTECODE=x
-c cmd : program passed in as string (terminates option list)
-d     : turn on parser debugging output; also PYTHONDEBUG=x
-E     : ignore PYTHON* environment variables
-h     : print this help message and exit (also -? or --help)
-i     : inspect interactively after running script; also PYTHONINSPECT=x
-I     : isolate from the user's environment (implies -E, -P and -s)
-m mod : run library module as a script (terminates option list)
-O     : remove assert and __debug__-dependent statements; also PYTHONOPTIMIZE=x
-OO    : do -O changes and also discard docstrings
-P     : don't prepend a potentially unsafe path to sys.path; also PYTHONSAFEPATH
-q     : don't print version and copyright messages on interactive startup
-s     : don't add user site directory to sys.path; also PYTHONNOUSERSITE=x
-S     : don't imply 'import site' on initialization
-u     : force the stdout and stderr streams to be unbuffered; also PYTHONUNBUFFERED=x
-v     : verbose (trace import statements); also PYTHONVERBOSE=x
-V     : print the Python version number and exit (also --version)
-W arg : warning control; also PYTHONWARNINGS=arg
-x     : skip first line of source, allowing use of non-Unix forms of #!cmd
-X opt : set implementation-specific option
file   : program read from script file
-      : program read from stdin (default; interactive mode if a tty)
arg ...: arguments passed to program in sys.argv[1:]
";
