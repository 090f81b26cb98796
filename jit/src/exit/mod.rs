//! Leaving compiled code: the interpreter's frames are made what the snapshot says.

mod plan;

use crate::ir::objects::{Object, in_snapshot};
use crate::ir::{FrameState, NO_SNAP, Op, Ref, SnapId, Snapshot, Tree, Ty};
use plan::Plan;
use smallvec::SmallVec;
use std::cell::{Cell, OnceCell};
use std::sync::Arc;
use taipan_runtime::heap::Gc;
use taipan_runtime::object::Shape;
use taipan_runtime::types::code::CodeObject;
use taipan_runtime::types::frame::Frame;
use taipan_runtime::types::function::Function;
use taipan_runtime::types::generator::Generator;
use taipan_runtime::vm::{EXIT_WORDS, Thread};
use taipan_runtime::{Header, Value, Vm};

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
}

/// The buffer that compiled code leaves values in.
pub fn buffer(thread: &Thread) -> &[Cell<u64>] {
    // SAFETY: the buffer is as long as that and lives as long as the thread.
    unsafe { std::slice::from_raw_parts(thread.exit_buffer.cast(), EXIT_WORDS) }
}

/// Notes for a side trace by which exit of which compilation's code it is entered.
pub fn set_left_by(vm: &Vm, version: u64, id: u64) {
    let word = crate::backend::exits::word(version, id);
    buffer(vm.thread())[crate::backend::doors::LEFT_BY].set(word);
}

/// What was noted.
pub fn left_by(vm: &Vm) -> (u64, u64) {
    crate::backend::exits::split(buffer(vm.thread())[crate::backend::doors::LEFT_BY].get())
}

/// What leaving takes besides the snapshot and the values in the buffer.
#[derive(Debug)]
pub struct Exit {
    /// Ids of the frames that are on the thread's stack beyond the root's.
    pub real: Vec<u32>,
    /// The objects that have to be made.
    pub objects: Arc<[Object]>,
    /// The quick way, if there is one; made when the exit is first taken.
    plan: OnceCell<Option<Plan>>,
    /// The side trace that goes on from here, by its number: [`Exit::NO_SIDE`] if there is
    /// none, [`Exit::UNKNOWN`] as long as nobody looked.
    pub side: Cell<u32>,
}

impl Exit {
    pub fn new(real: Vec<u32>, objects: Arc<[Object]>) -> Exit {
        Exit {
            real,
            objects,
            plan: OnceCell::new(),
            side: Cell::new(Exit::UNKNOWN),
        }
    }

    /// Values of `side` that are no tree.
    pub const UNKNOWN: u32 = u32::MAX;
    pub const NO_SIDE: u32 = u32::MAX - 1;
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
            crate::ir::End::Exit(snap)
            | crate::ir::End::Home(_, snap)
            | crate::ir::End::Return(_, snap) => snap,
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

/// Reads what [`words`] says has been written. Nothing is collected meanwhile.
struct Reader<'a> {
    vm: &'a Vm,
    tree: &'a Tree,
    objects: &'a [Object],
    /// The objects that were made for `objects`.
    made: SmallVec<[&'static Header; 8]>,
    words: Words<'a>,
}

impl<'a> Reader<'a> {
    /// Makes the objects, whose fields are still zero.
    fn new(vm: &'a Vm, tree: &'a Tree, objects: &'a [Object]) -> Self {
        let make = |object: &Object| {
            // SAFETY: shapes of traces are never freed; the fields follow before a
            // collection can happen.
            unsafe {
                let shape = &*(object.layout.shape as usize as *const Shape);
                vm.heap.alloc_zeroed(shape, object.layout.size as usize)
            }
        };
        Reader {
            vm,
            tree,
            objects,
            made: objects.iter().map(make).collect(),
            words: Words {
                buffer: buffer(vm.thread()),
                next: 0,
            },
        }
    }

    fn word(&mut self) -> u64 {
        self.words.take()
    }

    fn object(&self, r: Ref) -> Option<Value> {
        let i = self.objects.iter().position(|o| o.made == r)?;
        Some(self.made[i].value())
    }

    /// The next value of the snapshot.
    fn value(&mut self, r: Ref) -> Option<Value> {
        let r = self.tree.leaf(r);
        let ins = self.tree.get(r);
        match ins.op {
            Op::New if self.object(r).is_some() => return self.object(r),
            op if op.is_const() => return constant(self.vm, self.tree, r),
            _ => {}
        }
        let word = self.word();
        match ins.ty {
            Ty::Int => Some(self.vm.new_int(word as i64)),
            Ty::Float => Some(Value::float(f64::from_bits(word))),
            Ty::Bool => Some(Value::bool(word & 0xFF != 0)),
            // SAFETY: compiled code computes with words of values.
            _ => (word != 0).then(|| unsafe { Value::from_bits(word) }),
        }
    }

    /// The bits of the next field.
    fn field(&mut self, r: Ref) -> u64 {
        if self.tree.ty(r) == Ty::Val {
            return self.value(r).map_or(0, Value::bits);
        }
        if let Some(object) = self.object(r) {
            return object.bits();
        }
        if self.tree.op(r).is_const() {
            self.tree.get(r).aux
        } else {
            self.word()
        }
    }

    /// Fills the objects, after all else was read.
    fn fill_objects(&mut self) {
        for (i, object) in self.objects.iter().enumerate() {
            let address = std::ptr::from_ref(self.made[i]) as *mut u8;
            for field in &object.fields {
                let bits = self.field(field.value);
                // SAFETY: a field of the layout, of that size; the object is new.
                unsafe {
                    let at = address.add(field.offset as usize);
                    match field.size {
                        1 => at.write(bits as u8),
                        4 => (at as *mut u32).write(bits as u32),
                        _ => (at as *mut u64).write(bits),
                    }
                }
            }
        }
    }
}

/// Rebuilds the frames for the exit `id` of `tree`. `root` is the root frame or, in a
/// function's tree, the place for it; `base` is where the frames beyond it begin.
///
/// # Safety
/// The thread's buffer was written by the code of `tree`, which left by `id`.
pub unsafe fn rebuild(
    vm: &Vm,
    tree: &Tree,
    id: u64,
    exit: &Exit,
    root: *mut Frame,
    base: *mut Option<Value>,
) {
    if let Some(plan) = exit.plan.get_or_init(|| Plan::new(vm, tree, id, exit)) {
        // SAFETY: by contract.
        let apply = || unsafe { plan.apply(vm, buffer(vm.thread()), root, base) };
        return vm.heap.without_collection(apply);
    }
    let snap = &tree.snaps[snapshot_of(tree, id) as usize];
    // SAFETY: by contract.
    unsafe {
        leave_frames(vm, tree, snap, &exit.real);
        vm.heap.without_collection(|| {
            let reader = Reader::new(vm, tree, &exit.objects);
            write_frames(vm, reader, snap, &exit.real, root, base);
        });
    }
}

/// How many of the frames that compiled code pushed are those of the snapshot.
fn common(wanted: &[Arc<FrameState>], real: &[u32]) -> usize {
    let pairs = real.iter().zip(wanted);
    pairs.take_while(|(r, f)| **r == f.id).count()
}

/// The frames of a snapshot that compiled code may have pushed: the root frame of a
/// loop is the interpreter's.
fn wanted<'a>(tree: &Tree, snap: &'a Snapshot) -> &'a [Arc<FrameState>] {
    &snap.frames[usize::from(tree.function.is_none())..]
}

/// Pops the frames on the thread's stack that the snapshot does not have any more.
unsafe fn leave_frames(vm: &Vm, tree: &Tree, snap: &Snapshot, real: &[u32]) {
    let thread = vm.thread();
    for _ in common(wanted(tree, snap), real)..real.len() {
        // SAFETY: an activation that compiled code pushed.
        unsafe {
            let gone = thread.frame.get();
            thread.frame.set((*gone).previous.get());
            if let Some(generator) = (*gone).generator {
                vm.end_generator(generator);
            } else if (*gone).object.get().is_some() {
                vm.detach_frame_object(&*gone);
            }
        }
        thread.depth.set(thread.depth.get() - 1);
    }
}

/// Ends the innermost activation, which is not a generator's.
///
/// # Safety
/// `frame` is that one.
pub unsafe fn pop(vm: &Vm, frame: *mut Frame) {
    let thread = vm.thread();
    // SAFETY: by contract.
    unsafe {
        if (*frame).object.get().is_some() {
            // Its stack is done with, and may hold what is gone by now.
            (*frame).sp.set((*frame).stack_base());
            vm.detach_frame_object(&*frame);
        }
        thread.frame.set((*frame).previous.get());
    }
    thread.top.set(frame.cast());
    thread.depth.set(thread.depth.get() - 1);
}

/// Writes all frames of the snapshot, and pushes those that are not there yet.
unsafe fn write_frames(
    vm: &Vm,
    mut reader: Reader<'_>,
    snap: &Snapshot,
    real: &[u32],
    root: *mut Frame,
    base: *mut Option<Value>,
) {
    let thread = vm.thread();
    let wanted = wanted(reader.tree, snap);
    let first = snap.frames.len() - wanted.len();
    let common = common(wanted, real);
    let mut previous = if first == 1 { root } else { thread.frame.get() };
    let mut top = base;
    // SAFETY: frames of the snapshot lie one behind the other on the thread's stack.
    unsafe {
        let slots: SmallVec<[Option<Value>; 32]> =
            snap.slots().map(|(_, _, r)| reader.value(r)).collect();
        let mut slots = slots.into_iter();
        for (i, state) in snap.frames.iter().enumerate() {
            let code = Gc::<CodeObject>::from_ptr(state.code as *mut CodeObject);
            let function = match state.function {
                Ref::NONE => Value::NONE,
                r => reader.value(r).unwrap_or(Value::NONE),
            };
            let is_new = i >= first + common;
            let frame = if i == 0 {
                root
            } else if state.is_generator {
                let generator = function.cast_unchecked::<Generator>();
                let frame = &raw mut (*generator.as_ptr()).frame;
                if is_new {
                    (*frame).flags.set(state.flags);
                    vm.begin_generator(generator, previous);
                }
                frame
            } else {
                base.add(state.place as usize) as *mut Frame
            };
            if state.is_generator {
                top = base.add(state.place as usize);
            } else {
                if is_new {
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
    }
    reader.fill_objects();
    thread.frame.set(previous);
    thread.top.set(top);
    let pushed = wanted.len() - common;
    thread.depth.set(thread.depth.get() + pushed as u32);
}
