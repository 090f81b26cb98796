//! Calls.

use super::expression::{STACK_GUIDELINE, literal_type};
use super::statement::attribute_pos;
use super::*;
use crate::symtable::{Opens, flag};
use taipan_bytecode::Op::*;
use taipan_bytecode::{CommonConstant, Intrinsic1};

const NO: Pos = Pos::NONE;

impl<'a> Compiler<'a> {
    pub(super) fn call(
        &mut self,
        e: &'a Expr,
        func: &'a Expr,
        args: &'a [Expr],
        keywords: &'a [Keyword],
    ) -> Res<()> {
        self.check_keywords(keywords)?;
        if self.method_call(e, func, args, keywords)? {
            return Ok(());
        }
        let end = self.label();
        self.check_callable(func);
        self.expr(func)?;
        self.builtin_over_generator(func, args, keywords, end)?;
        self.emit(PUSH_NULL, func.pos);
        self.call_helper(e.pos, 0, args, None, keywords)?;
        self.here(end);
        Ok(())
    }

    fn check_keywords(&self, keywords: &[Keyword]) -> Res<()> {
        for (i, k) in keywords.iter().enumerate() {
            let Some(name) = &k.arg else { continue };
            self.check_debug(name, Ctx::Store, k.pos)?;
            if keywords[..i]
                .iter()
                .any(|other| other.arg.as_ref() == Some(name))
            {
                return self.error(format!("keyword argument repeated: {name}"), k.pos);
            }
        }
        Ok(())
    }

    fn check_callable(&mut self, func: &Expr) {
        let literal = matches!(
            func.kind,
            ExprKind::Constant { .. }
                | ExprKind::Tuple { .. }
                | ExprKind::List { .. }
                | ExprKind::ListComp { .. }
                | ExprKind::Dict { .. }
                | ExprKind::DictComp { .. }
                | ExprKind::Set(_)
                | ExprKind::SetComp { .. }
                | ExprKind::GeneratorExp { .. }
                | ExprKind::JoinedStr(_)
                | ExprKind::FormattedValue { .. }
                | ExprKind::TemplateStr(_)
                | ExprKind::Interpolation { .. }
        );
        if literal && let Some(kind) = literal_type(func) {
            self.warn(
                format!("'{kind}' object is not callable; perhaps you missed a comma?"),
                func.pos,
            );
        }
    }

    /// `object.method(...)`: without a bound method in between.
    fn method_call(
        &mut self,
        e: &'a Expr,
        func: &'a Expr,
        args: &'a [Expr],
        keywords: &'a [Keyword],
    ) -> Res<bool> {
        let ExprKind::Attribute {
            value,
            attr,
            ctx: Ctx::Load,
        } = &func.kind
        else {
            return Ok(false);
        };
        // Attributes of imported modules are functions, not methods.
        if let Some(name) = value.as_name() {
            let symbol = match self.units[0].overrides.get(name) {
                Some(symbol) => Some(symbol),
                None => self.table.blocks[SymbolTable::TOP].symbols.get(name),
            };
            if symbol.is_some_and(|s| s.flags & flag::IMPORT != 0) {
                return Ok(false);
            }
        }
        if args.len() + keywords.len() + usize::from(!keywords.is_empty()) >= STACK_GUIDELINE
            || args
                .iter()
                .any(|a| matches!(a.kind, ExprKind::Starred { .. }))
            || keywords.iter().any(|k| k.arg.is_none())
        {
            return Ok(false);
        }
        let name = self.mangled(attr);
        let at = attribute_pos(func.pos, func, attr);
        if self.is_plain_super(value, attr) {
            self.load_super_arguments(value)?;
            let two = matches!(&value.kind, ExprKind::Call { args, .. } if !args.is_empty());
            self.emit_super(&name, two, true, func.pos);
            self.emit(NOP, at);
        } else {
            self.expr(value)?;
            let index = self.unit().names.insert_full(name).0;
            self.emit_arg(LOAD_ATTR, index << 1 | 1, at);
        }
        self.exprs(args)?;
        let end = attribute_pos(e.pos, func, attr);
        if keywords.is_empty() {
            self.emit_arg(CALL, args.len(), end);
        } else {
            keywords.iter().try_for_each(|k| self.expr(&k.value))?;
            self.keyword_names(keywords, at);
            self.emit_arg(CALL_KW, args.len() + keywords.len(), end);
        }
        Ok(true)
    }

    fn keyword_names(&mut self, keywords: &[Keyword], pos: Pos) {
        let names = keywords
            .iter()
            .flat_map(|k| &k.arg)
            .map(|n| Const::str(n))
            .collect();
        self.load_const(Const::Tuple(names), pos);
    }

    /// `any`, `all` and `tuple` of a generator expression loop in place, if they
    /// still are the builtins when it runs.
    fn builtin_over_generator(
        &mut self,
        func: &'a Expr,
        args: &'a [Expr],
        keywords: &[Keyword],
        end: Label,
    ) -> Res<()> {
        let (
            Some(name),
            [
                generator @ Expr {
                    kind: ExprKind::GeneratorExp { .. },
                    ..
                },
            ],
            [],
        ) = (func.as_name(), args, keywords)
        else {
            return Ok(());
        };
        let (which, initial) = match &**name {
            "all" => (CommonConstant::All, Some(true)),
            "any" => (CommonConstant::Any, Some(false)),
            "tuple" => (CommonConstant::Tuple, None),
            _ => return Ok(()),
        };
        // An asynchronous generator is not iterated over here.
        let block = self.opened(generator, Opens::Body);
        if self.table.blocks[block].is_coroutine {
            return Ok(());
        }
        let pos = func.pos;
        let constant = |b: bool| if b { Const::True } else { Const::False };
        let (skip, top, cleanup) = (self.label(), self.label(), self.label());
        self.emit_arg(COPY, 1, pos);
        self.emit_arg(LOAD_COMMON_CONSTANT, which as usize, pos);
        self.emit_arg(IS_OP, 0, pos);
        self.jump(POP_JUMP_IF_FALSE, skip, pos);
        self.emit(POP_TOP, pos);
        if initial.is_none() {
            self.emit_arg(BUILD_LIST, 0, pos);
        }
        self.expr(generator)?;
        self.here(top);
        self.jump(FOR_ITER, cleanup, pos);
        match initial {
            None => {
                self.emit_arg(LIST_APPEND, 2, pos);
                self.jump(Opc::Jump, top, pos);
            }
            Some(initial) => {
                self.emit(TO_BOOL, pos);
                self.jump(
                    if initial {
                        POP_JUMP_IF_TRUE
                    } else {
                        POP_JUMP_IF_FALSE
                    },
                    top,
                    pos,
                );
            }
        }
        self.emit(POP_ITER, NO);
        if let Some(initial) = initial {
            self.load_const(constant(!initial), pos);
        }
        self.jump(Opc::Jump, end, pos);
        self.here(cleanup);
        self.emit(END_FOR, NO);
        self.emit(POP_ITER, NO);
        match initial {
            None => self.emit_arg(CALL_INTRINSIC_1, Intrinsic1::ListToTuple as usize, pos),
            Some(initial) => self.load_const(constant(initial), pos),
        }
        self.jump(Opc::Jump, end, pos);
        self.here(skip);
        Ok(())
    }

    /// Arguments and the call itself; `pushed` arguments are on the stack, and
    /// `extra` names one more positional argument.
    pub(super) fn call_helper(
        &mut self,
        pos: Pos,
        pushed: usize,
        args: &'a [Expr],
        extra: Option<&str>,
        keywords: &'a [Keyword],
    ) -> Res<()> {
        self.check_keywords(keywords)?;
        let starred = args
            .iter()
            .any(|a| matches!(a.kind, ExprKind::Starred { .. }));
        let unpacked = keywords.iter().any(|k| k.arg.is_none());
        if !starred && !unpacked && args.len() + keywords.len() * 2 <= STACK_GUIDELINE {
            self.exprs(args)?;
            let mut count = pushed + args.len();
            if let Some(extra) = extra {
                self.load_named(extra, pos)?;
                count += 1;
            }
            if keywords.is_empty() {
                self.emit_arg(CALL, count, pos);
            } else {
                keywords.iter().try_for_each(|k| self.expr(&k.value))?;
                self.keyword_names(keywords, pos);
                self.emit_arg(CALL_KW, count + keywords.len(), pos);
            }
            return Ok(());
        }
        match args {
            [
                Expr {
                    kind: ExprKind::Starred { value, .. },
                    ..
                },
            ] if pushed == 0 && extra.is_none() => self.expr(value)?,
            _ => self.sequence(pos, args, extra, pushed, BUILD_TUPLE)?,
        }
        if keywords.is_empty() {
            self.emit(PUSH_NULL, pos);
        } else {
            let mut have_dict = false;
            let mut start = 0;
            for (i, k) in keywords.iter().enumerate() {
                if k.arg.is_some() {
                    continue;
                }
                if start < i {
                    self.keyword_dict(pos, &keywords[start..i])?;
                    if have_dict {
                        self.emit_arg(DICT_MERGE, 1, pos);
                    }
                    have_dict = true;
                }
                start = i + 1;
                if !have_dict {
                    self.emit_arg(BUILD_MAP, 0, pos);
                    have_dict = true;
                }
                self.expr(&k.value)?;
                self.emit_arg(DICT_MERGE, 1, pos);
            }
            if start < keywords.len() {
                self.keyword_dict(pos, &keywords[start..])?;
                if have_dict {
                    self.emit_arg(DICT_MERGE, 1, pos);
                }
            }
        }
        self.emit(CALL_FUNCTION_EX, pos);
        Ok(())
    }

    fn keyword_dict(&mut self, pos: Pos, keywords: &'a [Keyword]) -> Res<()> {
        let big = keywords.len() * 2 > STACK_GUIDELINE;
        if big {
            self.emit_arg(BUILD_MAP, 0, NO);
        }
        for k in keywords {
            if let Some(name) = &k.arg {
                self.load_const(Const::str(name), pos);
            }
            self.expr(&k.value)?;
            if big {
                self.emit_arg(MAP_ADD, 1, NO);
            }
        }
        if !big {
            self.emit_arg(BUILD_MAP, keywords.len(), pos);
        }
        Ok(())
    }
}
