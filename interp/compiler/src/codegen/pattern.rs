//! `match` statements.
//!
//! A pattern works on the subject on top of the stack and uses it up. Names it
//! captures are kept on the stack, below what is being matched, and are stored
//! only once the whole pattern has matched.

use super::*;
use crate::fold::is_constant;
use taipan_bytecode::Op::*;
use taipan_bytecode::opcode::{BinaryOp, CompareOp};

/// State of one case's pattern.
#[derive(Default)]
struct Context {
    /// Captured names, bottom of the stack first.
    stores: Vec<Name>,
    /// A pattern that always matches is not allowed here.
    refutable_only: bool,
    /// Where to go on failure, by the number of values to pop on the way.
    fail_pop: Vec<Label>,
    /// Values above the captured names.
    on_top: usize,
}

impl<'a> Compiler<'a> {
    pub(super) fn match_stmt(&mut self, subject: &'a Expr, cases: &'a [MatchCase]) -> Res<()> {
        self.expr(subject)?;
        let end = self.label();
        let count = cases.len();
        let Some(last) = cases.last() else {
            return Ok(());
        };
        let wildcard = |p: &Pattern| matches!(&p.kind, PatternKind::MatchAs { name: None, .. });
        let has_default = wildcard(&last.pattern) && count > 1;
        let matched = count - usize::from(has_default);
        for (i, case) in cases[..matched].iter().enumerate() {
            let at = case.pattern.pos;
            // The last case uses up the subject, others a copy.
            let last = i + 1 == matched;
            if !last {
                self.emit_arg(COPY, 1, at);
            }
            let mut pc = Context {
                // Only the last case, or one with a guard, may always match.
                refutable_only: case.guard.is_none() && i + 1 != count,
                ..Context::default()
            };
            self.pattern(&case.pattern, &mut pc)?;
            for name in std::mem::take(&mut pc.stores) {
                self.name_op(&name, Ctx::Store, at)?;
            }
            if let Some(guard) = &case.guard {
                self.ensure_fail_pop(&mut pc, 0);
                self.jump_if(at, guard, pc.fail_pop[0], false)?;
            }
            if !last {
                self.emit(POP_TOP, Pos::NEXT);
            }
            self.conditional(&case.body)?;
            self.jump(Opc::Jump, end, Pos::NONE);
            // Failing belongs to the pattern's line, not to the end of the body.
            self.emit_fail_pop(&mut pc, at);
        }
        if has_default {
            // Shows the line of `case _`, which has no code of its own.
            self.emit(NOP, last.pattern.pos);
            if let Some(guard) = &last.guard {
                self.jump_if(last.pattern.pos, guard, end, false)?;
            }
            self.conditional(&last.body)?;
        }
        self.here(end);
        Ok(())
    }

    fn ensure_fail_pop(&mut self, pc: &mut Context, n: usize) {
        while pc.fail_pop.len() <= n {
            let label = self.label();
            pc.fail_pop.push(label);
        }
    }

    /// Jumps to the failure exit that pops what is on the stack now.
    fn jump_to_fail(&mut self, pc: &mut Context, op: impl Into<Opc>, pos: Pos) {
        let pops = pc.on_top + pc.stores.len();
        self.ensure_fail_pop(pc, pops);
        self.jump(op, pc.fail_pop[pops], pos);
    }

    fn emit_fail_pop(&mut self, pc: &mut Context, pos: Pos) {
        while let Some(label) = pc.fail_pop.pop() {
            self.here(label);
            if !pc.fail_pop.is_empty() {
                self.emit(POP_TOP, pos);
            }
        }
    }

    /// Moves the top of the stack below `count` others.
    fn rotate(&mut self, count: usize, pos: Pos) {
        let mut count = count;
        while count > 1 {
            self.emit_arg(SWAP, count, pos);
            count -= 1;
        }
    }

    fn store_name(&mut self, name: Option<&Name>, pc: &mut Context, pos: Pos) -> Res<()> {
        let Some(name) = name else {
            self.emit(POP_TOP, pos);
            return Ok(());
        };
        if pc.stores.contains(name) {
            return self.error(
                format!("multiple assignments to name '{name}' in pattern"),
                pos,
            );
        }
        self.check_debug(name, Ctx::Store, pos)?;
        // Below everything that is still being matched.
        self.rotate(pc.on_top + pc.stores.len() + 1, pos);
        pc.stores.push(name.clone());
        Ok(())
    }

    fn pattern(&mut self, p: &'a Pattern, pc: &mut Context) -> Res<()> {
        stacker::maybe_grow(64 << 10, 1 << 20, || self.pattern_inner(p, pc))
    }

    fn pattern_inner(&mut self, p: &'a Pattern, pc: &mut Context) -> Res<()> {
        let pos = p.pos;
        match &p.kind {
            PatternKind::MatchValue(value) => {
                if !is_constant(value) && !matches!(value.kind, ExprKind::Attribute { .. }) {
                    return self.error(
                        "patterns may only match literals and attribute lookups",
                        pos,
                    );
                }
                self.expr(value)?;
                self.emit_arg(COMPARE_OP, (CompareOp::Eq as usize) << 5, pos);
                self.emit(TO_BOOL, pos);
                self.jump_to_fail(pc, POP_JUMP_IF_FALSE, pos);
                Ok(())
            }
            PatternKind::MatchSingleton(value) => {
                self.load_const(value.clone(), pos);
                self.emit_arg(IS_OP, 0, pos);
                self.jump_to_fail(pc, POP_JUMP_IF_FALSE, pos);
                Ok(())
            }
            PatternKind::MatchSequence(patterns) => self.sequence_pattern(p, patterns, pc),
            PatternKind::MatchMapping {
                keys,
                patterns,
                rest,
            } => self.mapping_pattern(p, keys, patterns, rest.as_ref(), pc),
            PatternKind::MatchClass {
                cls,
                patterns,
                kwd_attrs,
                kwd_patterns,
            } => self.class_pattern(p, cls, patterns, kwd_attrs, kwd_patterns, pc),
            PatternKind::MatchStar(name) => self.store_name(name.as_ref(), pc, pos),
            PatternKind::MatchAs { pattern, name } => {
                self.as_pattern(p, pattern.as_deref(), name.as_ref(), pc)
            }
            PatternKind::MatchOr(patterns) => self.or_pattern(p, patterns, pc),
        }
    }

    /// A pattern within another: it may always match.
    fn sub_pattern(&mut self, p: &'a Pattern, pc: &mut Context) -> Res<()> {
        let outer = std::mem::replace(&mut pc.refutable_only, false);
        self.pattern(p, pc)?;
        pc.refutable_only = outer;
        Ok(())
    }

    fn as_pattern(
        &mut self,
        p: &'a Pattern,
        pattern: Option<&'a Pattern>,
        name: Option<&'a Name>,
        pc: &mut Context,
    ) -> Res<()> {
        let pos = p.pos;
        let Some(pattern) = pattern else {
            if pc.refutable_only {
                let message = match name {
                    Some(name) => {
                        format!("name capture '{name}' makes remaining patterns unreachable")
                    }
                    None => "wildcard makes remaining patterns unreachable".into(),
                };
                return self.error(message, pos);
            }
            return self.store_name(name, pc, pos);
        };
        // One copy to match, one to keep.
        pc.on_top += 1;
        self.emit_arg(COPY, 1, pos);
        self.pattern(pattern, pc)?;
        pc.on_top -= 1;
        self.store_name(name, pc, pos)
    }

    fn sequence_pattern(
        &mut self,
        p: &'a Pattern,
        patterns: &'a [Pattern],
        pc: &mut Context,
    ) -> Res<()> {
        let pos = p.pos;
        let size = patterns.len();
        let mut star = None;
        let mut star_wildcard = false;
        let mut only_wildcard = true;
        for (i, p) in patterns.iter().enumerate() {
            match &p.kind {
                PatternKind::MatchStar(name) => {
                    if star.is_some() {
                        return self.error("multiple starred expressions in sequence pattern", pos);
                    }
                    star = Some(i);
                    star_wildcard = name.is_none();
                    only_wildcard &= name.is_none();
                }
                PatternKind::MatchAs {
                    name: None,
                    pattern: None,
                } => {}
                _ => only_wildcard = false,
            }
        }
        pc.on_top += 1;
        self.emit(MATCH_SEQUENCE, pos);
        self.jump_to_fail(pc, POP_JUMP_IF_FALSE, pos);
        let compare_length = |this: &mut Self, pc: &mut Context, length: usize, op: CompareOp| {
            this.emit(GET_LEN, pos);
            this.load_const(Const::Int(length as i64), pos);
            this.emit_arg(COMPARE_OP, (op as usize) << 5, pos);
            // The comparison of two lengths is a plain boolean.
            this.jump_to_fail(pc, POP_JUMP_IF_FALSE, pos);
        };
        match star {
            None => compare_length(self, pc, size, CompareOp::Eq),
            Some(_) if size > 1 => compare_length(self, pc, size - 1, CompareOp::Ge),
            Some(_) => {}
        }
        // From here on the subject is used up by what follows.
        pc.on_top -= 1;
        if only_wildcard {
            self.emit(POP_TOP, pos);
            return Ok(());
        }
        match star {
            Some(star) if star_wildcard => self.sequence_by_index(pos, patterns, star, pc),
            _ => {
                match star {
                    Some(i) => self.emit_arg(UNPACK_EX, i + ((size - i - 1) << 8), pos),
                    None => self.emit_arg(UNPACK_SEQUENCE, size, pos),
                }
                pc.on_top += size;
                for p in patterns {
                    pc.on_top -= 1;
                    self.sub_pattern(p, pc)?;
                }
                Ok(())
            }
        }
    }

    /// With an anonymous star, elements are fetched one by one.
    fn sequence_by_index(
        &mut self,
        pos: Pos,
        patterns: &'a [Pattern],
        star: usize,
        pc: &mut Context,
    ) -> Res<()> {
        pc.on_top += 1;
        let size = patterns.len();
        for (i, p) in patterns.iter().enumerate() {
            if matches!(
                &p.kind,
                PatternKind::MatchAs {
                    name: None,
                    pattern: None
                }
            ) || i == star
            {
                continue;
            }
            self.emit_arg(COPY, 1, pos);
            if i < star {
                self.load_const(Const::Int(i as i64), pos);
            } else {
                self.emit(GET_LEN, pos);
                self.load_const(Const::Int((size - i) as i64), pos);
                self.emit_arg(BINARY_OP, BinaryOp::Subtract as usize, pos);
            }
            self.emit_arg(BINARY_OP, BinaryOp::Subscr as usize, pos);
            self.sub_pattern(p, pc)?;
        }
        pc.on_top -= 1;
        self.emit(POP_TOP, pos);
        Ok(())
    }

    fn mapping_pattern(
        &mut self,
        p: &'a Pattern,
        keys: &'a [Expr],
        patterns: &'a [Pattern],
        rest: Option<&'a Name>,
        pc: &mut Context,
    ) -> Res<()> {
        let pos = p.pos;
        let size = keys.len();
        pc.on_top += 1;
        self.emit(MATCH_MAPPING, pos);
        self.jump_to_fail(pc, POP_JUMP_IF_FALSE, pos);
        if size == 0 && rest.is_none() {
            // `{}` matches any mapping.
            pc.on_top -= 1;
            self.emit(POP_TOP, pos);
            return Ok(());
        }
        if size > 0 {
            self.emit(GET_LEN, pos);
            self.load_const(Const::Int(size as i64), pos);
            self.emit_arg(COMPARE_OP, (CompareOp::Ge as usize) << 5, pos);
            self.jump_to_fail(pc, POP_JUMP_IF_FALSE, pos);
        }
        let mut seen: Vec<&Const> = Vec::new();
        for key in keys {
            if let Some(value) = key.as_const() {
                if seen.iter().any(|s| crate::fold::keys_equal(s, value)) {
                    let shown = crate::unparse::const_repr(value);
                    return self.error(
                        format!("mapping pattern checks duplicate key ({shown})"),
                        pos,
                    );
                }
                seen.push(value);
            } else if !matches!(key.kind, ExprKind::Attribute { .. }) {
                return self.error(
                    "mapping pattern keys may only match literals and attribute lookups",
                    pos,
                );
            }
            self.expr(key)?;
        }
        self.emit_arg(BUILD_TUPLE, size, pos);
        self.emit(MATCH_KEYS, pos);
        // The subject, its keys, and the values or None.
        pc.on_top += 2;
        self.emit_arg(COPY, 1, pos);
        self.load_none(pos);
        self.emit_arg(IS_OP, 1, pos);
        self.jump_to_fail(pc, POP_JUMP_IF_FALSE, pos);
        self.emit_arg(UNPACK_SEQUENCE, size, pos);
        pc.on_top += size;
        pc.on_top -= 1;
        for p in patterns {
            pc.on_top -= 1;
            self.sub_pattern(p, pc)?;
        }
        // What is left: the subject and the tuple of keys.
        pc.on_top -= 2;
        if let Some(rest) = rest {
            // rest = dict(subject); for key in keys: del rest[key]
            self.emit_arg(BUILD_MAP, 0, pos);
            self.emit_arg(SWAP, 3, pos);
            self.emit_arg(DICT_UPDATE, 2, pos);
            self.emit_arg(UNPACK_SEQUENCE, size, pos);
            for left in (1..=size).rev() {
                self.emit_arg(COPY, 1 + left, pos);
                self.emit_arg(SWAP, 2, pos);
                self.emit(DELETE_SUBSCR, pos);
            }
            self.store_name(Some(rest), pc, pos)?;
        } else {
            self.emit(POP_TOP, pos);
            self.emit(POP_TOP, pos);
        }
        Ok(())
    }

    fn class_pattern(
        &mut self,
        p: &'a Pattern,
        cls: &'a Expr,
        patterns: &'a [Pattern],
        kwd_attrs: &'a [Name],
        kwd_patterns: &'a [Pattern],
        pc: &mut Context,
    ) -> Res<()> {
        let pos = p.pos;
        for (i, name) in kwd_attrs.iter().enumerate() {
            let at = kwd_patterns.get(i).map_or(pos, |p| p.pos);
            self.check_debug(name, Ctx::Store, at)?;
            if let Some(j) = kwd_attrs[i + 1..].iter().position(|n| n == name) {
                let at = kwd_patterns.get(i + 1 + j).map_or(pos, |p| p.pos);
                return self.error(
                    format!("attribute name repeated in class pattern: {name}"),
                    at,
                );
            }
        }
        self.expr(cls)?;
        let names = kwd_attrs.iter().map(|n| Const::str(n)).collect();
        self.load_const(Const::Tuple(names), pos);
        self.emit_arg(MATCH_CLASS, patterns.len(), pos);
        self.emit_arg(COPY, 1, pos);
        self.load_none(pos);
        self.emit_arg(IS_OP, 1, pos);
        pc.on_top += 1;
        self.jump_to_fail(pc, POP_JUMP_IF_FALSE, pos);
        let total = patterns.len() + kwd_patterns.len();
        self.emit_arg(UNPACK_SEQUENCE, total, pos);
        pc.on_top += total;
        pc.on_top -= 1;
        for p in patterns.iter().chain(kwd_patterns) {
            pc.on_top -= 1;
            if matches!(
                &p.kind,
                PatternKind::MatchAs {
                    name: None,
                    pattern: None
                }
            ) {
                self.emit(POP_TOP, pos);
                continue;
            }
            self.sub_pattern(p, pc)?;
        }
        Ok(())
    }

    fn or_pattern(&mut self, p: &'a Pattern, patterns: &'a [Pattern], pc: &mut Context) -> Res<()> {
        let pos = p.pos;
        let end = self.label();
        let outer = std::mem::take(pc);
        // The names of the first alternative, in the order in which it left them.
        let mut control: Option<Vec<Name>> = None;
        for (i, alt) in patterns.iter().enumerate() {
            let mut inner = Context {
                // Only the last alternative may always match.
                refutable_only: i + 1 < patterns.len() || outer.refutable_only,
                ..Context::default()
            };
            self.emit_arg(COPY, 1, alt.pos);
            self.pattern(alt, &mut inner)?;
            match &control {
                None => control = Some(inner.stores.clone()),
                Some(control) => {
                    if inner.stores.len() != control.len() {
                        return self.error("alternative patterns bind different names", pos);
                    }
                    // Brings the names into the first alternative's order.
                    let count = control.len();
                    for icontrol in (0..count).rev() {
                        let name = &control[icontrol];
                        let Some(istores) = inner.stores.iter().position(|n| n == name) else {
                            return self.error("alternative patterns bind different names", pos);
                        };
                        if icontrol != istores {
                            // Rotates the lower part of the stack so that `name` comes up.
                            let rotations = istores + 1;
                            let rotated: Vec<Name> = inner.stores.drain(..rotations).collect();
                            let at = icontrol - istores;
                            inner.stores.splice(at..at, rotated);
                            for _ in 0..rotations {
                                self.rotate(icontrol + 1, alt.pos);
                            }
                        }
                    }
                }
            }
            self.jump(Opc::Jump, end, alt.pos);
            self.emit_fail_pop(&mut inner, alt.pos);
        }
        *pc = outer;
        // No alternative matched: drop the subject and fail.
        self.emit(POP_TOP, pos);
        self.jump_to_fail(pc, Opc::Jump, pos);
        self.here(end);
        let control = control.unwrap_or_default();
        // The names lie on top, and the unused subject below them.
        let new = control.len();
        let rots = new + 1 + pc.on_top + pc.stores.len();
        for name in control {
            // Moves each name below the rest of what is on the stack.
            self.rotate(rots, pos);
            if pc.stores.contains(&name) {
                return self.error(
                    format!("multiple assignments to name '{name}' in pattern"),
                    pos,
                );
            }
            pc.stores.push(name);
        }
        self.emit(POP_TOP, pos);
        Ok(())
    }
}
