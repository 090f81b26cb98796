//! Sorting: powersort (Munro and Wild, ESA 2018) with galloping merges (Peters,
//! "listsort.txt") where comparing may run Python code or fail; the standard
//! library's stable sort where keys are all integers, floats without NaN, or
//! strings, so that nobody can see how often what was compared.

use super::List;
use crate::heap::Gc;
use crate::ops::compare::CompareOp;
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::value::Value;
use crate::vm::{Result, RootedVec, Vm};
use std::cmp::Ordering;

/// `list.sort(key=key, reverse=reverse)`.
///
/// # Errors
/// Whatever the key function or a comparison raises (the list then has its items
/// in some order), and ValueError if they changed the list.
pub fn sort_list(vm: &Vm, list: Gc<List>, key: Option<Value>, reverse: bool) -> Result<()> {
    let storage = list.items.get();
    let len = list.len();
    if key.is_none()
        && let Some(storage) = storage
    {
        // SAFETY: the first `len` words are values, and nothing else looks at them meanwhile.
        let values =
            unsafe { std::slice::from_raw_parts_mut(storage.slot_ptr() as *mut Value, len) };
        if sort_pure(vm, values, reverse) {
            return Ok(());
        }
    }
    let mut items = vm.rooted_slice(list.as_slice());
    list.clear();
    let result = sort_values(vm, &mut items, key, reverse);
    let modified = list.items.get().is_some();
    if let Some(storage) = storage {
        storage.header.barrier();
        for (i, v) in items.iter().enumerate() {
            storage.slot(i).set(Some(*v));
        }
        list.items.set(&list.header, storage);
        list.len.set(len);
    }
    result?;
    if modified {
        return Err(vm.value_error("list modified during sort"));
    }
    Ok(())
}

/// Sorts values as `sorted` does.
pub fn sort_values(
    vm: &Vm,
    items: &mut RootedVec<'_>,
    key: Option<Value>,
    reverse: bool,
) -> Result<()> {
    let Some(key) = key else {
        if items.len() < 2 || sort_pure(vm, items.as_mut_slice(), reverse) {
            return Ok(());
        }
        // The copy that is sorted is kept alive by the items.
        let mut copy = items.to_vec();
        reverse_if(&mut copy, reverse);
        if copy.iter().all(|v| is_exact_tuple(vm, *v)) {
            if pure_columns(vm, &copy) {
                copy.sort_by(|a, b| pure_tuple_order(*a, *b));
            } else {
                powersort(&mut copy, &mut |a, b| tuple_less(vm, *a, *b))?;
            }
        } else {
            powersort(&mut copy, &mut |a, b| {
                vm.compare_bool(CompareOp::Lt, *a, *b)
            })?;
        }
        reverse_if(&mut copy, reverse);
        items.as_mut_slice().copy_from_slice(&copy);
        return Ok(());
    };
    let mut keys = vm.rooted_with_capacity(items.len());
    for i in 0..items.len() {
        let k = vm.call_one(key, items[i])?;
        keys.push(k);
    }
    sort_by_keys(vm, items, &keys, reverse)
}

fn sort_by_keys(vm: &Vm, items: &mut RootedVec<'_>, keys: &[Value], reverse: bool) -> Result<()> {
    if items.len() < 2 {
        return Ok(());
    }
    let order = sorted_order(vm, keys, reverse)?;
    let sorted: Vec<Value> = order.into_iter().map(|i| items[i as usize]).collect();
    items.as_mut_slice().copy_from_slice(&sorted);
    Ok(())
}

/// Sorts a list that nothing else refers to by as many keys.
///
/// # Errors
/// A comparison raises; the list is as it was then.
pub fn sort_list_by(vm: &Vm, list: Gc<List>, keys: Gc<List>, reverse: bool) -> Result<()> {
    let keys = vm.rooted_slice(keys.as_slice());
    let mut items = vm.rooted_slice(list.as_slice());
    sort_by_keys(vm, &mut items, &keys, reverse)?;
    if let Some(storage) = list.items.get() {
        storage.header.barrier();
        for (i, v) in items.iter().enumerate() {
            storage.slot(i).set(Some(*v));
        }
    }
    Ok(())
}

/// The items of a list that is about to be sorted, as a list of their own; the list is empty then.
pub fn take_items(vm: &Vm, list: Gc<List>) -> Result<Gc<List>> {
    let taken = vm.new_list(&[])?;
    move_items(list, taken);
    Ok(taken)
}

/// Gives a list its items back. Whether it has been modified meanwhile: what it has got is lost.
pub fn give_items_back(list: Gc<List>, taken: Gc<List>) -> bool {
    let modified = list.items.get().is_some();
    list.clear();
    move_items(taken, list);
    modified
}

fn move_items(from: Gc<List>, to: Gc<List>) {
    let (items, length) = (from.items.get(), from.len());
    from.clear();
    if let Some(items) = items {
        to.items.set(&to.header, items);
        to.len.set(length);
    }
}

fn reverse_if<T>(items: &mut [T], reverse: bool) {
    if reverse {
        items.reverse();
    }
}

fn is_exact_tuple(vm: &Vm, v: Value) -> bool {
    v.header()
        .is_some_and(|h| h.shape_id() == vm.shapes.tuple.get().id())
}

fn exact_str(vm: &Vm, v: Value) -> bool {
    v.header()
        .is_some_and(|h| h.shape_id() == vm.shapes.str.get().id())
}

/// Keys whose order neither fails nor can be watched.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pure {
    Int,
    Float,
    Str,
}

fn pure_kind(vm: &Vm, keys: &[Value]) -> Option<Pure> {
    let first = *keys.first()?;
    if first.is_int() {
        keys.iter().all(|v| v.is_int()).then_some(Pure::Int)
    } else if first.is_float() {
        keys.iter()
            .all(|v| v.as_float().is_some_and(|f| !f.is_nan()))
            .then_some(Pure::Float)
    } else {
        keys.iter().all(|v| exact_str(vm, *v)).then_some(Pure::Str)
    }
}

fn compare_floats(a: f64, b: f64) -> Ordering {
    a.partial_cmp(&b).unwrap_or(Ordering::Equal)
}

/// A string with its first eight characters as a number that sorts as they do.
#[derive(Clone, Copy)]
struct StrKey {
    prefix: u64,
    string: Gc<Str>,
}

impl StrKey {
    fn new(v: Value) -> StrKey {
        // SAFETY: callers checked that it is a string.
        let string = unsafe { v.cast_unchecked::<Str>() };
        let prefix = match string.data() {
            crate::types::str::StrData::Latin1(d) => {
                let mut bytes = [0; 8];
                let n = d.len().min(8);
                bytes[..n].copy_from_slice(&d[..n]);
                u64::from_be_bytes(bytes)
            }
            // Characters beyond Latin-1 are cut: prefixes must not decide then.
            _ => 0,
        };
        StrKey { prefix, string }
    }
}

/// How to compare strings: by prefix first if all are Latin-1.
fn str_order(narrow: bool) -> impl Fn(&StrKey, &StrKey) -> Ordering {
    move |a, b| {
        if narrow && a.prefix != b.prefix {
            a.prefix.cmp(&b.prefix)
        } else {
            a.string.compare(&b.string)
        }
    }
}

fn all_narrow(keys: &[StrKey]) -> bool {
    keys.iter().all(|k| k.string.width() == 1)
}

/// Sorts values in place if they are of one pure kind; `false` if not.
fn sort_pure(vm: &Vm, values: &mut [Value], reverse: bool) -> bool {
    let Some(kind) = pure_kind(vm, values) else {
        return false;
    };
    reverse_if(values, reverse);
    match kind {
        Pure::Int => values.sort_by_key(|v| v.int_unchecked()),
        Pure::Float => {
            values.sort_by(|a, b| compare_floats(a.float_unchecked(), b.float_unchecked()))
        }
        Pure::Str => {
            let mut keys: Vec<StrKey> = values.iter().map(|v| StrKey::new(*v)).collect();
            let narrow = all_narrow(&keys);
            keys.sort_by(str_order(narrow));
            for (to, from) in values.iter_mut().zip(&keys) {
                *to = from.string.value();
            }
        }
    }
    reverse_if(values, reverse);
    true
}

/// The positions of `keys` in sorted order.
fn sorted_order(vm: &Vm, keys: &[Value], reverse: bool) -> Result<Vec<u32>> {
    fn order<K: Copy>(
        keys: &[Value],
        reverse: bool,
        make: impl Fn(Value) -> K,
        sort: impl FnOnce(&mut [(K, u32)]) -> Result<()>,
    ) -> Result<Vec<u32>> {
        let mut entries: Vec<(K, u32)> = keys.iter().zip(0..).map(|(v, i)| (make(*v), i)).collect();
        reverse_if(&mut entries, reverse);
        sort(&mut entries)?;
        reverse_if(&mut entries, reverse);
        Ok(entries.into_iter().map(|e| e.1).collect())
    }
    match pure_kind(vm, keys) {
        Some(Pure::Int) => order(keys, reverse, Value::int_unchecked, |entries| {
            entries.sort_by_key(|e| e.0);
            Ok(())
        }),
        Some(Pure::Float) => order(keys, reverse, Value::float_unchecked, |entries| {
            entries.sort_by(|a, b| compare_floats(a.0, b.0));
            Ok(())
        }),
        Some(Pure::Str) => order(keys, reverse, StrKey::new, |entries| {
            let narrow = entries.iter().all(|e| e.0.string.width() == 1);
            let by = str_order(narrow);
            entries.sort_by(|a, b| by(&a.0, &b.0));
            Ok(())
        }),
        None if keys.iter().all(|v| is_exact_tuple(vm, *v)) => order(
            keys,
            reverse,
            |v| v,
            |entries| {
                if pure_columns(vm, keys) {
                    entries.sort_by(|a, b| pure_tuple_order(a.0, b.0));
                    return Ok(());
                }
                powersort(entries, &mut |a, b| tuple_less(vm, a.0, b.0))
            },
        ),
        None => order(
            keys,
            reverse,
            |v| v,
            |entries| {
                powersort(entries, &mut |a, b| {
                    vm.compare_bool(CompareOp::Lt, a.0, b.0)
                })
            },
        ),
    }
}

/// `a < b` of exact tuples, without going through their class.
fn tuple_less(vm: &Vm, a: Value, b: Value) -> Result<bool> {
    // SAFETY: callers checked that both are tuples.
    let (x, y) = unsafe { (a.cast_unchecked::<Tuple>(), b.cast_unchecked::<Tuple>()) };
    let (x, y) = (x.as_slice(), y.as_slice());
    for (&v, &w) in x.iter().zip(y) {
        if v.both_int(w) {
            match v.int_unchecked().cmp(&w.int_unchecked()) {
                Ordering::Equal => continue,
                order => return Ok(order.is_lt()),
            }
        }
        if !vm.equal_identity(v, w)? {
            return vm.compare_bool(CompareOp::Lt, v, w);
        }
    }
    Ok(x.len() < y.len())
}

/// Whether all items of the tuples, column by column, are of one pure kind.
fn pure_columns(vm: &Vm, tuples: &[Value]) -> bool {
    let items = |v: &Value| {
        // SAFETY: callers checked that it is a tuple, which the list being sorted keeps alive.
        unsafe {
            let t = v.cast_unchecked::<Tuple>();
            std::slice::from_raw_parts(t.as_slice().as_ptr(), t.len())
        }
    };
    let Some(first) = tuples.first().map(items) else {
        return true;
    };
    let kinds: Vec<Option<Pure>> = first
        .iter()
        .map(|v| pure_kind(vm, std::slice::from_ref(v)))
        .collect();
    tuples.iter().all(|t| {
        let row = items(t);
        row.len() == kinds.len()
            && row.iter().zip(&kinds).all(|(v, kind)| match kind {
                Some(Pure::Int) => v.is_int(),
                Some(Pure::Float) => v.as_float().is_some_and(|f| !f.is_nan()),
                Some(Pure::Str) => exact_str(vm, *v),
                None => false,
            })
    })
}

/// The order of two tuples of [`pure_columns`].
fn pure_tuple_order(a: Value, b: Value) -> Ordering {
    // SAFETY: callers checked that both are tuples, and strings where they are no numbers.
    unsafe {
        let (x, y) = (a.cast_unchecked::<Tuple>(), b.cast_unchecked::<Tuple>());
        for (v, w) in x.as_slice().iter().zip(y.as_slice()) {
            let order = if v.is_int() {
                v.int_unchecked().cmp(&w.int_unchecked())
            } else if v.is_float() {
                compare_floats(v.float_unchecked(), w.float_unchecked())
            } else if v == w {
                Ordering::Equal
            } else {
                v.cast_unchecked::<Str>()
                    .compare(&w.cast_unchecked::<Str>())
            };
            if order != Ordering::Equal {
                return order;
            }
        }
    }
    Ordering::Equal
}

const MIN_GALLOP: usize = 7;

/// A run of sorted items, and the power of the boundary before it.
struct Run {
    start: usize,
    len: usize,
    power: u32,
}

/// The merging part of the sort.
struct Merger<'a, T, F> {
    items: &'a mut [T],
    less: &'a mut F,
    spare: Vec<T>,
    min_gallop: usize,
}

/// Sorts stably. After an error the items are in disorder, some perhaps twice.
pub fn powersort<T: Copy>(
    items: &mut [T],
    less: &mut impl FnMut(&T, &T) -> Result<bool>,
) -> Result<()> {
    let len = items.len();
    if len < 2 {
        return Ok(());
    }
    let least = shortest_run(len);
    let mut merger = Merger {
        items,
        less,
        spare: Vec::new(),
        min_gallop: MIN_GALLOP,
    };
    let mut runs: Vec<Run> = Vec::new();
    let mut start = 0;
    while start < len {
        let mut run = merger.natural_run(start)?;
        if run < least {
            let forced = least.min(len - start);
            merger.insertion_sort(start, run, forced)?;
            run = forced;
        }
        if let Some(last) = runs.last() {
            let power = boundary_power(last.start, last.len, run, len);
            while runs.len() > 1 && runs[runs.len() - 1].power > power {
                merger.merge_last(&mut runs)?;
            }
            runs.push(Run {
                start,
                len: run,
                power,
            });
        } else {
            runs.push(Run {
                start,
                len: run,
                power: 0,
            });
        }
        start += run;
    }
    while runs.len() > 1 {
        merger.merge_last(&mut runs)?;
    }
    Ok(())
}

/// The length below which runs are lengthened: such that `len` over it is close
/// to, but not above, a power of two.
fn shortest_run(mut len: usize) -> usize {
    let mut odd = 0;
    while len >= 64 {
        odd |= len & 1;
        len >>= 1;
    }
    len + odd
}

/// At which depth of a perfectly balanced tree of merges the boundary between
/// two neighbouring runs lies.
fn boundary_power(start: usize, first: usize, second: usize, len: usize) -> u32 {
    let mut a = 2 * start + first;
    let mut b = a + first + second;
    let mut power = 0;
    loop {
        power += 1;
        if a >= len {
            a -= len;
            b -= len;
        } else if b >= len {
            return power;
        }
        a <<= 1;
        b <<= 1;
    }
}

impl<T: Copy, F: FnMut(&T, &T) -> Result<bool>> Merger<'_, T, F> {
    /// The length of the run that begins at `start`, made ascending.
    fn natural_run(&mut self, start: usize) -> Result<usize> {
        let len = self.items.len();
        if start + 1 >= len {
            return Ok(len - start);
        }
        let mut end = start + 2;
        let descending = (self.less)(&self.items[start + 1], &self.items[start])?;
        while end < len && (self.less)(&self.items[end], &self.items[end - 1])? == descending {
            end += 1;
        }
        if descending {
            self.items[start..end].reverse();
        }
        Ok(end - start)
    }

    /// Sorts `len` items from `start`, of which the first `sorted` are in order.
    fn insertion_sort(&mut self, start: usize, sorted: usize, len: usize) -> Result<()> {
        for at in start + sorted..start + len {
            let pivot = self.items[at];
            let (mut low, mut high) = (start, at);
            while low < high {
                let middle = low + (high - low) / 2;
                if (self.less)(&pivot, &self.items[middle])? {
                    high = middle;
                } else {
                    low = middle + 1;
                }
            }
            self.items.copy_within(low..at, low + 1);
            self.items[low] = pivot;
        }
        Ok(())
    }

    fn merge_last(&mut self, runs: &mut Vec<Run>) -> Result<()> {
        let (Some(b), Some(a)) = (runs.pop(), runs.last_mut()) else {
            return Ok(());
        };
        let (mut start, mut na, mut nb) = (a.start, a.len, b.len);
        a.len += b.len;
        // What of the first run is in place already, and what of the second.
        let skip = self.gallop_right(self.items[b.start], start, na, 0)?;
        start += skip;
        na -= skip;
        if na == 0 {
            return Ok(());
        }
        nb = self.gallop_left(self.items[start + na - 1], b.start, nb, nb - 1)?;
        if nb == 0 {
            return Ok(());
        }
        if na <= nb {
            self.merge_low(start, na, nb)
        } else {
            self.merge_high(start, na, nb)
        }
    }

    /// Where in the sorted `len` items from `base` the key belongs, before equal
    /// ones; the search begins at the offset `hint`.
    fn gallop_left(&mut self, key: T, base: usize, len: usize, hint: usize) -> Result<usize> {
        gallop(&self.items[base..base + len], hint, &mut |item| {
            (self.less)(item, &key)
        })
    }

    /// As `gallop_left`, after equal ones.
    fn gallop_right(&mut self, key: T, base: usize, len: usize, hint: usize) -> Result<usize> {
        gallop(&self.items[base..base + len], hint, &mut |item| {
            Ok(!(self.less)(&key, item)?)
        })
    }

    /// Merges `na` items from `start` with the `nb` behind them, from the left.
    fn merge_low(&mut self, start: usize, na: usize, nb: usize) -> Result<()> {
        let mut spare = std::mem::take(&mut self.spare);
        spare.clear();
        spare.extend_from_slice(&self.items[start..start + na]);
        let result = self.merge_low_with(&spare, start, start + na, start + na + nb);
        self.spare = spare;
        result
    }

    fn merge_low_with(&mut self, a: &[T], start: usize, middle: usize, end: usize) -> Result<()> {
        let (mut to, mut i, mut j) = (start, 0, middle);
        self.items[to] = self.items[j];
        to += 1;
        j += 1;
        'merge: while j < end && a.len() - i > 1 {
            let (mut wins_a, mut wins_b) = (0, 0);
            loop {
                if (self.less)(&self.items[j], &a[i])? {
                    self.items[to] = self.items[j];
                    to += 1;
                    j += 1;
                    wins_b += 1;
                    wins_a = 0;
                    if j == end {
                        break 'merge;
                    }
                    if wins_b >= self.min_gallop {
                        break;
                    }
                } else {
                    self.items[to] = a[i];
                    to += 1;
                    i += 1;
                    wins_a += 1;
                    wins_b = 0;
                    if a.len() - i <= 1 {
                        break 'merge;
                    }
                    if wins_a >= self.min_gallop {
                        break;
                    }
                }
            }
            self.min_gallop += 1;
            loop {
                self.min_gallop -= usize::from(self.min_gallop > 1);
                let key = self.items[j];
                wins_a = gallop(&a[i..], 0, &mut |item| Ok(!(self.less)(&key, item)?))?;
                self.items[to..to + wins_a].copy_from_slice(&a[i..i + wins_a]);
                to += wins_a;
                i += wins_a;
                if a.len() - i <= 1 {
                    break 'merge;
                }
                self.items[to] = self.items[j];
                to += 1;
                j += 1;
                if j == end {
                    break 'merge;
                }
                wins_b = self.gallop_left(a[i], j, end - j, 0)?;
                self.items.copy_within(j..j + wins_b, to);
                to += wins_b;
                j += wins_b;
                if j == end {
                    break 'merge;
                }
                self.items[to] = a[i];
                to += 1;
                i += 1;
                if a.len() - i <= 1 {
                    break 'merge;
                }
                if wins_a < MIN_GALLOP && wins_b < MIN_GALLOP {
                    break;
                }
            }
            self.min_gallop += 1;
        }
        if j < end && i < a.len() {
            // One item of the first run is left, and it is the last of all.
            self.items.copy_within(j..end, to);
            to += end - j;
        }
        let left = a.len() - i;
        self.items[to..to + left].copy_from_slice(&a[i..]);
        Ok(())
    }

    /// Merges `na` items from `start` with the `nb` behind them, from the right.
    fn merge_high(&mut self, start: usize, na: usize, nb: usize) -> Result<()> {
        let mut spare = std::mem::take(&mut self.spare);
        spare.clear();
        spare.extend_from_slice(&self.items[start + na..start + na + nb]);
        let result = self.merge_high_with(&spare, start, na);
        self.spare = spare;
        result
    }

    /// `i` and `j` are numbers of items left in the first and the second run.
    fn merge_high_with(&mut self, b: &[T], start: usize, na: usize) -> Result<()> {
        let (mut i, mut j) = (na, b.len());
        // The next place to fill is `start + i + j - 1` throughout.
        self.items[start + i + j - 1] = self.items[start + i - 1];
        i -= 1;
        'merge: while i > 0 && j > 1 {
            let (mut wins_a, mut wins_b) = (0, 0);
            loop {
                if (self.less)(&b[j - 1], &self.items[start + i - 1])? {
                    self.items[start + i + j - 1] = self.items[start + i - 1];
                    i -= 1;
                    wins_a += 1;
                    wins_b = 0;
                    if i == 0 {
                        break 'merge;
                    }
                    if wins_a >= self.min_gallop {
                        break;
                    }
                } else {
                    self.items[start + i + j - 1] = b[j - 1];
                    j -= 1;
                    wins_b += 1;
                    wins_a = 0;
                    if j <= 1 {
                        break 'merge;
                    }
                    if wins_b >= self.min_gallop {
                        break;
                    }
                }
            }
            self.min_gallop += 1;
            loop {
                self.min_gallop -= usize::from(self.min_gallop > 1);
                let keep = self.gallop_right(b[j - 1], start, i, i - 1)?;
                wins_a = i - keep;
                self.items
                    .copy_within(start + keep..start + i, start + keep + j);
                i = keep;
                if i == 0 {
                    break 'merge;
                }
                self.items[start + i + j - 1] = b[j - 1];
                j -= 1;
                if j <= 1 {
                    break 'merge;
                }
                let key = self.items[start + i - 1];
                let keep = gallop(&b[..j], j - 1, &mut |item| (self.less)(item, &key))?;
                wins_b = j - keep;
                self.items[start + i + keep..start + i + j].copy_from_slice(&b[keep..j]);
                j = keep;
                if j <= 1 {
                    break 'merge;
                }
                self.items[start + i + j - 1] = self.items[start + i - 1];
                i -= 1;
                if i == 0 {
                    break 'merge;
                }
                if wins_a < MIN_GALLOP && wins_b < MIN_GALLOP {
                    break;
                }
            }
            self.min_gallop += 1;
        }
        if i > 0 && j > 0 {
            // One item of the second run is left, and it is the first of all.
            self.items.copy_within(start..start + i, start + j);
        }
        self.items[start..start + j].copy_from_slice(&b[..j]);
        Ok(())
    }
}

/// The number of leading items for which `before` holds (it holds for a prefix),
/// found by steps of growing width from `hint`.
fn gallop<T>(
    items: &[T],
    hint: usize,
    before: &mut dyn FnMut(&T) -> Result<bool>,
) -> Result<usize> {
    let len = items.len();
    if len == 0 {
        return Ok(0);
    }
    // Invariant of the search below: it holds before `low`, and fails from `high` on.
    let (mut low, mut high);
    let mut step = 1;
    if before(&items[hint])? {
        low = hint + 1;
        high = len;
        while hint + step < len {
            if !before(&items[hint + step])? {
                high = hint + step;
                break;
            }
            low = hint + step + 1;
            step = step * 2 + 1;
        }
    } else {
        low = 0;
        high = hint;
        while step <= hint {
            if before(&items[hint - step])? {
                low = hint - step + 1;
                break;
            }
            high = hint - step;
            step = step * 2 + 1;
        }
    }
    while low < high {
        let middle = low + (high - low) / 2;
        if before(&items[middle])? {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    Ok(low)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A generator of test data that needs no state beyond a number.
    fn random(seed: &mut u64) -> u64 {
        *seed ^= *seed << 13;
        *seed ^= *seed >> 7;
        *seed ^= *seed << 17;
        *seed
    }

    fn check(items: Vec<(u32, u32)>) -> usize {
        let mut expected = items.clone();
        expected.sort_by_key(|i| i.0);
        let mut sorted = items;
        let mut comparisons = 0;
        let result = powersort(&mut sorted, &mut |a, b| {
            comparisons += 1;
            Ok(a.0 < b.0)
        });
        assert_eq!(result, Ok(()));
        assert_eq!(sorted, expected);
        comparisons
    }

    #[test]
    fn sorts_stably_whatever_the_pattern() {
        let mut seed = 42;
        for len in [0usize, 1, 2, 3, 10, 63, 64, 65, 200, 1000, 5000] {
            for range in [1, 2, 10, 1 << 30] {
                check(
                    (0..len as u32)
                        .map(|i| ((random(&mut seed) % range) as u32, i))
                        .collect(),
                );
            }
            check((0..len as u32).map(|i| (i / 100, i)).collect());
            check((0..len as u32).map(|i| (i % 100, i)).collect());
            check((0..len as u32).map(|i| (len as u32 - i, i)).collect());
            // Sorted blocks that gallop.
            check(
                (0..len as u32)
                    .map(|i| ((i * 7) % (len as u32 / 3 + 1), i))
                    .collect(),
            );
        }
    }

    #[test]
    fn sorted_input_needs_one_comparison_an_item() {
        assert_eq!(check((0..1000).map(|i| (i, i)).collect()), 999);
        assert_eq!(check((0..1000).map(|i| (1000 - i, i)).collect()), 999);
    }
}
