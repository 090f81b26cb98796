//! Which objects a loop carries in parts: an object that each iteration replaces by a
//! new one, and that nobody else sees, is never made; its fields are carried instead.
//!
//! ```text
//! before                              after
//! v1 = New                            (nothing)
//! Store {Attr64+16} v1, v0
//! Loop (v1 <- v3)                     Loop (v0 <- v2)
//! v2 = FAdd.Float v0, 1.0             v2 = FAdd.Float v0, 1.0
//! v3 = New
//! Store {Attr64+16} v3, v2
//! ```
//!
//! Peeling has replaced the loads of the fields already. What remains is to see that
//! the object is in parts both where the loop starts and where it ends
//! ([`crate::ir::objects`]), that both have the same shape and fields, and that each
//! field of the second is what takes the place of the first's field in the next
//! iteration. The object that an exit makes has then not existed before, so nobody can
//! tell the difference. Where one fails, it is a value that the loop carries, and made
//! before the loop and at its end.

use crate::ir::objects::Objects;
use crate::ir::{Op, Ref, Tree};

/// Those of `wanted`, phis that are objects of the trace, that cannot be carried in
/// parts if the others are.
pub fn fails(tree: &Tree, live: &[bool], wanted: &[Ref]) -> Vec<Ref> {
    if wanted.is_empty() {
        return Vec::new();
    }
    let mut objects = Objects::default();
    let mut at_start = None;
    for &r in &tree.segments[0].code {
        if !live[r.index()] {
            continue;
        }
        if tree.op(r) == Op::Loop {
            for (first, _) in &tree.phis {
                if !wanted.contains(first) {
                    make(tree, &mut objects, *first);
                }
            }
            say_handled(tree, &mut objects);
            objects.retain(|r| wanted.contains(&r));
            at_start = Some(objects.clone());
        } else if !objects.absorb(tree, r) {
            for made in objects.made_by(tree, tree.get(r)) {
                make(tree, &mut objects, made);
            }
        }
    }
    let Some(at_start) = at_start else {
        return wanted.to_vec();
    };
    for (first, next) in &tree.phis {
        if !wanted.contains(first) {
            make(tree, &mut objects, *next);
        }
    }
    say_handled(tree, &mut objects);
    wanted
        .iter()
        .copied()
        .filter(|r| !carries_on(tree, &at_start, &objects, *r))
        .collect()
}

fn make(tree: &Tree, objects: &mut Objects, r: Ref) {
    for made in objects.closure(tree, r) {
        objects.remove(made);
    }
}

/// The interpreter is told which exception is being handled.
fn say_handled(tree: &Tree, objects: &mut Objects) {
    if let Some(r) = objects.handled.take() {
        make(tree, objects, r);
    }
}

/// Whether the object `r` at the loop's start is in parts, and at its end so is the
/// one that follows it, with the same fields.
fn carries_on(tree: &Tree, at_start: &Objects, at_end: &Objects, r: Ref) -> bool {
    let next = |r: Ref| tree.next.get(r.index()).copied().unwrap_or(r);
    let (Some(first), Some(second)) = (at_start.get(r), at_end.get(next(r))) else {
        return false;
    };
    first.layout == second.layout
        && first.notes.is_empty()
        && second.notes.is_empty()
        && first.fields.len() == second.fields.len()
        && first.fields.iter().zip(&second.fields).all(|(a, b)| {
            a.offset == b.offset
                && a.size == b.size
                && (next(a.value) == b.value || next(tree.leaf(a.value)) == tree.leaf(b.value))
        })
}
