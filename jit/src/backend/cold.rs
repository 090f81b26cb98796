//! Calls on ways that are hardly ever taken: the write barrier's, the allocator's without room,
//! that of an integer beyond the immediate range.
//!
//! An ordinary call changes most registers. The register allocator keeps what lives across one in
//! the few others or on the stack, for as long as it lives: one slow path in a loop costs all
//! iterations. So these calls go through stubs that preserve all registers, made when they are
//! first needed and kept as long as the process.

use super::lower::{Lower, finish, trusted};
use super::memory::Code;
use cranelift_codegen::Context;
use cranelift_codegen::ir::{
    AbiParam, Function, InstBuilder, Signature, UserFuncName, Value, types,
};
use cranelift_codegen::isa::{CallConv, OwnedTargetIsa};
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext};
use rustc_hash::FxHashMap;
use std::mem::offset_of;
use std::sync::Mutex;
use taipan_runtime::Vm;

/// What a stub calls: the address, how many words it takes, whether it returns one.
type Callee = (usize, usize, bool);

static STUBS: Mutex<Option<FxHashMap<Callee, Code>>> = Mutex::new(None);

impl Lower<'_> {
    /// Calls a function of 64-bit arguments, of which the first is the machine if it returns
    /// something, so that nothing but the result changes.
    pub(super) fn call_cold(
        &mut self,
        address: usize,
        args: &[Value],
        returns: bool,
    ) -> Result<Value, String> {
        let stub = stub(self.isa, (address, args.len(), returns))?;
        let signature = self.b.import_signature(signature(args.len()));
        let stub = self.iconst(stub as i64);
        self.b.ins().call_indirect(signature, stub, args);
        if !returns {
            return Ok(args[0]);
        }
        let result = offset_of!(Vm, second) as i32;
        Ok(self.b.ins().load(types::I64, trusted(), args[0], result))
    }
}

/// A stub's: the convention has no results.
fn signature(args: usize) -> Signature {
    let mut signature = Signature::new(CallConv::PreserveAll);
    signature
        .params
        .extend(std::iter::repeat_n(AbiParam::new(types::I64), args));
    signature
}

fn stub(isa: &OwnedTargetIsa, callee: Callee) -> Result<usize, String> {
    let mut stubs = STUBS.lock().map_err(|e| e.to_string())?;
    let stubs = stubs.get_or_insert_default();
    if let Some(code) = stubs.get(&callee) {
        return Ok(code.address() as usize);
    }
    let code = compile(isa, callee)?;
    let address = code.address() as usize;
    stubs.insert(callee, code);
    Ok(address)
}

fn compile(isa: &OwnedTargetIsa, (address, args, returns): Callee) -> Result<Code, String> {
    let mut inner = signature(args);
    inner.call_conv = isa.default_call_conv();
    if returns {
        inner.returns.push(AbiParam::new(types::I64));
    }
    let mut context = Context::new();
    context.func = Function::with_name_signature(UserFuncName::user(0, 2), signature(args));
    let mut builder_context = FunctionBuilderContext::new();
    let mut b = FunctionBuilder::new(&mut context.func, &mut builder_context);
    let entry = b.create_block();
    b.append_block_params_for_function_params(entry);
    b.switch_to_block(entry);
    let params = b.block_params(entry).to_vec();
    let inner = b.import_signature(inner);
    let address = b.ins().iconst(types::I64, address as i64);
    let call = b.ins().call_indirect(inner, address, &params);
    if let [result] = *b.inst_results(call) {
        let offset = offset_of!(Vm, second) as i32;
        b.ins().store(trusted(), result, params[0], offset);
    }
    b.ins().return_(&[]);
    b.seal_all_blocks();
    b.finalize(isa.frontend_config());
    finish(isa, &mut context).map(|(code, _)| code)
}
