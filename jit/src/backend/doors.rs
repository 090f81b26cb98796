//! From tree to tree without a way back to the driver: the code of loops and side traces has a
//! convention in which one can end by jumping to another.
//!
//! Their signature is `fn(frame, thread, base, buffer, from_buffer) -> word`; the word has the
//! number of the compilation in its upper half and how the code was left in the lower one
//! ([`exits`]). An exit looks for the side trace that begins there in a table of its tree, which the
//! driver fills in, and a side trace that reaches the loop's header jumps to the loop's door with the
//! values of its parameters in the exit buffer, as long as there is one.

use super::lower::{FRAME_BYTES, Lower, clif, finish, trusted};
use super::memory::Code;
use super::{Compiled, exits};
use crate::ir::{Home, Ref, SnapId, Ty};
use cranelift_codegen::Context;
use cranelift_codegen::ir::{
    AbiParam, BlockArg, Function, InstBuilder, Signature, UserFuncName, Value, types,
};
use cranelift_codegen::isa::{CallConv, OwnedTargetIsa};
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use taipan_runtime::types::frame::Frame;
use taipan_runtime::vm::{EXIT_WORDS, Thread};

/// The word of the exit buffer that names the exit by which a side trace was entered.
pub const LEFT_BY: usize = EXIT_WORDS - 1;

/// Side traces by the guard that they begin at: addresses of code, or zero.
pub type Sides = Arc<[AtomicUsize]>;

/// A table for a tree of so many instructions.
pub(super) fn sides(instructions: usize) -> Sides {
    (0..instructions).map(|_| AtomicUsize::new(0)).collect()
}

/// The signature of the code of loops and side traces.
pub(super) fn signature() -> Signature {
    let mut signature = Signature::new(CallConv::Tail);
    signature.params = vec![AbiParam::new(types::I64); 5];
    signature.returns.push(AbiParam::new(types::I64));
    signature
}

/// Compiles a function of one block, which returns what `body` makes of the parameters.
fn small(
    isa: &OwnedTargetIsa,
    signature: Signature,
    body: impl FnOnce(&mut FunctionBuilder, &[Value]) -> Value,
) -> Result<Code, String> {
    let mut context = Context::new();
    context.func = Function::with_name_signature(UserFuncName::user(0, 3), signature);
    let mut builder_context = FunctionBuilderContext::new();
    let mut b = FunctionBuilder::new(&mut context.func, &mut builder_context);
    let entry = b.create_block();
    b.append_block_params_for_function_params(entry);
    b.switch_to_block(entry);
    let params = b.block_params(entry).to_vec();
    let result = body(&mut b, &params);
    b.ins().return_(&[result]);
    b.seal_all_blocks();
    b.finalize(isa.frontend_config());
    finish(isa, &mut context).map(|(code, _)| code)
}

/// The way from Rust into such code, and code that does nothing.
#[derive(Debug)]
pub struct Doorway {
    way: Code,
    nothing: Code,
}

/// The number of no compilation.
const NO_VERSION: u64 = u32::MAX as u64;

impl Doorway {
    /// # Errors
    /// Cranelift's, in words.
    pub fn new(isa: &OwnedTargetIsa) -> Result<Doorway, String> {
        let mut outer = Signature::new(isa.default_call_conv());
        outer.params = vec![AbiParam::new(types::I64); 6];
        outer.returns.push(AbiParam::new(types::I64));
        let way = small(isa, outer, |b, params| {
            let inner = b.import_signature(signature());
            let call = b.ins().call_indirect(inner, params[5], &params[..5]);
            b.inst_results(call)[0]
        })?;
        let nothing = small(isa, signature(), |b, _| {
            let word = exits::word(NO_VERSION, exits::ENTRY);
            b.ins().iconst(types::I64, word as i64)
        })?;
        Ok(Doorway { way, nothing })
    }

    /// The address of code that stands in for a loop's: as if the state on entry did not fit, so that
    /// the interpreter goes on.
    pub fn nothing(&self) -> usize {
        self.nothing.address() as usize
    }

    /// Enters the code of a loop, with the frames complete, or of a side trace: which compilation's
    /// code was left in the end, and how.
    ///
    /// # Safety
    /// As the driver says: the frames, or the buffer, are such as the code was made for.
    #[inline]
    pub unsafe fn enter(
        &self,
        compiled: &Compiled,
        frame: *mut Frame,
        thread: &Thread,
        base: *mut Option<taipan_runtime::Value>,
    ) -> (u64, u64) {
        // SAFETY: the code was made for this signature.
        let word = unsafe {
            let code: extern "C" fn(
                *mut Frame,
                *const Thread,
                *mut Option<taipan_runtime::Value>,
                *mut u64,
                u64,
                usize,
            ) -> u64 = std::mem::transmute(self.way.address());
            code(frame, thread, base, thread.exit_buffer, 0, compiled.entry)
        };
        exits::split(word)
    }
}

impl Lower<'_> {
    /// What the code of a loop or side trace returns when it is left by `id`.
    fn word(&mut self, id: Value) -> Value {
        self.b
            .ins()
            .bor_imm_s(id, (exits::word(self.version, 0)) as i64)
    }

    /// Leaves the code of a loop or side trace by the exit numbered `id`, or goes on in the side
    /// trace that begins there; the values are in the buffer.
    pub(super) fn leave_or_cross(&mut self, id: Value) {
        if let Some(block) = self.leave {
            self.b.ins().jump(block, &[BlockArg::Value(id)]);
            return;
        }
        let block = self.b.create_block();
        self.b.set_cold_block(block);
        self.leave = Some(block);
        self.b.ins().jump(block, &[BlockArg::Value(id)]);
        let id = self.b.append_block_param(block, types::I64);
        self.b.switch_to_block(block);
        let word = self.word(id);
        let code = self.side_code(id);
        let (cross, out) = (self.b.create_block(), self.b.create_block());
        self.b.ins().brif(code, cross, &[], out, &[]);
        self.b.switch_to_block(cross);
        let offset = 8 * LEFT_BY as i32;
        self.b.ins().store(trusted(), word, self.buffer, offset);
        self.jump_to(code);
        self.b.set_cold_block(out);
        self.b.switch_to_block(out);
        self.b.ins().return_(&[word]);
    }

    /// The same for the code of a function and its side traces, whose code returns what the function
    /// does.
    pub(super) fn leave_function_or_cross(&mut self, id: Value) {
        if let Some(block) = self.crossing {
            self.b.ins().jump(block, &[BlockArg::Value(id)]);
            return;
        }
        let block = self.b.create_block();
        self.b.set_cold_block(block);
        self.crossing = Some(block);
        self.b.ins().jump(block, &[BlockArg::Value(id)]);
        let id = self.b.append_block_param(block, types::I64);
        self.b.switch_to_block(block);
        let code = self.side_code(id);
        let (cross, out) = (self.b.create_block(), self.b.create_block());
        self.b.ins().brif(code, cross, &[], out, &[]);
        self.b.switch_to_block(cross);
        let signature = super::function::side_signature();
        let signature = self.b.import_signature(signature);
        let args = [self.frame, self.thread];
        self.b.ins().return_call_indirect(signature, code, &args);
        self.b.set_cold_block(out);
        self.b.switch_to_block(out);
        self.leave_function(id);
    }

    /// The code of the side trace that begins at a guard, or zero.
    fn side_code(&mut self, id: Value) -> Value {
        let table = self.iconst(self.sides.as_ptr() as i64);
        let at = self.b.ins().ishl_imm_s(id, 3);
        let at = self.b.ins().iadd(table, at);
        self.b.ins().load(types::I64, trusted(), at, 0)
    }

    /// Leaves the code of a loop or side trace in a way that has no table.
    pub(super) fn leave_by_word(&mut self, id: Value) {
        let word = self.word(id);
        self.b.ins().return_(&[word]);
    }

    /// Ends in the code of another tree, which finds values in the buffer.
    fn jump_to(&mut self, code: Value) {
        let signature = self.b.import_signature(signature());
        let from_buffer = self.iconst(1);
        let args = [self.frame, self.thread, self.base, self.buffer, from_buffer];
        self.b.ins().return_call_indirect(signature, code, &args);
    }

    /// Goes on in the code of another loop of the root frame; all frames are complete.
    pub(super) fn jump_to_loop(&mut self, code: u32) {
        let code = self.tree.loops[code as usize].clone();
        let entry = self.iconst(&raw const code.entry as i64);
        let entry = self.b.ins().load(types::I64, trusted(), entry, 0);
        let signature = self.b.import_signature(signature());
        let from_frames = self.iconst(0);
        let args = [self.frame, self.thread, self.base, self.buffer, from_frames];
        self.b.ins().return_call_indirect(signature, entry, &args);
    }

    /// The other way into a loop: its parameters are in the buffer, unboxed, all of them. Those that
    /// the code does not take as such belong into the frame.
    pub(super) fn enter_from_buffer(&mut self) -> Result<Vec<BlockArg>, String> {
        let tree = self.tree;
        let mut args = Vec::new();
        for (i, &(slot, param)) in tree.params.iter().enumerate() {
            let (at, ty) = (8 * i as i32, tree.ty(param));
            let v = self.b.ins().load(clif(ty), trusted(), self.buffer, at);
            if ty == Ty::Val {
                let zero = self.iconst(0);
                self.b.ins().store(trusted(), zero, self.buffer, at);
            }
            if self.live[param.index()] {
                args.push(BlockArg::Value(v));
                continue;
            }
            let v = if ty == Ty::Val {
                v
            } else {
                self.boxed(v, ty, false)?
            };
            let offset = FRAME_BYTES + 8 * slot as i32;
            self.b.ins().store(trusted(), v, self.frame, offset);
        }
        Ok(args)
    }

    /// A side trace reaches the loop's header: on through its door or, if that is closed, to the
    /// interpreter.
    pub(super) fn go_home(
        &mut self,
        home: &Home,
        values: &[Ref],
        snap: SnapId,
        segment: usize,
    ) -> Result<(), String> {
        let address = self.iconst(Arc::as_ptr(&home.door) as i64);
        let code = self.b.ins().load(types::I64, trusted(), address, 0);
        let (open, closed) = (self.b.create_block(), self.b.create_block());
        self.b.ins().brif(code, open, &[], closed, &[]);
        self.b.set_cold_block(closed);
        let saved = self.state.clone();

        self.b.switch_to_block(open);
        self.settle(snap)?;
        let mut root = (*self.tree.snaps[snap as usize].frames[0]).clone();
        root.slots
            .retain(|(slot, _)| !home.params.iter().any(|(s, _)| s == slot));
        let mut words = Vec::new();
        for r in values {
            words.push(self.value(*r)?);
        }
        if words.len() >= LEFT_BY {
            return Err("too many values".into());
        }
        self.complete_root(&root)?;
        for (i, word) in words.into_iter().enumerate() {
            let at = 8 * i as i32;
            self.b.ins().store(trusted(), word, self.buffer, at);
        }
        self.jump_to(code);
        self.state = saved;

        self.b.switch_to_block(closed);
        self.exit_at_end(segment, snap)
    }
}
