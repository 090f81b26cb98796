//! What is known of memory at a point of the trace: loads are answered from
//! earlier loads and stores, calls that only read from earlier ones with the same arguments.
//!
//! ```text
//! before                                  after
//! Store {Attr64+24} v1, v2                Store {Attr64+24} v1, v2
//! v3 = Load.Val {Attr64+24} v1            (v3 is v2)
//! ```
//!
//! Two places may be the same only if their alias class and offset are (different
//! objects do not overlap), and for indexed ones if the indices may be equal. Two
//! references may be the same object unless one of them is an object that the trace
//! made after the other was known, or that nothing but the trace knows of
//! ([`Memory::is_fresh`]), their shapes differ, or a guard compared them: a store forgets its offset in all objects that may be the
//! one stored into. What fresh objects hold outlives calls of unknown code.

use crate::ir::{CLASSES, Class, Mem, Op, Ref, Tree};
use rustc_hash::{FxHashMap, FxHashSet};
use smallvec::SmallVec;

/// See the module's description.
#[derive(Default)]
pub struct Memory {
    /// (descriptor, object, index) to the value there.
    cells: FxHashMap<(u64, Ref, Ref), Ref>,
    shapes: FxHashMap<Ref, u32>,
    /// Calls that only read: (helper, arguments) to the result and the classes they read.
    reads: FxHashMap<Read, (Ref, u32)>,
    /// Pairs of references that a guard has shown to be different objects.
    apart: FxHashSet<(Ref, Ref)>,
    /// Objects made by the trace that nothing but the trace refers to, and fresh
    /// objects that they refer to.
    fresh: FxHashMap<Ref, Vec<Ref>>,
    /// The breaker was looked at, and nothing unknown was called since: once an iteration is
    /// enough for what other threads and signals set.
    pub polled: bool,
}

/// A call that only reads memory: the helper's number and the arguments.
pub type Read = (u64, SmallVec<[Ref; 4]>);

/// Whether objects of this shape keep it whatever happens.
fn is_stable(shape: u32) -> bool {
    if shape < 4096 {
        // Made up by a test.
        return shape < 2048;
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

    /// All that is known of places: descriptor, object, index, value there.
    pub fn places(&self) -> impl Iterator<Item = (u64, Ref, Ref, Ref)> + '_ {
        let known = self.cells.iter();
        known.map(|(&(aux, base, index), &value)| (aux, base, index, value))
    }

    /// All shapes that are known.
    pub fn known_shapes(&self) -> impl Iterator<Item = (Ref, u32)> + '_ {
        self.shapes.iter().map(|(r, shape)| (*r, *shape))
    }

    /// The result of a call that reads, made before with nothing changed since.
    pub fn read(&self, read: &Read) -> Option<Ref> {
        self.reads.get(read).map(|(r, _)| *r)
    }

    /// The result of a call that reads these alias classes.
    pub fn note_read(&mut self, read: Read, result: Ref, classes: u32) {
        self.reads.insert(read, (result, classes));
    }

    fn forget_reads(&mut self, classes: u32) {
        self.reads.retain(|_, (_, read)| *read & classes == 0);
    }

    pub fn shape(&self, object: Ref) -> Option<u32> {
        self.shapes.get(&object).copied()
    }

    /// A guard has shown the shape.
    pub fn set_shape(&mut self, object: Ref, shape: u32) {
        self.shapes.insert(object, shape);
    }

    /// The object gets another shape.
    pub fn change_shape(&mut self, tree: &Tree, object: Ref, shape: u32) {
        let fresh = &self.fresh;
        self.shapes
            .retain(|r, shape| is_stable(*shape) || different(tree, fresh, *r, object));
        self.shapes.insert(object, shape);
    }

    /// The trace makes an object.
    pub fn made(&mut self, object: Ref, shape: u32) {
        self.shapes.insert(object, shape);
        self.made_by_call(object);
    }

    /// As [`Memory::made`], by a call that only makes.
    pub fn made_by_call(&mut self, object: Ref) {
        self.fresh.insert(object, Vec::new());
    }

    /// Whether two references are known to be different objects.
    pub fn different(&self, tree: &Tree, a: Ref, b: Ref) -> bool {
        different(tree, &self.fresh, a, b)
    }

    /// Whether nothing but the trace can refer to the object.
    pub fn is_fresh(&self, object: Ref) -> bool {
        self.fresh.contains_key(&object)
    }

    /// Others may refer to the object from here on, and to what it refers to.
    pub fn escape(&mut self, object: Ref) {
        for inner in self.fresh.remove(&object).unwrap_or_default() {
            self.escape(inner);
        }
    }

    /// A value was read from a fresh object that is not known: it may be any that was
    /// stored there.
    pub fn expose(&mut self, object: Ref) {
        let inner = self.fresh.get_mut(&object).map(std::mem::take);
        for inner in inner.unwrap_or_default() {
            self.escape(inner);
        }
    }

    /// `value` becomes reachable through `object`.
    pub fn refer(&mut self, object: Ref, value: Ref) {
        if !self.fresh.contains_key(&value) {
            return;
        }
        match self.fresh.get_mut(&object) {
            Some(inner) => inner.push(value),
            None => self.escape(value),
        }
    }

    pub fn loaded(&mut self, aux: u64, base: Ref, index: Ref, value: Ref) {
        if Mem::from_aux(aux).class != Class::Const {
            self.cells.insert((aux, base, index), value);
        }
    }

    pub fn stored(&mut self, tree: &Tree, aux: u64, base: Ref, index: Ref, value: Ref) {
        let (fresh, shapes, apart) = (&self.fresh, &self.shapes, &self.apart);
        let shape = shapes.get(&base);
        // The same memory may be seen as words of several sizes, and from several places on.
        let is_raw = |aux: u64| Mem::from_aux(aux).class == Class::Raw;
        let is_entry = |aux: u64| Mem::from_aux(aux).class == Class::DictValue;
        self.cells.retain(|(aux2, base2, index2), _| {
            if is_raw(aux) && is_raw(*aux2) && (*aux2 != aux || *base2 != base) {
                return false;
            }
            // Entries are read by their index too, and those of namespaces written at their places.
            if is_entry(aux) && is_entry(*aux2) && index.is_none() != index2.is_none() {
                return false;
            }
            *aux2 != aux
                || *index2 != index && distinct(tree, *index2, index)
                || *base2 == base && *index2 == index
                || different(tree, fresh, *base2, base)
                || shape.is_some() && shapes.get(base2).is_some_and(|s| Some(s) != shape)
                || apart.contains(&(*base2, base))
                || apart.contains(&(base, *base2))
        });
        self.cells.insert((aux, base, index), value);
        self.forget_reads(1 << Mem::from_aux(aux).class as u32);
    }

    /// A guard has shown that these are not the same object.
    pub fn set_apart(&mut self, a: Ref, b: Ref) {
        self.apart.insert((a, b));
    }

    /// Forgets all of these alias classes.
    pub fn clobber(&mut self, classes: u32) {
        self.forget_reads(classes);
        let fresh = &self.fresh;
        self.cells.retain(|(aux, base, _), _| {
            classes & 1 << Mem::from_aux(*aux).class as u32 == 0 || fresh.contains_key(base)
        });
        if classes & 1 << Class::Shape as u32 != 0 {
            self.shapes
                .retain(|r, shape| is_stable(*shape) || fresh.contains_key(r));
        }
    }

    /// Forgets all that can change.
    pub fn clobber_all(&mut self) {
        self.clobber((1 << CLASSES) - 1);
        self.polled = false;
    }
}

/// Whether two references are known to be different objects.
fn different(tree: &Tree, fresh: &FxHashMap<Ref, Vec<Ref>>, a: Ref, b: Ref) -> bool {
    if a == b {
        return false;
    }
    let older = |a: Ref, b: Ref| match tree.op(b) {
        // An object is none of those that were there before it was made. The values of
        // slots on entry are as old as the trace; constants are older, whenever used.
        Op::New => {
            a < b || tree.op(a).is_const() || matches!(tree.op(a), Op::New | Op::SLoad | Op::Word)
        }
        _ => false,
    };
    fresh.contains_key(&a) || fresh.contains_key(&b) || older(a, b) || older(b, a)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_are_known_until_something_they_read_may_have_changed() {
        let tree = Tree::default();
        let bit = |class: Class| 1 << class as u32;
        let read: Read = (3, [Ref(1), Ref(2)].into_iter().collect());
        let place = |class| Mem::new(class, 8, 16).aux();
        let noted = || {
            let mut memory = Memory::default();
            memory.note_read(read.clone(), Ref(7), bit(Class::Dict) | bit(Class::Attr));
            memory
        };
        let mut memory = noted();
        assert_eq!(memory.read(&read), Some(Ref(7)));
        let other: Read = (3, [Ref(2), Ref(1)].into_iter().collect());
        assert_eq!(memory.read(&other), None);
        memory.clobber(bit(Class::List) | bit(Class::Set));
        memory.stored(&tree, place(Class::Item), Ref(1), Ref(4), Ref(5));
        assert_eq!(memory.read(&read), Some(Ref(7)));
        memory.stored(&tree, place(Class::Attr), Ref(9), Ref::NONE, Ref(5));
        assert_eq!(memory.read(&read), None);
        let mut memory = noted();
        memory.clobber(bit(Class::Dict));
        assert_eq!(memory.read(&read), None);
        let mut memory = noted();
        memory.clobber_all();
        assert_eq!(memory.read(&read), None);
    }
    #[test]
    fn an_entry_stored_at_its_place_may_be_any_that_was_read_by_its_index() {
        let tree = Tree::default();
        let (first, third) = (16, 64);
        let entry = |offset| Mem::new(Class::DictValue, 8, offset).aux();
        let mut memory = Memory::default();
        memory.loaded(entry(first), Ref(1), Ref(2), Ref(3));
        memory.loaded(entry(first), Ref(1), Ref::NONE, Ref(4));
        memory.stored(&tree, entry(third), Ref(1), Ref::NONE, Ref(5));
        assert_eq!(memory.load(entry(first), Ref(1), Ref(2)), None);
        assert_eq!(memory.load(entry(first), Ref(1), Ref::NONE), Some(Ref(4)));
    }
}
