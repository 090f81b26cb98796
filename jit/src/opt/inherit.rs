//! What a side trace knows from the start: what the tree that it begins in knew at that exit, as
//! far as it concerns values that the side trace has.

use super::emit::Emitter;
use super::range::FULL;
use crate::ir::{Ref, Ty};

impl Emitter {
    /// Takes over what `there` knows; `taken` gives the value here for one there, if there is
    /// one.
    pub fn inherit(&mut self, there: &Emitter, taken: impl Fn(&mut Emitter, Ref) -> Option<Ref>) {
        let mut places: Vec<_> = there.memory.places().collect();
        places.sort_unstable();
        for (aux, base, index, value) in places {
            if let Some(base) = taken(self, base)
                && let Some(index) = taken(self, index)
                && let Some(value) = taken(self, value)
            {
                self.memory.loaded(aux, base, index, value);
            }
        }
        for ((op, ty, base, index, none, aux), value) in there.constant_loads() {
            if let Some(base) = taken(self, base)
                && let Some(index) = taken(self, index)
                && let Some(value) = taken(self, value)
            {
                self.set_equal((op, ty, base, index, none, aux), value);
            }
        }
        for (r, shape) in there.memory.known_shapes() {
            if let Some(r) = taken(self, r) {
                self.memory.set_shape(r, shape);
            }
        }
        self.memory.polled = there.memory.polled;
    }

    /// Takes over the range of an integer, `theirs` there and `ours` here.
    pub fn inherit_range(&mut self, there: &Emitter, theirs: Ref, ours: Ref) {
        if self.tree.ty(ours) == Ty::Int && there.range(theirs) != FULL {
            self.bounds.insert(ours, there.range(theirs));
        }
    }
}
