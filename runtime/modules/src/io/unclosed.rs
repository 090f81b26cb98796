//! Writers that the program let go of without closing them.
//!
//! Where references are counted such a writer is closed at once, and programs rely on it:
//! `open(name, "w").write(text)`, and the next line reads the file. Here it is closed when a
//! collection finds it; so what it holds is written before anything could miss it: before the
//! same file is opened or its size is asked for, before a child process starts, and at exit.

use super::buffered::Buffered;
use super::fileio::FileIo;
use super::is_closed;
use super::text::TextIo;
use taipan_runtime::heap::Gc;
use taipan_runtime::types::list::List;
use taipan_runtime::types::module::Module;
use taipan_runtime::types::weakref::WeakRef;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Vm};

/// The attribute of `_io` that holds weak references to writers.
const REGISTRY: &str = "_open_writers";

/// Descriptors up to this one are the standard streams, whose order with what other processes
/// write is theirs.
const LAST_STANDARD: i32 = 2;

/// Makes the module's list of writers.
pub(super) fn prepare(vm: &Vm, module: Gc<Module>) -> Result<()> {
    module.set(vm, REGISTRY, vm.new_list(&[])?);
    Ok(())
}

fn registry(vm: &Vm) -> Option<Gc<List>> {
    let module = vm.modules.get()?.get_str(vm.intern("_io"))?;
    let list = module.cast::<Module>()?.dict().get_str(vm.intern(REGISTRY));
    list?.cast::<List>()
}

/// Remembers a stream that may come to hold unwritten data, weakly.
pub(super) fn register(vm: &Vm, stream: Value) -> Result<()> {
    let Some(list) = registry(vm) else {
        return Ok(());
    };
    // Dead entries go whenever the list has doubled since the last time.
    if list.len() >= 64 && list.len().is_power_of_two() {
        let live: Vec<Value> = list
            .as_slice()
            .iter()
            .copied()
            .filter(|r| r.cast::<WeakRef>().is_some_and(|w| w.referent().is_some()))
            .collect();
        let live = vm.rooted_from(live);
        list.replace_all(vm, &live)?;
    }
    let reference = vm.new_weakref(stream, None)?;
    list.push(vm, reference)
}

/// Flushes every stream that is open.
pub(super) fn flush_all(vm: &Vm, _: &[Value]) -> Result {
    let Some(list) = registry(vm) else {
        return Ok(Value::NONE);
    };
    // Text streams were made after the buffers that they write to.
    let mut refs = vm.rooted_slice(list.as_slice());
    refs.reverse();
    for r in refs.iter() {
        let Some(stream) = r.cast::<WeakRef>().and_then(|w| w.referent()) else {
            continue;
        };
        let flushed = is_closed(vm, stream).and_then(|closed| {
            if closed {
                Ok(Value::NONE)
            } else {
                vm.call_method(stream, "flush", &[])
            }
        });
        if flushed.is_err() {
            vm.clear_raised();
        }
    }
    Ok(Value::NONE)
}

/// The descriptor of a plain file that a stream holds unwritten data for.
fn unwritten(stream: Value) -> Option<i32> {
    let buffered = if let Some(text) = stream.cast::<TextIo>() {
        text.unwritten_buffer()?.cast::<Buffered>()?
    } else {
        stream.cast::<Buffered>().filter(|b| b.holds_unwritten())?
    };
    let fd = buffered.raw_stream()?.cast::<FileIo>()?.descriptor();
    (fd > LAST_STANDARD).then_some(fd)
}

/// Calls `f` with each stream that holds unwritten data for a file, and its descriptor, until
/// that returns false.
fn each_unwritten(vm: &Vm, mut f: impl FnMut(Value, i32) -> bool) {
    let Some(list) = registry(vm) else {
        return;
    };
    // Without a copy: this is asked for at every `open` and `stat`, and mostly there is none.
    for at in (0..list.len()).rev() {
        let entry = list.as_slice().get(at).copied();
        let stream = entry
            .and_then(|r| r.cast::<WeakRef>())
            .and_then(|w| w.referent());
        if let Some(stream) = stream
            && let Some(fd) = unwritten(stream)
            && !f(stream, fd)
        {
            return;
        }
    }
}

/// Whether some stream holds unwritten data for a file.
fn some_unwritten(vm: &Vm) -> bool {
    let mut some = false;
    each_unwritten(vm, |_, _| {
        some = true;
        false
    });
    some
}

/// Has writers closed that a collection has found already; whether there may have been some.
fn close_dead(vm: &Vm) -> bool {
    let some = vm.heap.has_finalizations();
    if some {
        vm.interpreter().run_finalizers(vm);
    }
    some
}

/// Writes what streams hold for the file of this status; whether there was any.
pub fn flush_file(vm: &Vm, file: &libc::stat) -> bool {
    let mut some = close_dead(vm);
    each_unwritten(vm, |stream, fd| {
        // SAFETY: an all-zero status is valid, and the call fills it.
        let mut own: libc::stat = unsafe { std::mem::zeroed() };
        // SAFETY: asks about a descriptor.
        let known = unsafe { libc::fstat(fd, &mut own) } == 0;
        if known && (own.st_dev, own.st_ino) == (file.st_dev, file.st_ino) {
            some = true;
            if vm.call_method(stream, "flush", &[]).is_err() {
                // Whoever closes the stream is told.
                vm.clear_raised();
            }
        }
        true
    });
    some
}

/// Writes what streams hold for the file of this path, which is about to be opened.
pub(super) fn flush_path(vm: &Vm, path: &std::ffi::CStr) {
    close_dead(vm);
    if !some_unwritten(vm) {
        return;
    }
    // SAFETY: an all-zero status is valid, and the call fills it; the path is a C string.
    let mut status: libc::stat = unsafe { std::mem::zeroed() };
    // SAFETY: as above.
    if unsafe { libc::stat(path.as_ptr(), &mut status) } == 0 {
        flush_file(vm, &status);
    }
}

/// Closes what the program lately let go of, before a child process starts that may read its
/// files, or would write their data once more.
pub fn close_dropped(vm: &Vm) -> Result<()> {
    close_dead(vm);
    if some_unwritten(vm) {
        let collect = vm.import_attr("gc", "collect")?;
        vm.call(collect, &[Value::small_int(0)])?;
    }
    Ok(())
}
