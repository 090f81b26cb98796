//! What is known of memory at a point of the trace: loads are answered from
//! earlier loads and stores.
//!
//! ```text
//! before                                  after
//! Store {Attr64+24} v1, v2                Store {Attr64+24} v1, v2
//! v3 = Load.Val {Attr64+24} v1            (v3 is v2)
//! ```
//!
//! Two places may be the same only if their alias class and offset are (different
//! objects do not overlap), and for indexed ones if the indices may be equal.
//! Nothing is known about two different references being different objects, so a
//! store forgets its offset in all other objects.

use crate::ir::{CLASSES, Class, Mem, Op, Ref, Tree};
use rustc_hash::{FxHashMap, FxHashSet};

/// See the module's description.
#[derive(Default)]
pub struct Memory {
    /// (descriptor, object, index) to the value there.
    cells: FxHashMap<(u64, Ref, Ref), Ref>,
    shapes: FxHashMap<Ref, u32>,
    barriers: FxHashSet<Ref>,
}

/// Whether objects of this shape keep it whatever happens.
fn is_stable(shape: u32) -> bool {
    if shape < 4096 {
        // Made up by a test.
        return true;
    }
    // SAFETY: shapes in traces come from live objects and are never freed.
    let shape = unsafe { &*(shape as usize as *const taipan_runtime::object::Shape) };
    !shape.has_attributes() && shape.layout.kind != taipan_runtime::Kind::Instance
}

impl Memory {
    /// The value known to be at a place.
    pub fn load(&self, aux: u64, base: Ref, index: Ref) -> Option<Ref> {
        self.cells.get(&(aux, base, index)).copied()
    }

    pub fn shape(&self, object: Ref) -> Option<u32> {
        self.shapes.get(&object).copied()
    }

    pub fn set_shape(&mut self, object: Ref, shape: u32) {
        self.shapes.insert(object, shape);
    }

    pub fn loaded(&mut self, aux: u64, base: Ref, index: Ref, value: Ref) {
        if Mem::from_aux(aux).class != Class::Const {
            self.cells.insert((aux, base, index), value);
        }
    }

    pub fn stored(&mut self, tree: &Tree, aux: u64, base: Ref, index: Ref, value: Ref) {
        self.cells.retain(|(aux2, base2, index2), _| {
            *aux2 != aux || *index2 != index && distinct(tree, *index2, index) || {
                *base2 == base && *index2 == index
            }
        });
        self.cells.insert((aux, base, index), value);
    }

    /// Forgets all of these alias classes.
    pub fn clobber(&mut self, classes: u32) {
        self.cells
            .retain(|(aux, _, _), _| classes & 1 << Mem::from_aux(*aux).class as u32 == 0);
        if classes & 1 << Class::Shape as u32 != 0 {
            self.shapes.retain(|_, shape| is_stable(*shape));
        }
    }

    /// Forgets all that can change.
    pub fn clobber_all(&mut self) {
        self.clobber((1 << CLASSES) - 1);
        self.barriers.clear();
    }

    /// A collection may have happened: young objects may be old.
    pub fn collected(&mut self) {
        self.barriers.clear();
    }

    pub fn barrier(&mut self, object: Ref) {
        self.barriers.insert(object);
    }

    pub fn barrier_done(&self, object: Ref) -> bool {
        self.barriers.contains(&object)
    }
}

/// Whether two indices are known to differ: constants, or the same value plus
/// different constants.
fn distinct(tree: &Tree, a: Ref, b: Ref) -> bool {
    if a.is_none() || b.is_none() {
        return false;
    }
    let split = |r: Ref| -> (Ref, i64) {
        let ins = tree.get(r);
        match ins.op {
            Op::KInt => (Ref::NONE, ins.aux as i64),
            Op::Add | Op::AddOv => match tree.as_int(ins.b) {
                Some(k) => (ins.a, k),
                None => (r, 0),
            },
            _ => (r, 0),
        }
    };
    let ((x, i), (y, j)) = (split(a), split(b));
    x == y && i != j
}
