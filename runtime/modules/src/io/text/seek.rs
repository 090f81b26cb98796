//! Positions in text. A position is a "cookie": where in the binary stream a
//! decoder can start, its flags there, and how many bytes to feed it and how
//! many characters to skip to get to the character meant.

use super::TextIo;
use taipan_runtime::heap::Gc;
use taipan_runtime::types::int::IntRef;
use taipan_runtime::types::protocol::this;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Vm};

#[derive(Default)]
struct Cookie {
    start: i64,
    flags: i32,
    feed: i32,
    skip: i32,
    need_end: bool,
}

impl Cookie {
    fn pack(&self, vm: &Vm) -> Value {
        if self.flags == 0 && self.feed == 0 && self.skip == 0 && !self.need_end {
            return vm.new_int(self.start);
        }
        let mut bytes = Vec::with_capacity(22);
        bytes.extend_from_slice(&self.start.to_le_bytes());
        bytes.extend_from_slice(&self.flags.to_le_bytes());
        bytes.extend_from_slice(&self.feed.to_le_bytes());
        bytes.extend_from_slice(&self.skip.to_le_bytes());
        bytes.push(self.need_end.into());
        vm.new_bigint(taipan_text::int::from_bytes(
            &bytes,
            taipan_text::int::Endian::Little,
            false,
        ))
    }

    fn unpack(vm: &Vm, v: Value) -> Result<Cookie> {
        let big = match vm.index(v)?.as_int_ref() {
            Some(IntRef::Small(i)) => {
                return Ok(Cookie {
                    start: i,
                    ..Cookie::default()
                });
            }
            Some(IntRef::Big(b)) => b,
            None => return Err(vm.type_error("an integer is required")),
        };
        let mut bytes = big.big().to_signed_bytes_le();
        if bytes.len() > 22 {
            return Err(vm.overflow_error("int too big to convert"));
        }
        bytes.resize(22, 0);
        let int = |at: usize| {
            i32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
        };
        let mut start = [0; 8];
        start.copy_from_slice(&bytes[..8]);
        Ok(Cookie {
            start: i64::from_le_bytes(start),
            flags: int(8),
            feed: int(12),
            skip: int(16),
            need_end: bytes[20] != 0,
        })
    }
}

fn flush(vm: &Vm, this: Gc<TextIo>) -> Result<()> {
    vm.call_method(this.value(), "flush", &[])?;
    Ok(())
}

pub fn tell(vm: &Vm, args: &[Value]) -> Result {
    let this = this::<TextIo>(args[0]);
    this.check_open(vm)?;
    if !this.seekable.get() {
        return Err(crate::io::unsupported(
            vm,
            "underlying stream is not seekable",
        ));
    }
    if !this.telling.get() {
        return Err(vm.os_error_text("telling position disabled by next() call"));
    }
    this.write_pending(vm)?;
    flush(vm, this)?;
    let position = vm.call_method(this.buffer(vm)?, "tell", &[])?;
    let snapshot = this.snapshot.borrow().clone();
    let Some((flags, input)) = snapshot.filter(|_| this.decodes.get()) else {
        return Ok(position);
    };
    let mut cookie = Cookie {
        start: vm.to_i64(position)? - input.len() as i64,
        flags: flags as i32,
        ..Cookie::default()
    };
    let used = if this.decoded.get().is_some() {
        this.used.get()
    } else {
        0
    };
    if used == 0 {
        return Ok(cookie.pack(vm));
    }
    let saved = this.decoder_state(vm)?;
    let found = locate(vm, this, &mut cookie, &input, used);
    let restored = this.set_decoder_state(vm, &saved.0, saved.1);
    found?;
    restored?;
    Ok(cookie.pack(vm))
}

/// Puts the decoder where a cookie says; at the start of the stream it forgets everything.
fn restart(vm: &Vm, this: Gc<TextIo>, cookie: &Cookie) -> Result<()> {
    if cookie.start == 0 && cookie.flags == 0 {
        this.reset_decoder(vm)
    } else {
        this.set_decoder_state(vm, &[], cookie.flags.into())
    }
}

/// Finds the last point before the character `used` from which a decoder can start.
fn locate(vm: &Vm, this: Gc<TextIo>, cookie: &mut Cookie, input: &[u8], used: usize) -> Result<()> {
    // A safe point not after the target, by a guess of bytes a character.
    let mut skip = (this.ratio.get() * used as f64) as usize;
    let mut back = 1;
    let mut chars = used;
    let mut safe = 0;
    skip = skip.min(input.len());
    while skip > 0 {
        restart(vm, this, cookie)?;
        let n = this.decode(vm, &input[..skip], false)?.len();
        if n <= used {
            let (bytes, flags) = this.decoder_state(vm)?;
            if bytes.is_empty() {
                cookie.flags = flags as i32;
                chars = used - n;
                safe = skip;
                break;
            }
            skip -= bytes.len().min(skip);
            back = 1;
        } else {
            skip = skip.saturating_sub(back);
            back *= 2;
        }
    }
    if safe == 0 {
        restart(vm, this, cookie)?;
    }
    cookie.start += safe as i64;
    cookie.skip = chars as i32;
    if chars == 0 {
        return Ok(());
    }
    // Feed byte by byte; every point where the decoder holds nothing is a start.
    let (mut fed, mut decoded) = (0, 0);
    for &byte in &input[safe..] {
        fed += 1;
        decoded += this.decode(vm, &[byte], false)?.len();
        let (bytes, flags) = this.decoder_state(vm)?;
        if bytes.is_empty() && decoded <= chars {
            cookie.start += fed;
            chars -= decoded;
            cookie.flags = flags as i32;
            fed = 0;
            decoded = 0;
        }
        if decoded >= chars {
            cookie.feed = fed as i32;
            cookie.skip = chars as i32;
            return Ok(());
        }
    }
    decoded += this.decode(vm, &[], true)?.len();
    cookie.need_end = true;
    cookie.feed = fed as i32;
    cookie.skip = chars as i32;
    if decoded < chars {
        return Err(vm.os_error_text("can't reconstruct logical file position"));
    }
    Ok(())
}

pub fn seek(vm: &Vm, args: &[Value]) -> Result {
    let this = this::<TextIo>(args[0]);
    this.check_open(vm)?;
    if !this.seekable.get() {
        return Err(crate::io::unsupported(
            vm,
            "underlying stream is not seekable",
        ));
    }
    let whence = args[2].given().map_or(Ok(0), |v| vm.to_i64(v))?;
    let mut target = args[1];
    match whence {
        0 => {}
        1 => {
            if vm.truth(target)? {
                return Err(crate::io::unsupported(
                    vm,
                    "can't do nonzero cur-relative seeks",
                ));
            }
            // Seeking to where we are must still bring both streams together.
            target = vm.call_method(args[0], "tell", &[])?;
        }
        2 => {
            if vm.truth(target)? {
                return Err(crate::io::unsupported(
                    vm,
                    "can't do nonzero end-relative seeks",
                ));
            }
            flush(vm, this)?;
            this.drop_decoded();
            *this.snapshot.borrow_mut() = None;
            if this.decodes.get() {
                this.reset_decoder(vm)?;
            }
            let at = vm.call_method(this.buffer(vm)?, "seek", &[vm.new_int(0), vm.new_int(2)])?;
            let start = !vm.truth(at)?;
            this.reset_encoder(vm, start)?;
            return Ok(at);
        }
        _ => {
            return Err(vm.value_error(format!("invalid whence ({whence}, should be 0, 1 or 2)")));
        }
    }
    if vm.compare_bool(
        taipan_runtime::ops::compare::CompareOp::Lt,
        target,
        vm.new_int(0),
    )? {
        let shown = vm.repr_text(target)?;
        return Err(vm.value_error(format!("negative seek position {shown}")));
    }
    flush(vm, this)?;
    let cookie = Cookie::unpack(vm, target)?;
    vm.call_method(this.buffer(vm)?, "seek", &[vm.new_int(cookie.start)])?;
    this.drop_decoded();
    *this.snapshot.borrow_mut() = None;
    if this.decodes.get() {
        if cookie.start == 0 && cookie.flags == 0 {
            this.reset_decoder(vm)?;
        } else {
            this.set_decoder_state(vm, &[], cookie.flags.into())?;
        }
        *this.snapshot.borrow_mut() = Some((cookie.flags.into(), Vec::new()));
    }
    if cookie.skip > 0 {
        let data = vm.call_method(this.buffer(vm)?, "read", &[vm.new_int(cookie.feed.into())])?;
        let data = vm.bytes_like(data)?.contiguous_bytes().into_owned();
        *this.snapshot.borrow_mut() = Some((cookie.flags.into(), data.clone()));
        let text = this.decode(vm, &data, cookie.need_end)?;
        this.decoded.set(&this.header, text);
        if text.len() < cookie.skip as usize {
            return Err(vm.os_error_text("can't restore logical file position"));
        }
        this.used.set(cookie.skip as usize);
    }
    this.reset_encoder(vm, cookie.start == 0 && cookie.flags == 0)?;
    Ok(target)
}
