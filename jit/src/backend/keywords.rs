//! Helpers that make dictionaries whose keys the trace knows: what `**kwargs` takes, and displays.
//! They only make, so that a dictionary which nobody looks at is never made.

use super::helpers::helpers;
use crate::ir::{Effect, Helper, Ty};
use taipan_runtime::heap::Gc;
use taipan_runtime::types::str::Str;
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::{Value, Vm};

const V: Ty = Ty::Val;

helpers! {
    /// A tuple of different exact strings, values: the dictionary.
    KEYWORDS_1(V, V) -> V, Effect::Make, false = keywords_1;
    KEYWORDS_2(V, V, V) -> V, Effect::Make, false = keywords_2;
    KEYWORDS_3(V, V, V, V) -> V, Effect::Make, false = keywords_3;
    KEYWORDS_4(V, V, V, V, V) -> V, Effect::Make, false = keywords_4;
    KEYWORDS_5(V, V, V, V, V, V) -> V, Effect::Make, false = keywords_5;
    KEYWORDS_6(V, V, V, V, V, V, V) -> V, Effect::Make, false = keywords_6;
}

/// By the number of values, beginning with one.
pub static KEYWORDS: [&Helper; 6] = [
    &KEYWORDS_1,
    &KEYWORDS_2,
    &KEYWORDS_3,
    &KEYWORDS_4,
    &KEYWORDS_5,
    &KEYWORDS_6,
];

fn make(vm: &Vm, names: Value, values: &[Value]) -> u64 {
    // SAFETY: the trace passes such a tuple.
    let names: Gc<Tuple> = unsafe { names.cast_unchecked() };
    let dict = vm.new_dict();
    for (name, value) in names.as_slice().iter().zip(values) {
        // SAFETY: as above.
        let name: Gc<Str> = unsafe { name.cast_unchecked() };
        dict.set_str(vm, name, *value);
    }
    dict.value().bits()
}

macro_rules! makers {
    ($($name:ident ($($value:ident)*);)*) => {
        $(
            extern "C" fn $name(vm: &Vm, names: Value $(, $value: Value)*) -> u64 {
                make(vm, names, &[$($value),*])
            }
        )*
    };
}

makers! {
    keywords_1 (a);
    keywords_2 (a b);
    keywords_3 (a b c);
    keywords_4 (a b c d);
    keywords_5 (a b c d e);
    keywords_6 (a b c d e f);
}
