//! `sub`, `subn` and `expand`.

use super::matches::{Match, group_text};
use super::pattern::{Pattern, Search, Subject, pattern_of};
use taipan_runtime::heap::{Gc, GcField, Header, Kind, Object};
use taipan_runtime::heap_object;
use taipan_runtime::object::{ClassFlags, TypeDef};
use taipan_runtime::types::list::List;
use taipan_runtime::types::protocol::this;
use taipan_runtime::types::str::Str;
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Vm};
use taipan_sre::Cursor;
use taipan_text::TextBuf;

/// A replacement text: literals, with the number of a group after each but the last.
#[repr(C)]
pub struct Template {
    pub header: Header,
    /// literal, group, literal, … literal.
    parts: GcField<Tuple>,
}

heap_object!(Template, "SRE_Template", Kind::Other, |this, marker| {
    marker.gc_field(&this.parts);
});

static TEMPLATE: TypeDef = TypeDef {
    module: "_sre",
    flags: ClassFlags::NO_INSTANTIATION,
    ..TypeDef::new("SRE_Template", <Template as Object>::LAYOUT)
};

/// `_sre.template(pattern, parts)`.
pub fn template(vm: &Vm, args: &[Value]) -> Result {
    let Some(list) = args[1].cast::<List>() else {
        return Err(vm.type_error("template() argument 2 must be list"));
    };
    if list.len() % 2 == 0
        || list
            .as_slice()
            .iter()
            .skip(1)
            .step_by(2)
            .any(|v| v.as_int().is_none_or(|i| i < 0))
    {
        return Err(vm.type_error("invalid template"));
    }
    let object = Template {
        header: Header::empty(),
        parts: GcField::new(vm.new_tuple(list.as_slice())?),
    };
    Ok(vm
        .heap
        .alloc(vm.class_of_def(&TEMPLATE)?.root_shape.get(), object)
        .value())
}

/// Text or bytes being put together.
enum Output {
    Text(TextBuf),
    Bytes(Vec<u8>),
}

impl Output {
    fn like(subject: &Subject<'_>) -> Output {
        if subject.is_bytes() {
            Output::Bytes(Vec::new())
        } else {
            Output::Text(TextBuf::new())
        }
    }

    /// Appends part of the subject.
    fn push_slice(&mut self, subject: &Subject<'_>, start: usize, end: usize) {
        use taipan_runtime::types::str::StrData;
        if start >= end {
            return;
        }
        match (self, subject) {
            (Output::Text(text), Subject::Str(s)) => match s.data() {
                StrData::Latin1(d) if s.is_ascii() => text.push_latin1(&d[start..end]),
                StrData::Latin1(d) => text.push_units(&d[start..end]),
                StrData::Ucs2(d) => text.push_units(&d[start..end]),
                StrData::Ucs4(d) => text.push_units(&d[start..end]),
            },
            (Output::Bytes(bytes), subject) => {
                bytes.extend_from_slice(&subject.bytes()[start..end])
            }
            _ => {}
        }
    }

    /// Appends what a replacement is; `at` is its place among the pieces, for messages.
    fn push_value(&mut self, vm: &Vm, v: Value, at: usize) -> Result<()> {
        let name = || vm.class_of(v).qualified_name();
        match self {
            Output::Text(text) => match v.cast::<Str>() {
                Some(s) => text.push_text(s.data()),
                None => {
                    return Err(vm.type_error(format!(
                        "sequence item {at}: expected str instance, {} found",
                        name()
                    )));
                }
            },
            Output::Bytes(bytes) => {
                if !vm.supports_buffer(v) {
                    return Err(vm.type_error(format!(
                        "sequence item {at}: expected a bytes-like object, {} found",
                        name()
                    )));
                }
                bytes.extend_from_slice(&vm.bytes_like(v)?.contiguous_bytes());
            }
        }
        Ok(())
    }

    fn finish(self, vm: &Vm) -> Result {
        match self {
            Output::Text(text) => vm.finish_text(text),
            Output::Bytes(bytes) => Ok(vm.new_bytes(&bytes)?.value()),
        }
    }
}

/// What stands for a match.
#[derive(Clone, Copy)]
enum Replacement {
    Literal(Value),
    Template(Gc<Template>),
    Call(Value),
}

/// Whether a literal replacement needs no parsing.
fn has_backslash(vm: &Vm, v: Value) -> Result<bool> {
    if let Some(s) = v.cast::<Str>() {
        return Ok(s.code_points().any(|c| c == u32::from(b'\\')));
    }
    if vm.supports_buffer(v) {
        return Ok(vm.bytes_like(v)?.contiguous_bytes().contains(&b'\\'));
    }
    // The parser has the message for anything else.
    Ok(true)
}

/// The template of a text with escapes, by `re._compile_template`, which caches it.
fn parsed(vm: &Vm, pattern: Gc<Pattern>, text: Value) -> Result<Replacement> {
    let compile = vm.import_attr("re", "_compile_template")?;
    let result = vm.call(compile, &[pattern.value(), text])?;
    Ok(match result.cast::<Template>() {
        Some(template) => match template.parts.get().map(|p| (p.len(), p.get(0))) {
            Some((1, literal)) => Replacement::Literal(literal),
            _ => Replacement::Template(template),
        },
        None => Replacement::Literal(result),
    })
}

fn group_error(vm: &Vm) -> taipan_runtime::vm::Raised {
    vm.index_error("no such group")
}

/// `Pattern.sub`: the text and how many replacements were made.
pub fn sub(vm: &Vm, args: &[Value]) -> Result<(Value, i64)> {
    let pattern = this::<Pattern>(args[0]);
    let limit = match args[3].given() {
        Some(v) => vm.to_ssize_arg(v)?,
        None => 0,
    };
    let replacement = if vm.is_callable(args[1]) {
        Replacement::Call(args[1])
    } else if has_backslash(vm, args[1])? {
        parsed(vm, pattern, args[1])?
    } else {
        Replacement::Literal(args[1])
    };
    let mut search = Search::new(vm, pattern, args[2], Value::MISSING, Value::MISSING)?;
    let mut out = Output::like(&search.subject);
    let (mut cursor, mut from, mut count, mut pieces) = (Cursor::new(0), 0, 0, 0);
    while (limit == 0 || count < limit) && search.next(&mut cursor)? {
        let (start, end) = search.scratch.span();
        if from < start {
            out.push_slice(&search.subject, from, start);
            pieces += 1;
        }
        match replacement {
            Replacement::Literal(v) => {
                out.push_value(vm, v, pieces)?;
                pieces += 1;
            }
            Replacement::Template(template) => {
                let parts = template.parts.get();
                let parts = parts.as_ref().map_or(&[][..], |p| p.as_slice());
                for (i, part) in parts.iter().enumerate() {
                    match part.as_int().filter(|_| i % 2 == 1) {
                        None => out.push_value(vm, *part, pieces)?,
                        Some(0) => out.push_slice(&search.subject, start, end),
                        Some(group) if group > i64::from(pattern.groups) => {
                            return Err(group_error(vm));
                        }
                        Some(group) => {
                            if let Some((start, end)) = search.scratch.group(group as u32) {
                                out.push_slice(&search.subject, start, end);
                            }
                        }
                    }
                }
                pieces += 1;
            }
            Replacement::Call(f) => {
                let result = vm.call(f, &[search.found()?])?;
                if !result.is_none() {
                    out.push_value(vm, result, pieces)?;
                    pieces += 1;
                }
            }
        }
        from = end;
        count += 1;
    }
    if count == 0 {
        return Ok((search.subject.slice(vm, 0, search.end)?, 0));
    }
    out.push_slice(&search.subject, from, search.end);
    Ok((out.finish(vm)?, count))
}

/// `Match.expand(template)`.
pub fn expand(vm: &Vm, args: &[Value]) -> Result {
    let m = this::<Match>(args[0]);
    let template = match parsed(vm, pattern_of(&m), args[1])? {
        Replacement::Literal(v) | Replacement::Call(v) => return Ok(v),
        Replacement::Template(template) => template,
    };
    let mut out = Output::like(&Subject::new(vm, m.string())?);
    let Some(parts) = template.parts.get() else {
        return Ok(Value::NONE);
    };
    for (i, part) in parts.as_slice().iter().enumerate() {
        match part.as_int().filter(|_| i % 2 == 1) {
            None => out.push_value(vm, *part, i)?,
            Some(group) if group > i64::from(pattern_of(&m).groups) => return Err(group_error(vm)),
            Some(group) => {
                let text = group_text(vm, m, group as usize, Value::NONE)?;
                if !text.is_none() {
                    out.push_value(vm, text, i)?;
                }
            }
        }
    }
    out.finish(vm)
}
