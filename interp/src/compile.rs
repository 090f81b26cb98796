//! `compile()`: from source or tree to a code object.

use crate::modules::ast::build::Builder;
use crate::modules::ast::read::Reader;
use crate::modules::ast::validate::{self, Invalid};
use taipan_compiler::errors::WarningOrigin;
use taipan_compiler::type_comments::TypeComments;
use taipan_compiler::{CompileError, ErrorKind, Mode, Options, WarningCategory};
use taipan_runtime::types::bytes::Bytes;
use taipan_runtime::types::exception::classes as exc;
use taipan_runtime::types::str::Str;
use taipan_runtime::vm::CompileRequest;
use taipan_runtime::{Raised, Result, Value, Vm};

const ONLY_AST: u32 = 0x400;
const OPTIMIZED_AST: u32 = 0x8400;
const TYPE_COMMENTS: u32 = 0x1000;
const ALLOW_TOP_LEVEL_AWAIT: u32 = 0x2000;
const DONT_IMPLY_DEDENT: u32 = 0x200;
const ALLOW_INCOMPLETE: u32 = 0x4000;

/// Compiles as `compile()` was asked to.
pub fn compile(vm: &Vm, request: &CompileRequest) -> Result {
    let filename = match request.filename.cast::<Str>() {
        Some(s) => s.to_text(),
        None => match request.filename.cast::<Bytes>() {
            Some(b) => String::from_utf8_lossy(b.as_slice()).into_owned(),
            None => {
                let fspath = vm.import_attr("os", "fspath")?;
                vm.str_text(vm.call(fspath, &[request.filename])?)?
            }
        },
    };
    let mode = match request.mode.cast::<Str>().map(|s| s.to_text()).as_deref() {
        Some("exec") => Mode::Exec,
        Some("eval") => Mode::Eval,
        Some("single") => Mode::Single,
        Some("func_type") if request.flags & ONLY_AST != 0 => Mode::FuncType,
        Some("func_type") => {
            return Err(vm.value_error("compile() mode 'func_type' requires flag PyCF_ONLY_AST"));
        }
        _ => return Err(vm.value_error("compile() mode must be 'exec', 'eval' or 'single'")),
    };
    let optimize = if request.optimize < 0 {
        vm.settings.borrow().optimize.min(2)
    } else {
        request.optimize as u8
    };
    let options = Options {
        mode,
        filename,
        optimize,
        future: request.flags & 0x1FE_0000,
        top_level_await: request.flags & ALLOW_TOP_LEVEL_AWAIT != 0,
        allow_incomplete: request.flags & ALLOW_INCOMPLETE != 0,
        dont_imply_dedent: request.flags & DONT_IMPLY_DEDENT != 0,
    };
    if request.source.is_object()
        && request.source.cast::<Str>().is_none()
        && request.source.cast::<Bytes>().is_none()
    {
        let reader = Reader::new(vm)?;
        if reader.is_node(request.source) {
            vm.audit("compile", &[request.source, Value::NONE])?;
            return compile_tree(vm, &reader, request, &options);
        }
    }
    let wrong = "compile() arg 1 must be a string, bytes or AST object";
    let source = source_text(vm, request.source, &options.filename, wrong)?;
    if vm.is_audited() {
        let bytes = vm.new_bytes(source.as_bytes())?.value();
        vm.audit("compile", &[bytes, vm.new_str(&options.filename).value()])?;
    }
    if request.flags & ONLY_AST != 0 {
        return parse_text(vm, &source, &options, request.flags);
    }
    compile_text(vm, &source, &options)
}

/// Source text from `str`, bytes or a buffer; `wrong` says that it is something else.
pub fn source_text(vm: &Vm, source: Value, filename: &str, wrong: &str) -> Result<String> {
    if let Some(s) = source.cast::<Str>() {
        return match s.to_utf8() {
            Some(text) if text.contains('\0') => Err(null_bytes(vm)),
            Some(text) => Ok(text.replace("\r\n", "\n").replace('\r', "\n")),
            None => {
                let encode = vm.call_method(source, "encode", &[vm.new_str("utf-8").value()]);
                encode.map(|_| String::new())
            }
        };
    }
    if let Some(b) = source.cast::<Bytes>() {
        return decode(vm, b.as_slice(), filename);
    }
    if source.is_object() && vm.supports_buffer(source) {
        let view = vm.get_contiguous_buffer(source, false)?;
        let bytes = view.as_slice().unwrap_or_default().to_vec();
        return decode(vm, &bytes, filename);
    }
    Err(vm.type_error(wrong))
}

fn null_bytes(vm: &Vm) -> Raised {
    let message = vm.new_str("source code string cannot contain null bytes");
    vm.raise_new(vm.exception_class(&exc::SYNTAX_ERROR), &[message.value()])
}

/// Makes a SyntaxError of what went wrong when the source was decoded.
fn undecodable(vm: &Vm, raised: Raised, filename: &str) -> Raised {
    if !vm.raised_is_def(&exc::EXCEPTION) {
        return raised;
    }
    let error = vm.take_raised();
    let details = [
        vm.new_str(filename).value(),
        Value::small_int(0),
        Value::small_int(-1),
        Value::NONE,
    ];
    let parts = vm
        .str(error)
        .and_then(|message| Ok([message.value(), vm.new_tuple(&details)?.value()]));
    match parts {
        Ok(parts) => vm.raise_new(vm.exception_class(&exc::SYNTAX_ERROR), &parts),
        Err(raised) => raised,
    }
}

/// Decodes source bytes by cookie (PEP 263).
pub fn decode(vm: &Vm, bytes: &[u8], filename: &str) -> Result<String> {
    if bytes.contains(&0) {
        return Err(null_bytes(vm));
    }
    match taipan_compiler::decode_source(bytes, filename) {
        Ok(taipan_compiler::Decoded::Text(text)) => Ok(text),
        Ok(taipan_compiler::Decoded::Needs(encoding)) => {
            let (bytes, encoding) = (vm.new_bytes(bytes)?.value(), vm.new_str(&encoding).value());
            let text = vm
                .call_method(bytes, "decode", &[encoding])
                .map_err(|raised| undecodable(vm, raised, filename))?;
            Ok(vm.str_text(text)?.replace("\r\n", "\n").replace('\r', "\n"))
        }
        Err(e) => Err(raise(vm, &e, filename)),
    }
}

/// Compiles source text and issues the warnings.
pub fn compile_text(vm: &Vm, source: &str, options: &Options) -> Result {
    match taipan_compiler::compile(source, options) {
        Ok(output) => {
            for w in &output.warnings {
                warn(vm, w, options, Some(source))?;
            }
            Ok(vm.new_code(&output.code)?.value())
        }
        Err(e) => Err(explain(vm, &e, options, source)),
    }
}

/// Raises the error of a source after the warnings that come before it.
fn explain(vm: &Vm, e: &CompileError, options: &Options, source: &str) -> Raised {
    for w in taipan_compiler::warnings_before(source, options, e) {
        if let Err(raised) = warn(vm, &w, options, Some(source)) {
            return raised;
        }
    }
    raise_for(vm, e, options, source)
}

/// Raises an error of a source, with what suggestions about it need to know.
fn raise_for(vm: &Vm, e: &CompileError, options: &Options, source: &str) -> Raised {
    let raised = raise(vm, e, &options.filename);
    if let Some((line, column)) = e.last_statement
        && let Some(error) = vm.pending()
    {
        let mut text = source.to_owned();
        if options.mode == Mode::Exec && !text.ends_with('\n') {
            text.push('\n');
        }
        let parts = [
            vm.new_int(line.into()),
            vm.new_int(column.into()),
            vm.new_str(&text).value(),
        ];
        let stored = vm
            .new_tuple(&parts)
            .and_then(|t| vm.set_attr(error, vm.intern("_metadata"), Some(t.value())));
        if let Err(raised) = stored {
            return raised;
        }
    }
    raised
}

/// Compiles Python's nodes, or gives them back if nodes are asked for.
fn compile_tree(
    vm: &Vm,
    reader: &Reader<'_>,
    request: &CompileRequest,
    options: &Options,
) -> Result {
    let expected = match options.mode {
        Mode::Exec => "Module",
        Mode::Eval => "Expression",
        Mode::Single => "Interactive",
        Mode::FuncType => "FunctionType",
    };
    let optimized = request.flags & OPTIMIZED_AST == OPTIMIZED_AST;
    if request.flags & ONLY_AST != 0 && !optimized {
        return Ok(request.source);
    }
    let mut tree = reader.module(request.source, expected)?;
    validate::validate(&tree).map_err(|e| match e {
        Invalid::Value(message) => vm.value_error(message),
        Invalid::Type(message) => vm.type_error(message),
    })?;
    if optimized {
        taipan_compiler::fold(&mut tree, options.optimize);
        return Builder::new(vm, TypeComments::default())?.module(&tree);
    }
    match taipan_compiler::compile_ast(&mut tree, options) {
        Ok(output) => {
            for w in &output.warnings {
                warn(vm, w, options, None)?;
            }
            Ok(vm.new_code(&output.code)?.value())
        }
        Err(e) => Err(raise(vm, &e, &options.filename)),
    }
}

/// Parses source text to Python's nodes, as the flags say.
fn parse_text(vm: &Vm, source: &str, options: &Options, flags: u32) -> Result {
    let optimized = flags & OPTIMIZED_AST == OPTIMIZED_AST;
    match taipan_compiler::parse(source, options) {
        Ok(mut parsed) => {
            for w in &parsed.warnings {
                warn(vm, w, options, Some(source))?;
            }
            if optimized {
                taipan_compiler::fold(&mut parsed.tree, options.optimize);
            }
            let comments = if flags & TYPE_COMMENTS != 0 {
                TypeComments::find(source)
            } else {
                TypeComments::default()
            };
            let builder = Builder::new(vm, comments)?;
            let tree = builder.module(&parsed.tree)?;
            match builder.comments().finish() {
                Ok(()) => Ok(tree),
                Err(e) => Err(raise_for(vm, &shown(e, source), options, source)),
            }
        }
        Err(e) => Err(explain(vm, &e, options, source)),
    }
}

/// Issues a warning; one that a filter makes an error is a SyntaxError.
fn warn(
    vm: &Vm,
    w: &taipan_compiler::Warning,
    options: &Options,
    source: Option<&str>,
) -> Result<()> {
    let warnings = vm.import("_warnings")?;
    let category = match w.category {
        WarningCategory::Syntax => vm.exception_class(&exc::SYNTAX_WARNING),
        WarningCategory::Deprecation => vm.exception_class(&exc::DEPRECATION_WARNING),
    };
    let message = vm.new_str(&w.message).value();
    let result = vm.call_method(
        warnings,
        "warn_explicit",
        &[
            message,
            category.value(),
            vm.new_str(&options.filename).value(),
            vm.new_int(w.pos.line.into()),
        ],
    );
    match result {
        Err(_) if vm.raised_is(category) => {
            vm.clear_raised();
            Err(warning_error(vm, w, options, source))
        }
        result => result.map(|_| ()),
    }
}

/// The SyntaxError that a warning became.
fn warning_error(
    vm: &Vm,
    w: &taipan_compiler::Warning,
    options: &Options,
    source: Option<&str>,
) -> Raised {
    let message = w
        .message
        .replacen(" Such sequences will not work in the future.", "", 1);
    let mut error = CompileError::syntax(message, w.pos);
    match (w.origin, source) {
        (WarningOrigin::Compiler, _) | (_, None) => {}
        (origin, Some(source)) => {
            if origin == WarningOrigin::Tokenizer {
                error = error.with_source(source);
                error.last_statement = Some((0, 0));
                (error.end_line, error.end_column) = (error.line, error.column);
            } else {
                error = shown(error, source);
            }
            if origin != WarningOrigin::Tokenizer
                && let Some(text) = &mut error.text
            {
                let limit = text.chars().count() as i32 + 1;
                error.column = error.column.min(limit);
                error.end_column = error.end_column.min(limit);
                if origin == WarningOrigin::EarlierLine {
                    text.pop();
                }
            }
        }
    }
    match source {
        Some(source) => raise_for(vm, &error, options, source),
        None => raise(vm, &error, &options.filename),
    }
}

/// An error as the parser shows it: with its line, which ends with a newline.
fn shown(error: Box<CompileError>, source: &str) -> Box<CompileError> {
    let mut error = error.with_source(source);
    error.last_statement = Some((0, 0));
    if let Some(text) = &mut error.text {
        if text.is_empty() {
            // A place reckoned from a later token may lie behind the end.
            text.push_str(source.lines().last().unwrap_or_default());
        }
        if !text.ends_with('\n') {
            text.push('\n');
        }
    }
    error
}

/// Raises a compilation's error.
pub fn raise(vm: &Vm, e: &CompileError, filename: &str) -> Raised {
    let class = match e.kind {
        ErrorKind::Syntax => &exc::SYNTAX_ERROR,
        ErrorKind::Indentation => &exc::INDENTATION_ERROR,
        ErrorKind::Tab => &exc::TAB_ERROR,
        ErrorKind::Incomplete => &exc::INCOMPLETE_INPUT_ERROR,
        ErrorKind::Value => return vm.value_error(&e.message),
        ErrorKind::Memory => {
            let class = vm.exception_class(&exc::MEMORY_ERROR);
            return vm.raise_new(class, &[vm.new_str(&e.message).value()]);
        }
        ErrorKind::Recursion => return vm.recursion_error(&e.message),
        ErrorKind::Overflow => return vm.overflow_error(&e.message),
    };
    let number = |n: i32| vm.new_int(n.into());
    let text = match e.last_statement {
        Some(_) => e.text.clone(),
        None => program_text(filename, e.line),
    };
    let text = text.map_or(Value::NONE, |t| vm.new_str(&t).value());
    let filename = vm.new_str(filename).value();
    let mut parts = vm.rooted();
    parts.extend([filename, number(e.line), number(e.column), text]);
    if e.end_line > 0 || e.end_column != 0 {
        parts.push(number(e.end_line));
        parts.push(number(e.end_column));
    }
    let details = match vm.new_tuple(&parts) {
        Ok(t) => t.value(),
        Err(raised) => return raised,
    };
    vm.raise_new(
        vm.exception_class(class),
        &[vm.new_str(&e.message).value(), details],
    )
}

/// A line of the file that a code object comes from, if there is such a file: errors
/// of the compiler proper show it, whatever was compiled under that name.
fn program_text(filename: &str, line: i32) -> Option<String> {
    let path = std::path::Path::new(filename);
    if !path.is_file() {
        return None;
    }
    let bytes = std::fs::read(path).ok()?;
    let text = match taipan_compiler::decode_source(&bytes, filename) {
        Ok(taipan_compiler::Decoded::Text(text)) => text,
        _ => {
            let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes);
            String::from_utf8_lossy(text).into_owned()
        }
    };
    let line = text
        .split_inclusive('\n')
        .nth(usize::try_from(line).ok()?.checked_sub(1)?)?;
    // Files in UTF-16 hold zeros; what follows one is not shown.
    line.split('\0').next().map(str::to_owned)
}
