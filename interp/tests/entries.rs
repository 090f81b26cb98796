//! The ways into a program: folders, archives, compiled files, standard input, and streams
//! that are closed or full.

use std::fs::{self, File, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A folder of a test's own.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let path =
            std::env::temp_dir().join(format!("taipan-entries-{}-{name}", std::process::id()));
        fs::create_dir_all(&path).expect("a folder");
        Folder(path)
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(path, content).expect("a file");
    }

    fn taipan(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_taipan"));
        command
            .args(arguments)
            .current_dir(&self.0)
            .env_remove("PYTHONUNBUFFERED");
        command
    }

    /// Status, standard output and standard error of a run.
    fn run(&self, arguments: &[&str]) -> (i32, String, String) {
        results(self.taipan(arguments).output().expect("a run"))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn results(output: Output) -> (i32, String, String) {
    let text = |bytes| String::from_utf8(bytes).expect("text");
    (
        output.status.code().expect("a status"),
        text(output.stdout),
        text(output.stderr),
    )
}

const MAIN: &str =
    "import sys, helper\nprint(__name__, __file__, sys.argv[1:], sys.path[0], helper.X)\n";

fn shown(path: &Path) -> String {
    path.canonicalize().expect("a path").display().to_string()
}

#[test]
fn a_folder_with_main_is_a_program() {
    let folder = Folder::new("folder");
    folder.write("app/__main__.py", MAIN);
    folder.write("app/helper.py", "X = 1\n");
    folder.write("other/helper.py", "X = 1\n");
    let place = shown(&folder.0.join("app"));
    assert_eq!(
        folder.run(&["app", "a", "b"]),
        (
            0,
            format!("__main__ {place}/__main__.py ['a', 'b'] {place} 1\n"),
            String::new()
        )
    );
    let (status, _, message) = folder.run(&["other"]);
    assert_eq!(status, 1);
    assert!(message.ends_with(&format!(
        ": can't find '__main__' module in '{}'\n",
        shown(&folder.0.join("other"))
    )));
}

#[test]
fn an_archive_with_main_is_a_program_and_one_on_the_path_is_imported_from() {
    let folder = Folder::new("archive");
    folder.write("app/__main__.py", MAIN);
    folder.write("app/helper.py", "X = 1\n");
    let (status, ..) = folder.run(&[
        "-m",
        "zipfile",
        "-c",
        "app.zip",
        "app/__main__.py",
        "app/helper.py",
    ]);
    assert_eq!(status, 0);
    let place = shown(&folder.0.join("app.zip"));
    assert_eq!(
        folder.run(&["app.zip", "a"]),
        (
            0,
            format!("__main__ {place}/__main__.py ['a'] {place} 1\n"),
            String::new()
        )
    );
    let program = "import sys; sys.path.insert(0, 'app.zip'); import helper, zipimport; \
                   print(helper.__file__, type(helper.__loader__) is zipimport.zipimporter)";
    let (status, output, _) = folder.run(&["-c", program]);
    assert_eq!((status, output.as_str()), (0, "app.zip/helper.py True\n"));
}

#[test]
fn archives_and_folders_without_main_are_refused() {
    let folder = Folder::new("no-main");
    folder.write("other/helper.py", "X = 1\n");
    let made = folder.run(&["-m", "zipfile", "-c", "app.zip", "other/helper.py"]);
    assert_eq!(made.0, 0);
    for name in ["app.zip", "other"] {
        let (status, _, message) = folder.run(&[name]);
        let expected = format!(
            ": can't find '__main__' module in '{}'\n",
            shown(&folder.0.join(name))
        );
        assert!(status == 1 && message.ends_with(&expected), "{message}");
    }
}

#[test]
fn an_archive_may_follow_a_line_that_names_an_interpreter() {
    let folder = Folder::new("zipapp");
    folder.write("app/__main__.py", "print('within', __name__)\n");
    let made = folder.run(&["-m", "zipapp", "app", "-p", "/usr/bin/env python3"]);
    assert_eq!(made.0, 0);
    assert_eq!(
        folder.run(&["app.pyz"]),
        (0, "within __main__\n".to_owned(), String::new())
    );
}

#[test]
fn null_bytes_in_a_program_are_a_syntax_error_with_its_line() {
    let folder = Folder::new("null");
    folder.write("program.py", b"print(1)\n  x = \0 1\n");
    let message = |name: &str| {
        format!(
            "  File \"{name}\", line 2\n    x = \nSyntaxError: source code cannot contain null bytes\n"
        )
    };
    let name = shown(&folder.0.join("program.py"));
    assert_eq!(
        folder.run(&["program.py"]),
        (1, String::new(), message(&name))
    );
    let input = File::open(folder.0.join("program.py")).expect("a file");
    let output = folder.taipan(&[]).stdin(Stdio::from(input)).output();
    assert_eq!(
        results(output.expect("a run")),
        (1, String::new(), message("<stdin>"))
    );
    let (status, _, error) = folder.run(&["-c", "import program"]);
    assert_eq!(status, 1);
    assert!(error.ends_with("\nSyntaxError: source code string cannot contain null bytes\n"));
}

#[test]
fn standard_streams_closed_from_the_start_are_none() {
    let folder = Folder::new("closed");
    folder.write(
        "program.py",
        "import sys\n\
         streams = sys.stdin, sys.stdout, sys.stderr\n\
         print('is None:', *(s is None for s in streams), file=open('seen', 'w'))\n\
         print('out')\n",
    );
    for (redirection, seen) in [
        ("<&-", "is None: True False False\n"),
        (">&-", "is None: False True False\n"),
        ("2>&-", "is None: False False True\n"),
    ] {
        let program = env!("CARGO_BIN_EXE_taipan");
        let mut shell = Command::new("sh");
        shell
            .arg("-c")
            .arg(format!("'{program}' program.py {redirection}"))
            .current_dir(&folder.0);
        let output = if redirection == ">&-" { "" } else { "out\n" };
        assert_eq!(
            results(shell.output().expect("a run")),
            (0, output.to_owned(), String::new())
        );
        let written = fs::read_to_string(folder.0.join("seen")).expect("a file");
        assert_eq!(written, seen);
    }
}

#[test]
fn compiled_files_run_and_others_of_that_name_are_refused() {
    let folder = Folder::new("compiled");
    folder.write("program.py", "print(__name__, __file__[-11:])\n");
    let compile = "import py_compile; py_compile.compile('program.py', 'program.pyc')";
    assert_eq!(folder.run(&["-c", compile]).0, 0);
    assert_eq!(
        folder.run(&["program.pyc"]),
        (0, "__main__ program.pyc\n".to_owned(), String::new())
    );
    folder.write("noise.pyc", [0x5A; 3000]);
    folder.write("empty.pyc", "");
    let error = |name: &str| folder.run(&[name]).2;
    assert_eq!(
        error("noise.pyc"),
        "RuntimeError: Bad magic number in .pyc file\n"
    );
    assert_eq!(
        error("empty.pyc"),
        "EOFError: EOF read where not expected\n"
    );
}

#[test]
fn standard_input_is_a_program_with_a_name() {
    let folder = Folder::new("input");
    folder.write(
        "program.py",
        "import sys\nprint(__name__, __file__, sys.argv)\n",
    );
    for (arguments, shown) in [(&[][..], "['']"), (&["-", "a"], "['-', 'a']")] {
        let input = File::open(folder.0.join("program.py")).expect("a file");
        let output = folder.taipan(arguments).stdin(Stdio::from(input)).output();
        let expected = format!("__main__ <stdin> {shown}\n");
        assert_eq!(
            results(output.expect("a run")),
            (0, expected, String::new())
        );
    }
}

#[test]
fn a_source_in_an_unknown_encoding_is_a_syntax_error() {
    let folder = Folder::new("encoding");
    folder.write("program.py", "# coding: nonsense\nprint(1)\n");
    let (status, _, message) = folder.run(&["program.py"]);
    assert_eq!(status, 1);
    assert!(message.ends_with("program.py\", line 0\nSyntaxError: unknown encoding: nonsense\n"));
}

#[test]
fn full_streams_end_a_program_in_order() {
    let folder = Folder::new("full");
    let full = || {
        OpenOptions::new()
            .write(true)
            .open("/dev/full")
            .expect("a full disk")
    };
    let printed = folder.taipan(&["-c", "print('x')"]).stdout(full()).output();
    let (status, _, message) = results(printed.expect("a run"));
    assert_eq!(status, 120);
    assert!(message.ends_with("OSError: [Errno 28] No space left on device\n"));
    let failed = folder.taipan(&["-c", "1/0"]).stderr(full()).output();
    assert_eq!(results(failed.expect("a run")).0, 1);
}

#[test]
fn the_log_of_the_jit_shows_representation_and_machine_code() {
    let folder = Folder::new("jitlog");
    let source = "def f(n):\n    t = 0\n    for i in range(n):\n        t += i\n    return t\nprint(f(9999))\n";
    folder.write("program.py", source);
    let arguments = [
        "--jit",
        "threshold=500,helper_thread=0",
        "-X",
        "jitlog=log.txt",
        "program.py",
    ];
    assert_eq!(
        folder.run(&arguments),
        (0, "49985001\n".into(), String::new())
    );
    let log = fs::read_to_string(folder.0.join("log.txt")).expect("a log");
    let loop_of_f = log
        .split("compiled: ")
        .find(|entry| entry.starts_with("f ("))
        .expect("the loop");
    let (representation, code) = loop_of_f
        .split_once("machine code:\n")
        .expect("machine code");
    assert!(
        representation.contains("AddOv.Int") && representation.ends_with("  loop\n"),
        "{representation}"
    );
    assert!(code.contains("block0:"), "{code}");
    let addition = if cfg!(target_arch = "x86_64") {
        "  addq"
    } else {
        "  add"
    };
    assert!(code.contains(addition), "{code}");
    // The loop was left once, at its end.
    let guards = log
        .split("guards that failed: ")
        .find(|entry| entry.starts_with("f ("))
        .expect("the guards");
    assert!(
        guards.contains("program.py:3), entered 1 times\n"),
        "{guards}"
    );
    assert!(guards.contains("        1  GuardTrue v"), "{guards}");
}

#[test]
fn a_loop_that_runs_on_gets_better_code_under_way() {
    let folder = Folder::new("tiers");
    let source = "def f(n):\n    t = 0\n    for i in range(n):\n        t += i & 3\n    return t\nprint(f(60_000_000))\n";
    folder.write("program.py", source);
    let arguments = ["-X", "jitlog=log.txt", "program.py"];
    assert_eq!(
        folder.run(&arguments),
        (0, "90000000\n".into(), String::new())
    );
    let log = fs::read_to_string(folder.0.join("log.txt")).expect("a log");
    assert!(log.contains("compiled again: f, "), "{log}");
    // It was left at a backward jump, to go on in the new code, and at its end.
    let guards = log
        .split("guards that failed: ")
        .find(|entry| entry.starts_with("f ("))
        .expect("the guards");
    assert!(guards.contains("entered 2 times\n"), "{guards}");
    assert!(guards.contains("        1  GuardBreaker"), "{guards}");
}
