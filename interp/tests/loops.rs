//! Loop shapes: for the functions in `jit/tests/loops/NAME.py`, the operations of the loop
//! that each becomes, as written down in `NAME.loops`. An optimisation that stops working
//! fails here. After a change for the better, `UPDATE_LOOPS=1 cargo test -p taipan --test
//! loops` writes the files anew; read the difference before committing it.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Everything compiled at once, with no bridges: what is seen is the loop itself.
const JIT: &str =
    "on,threshold=50,call_threshold=1000000,bridge_threshold=1000000,unlimited=1,helper_thread=0";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../jit/tests/loops")
}

/// The loops of a module's functions, as the driver prints them.
fn loops_of(module: &Path) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_taipan"))
        .args(["--jit", JIT, "driver.py"])
        .arg(module.file_name().expect("a file"))
        .current_dir(folder())
        .env("PYTHONHASHSEED", "0")
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()
        .expect("the interpreter starts");
    assert!(
        output.status.success(),
        "{}: {}\n{}",
        module.display(),
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn loops_have_the_shapes_written_down() {
    let mut modules: Vec<PathBuf> = std::fs::read_dir(folder())
        .expect("the folder of loop shapes")
        .flatten()
        .map(|e| e.path())
        .filter(|p| p.extension().is_some_and(|e| e == "py") && !p.ends_with("driver.py"))
        .collect();
    modules.sort();
    assert!(!modules.is_empty(), "no loop shapes found");
    let mut differences = Vec::new();
    let mut shapes = 0;
    for module in &modules {
        let found = loops_of(module);
        let file = module.with_extension("loops");
        if std::env::var_os("UPDATE_LOOPS").is_some() {
            std::fs::write(&file, &found).expect("the file can be written");
        }
        let expected = std::fs::read_to_string(&file).unwrap_or_default();
        shapes += found.lines().filter(|l| l.ends_with(':')).count();
        for (a, b) in found.lines().zip(expected.lines()) {
            if a != b {
                differences.push(format!(
                    "{}:\n  expected {b}\n  is       {a}",
                    module.display()
                ));
            }
        }
        if found.lines().count() != expected.lines().count() {
            differences.push(format!(
                "{}: another number of lines, see the driver's output:\n{found}",
                module.display()
            ));
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    assert!(shapes >= 80, "only {shapes} shapes");
}

/// A function is recorded while the loop in it is being compiled.
const FUNCTION_BEFORE_LOOP: &str = "
import taipan.jit, time

def total(n):
    s = 0
    for i in range(n):
        s += i * i
    return s

def calls(n):
    for _ in range(n):
        total(12)

def loops():
    return [t for t in taipan.jit.loops() if t['function'] == 'total' and t['line']]

# The interpreter enters the loop until all is compiled, and then no more.
end = time.monotonic() + 60
settled = False
while not settled and time.monotonic() < end:
    before = [t['entered'] for t in loops()]
    calls(1000)
    settled = before and sum(t['entered'] for t in loops()) < sum(before) + 100
print(bool(settled))
";

#[test]
fn functions_jump_to_loops_that_were_compiled_meanwhile() {
    let output = Command::new(env!("CARGO_BIN_EXE_taipan"))
        .args([
            "--jit",
            "on,threshold=50,call_threshold=6",
            "-c",
            FUNCTION_BEFORE_LOOP,
        ])
        .output()
        .expect("the interpreter starts");
    assert!(output.status.success());
    assert_eq!(String::from_utf8_lossy(&output.stdout), "True\n");
}
