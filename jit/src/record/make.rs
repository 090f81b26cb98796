//! Objects that the trace makes itself ([`Op::New`]): what their layout is and what
//! their fields hold. Those that nobody else gets to see are never made.

use super::{Recorded, Recorder};
use crate::backend::helpers;
use crate::ir::{Class, Layout, Mem, Ref, Ty};
use std::mem::offset_of;
use taipan_bytecode::FunctionAttribute;
use taipan_bytecode::opcode::Op as Bytecode;
use taipan_runtime::Vm;
use taipan_runtime::heap::GRANULE;
use taipan_runtime::object::Shape;
use taipan_runtime::types::cell::CellObject;
use taipan_runtime::types::complex::Complex;
use taipan_runtime::types::exception::Exception;
use taipan_runtime::types::function::Function;
use taipan_runtime::types::iterators::{ListIter, RangeIter, TupleIter};
use taipan_runtime::types::list::{Array, List};
use taipan_runtime::types::method::BoundMethod;
use taipan_runtime::types::range::Range;
use taipan_runtime::types::tuple::Tuple;

/// Items of a tuple or list that is made field by field.
pub(crate) const MAX_ITEMS: usize = 16;

/// The arguments of an exception, its traceback, `__context__`, `__cause__` and `__suppress_context__`.
pub(crate) const EXCEPTION_ARGS: Mem = Mem::new(Class::Attr, 8, offset_of!(Exception, args));
pub(crate) const EXCEPTION_TRACEBACK: Mem =
    Mem::new(Class::Raised, 8, offset_of!(Exception, traceback));
pub(crate) const EXCEPTION_CONTEXT: Mem =
    Mem::new(Class::Raised, 8, offset_of!(Exception, context));
pub(crate) const EXCEPTION_CAUSE: Mem = Mem::new(Class::Attr, 8, offset_of!(Exception, cause));
pub(crate) const SUPPRESS_CONTEXT: Mem =
    Mem::new(Class::Attr, 1, offset_of!(Exception, suppress_context));

const fn constant(offset: usize) -> Mem {
    Mem::new(Class::Const, 8, offset)
}

fn layout(shape: &'static Shape, used: usize) -> Layout {
    Layout {
        shape: shape.id(),
        size: used.next_multiple_of(GRANULE) as u32,
    }
}

/// Of a layout of fixed size.
pub(super) fn fixed(shape: &'static Shape) -> Layout {
    layout(shape, shape.instance_size())
}

/// A field of functions.
const fn of_function(offset: usize) -> Mem {
    Mem::new(Class::Version, 8, offset)
}

impl Recorder {
    /// `MAKE_FUNCTION`: what calls of the function ask for is known.
    pub(crate) fn make_function(&mut self, vm: &Vm) -> Recorded {
        let code = self.peek(1)?;
        if self.e.tree.as_bits(code).is_none() {
            return self.step(Bytecode::MAKE_FUNCTION, 1);
        }
        let globals = self.constant(self.frame().globals.value());
        let f = self.call_plain(&helpers::NEW_FUNCTION, &[code, globals])?;
        self.e.memory.set_shape(f, vm.shapes.function.get().id());
        let null = self.null();
        for (offset, value) in [
            (offset_of!(Function, code), code),
            (offset_of!(Function, globals), globals),
            (offset_of!(Function, defaults), null),
        ] {
            self.e.know(of_function(offset), f, value, Ty::Val);
        }
        self.result(1, f, 1)
    }

    /// `SET_FUNCTION_ATTRIBUTE` of a function that was just made.
    pub(crate) fn set_function_attribute(&mut self, which: usize) -> Recorded {
        let offset = match which as u32 {
            FunctionAttribute::DEFAULTS => offset_of!(Function, defaults),
            FunctionAttribute::CLOSURE => offset_of!(Function, closure),
            FunctionAttribute::KW_DEFAULTS => offset_of!(Function, kw_defaults),
            FunctionAttribute::ANNOTATE => offset_of!(Function, annotate),
            _ => return self.step(Bytecode::SET_FUNCTION_ATTRIBUTE, 2),
        };
        let (f, value) = (self.peek(1)?, self.peek(2)?);
        let value = self.e.boxed(value);
        self.e.store(f, of_function(offset), value)?;
        if which as u32 == FunctionAttribute::CLOSURE {
            // Never changed later.
            self.e.know(constant(offset), f, value, Ty::Val);
        }
        self.result(2, f, 1)
    }

    /// An instance without attributes, if the trace can make such ones.
    pub(crate) fn new_instance(&mut self, shape: &'static Shape) -> Recorded<Option<Ref>> {
        if shape.needs_registration() || shape.layout.variable {
            return Ok(None);
        }
        Ok(Some(self.e.new_object(Ty::Val, fixed(shape), &[])?))
    }

    /// A tuple of at least one item.
    pub(crate) fn new_tuple(&mut self, vm: &Vm, items: &[Ref]) -> Recorded<Ref> {
        self.new_tuple_of(vm.shapes.tuple.get(), items)
    }

    /// As [`Recorder::new_tuple`], of this shape, which has no attributes.
    pub(crate) fn new_tuple_of(&mut self, shape: &'static Shape, items: &[Ref]) -> Recorded<Ref> {
        let n = self.e.tree.int(items.len() as i64);
        let mut fields = vec![(super::containers::TUPLE_LEN, n)];
        for (i, item) in items.iter().enumerate() {
            let item = self.e.boxed(*item);
            fields.push((constant(Tuple::ITEMS_OFFSET + 8 * i), item));
        }
        let layout = layout(shape, Tuple::ITEMS_OFFSET + 8 * items.len());
        Ok(self.e.new_object(Ty::Val, layout, &fields)?)
    }

    pub(crate) fn new_list(&mut self, vm: &Vm, items: &[Ref]) -> Recorded<Ref> {
        let n = self.e.tree.int(items.len() as i64);
        let mut fields = vec![(super::containers::LIST_LEN, n)];
        if !items.is_empty() {
            let capacity = items.len().next_multiple_of(2);
            let size = layout(vm.shapes.array.get(), Array::WORDS_OFFSET + 8 * capacity);
            let capacity = self.e.tree.int(capacity as i64);
            let capacity = (constant(Array::CAPACITY_OFFSET), capacity);
            let array = self.e.new_object(Ty::Ptr, size, &[capacity])?;
            for (i, item) in items.iter().enumerate() {
                let item = self.e.boxed(*item);
                let i = self.e.tree.int(i as i64);
                self.e
                    .store_idx(array, i, super::containers::LIST_ITEM, item)?;
            }
            fields.push((super::containers::LIST_ITEMS, array));
        }
        let layout = layout(vm.shapes.list.get(), size_of::<List>());
        Ok(self.e.new_object(Ty::Val, layout, &fields)?)
    }

    /// An exception with its arguments, if the trace can make such ones.
    pub(crate) fn new_exception(
        &mut self,
        vm: &Vm,
        shape: &'static Shape,
        args: &[Ref],
    ) -> Recorded<Option<Ref>> {
        if shape.needs_registration() || shape.layout.variable || args.len() > MAX_ITEMS {
            return Ok(None);
        }
        let args = self.tuple_of(vm, args)?;
        Ok(Some(self.e.new_object(
            Ty::Val,
            fixed(shape),
            &[(EXCEPTION_ARGS, args)],
        )?))
    }

    /// A range: start, stop, step, length.
    pub(crate) fn new_range(&mut self, vm: &Vm, parts: [Ref; 4]) -> Recorded<Ref> {
        let offsets = [
            offset_of!(Range, start),
            offset_of!(Range, stop),
            offset_of!(Range, step),
            offset_of!(Range, length),
        ];
        let fields = [0, 1, 2, 3].map(|i| (constant(offsets[i]), self.e.boxed(parts[i])));
        let layout = fixed(vm.shapes.range.get());
        Ok(self.e.new_object(Ty::Val, layout, &fields)?)
    }

    pub(crate) fn new_complex(&mut self, vm: &Vm, re: Ref, im: Ref) -> Recorded<Ref> {
        let fields = [
            (constant(offset_of!(Complex, re)), re),
            (constant(offset_of!(Complex, im)), im),
        ];
        let layout = fixed(vm.shapes.complex.get());
        Ok(self.e.new_object(Ty::Val, layout, &fields)?)
    }

    pub(crate) fn new_cell(&mut self, vm: &Vm, contents: Ref) -> Recorded<Ref> {
        let contents = self.e.boxed(contents);
        let mem = Mem::new(Class::Cell, 8, CellObject::CONTENTS_OFFSET);
        let layout = fixed(vm.shapes.cell.get());
        Ok(self.e.new_object(Ty::Val, layout, &[(mem, contents)])?)
    }

    pub(crate) fn new_bound_method(
        &mut self,
        vm: &Vm,
        function: Ref,
        receiver: Ref,
    ) -> Recorded<Ref> {
        let (function, receiver) = (self.e.boxed(function), self.e.boxed(receiver));
        let fields = [
            (constant(offset_of!(BoundMethod, function)), function),
            (constant(offset_of!(BoundMethod, receiver)), receiver),
        ];
        let layout = fixed(vm.shapes.bound_method.get());
        Ok(self.e.new_object(Ty::Val, layout, &fields)?)
    }

    pub(crate) fn new_range_iter(
        &mut self,
        vm: &Vm,
        [start, step, length]: [Ref; 3],
    ) -> Recorded<Ref> {
        let fields = [
            (super::iterate::CURRENT, start),
            (super::iterate::STEP, step),
            (super::iterate::REMAINING, length),
        ];
        let shape = vm.new_range_iter(0, 1, 0).header().shape();
        debug_assert!(shape.instance_size() >= size_of::<RangeIter>());
        Ok(self.e.new_object(Ty::Val, fixed(shape), &fields)?)
    }

    pub(crate) fn new_list_iter(&mut self, shape: &'static Shape, list: Ref) -> Recorded<Ref> {
        debug_assert!(shape.instance_size() >= size_of::<ListIter>());
        let zero = self.e.tree.int(0);
        let fields = [
            (super::iterate::ITER_LIST, list),
            (super::iterate::ITER_INDEX, zero),
        ];
        Ok(self.e.new_object(Ty::Val, fixed(shape), &fields)?)
    }

    pub(crate) fn new_tuple_iter(&mut self, shape: &'static Shape, tuple: Ref) -> Recorded<Ref> {
        debug_assert!(shape.instance_size() >= size_of::<TupleIter>());
        let zero = self.e.tree.int(0);
        let fields = [
            (super::iterate::ITER_TUPLE, tuple),
            (super::iterate::TUPLE_INDEX, zero),
        ];
        Ok(self.e.new_object(Ty::Val, fixed(shape), &fields)?)
    }
}
