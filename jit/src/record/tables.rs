//! Lookups in dictionaries and sets.
//!
//! Whether a key is there, its value, and `get` are one lookup in the trace, which is shared as
//! long as nothing writes to a dictionary between. A key that is a tuple the trace makes is
//! passed by its items, so that the tuple need not be made:
//!
//! ```text
//! for (x, y) in ...:                     v7 = Call {DICT_FIND_2} v1, v5, v6
//!     if (x, y) in seen:                 v8 = Same.Bool v7, MISSING
//!         total += seen[x, y]            GuardFalse v8
//! ```

use super::containers::TUPLE_LEN;
use super::stack::exact_shape;
use super::{Recorded, Recorder};
use crate::backend::tables;
use crate::ir::{Helper, Ins, Op, Ref, Ty};
use taipan_runtime::heap::Gc;
use taipan_runtime::object::Special;
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::str::Str;
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::{Header, Kind, Value, Vm};

impl Recorder {
    /// The dictionary that a value is, if its class does `what` as `dict` does.
    pub(super) fn plain_dict(
        &self,
        vm: &Vm,
        actual: Option<Value>,
        what: Special,
    ) -> Option<(&'static Header, Gc<Dict>)> {
        let header = actual?.header()?;
        let shape = header.shape();
        let plain = vm.types.dict.get().special(what);
        if shape.layout.kind != Kind::Dict || shape.class().special(what) != plain {
            return None;
        }
        // SAFETY: the layout of dictionaries.
        Some((header, unsafe { actual?.cast_unchecked() }))
    }

    /// Guards that a dictionary stays of its class, and the class as it is.
    pub(super) fn guard_dict(&mut self, r: Ref, header: &'static Header) -> Recorded {
        self.guard_shape(r, header)?;
        self.guard_class(header.shape().class())
    }

    /// The items of a key that is a tuple of the trace's own making, few and flat.
    fn key_items(&mut self, vm: &Vm, key: Ref, actual: Value) -> Recorded<Option<Vec<Ref>>> {
        let key = self.e.resolve(key);
        let Some(tuple) = actual.cast::<Tuple>() else {
            return Ok(None);
        };
        if exact_shape(vm, Some(actual), vm.shapes.tuple.get().id()).is_none()
            || self.e.memory.shape(key) != Some(vm.shapes.tuple.get().id())
            || !self.e.memory.is_fresh(key)
            || !(2..2 + tables::FINDS.len()).contains(&tuple.len())
            || vm.flat_hash(tuple.as_slice()).is_none()
        {
            return Ok(None);
        }
        let length = self.e.load(Ty::Int, key, TUPLE_LEN)?;
        if self.e.tree.as_int(length) != Some(tuple.len() as i64) {
            return Ok(None);
        }
        self.items_of_tuple(key, tuple.len()).map(Some)
    }

    fn look_up(
        &mut self,
        vm: &Vm,
        [by_key, by_two, by_three]: [&'static Helper; 3],
        table: Ref,
        key: Ref,
        actual: Value,
    ) -> Recorded<Ref> {
        let Some(items) = self.key_items(vm, key, actual)? else {
            return self.call_plain(by_key, &[table, key]);
        };
        let helper = if items.len() == 2 { by_two } else { by_three };
        let mut args = vec![table];
        args.extend(items);
        self.call_plain(helper, &args)
    }

    /// Where a key that is a constant string lies in a dictionary: others that the program made the
    /// same way have it there, too, and where they have not, it is looked up.
    fn known_place(&self, vm: &Vm, key: Ref, dict: Gc<Dict>) -> Option<usize> {
        let bits = self.e.tree.as_bits(self.e.resolve(key))?;
        // SAFETY: a constant of the trace, kept alive.
        let key = unsafe { Value::from_bits(bits) };
        exact_shape(vm, Some(key), vm.shapes.str.get().id())?;
        dict.place_of(key.cast::<Str>()?)
    }

    /// `dict[key] = v`; all but the key is guarded.
    pub(super) fn store_in_table(
        &mut self,
        vm: &Vm,
        (dict, table): (Ref, Gc<Dict>),
        key: Ref,
        v: Ref,
    ) -> Recorded {
        match self.known_place(vm, key, table) {
            Some(place) => {
                let place = self.e.tree.int(place as i64);
                self.call_plain(&tables::DICT_SET_AT, &[dict, key, v, place])?;
            }
            None => {
                self.call_plain(&tables::DICT_SET, &[dict, key, v])?;
            }
        }
        Ok(())
    }

    /// The value of a key in a dictionary, or `Value::MISSING`; all but the key is guarded.
    pub(super) fn find_in_dict(
        &mut self,
        vm: &Vm,
        (dict, table): (Ref, Gc<Dict>),
        key: Ref,
        actual: Value,
    ) -> Recorded<Ref> {
        if let Some(found) = self.find_known(vm, dict, key) {
            return Ok(found);
        }
        if let Some(place) = self.known_place(vm, key, table) {
            let place = self.e.tree.int(place as i64);
            return self.call_plain(&tables::DICT_FIND_AT, &[dict, key, place]);
        }
        let by = [&tables::DICT_FIND, tables::FINDS[0], tables::FINDS[1]];
        self.look_up(vm, by, dict, key, actual)
    }

    /// As [`Recorder::find_in_dict`], and the key is guarded to be there.
    pub(super) fn get_in_dict(
        &mut self,
        vm: &Vm,
        dict: (Ref, Gc<Dict>),
        key: Ref,
        actual: Value,
    ) -> Recorded<Ref> {
        let found = self.find_in_dict(vm, dict, key, actual)?;
        let missing = self.is_missing(found)?;
        self.guard_truth(missing, false)?;
        Ok(found)
    }

    /// Whether a key is in a set: 1 for no, 2 for yes; all but the key is guarded.
    pub(super) fn find_in_set(
        &mut self,
        vm: &Vm,
        set: Ref,
        key: Ref,
        actual: Value,
    ) -> Recorded<Ref> {
        let by = [&tables::SET_HAS, tables::HAS[0], tables::HAS[1]];
        self.look_up(vm, by, set, key, actual)
    }

    /// Whether a lookup found nothing.
    pub(super) fn is_missing(&mut self, found: Ref) -> Recorded<Ref> {
        let missing = self.e.tree.val(Value::MISSING.bits());
        Ok(self.e.op2(Op::Same, Ty::Bool, found, missing)?)
    }

    /// `dict[key]`; false if the trace does not know how, or the key is not there.
    pub(super) fn dict_item(
        &mut self,
        vm: &Vm,
        [dict, key]: [Ref; 2],
        [x, y]: [Option<Value>; 2],
    ) -> Recorded<Option<Ref>> {
        let (Some((h, actual)), Some(k)) = (self.plain_dict(vm, x, Special::GetItem), y) else {
            return Ok(None);
        };
        if !matches!(actual.get_key(vm, k), Some(Some(_))) {
            return Ok(None);
        }
        self.guard_dict(dict, h)?;
        self.get_in_dict(vm, (dict, actual), key, k).map(Some)
    }

    /// `dict.get(key)` and `dict.get(key, default)`, the function being guarded.
    pub(super) fn dict_get(
        &mut self,
        vm: &Vm,
        args: &[Ref],
        actuals: &[Option<Value>],
    ) -> Recorded<Option<Ref>> {
        let (Some(x), Some(k)) = (actuals[0], actuals[1]) else {
            return Ok(None);
        };
        let (Some(h), Some(actual)) = (
            x.header().filter(|h| h.shape().layout.kind == Kind::Dict),
            x.cast::<Dict>(),
        ) else {
            return Ok(None);
        };
        let Some(value) = actual.get_key(vm, k) else {
            return Ok(None);
        };
        self.guard_shape(args[0], h)?;
        let found = self.find_in_dict(vm, (args[0], actual), args[1], k)?;
        let missing = self.is_missing(found)?;
        let default = match args.get(2) {
            Some(r) => self.e.boxed(*r),
            None => self.constant(Value::NONE),
        };
        if self.e.tree.as_bits(default).is_some() {
            let select = Ins::new(Op::Select, Ty::Val).a(missing).b(default).c(found);
            return Ok(Some(self.e.emit(select)?));
        }
        self.guard_truth(missing, value.is_none())?;
        Ok(Some(if value.is_none() { default } else { found }))
    }
}
