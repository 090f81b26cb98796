//! Class patterns and what they ask: whether an object is an instance of a class.

use super::attr::{Place, classify};
use super::stack::exact_shape;
use super::{Recorded, Recorder, Stop};
use crate::ir::{Op, Ref, Ty};
use taipan_bytecode::opcode::Op as Bytecode;
use taipan_runtime::heap::Gc;
use taipan_runtime::object::{Class, ClassFlags, Special};
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::str::Str;
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::{Header, Kind, Value, Vm};

impl Recorder {
    /// Whether `v` is an instance of a class, guarded, if that is decided by its type alone.
    pub(crate) fn instance_of(
        &mut self,
        vm: &Vm,
        r: Ref,
        v: Value,
        class_ref: Ref,
        class: Gc<Class>,
    ) -> Recorded<Option<bool>> {
        let metaclass = class.class();
        let type_ = vm.types.type_.get();
        if metaclass != type_ {
            let check = vm.intern("__instancecheck__");
            if metaclass.lookup(vm, check) != type_.lookup(vm, check) {
                return Ok(None);
            }
            self.guard_class(metaclass)?;
        }
        let actual_class = vm.class_of(v);
        let is = actual_class.is_subclass_of(class);
        if !is {
            let is_known = v.header().is_none_or(|h| {
                matches!(
                    h.shape().layout.kind,
                    Kind::Instance | Kind::List | Kind::Tuple | Kind::Dict | Kind::Str
                )
            });
            // `__class__` may be a property of a Python class.
            let name = vm.names.__class__.get();
            if !is_known
                || actual_class.has_flag(ClassFlags::HEAP)
                    && !actual_class.has_flag(ClassFlags::PLAIN_GETATTR)
                || actual_class.lookup(vm, name) != vm.types.object.get().lookup(vm, name)
            {
                return Ok(None);
            }
        }
        self.guard_is(class_ref, class.value())?;
        match v.header() {
            Some(h) => {
                self.guard_shape(r, h)?;
                self.guard_class(actual_class)?;
            }
            None => {
                if self.num(r, Some(v))?.is_none() {
                    self.guard_is(r, v)?;
                }
            }
        }
        Ok(Some(is))
    }

    /// `MATCH_CLASS`: the attributes that the pattern asks for as a tuple, or None.
    pub(crate) fn match_class(&mut self, vm: &Vm, positional: usize) -> Recorded {
        let (subject, class_ref) = (self.peek(3)?, self.peek(2)?);
        let (Some(v), Some(c), Some(names)) = (self.actual(3), self.actual(2), self.actual(1))
        else {
            return Err(Stop::Exit);
        };
        let (Some(class), Some(names)) = (c.cast::<Class>(), names.cast::<Tuple>()) else {
            return self.step(Bytecode::MATCH_CLASS, 3);
        };
        let Some(asked) = self.asked_attributes(vm, class, positional, names) else {
            return self.step(Bytecode::MATCH_CLASS, 3);
        };
        let Some(is) = self.instance_of(vm, subject, v, class_ref, class)? else {
            return self.step(Bytecode::MATCH_CLASS, 3);
        };
        self.guard_class(class)?;
        let mut items = Vec::new();
        if is {
            for name in asked {
                let item = match (name, v.header()) {
                    (None, _) => Some(subject),
                    (Some(name), Some(h)) => self.plain_attribute(vm, subject, h, name)?,
                    _ => None,
                };
                match item {
                    Some(r) => items.push(r),
                    None => return self.step(Bytecode::MATCH_CLASS, 3),
                }
            }
        }
        let result = if !is {
            self.constant(Value::NONE)
        } else if items.is_empty() {
            match vm.new_tuple(&[]) {
                Ok(empty) => self.constant(empty.value()),
                Err(_) => return Err(Stop::Abort("out of memory")),
            }
        } else {
            self.new_tuple(vm, &items)?
        };
        self.result(3, result, 1 + Bytecode::MATCH_CLASS.caches())
    }

    /// The names of the attributes, `None` for the subject itself; nothing if the pattern
    /// is not as usual, or an error.
    fn asked_attributes(
        &self,
        vm: &Vm,
        class: Gc<Class>,
        positional: usize,
        names: Gc<Tuple>,
    ) -> Option<Vec<Option<Gc<Str>>>> {
        let mut asked: Vec<Option<Gc<Str>>> = Vec::new();
        if positional > 0 {
            let match_args = vm.names.__match_args__.get();
            match class.lookup(vm, match_args) {
                Some(args) => {
                    let args = args.cast::<Tuple>()?;
                    if args.len() < positional
                        || args.class() != vm.types.tuple.get()
                        || class.variable_owner(vm, match_args).is_some()
                    {
                        return None;
                    }
                    for i in 0..positional {
                        asked.push(Some(args.get(i).cast::<Str>()?));
                    }
                }
                None if positional == 1 && class.has_flag(ClassFlags::MATCH_SELF) => {
                    asked.push(None);
                }
                None => return None,
            }
        }
        for name in names.as_slice() {
            asked.push(Some(name.cast::<Str>()?));
        }
        let named = || asked.iter().flatten();
        let is_usual = named().all(|n| n.is_interned() && n.class() == vm.types.str.get())
            && named()
                .enumerate()
                .all(|(i, n)| !named().take(i).any(|m| m == n))
            && asked.len() <= super::make::MAX_ITEMS;
        is_usual.then_some(asked)
    }

    /// An attribute of an object whose shape and class are guarded, if it is a slot that
    /// holds something or a value of the class.
    fn plain_attribute(
        &mut self,
        vm: &Vm,
        owner: Ref,
        h: &'static Header,
        name: Gc<Str>,
    ) -> Recorded<Option<Ref>> {
        if matches!(h.shape().layout.kind, Kind::Module | Kind::Class) {
            return Ok(None);
        }
        match classify(vm, h, name) {
            Some(Place::Slot(offset)) => {
                // SAFETY: a slot of the object.
                let there = unsafe { taipan_runtime::object::word_at(h, offset) }.get();
                if there.is_none() {
                    return Ok(None);
                }
                let owner = self.e.boxed(owner);
                let r = self.e.load(Ty::Val, owner, super::attr::slot_mem(offset))?;
                if !self.is_unboxed(r) {
                    self.guard1(Op::GuardNonNull, Ty::None, r)?;
                }
                Ok(Some(r))
            }
            Some(Place::Item(index)) => {
                let length = h.value().cast::<Tuple>().map_or(0, |t| t.len());
                if index >= length {
                    return Ok(None);
                }
                self.checked_item(owner, index).map(Some)
            }
            Some(Place::ClassValue(value)) => self
                .class_value(vm, h.shape().class(), name, value)
                .map(Some),
            _ => Ok(None),
        }
    }

    /// `GET_LEN`.
    pub(crate) fn get_len(&mut self, vm: &Vm) -> Recorded {
        let r = self.peek(1)?;
        let Some(v) = self.actual(1) else {
            return Err(Stop::Exit);
        };
        let shapes = &vm.shapes;
        let mem = match v.header() {
            Some(h) if h.shape_id() == shapes.list.get().id() => super::containers::LIST_LEN,
            Some(h) if h.shape_id() == shapes.tuple.get().id() => super::containers::TUPLE_LEN,
            Some(h) if h.shape_id() == shapes.dict.get().id() => super::call::DICT_LEN,
            _ if self.guard_tuple(vm, r, Some(v), Special::Len)? => super::containers::TUPLE_LEN,
            _ => return self.step(Bytecode::GET_LEN, 0),
        };
        if let Some(h) = v.header() {
            self.guard_shape(r, h)?;
        }
        let n = self.e.load(Ty::Int, r, mem)?;
        self.push(n);
        self.advance(1);
        Ok(())
    }

    /// `MATCH_KEYS` of a dict, by names: their values as a tuple, or None.
    pub(crate) fn match_keys(&mut self, vm: &Vm) -> Recorded {
        let op = Bytecode::MATCH_KEYS;
        let (subject, keys_ref) = (self.peek(2)?, self.peek(1)?);
        let h = exact_shape(vm, self.actual(2), vm.shapes.dict.get().id());
        let dict = self.actual(2).and_then(|v| v.cast::<Dict>());
        let keys = self.actual(1).and_then(|v| v.cast::<Tuple>());
        let (Some(h), Some(dict), Some(keys)) = (h, dict, keys) else {
            return self.step(op, 0);
        };
        let is_name = |v: &Value| {
            v.cast::<Str>()
                .is_some_and(|s| s.is_interned() && s.class() == vm.types.str.get())
        };
        let all = keys.as_slice();
        let is_usual = all.iter().all(is_name)
            && (0..all.len()).all(|i| !all[..i].contains(&all[i]))
            && (1..=super::make::MAX_ITEMS).contains(&all.len())
            && self.e.tree.as_bits(self.e.resolve(keys_ref)).is_some();
        if !is_usual {
            return self.step(op, 0);
        }
        self.guard_shape(subject, h)?;
        let mut items = Vec::with_capacity(all.len());
        let mut is_there = true;
        for key in all {
            let name = self.constant(*key);
            is_there = key.cast::<Str>().and_then(|s| dict.get_str(s)).is_some();
            let found = self.find_in_dict(vm, (subject, dict), name, *key)?;
            let missing = self.is_missing(found)?;
            self.guard_truth(missing, !is_there)?;
            if !is_there {
                break;
            }
            items.push(found);
        }
        let r = if is_there {
            self.new_tuple(vm, &items)?
        } else {
            self.constant(Value::NONE)
        };
        self.push(r);
        self.advance(1 + op.caches());
        Ok(())
    }
}
