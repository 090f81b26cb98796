//! Options and variables: what each does, and what is said where one is wrong.

use std::io::Write;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Output, Stdio};

fn taipan(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_taipan"));
    command
        .args(arguments)
        .env_remove("PYTHONUNBUFFERED")
        .env_remove("PYTHONHASHSEED")
        .env("PYTHON_COLORS", "0");
    command
}

/// Standard output and standard error.
fn texts(output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr))
}

fn run(command: &mut Command) -> (Option<i32>, String, String) {
    let output = command.stdin(Stdio::null()).output().expect("a run");
    let (out, err) = texts(&output);
    (output.status.code(), out, err)
}

/// Runs with a text as standard input.
fn talk(command: &mut Command, input: &str) -> (Option<i32>, String, String) {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("a run");
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(input.as_bytes()).expect("a reader");
    drop(stdin);
    let output = child.wait_with_output().expect("an end");
    let (out, err) = texts(&output);
    (output.status.code(), out, err)
}

#[test]
fn a_prompt_follows_a_program() {
    let (status, out, err) = talk(&mut taipan(&["-i", "-c", "x = 5"]), "print(x)\n");
    assert_eq!(
        (status, out.as_str(), err.as_str()),
        (Some(0), "5\n", ">>> >>> \n")
    );
    let (status, out, err) = talk(&mut taipan(&["-i", "-c", "x = 5; 1 / 0"]), "x\n");
    assert_eq!((status, out.as_str()), (Some(0), "5\n"));
    assert!(
        err.contains("ZeroDivisionError: division by zero\n>>> "),
        "{err}"
    );
    let program = "import os; os.environ['PYTHONINSPECT'] = '1'";
    let (status, out, _) = talk(
        taipan(&["-i", "-c", program]).env("PYTHONINSPECT", "1"),
        "exit(3)\n",
    );
    assert_eq!((status, out.as_str()), (Some(3), ""));
}

#[test]
fn the_prompt_without_a_terminal_reads_statements() {
    let input = "x = 1\nif x:\n  x\n\n1/0\ndef f():\n  None.a\n\nf()\n'\n";
    let (status, out, err) = talk(&mut taipan(&["-q", "-i", "-"]), input);
    assert_eq!((status, out.as_str()), (Some(0), "1\n"));
    let expected = "\
>>> >>> ... ... >>> Traceback (most recent call last):
  File \"<stdin>\", line 1, in <module>
    1/0
    ~^~
ZeroDivisionError: division by zero
>>> ... ... >>> Traceback (most recent call last):
  File \"<stdin>\", line 1, in <module>
    f()
    ~^^
  File \"<stdin>\", line 2, in f
    None.a
AttributeError: 'NoneType' object has no attribute 'a'
>>>   File \"<stdin>\", line 1
    '
    ^
SyntaxError: unterminated string literal (detected at line 1)
>>> 
";
    assert_eq!(err, expected);
}

#[test]
fn wrong_values_are_fatal() {
    let number = "n is missing or an invalid number, n must be greater than 0";
    for (option, message) in [
        (
            "utf8=4",
            "preconfig_init_utf8_mode: invalid -X utf8 option value".to_owned(),
        ),
        (
            "int_max_str_digits=7",
            "config_init_int_max_str_digits: -X int_max_str_digits: invalid limit; \
             must be >= 640 or 0 for unlimited."
                .to_owned(),
        ),
        (
            "cpu_count=x",
            format!("config_init_cpu_count: -X cpu_count=n option: {number}"),
        ),
        (
            "gil=0",
            "config_read_gil: Disabling the GIL is not supported by this build".to_owned(),
        ),
        (
            "frozen_modules=x",
            "bad value for option -X frozen_modules (expected \"on\" or \"off\")".to_owned(),
        ),
    ] {
        let (status, out, err) = run(&mut taipan(&["-X", option, "-c", "print(1)"]));
        assert_eq!((status, out.as_str()), (Some(1), ""), "{option}");
        assert!(
            err.starts_with(&format!("Fatal Python error: {message}\n")),
            "{err}"
        );
    }
    let (status, _, err) = run(taipan(&["-c", "1"]).env("PYTHONIOENCODING", "foobar"));
    assert_eq!(status, Some(1));
    assert!(
        err.contains("LookupError: unknown encoding: foobar"),
        "{err}"
    );
    let (status, _, err) = run(&mut taipan(&["--check-hash-based-pycs", "x"]));
    assert_eq!(status, Some(2));
    assert!(
        err.starts_with("--check-hash-based-pycs must be one of"),
        "{err}"
    );
}

#[test]
fn settings_arrive() {
    let show = "import os, sys, _imp, faulthandler; print(os.cpu_count(), sys.pycache_prefix, \
                _imp.check_hash_based_pycs, faulthandler.is_enabled(), \
                sys.flags.thread_inherit_context, sys.flags.optimize, sys.stdout.encoding)";
    let options = [
        "-X",
        "cpu_count=3",
        "-X",
        "pycache_prefix=p",
        "--check-hash-based-pycs",
        "never",
        "-X",
        "faulthandler",
        "-X",
        "thread_inherit_context=1",
        "-OOO",
        "-c",
        show,
    ];
    let (_, out, err) = run(taipan(&options).env("PYTHONIOENCODING", "latin-1"));
    assert_eq!(
        (out.as_str(), err.as_str()),
        ("3 p never True 1 3 iso8859-1\n", "")
    );
    let (_, _, err) = run(&mut taipan(&["-X", "importtime", "-c", "import json"]));
    assert!(err.starts_with("import time: self [us] | cumulative | imported package\n"));
    assert!(
        err.contains(" json\n") && err.contains("   json.decoder\n"),
        "{err}"
    );
}

#[test]
fn an_interrupt_ends_the_process_by_its_signal() {
    let output = taipan(&["-c", "raise KeyboardInterrupt"])
        .output()
        .expect("a run");
    assert_eq!(output.status.signal(), Some(2));
    assert!(texts(&output).1.ends_with("KeyboardInterrupt\n"));
}

#[test]
fn warnings_as_errors_come_from_where_they_were_given() {
    let (status, _, err) = run(&mut taipan(&[
        "-W",
        "error",
        "-c",
        "import warnings; warnings.warn('x')",
    ]));
    assert_eq!(status, Some(1));
    assert_eq!(err.matches("File ").count(), 1, "{err}");
}

#[test]
fn failing_tasks_that_nobody_waits_for_are_told_of_at_exit() {
    let program = "import asyncio\nasync def bad(): raise ValueError('lost')\n\
                   async def main(): asyncio.create_task(bad())\nasyncio.run(main())";
    let (status, _, err) = run(&mut taipan(&["-c", program]));
    assert_eq!(status, Some(0));
    assert!(
        err.starts_with("Task exception was never retrieved\n"),
        "{err}"
    );
    assert!(err.ends_with("ValueError: lost\n"), "{err}");
}
