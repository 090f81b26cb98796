//! Leaving compiled code: the interpreter's frames are made what the snapshot says.

use crate::ir::{NO_SNAP, Op, Ref, SnapId, Tree, Ty};
use std::cell::Cell;
use taipan_runtime::heap::Gc;
use taipan_runtime::types::code::CodeObject;
use taipan_runtime::types::frame::Frame;
use taipan_runtime::types::function::Function;
use taipan_runtime::types::generator::Generator;
use taipan_runtime::vm::{EXIT_WORDS, Thread};
use taipan_runtime::{Value, Vm};

/// What compiled code wrote when it left.
struct Words<'a> {
    buffer: &'a [Cell<u64>],
    next: usize,
}

impl Words<'_> {
    /// The next word, which is wiped out: the collector scans the buffer.
    fn take(&mut self) -> u64 {
        self.next += 1;
        self.buffer[self.next - 1].replace(0)
    }

    fn peek(&mut self) -> u64 {
        self.next += 1;
        self.buffer[self.next - 1].get()
    }
}

/// The buffer that compiled code leaves values in.
pub fn buffer(thread: &Thread) -> &[Cell<u64>] {
    // SAFETY: the buffer is as long as that and lives as long as the thread.
    unsafe { std::slice::from_raw_parts(thread.exit_buffer.cast(), EXIT_WORDS) }
}

/// The snapshot of an exit.
pub fn snapshot_of(tree: &Tree, id: u64) -> SnapId {
    use crate::backend::exits;
    if id >= exits::SEGMENT {
        return match tree.segments[(id - exits::SEGMENT) as usize].end {
            crate::ir::End::Exit(snap) | crate::ir::End::Return(_, snap) => snap,
            _ => NO_SNAP,
        };
    }
    tree.get(Ref(id as u32)).snap
}

fn constant(vm: &Vm, tree: &Tree, r: Ref) -> Option<Value> {
    let ins = tree.get(r);
    match ins.op {
        Op::KInt => Some(vm.new_int(ins.aux as i64)),
        Op::KFloat => Some(Value::float(f64::from_bits(ins.aux))),
        Op::KBool => Some(Value::bool(ins.aux != 0)),
        // SAFETY: the tree keeps its constants alive.
        _ => (ins.aux != 0).then(|| unsafe { Value::from_bits(ins.aux) }),
    }
}

/// Rebuilds the frames for the exit `id` of `tree`. `root` is the root frame or, in a
/// function's tree, the place for it; `base` is where the frames beyond it begin, `real`
/// are those that compiled code pushed.
///
/// # Safety
/// The thread's buffer was written by the code of `tree`, which left by `id`.
pub unsafe fn rebuild(
    vm: &Vm,
    tree: &Tree,
    id: u64,
    real: &[u32],
    root: *mut Frame,
    base: *mut Option<Value>,
) {
    let snap = &tree.snaps[snapshot_of(tree, id) as usize];
    // The root frame of a loop is the interpreter's.
    let first = usize::from(tree.function.is_none());
    if real.is_empty() && first == 1 && snap.frames.len() == 1 {
        // SAFETY: by contract.
        if unsafe { rebuild_root(vm, tree, snap, root) } {
            return;
        }
    }
    let thread = vm.thread();
    let mut words = Words {
        buffer: buffer(thread),
        next: 0,
    };
    // The values stay in the buffer, where they are scanned, until all are boxed.
    let mut next = |r: Ref| -> Option<Value> {
        if tree.op(r).is_const() {
            return constant(vm, tree, r);
        }
        let word = words.peek();
        match tree.ty(r) {
            Ty::Int => Some(vm.new_int(word as i64)),
            Ty::Float => Some(Value::float(f64::from_bits(word))),
            Ty::Bool => Some(Value::bool(word & 0xFF != 0)),
            // SAFETY: compiled code computes with words of values.
            _ => (word != 0).then(|| unsafe { Value::from_bits(word) }),
        }
    };
    // SAFETY: frames of the snapshot lie one behind the other on the thread's stack.
    unsafe {
        let wanted = &snap.frames[first..];
        let common = real
            .iter()
            .zip(wanted)
            .take_while(|(r, f)| **r == f.id)
            .count();
        // Frames that were left meanwhile.
        for _ in common..real.len() {
            let gone = thread.frame.get();
            thread.frame.set((*gone).previous.get());
            if let Some(generator) = (*gone).generator {
                vm.end_generator(generator);
            } else if (*gone).object.get().is_some() {
                vm.detach_frame_object(&*gone);
            }
            thread.depth.set(thread.depth.get() - 1);
        }
        // All values first: boxing may collect, and the frames are not consistent meanwhile.
        let mut values = vm.rooted();
        let mut empty: Vec<usize> = Vec::new();
        for (_, _, r) in snap.slots() {
            match next(r) {
                Some(v) => values.push(v),
                None => {
                    empty.push(values.len());
                    values.push(Value::NONE);
                }
            }
        }
        let mut functions = Vec::new();
        for frame in snap.frames.iter().filter(|f| !f.function.is_none()) {
            functions.push(next(frame.function).unwrap_or(Value::NONE));
        }
        let mut index = 0;
        let mut previous = if first == 1 { root } else { thread.frame.get() };
        let mut top = base;
        for (i, state) in snap.frames.iter().enumerate() {
            let code = Gc::<CodeObject>::from_ptr(state.code as *mut CodeObject);
            let frame = if i == 0 {
                root
            } else {
                base.add(state.place as usize) as *mut Frame
            };
            let generator = state
                .is_generator
                .then(|| functions[i - first].cast_unchecked::<Generator>());
            let frame = match generator {
                Some(g) => &raw mut (*g.as_ptr()).frame,
                None => frame,
            };
            if let Some(generator) = generator {
                if i >= first + common {
                    (*frame).flags.set(state.flags);
                    vm.begin_generator(generator, previous);
                }
            } else if i >= first + common {
                frame.write(Frame {
                    code,
                    function: functions[i - first].cast_unchecked::<Function>(),
                    locals: None,
                    previous: Cell::new(previous),
                    ip: Cell::new(code.start()),
                    sp: Cell::new(std::ptr::null_mut()),
                    object: Cell::new(None),
                    generator: None,
                    flags: Cell::new(state.flags),
                    return_info: Cell::new(state.return_info),
                });
            }
            if state.is_generator {
                top = base.add(state.place as usize);
            } else if i >= first {
                top = (frame as *mut Option<Value>)
                    .add(Frame::WORDS + (code.locals_plus + code.stack_size) as usize);
            }
            (*frame).ip.set(code.start().add(state.ip as usize));
            (*frame)
                .sp
                .set((*frame).stack_base().add(state.sp as usize));
            for (slot, _) in &state.slots {
                let v = if empty.contains(&index) {
                    None
                } else {
                    Some(values[index])
                };
                *(*frame).slots().add(*slot as usize) = v;
                index += 1;
            }
            previous = frame;
        }
        thread.frame.set(previous);
        thread.top.set(top);
        for word in &buffer(thread)[..words.next] {
            word.set(0);
        }
        let pushed = wanted.len() - common;
        thread.depth.set(thread.depth.get() + pushed as u32);
    }
}

/// The usual case: nothing but slots of the root frame. False, nothing done, if a
/// value needs an allocation.
unsafe fn rebuild_root(vm: &Vm, tree: &Tree, snap: &crate::ir::Snapshot, root: *mut Frame) -> bool {
    let state = &snap.frames[0];
    let buffer = buffer(vm.thread());
    let mut words = Words { buffer, next: 0 };
    for (_, r) in &state.slots {
        let ins = tree.get(*r);
        if ins.op.is_const() {
            if ins.op == Op::KInt && Value::try_int(ins.aux as i64).is_none() {
                return false;
            }
            continue;
        }
        let word = words.peek();
        if ins.ty == Ty::Int && Value::try_int(word as i64).is_none() {
            return false;
        }
    }
    let mut words = Words { buffer, next: 0 };
    // SAFETY: slots of the root frame.
    unsafe {
        let slots = (*root).slots();
        for (slot, r) in &state.slots {
            let ins = tree.get(*r);
            let v = if ins.op.is_const() {
                constant(vm, tree, *r)
            } else {
                let word = words.take();
                match ins.ty {
                    Ty::Int => Some(Value::small_int(word as i64)),
                    Ty::Float => Some(Value::float(f64::from_bits(word))),
                    Ty::Bool => Some(Value::bool(word & 0xFF != 0)),
                    _ => (word != 0).then(|| Value::from_bits(word)),
                }
            };
            *slots.add(*slot as usize) = v;
        }
        let code = (*root).code;
        (*root).ip.set(code.start().add(state.ip as usize));
        (*root).sp.set((*root).stack_base().add(state.sp as usize));
    }
    true
}
