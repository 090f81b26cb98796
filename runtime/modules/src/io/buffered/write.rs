//! Writing through the buffer.

use super::Buffered;
use crate::io::bytes_argument;
use taipan_runtime::types::exception::classes as exc;
use taipan_runtime::types::protocol::this;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Raised, Result, Vm};

impl Buffered {
    /// Writes once to the raw stream; `None` if that would block.
    fn raw_write(&self, vm: &Vm, data: &[u8]) -> Result<Option<usize>> {
        if let Some(file) = self.file() {
            return file.write_slice(vm, data);
        }
        let raw = self.raw(vm)?;
        let bytes = vm.new_bytes(data)?.value();
        let view = vm.memoryview_of(bytes)?.value();
        let count = vm.call_method(raw, "write", &[view])?;
        if count.is_none() {
            return Ok(None);
        }
        let count = vm.to_i64(count)?;
        if count < 0 || count > data.len() as i64 {
            return Err(vm.os_error_text(format!(
                "raw write() returned invalid length {count} (should have been between 0 and {})",
                data.len()
            )));
        }
        Ok(Some(count as usize))
    }

    fn would_block(&self, vm: &Vm, written: usize) -> Raised {
        let number = vm.new_int(libc::EAGAIN.into());
        let text = vm
            .new_str("write could not complete without blocking")
            .value();
        let class = vm.exception_class(&exc::BLOCKING_IO_ERROR);
        vm.raise_new(class, &[number, text, vm.new_int(written as i64)])
    }

    /// Passes on what was written. BlockingIOError if the raw stream takes no more.
    pub fn flush_locked(&self, vm: &Vm) -> Result<()> {
        while !self.write.borrow().is_empty() {
            let data = self.write.take();
            let got = self.raw_write(vm, &data);
            let n = got.ok().flatten().unwrap_or(0);
            // Whatever other code wrote meanwhile comes after.
            let mut rest = data;
            rest.drain(..n);
            let mut now = self.write.borrow_mut();
            if !now.is_empty() {
                rest.extend_from_slice(&now);
            }
            *now = rest;
            drop(now);
            if got?.is_none() {
                return Err(self.would_block(vm, 0));
            }
            // A handler may have been run by a signal that cut the write short.
            if !self.write.borrow().is_empty() {
                vm.interpreter().check_signals(vm)?;
            }
        }
        Ok(())
    }

    /// Moves the raw stream back to where the user is.
    pub fn rewind(&self, vm: &Vm) -> Result<()> {
        let ahead = self.ahead();
        if ahead > 0 {
            self.raw_seek(vm, -(ahead as i64), 1)?;
        }
        self.drop_read();
        Ok(())
    }

    /// Writes all of `data`, into the buffer as long as it has room.
    pub fn write_all(&self, vm: &Vm, data: &[u8]) -> Result<()> {
        let _using = self.enter(vm)?;
        self.check_open(vm, "write to")?;
        if self.readable.get() {
            self.rewind(vm)?;
        }
        let size = self.size.get();
        {
            let mut buffer = self.write.borrow_mut();
            if buffer.len() + data.len() <= size {
                buffer.extend_from_slice(data);
                return Ok(());
            }
        }
        if let Err(raised) = self.flush_locked(vm) {
            if !crate::io::base::is_blocking(vm) {
                return Err(raised);
            }
            vm.clear_raised();
            return self.keep_what_fits(vm, data, 0);
        }
        let mut done = 0;
        while data.len() - done > size {
            match self.raw_write(vm, &data[done..])? {
                Some(n) => done += n,
                None => return self.keep_what_fits(vm, data, done),
            }
            vm.interpreter().check_signals(vm)?;
        }
        self.write.borrow_mut().extend_from_slice(&data[done..]);
        Ok(())
    }

    fn keep_what_fits(&self, vm: &Vm, data: &[u8], done: usize) -> Result<()> {
        let mut buffer = self.write.borrow_mut();
        let room = self.size.get().saturating_sub(buffer.len());
        let kept = room.min(data.len() - done);
        buffer.extend_from_slice(&data[done..done + kept]);
        drop(buffer);
        if done + kept == data.len() {
            return Ok(());
        }
        Err(self.would_block(vm, done + kept))
    }

    /// `flush()` without the Python call.
    pub fn flush(&self, vm: &Vm) -> Result<()> {
        self.check_open(vm, "flush of")?;
        let _using = self.enter(vm)?;
        self.flush_locked(vm)?;
        if self.readable.get() && self.ahead() > 0 {
            self.rewind(vm)?;
        }
        Ok(())
    }
}

pub fn write(vm: &Vm, args: &[Value]) -> Result {
    let this = this::<Buffered>(args[0]);
    this.raw(vm)?;
    let data = bytes_argument(vm, args[1])?;
    this.write_all(vm, &data)?;
    Ok(vm.new_int(data.len() as i64))
}
