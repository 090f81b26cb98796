//! From bytes to a tree: encoding, newlines, parsing, `__future__` imports.

use crate::ast::*;
use crate::errors::{CompileError, ErrorKind, Res, diagnose};
use crate::lower::{LineIndex, Lowerer};
use crate::{Mode, Options, Parsed};
use ruff_python_ast::PythonVersion;
use taipan_bytecode::CodeFlags;

/// Nesting of the tree from which dropping it needs a larger stack.
const DEEP: u32 = 2_000;

pub fn parse(source: &str, options: &Options) -> Res<Parsed> {
    if source.contains('\0') {
        return Err(CompileError::new(
            ErrorKind::Syntax,
            "source code cannot contain null bytes",
            Pos::NONE,
        ));
    }
    if source.len() >= i32::MAX as usize {
        return Err(CompileError::new(
            ErrorKind::Overflow,
            "source is too long",
            Pos::NONE,
        ));
    }
    if options.mode == Mode::FuncType {
        return parse_func_type(source);
    }
    let translated = crate::flufl::translate(source, options)?;
    let source = translated.as_deref().unwrap_or(source);
    diagnose::check_nesting(source, options)?;
    // What makes interactive input complete is more than its grammar.
    if options.mode == Mode::Single
        && let Some(error) = diagnose::diagnose(source, options)
    {
        return Err(error);
    }
    let mode = match options.mode {
        Mode::Eval => ruff_python_parser::Mode::Expression,
        _ => ruff_python_parser::Mode::Module,
    };
    let parse_options =
        ruff_python_parser::ParseOptions::from(mode).with_target_version(PythonVersion::PY314);
    let parsed = ruff_python_parser::parse_unchecked(source, parse_options);
    let result = (|| {
        let mut errors = parsed.errors().iter();
        if let Some(error) = errors.find(|error| !names_a_character(source, error)) {
            return Err(diagnose::explain(source, error, options));
        }
        if let Some(error) = parsed.unsupported_syntax_errors().first() {
            return Err(diagnose::unsupported(source, error, options));
        }
        let lines = LineIndex::new(source);
        let mut lowerer = Lowerer::new(source, &lines);
        let tree = match parsed.syntax() {
            ruff_python_ast::Mod::Module(m) => {
                let body = lowerer.body(&m.body)?;
                if options.mode == Mode::Single {
                    Mod::Interactive { body }
                } else {
                    Mod::Module { body }
                }
            }
            ruff_python_ast::Mod::Expression(e) => Mod::Expression {
                body: Box::new(lowerer.expr(&e.body)?),
            },
        };
        Ok((tree, lowerer.warnings, lowerer.max_depth))
    })();
    let deep = match &result {
        Ok((_, _, depth)) => *depth > DEEP,
        Err(_) => source.len() > DEEP as usize,
    };
    if deep {
        stacker::grow(drop_stack(source.len()), || drop(parsed));
    }
    let (tree, warnings, _) = match result {
        // What is nested deeper than a tree may be is often too much for the parser already.
        Err(e) if e.kind == ErrorKind::Recursion => {
            let parser = diagnose::diagnose(source, options);
            return Err(parser.filter(|p| p.kind == ErrorKind::Memory).unwrap_or(e));
        }
        result => result?,
    };
    Ok(Parsed { tree, warnings })
}

/// Stack enough to drop any tree of a source of this length: nested nodes are
/// dropped one within the other.
fn drop_stack(len: usize) -> usize {
    (len.saturating_mul(512)).clamp(1 << 20, 4 << 30)
}

/// Drops a tree without running out of stack.
pub fn drop_tree(tree: Mod, source_len: usize) {
    if source_len > DEEP as usize * 2 {
        stacker::maybe_grow((source_len * 64).min(16 << 20), 64 << 20, || drop(tree));
    }
}

/// `(int, str) -> bool`: a function's type comment.
/// Whether a complaint of the parser is about a `\N{...}` that Python knows, such as an alias. Literals are
/// read by our own code afterwards.
fn names_a_character(source: &str, error: &ruff_python_parser::ParseError) -> bool {
    use ruff_python_parser::{LexicalErrorType, ParseErrorType};
    matches!(
        error.error,
        ParseErrorType::Lexical(LexicalErrorType::UnicodeError)
    ) && source
        .get(error.location.start().to_usize()..error.location.end().to_usize())
        .is_some_and(|name| crate::unicode_name(name).is_some())
}

fn parse_func_type(source: &str) -> Res<Parsed> {
    let invalid = || {
        CompileError::syntax(
            "invalid syntax",
            Pos {
                line: 1,
                col: 0,
                end_line: 1,
                end_col: 1,
            },
        )
    };
    let (left, right) = source.rsplit_once("->").ok_or_else(invalid)?;
    let options = Options {
        mode: Mode::Eval,
        ..Options::default()
    };
    let inner = left
        .trim()
        .strip_prefix('(')
        .and_then(|l| l.strip_suffix(')'))
        .ok_or_else(invalid)?;
    // `*` and `**` mark variadic parameters and leave no trace in the tree.
    let mut argtypes = Vec::new();
    if !inner.trim().is_empty() {
        let call = format!("f({inner})");
        let parsed = parse(&call, &options)?;
        let Mod::Expression { body } = parsed.tree else {
            return Err(invalid());
        };
        let ExprKind::Call { args, keywords, .. } = body.kind else {
            return Err(invalid());
        };
        argtypes.extend(args.into_iter().map(|a| match a.kind {
            ExprKind::Starred { value, .. } => *value,
            _ => a,
        }));
        argtypes.extend(keywords.into_iter().map(|k| k.value));
    }
    // Parentheses let the expression stand in its column behind the arrow.
    let padded = format!("({:width$}{right})", "", width = left.len() + 1);
    let Mod::Expression { body } = parse(&padded, &options)?.tree else {
        return Err(invalid());
    };
    Ok(Parsed {
        tree: Mod::FunctionType {
            argtypes,
            returns: body,
        },
        warnings: Vec::new(),
    })
}

/// The features that `from __future__ import ...` turns on.
pub fn future_features(tree: &Mod) -> Res<u32> {
    let (Mod::Module { body } | Mod::Interactive { body }) = tree else {
        return Ok(0);
    };
    let mut features = 0;
    let mut may_import = true;
    let skip = usize::from(docstring(body).is_some());
    for (i, s) in body.iter().enumerate() {
        let StmtKind::ImportFrom {
            module: Some(module),
            names,
            level: 0,
        } = &s.kind
        else {
            may_import &= i < skip;
            continue;
        };
        if &**module != "__future__" {
            may_import = false;
            continue;
        }
        if !may_import {
            return Err(CompileError::syntax(
                "from __future__ imports must occur at the beginning of the file",
                s.pos,
            ));
        }
        for alias in names {
            features |= match &*alias.name {
                "nested_scopes" | "generators" | "division" | "absolute_import"
                | "with_statement" | "print_function" | "unicode_literals" | "generator_stop" => 0,
                "annotations" => CodeFlags::FUTURE_ANNOTATIONS,
                "barry_as_FLUFL" => CodeFlags::FUTURE_BARRY,
                "braces" => return Err(CompileError::syntax("not a chance", alias.pos)),
                name => {
                    return Err(CompileError::syntax(
                        format!("future feature {name} is not defined"),
                        alias.pos,
                    ));
                }
            };
        }
    }
    Ok(features)
}

/// Source text, or the name of an encoding that the caller has to decode.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Decoded {
    Text(String),
    /// A codec that only the running system knows; its name is normalised.
    Needs(String),
}

/// Decodes source bytes by their BOM or encoding declaration (PEP 263), and turns
/// all newlines into `\n`.
///
/// # Errors
/// Null bytes, bytes that are not of the encoding, and a BOM that contradicts the
/// declaration.
pub fn decode_source(bytes: &[u8], filename: &str) -> Result<Decoded, Box<CompileError>> {
    if bytes.contains(&0) {
        return Err(CompileError::new(
            ErrorKind::Syntax,
            "source code cannot contain null bytes",
            Pos::NONE,
        ));
    }
    let (bom, rest) = match bytes.strip_prefix(b"\xEF\xBB\xBF") {
        Some(rest) => (true, rest),
        None => (false, bytes),
    };
    let declared = declared_encoding(rest);
    let encoding = declared.as_deref().map(normalize_encoding);
    if bom && let Some(cookie) = declared.as_deref().filter(|d| !names_utf8(d)) {
        let name = match encoding.as_deref() {
            Some(latin @ "iso-8859-1") => latin,
            _ => cookie,
        };
        return Err(CompileError::syntax(
            format!("encoding problem: {name} with BOM"),
            Pos {
                line: 1,
                col: -1,
                end_line: 1,
                end_col: -1,
            },
        ));
    }
    let text = match encoding.as_deref() {
        None | Some("utf-8") => match std::str::from_utf8(rest) {
            Ok(text) => text.to_owned(),
            Err(e) => {
                return Err(not_utf8(
                    rest,
                    e.valid_up_to(),
                    declared.is_some() || bom,
                    filename,
                ));
            }
        },
        Some("iso-8859-1") => rest.iter().map(|&b| b as char).collect(),
        Some("ascii") if rest.is_ascii() => rest.iter().map(|&b| b as char).collect(),
        Some(other) => return Ok(Decoded::Needs(other.to_owned())),
    };
    Ok(Decoded::Text(translate_newlines(text)))
}

/// Turns `\r\n` and `\r` into `\n`.
pub fn translate_newlines(text: String) -> String {
    if text.contains('\r') {
        text.replace("\r\n", "\n").replace('\r', "\n")
    } else {
        text
    }
}

fn not_utf8(bytes: &[u8], at: usize, declared: bool, filename: &str) -> Box<CompileError> {
    let line = bytes[..at].iter().filter(|&&b| b == b'\n').count() as i32 + 1;
    let byte = bytes[at];
    let _ = declared;
    let message = format!(
        "Non-UTF-8 code starting with '\\x{byte:02x}' in file {filename} on line {line}, but no encoding declared; \
         see https://peps.python.org/pep-0263/ for details"
    );
    let start = bytes[..at]
        .iter()
        .rposition(|&b| b == b'\n')
        .map_or(0, |i| i + 1);
    // In characters: what stands before is valid.
    let column = String::from_utf8_lossy(&bytes[start..at]).chars().count() as i32;
    let mut error = CompileError::syntax(
        message,
        Pos {
            line,
            col: column,
            end_line: line,
            end_col: column,
        },
    );
    let end = bytes[at..]
        .iter()
        .position(|&b| b == b'\n')
        .map_or(bytes.len(), |i| at + i + 1);
    error.text = Some(String::from_utf8_lossy(&bytes[start..end]).into_owned());
    error
}

/// Whether a cookie says UTF-8 in one of the ways that may stand behind a byte order mark:
/// `utf8` may not.
fn names_utf8(cookie: &str) -> bool {
    let name = cookie.to_ascii_lowercase().replace('_', "-");
    name == "utf-8" || name.starts_with("utf-8-")
}

/// The encoding named in a comment on one of the first two lines.
fn declared_encoding(bytes: &[u8]) -> Option<String> {
    for line in bytes.split(|&b| b == b'\n').take(2) {
        let trimmed: &[u8] = line.trim_ascii_start();
        if let Some(comment) = trimmed.strip_prefix(b"#") {
            if let Some(name) = encoding_in(comment) {
                return Some(name);
            }
        } else if !trimmed.is_empty() {
            return None;
        }
    }
    None
}

fn encoding_in(comment: &[u8]) -> Option<String> {
    let mut at = 0;
    while let Some(found) = comment[at..].windows(6).position(|w| w == b"coding") {
        at += found + 6;
        if let Some(b':' | b'=') = comment.get(at) {
            let rest = comment[at + 1..].trim_ascii_start();
            let len = rest
                .iter()
                .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
                .count();
            if len > 0 {
                return Some(String::from_utf8_lossy(&rest[..len]).into_owned());
            }
        }
    }
    None
}

fn normalize_encoding(name: &str) -> String {
    let lower: String = name
        .chars()
        .take(12)
        .map(|c| {
            if c == '_' {
                '-'
            } else {
                c.to_ascii_lowercase()
            }
        })
        .collect();
    if lower == "utf-8" || lower.starts_with("utf-8-") || lower == "utf8" {
        return "utf-8".into();
    }
    if ["latin-1", "iso-8859-1", "iso-latin-1"].iter().any(|p| {
        lower
            .strip_prefix(p)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
    }) {
        return "iso-8859-1".into();
    }
    match lower.as_str() {
        "ascii" | "us-ascii" => "ascii".into(),
        _ => name.to_ascii_lowercase().replace('_', "-"),
    }
}
