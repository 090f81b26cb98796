//! `_bz2`, `_lzma` and `_zstd`: what `bz2`, `lzma` and `compression.zstd` are made of.

mod bz2;
mod lzma;
mod zstd;

pub use bz2::BZ2;
pub use lzma::LZMA;
pub use zstd::ZSTD;

use std::cell::{Cell, RefCell};
use std::mem::MaybeUninit;
use taipan_runtime::heap::{Field, Header, Object};
use taipan_runtime::object::GetSetDef;
use taipan_runtime::types::protocol::this;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Vm};

/// Room for output at first; it doubles.
const BUFFER: usize = 32 << 10;

/// What one call of an engine did.
pub struct Step {
    /// Bytes of input taken.
    pub used: usize,
    /// Bytes of output given.
    pub written: usize,
    /// Whether the stream has come to its end.
    pub ended: bool,
}

/// What reads a compressed stream.
pub trait Decoder {
    /// What can be wrong with a stream.
    type Error;
    /// Reads some of `input` and writes to the start of `out`.
    fn step(
        &mut self,
        input: &[u8],
        out: &mut [MaybeUninit<u8>],
    ) -> std::result::Result<Step, Self::Error>;
}

/// How a piece of input came out.
pub struct Decoded {
    pub out: Vec<u8>,
    pub used: usize,
    pub ended: bool,
    /// Whether the last room for output was filled, so that there may be more.
    pub filled: bool,
}

/// Decodes `input` until it ends, the stream ends, or there are `most` bytes.
pub fn decode<D: Decoder>(
    decoder: &mut D,
    input: &[u8],
    most: usize,
) -> std::result::Result<Decoded, D::Error> {
    let mut all = Decoded {
        out: Vec::new(),
        used: 0,
        ended: false,
        filled: true,
    };
    loop {
        let room = BUFFER.max(all.out.len()).min(most - all.out.len());
        all.out.reserve(room);
        let free = &mut all.out.spare_capacity_mut()[..room];
        let step = decoder.step(&input[all.used..], free)?;
        // SAFETY: the engine has written so many bytes behind those that there were.
        unsafe { all.out.set_len(all.out.len() + step.written) };
        all.used += step.used;
        all.ended = step.ended;
        all.filled = step.written == room;
        let is_stuck = step.used == 0 && step.written == 0;
        let is_full = all.out.len() == most;
        if step.ended || is_stuck || is_full || (!all.filled && all.used == input.len()) {
            return Ok(all);
        }
    }
}

/// The part of a decompressor object that Python code sees, and what it has not read yet.
pub struct Progress {
    pub eof: Cell<bool>,
    pub needs_input: Cell<bool>,
    pub unused_data: Field,
    /// What is said to who goes on beyond the end.
    ended: &'static str,
    pending: RefCell<Vec<u8>>,
}

/// A decompressor object.
pub trait Reads: Object {
    fn progress(&self) -> &Progress;
}

/// The attribute `eof` of a decompressor.
pub const fn eof<T: Reads>(doc: &'static str) -> GetSetDef {
    GetSetDef {
        name: "eof",
        doc,
        get: |_, v| Ok(Value::bool(this::<T>(v).progress().eof.get())),
        set: None,
    }
}

/// Its attribute `needs_input`.
pub const fn needs_input<T: Reads>() -> GetSetDef {
    GetSetDef {
        name: "needs_input",
        doc: "Whether there is nothing more without further data.",
        get: |_, v| Ok(Value::bool(this::<T>(v).progress().needs_input.get())),
        set: None,
    }
}

/// Its attribute `unused_data`.
pub const fn unused_data<T: Reads>(doc: &'static str) -> GetSetDef {
    GetSetDef {
        name: "unused_data",
        doc,
        get: |_, v| Ok(this::<T>(v).progress().unused_data.or_none()),
        set: None,
    }
}

impl Progress {
    pub fn new(vm: &Vm, ended: &'static str) -> Result<Progress> {
        Ok(Progress {
            eof: Cell::new(false),
            needs_input: Cell::new(true),
            unused_data: Field::new(vm.new_bytes(&[])?.value()),
            ended,
            pending: RefCell::default(),
        })
    }

    /// `decompress(data, max_length)` of any of the types. `full_is_unfinished` says whether
    /// output that fills its room may be followed by more without further input.
    ///
    /// # Errors
    /// The stream has ended, or what `raise` makes of the decoder's error.
    pub fn decompress<D: Decoder>(
        &self,
        vm: &Vm,
        owner: &Header,
        decoder: &RefCell<D>,
        (data, most): (Value, Value),
        full_is_unfinished: bool,
        raise: impl FnOnce(D::Error) -> taipan_runtime::vm::Raised,
    ) -> Result {
        let most = most.given().map_or(Ok(-1), |v| vm.to_ssize_arg(v))?;
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let mut input = self.pending.take();
        vm.bytes_like(data)
            .map(|data| input.extend_from_slice(&data.contiguous_bytes()))?;
        if self.eof.get() {
            return Err(vm.eof_error(self.ended));
        }
        let decoded = decode(&mut *decoder.borrow_mut(), &input, most).map_err(raise)?;
        let rest = &input[decoded.used..];
        if decoded.ended {
            self.eof.set(true);
            self.needs_input.set(false);
            if !rest.is_empty() {
                self.unused_data.set(owner, vm.new_bytes(rest)?.value());
            }
        } else {
            let unfinished = decoded.filled && full_is_unfinished;
            self.needs_input.set(rest.is_empty() && !unfinished);
            input.drain(..decoded.used);
            *self.pending.borrow_mut() = input;
        }
        Ok(vm.new_bytes(&decoded.out)?.value())
    }
}
