//! Loops, and the way out of blocks for `break`, `continue` and `return`.

use super::*;
use taipan_bytecode::Op::*;

impl<'a> Compiler<'a> {
    pub(super) fn while_loop(
        &mut self,
        pos: Pos,
        test: &'a Expr,
        body: &'a [Stmt],
        orelse: &'a [Stmt],
    ) -> Res<()> {
        let (top, end, anchor) = (self.label(), self.label(), self.label());
        self.here(top);
        self.push_fblock(FrameBlock::While { top, exit: end }, pos)?;
        self.jump_if(pos, test, anchor, false)?;
        self.conditional(body)?;
        self.jump(Opc::Jump, top, Pos::NONE);
        self.pop_fblock();
        self.here(anchor);
        self.conditional(orelse)?;
        self.here(end);
        Ok(())
    }

    pub(super) fn for_loop(
        &mut self,
        pos: Pos,
        target: &'a Expr,
        iter: &'a Expr,
        body: &'a [Stmt],
        orelse: &'a [Stmt],
    ) -> Res<()> {
        let (top, cleanup, end) = (self.label(), self.label(), self.label());
        self.push_fblock(FrameBlock::For { top, exit: end }, pos)?;
        self.iterable(iter)?;
        self.emit(GET_ITER, iter.pos);
        self.here(top);
        self.jump(FOR_ITER, cleanup, iter.pos);
        // Keeps a line for a loop head that spans lines; dropped if redundant.
        self.emit(NOP, target.pos);
        self.expr(target)?;
        self.conditional(body)?;
        self.jump(Opc::Jump, top, Pos::NONE);
        self.here(cleanup);
        self.emit(END_FOR, Pos::NONE);
        self.emit(POP_ITER, Pos::NONE);
        self.pop_fblock();
        self.conditional(orelse)?;
        self.here(end);
        Ok(())
    }

    /// What is only iterated over: a long list literal is made as a tuple, which
    /// may turn out to be constant.
    pub(super) fn iterable(&mut self, iter: &'a Expr) -> Res<()> {
        match &iter.kind {
            ExprKind::List { elts, .. }
                if !elts
                    .iter()
                    .any(|e| matches!(e.kind, ExprKind::Starred { .. })) =>
            {
                self.sequence(iter.pos, elts, None, 0, BUILD_TUPLE)
            }
            _ => self.expr(iter),
        }
    }

    pub(super) fn async_for(
        &mut self,
        pos: Pos,
        target: &'a Expr,
        iter: &'a Expr,
        body: &'a [Stmt],
        orelse: &'a [Stmt],
    ) -> Res<()> {
        self.check_async_context("'async for' outside async function", pos)?;
        let (top, except, end) = (self.label(), self.label(), self.label());
        self.expr(iter)?;
        self.emit(GET_AITER, iter.pos);
        self.here(top);
        self.push_fblock(FrameBlock::AsyncFor { top, exit: end }, pos)?;
        self.jump(Opc::SetupFinally, except, pos);
        self.emit(GET_ANEXT, pos);
        self.load_none(pos);
        let got = self.yield_from(pos, true);
        self.emit(Opc::PopBlock, pos);
        self.emit(NOT_TAKEN, pos);
        self.expr(target)?;
        self.conditional(body)?;
        self.jump(Opc::Jump, top, Pos::NONE);
        self.pop_fblock();
        self.here(except);
        self.jump(END_ASYNC_FOR, got, iter.pos);
        self.conditional(orelse)?;
        self.here(end);
        Ok(())
    }

    pub(super) fn check_async_context(&self, message: &str, pos: Pos) -> Res<()> {
        let kind = self.unit_ref().kind;
        let top_level = self.settings.top_level_await && kind == UnitKind::Module;
        if kind != UnitKind::AsyncFunction && !top_level {
            return self.error(message, pos);
        }
        Ok(())
    }

    pub(super) fn break_stmt(&mut self, pos: Pos) -> Res<()> {
        let mut at = pos;
        self.emit(NOP, at);
        let found = self.unwind_to_loop(&mut at)?;
        let Some(block) = found else {
            return self.error("'break' outside loop", pos);
        };
        self.unwind_one(&mut at, block, false)?;
        let (FrameBlock::While { exit, .. }
        | FrameBlock::For { exit, .. }
        | FrameBlock::AsyncFor { exit, .. }) = block
        else {
            return Ok(());
        };
        self.jump(Opc::Jump, exit, at);
        Ok(())
    }

    pub(super) fn continue_stmt(&mut self, pos: Pos) -> Res<()> {
        let mut at = pos;
        self.emit(NOP, at);
        let found = self.unwind_to_loop(&mut at)?;
        let Some(
            FrameBlock::While { top, .. }
            | FrameBlock::For { top, .. }
            | FrameBlock::AsyncFor { top, .. },
        ) = found
        else {
            return self.error("'continue' not properly in loop", pos);
        };
        self.jump(Opc::Jump, top, at);
        Ok(())
    }

    /// Undoes every block of the unit.
    pub(super) fn unwind_all(&mut self, pos: &mut Pos, preserve: bool) -> Res<()> {
        self.unwind(pos, preserve, false).map(|_| ())
    }

    fn unwind_to_loop(&mut self, pos: &mut Pos) -> Res<Option<FrameBlock<'a>>> {
        self.unwind(pos, false, true)
    }

    /// Undoes blocks from the innermost out; stops at a loop if asked to.
    fn unwind(
        &mut self,
        pos: &mut Pos,
        preserve: bool,
        find_loop: bool,
    ) -> Res<Option<FrameBlock<'a>>> {
        let saved = self.unit().fblocks.clone();
        let mut found = None;
        while let Some(&top) = self.unit().fblocks.last() {
            match top {
                FrameBlock::ExceptionGroupHandler => {
                    return self.error(
                        "'break', 'continue' and 'return' cannot appear in an except* block",
                        *pos,
                    );
                }
                FrameBlock::While { .. } | FrameBlock::For { .. } | FrameBlock::AsyncFor { .. }
                    if find_loop =>
                {
                    found = Some(top);
                    break;
                }
                _ => {}
            }
            self.unit().fblocks.pop();
            self.unwind_one(pos, top, preserve)?;
        }
        self.unit().fblocks = saved;
        Ok(found)
    }

    fn unwind_one(&mut self, pos: &mut Pos, block: FrameBlock<'a>, preserve: bool) -> Res<()> {
        match block {
            FrameBlock::While { .. }
            | FrameBlock::ExceptionHandler
            | FrameBlock::ExceptionGroupHandler
            | FrameBlock::AsyncComprehension => {}
            FrameBlock::For { .. } | FrameBlock::AsyncFor { .. } | FrameBlock::PopValue => {
                if preserve {
                    self.emit_arg(SWAP, 2, *pos);
                }
                self.emit(POP_TOP, *pos);
            }
            FrameBlock::TryExcept => self.emit(Opc::PopBlock, *pos),
            FrameBlock::FinallyTry(body) => {
                // The statements of `finally` are compiled here once more.
                self.emit(Opc::PopBlock, *pos);
                if preserve {
                    self.push_fblock(FrameBlock::PopValue, *pos)?;
                }
                self.stmts(body)?;
                if preserve {
                    self.pop_fblock();
                }
                *pos = Pos::NONE;
            }
            FrameBlock::FinallyEnd => {
                if preserve {
                    self.emit_arg(SWAP, 2, *pos);
                }
                self.emit(POP_TOP, *pos);
                if preserve {
                    self.emit_arg(SWAP, 2, *pos);
                }
                self.emit(Opc::PopBlock, *pos);
                self.emit(POP_EXCEPT, *pos);
            }
            FrameBlock::With(at) | FrameBlock::AsyncWith(at) => {
                *pos = at;
                self.emit(Opc::PopBlock, *pos);
                if preserve {
                    self.emit_arg(SWAP, 3, *pos);
                    self.emit_arg(SWAP, 2, *pos);
                }
                self.call_exit_with_nones(*pos);
                if matches!(block, FrameBlock::AsyncWith(_)) {
                    self.emit_arg(GET_AWAITABLE, 2, *pos);
                    self.load_none(*pos);
                    self.yield_from(*pos, true);
                }
                self.emit(POP_TOP, *pos);
                // The exit must not look like another visit of the `with` line.
                *pos = Pos::NONE;
            }
            FrameBlock::HandlerCleanup(name) => {
                if name.is_some() {
                    self.emit(Opc::PopBlock, *pos);
                }
                if preserve {
                    self.emit_arg(SWAP, 2, *pos);
                }
                self.emit(Opc::PopBlock, *pos);
                self.emit(POP_EXCEPT, *pos);
                if let Some(name) = name {
                    self.load_none(*pos);
                    self.name_op(name, Ctx::Store, *pos)?;
                    self.name_op(name, Ctx::Del, *pos)?;
                }
            }
        }
        Ok(())
    }
}
