//! Native functions that take all items of an iterable, and what runs in their place
//! when that is a generator: functions of the same meaning in Python, so that items
//! need no change between native code and the interpreter, and both sides become one
//! loop for the JIT.
//!
//! The interpreter provides the functions ([`crate::vm::Interpreter::consumers`]). Every
//! code object of a generator has copies of its own ([`crate::types::code::CodeObject::consumers`]): a loop
//! that all generators of a program went through would be compiled for a mixture of
//! them. Activations of copies are hidden ([`CodeFlags::HIDDEN`]).

use super::{Class, NativeFunction};
use crate::heap::{Gc, Kind};
use crate::types::function::Function;
use crate::types::generator::Generator;
use crate::value::Value;
use crate::vm::{Breaker, Vm};
use taipan_bytecode::CodeFlags;

/// A function that takes a generator's items, stated beside its definition.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Consumer {
    Sum,
    Any,
    All,
    Min,
    Max,
    List,
    Tuple,
    Set,
    Frozenset,
    Sorted,
    Join,
    Extend,
    Update,
    Count,
}

impl Consumer {
    const ALL: [Consumer; 14] = {
        use Consumer::*;
        [
            Sum, Any, All, Min, Max, List, Tuple, Set, Frozenset, Sorted, Join, Extend, Update,
            Count,
        ]
    };

    /// The name of the function in the interpreter's module.
    fn name(self) -> &'static str {
        use Consumer::*;
        match self {
            Sum => "sum",
            Any => "any",
            All => "all",
            Min => "min",
            Max => "max",
            List => "list",
            Tuple => "tuple",
            Set => "set",
            Frozenset => "frozenset",
            Sorted => "sorted",
            Join => "join",
            Extend => "extend",
            Update => "update",
            Count => "_count_elements",
        }
    }

    /// Where the generator is among the arguments, the receiver included.
    pub fn position(self) -> usize {
        usize::from(matches!(
            self,
            Consumer::Join | Consumer::Extend | Consumer::Update | Consumer::Count
        ))
    }

    /// Whether these arguments (names of keywords apart) are covered, their last ones being
    /// given by the keywords `names`.
    fn covers(self, vm: &Vm, args: &[Value], names: &[Value]) -> bool {
        let is = |name: &str, v: Value| {
            v.cast::<crate::types::str::Str>()
                .is_some_and(|s| s.as_ascii() == Some(name))
        };
        let positional = args.len() - names.len();
        match self {
            Consumer::Sum => {
                (1..=2).contains(&args.len())
                    && positional > 0
                    && names.iter().all(|n| is("start", *n))
                    && args.get(1).is_none_or(|v| v.is_int() || v.is_float())
            }
            Consumer::Sorted => {
                positional == 1 && names.iter().all(|n| is("key", *n) || is("reverse", *n))
            }
            Consumer::Join | Consumer::Extend | Consumer::Update => {
                let shapes = &vm.shapes;
                let shape = match self {
                    Consumer::Join => &shapes.str,
                    Consumer::Extend => &shapes.list,
                    _ => &shapes.set,
                };
                args.len() == 2
                    && names.is_empty()
                    && args[0]
                        .header()
                        .is_some_and(|h| h.shape_id() == shape.get().id())
            }
            Consumer::Count => args.len() == 2 && names.is_empty(),
            _ => args.len() == 1 && names.is_empty(),
        }
    }
}

impl Vm {
    /// What consumes items when this is called.
    #[inline]
    pub fn consumer_of(&self, callable: Value) -> Option<Consumer> {
        let header = callable.header()?;
        match header.shape().layout.kind {
            // SAFETY: the kind says which layout.
            Kind::Native => {
                unsafe { callable.cast_unchecked::<NativeFunction>() }
                    .def
                    .consumer
            }
            // SAFETY: the kind says which layout.
            Kind::Class => self.class_consumer(unsafe { callable.cast_unchecked() }),
            _ => None,
        }
    }

    fn class_consumer(&self, class: Gc<Class>) -> Option<Consumer> {
        let types = &self.types;
        [
            (&types.list, Consumer::List),
            (&types.tuple, Consumer::Tuple),
            (&types.set, Consumer::Set),
            (&types.frozenset, Consumer::Frozenset),
        ]
        .into_iter()
        .find(|(known, _)| known.get() == class)
        .map(|(_, consumer)| consumer)
    }

    /// The function to be called in place of a native consumer: one that has the same
    /// parameters and result. `args` are its arguments, a method's receiver included, the last
    /// ones given by the keywords `names`. None if there is no generator among them, or the
    /// native function has to do it.
    #[inline]
    pub fn python_consumer(
        &self,
        consumer: Consumer,
        args: &[Value],
        names: &[Value],
    ) -> Option<Gc<Function>> {
        let items = args.get(consumer.position())?;
        let header = items.header()?;
        if header.shape_id() != self.shapes.generator.get().id() {
            return None;
        }
        // SAFETY: the shape of generators.
        let generator = unsafe { items.cast_unchecked::<Generator>() };
        self.consumer_of_generator(consumer, generator, args, names)
    }

    #[inline(never)]
    fn consumer_of_generator(
        &self,
        consumer: Consumer,
        generator: Gc<Generator>,
        args: &[Value],
        names: &[Value],
    ) -> Option<Gc<Function>> {
        if self.breaker.get() & Breaker::TRACE != 0
            || generator.is_finished()
            || !consumer.covers(self, args, names)
        {
            return None;
        }
        if consumer == Consumer::Sum && self.jit.get().is_null() {
            // Interpreted, its arithmetic takes longer than to go in and out of native code.
            return None;
        }
        let code = generator.frame.code;
        let index = consumer as usize;
        if let Some(known) = code.consumers.get()
            && let Some(f) = known.slot(index).get()
        {
            return f.cast::<Function>();
        }
        let copies = match code.consumers.get() {
            Some(copies) => copies,
            None => {
                let copies = self.new_array(Consumer::ALL.len()).ok()?;
                code.consumers.set(&code.header, copies);
                copies
            }
        };
        let made = self.copy_consumer(consumer)?;
        copies.set(index, made.value());
        Some(made)
    }

    /// A function as the interpreter's one, with code of its own.
    fn copy_consumer(&self, consumer: Consumer) -> Option<Gc<Function>> {
        let known = self.consumers.borrow().get(consumer as usize).copied();
        let original = match known {
            Some(f) => f,
            None => {
                self.load_consumers()?;
                self.consumers.borrow()[consumer as usize]
            }
        };
        let code = self.copy_code(original.code(), CodeFlags::HIDDEN);
        let made = self.new_function(code, original.globals());
        if let Some(defaults) = original.defaults.get() {
            made.defaults.set(&made.header, defaults);
        }
        Some(made)
    }

    /// Fetches the interpreter's functions. None if it has not all of them, or loading raised,
    /// which is then as if there were none.
    #[cold]
    fn load_consumers(&self) -> Option<()> {
        let Ok(namespace) = self.interpreter().consumers(self) else {
            self.clear_raised();
            return None;
        };
        let mut all = Vec::with_capacity(Consumer::ALL.len());
        for consumer in Consumer::ALL {
            let f = namespace.get_str(self.intern(consumer.name()))?;
            all.push(f.cast::<Function>()?);
        }
        for f in &all {
            self.keep(f.value());
        }
        *self.consumers.borrow_mut() = all;
        Some(())
    }
}
