//! Keys of dictionaries and sets: which of them hash and compare without Python code.
//!
//! Most `__hash__` methods of Python classes are one of
//!
//! ```text
//! return hash(self.name)
//! return hash((self.x, self.y))
//! ```
//!
//! Members of enumerations and instances of frozen dataclasses have such ones. What these do is
//! read off their code and done natively where nobody could tell: the attributes are the object's
//! own, their values simple, `hash` is the built-in one, and nothing is traced.

use super::hash::{small_int, tuple};
use crate::heap::{Gc, Kind};
use crate::object::{ClassFlags, NativeFunction, Special, own_attribute, word_at};
use crate::types::descriptor::Member;
use crate::types::function::Function;
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::value::Value;
use crate::vm::Vm;
use smallvec::SmallVec;
use taipan_bytecode::opcode::Op;

/// How deep tuples are looked into, how long ones, and how many attributes are hashed.
const DEPTH: u32 = 3;
const LENGTH: usize = 16;

type Names = SmallVec<[Gc<Str>; 4]>;

/// The attributes that a function hashes, and whether in a tuple, if that is all it does.
fn hashed_attributes(f: Gc<Function>) -> Option<(Names, bool)> {
    let code = f.code();
    if code.arg_count != 1 || !code.simple_args {
        return None;
    }
    let instrs = code.instrs();
    let mut at = 0;
    let mut next = || {
        let word = instrs.get(at)?.get();
        let op = Op::from_u8(word as u8)?.generic();
        at += 1 + op.caches();
        Some((op, (word >> 8) as usize))
    };
    if next()?.0 != Op::RESUME {
        return None;
    }
    let (op, arg) = next()?;
    if op != Op::LOAD_GLOBAL || arg & 1 == 0 || !is_built_in_hash(f, code.name_at(arg >> 1)) {
        return None;
    }
    let mut names = Names::new();
    let mut is_tuple = false;
    loop {
        match next()? {
            (Op::LOAD_FAST, 0) if !is_tuple => {
                let (op, arg) = next()?;
                if op != Op::LOAD_ATTR || arg & 1 != 0 || names.len() == LENGTH {
                    return None;
                }
                names.push(code.name_at(arg >> 1));
            }
            (Op::BUILD_TUPLE, n) if n == names.len() && !is_tuple => is_tuple = true,
            (Op::CALL, 1) => break,
            _ => return None,
        }
    }
    let returns = next()?.0 == Op::RETURN_VALUE;
    (returns && (is_tuple || names.len() == 1)).then_some((names, is_tuple))
}

/// Whether a global name of a function means the built-in `hash`.
fn is_built_in_hash(f: Gc<Function>, name: Gc<Str>) -> bool {
    let found = match f.globals().get_str(name) {
        Some(_) => return false,
        None => f.builtins().get_str(name),
    };
    found
        .and_then(|v| v.cast::<NativeFunction>())
        .is_some_and(|f| {
            let owner = f.owner.get().and_then(|o| o.cast::<Str>());
            f.def.name == "hash" && owner.is_some_and(|o| o.to_text() == "builtins")
        })
}

impl Vm {
    /// The hash that a Python `__hash__` gives for an object, if it is of the kind that the
    /// module's description tells of.
    pub(crate) fn hash_by_attributes(&self, f: Value, v: Value) -> Option<u64> {
        let header = v.header()?;
        let class = header.shape().class();
        let f = f.cast::<Function>()?;
        let thread = self.thread();
        if !class.has_flag(ClassFlags::PLAIN_GETATTR)
            || thread.trace_function.get().is_some()
            || thread.profile_function.get().is_some()
        {
            return None;
        }
        let (names, is_tuple) = hashed_attributes(f)?;
        let mut hashes: SmallVec<[u64; 4]> = SmallVec::new();
        for name in names {
            let value = match class.lookup(self, name) {
                Some(found) if self.is_data_descriptor(found) => {
                    let member = found.cast::<Member>()?;
                    if member.none_if_empty || !class.is_subclass_of(member.owner_class()) {
                        return None;
                    }
                    // SAFETY: a slot of the object, whose class has it.
                    unsafe { word_at(header, member.offset) }.get()?
                }
                _ => own_attribute(header, name)?,
            };
            if !self.is_simple(value) {
                return None;
            }
            hashes.push(self.hash(value).ok()?);
        }
        let hash = if is_tuple {
            tuple(hashes.iter().map(|h| Ok(*h))).ok()?
        } else {
            hashes[0]
        };
        Some(small_int(hash as i64))
    }

    /// Whether hashing a value, and comparing it with others that are so, runs no Python code.
    pub fn is_key(&self, v: Value) -> bool {
        self.is_simple(v) || self.is_key_object(v, DEPTH)
    }

    fn is_key_object(&self, v: Value, depth: u32) -> bool {
        let Some(header) = v.header() else {
            return true;
        };
        if header.shape_id() == self.shapes.tuple.get().id() {
            // SAFETY: the shape of exact tuples.
            let items = unsafe { v.cast_unchecked::<Tuple>() };
            return depth > 0
                && items.len() <= LENGTH
                && items
                    .as_slice()
                    .iter()
                    .all(|v| self.is_simple(*v) || self.is_key_object(*v, depth - 1));
        }
        if header.shape().layout.kind != Kind::Instance {
            return false;
        }
        let class = header.shape().class();
        if class.special(Special::Eq) != self.types.object.get().special(Special::Eq) {
            return false;
        }
        match class.special(Special::Hash) {
            Some(f) if Some(f) == self.defaults.hash.get() => true,
            Some(f) => self.hash_by_attributes(f, v).is_some(),
            None => false,
        }
    }
}
