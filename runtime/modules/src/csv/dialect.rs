//! `_csv.Dialect`: how a format separates, quotes and ends what it writes.

use taipan_runtime::heap::{Field, Gc, Header, Kind, Object};
use taipan_runtime::heap_object;
use taipan_runtime::object::{Class, GetSetDef, MethodDef, TypeDef};
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::protocol::{class_argument, this};
use taipan_runtime::types::str::Str;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Vm};

/// When fields are quoted, by the numbers of `csv.QUOTE_…`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Quoting {
    Minimal,
    All,
    NonNumeric,
    None,
    Strings,
    NotNull,
}

const QUOTINGS: [Quoting; 6] = [
    Quoting::Minimal,
    Quoting::All,
    Quoting::NonNumeric,
    Quoting::None,
    Quoting::Strings,
    Quoting::NotNull,
];

/// See the module's description.
#[repr(C)]
pub struct Dialect {
    pub header: Header,
    pub line_terminator: Field,
    pub delimiter: u32,
    pub escape: Option<u32>,
    pub quote: Option<u32>,
    pub quoting: Quoting,
    pub double_quote: bool,
    pub skip_initial_space: bool,
    pub strict: bool,
}

heap_object!(Dialect, "Dialect", Kind::Other, |this, marker| {
    marker.field(&this.line_terminator);
});

/// The names of the settings, in the order of the constructor's parameters.
const NAMES: [&str; 8] = [
    "delimiter",
    "doublequote",
    "escapechar",
    "lineterminator",
    "quotechar",
    "quoting",
    "skipinitialspace",
    "strict",
];

/// A dialect from `dialect` (a name, a dialect, anything with its attributes, or
/// None) and settings that override it.
pub fn make(vm: &Vm, dialect: Value, settings: Value) -> Result {
    let mut given = [Value::MISSING; 8];
    if let Some(settings) = settings.cast::<Dict>() {
        for (key, value) in settings.items() {
            let name = key.cast::<Str>().map(|s| s.to_text()).unwrap_or_default();
            match NAMES.iter().position(|n| *n == name) {
                Some(i) => given[i] = value,
                None => {
                    return Err(vm.type_error(format!(
                        "this function got an unexpected keyword argument '{name}'"
                    )));
                }
            }
        }
    }
    build(vm, vm.class_of_def(&DIALECT)?, dialect, given)
}

fn build(vm: &Vm, class: Gc<Class>, dialect: Value, mut given: [Value; 8]) -> Result {
    if let Some(mut dialect) = dialect.given_not_none() {
        if dialect.cast::<Str>().is_some() {
            dialect = super::get_dialect(vm, &[dialect])?;
        }
        if dialect.cast::<Dialect>().is_some()
            && vm.class_of(dialect) == class
            && given.iter().all(|v| v.is_missing())
        {
            return Ok(dialect);
        }
        for (value, name) in given.iter_mut().zip(NAMES) {
            if value.is_missing()
                && let Some(found) = vm.find_attr(dialect, vm.intern(name))?
            {
                *value = found;
            }
        }
    }
    let [
        delimiter,
        doublequote,
        escapechar,
        lineterminator,
        quotechar,
        quoting,
        skipinitialspace,
        strict,
    ] = given;
    let truth = |v: Value, default: bool| v.given().map_or(Ok(default), |v| vm.truth(v));
    let type_name = |v: Value| vm.class_of(v).qualified_name();
    let character = |v: Value, name: &str, kind: &str| -> Result<u32> {
        match v.cast::<Str>() {
            Some(s) if s.len() == 1 => Ok(s.char_at(0)),
            Some(s) => Err(vm.type_error(format!(
                "\"{name}\" must be a {kind}, not a string of length {}",
                s.len()
            ))),
            None => {
                Err(vm.type_error(format!("\"{name}\" must be a {kind}, not {}", type_name(v))))
            }
        }
    };
    let optional = |v: Value, name: &str, default: Option<u32>| match v {
        Value::MISSING => Ok(default),
        Value::NONE => Ok(None),
        v => character(v, name, "unicode character or None").map(Some),
    };
    let delimiter = match delimiter.given() {
        Some(v) => character(v, "delimiter", "unicode character")?,
        None => ','.into(),
    };
    let double_quote = truth(doublequote, true)?;
    let escape = optional(escapechar, "escapechar", None)?;
    let line_terminator = match lineterminator.given() {
        None => vm.new_str("\r\n").value(),
        Some(v) if v.cast::<Str>().is_some() => v,
        Some(v) => {
            return Err(vm.type_error(format!(
                "\"lineterminator\" must be a string, not {}",
                type_name(v)
            )));
        }
    };
    let quote = optional(quotechar, "quotechar", Some('"'.into()))?;
    let quoting_number = match quoting.given() {
        None if quotechar.is_none() => 3,
        None => 0,
        Some(v) => match v.as_int() {
            Some(i) => i,
            None => {
                return Err(vm.type_error(format!(
                    "\"quoting\" must be an integer, not {}",
                    type_name(v)
                )));
            }
        },
    };
    let Some(&quoting) = usize::try_from(quoting_number)
        .ok()
        .and_then(|i| QUOTINGS.get(i))
    else {
        return Err(vm.type_error("bad \"quoting\" value"));
    };
    let skip_initial_space = truth(skipinitialspace, false)?;
    let strict = truth(strict, false)?;
    if quoting != Quoting::None && quote.is_none() {
        return Err(vm.type_error("quotechar must be set if quoting enabled"));
    }
    let terminator = this::<Str>(line_terminator);
    let check = |c: Option<u32>, name: &str, space: bool| match c {
        Some(c)
            if c == u32::from('\n')
                || c == u32::from('\r')
                || (c == u32::from(' ') && !space)
                || terminator.code_points().any(|t| t == c) =>
        {
            Err(vm.value_error(format!("bad {name} value")))
        }
        _ => Ok(()),
    };
    check(Some(delimiter), "delimiter", true)?;
    check(escape, "escapechar", !skip_initial_space)?;
    check(quote, "quotechar", !skip_initial_space)?;
    for (a, b, names) in [
        (Some(delimiter), escape, "delimiter or escapechar"),
        (Some(delimiter), quote, "delimiter or quotechar"),
        (escape, quote, "escapechar or quotechar"),
    ] {
        if a.is_some() && a == b {
            return Err(vm.value_error(format!("bad {names} value")));
        }
    }
    let object = Dialect {
        header: Header::empty(),
        line_terminator: Field::new(line_terminator),
        delimiter,
        escape,
        quote,
        quoting,
        double_quote,
        skip_initial_space,
        strict,
    };
    Ok(vm.heap.alloc(class.root_shape.get(), object).value())
}

fn dialect_new(vm: &Vm, args: &[Value]) -> Result {
    let class = class_argument(vm, args, vm.class_of_def(&DIALECT)?)?;
    let mut given = [Value::MISSING; 8];
    given.copy_from_slice(&args[2..10]);
    build(vm, class, args[1], given)
}

fn refuse_pickling(vm: &Vm, args: &[Value]) -> Result {
    let name = vm.class_of(args[0]).name_string();
    Err(vm.type_error(format!("cannot pickle '{name}' instances")))
}

const fn attribute(name: &'static str, get: fn(&Vm, Value) -> Result) -> GetSetDef {
    GetSetDef {
        name,
        doc: "",
        get,
        set: None,
    }
}

fn char_value(vm: &Vm, c: Option<u32>) -> Result {
    match c {
        Some(c) => Ok(vm.str_of_char(c)?.value()),
        None => Ok(Value::NONE),
    }
}

/// `_csv.Dialect`.
pub static DIALECT: TypeDef = TypeDef {
    module: "_csv",
    doc: "CSV dialect\n\nThe Dialect type records CSV parsing and generation options.\n",
    subclassable: true,
    methods: &[
        MethodDef::new(
            "__new__",
            "(type, /, dialect=None, delimiter=',', doublequote=True, escapechar=None, lineterminator='x', \
             quotechar='q', quoting=0, skipinitialspace=False, strict=False)",
            "Create and return a new object.  See help(type) for accurate signature.",
            dialect_new,
        )
        .static_(),
        MethodDef::new("__reduce__", "(self, /)", "raises an exception to avoid pickling", refuse_pickling),
        MethodDef::new(
            "__reduce_ex__",
            "(self, protocol, /)",
            "raises an exception to avoid pickling",
            refuse_pickling,
        ),
    ],
    getset: &[
        attribute("delimiter", |vm, v| char_value(vm, Some(this::<Dialect>(v).delimiter))),
        attribute("escapechar", |vm, v| char_value(vm, this::<Dialect>(v).escape)),
        attribute("quotechar", |vm, v| char_value(vm, this::<Dialect>(v).quote)),
        attribute("lineterminator", |_, v| Ok(this::<Dialect>(v).line_terminator.or_none())),
        attribute("quoting", |vm, v| Ok(vm.new_int(this::<Dialect>(v).quoting as i64))),
        attribute("doublequote", |_, v| Ok(Value::bool(this::<Dialect>(v).double_quote))),
        attribute("skipinitialspace", |_, v| Ok(Value::bool(this::<Dialect>(v).skip_initial_space))),
        attribute("strict", |_, v| Ok(Value::bool(this::<Dialect>(v).strict))),
    ],
    ..TypeDef::new("Dialect", <Dialect as Object>::LAYOUT)
};
