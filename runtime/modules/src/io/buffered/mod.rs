//! `BufferedReader`, `BufferedWriter`, `BufferedRandom`: one object layout with
//! a read buffer and a write buffer, of which one at a time is in use.
//!
//! Bytes read but not yet asked for are `read[read_pos..]`; bytes written but
//! not yet passed on are `write`. The raw stream's position is therefore that
//! of the user plus the first or minus the second.

mod methods;
mod pair;
mod read;
mod write;

pub use methods::{BUFFERED_RANDOM, BUFFERED_READER, BUFFERED_WRITER};
pub use pair::BUFFERED_RW_PAIR;

use super::fileio::{FILE_IO, FileIo};
use super::is_closed;
use std::cell::{Cell, RefCell};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;
use taipan_runtime::heap::{Field, Gc, Header, Kind};
use taipan_runtime::heap_object;
use taipan_runtime::types::exception::classes as exc;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Vm};

/// A buffered binary stream.
#[repr(C)]
pub struct Buffered {
    pub header: Header,
    raw: Field,
    /// The raw stream if it is exactly a `FileIO`, which is used without method calls.
    plain: Cell<bool>,
    /// `__init__` succeeded.
    ready: Cell<bool>,
    detached: Cell<bool>,
    readable: Cell<bool>,
    writable: Cell<bool>,
    finalizing: Cell<bool>,
    size: Cell<usize>,
    read: RefCell<Vec<u8>>,
    read_pos: Cell<usize>,
    write: RefCell<Vec<u8>>,
    /// The thread that is using the stream, 0 for none.
    user: Cell<usize>,
    waiting: Cell<u32>,
}

heap_object!(
    Buffered,
    "BufferedReader",
    Kind::Other,
    |this, marker| {
        marker.field(&this.raw);
    },
    drop
);

static FREED: (Mutex<()>, Condvar) = (Mutex::new(()), Condvar::new());

/// Use of a stream by one thread.
pub struct Using<'a>(&'a Buffered);

impl Drop for Using<'_> {
    fn drop(&mut self) {
        self.0.user.set(0);
        if self.0.waiting.get() > 0 {
            FREED.1.notify_all();
        }
    }
}

impl Buffered {
    /// Whether bytes wait to be written.
    pub(super) fn holds_unwritten(&self) -> bool {
        self.write.try_borrow().is_ok_and(|w| !w.is_empty())
    }

    /// The stream below.
    pub(super) fn raw_stream(&self) -> Option<Value> {
        self.raw.get()
    }

    fn empty() -> Buffered {
        Buffered {
            header: Header::empty(),
            raw: Field::empty(),
            plain: Cell::new(false),
            ready: Cell::new(false),
            detached: Cell::new(false),
            readable: Cell::new(false),
            writable: Cell::new(false),
            finalizing: Cell::new(false),
            size: Cell::new(0),
            read: RefCell::default(),
            read_pos: Cell::new(0),
            write: RefCell::default(),
            user: Cell::new(0),
            waiting: Cell::new(0),
        }
    }

    /// Keeps other threads out; RuntimeError if this thread is in already.
    fn enter(&self, vm: &Vm) -> Result<Using<'_>> {
        let me = std::ptr::from_ref(vm.thread()) as usize;
        while self.user.get() != 0 {
            if self.user.get() == me {
                let text = vm.repr_text(self.header.value())?;
                return Err(vm.runtime_error(format!("reentrant call inside {text}")));
            }
            self.waiting.set(self.waiting.get() + 1);
            vm.allow_threads(|| {
                let guard = FREED.0.lock().unwrap_or_else(PoisonError::into_inner);
                // The wake-up may come before the wait: look again soon.
                drop(FREED.1.wait_timeout(guard, Duration::from_millis(2)));
            });
            self.waiting.set(self.waiting.get() - 1);
        }
        self.user.set(me);
        Ok(Using(self))
    }

    /// The raw stream; ValueError if there is none.
    fn raw(&self, vm: &Vm) -> Result {
        if !self.ready.get() {
            return Err(vm.value_error(if self.detached.get() {
                "raw stream has been detached"
            } else {
                "I/O operation on uninitialized object"
            }));
        }
        Ok(self.raw.or_none())
    }

    fn file(&self) -> Option<Gc<FileIo>> {
        if self.plain.get() {
            self.raw.get()?.cast()
        } else {
            None
        }
    }

    /// Whether the raw stream is closed.
    fn raw_closed(&self, vm: &Vm) -> Result<bool> {
        is_closed(vm, self.raw(vm)?)
    }

    /// ValueError if the raw stream is closed; `what` begins the message.
    fn check_open(&self, vm: &Vm, what: &str) -> Result<()> {
        let raw = self.raw(vm)?;
        let closed = match self.file() {
            Some(file) => file.is_closed(),
            None => is_closed(vm, raw)?,
        };
        if closed {
            return Err(vm.value_error(format!("{what} closed file")));
        }
        Ok(())
    }

    /// Whether the raw stream is closed; for text streams.
    pub fn is_closed(&self, vm: &Vm) -> Result<bool> {
        match self.file() {
            Some(file) => Ok(file.is_closed()),
            None => self.raw_closed(vm),
        }
    }

    /// Bytes read ahead.
    fn ahead(&self) -> usize {
        self.read.borrow().len() - self.read_pos.get()
    }

    fn drop_read(&self) {
        self.read.borrow_mut().clear();
        self.read_pos.set(0);
    }

    /// Takes up to `n` bytes read ahead.
    fn take_ahead(&self, n: usize, out: &mut Vec<u8>) {
        let n = n.min(self.ahead());
        let at = self.read_pos.get();
        out.extend_from_slice(&self.read.borrow()[at..at + n]);
        self.read_pos.set(at + n);
    }

    fn raw_tell(&self, vm: &Vm) -> Result<i64> {
        if let Some(file) = self.file() {
            return file.seek_to(vm, 0, libc::SEEK_CUR);
        }
        let at = vm.call_method(self.raw(vm)?, "tell", &[])?;
        let at = vm.to_i64(at)?;
        if at < 0 {
            return Err(vm.os_error_text(format!("Raw stream returned invalid position {at}")));
        }
        Ok(at)
    }

    fn raw_seek(&self, vm: &Vm, offset: i64, whence: i64) -> Result<i64> {
        if let Some(file) = self.file() {
            return file.seek_to(vm, offset, whence as i32);
        }
        let at = vm.call_method(
            self.raw(vm)?,
            "seek",
            &[vm.new_int(offset), vm.new_int(whence)],
        )?;
        let at = vm.to_i64(at)?;
        if at < 0 {
            return Err(vm.os_error_text(format!("Raw stream returned invalid position {at}")));
        }
        Ok(at)
    }
}

/// Sets a stream up on a raw one. `least` is what the class needs the raw stream to be.
fn setup(vm: &Vm, this: Gc<Buffered>, raw: Value, size: Value) -> Result<()> {
    let size = size
        .given()
        .map_or(Ok(super::DEFAULT_BUFFER_SIZE as i64), |v| vm.to_index(v))?;
    if size <= 0 {
        return Err(vm.value_error("buffer size must be strictly positive"));
    }
    this.raw.set(&this.header, raw);
    this.size.set(size as usize);
    this.drop_read();
    this.write.borrow_mut().clear();
    let file_class = vm.class_of_def(&FILE_IO)?;
    this.plain.set(vm.class_of(raw) == file_class);
    this.detached.set(false);
    this.ready.set(true);
    // The position must be known to be sane, if there is one.
    if this.raw_tell(vm).is_err() {
        if !vm.raised_is_def(&exc::OS_ERROR) && !vm.raised_is_def(&exc::VALUE_ERROR) {
            return Err(vm.raised_marker());
        }
        vm.clear_raised();
    }
    Ok(())
}
