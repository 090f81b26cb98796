//! Reading text.

use super::TextIo;
use taipan_runtime::heap::Gc;
use taipan_runtime::types::protocol::this;
use taipan_runtime::types::search;
use taipan_runtime::types::str::{Str, StrData};
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Vm};
use taipan_text::{TextBuf, with_units};

impl TextIo {
    fn before_read(&self, vm: &Vm) -> Result<()> {
        self.check_open(vm)?;
        if !self.decodes.get() {
            return Err(crate::io::unsupported(vm, "not readable"));
        }
        self.write_pending(vm)
    }

    /// Reads and decodes another chunk; false at the end of the file.
    pub fn read_chunk(&self, vm: &Vm, hint: usize) -> Result<bool> {
        if !self.decodes.get() {
            return Err(crate::io::unsupported(vm, "not readable"));
        }
        let state = if self.telling.get() {
            Some(self.decoder_state(vm)?)
        } else {
            None
        };
        let hint = if self.ratio.get() > 0.0 {
            (self.ratio.get() * hint as f64) as usize
        } else {
            hint
        };
        let size = self.chunk.get().max(hint);
        let input = match self.stream() {
            Some(stream) => stream.read_chunk(vm, size)?,
            None => {
                let method = if self.has_read1.get() {
                    "read1"
                } else {
                    "read"
                };
                let data = vm.call_method(self.buffer(vm)?, method, &[vm.new_int(size as i64)])?;
                if !vm.supports_buffer(data) {
                    let got = vm.type_name(data);
                    return Err(vm.type_error(format!(
                        "underlying {method}() should have returned a bytes-like object, not '{got}'"
                    )));
                }
                vm.get_contiguous_buffer(data, false)?
                    .contiguous_bytes()
                    .into_owned()
            }
        };
        let end = input.is_empty();
        let text = self.decode(vm, &input, end)?;
        self.decoded.set(&self.header, text);
        self.used.set(0);
        self.ratio.set(if text.is_empty() {
            0.0
        } else {
            input.len() as f64 / text.len() as f64
        });
        if let Some((mut bytes, flags)) = state {
            bytes.extend_from_slice(&input);
            *self.snapshot.borrow_mut() = Some((flags, bytes));
        }
        Ok(!end || !text.is_empty())
    }

    /// Up to `n` of the code points read ahead.
    fn take_decoded(&self, vm: &Vm, n: usize) -> Result<Gc<Str>> {
        let Some(text) = self.decoded.get() else {
            return Ok(vm.names.empty.get());
        };
        let start = self.used.get();
        let end = text.len().min(start.saturating_add(n));
        self.used.set(end);
        if start == 0 && end == text.len() {
            return Ok(text);
        }
        vm.substring(text, start, end)
    }

    /// The end of the first line at or after `from`, if it is in `text`; else
    /// where to look again once there is more.
    fn line_end(&self, text: Gc<Str>, from: usize) -> std::result::Result<usize, usize> {
        let newline = self.newline.get();
        match newline {
            // Translated: only "\n".
            None => find_unit(text, from, b'\n')
                .map(|i| i + 1)
                .ok_or(text.len()),
            Some(n) if n.is_empty() => {
                let lf = find_unit(text, from, b'\n');
                let until = lf.unwrap_or(text.len());
                match find_unit(text, from, b'\r').filter(|cr| *cr < until) {
                    None => lf.map(|i| i + 1).ok_or(text.len()),
                    Some(cr) if lf == Some(cr + 1) => Ok(cr + 2),
                    Some(cr) => Ok(cr + 1),
                }
            }
            Some(n) if n.len() == 1 => find_unit(text, from, n.char_at(0) as u8)
                .map(|i| i + 1)
                .ok_or(text.len()),
            Some(_) => {
                let mut at = from;
                while let Some(cr) = find_unit(text, at, b'\r') {
                    if cr + 1 == text.len() {
                        return Err(cr);
                    }
                    if text.char_at(cr + 1) == 10 {
                        return Ok(cr + 2);
                    }
                    at = cr + 1;
                }
                Err(text.len())
            }
        }
    }

    /// The next line, of at most `limit` code points if that is not negative.
    pub fn line(&self, vm: &Vm, limit: i64) -> Result<Gc<Str>> {
        self.before_read(vm)?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        // Most lines lie in the text read ahead.
        if let Some(text) = self.decoded.get()
            && let start = self.used.get()
            && let Ok(end) = self.line_end(text, start)
            && end - start <= limit
        {
            self.used.set(end);
            return vm.substring(text, start, end);
        }
        // Parts of the line from earlier chunks.
        let mut parts = TextBuf::new();
        loop {
            if self
                .decoded
                .get()
                .is_none_or(|t| self.used.get() >= t.len())
            {
                self.drop_decoded();
                if limit > parts.len() {
                    let mut more = true;
                    while more && self.decoded.get().is_none_or(|t| t.is_empty()) {
                        more = self.read_chunk(vm, 0)?;
                    }
                    if !more {
                        self.drop_decoded();
                        *self.snapshot.borrow_mut() = None;
                        break;
                    }
                }
            }
            let Some(mut text) = self.decoded.get() else {
                break;
            };
            let mut start = self.used.get();
            // A "\r" held over from the last chunk belongs to the text searched.
            if !parts.is_empty() && self.held_cr(&parts) {
                let mut joined = TextBuf::new();
                joined.push(13);
                with_units!(text.data(), u => joined.push_units(&u[start..]));
                parts.truncate(parts.len() - 1);
                text = vm.str_from_text(joined.finish())?;
                start = 0;
                self.decoded.set(&self.header, text);
                self.shift_used();
                self.used.set(0);
            }
            let left = limit - parts.len();
            let (end, done) = match self.line_end(text, start) {
                Ok(end) => (end, true),
                Err(_) => (text.len(), false),
            };
            let (end, done) = if end - start >= left {
                (start + left, true)
            } else {
                (end, done)
            };
            self.used.set(end);
            if done && parts.is_empty() {
                return if start == 0 && end == text.len() {
                    Ok(text)
                } else {
                    vm.substring(text, start, end)
                };
            }
            with_units!(text.data(), u => parts.push_units(&u[start..end]));
            if done {
                break;
            }
        }
        vm.str_from_text(parts.finish())
    }

    /// Whether a line so far ends in half of a "\r\n" that ends lines.
    fn held_cr(&self, parts: &TextBuf) -> bool {
        self.newline.get().is_some_and(|n| n.len() == 2)
            && matches!(parts.clone().finish().as_ref(), t if t.at(t.len() - 1) == 13)
    }

    /// The text read ahead got a character in front that the snapshot does not account for.
    fn shift_used(&self) {
        *self.snapshot.borrow_mut() = None;
    }
}

fn find_unit(text: Gc<Str>, from: usize, unit: u8) -> Option<usize> {
    match text.data() {
        StrData::Latin1(d) => memchr::memchr(unit, &d[from..]),
        StrData::Ucs2(d) => search::position(&d[from..], u16::from(unit)),
        StrData::Ucs4(d) => search::position(&d[from..], u32::from(unit)),
    }
    .map(|i| i + from)
}

pub fn read(vm: &Vm, args: &[Value]) -> Result {
    let this = this::<TextIo>(args[0]);
    this.buffer(vm)?;
    let n = crate::io::size_argument(vm, args[1])?;
    this.before_read(vm)?;
    if n < 0 {
        let data = vm.call_method(this.buffer(vm)?, "read", &[])?;
        if data.is_none() {
            let number = vm.new_int(libc::EAGAIN.into());
            let text = vm.new_str("Read returned None.").value();
            let class =
                vm.exception_class(&taipan_runtime::types::exception::classes::BLOCKING_IO_ERROR);
            let _ = number;
            return Err(vm.raise_new(class, &[text]));
        }
        if !vm.supports_buffer(data) {
            let got = vm.type_name(data);
            return Err(vm.type_error(format!(
                "underlying read() should have returned a bytes-like object, not '{got}'"
            )));
        }
        let view = vm.get_contiguous_buffer(data, false)?;
        let text = this.decode(vm, &view.contiguous_bytes(), true)?;
        let before = this.take_decoded(vm, usize::MAX)?;
        this.drop_decoded();
        *this.snapshot.borrow_mut() = None;
        return Ok(vm.str_concat(before, text)?.value());
    }
    let n = n as usize;
    let first = this.take_decoded(vm, n)?;
    if first.len() == n {
        return Ok(first.value());
    }
    let mut out = TextBuf::new();
    out.push_text(first.data());
    while out.len() < n {
        let left = n - out.len();
        if !this.read_chunk(vm, left)? {
            break;
        }
        out.push_text(this.take_decoded(vm, left)?.data());
    }
    vm.text_value(out)
}

pub fn readline(vm: &Vm, args: &[Value]) -> Result {
    let this = this::<TextIo>(args[0]);
    this.buffer(vm)?;
    let limit = args[1]
        .given()
        .map_or(Ok(-1), |v| taipan_runtime::types::support::size_arg(vm, v))?;
    Ok(this.line(vm, limit)?.value())
}

/// Iteration; telling positions is off until its end.
pub fn next(vm: &Vm, v: Value) -> Result<Option<Value>> {
    let stream = this::<TextIo>(v);
    stream.buffer(vm)?;
    stream.telling.set(false);
    let class = vm.class_of(v);
    let line = if class.def.get().is_some() {
        stream.line(vm, -1)?
    } else {
        let line = vm.call_method(v, "readline", &[])?;
        match line.cast::<Str>() {
            Some(s) => s,
            None => {
                let got = vm.type_name(line);
                return Err(vm.os_error_text(format!(
                    "readline() should have returned a str object, not '{got}'"
                )));
            }
        }
    };
    if line.is_empty() {
        *stream.snapshot.borrow_mut() = None;
        stream.telling.set(stream.seekable.get());
        return Ok(None);
    }
    Ok(Some(line.value()))
}
