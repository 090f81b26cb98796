//! Calls: Python functions are inlined, some built-ins seen through.

use super::arguments::{Arguments, plan};
use super::make::MAX_ITEMS;
use super::stack::exact_shape;
use super::{Recorded, Recorder, Stop};
use crate::backend::{helpers, leaves};
use crate::ir::{At, AtKind, Class as Alias, Cond, Ins, Mem, Op, Ref, Ty};
use std::mem::offset_of;
use taipan_bytecode::CodeFlags;
use taipan_bytecode::opcode::Op as Bytecode;
use taipan_runtime::heap::Gc;
use taipan_runtime::object::{Class, ClassFlags, NativeFunction, Special};
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::frame::Frame;
use taipan_runtime::types::function::Function;
use taipan_runtime::types::list::List;
use taipan_runtime::types::method::BoundMethod;
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::{Kind, Value, Vm};

/// A call without receiver.
struct Call<'a> {
    callable: Ref,
    positional: &'a [Ref],
    /// What the positional arguments are now.
    actuals: &'a [Option<Value>],
    /// Names and values.
    keywords: &'a [(Value, Ref)],
    /// How many values the call takes from the stack.
    below: usize,
    /// Length of the instruction.
    units: usize,
}

impl Call<'_> {
    fn names(&self) -> Vec<Value> {
        self.keywords.iter().map(|(name, _)| *name).collect()
    }
}

pub(super) const DICT_LEN: Mem = Mem::new(Alias::Dict, 8, Dict::LEN_OFFSET);
/// Keywords of a call whose names are in a dict.
const MAX_KEYWORDS: usize = 6;
/// The tuple or list of arguments of `CALL_FUNCTION_EX`.
struct Unpacked {
    header: &'static taipan_runtime::Header,
    is_list: bool,
    items: Vec<Value>,
}

/// Whether a function is one of many with the same code, or soon will be: a closure, what else
/// is defined inside another function, and what was made more than once.
pub(super) fn is_made_anew(f: Gc<Function>) -> bool {
    f.closure.get().is_some() || f.code().has(CodeFlags::NESTED) || f.code().functions.get() > 1
}

impl Recorder {
    /// The tuple of some values, of none too.
    pub(super) fn tuple_of(&mut self, vm: &Vm, args: &[Ref]) -> Recorded<Ref> {
        if !args.is_empty() {
            return self.new_tuple(vm, args);
        }
        // There is one empty tuple.
        match vm.new_tuple(&[]) {
            Ok(empty) => Ok(self.constant(empty.value())),
            Err(_) => Err(Stop::Abort("no memory")),
        }
    }

    pub(crate) fn call(&mut self, vm: &Vm, arg: usize) -> Recorded {
        let units = 1 + Bytecode::CALL.caches();
        let (callable, receiver) = (self.peek(arg + 2)?, self.peek(arg + 1)?);
        let Some(v) = self.actual(arg + 2) else {
            return Err(Stop::Exit);
        };
        self.called = Some(v);
        let has_receiver = self.actual(arg + 1).is_some();
        self.guard_presence(receiver, has_receiver)?;
        let mut args = Vec::with_capacity(arg + 1);
        let mut actuals = Vec::with_capacity(arg + 1);
        if has_receiver {
            args.push(receiver);
            actuals.push(self.actual(arg + 1));
        }
        for i in (1..=arg).rev() {
            args.push(self.peek(i)?);
            actuals.push(self.actual(i));
        }
        let Some(h) = v.header() else {
            return Err(Stop::Exit);
        };
        if let Some(f) = self.consumer(vm, (callable, v), has_receiver, &args, &actuals, &[])? {
            let function = self.constant(f.value());
            self.callee_first(vm, f, args.len())?;
            if self.call_compiled(vm, f, function, &args, &actuals, arg + 2, units)? {
                return Ok(());
            }
            return self.call_any_callable(function, has_receiver, arg, units);
        }
        if h.shape().layout.kind == Kind::Native
            && (self.resume_by_call(vm, (callable, v), &args, &actuals, arg + 2)?
                || self.inline_length(vm, (callable, v), &args, &actuals, arg + 2)?
                || self.next_of_exhausted(vm, (callable, v), &args, &actuals)?)
        {
            return Ok(());
        }
        if !has_receiver && self.failing_int(vm, (callable, v), &args, &actuals)? {
            return Ok(());
        }
        match h.shape().layout.kind {
            Kind::Function => {
                if let Some(f) = v.cast::<Function>() {
                    if self.can_inline(vm, f, args.len())? {
                        let function = self.callee(callable, f)?;
                        return self.inline(vm, f, function, &args, arg + 2, units as u32, 0);
                    }
                    self.callee_first(vm, f, args.len())?;
                    if self.call_compiled(vm, f, callable, &args, &actuals, arg + 2, units)? {
                        return Ok(());
                    }
                }
            }
            Kind::BoundMethod if !has_receiver => {
                if let Some(m) = v.cast::<BoundMethod>()
                    && let Some(f) = m.function.or_none().cast::<Function>()
                {
                    let can_inline = self.can_inline(vm, f, args.len() + 1)?;
                    if !can_inline && self.compiled_callee(vm, f.code()).is_none() {
                        self.callee_first(vm, f, args.len() + 1)?;
                        return self.call_any_callable(callable, has_receiver, arg, units);
                    }
                    self.guard_shape(callable, h)?;
                    let [function, receiver] = self.method_parts(callable)?;
                    args.insert(0, receiver);
                    if !can_inline {
                        actuals.insert(0, m.receiver.get());
                        if self.call_compiled(vm, f, function, &args, &actuals, arg + 2, units)? {
                            return Ok(());
                        }
                        return self.call_any_callable(callable, has_receiver, arg, units);
                    }
                    let function = self.callee(function, f)?;
                    // The interpreter puts both on the stack; nobody sees the difference after the call.
                    return self.inline(vm, f, function, &args, arg + 2, units as u32, 0);
                }
            }
            Kind::Class if !has_receiver => {
                if let Some(class) = v.cast::<Class>() {
                    let call = Call {
                        callable,
                        positional: &args,
                        actuals: &actuals,
                        keywords: &[],
                        below: arg + 2,
                        units,
                    };
                    if self.construct(vm, class, &call)? {
                        return Ok(());
                    }
                    let mut made = self.construct_number(vm, class, callable, &args, &actuals)?;
                    if made.is_none() {
                        made = self.construct_stated(vm, class, callable, &args, &actuals)?;
                    }
                    if let Some(r) = made {
                        return self.result(arg + 2, r, units);
                    }
                }
            }
            Kind::Native => {
                if let Some(f) = v.cast::<NativeFunction>()
                    && let Some(r) = self.call_native(vm, f, callable, &args, &actuals)?
                {
                    return self.result(arg + 2, r, units);
                }
            }
            Kind::Instance
                if !has_receiver && self.call_instance(vm, h, callable, &args, arg, units)? =>
            {
                return Ok(());
            }
            Kind::Other
                if !has_receiver
                    && self.call_wrapper(vm, (callable, v), &args, &actuals, arg + 2)? =>
            {
                return Ok(());
            }
            _ => {}
        }
        self.call_any_callable(callable, has_receiver, arg, units)
    }

    /// Function and receiver of a bound method.
    pub(super) fn method_parts(&mut self, method: Ref) -> Recorded<[Ref; 2]> {
        let offsets = [
            offset_of!(BoundMethod, function),
            offset_of!(BoundMethod, receiver),
        ];
        let mut parts = [Ref::NONE; 2];
        for (part, offset) in parts.iter_mut().zip(offsets) {
            let field = Mem::new(Alias::Const, 8, offset);
            *part = self.e.load(Ty::Val, method, field)?;
        }
        Ok(parts)
    }

    /// A call of a native function that the trace knows, or that states what it does.
    fn call_native(
        &mut self,
        vm: &Vm,
        mut f: Gc<NativeFunction>,
        mut callable: Ref,
        args: &[Ref],
        actuals: &[Option<Value>],
    ) -> Recorded<Option<Ref>> {
        let (mut args, mut actuals) = (args.to_vec(), actuals.to_vec());
        if let Some((method, r, receiver)) = self.unbound_native(vm, f, callable)? {
            args.insert(0, r);
            actuals.insert(0, Some(receiver));
            callable = self.constant(method.value());
            f = method;
        }
        if let Some(r) = self.object_function(vm, f, callable, &args, &actuals)? {
            return Ok(Some(r));
        }
        if let Some(r) = self.built_in(vm, f, callable, &args, &actuals)? {
            return Ok(Some(r));
        }
        self.call_stated(vm, f, callable, &args, &actuals)
    }

    /// Any other callable: the operands are on the stack as they are.
    pub(super) fn call_any_callable(
        &mut self,
        callable: Ref,
        has_receiver: bool,
        arg: usize,
        units: usize,
    ) -> Recorded {
        let snap = self.snap();
        let callable = self.e.boxed(callable);
        let extra = usize::from(has_receiver);
        let at = At {
            kind: AtKind::Call,
            first: (self.frame().sp - arg - extra) as u32,
            count: (arg + extra) as u32,
        };
        let result = self.e.emit(
            Ins::new(Op::CallAt, Ty::Val)
                .a(callable)
                .aux(at.aux())
                .snap(snap),
        )?;
        self.result(arg + 2, result, units)
    }

    /// An instance with a Python `__call__`, which becomes the first argument.
    #[allow(clippy::too_many_arguments, reason = "a call's parts")]
    fn call_instance(
        &mut self,
        vm: &Vm,
        h: &'static taipan_runtime::Header,
        callable: Ref,
        args: &[Ref],
        arg: usize,
        units: usize,
    ) -> Recorded<bool> {
        let class = h.shape().class();
        let Some(f) = class
            .special(Special::Call)
            .and_then(|f| f.cast::<Function>())
        else {
            return Ok(false);
        };
        if !self.can_inline(vm, f, args.len() + 1)? {
            return Ok(false);
        }
        self.guard_shape(callable, h)?;
        self.guard_class(class)?;
        let function = self.constant(f.value());
        let mut all = vec![self.e.boxed(callable)];
        all.extend_from_slice(args);
        self.inline(vm, f, function, &all, arg + 2, units as u32, 0)?;
        Ok(true)
    }

    /// Guards that a callee is this function, or for closures one with the same code.
    pub(super) fn callee(&mut self, r: Ref, f: Gc<Function>) -> Recorded<Ref> {
        let r = self.e.boxed(r);
        if self.e.tree.as_bits(r).is_some() {
            return Ok(r);
        }
        if !is_made_anew(f) {
            return self.guard_is(r, f.value());
        }
        // It is made again and again, its code and module stay.
        if let Some(h) = f.value().header() {
            self.guard_shape(r, h)?;
        }
        let parts = [
            (offset_of!(Function, code), f.code().value()),
            (offset_of!(Function, globals), f.globals().value()),
        ];
        for (offset, v) in parts {
            let part = self
                .e
                .load(Ty::Val, r, Mem::new(Alias::Version, 8, offset))?;
            self.guard_is(part, v)?;
        }
        Ok(r)
    }

    /// A new instance of a plain class.
    pub(super) fn instance_of_class(&mut self, class: Gc<Class>) -> Recorded<Ref> {
        let shape = class.root_shape.get();
        if let Some(instance) = self.new_instance(shape)? {
            return Ok(instance);
        }
        let class = self.constant(class.value());
        let instance = self.call_plain(&helpers::NEW_INSTANCE, &[class])?;
        self.e.memory.set_shape(instance, shape.id());
        Ok(instance)
    }

    /// Inlines the Python function that a call of a class runs.
    fn inline_class_call(
        &mut self,
        vm: &Vm,
        class: Gc<Class>,
        f: Gc<Function>,
        call: &Call<'_>,
    ) -> Recorded<bool> {
        let Some(plan) = plan(f, call.positional.len() + 1, &call.names()) else {
            return Ok(false);
        };
        if !self.is_inlinable(vm, f) {
            return Ok(false);
        }
        if let Some(h) = class.value().header()
            && class.class() != vm.types.type_.get()
        {
            self.guard_shape(call.callable, h)?;
            self.guard_class(class.class())?;
        }
        let r = self.guard_is(call.callable, class.value())?;
        self.guard_class(class)?;
        let function = self.constant(f.value());
        let mut all = vec![r];
        all.extend_from_slice(call.positional);
        let args = Arguments {
            positional: &all,
            keywords: call.keywords,
        };
        let bound = (&plan, &args);
        self.inline_planned(vm, f, function, bound, call.below, call.units as u32, 0)?;
        Ok(true)
    }

    /// Guards that this class is called, and that it and its metaclass stay what they are.
    fn guard_called(&mut self, vm: &Vm, callable: Ref, class: Gc<Class>) -> Recorded {
        if let Some(h) = class.value().header()
            && class.class() != vm.types.type_.get()
        {
            self.guard_shape(callable, h)?;
            self.guard_class(class.class())?;
        }
        self.guard_is(callable, class.value())?;
        self.guard_class(class)
    }

    /// Calls a class whose instances are made in the usual way and that has a Python `__init__`.
    fn construct(&mut self, vm: &Vm, class: Gc<Class>, call: &Call<'_>) -> Recorded<bool> {
        if let Some(f) = vm.class_call(class) {
            return self.inline_class_call(vm, class, f, call);
        }
        if !vm.is_called_as_usual(class) || class.has_flag(ClassFlags::ABSTRACT) {
            return Ok(false);
        }
        let is_exception = vm.makes_plain_exceptions(class);
        if !is_exception
            && (class.special(Special::New) != vm.defaults.new.get()
                || class.layout.kind != Kind::Instance)
        {
            return Ok(false);
        }
        if is_exception && class.special(Special::Init) == vm.defaults.exception_init.get() {
            if !call.keywords.is_empty() {
                return Ok(false);
            }
            self.guard_called(vm, call.callable, class)?;
            let shape = class.root_shape.get();
            let Some(e) = self.new_exception(vm, shape, call.positional)? else {
                return Ok(false);
            };
            self.result(call.below, e, call.units)?;
            return Ok(true);
        }
        if !is_exception
            && call.positional.is_empty()
            && call.keywords.is_empty()
            && class.special(Special::Init) == vm.defaults.init.get()
        {
            self.guard_called(vm, call.callable, class)?;
            let instance = self.instance_of_class(class)?;
            self.result(call.below, instance, call.units)?;
            return Ok(true);
        }
        let Some(init) = class
            .special(Special::Init)
            .and_then(|f| f.cast::<Function>())
        else {
            return Ok(false);
        };
        let Some(plan) = plan(init, call.positional.len() + 1, &call.names()) else {
            return Ok(false);
        };
        let can_inline = self.is_inlinable(vm, init);
        if !can_inline && call.keywords.is_empty() {
            self.callee_first(vm, init, call.positional.len() + 1)?;
        }
        if !can_inline
            && (self.compiled_callee(vm, init.code()).is_none() || !call.keywords.is_empty())
        {
            return Ok(false);
        }
        self.guard_called(vm, call.callable, class)?;
        let function = self.constant(init.value());
        let shape = class.root_shape.get();
        let instance = if is_exception {
            match self.new_exception(vm, shape, call.positional)? {
                Some(e) => e,
                None => return Ok(false),
            }
        } else {
            self.instance_of_class(class)?
        };
        let mut all = vec![instance];
        all.extend_from_slice(call.positional);
        let (below, units) = (call.below, call.units);
        if !can_inline {
            return self.call_compiled_init(vm, init, function, &all, call.actuals, below, units);
        }
        // The instance waits where the result belongs.
        self.poke(below, instance);
        let args = Arguments {
            positional: &all,
            keywords: call.keywords,
        };
        let bound = (&plan, &args);
        self.inline_planned(
            vm,
            init,
            function,
            bound,
            below - 1,
            units as u32,
            Frame::INIT,
        )?;
        // It lies above the stack's height meanwhile, as in the interpreter.
        let depth = self.frames.len() - 2;
        self.frames[depth].sp -= 1;
        self.frames[depth].state = None;
        Ok(true)
    }

    /// `CALL_FUNCTION_EX` of anything: as the runtime does it.
    pub(super) fn call_ex_general(&mut self) -> Recorded {
        let op = Bytecode::CALL_FUNCTION_EX;
        let (callable, items, keywords) = (self.peek(4)?, self.peek(2)?, self.peek(1)?);
        let r = self.call_any(&helpers::CALL_EX, &[callable, items, keywords])?;
        self.result(4, r, 1 + op.caches())
    }

    /// `CALL_FUNCTION_EX` with a short tuple or list of arguments.
    pub(crate) fn call_ex(&mut self, vm: &Vm) -> Recorded {
        let (Some(v), Some(unpacked)) = (self.actual(4), self.unpacked(vm)) else {
            return self.call_ex_general();
        };
        let method = v.cast::<BoundMethod>();
        let function = match method {
            Some(m) => m.function.or_none().cast::<Function>(),
            None => v.cast::<Function>(),
        };
        let done = match function {
            Some(f) => self.call_function_ex(vm, f, method, &unpacked)?,
            None => self.call_other_ex(vm, v, &unpacked)?,
        };
        if done {
            return Ok(());
        }
        self.call_ex_general()
    }

    /// The arguments of `CALL_FUNCTION_EX`, if they are a short tuple or list.
    fn unpacked(&self, vm: &Vm) -> Option<Unpacked> {
        let v = self.actual(2)?;
        let tuple = exact_shape(vm, Some(v), vm.shapes.tuple.get().id());
        let list = exact_shape(vm, Some(v), vm.shapes.list.get().id());
        let items = match v.cast::<Tuple>() {
            Some(tuple) => tuple.as_slice().to_vec(),
            None => v.cast::<List>()?.as_slice().to_vec(),
        };
        (items.len() <= MAX_ITEMS).then_some(Unpacked {
            header: tuple.or(list)?,
            is_list: list.is_some(),
            items,
        })
    }

    /// The items of the tuple or list of arguments, guarded to be as many.
    fn unpacked_arguments(
        &mut self,
        unpacked: &Unpacked,
    ) -> Recorded<(Vec<Ref>, Vec<Option<Value>>)> {
        let items = self.peek(2)?;
        self.guard_shape(items, unpacked.header)?;
        let count = unpacked.items.len();
        let args = if unpacked.is_list {
            self.items_of_list(items, count)?
        } else {
            self.items_of_tuple(items, count)?
        };
        Ok((args, unpacked.items.iter().map(|v| Some(*v)).collect()))
    }

    /// `CALL_FUNCTION_EX` of a Python function, or of a method.
    fn call_function_ex(
        &mut self,
        vm: &Vm,
        f: Gc<Function>,
        method: Option<Gc<BoundMethod>>,
        unpacked: &Unpacked,
    ) -> Recorded<bool> {
        let count = unpacked.items.len();
        let receivers = usize::from(method.is_some());
        let names = self.keyword_names(vm);
        let Some((names, plan)) =
            names.and_then(|n| plan(f, count + receivers, &n).map(|p| (n, p)))
        else {
            return Ok(false);
        };
        let can_inline = self.is_inlinable(vm, f);
        if !can_inline && names.is_empty() {
            self.callee_first(vm, f, count + receivers)?;
        }
        let can_call = names.is_empty() && self.compiled_callee(vm, f.code()).is_some();
        let mapping = self.peek(1)?;
        let is_ordered = self.known_items(mapping).is_some() || !plan.takes_several();
        if !can_inline && !can_call || !is_ordered {
            return Ok(false);
        }
        let keywords = self.keywords(vm, &names)?;
        let mut callable = self.peek(4)?;
        let mut receiver = None;
        if let Some(m) = method {
            if let Some(h) = m.value().header() {
                self.guard_shape(callable, h)?;
            }
            let [function, r] = self.method_parts(callable)?;
            callable = function;
            receiver = Some((r, m.receiver.get()));
        }
        let (mut args, mut actuals) = self.unpacked_arguments(unpacked)?;
        if let Some((r, v)) = receiver {
            args.insert(0, r);
            actuals.insert(0, v);
        }
        let units = 1 + Bytecode::CALL_FUNCTION_EX.caches();
        if can_inline {
            let function = self.callee(callable, f)?;
            let args = Arguments {
                positional: &args,
                keywords: &keywords,
            };
            let bound = (&plan, &args);
            self.inline_planned(vm, f, function, bound, 4, units as u32, 0)?;
            return Ok(true);
        }
        self.call_compiled(vm, f, callable, &args, &actuals, 4, units)
    }

    /// `CALL_FUNCTION_EX` of a class, an instance, or of a native function without keywords.
    fn call_other_ex(&mut self, vm: &Vm, v: Value, unpacked: &Unpacked) -> Recorded<bool> {
        let units = 1 + Bytecode::CALL_FUNCTION_EX.caches();
        let Some(names) = self.keyword_names(vm) else {
            return Ok(false);
        };
        let callable = self.peek(4)?;
        if let Some(class) = v.cast::<Class>() {
            if class.has_flag(ClassFlags::IMMUTABLE) && !names.is_empty() {
                return Ok(false);
            }
            let keywords = self.keywords(vm, &names)?;
            let (args, actuals) = self.unpacked_arguments(unpacked)?;
            let call = Call {
                callable,
                positional: &args,
                actuals: &actuals,
                keywords: &keywords,
                below: 4,
                units,
            };
            if self.construct(vm, class, &call)? {
                return Ok(true);
            }
            if !names.is_empty() {
                return Ok(false);
            }
            let mut made = self.construct_number(vm, class, callable, &args, &actuals)?;
            if made.is_none() {
                made = self.construct_stated(vm, class, callable, &args, &actuals)?;
            }
            if let Some(r) = made {
                self.result(4, r, units)?;
                return Ok(true);
            }
        }
        if vm.is_kind(v, Kind::Instance)
            && let Some(own) = v.header()
            && let Some(f) = own
                .shape()
                .class()
                .special(Special::Call)
                .and_then(|f| f.cast::<Function>())
            && let Some(plan) = plan(f, unpacked.items.len() + 1, &names)
            && !plan.takes_several()
            && self.is_inlinable(vm, f)
        {
            let keywords = self.keywords(vm, &names)?;
            let (args, _) = self.unpacked_arguments(unpacked)?;
            self.guard_shape(callable, own)?;
            self.guard_class(own.shape().class())?;
            let function = self.constant(f.value());
            let mut all = vec![self.e.boxed(callable)];
            all.extend(args);
            let args = Arguments {
                positional: &all,
                keywords: &keywords,
            };
            self.inline_planned(vm, f, function, (&plan, &args), 4, units as u32, 0)?;
            return Ok(true);
        }
        if let Some(f) = v.cast::<NativeFunction>()
            && names.is_empty()
        {
            self.keywords(vm, &names)?;
            let (args, actuals) = self.unpacked_arguments(unpacked)?;
            if let Some(r) = self.call_native(vm, f, callable, &args, &actuals)? {
                self.result(4, r, units)?;
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The names in the mapping of keywords on top of the stack, which is no value or a dict of
    /// few; `None` if it is another.
    fn keyword_names(&self, vm: &Vm) -> Option<Vec<Value>> {
        let Some(v) = self.actual(1) else {
            return Some(Vec::new());
        };
        exact_shape(vm, Some(v), vm.shapes.dict.get().id())?;
        let dict = v.cast::<Dict>()?;
        let shape = vm.shapes.str.get().id();
        let is_name = |v: &Value| exact_shape(vm, Some(*v), shape).is_some();
        let names: Vec<Value> = dict.items().map(|(name, _)| name).collect();
        (names.len() <= MAX_KEYWORDS && names.iter().all(is_name)).then_some(names)
    }

    /// The keywords in that mapping, guarded to have these names.
    fn keywords(&mut self, vm: &Vm, names: &[Value]) -> Recorded<Vec<(Value, Ref)>> {
        let mapping = self.peek(1)?;
        let Some(v) = self.actual(1) else {
            if self.e.tree.as_bits(mapping) != Some(0) {
                self.guard1(Op::GuardNull, Ty::None, mapping)?;
            }
            return Ok(Vec::new());
        };
        if let Some(items) = self.known_items(mapping) {
            return Ok(items);
        }
        if let Some(h) = exact_shape(vm, Some(v), vm.shapes.dict.get().id()) {
            self.guard_shape(mapping, h)?;
        }
        let length = self.e.load(Ty::Int, mapping, DICT_LEN)?;
        let count = self.e.tree.int(names.len() as i64);
        let same = self.icmp(Cond::Eq, length, count)?;
        self.guard_true(same)?;
        let mut keywords = Vec::with_capacity(names.len());
        for &name in names {
            let key = self.constant(name);
            let value = match v.cast::<Dict>() {
                Some(dict) => self.get_in_dict(vm, (mapping, dict), key, name)?,
                None => return Err(Stop::Exit),
            };
            keywords.push((name, value));
        }
        Ok(keywords)
    }

    fn is_empty_dict(&mut self, vm: &Vm, r: Ref, actual: Option<Value>) -> Recorded<bool> {
        let (Some(h), Some(v)) = (exact_shape(vm, actual, vm.shapes.dict.get().id()), actual)
        else {
            return Ok(false);
        };
        if v.cast::<Dict>().is_none_or(|d| !d.is_empty()) {
            return Ok(false);
        }
        self.guard_shape(r, h)?;
        let length = self.e.load(Ty::Int, r, DICT_LEN)?;
        let zero = self.e.tree.int(0);
        let is_empty = self.icmp(Cond::Eq, length, zero)?;
        self.guard_true(is_empty)?;
        Ok(true)
    }

    /// A dict without items, known to be one.
    pub(crate) fn new_dict(&mut self, vm: &Vm) -> Recorded<Ref> {
        let dict = self.call_plain(&leaves::DICT_NEW, &[])?;
        self.e.memory.set_shape(dict, vm.shapes.dict.get().id());
        let zero = self.e.tree.int(0);
        self.e.know(DICT_LEN, dict, zero, Ty::Int);
        Ok(dict)
    }

    /// `DICT_MERGE`: of an empty dict it changes nothing, into an empty one it copies.
    pub(crate) fn dict_merge(&mut self, vm: &Vm, arg: usize) -> Recorded {
        let (target, source) = (self.peek(arg + 1)?, self.peek(1)?);
        let actual = self.actual(1);
        if let Some(merged) = self.merge_known(vm, target, source)? {
            self.poke(arg + 1, merged);
        } else if !self.is_empty_dict(vm, source, actual)? {
            let h = exact_shape(vm, actual, vm.shapes.dict.get().id());
            let into = self.actual(arg + 1);
            let (Some(h), Some(into), Some(from)) = (h, into, actual) else {
                return self.step(Bytecode::DICT_MERGE, 1);
            };
            if !leaves::is_simple_fill(vm, into, from) {
                return self.step(Bytecode::DICT_MERGE, 1);
            }
            self.guard_shape(source, h)?;
            self.call_plain(&leaves::DICT_FILL, &[target, source])?;
        }
        self.pop_one();
        self.advance(1);
        Ok(())
    }

    /// `CALL_KW`: the names are a constant tuple on top of the stack.
    pub(crate) fn call_kw(&mut self, vm: &Vm, arg: usize) -> Recorded {
        let units = 1 + Bytecode::CALL_KW.caches();
        let below = arg + 3;
        let Some(v) = self.actual(below) else {
            return Err(Stop::Exit);
        };
        let Some(names) = self.actual(1).and_then(|v| v.cast::<Tuple>()) else {
            return self.step(Bytecode::CALL_KW, below);
        };
        let names = names.as_slice().to_vec();
        let (callable, receiver) = (self.peek(below)?, self.peek(below - 1)?);
        let has_receiver = self.actual(below - 1).is_some();
        self.guard_presence(receiver, has_receiver)?;
        let (mut positional, mut actuals) = (Vec::new(), Vec::new());
        if has_receiver {
            positional.push(receiver);
            actuals.push(self.actual(below - 1));
        }
        for i in 0..arg - names.len() {
            positional.push(self.peek(below - 2 - i)?);
            actuals.push(self.actual(below - 2 - i));
        }
        let mut keywords = Vec::with_capacity(names.len());
        for (i, name) in names.iter().enumerate() {
            let place = 1 + names.len() - i;
            keywords.push((*name, self.peek(place)?));
            actuals.push(self.actual(place));
        }
        if self.consumer_with_keywords(vm, v, &positional, &keywords, &actuals, arg)? {
            return Ok(());
        }
        let mut function = v.cast::<Function>().map(|f| (f, callable));
        if let Some(m) = v.cast::<BoundMethod>()
            && !has_receiver
            && let (Some(f), Some(h)) = (m.function.or_none().cast::<Function>(), v.header())
        {
            self.guard_shape(callable, h)?;
            let [f_ref, receiver] = self.method_parts(callable)?;
            positional.insert(0, receiver);
            actuals.insert(0, m.receiver.get());
            function = Some((f, f_ref));
        }
        if let Some((f, callable)) = function
            && let Some(plan) = plan(f, positional.len(), &names)
        {
            let args = Arguments {
                positional: &positional,
                keywords: &keywords,
            };
            if self.is_inlinable(vm, f) {
                let function = self.callee(callable, f)?;
                let bound = (&plan, &args);
                return self.inline_planned(vm, f, function, bound, below, units as u32, 0);
            }
            self.callee_first(vm, f, f.code().arg_count as usize)?;
            if f.code().simple_args && self.compiled_callee(vm, f.code()).is_some() {
                let function = self.callee(callable, f)?;
                let named = self.named_arguments(vm, f, function, &plan, &args)?;
                let actuals = plan.actuals(f, positional.len(), &actuals);
                if self.call_compiled(vm, f, function, &named, &actuals, below, units)? {
                    return Ok(());
                }
            }
        }
        if let Some(class) = v.cast::<Class>()
            && !has_receiver
        {
            let call = Call {
                callable,
                positional: &positional,
                actuals: &actuals,
                keywords: &keywords,
                below,
                units,
            };
            if self.construct(vm, class, &call)? {
                return Ok(());
            }
        }
        if let Some(r) =
            self.native_with_keywords(vm, v, callable, (&positional, &keywords), &actuals)?
        {
            return self.result(below, r, units);
        }
        self.call_any_with_keywords(callable, has_receiver, arg)
    }

    /// As [`Recorder::call_any_callable`], the names of keywords on top of the stack.
    pub(super) fn call_any_with_keywords(
        &mut self,
        callable: Ref,
        has_receiver: bool,
        arg: usize,
    ) -> Recorded {
        let snap = self.snap();
        let callable = self.e.boxed(callable);
        let extra = usize::from(has_receiver);
        let at = At {
            kind: AtKind::CallKw,
            first: (self.frame().sp - 1 - arg - extra) as u32,
            count: (arg + extra) as u32,
        };
        let result = self.e.emit(
            Ins::new(Op::CallAt, Ty::Val)
                .a(callable)
                .aux(at.aux())
                .snap(snap),
        )?;
        self.result(arg + 3, result, 1 + Bytecode::CALL_KW.caches())
    }

    /// Guards whether a call's receiver is there.
    pub(super) fn guard_presence(&mut self, receiver: Ref, is_there: bool) -> Recorded {
        if self.e.tree.ty(receiver) == Ty::Val && self.e.tree.as_bits(receiver).is_none() {
            let op = if is_there {
                Op::GuardNonNull
            } else {
                Op::GuardNull
            };
            self.guard1(op, Ty::None, receiver)?;
        }
        Ok(())
    }
}
