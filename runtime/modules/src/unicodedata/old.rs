//! `unicodedata.ucd_3_2_0`: the database as it was, which internationalised host names (IDNA) are
//! defined over.

use super::{character, form, or_default, text_argument};
use taipan_runtime::heap::{Header, Kind, Object};
use taipan_runtime::heap_object;
use taipan_runtime::object::{ClassFlags, GetSetDef, MethodDef, TypeDef};
use taipan_runtime::{Result, Value, Vm};
use taipan_text::TextBuf;
use taipan_text::unicode::normalize::{self, Edition};
use taipan_text::unicode::{names, v3_2};

/// The one object of its type.
#[repr(C)]
pub struct Database {
    pub header: Header,
}

heap_object!(Database, "UCD", Kind::Other, |this, marker| {});

/// The object.
///
/// # Errors
/// What making its class raises.
pub fn database(vm: &Vm) -> Result {
    let class = vm.class_of_def(&UCD)?;
    let object = Database {
        header: Header::empty(),
    };
    Ok(vm.heap.alloc(class.root_shape.get(), object).value())
}

fn name(vm: &Vm, args: &[Value]) -> Result {
    let c = character(vm, args[1], "name")?;
    let found = names::name(c)
        .filter(|_| v3_2::is_assigned(c))
        .map(|n| vm.new_str(&n).value());
    or_default(vm, found, args[2], "no such name")
}

fn do_normalize(vm: &Vm, args: &[Value]) -> Result {
    let s = text_argument(vm, args[2], "normalize")?;
    let form = form(vm, args[1])?;
    let mut out = TextBuf::new();
    taipan_text::with_units!(s.data(), d => normalize::normalize(d, form, Edition::V3_2, &mut out));
    vm.text_value(out)
}

fn is_normalized(vm: &Vm, args: &[Value]) -> Result {
    let s = text_argument(vm, args[2], "is_normalized")?;
    let form = form(vm, args[1])?;
    let normal =
        taipan_text::with_units!(s.data(), d => normalize::is_normalized(d, form, Edition::V3_2));
    Ok(Value::bool(normal))
}

/// A property of a character that is text.
macro_rules! text {
    ($name:literal, $property:path) => {
        MethodDef::new($name, "(self, chr, /)", "", |vm, args| {
            Ok(vm.intern($property(character(vm, args[1], $name)?)).value())
        })
    };
}

/// A property of a character that is a number.
macro_rules! number {
    ($name:literal, $property:path) => {
        MethodDef::new($name, "(self, chr, /)", "", |vm, args| {
            let n = $property(character(vm, args[1], $name)?);
            Ok(vm.new_int(n.into()))
        })
    };
}

/// A value that not every character has.
macro_rules! value {
    ($name:literal, $property:path, $convert:expr, $missing:literal) => {
        MethodDef::new($name, "(self, chr, default=<unset>, /)", "", |vm, args| {
            let convert: fn(&Vm, _) -> Value = $convert;
            let found = $property(character(vm, args[1], $name)?).map(|n| convert(vm, n));
            or_default(vm, found, args[2], $missing)
        })
    };
}

/// `unicodedata.UCD`.
pub static UCD: TypeDef = TypeDef {
    module: "unicodedata",
    flags: ClassFlags::NO_INSTANTIATION,
    methods: &[
        text!("category", v3_2::category),
        text!("bidirectional", v3_2::bidirectional),
        text!("east_asian_width", v3_2::east_asian_width),
        number!("combining", v3_2::combining),
        number!("mirrored", v3_2::is_mirrored),
        value!(
            "decimal",
            v3_2::decimal,
            |vm, n: u8| vm.new_int(n.into()),
            "not a decimal"
        ),
        value!(
            "digit",
            v3_2::digit,
            |vm, n: u8| vm.new_int(n.into()),
            "not a digit"
        ),
        value!(
            "numeric",
            v3_2::numeric,
            |_, n: f64| Value::float(n),
            "not a numeric character"
        ),
        MethodDef::new("name", "(self, chr, default=<unset>, /)", "", name),
        // Not only of the names that were there.
        MethodDef::new("lookup", "(self, name, /)", "", |vm, args| {
            super::lookup(vm, &args[1..])
        }),
        MethodDef::new("decomposition", "(self, chr, /)", "", |vm, args| {
            let c = character(vm, args[1], "decomposition")?;
            Ok(vm
                .new_str(&normalize::decomposition(c, Edition::V3_2))
                .value())
        }),
        MethodDef::new("normalize", "(self, form, unistr, /)", "", do_normalize),
        MethodDef::new(
            "is_normalized",
            "(self, form, unistr, /)",
            "",
            is_normalized,
        ),
    ],
    getset: &[GetSetDef {
        name: "unidata_version",
        doc: "",
        get: |vm, _| Ok(vm.new_str("3.2.0").value()),
        set: None,
    }],
    ..TypeDef::new("UCD", <Database as Object>::LAYOUT)
};
