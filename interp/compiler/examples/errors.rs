//! Compiles sources separated by null bytes from standard input, and prints for
//! each the error or `ok` on a line, for `scripts/compare_errors.py`.

use std::io::Read;
use taipan_compiler::{ErrorKind, Mode, Options, compile};

fn main() {
    let mut input = String::new();
    std::io::stdin()
        .read_to_string(&mut input)
        .expect("UTF-8 input");
    // `--single` and `--incomplete` as the flags of `compile()` of those names.
    let flag = |name: &str| std::env::args().any(|a| a == name);
    let options = Options {
        mode: if flag("--single") {
            Mode::Single
        } else {
            Mode::Exec
        },
        allow_incomplete: flag("--incomplete"),
        dont_imply_dedent: flag("--incomplete"),
        ..Options::default()
    };
    for source in input.split('\0') {
        match compile(source, &options) {
            Ok(out) => {
                let warnings: Vec<_> = out
                    .warnings
                    .iter()
                    .map(|w| format!("{} {}", w.pos.line, w.message))
                    .collect();
                println!("ok {}", warnings.join(" / ").replace('\n', "\\n"));
            }
            Err(e) => {
                let kind = match e.kind {
                    ErrorKind::Syntax => "SyntaxError",
                    ErrorKind::Indentation => "IndentationError",
                    ErrorKind::Tab => "TabError",
                    ErrorKind::Incomplete => "_IncompleteInputError",
                    ErrorKind::Value => "ValueError",
                    ErrorKind::Memory => "MemoryError",
                    ErrorKind::Recursion => "RecursionError",
                    ErrorKind::Overflow => "OverflowError",
                };
                println!(
                    "{kind}: {} {} {} {} {}",
                    e.message, e.line, e.column, e.end_line, e.end_column
                );
            }
        }
    }
}
