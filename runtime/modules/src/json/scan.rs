//! Reading JSON.

use std::cell::Cell;
use taipan_runtime::heap::{Field, Gc, Header, Kind, Object};
use taipan_runtime::heap_object;
use taipan_runtime::object::{MemberDef, MethodDef, TypeDef};
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::protocol::{class_argument, this};
use taipan_runtime::types::str::Str;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Raised, Result, Vm};
use taipan_text::TextBuf;

/// A scanner with the hooks of a decoder.
#[repr(C)]
pub struct Scanner {
    pub header: Header,
    strict_value: Field,
    object_hook: Field,
    pairs_hook: Field,
    parse_float: Field,
    parse_int: Field,
    parse_constant: Field,
    strict: Cell<bool>,
}

heap_object!(Scanner, "Scanner", Kind::Other, |this, marker| {
    marker.field(&this.strict_value);
    marker.field(&this.object_hook);
    marker.field(&this.pairs_hook);
    marker.field(&this.parse_float);
    marker.field(&this.parse_int);
    marker.field(&this.parse_constant);
});

fn scanner_new(vm: &Vm, args: &[Value]) -> Result {
    let class = class_argument(vm, args, vm.class_of_def(&SCANNER)?)?;
    let get = |name: &str| vm.get_attr_str(args[1], name);
    let strict = get("strict")?;
    let object = Scanner {
        header: Header::empty(),
        strict_value: Field::new(strict),
        object_hook: Field::new(get("object_hook")?),
        pairs_hook: Field::new(get("object_pairs_hook")?),
        parse_float: Field::new(get("parse_float")?),
        parse_int: Field::new(get("parse_int")?),
        parse_constant: Field::new(get("parse_constant")?),
        strict: Cell::new(vm.truth(strict)?),
    };
    Ok(vm.heap.alloc(class.root_shape.get(), object).value())
}

fn scanner_call(vm: &Vm, args: &[Value]) -> Result {
    let scanner = this::<Scanner>(args[0]);
    let source = super::string(vm, args[1])?;
    let Ok(at) = usize::try_from(vm.to_ssize_arg(args[2])?) else {
        return Err(vm.value_error("idx cannot be negative"));
    };
    let keys = vm.new_dict();
    let (value, end) = taipan_runtime::with_str_data!(source, units => Reader {
        vm,
        source,
        units,
        scanner: Some(scanner),
        keys,
    }
    .value(at)?);
    vm.pair(value, vm.new_int(end as i64))
}

/// `scanstring(string, end, strict=True)`.
pub fn scanstring(vm: &Vm, args: &[Value]) -> Result {
    let source = super::string(vm, args[0])?;
    let end = vm.to_ssize_arg(args[1])?;
    let strict = args[2].given().map_or(Ok(true), |v| vm.truth(v))?;
    let at = match usize::try_from(end) {
        Ok(at) if at <= source.len() => at,
        _ => return Err(vm.value_error("end is out of bounds")),
    };
    let keys = vm.new_dict();
    let (text, end) = taipan_runtime::with_str_data!(source, units => Reader {
        vm,
        source,
        units,
        scanner: None,
        keys,
    }
    .string(at, strict)?);
    vm.pair(text, vm.new_int(end as i64))
}

/// Reads one text. The scanner is absent where only strings are read.
struct Reader<'a, U> {
    vm: &'a Vm,
    source: Gc<Str>,
    units: &'a [U],
    scanner: Option<Gc<Scanner>>,
    /// Keys seen, so that equal ones become one object.
    keys: Gc<Dict>,
}

impl<U: Copy + Into<u32>> Reader<'_, U> {
    #[inline(always)]
    fn at(&self, i: usize) -> Option<u32> {
        self.units.get(i).map(|u| (*u).into())
    }

    fn is(&self, i: usize, c: u8) -> bool {
        self.at(i) == Some(c.into())
    }

    /// The first index from `i` on that is no white space.
    #[inline]
    fn skip(&self, mut i: usize) -> usize {
        while matches!(self.at(i), Some(0x20 | 0x09 | 0x0A | 0x0D)) {
            i += 1;
        }
        i
    }

    #[cold]
    fn error(&self, message: &str, at: usize) -> Raised {
        let vm = self.vm;
        let class = match vm.import_attr("json.decoder", "JSONDecodeError") {
            Ok(class) => class,
            Err(raised) => return raised,
        };
        let message = vm.new_str(message).value();
        match vm.call(
            class,
            &[message, self.source.value(), vm.new_int(at as i64)],
        ) {
            Ok(e) => vm.raise(e),
            Err(raised) => raised,
        }
    }

    /// That there is no value at `at`: StopIteration tells the caller where.
    #[cold]
    fn no_value(&self, at: usize) -> Raised {
        self.vm.stop_iteration(self.vm.new_int(at as i64))
    }

    fn hook(&self, get: fn(&Scanner) -> &Field) -> Value {
        self.scanner.map_or(Value::NONE, |s| get(&s).or_none())
    }

    /// The value at `at`, and the index behind it.
    fn value(&self, at: usize) -> Result<(Value, usize)> {
        let Some(c) = self.at(at) else {
            return Err(self.no_value(at));
        };
        match char::from_u32(c) {
            Some('"') => self.string(at + 1, self.scanner.is_none_or(|s| s.strict.get())),
            Some('{') => self.object(at + 1),
            Some('[') => self.array(at + 1),
            Some('n') if self.has(at, "null") => Ok((Value::NONE, at + 4)),
            Some('t') if self.has(at, "true") => Ok((Value::TRUE, at + 4)),
            Some('f') if self.has(at, "false") => Ok((Value::FALSE, at + 5)),
            Some('N') if self.has(at, "NaN") => self.constant("NaN", at + 3),
            Some('I') if self.has(at, "Infinity") => self.constant("Infinity", at + 8),
            Some('-') if self.has(at, "-Infinity") => self.constant("-Infinity", at + 9),
            _ => self.number(at),
        }
    }

    fn has(&self, at: usize, word: &str) -> bool {
        word.bytes().enumerate().all(|(i, b)| self.is(at + i, b))
    }

    fn constant(&self, name: &str, end: usize) -> Result<(Value, usize)> {
        let f = self.hook(|s| &s.parse_constant);
        Ok((self.vm.call(f, &[self.vm.intern(name).value()])?, end))
    }

    fn number(&self, start: usize) -> Result<(Value, usize)> {
        let digit = |i: usize| matches!(self.at(i), Some(0x30..=0x39));
        let mut i = start;
        if self.is(i, b'-') {
            i += 1;
        }
        if self.is(i, b'0') {
            i += 1;
        } else if digit(i) {
            while digit(i) {
                i += 1;
            }
        } else {
            return Err(self.no_value(start));
        }
        let mut is_float = false;
        if self.is(i, b'.') && digit(i + 1) {
            is_float = true;
            i += 2;
            while digit(i) {
                i += 1;
            }
        }
        if self.is(i, b'e') || self.is(i, b'E') {
            let mut j = i + 1;
            if self.is(j, b'-') || self.is(j, b'+') {
                j += 1;
            }
            if digit(j) {
                while digit(j) {
                    j += 1;
                }
                is_float = true;
                i = j;
            }
        }
        let vm = self.vm;
        let text = || Ok(vm.substring(self.source, start, i)?.value());
        let (f, standard) = if is_float {
            (self.hook(|s| &s.parse_float), vm.types.float.get())
        } else {
            (self.hook(|s| &s.parse_int), vm.types.int.get())
        };
        if f != standard.value() {
            return Ok((vm.call(f, &[text()?])?, i));
        }
        let bytes: smallvec::SmallVec<[u8; 32]> = self.units[start..i]
            .iter()
            .map(|u| (*u).into() as u8)
            .collect();
        let value = if is_float {
            taipan_text::float::parse_ascii(&bytes).map(Value::float)
        } else if bytes.len() <= 18 {
            let (negative, digits) = match bytes.split_first() {
                Some((b'-', rest)) => (true, rest),
                _ => (false, &bytes[..]),
            };
            let n = digits
                .iter()
                .fold(0i64, |n, d| n * 10 + i64::from(d - b'0'));
            Some(vm.new_int(if negative { -n } else { n }))
        } else {
            None
        };
        match value {
            Some(v) => Ok((v, i)),
            None => Ok((vm.call(f, &[text()?])?, i)),
        }
    }

    /// The string whose first character is at `start`.
    fn string(&self, start: usize, strict: bool) -> Result<(Value, usize)> {
        let unterminated = || self.error("Unterminated string starting at", start.wrapping_sub(1));
        let mut buffer: Option<TextBuf> = None;
        let mut from = start;
        loop {
            let mut i = from;
            let c = loop {
                match self.at(i) {
                    None => return Err(unterminated()),
                    Some(c @ (0x22 | 0x5C)) => break c,
                    Some(c) if c < 0x20 && strict => {
                        return Err(self.error("Invalid control character at", i));
                    }
                    Some(_) => i += 1,
                }
            };
            if c == 0x22 {
                let text = match buffer {
                    None => self.vm.substring(self.source, from, i)?.value(),
                    Some(mut buffer) => {
                        self.copy(&mut buffer, from, i);
                        self.vm.finish_text(buffer)?
                    }
                };
                return Ok((text, i + 1));
            }
            let buffer = buffer.get_or_insert_with(TextBuf::new);
            self.copy(buffer, from, i);
            let Some(c) = self.at(i + 1) else {
                return Err(unterminated());
            };
            from = i + 2;
            let plain = match c as u8 as char {
                _ if c > 127 => None,
                '"' => Some('"'),
                '\\' => Some('\\'),
                '/' => Some('/'),
                'b' => Some('\u{8}'),
                'f' => Some('\u{C}'),
                'n' => Some('\n'),
                'r' => Some('\r'),
                't' => Some('\t'),
                'u' => {
                    let (c, end) = self.unicode_escape(from)?;
                    buffer.push(c);
                    from = end;
                    continue;
                }
                _ => None,
            };
            match plain {
                Some(c) => buffer.push(c.into()),
                None => return Err(self.error("Invalid \\escape", i)),
            }
        }
    }

    fn copy(&self, buffer: &mut TextBuf, from: usize, to: usize) {
        self.units[from..to]
            .iter()
            .for_each(|u| buffer.push((*u).into()));
    }

    /// The number that the four digits from `at` write.
    fn hex(&self, at: usize) -> Option<u32> {
        (0..4).try_fold(0, |n, i| {
            Some(n << 4 | char::from_u32(self.at(at + i)?)?.to_digit(16)?)
        })
    }

    /// The character of an escape whose digits begin at `at`, two escapes if they are surrogates.
    fn unicode_escape(&self, at: usize) -> Result<(u32, usize)> {
        let Some(c) = self.hex(at) else {
            return Err(self.error("Invalid \\uXXXX escape", at - 1));
        };
        let end = at + 4;
        if (0xD800..0xDC00).contains(&c) && self.has(end, "\\u") {
            match self.hex(end + 2) {
                None => return Err(self.error("Invalid \\uXXXX escape", end + 1)),
                Some(low @ 0xDC00..=0xDFFF) => {
                    return Ok((0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00), end + 6));
                }
                Some(_) => {}
            }
        }
        Ok((c, end))
    }

    #[inline]
    fn deeper(&self, what: &str) -> Result<()> {
        if self.vm.thread().native_room() {
            return Ok(());
        }
        Err(self.vm.recursion_error(format!(
            "maximum recursion depth exceeded while decoding a JSON {what} from a unicode string"
        )))
    }

    fn array(&self, start: usize) -> Result<(Value, usize)> {
        self.deeper("array")?;
        let vm = self.vm;
        let list = vm.new_list(&[])?;
        let mut i = self.skip(start);
        if self.is(i, b']') {
            return Ok((list.value(), i + 1));
        }
        loop {
            let (item, end) = self.value(i)?;
            list.push(vm, item)?;
            i = self.skip(end);
            match self.at(i) {
                Some(0x5D) => return Ok((list.value(), i + 1)),
                Some(0x2C) => {}
                _ => return Err(self.error("Expecting ',' delimiter", i)),
            }
            let comma = i;
            i = self.skip(i + 1);
            if self.is(i, b']') {
                return Err(self.error("Illegal trailing comma before end of array", comma));
            }
        }
    }

    fn object(&self, start: usize) -> Result<(Value, usize)> {
        self.deeper("object")?;
        let vm = self.vm;
        let strict = self.scanner.is_none_or(|s| s.strict.get());
        let pairs_hook = Some(self.hook(|s| &s.pairs_hook)).filter(|h| !h.is_none());
        let pairs = match pairs_hook {
            Some(_) => Some(vm.new_list(&[])?),
            None => None,
        };
        let dict = vm.new_dict();
        let mut i = self.skip(start);
        if !self.is(i, b'}') {
            loop {
                if !self.is(i, b'"') {
                    return Err(self.error("Expecting property name enclosed in double quotes", i));
                }
                let (key, end) = self.string(i + 1, strict)?;
                let key = self.keys.set_default(vm, key, key)?.0;
                i = self.skip(end);
                if !self.is(i, b':') {
                    return Err(self.error("Expecting ':' delimiter", i));
                }
                let (value, end) = self.value(self.skip(i + 1))?;
                match pairs {
                    Some(pairs) => pairs.push(vm, vm.pair(key, value)?)?,
                    None => dict.set(vm, key, value)?,
                }
                i = self.skip(end);
                match self.at(i) {
                    Some(0x7D) => break,
                    Some(0x2C) => {}
                    _ => return Err(self.error("Expecting ',' delimiter", i)),
                }
                let comma = i;
                i = self.skip(i + 1);
                if self.is(i, b'}') {
                    return Err(self.error("Illegal trailing comma before end of object", comma));
                }
            }
        }
        let result = match (pairs_hook, pairs) {
            (Some(hook), Some(pairs)) => vm.call(hook, &[pairs.value()])?,
            _ => match self.hook(|s| &s.object_hook) {
                Value::NONE => dict.value(),
                hook => vm.call(hook, &[dict.value()])?,
            },
        };
        Ok((result, i + 1))
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

/// `make_scanner`.
pub static SCANNER: TypeDef = TypeDef {
    module: "_json",
    doc: "JSON scanner object",
    subclassable: true,
    methods: &[
        MethodDef::new(
            "__new__",
            "(type, /, context)",
            "Create and return a new object.  See help(type) for accurate signature.",
            scanner_new,
        )
        .static_(),
        MethodDef::new(
            "__call__",
            "(self, /, string, idx)",
            "Call self as a function.",
            scanner_call,
        ),
    ],
    members: &[
        member("strict", std::mem::offset_of!(Scanner, strict_value)),
        member("object_hook", std::mem::offset_of!(Scanner, object_hook)),
        member(
            "object_pairs_hook",
            std::mem::offset_of!(Scanner, pairs_hook),
        ),
        member("parse_float", std::mem::offset_of!(Scanner, parse_float)),
        member("parse_int", std::mem::offset_of!(Scanner, parse_int)),
        member(
            "parse_constant",
            std::mem::offset_of!(Scanner, parse_constant),
        ),
    ],
    ..TypeDef::new("Scanner", <Scanner as Object>::LAYOUT)
};
