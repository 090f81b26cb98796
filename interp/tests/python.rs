//! Runs every `tests/python/NAME.py` with the built interpreter and compares
//! what it prints with `NAME.out`, which CPython 3.14 printed. Each runs as it
//! is and with a collection at every allocation.

use std::path::{Path, PathBuf};
use std::process::Command;

fn programs() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python");
    let entries = std::fs::read_dir(folder).expect("the folder of Python tests");
    let mut found: Vec<PathBuf> = entries
        .flatten()
        .map(|e| e.path())
        .filter(|p| p.extension().is_some_and(|e| e == "py"))
        .collect();
    found.sort();
    assert!(!found.is_empty(), "no Python tests found");
    found
}

/// What differs, or nothing.
fn run(program: &Path, options: &[&str]) -> Option<String> {
    let output = Command::new(env!("CARGO_BIN_EXE_taipan"))
        .args(options)
        .arg(program.file_name().expect("a file"))
        .current_dir(program.parent().expect("a folder"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env_remove("PYTHONUNBUFFERED")
        .output()
        .expect("the interpreter starts");
    let expected =
        std::fs::read_to_string(program.with_extension("out")).expect("the expected output");
    let printed = String::from_utf8_lossy(&output.stdout);
    if printed == expected && output.status.success() {
        return None;
    }
    let line = printed
        .lines()
        .zip(expected.lines())
        .position(|(a, b)| a != b);
    let at = line.unwrap_or_else(|| printed.lines().count().min(expected.lines().count()));
    Some(format!(
        "{} {options:?}: {}, first difference in line {}:\n  expected {:?}\n  printed  {:?}\n{}",
        program.display(),
        output.status,
        at + 1,
        expected.lines().nth(at),
        printed.lines().nth(at),
        String::from_utf8_lossy(&output.stderr)
    ))
}

fn check(options: &[&str]) {
    let differences: Vec<String> = programs().iter().filter_map(|p| run(p, options)).collect();
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn programs_print_what_cpython_prints() {
    check(&[]);
}

#[test]
fn programs_survive_a_collection_at_every_allocation() {
    check(&["-S", "-X", "gcstress"]);
}

/// Everything that loops compiled, on the thread that runs it, so that runs repeat.
const EAGER: &str =
    "on,threshold=2,call_threshold=2,bridge_threshold=1,unlimited=1,helper_thread=0";

/// As [`EAGER`], every bridge a trace of its own.
const SIDES: &str =
    "on,threshold=2,call_threshold=2,bridge_threshold=1,unlimited=1,helper_thread=0,merge_size=0";

#[test]
fn programs_print_the_same_with_side_traces() {
    check(&["--jit", SIDES]);
}

/// As [`EAGER`], in two tiers: better code takes the place of quick code under way, and every third entry
/// is left to the interpreter.
const TIERS: &str = "on,threshold=2,call_threshold=2,bridge_threshold=1,unlimited=1,helper_thread=0,again=50,rest_every=3";

#[test]
fn programs_print_the_same_while_code_is_exchanged() {
    check(&["--jit", TIERS]);
}

#[test]
fn programs_print_the_same_without_compiled_code() {
    check(&["--jit", "off"]);
}

#[test]
fn programs_print_the_same_with_everything_compiled() {
    check(&["--jit", EAGER]);
}

#[test]
fn compiled_programs_survive_a_collection_at_every_allocation() {
    check(&["-S", "--jit", EAGER, "-X", "gcstress"]);
}
