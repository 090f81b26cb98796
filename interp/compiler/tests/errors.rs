//! Messages and places of errors, as CPython 3.14 gives them. A larger comparison
//! is `scripts/compare_errors.py`.

use taipan_compiler::{ErrorKind, Mode, Options, compile};

/// Message, line, offset, end line, end offset.
type Report = (&'static str, i32, i32, i32, i32);

fn report(source: &str, options: &Options) -> (ErrorKind, String, i32, i32, i32, i32) {
    match compile(source, options) {
        Ok(_) => panic!("{source:?} compiles"),
        Err(e) => (
            e.kind,
            e.message,
            e.line,
            e.column,
            e.end_line,
            e.end_column,
        ),
    }
}

#[track_caller]
fn check(source: &str, kind: ErrorKind, want: Report) {
    let (got_kind, message, line, column, end_line, end_column) =
        report(source, &Options::default());
    assert_eq!(
        (&*message, line, column, end_line, end_column),
        want,
        "{source:?}"
    );
    assert_eq!(got_kind, kind, "{source:?}");
}

#[test]
fn parser() {
    use ErrorKind::{Indentation, Syntax, Tab};
    check(
        "f(a b)\n",
        Syntax,
        ("invalid syntax. Perhaps you forgot a comma?", 1, 3, 1, 6),
    );
    check("x = (1,\n", Syntax, ("'(' was never closed", 1, 5, 1, 0));
    check("a)\n", Syntax, ("unmatched ')'", 1, 2, 1, 2));
    check(
        "(]\n",
        Syntax,
        (
            "closing parenthesis ']' does not match opening parenthesis '('",
            1,
            2,
            1,
            2,
        ),
    );
    check("if x\n  y\n", Syntax, ("expected ':'", 1, 5, 1, 6));
    check(
        "f() = 1\n",
        Syntax,
        (
            "cannot assign to function call here. Maybe you meant '==' instead of '='?",
            1,
            1,
            1,
            4,
        ),
    );
    check(
        "if x = 1: pass\n",
        Syntax,
        (
            "invalid syntax. Maybe you meant '==' or ':=' instead of '='?",
            1,
            4,
            1,
            9,
        ),
    );
    check(
        "'abc\n",
        Syntax,
        (
            "unterminated string literal (detected at line 1)",
            1,
            1,
            1,
            1,
        ),
    );
    check(
        "print 1\n",
        Syntax,
        (
            "Missing parentheses in call to 'print'. Did you mean print(...)?",
            1,
            1,
            1,
            8,
        ),
    );
    check("1_\n", Syntax, ("invalid decimal literal", 1, 2, 1, 2));
    check(
        "f'{a b}'\n",
        Syntax,
        ("invalid syntax. Perhaps you forgot a comma?", 1, 4, 1, 7),
    );
    check(
        "f'{}'\n",
        Syntax,
        ("f-string: valid expression required before '}'", 1, 4, 1, 5),
    );
    check(
        "if x:\npass\n",
        Indentation,
        (
            "expected an indented block after 'if' statement on line 1",
            2,
            1,
            2,
            5,
        ),
    );
    check("  x\n", Indentation, ("unexpected indent", 1, 2, 1, -1));
    check(
        "if x:\n\ty\n        z\n",
        Tab,
        (
            "inconsistent use of tabs and spaces in indentation",
            3,
            1,
            3,
            0,
        ),
    );
}

#[test]
fn symbols_and_code() {
    use ErrorKind::Syntax;
    check(
        "return 1\n",
        Syntax,
        ("'return' outside function", 1, 1, 1, 9),
    );
    check("break\n", Syntax, ("'break' outside loop", 1, 1, 1, 6));
    check(
        "def f():\n x\n global x\n",
        Syntax,
        ("name 'x' is used prior to global declaration", 3, 2, 3, 10),
    );
    check(
        "def f(a, a): pass\n",
        Syntax,
        (
            "duplicate argument 'a' in function definition",
            1,
            10,
            1,
            11,
        ),
    );
    check(
        "nonlocal x\n",
        Syntax,
        (
            "nonlocal declaration not allowed at module level",
            1,
            1,
            1,
            11,
        ),
    );
    check(
        "def f():\n await x\n",
        Syntax,
        ("'await' outside async function", 2, 2, 2, 9),
    );
    check(
        "try: pass\nexcept: pass\nexcept A: pass\n",
        Syntax,
        ("default 'except:' must be last", 2, 1, 2, 13),
    );
}

#[test]
fn warnings() {
    let words = |source: &str| -> Vec<String> {
        compile(source, &Options::default())
            .expect(source)
            .warnings
            .into_iter()
            .map(|w| w.message)
            .collect()
    };
    assert_eq!(
        words("x is 1"),
        ["\"is\" with 'int' literal. Did you mean \"==\"?"]
    );
    assert_eq!(
        words("def f():\n try: pass\n finally: return"),
        ["'return' in a 'finally' block"]
    );
    assert_eq!(
        words("assert (x, 'y')"),
        ["assertion is always true, perhaps remove parentheses?"]
    );
    assert_eq!(
        words("1()"),
        ["'int' object is not callable; perhaps you missed a comma?"]
    );
    assert_eq!(
        words(r"'\d'"),
        [
            r#""\d" is an invalid escape sequence. Such sequences will not work in the future. Did you mean "\\d"? A raw string is also an option."#
        ]
    );
}

#[test]
fn interactive() {
    let single = Options {
        mode: Mode::Single,
        ..Options::default()
    };
    assert!(compile("if x:\n  y\n", &single).is_ok());
    assert_eq!(
        report("x\ny\n", &single).1,
        "multiple statements found while compiling a single statement"
    );
    let incomplete = Options {
        allow_incomplete: true,
        dont_imply_dedent: true,
        ..single
    };
    for source in ["if x:\n", "f(\n", "'''a\n", "try:\n  x\n"] {
        assert_eq!(
            report(source, &incomplete).0,
            ErrorKind::Incomplete,
            "{source:?}"
        );
    }
    assert_eq!(report("a b\n", &incomplete).0, ErrorKind::Syntax);
}

#[test]
fn nesting_never_overflows_the_stack() {
    let n = 50_000;
    let parens = format!("{}1{}", "(".repeat(n), ")".repeat(n));
    assert_eq!(
        report(&parens, &Options::default()).1,
        "too many nested parentheses"
    );
    for source in [
        format!("{}1", "-".repeat(n)),
        format!("a{}", ".b".repeat(n)),
        format!("a{}", "[0]".repeat(n)),
        format!("a{}", "+a".repeat(n)),
        format!("x = {}1", "lambda: ".repeat(n)),
    ] {
        let kind = report(&source, &Options::default()).0;
        assert!(
            matches!(kind, ErrorKind::Recursion | ErrorKind::Memory),
            "{kind:?}"
        );
    }
    let blocks: String = (0..30)
        .map(|i| format!("{}for x in y:\n", " ".repeat(i)))
        .collect();
    let source = format!("{blocks}{}pass\n", " ".repeat(30));
    assert_eq!(
        report(&source, &Options::default()).1,
        "too many statically nested blocks"
    );
}
