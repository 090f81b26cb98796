//! Rewrites of the tree before symbols are collected: what CPython still does on
//! its tree rather than on instructions. Constant arithmetic is not here but in
//! [`crate::flowgraph`]; only patterns, which allow `-1` and `1+2j`, need it early.

use crate::ast::*;
use crate::errors::{Warning, WarningCategory};
use taipan_bytecode::Const;

/// Whether the expression is a literal.
pub fn is_constant(e: &Expr) -> bool {
    e.as_const().is_some()
}

/// Whether two literal keys of a mapping pattern are equal as Python objects.
pub fn keys_equal(a: &Const, b: &Const) -> bool {
    let number = |c: &Const| match c {
        Const::Int(i) => Some((*i as f64, 0.0)),
        Const::True => Some((1.0, 0.0)),
        Const::False => Some((0.0, 0.0)),
        Const::Float(f) => Some((*f, 0.0)),
        Const::Complex { real, imag } => Some((*real, *imag)),
        _ => None,
    };
    match (a, b) {
        (Const::Int(a), Const::Int(b)) => a == b,
        _ => match (number(a), number(b)) {
            (Some(a), Some(b)) => a == b,
            _ => a == b,
        },
    }
}

/// What the pass depends on and what it found.
pub struct Folder {
    pub optimize: u8,
    /// Only checks syntax: `ast.parse` without optimisation.
    pub warnings: Vec<Warning>,
    /// Where a jump out of a `finally` would land (PEP 765).
    context: Vec<Flow>,
}

#[derive(Clone, Copy)]
struct Flow {
    in_finally: bool,
    in_function: bool,
    in_loop: bool,
}

/// Rewrites the tree in place; the result is the warnings.
pub fn fold(tree: &mut Mod, optimize: u8) -> Vec<Warning> {
    let mut f = Folder {
        optimize,
        warnings: Vec::new(),
        context: Vec::new(),
    };
    match tree {
        Mod::Module { body } => f.doc_body(body),
        Mod::Interactive { body } => f.body(body),
        Mod::Expression { body } => f.expr(body),
        Mod::FunctionType { argtypes, returns } => {
            f.exprs(argtypes);
            f.expr(returns);
        }
    }
    f.warnings
}

impl Folder {
    fn doc_body(&mut self, body: &mut Vec<Stmt>) {
        if self.optimize >= 2 && docstring(body).is_some() {
            let doc = body.remove(0);
            if body.is_empty() {
                body.push(Stmt {
                    kind: StmtKind::Pass,
                    pos: doc.pos,
                });
            }
        }
        self.body(body);
    }

    fn body(&mut self, body: &mut [Stmt]) {
        body.iter_mut().for_each(|s| self.stmt(s));
    }

    fn with<T>(&mut self, flow: Flow, f: impl FnOnce(&mut Self) -> T) -> T {
        self.context.push(flow);
        let result = f(self);
        self.context.pop();
        result
    }

    fn in_loop(&mut self, body: &mut [Stmt]) {
        let mut flow = self.context.last().copied().unwrap_or(Flow {
            in_finally: false,
            in_function: false,
            in_loop: false,
        });
        flow.in_loop = true;
        self.with(flow, |f| f.body(body));
    }

    fn leaves_finally(&mut self, what: &str, pos: Pos) {
        self.warnings.push(Warning {
            category: WarningCategory::Syntax,
            message: format!("'{what}' in a 'finally' block"),
            pos,
            origin: crate::errors::WarningOrigin::Compiler,
        });
    }

    fn exprs(&mut self, es: &mut [Expr]) {
        es.iter_mut().for_each(|e| self.expr(e));
    }

    fn opt(&mut self, e: &mut Option<Box<Expr>>) {
        if let Some(e) = e {
            self.expr(e);
        }
    }

    fn type_params(&mut self, params: &mut [TypeParam]) {
        for p in params {
            self.opt(&mut p.bound);
            self.opt(&mut p.default);
        }
    }

    fn arguments(&mut self, a: &mut Arguments) {
        for arg in a
            .posonlyargs
            .iter_mut()
            .chain(&mut a.args)
            .chain(&mut a.kwonlyargs)
        {
            self.opt(&mut arg.annotation);
        }
        for arg in a.vararg.iter_mut().chain(&mut a.kwarg) {
            self.opt(&mut arg.annotation);
        }
        self.exprs(&mut a.defaults);
        a.kw_defaults
            .iter_mut()
            .flatten()
            .for_each(|e| self.expr(e));
    }

    fn stmt(&mut self, s: &mut Stmt) {
        stacker::maybe_grow(64 << 10, 1 << 20, || self.stmt_inner(s));
    }

    fn stmt_inner(&mut self, s: &mut Stmt) {
        let flow = self.context.last().copied();
        match &mut s.kind {
            StmtKind::FunctionDef(f) => {
                self.type_params(&mut f.type_params);
                self.arguments(&mut f.args);
                let inner = Flow {
                    in_finally: false,
                    in_function: true,
                    in_loop: false,
                };
                self.with(inner, |this| this.doc_body(&mut f.body));
                self.exprs(&mut f.decorators);
                self.opt(&mut f.returns);
            }
            StmtKind::ClassDef(c) => {
                self.type_params(&mut c.type_params);
                self.exprs(&mut c.bases);
                c.keywords.iter_mut().for_each(|k| self.expr(&mut k.value));
                self.doc_body(&mut c.body);
                self.exprs(&mut c.decorators);
            }
            StmtKind::Return(value) => {
                if flow.is_some_and(|f| f.in_finally && !f.in_function) {
                    self.leaves_finally("return", s.pos);
                }
                self.opt(value);
            }
            StmtKind::Break if flow.is_some_and(|f| f.in_finally && !f.in_loop) => {
                self.leaves_finally("break", s.pos)
            }
            StmtKind::Continue if flow.is_some_and(|f| f.in_finally && !f.in_loop) => {
                self.leaves_finally("continue", s.pos);
            }
            StmtKind::Delete(targets) => self.exprs(targets),
            StmtKind::Assign { targets, value } => {
                self.exprs(targets);
                self.expr(value);
            }
            StmtKind::AugAssign { target, value, .. } => {
                self.expr(target);
                self.expr(value);
            }
            StmtKind::AnnAssign {
                target,
                annotation,
                value,
                ..
            } => {
                self.expr(target);
                self.expr(annotation);
                self.opt(value);
            }
            StmtKind::TypeAlias {
                name,
                type_params,
                value,
            } => {
                self.expr(name);
                self.type_params(type_params);
                self.expr(value);
            }
            StmtKind::For {
                target,
                iter,
                body,
                orelse,
                ..
            } => {
                self.expr(target);
                self.expr(iter);
                self.in_loop(body);
                self.body(orelse);
            }
            StmtKind::While { test, body, orelse } => {
                self.expr(test);
                self.in_loop(body);
                self.body(orelse);
            }
            StmtKind::If { test, body, orelse } => {
                self.expr(test);
                self.body(body);
                self.body(orelse);
            }
            StmtKind::With { items, body, .. } => {
                for item in items {
                    self.expr(&mut item.context);
                    self.opt(&mut item.vars);
                }
                self.body(body);
            }
            StmtKind::Match { subject, cases } => {
                self.expr(subject);
                for case in cases {
                    self.pattern(&mut case.pattern);
                    self.opt(&mut case.guard);
                    self.body(&mut case.body);
                }
            }
            StmtKind::Raise { exc, cause } => {
                self.opt(exc);
                self.opt(cause);
            }
            StmtKind::Try(t) => {
                self.body(&mut t.body);
                for h in &mut t.handlers {
                    self.opt(&mut h.typ);
                    self.body(&mut h.body);
                }
                self.body(&mut t.orelse);
                let inner = Flow {
                    in_finally: true,
                    in_function: false,
                    in_loop: false,
                };
                self.with(inner, |this| this.body(&mut t.finalbody));
            }
            StmtKind::Assert { test, msg } => {
                self.expr(test);
                self.opt(msg);
            }
            StmtKind::Expr(e) => self.expr(e),
            _ => {}
        }
    }

    fn pattern(&mut self, p: &mut Pattern) {
        stacker::maybe_grow(64 << 10, 1 << 20, || match &mut p.kind {
            PatternKind::MatchValue(v) => fold_pattern_constant(v),
            PatternKind::MatchSequence(ps) | PatternKind::MatchOr(ps) => {
                ps.iter_mut().for_each(|p| self.pattern(p))
            }
            PatternKind::MatchMapping { keys, patterns, .. } => {
                keys.iter_mut().for_each(fold_pattern_constant);
                patterns.iter_mut().for_each(|p| self.pattern(p));
            }
            PatternKind::MatchClass {
                cls,
                patterns,
                kwd_patterns,
                ..
            } => {
                self.expr(cls);
                patterns
                    .iter_mut()
                    .chain(kwd_patterns)
                    .for_each(|p| self.pattern(p));
            }
            PatternKind::MatchAs {
                pattern: Some(p), ..
            } => self.pattern(p),
            _ => {}
        });
    }

    fn comprehension(&mut self, generators: &mut [Comprehension]) {
        for g in generators {
            self.expr(&mut g.target);
            self.expr(&mut g.iter);
            self.exprs(&mut g.ifs);
        }
    }

    fn expr(&mut self, e: &mut Expr) {
        stacker::maybe_grow(64 << 10, 1 << 20, || self.expr_inner(e));
    }

    fn expr_inner(&mut self, e: &mut Expr) {
        match &mut e.kind {
            ExprKind::BoolOp { values, .. } => self.exprs(values),
            ExprKind::NamedExpr { target, value } => {
                self.expr(target);
                self.expr(value);
            }
            ExprKind::BinOp { left, op, right } => {
                self.expr(left);
                self.expr(right);
                if *op == Operator::Mod
                    && let Some(joined) = format_to_joined(left, right)
                {
                    e.kind = joined;
                }
            }
            ExprKind::UnaryOp { operand, .. } => self.expr(operand),
            ExprKind::Lambda { args, body } => {
                self.arguments(args);
                self.expr(body);
            }
            ExprKind::IfExp { test, body, orelse } => {
                self.expr(test);
                self.expr(body);
                self.expr(orelse);
            }
            ExprKind::Dict { keys, values } => {
                keys.iter_mut().flatten().for_each(|k| self.expr(k));
                self.exprs(values);
            }
            ExprKind::Set(es) | ExprKind::JoinedStr(es) | ExprKind::TemplateStr(es) => {
                self.exprs(es)
            }
            ExprKind::List { elts, .. } | ExprKind::Tuple { elts, .. } => self.exprs(elts),
            ExprKind::ListComp { elt, generators }
            | ExprKind::SetComp { elt, generators }
            | ExprKind::GeneratorExp { elt, generators } => {
                self.expr(elt);
                self.comprehension(generators);
            }
            ExprKind::DictComp {
                key,
                value,
                generators,
            } => {
                self.expr(key);
                self.expr(value);
                self.comprehension(generators);
            }
            ExprKind::Await(v) | ExprKind::YieldFrom(v) => self.expr(v),
            ExprKind::Yield(v) => self.opt(v),
            ExprKind::Compare {
                left, comparators, ..
            } => {
                self.expr(left);
                self.exprs(comparators);
            }
            ExprKind::Call {
                func,
                args,
                keywords,
            } => {
                self.expr(func);
                self.exprs(args);
                keywords.iter_mut().for_each(|k| self.expr(&mut k.value));
            }
            ExprKind::FormattedValue {
                value, format_spec, ..
            }
            | ExprKind::Interpolation {
                value, format_spec, ..
            } => {
                self.expr(value);
                self.opt(format_spec);
            }
            ExprKind::Attribute { value, .. } | ExprKind::Starred { value, .. } => self.expr(value),
            ExprKind::Subscript { value, slice, .. } => {
                self.expr(value);
                self.expr(slice);
            }
            ExprKind::Slice { lower, upper, step } => {
                self.opt(lower);
                self.opt(upper);
                self.opt(step);
            }
            ExprKind::Name { id, ctx: Ctx::Load } if &**id == "__debug__" => {
                let value = if self.optimize == 0 {
                    Const::True
                } else {
                    Const::False
                };
                e.kind = ExprKind::Constant {
                    value,
                    u_prefix: false,
                };
            }
            ExprKind::Name { .. } | ExprKind::Constant { .. } => {}
        }
    }
}

/// `-1`, `1+2j` and `-1-2j` as constants.
fn fold_pattern_constant(e: &mut Expr) {
    fn negate(c: &Const) -> Option<Const> {
        crate::flowgraph::folding::unary(crate::flowgraph::folding::Unary::Negative, c)
    }
    let value = match &e.kind {
        ExprKind::UnaryOp {
            op: UnaryOp::USub,
            operand,
        } => operand.as_const().and_then(negate),
        ExprKind::BinOp {
            left,
            op: op @ (Operator::Add | Operator::Sub),
            right,
        } => {
            let left = match &left.kind {
                ExprKind::UnaryOp {
                    op: UnaryOp::USub,
                    operand,
                } => operand.as_const().and_then(negate),
                _ => left.as_const().cloned(),
            };
            let op = if *op == Operator::Add {
                taipan_bytecode::opcode::BinaryOp::Add
            } else {
                taipan_bytecode::opcode::BinaryOp::Subtract
            };
            left.zip(right.as_const())
                .and_then(|(l, r)| crate::flowgraph::folding::binary(op as u32, &l, r))
        }
        _ => None,
    };
    if let Some(value) = value {
        e.kind = ExprKind::Constant {
            value,
            u_prefix: false,
        };
    }
}

/// `"...%s..." % (a, b)` as an f-string, if only `%s`, `%r` and `%a` occur.
fn format_to_joined(left: &Expr, right: &mut Expr) -> Option<ExprKind> {
    let Some(Const::Str(format)) = left.as_const() else {
        return None;
    };
    let ExprKind::Tuple { elts, .. } = &mut right.kind else {
        return None;
    };
    if elts
        .iter()
        .any(|e| matches!(e.kind, ExprKind::Starred { .. }))
    {
        return None;
    }
    enum Part {
        Text(Vec<u8>),
        Value { conversion: u8, spec: String },
    }
    let mut parts = Vec::new();
    let mut text = Vec::new();
    let mut at = 0;
    let mut values = 0;
    while at < format.len() {
        if format[at] != b'%' {
            text.push(format[at]);
            at += 1;
            continue;
        }
        at += 1;
        if format.get(at) == Some(&b'%') {
            text.push(b'%');
            at += 1;
            continue;
        }
        let mut left_adjust = false;
        while let Some(b'-' | b'+' | b' ' | b'#' | b'0') = format.get(at) {
            if format[at] != b'-' {
                return None;
            }
            left_adjust = true;
            at += 1;
        }
        let digits = |at: &mut usize| {
            let start = *at;
            while format.get(*at).is_some_and(u8::is_ascii_digit) {
                *at += 1;
            }
            let text = String::from_utf8_lossy(&format[start..*at]).into_owned();
            (text.len() < 3).then_some(text)
        };
        let width = digits(&mut at)?;
        let mut precision = None;
        if format.get(at) == Some(&b'.') {
            at += 1;
            precision = Some(digits(&mut at)?);
        }
        let conversion = *format.get(at)?;
        if !matches!(conversion, b's' | b'r' | b'a') {
            return None;
        }
        at += 1;
        let mut spec = String::new();
        if !width.is_empty() {
            if !left_adjust {
                spec.push('>');
            }
            spec.push_str(&width);
        }
        if let Some(precision) = precision {
            spec.push('.');
            spec.push_str(if precision.is_empty() {
                "0"
            } else {
                &precision
            });
        }
        if !text.is_empty() {
            parts.push(Part::Text(std::mem::take(&mut text)));
        }
        parts.push(Part::Value { conversion, spec });
        values += 1;
    }
    if values != elts.len() {
        return None;
    }
    if !text.is_empty() {
        parts.push(Part::Text(text));
    }
    let constant = |value: Const, pos| Expr {
        kind: ExprKind::Constant {
            value,
            u_prefix: false,
        },
        pos,
    };
    let mut args = std::mem::take(elts).into_iter();
    let joined = parts
        .into_iter()
        .filter_map(|part| match part {
            Part::Text(text) => Some(constant(Const::Str(text.into()), Pos::NONE)),
            Part::Value { conversion, spec } => {
                let value = args.next()?;
                let at = value.pos;
                let format_spec =
                    (!spec.is_empty()).then(|| Box::new(constant(Const::str(&spec), at)));
                let kind = ExprKind::FormattedValue {
                    value: Box::new(value),
                    conversion: i32::from(conversion),
                    format_spec,
                };
                Some(Expr { kind, pos: at })
            }
        })
        .collect();
    Some(ExprKind::JoinedStr(joined))
}
