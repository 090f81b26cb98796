//! Expressions.

use super::statement::{attribute_pos, is_two_element_slice};
use super::*;
use crate::fold::is_constant;
use taipan_bytecode::Intrinsic1;
use taipan_bytecode::Op::{self, *};
use taipan_bytecode::opcode::{BinaryOp, CompareOp};

const NO: Pos = Pos::NONE;
/// Values pushed at once before literals are built up piece by piece.
pub(super) const STACK_GUIDELINE: usize = 30;

/// The argument of `BINARY_OP`.
pub(super) fn binary_arg(op: Operator, in_place: bool) -> usize {
    let plain = match op {
        Operator::Add => BinaryOp::Add,
        Operator::Sub => BinaryOp::Subtract,
        Operator::Mult => BinaryOp::Multiply,
        Operator::MatMult => BinaryOp::MatMul,
        Operator::Div => BinaryOp::TrueDivide,
        Operator::Mod => BinaryOp::Remainder,
        Operator::Pow => BinaryOp::Power,
        Operator::LShift => BinaryOp::LShift,
        Operator::RShift => BinaryOp::RShift,
        Operator::BitOr => BinaryOp::Or,
        Operator::BitXor => BinaryOp::Xor,
        Operator::BitAnd => BinaryOp::And,
        Operator::FloorDiv => BinaryOp::FloorDivide,
    } as usize;
    plain
        + if in_place {
            BinaryOp::InplaceAdd as usize
        } else {
            0
        }
}

impl<'a> Compiler<'a> {
    pub(super) fn exprs(&mut self, es: &'a [Expr]) -> Res<()> {
        es.iter().try_for_each(|e| self.expr(e))
    }

    pub(super) fn expr(&mut self, e: &'a Expr) -> Res<()> {
        stacker::maybe_grow(64 << 10, 1 << 20, || self.expr_inner(e))
    }

    fn expr_inner(&mut self, e: &'a Expr) -> Res<()> {
        let pos = e.pos;
        match &e.kind {
            ExprKind::NamedExpr { target, value } => {
                self.expr(value)?;
                self.emit_arg(COPY, 1, pos);
                self.expr(target)
            }
            ExprKind::BoolOp { op, values } => self.bool_op(pos, *op, values),
            ExprKind::BinOp { left, op, right } => {
                self.expr(left)?;
                self.expr(right)?;
                self.emit_arg(BINARY_OP, binary_arg(*op, false), pos);
                Ok(())
            }
            ExprKind::Lambda { args, body } => self.lambda(e, args, body),
            ExprKind::UnaryOp { op, operand } => {
                self.expr(operand)?;
                match op {
                    UnaryOp::UAdd => {
                        self.emit_arg(CALL_INTRINSIC_1, Intrinsic1::UnaryPositive as usize, pos)
                    }
                    UnaryOp::Not => {
                        self.emit(TO_BOOL, pos);
                        self.emit(UNARY_NOT, pos);
                    }
                    UnaryOp::Invert => self.emit(UNARY_INVERT, pos),
                    UnaryOp::USub => self.emit(UNARY_NEGATIVE, pos),
                }
                Ok(())
            }
            ExprKind::IfExp { test, body, orelse } => {
                let (end, next) = (self.label(), self.label());
                self.jump_if(pos, test, next, false)?;
                self.expr(body)?;
                self.jump(Opc::Jump, end, NO);
                self.here(next);
                self.expr(orelse)?;
                self.here(end);
                Ok(())
            }
            ExprKind::Dict { keys, values } => self.dict(pos, keys, values),
            ExprKind::Set(elts) => self.sequence(pos, elts, None, 0, BUILD_SET),
            ExprKind::GeneratorExp { .. }
            | ExprKind::ListComp { .. }
            | ExprKind::SetComp { .. }
            | ExprKind::DictComp { .. } => self.comprehension(e),
            ExprKind::Yield(value) => self.yield_expr(pos, value.as_deref()),
            ExprKind::YieldFrom(value) => {
                if !self.block().is_function_like() {
                    return self.error("'yield from' outside function", pos);
                }
                if self.unit().kind == UnitKind::AsyncFunction {
                    return self.error("'yield from' inside async function", pos);
                }
                self.expr(value)?;
                self.emit(GET_YIELD_FROM_ITER, pos);
                self.load_none(pos);
                self.yield_from(pos, false);
                Ok(())
            }
            ExprKind::Await(value) => {
                let kind = self.unit().kind;
                if !(self.settings.top_level_await && kind == UnitKind::Module) {
                    if !self.block().is_function_like() {
                        return self.error("'await' outside function", pos);
                    }
                    if !matches!(kind, UnitKind::AsyncFunction | UnitKind::Comprehension) {
                        return self.error("'await' outside async function", pos);
                    }
                }
                self.expr(value)?;
                self.emit_arg(GET_AWAITABLE, 0, pos);
                self.load_none(pos);
                self.yield_from(pos, true);
                Ok(())
            }
            ExprKind::Compare {
                left,
                ops,
                comparators,
            } => self.compare(e, left, ops, comparators),
            ExprKind::Call {
                func,
                args,
                keywords,
            } => self.call(e, func, args, keywords),
            ExprKind::Constant { value, .. } => {
                self.load_const(value.clone(), pos);
                Ok(())
            }
            ExprKind::JoinedStr(values) => self.joined_str(pos, values),
            ExprKind::TemplateStr(values) => self.template_str(pos, values),
            ExprKind::FormattedValue {
                value,
                conversion,
                format_spec,
            } => {
                self.expr(value)?;
                if *conversion >= 0 {
                    self.emit_arg(CONVERT_VALUE, conversion_arg(*conversion), pos);
                }
                match format_spec {
                    Some(spec) => {
                        self.expr(spec)?;
                        self.emit(FORMAT_WITH_SPEC, pos);
                    }
                    None => self.emit(FORMAT_SIMPLE, pos),
                }
                Ok(())
            }
            ExprKind::Interpolation {
                value,
                text,
                conversion,
                format_spec,
            } => {
                self.expr(value)?;
                self.load_const(text.clone(), pos);
                let mut arg = 2;
                if *conversion >= 0 {
                    arg |= conversion_arg(*conversion) << 2;
                }
                if let Some(spec) = format_spec {
                    arg |= 1;
                    self.expr(spec)?;
                }
                self.emit_arg(BUILD_INTERPOLATION, arg, pos);
                Ok(())
            }
            ExprKind::Attribute { value, attr, ctx } => self.attribute(e, value, attr, *ctx),
            ExprKind::Subscript { value, slice, ctx } => self.subscript(pos, value, slice, *ctx),
            ExprKind::Starred { ctx, .. } => match ctx {
                Ctx::Store => {
                    self.error("starred assignment target must be in a list or tuple", pos)
                }
                _ => self.error("can't use starred expression here", pos),
            },
            ExprKind::Slice { lower, upper, step } => {
                self.slice(pos, e, [lower, upper, step].map(|e| e.as_deref()))
            }
            ExprKind::Name { id, ctx } => self.name_op(id, *ctx, pos),
            ExprKind::List { elts, ctx } => self.list_or_tuple(pos, elts, *ctx, BUILD_LIST),
            ExprKind::Tuple { elts, ctx } => self.list_or_tuple(pos, elts, *ctx, BUILD_TUPLE),
        }
    }

    fn list_or_tuple(&mut self, pos: Pos, elts: &'a [Expr], ctx: Ctx, build: Op) -> Res<()> {
        match ctx {
            Ctx::Load => self.sequence(pos, elts, None, 0, build),
            Ctx::Store => self.unpack(pos, elts),
            Ctx::Del => self.exprs(elts),
        }
    }

    fn unpack(&mut self, pos: Pos, elts: &'a [Expr]) -> Res<()> {
        let mut star = None;
        for (i, e) in elts.iter().enumerate() {
            if matches!(e.kind, ExprKind::Starred { .. }) {
                if star.is_some() {
                    return self.error("multiple starred expressions in assignment", pos);
                }
                if i >= 1 << 8 || elts.len() - i > (i32::MAX >> 8) as usize {
                    return self.error("too many expressions in star-unpacking assignment", pos);
                }
                star = Some(i);
            }
        }
        match star {
            Some(i) => self.emit_arg(UNPACK_EX, i + ((elts.len() - i - 1) << 8), pos),
            None => self.emit_arg(UNPACK_SEQUENCE, elts.len(), pos),
        }
        for e in elts {
            match &e.kind {
                ExprKind::Starred { value, .. } => self.expr(value)?,
                _ => self.expr(e)?,
            }
        }
        Ok(())
    }

    /// Builds a list, set or tuple; `extra` names one more element, and `pushed`
    /// elements are on the stack already.
    pub(super) fn sequence(
        &mut self,
        pos: Pos,
        elts: &'a [Expr],
        extra: Option<&str>,
        pushed: usize,
        build: Op,
    ) -> Res<()> {
        let tuple = build == BUILD_TUPLE;
        let (make, add, extend) = if build == BUILD_SET {
            (BUILD_SET, SET_ADD, SET_UPDATE)
        } else {
            (BUILD_LIST, LIST_APPEND, LIST_EXTEND)
        };
        let total = elts.len() + pushed + usize::from(extra.is_some());
        let big = total > STACK_GUIDELINE;
        let starred = elts
            .iter()
            .any(|e| matches!(e.kind, ExprKind::Starred { .. }));
        if !starred && !big {
            self.exprs(elts)?;
            if let Some(extra) = extra {
                self.load_named(extra, pos)?;
            }
            self.emit_arg(build, total, pos);
            return Ok(());
        }
        let mut built = big;
        if big {
            self.emit_arg(make, pushed, pos);
        }
        for (i, e) in elts.iter().enumerate() {
            if let ExprKind::Starred { value, .. } = &e.kind {
                if !built {
                    self.emit_arg(make, i + pushed, pos);
                    built = true;
                }
                self.expr(value)?;
                self.emit_arg(extend, 1, pos);
            } else {
                self.expr(e)?;
                if built {
                    self.emit_arg(add, 1, pos);
                }
            }
        }
        if let Some(extra) = extra {
            self.load_named(extra, pos)?;
            self.emit_arg(add, 1, pos);
        }
        if tuple {
            self.emit_arg(CALL_INTRINSIC_1, Intrinsic1::ListToTuple as usize, pos);
        }
        Ok(())
    }

    fn dict(&mut self, pos: Pos, keys: &'a [Option<Expr>], values: &'a [Expr]) -> Res<()> {
        let mut container = false;
        let mut start = 0;
        for (i, key) in keys.iter().enumerate() {
            if key.is_none() {
                if i > start {
                    self.sub_dict(pos, &keys[start..i], &values[start..i], container)?;
                    container = true;
                }
                if !container {
                    self.emit_arg(BUILD_MAP, 0, pos);
                    container = true;
                }
                self.expr(&values[i])?;
                self.emit_arg(DICT_UPDATE, 1, pos);
                start = i + 1;
            } else if (i - start) * 2 > STACK_GUIDELINE {
                self.sub_dict(pos, &keys[start..=i], &values[start..=i], container)?;
                container = true;
                start = i + 1;
            }
        }
        if start < keys.len() {
            self.sub_dict(pos, &keys[start..], &values[start..], container)?;
            container = true;
        }
        if !container {
            self.emit_arg(BUILD_MAP, 0, pos);
        }
        Ok(())
    }

    fn sub_dict(
        &mut self,
        pos: Pos,
        keys: &'a [Option<Expr>],
        values: &'a [Expr],
        update: bool,
    ) -> Res<()> {
        let big = keys.len() * 2 > STACK_GUIDELINE;
        if big {
            self.emit_arg(BUILD_MAP, 0, pos);
        }
        for (key, value) in keys.iter().zip(values) {
            if let Some(key) = key {
                self.expr(key)?;
            }
            self.expr(value)?;
            if big {
                self.emit_arg(MAP_ADD, 1, pos);
            }
        }
        if !big {
            self.emit_arg(BUILD_MAP, keys.len(), pos);
        }
        if update {
            self.emit_arg(DICT_UPDATE, 1, pos);
        }
        Ok(())
    }

    fn bool_op(&mut self, pos: Pos, op: BoolOp, values: &'a [Expr]) -> Res<()> {
        let end = self.label();
        let jump = if op == BoolOp::And {
            Opc::JumpIfFalse
        } else {
            Opc::JumpIfTrue
        };
        let Some((last, first)) = values.split_last() else {
            return Ok(());
        };
        for v in first {
            self.expr(v)?;
            self.jump(jump, end, pos);
            self.emit(POP_TOP, pos);
        }
        self.expr(last)?;
        self.here(end);
        Ok(())
    }

    /// Jumps to `next` if the truth of `e` is `cond`.
    pub(super) fn jump_if(&mut self, pos: Pos, e: &'a Expr, next: Label, cond: bool) -> Res<()> {
        stacker::maybe_grow(64 << 10, 1 << 20, || self.jump_if_inner(pos, e, next, cond))
    }

    fn jump_if_inner(&mut self, pos: Pos, e: &'a Expr, next: Label, cond: bool) -> Res<()> {
        let by_truth = |cond| {
            if cond {
                POP_JUMP_IF_TRUE
            } else {
                POP_JUMP_IF_FALSE
            }
        };
        match &e.kind {
            ExprKind::UnaryOp {
                op: UnaryOp::Not,
                operand,
            } => return self.jump_if(pos, operand, next, !cond),
            ExprKind::BoolOp { op, values } => {
                let stop = *op == BoolOp::Or;
                let early = if stop == cond { next } else { self.label() };
                let Some((last, first)) = values.split_last() else {
                    return Ok(());
                };
                for v in first {
                    self.jump_if(pos, v, early, stop)?;
                }
                self.jump_if(pos, last, next, cond)?;
                if early != next {
                    self.here(early);
                }
                return Ok(());
            }
            ExprKind::IfExp { test, body, orelse } => {
                let (end, other) = (self.label(), self.label());
                self.jump_if(pos, test, other, false)?;
                self.jump_if(pos, body, next, cond)?;
                self.jump(Opc::Jump, end, NO);
                self.here(other);
                self.jump_if(pos, orelse, next, cond)?;
                self.here(end);
                return Ok(());
            }
            ExprKind::Compare {
                left,
                ops,
                comparators,
            } if ops.len() > 1 => {
                self.check_compare(e, left, ops, comparators);
                let cleanup = self.label();
                let end = self.label();
                self.compare_chain(e.pos, left, ops, comparators, cleanup)?;
                self.emit(TO_BOOL, e.pos);
                self.jump(by_truth(cond), next, e.pos);
                self.jump(Opc::Jump, end, NO);
                self.here(cleanup);
                self.emit(POP_TOP, e.pos);
                if !cond {
                    self.jump(Opc::Jump, next, NO);
                }
                self.here(end);
                return Ok(());
            }
            _ => {}
        }
        self.expr(e)?;
        self.emit(TO_BOOL, e.pos);
        self.jump(by_truth(cond), next, e.pos);
        Ok(())
    }

    fn compare_op(&mut self, op: CmpOp, pos: Pos) {
        let (op, arg) = match op {
            CmpOp::Eq => (COMPARE_OP, (CompareOp::Eq as usize) << 5),
            CmpOp::NotEq => (COMPARE_OP, (CompareOp::Ne as usize) << 5),
            CmpOp::Lt => (COMPARE_OP, (CompareOp::Lt as usize) << 5),
            CmpOp::LtE => (COMPARE_OP, (CompareOp::Le as usize) << 5),
            CmpOp::Gt => (COMPARE_OP, (CompareOp::Gt as usize) << 5),
            CmpOp::GtE => (COMPARE_OP, (CompareOp::Ge as usize) << 5),
            CmpOp::Is => (IS_OP, 0),
            CmpOp::IsNot => (IS_OP, 1),
            CmpOp::In => (CONTAINS_OP, 0),
            CmpOp::NotIn => (CONTAINS_OP, 1),
        };
        self.emit_arg(op, arg, pos);
    }

    /// All comparisons of a chain but the jump after the last; a false one goes to
    /// `cleanup` with its right side still on the stack.
    fn compare_chain(
        &mut self,
        pos: Pos,
        left: &'a Expr,
        ops: &'a [CmpOp],
        right: &'a [Expr],
        cleanup: Label,
    ) -> Res<()> {
        self.expr(left)?;
        let last = ops.len() - 1;
        for (op, e) in ops[..last].iter().zip(right) {
            self.expr(e)?;
            self.emit_arg(SWAP, 2, pos);
            self.emit_arg(COPY, 2, pos);
            self.compare_op(*op, pos);
            self.emit(TO_BOOL, pos);
            self.jump(POP_JUMP_IF_FALSE, cleanup, pos);
        }
        self.expr(&right[last])?;
        self.compare_op(ops[last], pos);
        Ok(())
    }

    fn compare(
        &mut self,
        e: &'a Expr,
        left: &'a Expr,
        ops: &'a [CmpOp],
        right: &'a [Expr],
    ) -> Res<()> {
        self.check_compare(e, left, ops, right);
        let pos = e.pos;
        if ops.len() == 1 {
            self.expr(left)?;
            self.expr(&right[0])?;
            self.compare_op(ops[0], pos);
            return Ok(());
        }
        let (cleanup, end) = (self.label(), self.label());
        // Here the result of a false comparison stays on the stack.
        self.expr(left)?;
        let last = ops.len() - 1;
        for (op, r) in ops[..last].iter().zip(right) {
            self.expr(r)?;
            self.emit_arg(SWAP, 2, pos);
            self.emit_arg(COPY, 2, pos);
            self.compare_op(*op, pos);
            self.jump(Opc::JumpIfFalse, cleanup, pos);
            self.emit(POP_TOP, pos);
        }
        self.expr(&right[last])?;
        self.compare_op(ops[last], pos);
        self.jump(Opc::Jump, end, NO);
        self.here(cleanup);
        self.emit_arg(SWAP, 2, pos);
        self.emit(POP_TOP, pos);
        self.here(end);
        Ok(())
    }

    fn attribute(&mut self, e: &'a Expr, value: &'a Expr, attr: &'a Name, ctx: Ctx) -> Res<()> {
        let name = self.mangled(attr);
        if ctx == Ctx::Load && self.is_plain_super(value, attr) {
            self.load_super_arguments(value)?;
            let two = matches!(&value.kind, ExprKind::Call { args, .. } if !args.is_empty());
            self.emit_super(&name, two, false, e.pos);
            let at = attribute_pos(e.pos, e, attr);
            self.emit(NOP, at);
            return Ok(());
        }
        self.expr(value)?;
        let at = attribute_pos(e.pos, e, attr);
        self.check_debug(attr, ctx, e.pos)?;
        match ctx {
            Ctx::Load => {
                let index = self.unit().names.insert_full(name).0;
                self.emit_arg(LOAD_ATTR, index << 1, at);
            }
            Ctx::Store => {
                self.note_static_attribute(e);
                self.emit_name(STORE_ATTR, &name, at);
            }
            Ctx::Del => self.emit_name(DELETE_ATTR, &name, at),
        }
        Ok(())
    }

    pub(super) fn emit_super(&mut self, name: &Name, two: bool, method: bool, pos: Pos) {
        let index = self.unit().names.insert_full(name.clone()).0;
        self.emit_arg(
            LOAD_SUPER_ATTR,
            index << 2 | usize::from(two) << 1 | usize::from(method),
            pos,
        );
    }

    /// Pushes both ends of `[a:b]`, if that is what the subscript is.
    pub(super) fn two_element_slice(&mut self, slice: &'a Expr) -> Res<bool> {
        if !is_two_element_slice(slice) {
            return Ok(false);
        }
        let ExprKind::Slice { lower, upper, .. } = &slice.kind else {
            return Ok(false);
        };
        self.slice_part(slice.pos, lower.as_deref())?;
        self.slice_part(slice.pos, upper.as_deref())?;
        Ok(true)
    }

    fn slice_part(&mut self, pos: Pos, e: Option<&'a Expr>) -> Res<()> {
        match e {
            Some(e) => self.expr(e),
            None => {
                self.load_none(pos);
                Ok(())
            }
        }
    }

    fn slice(&mut self, pos: Pos, e: &'a Expr, parts: [Option<&'a Expr>; 3]) -> Res<()> {
        let _ = e;
        if parts.iter().all(|p| p.is_none_or(is_constant)) {
            let value = parts.map(|p| p.and_then(Expr::as_const).cloned().unwrap_or(Const::None));
            self.load_const(Const::Slice(Box::new(value)), pos);
            return Ok(());
        }
        let [lower, upper, step] = parts;
        self.slice_part(pos, lower)?;
        self.slice_part(pos, upper)?;
        if let Some(step) = step {
            self.expr(step)?;
        }
        self.emit_arg(BUILD_SLICE, 2 + usize::from(step.is_some()), pos);
        Ok(())
    }

    fn subscript(&mut self, pos: Pos, value: &'a Expr, slice: &'a Expr, ctx: Ctx) -> Res<()> {
        if ctx == Ctx::Load {
            self.check_subscript(value, slice);
        }
        self.expr(value)?;
        if ctx != Ctx::Del && self.two_element_slice(slice)? {
            self.emit(
                if ctx == Ctx::Load {
                    BINARY_SLICE
                } else {
                    STORE_SLICE
                },
                pos,
            );
            return Ok(());
        }
        self.expr(slice)?;
        match ctx {
            Ctx::Load => self.emit_arg(BINARY_OP, BinaryOp::Subscr as usize, pos),
            Ctx::Store => self.emit(STORE_SUBSCR, pos),
            Ctx::Del => self.emit(DELETE_SUBSCR, pos),
        }
        Ok(())
    }

    fn joined_str(&mut self, pos: Pos, values: &'a [Expr]) -> Res<()> {
        if values.len() > STACK_GUIDELINE {
            self.load_const(Const::str(""), pos);
            let index = self.unit().names.insert_full("join".into()).0;
            self.emit_arg(LOAD_ATTR, index << 1 | 1, pos);
            self.emit_arg(BUILD_LIST, 0, pos);
            for v in values {
                self.expr(v)?;
                self.emit_arg(LIST_APPEND, 1, pos);
            }
            self.emit_arg(CALL, 1, pos);
            return Ok(());
        }
        self.exprs(values)?;
        match values.len() {
            0 => self.load_const(Const::str(""), pos),
            1 => {}
            n => self.emit_arg(BUILD_STRING, n, pos),
        }
        Ok(())
    }

    fn template_str(&mut self, pos: Pos, values: &'a [Expr]) -> Res<()> {
        let is_interpolation = |e: &Expr| matches!(e.kind, ExprKind::Interpolation { .. });
        let mut strings = 0;
        let mut after_string = false;
        for v in values {
            if is_interpolation(v) {
                if !after_string {
                    self.load_const(Const::str(""), pos);
                    strings += 1;
                }
                after_string = false;
            } else {
                self.expr(v)?;
                strings += 1;
                after_string = true;
            }
        }
        if !after_string {
            self.load_const(Const::str(""), pos);
            strings += 1;
        }
        self.emit_arg(BUILD_TUPLE, strings, pos);
        let mut count = 0;
        for v in values.iter().filter(|v| is_interpolation(v)) {
            self.expr(v)?;
            count += 1;
        }
        self.emit_arg(BUILD_TUPLE, count, pos);
        self.emit(BUILD_TEMPLATE, pos);
        Ok(())
    }

    fn yield_expr(&mut self, pos: Pos, value: Option<&'a Expr>) -> Res<()> {
        if !self.block().is_function_like() {
            return self.error("'yield' outside function", pos);
        }
        match value {
            Some(v) => self.expr(v)?,
            None => self.load_none(pos),
        }
        self.emit_yield(pos);
        Ok(())
    }

    pub(super) fn emit_yield(&mut self, pos: Pos) {
        let b = self.block();
        if b.is_generator && b.is_coroutine {
            self.emit_arg(CALL_INTRINSIC_1, Intrinsic1::AsyncGenWrap as usize, pos);
        }
        self.emit_arg(YIELD_VALUE, 0, pos);
        self.emit_arg(RESUME, 1, pos);
    }

    /// Delegates to the iterator below the value to send: `yield from` and `await`.
    /// Returns where it goes on with the result.
    pub(super) fn yield_from(&mut self, pos: Pos, is_await: bool) -> Label {
        let (send, fail, exit) = (self.label(), self.label(), self.label());
        self.here(send);
        self.jump(SEND, exit, pos);
        // Guards against exceptions thrown in while suspended here.
        self.jump(Opc::SetupFinally, fail, pos);
        self.emit_arg(YIELD_VALUE, 1, pos);
        self.emit(Opc::PopBlock, NO);
        self.emit_arg(RESUME, if is_await { 3 } else { 2 }, pos);
        self.jump(Opc::JumpNoInterrupt, send, pos);
        self.here(fail);
        self.emit(CLEANUP_THROW, pos);
        self.here(exit);
        self.emit(END_SEND, pos);
        exit
    }

    fn check_compare(&mut self, e: &Expr, left: &Expr, ops: &[CmpOp], right: &[Expr]) {
        let is_literal = |e: &Expr| match &e.kind {
            ExprKind::Tuple { .. } => true,
            ExprKind::Constant { value, .. } => !matches!(
                value,
                Const::None | Const::True | Const::False | Const::Ellipsis
            ),
            _ => false,
        };
        let mut left = left;
        for (op, r) in ops.iter().zip(right) {
            if matches!(op, CmpOp::Is | CmpOp::IsNot) && (is_literal(left) || is_literal(r)) {
                let culprit = if is_literal(left) { left } else { r };
                let kind = literal_type(culprit).unwrap_or("object");
                let message = if *op == CmpOp::Is {
                    format!("\"is\" with '{kind}' literal. Did you mean \"==\"?")
                } else {
                    format!("\"is not\" with '{kind}' literal. Did you mean \"!=\"?")
                };
                self.warn(message, e.pos);
                return;
            }
            left = r;
        }
    }

    fn check_subscript(&mut self, value: &Expr, slice: &Expr) {
        let Some(kind) = literal_type(value) else {
            return;
        };
        let unsubscriptable = match &value.kind {
            ExprKind::Constant { value, .. } => {
                !matches!(value, Const::Str(_) | Const::Bytes(_) | Const::Tuple(_))
            }
            ExprKind::Set(_)
            | ExprKind::SetComp { .. }
            | ExprKind::GeneratorExp { .. }
            | ExprKind::Lambda { .. } => true,
            ExprKind::TemplateStr(_) | ExprKind::Interpolation { .. } => true,
            _ => false,
        };
        if unsubscriptable {
            self.warn(
                format!("'{kind}' object is not subscriptable; perhaps you missed a comma?"),
                value.pos,
            );
            return;
        }
        let indexed = match &value.kind {
            ExprKind::Constant { value, .. } => {
                matches!(value, Const::Str(_) | Const::Bytes(_) | Const::Tuple(_))
            }
            ExprKind::Tuple { .. }
            | ExprKind::List { .. }
            | ExprKind::ListComp { .. }
            | ExprKind::JoinedStr(_)
            | ExprKind::FormattedValue { .. } => true,
            _ => false,
        };
        if let Some(index) = literal_type(slice)
            && indexed
            && !matches!(index, "int" | "bool" | "slice")
        {
            let message = format!(
                "{kind} indices must be integers or slices, not {index}; perhaps you missed a comma?"
            );
            self.warn(message, value.pos);
        }
    }
}

fn conversion_arg(conversion: i32) -> usize {
    match u8::try_from(conversion) {
        Ok(b's') => 1,
        Ok(b'r') => 2,
        _ => 3,
    }
}

/// The type that an expression is sure to have, by name.
pub(super) fn literal_type(e: &Expr) -> Option<&'static str> {
    Some(match &e.kind {
        ExprKind::Tuple { .. } => "tuple",
        ExprKind::List { .. } | ExprKind::ListComp { .. } => "list",
        ExprKind::Dict { .. } | ExprKind::DictComp { .. } => "dict",
        ExprKind::Set(_) | ExprKind::SetComp { .. } => "set",
        ExprKind::GeneratorExp { .. } => "generator",
        ExprKind::Lambda { .. } => "function",
        ExprKind::TemplateStr(_) => "string.templatelib.Template",
        ExprKind::Interpolation { .. } => "string.templatelib.Interpolation",
        ExprKind::JoinedStr(_) | ExprKind::FormattedValue { .. } => "str",
        ExprKind::Constant { value, .. } => match value {
            Const::None => "NoneType",
            Const::True | Const::False => "bool",
            Const::Ellipsis => "ellipsis",
            Const::Int(_) | Const::BigInt { .. } => "int",
            Const::Float(_) => "float",
            Const::Complex { .. } => "complex",
            Const::Str(_) => "str",
            Const::Bytes(_) => "bytes",
            Const::Tuple(_) => "tuple",
            Const::FrozenSet(_) => "frozenset",
            Const::Slice(_) => "slice",
            Const::Code(_) => "code",
        },
        _ => return None,
    })
}
