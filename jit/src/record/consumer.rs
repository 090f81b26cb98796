//! Calls of built-ins that take all items of an iterable, where a function in Python runs in
//! their place (`taipan_runtime::object::consumer`): it is called, not inlined, since it loops.

use super::arguments::{Arguments, plan};
use super::{Recorded, Recorder};
use crate::ir::{Ref, Ty};
use taipan_bytecode::opcode::Op as Bytecode;
use taipan_runtime::heap::Gc;
use taipan_runtime::object::{Consumer, NativeFunction, Source};
use taipan_runtime::types::function::Function;
use taipan_runtime::{Value, Vm};

impl Recorder {
    /// The Python function that the interpreter is about to call for a native one, the last
    /// arguments being given by the keywords `names`: the callable and the arguments are guarded.
    pub(super) fn consumer(
        &mut self,
        vm: &Vm,
        (callable, v): (Ref, Value),
        has_receiver: bool,
        args: &[Ref],
        actuals: &[Option<Value>],
        names: &[Value],
    ) -> Recorded<Option<Gc<Function>>> {
        let Some(consumer) = vm.consumer_of(v) else {
            return Ok(None);
        };
        // Classes take no receiver, and functions none but the one on the stack.
        let native = v.cast::<NativeFunction>();
        if native.is_none() && (has_receiver || !names.is_empty())
            || native.is_some_and(|f| f.passes_receiver() && !f.is_descriptor())
        {
            return Ok(None);
        }
        let Some(values) = actuals.iter().copied().collect::<Option<Vec<Value>>>() else {
            return Ok(None);
        };
        let Some((f, source)) = vm.python_consumer(consumer, &values, names) else {
            return Ok(None);
        };
        self.guard_is(callable, v)?;
        for (r, v) in args.iter().zip(&values) {
            self.guard_builtin(*r, *v)?;
        }
        self.guard_source(source, args, &values)?;
        self.keep.push(f.value());
        Ok(Some(f))
    }

    /// Guards whose copy of the function it is.
    fn guard_source(&mut self, source: Source, args: &[Ref], values: &[Value]) -> Recorded {
        match source {
            Source::Generator(generator) => {
                if let Some(i) = values.iter().position(|v| *v == generator.value()) {
                    let r = self.e.boxed(args[i]);
                    let code = self.e.load(Ty::Val, r, super::generator::CODE)?;
                    self.guard_is(code, generator.frame.code.value())?;
                }
            }
            Source::Iterator(calling, it) => {
                if let Some(i) = values.iter().position(|v| *v == it) {
                    self.item_function(args[i], &calling)?;
                }
            }
            Source::Function(i, f) => {
                self.python_callee(args[i], values[i], f)?;
            }
        }
        Ok(())
    }

    /// `LIST_EXTEND` and `SET_UPDATE` by what Python code makes; false if it is none.
    pub(super) fn extend_by_consumer(
        &mut self,
        vm: &Vm,
        op: Bytecode,
        arg: usize,
    ) -> Recorded<bool> {
        let consumer = match op {
            Bytecode::LIST_EXTEND => Consumer::Extend,
            _ => Consumer::Update,
        };
        let args = [self.peek(arg + 1)?, self.peek(1)?];
        let (Some(target), Some(items)) = (self.actual(arg + 1), self.actual(1)) else {
            return Ok(false);
        };
        let values = [target, items];
        let Some((f, source)) = vm.python_consumer(consumer, &values, &[]) else {
            return Ok(false);
        };
        for (r, v) in args.iter().zip(values) {
            self.guard_builtin(*r, v)?;
        }
        self.guard_source(source, &args, &values)?;
        self.keep.push(f.value());
        let function = self.constant(f.value());
        let actuals = values.map(Some);
        match self.prepare_call(vm, f, function, &args, &actuals)? {
            Some(call) => {
                self.pop_one();
                self.emit_call(call)?;
                self.advance(1);
            }
            None => self.step(op, 1)?,
        }
        Ok(true)
    }

    /// `CALL_KW` of such a built-in; false if it is none.
    pub(super) fn consumer_with_keywords(
        &mut self,
        vm: &Vm,
        v: Value,
        positional: &[Ref],
        keywords: &[(Value, Ref)],
        actuals: &[Option<Value>],
        arg: usize,
    ) -> Recorded<bool> {
        let below = arg + 3;
        let callable = self.peek(below)?;
        let has_receiver = self.actual(below - 1).is_some();
        let names: Vec<Value> = keywords.iter().map(|(name, _)| *name).collect();
        let mut args = positional.to_vec();
        args.extend(keywords.iter().map(|(_, r)| *r));
        let called = (callable, v);
        let Some(f) = self.consumer(vm, called, has_receiver, &args, actuals, &names)? else {
            return Ok(false);
        };
        let function = self.constant(f.value());
        self.callee_first(vm, f, f.code().arg_count as usize)?;
        if let Some(plan) = plan(f, positional.len(), &names)
            && self.compiled_callee(vm, f.code()).is_some()
        {
            let args = Arguments {
                positional,
                keywords,
            };
            let named = self.named_arguments(vm, f, function, &plan, &args)?;
            let actuals = plan.actuals(f, positional.len(), actuals);
            let units = 1 + Bytecode::CALL_KW.caches();
            if self.call_compiled(vm, f, function, &named, &actuals, below, units)? {
                return Ok(true);
            }
        }
        self.call_any_with_keywords(function, has_receiver, arg)?;
        Ok(true)
    }
}
