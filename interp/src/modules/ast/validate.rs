//! What must hold of a tree beyond the types of its fields, checked of trees made by hand.

use taipan_bytecode::Const;
use taipan_compiler::ast::*;

/// Why a tree is refused, by the exception it becomes.
pub enum Invalid {
    Value(String),
    Type(String),
}

type Check = Result<(), Invalid>;

fn value(message: impl Into<String>) -> Check {
    Err(Invalid::Value(message.into()))
}

fn ensure(ok: bool, message: &str) -> Check {
    if ok { Ok(()) } else { value(message) }
}

/// Checks a tree.
///
/// # Errors
/// What CPython's validation of trees says.
pub fn validate(tree: &Mod) -> Check {
    match tree {
        Mod::Module { body } | Mod::Interactive { body } => stmts(body),
        Mod::Expression { body } => expr(body, Ctx::Load),
        Mod::FunctionType { argtypes, returns } => {
            exprs(argtypes, Ctx::Load)?;
            expr(returns, Ctx::Load)
        }
    }
}

fn name(name: &str) -> Check {
    match name {
        "None" | "True" | "False" => value(format!(
            "identifier field can't represent '{name}' constant"
        )),
        _ => Ok(()),
    }
}

fn nonempty<T>(items: &[T], what: &str, owner: &str) -> Check {
    ensure(!items.is_empty(), &format!("empty {what} on {owner}"))
}

fn body(body: &[Stmt], owner: &str) -> Check {
    nonempty(body, "body", owner)?;
    stmts(body)
}

fn stmts(body: &[Stmt]) -> Check {
    body.iter().try_for_each(stmt)
}

fn exprs(items: &[Expr], ctx: Ctx) -> Check {
    items.iter().try_for_each(|e| expr(e, ctx))
}

fn opt(e: &Option<Box<Expr>>) -> Check {
    e.as_ref().map_or(Ok(()), |e| expr(e, Ctx::Load))
}

fn assigned(targets: &[Expr], ctx: Ctx, owner: &str) -> Check {
    nonempty(targets, "targets", owner)?;
    exprs(targets, ctx)
}

fn keywords(items: &[Keyword]) -> Check {
    items.iter().try_for_each(|k| expr(&k.value, Ctx::Load))
}

fn type_params(params: &[TypeParam]) -> Check {
    params.iter().try_for_each(|p| {
        name(&p.name)?;
        opt(&p.bound)?;
        opt(&p.default)
    })
}

fn arguments(a: &Arguments) -> Check {
    let arg = |a: &Arg| opt(&a.annotation);
    a.posonlyargs.iter().try_for_each(arg)?;
    a.args.iter().try_for_each(arg)?;
    a.vararg.iter().try_for_each(|a| arg(a))?;
    a.kwonlyargs.iter().try_for_each(arg)?;
    a.kwarg.iter().try_for_each(|a| arg(a))?;
    ensure(
        a.defaults.len() <= a.posonlyargs.len() + a.args.len(),
        "more positional defaults than args on arguments",
    )?;
    ensure(
        a.kw_defaults.len() == a.kwonlyargs.len(),
        "length of kwonlyargs is not the same as kw_defaults on arguments",
    )?;
    exprs(&a.defaults, Ctx::Load)?;
    a.kw_defaults
        .iter()
        .flatten()
        .try_for_each(|d| expr(d, Ctx::Load))
}

fn stmt(s: &Stmt) -> Check {
    match &s.kind {
        StmtKind::FunctionDef(f) => {
            body(
                &f.body,
                if f.is_async {
                    "AsyncFunctionDef"
                } else {
                    "FunctionDef"
                },
            )?;
            type_params(&f.type_params)?;
            arguments(&f.args)?;
            exprs(&f.decorators, Ctx::Load)?;
            opt(&f.returns)
        }
        StmtKind::ClassDef(c) => {
            body(&c.body, "ClassDef")?;
            type_params(&c.type_params)?;
            exprs(&c.bases, Ctx::Load)?;
            keywords(&c.keywords)?;
            exprs(&c.decorators, Ctx::Load)
        }
        StmtKind::Return(e) => opt(e),
        StmtKind::Delete(targets) => assigned(targets, Ctx::Del, "Delete"),
        StmtKind::Assign { targets, value } => {
            assigned(targets, Ctx::Store, "Assign")?;
            expr(value, Ctx::Load)
        }
        StmtKind::TypeAlias {
            name,
            type_params: params,
            value,
        } => {
            if name.as_name().is_none() {
                return Err(Invalid::Type("TypeAlias with non-Name name".into()));
            }
            expr(name, Ctx::Store)?;
            type_params(params)?;
            expr(value, Ctx::Load)
        }
        StmtKind::AugAssign { target, value, .. } => {
            expr(target, Ctx::Store)?;
            expr(value, Ctx::Load)
        }
        StmtKind::AnnAssign {
            target,
            annotation,
            value,
            simple,
        } => {
            if *simple && target.as_name().is_none() {
                return Err(Invalid::Type(
                    "AnnAssign with simple non-Name target".into(),
                ));
            }
            expr(target, Ctx::Store)?;
            opt(value)?;
            expr(annotation, Ctx::Load)
        }
        StmtKind::For {
            target,
            iter,
            body: b,
            orelse,
            is_async,
        } => {
            expr(target, Ctx::Store)?;
            expr(iter, Ctx::Load)?;
            body(b, if *is_async { "AsyncFor" } else { "For" })?;
            stmts(orelse)
        }
        StmtKind::While {
            test,
            body: b,
            orelse,
        } => {
            expr(test, Ctx::Load)?;
            body(b, "While")?;
            stmts(orelse)
        }
        StmtKind::If {
            test,
            body: b,
            orelse,
        } => {
            expr(test, Ctx::Load)?;
            body(b, "If")?;
            stmts(orelse)
        }
        StmtKind::With {
            items,
            body: b,
            is_async,
        } => {
            let owner = if *is_async { "AsyncWith" } else { "With" };
            nonempty(items, "items", owner)?;
            for item in items {
                expr(&item.context, Ctx::Load)?;
                item.vars.iter().try_for_each(|v| expr(v, Ctx::Store))?;
            }
            body(b, owner)
        }
        StmtKind::Match { subject, cases } => {
            expr(subject, Ctx::Load)?;
            nonempty(cases, "cases", "Match")?;
            cases.iter().try_for_each(|c| {
                pattern(&c.pattern, false)?;
                opt(&c.guard)?;
                body(&c.body, "match_case")
            })
        }
        StmtKind::Raise { exc, cause } => {
            ensure(
                exc.is_some() || cause.is_none(),
                "Raise with cause but no exception",
            )?;
            opt(exc)?;
            opt(cause)
        }
        StmtKind::Try(t) => try_(t),
        StmtKind::Assert { test, msg } => {
            expr(test, Ctx::Load)?;
            opt(msg)
        }
        StmtKind::Import(names) => nonempty(names, "names", "Import"),
        StmtKind::ImportFrom { names, .. } => nonempty(names, "names", "ImportFrom"),
        StmtKind::Global(names) => nonempty(names, "names", "Global"),
        StmtKind::Nonlocal(names) => nonempty(names, "names", "Nonlocal"),
        StmtKind::Expr(e) => expr(e, Ctx::Load),
        StmtKind::Pass | StmtKind::Break | StmtKind::Continue => Ok(()),
    }
}

fn try_(t: &Try) -> Check {
    let owner = if t.is_star { "TryStar" } else { "Try" };
    body(&t.body, owner)?;
    ensure(
        !t.handlers.is_empty() || !t.finalbody.is_empty(),
        &format!("{owner} has neither except handlers nor finalbody"),
    )?;
    ensure(
        !t.handlers.is_empty() || t.orelse.is_empty(),
        &format!("{owner} has orelse but no except handlers"),
    )?;
    for h in &t.handlers {
        opt(&h.typ)?;
        body(&h.body, "ExceptHandler")?;
    }
    stmts(&t.finalbody)?;
    stmts(&t.orelse)
}

fn comprehensions(generators: &[Comprehension]) -> Check {
    ensure(!generators.is_empty(), "comprehension with no generators")?;
    generators.iter().try_for_each(|c| {
        expr(&c.target, Ctx::Store)?;
        expr(&c.iter, Ctx::Load)?;
        exprs(&c.ifs, Ctx::Load)
    })
}

fn context_of(e: &Expr) -> Option<Ctx> {
    match &e.kind {
        ExprKind::Attribute { ctx, .. }
        | ExprKind::Subscript { ctx, .. }
        | ExprKind::Starred { ctx, .. }
        | ExprKind::Name { ctx, .. }
        | ExprKind::List { ctx, .. }
        | ExprKind::Tuple { ctx, .. } => Some(*ctx),
        _ => None,
    }
}

fn expr(e: &Expr, wanted: Ctx) -> Check {
    if let ExprKind::Name { id, .. } = &e.kind {
        name(id)?;
    }
    let (needs, has) = (super::ctx_name(wanted), context_of(e));
    match has {
        None if wanted != Ctx::Load => {
            return value(format!(
                "expression which can't be assigned to in {needs} context"
            ));
        }
        Some(has) if has != wanted => {
            let has = super::ctx_name(has);
            return value(format!(
                "expression must have {needs} context but has {has} instead"
            ));
        }
        _ => {}
    }
    let load = |e: &Expr| expr(e, Ctx::Load);
    match &e.kind {
        ExprKind::BoolOp { values, .. } => {
            ensure(values.len() >= 2, "BoolOp with less than 2 values")?;
            exprs(values, Ctx::Load)
        }
        ExprKind::NamedExpr { target, value } => {
            if target.as_name().is_none() {
                return Err(Invalid::Type("NamedExpr target must be a Name".into()));
            }
            load(value)
        }
        ExprKind::BinOp { left, right, .. } => {
            load(left)?;
            load(right)
        }
        ExprKind::UnaryOp { operand, .. } => load(operand),
        ExprKind::Lambda { args, body } => {
            arguments(args)?;
            load(body)
        }
        ExprKind::IfExp { test, body, orelse } => {
            load(test)?;
            load(body)?;
            load(orelse)
        }
        ExprKind::Dict { keys, values } => {
            ensure(
                keys.len() == values.len(),
                "Dict doesn't have the same number of keys as values",
            )?;
            keys.iter().flatten().try_for_each(load)?;
            exprs(values, Ctx::Load)
        }
        ExprKind::Set(elts) => exprs(elts, Ctx::Load),
        ExprKind::ListComp { elt, generators }
        | ExprKind::SetComp { elt, generators }
        | ExprKind::GeneratorExp { elt, generators } => {
            comprehensions(generators)?;
            load(elt)
        }
        ExprKind::DictComp {
            key,
            value,
            generators,
        } => {
            comprehensions(generators)?;
            load(key)?;
            load(value)
        }
        ExprKind::Yield(e) => opt(e),
        ExprKind::Await(e) | ExprKind::YieldFrom(e) => load(e),
        ExprKind::Compare {
            left,
            ops,
            comparators,
        } => {
            ensure(!comparators.is_empty(), "Compare with no comparators")?;
            ensure(
                comparators.len() == ops.len(),
                "Compare has a different number of comparators and operands",
            )?;
            exprs(comparators, Ctx::Load)?;
            load(left)
        }
        ExprKind::Call {
            func,
            args,
            keywords: named,
        } => {
            load(func)?;
            exprs(args, Ctx::Load)?;
            keywords(named)
        }
        ExprKind::FormattedValue {
            value, format_spec, ..
        }
        | ExprKind::Interpolation {
            value, format_spec, ..
        } => {
            load(value)?;
            opt(format_spec)
        }
        ExprKind::JoinedStr(values) | ExprKind::TemplateStr(values) => exprs(values, Ctx::Load),
        ExprKind::Constant { .. } | ExprKind::Name { .. } => Ok(()),
        ExprKind::Attribute { value, .. } => load(value),
        ExprKind::Subscript { value, slice, .. } => {
            load(slice)?;
            load(value)
        }
        ExprKind::Starred { value, ctx } => expr(value, *ctx),
        ExprKind::List { elts, ctx } | ExprKind::Tuple { elts, ctx } => exprs(elts, *ctx),
        ExprKind::Slice { lower, upper, step } => {
            opt(lower)?;
            opt(upper)?;
            opt(step)
        }
    }
}

/// A value that a pattern may compare with.
fn pattern_value(e: &Expr) -> Check {
    expr(e, Ctx::Load)?;
    let number = |e: &Expr, complex: bool| match e.as_const() {
        Some(Const::Complex { .. }) => complex,
        Some(Const::Int(_) | Const::BigInt { .. } | Const::Float(_)) => !complex,
        _ => false,
    };
    let signed = |e: &Expr| match &e.kind {
        ExprKind::UnaryOp {
            op: UnaryOp::USub,
            operand,
        } => number(operand, false) || number(operand, true),
        _ => false,
    };
    let ok = match &e.kind {
        ExprKind::Constant { value, .. } => match value {
            Const::Int(_)
            | Const::BigInt { .. }
            | Const::Float(_)
            | Const::Complex { .. }
            | Const::Str(_)
            | Const::Bytes(_) => true,
            _ => {
                return self::value("unexpected constant inside of a literal pattern");
            }
        },
        ExprKind::Attribute { .. } | ExprKind::JoinedStr(_) | ExprKind::TemplateStr(_) => true,
        ExprKind::UnaryOp { .. } => signed(e),
        ExprKind::BinOp {
            left,
            op: Operator::Add | Operator::Sub,
            right,
        } => (number(left, false) || signed(left)) && number(right, true),
        _ => false,
    };
    ensure(ok, "patterns may only match literals and attribute lookups")
}

fn capture(n: &str) -> Check {
    ensure(n != "_", "can't capture name '_' in patterns")?;
    name(n)
}

fn patterns(items: &[Pattern], star: bool) -> Check {
    items.iter().try_for_each(|p| pattern(p, star))
}

fn pattern(p: &Pattern, star: bool) -> Check {
    match &p.kind {
        PatternKind::MatchValue(e) => pattern_value(e),
        PatternKind::MatchSingleton(_) => Ok(()),
        PatternKind::MatchSequence(items) => patterns(items, true),
        PatternKind::MatchMapping {
            keys,
            patterns: items,
            rest,
        } => {
            ensure(
                keys.len() == items.len(),
                "MatchMapping doesn't have the same number of keys as patterns",
            )?;
            rest.iter().try_for_each(|r| capture(r))?;
            for key in keys {
                match key.as_const() {
                    Some(Const::None | Const::True | Const::False) => {}
                    _ => pattern_value(key)?,
                }
            }
            patterns(items, false)
        }
        PatternKind::MatchClass {
            cls,
            patterns: items,
            kwd_attrs,
            kwd_patterns,
        } => {
            ensure(
                kwd_attrs.len() == kwd_patterns.len(),
                "MatchClass doesn't have the same number of keyword attributes as patterns",
            )?;
            expr(cls, Ctx::Load)?;
            let mut at = &**cls;
            loop {
                match &at.kind {
                    ExprKind::Name { .. } => break,
                    ExprKind::Attribute { value, .. } => at = value,
                    _ => {
                        return self::value(
                            "MatchClass cls field can only contain Name or Attribute nodes.",
                        );
                    }
                }
            }
            kwd_attrs.iter().try_for_each(|a| name(a))?;
            patterns(items, false)?;
            patterns(kwd_patterns, false)
        }
        PatternKind::MatchStar(n) => {
            ensure(star, "can't use MatchStar here")?;
            n.iter().try_for_each(|n| capture(n))
        }
        PatternKind::MatchAs {
            pattern: inner,
            name: n,
        } => {
            n.iter().try_for_each(|n| capture(n))?;
            match (inner, n) {
                (None, _) => Ok(()),
                (Some(_), None) => {
                    value("MatchAs must specify a target name if a pattern is given")
                }
                (Some(p), Some(_)) => pattern(p, false),
            }
        }
        PatternKind::MatchOr(items) => {
            ensure(items.len() >= 2, "MatchOr requires at least 2 patterns")?;
            patterns(items, false)
        }
    }
}
