//! Compiles files and prints their disassembly, or with `--check` only verifies.

use taipan_compiler::{Decoded, Options, compile, decode_source, verify};

fn main() {
    let mut args: Vec<String> = std::env::args().skip(1).collect();
    let check = args
        .iter()
        .position(|a| a == "--check")
        .map(|i| args.remove(i))
        .is_some();
    let mut failed = 0;
    for path in &args {
        let bytes = match std::fs::read(path) {
            Ok(bytes) => bytes,
            Err(e) => {
                eprintln!("{path}: {e}");
                continue;
            }
        };
        let text = match decode_source(&bytes, path) {
            Ok(Decoded::Text(text)) => text,
            Ok(Decoded::Needs(name)) => {
                eprintln!("{path}: encoding {name}");
                continue;
            }
            Err(e) => {
                eprintln!("{path}: {e}");
                failed += 1;
                continue;
            }
        };
        let options = Options {
            filename: path.clone(),
            ..Options::default()
        };
        match compile(&text, &options) {
            Ok(out) => {
                if let Err(e) = verify::verify(&out.code) {
                    eprintln!("{path}: BAD CODE: {e}");
                    failed += 1;
                }
                if !check {
                    print!("{}", taipan_bytecode::dis::disassemble(&out.code));
                }
            }
            Err(e) => {
                eprintln!("{path}:{}: {e}", e.line);
                failed += 1;
            }
        }
    }
    eprintln!("{} files, {failed} failed", args.len());
}
