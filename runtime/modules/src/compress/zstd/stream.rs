//! libzstd behind safe methods.

use super::parameters::{Decompression, Parameter};
use crate::compress::{Decoder, Step};
use std::ffi::CStr;
use std::mem::MaybeUninit;
use std::ptr::NonNull;
use std::rc::Rc;
use zstd_sys as sys;

/// What libzstd answers if something is wrong.
#[derive(Clone, Copy)]
pub struct Failure(usize);

impl Failure {
    /// libzstd's words for it.
    pub fn words(self) -> String {
        // SAFETY: any answer has a name, a static text.
        let name = unsafe { CStr::from_ptr(sys::ZSTD_getErrorName(self.0)) };
        name.to_string_lossy().into_owned()
    }

    fn of(code: sys::ZSTD_ErrorCode) -> Failure {
        Failure((code as usize).wrapping_neg())
    }

    /// That there was no memory.
    pub fn of_memory() -> Failure {
        Self::of(sys::ZSTD_ErrorCode::ZSTD_error_memory_allocation)
    }

    /// That a parameter is unknown.
    pub fn of_parameter() -> Failure {
        Self::of(sys::ZSTD_ErrorCode::ZSTD_error_parameter_unsupported)
    }
}

/// An answer of libzstd: a size, unless it failed.
pub fn answer(size: usize) -> Result<usize, Failure> {
    // SAFETY: any number may be asked about.
    match unsafe { sys::ZSTD_isError(size) } {
        0 => Ok(size),
        _ => Err(Failure(size)),
    }
}

/// A dictionary made ready for compression at one level.
pub struct CompressionDict(NonNull<sys::ZSTD_CDict>);

impl CompressionDict {
    pub fn new(content: &[u8], level: i32) -> Option<CompressionDict> {
        // SAFETY: the content is copied.
        let made = unsafe { sys::ZSTD_createCDict(content.as_ptr().cast(), content.len(), level) };
        NonNull::new(made).map(CompressionDict)
    }
}

impl Drop for CompressionDict {
    fn drop(&mut self) {
        // SAFETY: made in `new`; streams that refer to it keep it alive.
        unsafe { sys::ZSTD_freeCDict(self.0.as_ptr()) };
    }
}

/// A dictionary made ready for decompression.
pub struct DecompressionDict(NonNull<sys::ZSTD_DDict>);

impl DecompressionDict {
    pub fn new(content: &[u8]) -> Option<DecompressionDict> {
        // SAFETY: the content is copied.
        let made = unsafe { sys::ZSTD_createDDict(content.as_ptr().cast(), content.len()) };
        NonNull::new(made).map(DecompressionDict)
    }
}

impl Drop for DecompressionDict {
    fn drop(&mut self) {
        // SAFETY: made in `new`; streams that refer to it keep it alive.
        unsafe { sys::ZSTD_freeDDict(self.0.as_ptr()) };
    }
}

/// How a stream uses a dictionary. `D` is the dictionary made ready.
pub enum Dictionary<D> {
    Digested(Rc<D>),
    /// Made ready by the stream itself.
    Undigested(Rc<[u8]>),
    /// Taken for data before the first frame.
    Prefix(Rc<[u8]>),
}

/// What is to happen to what was not written yet.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    Continue = 0,
    FlushBlock = 1,
    FlushFrame = 2,
}

/// A compressor.
pub struct Encoder {
    raw: NonNull<sys::ZSTD_CCtx>,
    /// What the library refers to.
    dictionary: Option<Dictionary<CompressionDict>>,
}

impl Drop for Encoder {
    fn drop(&mut self) {
        // SAFETY: made in `new`.
        unsafe { sys::ZSTD_freeCCtx(self.raw.as_ptr()) };
    }
}

impl Encoder {
    pub fn new() -> Result<Encoder, Failure> {
        // SAFETY: a plain call.
        let raw = NonNull::new(unsafe { sys::ZSTD_createCCtx() });
        raw.map(|raw| Encoder {
            raw,
            dictionary: None,
        })
        .ok_or(Failure::of_memory())
    }

    pub fn set(&mut self, parameter: &Parameter, value: i32) -> Result<(), Failure> {
        // SAFETY: a context, and a parameter of the library.
        answer(unsafe { sys::ZSTD_CCtx_setParameter(self.raw.as_ptr(), parameter.id, value) })
            .map(|_| ())
    }

    pub fn use_dictionary(
        &mut self,
        dictionary: Dictionary<CompressionDict>,
    ) -> Result<(), Failure> {
        let raw = self.raw.as_ptr();
        // SAFETY: what is referred to and not copied lives as long as the context.
        let size = unsafe {
            match &dictionary {
                Dictionary::Digested(d) => sys::ZSTD_CCtx_refCDict(raw, d.0.as_ptr()),
                Dictionary::Undigested(d) => {
                    sys::ZSTD_CCtx_loadDictionary(raw, d.as_ptr().cast(), d.len())
                }
                Dictionary::Prefix(d) => sys::ZSTD_CCtx_refPrefix(raw, d.as_ptr().cast(), d.len()),
            }
        };
        self.dictionary = Some(dictionary);
        answer(size).map(|_| ())
    }

    /// Says how much the next frame will hold.
    pub fn pledge(&mut self, size: u64) -> Result<(), Failure> {
        // SAFETY: a context.
        answer(unsafe { sys::ZSTD_CCtx_setPledgedSrcSize(self.raw.as_ptr(), size) }).map(|_| ())
    }

    /// Takes all of `input`. After a failure the frame is given up.
    pub fn encode(&mut self, data: &[u8], mode: Mode) -> Result<Vec<u8>, Failure> {
        let result = self.encode_all(data, mode);
        if result.is_err() {
            let what = sys::ZSTD_ResetDirective::ZSTD_reset_session_only;
            // SAFETY: a context; ending the frame cannot fail.
            unsafe { sys::ZSTD_CCtx_reset(self.raw.as_ptr(), what) };
        }
        result
    }

    fn encode_all(&mut self, data: &[u8], mode: Mode) -> Result<Vec<u8>, Failure> {
        const ROOM: usize = 32 << 10;
        let directive = match mode {
            Mode::Continue => sys::ZSTD_EndDirective::ZSTD_e_continue,
            Mode::FlushBlock => sys::ZSTD_EndDirective::ZSTD_e_flush,
            Mode::FlushFrame => sys::ZSTD_EndDirective::ZSTD_e_end,
        };
        let mut input = sys::ZSTD_inBuffer {
            src: data.as_ptr().cast(),
            size: data.len(),
            pos: 0,
        };
        let mut out = Vec::new();
        loop {
            out.reserve(ROOM.max(out.len()));
            let free = out.spare_capacity_mut();
            let mut output = sys::ZSTD_outBuffer {
                dst: free.as_mut_ptr().cast(),
                size: free.len(),
                pos: 0,
            };
            // SAFETY: a context, and buffers of these sizes.
            let left = answer(unsafe {
                sys::ZSTD_compressStream2(self.raw.as_ptr(), &mut output, &mut input, directive)
            })?;
            let is_full = output.pos == output.size;
            // SAFETY: so many bytes were written behind those that there were.
            unsafe { out.set_len(out.len() + output.pos) };
            let is_done = match mode {
                Mode::Continue => input.pos == input.size && !is_full,
                _ => left == 0,
            };
            if is_done {
                return Ok(out);
            }
        }
    }
}

/// A decompressor.
pub struct Decompress {
    raw: NonNull<sys::ZSTD_DCtx>,
    /// What the library refers to.
    dictionary: Option<Dictionary<DecompressionDict>>,
}

impl Drop for Decompress {
    fn drop(&mut self) {
        // SAFETY: made in `new`.
        unsafe { sys::ZSTD_freeDCtx(self.raw.as_ptr()) };
    }
}

impl Decompress {
    pub fn new() -> Result<Decompress, Failure> {
        // SAFETY: a plain call.
        let raw = NonNull::new(unsafe { sys::ZSTD_createDCtx() });
        raw.map(|raw| Decompress {
            raw,
            dictionary: None,
        })
        .ok_or(Failure::of_memory())
    }

    pub fn set(&mut self, parameter: &Decompression, value: i32) -> Result<(), Failure> {
        // SAFETY: a context, and a parameter of the library.
        answer(unsafe { sys::ZSTD_DCtx_setParameter(self.raw.as_ptr(), parameter.id, value) })
            .map(|_| ())
    }

    pub fn use_dictionary(
        &mut self,
        dictionary: Dictionary<DecompressionDict>,
    ) -> Result<(), Failure> {
        let raw = self.raw.as_ptr();
        // SAFETY: what is referred to and not copied lives as long as the context.
        let size = unsafe {
            match &dictionary {
                Dictionary::Digested(d) => sys::ZSTD_DCtx_refDDict(raw, d.0.as_ptr()),
                Dictionary::Undigested(d) => {
                    sys::ZSTD_DCtx_loadDictionary(raw, d.as_ptr().cast(), d.len())
                }
                Dictionary::Prefix(d) => sys::ZSTD_DCtx_refPrefix(raw, d.as_ptr().cast(), d.len()),
            }
        };
        self.dictionary = Some(dictionary);
        answer(size).map(|_| ())
    }
}

impl Decoder for Decompress {
    type Error = Failure;
    fn step(&mut self, data: &[u8], out: &mut [MaybeUninit<u8>]) -> Result<Step, Failure> {
        let mut input = sys::ZSTD_inBuffer {
            src: data.as_ptr().cast(),
            size: data.len(),
            pos: 0,
        };
        let mut output = sys::ZSTD_outBuffer {
            dst: out.as_mut_ptr().cast(),
            size: out.len(),
            pos: 0,
        };
        // SAFETY: a context, and buffers of these sizes.
        let size =
            unsafe { sys::ZSTD_decompressStream(self.raw.as_ptr(), &mut output, &mut input) };
        match answer(size) {
            Ok(hint) => Ok(Step {
                used: input.pos,
                written: output.pos,
                ended: hint == 0,
            }),
            Err(failure) => {
                let what = sys::ZSTD_ResetDirective::ZSTD_reset_session_only;
                // SAFETY: a context; ending the frame cannot fail.
                unsafe { sys::ZSTD_DCtx_reset(self.raw.as_ptr(), what) };
                Err(failure)
            }
        }
    }
}

/// How much the frame at the start holds: `None` if its header does not say. No answer if
/// there is no header.
pub fn content_size(frame: &[u8]) -> Option<Option<u64>> {
    const UNKNOWN: u64 = u64::MAX;
    const ERROR: u64 = u64::MAX - 1;
    // SAFETY: memory of this size.
    match unsafe { sys::ZSTD_getFrameContentSize(frame.as_ptr().cast(), frame.len()) } {
        UNKNOWN => Some(None),
        ERROR => None,
        size => Some(Some(size)),
    }
}

/// The number of the dictionary that the frame at the start was made with; zero if unknown.
pub fn frame_dictionary(frame: &[u8]) -> u32 {
    // SAFETY: memory of this size.
    unsafe { sys::ZSTD_getDictID_fromFrame(frame.as_ptr().cast(), frame.len()) }
}

/// Bytes of the frame at the start.
pub fn frame_size(data: &[u8]) -> Result<usize, Failure> {
    // SAFETY: memory of this size.
    answer(unsafe { sys::ZSTD_findFrameCompressedSize(data.as_ptr().cast(), data.len()) })
}

/// A dictionary's number; zero if it has no header.
pub fn dictionary_id(content: &[u8]) -> u32 {
    // SAFETY: memory of this size.
    unsafe { sys::ZSTD_getDictID_fromDict(content.as_ptr().cast(), content.len()) }
}

/// A dictionary of at most `room` bytes from samples that lie one behind the other.
pub fn train(samples: &[u8], sizes: &[usize], room: usize) -> Result<Vec<u8>, Failure> {
    with_room(room, |out| {
        // SAFETY: the sizes add up to that of the samples, as the caller has checked.
        unsafe {
            sys::ZDICT_trainFromBuffer(
                out.cast(),
                room,
                samples.as_ptr().cast(),
                sizes.as_ptr(),
                sizes.len() as u32,
            )
        }
    })
}

/// As [`train`], by content that is chosen already.
pub fn finalize(
    content: &[u8],
    samples: &[u8],
    sizes: &[usize],
    room: usize,
    level: i32,
) -> Result<Vec<u8>, Failure> {
    let parameters = sys::ZDICT_params_t {
        compressionLevel: level,
        notificationLevel: 0,
        dictID: 0,
    };
    with_room(room, |out| {
        // SAFETY: the sizes add up to that of the samples, as the caller has checked.
        unsafe {
            sys::ZDICT_finalizeDictionary(
                out.cast(),
                room,
                content.as_ptr().cast(),
                content.len(),
                samples.as_ptr().cast(),
                sizes.as_ptr(),
                sizes.len() as u32,
                parameters,
            )
        }
    })
}

/// What `fill` writes, which answers how much.
fn with_room(room: usize, fill: impl FnOnce(*mut u8) -> usize) -> Result<Vec<u8>, Failure> {
    let mut out = Vec::new();
    if out.try_reserve_exact(room).is_err() {
        return Err(Failure::of_memory());
    }
    let size = answer(fill(out.as_mut_ptr()))?;
    // SAFETY: so many bytes were written.
    unsafe { out.set_len(size) };
    Ok(out)
}
