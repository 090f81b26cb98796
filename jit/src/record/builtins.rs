//! Built-in functions whose meaning the trace knows.

use super::bytes::row_of;
use super::containers::{LIST_ITEM, LIST_LEN, TUPLE_LEN};
use super::make::{EXCEPTION_ARGS, MAX_ITEMS};
use super::stack::{Num, exact_shape};
use super::{Recorded, Recorder};
use crate::backend::{helpers, search, tables};
use crate::ir::{Class as Alias, Cond, Ins, Mem, Op, Ref, Ty};
use taipan_bytecode::opcode::BinaryOp;
use taipan_runtime::heap::Gc;
use taipan_runtime::object::{Class, ClassFlags, FloatCode, NativeFunction, Special};
use taipan_runtime::types::complex::Complex;
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::set::Set;
use taipan_runtime::types::str::Str;
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::value::{INT_MAX, INT_MIN};
use taipan_runtime::{Header, Kind, Value, Vm};

/// Most arguments of `min` and `max`.
const MAX_COMPARED: usize = 4;
/// Floats below this in magnitude convert to integers of 64 bits.
const CONVERTIBLE: f64 = (1u64 << 62) as f64;

/// The operator that a function of `operator` is.
fn operator_of(name: &str) -> Option<BinaryOp> {
    Some(match name {
        "add" => BinaryOp::Add,
        "sub" => BinaryOp::Subtract,
        "mul" => BinaryOp::Multiply,
        "truediv" => BinaryOp::TrueDivide,
        "floordiv" => BinaryOp::FloorDivide,
        "mod" => BinaryOp::Remainder,
        "pow" => BinaryOp::Power,
        "lshift" => BinaryOp::LShift,
        "rshift" => BinaryOp::RShift,
        "and_" => BinaryOp::And,
        "or_" => BinaryOp::Or,
        "xor" => BinaryOp::Xor,
        _ => return None,
    })
}

impl Recorder {
    /// `isinstance(v, (A, B))`, if that is decided by types alone.
    fn instance_of_any(
        &mut self,
        vm: &Vm,
        args: &[Ref],
        actuals: &[Option<Value>],
    ) -> Recorded<Option<Ref>> {
        let h = exact_shape(vm, actuals[1], vm.shapes.tuple.get().id());
        let classes = actuals[1].and_then(|v| v.cast::<Tuple>());
        let (Some(v), Some(h), Some(classes)) = (actuals[0], h, classes) else {
            return Ok(None);
        };
        if classes.len() > MAX_COMPARED {
            return Ok(None);
        }
        self.guard_shape(args[1], h)?;
        let refs = self.items_of_tuple(args[1], classes.len())?;
        for (class_ref, class) in refs.into_iter().zip(classes.as_slice()) {
            let Some(class) = class.cast::<Class>() else {
                return Ok(None);
            };
            match self.instance_of(vm, args[0], v, class_ref, class)? {
                Some(true) => return Ok(Some(self.e.tree.bool(true))),
                Some(false) => {}
                None => return Ok(None),
            }
        }
        Ok(Some(self.e.tree.bool(false)))
    }

    /// `tuple.__new__(cls, items)` of a subclass without attributes and a tuple.
    fn tuple_of_class(
        &mut self,
        vm: &Vm,
        f: Gc<NativeFunction>,
        callable: Ref,
        args: &[Ref],
        actuals: &[Option<Value>],
    ) -> Recorded<Option<Ref>> {
        let (&[class_ref, items], [Some(class), Some(tuple)]) = (args, actuals) else {
            return Ok(None);
        };
        let (Some(class), Some(tuple)) = (class.cast::<Class>(), tuple.cast::<Tuple>()) else {
            return Ok(None);
        };
        let Some(h) = exact_shape(vm, actuals[1], vm.shapes.tuple.get().id()) else {
            return Ok(None);
        };
        let shape = class.root_shape.get();
        // Other native types that are tuples are not made so.
        let native = class
            .mro()
            .iter()
            .filter_map(|c| c.cast::<Class>())
            .find(|c| c.has_flag(ClassFlags::IMMUTABLE));
        if native != Some(vm.types.tuple.get())
            || shape.layout.kind != Kind::Tuple
            || class == vm.types.tuple.get()
            || shape.has_attributes()
            || shape.needs_registration()
            || !(1..=MAX_ITEMS).contains(&tuple.len())
        {
            return Ok(None);
        }
        self.guard_is(callable, f.value())?;
        self.guard_is(class_ref, class.value())?;
        self.guard_shape(items, h)?;
        let parts = self.items_of_tuple(items, tuple.len())?;
        self.new_tuple_of(shape, &parts).map(Some)
    }

    /// The result of a built-in function; none if the trace does not know it for these
    /// arguments.
    pub(super) fn built_in(
        &mut self,
        vm: &Vm,
        f: Gc<NativeFunction>,
        callable: Ref,
        args: &[Ref],
        actuals: &[Option<Value>],
    ) -> Recorded<Option<Ref>> {
        if vm.types.tuple.get().special(Special::New) == Some(f.value()) {
            return self.tuple_of_class(vm, f, callable, args, actuals);
        }
        if f.def.field.is_some() {
            return self.field_access(vm, f, callable, args, actuals);
        }
        let Some(owner) = f.owner.get() else {
            return Ok(None);
        };
        let owner = match (owner.cast::<Class>(), owner.cast::<Str>()) {
            (Some(class), _) if f.is_descriptor() => class.name_string(),
            (_, Some(module)) if !f.is_descriptor() => module.to_text(),
            _ => return Ok(None),
        };
        if let Some(code) = f.def.floats
            && let Some(r) = self.float_function(code, f, callable, args, actuals)?
        {
            return Ok(Some(r));
        }
        if let (Some(code), &[r], &[v]) = (f.def.complex, args, actuals)
            && let Some(r) = self.complex_function(vm, code, f, (callable, r), v)?
        {
            return Ok(Some(r));
        }
        let name = f.def.name;
        let first = actuals.first().copied().flatten();
        let shape_of_list = vm.shapes.list.get().id();
        let shape_of_str = vm.shapes.str.get().id();
        if owner == "str"
            && args.len() == 1
            && let Some(bit) = Str::TESTS.iter().position(|test| *test == name)
            && first
                .and_then(|v| v.cast::<Str>())
                .is_some_and(|s| s.len() == 1)
            && self.str(vm, args[0], first)?
        {
            self.guard_is(callable, f.value())?;
            let bits = self.call_plain(&helpers::STR_TESTS, &[args[0]])?;
            let mask = self.e.tree.int(1 << bit);
            let set = self.e.op2(Op::And, Ty::Int, bits, mask)?;
            let zero = self.e.tree.int(0);
            return self.icmp(Cond::Ne, set, zero).map(Some);
        }
        if owner == "_operator"
            && let (&[a, b], &[x, y], Some(op)) = (args, actuals, operator_of(name))
        {
            let r = self.number_binary(op, (a, b), (x, y))?;
            if r.is_some() {
                self.guard_is(callable, f.value())?;
            }
            return Ok(r);
        }
        Ok(match (owner.as_str(), name, args.len()) {
            ("builtins", "len", 1) => {
                let Some(h) = first.and_then(|v| v.header()) else {
                    return Ok(None);
                };
                let shapes = &vm.shapes;
                let mem = if self.plain_list(vm, first, Special::Len).is_some() {
                    self.guard_shape(args[0], h)?;
                    self.guard_class(h.shape().class())?;
                    LIST_LEN
                } else if h.shape_id() == shapes.tuple.get().id() {
                    TUPLE_LEN
                } else if h.shape_id() == shape_of_str {
                    Mem::new(Alias::Const, 8, Str::LEN_OFFSET)
                } else if h.shape_id() == shapes.dict.get().id() {
                    Mem::new(Alias::Dict, 8, Dict::LEN_OFFSET)
                } else if let Some(row) = first.and_then(row_of) {
                    self.guard_is(callable, f.value())?;
                    return self.row_length(args[0], h, &row).map(Some);
                } else if super::arrays::exact_array(first).is_some() {
                    super::arrays::ARRAY_LEN
                } else if self.guard_tuple(vm, args[0], first, Special::Len)? {
                    TUPLE_LEN
                } else {
                    let Some(v) = first else { return Ok(None) };
                    let length = self.native_length(vm, args[0], v)?;
                    if length.is_some() {
                        self.guard_is(callable, f.value())?;
                    }
                    return Ok(length);
                };
                self.guard_is(callable, f.value())?;
                self.guard_shape(args[0], h)?;
                Some(self.e.load(Ty::Int, args[0], mem)?)
            }
            ("builtins", "abs", 1) if first.is_some_and(|v| v.cast::<Complex>().is_some()) => {
                let size = self.complex_abs(vm, args[0], first)?;
                if size.is_some() {
                    self.guard_is(callable, f.value())?;
                }
                size
            }
            ("builtins", "divmod", 2) => {
                let operands = [first, actuals[1]];
                if !operands.iter().all(|v| v.is_some_and(Value::is_int)) {
                    return Ok(None);
                }
                let (Some(m), Some(n)) =
                    (self.num(args[0], first)?, self.num(args[1], actuals[1])?)
                else {
                    return Ok(None);
                };
                let quotient = self.int_op(BinaryOp::FloorDivide, m, n, first, actuals[1])?;
                let rest = self.int_op(BinaryOp::Remainder, m, n, first, actuals[1])?;
                let (Some(quotient), Some(rest)) = (quotient, rest) else {
                    return Ok(None);
                };
                self.guard_is(callable, f.value())?;
                Some(self.pair(vm, quotient, rest)?)
            }
            ("builtins", "next", 1 | 2) => {
                let Some(v) = first else { return Ok(None) };
                let Some(next) = self.next_of_sequence(vm, args[0], v)? else {
                    return Ok(None);
                };
                let Some(r) = next.item.or(args.get(1).copied()) else {
                    return Ok(None);
                };
                self.guard_is(callable, f.value())?;
                for (object, mem, value) in next.stores {
                    self.e.store(object, mem, value)?;
                }
                Some(r)
            }
            ("complex", "conjugate", 1) => {
                let z = self.complex_negated(vm, args[0], first, false)?;
                if z.is_some() {
                    self.guard_is(callable, f.value())?;
                }
                z
            }
            ("builtins", "abs", 1) => {
                let Some(n) = self.number_of(f, callable, args[0], first)? else {
                    return Ok(None);
                };
                match n {
                    Num::Float(x) => Some(self.e.op1(Op::FAbs, Ty::Float, x)?),
                    Num::Int(i) => Some(self.absolute(i)?),
                    Num::Bool(_) => None,
                }
            }
            ("builtins", "round", 1) | ("math", "floor" | "ceil" | "trunc", 1) => {
                let Some(n) = self.number_of(f, callable, args[0], first)? else {
                    return Ok(None);
                };
                match n {
                    Num::Int(i) => Some(i),
                    Num::Bool(_) => None,
                    Num::Float(x) => {
                        let whole = match name {
                            "round" => self.e.op1(Op::FNearest, Ty::Float, x)?,
                            "floor" => self.e.op1(Op::FFloor, Ty::Float, x)?,
                            "ceil" => self.e.op1(Op::FCeil, Ty::Float, x)?,
                            _ => x,
                        };
                        self.truncated(whole, first)?
                    }
                }
            }
            ("builtins", "min" | "max", 2..=MAX_COMPARED) => {
                self.extreme(name == "min", f, callable, args, actuals)?
            }
            ("builtins", "isinstance", 2)
                if exact_shape(vm, actuals[1], vm.shapes.tuple.get().id()).is_some() =>
            {
                let is = self.instance_of_any(vm, args, actuals)?;
                if is.is_some() {
                    self.guard_is(callable, f.value())?;
                }
                is
            }
            ("builtins", "isinstance", 2) => {
                let Some(class) = actuals[1].and_then(|v| v.cast::<Class>()) else {
                    return Ok(None);
                };
                let Some(v) = first else { return Ok(None) };
                let Some(is) = self.instance_of(vm, args[0], v, args[1], class)? else {
                    return Ok(None);
                };
                self.guard_is(callable, f.value())?;
                Some(self.e.tree.bool(is))
            }
            ("list", "count" | "index", 2)
                if exact_shape(vm, first, shape_of_list).is_some()
                    && actuals[1].is_some_and(|v| search::is_known(vm, first, v, name)) =>
            {
                self.guard_is(callable, f.value())?;
                if let Some(h) = exact_shape(vm, first, shape_of_list) {
                    self.guard_shape(args[0], h)?;
                }
                let helper = match name {
                    "count" => &search::LIST_COUNT,
                    _ => &search::LIST_INDEX,
                };
                let n = self.call_plain(helper, args)?;
                Some(self.guard1(Op::GuardInt, Ty::Int, n)?)
            }
            ("list", "append", 2) | ("list", "pop", 1) => {
                let Some(h) = instance_of_kind(first, vm.types.list.get()) else {
                    return Ok(None);
                };
                self.guard_is(callable, f.value())?;
                self.guard_shape(args[0], h)?;
                if name == "pop" {
                    return self.call_plain(&helpers::LIST_POP, &[args[0]]).map(Some);
                }
                self.call_plain(&helpers::LIST_PUSH, &[args[0], args[1]])?;
                Some(self.constant(Value::NONE))
            }
            ("list", "__getitem__", 2) | ("list", "__setitem__", 3) => {
                let Some(h) = instance_of_kind(first, vm.types.list.get()) else {
                    return Ok(None);
                };
                self.guard_is(callable, f.value())?;
                self.guard_shape(args[0], h)?;
                let place = self.item_of_list([args[0], args[1]], [first, actuals[1]])?;
                let Some((items, i)) = place else {
                    return Ok(None);
                };
                match args.get(2) {
                    Some(v) => {
                        let v = self.e.boxed(*v);
                        self.e.store_idx(items, i, LIST_ITEM, v)?;
                        Some(self.constant(Value::NONE))
                    }
                    None => Some(self.e.load_idx(Ty::Val, items, i, LIST_ITEM)?),
                }
            }
            ("dict", "__getitem__" | "__contains__", 2) | ("dict", "__setitem__", 3) => {
                let (Some(h), Some(k)) = (instance_of_kind(first, vm.types.dict.get()), actuals[1])
                else {
                    return Ok(None);
                };
                let dict = first.and_then(|v| v.cast::<Dict>());
                let found = dict.and_then(|dict| Some((dict, dict.get_key(vm, k)?)));
                let Some((dict, found)) = found else {
                    return Ok(None);
                };
                if found.is_none() && name == "__getitem__" {
                    return Ok(None);
                }
                self.guard_is(callable, f.value())?;
                self.guard_shape(args[0], h)?;
                if name == "__setitem__" {
                    self.store_in_table(vm, (args[0], dict), args[1], args[2])?;
                    return Ok(Some(self.constant(Value::NONE)));
                }
                let r = self.find_in_dict(vm, (args[0], dict), args[1], k)?;
                let missing = self.is_missing(r)?;
                if name == "__contains__" {
                    return Ok(Some(self.e.op1(Op::Not, Ty::Bool, missing)?));
                }
                self.guard_truth(missing, false)?;
                Some(r)
            }
            ("dict", "get", 2 | 3) => {
                self.guard_is(callable, f.value())?;
                self.dict_get(vm, args, actuals)?
            }
            ("set", "add", 2) => {
                let Some(h) = instance_of_kind(first, vm.types.set.get()) else {
                    return Ok(None);
                };
                let Some(set) = first.and_then(|v| v.cast::<Set>()) else {
                    return Ok(None);
                };
                let found = actuals[1].and_then(|v| set.contains_key(vm, v));
                if found.is_none() {
                    return Ok(None);
                }
                self.guard_is(callable, f.value())?;
                self.guard_shape(args[0], h)?;
                self.call_plain(&tables::SET_ADD_KEY, args)?;
                Some(self.constant(Value::NONE))
            }
            ("BaseException", "__init__", 1..) => {
                let Some(h) = first
                    .and_then(Value::header)
                    .filter(|h| h.shape().layout.kind == Kind::Exception)
                else {
                    return Ok(None);
                };
                self.guard_is(callable, f.value())?;
                self.guard_shape(args[0], h)?;
                let tuple = self.tuple_of(vm, &args[1..])?;
                self.e.store(args[0], EXCEPTION_ARGS, tuple)?;
                Some(self.constant(Value::NONE))
            }
            ("builtins", "ord", 1) => {
                let Some(h) = exact_shape(vm, first, shape_of_str) else {
                    return Ok(None);
                };
                self.guard_is(callable, f.value())?;
                self.guard_shape(args[0], h)?;
                let n = self.str_len(args[0])?;
                let one = self.e.tree.int(1);
                let ok = self.icmp(Cond::Eq, n, one)?;
                self.guard_true(ok)?;
                Some(self.call_plain(&helpers::ORD, &[args[0]])?)
            }
            ("builtins", "chr", 1) => {
                if !first
                    .and_then(Value::as_int)
                    .is_some_and(|i| (0..256).contains(&i))
                {
                    return Ok(None);
                }
                self.guard_is(callable, f.value())?;
                let Some(i) = self.int(args[0], first)? else {
                    return Ok(None);
                };
                let limit = self.e.tree.int(256);
                let ok = self.icmp(Cond::Below, i, limit)?;
                self.guard_true(ok)?;
                Some(self.call_plain(&helpers::CHR, &[i])?)
            }
            _ => None,
        })
    }

    /// `int(x)` and `float(x)` of a number, and `range` of immediate integers.
    pub(super) fn construct_number(
        &mut self,
        vm: &Vm,
        class: Gc<Class>,
        callable: Ref,
        args: &[Ref],
        actuals: &[Option<Value>],
    ) -> Recorded<Option<Ref>> {
        let types = &vm.types;
        if class == types.range.get() {
            return self.construct_range(vm, class, callable, args, actuals);
        }
        let [r] = args else { return Ok(None) };
        if class != types.int.get() && class != types.float.get() {
            return Ok(None);
        }
        if !self.is_number(*r, actuals[0]) {
            return Ok(None);
        }
        self.guard_is(callable, class.value())?;
        let Some(n) = self.num(*r, actuals[0])? else {
            return Ok(None);
        };
        if class == types.float.get() {
            return self.as_float_ref(n).map(Some);
        }
        match n {
            Num::Int(i) => Ok(Some(i)),
            Num::Bool(b) => Ok(Some(self.e.op1(Op::BToI, Ty::Int, b)?)),
            Num::Float(x) => self.truncated(x, actuals[0]),
        }
    }

    fn is_number(&self, r: Ref, actual: Option<Value>) -> bool {
        self.is_unboxed(self.e.resolve(r))
            || actual.is_some_and(|v| v.is_int() || v.is_float() || v.is_bool())
    }

    /// The number that the function is called with, the function being guarded.
    fn number_of(
        &mut self,
        f: Gc<NativeFunction>,
        callable: Ref,
        r: Ref,
        actual: Option<Value>,
    ) -> Recorded<Option<Num>> {
        if !self.is_number(r, actual) {
            return Ok(None);
        }
        self.guard_is(callable, f.value())?;
        self.num(r, actual)
    }

    fn absolute(&mut self, i: Ref) -> Recorded<Ref> {
        let zero = self.e.tree.int(0);
        if self.e.range(i).0 >= 0 {
            return Ok(i);
        }
        let snap = self.snap();
        let negated = self
            .e
            .emit(Ins::new(Op::SubOv, Ty::Int).a(zero).b(i).snap(snap))?;
        let negative = self.icmp(Cond::Lt, i, zero)?;
        self.select(negative, negated, i)
    }

    fn select(&mut self, condition: Ref, then: Ref, otherwise: Ref) -> Recorded<Ref> {
        let ty = self.e.tree.ty(then);
        Ok(self
            .e
            .emit(Ins::new(Op::Select, ty).a(condition).b(then).c(otherwise))?)
    }

    /// A float without its fraction, as an integer; none if `actual` is too large for that.
    fn truncated(&mut self, x: Ref, actual: Option<Value>) -> Recorded<Option<Ref>> {
        // Rounding adds one at most.
        if !actual
            .and_then(Value::as_float)
            .is_some_and(|x| x.abs() < CONVERTIBLE - 1024.0)
        {
            return Ok(None);
        }
        self.guard_magnitude(x, CONVERTIBLE)?;
        Ok(Some(self.e.op1(Op::FToI, Ty::Int, x)?))
    }

    /// Guards that a float is smaller in magnitude.
    pub(super) fn guard_magnitude(&mut self, x: Ref, limit: f64) -> Recorded {
        let magnitude = self.e.op1(Op::FAbs, Ty::Float, x)?;
        let limit = self.e.tree.float(limit);
        let ok = self.fcmp(Cond::Lt, magnitude, limit)?;
        self.guard_true(ok)
    }

    /// The smallest or largest of numbers of one type: a later one has to compare as wished.
    fn extreme(
        &mut self,
        smallest: bool,
        f: Gc<NativeFunction>,
        callable: Ref,
        args: &[Ref],
        actuals: &[Option<Value>],
    ) -> Recorded<Option<Ref>> {
        let type_of = |r: Ref, v: Option<Value>, s: &Self| match s.e.tree.ty(s.e.resolve(r)) {
            Ty::Val => super::stack::ty_of(v),
            ty => ty,
        };
        let ty = type_of(args[0], actuals[0], self);
        let uniform = args
            .iter()
            .zip(actuals)
            .all(|(r, v)| type_of(*r, *v, self) == ty);
        if !uniform || !matches!(ty, Ty::Int | Ty::Float) {
            return Ok(None);
        }
        self.guard_is(callable, f.value())?;
        let mut best = Ref::NONE;
        for (r, v) in args.iter().zip(actuals) {
            let Some(Num::Int(next) | Num::Float(next)) = self.num(*r, *v)? else {
                return Ok(None);
            };
            if best.is_none() {
                best = next;
                continue;
            }
            let cond = if smallest { Cond::Lt } else { Cond::Gt };
            let op = if ty == Ty::Int { Op::ICmp } else { Op::FCmp };
            let better = self
                .e
                .emit(Ins::new(op, Ty::Bool).a(next).b(best).aux(cond as u64))?;
            best = self.select(better, next, best)?;
        }
        Ok(Some(best))
    }

    /// A function that states its code for floats: its result is that if it is finite.
    fn float_function(
        &mut self,
        code: FloatCode,
        f: Gc<NativeFunction>,
        callable: Ref,
        args: &[Ref],
        actuals: &[Option<Value>],
    ) -> Recorded<Option<Ref>> {
        let mut values = [0.0; 2];
        for (i, v) in actuals.iter().enumerate() {
            let (Some(value), Some(place)) = (v.and_then(float_of), values.get_mut(i)) else {
                return Ok(None);
            };
            *place = value;
        }
        let (address, helper, now) = match (code, actuals.len()) {
            (FloatCode::One(code), 1) => (
                code as *const () as usize,
                &helpers::FLOAT_CALL_1,
                code(values[0]),
            ),
            (FloatCode::Two(code), 2) => (
                code as *const () as usize,
                &helpers::FLOAT_CALL_2,
                code(values[0], values[1]),
            ),
            _ => return Ok(None),
        };
        if !now.is_finite() {
            return Ok(None);
        }
        self.guard_is(callable, f.value())?;
        let mut all = vec![self.e.tree.ptr(address)];
        for (r, v) in args.iter().zip(actuals) {
            let Some(n) = self.num(*r, *v)? else {
                return Ok(None);
            };
            all.push(self.as_float_ref(n)?);
        }
        // The processor has an instruction for that one.
        let result = if f.def.name == "sqrt" {
            self.e.op1(Op::FSqrt, Ty::Float, all[1])?
        } else {
            self.call_plain(helper, &all)?
        };
        self.guard_magnitude(result, f64::INFINITY)?;
        Ok(Some(result))
    }

    /// `range` of immediate integers with a step that the trace knows.
    fn construct_range(
        &mut self,
        vm: &Vm,
        class: Gc<Class>,
        callable: Ref,
        args: &[Ref],
        actuals: &[Option<Value>],
    ) -> Recorded<Option<Ref>> {
        let is_int = |v: &Option<Value>| v.is_some_and(Value::is_int);
        if !(1..=3).contains(&args.len()) || !actuals.iter().all(is_int) {
            return Ok(None);
        }
        let step = match actuals.get(2).copied().flatten().and_then(Value::as_int) {
            None => 1,
            Some(step @ -1024..=1024) if step != 0 => step,
            Some(_) => return Ok(None),
        };
        self.guard_is(callable, class.value())?;
        let mut parts = Vec::with_capacity(3);
        for (r, v) in args.iter().zip(actuals) {
            let Some(Num::Int(i)) = self.num(*r, *v)? else {
                return Ok(None);
            };
            // In the trace it may have left the immediate range, which iterators stay in.
            self.guard_between(i, INT_MIN, INT_MAX)?;
            parts.push(i);
        }
        let value = |i: usize| actuals[i].and_then(Value::as_int).unwrap_or_default();
        let (start, stop, first, last) = match parts[..] {
            [stop] => (self.e.tree.int(0), stop, 0, value(0)),
            [start, stop, ..] => (start, stop, value(0), value(1)),
            [] => return Ok(None),
        };
        let step_ref = self.e.tree.int(step);
        if let Some(given) = parts.get(2) {
            let same = self.icmp(Cond::Eq, *given, step_ref)?;
            self.guard_true(same)?;
        }
        // From one end to the other upwards.
        let (low, high, has_items) = if step > 0 {
            (start, stop, first < last)
        } else {
            (stop, start, last < first)
        };
        let some = self.icmp(Cond::Lt, low, high)?;
        self.guard_truth(some, has_items)?;
        let length = if has_items {
            // Immediate integers: 64 bits hold what they differ by.
            let mut span = self.e.op2(Op::Sub, Ty::Int, high, low)?;
            if step.abs() != 1 {
                let (less, by) = (self.e.tree.int(1), self.e.tree.int(step.abs()));
                span = self.e.op2(Op::Sub, Ty::Int, span, less)?;
                span = self.e.op2(Op::Div, Ty::Int, span, by)?;
                span = self.e.op2(Op::Add, Ty::Int, span, less)?;
            }
            span
        } else {
            self.e.tree.int(0)
        };
        self.new_range(vm, [start, stop, step_ref, length])
            .map(Some)
    }
}

/// The header of an instance of a built-in class or of one derived from it, which has its layout.
fn instance_of_kind(v: Option<Value>, class: Gc<Class>) -> Option<&'static Header> {
    v?.header().filter(|h| {
        let shape = h.shape();
        shape.layout.kind == class.layout.kind && shape.class().is_subclass_of(class)
    })
}

/// The float that a number is converted to, exactly as compiled code does.
fn float_of(v: Value) -> Option<f64> {
    v.as_float().or(v.as_int().map(|i| i as f64))
}
