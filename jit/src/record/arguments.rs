//! Which argument of a call becomes which local of a Python function: positional ones,
//! keywords, defaults, and what `*args` and `**kwargs` take.
//!
//! ```text
//! def f(a, b=2, *rest, c, **more)
//! f(1, c=v3, d=v4)      a = 1, b = 2, c = v3, rest = (), more = {'d': v4}
//! ```
//!
//! What goes where is decided without emitting anything ([`plan`]), since a call that does
//! not fit is left to the runtime, which knows how to complain.

use super::make::MAX_ITEMS;
use super::stack::exact_shape;
use super::{Recorded, Recorder, Stop};
use crate::backend::tables;
use crate::ir::{Class as Alias, Mem, Op, Ref, Ty};
use std::mem::offset_of;
use taipan_bytecode::CodeFlags;
use taipan_runtime::heap::Gc;
use taipan_runtime::types::function::Function;
use taipan_runtime::types::str::Str;
use taipan_runtime::{Value, Vm};

/// Where a parameter's value comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Source {
    /// The positional argument with this index.
    Positional(usize),
    /// The keyword argument with this index.
    Keyword(usize),
    /// This item of the function's defaults.
    Default(usize),
    /// The function's default for a parameter that is no positional one.
    KeywordDefault,
}

/// How a call's arguments fit a function.
pub(crate) struct Plan {
    /// One for each named parameter.
    named: Vec<Source>,
    /// The keywords that `**kwargs` takes, by their index.
    extra: Vec<usize>,
}

/// What a call passes.
pub(crate) struct Arguments<'a> {
    pub positional: &'a [Ref],
    /// Names, exact strings, and values.
    pub keywords: &'a [(Value, Ref)],
}

impl Plan {
    /// Whether `**kwargs` takes several keywords, whose order shows.
    pub(crate) fn takes_several(&self) -> bool {
        self.extra.len() > 1
    }

    /// What the named parameters are now, of arguments that are so: positional ones, then
    /// keywords.
    pub(crate) fn actuals(
        &self,
        f: Gc<Function>,
        positional: usize,
        arguments: &[Option<Value>],
    ) -> Vec<Option<Value>> {
        let value = |source: &Source| match *source {
            Source::Positional(i) => arguments[i],
            Source::Keyword(i) => arguments[positional + i],
            Source::Default(i) => f.defaults.get().map(|d| d.get(i)),
            Source::KeywordDefault => None,
        };
        self.named.iter().map(value).collect()
    }
}

fn name_of(f: Gc<Function>, parameter: usize) -> Option<Gc<Str>> {
    f.code().local_names.get(parameter).cast::<Str>()
}

/// How `positional` arguments and keywords with these names fit `f`; `None` if the call is
/// an error, or has too many arguments to be followed.
pub(crate) fn plan(f: Gc<Function>, positional: usize, keywords: &[Value]) -> Option<Plan> {
    let code = f.code();
    let count = code.arg_count as usize;
    let total = count + code.kwonly_arg_count as usize;
    if positional > count && (!code.has(CodeFlags::VARARGS) || positional - count > MAX_ITEMS) {
        return None;
    }
    let mut named: Vec<Option<Source>> = vec![None; total];
    for (i, source) in named.iter_mut().enumerate().take(positional.min(count)) {
        *source = Some(Source::Positional(i));
    }
    let mut extra = Vec::new();
    for (i, name) in keywords.iter().enumerate() {
        let name = name.cast::<Str>()?;
        let parameter = (code.posonly_arg_count as usize..total)
            .find(|p| name_of(f, *p).is_some_and(|n| n.equals(&name)));
        match parameter {
            Some(p) if named[p].is_none() => named[p] = Some(Source::Keyword(i)),
            None if code.has(CodeFlags::VARKEYWORDS) && extra.len() < MAX_ITEMS => extra.push(i),
            _ => return None,
        }
    }
    let with_defaults = |(p, source): (usize, Option<Source>)| match source {
        Some(source) => Some(source),
        None if p < count => {
            let defaults = f.defaults.get()?;
            let index = (p + defaults.len()).checked_sub(count)?;
            Some(Source::Default(index))
        }
        None => {
            let defaults = f.kw_defaults.get()?;
            defaults.get_str(name_of(f, p)?)?;
            Some(Source::KeywordDefault)
        }
    };
    let named = named.into_iter().enumerate().map(with_defaults);
    Some(Plan {
        named: named.collect::<Option<_>>()?,
        extra,
    })
}

impl Recorder {
    /// The values of the named parameters, the function being guarded.
    pub(crate) fn named_arguments(
        &mut self,
        vm: &Vm,
        f: Gc<Function>,
        function: Ref,
        plan: &Plan,
        args: &Arguments<'_>,
    ) -> Recorded<Vec<Ref>> {
        let field = |offset| Mem::new(Alias::Version, 8, offset);
        let is_default = |s: &Source| matches!(s, Source::Default(_));
        let defaults = if plan.named.iter().any(is_default) {
            self.default_values(vm, f, function)?
        } else {
            Vec::new()
        };
        let mut named = Vec::with_capacity(plan.named.len());
        for (p, source) in plan.named.iter().enumerate() {
            named.push(match *source {
                Source::Positional(i) => args.positional[i],
                Source::Keyword(i) => args.keywords[i].1,
                Source::Default(i) => defaults[i],
                Source::KeywordDefault => {
                    let (Some(defaults), Some(name)) = (f.kw_defaults.get(), name_of(f, p)) else {
                        return Err(Stop::Abort("no defaults"));
                    };
                    let offset = offset_of!(Function, kw_defaults);
                    let part = self.e.load(Ty::Val, function, field(offset))?;
                    self.guard_is(part, defaults.value())?;
                    match self.namespace_value(vm, defaults, name)? {
                        Some((r, _)) => r,
                        None => return Err(Stop::Abort("no defaults")),
                    }
                }
            });
        }
        Ok(named)
    }

    /// The defaults of a function, which is guarded: of one that is a constant its version says
    /// that they stay, and functions made of one piece of code often share constant ones.
    pub(super) fn default_values(
        &mut self,
        vm: &Vm,
        f: Gc<Function>,
        function: Ref,
    ) -> Recorded<Vec<Ref>> {
        let Some(defaults) = f.defaults.get() else {
            return Err(Stop::Abort("no defaults"));
        };
        if self.e.tree.as_bits(function).is_none() {
            let offset = offset_of!(Function, defaults);
            let part = self
                .e
                .load(Ty::Val, function, Mem::new(Alias::Version, 8, offset))?;
            let was_other = self.recorded <= 1 && !self.is_loop();
            let shape = vm.shapes.tuple.get().id();
            if let Some(h) = exact_shape(vm, Some(defaults.value()), shape)
                && (was_other || self.e.memory.is_fresh(part))
            {
                self.guard1(Op::GuardNonNull, Ty::None, part)?;
                self.guard_shape(part, h)?;
                return self.items_of_tuple(part, defaults.len());
            }
            self.guard_is(part, defaults.value())?;
        }
        let values = defaults.as_slice().iter();
        Ok(values.map(|v| self.typed_constant(*v)).collect())
    }

    /// The locals that a call of the function begins with.
    pub(crate) fn bind(
        &mut self,
        vm: &Vm,
        f: Gc<Function>,
        function: Ref,
        plan: &Plan,
        args: &Arguments<'_>,
    ) -> Recorded<Vec<Ref>> {
        let code = f.code();
        let mut locals = self.named_arguments(vm, f, function, plan, args)?;
        if code.has(CodeFlags::VARARGS) {
            let count = (code.arg_count as usize).min(args.positional.len());
            let rest = self.tuple_of(vm, &args.positional[count..])?;
            locals.push(rest);
        }
        if code.has(CodeFlags::VARKEYWORDS) {
            let items: Vec<(Value, Ref)> = plan.extra.iter().map(|i| args.keywords[*i]).collect();
            if let Some(dict) = self.known_dict(vm, &items)? {
                locals.push(dict);
                return Ok(locals);
            }
            let dict = self.new_dict(vm)?;
            for (name, value) in items {
                let name = self.constant(name);
                self.call_plain(&tables::DICT_SET, &[dict, name, value])?;
            }
            locals.push(dict);
        }
        Ok(locals)
    }
}
