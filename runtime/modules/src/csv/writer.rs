//! `_csv.writer`.

use super::dialect::{self, Dialect, Quoting};
use super::{dialect_of, error};
use taipan_runtime::heap::{Field, Gc, Header, Kind, Object};
use taipan_runtime::heap_object;
use taipan_runtime::object::{ClassFlags, GetSetDef, MethodDef, Special, TypeDef};
use taipan_runtime::types::exception::classes as exc;
use taipan_runtime::types::protocol::this;
use taipan_runtime::types::str::Str;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Vm};
use taipan_text::TextBuf;

/// A writer.
#[repr(C)]
pub struct Writer {
    pub header: Header,
    write: Field,
    dialect: Field,
}

heap_object!(Writer, "writer", Kind::Other, |this, marker| {
    marker.field(&this.write);
    marker.field(&this.dialect);
});

/// `writer(fileobj, dialect='excel', **fmtparams)`.
pub fn writer(vm: &Vm, args: &[Value]) -> Result {
    let dialect = dialect::make(vm, args[1], args[2])?;
    let write = vm
        .find_attr(args[0], vm.names.write.get())?
        .filter(|w| vm.is_callable(*w));
    let Some(write) = write else {
        return Err(vm.type_error("argument 1 must have a \"write\" method"));
    };
    let object = Writer {
        header: Header::empty(),
        write: Field::new(write),
        dialect: Field::new(dialect),
    };
    Ok(vm
        .heap
        .alloc(vm.class_of_def(&WRITER)?.root_shape.get(), object)
        .value())
}

/// One record being put together.
struct Record<'a> {
    vm: &'a Vm,
    dialect: Gc<Dialect>,
    terminator: Gc<Str>,
    out: TextBuf,
    fields: usize,
}

impl Record<'_> {
    /// Appends a field; `None` is an empty one.
    fn append(&mut self, field: Option<Gc<Str>>, mut quoted: bool) -> Result<()> {
        let d = self.dialect;
        if self.fields > 0 {
            self.out.push(d.delimiter);
        }
        let mut body: Vec<u32> = Vec::new();
        for c in field.iter().flat_map(|s| s.code_points()) {
            let special = c == d.delimiter
                || Some(c) == d.escape
                || Some(c) == d.quote
                || matches!(c, 0x0A | 0x0D)
                || self.terminator.code_points().any(|t| t == c);
            if special {
                let mut escape = false;
                if d.quoting == Quoting::None {
                    escape = true;
                } else {
                    if Some(c) == d.quote {
                        if d.double_quote {
                            body.push(c);
                        } else {
                            escape = true;
                        }
                    } else if Some(c) == d.escape {
                        escape = true;
                    }
                    quoted |= !escape;
                }
                if escape {
                    match d.escape {
                        Some(e) => body.push(e),
                        None => {
                            return Err(error(self.vm, "need to escape, but no escapechar set"));
                        }
                    }
                }
            }
            body.push(c);
        }
        let is_empty = field.is_none_or(|s| s.is_empty());
        if is_empty && d.delimiter == u32::from(' ') && d.skip_initial_space {
            if d.quoting == Quoting::None
                || (field.is_none() && matches!(d.quoting, Quoting::Strings | Quoting::NotNull))
            {
                return Err(error(
                    self.vm,
                    "empty field must be quoted if delimiter is a space and skipinitialspace is true",
                ));
            }
            quoted = true;
        }
        let quote = d.quote.filter(|_| quoted);
        self.out_quoted(&body, quote);
        self.fields += 1;
        Ok(())
    }

    fn out_quoted(&mut self, body: &[u32], quote: Option<u32>) {
        if let Some(q) = quote {
            self.out.push(q);
        }
        body.iter().for_each(|c| self.out.push(*c));
        if let Some(q) = quote {
            self.out.push(q);
        }
    }
}

fn writerow(vm: &Vm, args: &[Value]) -> Result {
    let writer = this::<Writer>(args[0]);
    let dialect = dialect_of(writer.dialect.or_none());
    let iterator = match vm.iter(args[1]) {
        Ok(iterator) => iterator,
        Err(raised) => {
            if !vm.raised_is_def(&exc::TYPE_ERROR) {
                return Err(raised);
            }
            vm.clear_raised();
            let name = vm.class_of(args[1]).qualified_name();
            return Err(error(vm, &format!("iterable expected, not {name}")));
        }
    };
    let terminator = this::<Str>(dialect.line_terminator.or_none());
    let mut record = Record {
        vm,
        dialect,
        terminator,
        out: TextBuf::new(),
        fields: 0,
    };
    let mut null = false;
    while let Some(field) = vm.next(iterator)? {
        let is_number = || {
            let class = vm.class_of(field);
            [Special::Index, Special::Float, Special::Int]
                .iter()
                .any(|s| class.special(*s).is_some())
                || class.layout.kind == Kind::Complex
        };
        let quoted = match dialect.quoting {
            Quoting::NonNumeric => !is_number(),
            Quoting::All => true,
            Quoting::Strings => field.cast::<Str>().is_some(),
            Quoting::NotNull => !field.is_none(),
            Quoting::Minimal | Quoting::None => false,
        };
        null = field.is_none();
        if null {
            record.append(None, quoted)?;
        } else {
            let text = match field.cast::<Str>() {
                Some(s) => s,
                None => vm.str(field)?,
            };
            record.append(Some(text), quoted)?;
        }
    }
    if record.fields > 0 && record.out.is_empty() {
        let unquotable = null && matches!(dialect.quoting, Quoting::Strings | Quoting::NotNull);
        if dialect.quoting == Quoting::None || unquotable {
            return Err(error(vm, "single empty field record must be quoted"));
        }
        record.fields -= 1;
        record.append(None, true)?;
    }
    record.out.push_text(terminator.data());
    let line = vm.finish_text(record.out)?;
    vm.call(writer.write.or_none(), &[line])
}

fn writerows(vm: &Vm, args: &[Value]) -> Result {
    let iterator = vm.iter(args[1])?;
    while let Some(row) = vm.next(iterator)? {
        writerow(vm, &[args[0], row])?;
    }
    Ok(Value::NONE)
}

/// The type of writers.
pub static WRITER: TypeDef = TypeDef {
    module: "_csv",
    doc: "CSV writer\n\nWriter objects are responsible for generating tabular data\nin CSV format from sequence input.\n",
    flags: ClassFlags::NO_INSTANTIATION,
    methods: &[
        MethodDef::new(
            "writerow",
            "(self, row, /)",
            "Construct and write a CSV record from an iterable of fields.\n\n\
             Non-string elements will be converted to string.",
            writerow,
        ),
        MethodDef::new(
            "writerows",
            "(self, rows, /)",
            "Construct and write a series of iterables to a csv file.\n\n\
             Non-string elements will be converted to string.",
            writerows,
        ),
    ],
    getset: &[GetSetDef {
        name: "dialect",
        doc: "",
        get: |_, v| Ok(this::<Writer>(v).dialect.or_none()),
        set: None,
    }],
    ..TypeDef::new("writer", <Writer as Object>::LAYOUT)
};
