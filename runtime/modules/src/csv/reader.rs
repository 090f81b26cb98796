//! `_csv.reader`: a machine that goes through lines character by character.

use super::dialect::{self, Dialect, Quoting};
use super::{FIELD_LIMIT, dialect_of, error};
use std::cell::Cell;
use taipan_runtime::heap::{Field, Gc, Header, Kind, Object};
use taipan_runtime::heap_object;
use taipan_runtime::object::{ClassFlags, GetSetDef, TypeDef};
use taipan_runtime::types::iterators::ITER_SELF;
use taipan_runtime::types::list::List;
use taipan_runtime::types::protocol::{NEXT, this};
use taipan_runtime::types::str::{Str, StrData};
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Vm};
use taipan_text::TextBuf;

/// A reader.
#[repr(C)]
pub struct Reader {
    pub header: Header,
    input: Field,
    dialect: Field,
    line: Cell<i64>,
}

heap_object!(Reader, "reader", Kind::Other, |this, marker| {
    marker.field(&this.input);
    marker.field(&this.dialect);
});

/// `reader(iterable, dialect='excel', **fmtparams)`.
pub fn reader(vm: &Vm, args: &[Value]) -> Result {
    let input = vm.iter(args[0])?;
    let object = Reader {
        header: Header::empty(),
        input: Field::new(input),
        dialect: Field::new(dialect::make(vm, args[1], args[2])?),
        line: Cell::new(0),
    };
    Ok(vm
        .heap
        .alloc(vm.class_of_def(&READER)?.root_shape.get(), object)
        .value())
}

/// What the machine expects.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    StartRecord,
    StartField,
    Escaped,
    InField,
    InQuotes,
    EscapedInQuotes,
    QuoteInQuotes,
    LineEnd,
    AfterEscapedLineEnd,
}

/// One record being read.
struct Record<'a> {
    vm: &'a Vm,
    dialect: Gc<Dialect>,
    fields: Gc<List>,
    field: TextBuf,
    unquoted: bool,
    state: State,
    limit: i64,
}

/// A character, or the end of a line.
type Input = Option<u32>;

fn is_break(c: Input) -> bool {
    matches!(c, None | Some(0x0A | 0x0D))
}

impl Record<'_> {
    fn save(&mut self) -> Result<()> {
        let vm = self.vm;
        let field = std::mem::take(&mut self.field);
        let empty = field.is_empty();
        let quoting = self.dialect.quoting;
        let value = if self.unquoted
            && empty
            && matches!(quoting, Quoting::NotNull | Quoting::Strings)
        {
            Value::NONE
        } else {
            let text = vm.finish_text(field)?;
            if self.unquoted && !empty && matches!(quoting, Quoting::NonNumeric | Quoting::Strings)
            {
                vm.call(vm.types.float.get().value(), &[text])?
            } else {
                text
            }
        };
        self.unquoted = true;
        self.fields.push(vm, value)
    }

    fn add(&mut self, c: u32) -> Result<()> {
        if self.field.len() as i64 >= self.limit {
            return Err(error(
                self.vm,
                &format!("field larger than field limit ({})", self.limit),
            ));
        }
        self.field.push(c);
        Ok(())
    }

    /// Takes the characters from `from` on that stand for themselves, at once, and what ends
    /// a field after them if they are all of one. Where to go on, or `None` if this is a case
    /// for [`Record::step`].
    fn take_run(&mut self, line: Gc<Str>, units: &[u8], from: usize) -> Result<Option<usize>> {
        let d = self.dialect;
        let starts = match self.state {
            State::StartRecord | State::StartField => true,
            State::InField | State::InQuotes => false,
            _ => return Ok(None),
        };
        if starts && d.skip_initial_space && units[from] == b' ' {
            return Ok(None);
        }
        let is_special = |c: u8| {
            let c = Some(u32::from(c));
            is_break(c) || c == Some(d.delimiter) || c == d.escape || c == d.quote
        };
        let rest = &units[from..];
        let length = rest.iter().position(|c| is_special(*c));
        let length = length.unwrap_or(rest.len());
        if length == 0 || (self.field.len() + length) as i64 > self.limit {
            return Ok(None);
        }
        let end = from + length;
        let after = units.get(end).map(|c| u32::from(*c));
        let ends = after == Some(d.delimiter) || after.is_some() && is_break(after);
        let as_text = matches!(d.quoting, Quoting::Minimal | Quoting::All | Quoting::None);
        if starts && ends && as_text {
            let field = self.vm.substring(line, from, end)?;
            self.fields.push(self.vm, field.value())?;
            self.state = if is_break(after) {
                State::LineEnd
            } else {
                State::StartField
            };
            return Ok(Some(end + 1));
        }
        self.field.push_units(&rest[..length]);
        if starts {
            self.state = State::InField;
        }
        Ok(Some(end))
    }

    fn end_field(&mut self, c: Input) -> Result<()> {
        self.save()?;
        self.state = if c.is_none() {
            State::StartRecord
        } else {
            State::LineEnd
        };
        Ok(())
    }

    fn step(&mut self, c: Input) -> Result<()> {
        let d = self.dialect;
        let quotes = d.quoting != Quoting::None;
        let is = |special: Option<u32>| c.is_some() && c == special;
        match self.state {
            State::StartRecord | State::StartField => {
                if self.state == State::StartRecord {
                    match c {
                        None => return Ok(()),
                        Some(0x0A | 0x0D) => {
                            self.state = State::LineEnd;
                            return Ok(());
                        }
                        Some(_) => self.state = State::StartField,
                    }
                }
                match c {
                    c if is_break(c) => self.end_field(c)?,
                    _ if quotes && is(d.quote) => {
                        self.unquoted = false;
                        self.state = State::InQuotes;
                    }
                    _ if is(d.escape) => self.state = State::Escaped,
                    Some(0x20) if d.skip_initial_space => {}
                    Some(c) if c == d.delimiter => self.save()?,
                    Some(c) => {
                        self.add(c)?;
                        self.state = State::InField;
                    }
                    None => {}
                }
            }
            State::Escaped => match c {
                Some(c @ (0x0A | 0x0D)) => {
                    self.add(c)?;
                    self.state = State::AfterEscapedLineEnd;
                }
                c => {
                    self.add(c.unwrap_or(0x0A))?;
                    self.state = State::InField;
                }
            },
            State::AfterEscapedLineEnd if c.is_none() => {}
            State::AfterEscapedLineEnd | State::InField => match c {
                c if is_break(c) => self.end_field(c)?,
                _ if is(d.escape) => self.state = State::Escaped,
                Some(c) if c == d.delimiter => {
                    self.save()?;
                    self.state = State::StartField;
                }
                Some(c) => {
                    self.add(c)?;
                    self.state = State::InField;
                }
                None => {}
            },
            State::InQuotes => match c {
                None => {}
                _ if is(d.escape) => self.state = State::EscapedInQuotes,
                _ if quotes && is(d.quote) => {
                    self.state = if d.double_quote {
                        State::QuoteInQuotes
                    } else {
                        State::InField
                    };
                }
                Some(c) => self.add(c)?,
            },
            State::EscapedInQuotes => {
                self.add(c.unwrap_or(0x0A))?;
                self.state = State::InQuotes;
            }
            State::QuoteInQuotes => match c {
                Some(c) if quotes && is(d.quote) => {
                    self.add(c)?;
                    self.state = State::InQuotes;
                }
                Some(c) if c == d.delimiter => {
                    self.save()?;
                    self.state = State::StartField;
                }
                c if is_break(c) => self.end_field(c)?,
                Some(c) if !d.strict => {
                    self.add(c)?;
                    self.state = State::InField;
                }
                _ => {
                    let show = |c: u32| char::from_u32(c).unwrap_or(char::REPLACEMENT_CHARACTER);
                    let (delimiter, quote) = (show(d.delimiter), show(d.quote.unwrap_or(0)));
                    return Err(error(
                        self.vm,
                        &format!("'{delimiter}' expected after '{quote}'"),
                    ));
                }
            },
            State::LineEnd => match c {
                None => self.state = State::StartRecord,
                Some(0x0A | 0x0D) => {}
                Some(_) => {
                    return Err(error(
                        self.vm,
                        "new-line character seen in unquoted field - do you need to open the file with newline=''?",
                    ));
                }
            },
        }
        Ok(())
    }
}

fn next(vm: &Vm, v: Value) -> Result<Option<Value>> {
    let reader = this::<Reader>(v);
    let mut record = Record {
        vm,
        dialect: dialect_of(reader.dialect.or_none()),
        fields: vm.new_list(&[])?,
        field: TextBuf::new(),
        unquoted: true,
        state: State::StartRecord,
        limit: FIELD_LIMIT.get(),
    };
    loop {
        let Some(line) = vm.next(reader.input.or_none())? else {
            if !record.field.is_empty() || record.state == State::InQuotes {
                if record.dialect.strict {
                    return Err(error(vm, "unexpected end of data"));
                }
                record.save()?;
                return Ok(Some(record.fields.value()));
            }
            return Ok(None);
        };
        let Some(line) = line.cast::<Str>() else {
            let name = vm.class_of(line).qualified_name();
            return Err(error(
                vm,
                &format!(
                    "iterator should return strings, not {name} (the file should be opened in text mode)"
                ),
            ));
        };
        reader.line.set(reader.line.get() + 1);
        let mut at = 0;
        while at < line.len() {
            if let StrData::Latin1(units) = line.data()
                && let Some(end) = record.take_run(line, units, at)?
            {
                at = end;
                continue;
            }
            record.step(Some(line.char_at(at)))?;
            at += 1;
        }
        record.step(None)?;
        if record.state == State::StartRecord {
            return Ok(Some(record.fields.value()));
        }
    }
}

/// The type of readers.
pub static READER: TypeDef = TypeDef {
    module: "_csv",
    doc: "CSV reader\n\nReader objects are responsible for reading and parsing tabular data\nin CSV format.\n",
    flags: ClassFlags::NO_INSTANTIATION,
    methods: &[ITER_SELF, NEXT],
    getset: &[
        GetSetDef {
            name: "dialect",
            doc: "",
            get: |_, v| Ok(this::<Reader>(v).dialect.or_none()),
            set: None,
        },
        GetSetDef {
            name: "line_num",
            doc: "",
            get: |vm, v| Ok(vm.new_int(this::<Reader>(v).line.get())),
            set: None,
        },
    ],
    next: Some(next),
    ..TypeDef::new("reader", <Reader as Object>::LAYOUT)
};
