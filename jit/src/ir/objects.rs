//! Objects that exist in parts: at a point of the code, those made by the trace that
//! nobody but the trace knows of, with what their fields would hold.
//!
//! ```text
//! v3 = New.Val {shape 32}        v3 = {}
//! Store {Attr64+16} v3, v1       v3 = {16: v1}
//! GuardTrue v2 [slot 0 is v3]    (an exit makes v3 of its field)
//! CallAt v3                      (v3 is made here)
//! ```
//!
//! An object is in parts from its `New` on until an instruction uses it otherwise than
//! to store a field of it or to make it a field of another such object; before that
//! instruction it is made. So an object that escapes is made where it does, all fields
//! known, and one that never does is never made, except by a guard that leaves the
//! trace: snapshots refer to objects like to any other value, and what is said here
//! holds at the guard says how to make them.
//!
//! What happens to an exception while it is in parts ([`super::Effect::Note`]: where it is raised, which
//! frames it passes, how those end) waits as well, and is done when the exception is made: the
//! frames are completed once more as they were then, which the notes' snapshots say. So an
//! exception that is caught and dropped has no traceback, and no frame of its way is ever
//! written. In the same way the exception being handled is told to the interpreter where the
//! frames are completed, and not before.
//!
//! ```text
//! v3 = New.Val {ValueError}
//! Call {UNWIND_BY} v3 [s1]          (waits)
//! Call {SET_HANDLED} v3             (waits)
//! GuardTrue v2 [s2]                 (an exit makes v3, then its traceback as of s1, and says
//!                                    that it is being handled)
//! Call {SET_HANDLED} None           (nothing was said: nothing to be said)
//! ```
//!
//! Lowering goes by this; the choice of what a loop carries in parts
//! ([`crate::opt::carry`]) has to foresee what lowering will do, and uses the same
//! functions.

use super::{Effect, Ins, Layout, Mem, NO_SNAP, Op, Ref, SnapId, Tree, Ty};

/// A field and what it would hold: a value of type `Val` boxed, another as it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Field {
    pub offset: u32,
    /// Bytes.
    pub size: u8,
    pub value: Ref,
}

/// An object in parts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Object {
    pub made: Ref,
    /// The shape that it has by now.
    pub layout: Layout,
    /// By offset; what is missing is zero.
    pub fields: Vec<Field>,
    /// The calls that wait until it is made, in order.
    pub notes: Vec<Ref>,
}

/// All objects in parts at a point of the code; see the module's description.
#[derive(Clone, Default, Debug)]
pub struct Objects {
    all: Vec<Object>,
    /// The exception being handled, if the interpreter is still to be told of it.
    pub handled: Option<Ref>,
}

impl Objects {
    /// The object that `r` is, if it is in parts.
    pub fn get(&self, r: Ref) -> Option<&Object> {
        self.all.iter().find(|o| o.made == r)
    }

    pub fn contains(&self, r: Ref) -> bool {
        self.get(r).is_some()
    }

    pub fn iter(&self) -> impl Iterator<Item = &Object> {
        self.all.iter()
    }

    /// An object is made for real.
    pub fn remove(&mut self, r: Ref) -> Option<Object> {
        let at = self.all.iter().position(|o| o.made == r)?;
        Some(self.all.swap_remove(at))
    }

    pub fn retain(&mut self, keep: impl Fn(Ref) -> bool) {
        self.all.retain(|o| keep(o.made));
    }

    /// The object and those in parts that it or its notes refer to, itself last unless they
    /// refer to it in turn.
    pub fn closure(&self, tree: &Tree, r: Ref) -> Vec<Ref> {
        let mut found = Vec::new();
        self.collect(tree, r, &mut Vec::new(), &mut found);
        found
    }

    /// The object in parts that has to be made for `r` to have a value: `r` is a call that waits
    /// for it.
    pub fn awaited(&self, tree: &Tree, r: Ref) -> Option<Ref> {
        let ins = tree.get(r);
        if self.all.is_empty()
            || ins.op != Op::Call
            || ins.ty == Ty::None
            || tree.helpers[ins.aux as usize].effect != Effect::Note
        {
            return None;
        }
        let e = tree.call_args(ins).first().copied()?;
        self.contains(e).then_some(e)
    }

    /// As [`Objects::closure`], of several.
    pub fn reachable(&self, tree: &Tree, from: impl Iterator<Item = Ref>) -> Vec<Ref> {
        let (mut seen, mut found) = (Vec::new(), Vec::new());
        if !self.all.is_empty() {
            for r in from {
                self.collect(tree, r, &mut seen, &mut found);
            }
        }
        found
    }

    fn collect(&self, tree: &Tree, r: Ref, seen: &mut Vec<Ref>, found: &mut Vec<Ref>) {
        let r = self.awaited(tree, r).unwrap_or(r);
        let Some(object) = self.get(r) else { return };
        if seen.contains(&r) {
            return;
        }
        seen.push(r);
        for field in &object.fields {
            self.collect(tree, field.value, seen, found);
        }
        for note in &object.notes {
            for r in in_snapshot(tree, tree.get(*note).snap) {
                self.collect(tree, r, seen, found);
            }
        }
        found.push(r);
    }

    /// Notes an instruction that only concerns objects in parts. False: it is none
    /// such; the objects of [`Objects::made_by`] are made before it.
    pub fn absorb(&mut self, tree: &Tree, r: Ref) -> bool {
        let ins = tree.get(r);
        match ins.op {
            Op::New => {
                // In a loop's body the object of the iteration before is another reference.
                self.all.push(Object {
                    made: r,
                    layout: Layout::from_aux(ins.aux),
                    fields: Vec::new(),
                    notes: Vec::new(),
                });
                true
            }
            Op::Store | Op::StoreIdx => {
                let Some((field, shape)) = field_of(tree, ins) else {
                    return false;
                };
                if self.awaited(tree, field.value).is_some() {
                    return false;
                }
                let Some(object) = self.all.iter_mut().find(|o| o.made == ins.a) else {
                    return false;
                };
                if shape {
                    object.layout.shape = tree.get(field.value).aux as u32;
                    return true;
                }
                match object
                    .fields
                    .binary_search_by_key(&field.offset, |f| f.offset)
                {
                    Ok(i) => object.fields[i] = field,
                    Err(i) => object.fields.insert(i, field),
                }
                true
            }
            Op::Call => match tree.helpers[ins.aux as usize].effect {
                Effect::Note => {
                    let e = tree.call_args(ins).first().copied().unwrap_or(Ref::NONE);
                    let Some(object) = self.all.iter_mut().find(|o| o.made == e) else {
                        return false;
                    };
                    object.notes.push(r);
                    true
                }
                Effect::Handle => {
                    self.handled = tree.call_args(ins).first().copied();
                    true
                }
                _ => false,
            },
            _ => false,
        }
    }

    /// What has to be made before an instruction that is not absorbed.
    pub fn made_by(&self, tree: &Tree, ins: &Ins) -> Vec<Ref> {
        if self.all.is_empty() {
            return Vec::new();
        }
        let mut made: Vec<Ref> = tree.operands(ins).to_vec();
        if completes_frames(tree, ins) && ins.snap != NO_SNAP {
            made.extend(in_snapshot(tree, ins.snap));
            made.extend(self.handled);
        }
        for r in &mut made {
            *r = self.awaited(tree, *r).unwrap_or(*r);
        }
        made.retain(|r| self.contains(*r));
        made
    }
}

/// Whether the frames are completed in memory before the instruction.
pub fn completes_frames(tree: &Tree, ins: &Ins) -> bool {
    match ins.op {
        Op::Step | Op::CallAt | Op::CallFunction => true,
        Op::Call => tree.helpers[ins.aux as usize].effect.completes_frames(),
        _ => false,
    }
}

/// Every value that a snapshot names.
pub fn in_snapshot(tree: &Tree, snap: SnapId) -> impl Iterator<Item = Ref> + '_ {
    let snap = &tree.snaps[snap as usize];
    let functions = snap
        .frames
        .iter()
        .map(|f| f.function)
        .filter(|f| !f.is_none());
    snap.slots().map(|(_, _, r)| r).chain(functions)
}

/// The field that a store writes, and whether it is the shape; none where that
/// depends on an index.
pub fn field_of(tree: &Tree, ins: &Ins) -> Option<(Field, bool)> {
    let mem = Mem::from_aux(ins.aux);
    let (offset, value) = if ins.op == Op::Store {
        (mem.offset, ins.b)
    } else {
        let index = tree.as_int(ins.b).filter(|i| (0..1 << 16).contains(i))?;
        (mem.offset + 8 * index as i32, ins.c)
    };
    let shape = mem.class == super::Class::Shape;
    if shape && tree.as_int(value).is_none() {
        return None;
    }
    let field = Field {
        offset: u32::try_from(offset).ok()?,
        size: mem.size,
        value,
    };
    Some((field, shape))
}
