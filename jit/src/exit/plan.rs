//! Exits in the form in which they are made most quickly: which word of the buffer goes
//! to which slot, decided once. Covers what most exits are: no objects to be made, no
//! generators, no frames to be left, inlined functions known.

use super::{constant, snapshot_of, wanted};
use crate::ir::{Op, Ref, Tree, Ty};
use std::cell::Cell;
use taipan_runtime::heap::Gc;
use taipan_runtime::types::code::CodeObject;
use taipan_runtime::types::frame::Frame;
use taipan_runtime::types::function::Function;
use taipan_runtime::{Value, Vm};

/// What a slot gets.
#[derive(Clone, Copy, Debug)]
enum Source {
    /// The next word: of an integer, a float, a truth value, a value.
    Int,
    Float,
    Bool,
    Val,
    /// A constant's bits.
    Const(u64),
}

/// One frame of the snapshot.
#[derive(Debug)]
struct FramePlan {
    code: Gc<CodeObject>,
    /// None for the root frame, which is there.
    function: Option<Gc<Function>>,
    place: usize,
    ip: u32,
    sp: u32,
    flags: u32,
    return_info: u32,
    slots: Box<[(u32, Source)]>,
}

/// See the module.
#[derive(Debug)]
pub struct Plan {
    frames: Box<[FramePlan]>,
    /// How many of the frames are there already, the root frame included.
    present: usize,
}

// SAFETY: plans are made and followed by the interpreter's thread; code that comes from the
// helper thread has none yet.
unsafe impl Send for Plan {}

impl Plan {
    /// The plan for the exit `id` of a loop's or side trace's code, if it is such a one.
    pub fn new(vm: &Vm, tree: &Tree, id: u64, exit: &super::Exit) -> Option<Plan> {
        let snap = &tree.snaps[snapshot_of(tree, id) as usize];
        let common = super::common(wanted(tree, snap), &exit.real);
        if tree.function.is_some() || !exit.objects.is_empty() || common != exit.real.len() {
            return None;
        }
        let mut frames = Vec::with_capacity(snap.frames.len());
        for (i, state) in snap.frames.iter().enumerate() {
            // The root's function would be a word in the buffer, as an unknown one is.
            if state.is_generator || (i == 0) != state.function.is_none() {
                return None;
            }
            let function = if i == 0 {
                None
            } else {
                let bits = tree.as_bits(state.function)?;
                // SAFETY: a constant of the tree, which keeps it alive.
                Some(unsafe { Value::from_bits(bits) }.cast::<Function>()?)
            };
            let source = |r: Ref| source(vm, tree, r);
            let slots: Option<Box<[_]>> = state
                .slots
                .iter()
                .map(|(slot, r)| Some((*slot, source(*r)?)))
                .collect();
            frames.push(FramePlan {
                // SAFETY: the tree keeps its code objects alive.
                code: unsafe { Gc::from_ptr(state.code as *mut CodeObject) },
                function,
                place: state.place as usize,
                ip: state.ip,
                sp: state.sp,
                flags: state.flags,
                return_info: state.return_info,
                slots: slots?,
            });
        }
        Some(Plan {
            frames: frames.into(),
            present: 1 + common,
        })
    }

    /// Does what [`super::rebuild`] does.
    ///
    /// # Safety
    /// As there, for the exit that the plan was made for.
    pub unsafe fn apply(
        &self,
        vm: &Vm,
        buffer: &[Cell<u64>],
        root: *mut Frame,
        base: *mut Option<Value>,
    ) {
        let thread = vm.thread();
        let mut words = buffer.iter();
        let mut word = || words.next().map_or(0, |w| w.replace(0));
        let (mut frame, mut top) = (root, base);
        // SAFETY: by contract; the frames lie one behind the other on the thread's stack.
        unsafe {
            for (i, plan) in self.frames.iter().enumerate() {
                if let Some(function) = plan.function {
                    let previous = frame;
                    frame = base.add(plan.place).cast();
                    if i >= self.present {
                        frame.write(Frame {
                            code: plan.code,
                            function,
                            locals: None,
                            previous: Cell::new(previous),
                            ip: Cell::new(plan.code.start()),
                            sp: Cell::new(std::ptr::null_mut()),
                            object: Cell::new(None),
                            generator: None,
                            flags: Cell::new(plan.flags),
                            return_info: Cell::new(plan.return_info),
                        });
                    }
                    let words =
                        Frame::WORDS + (plan.code.locals_plus + plan.code.stack_size) as usize;
                    top = frame.cast::<Option<Value>>().add(words);
                }
                (*frame).ip.set(plan.code.start().add(plan.ip as usize));
                (*frame).sp.set((*frame).stack_base().add(plan.sp as usize));
                let slots = (*frame).slots();
                for (slot, source) in &plan.slots {
                    *slots.add(*slot as usize) = match source {
                        Source::Val => value(word()),
                        Source::Const(bits) => value(*bits),
                        Source::Int => Some(vm.new_int(word() as i64)),
                        Source::Float => Some(Value::float(f64::from_bits(word()))),
                        Source::Bool => Some(Value::bool(word() & 0xFF != 0)),
                    };
                }
            }
        }
        thread.frame.set(frame);
        thread.top.set(top);
        let pushed = self.frames.len() - self.present;
        thread.depth.set(thread.depth.get() + pushed as u32);
    }
}

/// The value of a word; zero is none.
///
/// # Safety
/// The word is that of a value that is alive.
#[inline]
unsafe fn value(word: u64) -> Option<Value> {
    // SAFETY: by contract.
    (word != 0).then(|| unsafe { Value::from_bits(word) })
}

fn source(vm: &Vm, tree: &Tree, r: Ref) -> Option<Source> {
    let r = tree.leaf(r);
    let ins = tree.get(r);
    if ins.op.is_const() {
        if ins.op == Op::KInt && Value::try_int(ins.aux as i64).is_none() {
            return None;
        }
        return Some(Source::Const(constant(vm, tree, r).map_or(0, Value::bits)));
    }
    Some(match ins.ty {
        Ty::Int => Source::Int,
        Ty::Float => Source::Float,
        Ty::Bool => Source::Bool,
        _ => Source::Val,
    })
}
