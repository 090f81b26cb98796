//! `try` in its forms. Nothing runs on the way in: regions are recorded in the
//! exception table.

use super::*;
use taipan_bytecode::Intrinsic2;
use taipan_bytecode::Op::*;

const NO: Pos = Pos::NONE;

impl<'a> Compiler<'a> {
    pub(super) fn try_stmt(&mut self, pos: Pos, t: &'a Try) -> Res<()> {
        if t.finalbody.is_empty() {
            return self.handled(pos, t);
        }
        let (body, end, exit) = (self.label(), self.label(), self.label());
        self.jump(Opc::SetupFinally, end, pos);
        self.here(body);
        self.push_fblock(FrameBlock::FinallyTry(&t.finalbody), pos)?;
        if t.handlers.is_empty() {
            self.conditional(&t.body)?;
        } else {
            self.handled(pos, t)?;
        }
        self.emit(Opc::PopBlock, NO);
        self.pop_fblock();
        self.conditional(&t.finalbody)?;
        self.jump(Opc::JumpNoInterrupt, exit, NO);
        // The same statements once more, for when an exception passes.
        self.here(end);
        let cleanup = self.label();
        self.push_fblock(FrameBlock::FinallyEnd, pos)?;
        self.jump(Opc::SetupCleanup, cleanup, NO);
        self.emit(PUSH_EXC_INFO, NO);
        self.mute += 1;
        let result = self.conditional(&t.finalbody);
        self.mute -= 1;
        result?;
        self.pop_fblock();
        self.emit_arg(RERAISE, 0, NO);
        self.here(cleanup);
        self.pop_except_and_reraise();
        self.here(exit);
        Ok(())
    }

    fn handled(&mut self, pos: Pos, t: &'a Try) -> Res<()> {
        if t.is_star {
            self.try_star(pos, t)
        } else {
            self.try_except(pos, t)
        }
    }

    pub(super) fn pop_except_and_reraise(&mut self) {
        self.emit_arg(COPY, 3, NO);
        self.emit(POP_EXCEPT, NO);
        self.emit_arg(RERAISE, 1, NO);
    }

    /// `name = None; del name` at the end of a handler.
    fn forget(&mut self, name: &Name) -> Res<()> {
        self.load_none(NO);
        self.name_op(name, Ctx::Store, NO)?;
        self.name_op(name, Ctx::Del, NO)
    }

    fn try_except(&mut self, pos: Pos, t: &'a Try) -> Res<()> {
        let (body, mut except, end, cleanup) =
            (self.label(), self.label(), self.label(), self.label());
        self.jump(Opc::SetupFinally, except, pos);
        self.here(body);
        self.push_fblock(FrameBlock::TryExcept, pos)?;
        self.conditional(&t.body)?;
        self.pop_fblock();
        self.emit(Opc::PopBlock, NO);
        self.conditional(&t.orelse)?;
        self.jump(Opc::JumpNoInterrupt, end, NO);

        self.here(except);
        self.jump(Opc::SetupCleanup, cleanup, NO);
        self.emit(PUSH_EXC_INFO, NO);
        self.push_fblock(FrameBlock::ExceptionHandler, pos)?;
        for (i, h) in t.handlers.iter().enumerate() {
            let at = h.pos;
            if h.typ.is_none() && i + 1 < t.handlers.len() {
                return self.error("default 'except:' must be last", at);
            }
            except = self.label();
            if let Some(typ) = &h.typ {
                self.expr(typ)?;
                self.emit(CHECK_EXC_MATCH, at);
                self.jump(POP_JUMP_IF_FALSE, except, at);
            }
            let cleanup_body = self.label();
            if let Some(name) = &h.name {
                let cleanup_end = self.label();
                self.name_op(name, Ctx::Store, at)?;
                self.jump(Opc::SetupCleanup, cleanup_end, at);
                self.here(cleanup_body);
                self.push_fblock(FrameBlock::HandlerCleanup(Some(name)), at)?;
                self.conditional(&h.body)?;
                self.pop_fblock();
                self.emit(Opc::PopBlock, NO);
                self.emit(Opc::PopBlock, NO);
                self.emit(POP_EXCEPT, NO);
                self.forget(name)?;
                self.jump(Opc::JumpNoInterrupt, end, NO);
                self.here(cleanup_end);
                self.forget(name)?;
                self.emit_arg(RERAISE, 1, NO);
            } else {
                self.emit(POP_TOP, at);
                self.here(cleanup_body);
                self.push_fblock(FrameBlock::HandlerCleanup(None), at)?;
                self.conditional(&h.body)?;
                self.pop_fblock();
                self.emit(Opc::PopBlock, NO);
                self.emit(POP_EXCEPT, NO);
                self.jump(Opc::JumpNoInterrupt, end, NO);
            }
            self.here(except);
        }
        self.emit_arg(RERAISE, 0, NO);
        self.pop_fblock();
        self.here(cleanup);
        self.pop_except_and_reraise();
        self.here(end);
        Ok(())
    }

    fn try_star(&mut self, pos: Pos, t: &'a Try) -> Res<()> {
        let (body, mut except, orelse) = (self.label(), self.label(), self.label());
        let (end, cleanup, reraise_star) = (self.label(), self.label(), self.label());
        self.jump(Opc::SetupFinally, except, pos);
        self.here(body);
        self.push_fblock(FrameBlock::TryExcept, pos)?;
        self.conditional(&t.body)?;
        self.pop_fblock();
        self.emit(Opc::PopBlock, NO);
        self.jump(Opc::Jump, orelse, NO);

        self.here(except);
        self.jump(Opc::SetupCleanup, cleanup, NO);
        self.emit(PUSH_EXC_INFO, NO);
        self.push_fblock(FrameBlock::ExceptionGroupHandler, pos)?;
        let count = t.handlers.len();
        for (i, h) in t.handlers.iter().enumerate() {
            let at = h.pos;
            except = self.label();
            let (with_error, no_match) = (self.label(), self.label());
            if i == 0 {
                // The list of raised exceptions, and the group that is left to match.
                self.emit_arg(BUILD_LIST, 0, at);
                self.emit_arg(COPY, 2, at);
            }
            if let Some(typ) = &h.typ {
                self.expr(typ)?;
                self.emit(CHECK_EG_MATCH, at);
                self.emit_arg(COPY, 1, at);
                self.jump(POP_JUMP_IF_NONE, no_match, at);
            }
            let (cleanup_end, cleanup_body) = (self.label(), self.label());
            match &h.name {
                Some(name) => self.name_op(name, Ctx::Store, at)?,
                None => self.emit(POP_TOP, at),
            }
            self.jump(Opc::SetupCleanup, cleanup_end, at);
            self.here(cleanup_body);
            self.push_fblock(FrameBlock::HandlerCleanup(h.name.as_ref()), at)?;
            self.conditional(&h.body)?;
            self.pop_fblock();
            self.emit(Opc::PopBlock, NO);
            if let Some(name) = &h.name {
                self.forget(name)?;
            }
            self.jump(Opc::Jump, except, NO);
            self.here(cleanup_end);
            if let Some(name) = &h.name {
                self.forget(name)?;
            }
            // Adds the exception raised in the handler to the list.
            self.emit_arg(LIST_APPEND, 3, NO);
            self.emit(POP_TOP, NO);
            self.jump(Opc::Jump, with_error, NO);
            self.here(with_error);
            self.jump(Opc::Jump, except, NO);
            self.here(no_match);
            self.emit(POP_TOP, at);
            self.here(except);
            if i + 1 == count {
                // What is left unmatched joins the list.
                self.emit_arg(LIST_APPEND, 1, NO);
                self.jump(Opc::Jump, reraise_star, NO);
            }
        }
        self.pop_fblock();
        let reraise = self.label();
        self.here(reraise_star);
        self.emit_arg(CALL_INTRINSIC_2, Intrinsic2::PrepReraiseStar as usize, NO);
        self.emit_arg(COPY, 1, NO);
        self.jump(POP_JUMP_IF_NOT_NONE, reraise, NO);
        self.emit(POP_TOP, NO);
        self.emit(Opc::PopBlock, NO);
        self.emit(POP_EXCEPT, NO);
        self.jump(Opc::JumpNoInterrupt, end, NO);
        self.here(reraise);
        self.emit(Opc::PopBlock, NO);
        self.emit_arg(SWAP, 2, NO);
        self.emit(POP_EXCEPT, NO);
        self.emit_arg(RERAISE, 0, NO);
        self.here(cleanup);
        self.pop_except_and_reraise();
        self.here(orelse);
        self.conditional(&t.orelse)?;
        self.here(end);
        Ok(())
    }
}
