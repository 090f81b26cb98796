//! Generated code: instruction names of small programs, as CPython 3.14 generates
//! them, and properties that hold for all code.

use taipan_bytecode::{Code, Const, Instr, Op, serial};
use taipan_compiler::{Options, compile, verify};

fn code(source: &str) -> Code {
    let out = compile(source, &Options::default()).expect(source);
    assert_eq!(verify::verify(&out.code), Ok(()));
    assert_eq!(
        serial::read(&serial::write(&out.code)).as_ref(),
        Ok(&out.code)
    );
    out.code
}

fn names(code: &Code) -> Vec<&'static str> {
    let mut out = Vec::new();
    let mut at = 0;
    while at < code.instrs.len() {
        let op = Op::from_u8(Instr(code.instrs[at]).op_byte()).expect("an opcode");
        out.push(op.name());
        at += 1 + op.caches();
    }
    out
}

fn function(source: &str) -> Code {
    let module = code(source);
    module
        .consts
        .into_iter()
        .find_map(|c| {
            if let Const::Code(c) = c {
                Some(*c)
            } else {
                None
            }
        })
        .expect("a function")
}

#[test]
fn folding() {
    let module = code("x = 1 + 2 * 3");
    assert_eq!(
        names(&module),
        [
            "RESUME",
            "LOAD_SMALL_INT",
            "STORE_NAME",
            "LOAD_CONST",
            "RETURN_VALUE"
        ]
    );
    let f = function("def f(): return (1, 'a', -2.5)");
    assert_eq!(names(&f), ["RESUME", "LOAD_CONST", "RETURN_VALUE"]);
    let f = function("def f(x): return x in [1, 2]");
    assert_eq!(
        names(&f),
        [
            "RESUME",
            "LOAD_FAST",
            "LOAD_CONST",
            "CONTAINS_OP",
            "RETURN_VALUE"
        ]
    );
}

#[test]
fn unbound_locals_are_checked() {
    let f = function("def f(a):\n if a: b = 1\n return b");
    assert!(names(&f).contains(&"LOAD_FAST_CHECK"));
    let f = function("def f(a):\n b = 1\n return b");
    assert!(!names(&f).contains(&"LOAD_FAST_CHECK"));
}

#[test]
fn generators_start_suspended() {
    let f = function("def f(a):\n yield a");
    assert_eq!(names(&f)[..3], ["RETURN_GENERATOR", "POP_TOP", "RESUME"]);
    assert_eq!(
        names(&f)[names(&f).len() - 2..],
        ["CALL_INTRINSIC_1", "RERAISE"]
    );
}

#[test]
fn large_literals_need_little_stack() {
    let list = format!("x = [{}]", "a,".repeat(100_000));
    assert!(code(&list).stack_size < 10);
    let dict: String = (0..20_000).map(|i| format!("{i}: a,")).collect();
    assert!(code(&format!("x = {{{dict}}}")).stack_size < 50);
}

#[test]
fn surrogates_and_big_integers() {
    let module = code(r"x = '\ud800'; y = 123456789012345678901234567890");
    assert!(
        module
            .consts
            .contains(&Const::Str(b"\xED\xA0\x80"[..].into()))
    );
    assert!(module.consts.iter().any(|c| matches!(
        c,
        Const::BigInt {
            negative: false,
            ..
        }
    )));
}

#[test]
fn docstrings_lose_their_indentation() {
    let f = function("def f():\n    '''a\n\n      b\n    c'''");
    assert_eq!(f.consts[0], Const::str("a\n\n  b\nc"));
}

#[test]
fn optimisation_levels() {
    let source = "def f():\n 'doc'\n assert x\n return __debug__";
    for (level, asserts) in [(0, true), (1, false), (2, false)] {
        let out = compile(
            source,
            &Options {
                optimize: level,
                ..Options::default()
            },
        )
        .expect(source);
        let Some(Const::Code(f)) = out.code.consts.first() else {
            panic!("no function")
        };
        assert_eq!(names(f).contains(&"RAISE_VARARGS"), asserts);
        assert_eq!(f.consts.contains(&Const::str("doc")), level < 2);
    }
}
