//! The Python type `tuple`.

use super::Tuple;
use crate::heap::{Gc, Object};
use crate::object::{ClassFlags, MethodDef, Special, TypeDef, slots};
use crate::ops::compare::{CompareOp, holds};
use crate::ops::subscript::normalize;
use crate::types::list::List;
use crate::types::list::methods::{repetitions, search_bounds};
use crate::types::protocol::{check_count, class_argument, no_keywords_unless_subclass, this};
use crate::types::slice::Slice;
use crate::value::Value;
use crate::vm::{Result, Vm};

fn tuple_new(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    let exact = vm.types.tuple.get();
    let class = class_argument(vm, args, exact)?;
    no_keywords_unless_subclass(vm, class, exact, names)?;
    let given = args.len() - names.map_or(0, |n| n.len());
    check_count(vm, "tuple", given - 1, 0, 1)?;
    let source = (given > 1).then(|| args[1]);
    let tuple = match source {
        None => vm.new_tuple(&[])?,
        Some(source) => vm.tuple_of(source)?,
    };
    if class == exact {
        return Ok(tuple.value());
    }
    Ok(vm
        .tuple_with_shape(tuple.as_slice(), class.root_shape.get())?
        .value())
}

impl Vm {
    /// `tuple(iterable)`.
    pub fn tuple_of(&self, iterable: Value) -> Result<Gc<Tuple>> {
        if let Some(tuple) = iterable.cast::<Tuple>()
            && tuple.class() == self.types.tuple.get()
        {
            return Ok(tuple);
        }
        if let Some(header) = iterable.header()
            && header.shape_id() == self.shapes.list.get().id()
            && let Some(list) = iterable.cast::<List>()
        {
            return self.new_tuple(list.as_slice());
        }
        let items = self.collect(iterable)?;
        self.new_tuple(&items)
    }
}

fn tuple_repr(vm: &Vm, args: &[Value]) -> Result {
    let tuple = this::<Tuple>(args[0]);
    if tuple.is_empty() {
        return Ok(vm.new_str("()").value());
    }
    let Some(_guard) = vm.enter_repr(args[0]) else {
        return Ok(vm.new_str("(...)").value());
    };
    let close = if tuple.len() == 1 { ",)" } else { ")" };
    let text = vm.repr_items("(", close, &mut |i| tuple.as_slice().get(i).copied())?;
    vm.finish_text(text)
}

fn tuple_hash(vm: &Vm, args: &[Value]) -> Result {
    let tuple = this::<Tuple>(args[0]);
    let hash = crate::ops::hash::tuple(tuple.as_slice().iter().map(|v| vm.hash(*v)))?;
    Ok(vm.new_int(hash as i64))
}

fn compare(vm: &Vm, args: &[Value], op: CompareOp) -> Result {
    let (a, Some(b)) = (this::<Tuple>(args[0]), args[1].cast::<Tuple>()) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    compare_tuples(vm, op, a, b)
}

/// `a op b`, whatever their subclasses define.
pub fn compare_tuples(vm: &Vm, op: CompareOp, a: Gc<Tuple>, b: Gc<Tuple>) -> Result {
    let (x, y) = (a.as_slice(), b.as_slice());
    let same = x.iter().zip(y).take_while(|(a, b)| a.is(**b)).count();
    if let (Some(a), Some(b)) = (x.get(same), y.get(same))
        && a.both_int(*b)
    {
        let order = a.int_unchecked().cmp(&b.int_unchecked());
        return Ok(Value::bool(holds(op, order)));
    }
    vm.compare_sequences(
        (op, same),
        (|| x.len(), |i| x.get(i).copied()),
        (|| y.len(), |i| y.get(i).copied()),
    )
}

fn tuple_iter(vm: &Vm, args: &[Value]) -> Result {
    Ok(vm.new_tuple_iter(this(args[0])).value())
}

fn tuple_len(vm: &Vm, args: &[Value]) -> Result {
    Ok(vm.new_int(this::<Tuple>(args[0]).len() as i64))
}

fn tuple_getitem(vm: &Vm, args: &[Value]) -> Result {
    let tuple = this::<Tuple>(args[0]);
    if let Some(slice) = args[1].cast::<Slice>() {
        let at = slice.indices(vm, tuple.len())?;
        let items = tuple.as_slice();
        if at.step == 1 {
            if at.count == items.len() && tuple.class() == vm.types.tuple.get() {
                return Ok(args[0]);
            }
            let start = at.start as usize;
            return Ok(vm.new_tuple(&items[start..start + at.count])?.value());
        }
        let picked = vm.rooted_from(at.iter().map(|i| items[i]).collect());
        return Ok(vm.new_tuple(&picked)?.value());
    }
    if args[1].as_int_ref().is_none() && vm.class_of(args[1]).special(Special::Index).is_none() {
        return Err(vm.type_error(format!(
            "tuple indices must be integers or slices, not {}",
            vm.class_of(args[1]).qualified_name()
        )));
    }
    let index = vm.to_index(args[1])?;
    match normalize(index, tuple.len()) {
        Some(i) => Ok(tuple.get(i)),
        None => Err(vm.index_error("tuple index out of range")),
    }
}

fn tuple_add(vm: &Vm, args: &[Value]) -> Result {
    // As an operator of sequences it comes after the other operand's reflected addition.
    let (a, Some(b)) = (this::<Tuple>(args[0]), args[1].cast::<Tuple>()) else {
        return Err(vm.type_error(format!(
            "can only concatenate tuple (not \"{}\") to tuple",
            vm.class_of(args[1]).qualified_name()
        )));
    };
    let exact = vm.types.tuple.get();
    if a.is_empty() && b.class() == exact {
        return Ok(b.value());
    }
    if b.is_empty() && a.class() == exact {
        return Ok(a.value());
    }
    let (x, y) = (a.as_slice(), b.as_slice());
    let sum = vm.tuple_from_fn(x.len() + y.len(), |i| match i.checked_sub(x.len()) {
        None => x[i],
        Some(i) => y[i],
    })?;
    Ok(sum.value())
}

fn tuple_mul(vm: &Vm, args: &[Value]) -> Result {
    let tuple = this::<Tuple>(args[0]);
    // As an operator it is asked only for what counts.
    let n = vm.index(args[1])?;
    let Some(count) = repetitions(vm, n, tuple.len())? else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    if (count == 1 || tuple.is_empty()) && tuple.class() == vm.types.tuple.get() {
        return Ok(args[0]);
    }
    Ok(vm.tuple_of_repeated(tuple.as_slice(), count)?.value())
}

fn tuple_contains(vm: &Vm, args: &[Value]) -> Result {
    for item in this::<Tuple>(args[0]).as_slice() {
        if vm.equal_identity(*item, args[1])? {
            return Ok(Value::TRUE);
        }
    }
    Ok(Value::FALSE)
}

fn tuple_getnewargs(vm: &Vm, args: &[Value]) -> Result {
    let items = vm.new_tuple(this::<Tuple>(args[0]).as_slice())?.value();
    Ok(vm.new_tuple(&[items])?.value())
}

fn tuple_index(vm: &Vm, args: &[Value]) -> Result {
    let tuple = this::<Tuple>(args[0]);
    let items = tuple.as_slice();
    let (start, stop) = search_bounds(vm, args[2], args[3], items.len())?;
    let stop = stop.min(items.len());
    for (i, item) in items.iter().enumerate().take(stop).skip(start) {
        if vm.equal_identity(*item, args[1])? {
            return Ok(vm.new_int(i as i64));
        }
    }
    Err(vm.value_error("tuple.index(x): x not in tuple"))
}

fn tuple_count(vm: &Vm, args: &[Value]) -> Result {
    let mut count = 0;
    for item in this::<Tuple>(args[0]).as_slice() {
        count += i64::from(vm.equal_identity(*item, args[1])?);
    }
    Ok(vm.new_int(count))
}

/// `tuple`.
pub static TUPLE: TypeDef = TypeDef {
    doc: "Built-in immutable sequence.\n\n\
          If no argument is given, the constructor returns an empty tuple.\n\
          If iterable is specified the tuple is initialized from iterable's items.\n\n\
          If the argument is a tuple, the return value is the same object.",
    subclassable: true,
    generic: true,
    flags: ClassFlags::SEQUENCE | ClassFlags::MATCH_SELF,
    methods: &[
        slots::new(tuple_new).reads(0, 0xFE),
        slots::repr(tuple_repr),
        slots::hash(tuple_hash),
        slots::lt(|vm, args| compare(vm, args, CompareOp::Lt)),
        slots::le(|vm, args| compare(vm, args, CompareOp::Le)),
        slots::eq(|vm, args| compare(vm, args, CompareOp::Eq)),
        slots::ne(|vm, args| compare(vm, args, CompareOp::Ne)),
        slots::gt(|vm, args| compare(vm, args, CompareOp::Gt)),
        slots::ge(|vm, args| compare(vm, args, CompareOp::Ge)),
        slots::iter(tuple_iter),
        slots::len(tuple_len),
        slots::getitem(tuple_getitem),
        slots::add(tuple_add),
        slots::mul(tuple_mul),
        slots::rmul(tuple_mul),
        slots::contains(tuple_contains),
        MethodDef::new("__getnewargs__", "(self, /)", "", tuple_getnewargs),
        MethodDef::new(
            "index",
            "(self, value, start=0, stop=sys.maxsize, /)",
            "Return first index of value.\n\nRaises ValueError if the value is not present.",
            tuple_index,
        ),
        MethodDef::new(
            "count",
            "(self, value, /)",
            "Return number of occurrences of value.",
            tuple_count,
        ),
    ],
    ..TypeDef::new("tuple", <Tuple as Object>::LAYOUT)
};
