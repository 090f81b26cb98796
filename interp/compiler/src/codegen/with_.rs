//! `with` and `async with`.

use super::*;
use taipan_bytecode::Op::*;
use taipan_bytecode::opcode::SpecialMethod;

const NO: Pos = Pos::NONE;

impl<'a> Compiler<'a> {
    pub(super) fn with_stmt(
        &mut self,
        pos: Pos,
        items: &'a [WithItem],
        body: &'a [Stmt],
        is_async: bool,
    ) -> Res<()> {
        if is_async {
            self.check_async_context("'async with' outside async function", pos)?;
        }
        let Some((item, rest)) = items.split_first() else {
            return self.conditional(body);
        };
        let (inner, handler, exit, cleanup) =
            (self.label(), self.label(), self.label(), self.label());
        self.expr(&item.context)?;
        let at = item.context.pos;
        let (enter, leave) = if is_async {
            (SpecialMethod::AEnter, SpecialMethod::AExit)
        } else {
            (SpecialMethod::Enter, SpecialMethod::Exit)
        };
        self.emit_arg(COPY, 1, at);
        self.emit_arg(LOAD_SPECIAL, leave as usize, at);
        self.emit_arg(SWAP, 2, at);
        self.emit_arg(SWAP, 3, at);
        self.emit_arg(LOAD_SPECIAL, enter as usize, at);
        self.emit_arg(CALL, 0, at);
        if is_async {
            self.emit_arg(GET_AWAITABLE, 1, at);
            self.load_none(at);
            self.yield_from(at, true);
        }
        self.jump(Opc::SetupWith, handler, at);
        self.here(inner);
        self.push_fblock(
            if is_async {
                FrameBlock::AsyncWith(at)
            } else {
                FrameBlock::With(at)
            },
            pos,
        )?;
        match &item.vars {
            Some(vars) => self.expr(vars)?,
            None => self.emit(POP_TOP, at),
        }
        if rest.is_empty() {
            self.conditional(body)?;
        } else {
            self.with_stmt(pos, rest, body, is_async)?;
        }
        self.emit(Opc::PopBlock, NO);
        self.pop_fblock();

        // The way out without an exception.
        self.call_exit_with_nones(at);
        if is_async {
            self.emit_arg(GET_AWAITABLE, 2, at);
            self.load_none(at);
            self.yield_from(at, true);
        }
        self.emit(POP_TOP, at);
        self.jump(Opc::Jump, exit, at);

        self.here(handler);
        self.jump(Opc::SetupCleanup, cleanup, at);
        self.emit(PUSH_EXC_INFO, at);
        self.emit(WITH_EXCEPT_START, at);
        if is_async {
            self.emit_arg(GET_AWAITABLE, 2, at);
            self.load_none(at);
            self.yield_from(at, true);
        }
        let suppress = self.label();
        self.emit(TO_BOOL, NO);
        self.jump(POP_JUMP_IF_TRUE, suppress, NO);
        self.emit_arg(RERAISE, 2, NO);
        self.here(suppress);
        self.emit(POP_TOP, NO);
        self.emit(Opc::PopBlock, NO);
        self.emit(POP_EXCEPT, NO);
        self.emit(POP_TOP, NO);
        self.emit(POP_TOP, NO);
        self.emit(POP_TOP, NO);
        let after = self.label();
        self.jump(Opc::JumpNoInterrupt, after, NO);
        self.here(cleanup);
        self.pop_except_and_reraise();
        self.here(after);
        self.here(exit);
        Ok(())
    }

    pub(super) fn call_exit_with_nones(&mut self, pos: Pos) {
        self.load_none(pos);
        self.load_none(pos);
        self.load_none(pos);
        self.emit_arg(CALL, 3, pos);
    }
}
