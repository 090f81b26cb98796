//! Writing text.

use super::TextIo;
use taipan_runtime::heap::Gc;
use taipan_runtime::types::bytes::Bytes;
use taipan_runtime::types::protocol::this;
use taipan_runtime::types::str::{Str, StrData};
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Vm};

impl TextIo {
    /// Passes what is encoded on to the buffer.
    pub fn write_pending(&self, vm: &Vm) -> Result<()> {
        if self.pending.borrow().is_empty() {
            return Ok(());
        }
        let data = self.pending.take();
        if let Some(stream) = self.stream() {
            let result = stream.write_all(vm, &data);
            let mut spare = data;
            spare.clear();
            let mut pending = self.pending.borrow_mut();
            if pending.is_empty() {
                *pending = spare;
            }
            return result;
        }
        let bytes = vm.new_bytes(&data)?.value();
        vm.call_method(self.buffer(vm)?, "write", &[bytes])?;
        Ok(())
    }

    /// Appends the encoded text.
    fn encode(&self, vm: &Vm, text: Gc<Str>) -> Result<()> {
        if let Some(codec) = self.native.get() {
            if text.is_ascii()
                && let StrData::Latin1(data) = text.data()
            {
                self.pending.borrow_mut().extend_from_slice(data);
                return Ok(());
            }
            let errors = self.errors_text.borrow().clone();
            let bytes = vm.encode_native(codec, text, &errors)?;
            self.pending
                .borrow_mut()
                .extend_from_slice(bytes.as_slice());
            return Ok(());
        }
        let bytes = vm.call_method(self.encoder.or_none(), "encode", &[text.value()])?;
        let Some(bytes) = bytes.cast::<Bytes>() else {
            let got = vm.type_name(bytes);
            return Err(vm.type_error(format!("encoder should return a bytes object, not '{got}'")));
        };
        self.pending
            .borrow_mut()
            .extend_from_slice(bytes.as_slice());
        Ok(())
    }
}

pub fn write(vm: &Vm, args: &[Value]) -> Result {
    let this = this::<TextIo>(args[0]);
    this.buffer(vm)?;
    let Some(mut text) = args[1].cast::<Str>() else {
        let got = vm.type_name(args[1]);
        return Err(vm.type_error(format!("write() argument must be str, not {got}")));
    };
    this.check_open(vm)?;
    if !this.encodes.get() {
        return Err(crate::io::unsupported(vm, "not writable"));
    }
    let length = text.len();
    let mut flush = false;
    let newline = this.write_newline();
    if this.line_buffering.get() || newline.is_some() {
        let has = |c: u8| match text.data() {
            StrData::Latin1(d) => memchr::memchr(c, d).is_some(),
            StrData::Ucs2(d) => d.contains(&u16::from(c)),
            StrData::Ucs4(d) => d.contains(&u32::from(c)),
        };
        let has_lf = has(b'\n');
        flush = this.line_buffering.get() && (has_lf || has(b'\r'));
        if has_lf && let Some(newline) = newline {
            let lf = vm.str_of_byte(b'\n').value();
            let changed =
                vm.call_method(text.value(), "replace", &[lf, vm.intern(newline).value()])?;
            text = vm.str(changed)?;
        }
    }
    let chunk = this.chunk.get();
    if this.pending.borrow().len() + length > chunk {
        // Large texts do not wait behind others.
        this.write_pending(vm)?;
    }
    this.encode(vm, text)?;
    if this.pending.borrow().len() >= chunk || flush || this.write_through.get() {
        this.write_pending(vm)?;
    }
    if flush {
        match this.stream() {
            Some(stream) => stream.flush(vm)?,
            None => {
                vm.call_method(this.buffer(vm)?, "flush", &[])?;
            }
        }
    }
    // Text read ahead of a stream that cannot seek stays to be read.
    if this.snapshot.borrow().is_some() {
        if this.decoded.get().is_some() {
            this.drop_decoded();
        }
        *this.snapshot.borrow_mut() = None;
    }
    if this.decodes.get() {
        this.reset_decoder(vm)?;
    }
    Ok(vm.new_int(length as i64))
}

pub fn flush(vm: &Vm, args: &[Value]) -> Result {
    let this = this::<TextIo>(args[0]);
    this.check_open(vm)?;
    this.telling.set(this.seekable.get());
    this.write_pending(vm)?;
    vm.call_method(this.buffer(vm)?, "flush", &[])
}
