//! Comprehensions, most of them inlined (PEP 709), and generator expressions.

use super::*;
use crate::symtable::{BlockId, BlockKind, CompKind, Opens, Scope, Symbol, flag};
use taipan_bytecode::Op::*;

const NO: Pos = Pos::NONE;

/// The parts of a comprehension.
struct Parts<'a> {
    kind: CompKind,
    generators: &'a [Comprehension],
    elt: &'a Expr,
    value: Option<&'a Expr>,
}

/// What an inlined comprehension changed and has to put back.
#[derive(Default)]
struct Inlined {
    pushed: Vec<Name>,
    hidden: Vec<Name>,
    overridden: Vec<(Name, Option<Symbol>)>,
    cleanup: Option<Label>,
}

impl<'a> Compiler<'a> {
    pub(super) fn comprehension(&mut self, e: &'a Expr) -> Res<()> {
        let (parts, name) = match &e.kind {
            ExprKind::ListComp { elt, generators } => (
                Parts {
                    kind: CompKind::List,
                    generators,
                    elt,
                    value: None,
                },
                "<listcomp>",
            ),
            ExprKind::SetComp { elt, generators } => (
                Parts {
                    kind: CompKind::Set,
                    generators,
                    elt,
                    value: None,
                },
                "<setcomp>",
            ),
            ExprKind::DictComp {
                key,
                value,
                generators,
            } => (
                Parts {
                    kind: CompKind::Dict,
                    generators,
                    elt: key,
                    value: Some(value),
                },
                "<dictcomp>",
            ),
            ExprKind::GeneratorExp { elt, generators } => (
                Parts {
                    kind: CompKind::Generator,
                    generators,
                    elt,
                    value: None,
                },
                "<genexpr>",
            ),
            _ => return Ok(()),
        };
        let pos = e.pos;
        let Some(outermost) = parts.generators.first() else {
            return Ok(());
        };
        let block = self.opened(e, Opens::Body);
        let b = &self.table.blocks[block];
        let is_async = b.is_coroutine;
        let inlined = b.comp_inlined;
        // Comprehensions may await only where the code around may.
        if is_async && parts.kind != CompKind::Generator {
            let kind = self.unit().kind;
            let allowed = matches!(kind, UnitKind::AsyncFunction | UnitKind::Comprehension)
                || self.settings.top_level_await && kind == UnitKind::Module;
            if !allowed {
                return self.error(
                    "asynchronous comprehension outside of an asynchronous function",
                    pos,
                );
            }
        }
        let mut state = Inlined::default();
        if inlined {
            self.comprehension_iter(outermost)?;
            self.push_inlined(block, pos, &mut state)?;
        } else {
            self.enter(name.into(), UnitKind::Comprehension, block, pos.line, None);
            self.unit().arg_count = 1;
        }
        match parts.kind {
            CompKind::List => self.emit_arg(BUILD_LIST, 0, pos),
            CompKind::Set => self.emit_arg(BUILD_SET, 0, pos),
            CompKind::Dict => self.emit_arg(BUILD_MAP, 0, pos),
            CompKind::Generator => {}
        }
        if inlined && parts.kind != CompKind::Generator {
            self.emit_arg(SWAP, 2, pos);
        }
        self.generator(pos, &parts, 0, 0, inlined)?;
        if inlined {
            self.pop_inlined(pos, state)?;
            return Ok(());
        }
        if parts.kind != CompKind::Generator {
            self.emit(RETURN_VALUE, pos);
        } else {
            self.wrap_stop_iteration();
        }
        let code = self.leave(true)?;
        self.make_closure(code, 0, pos)?;
        self.comprehension_iter(outermost)?;
        self.emit_arg(CALL, 0, pos);
        if is_async && parts.kind != CompKind::Generator {
            self.emit_arg(GET_AWAITABLE, 0, pos);
            self.load_none(pos);
            self.yield_from(pos, true);
        }
        Ok(())
    }

    fn comprehension_iter(&mut self, outermost: &'a Comprehension) -> Res<()> {
        self.iterable(&outermost.iter)?;
        let op = if outermost.is_async {
            GET_AITER
        } else {
            GET_ITER
        };
        self.emit(op, outermost.iter.pos);
        Ok(())
    }

    fn push_inlined(&mut self, block: BlockId, pos: Pos, state: &mut Inlined) -> Res<()> {
        let in_class = self.block().kind == BlockKind::Class && self.unit().in_inlined_comp == 0;
        self.check_blocks(pos)?;
        self.unit().in_inlined_comp += 1;
        let function = self.block().is_function_like();
        let table = self.table;
        for (name, &symbol) in &table.blocks[block].symbols {
            let outer = self.symbol(name);
            let bound = symbol.flags & flag::LOCAL != 0 && symbol.flags & flag::NONLOCAL == 0;
            let (scope, outer_scope) = (symbol.scope, outer.scope);
            let shifts = scope != outer_scope && scope != Scope::Free;
            if in_class || shifts && !(scope == Scope::Cell && outer_scope == Scope::Free) {
                let previous = self.unit().overrides.insert(name.clone(), symbol);
                state.overridden.push((name.clone(), previous));
            }
            if bound && !function && self.unit().fast_hidden.get(name) != Some(&true) {
                self.unit().fast_hidden.insert(name.clone(), true);
                state.hidden.push(name.clone());
            }
            if bound {
                // A cell is pushed itself, and the comprehension gets a new one.
                self.emit_fast(LOAD_FAST_AND_CLEAR, name, pos);
                if symbol.scope == Scope::Cell {
                    self.emit_deref(MAKE_CELL, name, pos);
                }
                state.pushed.push(name.clone());
            }
        }
        if !state.pushed.is_empty() {
            self.emit_arg(SWAP, state.pushed.len() + 1, pos);
            let cleanup = self.label();
            state.cleanup = Some(cleanup);
            self.jump(Opc::SetupFinally, cleanup, pos);
        }
        Ok(())
    }

    fn pop_inlined(&mut self, pos: Pos, state: Inlined) -> Res<()> {
        self.unit().in_inlined_comp -= 1;
        if let Some(cleanup) = state.cleanup {
            let end = self.label();
            self.emit(Opc::PopBlock, NO);
            self.jump(Opc::JumpNoInterrupt, end, NO);
            self.here(cleanup);
            // Drops the unfinished result below the exception.
            self.emit_arg(SWAP, 2, NO);
            self.emit(POP_TOP, NO);
            self.restore_locals(&state.pushed, pos);
            self.emit_arg(RERAISE, 0, NO);
            self.here(end);
            self.restore_locals(&state.pushed, pos);
        }
        let unit = self.unit();
        for (name, previous) in state.overridden.into_iter().rev() {
            match previous {
                Some(symbol) => unit.overrides.insert(name, symbol),
                None => unit.overrides.remove(&name),
            };
        }
        for name in state.hidden {
            unit.fast_hidden.insert(name, false);
        }
        Ok(())
    }

    fn restore_locals(&mut self, pushed: &[Name], pos: Pos) {
        self.emit_arg(SWAP, pushed.len() + 1, pos);
        for name in pushed.iter().rev() {
            self.emit_fast(Opc::StoreFastMaybeNull, name, NO);
        }
    }

    fn generator(
        &mut self,
        pos: Pos,
        parts: &Parts<'a>,
        index: usize,
        depth: usize,
        on_stack: bool,
    ) -> Res<()> {
        let gen_ = &parts.generators[index];
        if gen_.is_async {
            self.async_generator(pos, parts, index, depth, on_stack)
        } else {
            self.sync_generator(pos, parts, index, depth, on_stack)
        }
    }

    fn sync_generator(
        &mut self,
        pos: Pos,
        parts: &Parts<'a>,
        index: usize,
        mut depth: usize,
        on_stack: bool,
    ) -> Res<()> {
        let gen_ = &parts.generators[index];
        let (if_cleanup, anchor) = (self.label(), self.label());
        let mut start = Some(self.label());
        if index == 0 {
            if !on_stack {
                self.emit_arg(LOAD_FAST, 0, pos);
            }
        } else {
            // `for y in [f(x)]` is an assignment.
            let single = match &gen_.iter.kind {
                ExprKind::List { elts, .. } | ExprKind::Tuple { elts, .. } => match &elts[..] {
                    [e] if !matches!(e.kind, ExprKind::Starred { .. }) => Some(e),
                    _ => None,
                },
                _ => None,
            };
            if let Some(e) = single {
                self.expr(e)?;
                start = None;
            } else {
                self.iterable(&gen_.iter)?;
                self.emit(GET_ITER, gen_.iter.pos);
            }
        }
        if let Some(start) = start {
            depth += 1;
            self.here(start);
            self.jump(FOR_ITER, anchor, gen_.iter.pos);
        }
        self.expr(&gen_.target)?;
        let at = self.conditions_and_rest(pos, parts, index, depth, if_cleanup)?;
        self.here(if_cleanup);
        if let Some(start) = start {
            self.jump(Opc::Jump, start, at);
            self.here(anchor);
            self.emit(END_FOR, NO);
            self.emit(POP_ITER, NO);
        }
        Ok(())
    }

    /// The conditions, then the next loop or the element; the result is the place
    /// of the jump back.
    fn conditions_and_rest(
        &mut self,
        pos: Pos,
        parts: &Parts<'a>,
        index: usize,
        depth: usize,
        skip: Label,
    ) -> Res<Pos> {
        for cond in &parts.generators[index].ifs {
            self.jump_if(pos, cond, skip, false)?;
        }
        if index + 1 < parts.generators.len() {
            self.generator(pos, parts, index + 1, depth, false)?;
            return Ok(parts.elt.pos);
        }
        let at = parts.elt.pos;
        match parts.kind {
            CompKind::Generator => {
                self.expr(parts.elt)?;
                self.emit_yield(at);
                self.emit(POP_TOP, at);
            }
            CompKind::List => {
                self.expr(parts.elt)?;
                self.emit_arg(LIST_APPEND, depth + 1, at);
            }
            CompKind::Set => {
                self.expr(parts.elt)?;
                self.emit_arg(SET_ADD, depth + 1, at);
            }
            CompKind::Dict => {
                let mut at = at;
                self.expr(parts.elt)?;
                if let Some(value) = parts.value {
                    self.expr(value)?;
                    (at.end_line, at.end_col) = (value.pos.end_line, value.pos.end_col);
                }
                self.emit_arg(MAP_ADD, depth + 1, at);
                return Ok(at);
            }
        }
        Ok(at)
    }

    fn async_generator(
        &mut self,
        pos: Pos,
        parts: &Parts<'a>,
        index: usize,
        depth: usize,
        on_stack: bool,
    ) -> Res<()> {
        let gen_ = &parts.generators[index];
        let (start, except, if_cleanup) = (self.label(), self.label(), self.label());
        if index == 0 {
            if !on_stack {
                self.emit_arg(LOAD_FAST, 0, pos);
            }
        } else {
            self.expr(&gen_.iter)?;
            self.emit(GET_AITER, gen_.iter.pos);
        }
        self.here(start);
        self.push_fblock(FrameBlock::AsyncComprehension, pos)?;
        self.jump(Opc::SetupFinally, except, pos);
        self.emit(GET_ANEXT, pos);
        self.load_none(pos);
        let got = self.yield_from(pos, true);
        self.emit(Opc::PopBlock, pos);
        self.expr(&gen_.target)?;
        let at = self.conditions_and_rest(pos, parts, index, depth + 1, if_cleanup)?;
        self.here(if_cleanup);
        self.jump(Opc::Jump, start, at);
        self.pop_fblock();
        self.here(except);
        self.jump(END_ASYNC_FOR, got, pos);
        Ok(())
    }
}
