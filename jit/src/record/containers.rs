//! Subscripts, membership, building and unpacking.

use super::make::MAX_ITEMS;
use super::stack::exact_shape;
use super::{Recorded, Recorder};
use crate::backend::{helpers, leaves, tables};
use crate::ir::{At, AtKind, Class, Cond, Ins, Mem, Op, Ref, Ty};
use taipan_bytecode::opcode::{BinaryOp, Op as Bytecode};
use taipan_runtime::heap::Gc;
use taipan_runtime::object::Special;
use taipan_runtime::types::list::{Array, List};
use taipan_runtime::types::set::Set;
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::{Header, Kind, Value, Vm};

pub(crate) const LIST_LEN: Mem = Mem::new(Class::List, 8, List::LEN_OFFSET);
pub(crate) const LIST_ITEMS: Mem = Mem::new(Class::List, 8, List::ITEMS_OFFSET);
pub(crate) const LIST_ITEM: Mem = Mem::new(Class::Item, 8, Array::WORDS_OFFSET);
pub(crate) const TUPLE_LEN: Mem = Mem::new(Class::Const, 8, Tuple::LEN_OFFSET);
pub(crate) const TUPLE_ITEM: Mem = Mem::new(Class::Const, 8, Tuple::ITEMS_OFFSET);

/// Items of a constant tuple that a value is compared with one by one.
const MAX_COMPARED: usize = 6;

/// The header of an exact set or frozenset whose first items are keys.
fn keys_of(vm: &Vm, v: Option<Value>) -> Option<&'static Header> {
    let set = exact_shape(vm, v, vm.shapes.set.get().id());
    let h = set.or_else(|| exact_shape(vm, v, vm.shapes.frozenset.get().id()))?;
    let items = v?.cast::<Set>()?;
    let mut first = items.items().take(MAX_ITEMS);
    first.all(|item| vm.is_key(item)).then_some(h)
}

impl Recorder {
    /// The index from the start, guarded to be in range; `None` if it is not.
    pub(super) fn index(
        &mut self,
        i: Ref,
        actual: i64,
        len: Ref,
        actual_len: usize,
    ) -> Recorded<Option<Ref>> {
        let n = actual_len as i64;
        let i = if (0..n).contains(&actual) {
            i
        } else if (-n..0).contains(&actual) {
            if self.e.tree.as_int(i).is_none() {
                let zero = self.e.tree.int(0);
                let negative = self.icmp(Cond::Lt, i, zero)?;
                self.guard_true(negative)?;
            }
            self.e.op2(Op::Add, Ty::Int, i, len)?
        } else {
            return Ok(None);
        };
        let ok = self.icmp(Cond::Below, i, len)?;
        self.guard_true(ok)?;
        Ok(Some(i))
    }

    /// The header of a list whose class does `what` as `list` does.
    pub(super) fn plain_list(
        &self,
        vm: &Vm,
        actual: Option<Value>,
        what: Special,
    ) -> Option<&'static Header> {
        let header = actual?.header()?;
        let shape = header.shape();
        let plain = vm.types.list.get().special(what);
        (shape.layout.kind == Kind::List && shape.class().special(what) == plain).then_some(header)
    }

    /// Where the item of a list lies, whose shape is guarded: storage and index, which is guarded
    /// to be in range; `None` if it is not.
    pub(super) fn item_of_list(
        &mut self,
        [list, index]: [Ref; 2],
        [x, y]: [Option<Value>; 2],
    ) -> Recorded<Option<(Ref, Ref)>> {
        let (Some(now), Some(j)) = (x.and_then(|v| v.cast::<List>()), y.and_then(Value::as_int))
        else {
            return Ok(None);
        };
        let Some(i) = self.int(index, y)? else {
            return Ok(None);
        };
        let len = self.e.load(Ty::Int, list, LIST_LEN)?;
        let Some(i) = self.index(i, j, len, now.len())? else {
            return Ok(None);
        };
        let items = self.e.load(Ty::Ptr, list, LIST_ITEMS)?;
        Ok(Some((items, i)))
    }

    pub(crate) fn subscript(&mut self, vm: &Vm, units: usize) -> Recorded {
        let (a, b) = (self.peek(2)?, self.peek(1)?);
        let (x, y) = (self.actual(2), self.actual(1));
        let shapes = &vm.shapes;
        if let (Some(v), Some(h), Some(j)) =
            (x, x.and_then(Value::header), y.and_then(Value::as_int))
        {
            let id = h.shape_id();
            if self.plain_list(vm, x, Special::GetItem).is_some() {
                self.guard_shape(a, h)?;
                self.guard_class(h.shape().class())?;
                if let Some((items, i)) = self.item_of_list([a, b], [x, y])? {
                    let r = self.e.load_idx(Ty::Val, items, i, LIST_ITEM)?;
                    return self.result(2, r, units);
                }
            } else if let Some(tuple) = v.cast::<Tuple>()
                && id == shapes.tuple.get().id()
            {
                self.guard_shape(a, h)?;
                let Some(i) = self.int(b, y)? else {
                    return self.general_subscript(vm, a, b, units);
                };
                let len = self.e.load(Ty::Int, a, TUPLE_LEN)?;
                if let Some(i) = self.index(i, j, len, tuple.len())? {
                    let r = self.tuple_item(a, i)?;
                    return self.result(2, r, units);
                }
            } else if let Some(s) = v.cast::<taipan_runtime::types::str::Str>()
                && id == shapes.str.get().id()
            {
                self.guard_shape(a, h)?;
                let Some(i) = self.int(b, y)? else {
                    return self.general_subscript(vm, a, b, units);
                };
                let len = self.str_len(a)?;
                if let Some(i) = self.index(i, j, len, s.len())? {
                    let r = self.call_plain(&helpers::STR_AT, &[a, i])?;
                    self.e.memory.set_shape(r, h.shape_id());
                    return self.result(2, r, units);
                }
            } else if let Some(r) = self.byte_at([a, b], v, y)? {
                return self.result(2, r, units);
            }
        }
        if let Some(r) = self.array_item([a, b], [x, y])? {
            return self.result(2, r, units);
        }
        if let Some(r) = self.dict_item(vm, [a, b], [x, y])? {
            return self.result(2, r, units);
        }
        if let (Some(x), Some(y)) = (x, y)
            && let Some(parts) = self.parts_of_slice(vm, b, y)?
            && let Some(r) = self.slice_of(vm, a, x, parts)?
        {
            return self.result(2, r, units);
        }
        if let (Some(v), Some(key)) = (x, y)
            && leaves::is_simple_key(vm, key)
            && (vm.is_simple(v) || vm.is_plain(v))
            && let Some(h) = v.header()
            && h.shape_id() != shapes.dict.get().id()
        {
            self.guard_shape(a, h)?;
            if let Some(h) = key.header().filter(|_| !vm.is_simple(key)) {
                self.guard_shape(b, h)?;
            }
            let r = self.call_plain(&leaves::ITEM_SIMPLE, &[a, b])?;
            let kinds = [&shapes.list, &shapes.tuple, &shapes.str, &shapes.bytes];
            if !vm.is_simple(key) && kinds.iter().any(|s| s.get().id() == h.shape_id()) {
                self.e.memory.set_shape(r, h.shape_id());
            }
            return self.result(2, r, units);
        }
        self.general_subscript(vm, a, b, units)
    }

    /// The items of a tuple, which is guarded to have `count` of them.
    pub(crate) fn items_of_tuple(&mut self, tuple: Ref, count: usize) -> Recorded<Vec<Ref>> {
        let length = self.e.load(Ty::Int, tuple, TUPLE_LEN)?;
        let wanted = self.e.tree.int(count as i64);
        let same = self.icmp(Cond::Eq, length, wanted)?;
        self.guard_true(same)?;
        let mut items = Vec::with_capacity(count);
        for i in 0..count {
            let i = self.e.tree.int(i as i64);
            items.push(self.tuple_item(tuple, i)?);
        }
        Ok(items)
    }

    /// The items of a list, guarded to be `count`.
    pub(crate) fn items_of_list(&mut self, list: Ref, count: usize) -> Recorded<Vec<Ref>> {
        let length = self.e.load(Ty::Int, list, LIST_LEN)?;
        let wanted = self.e.tree.int(count as i64);
        let same = self.icmp(Cond::Eq, length, wanted)?;
        self.guard_true(same)?;
        let mut items = Vec::with_capacity(count);
        if count > 0 {
            let storage = self.e.load(Ty::Ptr, list, LIST_ITEMS)?;
            for i in 0..count {
                let i = self.e.tree.int(i as i64);
                items.push(self.e.load_idx(Ty::Val, storage, i, LIST_ITEM)?);
            }
        }
        Ok(items)
    }

    /// The item of a tuple at an index known to be in range.
    pub(crate) fn tuple_item(&mut self, tuple: Ref, i: Ref) -> Recorded<Ref> {
        if let Some(k) = self.e.tree.as_int(i) {
            let mem = Mem::new(Class::Const, 8, Tuple::ITEMS_OFFSET + 8 * k as usize);
            return Ok(self.e.load(Ty::Val, tuple, mem)?);
        }
        Ok(self.e.load_idx(Ty::Val, tuple, i, TUPLE_ITEM)?)
    }

    fn general_subscript(&mut self, vm: &Vm, a: Ref, b: Ref, units: usize) -> Recorded {
        let code = self.e.tree.int(BinaryOp::Subscr as i64);
        if self.inline_binary(vm, BinaryOp::Subscr, units)? {
            return Ok(());
        }
        let r = self.call_any(&helpers::BINARY, &[code, a, b])?;
        self.result(2, r, units)
    }

    pub(crate) fn store_subscr(&mut self, vm: &Vm) -> Recorded {
        let (container, key, v) = (self.peek(2)?, self.peek(1)?, self.peek(3)?);
        let (x, y) = (self.actual(2), self.actual(1));
        let units = 1 + Bytecode::STORE_SUBSCR.caches();
        if let Some(h) = self.plain_list(vm, x, Special::SetItem)
            && y.is_some_and(Value::is_int)
        {
            self.guard_shape(container, h)?;
            self.guard_class(h.shape().class())?;
            if let Some((items, i)) = self.item_of_list([container, key], [x, y])? {
                let v = self.e.boxed(v);
                self.e.store_idx(items, i, LIST_ITEM, v)?;
                self.pop_n(3);
                self.advance(units);
                return Ok(());
            }
        }
        let actual = self.actual(3);
        if self.store_byte([container, key], [x, y], v, actual)?
            || self.store_array_item([container, key], [x, y], v, actual)?
        {
            self.pop_n(3);
            self.advance(units);
            return Ok(());
        }
        if let (Some((h, dict)), Some(k)) = (self.plain_dict(vm, x, Special::SetItem), y)
            && dict.get_key(vm, k).is_some()
        {
            self.guard_dict(container, h)?;
            self.store_in_table(vm, (container, dict), key, v)?;
            self.pop_n(3);
            self.advance(units);
            return Ok(());
        }
        if let (Some(x), Some(y)) = (x, y)
            && let Some(parts) = self.parts_of_slice(vm, key, y)?
            && self.assign_slice(vm, container, x, parts, 3)?
        {
            self.pop_n(3);
            self.advance(units);
            return Ok(());
        }
        if self.inline_set_item(vm)? {
            return Ok(());
        }
        self.call_any(&helpers::SET_ITEM, &[container, key, v])?;
        self.pop_n(3);
        self.advance(units);
        Ok(())
    }

    pub(crate) fn contains(&mut self, vm: &Vm, arg: usize) -> Recorded {
        let (needle, container) = (self.peek(2)?, self.peek(1)?);
        let units = 1 + Bytecode::CONTAINS_OP.caches();
        let (x, y) = (self.actual(2), self.actual(1));
        if let Some(found) = self.among_integers(needle, container, x)? {
            let r = if arg != 0 {
                self.e.op1(Op::Not, Ty::Bool, found)?
            } else {
                found
            };
            return self.result(2, r, units);
        }
        if let (Some(k), Some((h, dict))) = (x, self.plain_dict(vm, y, Special::Contains))
            && dict.get_key(vm, k).is_some()
        {
            self.guard_dict(container, h)?;
            let found = self.find_in_dict(vm, (container, dict), needle, k)?;
            let missing = self.is_missing(found)?;
            let r = if arg != 0 {
                missing
            } else {
                self.e.op1(Op::Not, Ty::Bool, missing)?
            };
            return self.result(2, r, units);
        }
        let sets = [vm.shapes.set.get().id(), vm.shapes.frozenset.get().id()];
        let n = if let (Some(k), Some(h)) = (x, y.and_then(Value::header))
            && sets.contains(&h.shape_id())
            && y.and_then(|v| v.cast::<Set>())
                .is_some_and(|set| set.contains_key(vm, k).is_some())
        {
            self.guard_shape(container, h)?;
            self.find_in_set(vm, container, needle, k)?
        } else if let (Some(k), Some(c)) = (x, y)
            && leaves::is_simple_search(vm, c, k)
        {
            self.call_plain(&leaves::CONTAINS_SIMPLE, &[container, needle])?
        } else if self.inline_contains(vm, units)? {
            return Ok(());
        } else {
            self.call_any(&helpers::CONTAINS, &[container, needle])?
        };
        let two = self.e.tree.int(2);
        let cond = if arg != 0 { Cond::Ne } else { Cond::Eq };
        let r = self.icmp(cond, n, two)?;
        self.result(2, r, units)
    }

    /// Whether an integer is among the few of a constant tuple.
    fn among_integers(
        &mut self,
        needle: Ref,
        container: Ref,
        actual: Option<Value>,
    ) -> Recorded<Option<Ref>> {
        let container = self.e.resolve(container);
        let Some(bits) = self.e.tree.as_bits(container).filter(|bits| *bits != 0) else {
            return Ok(None);
        };
        // SAFETY: a constant of the trace, which keeps it alive.
        let Some(tuple) = (unsafe { Value::from_bits(bits) }).cast::<Tuple>() else {
            return Ok(None);
        };
        let items: Option<Vec<i64>> = tuple.as_slice().iter().map(|v| v.as_int()).collect();
        let Some(items) = items.filter(|items| (1..=MAX_COMPARED).contains(&items.len())) else {
            return Ok(None);
        };
        if !actual.is_some_and(Value::is_int) {
            return Ok(None);
        }
        let Some(needle) = self.int(needle, actual)? else {
            return Ok(None);
        };
        let mut found = None;
        for item in items {
            let item = self.e.tree.int(item);
            let same = self.icmp(Cond::Eq, needle, item)?;
            let same = self.e.op1(Op::BToI, Ty::Int, same)?;
            found = Some(match found {
                Some(before) => self.e.op2(Op::Or, Ty::Int, before, same)?,
                None => same,
            });
        }
        let Some(found) = found else {
            return Ok(None);
        };
        let zero = self.e.tree.int(0);
        self.icmp(Cond::Ne, found, zero).map(Some)
    }

    pub(crate) fn build_tuple(&mut self, vm: &Vm, arg: usize) -> Recorded {
        if arg == 0 || arg > super::make::MAX_ITEMS {
            return self.build_at(AtKind::Tuple, arg);
        }
        let mut items = Vec::new();
        for i in (1..=arg).rev() {
            items.push(self.peek(i)?);
        }
        let t = self.new_tuple(vm, &items)?;
        self.result(arg, t, 1)
    }

    /// A tuple of two.
    pub(crate) fn pair(&mut self, vm: &Vm, a: Ref, b: Ref) -> Recorded<Ref> {
        self.new_tuple(vm, &[a, b])
    }

    pub(crate) fn build_list(&mut self, vm: &Vm, arg: usize) -> Recorded {
        if arg > super::make::MAX_ITEMS {
            return self.build_at(AtKind::List, arg);
        }
        let mut items = Vec::new();
        for i in (1..=arg).rev() {
            items.push(self.peek(i)?);
        }
        let t = self.new_list(vm, &items)?;
        self.result(arg, t, 1)
    }

    /// Builds a container of operands as they lie on the stack.
    fn build_at(&mut self, kind: AtKind, count: usize) -> Recorded {
        let snap = self.snap();
        let at = At {
            kind,
            first: (self.frame().sp - count) as u32,
            count: count as u32,
        };
        let r = self
            .e
            .emit(Ins::new(Op::CallAt, Ty::Val).aux(at.aux()).snap(snap))?;
        self.result(count, r, 1)
    }

    /// `&`, `|`, `-` and `^` of sets of keys; none if the operands are others.
    pub(super) fn set_binary(
        &mut self,
        vm: &Vm,
        op: BinaryOp,
        (a, b): (Ref, Ref),
        (x, y): (Option<Value>, Option<Value>),
    ) -> Recorded<Option<Ref>> {
        use BinaryOp::{And, Or, Subtract, Xor};
        let (Some(h), Some(other)) = (keys_of(vm, x), keys_of(vm, y)) else {
            return Ok(None);
        };
        if !matches!(op, And | Or | Subtract | Xor) {
            return Ok(None);
        }
        self.guard_shape(a, h)?;
        self.guard_shape(b, other)?;
        let code = self.e.tree.int(op as i64);
        let r = self.call_plain(&tables::SET_COMBINE, &[code, a, b])?;
        self.e.memory.set_shape(r, h.shape_id());
        Ok(Some(r))
    }

    /// `SET_UPDATE` of a set without items by another: most displays of constants.
    pub(super) fn fill_set(&mut self, vm: &Vm, arg: usize) -> Recorded<bool> {
        let is_empty = |s: Gc<Set>| s.is_empty();
        let target = self.actual(arg + 1).and_then(|v| v.cast::<Set>());
        let Some(h) = keys_of(vm, self.actual(1)).filter(|_| target.is_some_and(is_empty)) else {
            return Ok(false);
        };
        let (set, items) = (self.peek(arg + 1)?, self.peek(1)?);
        self.guard_shape(items, h)?;
        self.call_plain(&tables::SET_FILL, &[set, items])?;
        self.pop_one();
        self.advance(1);
        Ok(true)
    }

    pub(crate) fn set_add(&mut self, vm: &Vm, arg: usize) -> Recorded {
        let (set, v) = (self.peek(arg + 1)?, self.peek(1)?);
        let actual = self.actual(arg + 1).and_then(|v| v.cast::<Set>());
        if let (Some(actual), Some(k)) = (actual, self.actual(1))
            && actual.contains_key(vm, k).is_some()
        {
            self.call_plain(&tables::SET_ADD_KEY, &[set, v])?;
        } else {
            self.call_any(&helpers::SET_ADD, &[set, v])?;
        }
        self.pop_one();
        self.advance(1);
        Ok(())
    }

    pub(crate) fn list_append(&mut self, arg: usize) -> Recorded {
        let v = self.peek(1)?;
        let list = self.peek(arg + 1)?;
        self.call_plain(&helpers::LIST_PUSH, &[list, v])?;
        self.pop_one();
        self.advance(1);
        Ok(())
    }

    pub(crate) fn unpack(&mut self, vm: &Vm, arg: usize) -> Recorded {
        let r = self.peek(1)?;
        let actual = self.actual(1);
        let units = 1 + Bytecode::UNPACK_SEQUENCE.caches();
        if actual
            .and_then(|v| v.cast::<Tuple>())
            .is_some_and(|t| t.len() == arg)
            && self.guard_tuple(vm, r, actual, Special::Iter)?
        {
            let items = self.items_of_tuple(r, arg)?;
            self.pop_one();
            for item in items.into_iter().rev() {
                self.push(item);
            }
            self.advance(units);
            return Ok(());
        }
        if let Some(h) = exact_shape(vm, actual, vm.shapes.list.get().id())
            && actual
                .and_then(|v| v.cast::<List>())
                .is_some_and(|t| t.len() == arg)
        {
            self.guard_shape(r, h)?;
            let items = self.items_of_list(r, arg)?;
            self.pop_one();
            for item in items.into_iter().rev() {
                self.push(item);
            }
            self.advance(units);
            return Ok(());
        }
        self.step(Bytecode::UNPACK_SEQUENCE, 1)
    }

    /// Whether a value is a tuple, or an instance of a subclass that leaves this special method as
    /// it is; that is guarded.
    pub(super) fn guard_tuple(
        &mut self,
        vm: &Vm,
        r: Ref,
        actual: Option<Value>,
        special: Special,
    ) -> Recorded<bool> {
        let Some(h) = actual
            .and_then(Value::header)
            .filter(|h| h.shape().layout.kind == Kind::Tuple)
        else {
            return Ok(false);
        };
        let (class, own) = (h.shape().class(), vm.types.tuple.get());
        if class.special(special) != own.special(special) {
            return Ok(false);
        }
        self.guard_shape(r, h)?;
        if class != own {
            self.guard_class(class)?;
        }
        Ok(true)
    }

    /// `UNPACK_EX` of a tuple or list: the items before and behind, the rest a list.
    pub(crate) fn unpack_ex(&mut self, vm: &Vm, arg: usize) -> Recorded {
        let (before, after) = (arg & 0xFF, arg >> 8);
        let r = self.peek(1)?;
        let actual = self.actual(1);
        let tuple = exact_shape(vm, actual, vm.shapes.tuple.get().id());
        let list = exact_shape(vm, actual, vm.shapes.list.get().id());
        let length = match (
            actual.and_then(|v| v.cast::<Tuple>()),
            actual.and_then(|v| v.cast::<List>()),
        ) {
            (Some(t), _) => t.len(),
            (_, Some(l)) => l.len(),
            _ => 0,
        };
        let Some(h) = tuple.or(list).filter(|_| length >= before + after) else {
            return self.step(Bytecode::UNPACK_EX, 1);
        };
        self.guard_shape(r, h)?;
        let of_list = list.is_some();
        if !of_list && length <= MAX_ITEMS {
            // Records, more likely than sequences that are taken apart piece by piece.
            let mut items = self.items_of_tuple(r, length)?;
            let rest = self.new_list(vm, &items[before..length - after])?;
            items.splice(before..length - after, [rest]);
            return self.push_unpacked(items);
        }
        let len = if of_list { LIST_LEN } else { TUPLE_LEN };
        let len = self.e.load(Ty::Int, r, len)?;
        let least = self.e.tree.int((before + after) as i64);
        let ok = self.icmp(Cond::Ge, len, least)?;
        self.guard_true(ok)?;
        let end = self.e.tree.int(after as i64);
        let end = self.e.op2(Op::Sub, Ty::Int, len, end)?;
        let mut items = Vec::with_capacity(before + after + 1);
        let storage = if of_list {
            self.e.load(Ty::Ptr, r, LIST_ITEMS)?
        } else {
            r
        };
        let item = if of_list { LIST_ITEM } else { TUPLE_ITEM };
        for i in 0..before {
            let i = self.e.tree.int(i as i64);
            items.push(self.e.load_idx(Ty::Val, storage, i, item)?);
        }
        let start = self.e.tree.int(before as i64);
        let whole = self.constant(Value::NONE);
        let bounds = [
            (start, Value::small_int(0)),
            (end, Value::small_int(0)),
            (whole, Value::NONE),
        ];
        let Some(rest) = self.slice_of(vm, r, h.value(), bounds)? else {
            return self.step(Bytecode::UNPACK_EX, 1);
        };
        let rest = if of_list {
            rest
        } else {
            let made = self.call_plain(&leaves::LIST_OF, &[rest])?;
            self.e.memory.set_shape(made, vm.shapes.list.get().id());
            made
        };
        items.push(rest);
        for i in 0..after {
            let i = self.e.tree.int(i as i64);
            let i = self.e.op2(Op::Add, Ty::Int, end, i)?;
            items.push(self.e.load_idx(Ty::Val, storage, i, item)?);
        }
        self.push_unpacked(items)
    }

    /// Ends `UNPACK_EX`.
    fn push_unpacked(&mut self, items: Vec<Ref>) -> Recorded {
        self.pop_one();
        for item in items.into_iter().rev() {
            self.push(item);
        }
        self.advance(1 + Bytecode::UNPACK_EX.caches());
        Ok(())
    }
}
