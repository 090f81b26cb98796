//! Lowering what is special of functions' trees: entry, calls between them, and how
//! they are left.
//!
//! A function's code gets the place of its frame, which nobody has written yet, the
//! thread, and the parameters unboxed; it returns a boxed value, or zero with an
//! exception pending and its frame gone. Its exits do not return to whoever entered
//! it, which is compiled code as well: they call the driver, which has the
//! interpreter finish the activation, and return what that returned.

use super::lower::{FRAME_BYTES, Lower, clif, finish, trusted};
use super::memory::Code;
use super::{exits, helpers};
use crate::ir::{Callee, End, FUNCTION_SLOT, Op, Ref, Segment, SnapId, Ty};
use cranelift_codegen::Context;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{
    AbiParam, Function, InstBuilder, Signature, UserFuncName, Value, types,
};
use cranelift_codegen::isa::{CallConv, OwnedTargetIsa};
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext};
use std::mem::offset_of;
use taipan_runtime::Vm;
use taipan_runtime::types::cell::CellObject;
use taipan_runtime::types::frame::Frame;
use taipan_runtime::vm::Thread;

/// What the shim returns if the arguments are not of the types compiled for: no value's word.
pub const MISFIT: u64 = 1;

/// The signature of a function's code.
pub(super) fn signature(callee: &Callee) -> Signature {
    let mut signature = Signature::new(CallConv::Tail);
    let fixed = 2 + usize::from(callee.function == 0);
    for _ in 0..fixed {
        signature.params.push(AbiParam::new(types::I64));
    }
    for ty in &callee.params {
        signature.params.push(AbiParam::new(clif(*ty)));
    }
    signature.returns.push(AbiParam::new(types::I64));
    signature
}

/// The signature of a side trace of a function's code, which finds what it needs in the exit buffer.
pub(super) fn side_signature() -> Signature {
    let mut signature = Signature::new(CallConv::Tail);
    signature.params = vec![AbiParam::new(types::I64); 2];
    signature.returns.push(AbiParam::new(types::I64));
    signature
}

/// The way in for the interpreter, `extern "C" fn(frame, thread) -> value`: reads the
/// arguments from the frame's slots and checks their types.
pub(super) fn shim(isa: &OwnedTargetIsa, callee: &Callee) -> Result<Code, String> {
    let mut context = Context::new();
    let mut outer = Signature::new(isa.default_call_conv());
    for _ in 0..2 {
        outer.params.push(AbiParam::new(types::I64));
    }
    outer.returns.push(AbiParam::new(types::I64));
    context.func = Function::with_name_signature(UserFuncName::user(0, 1), outer);
    let mut builder_context = FunctionBuilderContext::new();
    let builder = FunctionBuilder::new(&mut context.func, &mut builder_context);
    let empty = crate::ir::Tree::default();
    let mut lower = Lower::new(builder, &empty, &[], 0, isa);
    lower.shim(callee);
    let Lower { mut b, .. } = lower;
    b.seal_all_blocks();
    b.finalize(isa.frontend_config());
    finish(isa, &mut context).map(|(code, _)| code)
}

impl Lower<'_> {
    fn shim(&mut self, callee: &Callee) {
        let fail = self.b.create_block();
        let mut args = vec![self.frame, self.thread];
        if callee.function == 0 {
            let offset = offset_of!(Frame, function) as i32;
            args.push(self.b.ins().load(types::I64, trusted(), self.frame, offset));
        }
        for (slot, ty) in callee.params.iter().enumerate() {
            let offset = FRAME_BYTES + 8 * slot as i32;
            let mut word = self.b.ins().load(types::I64, trusted(), self.frame, offset);
            if callee.in_cells[slot] {
                let contents = CellObject::CONTENTS_OFFSET as i32;
                word = self.b.ins().load(types::I64, trusted(), word, contents);
            }
            if *ty == Ty::Val {
                args.push(word);
                continue;
            }
            let (ok, unbox) = self.unbox(word, *ty);
            let next = self.b.create_block();
            self.b.ins().brif(ok, next, &[], fail, &[]);
            self.b.switch_to_block(next);
            let v = unbox(self, word);
            args.push(v);
        }
        let v = self.call_entry(callee, &args);
        self.b.ins().return_(&[v]);
        self.b.switch_to_block(fail);
        let misfit = self.iconst(MISFIT as i64);
        self.b.ins().return_(&[misfit]);
    }

    /// Calls a function's present code.
    fn call_entry(&mut self, callee: &Callee, args: &[Value]) -> Value {
        let signature = self.b.import_signature(signature(callee));
        let cell = self.iconst(&raw const callee.entry as i64);
        let address = self.b.ins().load(types::I64, trusted(), cell, 0);
        let call = self.b.ins().call_indirect(signature, address, args);
        self.b.inst_results(call)[0]
    }

    /// The body: parameters, then the segments.
    pub(super) fn run_function(&mut self) -> Result<(), String> {
        let tree = self.tree;
        let block = self.b.current_block().ok_or("no block")?;
        let params = self.b.block_params(block).to_vec();
        for (v, (_, r)) in params[2..].iter().zip(&tree.params) {
            self.values[r.index()] = Some(*v);
        }
        let root = match &tree.side {
            Some(side) => tree.snaps.get(side.snap as usize),
            None => tree.snaps.first(),
        };
        let root = root.and_then(|s| s.frames.first()).ok_or("no snapshot")?;
        // SAFETY: the tree keeps its code objects alive.
        let code = unsafe { &*(root.code as *const taipan_runtime::types::code::CodeObject) };
        let words = i64::from(code.locals_plus + code.stack_size);
        self.base = self
            .b
            .ins()
            .iadd_imm_s(self.frame, i64::from(FRAME_BYTES) + 8 * words);
        debug_assert!(
            tree.params
                .iter()
                .enumerate()
                .all(|(i, (slot, _))| *slot == FUNCTION_SLOT || *slot as usize <= i)
        );
        self.count_run();
        if tree.side.is_some() {
            self.buffer = self.exit_buffer();
            self.enter_side();
        }
        self.segment(0)
    }

    /// Where the values of an exit go.
    pub(super) fn exit_buffer(&mut self) -> Value {
        let offset = offset_of!(Thread, exit_buffer) as i32;
        self.b
            .ins()
            .load(types::I64, trusted(), self.thread, offset)
    }

    /// Ends by the exit numbered `id`: the interpreter finishes the activation.
    pub(super) fn leave_function(&mut self, id: Value) {
        if let Some(block) = self.leave {
            self.b
                .ins()
                .jump(block, &[cranelift_codegen::ir::BlockArg::Value(id)]);
            return;
        }
        let block = self.b.create_block();
        self.b.set_cold_block(block);
        self.leave = Some(block);
        self.b
            .ins()
            .jump(block, &[cranelift_codegen::ir::BlockArg::Value(id)]);
        let id = self.b.append_block_param(block, types::I64);
        self.b.switch_to_block(block);
        let (vm, version) = (self.vm_value(), self.iconst(self.version as i64));
        let v = self.call_address(
            helpers::leave as *const () as usize,
            &[vm, self.frame, id, version],
            true,
        );
        self.b.ins().return_(&[v]);
    }

    /// Whether the tree pushes its own frame anywhere.
    fn is_leaf(&self) -> bool {
        let tree = self.tree;
        let enters_loop = |s: &Segment| matches!(s.end, End::EnterLoop(..));
        !tree.segments.iter().any(enters_loop)
            && !tree.segments.iter().flat_map(|s| &s.code).any(|r| {
                self.live[r.index()]
                    && match tree.op(*r) {
                        Op::CallAt | Op::CallFunction | Op::Step => true,
                        Op::Call => tree.helpers[tree.get(*r).aux as usize]
                            .effect
                            .completes_frames(),
                        _ => false,
                    }
            })
    }

    pub(super) fn guard_room(&mut self, r: Ref) -> Result<(), String> {
        // The reserve serves what calls nothing that could call again.
        if self.is_leaf() {
            return Ok(());
        }
        let sp = self.b.ins().get_stack_pointer(types::I64);
        let limit = self.b.ins().load(
            types::I64,
            trusted(),
            self.thread,
            offset_of!(Thread, code_limit) as i32,
        );
        let room = self.b.ins().icmp(IntCC::UnsignedGreaterThan, sp, limit);
        let depth = self.b.ins().load(
            types::I32,
            trusted(),
            self.thread,
            offset_of!(Thread, depth) as i32,
        );
        // SAFETY: only the address is computed.
        let limit = unsafe { &raw const (*(self.vm as *const Vm)).recursion_limit } as i64;
        let limit = self.iconst(limit);
        let limit = self.b.ins().load(types::I32, trusted(), limit, 0);
        let shallow = self.b.ins().icmp(IntCC::UnsignedLessThan, depth, limit);
        let ok = self.b.ins().band(room, shallow);
        self.guard(r, ok, true)
    }

    pub(super) fn call_function(&mut self, r: Ref) -> Result<(), String> {
        let tree = self.tree;
        let ins = *tree.get(r);
        let callee = tree.callees[ins.aux as usize].clone();
        self.flush(ins.snap)?;
        let top = self.stack_top();
        let mut args = vec![top, self.thread];
        for a in tree.call_args(&ins) {
            args.push(self.value(*a)?);
        }
        self.state.clean.clear();
        let result = self.call_entry(&callee, &args);
        self.leave_if_raised(result);
        self.values[r.index()] = Some(result);
        Ok(())
    }

    /// The root frame returns. If Python has a view of it, that is left to the interpreter,
    /// which completes the view.
    pub(super) fn return_from_root(
        &mut self,
        segment: usize,
        r: Ref,
        snap: SnapId,
    ) -> Result<(), String> {
        let in_function = self.tree.function.is_some();
        self.settle(snap)?;
        if !in_function || self.state.real.iter().any(|f| f.id == 0) {
            let (seen, unseen) = (self.b.create_block(), self.b.create_block());
            let offset = offset_of!(Frame, object) as i32;
            let object = self.b.ins().load(types::I64, trusted(), self.frame, offset);
            self.b.ins().brif(object, seen, &[], unseen, &[]);
            self.b.set_cold_block(seen);
            self.b.switch_to_block(seen);
            let saved = self.state.clone();
            self.exit_at_end(segment, snap)?;
            self.state = saved;
            self.b.switch_to_block(unseen);
        }
        let v = self.boxed_ref(r)?;
        self.sync_frames(&[])?;
        if in_function {
            self.b.ins().return_(&[v]);
        } else {
            self.b.ins().store(trusted(), v, self.buffer, 0);
            self.return_code(exits::RETURNED);
        }
        Ok(())
    }

    /// Goes on in the code of a loop, to the end of the function.
    pub(super) fn enter_loop(&mut self, snap: SnapId, code: u32) -> Result<(), String> {
        self.flush(snap)?;
        let code = self.tree.loops[code as usize].clone();
        let top = self.stack_top();
        let buffer = self.exit_buffer();
        let signature = self.b.import_signature(super::doors::signature());
        let entry = self.iconst(&raw const code.entry as i64);
        let entry = self.b.ins().load(types::I64, trusted(), entry, 0);
        let from_frames = self.iconst(0);
        let args = [self.frame, self.thread, top, buffer, from_frames];
        let call = self.b.ins().call_indirect(signature, entry, &args);
        let status = self.b.inst_results(call)[0];
        let id = self.b.ins().ireduce(types::I32, status);
        let returned = exits::RETURNED as u32 as i32;
        let ok = self
            .b
            .ins()
            .icmp_imm_s(IntCC::Equal, id, i64::from(returned));
        let (returned, left) = (self.b.create_block(), self.b.create_block());
        self.b.ins().brif(ok, returned, &[], left, &[]);
        self.b.set_cold_block(left);
        self.b.switch_to_block(left);
        let vm = self.vm_value();
        let v = self.call_address(
            helpers::leave_loop as *const () as usize,
            &[vm, self.frame, status],
            true,
        );
        self.b.ins().return_(&[v]);
        self.b.switch_to_block(returned);
        let v = self.b.ins().load(types::I64, trusted(), buffer, 0);
        self.sync_frames(&[])?;
        self.b.ins().return_(&[v]);
        Ok(())
    }
}
