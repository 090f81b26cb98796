//! Native functions that take all items of an iterable, and what runs in their place
//! when Python code makes those items, or is called for each of them: functions of the same
//! meaning in Python, so that items need no change between native code and the interpreter,
//! and both sides become one loop for the JIT.
//!
//! The interpreter provides the functions ([`crate::vm::Interpreter::consumers`]). Every
//! code object that makes items (of a generator, of the function of a `map` or `filter`) or is called
//! for them (as key, or by `reduce`) has copies of its own
//! ([`crate::types::code::CodeObject::consumers`]): a loop
//! that all of a program went through would be compiled for a mixture of
//! them. Activations of copies are hidden ([`CodeFlags::HIDDEN`]).

use super::{Class, NativeFunction};
use crate::heap::{Gc, Header, Kind};
use crate::ops::items::{Calling, python_function};
use crate::types::code::CodeObject;
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
    Reduce,
    Sort,
    /// `sorted`, `min` and `max` with a key, of what is not made by Python code.
    SortedBy,
    MinBy,
    MaxBy,
}

/// What makes items, or is called for them.
#[derive(Clone, Copy)]
pub enum Source {
    Generator(Gc<Generator>),
    /// The call that a `map` or `filter` makes, and that itself.
    Iterator(Calling, Value),
    /// An argument, given by its index.
    Function(usize, Gc<Function>),
}

impl Source {
    fn code(&self) -> Gc<CodeObject> {
        match *self {
            Source::Generator(g) => g.frame.code,
            Source::Iterator(ref calling, _) => calling.function.code(),
            Source::Function(_, f) => f.code(),
        }
    }
}

impl Consumer {
    const ALL: [Consumer; 19] = {
        use Consumer::*;
        [
            Sum, Any, All, Min, Max, List, Tuple, Set, Frozenset, Sorted, Join, Extend, Update,
            Count, Reduce, Sort, SortedBy, MinBy, MaxBy,
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
            Reduce => "reduce",
            Sort => "sort",
            SortedBy => "sorted_by",
            MinBy => "min_by",
            MaxBy => "max_by",
        }
    }

    /// Where what is taken from is among the arguments, the receiver included.
    fn position(self) -> usize {
        use Consumer::*;
        usize::from(matches!(self, Join | Extend | Update | Count | Reduce))
    }

    /// Which one it is with a key, or with another function for an argument.
    fn by_function(self) -> Option<Consumer> {
        use Consumer::*;
        match self {
            Reduce | Sort => Some(self),
            Sorted => Some(SortedBy),
            Min => Some(MinBy),
            Max => Some(MaxBy),
            _ => None,
        }
    }

    /// Whether these arguments (names of keywords apart) are covered, their last ones being
    /// given by the keywords `names`.
    fn covers(self, vm: &Vm, args: &[Value], names: &[Value]) -> bool {
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
                let receivers: &[_] = match self {
                    Consumer::Join => &[&shapes.str, &shapes.bytes, &shapes.bytearray],
                    Consumer::Extend => &[&shapes.list],
                    _ => &[&shapes.set],
                };
                let is_exact = |h: &Header| receivers.iter().any(|s| s.get().id() == h.shape_id());
                args.len() == 2 && names.is_empty() && args[0].header().is_some_and(is_exact)
            }
            Consumer::Count => args.len() == 2 && names.is_empty(),
            // What has an `__iter__` of its own is asked for it once only.
            Consumer::Reduce => {
                names.is_empty() && (2..=3).contains(&args.len()) && is_seen_through(vm, args[1])
            }
            Consumer::Sort | Consumer::SortedBy => {
                let list = &vm.shapes.list;
                let reverses = names.iter().zip(&args[positional..]).all(|(n, v)| {
                    is("key", *n) || is("reverse", *n) && (v.is_bool() || v.is_int())
                });
                positional == 1
                    && reverses
                    && if self == Consumer::Sort {
                        args[0]
                            .header()
                            .is_some_and(|h| h.shape_id() == list.get().id())
                    } else {
                        is_seen_through(vm, args[0])
                    }
            }
            Consumer::MinBy | Consumer::MaxBy => {
                positional == 1
                    && names.iter().all(|n| is("key", *n) || is("default", *n))
                    && is_seen_through(vm, args[0])
            }
            _ => args.len() == 1 && names.is_empty(),
        }
    }
}

/// Whether a name is this one.
fn is(name: &str, v: Value) -> bool {
    v.cast::<crate::types::str::Str>()
        .is_some_and(|s| s.as_ascii() == Some(name))
}

/// Whether iterating over a value asks no `__iter__` in Python.
fn is_seen_through(vm: &Vm, v: Value) -> bool {
    vm.is_plain(v)
        || vm.item_call(v).is_some()
        || v.header()
            .is_some_and(|h| h.shape_id() == vm.shapes.generator.get().id())
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
    /// parameters and result; and what decided that it is. `args` are its arguments, a method's
    /// receiver included, the last ones given by the keywords `names`. None if no Python code has a
    /// part in it, or the native function has to do it.
    #[inline]
    pub fn python_consumer(
        &self,
        consumer: Consumer,
        args: &[Value],
        names: &[Value],
    ) -> Option<(Gc<Function>, Source)> {
        let header = args.get(consumer.position())?.header()?;
        let is_generator = header.shape_id() == self.shapes.generator.get().id();
        if !is_generator && self.jit.get().is_null() {
            // Interpreted, the native loop does as well.
            return None;
        }
        let class = header.shape().class();
        if !is_generator
            && class != self.types.map.get()
            && class != self.types.filter.get()
            && (names.is_empty() || consumer.by_function().is_none())
            && consumer != Consumer::Reduce
        {
            return None;
        }
        self.consumer_of_items(consumer, args, names)
    }

    #[inline(never)]
    fn consumer_of_items(
        &self,
        consumer: Consumer,
        args: &[Value],
        names: &[Value],
    ) -> Option<(Gc<Function>, Source)> {
        if self.breaker.get() & Breaker::TRACE != 0 {
            return None;
        }
        let made = self.maker_of_items(consumer, args);
        let called = consumer
            .by_function()
            .and_then(|by| Some((by, self.called_for_items(by, args, names)?)));
        let (consumer, source) = match (made, called) {
            (Some(source), _) if consumer.covers(self, args, names) => (consumer, source),
            (_, Some((by, source))) if by.covers(self, args, names) => (by, source),
            _ => return None,
        };
        if consumer == Consumer::Sum && self.jit.get().is_null() {
            // Interpreted, its arithmetic takes longer than to go in and out of native code.
            return None;
        }
        let code = source.code();
        let index = consumer as usize;
        if let Some(known) = code.consumers.get()
            && let Some(f) = known.slot(index).get()
        {
            return Some((f.cast::<Function>()?, source));
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
        Some((made, source))
    }

    /// The Python code that makes the items which are taken.
    fn maker_of_items(&self, consumer: Consumer, args: &[Value]) -> Option<Source> {
        if matches!(consumer, Consumer::Sort | Consumer::Reduce) {
            return None;
        }
        let items = *args.get(consumer.position())?;
        if items.header()?.shape_id() == self.shapes.generator.get().id() {
            let generator = items.cast::<Generator>()?;
            return (!generator.is_finished()).then_some(Source::Generator(generator));
        }
        let (call, function, receiver) = self.item_call(items)?;
        let calling = Calling {
            level: 0,
            call,
            function,
            receiver,
        };
        Some(Source::Iterator(calling, items))
    }

    /// The Python function among the arguments that is called for each item.
    fn called_for_items(
        &self,
        consumer: Consumer,
        args: &[Value],
        names: &[Value],
    ) -> Option<Source> {
        let index = match consumer {
            Consumer::Reduce => 0,
            _ => args.len() - names.len() + names.iter().position(|n| is("key", *n))?,
        };
        let (f, _) = python_function(*args.get(index)?)?;
        Some(Source::Function(index, f))
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
