//! `_bisect`: binary search in sorted sequences.

use taipan_runtime::object::{MethodDef, ModuleDef};
use taipan_runtime::ops::compare::CompareOp;
use taipan_runtime::types::list::List;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Vm};

/// The bounds `lo` and `hi` of the arguments (a, x, lo, hi, key).
fn bounds(vm: &Vm, args: &[Value]) -> Result<(i64, i64)> {
    let low = match args[2].given() {
        Some(v) => vm.to_ssize_arg(v)?,
        None => 0,
    };
    let high = match args[3].given_not_none() {
        Some(v) => Some(vm.to_ssize_arg(v)?),
        None => None,
    };
    if low < 0 {
        return Err(vm.value_error("lo must be non-negative"));
    }
    match high {
        Some(high @ 0..) => Ok((low, high)),
        _ => Ok((low, vm.length(args[0])? as i64)),
    }
}

/// Where `x`, whose key it is already, belongs: before equal items or after them.
fn search(vm: &Vm, args: &[Value], x: Value, right: bool) -> Result<i64> {
    let (mut low, mut high) = bounds(vm, args)?;
    let key = args[4].given_not_none();
    let list = args[0]
        .cast::<List>()
        .filter(|l| l.class() == vm.types.list.get());
    while low < high {
        let middle = low + (high - low) / 2;
        let item = match list.and_then(|l| l.get(middle as usize)) {
            Some(item) => item,
            None => vm.get_item(args[0], vm.new_int(middle))?,
        };
        let item = match key {
            Some(key) => vm.call(key, &[item])?,
            None => item,
        };
        let go_left = if right {
            vm.compare_bool(CompareOp::Lt, x, item)?
        } else {
            !vm.compare_bool(CompareOp::Lt, item, x)?
        };
        if go_left {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    Ok(low)
}

fn bisect(vm: &Vm, args: &[Value], right: bool) -> Result {
    Ok(vm.new_int(search(vm, args, args[1], right)?))
}

fn insort(vm: &Vm, args: &[Value], right: bool) -> Result {
    let x = match args[4].given_not_none() {
        Some(key) => vm.call(key, &[args[1]])?,
        None => args[1],
    };
    let index = search(vm, args, x, right)?;
    match args[0]
        .cast::<List>()
        .filter(|l| l.class() == vm.types.list.get())
    {
        Some(list) => list.insert(vm, (index as usize).min(list.len()), args[1])?,
        None => {
            vm.call_method(args[0], "insert", &[vm.new_int(index), args[1]])?;
        }
    }
    Ok(Value::NONE)
}

const SIGNATURE: &str = "(a, x, lo=0, hi=None, *, key=None)";

/// The module.
pub static BISECT: ModuleDef = ModuleDef {
    name: "_bisect",
    doc: "Bisection algorithms.\n\n\
          This module provides support for maintaining a list in sorted order without\n\
          having to sort the list after each insertion. For long lists of items with\n\
          expensive comparison operations, this can be an improvement over the more\n\
          common approach.\n",
    functions: &[
        MethodDef::new(
            "bisect_right",
            SIGNATURE,
            "Return the index where to insert item x in list a, assuming a is sorted.\n\n\
             The return value i is such that all e in a[:i] have e <= x, and all e in\n\
             a[i:] have e > x.  So if x already appears in the list, a.insert(i, x)\n\
             will insert just after the rightmost x already there.\n\n\
             Optional args lo (default 0) and hi (default len(a)) bound the\n\
             slice of a to be searched.\n\n\
             A custom key function can be supplied to customize the sort order.",
            |vm, args| bisect(vm, args, true),
        ),
        MethodDef::new(
            "bisect_left",
            SIGNATURE,
            "Return the index where to insert item x in list a, assuming a is sorted.\n\n\
             The return value i is such that all e in a[:i] have e < x, and all e in\n\
             a[i:] have e >= x.  So if x already appears in the list, a.insert(i, x)\n\
             will insert just before the leftmost x already there.\n\n\
             Optional args lo (default 0) and hi (default len(a)) bound the\n\
             slice of a to be searched.\n\n\
             A custom key function can be supplied to customize the sort order.",
            |vm, args| bisect(vm, args, false),
        ),
        MethodDef::new(
            "insort_right",
            SIGNATURE,
            "Insert item x in list a, and keep it sorted assuming a is sorted.\n\n\
             If x is already in a, insert it to the right of the rightmost x.\n\n\
             Optional args lo (default 0) and hi (default len(a)) bound the\n\
             slice of a to be searched.\n\n\
             A custom key function can be supplied to customize the sort order.",
            |vm, args| insort(vm, args, true),
        ),
        MethodDef::new(
            "insort_left",
            SIGNATURE,
            "Insert item x in list a, and keep it sorted assuming a is sorted.\n\n\
             If x is already in a, insert it to the left of the leftmost x.\n\n\
             Optional args lo (default 0) and hi (default len(a)) bound the\n\
             slice of a to be searched.\n\n\
             A custom key function can be supplied to customize the sort order.",
            |vm, args| insort(vm, args, false),
        ),
    ],
    types: &[],
    exec: None,
};
