//! `itertools`. Each iterator is a native object whose definition has a `next`
//! function, so that loops over nested iterators never go through Python calls.

mod combine;
mod group;
mod simple;
mod tee;

pub use group::NEW_GROUP;
use taipan_runtime::object::{MethodDef, ModuleDef};

/// The module.
pub static ITERTOOLS: ModuleDef = ModuleDef {
    name: "itertools",
    doc: "Functional tools for creating and using iterators.",
    functions: &[MethodDef::new(
        "tee",
        "(iterable, n=2, /)",
        "Returns a tuple of n independent iterators.",
        tee::tee,
    )],
    types: &[
        &simple::ACCUMULATE,
        &simple::BATCHED,
        &simple::CHAIN,
        &simple::COMPRESS,
        &simple::COUNT,
        &simple::CYCLE,
        &simple::DROPWHILE,
        &simple::FILTERFALSE,
        &simple::PAIRWISE,
        &simple::REPEAT,
        &simple::STARMAP,
        &simple::TAKEWHILE,
        &simple::ISLICE,
        &simple::ZIP_LONGEST,
        &combine::COMBINATIONS,
        &combine::COMBINATIONS_WITH_REPLACEMENT,
        &combine::PERMUTATIONS,
        &combine::PRODUCT,
        &group::GROUPBY,
        &group::GROUPER,
        &tee::TEE,
        &tee::TEE_DATA,
    ],
    exec: None,
};

/// What the steps of the iterators read and write ([`taipan_runtime::object::TypeDef::step`]).
pub const FIELDS: [&[MethodDef]; 2] = [simple::FIELDS, group::FIELDS];
