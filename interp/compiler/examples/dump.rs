//! Prints a file's code objects as JSON lines for `scripts/compare_bytecode.py`.

use std::fmt::Write;
use taipan_bytecode::{Code, Const, Instr, LocalKind, Op, dis};
use taipan_compiler::{Decoded, Options, compile, decode_source, unparse};

fn quote(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            c if (c as u32) < 0x20 || (c as u32) > 0x7e => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// The constant as the script shows CPython's.
fn show(c: &Const) -> String {
    match c {
        Const::Code(code) => format!("<code {}>", code.qualname),
        Const::Tuple(t) => format!("({})", t.iter().map(show).collect::<Vec<_>>().join(",")),
        Const::FrozenSet(t) => {
            let mut items: Vec<String> = t.iter().map(show).collect();
            items.sort();
            format!("frozenset({})", items.join(","))
        }
        Const::Ellipsis => "Ellipsis".into(),
        Const::Float(f) if f.is_infinite() => {
            if *f > 0.0 {
                "inf".into()
            } else {
                "-inf".into()
            }
        }
        other => {
            let text = unparse::const_repr(other);
            let mut out = String::new();
            for c in text.chars() {
                match c as u32 {
                    0..=0x7f => out.push(c),
                    n @ 0x80..=0xff => {
                        let _ = write!(out, "\\x{n:02x}");
                    }
                    n @ 0x100..=0xffff => {
                        let _ = write!(out, "\\u{n:04x}");
                    }
                    n => {
                        let _ = write!(out, "\\U{n:08x}");
                    }
                }
            }
            out
        }
    }
}

fn list(items: impl IntoIterator<Item = String>) -> String {
    format!("[{}]", items.into_iter().collect::<Vec<_>>().join(","))
}

fn dump(code: &Code, positions: bool) {
    let mut index = vec![usize::MAX; code.instrs.len() + 1];
    let mut at = 0;
    let mut count = 0;
    while at < code.instrs.len() {
        index[at] = count;
        let op = Op::from_u8(Instr(code.instrs[at]).op_byte());
        count += if matches!(
            op,
            Some(Op::LOAD_FAST_LOAD_FAST | Op::STORE_FAST_LOAD_FAST | Op::STORE_FAST_STORE_FAST)
        ) {
            2
        } else {
            1
        };
        at += 1 + Op::from_u8(Instr(code.instrs[at]).op_byte()).map_or(0, Op::caches);
    }
    let places = dis::positions(code);
    let name = |i: u32| code.names[i as usize].clone();
    let local = |i: u32| code.locals_plus[i as usize].0.clone();
    let mut ins = Vec::new();
    let mut at = 0;
    while at < code.instrs.len() {
        let i = Instr(code.instrs[at]);
        let Some(op) = Op::from_u8(i.op_byte()) else {
            break;
        };
        let arg = i.arg();
        let mut shown = op.name();
        let value = match op {
            Op::END_ASYNC_FOR => String::new(),
            Op::LOAD_CONST => show(&code.consts[arg as usize]),
            Op::LOAD_SMALL_INT => {
                shown = "LOAD_CONST";
                arg.to_string()
            }
            Op::LOAD_NAME
            | Op::STORE_NAME
            | Op::DELETE_NAME
            | Op::STORE_GLOBAL
            | Op::DELETE_GLOBAL
            | Op::STORE_ATTR
            | Op::DELETE_ATTR
            | Op::IMPORT_NAME
            | Op::IMPORT_FROM
            | Op::LOAD_FROM_DICT_OR_GLOBALS => name(arg),
            Op::LOAD_GLOBAL | Op::LOAD_ATTR => format!("{} {}", name(arg >> 1), arg & 1),
            Op::LOAD_SUPER_ATTR => format!("{} {}", name(arg >> 2), arg & 3),
            Op::LOAD_FAST
            | Op::LOAD_FAST_CHECK
            | Op::LOAD_FAST_AND_CLEAR
            | Op::STORE_FAST
            | Op::DELETE_FAST
            | Op::MAKE_CELL
            | Op::LOAD_DEREF
            | Op::STORE_DEREF
            | Op::DELETE_DEREF
            | Op::LOAD_FROM_DICT_OR_DEREF => local(arg),
            Op::COMPARE_OP => (arg & !15).to_string(),
            _ => match dis::jump_target(op, arg, at) {
                Some(t) => format!("to {}", index[t]),
                None => arg.to_string(),
            },
        };
        let place = positions.then(|| match places[at] {
            None => "[null,null,null,null]".into(),
            Some(p) => {
                let (a, b) = p.columns.map_or(("null".into(), "null".into()), |c| {
                    (c.0.to_string(), c.1.to_string())
                });
                format!("[{},{},{a},{b}]", p.line, p.end_line)
            }
        });
        // CPython fuses only the first sixteen locals, so both sides show pairs apart.
        let pairs = match op {
            Op::LOAD_FAST_LOAD_FAST => Some(("LOAD_FAST", "LOAD_FAST")),
            Op::STORE_FAST_LOAD_FAST => Some(("STORE_FAST", "LOAD_FAST")),
            Op::STORE_FAST_STORE_FAST => Some(("STORE_FAST", "STORE_FAST")),
            _ => None,
        };
        let parts = match pairs {
            Some((a, b)) => vec![(a, local(arg >> 12)), (b, local(arg & 0xFFF))],
            None => vec![(shown, value)],
        };
        for (name, value) in parts {
            let mut record = vec![quote(name), quote(&value)];
            record.extend(place.clone());
            ins.push(list(record));
        }
        at += 1 + op.caches();
    }
    let kinds = |f: &dyn Fn(LocalKind) -> bool| {
        list(
            code.locals_plus
                .iter()
                .filter(|l| f(l.1))
                .map(|l| quote(&l.0)),
        )
    };
    println!(
        "{{\"name\":{},\"line\":{},\"flags\":{},\"args\":[{},{},{}],\"varnames\":{},\"cellvars\":{},\"freevars\":{},\
         \"stack\":{},\"consts\":{},\"names\":{},\"handlers\":{},\"ins\":{}}}",
        quote(&code.qualname),
        code.first_line,
        code.flags,
        code.arg_count,
        code.posonly_arg_count,
        code.kwonly_arg_count,
        kinds(&|k| k.is_local()),
        kinds(&|k| k.is_cell()),
        kinds(&|k| k.is_free()),
        code.stack_size,
        list(code.consts.iter().map(|c| quote(&show(c)))),
        list(code.names.iter().map(|n| quote(n))),
        dis::handlers(&code.exception_table).len(),
        list(ins)
    );
    for c in &code.consts {
        if let Const::Code(inner) = c {
            dump(inner, positions);
        }
    }
}

fn main() {
    let positions = std::env::args().any(|a| a == "--positions");
    for path in std::env::args().skip(1).filter(|a| !a.starts_with("--")) {
        let bytes = std::fs::read(&path).expect("readable file");
        let Ok(Decoded::Text(text)) = decode_source(&bytes, &path) else {
            std::process::exit(1)
        };
        let options = Options {
            filename: path.clone(),
            ..Options::default()
        };
        match compile(&text, &options) {
            Ok(out) => dump(&out.code, positions),
            Err(e) => {
                eprintln!("{e}");
                std::process::exit(1);
            }
        }
    }
}
