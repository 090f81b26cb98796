//! Statements other than definitions, loops, `try` and `with`.

use super::*;
use crate::fold::is_constant;
use taipan_bytecode::Op::*;
use taipan_bytecode::{CommonConstant, Intrinsic1};

impl<'a> Compiler<'a> {
    pub(super) fn stmts(&mut self, body: &'a [Stmt]) -> Res<()> {
        body.iter().try_for_each(|s| self.stmt(s))
    }

    /// A body that may not run, or may run in part.
    pub(super) fn conditional(&mut self, body: &'a [Stmt]) -> Res<()> {
        let outer = std::mem::replace(&mut self.unit().in_conditional_block, true);
        self.stmts(body)?;
        self.unit().in_conditional_block = outer;
        Ok(())
    }

    pub(super) fn stmt(&mut self, s: &'a Stmt) -> Res<()> {
        stacker::maybe_grow(64 << 10, 1 << 20, || self.stmt_inner(s))
    }

    fn stmt_inner(&mut self, s: &'a Stmt) -> Res<()> {
        let pos = s.pos;
        match &s.kind {
            StmtKind::FunctionDef(f) => self.function_def(s, f),
            StmtKind::ClassDef(c) => self.class_def(s, c),
            StmtKind::TypeAlias {
                name,
                type_params,
                value,
            } => self.type_alias(s, name, type_params, value),
            StmtKind::Return(value) => self.return_stmt(s, value.as_deref()),
            StmtKind::Delete(targets) => targets.iter().try_for_each(|t| self.expr(t)),
            StmtKind::Assign { targets, value } => {
                self.expr(value)?;
                for (i, target) in targets.iter().enumerate() {
                    if i + 1 < targets.len() {
                        self.emit_arg(COPY, 1, pos);
                    }
                    self.expr(target)?;
                }
                Ok(())
            }
            StmtKind::AugAssign { target, op, value } => self.aug_assign(s, target, *op, value),
            StmtKind::AnnAssign {
                target,
                annotation,
                value,
                simple,
            } => self.ann_assign(s, target, annotation, value.as_deref(), *simple),
            StmtKind::For {
                target,
                iter,
                body,
                orelse,
                is_async: false,
            } => self.for_loop(pos, target, iter, body, orelse),
            StmtKind::For {
                target,
                iter,
                body,
                orelse,
                ..
            } => self.async_for(pos, target, iter, body, orelse),
            StmtKind::While { test, body, orelse } => self.while_loop(pos, test, body, orelse),
            StmtKind::If { test, body, orelse } => self.if_stmt(pos, test, body, orelse),
            StmtKind::With {
                items,
                body,
                is_async,
            } => self.with_stmt(pos, items, body, *is_async),
            StmtKind::Match { subject, cases } => self.match_stmt(subject, cases),
            StmtKind::Raise { exc, cause } => {
                let mut n = 0;
                for e in [exc, cause].into_iter().flatten() {
                    self.expr(e)?;
                    n += 1;
                }
                self.emit_arg(RAISE_VARARGS, n, pos);
                Ok(())
            }
            StmtKind::Try(t) => self.try_stmt(pos, t),
            StmtKind::Assert { test, msg } => self.assert_stmt(pos, test, msg.as_deref()),
            StmtKind::Import(names) => self.import(pos, names),
            StmtKind::ImportFrom {
                module,
                names,
                level,
            } => self.import_from(pos, module.as_ref(), names, *level),
            StmtKind::Global(_) | StmtKind::Nonlocal(_) => Ok(()),
            StmtKind::Expr(value) => self.expr_stmt(pos, value),
            StmtKind::Pass => {
                self.emit(NOP, pos);
                Ok(())
            }
            StmtKind::Break => self.break_stmt(pos),
            StmtKind::Continue => self.continue_stmt(pos),
        }
    }

    fn expr_stmt(&mut self, pos: Pos, value: &'a Expr) -> Res<()> {
        if self.settings.interactive && self.units.len() == 1 {
            self.expr(value)?;
            self.emit_arg(CALL_INTRINSIC_1, Intrinsic1::Print as usize, pos);
            self.emit(POP_TOP, Pos::NONE);
            return Ok(());
        }
        if value.as_const().is_some() {
            self.emit(NOP, pos);
            return Ok(());
        }
        self.expr(value)?;
        self.emit(POP_TOP, Pos::NONE);
        Ok(())
    }

    fn if_stmt(
        &mut self,
        pos: Pos,
        test: &'a Expr,
        body: &'a [Stmt],
        orelse: &'a [Stmt],
    ) -> Res<()> {
        let end = self.label();
        let next = if orelse.is_empty() { end } else { self.label() };
        self.jump_if(pos, test, next, false)?;
        self.conditional(body)?;
        if !orelse.is_empty() {
            self.jump(Opc::JumpNoInterrupt, end, Pos::NONE);
            self.here(next);
            self.conditional(orelse)?;
        }
        self.here(end);
        Ok(())
    }

    fn return_stmt(&mut self, s: &'a Stmt, value: Option<&'a Expr>) -> Res<()> {
        let mut pos = s.pos;
        let block = self.block();
        if !matches!(
            self.unit().kind,
            UnitKind::Function | UnitKind::AsyncFunction | UnitKind::Lambda
        ) {
            return self.error("'return' outside function", pos);
        }
        if value.is_some() && block.is_coroutine && block.is_generator {
            return self.error("'return' with value in async generator", pos);
        }
        let preserve = value.is_some_and(|v| v.as_const().is_none());
        if let Some(v) = value
            && preserve
        {
            self.expr(v)?;
        } else if let Some(v) = value {
            pos = v.pos;
            self.emit(NOP, pos);
        }
        if value.is_none_or(|v| v.pos.line != s.pos.line) {
            pos = s.pos;
            self.emit(NOP, pos);
        }
        let mut at = pos;
        self.unwind_all(&mut at, preserve)?;
        match value {
            None => self.load_none(at),
            Some(v) => {
                if let Some(c) = v.as_const() {
                    self.load_const(c.clone(), at);
                }
            }
        }
        self.emit(RETURN_VALUE, at);
        Ok(())
    }

    fn assert_stmt(&mut self, pos: Pos, test: &'a Expr, msg: Option<&'a Expr>) -> Res<()> {
        if let ExprKind::Tuple { elts, .. } = &test.kind
            && !elts.is_empty()
        {
            self.warn("assertion is always true, perhaps remove parentheses?", pos);
        } else if let Some(Const::Tuple(items)) = test.as_const()
            && !items.is_empty()
        {
            self.warn("assertion is always true, perhaps remove parentheses?", pos);
        }
        if self.settings.optimize > 0 {
            return Ok(());
        }
        let end = self.label();
        self.jump_if(pos, test, end, true)?;
        self.emit_arg(
            LOAD_COMMON_CONSTANT,
            CommonConstant::AssertionError as usize,
            pos,
        );
        if let Some(msg) = msg {
            self.expr(msg)?;
            self.emit_arg(CALL, 0, pos);
        }
        self.emit_arg(RAISE_VARARGS, 1, test.pos);
        self.here(end);
        Ok(())
    }

    fn aug_assign(
        &mut self,
        s: &'a Stmt,
        target: &'a Expr,
        op: Operator,
        value: &'a Expr,
    ) -> Res<()> {
        let pos = target.pos;
        match &target.kind {
            ExprKind::Attribute {
                value: object,
                attr,
                ..
            } => {
                self.expr(object)?;
                self.emit_arg(COPY, 1, pos);
                let at = attribute_pos(pos, target, attr);
                let name = self.mangled(attr);
                let index = self.unit().names.insert_full(name).0;
                self.emit_arg(LOAD_ATTR, index << 1, at);
            }
            ExprKind::Subscript {
                value: object,
                slice,
                ..
            } => {
                self.expr(object)?;
                if self.two_element_slice(slice)? {
                    self.emit_arg(COPY, 3, pos);
                    self.emit_arg(COPY, 3, pos);
                    self.emit_arg(COPY, 3, pos);
                    self.emit(BINARY_SLICE, pos);
                } else {
                    self.expr(slice)?;
                    self.emit_arg(COPY, 2, pos);
                    self.emit_arg(COPY, 2, pos);
                    self.emit_arg(
                        BINARY_OP,
                        taipan_bytecode::opcode::BinaryOp::Subscr as usize,
                        pos,
                    );
                }
            }
            ExprKind::Name { id, .. } => self.name_op(id, Ctx::Load, pos)?,
            _ => return self.error("invalid node type for augmented assignment", pos),
        }
        self.expr(value)?;
        self.emit_arg(BINARY_OP, super::expression::binary_arg(op, true), s.pos);
        match &target.kind {
            ExprKind::Attribute { attr, .. } => {
                let at = attribute_pos(pos, target, attr);
                self.emit_arg(SWAP, 2, at);
                let name = self.mangled(attr);
                self.emit_name(STORE_ATTR, &name, at);
            }
            ExprKind::Subscript { slice, .. } => {
                if is_two_element_slice(slice) {
                    self.emit_arg(SWAP, 4, pos);
                    self.emit_arg(SWAP, 3, pos);
                    self.emit_arg(SWAP, 2, pos);
                    self.emit(STORE_SLICE, pos);
                } else {
                    self.emit_arg(SWAP, 3, pos);
                    self.emit_arg(SWAP, 2, pos);
                    self.emit(STORE_SUBSCR, pos);
                }
            }
            ExprKind::Name { id, .. } => self.name_op(id, Ctx::Store, pos)?,
            _ => {}
        }
        Ok(())
    }

    fn ann_assign(
        &mut self,
        s: &'a Stmt,
        target: &'a Expr,
        annotation: &'a Expr,
        value: Option<&'a Expr>,
        simple: bool,
    ) -> Res<()> {
        let pos = s.pos;
        if let Some(value) = value {
            self.expr(value)?;
            self.expr(target)?;
        }
        let outside_function = matches!(self.unit().kind, UnitKind::Module | UnitKind::Class);
        match &target.kind {
            ExprKind::Name { id, .. } => {
                self.check_debug(id, Ctx::Store, target.pos)?;
                if simple && outside_function {
                    if self.future_annotations() {
                        self.annotation_value(annotation, pos)?;
                        self.emit_name(LOAD_NAME, &"__annotations__".into(), pos);
                        let mangled = self.mangled(id);
                        self.load_const(Const::str(&mangled), pos);
                        self.emit(STORE_SUBSCR, pos);
                    } else if let Some(number) = self.defer_annotation(s) {
                        if self.unit().kind == UnitKind::Class {
                            self.emit_deref(LOAD_DEREF, "__conditional_annotations__", pos);
                        } else {
                            self.emit_name(LOAD_NAME, &"__conditional_annotations__".into(), pos);
                        }
                        self.load_const(Const::Int(i64::from(number)), pos);
                        self.emit_arg(SET_ADD, 1, pos);
                        self.emit(POP_TOP, pos);
                    }
                }
            }
            ExprKind::Attribute {
                value: object,
                attr,
                ..
            } => {
                self.check_debug(attr, Ctx::Store, target.pos)?;
                if value.is_none() {
                    self.discard(object)?;
                }
            }
            ExprKind::Subscript {
                value: object,
                slice,
                ..
            } => {
                if value.is_none() {
                    self.discard(object)?;
                    self.discard_slice(slice)?;
                }
            }
            _ => return self.error("invalid node type for annotated assignment", pos),
        }
        Ok(())
    }

    fn discard(&mut self, e: &'a Expr) -> Res<()> {
        self.expr(e)?;
        self.emit(POP_TOP, e.pos);
        Ok(())
    }

    fn discard_slice(&mut self, e: &'a Expr) -> Res<()> {
        match &e.kind {
            ExprKind::Slice { lower, upper, step } => [lower, upper, step]
                .into_iter()
                .flatten()
                .try_for_each(|e| self.discard(e)),
            ExprKind::Tuple { elts, .. } => elts.iter().try_for_each(|e| self.discard_slice(e)),
            _ => self.discard(e),
        }
    }

    fn import(&mut self, pos: Pos, names: &'a [Alias]) -> Res<()> {
        for alias in names {
            self.load_const(Const::Int(0), pos);
            self.load_none(pos);
            let name = self.mangled(&alias.name);
            self.emit_name(IMPORT_NAME, &name, pos);
            match &alias.asname {
                Some(asname) => {
                    // `import a.b.c as d` binds the innermost module.
                    let mut parts = alias.name.split('.').skip(1).peekable();
                    let mut any = false;
                    while let Some(part) = parts.next() {
                        any = true;
                        self.emit_name(IMPORT_FROM, &part.into(), pos);
                        if parts.peek().is_some() {
                            self.emit_arg(SWAP, 2, pos);
                            self.emit(POP_TOP, pos);
                        }
                    }
                    self.check_debug(asname, Ctx::Store, alias.pos)?;
                    self.name_op(asname, Ctx::Store, pos)?;
                    if any {
                        self.emit(POP_TOP, pos);
                    }
                }
                None => {
                    let first = alias.name.split('.').next().unwrap_or(&alias.name);
                    self.check_debug(first, Ctx::Store, alias.pos)?;
                    self.store_named(first, pos)?;
                }
            }
        }
        Ok(())
    }

    fn import_from(
        &mut self,
        pos: Pos,
        module: Option<&'a Name>,
        names: &'a [Alias],
        level: u32,
    ) -> Res<()> {
        self.load_const(Const::Int(i64::from(level)), pos);
        self.load_const(
            Const::Tuple(names.iter().map(|a| Const::str(&a.name)).collect()),
            pos,
        );
        let empty: Name = "".into();
        self.emit_name(IMPORT_NAME, module.unwrap_or(&empty), pos);
        for alias in names {
            if &*alias.name == "*" {
                self.emit_arg(CALL_INTRINSIC_1, Intrinsic1::ImportStar as usize, pos);
                self.emit(POP_TOP, Pos::NONE);
                return Ok(());
            }
            let name = self.mangled(&alias.name);
            self.emit_name(IMPORT_FROM, &name, pos);
            let bound = alias.asname.as_ref().unwrap_or(&alias.name);
            self.check_debug(bound, Ctx::Store, alias.pos)?;
            self.name_op(bound, Ctx::Store, pos)?;
        }
        self.emit(POP_TOP, pos);
        Ok(())
    }
}

/// Whether the subscript is `[a:b]`, which has instructions of its own.
pub(super) fn is_two_element_slice(slice: &Expr) -> bool {
    match &slice.kind {
        ExprKind::Slice {
            lower,
            upper,
            step: None,
        } => ![lower, upper]
            .into_iter()
            .all(|e| e.as_deref().is_none_or(is_constant)),
        _ => false,
    }
}

/// `pos` from where an attribute's name starts, if that is on a later line.
pub(super) fn attribute_pos(mut pos: Pos, attribute: &Expr, attr: &str) -> Pos {
    let at = attribute.pos;
    if pos.line != at.end_line {
        pos.line = at.end_line;
        let len = attr.chars().count() as i32;
        if len <= at.end_col {
            pos.col = at.end_col - len;
        } else {
            pos.col = -1;
            pos.end_col = -1;
        }
        pos.end_line = pos.end_line.max(pos.line);
        pos.end_col = pos.end_col.max(pos.col);
    }
    pos
}
