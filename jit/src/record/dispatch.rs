//! From opcodes to the functions that record them, and the simplest of those.

use super::{Recorded, Recorder, Stop};
use crate::backend::helpers;
use crate::ir::{Ins, Op, Ref, Ty};
use taipan_bytecode::opcode::Op as Bytecode;
use taipan_runtime::{Value, Vm};

impl Recorder {
    /// Records one instruction; specialised forms count as their generic one.
    pub(crate) fn instruction(&mut self, vm: &Vm, op: Bytecode, arg: usize) -> Recorded {
        use Bytecode::*;
        let op = op.generic();
        let units = 1 + op.caches();
        match op {
            NOP | NOT_TAKEN | CACHE => {
                self.advance(units);
                Ok(())
            }
            RESUME => {
                // A call earlier in the trace may have switched tracing on.
                if self.frames.len() > 1 || self.in_function() {
                    let snap = self.snap();
                    self.e
                        .emit(Ins::new(Op::GuardBreaker, Ty::None).snap(snap))?;
                }
                self.advance(units);
                Ok(())
            }
            LOAD_FAST => {
                let r = self.local(arg)?;
                self.push(r);
                self.advance(1);
                Ok(())
            }
            LOAD_FAST_CHECK => {
                let r = self.local(arg)?;
                if self.actual_local(arg).is_none() {
                    return Err(Stop::Exit);
                }
                if !self.is_unboxed(r) {
                    self.guard1(Op::GuardNonNull, Ty::None, r)?;
                }
                self.push(r);
                self.advance(1);
                Ok(())
            }
            LOAD_FAST_LOAD_FAST => {
                let a = self.local(arg >> 12)?;
                let b = self.local(arg & 0xFFF)?;
                self.push(a);
                self.push(b);
                self.advance(1);
                Ok(())
            }
            LOAD_FAST_AND_CLEAR => {
                let r = self.local(arg)?;
                self.push(r);
                let null = self.null();
                self.set_local(arg, null);
                self.advance(1);
                Ok(())
            }
            STORE_FAST => {
                let r = self.peek(1)?;
                self.set_local(arg, r);
                self.pop_one();
                self.advance(1);
                Ok(())
            }
            STORE_FAST_LOAD_FAST => {
                let r = self.peek(1)?;
                self.set_local(arg >> 12, r);
                let v = self.local(arg & 0xFFF)?;
                self.poke(1, v);
                self.advance(1);
                Ok(())
            }
            STORE_FAST_STORE_FAST => {
                let (a, b) = (self.peek(1)?, self.peek(2)?);
                self.set_local(arg >> 12, a);
                self.set_local(arg & 0xFFF, b);
                self.pop_n(2);
                self.advance(1);
                Ok(())
            }
            DELETE_FAST => {
                let r = self.local(arg)?;
                if self.actual_local(arg).is_none() {
                    return Err(Stop::Exit);
                }
                if !self.is_unboxed(r) {
                    self.guard1(Op::GuardNonNull, Ty::None, r)?;
                }
                let null = self.null();
                self.set_local(arg, null);
                self.advance(1);
                Ok(())
            }
            LOAD_CONST => {
                let v = self.frame().code.consts.as_slice()[arg];
                let r = self.typed_constant(v);
                self.push(r);
                self.advance(1);
                Ok(())
            }
            LOAD_SMALL_INT => {
                let r = self.e.tree.int(arg as i64);
                self.push(r);
                self.advance(1);
                Ok(())
            }
            POP_TOP | END_FOR | POP_ITER => {
                self.pop_one();
                self.advance(1);
                Ok(())
            }
            PUSH_NULL => {
                let null = self.null();
                self.push(null);
                self.advance(1);
                Ok(())
            }
            COPY => {
                let r = self.peek(arg)?;
                self.push(r);
                self.advance(1);
                Ok(())
            }
            SWAP => {
                let (a, b) = (self.peek(1)?, self.peek(arg)?);
                self.poke(1, b);
                self.poke(arg, a);
                self.advance(1);
                Ok(())
            }
            END_SEND => {
                let r = self.peek(1)?;
                self.result(2, r, 1)
            }

            MAKE_CELL => self.make_cell(vm, arg),
            COPY_FREE_VARS => self.copy_free_vars(arg),
            LOAD_DEREF => self.load_deref(arg),
            STORE_DEREF => self.store_deref(arg),
            LOAD_GLOBAL => self.load_global(vm, arg),
            STORE_GLOBAL => self.store_global(vm, arg),
            LOAD_NAME => self.load_name(vm, arg),
            STORE_NAME => self.store_name(vm, arg),
            LOAD_COMMON_CONSTANT => self.step(op, 0),

            LOAD_ATTR => self.load_attr(vm, arg),
            LOAD_SUPER_ATTR => self.load_super_attr(vm, arg),
            STORE_ATTR => self.store_attr(vm, arg),
            DELETE_ATTR => self.delete_attr(vm, arg),

            BINARY_OP => self.binary_op(vm, arg),
            COMPARE_OP => self.compare_op(vm, arg),
            UNARY_NEGATIVE | UNARY_INVERT => self.unary(vm, op),
            CALL_INTRINSIC_1 => self.intrinsic(vm, arg),
            UNARY_NOT => {
                let r = self.peek(1)?;
                match self.bool_of(r)? {
                    Some(b) => {
                        let v = self.e.op1(Op::Not, Ty::Bool, b)?;
                        self.result(1, v, 1)
                    }
                    None => self.step(op, 1),
                }
            }
            TO_BOOL => self.truth_value(vm),
            IS_OP => {
                let (a, b) = (self.peek(2)?, self.peek(1)?);
                let (a, b) = (self.e.boxed(a), self.e.boxed(b));
                let mut same = self.e.op2(Op::Same, Ty::Bool, a, b)?;
                if arg != 0 {
                    same = self.e.op1(Op::Not, Ty::Bool, same)?;
                }
                self.result(2, same, 1)
            }
            CONTAINS_OP => self.contains(vm, arg),
            STORE_SUBSCR => self.store_subscr(vm),
            MAKE_FUNCTION => self.make_function(vm),
            SET_FUNCTION_ATTRIBUTE => self.set_function_attribute(arg),
            BUILD_TUPLE => self.build_tuple(vm, arg),
            BUILD_LIST => self.build_list(vm, arg),
            SET_ADD => self.set_add(vm, arg),
            BINARY_SLICE => self.slice(vm),
            STORE_SLICE => self.store_slice(vm),
            LIST_APPEND => self.list_append(arg),
            SET_UPDATE if self.fill_set(vm, arg)? => Ok(()),
            SET_UPDATE if self.extend_by_consumer(vm, op, arg)? => Ok(()),
            LIST_EXTEND => self.list_extend(vm, arg),
            MAP_ADD => self.map_add(vm, arg),
            BUILD_MAP => self.build_map(vm, arg),
            BUILD_SET => self.build_set(vm, arg),
            BUILD_SLICE => self.build_slice(vm, arg),
            BUILD_STRING => self.build_string(vm, arg),
            FORMAT_SIMPLE => self.format_simple(vm),
            FORMAT_WITH_SPEC => self.format_with_spec(vm),
            CONVERT_VALUE => self.convert_value(vm, arg),
            DELETE_SUBSCR => self.delete_subscr(vm),
            MATCH_SEQUENCE | MATCH_MAPPING => self.match_kind(vm, op),
            MATCH_CLASS => self.match_class(vm, arg),
            GET_LEN => self.get_len(vm),
            UNPACK_SEQUENCE => self.unpack(vm, arg),
            UNPACK_EX => self.unpack_ex(vm, arg),
            MATCH_KEYS => self.match_keys(vm),

            POP_JUMP_IF_FALSE | POP_JUMP_IF_TRUE | POP_JUMP_IF_NONE | POP_JUMP_IF_NOT_NONE => {
                self.conditional_jump(op, arg)
            }
            JUMP_FORWARD => {
                self.advance(1 + arg);
                Ok(())
            }
            JUMP_BACKWARD => self.jump_backward(vm, arg),
            JUMP_BACKWARD_NO_INTERRUPT => {
                let f = self.frame_mut();
                f.ip = f.ip + 1 - arg;
                Ok(())
            }

            GET_ITER => self.get_iter(vm),
            FOR_ITER => self.for_iter(vm, arg),

            CALL => self.call(vm, arg),
            CALL_KW => self.call_kw(vm, arg),
            CALL_FUNCTION_EX => self.call_ex(vm),
            DICT_MERGE => self.dict_merge(vm, arg),
            RETURN_VALUE => self.return_value(vm),

            YIELD_VALUE => self.yield_value(vm),
            RETURN_GENERATOR => self.return_generator(vm),
            SEND => self.send(vm),
            GET_YIELD_FROM_ITER | GET_AWAITABLE => self.own_iterator(vm, op),

            WITH_EXCEPT_START => self.with_except_start(vm),
            RAISE_VARARGS | RERAISE => self.raise(vm, op, arg),
            PUSH_EXC_INFO => self.push_exc_info(),
            POP_EXCEPT => self.pop_except(),
            CHECK_EXC_MATCH => self.check_exc_match(vm),
            LOAD_SPECIAL => self.load_special(vm, arg),

            CLEANUP_THROW | END_ASYNC_FOR | GET_ANEXT | GET_AITER => Err(Stop::Exit),
            _ => self.step_other(op, arg),
        }
    }

    /// Records an instruction that has had many forms already by the general way of the runtime;
    /// false if there is none here.
    pub(crate) fn generic(&mut self, op: Bytecode, arg: usize) -> Recorded<bool> {
        let units = 1 + op.caches();
        match op {
            Bytecode::LOAD_ATTR => {
                let owner = self.peek(1)?;
                let name = self.frame().code.name_at(arg >> 1);
                self.general_attr(owner, name, arg & 1 != 0, units)?;
            }
            Bytecode::STORE_ATTR => {
                let (value, owner) = (self.peek(2)?, self.peek(1)?);
                let name = self.frame().code.name_at(arg);
                let name = self.constant(name.value());
                self.call_any(&helpers::SET_ATTR, &[owner, name, value])?;
                self.pop_n(2);
                self.advance(units);
            }
            Bytecode::BINARY_OP => {
                let (a, b) = (self.peek(2)?, self.peek(1)?);
                let code = self.e.tree.int(arg as i64);
                let r = self.call_any(&helpers::BINARY, &[code, a, b])?;
                self.result(2, r, units)?;
            }
            Bytecode::CALL => {
                let (callable, receiver) = (self.peek(arg + 2)?, self.peek(arg + 1)?);
                let has_receiver = self.actual(arg + 1).is_some();
                self.guard_presence(receiver, has_receiver)?;
                self.call_any_callable(callable, has_receiver, arg, units)?;
            }
            Bytecode::CALL_FUNCTION_EX => self.call_ex_general()?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    pub(crate) fn null(&mut self) -> Ref {
        self.e.tree.val(0)
    }

    /// A value known to be a Python bool, as the trace computes with it.
    pub(crate) fn bool_of(&mut self, r: Ref) -> Recorded<Option<Ref>> {
        let r = self.e.resolve(r);
        if self.e.tree.ty(r) == Ty::Bool {
            return Ok(Some(r));
        }
        if self.e.tree.ty(r) == Ty::Val && self.actual(1).is_some_and(Value::is_bool) {
            return Ok(Some(self.guard1(Op::GuardBool, Ty::Bool, r)?));
        }
        Ok(None)
    }
}
