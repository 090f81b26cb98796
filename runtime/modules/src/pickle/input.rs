//! Where a pickle comes from: bytes in memory, or a file.
//!
//! A file is read by no more than the pickle needs, for other data may follow. Where it can
//! `peek`, a piece is looked at ahead and read once it was used.

use super::unpickling_error;
use std::borrow::Cow;
use taipan_runtime::types::bytes::{Bytes, is_bytes_or_bytearray};
use taipan_runtime::types::exception::classes as exc;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Raised, Result, Vm};

/// How much is looked at ahead.
const PEEK: usize = 128 * 1024;

/// The methods of a file.
#[derive(Clone, Copy)]
pub struct File {
    pub read: Value,
    pub readline: Value,
    pub peek: Option<Value>,
}

/// The bytes of a pickle. Lives on the stack, where the collector sees the file's methods.
pub struct Input<'a> {
    vm: &'a Vm,
    file: Option<File>,
    pub data: Cow<'a, [u8]>,
    pos: usize,
    /// From where on `data` was only peeked at.
    peeked: usize,
    /// Where the frame being read ends, beyond which no instruction reaches (PEP 3154).
    frame: Option<usize>,
    /// The end of the frame or of `data`.
    limit: usize,
}

#[cold]
fn truncated(vm: &Vm) -> Raised {
    unpickling_error(vm, "pickle data was truncated")
}

impl<'a> Input<'a> {
    pub fn of_bytes(vm: &'a Vm, data: &'a [u8]) -> Input<'a> {
        Input {
            vm,
            file: None,
            data: Cow::Borrowed(data),
            pos: 0,
            peeked: data.len(),
            frame: None,
            limit: data.len(),
        }
    }

    pub fn of_file(vm: &'a Vm, file: File) -> Input<'a> {
        Input {
            vm,
            file: Some(file),
            data: Cow::Owned(Vec::new()),
            pos: 0,
            peeked: 0,
            frame: None,
            limit: 0,
        }
    }

    /// The next byte, if there is one at hand.
    #[inline]
    pub fn next_byte(&mut self) -> Result<u8> {
        let at = self.take(1)?;
        Ok(self.data[at])
    }

    /// Passes over `n` bytes; they begin at the index returned.
    ///
    /// # Errors
    /// UnpicklingError if there are not that many, what reading the file raises.
    #[inline]
    pub fn take(&mut self, n: usize) -> Result<usize> {
        let at = self.pos;
        if n > self.limit - at {
            return self.take_more(n);
        }
        self.pos = at + n;
        Ok(at)
    }

    /// As [`Input::take`], for the bytes themselves.
    #[inline]
    pub fn bytes(&mut self, n: usize) -> Result<&[u8]> {
        let at = self.take(n)?;
        Ok(&self.data[at..at + n])
    }

    /// A little-endian number of `N` bytes.
    #[inline]
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let at = self.take(N)?;
        let mut bytes = [0; N];
        bytes.copy_from_slice(&self.data[at..at + N]);
        Ok(bytes)
    }

    #[cold]
    fn take_more(&mut self, n: usize) -> Result<usize> {
        if self.leave_frame("pickle exhausted before end of frame")? {
            return self.take(n);
        }
        self.fetch(Some(n))?;
        if n > self.data.len() {
            return Err(truncated(self.vm));
        }
        self.pos = n;
        Ok(0)
    }

    /// Ends the frame being read, if there is one.
    ///
    /// # Errors
    /// UnpicklingError with this message if there is more in it.
    fn leave_frame(&mut self, message: &str) -> Result<bool> {
        let Some(end) = self.frame else {
            return Ok(false);
        };
        if self.pos < end {
            return Err(unpickling_error(self.vm, message));
        }
        self.frame = None;
        self.limit = self.data.len();
        Ok(true)
    }

    /// Begins a frame of `n` bytes, which are read at once.
    ///
    /// # Errors
    /// UnpicklingError within another frame or if there are not that many bytes.
    pub fn enter_frame(&mut self, n: usize) -> Result<()> {
        self.leave_frame("beginning of a new frame before end of current frame")?;
        let at = self.take(n)?;
        self.frame = Some(self.pos);
        self.limit = self.pos;
        self.pos = at;
        Ok(())
    }

    /// The rest of the line, its end included; where it begins and ends.
    pub fn line(&mut self) -> Result<(usize, usize)> {
        let rest = &self.data[self.pos..self.limit];
        if let Some(n) = memchr::memchr(b'\n', rest) {
            let at = self.pos;
            self.pos += n + 1;
            return Ok((at, self.pos));
        }
        if self.leave_frame("pickle exhausted before end of frame")? {
            return self.line();
        }
        self.fetch(None)?;
        if self.data.last() != Some(&b'\n') {
            return Err(truncated(self.vm));
        }
        self.pos = self.data.len();
        Ok((0, self.pos))
    }

    /// Reads from the file what was peeked at and used.
    pub fn settle(&mut self) -> Result<()> {
        if let Some(file) = self.file
            && self.pos > self.peeked
        {
            let used = self.vm.new_size(self.pos - self.peeked);
            self.peeked = self.pos;
            self.vm.call(file.read, &[used])?;
        }
        Ok(())
    }

    /// Replaces the data by that many bytes of the file or by a line of it.
    fn fetch(&mut self, n: Option<usize>) -> Result<()> {
        let vm = self.vm;
        let Some(mut file) = self.file else {
            return Err(truncated(vm));
        };
        self.settle()?;
        let Some(n) = n else {
            let line = vm.call(file.readline, &[])?;
            return self.hold(line, "readline", false);
        };
        if let Some(peek) = file.peek
            && n < PEEK
        {
            let seen = vm.call(peek, &[vm.new_size(PEEK)]);
            match vm.catch(seen, &exc::NOT_IMPLEMENTED_ERROR)? {
                None => {
                    file.peek = None;
                    self.file = Some(file);
                }
                Some(seen) => {
                    self.hold(seen, "peek", true)?;
                    if n <= self.data.len() {
                        return Ok(());
                    }
                }
            }
        }
        let read = vm.call(file.read, &[vm.new_size(n)])?;
        self.hold(read, "read", false)
    }

    fn hold(&mut self, v: Value, method: &str, peeked: bool) -> Result<()> {
        let data = match v.cast::<Bytes>() {
            Some(bytes) => bytes.as_slice().to_vec(),
            None if is_bytes_or_bytearray(v) || self.vm.supports_buffer(v) => {
                self.vm.bytes_like(v)?.contiguous_bytes().into_owned()
            }
            None => {
                let name = self.vm.type_name(v);
                return Err(self
                    .vm
                    .type_error(format!("{method}() returned non-bytes object ({name})")));
            }
        };
        self.pos = 0;
        self.peeked = if peeked { 0 } else { data.len() };
        self.limit = data.len();
        self.data = Cow::Owned(data);
        Ok(())
    }
}
