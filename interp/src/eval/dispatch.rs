//! The instruction loop.
//!
//! `ip`, `sp` and `frame` live in registers. Before anything that can raise,
//! collect or look at frames, `save!` writes them to the frame. An instruction
//! that raises breaks out of the inner loop; the outer one unwinds and goes on
//! in the handler found. Families of instructions that are not hot call
//! functions of the modules beside this one.

use super::calls::{self, Called};
use super::polymorphic::{self, Found};
use super::trace::{self, Left, Traced, Tracer};
use super::{
    attributes, classes, containers, frames, implicit, imports, intrinsics, matching, names, unwind,
};
use std::cell::Cell;
use taipan_bytecode::opcode::{BinaryOp, CompareOp, Op};
use taipan_jit::Returned;
use taipan_runtime::heap::Kind;
use taipan_runtime::object::{Class, ClassFlags, Consumer, Special, overflow};
use taipan_runtime::ops::compare::{floats, holds};
use taipan_runtime::ops::subscript::normalize;
use taipan_runtime::types::cell::CellObject;
use taipan_runtime::types::descriptor::GetSet;
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::exception::classes as exc;
use taipan_runtime::types::frame::Frame;
use taipan_runtime::types::function::Function;
use taipan_runtime::types::generator::{Generator, GeneratorState};
use taipan_runtime::types::iterators::{ListIter, RangeIter, TupleIter};
use taipan_runtime::types::list::{Array, List};
use taipan_runtime::types::protocol::NextPair;
use taipan_runtime::types::str::Str;
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::vm::Event;
use taipan_runtime::{Result, Value, Vm};

type Ip = *const Cell<u32>;

/// Runs an activation, just pushed, until it returns or yields.
pub fn run(vm: &Vm, frame: *mut Frame) -> Result {
    // SAFETY: the frame is the innermost activation, its code valid.
    unsafe {
        // A generator stands at the instruction that it was suspended by.
        (*frame).ip.set(resume_point((*frame).ip.get(), &*frame));
        drive(vm, frame, Start::Run)
    }
}

/// As [`run`], starting by raising the pending exception where the frame stands.
pub fn run_raising(vm: &Vm, frame: *mut Frame) -> Result {
    // SAFETY: as in `run`.
    unsafe { drive(vm, frame, Start::Raise) }
}

/// Goes on in the innermost activation until the next one that is an entry returns.
///
/// # Safety
/// The activations are complete.
pub unsafe fn resume(vm: &Vm, start: Start) -> Result {
    // SAFETY: by contract.
    unsafe { drive(vm, vm.thread().frame.get(), start) }
}

/// Runs in the loop's plain form or, while the thread is traced, in its traced one.
unsafe fn drive(vm: &Vm, mut frame: *mut Frame, mut start: Start) -> Result {
    loop {
        let mut tracer;
        // SAFETY: by contract.
        let result = unsafe {
            if crate::tracing::active(vm) {
                tracer = Tracer::observing();
                if start == Start::Raise && (*frame).generator.is_some() {
                    crate::monitoring::exception(vm, &*frame, Event::PyThrow);
                }
                execute::<true>(vm, frame, start, &mut tracer)
            } else {
                tracer = Tracer::off();
                execute::<false>(vm, frame, start, &mut tracer)
            }
        };
        if !tracer.switched {
            return result;
        }
        frame = vm.thread().frame.get();
        start = Start::Run;
    }
}

/// Goes on in the innermost activation, asking `tracer` before each instruction.
///
/// # Safety
/// The activation's `ip` and `sp` are written.
pub unsafe fn run_traced(vm: &Vm, tracer: &mut Tracer) {
    // SAFETY: by contract.
    let _ = unsafe { execute::<true>(vm, vm.thread().frame.get(), Start::Run, tracer) };
}

/// How execution begins.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// With the instruction that the frame stands at.
    Run,
    /// With the pending exception, raised by that instruction.
    Raise,
    /// As `Raise`, the traceback left as it is (see [`Exit::Reraise`]).
    Reraise(Option<i64>),
}

/// How an iteration of the inner loop ended.
enum Exit {
    /// An exception is pending; the frame's traceback entry is still to be made.
    Raise,
    /// As `Raise`, the traceback left as it is. If no handler takes it here, the
    /// frame is to stand at this instruction, where the exception came from.
    Reraise(Option<i64>),
}

#[inline(always)]
unsafe fn op_of(word: u32) -> Op {
    // SAFETY: code objects hold valid opcodes only.
    unsafe { std::mem::transmute(word as u8) }
}

/// With `TRACED`, a tracer is asked before each instruction and told of exceptions;
/// instructions are not fused then.
unsafe fn execute<const TRACED: bool>(
    vm: &Vm,
    entry: *mut Frame,
    start: Start,
    tracer: &mut Tracer,
) -> Result {
    // SAFETY: for the whole function: `frame` is the innermost activation, `ip` points into its
    // code, and `sp` stays within its stack, as the compiler's verified stack depths say.
    unsafe {
        let thread = vm.thread();
        let mut frame = entry;
        let mut ip: Ip = (*frame).ip.get();
        let mut sp: *mut Option<Value> = (*frame).sp.get();
        let mut locals = (*frame).slots();
        let mut start = start;

        macro_rules! push {
            ($v:expr) => {{
                let v: Value = $v;
                *sp = Some(v);
                sp = sp.add(1);
            }};
        }
        macro_rules! push_raw {
            ($v:expr) => {{
                *sp = $v;
                sp = sp.add(1);
            }};
        }
        macro_rules! pop {
            () => {{
                sp = sp.sub(1);
                (*sp).unwrap_unchecked()
            }};
        }
        macro_rules! pop_raw {
            () => {{
                sp = sp.sub(1);
                *sp
            }};
        }
        macro_rules! peek {
            ($n:expr) => {
                (*sp.sub($n)).unwrap_unchecked()
            };
        }

        'frames: loop {
            let exit = 'exec: {
                match std::mem::replace(&mut start, Start::Run) {
                    Start::Run => {}
                    Start::Raise => break 'exec Exit::Raise,
                    Start::Reraise(origin) => break 'exec Exit::Reraise(origin),
                }
                loop {
                    if TRACED {
                        (*frame).ip.set(ip);
                        (*frame).sp.set(sp);
                        match tracer.before(vm, frame) {
                            Traced::Continue => {}
                            Traced::Stop => return Ok(Value::NONE),
                            Traced::Moved => {
                                frame = thread.frame.get();
                                ip = (*frame).ip.get();
                                sp = (*frame).sp.get();
                                locals = (*frame).slots();
                                continue;
                            }
                            Traced::Jumped => {
                                ip = (*frame).ip.get();
                                sp = (*frame).sp.get();
                            }
                            Traced::Raised => {
                                frame = thread.frame.get();
                                break 'exec Exit::Raise;
                            }
                        }
                    }
                    let word = (*ip).get();
                    let arg = (word >> 8) as usize;
                    let here = ip;
                    ip = ip.add(1);

                    macro_rules! save {
                        () => {{
                            (*frame).ip.set(here);
                            (*frame).sp.set(sp);
                        }};
                    }
                    macro_rules! check {
                        ($e:expr) => {
                            match $e {
                                Ok(v) => v,
                                Err(_) => break 'exec Exit::Raise,
                            }
                        };
                    }
                    macro_rules! jump {
                        ($n:expr) => {
                            ip = ip.offset($n)
                        };
                    }
                    // Goes on in another activation.
                    macro_rules! enter {
                        ($f:expr) => {{
                            frame = $f;
                            ip = (*frame).code.start();
                            sp = (*frame).stack_base();
                            locals = (*frame).slots();
                        }};
                    }
                    // Leaves for the traced form, to execute this instruction there.
                    macro_rules! observe_if_due {
                        () => {
                            if !TRACED && crate::tracing::active(vm) {
                                save!();
                                tracer.switched = true;
                                return Ok(Value::NONE);
                            }
                        };
                    }
                    // Goes on in a generator that was entered with a value sent to it.
                    macro_rules! resume {
                        ($f:expr) => {{
                            frame = $f;
                            if !TRACED && frames::descend(vm, frame).is_err() {
                                frame = thread.frame.get();
                                break 'exec Exit::Raise;
                            }
                            frame = thread.frame.get();
                            ip = resume_point((*frame).ip.get(), &*frame);
                            sp = (*frame).sp.get();
                            locals = (*frame).slots();
                        }};
                    }
                    // Handles what a call came to; `$drop` is the stack's height after it.
                    macro_rules! called {
                        ($result:expr, $below:expr, $skip:expr) => {
                            match $result {
                                Ok(Called::Value(v)) => {
                                    sp = $below;
                                    push!(v);
                                    ip = here.add(1 + $skip);
                                    // What turns observing on returns None; the caller is
                                    // observed from there on.
                                    if !TRACED && v.is_none() && crate::tracing::active(vm) {
                                        (*frame).ip.set(ip);
                                        (*frame).sp.set(sp);
                                        tracer.switched = true;
                                        return Ok(Value::NONE);
                                    }
                                }
                                Ok(Called::Frame(new)) => {
                                    (*frame).sp.set($below);
                                    (*new).return_info.set(1 + $skip as u32);
                                    enter!(new);
                                }
                                Ok(Called::Generator(new)) => {
                                    (*frame).sp.set($below);
                                    resume!(new);
                                }
                                Err(_) => break 'exec Exit::Raise,
                            }
                        };
                    }

                    // Puts an instruction's result where its operands, from `$below` on, were;
                    // a following STORE_FAST is done at once.
                    macro_rules! finish {
                        ($v:expr, $below:expr, $skip:expr) => {{
                            let v: Value = $v;
                            ip = here.add($skip);
                            let next = (*ip).get();
                            if !TRACED && next as u8 == Op::STORE_FAST as u8 {
                                *locals.add((next >> 8) as usize) = Some(v);
                                ip = ip.add(1);
                                sp = $below;
                            } else {
                                sp = $below;
                                push!(v);
                            }
                        }};
                    }
                    // As `finish`, for truth values: a following branch is done at once.
                    macro_rules! finish_bool {
                        ($truth:expr, $below:expr, $skip:expr) => {{
                            let truth: bool = $truth;
                            ip = here.add($skip);
                            let next = (*ip).get();
                            sp = $below;
                            if TRACED {
                                push!(Value::bool(truth));
                            } else if next as u8 == Op::POP_JUMP_IF_FALSE as u8 {
                                ip = ip.add(1);
                                if !truth {
                                    ip = ip.add((next >> 8) as usize);
                                }
                            } else if next as u8 == Op::POP_JUMP_IF_TRUE as u8 {
                                ip = ip.add(1);
                                if truth {
                                    ip = ip.add((next >> 8) as usize);
                                }
                            } else {
                                push!(Value::bool(truth));
                            }
                        }};
                    }

                    // Goes on with what a stage of the loop's iterator came to.
                    macro_rules! advance {
                        ($flags:expr, $v:expr) => {
                            let at = (*frame).ip.get().add(1 + Op::FOR_ITER.caches());
                            let in_parts = !TRACED && (*at).get() == UNPACK_PAIR;
                            match check!(implicit::advance(vm, &*frame, $flags, $v, in_parts)) {
                                implicit::Advance::Item(v) => {
                                    ip = at;
                                    push!(v);
                                }
                                implicit::Advance::Pair(a, b) => {
                                    push!(b);
                                    push!(a);
                                    ip = at.add(1 + Op::UNPACK_SEQUENCE.caches());
                                }
                                implicit::Advance::Again => ip = (*frame).ip.get(),
                                implicit::Advance::Call(new) => enter!(new),
                                implicit::Advance::End => {
                                    ip = at.add(1 + ((*(*frame).ip.get()).get() >> 8) as usize);
                                }
                            }
                        };
                    }
                    // Hands the result of an activation, which is gone, to its caller.
                    macro_rules! give_back {
                        ($v:expr, $flags:expr, $skip:expr) => {{
                            let v: Value = $v;
                            if $flags & Frame::ENTRY != 0 {
                                return Ok(v);
                            }
                            frame = thread.frame.get();
                            sp = (*frame).sp.get();
                            locals = (*frame).slots();
                            ip = (*frame).ip.get().add($skip as usize);
                            if $flags & (Frame::PICKED | Frame::STAGE | Frame::STEPPED) != 0 {
                                advance!($flags, v);
                            } else if $flags & Frame::IMPLICIT != 0 {
                                if let Some(v) = check!(implicit::finish(vm, &*frame, $flags, v)) {
                                    push!(v);
                                }
                            } else {
                                push!(v);
                            }
                        }};
                    }

                    // Goes on where compiled code or a recording left the frames.
                    macro_rules! compiled {
                        ($left:expr) => {
                            let left = $left;
                            if left != Left::Nothing {
                                frame = thread.frame.get();
                                ip = (*frame).ip.get();
                                sp = (*frame).sp.get();
                                locals = (*frame).slots();
                                match left {
                                    Left::Raise => break 'exec Exit::Raise,
                                    Left::Reraise(origin) => break 'exec Exit::Reraise(origin),
                                    Left::Return(v) => {
                                        let flags = (*frame).flags.get();
                                        let skip = (*frame).return_info.get();
                                        frames::pop(vm, frame);
                                        give_back!(v, flags, skip);
                                    }
                                    Left::Nothing | Left::Stopped => {}
                                }
                            }
                        };
                    }

                    match op_of(word) {
                        Op::NOP | Op::NOT_TAKEN | Op::CACHE => {}
                        Op::RESUME => {
                            ip = ip.add(1);
                            if vm.breaker.get() != 0 {
                                observe_if_due!();
                                save!();
                                check!(crate::safepoint::poll(vm));
                                // What ran meanwhile may have put compiled code here.
                            } else if !TRACED && arg & 3 == 0 {
                                // Only where the function begins, and not where a generator goes on.
                                let count = (*here.add(1)).get().wrapping_add(1);
                                (*here.add(1)).set(count);
                                if count == vm.jit_call_threshold.get() {
                                    save!();
                                    compiled!(trace::hot_function(vm, frame, here));
                                }
                            }
                        }
                        Op::ENTER_FUNCTION => {
                            ip = ip.add(1);
                            if vm.breaker.get() != 0 {
                                observe_if_due!();
                                save!();
                                check!(crate::safepoint::poll(vm));
                            } else if !TRACED {
                                save!();
                                // The frame may be gone afterwards.
                                let flags = (*frame).flags.get();
                                let skip = (*frame).return_info.get();
                                match trace::enter_function(vm, frame, (*here.add(1)).get()) {
                                    Returned::Nothing => {}
                                    Returned::Value(v) => give_back!(v, flags, skip),
                                    Returned::Raised => {
                                        if flags & Frame::ENTRY != 0 {
                                            return Err(vm.raised_marker());
                                        }
                                        frame = thread.frame.get();
                                        break 'exec Exit::Raise;
                                    }
                                }
                            }
                        }
                        Op::LOAD_FAST => push_raw!(*locals.add(arg)),
                        Op::LOAD_FAST_LOAD_FAST => {
                            *sp = *locals.add(arg >> 12);
                            *sp.add(1) = *locals.add(arg & 0xFFF);
                            sp = sp.add(2);
                        }
                        Op::STORE_FAST => *locals.add(arg) = pop_raw!(),
                        Op::STORE_FAST_LOAD_FAST => {
                            *locals.add(arg >> 12) = *sp.sub(1);
                            *sp.sub(1) = *locals.add(arg & 0xFFF);
                        }
                        Op::STORE_FAST_STORE_FAST => {
                            *locals.add(arg >> 12) = *sp.sub(1);
                            *locals.add(arg & 0xFFF) = *sp.sub(2);
                            sp = sp.sub(2);
                        }
                        Op::LOAD_CONST => {
                            let code = (*frame).code;
                            push!(*code.consts.as_slice().get_unchecked(arg));
                        }
                        Op::LOAD_SMALL_INT => push!(Value::small_int(arg as i64)),
                        Op::POP_TOP | Op::END_FOR | Op::POP_ITER => sp = sp.sub(1),
                        Op::PUSH_NULL => push_raw!(None),
                        Op::COPY => push_raw!(*sp.sub(arg)),
                        Op::SWAP => std::ptr::swap(sp.sub(1), sp.sub(arg)),

                        Op::LOAD_FAST_CHECK => match *locals.add(arg) {
                            Some(v) => push!(v),
                            None => {
                                save!();
                                names::unbound_local(vm, &*frame, arg);
                                break 'exec Exit::Raise;
                            }
                        },
                        Op::LOAD_FAST_AND_CLEAR => {
                            push_raw!(*locals.add(arg));
                            *locals.add(arg) = None;
                        }
                        Op::DELETE_FAST => {
                            if (*locals.add(arg)).is_none() {
                                save!();
                                names::unbound_local(vm, &*frame, arg);
                                break 'exec Exit::Raise;
                            }
                            *locals.add(arg) = None;
                        }
                        Op::MAKE_CELL => {
                            save!();
                            let cell = vm.new_cell(*locals.add(arg));
                            *locals.add(arg) = Some(cell.value());
                        }
                        Op::COPY_FREE_VARS => {
                            let (function, code) = ((*frame).function, (*frame).code);
                            if let Some(closure) = function.closure.get() {
                                let first = code.first_free as usize;
                                for (i, cell) in closure.as_slice().iter().enumerate() {
                                    *locals.add(first + i) = Some(*cell);
                                }
                            }
                        }
                        Op::LOAD_DEREF => {
                            let cell = (*locals.add(arg))
                                .unwrap_unchecked()
                                .cast_unchecked::<CellObject>();
                            match cell.get() {
                                Some(v) => push!(v),
                                None => {
                                    save!();
                                    names::unbound_deref(vm, &*frame, arg);
                                    break 'exec Exit::Raise;
                                }
                            }
                        }
                        Op::STORE_DEREF => {
                            let v = pop!();
                            (*locals.add(arg))
                                .unwrap_unchecked()
                                .cast_unchecked::<CellObject>()
                                .set(v);
                        }
                        Op::DELETE_DEREF => {
                            let cell = (*locals.add(arg))
                                .unwrap_unchecked()
                                .cast_unchecked::<CellObject>();
                            if cell.get().is_none() {
                                save!();
                                names::unbound_deref(vm, &*frame, arg);
                                break 'exec Exit::Raise;
                            }
                            cell.clear();
                        }
                        Op::LOAD_GLOBAL => {
                            save!();
                            let v = check!(names::load_global(vm, &*frame, here, arg));
                            push!(v);
                            if arg & 1 != 0 {
                                push_raw!(None);
                            }
                            ip = here.add(5);
                        }
                        Op::LOAD_GLOBAL_MODULE => {
                            let globals = (*frame).function.globals();
                            if globals.current_version() == (*here.add(2)).get()
                                && let Some(v) = globals.value_at((*here.add(3)).get() as usize)
                            {
                                push!(v);
                                if arg & 1 != 0 {
                                    push_raw!(None);
                                }
                                ip = here.add(5);
                            } else {
                                names::despecialize(here);
                                ip = here;
                            }
                        }
                        Op::LOAD_GLOBAL_BUILTIN => {
                            let function = (*frame).function;
                            if function.globals().current_version() == (*here.add(2)).get()
                                && function.builtins().current_version() == (*here.add(4)).get()
                                && let Some(v) =
                                    function.builtins().value_at((*here.add(3)).get() as usize)
                            {
                                push!(v);
                                if arg & 1 != 0 {
                                    push_raw!(None);
                                }
                                ip = here.add(5);
                            } else {
                                names::despecialize(here);
                                ip = here;
                            }
                        }
                        Op::STORE_GLOBAL => {
                            save!();
                            let v = pop!();
                            check!(names::store_global(vm, &*frame, here, arg, v));
                            ip = here.add(5);
                        }
                        Op::DELETE_GLOBAL => {
                            save!();
                            check!(names::delete_global(vm, &*frame, arg));
                        }
                        Op::LOAD_NAME => {
                            save!();
                            let v = check!(names::load_name(vm, &*frame, here, arg));
                            push!(v);
                            ip = here.add(5);
                        }
                        Op::STORE_NAME => {
                            save!();
                            let v = peek!(1);
                            check!(names::store_name(vm, &*frame, here, arg, v));
                            sp = sp.sub(1);
                            ip = here.add(2);
                        }
                        Op::DELETE_NAME => {
                            save!();
                            check!(names::delete_name(vm, &*frame, arg));
                        }
                        Op::LOAD_FROM_DICT_OR_GLOBALS => {
                            save!();
                            let mapping = peek!(1);
                            let v = check!(names::load_from_mapping_or_globals(
                                vm, &*frame, mapping, arg
                            ));
                            *sp.sub(1) = Some(v);
                        }
                        Op::LOAD_FROM_DICT_OR_DEREF => {
                            save!();
                            let mapping = peek!(1);
                            let v = check!(names::load_from_mapping_or_deref(
                                vm, &*frame, mapping, arg
                            ));
                            *sp.sub(1) = Some(v);
                        }
                        Op::LOAD_LOCALS => {
                            save!();
                            push!(names::locals_mapping(&*frame));
                        }
                        Op::LOAD_BUILD_CLASS => {
                            save!();
                            push!(check!(names::build_class_function(vm, &*frame)));
                        }
                        Op::LOAD_COMMON_CONSTANT => push!(names::common_constant(vm, arg)),

                        Op::LOAD_ATTR => {
                            save!();
                            let owner = peek!(1);
                            let name = (*frame).code.name_at(arg >> 1);
                            if attributes::is_closed(here)
                                && let Some(found) =
                                    polymorphic::load(vm, owner, name, arg & 1 != 0)
                            {
                                match found {
                                    Found::Value(v) => {
                                        *sp.sub(1) = Some(v);
                                        if arg & 1 != 0 {
                                            push_raw!(None);
                                        }
                                    }
                                    Found::Method(f) => {
                                        *sp.sub(1) = Some(f);
                                        push!(owner);
                                    }
                                }
                                ip = here.add(6);
                                continue;
                            }
                            if arg & 1 != 0 {
                                attributes::specialize_method(vm, here, owner, name);
                                let (f, receiver) = check!(vm.get_method(owner, name));
                                *sp.sub(1) = Some(f);
                                push_raw!(receiver);
                            } else {
                                attributes::specialize_load(vm, here, owner, name);
                                if let Some(new) =
                                    check!(implicit::getter(vm, &*frame, owner, name))
                                {
                                    enter!(new);
                                    continue;
                                }
                                let v = check!(vm.get_attr(owner, name));
                                *sp.sub(1) = Some(v);
                            }
                            ip = here.add(6);
                        }
                        Op::LOAD_ATTR_SLOT => {
                            let owner = peek!(1);
                            if let Some(h) = owner.header()
                                && h.shape_id() == (*here.add(2)).get()
                                && vm.attribute_epoch.get() == (*here.add(4)).get()
                                && let Some(v) = taipan_runtime::object::word_at(
                                    h,
                                    (*here.add(3)).get() as usize,
                                )
                                .get()
                            {
                                *sp.sub(1) = Some(v);
                                if arg & 1 != 0 {
                                    push_raw!(None);
                                }
                                ip = here.add(6);
                            } else {
                                attributes::miss(here, Op::LOAD_ATTR);
                                ip = here;
                            }
                        }
                        Op::LOAD_ATTR_OVERFLOW => {
                            let owner = peek!(1);
                            if let Some(h) = owner.header()
                                && h.shape_id() == (*here.add(2)).get()
                                && vm.attribute_epoch.get() == (*here.add(4)).get()
                                && let Some(array) = overflow::<Array>(h)
                                && let Some(v) = array.slot((*here.add(3)).get() as usize).get()
                            {
                                *sp.sub(1) = Some(v);
                                if arg & 1 != 0 {
                                    push_raw!(None);
                                }
                                ip = here.add(6);
                            } else {
                                attributes::miss(here, Op::LOAD_ATTR);
                                ip = here;
                            }
                        }
                        Op::LOAD_ATTR_DICT => {
                            let owner = peek!(1);
                            if let Some(h) = owner.header()
                                && h.shape_id() == (*here.add(2)).get()
                                && h.shape().class().version.get() == (*here.add(3)).get()
                                && let Some(dict) = overflow::<Dict>(h)
                                && let Some(v) = dict.get_str((*frame).code.name_at(arg >> 1))
                            {
                                *sp.sub(1) = Some(v);
                                if arg & 1 != 0 {
                                    push_raw!(None);
                                }
                                ip = here.add(6);
                            } else {
                                attributes::miss(here, Op::LOAD_ATTR);
                                ip = here;
                            }
                        }
                        Op::LOAD_ATTR_METHOD_DICT => {
                            let owner = peek!(1);
                            if let Some(h) = owner.header()
                                && h.shape_id() == (*here.add(2)).get()
                                && h.shape().class().version.get() == (*here.add(3)).get()
                                && overflow::<Dict>(h).is_none_or(|dict| {
                                    dict.get_str((*frame).code.name_at(arg >> 1)).is_none()
                                })
                            {
                                *sp.sub(1) = Some(attributes::cached_value(here));
                                push!(owner);
                                ip = here.add(6);
                            } else {
                                attributes::miss(here, Op::LOAD_ATTR);
                                ip = here;
                            }
                        }
                        Op::LOAD_ATTR_METHOD => {
                            let owner = peek!(1);
                            if let Some(h) = owner.header()
                                && h.shape_id() == (*here.add(2)).get()
                                && h.shape().class().version.get() == (*here.add(3)).get()
                            {
                                *sp.sub(1) = Some(attributes::cached_value(here));
                                push!(owner);
                                ip = here.add(6);
                            } else {
                                attributes::miss(here, Op::LOAD_ATTR);
                                ip = here;
                            }
                        }
                        Op::LOAD_ATTR_CLASS_VALUE => {
                            let owner = peek!(1);
                            if let Some(h) = owner.header()
                                && h.shape_id() == (*here.add(2)).get()
                                && h.shape().class().version.get() == (*here.add(3)).get()
                            {
                                *sp.sub(1) = Some(attributes::cached_value(here));
                                if arg & 1 != 0 {
                                    push_raw!(None);
                                }
                                ip = here.add(6);
                            } else {
                                attributes::miss(here, Op::LOAD_ATTR);
                                ip = here;
                            }
                        }
                        Op::LOAD_ATTR_CLASS => {
                            let owner = peek!(1);
                            if let Some(class) = owner.cast::<Class>()
                                && class.version.get() == (*here.add(3)).get()
                            {
                                *sp.sub(1) = Some(attributes::cached_value(here));
                                if arg & 1 != 0 {
                                    push_raw!(None);
                                }
                                ip = here.add(6);
                            } else {
                                attributes::miss(here, Op::LOAD_ATTR);
                                ip = here;
                            }
                        }
                        Op::LOAD_ATTR_MODULE => {
                            let owner = peek!(1);
                            if let Some(module) =
                                owner.cast::<taipan_runtime::types::module::Module>()
                                && module.dict().current_version() == (*here.add(2)).get()
                                && let Some(v) =
                                    module.dict().value_at((*here.add(3)).get() as usize)
                            {
                                *sp.sub(1) = Some(v);
                                if arg & 1 != 0 {
                                    push_raw!(None);
                                }
                                ip = here.add(6);
                            } else {
                                attributes::miss(here, Op::LOAD_ATTR);
                                ip = here;
                            }
                        }
                        Op::LOAD_ATTR_PROPERTY => {
                            let owner = peek!(1);
                            if let Some(h) = owner.header()
                                && h.shape_id() == (*here.add(2)).get()
                                && h.shape().class().version.get() == (*here.add(3)).get()
                            {
                                save!();
                                let getter =
                                    attributes::cached_value(here).cast_unchecked::<Function>();
                                let below = sp.sub(1);
                                let new = check!(frames::push_call(vm, getter, &[owner], None));
                                (*frame).sp.set(below);
                                (*new).return_info.set(6);
                                enter!(new);
                            } else {
                                attributes::miss(here, Op::LOAD_ATTR);
                                ip = here;
                            }
                        }
                        Op::LOAD_ATTR_GETSET => {
                            let owner = peek!(1);
                            if let Some(h) = owner.header()
                                && h.shape_id() == (*here.add(2)).get()
                                && h.shape().class().version.get() == (*here.add(3)).get()
                            {
                                save!();
                                let getset =
                                    attributes::cached_value(here).cast_unchecked::<GetSet>();
                                let v = check!((getset.def.get)(vm, owner));
                                finish!(v, sp.sub(1), 6);
                            } else {
                                attributes::miss(here, Op::LOAD_ATTR);
                                ip = here;
                            }
                        }
                        Op::LOAD_ATTR_ITEM => {
                            let owner = peek!(1);
                            if let Some(h) = owner.header()
                                && h.shape_id() == (*here.add(2)).get()
                                && h.shape().class().version.get() == (*here.add(3)).get()
                                && let Some(v) = owner
                                    .cast_unchecked::<Tuple>()
                                    .as_slice()
                                    .get((*here.add(4)).get() as usize)
                            {
                                finish!(*v, sp.sub(1), 6);
                            } else {
                                attributes::miss(here, Op::LOAD_ATTR);
                                ip = here;
                            }
                        }
                        Op::STORE_ATTR => {
                            save!();
                            let (value, owner) = (peek!(2), peek!(1));
                            let name = (*frame).code.name_at(arg);
                            let is_closed = attributes::is_closed(here);
                            if is_closed && polymorphic::store(vm, owner, name, value) {
                                sp = sp.sub(2);
                                ip = here.add(6);
                                continue;
                            }
                            if let Some(new) =
                                check!(implicit::setter(vm, &*frame, owner, name, value))
                            {
                                enter!(new);
                                continue;
                            }
                            let before = owner.header().map(|h| h.shape());
                            check!(vm.set_attr(owner, name, Some(value)));
                            if is_closed {
                                polymorphic::stored(vm, owner, name, before);
                            } else {
                                attributes::specialize_store(vm, here, owner, name, before);
                            }
                            sp = sp.sub(2);
                            ip = here.add(6);
                        }
                        Op::STORE_ATTR_SLOT => {
                            let owner = peek!(1);
                            if let Some(h) = owner.header()
                                && h.shape_id() == (*here.add(2)).get()
                                && vm.attribute_epoch.get() == (*here.add(4)).get()
                            {
                                h.barrier();
                                taipan_runtime::object::word_at(h, (*here.add(3)).get() as usize)
                                    .set(*sp.sub(2));
                                sp = sp.sub(2);
                                ip = here.add(6);
                            } else {
                                attributes::miss(here, Op::STORE_ATTR);
                                ip = here;
                            }
                        }
                        Op::STORE_ATTR_ADD_SLOT => {
                            let owner = peek!(1);
                            if let Some(h) = owner.header()
                                && h.shape_id() == (*here.add(2)).get()
                                && h.shape().class().version.get() == (*here.add(5)).get()
                            {
                                h.barrier();
                                taipan_runtime::object::word_at(h, (*here.add(3)).get() as usize)
                                    .set(*sp.sub(2));
                                h.set_shape(attributes::shape_by_id((*here.add(4)).get()));
                                sp = sp.sub(2);
                                ip = here.add(6);
                            } else {
                                attributes::miss(here, Op::STORE_ATTR);
                                ip = here;
                            }
                        }
                        Op::STORE_ATTR_OVERFLOW => {
                            let owner = peek!(1);
                            if let Some(h) = owner.header()
                                && h.shape_id() == (*here.add(2)).get()
                                && vm.attribute_epoch.get() == (*here.add(4)).get()
                                && let Some(array) = overflow::<Array>(h)
                            {
                                array.set((*here.add(3)).get() as usize, peek!(2));
                                sp = sp.sub(2);
                                ip = here.add(6);
                            } else {
                                attributes::miss(here, Op::STORE_ATTR);
                                ip = here;
                            }
                        }
                        Op::STORE_ATTR_DICT => {
                            let owner = peek!(1);
                            if let Some(h) = owner.header()
                                && h.shape_id() == (*here.add(2)).get()
                                && h.shape().class().version.get() == (*here.add(3)).get()
                                && let Some(dict) = overflow::<Dict>(h)
                            {
                                save!();
                                dict.set_str(vm, (*frame).code.name_at(arg), peek!(2));
                                sp = sp.sub(2);
                                ip = here.add(6);
                            } else {
                                attributes::miss(here, Op::STORE_ATTR);
                                ip = here;
                            }
                        }
                        Op::DELETE_ATTR => {
                            save!();
                            let owner = peek!(1);
                            check!(vm.set_attr(owner, (*frame).code.name_at(arg), None));
                            sp = sp.sub(1);
                        }
                        Op::LOAD_SUPER_ATTR => {
                            save!();
                            let (f, receiver) = check!(attributes::load_super(
                                vm,
                                &*frame,
                                peek!(3),
                                peek!(2),
                                peek!(1),
                                arg
                            ));
                            sp = sp.sub(3);
                            push!(f);
                            if arg & 1 != 0 {
                                push_raw!(receiver);
                            }
                            ip = here.add(5);
                        }
                        Op::LOAD_SPECIAL => {
                            save!();
                            let owner = peek!(1);
                            let (f, receiver) = check!(attributes::load_special(vm, owner, arg));
                            *sp.sub(1) = Some(f);
                            push_raw!(receiver);
                        }

                        Op::BINARY_OP => {
                            save!();
                            let (a, b) = (peek!(2), peek!(1));
                            let op: BinaryOp = std::mem::transmute(arg as u8);
                            super::binary::specialize(vm, here, op, a, b);
                            if let Some(new) = check!(implicit::binary(vm, &*frame, op, a, b)) {
                                enter!(new);
                                continue;
                            }
                            let v = check!(vm.binary(op, a, b));
                            sp = sp.sub(1);
                            *sp.sub(1) = Some(v);
                            ip = here.add(3);
                        }
                        Op::BINARY_OP_ADD_INT => {
                            let (a, b) = (peek!(2), peek!(1));
                            if a.both_int(b)
                                && let Some(v) = a.int_add(b)
                            {
                                finish!(v, sp.sub(2), 3);
                            } else {
                                super::binary::miss(here);
                                ip = here;
                            }
                        }
                        Op::BINARY_OP_SUBTRACT_INT => {
                            let (a, b) = (peek!(2), peek!(1));
                            if a.both_int(b)
                                && let Some(v) = a.int_sub(b)
                            {
                                finish!(v, sp.sub(2), 3);
                            } else {
                                super::binary::miss(here);
                                ip = here;
                            }
                        }
                        Op::BINARY_OP_MULTIPLY_INT => {
                            let (a, b) = (peek!(2), peek!(1));
                            if a.both_int(b)
                                && let Some(v) = a.int_mul(b)
                            {
                                finish!(v, sp.sub(2), 3);
                            } else {
                                super::binary::miss(here);
                                ip = here;
                            }
                        }
                        Op::BINARY_OP_BITWISE_INT => {
                            let (a, b) = (peek!(2), peek!(1));
                            let op: BinaryOp = std::mem::transmute(arg as u8);
                            if a.both_int(b)
                                && let Some(v) = super::binary::small_int(
                                    op,
                                    a.int_unchecked(),
                                    b.int_unchecked(),
                                )
                            {
                                finish!(v, sp.sub(2), 3);
                            } else {
                                super::binary::miss(here);
                                ip = here;
                            }
                        }
                        Op::BINARY_OP_ADD_FLOAT => {
                            let (a, b) = (peek!(2), peek!(1));
                            if a.is_float() && b.is_float() {
                                finish!(
                                    Value::float(a.float_unchecked() + b.float_unchecked()),
                                    sp.sub(2),
                                    3
                                );
                            } else {
                                super::binary::miss(here);
                                ip = here;
                            }
                        }
                        Op::BINARY_OP_SUBTRACT_FLOAT => {
                            let (a, b) = (peek!(2), peek!(1));
                            if a.is_float() && b.is_float() {
                                finish!(
                                    Value::float(a.float_unchecked() - b.float_unchecked()),
                                    sp.sub(2),
                                    3
                                );
                            } else {
                                super::binary::miss(here);
                                ip = here;
                            }
                        }
                        Op::BINARY_OP_MULTIPLY_FLOAT => {
                            let (a, b) = (peek!(2), peek!(1));
                            if a.is_float() && b.is_float() {
                                finish!(
                                    Value::float(a.float_unchecked() * b.float_unchecked()),
                                    sp.sub(2),
                                    3
                                );
                            } else {
                                super::binary::miss(here);
                                ip = here;
                            }
                        }
                        Op::BINARY_OP_ADD_UNICODE => {
                            let (a, b) = (peek!(2), peek!(1));
                            let shape = vm.shapes.str.get().id();
                            if let (Some(h), Some(k)) = (a.header(), b.header())
                                && h.shape_id() == shape
                                && k.shape_id() == shape
                            {
                                save!();
                                let v =
                                    check!(vm.str_concat(a.cast_unchecked(), b.cast_unchecked()));
                                sp = sp.sub(1);
                                *sp.sub(1) = Some(v.value());
                                ip = here.add(3);
                            } else {
                                super::binary::miss(here);
                                ip = here;
                            }
                        }
                        Op::BINARY_OP_SUBSCR_LIST_INT => {
                            let (a, b) = (peek!(2), peek!(1));
                            if b.is_int()
                                && let Some(h) = a.header()
                                && h.shape_id() == vm.shapes.list.get().id()
                                && let list = a.cast_unchecked::<List>()
                                && let Some(i) = normalize(b.int_unchecked(), list.len())
                                && let Some(v) = list.get(i)
                            {
                                finish!(v, sp.sub(2), 3);
                            } else {
                                super::binary::miss(here);
                                ip = here;
                            }
                        }
                        Op::BINARY_OP_SUBSCR_TUPLE_INT => {
                            let (a, b) = (peek!(2), peek!(1));
                            if b.is_int()
                                && let Some(h) = a.header()
                                && h.shape_id() == vm.shapes.tuple.get().id()
                                && let tuple = a.cast_unchecked::<Tuple>()
                                && let Some(i) = normalize(b.int_unchecked(), tuple.len())
                            {
                                finish!(tuple.get(i), sp.sub(2), 3);
                            } else {
                                super::binary::miss(here);
                                ip = here;
                            }
                        }
                        Op::BINARY_OP_SUBSCR_STR_INT => {
                            let (a, b) = (peek!(2), peek!(1));
                            if b.is_int()
                                && let Some(h) = a.header()
                                && h.shape_id() == vm.shapes.str.get().id()
                                && let s = a.cast_unchecked::<Str>()
                                && let Some(i) = normalize(b.int_unchecked(), s.len())
                                && let c = s.char_at(i)
                                && c < 256
                            {
                                sp = sp.sub(1);
                                *sp.sub(1) = Some(vm.str_of_byte(c as u8).value());
                                ip = here.add(3);
                            } else {
                                super::binary::miss(here);
                                ip = here;
                            }
                        }
                        Op::BINARY_OP_SUBSCR_DICT => {
                            let (a, b) = (peek!(2), peek!(1));
                            if let Some(h) = a.header()
                                && h.shape_id() == vm.shapes.dict.get().id()
                            {
                                save!();
                                match check!(a.cast_unchecked::<Dict>().get(vm, b)) {
                                    Some(v) => finish!(v, sp.sub(2), 3),
                                    None => {
                                        vm.key_error(b);
                                        break 'exec Exit::Raise;
                                    }
                                }
                            } else {
                                super::binary::miss(here);
                                ip = here;
                            }
                        }
                        Op::BINARY_SLICE => {
                            save!();
                            let v = check!(containers::slice(vm, peek!(3), peek!(2), peek!(1)));
                            sp = sp.sub(2);
                            *sp.sub(1) = Some(v);
                        }
                        Op::STORE_SLICE => {
                            save!();
                            check!(containers::store_slice(
                                vm,
                                peek!(3),
                                peek!(2),
                                peek!(1),
                                peek!(4)
                            ));
                            sp = sp.sub(4);
                        }
                        Op::STORE_SUBSCR => {
                            save!();
                            let (container, key) = (peek!(2), peek!(1));
                            super::binary::specialize_store(vm, here, container, key);
                            if let Some(new) =
                                check!(implicit::set_item(vm, &*frame, container, key, peek!(3)))
                            {
                                enter!(new);
                                continue;
                            }
                            check!(vm.set_item(container, key, peek!(3)));
                            sp = sp.sub(3);
                            ip = here.add(2);
                        }
                        Op::STORE_SUBSCR_LIST_INT => {
                            let (container, key) = (peek!(2), peek!(1));
                            if key.is_int()
                                && let Some(h) = container.header()
                                && h.shape_id() == vm.shapes.list.get().id()
                                && let list = container.cast_unchecked::<List>()
                                && let Some(i) = normalize(key.int_unchecked(), list.len())
                            {
                                list.set(i, peek!(3));
                                sp = sp.sub(3);
                                ip = here.add(2);
                            } else {
                                super::binary::miss_store(here);
                                ip = here;
                            }
                        }
                        Op::STORE_SUBSCR_DICT => {
                            let (container, key) = (peek!(2), peek!(1));
                            if let Some(h) = container.header()
                                && h.shape_id() == vm.shapes.dict.get().id()
                            {
                                save!();
                                check!(container.cast_unchecked::<Dict>().set(vm, key, peek!(3)));
                                sp = sp.sub(3);
                                ip = here.add(2);
                            } else {
                                super::binary::miss_store(here);
                                ip = here;
                            }
                        }
                        Op::DELETE_SUBSCR => {
                            save!();
                            check!(vm.delete_item(peek!(2), peek!(1)));
                            sp = sp.sub(2);
                        }
                        Op::COMPARE_OP => {
                            save!();
                            let (a, b) = (peek!(2), peek!(1));
                            let op: CompareOp = std::mem::transmute((arg >> 5) as u8);
                            super::binary::specialize_compare(vm, here, a, b);
                            if let Some(new) = check!(implicit::compare(vm, &*frame, op, a, b)) {
                                enter!(new);
                                continue;
                            }
                            let mut v = check!(vm.compare(op, a, b));
                            if arg & 16 != 0 && !v.is_bool() {
                                sp = sp.sub(1);
                                *sp.sub(1) = Some(v);
                                (*frame).sp.set(sp);
                                v = Value::bool(check!(vm.truth(v)));
                            } else {
                                sp = sp.sub(1);
                            }
                            *sp.sub(1) = Some(v);
                            ip = here.add(2);
                        }
                        Op::COMPARE_OP_INT => {
                            let (a, b) = (peek!(2), peek!(1));
                            if a.both_int(b) {
                                let op: CompareOp = std::mem::transmute((arg >> 5) as u8);
                                let result = holds(op, a.int_unchecked().cmp(&b.int_unchecked()));
                                finish_bool!(result, sp.sub(2), 2);
                            } else {
                                super::binary::miss_compare(here);
                                ip = here;
                            }
                        }
                        Op::COMPARE_OP_FLOAT => {
                            let (a, b) = (peek!(2), peek!(1));
                            if a.is_float() && b.is_float() {
                                let op: CompareOp = std::mem::transmute((arg >> 5) as u8);
                                let result = floats(op, a.float_unchecked(), b.float_unchecked());
                                finish_bool!(result, sp.sub(2), 2);
                            } else {
                                super::binary::miss_compare(here);
                                ip = here;
                            }
                        }
                        Op::COMPARE_OP_STR => {
                            let (a, b) = (peek!(2), peek!(1));
                            let shape = vm.shapes.str.get().id();
                            if let (Some(h), Some(k)) = (a.header(), b.header())
                                && h.shape_id() == shape
                                && k.shape_id() == shape
                            {
                                let op: CompareOp = std::mem::transmute((arg >> 5) as u8);
                                let equal =
                                    a.cast_unchecked::<Str>().equals(&b.cast_unchecked::<Str>());
                                finish_bool!(equal == (op == CompareOp::Eq), sp.sub(2), 2);
                            } else {
                                super::binary::miss_compare(here);
                                ip = here;
                            }
                        }
                        Op::IS_OP => {
                            let same = peek!(2).is(peek!(1));
                            finish_bool!(same != (arg != 0), sp.sub(2), 1);
                        }
                        Op::CONTAINS_OP => {
                            save!();
                            let (container, needle) = (peek!(1), peek!(2));
                            if let Some(new) =
                                check!(implicit::contains(vm, &*frame, container, needle))
                            {
                                enter!(new);
                                continue;
                            }
                            let found = check!(vm.contains(container, needle));
                            finish_bool!(found != (arg != 0), sp.sub(2), 2);
                        }
                        Op::UNARY_NEGATIVE => {
                            let v = peek!(1);
                            if v.is_float() {
                                *sp.sub(1) = Some(Value::float(-v.float_unchecked()));
                            } else {
                                save!();
                                if let Some(new) =
                                    check!(implicit::unary(vm, &*frame, Special::Neg, v))
                                {
                                    enter!(new);
                                    continue;
                                }
                                let v = check!(vm.negative(v));
                                *sp.sub(1) = Some(v);
                            }
                        }
                        Op::UNARY_INVERT => {
                            save!();
                            let v = peek!(1);
                            if let Some(new) =
                                check!(implicit::unary(vm, &*frame, Special::Invert, v))
                            {
                                enter!(new);
                                continue;
                            }
                            let v = check!(vm.invert(v));
                            *sp.sub(1) = Some(v);
                        }
                        Op::UNARY_NOT => {
                            let v = peek!(1);
                            finish_bool!(v == Value::FALSE, sp.sub(1), 1);
                        }
                        Op::TO_BOOL => {
                            let v = peek!(1);
                            let truth = if v.is_bool() {
                                v == Value::TRUE
                            } else {
                                save!();
                                if let Some(new) = check!(implicit::truth(vm, &*frame, v)) {
                                    enter!(new);
                                    continue;
                                }
                                check!(vm.truth(v))
                            };
                            finish_bool!(truth, sp.sub(1), 3);
                        }
                        Op::POP_JUMP_IF_FALSE => {
                            if pop!() == Value::FALSE {
                                jump!(arg as isize);
                            }
                        }
                        Op::POP_JUMP_IF_TRUE => {
                            if pop!() == Value::TRUE {
                                jump!(arg as isize);
                            }
                        }
                        Op::POP_JUMP_IF_NONE => {
                            if pop!().is_none() {
                                jump!(arg as isize);
                            }
                        }
                        Op::POP_JUMP_IF_NOT_NONE => {
                            if !pop!().is_none() {
                                jump!(arg as isize);
                            }
                        }
                        Op::JUMP_FORWARD => jump!(arg as isize),
                        Op::JUMP_BACKWARD => {
                            ip = ip.offset(1 - arg as isize);
                            if vm.breaker.get() != 0 {
                                observe_if_due!();
                                save!();
                                check!(crate::safepoint::poll(vm));
                                // As for `RESUME`: this may be another instruction by now.
                            } else if !TRACED {
                                let count = (*here.add(1)).get().wrapping_add(1);
                                (*here.add(1)).set(count);
                                if count == vm.jit_threshold.get() {
                                    (*frame).ip.set(ip);
                                    (*frame).sp.set(sp);
                                    compiled!(trace::hot_loop(vm, frame, here));
                                }
                            }
                        }
                        Op::ENTER_TRACE => {
                            ip = ip.offset(1 - arg as isize);
                            if vm.breaker.get() != 0 {
                                observe_if_due!();
                                save!();
                                check!(crate::safepoint::poll(vm));
                            } else if !TRACED {
                                (*frame).ip.set(ip);
                                (*frame).sp.set(sp);
                                compiled!(trace::enter(vm, frame, (*here.add(1)).get()));
                            }
                        }
                        Op::JUMP_BACKWARD_NO_INTERRUPT => jump!(-(arg as isize)),

                        Op::GET_ITER => {
                            save!();
                            if let Some(new) = check!(implicit::iterator(vm, &*frame, peek!(1))) {
                                enter!(new);
                                continue;
                            }
                            let v = check!(vm.iter(peek!(1)));
                            *sp.sub(1) = Some(v);
                        }
                        Op::FOR_ITER => {
                            save!();
                            let iterator = peek!(1);
                            if TRACED
                                && tracer.follows_step(vm)
                                && let Some(new) = check!(implicit::step(vm, iterator))
                            {
                                enter!(new);
                                continue;
                            }
                            if let Some(h) = iterator.header() {
                                let op = match h.shape().layout.kind {
                                    Kind::RangeIter => Some(Op::FOR_ITER_RANGE),
                                    Kind::ListIter => Some(Op::FOR_ITER_LIST),
                                    Kind::TupleIter => Some(Op::FOR_ITER_TUPLE),
                                    Kind::Generator
                                        if h.shape_id() == vm.shapes.generator.get().id() =>
                                    {
                                        Some(Op::FOR_ITER_GEN)
                                    }
                                    Kind::Other if containers::calls_for_items(vm, iterator) => {
                                        Some(Op::FOR_ITER_CALL)
                                    }
                                    _ => None,
                                };
                                if let Some(op) = op {
                                    (*here).set(word & !0xFF | op as u32);
                                    ip = here;
                                    continue;
                                }
                            }
                            // Pairs that are unpacked at once need no tuple.
                            if !TRACED
                                && (*here.add(2)).get() == UNPACK_PAIR
                                && let Some(pair) = containers::next_pair(vm, iterator)
                            {
                                match check!(pair) {
                                    NextPair::Pair(a, b) => {
                                        push!(b);
                                        push!(a);
                                        ip = here.add(4);
                                        continue;
                                    }
                                    NextPair::End => {
                                        ip = here.add(3 + arg);
                                        continue;
                                    }
                                    NextPair::Other => {}
                                }
                            }
                            match check!(vm.next(iterator)) {
                                Some(v) => finish!(v, sp, 2),
                                None => {
                                    if TRACED {
                                        let v = Value::NONE;
                                        check!(crate::tracing::iterator_ended(
                                            vm, &*frame, iterator, v
                                        ));
                                    }
                                    ip = here.add(3 + arg);
                                }
                            }
                        }
                        Op::FOR_ITER_RANGE => {
                            let iterator = peek!(1);
                            if let Some(h) = iterator.header()
                                && h.shape().layout.kind == Kind::RangeIter
                            {
                                match iterator.cast_unchecked::<RangeIter>().next() {
                                    Some(v) => finish!(v, sp, 2),
                                    None => ip = here.add(3 + arg),
                                }
                            } else {
                                containers::generic_for(here);
                                ip = here;
                            }
                        }
                        Op::FOR_ITER_LIST => {
                            let iterator = peek!(1);
                            if let Some(h) = iterator.header()
                                && h.shape().layout.kind == Kind::ListIter
                            {
                                match iterator.cast_unchecked::<ListIter>().next() {
                                    Some(v) => finish!(v, sp, 2),
                                    None => ip = here.add(3 + arg),
                                }
                            } else {
                                containers::generic_for(here);
                                ip = here;
                            }
                        }
                        Op::FOR_ITER_TUPLE => {
                            let iterator = peek!(1);
                            if let Some(h) = iterator.header()
                                && h.shape().layout.kind == Kind::TupleIter
                            {
                                match iterator.cast_unchecked::<TupleIter>().next() {
                                    Some(v) => finish!(v, sp, 2),
                                    None => ip = here.add(3 + arg),
                                }
                            } else {
                                containers::generic_for(here);
                                ip = here;
                            }
                        }
                        Op::FOR_ITER_GEN => {
                            let iterator = peek!(1);
                            if let Some(h) = iterator.header()
                                && h.shape_id() == vm.shapes.generator.get().id()
                                && let generator = iterator.cast_unchecked::<Generator>()
                                && matches!(
                                    generator.state.get(),
                                    GeneratorState::Created | GeneratorState::Suspended
                                )
                            {
                                save!();
                                let new = check!(frames::enter_generator(
                                    vm,
                                    generator,
                                    Some(Value::NONE)
                                ));
                                (*new).flags.set(Frame::FOR_LOOP);
                                resume!(new);
                            } else {
                                // Exhausted and running ones take the general way once.
                                save!();
                                match check!(vm.next(iterator)) {
                                    Some(v) => finish!(v, sp, 2),
                                    None => ip = here.add(3 + arg),
                                }
                            }
                        }
                        Op::FOR_ITER_CALL => {
                            save!();
                            if TRACED
                                && tracer.follows_step(vm)
                                && let Some(new) = check!(implicit::step(vm, peek!(1)))
                            {
                                enter!(new);
                                continue;
                            }
                            match check!(implicit::item(vm, &*frame, peek!(1))) {
                                implicit::Next::Call(new) => enter!(new),
                                implicit::Next::Resume(new) => resume!(new),
                                implicit::Next::End => ip = here.add(3 + arg),
                                implicit::Next::Other => {
                                    containers::generic_for(here);
                                    ip = here;
                                }
                            }
                        }
                        Op::SEND | Op::SEND_GEN => {
                            save!();
                            let (receiver, v) = (peek!(2), peek!(1));
                            if let Some(generator) = receiver.cast::<Generator>()
                                && receiver.header().is_some_and(|h| {
                                    h.shape_id() == vm.shapes.generator.get().id()
                                        || h.shape_id() == vm.shapes.coroutine.get().id()
                                })
                                && (generator.state.get() == GeneratorState::Suspended
                                    || generator.state.get() == GeneratorState::Created
                                        && v.is_none())
                            {
                                (*frame).sp.set(sp.sub(1));
                                let new = check!(frames::enter_generator(vm, generator, Some(v)));
                                (*new).flags.set(Frame::SEND_LOOP);
                                resume!(new);
                                continue;
                            }
                            match check!(intrinsics::send(vm, receiver, v)) {
                                taipan_runtime::vm::Step::Yield(v) => {
                                    *sp.sub(1) = Some(v);
                                    ip = here.add(2);
                                }
                                taipan_runtime::vm::Step::Return(v) => {
                                    if TRACED {
                                        check!(crate::tracing::iterator_ended(
                                            vm, &*frame, receiver, v
                                        ));
                                    }
                                    *sp.sub(1) = Some(v);
                                    ip = here.add(2 + arg);
                                }
                            }
                        }
                        Op::END_SEND => {
                            let v = pop_raw!();
                            *sp.sub(1) = v;
                        }
                        Op::YIELD_VALUE => {
                            save!();
                            let v = pop!();
                            let generator = (*frame).generator.unwrap_unchecked();
                            (*frame).sp.set(sp);
                            let mut flags = (*frame).flags.get();
                            let mut previous = (*frame).previous.get();
                            frames::leave_generator(vm, generator, GeneratorState::Suspended);
                            if !TRACED && flags == Frame::SEND_LOOP {
                                (previous, flags) = frames::pass_on(vm, previous);
                            }
                            if flags & Frame::ENTRY != 0 {
                                return Ok(v);
                            }
                            frame = previous;
                            sp = (*frame).sp.get();
                            locals = (*frame).slots();
                            if flags & Frame::STAGE != 0 {
                                advance!(flags, v);
                                continue;
                            }
                            ip = (*frame).ip.get().add(if flags & Frame::NEXT == 0 {
                                2
                            } else {
                                1 + Op::CALL.caches()
                            });
                            push!(v);
                        }
                        Op::RETURN_GENERATOR => {
                            save!();
                            let generator = check!(frames::make_generator(vm, frame, here));
                            let flags = (*frame).flags.get();
                            let skip = (*frame).return_info.get();
                            frames::pop(vm, frame);
                            if flags & Frame::ENTRY != 0 {
                                return Ok(generator.value());
                            }
                            frame = thread.frame.get();
                            sp = (*frame).sp.get();
                            locals = (*frame).slots();
                            ip = (*frame).ip.get().add(skip as usize);
                            push!(generator.value());
                        }
                        Op::RETURN_VALUE => {
                            if vm.breaker.get() & taipan_runtime::vm::Breaker::TRACE != 0 {
                                observe_if_due!();
                            }
                            let v = pop!();
                            let flags = (*frame).flags.get();
                            if let Some(generator) = (*frame).generator {
                                (*frame).ip.set(here);
                                let previous = (*frame).previous.get();
                                frames::leave_generator(vm, generator, GeneratorState::Finished);
                                if flags & Frame::ENTRY != 0 {
                                    return Ok(v);
                                }
                                frame = previous;
                                sp = (*frame).sp.get();
                                locals = (*frame).slots();
                                let at = (*frame).ip.get();
                                let arg = ((*at).get() >> 8) as usize;
                                if flags & Frame::FOR_LOOP != 0 {
                                    if TRACED {
                                        check!(crate::tracing::iteration_ended(
                                            vm,
                                            &*frame,
                                            Event::StopIteration,
                                            v,
                                            !v.is_none()
                                        ));
                                    }
                                    ip = at.add(3 + arg);
                                } else if flags & Frame::NEXT != 0 {
                                    vm.stop_iteration(v);
                                    break 'exec Exit::Raise;
                                } else {
                                    push!(v);
                                    ip = at.add(2 + arg);
                                }
                                continue;
                            }
                            (*frame).ip.set(here);
                            let skip = (*frame).return_info.get();
                            frames::pop(vm, frame);
                            give_back!(v, flags, skip);
                        }
                        Op::CALL => {
                            save!();
                            let below = sp.sub(arg + 2);
                            called!(calls::call(vm, below, arg), below, 3);
                        }
                        Op::CALL_KW => {
                            save!();
                            let below = sp.sub(arg + 3);
                            called!(calls::call_kw(vm, below, arg), below, 3);
                        }
                        Op::CALL_FUNCTION_EX => {
                            save!();
                            let below = sp.sub(4);
                            called!(calls::call_ex(vm, below), below, 0);
                        }
                        Op::CALL_INTRINSIC_1 => {
                            save!();
                            let v = check!(intrinsics::unary(vm, &*frame, arg, peek!(1)));
                            *sp.sub(1) = Some(v);
                        }
                        Op::CALL_INTRINSIC_2 => {
                            save!();
                            let v = check!(intrinsics::binary(vm, arg, peek!(2), peek!(1)));
                            sp = sp.sub(1);
                            *sp.sub(1) = Some(v);
                        }
                        Op::MAKE_FUNCTION => {
                            save!();
                            let code = peek!(1).cast_unchecked();
                            let function = vm.new_function(code, (*frame).function.globals());
                            *sp.sub(1) = Some(function.value());
                        }
                        Op::SET_FUNCTION_ATTRIBUTE => {
                            let function = pop!();
                            classes::set_function_attribute(
                                function.cast_unchecked(),
                                arg as u32,
                                peek!(1),
                            );
                            *sp.sub(1) = Some(function);
                        }

                        Op::BUILD_TUPLE => {
                            save!();
                            let t = check!(vm.new_tuple(std::slice::from_raw_parts(
                                sp.sub(arg) as *const Value,
                                arg
                            )));
                            sp = sp.sub(arg);
                            push!(t.value());
                        }
                        Op::BUILD_LIST => {
                            save!();
                            let l = check!(vm.new_list(std::slice::from_raw_parts(
                                sp.sub(arg) as *const Value,
                                arg
                            )));
                            sp = sp.sub(arg);
                            push!(l.value());
                        }
                        Op::BUILD_SET => {
                            save!();
                            let items =
                                std::slice::from_raw_parts(sp.sub(arg) as *const Value, arg);
                            let set = check!(vm.new_set(items));
                            sp = sp.sub(arg);
                            push!(set.value());
                        }
                        Op::BUILD_MAP => {
                            save!();
                            let items = std::slice::from_raw_parts(
                                sp.sub(2 * arg) as *const Value,
                                2 * arg,
                            );
                            let dict = check!(containers::build_map(vm, items));
                            sp = sp.sub(2 * arg);
                            push!(dict);
                        }
                        Op::BUILD_STRING => {
                            save!();
                            let parts =
                                std::slice::from_raw_parts(sp.sub(arg) as *const Value, arg);
                            let s = check!(vm.str_join_all(parts));
                            sp = sp.sub(arg);
                            push!(s.value());
                        }
                        Op::BUILD_SLICE => {
                            save!();
                            let step = if arg == 3 { peek!(1) } else { Value::NONE };
                            let base = sp.sub(arg);
                            let slice = vm.new_slice(
                                (*base).unwrap_unchecked(),
                                (*base.add(1)).unwrap_unchecked(),
                                step,
                            );
                            sp = base;
                            push!(slice.value());
                        }
                        Op::BUILD_TEMPLATE => {
                            save!();
                            let v = check!(containers::build_template(vm, peek!(2), peek!(1)));
                            sp = sp.sub(1);
                            *sp.sub(1) = Some(v);
                        }
                        Op::BUILD_INTERPOLATION => {
                            save!();
                            let count = 2 + (arg & 1);
                            let base = sp.sub(count);
                            let spec = if arg & 1 != 0 {
                                peek!(1)
                            } else {
                                vm.names.empty.get().value()
                            };
                            let v = check!(containers::build_interpolation(
                                vm,
                                (*base).unwrap_unchecked(),
                                (*base.add(1)).unwrap_unchecked(),
                                arg >> 2,
                                spec
                            ));
                            sp = base;
                            push!(v);
                        }
                        Op::LIST_APPEND => {
                            save!();
                            let v = peek!(1);
                            let list = peek!(arg + 1).cast_unchecked::<List>();
                            check!(list.push(vm, v));
                            sp = sp.sub(1);
                        }
                        Op::LIST_EXTEND => {
                            save!();
                            let (target, items) = (peek!(arg + 1), peek!(1));
                            let consumer = Consumer::Extend;
                            if let Some(new) =
                                check!(implicit::extend(vm, &*frame, consumer, target, items))
                            {
                                enter!(new);
                                continue;
                            }
                            check!(containers::list_extend(vm, target, items));
                            sp = sp.sub(1);
                        }
                        Op::SET_ADD => {
                            save!();
                            check!(containers::set_add(vm, peek!(arg + 1), peek!(1)));
                            sp = sp.sub(1);
                        }
                        Op::SET_UPDATE => {
                            save!();
                            let (target, items) = (peek!(arg + 1), peek!(1));
                            let consumer = Consumer::Update;
                            if let Some(new) =
                                check!(implicit::extend(vm, &*frame, consumer, target, items))
                            {
                                enter!(new);
                                continue;
                            }
                            check!(containers::set_update(vm, target, items));
                            sp = sp.sub(1);
                        }
                        Op::MAP_ADD => {
                            save!();
                            let dict = peek!(arg + 2).cast_unchecked::<Dict>();
                            check!(dict.set(vm, peek!(2), peek!(1)));
                            sp = sp.sub(2);
                        }
                        Op::DICT_UPDATE => {
                            save!();
                            check!(containers::dict_update(vm, peek!(arg + 1), peek!(1)));
                            sp = sp.sub(1);
                        }
                        Op::DICT_MERGE => {
                            save!();
                            check!(containers::dict_merge(
                                vm,
                                peek!(arg + 4),
                                peek!(arg + 1),
                                peek!(1)
                            ));
                            sp = sp.sub(1);
                        }
                        Op::UNPACK_SEQUENCE => {
                            let v = peek!(1);
                            if let Some(h) = v.header()
                                && h.shape_id() == vm.shapes.tuple.get().id()
                                && v.cast_unchecked::<Tuple>().len() == arg
                            {
                                let t = v.cast_unchecked::<Tuple>();
                                sp = sp.sub(1);
                                for item in t.as_slice().iter().rev() {
                                    push!(*item);
                                }
                            } else if let Some(h) = v.header()
                                && h.shape_id() == vm.shapes.list.get().id()
                                && v.cast_unchecked::<List>().len() == arg
                            {
                                let l = v.cast_unchecked::<List>();
                                sp = sp.sub(1);
                                for item in l.as_slice().iter().rev() {
                                    push!(*item);
                                }
                            } else {
                                save!();
                                let items = check!(containers::unpack(vm, v, arg));
                                sp = sp.sub(1);
                                for item in items.iter().rev() {
                                    push!(*item);
                                }
                            }
                            ip = here.add(2);
                        }
                        Op::UNPACK_EX => {
                            save!();
                            let items =
                                check!(containers::unpack_ex(vm, peek!(1), arg & 0xFF, arg >> 8));
                            sp = sp.sub(1);
                            for item in items.iter().rev() {
                                push!(*item);
                            }
                        }
                        Op::CONVERT_VALUE => {
                            save!();
                            let v = peek!(1);
                            let s = check!(match arg {
                                1 => vm.str(v),
                                2 => vm.repr(v),
                                _ => vm.ascii(v),
                            });
                            *sp.sub(1) = Some(s.value());
                        }
                        Op::FORMAT_SIMPLE => {
                            let v = peek!(1);
                            if v.header()
                                .is_none_or(|h| h.shape_id() != vm.shapes.str.get().id())
                            {
                                save!();
                                let s = check!(vm.format(v, None));
                                *sp.sub(1) = Some(s.value());
                            }
                        }
                        Op::FORMAT_WITH_SPEC => {
                            save!();
                            let spec = peek!(1).cast::<Str>();
                            let s = check!(vm.format(peek!(2), spec));
                            sp = sp.sub(1);
                            *sp.sub(1) = Some(s.value());
                        }

                        Op::RAISE_VARARGS => {
                            save!();
                            let cause = if arg == 2 { Some(pop!()) } else { None };
                            let e = if arg >= 1 { Some(pop!()) } else { None };
                            if unwind::raise(vm, e, cause) {
                                break 'exec Exit::Reraise(None);
                            }
                            break 'exec Exit::Raise;
                        }
                        Op::RERAISE => {
                            let e = pop!();
                            (*frame).ip.set(here);
                            (*frame).sp.set(sp);
                            vm.raise_again(e);
                            let origin = if arg != 0 { peek!(arg).as_int() } else { None };
                            break 'exec Exit::Reraise(origin);
                        }
                        Op::PUSH_EXC_INFO => {
                            let e = pop!();
                            let previous = match (*frame).generator {
                                Some(g) => {
                                    let previous = g.handled.get();
                                    g.handled.set(&g.header, e);
                                    previous
                                }
                                None => thread.handled.get(),
                            };
                            thread.handled.set(Some(e));
                            push!(previous.unwrap_or(Value::NONE));
                            push!(e);
                        }
                        Op::POP_EXCEPT => {
                            let previous = Some(pop!()).filter(|p| !p.is_none());
                            match (*frame).generator {
                                Some(g) => {
                                    match previous {
                                        Some(p) => g.handled.set(&g.header, p),
                                        None => g.handled.clear(),
                                    }
                                    thread.handled.set(previous.or(g.outer.get()));
                                }
                                None => thread.handled.set(previous),
                            }
                        }
                        Op::CHECK_EXC_MATCH => {
                            save!();
                            let matches = check!(unwind::matches(vm, peek!(2), peek!(1)));
                            *sp.sub(1) = Some(Value::bool(matches));
                        }
                        Op::CHECK_EG_MATCH => {
                            save!();
                            let (rest, matched) =
                                check!(unwind::matches_group(vm, peek!(2), peek!(1)));
                            *sp.sub(2) = Some(rest);
                            *sp.sub(1) = Some(matched);
                            if !matched.is_none() {
                                thread.handled.set(Some(matched));
                                if let Some(g) = (*frame).generator {
                                    g.handled.set(&g.header, matched);
                                }
                            }
                        }
                        Op::WITH_EXCEPT_START => {
                            save!();
                            let (exit, receiver, e) = (peek!(5), *sp.sub(4), peek!(1));
                            if let Some(new) =
                                check!(implicit::exit(vm, &*frame, exit, receiver, e))
                            {
                                enter!(new);
                                continue;
                            }
                            push!(check!(unwind::call_exit(vm, exit, receiver, e)));
                        }
                        Op::CLEANUP_THROW => {
                            save!();
                            let e = peek!(1);
                            if vm
                                .class_of(e)
                                .is_subclass_of(vm.exception_class(&exc::STOP_ITERATION))
                            {
                                let value = e
                                    .cast()
                                    .map_or(Value::NONE, |x| exc::get_field(vm, x, "value"));
                                sp = sp.sub(3);
                                push!(Value::NONE);
                                push!(value);
                            } else {
                                vm.raise_again(e);
                                break 'exec Exit::Reraise(None);
                            }
                        }
                        Op::GET_YIELD_FROM_ITER => {
                            save!();
                            if let Some(new) = check!(implicit::iterator(vm, &*frame, peek!(1))) {
                                enter!(new);
                                continue;
                            }
                            let v = check!(intrinsics::yield_from_iter(vm, &*frame, peek!(1)));
                            *sp.sub(1) = Some(v);
                        }
                        Op::GET_AWAITABLE => {
                            save!();
                            let v = check!(intrinsics::awaitable(vm, peek!(1), arg));
                            *sp.sub(1) = Some(v);
                        }
                        Op::GET_AITER => {
                            save!();
                            let v = check!(intrinsics::async_iter(vm, peek!(1)));
                            *sp.sub(1) = Some(v);
                        }
                        Op::GET_ANEXT => {
                            save!();
                            push!(check!(intrinsics::async_next(vm, peek!(1))));
                        }
                        Op::END_ASYNC_FOR => {
                            save!();
                            let e = peek!(1);
                            if vm
                                .class_of(e)
                                .is_subclass_of(vm.exception_class(&exc::STOP_ASYNC_ITERATION))
                            {
                                sp = sp.sub(2);
                            } else {
                                vm.raise_again(e);
                                break 'exec Exit::Reraise(None);
                            }
                        }

                        Op::GET_LEN => {
                            save!();
                            let n = check!(vm.length(peek!(1)));
                            push!(Value::small_int(n as i64));
                        }
                        Op::MATCH_MAPPING => {
                            let is = vm.class_of(peek!(1)).has_flag(ClassFlags::MAPPING);
                            push!(Value::bool(is));
                        }
                        Op::MATCH_SEQUENCE => {
                            let is = vm.class_of(peek!(1)).has_flag(ClassFlags::SEQUENCE);
                            push!(Value::bool(is));
                        }
                        Op::MATCH_KEYS => {
                            save!();
                            push!(check!(matching::keys(vm, peek!(2), peek!(1))));
                        }
                        Op::MATCH_CLASS => {
                            save!();
                            let v = check!(matching::class(vm, peek!(3), peek!(2), arg, peek!(1)));
                            sp = sp.sub(2);
                            *sp.sub(1) = Some(v);
                        }
                        Op::IMPORT_NAME => {
                            save!();
                            let name = (*frame).code.name_at(arg);
                            let v =
                                check!(imports::import_name(vm, &*frame, name, peek!(2), peek!(1)));
                            sp = sp.sub(1);
                            *sp.sub(1) = Some(v);
                        }
                        Op::IMPORT_FROM => {
                            save!();
                            let name = (*frame).code.name_at(arg);
                            push!(check!(imports::import_from(vm, peek!(1), name)));
                        }
                        Op::SETUP_ANNOTATIONS => {
                            save!();
                            check!(names::setup_annotations(vm, &*frame));
                        }
                    }
                }
            };

            let reraised = match exit {
                Exit::Raise => None,
                Exit::Reraise(origin) => Some(origin),
            };
            if TRACED && !tracer.raised(vm, frame, reraised) {
                tracer.left = match exit {
                    Exit::Raise => Left::Raise,
                    Exit::Reraise(origin) => Left::Reraise(origin),
                };
                return Err(vm.raised_marker());
            }
            // An exception is pending: find who handles it.
            if unwind::ends_loop(vm, &*frame) {
                (ip, sp) = unwind::end_loop(vm, &*frame);
                locals = (*frame).slots();
                continue 'frames;
            }
            if matches!(exit, Exit::Raise) {
                unwind::add_traceback(vm, &*frame);
            }
            let mut origin = if let Exit::Reraise(origin) = exit {
                origin
            } else {
                None
            };
            loop {
                if let Some((target, new_sp)) = unwind::find_handler(vm, &*frame, origin) {
                    ip = target;
                    sp = new_sp;
                    locals = (*frame).slots();
                    if TRACED && let Some(e) = *sp.sub(1) {
                        (*frame).ip.set(ip);
                        (*frame).sp.set(sp);
                        let event = Event::ExceptionHandled;
                        if crate::monitoring::told_of(vm, &*frame, event, e).is_err() {
                            start = Start::Raise;
                        }
                    }
                    continue 'frames;
                }
                if let Some(at) = origin.take() {
                    let start = (*frame).code;
                    (*frame).ip.set(start.start().add(at as usize));
                }
                if vm.breaker.get() & taipan_runtime::vm::Breaker::TRACE != 0 {
                    crate::tracing::on_unwind(vm, &*frame);
                }
                let flags = (*frame).flags.get();
                match (*frame).generator {
                    Some(generator) => {
                        let previous = (*frame).previous.get();
                        frames::leave_generator(vm, generator, GeneratorState::Finished);
                        if flags & Frame::ENTRY != 0 {
                            return Err(vm.raised_marker());
                        }
                        frame = previous;
                    }
                    None => {
                        unwind::complete_attribute_error(vm, &*frame);
                        frames::pop(vm, frame);
                        if flags & Frame::ENTRY != 0 {
                            return Err(vm.raised_marker());
                        }
                        frame = thread.frame.get();
                    }
                }
                if unwind::ends_loop(vm, &*frame) {
                    (ip, sp) = unwind::end_loop(vm, &*frame);
                    locals = (*frame).slots();
                    continue 'frames;
                }
                unwind::add_traceback(vm, &*frame);
            }
        }
    }
}

/// `UNPACK_SEQUENCE` of two items.
const UNPACK_PAIR: u32 = Op::UNPACK_SEQUENCE as u32 | 2 << 8;

/// Where execution goes on for a frame whose `ip` may stand at the instruction
/// that suspended it.
#[inline(always)]
unsafe fn resume_point(ip: Ip, frame: &Frame) -> Ip {
    if frame.generator.is_none() {
        return ip;
    }
    // SAFETY: a suspended generator stands at RETURN_GENERATOR or YIELD_VALUE, which have no caches.
    unsafe { ip.add(1) }
}
