//! Leaving compiled code: the interpreter's frames are made what the snapshot says.

use crate::ir::objects::{Object, in_snapshot};
use crate::ir::{NO_SNAP, Op, Ref, SnapId, Tree, Ty};
use std::cell::Cell;
use std::sync::Arc;
use taipan_runtime::heap::Gc;
use taipan_runtime::object::Shape;
use taipan_runtime::types::code::CodeObject;
use taipan_runtime::types::frame::Frame;
use taipan_runtime::types::function::Function;
use taipan_runtime::vm::RootedVec;
use taipan_runtime::{Value, Vm};

/// Words of the exit buffer: no snapshot may have more values.
pub const BUFFER_WORDS: usize = 512;

/// What compiled code writes when it leaves. It lies on the native stack, where the
/// collector finds it.
#[repr(C)]
pub struct Buffer {
    pub words: [u64; BUFFER_WORDS],
}

/// What leaving takes besides the snapshot and the values in the buffer.
#[derive(Debug)]
pub struct Exit {
    /// Ids of the frames that are on the thread's stack beyond the root's.
    pub real: Vec<u32>,
    /// The objects that have to be made.
    pub objects: Arc<[Object]>,
}

/// The values that an exit finds in the buffer, in order: those of slots, the functions
/// of frames, the fields of objects to be made; all as unboxed as can be had.
pub fn words(tree: &Tree, snap: SnapId, objects: &[Object]) -> Vec<Ref> {
    let named = in_snapshot(tree, snap).map(|r| tree.leaf(r));
    let fields = objects
        .iter()
        .flat_map(|o| o.fields.iter().map(|f| field_leaf(tree, f.value)));
    named
        .chain(fields)
        .filter(|r| !tree.op(*r).is_const() && !objects.iter().any(|o| o.made == *r))
        .collect()
}

/// What is written of a field.
fn field_leaf(tree: &Tree, value: Ref) -> Ref {
    if tree.ty(value) == Ty::Val {
        tree.leaf(value)
    } else {
        value
    }
}

/// The snapshot of an exit.
pub fn snapshot_of(tree: &Tree, id: u64) -> SnapId {
    use crate::backend::exits;
    if id >= exits::SEGMENT {
        return match tree.segments[(id - exits::SEGMENT) as usize].end {
            crate::ir::End::Exit(snap) => snap,
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

/// A value of the snapshot or of a field, as it comes.
#[derive(Clone, Copy)]
enum Source {
    Nothing,
    Value(Value),
    /// Bits that are no value.
    Raw(u64),
    /// An object to be made, by number.
    Object(usize),
}

/// Reads what [`words`] says has been written.
struct Reader<'a> {
    vm: &'a Vm,
    tree: &'a Tree,
    objects: &'a [Object],
    buffer: &'a Buffer,
    at: usize,
}

impl Reader<'_> {
    fn word(&mut self) -> u64 {
        self.at += 1;
        self.buffer.words[self.at - 1]
    }

    fn object(&self, r: Ref) -> Option<Source> {
        let i = self.objects.iter().position(|o| o.made == r)?;
        Some(Source::Object(i))
    }

    /// A value of the snapshot.
    fn value(&mut self, r: Ref) -> Source {
        let r = self.tree.leaf(r);
        if let Some(object) = self.object(r) {
            return object;
        }
        let value = if self.tree.op(r).is_const() {
            constant(self.vm, self.tree, r)
        } else {
            let word = self.word();
            match self.tree.ty(r) {
                Ty::Int => Some(self.vm.new_int(word as i64)),
                Ty::Float => Some(Value::float(f64::from_bits(word))),
                Ty::Bool => Some(Value::bool(word & 0xFF != 0)),
                // SAFETY: compiled code computes with words of values.
                _ => (word != 0).then(|| unsafe { Value::from_bits(word) }),
            }
        };
        value.map_or(Source::Nothing, Source::Value)
    }

    /// What a field holds.
    fn field(&mut self, r: Ref) -> Source {
        if self.tree.ty(r) == Ty::Val {
            return self.value(r);
        }
        if let Some(object) = self.object(r) {
            return object;
        }
        Source::Raw(if self.tree.op(r).is_const() {
            self.tree.get(r).aux
        } else {
            self.word()
        })
    }
}

/// Everything that an exit brings back.
struct Contents {
    slots: Vec<Option<Value>>,
    functions: Vec<Option<Value>>,
}

/// Reads the buffer and makes the objects that exist in parts only. Boxing and making
/// may collect; what is read is kept alive until `rooted` goes.
fn read(reader: &mut Reader<'_>, snap: SnapId, rooted: &mut RootedVec<'_>) -> Contents {
    let (vm, tree, objects) = (reader.vm, reader.tree, reader.objects);
    let snap = &tree.snaps[snap as usize];
    let mut keep = |source: Source| {
        if let Source::Value(v) = source {
            rooted.push(v);
        }
        source
    };
    let slots: Vec<Source> = snap
        .slots()
        .map(|(_, _, r)| keep(reader.value(r)))
        .collect();
    let functions: Vec<Source> = snap
        .frames
        .iter()
        .filter(|f| !f.function.is_none())
        .map(|f| keep(reader.value(f.function)))
        .collect();
    let fields: Vec<Source> = objects
        .iter()
        .flat_map(|o| &o.fields)
        .map(|f| keep(reader.field(f.value)))
        .collect();
    let mut made: Vec<Value> = Vec::new();
    for object in objects {
        // SAFETY: shapes of traces are never freed; the layout's fields follow at once,
        // and the layouts that traces make may be zero until then.
        let header = unsafe {
            let shape = &*(object.layout.shape as usize as *const Shape);
            vm.heap.alloc_zeroed(shape, object.layout.size as usize)
        };
        made.push(header.value());
        rooted.push(header.value());
    }
    let value = |source: Source| match source {
        Source::Value(v) => Some(v),
        Source::Object(i) => Some(made[i]),
        _ => None,
    };
    let mut sources = fields.into_iter();
    for (object, v) in objects.iter().zip(&made) {
        let Some(header) = v.header() else { continue };
        header.barrier();
        for (field, source) in object.fields.iter().zip(&mut sources) {
            let bits = match source {
                Source::Raw(bits) => bits,
                other => value(other).map_or(0, Value::bits),
            };
            // SAFETY: a field of the layout, of that size.
            unsafe {
                let at = (std::ptr::from_ref(header) as *mut u8).add(field.offset as usize);
                match field.size {
                    1 => at.write(bits as u8),
                    4 => (at as *mut u32).write(bits as u32),
                    _ => (at as *mut u64).write(bits),
                }
            }
        }
    }
    Contents {
        slots: slots.into_iter().map(value).collect(),
        functions: functions.into_iter().map(value).collect(),
    }
}

/// Rebuilds the frames for the exit `id` of `tree`. `root` is the root frame or, in a
/// function's tree, the place for it; `base` is where the frames beyond it begin.
///
/// # Safety
/// The buffer was written by the code of `tree`, which left by `id`.
pub unsafe fn rebuild(
    vm: &Vm,
    tree: &Tree,
    id: u64,
    exit: &Exit,
    root: *mut Frame,
    base: *mut Option<Value>,
    buffer: &Buffer,
) {
    let snap_id = snapshot_of(tree, id);
    let snap = &tree.snaps[snap_id as usize];
    let (real, objects) = (&exit.real[..], &exit.objects[..]);
    // The root frame of a loop is the interpreter's.
    let first = usize::from(tree.function.is_none());
    if real.is_empty() && first == 1 && snap.frames.len() == 1 && objects.is_empty() {
        // SAFETY: by contract.
        if unsafe { rebuild_root(vm, tree, snap, root, buffer) } {
            return;
        }
    }
    let thread = vm.thread();
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
            if (*gone).object.get().is_some() {
                vm.detach_frame_object(&*gone);
            }
            thread.frame.set((*gone).previous.get());
            thread.depth.set(thread.depth.get() - 1);
        }
        // All values first: the frames are not consistent meanwhile.
        let mut rooted = vm.rooted();
        let mut reader = Reader {
            vm,
            tree,
            objects,
            buffer,
            at: 0,
        };
        let contents = read(&mut reader, snap_id, &mut rooted);
        let mut slots = contents.slots.into_iter();
        let mut functions = contents.functions.into_iter();
        let mut previous = if first == 1 { root } else { thread.frame.get() };
        let mut top = base;
        for (i, state) in snap.frames.iter().enumerate() {
            let code = Gc::<CodeObject>::from_ptr(state.code as *mut CodeObject);
            let function = (!state.function.is_none()).then(|| functions.next().flatten());
            let frame = if i == 0 {
                root
            } else {
                base.add(state.place as usize) as *mut Frame
            };
            if i >= first + common {
                let function = function.flatten().unwrap_or(Value::NONE);
                frame.write(Frame {
                    code,
                    function: function.cast_unchecked::<Function>(),
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
            if i >= first {
                top = (frame as *mut Option<Value>)
                    .add(Frame::WORDS + (code.locals_plus + code.stack_size) as usize);
            }
            (*frame).ip.set(code.start().add(state.ip as usize));
            (*frame)
                .sp
                .set((*frame).stack_base().add(state.sp as usize));
            for (slot, _) in &state.slots {
                *(*frame).slots().add(*slot as usize) = slots.next().flatten();
            }
            previous = frame;
        }
        thread.frame.set(previous);
        thread.top.set(top);
        let pushed = wanted.len() - common;
        thread.depth.set(thread.depth.get() + pushed as u32);
    }
}

/// The usual case: nothing but slots of the root frame. False, nothing done, if a
/// value needs an allocation.
unsafe fn rebuild_root(
    vm: &Vm,
    tree: &Tree,
    snap: &crate::ir::Snapshot,
    root: *mut Frame,
    buffer: &Buffer,
) -> bool {
    let state = &snap.frames[0];
    let words = |i: usize| buffer.words[i];
    let mut at = 0;
    for (_, r) in &state.slots {
        let ins = tree.get(tree.leaf(*r));
        if ins.op.is_const() {
            if ins.op == Op::KInt && Value::try_int(ins.aux as i64).is_none() {
                return false;
            }
            continue;
        }
        if ins.ty == Ty::Int && Value::try_int(words(at) as i64).is_none() {
            return false;
        }
        at += 1;
    }
    let mut at = 0;
    // SAFETY: slots of the root frame.
    unsafe {
        let slots = (*root).slots();
        for (slot, r) in &state.slots {
            let r = tree.leaf(*r);
            let ins = tree.get(r);
            let v = if ins.op.is_const() {
                constant(vm, tree, r)
            } else {
                let word = words(at);
                at += 1;
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
