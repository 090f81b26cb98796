//! Calls of native functions and built-in classes with keywords: bound to parameters while
//! recording, as the runtime would bind them at each call.

use super::{Recorded, Recorder};
use crate::backend::helpers;
use crate::ir::Ref;
use taipan_runtime::heap::Gc;
use taipan_runtime::object::{Class, ClassFlags, NativeCall, NativeFunction, Signature, Special};
use taipan_runtime::types::str::Str;
use taipan_runtime::{Value, Vm};

impl Recorder {
    /// Calls a native function or a built-in class with keywords; none if they do not fit, or
    /// the function takes its arguments in a way of its own.
    pub(super) fn native_with_keywords(
        &mut self,
        vm: &Vm,
        v: Value,
        callable: Ref,
        (positional, keywords): (&[Ref], &[(Value, Ref)]),
        actuals: &[Option<Value>],
    ) -> Recorded<Option<Ref>> {
        if let Some(class) = v.cast::<Class>() {
            if class.class() != vm.types.type_.get()
                || !class.has_flag(ClassFlags::IMMUTABLE)
                || class.has_flag(ClassFlags::NO_INSTANTIATION)
                || class.special(Special::Init) != vm.defaults.init.get()
            {
                return Ok(None);
            }
            let Some(new) = class
                .special(Special::New)
                .and_then(|f| f.cast::<NativeFunction>())
                .filter(|f| !f.passes_receiver())
            else {
                return Ok(None);
            };
            let mut all = vec![self.constant(class.value())];
            all.extend_from_slice(positional);
            let Some(bound) = bind(new, all.len(), keywords) else {
                return Ok(None);
            };
            self.guard_is(callable, v)?;
            return self.call_bound(new, &all, keywords, &bound).map(Some);
        }
        // Whether the class that a `__new__` is given fits is asked in each call.
        let Some(f) = v.cast::<NativeFunction>().filter(|f| !f.is_constructor()) else {
            return Ok(None);
        };
        let mut all = positional.to_vec();
        if f.is_descriptor() {
            // The receiver is of the very class that the method was written for.
            let (Some(r), Some(receiver)) = (all.first(), actuals.first().copied().flatten())
            else {
                return Ok(None);
            };
            if f.is_class_method()
                || f.owner.get().and_then(|o| o.cast::<Class>()) != Some(vm.class_of(receiver))
            {
                return Ok(None);
            }
            let r = *r;
            let Some(bound) = bind(f, all.len(), keywords) else {
                return Ok(None);
            };
            self.guard_is(callable, v)?;
            self.guard_builtin(r, receiver)?;
            return self.call_bound(f, &all, keywords, &bound).map(Some);
        }
        if self.e.tree.as_bits(self.e.resolve(callable)).is_none() && f.passes_receiver() {
            // Another one at each call.
            return Ok(None);
        }
        if f.passes_receiver() {
            let Some(receiver) = f.receiver.get() else {
                return Ok(None);
            };
            all.insert(0, self.constant(receiver));
        }
        let Some(bound) = bind(f, all.len(), keywords) else {
            return Ok(None);
        };
        self.guard_is(callable, v)?;
        self.call_bound(f, &all, keywords, &bound).map(Some)
    }

    fn call_bound(
        &mut self,
        f: Gc<NativeFunction>,
        positional: &[Ref],
        keywords: &[(Value, Ref)],
        bound: &[Option<usize>],
    ) -> Recorded<Ref> {
        let NativeCall::Bound(code) = f.def.call else {
            return Err(super::Stop::Exit);
        };
        self.keep.push(f.value());
        let missing = self.e.tree.val(Value::MISSING.bits());
        let mut args = vec![self.e.tree.ptr(code as *const () as usize)];
        for source in bound {
            args.push(match source {
                Some(i) => match positional.get(*i) {
                    Some(r) => *r,
                    None => keywords[*i - positional.len()].1,
                },
                None => missing,
            });
        }
        self.call_any(helpers::BOUND[bound.len() - 1], &args)
    }
}

/// For each parameter which argument it gets, counted through positional ones and keywords;
/// none of the function's that are not plainly bound, or where the arguments do not fit.
fn bind(
    f: Gc<NativeFunction>,
    positional: usize,
    keywords: &[(Value, Ref)],
) -> Option<Vec<Option<usize>>> {
    if !matches!(f.def.call, NativeCall::Bound(_)) {
        return None;
    }
    let signature = Signature::parse(f.def.signature);
    let count = signature.parameters.len();
    if signature.varargs.is_some()
        || signature.varkw.is_some()
        || positional > signature.positional
        || !(1..=helpers::BOUND.len()).contains(&count)
        || count != f.def.arity.total as usize
    {
        return None;
    }
    let mut bound: Vec<Option<usize>> = (0..count)
        .map(|at| (at < positional).then_some(at))
        .collect();
    for (i, (name, _)) in keywords.iter().enumerate() {
        let name = name.cast::<Str>()?;
        let at = (signature.positional_only..count)
            .find(|at| name.is_text(signature.parameters[*at].0))?;
        if bound[at].replace(positional + i).is_some() {
            return None;
        }
    }
    let fits = |(at, (_, has_default)): (usize, &(&str, bool))| *has_default || bound[at].is_some();
    signature
        .parameters
        .iter()
        .enumerate()
        .all(fits)
        .then_some(bound)
}
