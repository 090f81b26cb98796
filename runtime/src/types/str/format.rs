//! `str.format`, `str.format_map`, `str.__format__` and the `%` operator.

use super::{Str, StrData};
use crate::heap::Gc;
use crate::object::Special;
use crate::types::dict::Dict;
use crate::types::int::IntRef;
use crate::types::support::receiver;
use crate::types::tuple::Tuple;
use crate::value::Value;
use crate::vm::{Raised, Result, Vm};
use crate::with_str_data;
use taipan_text::field::{
    Access, AutoNumber, Field, First, Parser, split_name, unknown_conversion,
};
use taipan_text::percent::{self, Flavour, Layout, Piece, Template};
use taipan_text::{CodeUnit, TextBuf, format_spec};

pub(super) fn dunder_format(vm: &Vm, args: &[Value]) -> Result {
    let s = receiver::<Str>(args[0]);
    let spec = vm.format_spec_arg(args[1])?;
    if spec.is_empty() {
        return Ok(vm.str(args[0])?.value());
    }
    let mut out = TextBuf::new();
    with_str_data!(spec, d => format_spec::format_str(s.data(), d, &vm.type_name(args[0]), &mut out))
        .map_err(|e| vm.format_error(e))?;
    let text = vm.str_from_text(out.finish())?;
    // Neither cut nor padded: the string itself.
    if text.equals(&s) {
        return Ok(vm.exact_str(s)?.value());
    }
    Ok(text.value())
}

/// A result in the making. A string that turns out to be all of it is returned
/// itself, not copied.
struct Output {
    buf: TextBuf,
    whole: Option<Gc<Str>>,
}

impl Output {
    fn new(capacity: usize) -> Output {
        Output {
            buf: TextBuf::with_capacity(capacity),
            whole: None,
        }
    }

    /// The buffer, to append to.
    fn text(&mut self) -> &mut TextBuf {
        if let Some(s) = self.whole.take() {
            self.buf.push_text(s.data());
        }
        &mut self.buf
    }

    /// Appends an object's text.
    fn push(&mut self, s: Gc<Str>) {
        if self.buf.is_empty() && self.whole.is_none() {
            self.whole = Some(s);
        } else {
            self.text().push_text(s.data());
        }
    }

    fn finish(self, vm: &Vm) -> Result<Gc<Str>> {
        match self.whole {
            Some(s) => vm.exact_str(s),
            None => vm.str_from_text(self.buf.finish()),
        }
    }
}

/// Where a template's fields find their values.
struct Arguments {
    /// `None` for `format_map`.
    positional: Option<Gc<Tuple>>,
    /// A dict of keywords, or the mapping.
    named: Value,
    auto: AutoNumber,
}

pub(super) fn format(vm: &Vm, args: &[Value]) -> Result {
    let s = receiver::<Str>(args[0]);
    let mut arguments = Arguments {
        positional: args[1].cast(),
        named: args[2],
        auto: AutoNumber::default(),
    };
    run(vm, s, &mut arguments)
}

pub(super) fn format_map(vm: &Vm, args: &[Value]) -> Result {
    let s = receiver::<Str>(args[0]);
    let mut arguments = Arguments {
        positional: None,
        named: args[1],
        auto: AutoNumber::default(),
    };
    run(vm, s, &mut arguments)
}

fn run(vm: &Vm, template: Gc<Str>, arguments: &mut Arguments) -> Result {
    let mut out = Output::new(template.len() + 32);
    with_str_data!(template, d => expand(vm, d, Some(template), arguments, 2, &mut out))?;
    Ok(out.finish(vm)?.value())
}

/// Expands a template; `object` is the string that holds all of it.
fn expand<U: CodeUnit>(
    vm: &Vm,
    template: &[U],
    object: Option<Gc<Str>>,
    arguments: &mut Arguments,
    depth: u32,
    out: &mut Output,
) -> Result<()> {
    if depth == 0 {
        return Err(vm.value_error("Max string recursion exceeded"));
    }
    for part in Parser::new(template) {
        let part = part.map_err(|message| vm.value_error(message))?;
        match object.filter(|_| part.literal.len() == template.len()) {
            Some(s) => out.push(s),
            None if part.literal.is_empty() => {}
            None => out.text().push_units(part.literal),
        }
        if let Some(field) = part.field {
            expand_field(vm, &field, arguments, depth, out)?;
        }
    }
    Ok(())
}

fn expand_field<U: CodeUnit>(
    vm: &Vm,
    field: &Field<'_, U>,
    arguments: &mut Arguments,
    depth: u32,
    out: &mut Output,
) -> Result<()> {
    let value = field_value(vm, field.name, arguments)?;
    let value = match field.conversion {
        None => value,
        Some(c) => match char::from_u32(c) {
            Some('r') => vm.repr(value)?.value(),
            Some('s') => vm.str(value)?.value(),
            Some('a') => vm.ascii(value)?.value(),
            _ => return Err(vm.value_error(unknown_conversion(c))),
        },
    };
    let spec = if field.nested {
        let mut inner = Output::new(0);
        expand(vm, field.spec, None, arguments, depth - 1, &mut inner)?;
        Some(inner.finish(vm)?)
    } else if field.spec.is_empty() {
        None
    } else {
        Some(text_of(vm, field.spec)?)
    };
    out.push(vm.format(value, spec)?);
    Ok(())
}

fn text_of<U: CodeUnit>(vm: &Vm, units: &[U]) -> Result<Gc<Str>> {
    vm.str_from_code_points(units.iter().map(|&u| u.into()))
}

fn field_value<U: CodeUnit>(vm: &Vm, name: &[U], arguments: &mut Arguments) -> Result {
    let error = |message: &'static str| -> Raised { vm.value_error(message) };
    let (first, accesses) = split_name(name).map_err(error)?;
    if arguments.positional.is_none() && !matches!(first, First::Name(_)) {
        // `format_map` numbers its fields too, so that mixing is noticed first.
        arguments.auto.resolve(first).map_err(error)?;
        return Err(error("Format string contains positional fields"));
    }
    let mut value = match arguments.auto.resolve(first).map_err(error)? {
        First::Index(i) => match arguments
            .positional
            .and_then(|t| t.as_slice().get(i).copied())
        {
            Some(v) => v,
            None => {
                return Err(vm.index_error(format!(
                    "Replacement index {i} out of range for positional args tuple"
                )));
            }
        },
        First::Name(name) => {
            let key = text_of(vm, name)?.value();
            match arguments.named.cast::<Dict>() {
                Some(dict) if arguments.positional.is_some() => {
                    dict.get(vm, key)?.ok_or_else(|| vm.key_error(key))?
                }
                _ => vm.get_item(arguments.named, key)?,
            }
        }
        First::Auto => return Err(error("Format string contains positional fields")),
    };
    for access in accesses {
        value = match access.map_err(error)? {
            Access::Attribute(name) => {
                let name = vm.intern_str(text_of(vm, name)?);
                vm.get_attr(value, name)?
            }
            Access::Index(i) => vm.get_item(value, vm.new_int(i as i64))?,
            Access::Key(key) => vm.get_item(value, text_of(vm, key)?.value())?,
        };
    }
    Ok(value)
}

/// The right operand of `%`: a tuple's items one after another, a mapping, or one value.
pub struct PercentArgs<'vm> {
    vm: &'vm Vm,
    tuple: Option<Gc<Tuple>>,
    single: Value,
    mapping: Option<Value>,
    next: usize,
}

impl<'vm> PercentArgs<'vm> {
    /// `is_text` says whether a value counts as text, which is no mapping.
    pub fn new(vm: &'vm Vm, value: Value, is_text: fn(Value) -> bool) -> PercentArgs<'vm> {
        let tuple = value.cast::<Tuple>();
        let is_mapping = tuple.is_none()
            && !is_text(value)
            && vm.class_of(value).special(Special::GetItem).is_some();
        PercentArgs {
            vm,
            tuple,
            single: value,
            mapping: is_mapping.then_some(value),
            next: 0,
        }
    }

    /// The next argument; TypeError when there is none.
    pub fn take(&mut self) -> Result {
        let index = self.next;
        self.next += 1;
        match self.tuple {
            Some(t) => t.as_slice().get(index).copied(),
            None => (index == 0).then_some(self.single),
        }
        .ok_or_else(|| self.vm.type_error("not enough arguments for format string"))
    }

    /// The mapping that keys are looked up in; TypeError if the operand is none.
    pub fn mapping(&self) -> Result {
        self.mapping
            .ok_or_else(|| self.vm.type_error("format requires a mapping"))
    }

    /// Makes what a key gives the only argument.
    pub fn select(&mut self, key: Value) -> Result<()> {
        self.single = self.vm.get_item(self.mapping()?, key)?;
        self.tuple = None;
        self.next = 0;
        Ok(())
    }

    /// An integer for `*`.
    pub fn star(&mut self, limit: i64, message: &str) -> Result<i64> {
        let v = self.take()?;
        match v.as_int_ref() {
            Some(IntRef::Small(i)) if (-limit..=limit).contains(&i) => Ok(i),
            Some(_) => Err(self.vm.overflow_error(message)),
            None => Err(self.vm.type_error("* wants int")),
        }
    }

    /// TypeError if arguments are left over; `kind` is `string` or `bytes`.
    pub fn finish(&self, kind: &str) -> Result<()> {
        let count = self.tuple.map_or(1, |t| t.len());
        if self.next < count && self.mapping.is_none() {
            return Err(self.vm.type_error(format!(
                "not all arguments converted during {kind} formatting"
            )));
        }
        Ok(())
    }
}

/// The integer that `%d` and its like format: `value` itself or what `__int__` or
/// `__index__` give.
pub fn percent_int(vm: &Vm, value: Value, conversion: u32) -> Result {
    if let Some(i) = value.exact_int() {
        return Ok(i);
    }
    let c = char::from_u32(conversion).unwrap_or('?');
    let got = vm.type_name(value);
    let (special, what) = match c {
        'x' | 'X' | 'o' => (Special::Index, "an integer is required"),
        _ => (Special::Int, "a real number is required"),
    };
    let class = vm.class_of(value);
    let is_number = class.special(Special::Int).is_some()
        || class.special(Special::Index).is_some()
        || class.special(Special::Float).is_some();
    if is_number {
        let converted = match special {
            Special::Index => vm.index(value),
            _ => vm.int_from_number(value),
        };
        match converted {
            Ok(i) => return Ok(i),
            Err(raised) if !vm.raised_is_def(&crate::types::exception::classes::TYPE_ERROR) => {
                return Err(raised);
            }
            Err(_) => vm.clear_raised(),
        }
    }
    Err(vm.type_error(format!("%{c} format: {what}, not {got}")))
}

/// An integer as the text crate takes it.
pub fn with_text_int<R>(i: Value, f: impl FnOnce(format_spec::IntRef<'_>) -> R) -> R {
    match i.as_int_ref() {
        Some(IntRef::Big(b)) => f(format_spec::IntRef::Big(b.is_negative(), b.limbs())),
        Some(IntRef::Small(i)) => f(format_spec::IntRef::Small(i)),
        None => f(format_spec::IntRef::Small(0)),
    }
}

/// The character that `%c` shows.
fn percent_char(vm: &Vm, value: Value) -> Result<u32> {
    const WANTED: &str = "%c requires an int or a unicode character, not";
    if let Some(s) = value.cast::<Str>() {
        if s.len() == 1 {
            return Ok(s.char_at(0));
        }
        return Err(vm.type_error(format!("{WANTED} a string of length {}", s.len())));
    }
    let index = vm.index(value);
    let Some(index) = vm.catch(index, &crate::types::exception::classes::TYPE_ERROR)? else {
        return Err(vm.type_error(format!("{WANTED} {}", vm.full_type_name(value))));
    };
    match index.as_int_ref() {
        Some(IntRef::Small(i @ 0..=0x10FFFF)) => Ok(i as u32),
        _ => Err(vm.overflow_error("%c arg not in range(0x110000)")),
    }
}

/// `template % args`.
pub fn percent_format(vm: &Vm, template: Gc<Str>, args: Value) -> Result {
    let mut out = Output::new(template.len() + 32);
    with_str_data!(template, d => percent_into(vm, d, template, args, &mut out))?;
    Ok(out.finish(vm)?.value())
}

fn percent_into<U: CodeUnit>(
    vm: &Vm,
    template: &[U],
    object: Gc<Str>,
    args: Value,
    out: &mut Output,
) -> Result<()> {
    let mut args = PercentArgs::new(vm, args, |v| v.cast::<Str>().is_some());
    for piece in Template::new(template, Flavour::Str) {
        let field = match piece {
            Ok(Piece::Literal(text)) => {
                if text.len() == template.len() {
                    out.push(object);
                } else {
                    out.text().push_units(text);
                }
                continue;
            }
            Ok(Piece::Field(field)) => field,
            Err(error) => {
                if let Some(key) = error.key {
                    args.select(text_of(vm, key)?.value())?;
                } else if error.needs_mapping {
                    args.mapping()?;
                }
                for _ in 0..error.stars {
                    args.star(i64::MAX, "")?;
                }
                return Err(vm.value_error(error.message));
            }
        };
        if let Some(key) = field.key {
            args.select(text_of(vm, key)?.value())?;
        }
        let mut stars = (0, 0);
        if field.width == percent::Amount::Star {
            stars.0 = args.star(i64::MAX, "Python int too large to convert to C ssize_t")?;
        }
        if field.precision == percent::Amount::Star {
            stars.1 = args.star(i32::MAX.into(), "Python int too large to convert to C int")?;
        }
        let layout = Layout::new(&field, stars.0, stars.1).ok_or_else(|| vm.memory_error())?;
        let conversion = char::from_u32(field.conversion).unwrap_or('\u{FFFD}');
        let value = args.take()?;
        match conversion {
            's' | 'r' | 'a' => {
                let s = match conversion {
                    's' => vm.str(value)?,
                    'r' => vm.repr(value)?,
                    _ => vm.ascii(value)?,
                };
                if layout.keeps_text(s.len()) {
                    out.push(s);
                } else {
                    layout.text(s.data(), out.text());
                }
            }
            'd' | 'i' | 'u' | 'o' | 'x' | 'X' => {
                let i = percent_int(vm, value, field.conversion)?;
                if !matches!(conversion, 'o' | 'x' | 'X') {
                    vm.check_int_digits(i)?;
                }
                with_text_int(i, |i| layout.int_into(i, out.text()));
            }
            'e' | 'E' | 'f' | 'F' | 'g' | 'G' => {
                let x = vm.to_float(value)?;
                layout.float_into(x, out.text());
            }
            'c' => layout.text(StrData::Ucs4(&[percent_char(vm, value)?]), out.text()),
            _ => return Err(vm.value_error(percent::unsupported(&field))),
        }
    }
    args.finish("string")
}
