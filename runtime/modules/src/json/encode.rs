//! Writing JSON.

use rustc_hash::FxHashSet;
use std::cell::Cell;
use taipan_runtime::heap::{Field, Gc, Header, Kind, Object};
use taipan_runtime::heap_object;
use taipan_runtime::object::{MemberDef, MethodDef, NativeFunction, TypeDef};
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::list::{List, sort::sort_values};
use taipan_runtime::types::protocol::{class_argument, this};
use taipan_runtime::types::str::{Str, StrData};
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Vm};
use taipan_text::TextBuf;

/// Appends a string in quotes.
fn push_quoted(out: &mut TextBuf, s: &Str, ascii: bool) {
    fn plain(c: u32, ascii: bool) -> bool {
        c >= 0x20 && c != 0x22 && c != 0x5C && (!ascii || c < 0x7F)
    }
    out.push_ascii("\"");
    let simple = match s.data() {
        StrData::Latin1(d) => d.iter().all(|c| plain((*c).into(), ascii)),
        _ => s.code_points().all(|c| plain(c, ascii)),
    };
    if simple {
        out.push_text(s.data());
    } else {
        for c in s.code_points() {
            if plain(c, ascii) {
                out.push(c);
                continue;
            }
            match c {
                0x22 => out.push_ascii("\\\""),
                0x5C => out.push_ascii("\\\\"),
                0x08 => out.push_ascii("\\b"),
                0x0C => out.push_ascii("\\f"),
                0x0A => out.push_ascii("\\n"),
                0x0D => out.push_ascii("\\r"),
                0x09 => out.push_ascii("\\t"),
                0x10000.. => {
                    let v = c - 0x10000;
                    out.push_ascii(&format!(
                        "\\u{:04x}\\u{:04x}",
                        0xD800 | v >> 10,
                        0xDC00 | v & 0x3FF
                    ));
                }
                _ => out.push_ascii(&format!("\\u{c:04x}")),
            }
        }
    }
    out.push_ascii("\"");
}

/// `encode_basestring` and `encode_basestring_ascii`.
pub fn quoted(vm: &Vm, s: Gc<Str>, ascii: bool) -> Result {
    let mut out = TextBuf::with_capacity(s.len() + 2);
    push_quoted(&mut out, &s, ascii);
    vm.finish_text(out)
}

/// How strings are encoded.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Quoting {
    Ascii,
    Text,
    /// By a function of the user's.
    Custom,
}

/// An encoder with the settings of a `JSONEncoder`.
#[repr(C)]
pub struct Encoder {
    pub header: Header,
    markers: Field,
    default: Field,
    encoder: Field,
    indent: Field,
    key_separator: Field,
    item_separator: Field,
    sort_keys_value: Field,
    skipkeys_value: Field,
    sort_keys: Cell<bool>,
    skipkeys: Cell<bool>,
    allow_nan: Cell<bool>,
    quoting: Quoting,
}

heap_object!(Encoder, "Encoder", Kind::Other, |this, marker| {
    marker.field(&this.markers);
    marker.field(&this.default);
    marker.field(&this.encoder);
    marker.field(&this.indent);
    marker.field(&this.key_separator);
    marker.field(&this.item_separator);
    marker.field(&this.sort_keys_value);
    marker.field(&this.skipkeys_value);
});

fn encoder_new(vm: &Vm, args: &[Value]) -> Result {
    let class = class_argument(vm, args, vm.class_of_def(&ENCODER)?)?;
    let [
        _,
        markers,
        default,
        encoder,
        indent,
        key_separator,
        item_separator,
        sort_keys,
        skipkeys,
        allow_nan,
    ] = *args
    else {
        return Ok(Value::NONE);
    };
    if !markers.is_none() && markers.cast::<Dict>().is_none() {
        let name = vm.class_of(markers).qualified_name();
        return Err(vm.type_error(format!(
            "make_encoder() argument 1 must be dict or None, not {name}"
        )));
    }
    for (v, n) in [(key_separator, 5), (item_separator, 6)] {
        if v.cast::<Str>().is_none() {
            let name = vm.class_of(v).qualified_name();
            return Err(vm.type_error(format!(
                "make_encoder() argument {n} must be str, not {name}"
            )));
        }
    }
    let native = encoder.cast::<NativeFunction>();
    let quoting = match native {
        Some(f) if std::ptr::eq(f.def, &super::FUNCTIONS[0]) => Quoting::Ascii,
        Some(f) if std::ptr::eq(f.def, &super::FUNCTIONS[1]) => Quoting::Text,
        _ => Quoting::Custom,
    };
    let object = Encoder {
        header: Header::empty(),
        markers: Field::new(markers),
        default: Field::new(default),
        encoder: Field::new(encoder),
        indent: Field::new(indent),
        key_separator: Field::new(key_separator),
        item_separator: Field::new(item_separator),
        sort_keys_value: Field::new(sort_keys),
        skipkeys_value: Field::new(skipkeys),
        sort_keys: Cell::new(vm.truth(sort_keys)?),
        skipkeys: Cell::new(vm.truth(skipkeys)?),
        allow_nan: Cell::new(vm.truth(allow_nan)?),
        quoting,
    };
    Ok(vm.heap.alloc(class.root_shape.get(), object).value())
}

fn encoder_call(vm: &Vm, args: &[Value]) -> Result {
    let level = vm.to_index(args[2])?.max(0) as usize;
    let mut writer = Writer {
        vm,
        encoder: this(args[0]),
        out: TextBuf::new(),
        active: FxHashSet::default(),
        level,
    };
    writer.value(args[1])?;
    let text = vm.finish_text(writer.out)?;
    Ok(vm.new_tuple(&[text])?.value())
}

/// One run of an encoder.
struct Writer<'a> {
    vm: &'a Vm,
    encoder: Gc<Encoder>,
    out: TextBuf,
    /// Containers being written, by identity.
    active: FxHashSet<u64>,
    /// Indentation, in levels.
    level: usize,
}

impl Writer<'_> {
    fn value(&mut self, v: Value) -> Result<()> {
        let vm = self.vm;
        match v {
            Value::NONE => self.out.push_ascii("null"),
            Value::TRUE => self.out.push_ascii("true"),
            Value::FALSE => self.out.push_ascii("false"),
            _ => {
                if let Some(s) = v.cast::<Str>() {
                    return self.string(s);
                }
                if let Some(text) = self.number(v)? {
                    self.out.push_ascii(&text);
                    return Ok(());
                }
                if let Some(dict) = v.cast::<Dict>() {
                    return self.nested(v, |w| w.dict(v, dict));
                }
                if v.cast::<List>().is_some() || v.cast::<Tuple>().is_some() {
                    return self.nested(v, |w| w.sequence(v));
                }
                return self.nested(v, |w| {
                    let default = w.encoder.default.or_none();
                    let replaced = vm.call(default, &[v])?;
                    w.value(replaced).map_err(|raised| {
                        vm.note_raised(
                            raised,
                            &format!("when serializing {} object", w.type_name(v)),
                        )
                    })
                });
            }
        }
        Ok(())
    }

    fn type_name(&self, v: Value) -> String {
        let class = self.vm.class_of(v);
        crate::common::full_name_with_main(self.vm, class).unwrap_or_else(|_| {
            self.vm.clear_raised();
            class.qualified_name()
        })
    }

    /// Writes a container, or raises ValueError if it is being written already.
    fn nested(&mut self, v: Value, write: impl FnOnce(&mut Self) -> Result<()>) -> Result<()> {
        let vm = self.vm;
        if !vm.thread().native_room() {
            return Err(
                vm.recursion_error("maximum recursion depth exceeded while encoding a JSON object")
            );
        }
        let marked = !self.encoder.markers.or_none().is_none();
        if marked && !self.active.insert(v.bits()) {
            return Err(vm.value_error("Circular reference detected"));
        }
        write(self)?;
        if marked {
            self.active.remove(&v.bits());
        }
        Ok(())
    }

    fn string(&mut self, s: Gc<Str>) -> Result<()> {
        match self.encoder.quoting {
            Quoting::Ascii => push_quoted(&mut self.out, &s, true),
            Quoting::Text => push_quoted(&mut self.out, &s, false),
            Quoting::Custom => {
                let vm = self.vm;
                let text = vm.call(self.encoder.encoder.or_none(), &[s.value()])?;
                let Some(text) = text.cast::<Str>() else {
                    let name = vm.class_of(text).qualified_name();
                    return Err(
                        vm.type_error(format!("encoder() must return a string, not {name}"))
                    );
                };
                self.out.push_text(text.data());
            }
        }
        Ok(())
    }

    /// The text of an integer or float, `None` for anything else.
    fn number(&self, v: Value) -> Result<Option<String>> {
        let vm = self.vm;
        if let Some(i) = v.as_int() {
            return Ok(Some(i.to_string()));
        }
        if let Some(i) = v.exact_int().filter(|_| !v.is_bool()) {
            return Ok(Some(vm.repr_text(i)?));
        }
        let Some(f) = taipan_runtime::types::float::float_of(v) else {
            return Ok(None);
        };
        if f.is_finite() {
            return Ok(Some(taipan_text::float::repr(f)));
        }
        if !self.encoder.allow_nan.get() {
            return Err(vm.value_error(format!(
                "Out of range float values are not JSON compliant: {}",
                vm.repr_text(v)?
            )));
        }
        Ok(Some(
            if f.is_nan() {
                "NaN"
            } else if f > 0.0 {
                "Infinity"
            } else {
                "-Infinity"
            }
            .to_owned(),
        ))
    }

    fn text(&mut self, field: fn(&Encoder) -> &Field) {
        if let Some(s) = field(&self.encoder).get().and_then(|v| v.cast::<Str>()) {
            self.out.push_text(s.data());
        }
    }

    /// A line break and the indentation, if there is one.
    fn line(&mut self) {
        if let Some(indent) = self.encoder.indent.or_none().cast::<Str>() {
            self.out.push_ascii("\n");
            for _ in 0..self.level {
                self.out.push_text(indent.data());
            }
        }
    }

    /// What goes between two items.
    fn separator(&mut self) {
        self.text(|e| &e.item_separator);
        self.line();
    }

    fn sequence(&mut self, v: Value) -> Result<()> {
        let vm = self.vm;
        let list = v.cast::<List>();
        let tuple = v.cast::<Tuple>();
        let item = |i: usize| match (list, tuple) {
            (Some(list), _) => list.get(i),
            (None, Some(tuple)) => tuple.as_slice().get(i).copied(),
            (None, None) => None,
        };
        if item(0).is_none() {
            self.out.push_ascii("[]");
            return Ok(());
        }
        self.out.push_ascii("[");
        self.level += 1;
        self.line();
        let mut i = 0;
        while let Some(v_item) = item(i) {
            if i > 0 {
                self.separator();
            }
            self.value(v_item).map_err(|raised| {
                vm.note_raised(
                    raised,
                    &format!("when serializing {} item {i}", self.type_name(v)),
                )
            })?;
            i += 1;
        }
        self.level -= 1;
        self.line();
        self.out.push_ascii("]");
        Ok(())
    }

    fn dict(&mut self, v: Value, dict: Gc<Dict>) -> Result<()> {
        let vm = self.vm;
        if dict.is_empty() {
            self.out.push_ascii("{}");
            return Ok(());
        }
        self.out.push_ascii("{");
        self.level += 1;
        let mut first = true;
        if self.encoder.sort_keys.get() || dict.class() != vm.types.dict.get() {
            let items = vm.call_method_named(v, vm.names.items.get(), &[])?;
            let mut items = vm.collect(items)?;
            if self.encoder.sort_keys.get() {
                sort_values(vm, &mut items, None, false)?;
            }
            for i in 0..items.len() {
                let Some(pair) = items[i].cast::<Tuple>().filter(|p| p.len() == 2) else {
                    return Err(vm.value_error("items must return 2-tuples"));
                };
                self.entry(v, pair.get(0), pair.get(1), &mut first)?;
            }
        } else {
            let mut at = 0;
            while let Some((next, key, value)) = dict.next_entry(at) {
                at = next;
                self.entry(v, key, value, &mut first)?;
            }
        }
        self.level -= 1;
        if !first {
            self.line();
        }
        self.out.push_ascii("}");
        Ok(())
    }

    fn entry(
        &mut self,
        container: Value,
        key: Value,
        value: Value,
        first: &mut bool,
    ) -> Result<()> {
        let vm = self.vm;
        let key_text = match key {
            _ if key.cast::<Str>().is_some() => None,
            Value::TRUE => Some("true".to_owned()),
            Value::FALSE => Some("false".to_owned()),
            Value::NONE => Some("null".to_owned()),
            _ => match self.number(key)? {
                Some(text) => Some(text),
                None if self.encoder.skipkeys.get() => return Ok(()),
                None => {
                    let name = self.vm.class_of(key).qualified_name();
                    return Err(vm.type_error(format!(
                        "keys must be str, int, float, bool or None, not {name}"
                    )));
                }
            },
        };
        if std::mem::replace(first, false) {
            self.line();
        } else {
            self.separator();
        }
        match key_text {
            None => self.string(this(key))?,
            Some(text) => self.string(vm.new_str(&text))?,
        }
        self.text(|e| &e.key_separator);
        self.value(value).map_err(|raised| {
            let Some(error) = vm.pending() else {
                return raised;
            };
            vm.clear_raised();
            match vm.repr_text(key) {
                Ok(key) => {
                    let raised = vm.raise_again(error);
                    vm.note_raised(
                        raised,
                        &format!("when serializing {} item {key}", self.type_name(container)),
                    )
                }
                Err(raised) => raised,
            }
        })
    }
}

const fn member(name: &'static str, offset: usize) -> MemberDef {
    MemberDef {
        name,
        doc: name,
        offset,
        readonly: true,
        none_if_empty: true,
    }
}

/// `make_encoder`.
pub static ENCODER: TypeDef = TypeDef {
    module: "_json",
    doc: "Encoder(markers, default, encoder, indent, key_separator, item_separator, sort_keys, skipkeys, allow_nan)",
    subclassable: true,
    methods: &[
        MethodDef::new(
            "__new__",
            "(type, /, markers, default, encoder, indent, key_separator, item_separator, sort_keys, skipkeys, allow_nan)",
            "Create and return a new object.  See help(type) for accurate signature.",
            encoder_new,
        )
        .static_(),
        MethodDef::new("__call__", "(self, /, obj, _current_indent_level)", "Call self as a function.", encoder_call),
    ],
    members: &[
        member("markers", std::mem::offset_of!(Encoder, markers)),
        member("default", std::mem::offset_of!(Encoder, default)),
        member("encoder", std::mem::offset_of!(Encoder, encoder)),
        member("indent", std::mem::offset_of!(Encoder, indent)),
        member("key_separator", std::mem::offset_of!(Encoder, key_separator)),
        member("item_separator", std::mem::offset_of!(Encoder, item_separator)),
        member("sort_keys", std::mem::offset_of!(Encoder, sort_keys_value)),
        member("skipkeys", std::mem::offset_of!(Encoder, skipkeys_value)),
    ],
    ..TypeDef::new("Encoder", <Encoder as Object>::LAYOUT)
};
