//! The compiler: Python 3.14 source to [`taipan_bytecode::Code`].
//!
//! Source is parsed by ruff's parser and turned into Python's own tree
//! ([`ast`]), whose symbols are resolved ([`symtable`]), from which code is
//! generated ([`codegen`]) and optimised ([`flowgraph`]) the way CPython does it.
//! Nothing here needs a Python heap, so it runs in build scripts as well.

mod assemble;
pub mod ast;
mod codegen;
pub mod errors;
mod flowgraph;
mod flufl;
mod fold;
mod lower;
mod source;
pub mod symtable;
pub mod tokens;
pub mod type_comments;
pub mod unparse;
pub mod verify;

pub use errors::{CompileError, ErrorKind, Warning, WarningCategory};
pub use fold::fold;
pub use lower::{bigint_const, const_to_bigint};
pub use source::{Decoded, decode_source};
use taipan_bytecode::{Code, CodeFlags};

/// What the source is: the third argument of `compile()`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    Exec,
    Eval,
    Single,
    FuncType,
}

/// How to compile.
#[derive(Clone, Debug)]
pub struct Options {
    pub mode: Mode,
    pub filename: String,
    /// The `-O` level: 0, 1 or 2.
    pub optimize: u8,
    /// `CodeFlags::FUTURE_*` inherited from the caller.
    pub future: u32,
    /// `PyCF_ALLOW_TOP_LEVEL_AWAIT`.
    pub top_level_await: bool,
    /// `PyCF_ALLOW_INCOMPLETE_INPUT`: report input that only lacks an end as
    /// [`ErrorKind::Incomplete`].
    pub allow_incomplete: bool,
    /// `PyCF_DONT_IMPLY_DEDENT`: an indented block of interactive input goes on
    /// until a line ends it.
    pub dont_imply_dedent: bool,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            mode: Mode::Exec,
            filename: "<string>".into(),
            optimize: 0,
            future: 0,
            top_level_await: false,
            allow_incomplete: false,
            dont_imply_dedent: false,
        }
    }
}

/// The result of a compilation.
#[derive(Clone, Debug)]
pub struct Output {
    pub code: Code,
    /// Warnings to issue, in order.
    pub warnings: Vec<Warning>,
}

/// A parsed source.
#[derive(Clone, Debug)]
pub struct Parsed {
    pub tree: ast::Mod,
    pub warnings: Vec<Warning>,
}

/// Parses source whose encoding and newlines are already taken care of
/// ([`decode_source`]).
pub fn parse(source: &str, options: &Options) -> Result<Parsed, Box<CompileError>> {
    source::parse(source, options).map_err(|e| {
        let mut e = e.with_source(source);
        e.last_statement.get_or_insert((0, 0));
        e
    })
}

/// The warnings of a source that does not parse: those that CPython issues before
/// it meets the error.
pub fn warnings_before(source: &str, options: &Options, error: &CompileError) -> Vec<Warning> {
    match error.last_statement {
        Some(_) => errors::diagnose::escape_warnings(source, options, error),
        None => Vec::new(),
    }
}

/// Compiles a tree, which is rewritten by the optimisations that CPython makes on it.
/// Errors have no line's text: it is the caller's to find.
pub fn compile_ast(tree: &mut ast::Mod, options: &Options) -> Result<Output, Box<CompileError>> {
    stacker::maybe_grow(256 << 10, 4 << 20, || {
        let future = options.future | source::future_features(tree)?;
        let mut warnings = fold::fold(tree, options.optimize);
        let table = symtable::SymbolTable::build(tree, future, options.optimize)?;
        let settings = codegen::Settings {
            filename: options.filename.clone(),
            optimize: options.optimize,
            future,
            top_level_await: options.top_level_await,
            interactive: options.mode == Mode::Single,
        };
        let (code, more) = codegen::compile(tree, &table, settings)?;
        warnings.extend(more);
        debug_assert_eq!(verify::verify(&code), Ok(()), "{}", options.filename);
        Ok(Output { code, warnings })
    })
}

/// Compiles source text.
pub fn compile(source: &str, options: &Options) -> Result<Output, Box<CompileError>> {
    let mut parsed = parse(source, options)?;
    let result = compile_ast(&mut parsed.tree, options);
    source::drop_tree(parsed.tree, source.len());
    let mut output = result?;
    output.warnings.splice(0..0, parsed.warnings);
    Ok(output)
}

/// The symbol table of a source, for the `symtable` module.
pub fn symbols(
    source: &str,
    options: &Options,
) -> Result<symtable::SymbolTable, Box<CompileError>> {
    let parsed = parse(source, options)?;
    let future = options.future | source::future_features(&parsed.tree)?;
    symtable::SymbolTable::build(&parsed.tree, future, options.optimize)
}

/// The character that a `\N{...}` escape names.
fn unicode_name(name: &str) -> Option<char> {
    char::from_u32(taipan_text::unicode::names::lookup(name)?)
}

fn is_xid_start(text: &str) -> bool {
    let mut chars = text.chars();
    chars
        .next()
        .is_some_and(|c| c == '_' || unicode_ident::is_xid_start(c))
        && chars.all(unicode_ident::is_xid_continue)
}

fn is_xid_continue(text: &str) -> bool {
    text.chars().all(unicode_ident::is_xid_continue)
}
