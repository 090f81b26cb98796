//! f-strings, and containers built from what lies on the stack.

use super::containers::{LIST_LEN, TUPLE_LEN};
use super::make::{EXCEPTION_ARGS, MAX_ITEMS};
use super::stack::exact_shape;
use super::{Recorded, Recorder, Stop};
use crate::backend::{helpers, leaves, tables};
use crate::ir::{Cond, Op, Ref, Ty};
use taipan_bytecode::opcode::Op as Bytecode;
use taipan_runtime::object::Special;
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::exception::{Exception, classes as exc};
use taipan_runtime::types::list::List;
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::{Value, Vm};

impl Recorder {
    pub(crate) fn format_simple(&mut self, vm: &Vm) -> Recorded {
        let r = self.peek(1)?;
        let actual = self.actual(1);
        if self.str(vm, r, actual)? {
            self.advance(1);
            return Ok(());
        }
        if !actual.is_some_and(|v| vm.is_simple(v)) {
            let none = self.null();
            let r = self.call_any(&helpers::FORMAT, &[r, none])?;
            return self.result(1, r, 1);
        }
        let r = self.call_plain(&leaves::FORMAT_SIMPLE, &[r])?;
        self.e.memory.set_shape(r, vm.shapes.str.get().id());
        self.result(1, r, 1)
    }

    /// `str(e)` of an exception with one argument, if that is a text: the text, or what KeyError
    /// shows.
    pub(super) fn text_of_exception(&mut self, vm: &Vm, r: Ref, v: Value) -> Recorded<Option<Ref>> {
        let Some(e) = v.cast::<Exception>() else {
            return Ok(None);
        };
        let (class, str_shape) = (e.class(), vm.shapes.str.get().id());
        let text_is_that_of =
            |def| class.special(Special::Str) == vm.exception_class(def).special(Special::Str);
        let is_shown = text_is_that_of(&exc::KEY_ERROR);
        let (Some(args), Some(h)) = (e.args.get(), v.header()) else {
            return Ok(None);
        };
        let (&[one], true) = (
            args.as_slice(),
            is_shown || text_is_that_of(&exc::BASE_EXCEPTION),
        ) else {
            return Ok(None);
        };
        if exact_shape(vm, Some(one), str_shape).is_none() {
            return Ok(None);
        }
        self.guard_shape(r, h)?;
        self.guard_class(class)?;
        let args = self.e.load(Ty::Val, r, EXCEPTION_ARGS)?;
        self.guard1(Op::GuardNonNull, Ty::None, args)?;
        let length = self.e.load(Ty::Int, args, TUPLE_LEN)?;
        let single = self.e.tree.int(1);
        let single = self.icmp(Cond::Eq, length, single)?;
        self.guard_true(single)?;
        let text = self.checked_item(args, 0)?;
        if !self.str(vm, text, Some(one))? {
            return Ok(None);
        }
        if !is_shown {
            return Ok(Some(text));
        }
        let shown = self.call_plain(&leaves::REPR_SIMPLE, &[text])?;
        self.e.memory.set_shape(shown, str_shape);
        Ok(Some(shown))
    }

    pub(crate) fn format_with_spec(&mut self, vm: &Vm) -> Recorded {
        let (r, spec) = (self.peek(2)?, self.peek(1)?);
        if !self.str(vm, spec, self.actual(1))? {
            return self.step(Bytecode::FORMAT_WITH_SPEC, 2);
        }
        if !self.actual(2).is_some_and(|v| vm.is_simple(v)) {
            let r = self.call_any(&helpers::FORMAT, &[r, spec])?;
            return self.result(2, r, 1);
        }
        let r = self.call_plain(&leaves::FORMAT_SPEC, &[r, spec])?;
        self.e.memory.set_shape(r, vm.shapes.str.get().id());
        self.result(2, r, 1)
    }

    pub(crate) fn convert_value(&mut self, vm: &Vm, arg: usize) -> Recorded {
        let r = self.peek(1)?;
        let (helper, general) = match arg {
            1 => (&leaves::STR_SIMPLE, &helpers::STR),
            2 => (&leaves::REPR_SIMPLE, &helpers::REPR),
            _ => return self.step(Bytecode::CONVERT_VALUE, 1),
        };
        if !self.actual(1).is_some_and(|v| vm.is_simple(v)) {
            let r = self.call_any(general, &[r])?;
            return self.result(1, r, 1);
        }
        let r = self.call_plain(helper, &[r])?;
        self.e.memory.set_shape(r, vm.shapes.str.get().id());
        self.result(1, r, 1)
    }

    pub(crate) fn build_string(&mut self, vm: &Vm, arg: usize) -> Recorded {
        if arg < 2 {
            return self.step(Bytecode::BUILD_STRING, arg);
        }
        let mut parts = Vec::new();
        for i in (1..=arg).rev() {
            parts.push(self.peek(i)?);
        }
        // Long ones in groups: what the helpers take at once.
        const GROUP: usize = leaves::STRINGS.len() + 1;
        let shape = vm.shapes.str.get().id();
        while parts.len() > 1 {
            let mut next: Vec<Ref> = Vec::new();
            for group in parts.chunks(GROUP) {
                if let [one] = *group {
                    next.push(one);
                    continue;
                }
                let r = self.call_plain(leaves::STRINGS[group.len() - 2], group)?;
                self.e.memory.set_shape(r, shape);
                next.push(r);
            }
            parts = next;
        }
        self.result(arg, parts[0], 1)
    }

    pub(crate) fn build_map(&mut self, vm: &Vm, arg: usize) -> Recorded {
        if !(0..arg).all(|i| self.actual(2 * i + 2).is_some_and(|v| vm.is_key(v))) {
            return self.step(Bytecode::BUILD_MAP, 2 * arg);
        }
        if let Some(dict) = self.known_display(vm, arg)? {
            return self.result(2 * arg, dict, 1);
        }
        let dict = self.new_dict(vm)?;
        for i in (1..=arg).rev() {
            let (key, v) = (self.peek(2 * i)?, self.peek(2 * i - 1)?);
            self.call_plain(&tables::DICT_SET, &[dict, key, v])?;
        }
        self.result(2 * arg, dict, 1)
    }

    pub(crate) fn build_set(&mut self, vm: &Vm, arg: usize) -> Recorded {
        if !(1..=arg).all(|i| self.actual(i).is_some_and(|v| vm.is_key(v))) {
            return self.step(Bytecode::BUILD_SET, arg);
        }
        let set = self.call_plain(&leaves::SET_NEW, &[])?;
        self.e.memory.set_shape(set, vm.shapes.set.get().id());
        for i in (1..=arg).rev() {
            let v = self.peek(i)?;
            self.call_plain(&tables::SET_ADD_KEY, &[set, v])?;
        }
        self.result(arg, set, 1)
    }

    pub(crate) fn map_add(&mut self, vm: &Vm, arg: usize) -> Recorded {
        let (dict, key, v) = (self.peek(arg + 2)?, self.peek(2)?, self.peek(1)?);
        if !self.actual(2).is_some_and(|v| vm.is_key(v)) {
            return self.step(Bytecode::MAP_ADD, 2);
        }
        self.call_plain(&tables::DICT_SET, &[dict, key, v])?;
        self.pop_n(2);
        self.advance(1);
        Ok(())
    }

    pub(crate) fn list_extend(&mut self, vm: &Vm, arg: usize) -> Recorded {
        if self.extend_by_consumer(vm, Bytecode::LIST_EXTEND, arg)? {
            return Ok(());
        }
        let (list, items) = (self.peek(arg + 1)?, self.peek(1)?);
        if !self.actual(1).is_some_and(|v| vm.is_plain(v)) {
            return self.step(Bytecode::LIST_EXTEND, 1);
        }
        if let Some(constant) = self.display_items(vm, arg) {
            let items: Vec<Ref> = constant.iter().map(|v| self.constant(*v)).collect();
            let list = self.new_list(vm, &items)?;
            return self.result(2, list, 1);
        }
        if arg == 1
            && let Some(all) = self.display_so_far(vm, list, items)?
        {
            let list = self.new_list(vm, &all)?;
            return self.result(2, list, 1);
        }
        self.call_plain(&leaves::LIST_EXTEND, &[list, items])?;
        self.pop_one();
        self.advance(1);
        Ok(())
    }

    /// How many items a list has that nobody but the trace knows of, if they are few.
    pub(super) fn known_length(&mut self, list: Ref) -> Recorded<Option<usize>> {
        if !self.e.memory.is_fresh(self.e.resolve(list)) {
            return Ok(None);
        }
        let length = self.e.load(Ty::Int, list, LIST_LEN)?;
        let length = self.e.tree.as_int(length).map(|n| n as usize);
        Ok(length.filter(|n| *n <= MAX_ITEMS))
    }

    /// The items of a display like `[a, *b]`, whose list the trace has made, with those of a short
    /// tuple or list.
    fn display_so_far(&mut self, vm: &Vm, list: Ref, items: Ref) -> Recorded<Option<Vec<Ref>>> {
        let actual = self.actual(1);
        let tuple = exact_shape(vm, actual, vm.shapes.tuple.get().id());
        let header = tuple.or_else(|| exact_shape(vm, actual, vm.shapes.list.get().id()));
        let (Some(v), Some(header)) = (actual, header) else {
            return Ok(None);
        };
        let more = match v.cast::<Tuple>() {
            Some(tuple) => tuple.len(),
            None => v.cast::<List>().map_or(usize::MAX, |l| l.len()),
        };
        let Some(count) = self.known_length(list)? else {
            return Ok(None);
        };
        if more > MAX_ITEMS || count + more > MAX_ITEMS {
            return Ok(None);
        }
        self.guard_shape(items, header)?;
        let added = match tuple {
            Some(_) => self.items_of_tuple(items, more)?,
            None => self.items_of_list(items, more)?,
        };
        let mut all = self.items_of_list(list, count)?;
        all.extend(added);
        Ok(Some(all))
    }

    /// The items of a display like `[1, 2, 3]`: an empty list, made just now, gets those of a
    /// constant.
    fn display_items(&self, vm: &Vm, arg: usize) -> Option<Vec<Value>> {
        let f = self.frame();
        let before = |n: usize| {
            let word = f.code.instrs()[f.ip.checked_sub(n)?].get();
            Some((Bytecode::from_u8(word as u8)?.generic(), word >> 8))
        };
        if arg != 1
            || before(2)? != (Bytecode::BUILD_LIST, 0)
            || before(1)?.0 != Bytecode::LOAD_CONST
        {
            return None;
        }
        exact_shape(vm, self.actual(1), vm.shapes.tuple.get().id())?;
        let items = self.actual(1)?.cast::<Tuple>()?;
        (items.len() <= MAX_ITEMS).then(|| items.as_slice().to_vec())
    }

    pub(crate) fn delete_subscr(&mut self, vm: &Vm) -> Recorded {
        let (dict, key) = (self.peek(2)?, self.peek(1)?);
        let header = super::stack::exact_shape(vm, self.actual(2), vm.shapes.dict.get().id());
        let actual = self.actual(2).and_then(|v| v.cast::<Dict>());
        if let (Some(h), Some(actual), Some(k)) = (header, actual, self.actual(1))
            && matches!(actual.get_key(vm, k), Some(Some(_)))
        {
            self.guard_shape(dict, h)?;
            self.call_plain(&tables::DICT_DELETE, &[dict, key])?;
            self.pop_n(2);
            self.advance(1);
            return Ok(());
        }
        let list = super::stack::exact_shape(vm, self.actual(2), vm.shapes.list.get().id());
        if let Some(h) = list
            && self.actual(1).is_some_and(|v| leaves::is_simple_key(vm, v))
        {
            self.guard_shape(dict, h)?;
            self.call_plain(&leaves::LIST_DELETE, &[dict, key])?;
            self.pop_n(2);
            self.advance(1);
            return Ok(());
        }
        self.step(Bytecode::DELETE_SUBSCR, 2)
    }

    /// `MATCH_SEQUENCE`, `MATCH_MAPPING`.
    pub(crate) fn match_kind(&mut self, vm: &Vm, op: Bytecode) -> Recorded {
        use taipan_runtime::object::ClassFlags;
        let r = self.peek(1)?;
        let Some(v) = self.actual(1) else {
            return Err(Stop::Exit);
        };
        let flag = match op {
            Bytecode::MATCH_SEQUENCE => ClassFlags::SEQUENCE,
            Bytecode::MATCH_MAPPING => ClassFlags::MAPPING,
            _ => return self.step(op, 0),
        };
        self.guard_builtin(r, v)?;
        let class = vm.class_of(v);
        self.guard_class(class)?;
        let is = self.e.tree.bool(class.has_flag(flag));
        self.push(is);
        self.advance(1);
        Ok(())
    }
}
