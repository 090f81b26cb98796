//! Functions, lambdas, their annotations, and type parameters.

use super::*;
use crate::symtable::Opens;
use taipan_bytecode::Op::*;
use taipan_bytecode::{Code, FunctionAttribute, Intrinsic1, Intrinsic2};

const NO: Pos = Pos::NONE;

impl<'a> Compiler<'a> {
    pub(super) fn apply_decorators(&mut self, decorators: &'a [Expr]) {
        for d in decorators.iter().rev() {
            self.emit_arg(CALL, 0, d.pos);
        }
    }

    fn defaults(&mut self, args: &'a Arguments, pos: Pos) -> Res<u32> {
        let mut flags = 0;
        if !args.defaults.is_empty() {
            flags |= FunctionAttribute::DEFAULTS;
            args.defaults.iter().try_for_each(|d| self.expr(d))?;
            self.emit_arg(BUILD_TUPLE, args.defaults.len(), pos);
        }
        let mut count = 0;
        for (arg, default) in args.kwonlyargs.iter().zip(&args.kw_defaults) {
            if let Some(default) = default {
                let mangled = self.mangled(&arg.arg);
                self.load_const(Const::str(&mangled), pos);
                self.expr(default)?;
                count += 1;
            }
        }
        if count > 0 {
            flags |= FunctionAttribute::KW_DEFAULTS;
            self.emit_arg(BUILD_MAP, count, pos);
        }
        Ok(flags)
    }

    fn check_parameters(&self, args: &Arguments) -> Res<()> {
        let all = args
            .posonlyargs
            .iter()
            .chain(&args.args)
            .chain(args.vararg.as_deref());
        for a in all.chain(&args.kwonlyargs).chain(args.kwarg.as_deref()) {
            self.check_debug(&a.arg, Ctx::Store, a.pos)?;
        }
        Ok(())
    }

    fn set_counts(&mut self, args: &Arguments) {
        let unit = self.unit();
        unit.posonly_count = args.posonlyargs.len() as u32;
        unit.arg_count = unit.posonly_count + args.args.len() as u32;
        unit.kwonly_count = args.kwonlyargs.len() as u32;
    }

    pub(super) fn function_def(&mut self, s: &'a Stmt, f: &'a FunctionDef) -> Res<()> {
        self.check_parameters(&f.args)?;
        f.decorators.iter().try_for_each(|d| self.expr(d))?;
        let first_line = f.decorators.first().map_or(s.pos.line, |d| d.pos.line);
        let pos = s.pos;
        let mut flags = self.defaults(&f.args, pos)?;
        let generic = !f.type_params.is_empty();
        let mut passed = 0;
        if generic {
            let both = FunctionAttribute::DEFAULTS | FunctionAttribute::KW_DEFAULTS;
            passed = (flags & both).count_ones() as usize;
            if passed == 2 {
                self.emit_arg(SWAP, 2, pos);
            }
            let name: Name = format!("<generic parameters of {}>", f.name).into();
            let block = self.opened(s, Opens::TypeParams);
            self.enter(name, UnitKind::TypeParams, block, first_line, None);
            self.unit().arg_count = passed as u32;
            self.type_params(&f.type_params)?;
            for i in 0..passed {
                self.emit_arg(LOAD_FAST, i, pos);
            }
        }
        flags |= self.function_annotations(s, f)?;
        let code = self.function_body(s, f, first_line)?;
        self.make_closure(code, flags, pos)?;
        if generic {
            self.emit_arg(SWAP, 2, pos);
            self.emit_arg(
                CALL_INTRINSIC_2,
                Intrinsic2::SetFunctionTypeParams as usize,
                pos,
            );
            self.emit(RETURN_VALUE, pos);
            let code = self.leave(false)?;
            self.make_closure(code, 0, pos)?;
            if passed > 0 {
                self.emit_arg(SWAP, passed + 1, pos);
                self.emit_arg(CALL, passed - 1, pos);
            } else {
                self.emit(PUSH_NULL, pos);
                self.emit_arg(CALL, 0, pos);
            }
        }
        self.apply_decorators(&f.decorators);
        self.name_op(&f.name, Ctx::Store, pos)
    }

    fn function_body(&mut self, s: &'a Stmt, f: &'a FunctionDef, first_line: i32) -> Res<Code> {
        let kind = if f.is_async {
            UnitKind::AsyncFunction
        } else {
            UnitKind::Function
        };
        let block = self.opened(s, Opens::Body);
        self.enter(f.name.clone(), kind, block, first_line, None);
        self.set_counts(&f.args);
        let mut body = &f.body[..];
        if self.settings.optimize < 2
            && let Some(doc) = docstring(body)
        {
            // By convention the docstring is the first constant.
            let doc = Const::Str(clean(doc));
            self.unit().consts.add(doc);
            self.unit().has_docstring = true;
            body = &body[1..];
        }
        self.stmts(body)?;
        let b = self.block();
        if b.is_generator || b.is_coroutine {
            self.wrap_stop_iteration();
        }
        self.leave(true)
    }

    /// Makes a `StopIteration` that leaves a generator a `RuntimeError` (PEP 479).
    pub(super) fn wrap_stop_iteration(&mut self) {
        let handler = self.label();
        let seq = &mut self.unit().seq;
        for label in &mut seq.labels {
            // Labels not placed yet stay at the largest number.
            *label = label.saturating_add(1);
        }
        seq.instrs.insert(
            0,
            Ins {
                op: Opc::SetupCleanup,
                arg: handler.0,
                pos: NO,
            },
        );
        self.load_none(NO);
        self.emit(RETURN_VALUE, NO);
        self.here(handler);
        self.emit_arg(
            CALL_INTRINSIC_1,
            Intrinsic1::StopIterationError as usize,
            NO,
        );
        self.emit_arg(RERAISE, 1, NO);
    }

    /// The value of an annotation: the expression, or its text under the future import.
    pub(super) fn annotation_value(&mut self, annotation: &'a Expr, pos: Pos) -> Res<()> {
        if self.future_annotations() {
            let text = crate::unparse::unparse(annotation);
            self.load_const(Const::Str(text.into()), annotation.pos);
            return Ok(());
        }
        if let ExprKind::Starred { value, .. } = &annotation.kind {
            // `*args: *Ts`
            self.expr(value)?;
            self.emit_arg(UNPACK_SEQUENCE, 1, pos);
            return Ok(());
        }
        self.expr(annotation)
    }

    /// Makes the annotations of a function; the result is the attribute they set.
    fn function_annotations(&mut self, s: &'a Stmt, f: &'a FunctionDef) -> Res<u32> {
        let a = &f.args;
        let all = a
            .args
            .iter()
            .chain(&a.posonlyargs)
            .chain(a.vararg.as_deref())
            .chain(&a.kwonlyargs)
            .chain(a.kwarg.as_deref());
        let returns: Name = "return".into();
        let annotated: Vec<(&'a Name, &'a Expr)> = all
            .filter_map(|arg| arg.annotation.as_deref().map(|e| (&arg.arg, e)))
            .collect();
        if annotated.is_empty() && f.returns.is_none() {
            return Ok(0);
        }
        let pos = s.pos;
        let block = self.opened(s, Opens::Annotations);
        let function = self.qualname(&f.name, UnitKind::Function);
        self.enter_annotations("__annotate__".into(), block, pos)?;
        self.unit().qualname = format!("{function}.__annotate__");
        let mut count = 0;
        for (name, annotation) in annotated {
            let mangled = self.mangled(name);
            self.load_const(Const::str(&mangled), pos);
            self.annotation_value(annotation, pos)?;
            count += 1;
        }
        if let Some(annotation) = &f.returns {
            self.load_const(Const::str(&returns), pos);
            self.annotation_value(annotation, pos)?;
            count += 1;
        }
        self.emit_arg(BUILD_MAP, count, pos);
        self.emit(RETURN_VALUE, pos);
        let code = self.leave(true)?;
        self.make_closure(code, 0, pos)?;
        Ok(FunctionAttribute::ANNOTATE)
    }

    pub(super) fn lambda(&mut self, e: &'a Expr, args: &'a Arguments, body: &'a Expr) -> Res<()> {
        self.check_parameters(args)?;
        let pos = e.pos;
        let flags = self.defaults(args, pos)?;
        let block = self.opened(e, Opens::Body);
        self.enter("<lambda>".into(), UnitKind::Lambda, block, pos.line, None);
        self.set_counts(args);
        self.expr(body)?;
        self.emit(RETURN_VALUE, body.pos);
        let code = self.leave(true)?;
        self.make_closure(code, flags, pos)
    }

    /// A function that evaluates one expression when asked to (PEP 695).
    fn evaluator(
        &mut self,
        name: &Name,
        value: &'a Expr,
        block: crate::symtable::BlockId,
        pos: Pos,
        allow_starred: bool,
    ) -> Res<()> {
        self.load_const(Const::Tuple(vec![Const::Int(1)]), pos);
        self.enter_annotations(name.clone(), block, pos)?;
        if allow_starred && let ExprKind::Starred { value: inner, .. } = &value.kind {
            self.expr(inner)?;
            self.emit_arg(UNPACK_SEQUENCE, 1, pos);
        } else {
            self.expr(value)?;
        }
        self.emit(RETURN_VALUE, pos);
        let code = self.leave(true)?;
        self.make_closure(code, FunctionAttribute::DEFAULTS, pos)
    }

    pub(super) fn type_params(&mut self, params: &'a [TypeParam]) -> Res<()> {
        let Some(first) = params.first() else {
            return Ok(());
        };
        for p in params {
            let pos = p.pos;
            self.load_const(Const::str(&p.name), pos);
            let plain = match p.kind {
                TypeParamKind::TypeVar => Intrinsic1::TypeVar,
                TypeParamKind::ParamSpec => Intrinsic1::ParamSpec,
                TypeParamKind::TypeVarTuple => Intrinsic1::TypeVarTuple,
            };
            if let Some(bound) = &p.bound {
                let block = self.opened(p, Opens::Body);
                self.evaluator(&p.name, bound, block, bound.pos, false)?;
                let how = if matches!(bound.kind, ExprKind::Tuple { .. }) {
                    Intrinsic2::TypeVarWithConstraints
                } else {
                    Intrinsic2::TypeVarWithBound
                };
                self.emit_arg(CALL_INTRINSIC_2, how as usize, pos);
            } else {
                self.emit_arg(CALL_INTRINSIC_1, plain as usize, pos);
            }
            if let Some(default) = &p.default {
                let block = self.opened(p, Opens::Default);
                let starred = p.kind == TypeParamKind::TypeVarTuple;
                self.evaluator(&p.name, default, block, default.pos, starred)?;
                self.emit_arg(
                    CALL_INTRINSIC_2,
                    Intrinsic2::SetTypeParamDefault as usize,
                    pos,
                );
            }
            self.emit_arg(COPY, 1, pos);
            self.name_op(&p.name, Ctx::Store, pos)?;
        }
        self.emit_arg(BUILD_TUPLE, params.len(), first.pos);
        Ok(())
    }

    pub(super) fn type_alias(
        &mut self,
        s: &'a Stmt,
        name: &'a Expr,
        params: &'a [TypeParam],
        value: &'a Expr,
    ) -> Res<()> {
        let Some(id) = name.as_name() else {
            return self.error("invalid syntax", s.pos);
        };
        let pos = s.pos;
        self.check_debug(id, Ctx::Store, name.pos)?;
        let generic = !params.is_empty();
        if generic {
            let block = self.opened(s, Opens::TypeParams);
            let scope: Name = format!("<generic parameters of {id}>").into();
            self.enter(scope, UnitKind::TypeParams, block, pos.line, None);
            self.load_const(Const::str(id), pos);
            self.type_params(params)?;
        } else {
            self.load_const(Const::str(id), pos);
            self.load_none(pos);
        }
        let block = self.opened(s, Opens::Body);
        self.evaluator(id, value, block, pos, false)?;
        self.emit_arg(BUILD_TUPLE, 3, pos);
        self.emit_arg(CALL_INTRINSIC_1, Intrinsic1::TypeAlias as usize, pos);
        if generic {
            self.emit(RETURN_VALUE, pos);
            let code = self.leave(false)?;
            self.make_closure(code, 0, pos)?;
            self.emit(PUSH_NULL, pos);
            self.emit_arg(CALL, 0, pos);
        }
        self.name_op(id, Ctx::Store, pos)
    }
}

fn clean(doc: &[u8]) -> Box<[u8]> {
    super::module::clean_doc(doc).into()
}
