//! `combinations`, `combinations_with_replacement`, `permutations`, `product`:
//! odometers over pools of items.

use super::simple::{iterator, new, place};
use std::cell::Cell;
use taipan_runtime::heap::{Gc, GcField, Header, Kind, Object};
use taipan_runtime::heap_object;
use taipan_runtime::object::{MethodDef, TypeDef};
use taipan_runtime::types::iterators::ITER_SELF;
use taipan_runtime::types::list::Array;
use taipan_runtime::types::protocol::{NEXT, this, to_ssize};
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Vm};

/// A pool (or a tuple of pools), and which items of it come next.
#[repr(C)]
pub struct Odometer {
    pub header: Header,
    pool: GcField<Tuple>,
    /// Immediate integers.
    indices: GcField<Array>,
    /// `permutations`: how far each place has to go.
    cycles: GcField<Array>,
    /// Items in a result.
    places: usize,
    started: Cell<bool>,
    done: Cell<bool>,
}

heap_object!(Odometer, "iterator", Kind::Other, |this, marker| {
    marker.gc_field(&this.pool);
    marker.gc_field(&this.indices);
    marker.gc_field(&this.cycles);
});

fn numbers(vm: &Vm, all: impl ExactSizeIterator<Item = usize>) -> Result<Gc<Array>> {
    let array = vm.new_array(all.len())?;
    for (i, n) in all.enumerate() {
        put(array, i, n);
    }
    Ok(array)
}

/// Integers are no references, so that no barrier is needed.
#[inline(always)]
fn put(array: Gc<Array>, i: usize, n: usize) {
    array.slot(i).set(Some(Value::small_int(n as i64)));
}

#[inline(always)]
fn get(array: Gc<Array>, i: usize) -> usize {
    array
        .slot(i)
        .get()
        .map_or(0, |v| v.int_unchecked() as usize)
}

impl Odometer {
    fn new(pool: Gc<Tuple>, indices: Gc<Array>, places: usize, done: bool) -> Odometer {
        Odometer {
            header: Header::empty(),
            pool: GcField::new(pool),
            indices: GcField::new(indices),
            cycles: GcField::empty(),
            places,
            started: Cell::new(false),
            done: Cell::new(done),
        }
    }

    /// The items that the indices stand for.
    fn result(&self, vm: &Vm, pool: Gc<Tuple>, indices: Gc<Array>) -> Result<Option<Value>> {
        let pool = pool.as_slice();
        self.tuple(vm, |i| pool[get(indices, i)])
    }

    fn tuple(&self, vm: &Vm, item: impl Fn(usize) -> Value) -> Result<Option<Value>> {
        Ok(Some(vm.tuple_from_fn(self.places, item)?.value()))
    }

    fn parts(&self) -> Option<(Gc<Tuple>, Gc<Array>)> {
        if self.done.get() {
            None
        } else {
            Some((self.pool.get()?, self.indices.get()?))
        }
    }

    fn finish(&self) -> Result<Option<Value>> {
        self.done.set(true);
        Ok(None)
    }
}

fn places(vm: &Vm, v: Value) -> Result<usize> {
    match usize::try_from(vm.to_ssize_arg(v)?) {
        Ok(r) => Ok(r),
        Err(_) => Err(vm.value_error("r must be non-negative")),
    }
}

fn combinations_new(vm: &Vm, args: &[Value]) -> Result {
    let pool = vm.tuple_of(args[1])?;
    let r = places(vm, args[2])?;
    let done = r > pool.len();
    let indices = numbers(vm, 0..if done { 0 } else { r })?;
    place(
        vm,
        args,
        &COMBINATIONS,
        Odometer::new(pool, indices, r, done),
    )
}

fn combinations_next(vm: &Vm, v: Value) -> Result<Option<Value>> {
    let it = this::<Odometer>(v);
    let Some((pool, indices)) = it.parts() else {
        return Ok(None);
    };
    let (n, r) = (pool.len(), it.places);
    if it.started.replace(true) {
        let Some(i) = (0..r).rev().find(|&i| get(indices, i) != i + n - r) else {
            return it.finish();
        };
        let from = get(indices, i) + 1;
        for j in i..r {
            put(indices, j, from + j - i);
        }
    }
    it.result(vm, pool, indices)
}

/// `combinations`.
pub static COMBINATIONS: TypeDef = TypeDef {
    doc: "Return successive r-length combinations of elements in the iterable.\n\n\
          combinations(range(4), 3) --> (0,1,2), (0,1,3), (0,2,3), (1,2,3)",
    methods: &[
        new("(type, /, iterable, r)", combinations_new),
        ITER_SELF,
        NEXT,
        SIZEOF,
    ],
    next: Some(combinations_next),
    plain_next: Some(|_, _| true),
    ..iterator("combinations", <Odometer as Object>::LAYOUT)
};

fn replacement_new(vm: &Vm, args: &[Value]) -> Result {
    let pool = vm.tuple_of(args[1])?;
    let r = places(vm, args[2])?;
    let done = pool.is_empty() && r > 0;
    let indices = numbers(vm, std::iter::repeat_n(0, if done { 0 } else { r }))?;
    place(
        vm,
        args,
        &COMBINATIONS_WITH_REPLACEMENT,
        Odometer::new(pool, indices, r, done),
    )
}

fn replacement_next(vm: &Vm, v: Value) -> Result<Option<Value>> {
    let it = this::<Odometer>(v);
    let Some((pool, indices)) = it.parts() else {
        return Ok(None);
    };
    let (n, r) = (pool.len(), it.places);
    if it.started.replace(true) {
        let Some(i) = (0..r).rev().find(|&i| get(indices, i) + 1 != n) else {
            return it.finish();
        };
        let index = get(indices, i) + 1;
        (i..r).for_each(|j| put(indices, j, index));
    }
    it.result(vm, pool, indices)
}

/// `combinations_with_replacement`.
pub static COMBINATIONS_WITH_REPLACEMENT: TypeDef = TypeDef {
    doc: "Return successive r-length combinations of elements in the iterable allowing individual elements to \
          have successive repeats.\n\n\
          combinations_with_replacement('ABC', 2) --> ('A','A'), ('A','B'), ('A','C'), ('B','B'), ('B','C'), ('C','C')",
    methods: &[
        new("(type, /, iterable, r)", replacement_new),
        ITER_SELF,
        NEXT,
        SIZEOF,
    ],
    next: Some(replacement_next),
    plain_next: Some(|_, _| true),
    ..iterator(
        "combinations_with_replacement",
        <Odometer as Object>::LAYOUT,
    )
};

fn permutations_new(vm: &Vm, args: &[Value]) -> Result {
    let pool = vm.tuple_of(args[1])?;
    let n = pool.len();
    let r = match args[2].given_not_none() {
        None => n,
        Some(v) if v.as_int_ref().is_none() => return Err(vm.type_error("Expected int as r")),
        Some(v) => match to_ssize(v) {
            Some(r @ 0..) => r as usize,
            Some(_) => return Err(vm.value_error("r must be non-negative")),
            None => return Err(vm.overflow_error("Python int too large to convert to C ssize_t")),
        },
    };
    let done = r > n;
    let indices = numbers(vm, 0..if done { 0 } else { n })?;
    let object = Odometer::new(pool, indices, r, done);
    let cycles = numbers(vm, (0..if done { 0 } else { r }).map(|i| n - i))?;
    object.cycles.set(&object.header, cycles);
    place(vm, args, &PERMUTATIONS, object)
}

fn permutations_next(vm: &Vm, v: Value) -> Result<Option<Value>> {
    let it = this::<Odometer>(v);
    let (Some((pool, indices)), Some(cycles)) = (it.parts(), it.cycles.get()) else {
        return Ok(None);
    };
    let n = pool.len();
    if it.started.replace(true) {
        let mut i = it.places;
        loop {
            if i == 0 {
                return it.finish();
            }
            i -= 1;
            let left = get(cycles, i) - 1;
            if left > 0 {
                put(cycles, i, left);
                let (a, b) = (get(indices, i), get(indices, n - left));
                put(indices, i, b);
                put(indices, n - left, a);
                break;
            }
            // This place has gone round: its index moves to the end.
            let first = get(indices, i);
            for j in i..n - 1 {
                put(indices, j, get(indices, j + 1));
            }
            put(indices, n - 1, first);
            put(cycles, i, n - i);
        }
    }
    it.result(vm, pool, indices)
}

/// `permutations`.
pub static PERMUTATIONS: TypeDef = TypeDef {
    doc: "Return successive r-length permutations of elements in the iterable.\n\n\
          permutations(range(3), 2) --> (0,1), (0,2), (1,0), (1,2), (2,0), (2,1)",
    methods: &[
        new("(type, /, iterable, r=None)", permutations_new),
        ITER_SELF,
        NEXT,
        SIZEOF,
    ],
    next: Some(permutations_next),
    plain_next: Some(|_, _| true),
    ..iterator("permutations", <Odometer as Object>::LAYOUT)
};

fn product_new(vm: &Vm, args: &[Value]) -> Result {
    let sources = this::<Tuple>(args[1]);
    let repeat = match args[2].given() {
        Some(v) => vm.to_ssize_arg(v)?,
        None => 1,
    };
    if repeat < 0 {
        return Err(vm.value_error("repeat argument cannot be negative"));
    }
    let count = if sources.is_empty() {
        0
    } else {
        repeat as usize
    };
    let total = match sources.len().checked_mul(count) {
        Some(total) if total < isize::MAX as usize / 8 => total,
        _ => return Err(vm.overflow_error("repeat argument too large")),
    };
    let mut pools = vm.rooted();
    if count > 0 {
        for source in sources.as_slice() {
            let pool = vm.tuple_of(*source)?.value();
            pools.push(pool);
        }
    }
    for _ in 1..count {
        for i in 0..sources.len() {
            let pool = pools[i];
            pools.push(pool);
        }
    }
    let empty = pools.iter().any(|p| this::<Tuple>(*p).is_empty());
    let indices = numbers(vm, std::iter::repeat_n(0, total))?;
    let pools = vm.new_tuple(&pools)?;
    place(
        vm,
        args,
        &PRODUCT,
        Odometer::new(pools, indices, total, empty),
    )
}

fn product_next(vm: &Vm, v: Value) -> Result<Option<Value>> {
    let it = this::<Odometer>(v);
    let Some((pools, indices)) = it.parts() else {
        return Ok(None);
    };
    let pools = pools.as_slice();
    if it.started.replace(true) {
        let mut i = it.places;
        loop {
            if i == 0 {
                return it.finish();
            }
            i -= 1;
            let next = get(indices, i) + 1;
            if next < this::<Tuple>(pools[i]).len() {
                put(indices, i, next);
                break;
            }
            put(indices, i, 0);
        }
    }
    it.tuple(vm, |i| this::<Tuple>(pools[i]).get(get(indices, i)))
}

/// `product`.
pub static PRODUCT: TypeDef = TypeDef {
    doc: "Cartesian product of input iterables.  Equivalent to nested for-loops.\n\n\
          For example, product(A, B) returns the same as:  ((x,y) for x in A for y in B).\n\
          The leftmost iterators are in the outermost for-loop, so the output tuples\n\
          cycle in a manner similar to an odometer (with the rightmost element changing\n\
          on every iteration).\n\n\
          To compute the product of an iterable with itself, specify the number\n\
          of repetitions with the optional repeat keyword argument. For example,\n\
          product(A, repeat=4) means the same as product(A, A, A, A).\n\n\
          product('ab', range(3)) --> ('a',0) ('a',1) ('a',2) ('b',0) ('b',1) ('b',2)\n\
          product((0,1), (0,1), (0,1)) --> (0,0,0) (0,0,1) (0,1,0) (0,1,1) (1,0,0) ...",
    methods: &[
        new("(type, /, *iterables, repeat=1)", product_new),
        ITER_SELF,
        NEXT,
        SIZEOF,
    ],
    next: Some(product_next),
    plain_next: Some(|_, _| true),
    ..iterator("product", <Odometer as Object>::LAYOUT)
};

fn sizeof(vm: &Vm, args: &[Value]) -> Result {
    let it = this::<Odometer>(args[0]);
    let arrays = [it.indices.get(), it.cycles.get()];
    let bytes: usize = arrays.iter().flatten().map(|a| a.header.size()).sum();
    Ok(vm.new_size(it.header.size() + bytes))
}

const SIZEOF: MethodDef = MethodDef::new(
    "__sizeof__",
    "(self, /)",
    "Returns size in memory, in bytes.",
    sizeof,
);
