//! liblzma behind safe methods.

use super::filters::Chain;
use crate::compress::{Decoder, Step};
use liblzma_sys as sys;
use std::mem::MaybeUninit;

/// What liblzma answered other than that all went well.
pub type Code = sys::lzma_ret;

/// An encoder or decoder.
pub struct Stream {
    raw: Box<sys::lzma_stream>,
    /// The kind of integrity check, as far as it is known.
    pub check: u32,
}

impl Drop for Stream {
    fn drop(&mut self) {
        // SAFETY: an initialised stream, or an unused one, for which this does nothing.
        unsafe { sys::lzma_end(&mut *self.raw) };
    }
}

impl Stream {
    /// A stream that `start` initialises.
    fn start(
        check: u32,
        start: impl FnOnce(*mut sys::lzma_stream) -> Code,
    ) -> Result<Stream, Code> {
        // SAFETY: null pointers and zeros are what an unused stream holds.
        let raw = Box::new(unsafe { MaybeUninit::<sys::lzma_stream>::zeroed().assume_init() });
        let mut stream = Stream { raw, check };
        match start(&mut *stream.raw) {
            sys::LZMA_OK => Ok(stream),
            code => Err(code),
        }
    }

    /// An encoder of `.xz` by a preset.
    pub fn easy_encoder(preset: u32, check: u32) -> Result<Stream, Code> {
        // SAFETY: an unused stream.
        Self::start(check, |raw| unsafe {
            sys::lzma_easy_encoder(raw, preset, check)
        })
    }

    /// An encoder of `.xz` by filters.
    pub fn encoder(chain: &Chain, check: u32) -> Result<Stream, Code> {
        // SAFETY: an unused stream, and a terminated chain, which is copied.
        Self::start(check, |raw| unsafe {
            sys::lzma_stream_encoder(raw, chain.as_ptr(), check)
        })
    }

    /// An encoder of `.lzma`. The chain is one LZMA1 filter.
    pub fn alone_encoder(chain: &Chain) -> Result<Stream, Code> {
        let Some(options) = chain.lzma_options() else {
            return Err(sys::LZMA_PROG_ERROR);
        };
        // SAFETY: an unused stream, and options, which are copied.
        Self::start(0, |raw| unsafe { sys::lzma_alone_encoder(raw, options) })
    }

    /// An encoder without container.
    pub fn raw_encoder(chain: &Chain) -> Result<Stream, Code> {
        // SAFETY: an unused stream, and a terminated chain, which is copied.
        Self::start(0, |raw| unsafe {
            sys::lzma_raw_encoder(raw, chain.as_ptr())
        })
    }

    /// A decoder of `.xz` and `.lzma`.
    pub fn auto_decoder(memory: u64) -> Result<Stream, Code> {
        // SAFETY: an unused stream.
        Self::start(super::CHECK_UNKNOWN, |raw| unsafe {
            sys::lzma_auto_decoder(raw, memory, TELL)
        })
    }

    /// A decoder of `.xz`.
    pub fn decoder(memory: u64) -> Result<Stream, Code> {
        // SAFETY: an unused stream.
        Self::start(super::CHECK_UNKNOWN, |raw| unsafe {
            sys::lzma_stream_decoder(raw, memory, TELL)
        })
    }

    /// A decoder of `.lzma`.
    pub fn alone_decoder(memory: u64) -> Result<Stream, Code> {
        // SAFETY: an unused stream.
        Self::start(0, |raw| unsafe { sys::lzma_alone_decoder(raw, memory) })
    }

    /// A decoder of what has no container.
    pub fn raw_decoder(chain: &Chain) -> Result<Stream, Code> {
        // SAFETY: an unused stream, and a terminated chain, which is copied.
        Self::start(0, |raw| unsafe {
            sys::lzma_raw_decoder(raw, chain.as_ptr())
        })
    }

    fn code(
        &mut self,
        input: &[u8],
        out: &mut [MaybeUninit<u8>],
        action: sys::lzma_action,
    ) -> Result<Step, Code> {
        self.raw.next_in = input.as_ptr();
        self.raw.avail_in = input.len();
        self.raw.next_out = out.as_mut_ptr().cast();
        self.raw.avail_out = out.len();
        let code = loop {
            // SAFETY: the pointers are to memory of these sizes.
            match unsafe { sys::lzma_code(&mut *self.raw, action) } {
                sys::LZMA_NO_CHECK | sys::LZMA_GET_CHECK => {
                    // SAFETY: after these codes it may be asked.
                    self.check = unsafe { sys::lzma_get_check(&*self.raw) };
                }
                code => break code,
            }
        };
        let (input_left, room_left) = (self.raw.avail_in, self.raw.avail_out);
        let is_fine = match code {
            sys::LZMA_OK | sys::LZMA_STREAM_END => true,
            // There was nothing to do.
            sys::LZMA_BUF_ERROR => input_left == 0 || room_left == 0,
            _ => false,
        };
        if !is_fine {
            return Err(code);
        }
        Ok(Step {
            used: input.len() - input_left,
            written: out.len() - room_left,
            ended: code == sys::LZMA_STREAM_END,
        })
    }

    /// Encodes all of `input`, and the end of the stream if it is the last.
    pub fn encode(&mut self, input: &[u8], is_last: bool) -> Result<Vec<u8>, Code> {
        const ROOM: usize = 16 << 10;
        let action = if is_last {
            sys::LZMA_FINISH
        } else {
            sys::LZMA_RUN
        };
        let mut out = Vec::new();
        let mut used = 0;
        loop {
            out.reserve(ROOM);
            let free = &mut out.spare_capacity_mut()[..ROOM];
            let step = self.code(&input[used..], free, action)?;
            // SAFETY: so many bytes were written behind those that there were.
            unsafe { out.set_len(out.len() + step.written) };
            used += step.used;
            if step.ended || (!is_last && used == input.len() && step.written < ROOM) {
                return Ok(out);
            }
        }
    }
}

/// Decoders say which integrity check there is.
const TELL: u32 = sys::LZMA_TELL_ANY_CHECK | sys::LZMA_TELL_NO_CHECK;

impl Decoder for Stream {
    type Error = Code;
    fn step(&mut self, input: &[u8], out: &mut [MaybeUninit<u8>]) -> Result<Step, Code> {
        self.code(input, out, sys::LZMA_RUN)
    }
}
