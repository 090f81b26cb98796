//! Encodings given by a table: a string or a mapping.

use super::functions::{bytes, errors_of, text, used};
use taipan_runtime::heap::{Header, Kind, Object};
use taipan_runtime::heap_object;
use taipan_runtime::object::{ClassFlags, MethodDef, TypeDef};
use taipan_runtime::ops::codec::{DecodeSource, EncodeTarget};
use taipan_runtime::types::bytes::Bytes;
use taipan_runtime::types::exception::classes as exc;
use taipan_runtime::types::str::Str;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Vm};
use taipan_text::codecs::{self, CharMap, CodecError};
use taipan_text::{TextBuf, with_units};

/// What `charmap_build` makes.
#[repr(C)]
pub struct EncodingMap {
    pub header: Header,
    map: CharMap,
}

heap_object!(
    EncodingMap,
    "EncodingMap",
    Kind::Other,
    |this, marker| {},
    drop
);

/// `EncodingMap`.
pub static ENCODING_MAP: TypeDef = TypeDef {
    flags: ClassFlags::NO_INSTANTIATION,
    ..TypeDef::new("EncodingMap", <EncodingMap as Object>::LAYOUT)
};

const UNDEFINED: &str = "character maps to <undefined>";

fn build(vm: &Vm, args: &[Value]) -> Result {
    let table = text(vm, "build", args[0])?;
    let class = vm.class_of_def(&ENCODING_MAP)?;
    let object = EncodingMap {
        header: Header::empty(),
        map: CharMap::new(table.data()),
    };
    Ok(vm.heap.alloc(class.root_shape.get(), object).value())
}

/// The mapping's entry, `None` if it has none.
fn entry(vm: &Vm, mapping: Value, key: u32) -> Result<Option<Value>> {
    let found = vm.get_item(mapping, vm.new_int(key.into()));
    Ok(vm
        .catch(found, &exc::LOOKUP_ERROR)?
        .filter(|v| !v.is_none()))
}

fn encode(vm: &Vm, args: &[Value]) -> Result {
    let s = text(vm, "encode", args[0])?;
    let errors = errors_of(vm, "encode", args[1])?;
    let mut out = Vec::new();
    let target = EncodeTarget {
        name: "charmap",
        unit: 1,
        codec: None,
    };
    match args[2].given_not_none() {
        None => {
            let done =
                vm.encode_native(taipan_runtime::ops::codec::TextCodec::Latin1, s, &errors)?;
            return used(vm, done, s.len());
        }
        Some(m) if m.cast::<EncodingMap>().is_some() => {
            if let Some(map) = m.cast::<EncodingMap>() {
                vm.encode_with(&target, s, &errors, &mut out, |data, pos, out| {
                    with_units!(data, u => codecs::encode_charmap(u, pos, &map.map, out))
                })?;
            }
        }
        Some(mapping) => {
            // Looked up once for each character, as the mapping may be any object.
            let mut known = rustc_hash::FxHashMap::default();
            for c in s.code_points().chain([u32::from(b'?')]) {
                if known.contains_key(&c) {
                    continue;
                }
                let piece = match entry(vm, mapping, c)? {
                    None => None,
                    Some(v) if v.as_int_ref().is_some() => match u8::try_from(vm.to_i64(v)?) {
                        Ok(b) => Some(vec![b]),
                        Err(_) => {
                            return Err(vm.type_error("character mapping must be in range(256)"));
                        }
                    },
                    Some(v) => match v.cast::<Bytes>() {
                        Some(b) => Some(b.as_slice().to_vec()),
                        None => {
                            let got = vm.type_name(v);
                            return Err(vm.type_error(format!(
                                "character mapping must return integer, bytes or None, not {got}"
                            )));
                        }
                    },
                };
                known.insert(c, piece);
            }
            vm.encode_with(&target, s, &errors, &mut out, |data, pos, out| {
                for i in pos..data.len() {
                    match known.get(&data.at(i)) {
                        Some(Some(piece)) => out.extend_from_slice(piece),
                        _ => {
                            let missing =
                                |i: usize| !matches!(known.get(&data.at(i)), Some(Some(_)));
                            let end = (i..data.len()).find(|i| !missing(*i)).unwrap_or(data.len());
                            return Err(CodecError {
                                start: i,
                                end,
                                reason: UNDEFINED,
                            });
                        }
                    }
                }
                Ok(())
            })?;
        }
    }
    used(vm, vm.new_bytes(&out)?, s.len())
}

fn decode(vm: &Vm, args: &[Value]) -> Result {
    let data = bytes(vm, args[0])?;
    let errors = errors_of(vm, "decode", args[1])?;
    let mut out = TextBuf::new();
    let source = DecodeSource {
        name: "charmap",
        codec: None,
        start: 0,
    };
    match args[2].given_not_none() {
        None => codecs::decode_latin1(&data, &mut out),
        Some(m) if m.cast::<Str>().is_some() => {
            if let Some(table) = m.cast::<Str>() {
                vm.decode_with(&source, &data, &errors, &mut out, |data, pos, out| {
                    codecs::decode_charmap(data, pos, table.data(), out)
                })?;
            }
        }
        Some(mapping) => {
            let mut known: [Option<Option<Vec<u32>>>; 256] = [const { None }; 256];
            for &b in &data {
                if known[usize::from(b)].is_some() {
                    continue;
                }
                let piece = match entry(vm, mapping, b.into())? {
                    None => None,
                    Some(v) if v.as_int_ref().is_some() => match vm.to_i64(v)? {
                        0xFFFE => None,
                        c @ 0..=0x10FFFF => Some(vec![c as u32]),
                        _ => {
                            return Err(
                                vm.type_error("character mapping must be in range(0x110000)")
                            );
                        }
                    },
                    Some(v) => match v.cast::<Str>() {
                        Some(s) if s.len() == 1 && s.char_at(0) == 0xFFFE => None,
                        Some(s) => Some(s.code_points().collect()),
                        None => {
                            return Err(
                                vm.type_error("character mapping must return integer, None or str")
                            );
                        }
                    },
                };
                known[usize::from(b)] = Some(piece);
            }
            vm.decode_with(&source, &data, &errors, &mut out, |data, pos, out| {
                for (i, b) in data.iter().enumerate().skip(pos) {
                    match &known[usize::from(*b)] {
                        Some(Some(piece)) => piece.iter().for_each(|c| out.push(*c)),
                        _ => {
                            return Err(CodecError {
                                start: i,
                                end: i + 1,
                                reason: UNDEFINED,
                            });
                        }
                    }
                }
                Ok(data.len())
            })?;
        }
    }
    used(vm, vm.str_from_text(out.finish())?, data.len())
}

/// The functions of this file.
pub static FUNCTIONS: &[MethodDef] = &[
    MethodDef::new("charmap_build", "(map, /)", "", build),
    MethodDef::new(
        "charmap_encode",
        "(str, errors=None, mapping=None, /)",
        "",
        encode,
    ),
    MethodDef::new(
        "charmap_decode",
        "(data, errors=None, mapping=None, /)",
        "",
        decode,
    ),
];
