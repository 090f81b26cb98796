//! Calls of native functions that state what they may do: compiled code calls them as
//! they are, its frames left alone.

use super::stack::exact_shape;
use super::{Recorded, Recorder};
use crate::backend::{leaves, search};
use crate::ir::{Op, Ref, Ty};
use taipan_bytecode::opcode::BinaryOp;
use taipan_runtime::heap::{Gc, Kind};
use taipan_runtime::object::{
    Arguments, Class, ClassFlags, NativeCall, NativeEffect, NativeFunction, Special,
};
use taipan_runtime::{Value, Vm};

/// Most arguments of such a call.
const MAX_ARGS: usize = 4;

/// Whether what a method states of its effect holds for a receiver: one of the very type that it
/// was written for, or of a class derived from a list, a dictionary, or a set, unless the class
/// has a say in it.
fn fits_receiver(vm: &Vm, f: Gc<NativeFunction>, receiver: Value) -> bool {
    let class = vm.class_of(receiver);
    let Some(owner) = f.owner.get().and_then(|o| o.cast::<Class>()) else {
        return false;
    };
    if owner == class {
        return true;
    }
    let kind = receiver.header().map(|h| h.shape().layout.kind);
    let is_container = matches!(kind, Some(Kind::List | Kind::Dict | Kind::Set));
    let looks_up = kind == Some(Kind::Dict) && f.def.name == "__getitem__";
    is_container && kind == Some(owner.layout.kind) && class.is_subclass_of(owner) && !looks_up
}

impl Recorder {
    /// Calls a native function of a narrow effect; false if it has none for these arguments.
    pub(crate) fn call_stated(
        &mut self,
        vm: &Vm,
        f: Gc<NativeFunction>,
        callable: Ref,
        args: &[Ref],
        actuals: &[Option<Value>],
    ) -> Recorded<Option<Ref>> {
        let (arguments, changes) = match f.def.effect {
            NativeEffect::Any => return Ok(None),
            NativeEffect::Reads(a) => (a, false),
            NativeEffect::Changes(a) => (a, true),
        };
        let mut args = args.to_vec();
        let Some(mut actuals) = actuals.iter().copied().collect::<Option<Vec<Value>>>() else {
            return Ok(None);
        };
        let mut receiver = None;
        if f.is_descriptor() {
            if f.is_class_method() || actuals.is_empty() {
                return Ok(None);
            }
            receiver = Some(args[0]);
        } else if f.passes_receiver() {
            let Some(v) = f.receiver.get() else {
                return Ok(None);
            };
            actuals.insert(0, v);
            let v = self.constant(v);
            args.insert(0, v);
        }
        if (f.is_descriptor() || f.passes_receiver()) && !fits_receiver(vm, f, actuals[0]) {
            return Ok(None);
        }
        // Whether the class that a `__new__` is given fits is asked in each call.
        if f.is_constructor() || args.len() > MAX_ARGS || !arguments.admit(vm, &actuals) {
            return Ok(None);
        }
        self.guard_is(callable, f.value())?;
        if let Some(r) = receiver {
            self.guard_builtin(r, actuals[0])?;
        }
        self.call_code(vm, f, arguments, changes, args).map(Some)
    }

    /// The call itself, all being guarded.
    fn call_code(
        &mut self,
        vm: &Vm,
        f: Gc<NativeFunction>,
        arguments: Arguments,
        changes: bool,
        mut args: Vec<Ref>,
    ) -> Recorded<Ref> {
        let arity = f.def.arity;
        let direct = match f.def.call {
            NativeCall::Bound(code)
                if !arity.complex
                    && args.len() >= arity.required as usize
                    && args.len() <= arity.total as usize
                    && arity.total as usize <= MAX_ARGS =>
            {
                Some(code)
            }
            _ => None,
        };
        let admit = self.open_conditions(vm, arguments, &args);
        match direct {
            Some(code) => {
                args.resize(arity.total as usize, Ref::NONE);
                let missing = self.e.tree.val(Value::MISSING.bits());
                for r in args.iter_mut().filter(|r| r.is_none()) {
                    *r = missing;
                }
                let code = self.e.tree.ptr(code as *const () as usize);
                let family = if changes || arguments.plain != 0 {
                    &leaves::CHANGING
                } else {
                    &leaves::READS
                };
                self.call_leaf(family[args.len()], code, admit, &args)
            }
            None => {
                let callable = self.constant(f.value());
                self.call_leaf(leaves::APPLY[args.len()], callable, admit, &args)
            }
        }
    }

    /// Calls a built-in class whose construction has a narrow effect.
    pub(crate) fn construct_stated(
        &mut self,
        vm: &Vm,
        class: Gc<Class>,
        callable: Ref,
        args: &[Ref],
        actuals: &[Option<Value>],
    ) -> Recorded<Option<Ref>> {
        if class == vm.types.type_.get()
            && let [r] = args
            && let Some(v) = actuals[0]
        {
            // A shape belongs to one class.
            self.guard_is(callable, class.value())?;
            self.guard_builtin(*r, v)?;
            return Ok(Some(self.constant(vm.class_of(v).value())));
        }
        if class.class() != vm.types.type_.get()
            || !class.has_flag(ClassFlags::IMMUTABLE)
            || args.len() > MAX_ARGS
        {
            return Ok(None);
        }
        if class == vm.types.bool.get() && args.len() == 1 {
            self.guard_is(callable, class.value())?;
            return Ok(Some(self.truth_of(vm, args[0], actuals[0])?));
        }
        if class == vm.types.str.get()
            && let (&[r], &[Some(v)]) = (args, actuals)
            && let Some(text) = self.text_of_exception(vm, r, v)?
        {
            self.guard_is(callable, class.value())?;
            return Ok(Some(text));
        }
        if class == vm.types.weakref.get()
            && let (&[referent], &[Some(v)]) = (args, actuals)
            && vm.class_of(v).has_flag(ClassFlags::WEAKREFS)
        {
            self.guard_is(callable, class.value())?;
            let r = self.call_plain(&leaves::WEAK_REF, &[referent])?;
            self.e.memory.set_shape(r, class.root_shape.get().id());
            return Ok(Some(r));
        }
        if class == vm.types.complex.get()
            && let Some(r) = self.make_complex(vm, args, actuals)?
        {
            self.guard_is(callable, class.value())?;
            return Ok(Some(r));
        }
        let Some(new) = class
            .special(Special::New)
            .and_then(|f| f.cast::<NativeFunction>())
        else {
            return Ok(None);
        };
        let NativeEffect::Reads(arguments) = new.def.effect else {
            return Ok(None);
        };
        let Some(actuals) = actuals.iter().copied().collect::<Option<Vec<Value>>>() else {
            return Ok(None);
        };
        let types = &vm.types;
        if args.is_empty() && class == types.list.get() {
            self.guard_is(callable, class.value())?;
            return Ok(Some(self.new_list(vm, &[])?));
        }
        let made = match args.len() {
            0 if class == types.dict.get() => Some(&leaves::DICT_NEW),
            0 if class == types.set.get() => Some(&leaves::SET_NEW),
            1 if class == types.set.get() && search::is_set_of_keys(vm, actuals[0]) => {
                Some(&search::SET_OF)
            }
            1 if class == types.list.get() && vm.is_plain(actuals[0]) => Some(&leaves::LIST_OF),
            _ => None,
        };
        if let Some(helper) = made {
            self.guard_is(callable, class.value())?;
            let r = self.call_plain(helper, args)?;
            self.e.memory.set_shape(r, class.root_shape.get().id());
            return Ok(Some(r));
        }
        if class.special(Special::Init) == vm.defaults.init.get() && !new.passes_receiver() {
            // Nothing but `__new__`.
            let mut args = args.to_vec();
            args.insert(0, self.constant(class.value()));
            let mut actuals = actuals;
            actuals.insert(0, class.value());
            if args.len() > MAX_ARGS || !arguments.admit(vm, &actuals) {
                return Ok(None);
            }
            self.guard_is(callable, class.value())?;
            return self.call_code(vm, new, arguments, false, args).map(Some);
        }
        // The effect is stated of `__new__`, whose first argument is the class.
        let arguments = Arguments {
            simple: arguments.simple >> 1,
            plain: arguments.plain >> 1,
            keys: arguments.keys >> 1,
        };
        if !arguments.admit(vm, &actuals) {
            return Ok(None);
        }
        self.guard_is(callable, class.value())?;
        let admit = self.open_conditions(vm, arguments, args);
        let callable = self.constant(class.value());
        let r = self.call_leaf(leaves::APPLY[args.len()], callable, admit, args)?;
        Ok(Some(r))
    }

    /// An operator of two objects of a native class, or of one and an integer, whose method has a
    /// narrow effect: its code is called directly.
    pub(crate) fn native_binary(
        &mut self,
        vm: &Vm,
        op: BinaryOp,
        (a, b): (Ref, Ref),
        (x, y): (Option<Value>, Option<Value>),
    ) -> Recorded<Option<Ref>> {
        let (Some(x), Some(y)) = (x, y) else {
            return Ok(None);
        };
        let is_native = |v: Value| {
            v.header()
                .is_some_and(|h| h.shape().layout.kind == Kind::Other)
                && vm.class_of(v).def.get().is_some()
        };
        let reflected = match (is_native(x), is_native(y)) {
            (true, true) if vm.class_of(x) == vm.class_of(y) => false,
            (true, false) if y.is_int() => false,
            (false, true) if x.is_int() => true,
            _ => return Ok(None),
        };
        let owner = if reflected { y } else { x };
        let class = vm.class_of(owner);
        let Some(f) = vm.native_operator(op, class, reflected) else {
            return Ok(None);
        };
        let NativeEffect::Reads(arguments) = f.def.effect else {
            return Ok(None);
        };
        let arity = f.def.arity;
        let NativeCall::Bound(code) = f.def.call else {
            return Ok(None);
        };
        if arguments.simple | arguments.plain | arguments.keys != 0
            || arity.complex
            || arity.total != 2
            || f.owner.get().and_then(|o| o.cast::<Class>()) != Some(class)
        {
            return Ok(None);
        }
        self.guard_operand(vm, a, x)?;
        self.guard_operand(vm, b, y)?;
        let code = self.e.tree.ptr(code as *const () as usize);
        let args = if reflected {
            [code, b, a]
        } else {
            [code, a, b]
        };
        self.call_plain(&leaves::BINARY_NATIVE, &args).map(Some)
    }

    fn call_leaf(
        &mut self,
        helper: &'static crate::ir::Helper,
        callable: Ref,
        admit: Arguments,
        args: &[Ref],
    ) -> Recorded<Ref> {
        let mut all = vec![callable, self.e.tree.int(leaves::pack(admit))];
        all.extend_from_slice(args);
        self.call_plain(helper, &all)
    }

    /// What of the conditions the trace does not show to hold.
    fn open_conditions(&self, vm: &Vm, arguments: Arguments, args: &[Ref]) -> Arguments {
        let mut open = Arguments {
            simple: 0,
            plain: 0,
            keys: 0,
        };
        for (i, r) in args.iter().enumerate() {
            let bit = 1 << i.min(7);
            if !self.is_known_simple(vm, *r) {
                open.simple |= arguments.simple & bit;
                open.plain |= arguments.plain & bit;
                open.keys |= arguments.keys & bit;
            }
        }
        open
    }

    /// Whether a value is known to be simple.
    pub(crate) fn is_known_simple(&self, vm: &Vm, r: Ref) -> bool {
        let r = self.e.resolve(r);
        if self.is_unboxed(r) {
            return true;
        }
        if let Some(bits) = self.e.tree.as_bits(r) {
            // SAFETY: a constant of the trace, which keeps it alive.
            return bits != 0 && vm.is_simple(unsafe { Value::from_bits(bits) });
        }
        let simple = [
            vm.shapes.str.get().id(),
            vm.shapes.bytes.get().id(),
            vm.shapes.big_int.get().id(),
            vm.shapes.complex.get().id(),
        ];
        self.e.memory.shape(r).is_some_and(|s| simple.contains(&s))
    }

    /// Guards that a value of a built-in type, immediate or not, stays of that type.
    pub(crate) fn guard_builtin(&mut self, r: Ref, actual: Value) -> Recorded {
        let r = self.e.resolve(r);
        if self.is_unboxed(r) || self.e.tree.as_bits(r).is_some() {
            return Ok(());
        }
        if let Some(h) = actual.header() {
            return self.guard_shape(r, h);
        }
        let (op, ty) = if actual.is_int() {
            (Op::GuardInt, Ty::Int)
        } else if actual.is_float() {
            (Op::GuardFloat, Ty::Float)
        } else if actual.is_bool() {
            (Op::GuardBool, Ty::Bool)
        } else {
            self.guard_is(r, actual)?;
            return Ok(());
        };
        self.guard1(op, ty, r).map(|_| ())
    }

    /// A value known to be an exact string; `None` if it is none now.
    pub(crate) fn str(&mut self, vm: &Vm, r: Ref, actual: Option<Value>) -> Recorded<bool> {
        match exact_shape(vm, actual, vm.shapes.str.get().id()) {
            Some(h) => {
                self.guard_shape(r, h)?;
                Ok(true)
            }
            None => Ok(false),
        }
    }
}
