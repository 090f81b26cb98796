//! Iteration.

use crate::heap::Kind;
use crate::object::Special;
use crate::types::dict::{Dict, views::DictIter};
use crate::types::exception::classes as exc;
use crate::types::generator::Generator;
use crate::types::iterators::{ListIter, RangeIter, SequenceIter, TupleIter};
use crate::types::list::List;
use crate::types::protocol::NativeNext;
use crate::types::str::StrIter;
use crate::types::tuple::Tuple;
use crate::value::Value;
use crate::vm::{Result, RootedVec, Step, Vm};

impl Vm {
    /// `iter(v)`.
    pub fn iter(&self, v: Value) -> Result {
        if let Some(header) = v.header() {
            let shape = header.shape_id();
            let shapes = &self.shapes;
            // SAFETY: in each arm the shape says which layout.
            unsafe {
                if shape == shapes.list.get().id() {
                    return Ok(self.new_list_iter(v.cast_unchecked()).value());
                } else if shape == shapes.tuple.get().id() {
                    return Ok(self.new_tuple_iter(v.cast_unchecked()).value());
                } else if shape == shapes.str.get().id() {
                    return Ok(self.new_str_iter(v.cast_unchecked())?.value());
                } else if header.shape().layout.kind == Kind::Generator
                    && header.shape_id() == shapes.generator.get().id()
                {
                    return Ok(v);
                }
            }
        }
        let class = self.class_of(v);
        match class.special(Special::Iter) {
            Some(f) if !f.is_none() => {
                let iterator = self.call_special(f, v, &[])?;
                self.check_iterator(iterator)?;
                Ok(iterator)
            }
            None if class.special(Special::GetItem).is_some()
                && class.layout.kind != Kind::Dict =>
            {
                Ok(SequenceIter::make(self, v))
            }
            _ => Err(self.type_error(format!(
                "'{}' object is not iterable",
                class.qualified_name()
            ))),
        }
    }

    /// That the result of an `__iter__` is an iterator.
    ///
    /// # Errors
    /// TypeError if it is none.
    pub fn check_iterator(&self, iterator: Value) -> Result<()> {
        let class = self.class_of(iterator);
        if class.special(Special::Next).is_some() {
            return Ok(());
        }
        Err(self.type_error(format!(
            "iter() returned non-iterator of type '{}'",
            class.qualified_name()
        )))
    }

    /// The next item, `None` at the end (StopIteration is caught).
    #[inline]
    pub fn next(&self, iterator: Value) -> Result<Option<Value>> {
        if let Some(header) = iterator.header() {
            // SAFETY: in each arm the kind says which layout; these types cannot be subclassed.
            unsafe {
                match header.shape().layout.kind {
                    Kind::ListIter => return Ok(iterator.cast_unchecked::<ListIter>().next()),
                    Kind::TupleIter => return Ok(iterator.cast_unchecked::<TupleIter>().next()),
                    Kind::RangeIter => return Ok(iterator.cast_unchecked::<RangeIter>().next()),
                    Kind::StrIter => return iterator.cast_unchecked::<StrIter>().next(self),
                    Kind::DictIter => return iterator.cast_unchecked::<DictIter>().next(self),
                    Kind::Generator if header.shape_id() == self.shapes.generator.get().id() => {
                        let generator = iterator.cast_unchecked::<Generator>();
                        return match self.interpreter().resume(
                            self,
                            generator,
                            Some(Value::NONE),
                        )? {
                            Step::Yield(v) => Ok(Some(v)),
                            Step::Return(_) => Ok(None),
                        };
                    }
                    _ => {}
                }
            }
        }
        self.next_general(iterator)
    }

    fn next_general(&self, iterator: Value) -> Result<Option<Value>> {
        self.check_memory()?;
        let class = self.class_of(iterator);
        if let Some(next) = class.def.get().and_then(|def| def.next) {
            self.check_native_stack()?;
            return self.item_or_end(next(self, iterator));
        }
        let Some(f) = class.special(Special::Next) else {
            return Err(self.type_error(format!(
                "'{}' object is not an iterator",
                class.qualified_name()
            )));
        };
        match self.call_special(f, iterator, &[]) {
            Ok(v) => Ok(Some(v)),
            // Native iterators end without making an exception object.
            Err(_) if self.pending().is_none() => Ok(None),
            Err(raised) => {
                if self.raised_is_def(&exc::STOP_ITERATION) {
                    self.clear_raised();
                    Ok(None)
                } else {
                    Err(raised)
                }
            }
        }
    }

    /// What a native iterator came to, a StopIteration of a function that it called being its end.
    #[inline]
    pub fn item_or_end(&self, outcome: Result<Option<Value>>) -> Result<Option<Value>> {
        match outcome {
            Err(_) if self.raised_is_def(&exc::STOP_ITERATION) => {
                self.clear_raised();
                Ok(None)
            }
            outcome => outcome,
        }
    }

    /// For a native `__next__`: turns the end into StopIteration.
    #[inline]
    pub fn or_stop(&self, item: Option<Value>) -> Result {
        match item {
            Some(v) => Ok(v),
            None => Err(self.stop_iteration(Value::NONE)),
        }
    }

    /// Runs `f` on every item.
    pub fn for_each(&self, iterable: Value, f: &mut dyn FnMut(Value) -> Result<()>) -> Result<()> {
        if let Some(header) = iterable.header() {
            let shape = header.shape_id();
            // SAFETY: in each arm the shape says which layout.
            unsafe {
                if shape == self.shapes.list.get().id() {
                    let list = iterable.cast_unchecked::<List>();
                    let mut i = 0;
                    while let Some(item) = list.get(i) {
                        f(item)?;
                        i += 1;
                    }
                    return Ok(());
                } else if shape == self.shapes.tuple.get().id() {
                    return iterable
                        .cast_unchecked::<Tuple>()
                        .as_slice()
                        .iter()
                        .try_for_each(|v| f(*v));
                }
            }
        }
        let iterator = self.iter(iterable)?;
        self.each_next(iterator, f)
    }

    /// How the items of an iterator come, for many of them: what kind it is, is asked only here.
    /// Outcomes go through [`Vm::item_or_end`].
    pub fn next_of(&self, iterator: Value) -> NativeNext {
        let has_short_way = iterator.header().is_some_and(|header| {
            matches!(
                header.shape().layout.kind,
                Kind::ListIter | Kind::TupleIter | Kind::RangeIter | Kind::StrIter | Kind::DictIter
            )
        });
        match self.class_of(iterator).def.get().and_then(|def| def.next) {
            Some(next) if !has_short_way => next,
            _ => |vm, iterator| vm.next(iterator),
        }
    }

    /// Runs `f` on every item that an iterator still has.
    #[inline]
    pub fn each_next(&self, iterator: Value, mut f: impl FnMut(Value) -> Result<()>) -> Result<()> {
        let next = self.next_of(iterator);
        while let Some(item) = self.item_or_end(next(self, iterator))? {
            f(item)?;
            self.check_memory()?;
        }
        Ok(())
    }

    /// All items, rooted.
    pub fn collect(&self, iterable: Value) -> Result<RootedVec<'_>> {
        let mut items = self.rooted();
        if let Some(header) = iterable.header() {
            let shape = header.shape_id();
            // SAFETY: in each arm the shape says which layout.
            unsafe {
                if shape == self.shapes.list.get().id() {
                    items.extend_from_slice(iterable.cast_unchecked::<List>().as_slice());
                    return Ok(items);
                } else if shape == self.shapes.tuple.get().id() {
                    items.extend_from_slice(iterable.cast_unchecked::<Tuple>().as_slice());
                    return Ok(items);
                } else if shape == self.shapes.dict.get().id() {
                    items.extend(iterable.cast_unchecked::<Dict>().items().map(|(k, _)| k));
                    return Ok(items);
                }
            }
        }
        let iterator = self.iter(iterable)?;
        self.each_next(iterator, |item| {
            items.push(item);
            Ok(())
        })?;
        Ok(items)
    }
}
