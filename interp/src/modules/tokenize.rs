//! The module `_tokenize`: what the library's `tokenize` gets its tokens from.
//!
//! The source is read to its end when the first token is asked for; tokens
//! become Python objects one by one.

use std::cell::{Cell, OnceCell};
use taipan_compiler::ErrorKind;
use taipan_compiler::tokens::{self, Failure, Token, number};
use taipan_runtime::heap::{Field, Gc, Header, Kind, Object};
use taipan_runtime::heap_object;
use taipan_runtime::object::{MethodDef, ModuleDef, TypeDef};
use taipan_runtime::types::bytes::Bytes;
use taipan_runtime::types::exception::classes as exc;
use taipan_runtime::types::iterators::ITER_SELF;
use taipan_runtime::types::protocol::NEXT;
use taipan_runtime::types::str::Str;
use taipan_runtime::types::type_::class_of_receiver;
use taipan_runtime::{Raised, Result, Value, Vm};

/// A source in lines, and its tokens.
struct Source {
    /// With plain newlines, the last line's included.
    text: String,
    /// As it was read.
    raw: String,
    /// Where lines start: in `text` and in `raw`.
    lines: Vec<(usize, usize)>,
    /// The last newline is not of the source.
    implicit_newline: bool,
    tokens: Vec<Token>,
    failure: Option<Failure>,
}

impl Source {
    fn new(raw: String) -> Source {
        let mut text = raw.replace("\r\n", "\n");
        let implicit_newline = !text.is_empty() && !text.ends_with('\n');
        if implicit_newline {
            text.push('\n');
        }
        let mut lines = Vec::new();
        let (mut at, mut raw_at) = (0, 0);
        for line in raw.split_inclusive('\n') {
            lines.push((at, raw_at));
            raw_at += line.len();
            at += line.len() - usize::from(line.ends_with("\r\n"));
        }
        lines.push((text.len(), raw.len()));
        let (tokens, failure) = tokens::tokenize(&text);
        Source {
            text,
            raw,
            lines,
            implicit_newline,
            tokens,
            failure,
        }
    }

    /// The line of an offset, from 0.
    fn row(&self, at: usize) -> usize {
        self.lines.partition_point(|l| l.0 <= at).saturating_sub(1)
    }

    /// An offset into `text` as one into `raw`.
    fn raw_offset(&self, at: usize) -> usize {
        let (start, raw_start) = self.lines[self.row(at)];
        (raw_start + (at - start)).min(self.raw.len())
    }

    /// The column of an offset in characters.
    fn column(&self, row: usize, at: usize) -> usize {
        let line = &self.text.as_bytes()[self.lines[row].0..at.min(self.text.len())];
        line.iter().filter(|b| *b & 0xC0 != 0x80).count()
    }

    /// Lines from one to another, as they were read.
    fn line_text(&self, from: usize, to: usize) -> &str {
        let end = self.lines.get(to + 1).map_or(self.raw.len(), |l| l.1);
        &self.raw[self.lines[from].1..end]
    }
}

/// `_tokenize.TokenizerIter`.
#[repr(C)]
pub struct TokenizerIter {
    pub header: Header,
    readline: Field,
    encoding: Field,
    /// Comments and blank lines too, operators without their own numbers.
    extra: bool,
    source: OnceCell<Box<Source>>,
    next: Cell<usize>,
    /// The last `line` handed out, by its rows.
    line: Field,
    rows: Cell<(usize, usize)>,
}

heap_object!(
    TokenizerIter,
    "TokenizerIter",
    Kind::Other,
    |this, marker| {
        marker.field(&this.readline);
        marker.field(&this.encoding);
        marker.field(&this.line);
    },
    drop
);

fn tokenizer_new(vm: &Vm, args: &[Value]) -> Result {
    let extra = match args[3].given() {
        Some(v) => vm.truth(v)?,
        None => {
            return Err(
                vm.type_error("tokenizeriter() missing required argument 'extra_tokens' (pos 2)")
            );
        }
    };
    let object = TokenizerIter {
        header: Header::empty(),
        readline: Field::new(args[1]),
        encoding: Field::new(args[2].given().unwrap_or(Value::NONE)),
        extra,
        source: OnceCell::new(),
        next: Cell::new(0),
        line: Field::new(Value::NONE),
        rows: Cell::new((usize::MAX, 0)),
    };
    let shape = class_of_receiver(args[0]).root_shape.get();
    Ok(vm.heap.alloc(shape, object).value())
}

/// Calls `readline` until it has no more.
fn read(vm: &Vm, readline: Value, encoding: Value) -> Result<String> {
    let mut raw = String::new();
    loop {
        let line = vm.call(readline, &[]);
        let Some(line) = vm.catch(line, &exc::STOP_ITERATION)? else {
            break;
        };
        let line = if encoding.is_none() {
            line
        } else if line.cast::<Bytes>().is_some() {
            vm.call_method(line, "decode", &[encoding, vm.new_str("replace").value()])?
        } else {
            return Err(vm.type_error("readline() returned a non-bytes object"));
        };
        let Some(text) = line.cast::<Str>() else {
            return Err(vm.type_error("readline() returned a non-string object"));
        };
        let before = raw.len();
        raw.push_str(&text.to_text());
        if raw.len() == before {
            break;
        }
    }
    Ok(raw)
}

fn tokenizer_next(vm: &Vm, v: Value) -> Result<Option<Value>> {
    // SAFETY: method descriptors check their receiver's class, whose layout this is.
    let it: Gc<TokenizerIter> = unsafe { v.cast_unchecked() };
    let source = match it.source.get() {
        Some(source) => source,
        None => {
            let raw = read(vm, it.readline.or_none(), it.encoding.or_none())?;
            it.source.get_or_init(|| Box::new(Source::new(raw)))
        }
    };
    loop {
        let index = it.next.get();
        it.next.set(index + 1);
        let Some(token) = source.tokens.get(index).copied() else {
            return match &source.failure {
                Some(f) if index == source.tokens.len() => Err(raise(vm, source, f)),
                _ => Ok(None),
            };
        };
        if it.extra || !matches!(token.number, number::COMMENT | number::NL) {
            return token_tuple(vm, it, source, token).map(Some);
        }
    }
}

fn token_tuple(vm: &Vm, it: Gc<TokenizerIter>, source: &Source, token: Token) -> Result {
    let Token { number, start, end } = token;
    let at_end = start >= source.text.len() && matches!(number, number::DEDENT | number::ENDMARKER);
    let point =
        |row: usize, column: usize| vm.pair(vm.new_int(row as i64 + 1), vm.new_int(column as i64));
    let row = source.row(start);
    if at_end {
        let place = point(row, 0)?;
        let empty = vm.new_str("").value();
        let kind = Value::small_int(number.into());
        return Ok(vm.new_tuple(&[kind, empty, place, place, empty])?.value());
    }
    let newline = matches!(number, number::NEWLINE | number::NL);
    let last_row = if newline { row } else { source.row(end) };
    let column = source.column(row, start);
    let mut text = &source.raw[source.raw_offset(start)..source.raw_offset(end)];
    let mut last_column = if row == last_row && !newline {
        column + source.text[start..end].chars().count()
    } else {
        source.column(last_row, end)
    };
    if newline {
        text = if source.implicit_newline && end >= source.text.len() {
            ""
        } else {
            text
        };
        last_column = column + text.chars().count().max(1);
    }
    if number == number::NEWLINE && !it.extra {
        (text, last_column) = ("", column);
    }
    if it.rows.get() != (row, last_row) {
        let line = vm.new_str(source.line_text(row, last_row)).value();
        it.line.set(&it.header, line);
        it.rows.set((row, last_row));
    }
    let kind = match number {
        number::OP if !it.extra => tokens::operator(text),
        _ => number,
    };
    let (from, to) = (point(row, column)?, point(last_row, last_column)?);
    let text = vm.new_str(text).value();
    let parts = [
        Value::small_int(kind.into()),
        text,
        from,
        to,
        it.line.or_none(),
    ];
    Ok(vm.new_tuple(&parts)?.value())
}

fn raise(vm: &Vm, source: &Source, f: &Failure) -> Raised {
    let class = vm.exception_class(match f.kind {
        ErrorKind::Indentation => &exc::INDENTATION_ERROR,
        ErrorKind::Tab => &exc::TAB_ERROR,
        _ => &exc::SYNTAX_ERROR,
    });
    let message = vm.new_str(&f.message).value();
    if f.eof {
        let row = vm.new_int(source.raw.lines().count().max(1) as i64);
        let name = vm.new_str("<string>").value();
        let (zero, text) = (Value::small_int(0), vm.new_str("").value());
        return match vm.new_tuple(&[name, row, zero, text]) {
            Ok(details) => vm.raise_new(class, &[message, details.value()]),
            Err(raised) => raised,
        };
    }
    // Behind a newline still counts as its line.
    let behind_newline = f.at > 0 && source.text.as_bytes()[f.at - 1] == b'\n';
    let row = source.row(f.at - usize::from(behind_newline));
    let line = source.line_text(row, row).trim_end_matches(['\n', '\r']);
    let column = if f.end.is_some() {
        source.column(row, f.at)
    } else {
        line.chars().count() + 1
    };
    let column = vm.new_int(column as i64);
    let line_number = vm.new_int(row as i64 + 1);
    let (end_line, end_column) = match f.end {
        Some(end) => (line_number, vm.new_int(source.column(row, end) as i64)),
        None => (Value::NONE, Value::NONE),
    };
    let name = vm.new_str("<string>").value();
    let line = vm.new_str(line).value();
    match vm.new_tuple(&[name, line_number, column, line, end_line, end_column]) {
        Ok(details) => vm.raise_new(class, &[message, details.value()]),
        Err(raised) => raised,
    }
}

static TOKENIZER_ITER: TypeDef = TypeDef {
    module: "_tokenize",
    subclassable: true,
    methods: &[
        MethodDef::new(
            "__new__",
            "(type, readline, /, *, encoding=None, extra_tokens=False)",
            "Create and return a new object.",
            tokenizer_new,
        )
        .static_(),
        ITER_SELF,
        NEXT,
    ],
    next: Some(tokenizer_next),
    ..TypeDef::new("TokenizerIter", <TokenizerIter as Object>::LAYOUT)
};

/// The module `_tokenize`.
pub static TOKENIZE: ModuleDef = ModuleDef {
    name: "_tokenize",
    doc: "",
    functions: &[],
    types: &[&TOKENIZER_ITER],
    exec: None,
};
