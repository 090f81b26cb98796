//! The engine of zlib (the pure-Rust `zlib-rs`, by its C interface) behind safe methods.

use libz_rs_sys as z;
use std::mem::MaybeUninit;

/// What the engine answers, by the numbers of zlib.
pub mod code {
    pub const OK: i32 = 0;
    pub const STREAM_END: i32 = 1;
    pub const NEED_DICT: i32 = 2;
    pub const STREAM_ERROR: i32 = -2;
    pub const DATA_ERROR: i32 = -3;
    pub const MEM_ERROR: i32 = -4;
    pub const BUF_ERROR: i32 = -5;
}

/// Flush modes.
pub mod flush {
    pub const NONE: i32 = 0;
    pub const SYNC: i32 = 2;
    pub const FINISH: i32 = 4;
}

/// Which way a stream goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Deflate,
    Inflate,
}

/// A compressor or decompressor. The engine's state points back to the stream,
/// which therefore stays in one place.
pub struct Stream {
    raw: Box<z::z_stream>,
    way: Way,
}

/// What a step did.
pub struct Step {
    pub code: i32,
    /// Bytes of input used.
    pub used: usize,
}

impl Stream {
    fn zeroed() -> Box<z::z_stream> {
        // SAFETY: null pointers and zeros are what an unused stream holds.
        Box::new(unsafe { MaybeUninit::<z::z_stream>::zeroed().assume_init() })
    }

    /// A compressor; the number of an error if the parameters are no good.
    pub fn deflate(
        level: i32,
        method: i32,
        window_bits: i32,
        memory: i32,
        strategy: i32,
    ) -> Result<Stream, i32> {
        let mut raw = Self::zeroed();
        let size = size_of::<z::z_stream>() as i32;
        // SAFETY: a zeroed stream; the version is the engine's own.
        let result = unsafe {
            z::deflateInit2_(
                &mut *raw,
                level,
                method,
                window_bits,
                memory,
                strategy,
                z::zlibVersion(),
                size,
            )
        };
        if result == code::OK {
            Ok(Stream {
                raw,
                way: Way::Deflate,
            })
        } else {
            Err(result)
        }
    }

    /// A decompressor.
    pub fn inflate(window_bits: i32) -> Result<Stream, i32> {
        let mut raw = Self::zeroed();
        let size = size_of::<z::z_stream>() as i32;
        // SAFETY: as in `deflate`.
        let result = unsafe { z::inflateInit2_(&mut *raw, window_bits, z::zlibVersion(), size) };
        if result == code::OK {
            Ok(Stream {
                raw,
                way: Way::Inflate,
            })
        } else {
            Err(result)
        }
    }

    /// Sets the preset dictionary.
    pub fn set_dictionary(&mut self, dictionary: &[u8]) -> i32 {
        let (p, n) = (dictionary.as_ptr(), dictionary.len() as u32);
        // SAFETY: an initialised stream, and a dictionary of that length.
        unsafe {
            match self.way {
                Way::Deflate => z::deflateSetDictionary(&mut *self.raw, p, n),
                Way::Inflate => z::inflateSetDictionary(&mut *self.raw, p, n),
            }
        }
    }

    /// A stream in the same state.
    pub fn duplicate(&mut self) -> Result<Stream, i32> {
        let mut raw = Self::zeroed();
        // SAFETY: an initialised stream, and a place for its copy.
        let result = unsafe {
            match self.way {
                Way::Deflate => z::deflateCopy(&mut *raw, &mut *self.raw),
                Way::Inflate => z::inflateCopy(&mut *raw, &*self.raw),
            }
        };
        if result == code::OK {
            Ok(Stream { raw, way: self.way })
        } else {
            Err(result)
        }
    }

    /// One call of the engine: takes input and appends at most `room` bytes of output.
    pub fn step(&mut self, input: &[u8], out: &mut Vec<u8>, room: usize, flush: i32) -> Step {
        let room = room.min(1 << 30);
        let given = input.len().min(1 << 30);
        out.reserve(room);
        let start = out.len();
        self.raw.next_in = input.as_ptr() as *mut u8;
        self.raw.avail_in = given as u32;
        self.raw.next_out = out.spare_capacity_mut().as_mut_ptr().cast();
        self.raw.avail_out = room as u32;
        // SAFETY: input and output have those lengths; the engine initialises what it counts as written.
        let code = unsafe {
            let code = match self.way {
                Way::Deflate => z::deflate(&mut *self.raw, flush),
                Way::Inflate => z::inflate(&mut *self.raw, flush),
            };
            out.set_len(start + room - self.raw.avail_out as usize);
            code
        };
        Step {
            code,
            used: given - self.raw.avail_in as usize,
        }
    }

    /// Whether the last step filled all the room it was given.
    pub fn filled(&self) -> bool {
        self.raw.avail_out == 0
    }

    /// The engine's words about the last error.
    pub fn message(&self) -> Option<String> {
        if self.raw.msg.is_null() {
            return None;
        }
        // SAFETY: the engine's messages are static strings.
        let text = unsafe { std::ffi::CStr::from_ptr(self.raw.msg) };
        Some(text.to_string_lossy().into_owned())
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        // SAFETY: an initialised stream, ended once.
        unsafe {
            match self.way {
                Way::Deflate => z::deflateEnd(&mut *self.raw),
                Way::Inflate => z::inflateEnd(&mut *self.raw),
            };
        }
    }
}

/// CRC-32 of `data`, going on from `crc`.
pub fn crc32(crc: u32, data: &[u8]) -> u32 {
    data.chunks(1 << 30).fold(crc, |crc, part| {
        // SAFETY: a slice and its length.
        unsafe { z::crc32(crc.into(), part.as_ptr(), part.len() as u32) as u32 }
    })
}

/// Adler-32 of `data`, going on from `sum`.
pub fn adler32(sum: u32, data: &[u8]) -> u32 {
    data.chunks(1 << 30).fold(sum, |sum, part| {
        // SAFETY: a slice and its length.
        unsafe { z::adler32(sum.into(), part.as_ptr(), part.len() as u32) as u32 }
    })
}
