//! Format strings of `struct`: reading them, and storing and loading values by them.

use super::error;
use std::cell::RefCell;
use std::rc::Rc;
use taipan_runtime::types::bytes::{ByteArray, Bytes};
use taipan_runtime::types::int::IntRef;
use taipan_runtime::value::{Value, stored};
use taipan_runtime::vm::{Raised, Result, Vm};
use taipan_text::int::{BigInt, Endian};

/// One code of a format, repeated.
#[derive(Clone, Copy, Debug)]
pub struct Code {
    pub letter: u8,
    /// Where the first value is stored.
    offset: usize,
    /// Bytes of a value.
    size: usize,
    /// Values; one for `s` and `p`.
    repeat: usize,
}

/// A format as read.
#[derive(Debug)]
pub struct Format {
    pub text: Box<[u8]>,
    codes: Vec<Code>,
    pub size: usize,
    /// Number of values.
    pub len: usize,
    big: bool,
}

/// Size and alignment of a code's values.
fn measure(letter: u8, native: bool) -> Option<(usize, usize)> {
    let size = match letter {
        b'x' | b'b' | b'B' | b'c' | b's' | b'p' | b'?' => 1,
        b'h' | b'H' | b'e' => 2,
        b'i' | b'I' | b'f' => 4,
        b'l' | b'L' => {
            if native {
                8
            } else {
                4
            }
        }
        b'q' | b'Q' | b'd' => 8,
        b'n' | b'N' | b'P' if native => 8,
        b'F' => return Some((8, if native { 4 } else { 1 })),
        b'D' => return Some((16, if native { 8 } else { 1 })),
        _ => return None,
    };
    Some((size, if native { size } else { 1 }))
}

impl Format {
    fn parse(vm: &Vm, text: &[u8]) -> Result<Format> {
        let (native, big, body) = match text.first() {
            Some(b'<') => (false, false, &text[1..]),
            Some(b'>' | b'!') => (false, true, &text[1..]),
            Some(b'=') => (false, cfg!(target_endian = "big"), &text[1..]),
            Some(b'@') => (true, cfg!(target_endian = "big"), &text[1..]),
            _ => (true, cfg!(target_endian = "big"), text),
        };
        if text.contains(&0) {
            return Err(error(vm, "embedded null character"));
        }
        let too_long = || error(vm, "total struct size too long");
        let mut format = Format {
            text: text.into(),
            codes: Vec::new(),
            size: 0,
            len: 0,
            big,
        };
        let mut i = 0;
        while i < body.len() {
            let c = body[i];
            i += 1;
            if c.is_ascii_whitespace() || c == 0x0B {
                continue;
            }

            let mut repeat = 1usize;
            let mut letter = c;
            if c.is_ascii_digit() {
                repeat = (c - b'0').into();
                loop {
                    let Some(&c) = body.get(i) else {
                        return Err(error(vm, "repeat count given without format specifier"));
                    };
                    i += 1;
                    if !c.is_ascii_digit() {
                        letter = c;
                        break;
                    }
                    repeat = repeat
                        .checked_mul(10)
                        .and_then(|r| r.checked_add((c - b'0').into()))
                        .filter(|r| *r <= isize::MAX as usize)
                        .ok_or_else(too_long)?;
                }
            }
            let Some((size, align)) = measure(letter, native) else {
                return Err(error(vm, "bad char in struct format"));
            };
            let offset = format.size.next_multiple_of(align);
            let bytes = size.checked_mul(repeat).ok_or_else(too_long)?;
            format.size = offset
                .checked_add(bytes)
                .filter(|s| *s <= isize::MAX as usize)
                .ok_or_else(too_long)?;
            match letter {
                b'x' => {}
                b's' | b'p' => {
                    format.codes.push(Code {
                        letter,
                        offset,
                        size: repeat,
                        repeat: 1,
                    });
                    format.len += 1;
                }
                _ => {
                    if repeat > 0 {
                        format.codes.push(Code {
                            letter,
                            offset,
                            size,
                            repeat,
                        });
                    }
                    format.len += repeat;
                }
            }
        }
        Ok(format)
    }

    /// The format that an argument is, remembered for the next time.
    pub fn of(vm: &Vm, v: Value) -> Result<Rc<Format>> {
        use taipan_runtime::types::str::Str;
        thread_local! {
            static KNOWN: RefCell<rustc_hash::FxHashMap<Box<[u8]>, Rc<Format>>> = RefCell::default();
        }
        let find = |text: &[u8]| KNOWN.with_borrow(|known| known.get(text).cloned());
        let read = |text: &[u8]| -> Result<Rc<Format>> {
            if let Some(format) = find(text) {
                return Ok(format);
            }
            let format = Rc::new(Format::parse(vm, text)?);
            KNOWN.with_borrow_mut(|known| {
                if known.len() >= 100 {
                    known.clear();
                }
                known.insert(text.into(), format.clone());
            });
            Ok(format)
        };
        if let Some(s) = v.cast::<Str>() {
            return match s.as_ascii() {
                Some(text) => read(text.as_bytes()),
                None => {
                    let ascii = vm.new_str("ascii").value();
                    let encoded = vm.call_method(v, "encode", &[ascii])?;
                    Self::of(vm, encoded)
                }
            };
        }
        if let Some(b) = v.cast::<Bytes>() {
            return read(b.as_slice());
        }
        let name = vm.class_of(v).qualified_name();
        Err(vm.type_error(format!(
            "Struct() argument 1 must be a str or bytes object, not {name}"
        )))
    }

    /// Each value with its code.
    pub fn values_in<'a>(&'a self, data: &'a [u8]) -> impl Iterator<Item = (Code, &'a [u8])> + 'a {
        self.codes.iter().flat_map(move |code| {
            (0..code.repeat).map(move |i| {
                let at = code.offset + i * code.size;
                (*code, &data[at..at + code.size])
            })
        })
    }

    /// Stores values; `out` has the size of the format.
    pub fn pack(&self, vm: &Vm, values: &[Value], out: &mut [u8]) -> Result<()> {
        out.fill(0);
        let mut values = values.iter();
        for code in &self.codes {
            for i in 0..code.repeat {
                let Some(v) = values.next() else {
                    return Ok(());
                };
                let at = code.offset + i * code.size;
                store(vm, code.letter, *v, &mut out[at..at + code.size], self.big)?;
            }
        }
        Ok(())
    }

    /// Loads all values as a tuple; `data` has the size of the format.
    pub fn unpack(&self, vm: &Vm, data: &[u8]) -> Result {
        let mut values = vm.rooted();
        for (code, bytes) in self.values_in(data) {
            let v = load(vm, code.letter, bytes, self.big)?;
            values.push(v);
        }
        Ok(vm.new_tuple(&values)?.value())
    }
}

fn order(bytes: &mut [u8], big: bool) {
    if big {
        bytes.reverse();
    }
}

fn store(vm: &Vm, letter: u8, v: Value, out: &mut [u8], big: bool) -> Result<()> {
    match letter {
        b'b' | b'h' | b'i' | b'l' | b'q' | b'n' => store_int(vm, letter, v, out, big, true),
        b'B' | b'H' | b'I' | b'L' | b'Q' | b'N' => store_int(vm, letter, v, out, big, false),
        b'P' => {
            let i = integer(vm, v)?.to_big();
            let max = BigInt::from(u64::MAX);
            if i > max || i < BigInt::from(i64::MIN) {
                return Err(error(vm, "int too large to convert"));
            }
            let word = i64::try_from(&i)
                .map(|i| i as u64)
                .or_else(|_| u64::try_from(&i))
                .unwrap_or(0);
            out.copy_from_slice(&word.to_le_bytes());
            order(out, big);
            Ok(())
        }
        b'?' => {
            out[0] = vm.truth(v)?.into();
            Ok(())
        }
        b'c' => match bytes_of(v) {
            Some(&[b]) if v.cast::<Bytes>().is_some() => {
                out[0] = b;
                Ok(())
            }
            _ => Err(error(vm, "char format requires a bytes object of length 1")),
        },
        b's' | b'p' => {
            let Some(data) = bytes_of(v) else {
                return Err(error(
                    vm,
                    &format!("argument for '{}' must be a bytes object", letter as char),
                ));
            };
            if letter == b's' {
                let n = data.len().min(out.len());
                out[..n].copy_from_slice(&data[..n]);
            } else if let Some((count, rest)) = out.split_first_mut() {
                let n = data.len().min(rest.len());
                rest[..n].copy_from_slice(&data[..n]);
                *count = n.min(255) as u8;
            }
            Ok(())
        }
        b'F' | b'D' => {
            let (re, im) = vm
                .to_complex(v)
                .map_err(|raised| not(vm, raised, "required argument is not a complex"))?;
            let (low, high) = out.split_at_mut(out.len() / 2);
            let letter = if letter == b'F' { b'f' } else { b'd' };
            store_float(vm, letter, re, low, big)?;
            store_float(vm, letter, im, high, big)
        }
        _ => {
            let x = vm
                .to_float(v)
                .map_err(|raised| not(vm, raised, "required argument is not a float"))?;
            store_float(vm, letter, x, out, big)
        }
    }
}

/// Turns any exception about an argument into a `struct.error`.
#[cold]
fn not(vm: &Vm, _: Raised, message: &str) -> Raised {
    vm.clear_raised();
    error(vm, message)
}

fn bytes_of<'a>(v: Value) -> Option<&'a [u8]> {
    // SAFETY: the caller's arguments keep the object alive, and nothing runs that could change it
    // while its bytes are copied.
    unsafe {
        let s = match v.cast::<Bytes>() {
            Some(b) => std::slice::from_raw_parts(b.as_slice().as_ptr(), b.as_slice().len()),
            None => {
                let a = v.cast::<ByteArray>()?;
                std::slice::from_raw_parts(a.as_slice().as_ptr(), a.as_slice().len())
            }
        };
        Some(s)
    }
}

fn integer(vm: &Vm, v: Value) -> Result<IntRef> {
    if let Some(i) = v.as_int_ref() {
        return Ok(i);
    }
    if vm
        .class_of(v)
        .special(taipan_runtime::object::Special::Index)
        .is_none()
    {
        return Err(error(vm, "required argument is not an integer"));
    }
    Ok(vm.index(v)?.as_int_ref().unwrap_or(IntRef::Small(0)))
}

fn store_int(vm: &Vm, letter: u8, v: Value, out: &mut [u8], big: bool, signed: bool) -> Result<()> {
    let bits = 8 * out.len() as u32;
    let (low, high): (i128, i128) = if signed {
        (-(1 << (bits - 1)), (1 << (bits - 1)) - 1)
    } else {
        (0, (1 << bits) - 1)
    };
    let i = integer(vm, v)?.to_i128();
    match i {
        Some(i) if (low..=high).contains(&i) => {
            let n = out.len();
            out.copy_from_slice(&i.to_le_bytes()[..n]);
            order(out, big);
            Ok(())
        }
        _ => Err(error(
            vm,
            &format!(
                "'{}' format requires {low} <= number <= {high}",
                letter as char
            ),
        )),
    }
}

fn store_float(vm: &Vm, letter: u8, x: f64, out: &mut [u8], big: bool) -> Result<()> {
    let x = stored(x);
    let overflow = || {
        vm.overflow_error(format!(
            "float too large to pack with {} format",
            letter as char
        ))
    };
    match letter {
        b'e' => out.copy_from_slice(&half_bits(x).ok_or_else(overflow)?.to_le_bytes()),
        b'f' => {
            let y = x as f32;
            if y.is_infinite() && x.is_finite() {
                return Err(overflow());
            }
            out.copy_from_slice(&y.to_le_bytes());
        }
        _ => out.copy_from_slice(&x.to_le_bytes()),
    }
    order(out, big);
    Ok(())
}

/// IEEE binary16, rounded half to even; `None` on overflow.
fn half_bits(x: f64) -> Option<u16> {
    let sign = ((x.to_bits() >> 48) & 0x8000) as u16;
    if x.is_nan() {
        return Some(sign | 0x7E00);
    }
    if x.is_infinite() {
        return Some(sign | 0x7C00);
    }
    // The unit of the last place: of subnormal numbers, 2**-24.
    let (_, exponent) = crate::math::libm::frexp(x.abs());
    let unit = (exponent - 11).max(-24);
    let scaled = x.abs() * 2f64.powi(-unit);
    let mut mantissa = scaled.round_ties_even() as u32;
    let mut biased = if x == 0.0 || unit == -24 {
        0
    } else {
        unit + 25
    };
    if unit == -24 {
        // The carry into the exponent comes by itself.
        return Some(sign | mantissa as u16);
    }
    if mantissa == 2048 {
        mantissa = 1024;
        biased += 1;
    }
    if biased >= 31 {
        None
    } else {
        Some(sign | (biased as u16) << 10 | (mantissa as u16 & 0x3FF))
    }
}

/// The value of an IEEE binary16.
fn half_value(bits: u16) -> f64 {
    let sign = if bits & 0x8000 != 0 { -1.0 } else { 1.0 };
    let (exponent, mantissa) = (bits >> 10 & 31, f64::from(bits & 0x3FF));
    sign * match exponent {
        0 => mantissa * 2f64.powi(-24),
        31 if mantissa == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        e => (1024.0 + mantissa) * 2f64.powi(i32::from(e) - 25),
    }
}

fn load_float(letter: u8, bytes: &[u8], big: bool) -> f64 {
    let mut word = [0u8; 8];
    word[..bytes.len()].copy_from_slice(bytes);
    order(&mut word[..bytes.len()], big);
    match letter {
        b'e' => half_value(u16::from_le_bytes([word[0], word[1]])),
        b'f' => f32::from_le_bytes([word[0], word[1], word[2], word[3]]).into(),
        _ => f64::from_le_bytes(word),
    }
}

fn load(vm: &Vm, letter: u8, bytes: &[u8], big: bool) -> Result {
    let endian = if big { Endian::Big } else { Endian::Little };
    Ok(match letter {
        b'c' | b's' => vm.new_bytes(bytes)?.value(),
        b'p' => {
            let n = bytes
                .first()
                .map_or(0, |n| usize::from(*n).min(bytes.len() - 1));
            vm.new_bytes(if n == 0 { &[] } else { &bytes[1..=n] })?
                .value()
        }
        b'?' => Value::bool(bytes[0] != 0),
        b'e' | b'f' | b'd' => Value::float(load_float(letter, bytes, big)),
        b'F' | b'D' => {
            let (low, high) = bytes.split_at(bytes.len() / 2);
            let letter = if letter == b'F' { b'f' } else { b'd' };
            vm.new_complex(load_float(letter, low, big), load_float(letter, high, big))
        }
        _ => {
            let signed = letter.is_ascii_lowercase();
            let mut word = [0u8; 8];
            word[..bytes.len()].copy_from_slice(bytes);
            order(&mut word[..bytes.len()], big);
            let unsigned = u64::from_le_bytes(word);
            let shift = 64 - 8 * bytes.len() as u32;
            if signed {
                vm.new_int((unsigned << shift) as i64 >> shift)
            } else if let Ok(i) = i64::try_from(unsigned) {
                vm.new_int(i)
            } else {
                vm.int_from_bytes(bytes, endian, false)?
            }
        }
    })
}
