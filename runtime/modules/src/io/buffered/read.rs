//! Reading through the buffer.

use super::Buffered;
use crate::io::base::scratch;
use crate::io::fileio::read_all;
use crate::io::{size_argument, writable_argument};
use taipan_runtime::heap::Gc;
use taipan_runtime::types::bytes::Bytes;
use taipan_runtime::types::protocol::this;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Vm};

impl Buffered {
    /// Reads once from the raw stream into `into`; `None` if that would block.
    fn raw_read(&self, vm: &Vm, into: &mut [u8]) -> Result<Option<usize>> {
        if let Some(file) = self.file() {
            return file.read_slice(vm, into);
        }
        let raw = self.raw(vm)?;
        let (array, view) = scratch(vm, into.len())?;
        let count = vm.call_method(raw, "readinto", &[view])?;
        if count.is_none() {
            return Ok(None);
        }
        let bad = if count.as_int_ref().is_none() {
            vm.type_error(format!(
                "'{}' object cannot be interpreted as an integer",
                vm.type_name(count)
            ));
            true
        } else {
            false
        };
        if bad {
            let cause = vm.take_raised();
            let raised = vm.os_error_text("raw readinto() failed");
            if let Some(e) = vm
                .pending()
                .and_then(|e| e.cast::<taipan_runtime::types::exception::Exception>())
            {
                e.cause.set(&e.header, cause);
                e.context.set(&e.header, cause);
            }
            return Err(raised);
        }
        let count = vm.to_i64(count)?;
        if count < 0 || count > into.len() as i64 {
            return Err(vm.os_error_text(format!(
                "raw readinto() returned invalid length {count} (should have been between 0 and {})",
                into.len()
            )));
        }
        into[..count as usize].copy_from_slice(&array.as_slice()[..count as usize]);
        Ok(Some(count as usize))
    }

    /// Refills the empty read buffer by one read.
    fn fill(&self, vm: &Vm) -> Result<Option<usize>> {
        let mut buffer = self.read.take();
        let got = match self.file() {
            // Memory that nothing is read into stays untouched.
            Some(file) => file.read_into(vm, &mut buffer, self.size.get()),
            None => {
                buffer.resize(self.size.get(), 0);
                let got = self.raw_read(vm, &mut buffer);
                buffer.truncate(got.ok().flatten().unwrap_or(0));
                got
            }
        };
        *self.read.borrow_mut() = buffer;
        self.read_pos.set(0);
        got
    }

    /// Reads `n` bytes, fewer at the end of the file or if reading would block;
    /// `None` if nothing is there and reading would block.
    fn read_exactly(&self, vm: &Vm, n: usize, out: &mut Vec<u8>) -> Result<Option<()>> {
        let start = out.len();
        self.take_ahead(n, out);
        while out.len() - start < n {
            let left = n - (out.len() - start);
            self.drop_read();
            // Whole buffers go directly to their place.
            let got = if left >= self.size.get() {
                let at = out.len();
                let whole = left - left % self.size.get();
                out.resize(at + whole, 0);
                let got = self.raw_read(vm, &mut out[at..]);
                out.truncate(at + got.ok().flatten().unwrap_or(0));
                got?
            } else {
                let got = self.fill(vm)?;
                self.take_ahead(left, out);
                got
            };
            match got {
                None if out.len() == start => return Ok(None),
                None | Some(0) => break,
                Some(_) => {}
            }
        }
        Ok(Some(()))
    }

    fn read_rest(&self, vm: &Vm) -> Result {
        let mut all = Vec::new();
        self.take_ahead(usize::MAX, &mut all);
        self.drop_read();
        if let Some(file) = self.file() {
            return match read_all(vm, &file, &mut all)? {
                None if all.is_empty() => Ok(Value::NONE),
                _ => Ok(vm.new_bytes(&all)?.value()),
            };
        }
        let raw = self.raw(vm)?;
        if let Some(readall) = vm.find_attr(raw, vm.intern("readall"))? {
            let rest = vm.call(readall, &[])?;
            if rest.is_none() {
                return if all.is_empty() {
                    Ok(Value::NONE)
                } else {
                    Ok(vm.new_bytes(&all)?.value())
                };
            }
            let Some(bytes) = rest.cast::<Bytes>() else {
                return Err(vm.type_error("readall() should return bytes"));
            };
            if all.is_empty() {
                return Ok(rest);
            }
            all.extend_from_slice(bytes.as_slice());
            return Ok(vm.new_bytes(&all)?.value());
        }
        loop {
            let part = vm.call_method(raw, "read", &[])?;
            if part.is_none() {
                if all.is_empty() {
                    return Ok(part);
                }
                break;
            }
            let Some(bytes) = part.cast::<Bytes>() else {
                return Err(vm.type_error("read() should return bytes"));
            };
            if bytes.is_empty() {
                break;
            }
            all.extend_from_slice(bytes.as_slice());
        }
        Ok(vm.new_bytes(&all)?.value())
    }

    /// What is needed before any read.
    fn before_read(&self, vm: &Vm) -> Result<()> {
        if self.writable.get() && !self.write.borrow().is_empty() {
            self.flush_locked(vm)?;
        }
        Ok(())
    }

    /// At least one byte ahead, unless at the end; the slice's copy. For text streams.
    pub fn read_chunk(&self, vm: &Vm, n: usize) -> Result<Vec<u8>> {
        self.check_open(vm, "read of")?;
        let _using = self.enter(vm)?;
        let mut out = Vec::new();
        if self.ahead() == 0 {
            self.before_read(vm)?;
            if n >= self.size.get() {
                out.resize(n, 0);
                self.drop_read();
                let got = self.raw_read(vm, &mut out)?;
                out.truncate(got.unwrap_or(0));
                return Ok(out);
            }
            self.fill(vm)?;
        }
        self.take_ahead(n, &mut out);
        Ok(out)
    }
}

fn stream(args: &[Value]) -> Gc<Buffered> {
    this::<Buffered>(args[0])
}

pub fn read(vm: &Vm, args: &[Value]) -> Result {
    let this = stream(args);
    this.raw(vm)?;
    let n = size_argument(vm, args[1])?;
    if n < -1 {
        return Err(vm.value_error("read length must be non-negative or -1"));
    }
    this.check_open(vm, "read of")?;
    let _using = this.enter(vm)?;
    this.before_read(vm)?;
    if n < 0 {
        return this.read_rest(vm);
    }
    let n = n as usize;
    if n <= this.ahead() {
        let at = this.read_pos.get();
        let bytes = vm.new_bytes(&this.read.borrow()[at..at + n])?;
        this.read_pos.set(at + n);
        return Ok(bytes.value());
    }
    let mut out = Vec::with_capacity(n.min(1 << 20));
    match this.read_exactly(vm, n, &mut out)? {
        Some(()) => Ok(vm.new_bytes(&out)?.value()),
        None => Ok(Value::NONE),
    }
}

pub fn read1(vm: &Vm, args: &[Value]) -> Result {
    let this = stream(args);
    this.raw(vm)?;
    let n = args[1].given().map_or(Ok(-1), |v| vm.to_index(v))?;
    let n = if n < 0 { this.size.get() } else { n as usize };
    this.check_open(vm, "read of")?;
    if n == 0 {
        return Ok(vm.new_bytes(&[])?.value());
    }
    Ok(vm.new_bytes(&this.read_chunk(vm, n)?)?.value())
}

fn read_into(vm: &Vm, args: &[Value], once: bool) -> Result {
    let this = stream(args);
    this.raw(vm)?;
    this.check_open(vm, "readinto of")?;
    let name = if once {
        "readinto1() argument"
    } else {
        "readinto() argument"
    };
    let view = writable_argument(vm, args[1], name)?;
    let n = view.len();
    let mut out = Vec::new();
    {
        let _using = this.enter(vm)?;
        if once && this.ahead() > 0 {
            this.take_ahead(n, &mut out);
        } else if once && n > 0 {
            this.before_read(vm)?;
            let got = if n >= this.size.get() {
                out.resize(n, 0);
                this.drop_read();
                let got = this.raw_read(vm, &mut out)?;
                out.truncate(got.unwrap_or(0));
                got
            } else {
                let got = this.fill(vm)?;
                this.take_ahead(n, &mut out);
                got
            };
            if got.is_none() {
                return Ok(Value::NONE);
            }
        } else {
            this.before_read(vm)?;
            if this.read_exactly(vm, n, &mut out)?.is_none() {
                return Ok(Value::NONE);
            }
        }
    }
    // SAFETY: nothing else runs while the bytes are copied.
    let memory = unsafe { view.as_mut_slice() };
    memory[..out.len()].copy_from_slice(&out);
    Ok(vm.new_int(out.len() as i64))
}

pub fn readinto(vm: &Vm, args: &[Value]) -> Result {
    read_into(vm, args, false)
}

pub fn readinto1(vm: &Vm, args: &[Value]) -> Result {
    read_into(vm, args, true)
}

pub fn peek(vm: &Vm, args: &[Value]) -> Result {
    let this = stream(args);
    this.raw(vm)?;
    this.check_open(vm, "peek of")?;
    let _using = this.enter(vm)?;
    this.before_read(vm)?;
    if this.ahead() == 0 {
        this.fill(vm)?;
    }
    let at = this.read_pos.get();
    let bytes = vm.new_bytes(&this.read.borrow()[at..])?;
    Ok(bytes.value())
}

/// The next line, at most `limit` bytes of it if that is not negative.
fn line(vm: &Vm, this: Gc<Buffered>, limit: i64) -> Result<Gc<Bytes>> {
    this.check_open(vm, "readline of")?;
    let _using = this.enter(vm)?;
    this.before_read(vm)?;
    let mut line: Vec<u8> = Vec::new();
    loop {
        let most = if limit < 0 {
            usize::MAX
        } else {
            limit as usize - line.len()
        };
        let at = this.read_pos.get();
        let done = {
            let buffer = this.read.borrow();
            let ahead = &buffer[at..];
            let ahead = &ahead[..ahead.len().min(most)];
            let found = memchr::memchr(b'\n', ahead).map(|i| i + 1);
            let n = found.unwrap_or(ahead.len());
            this.read_pos.set(at + n);
            if found.is_some() && line.is_empty() {
                return vm.new_bytes(&ahead[..n]);
            }
            line.extend_from_slice(&ahead[..n]);
            found.is_some() || n == most
        };
        if done {
            break;
        }
        this.drop_read();
        if this.fill(vm)?.unwrap_or(0) == 0 {
            break;
        }
    }
    vm.new_bytes(&line)
}

pub fn readline(vm: &Vm, args: &[Value]) -> Result {
    let this = stream(args);
    this.raw(vm)?;
    let limit = size_argument(vm, args[1])?;
    Ok(line(vm, this, limit)?.value())
}

/// Iteration calls `readline` if a subclass defines it.
pub fn next(vm: &Vm, v: Value) -> Result<Option<Value>> {
    let stream = this::<Buffered>(v);
    stream.raw(vm)?;
    let class = vm.class_of(v);
    let line = if class.def.get().is_some() {
        line(vm, stream, -1)?
    } else {
        let line = vm.call_method(v, "readline", &[])?;
        match line.cast::<Bytes>() {
            Some(b) => b,
            None => {
                let got = vm.type_name(line);
                return Err(vm.os_error_text(format!(
                    "readline() should have returned a bytes object, not '{got}'"
                )));
            }
        }
    };
    Ok((!line.is_empty()).then(|| line.value()))
}
