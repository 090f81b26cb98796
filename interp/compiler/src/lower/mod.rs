//! From the parser's tree to Python's ([`crate::ast`]).
//!
//! Besides the change of shape this decodes string literals and numbers from
//! the source text, since the parser's own values cannot hold lone surrogates
//! and large integers, and it counts columns the way the `ast` module does.

mod expression;
mod number;
mod string;

pub use number::{bigint_const, const_to_bigint};

use crate::ast::*;
use crate::errors::{CompileError, ErrorKind, Res, Warning};
use ruff_python_ast as ruff;
use ruff_text_size::{Ranged, TextRange, TextSize};
use rustc_hash::FxHashMap;

/// Nested nodes accepted before the compiler gives up, as CPython does when its
/// C stack runs low.
pub const MAX_DEPTH: u32 = 20_000;

/// Byte offsets of line starts, to turn offsets into lines and columns.
pub struct LineIndex {
    starts: Vec<u32>,
    last: std::cell::Cell<usize>,
}

impl LineIndex {
    pub fn new(source: &str) -> LineIndex {
        let mut starts = vec![0];
        starts.extend(
            source
                .bytes()
                .enumerate()
                .filter(|&(_, b)| b == b'\n')
                .map(|(i, _)| i as u32 + 1),
        );
        LineIndex {
            starts,
            last: std::cell::Cell::new(0),
        }
    }
    /// Line (from 1) and byte column (from 0) of an offset.
    pub fn locate(&self, offset: u32) -> (i32, i32) {
        let at = self.last.get();
        let end = |i: usize| self.starts.get(i + 1).copied().unwrap_or(u32::MAX);
        let line = if self.starts[at] <= offset && offset < end(at) {
            at
        } else if offset >= end(at) && offset < end(at + 1) {
            at + 1
        } else {
            self.starts.partition_point(|&s| s <= offset) - 1
        };
        self.last.set(line);
        (line as i32 + 1, (offset - self.starts[line]) as i32)
    }
}

/// Turns one parsed unit into Python's tree.
pub struct Lowerer<'s> {
    source: &'s str,
    lines: &'s LineIndex,
    names: FxHashMap<Box<str>, Name>,
    depth: u32,
    spec_depth: u32,
    /// The deepest nesting met.
    pub max_depth: u32,
    /// Warnings on literals.
    pub warnings: Vec<Warning>,
}

fn many<T, U>(items: impl IntoIterator<Item = T>, f: impl FnMut(T) -> Res<U>) -> Res<Vec<U>> {
    items.into_iter().map(f).collect()
}

impl<'s> Lowerer<'s> {
    pub fn new(source: &'s str, lines: &'s LineIndex) -> Self {
        Lowerer {
            source,
            lines,
            names: FxHashMap::default(),
            depth: 0,
            spec_depth: 0,
            max_depth: 0,
            warnings: Vec::new(),
        }
    }

    /// The statements of a module.
    pub fn body(&mut self, body: &[ruff::Stmt]) -> Res<Vec<Stmt>> {
        many(body, |s| self.stmt(s))
    }

    fn nested<T>(&mut self, f: impl FnOnce(&mut Self) -> Res<T>) -> Res<T> {
        self.depth += 1;
        self.max_depth = self.max_depth.max(self.depth);
        let result = if self.depth > MAX_DEPTH {
            Err(CompileError::recursion())
        } else {
            stacker::maybe_grow(64 << 10, 1 << 20, || f(self))
        };
        self.depth -= 1;
        result
    }

    fn pos(&self, range: TextRange) -> Pos {
        self.pos_of(range.start(), range.end())
    }

    fn pos_of(&self, start: TextSize, end: TextSize) -> Pos {
        let (line, col) = self.lines.locate(start.into());
        let (end_line, end_col) = self.lines.locate(end.into());
        Pos {
            line,
            col,
            end_line,
            end_col,
        }
    }

    fn text(&self, range: TextRange) -> &'s str {
        &self.source[range]
    }

    fn error<T>(&self, message: impl Into<String>, pos: Pos) -> Res<T> {
        Err(CompileError::new(ErrorKind::Syntax, message, pos))
    }

    fn name(&mut self, id: &str) -> Name {
        if let Some(name) = self.names.get(id) {
            return name.clone();
        }
        let name: Name = id.into();
        self.names.insert(id.into(), name.clone());
        name
    }

    fn ident(&mut self, id: &ruff::Identifier) -> Name {
        self.name(id.as_str())
    }

    fn opt_ident(&mut self, id: &Option<ruff::Identifier>) -> Option<Name> {
        id.as_ref().map(|id| self.ident(id))
    }

    /// Start of a decorated definition: past the decorators, at `def` or `class`.
    fn definition_start(&self, range: TextRange, decorators: &[ruff::Decorator]) -> TextSize {
        let Some(last) = decorators.last() else {
            return range.start();
        };
        let bytes = self.source.as_bytes();
        let mut at = last.range().end().to_usize();
        // What closes parentheses around the decorator, then blanks and comments.
        while at < bytes.len() {
            match bytes[at] {
                b'#' => {
                    while at < bytes.len() && bytes[at] != b'\n' {
                        at += 1;
                    }
                }
                c if c.is_ascii_alphabetic() => break,
                _ => at += 1,
            }
        }
        TextSize::new(at as u32)
    }

    fn stmt(&mut self, stmt: &ruff::Stmt) -> Res<Stmt> {
        self.nested(|this| this.stmt_inner(stmt))
    }

    fn stmt_inner(&mut self, stmt: &ruff::Stmt) -> Res<Stmt> {
        use ruff::Stmt as R;
        let mut pos = self.pos(stmt.range());
        let kind = match stmt {
            R::FunctionDef(f) => {
                let start = self.definition_start(f.range, &f.decorator_list);
                pos = self.pos_of(start, f.range.end());
                StmtKind::FunctionDef(Box::new(FunctionDef {
                    name: self.ident(&f.name),
                    args: self.arguments(&f.parameters)?,
                    body: self.body(&f.body)?,
                    decorators: many(&f.decorator_list, |d| self.expr(&d.expression))?,
                    returns: self.opt_expr(f.returns.as_deref())?,
                    type_params: self.type_params(f.type_params.as_deref())?,
                    is_async: f.is_async,
                }))
            }
            R::ClassDef(c) => {
                let start = self.definition_start(c.range, &c.decorator_list);
                pos = self.pos_of(start, c.range.end());
                let (bases, keywords) = match &c.arguments {
                    Some(args) => self.call_arguments(args)?,
                    None => Default::default(),
                };
                StmtKind::ClassDef(Box::new(ClassDef {
                    name: self.ident(&c.name),
                    bases,
                    keywords,
                    body: self.body(&c.body)?,
                    decorators: many(&c.decorator_list, |d| self.expr(&d.expression))?,
                    type_params: self.type_params(c.type_params.as_deref())?,
                }))
            }
            R::Return(r) => StmtKind::Return(self.opt_expr(r.value.as_deref())?),
            R::Delete(d) => StmtKind::Delete(many(&d.targets, |t| self.expr(t))?),
            R::TypeAlias(t) => StmtKind::TypeAlias {
                name: self.boxed(&t.name)?,
                type_params: self.type_params(t.type_params.as_deref())?,
                value: self.boxed(&t.value)?,
            },
            R::Assign(a) => StmtKind::Assign {
                targets: many(&a.targets, |t| self.expr(t))?,
                value: self.boxed(&a.value)?,
            },
            R::AugAssign(a) => StmtKind::AugAssign {
                target: self.boxed(&a.target)?,
                op: operator(a.op),
                value: self.boxed(&a.value)?,
            },
            R::AnnAssign(a) => StmtKind::AnnAssign {
                target: self.boxed(&a.target)?,
                annotation: self.boxed(&a.annotation)?,
                value: self.opt_expr(a.value.as_deref())?,
                simple: a.simple,
            },
            R::For(f) => StmtKind::For {
                target: self.boxed(&f.target)?,
                iter: self.boxed(&f.iter)?,
                body: self.body(&f.body)?,
                orelse: self.body(&f.orelse)?,
                is_async: f.is_async,
            },
            R::While(w) => StmtKind::While {
                test: self.boxed(&w.test)?,
                body: self.body(&w.body)?,
                orelse: self.body(&w.orelse)?,
            },
            R::If(i) => {
                let test = self.boxed(&i.test)?;
                let body = self.body(&i.body)?;
                let mut orelse = Vec::new();
                let end = i.range.end();
                // Built from the last clause inwards; order of evaluation does not matter here.
                for clause in i.elif_else_clauses.iter().rev() {
                    let body = self.body(&clause.body)?;
                    match &clause.test {
                        None => orelse = body,
                        Some(test) => {
                            let pos = self.pos_of(clause.range.start(), end);
                            let test = self.boxed(test)?;
                            let inner = StmtKind::If {
                                test,
                                body,
                                orelse: std::mem::take(&mut orelse),
                            };
                            orelse = vec![Stmt { kind: inner, pos }];
                        }
                    }
                }
                StmtKind::If { test, body, orelse }
            }
            R::With(w) => StmtKind::With {
                items: many(&w.items, |i| {
                    Ok(WithItem {
                        context: self.expr(&i.context_expr)?,
                        vars: self.opt_expr(i.optional_vars.as_deref())?,
                    })
                })?,
                body: self.body(&w.body)?,
                is_async: w.is_async,
            },
            R::Match(m) => StmtKind::Match {
                subject: self.boxed(&m.subject)?,
                cases: many(&m.cases, |c| {
                    Ok(MatchCase {
                        pattern: self.pattern(&c.pattern)?,
                        guard: self.opt_expr(c.guard.as_deref())?,
                        body: self.body(&c.body)?,
                    })
                })?,
            },
            R::Raise(r) => StmtKind::Raise {
                exc: self.opt_expr(r.exc.as_deref())?,
                cause: self.opt_expr(r.cause.as_deref())?,
            },
            R::Try(t) => StmtKind::Try(Box::new(Try {
                body: self.body(&t.body)?,
                handlers: many(&t.handlers, |h| {
                    let ruff::ExceptHandler::ExceptHandler(h) = h;
                    Ok(ExceptHandler {
                        typ: self.opt_expr(h.type_.as_deref())?,
                        name: self.opt_ident(&h.name),
                        body: self.body(&h.body)?,
                        pos: self.pos(h.range),
                    })
                })?,
                orelse: self.body(&t.orelse)?,
                finalbody: self.body(&t.finalbody)?,
                is_star: t.is_star,
            })),
            R::Assert(a) => StmtKind::Assert {
                test: self.boxed(&a.test)?,
                msg: self.opt_expr(a.msg.as_deref())?,
            },
            R::Import(i) => StmtKind::Import(self.aliases(&i.names)),
            R::ImportFrom(i) => StmtKind::ImportFrom {
                module: self.opt_ident(&i.module),
                names: self.aliases(&i.names),
                level: i.level,
            },
            R::Global(g) => StmtKind::Global(g.names.iter().map(|n| self.ident(n)).collect()),
            R::Nonlocal(n) => StmtKind::Nonlocal(n.names.iter().map(|n| self.ident(n)).collect()),
            R::Expr(e) => StmtKind::Expr(self.boxed(&e.value)?),
            R::Pass(_) => StmtKind::Pass,
            R::Break(_) => StmtKind::Break,
            R::Continue(_) => StmtKind::Continue,
            R::IpyEscapeCommand(_) => return self.error("invalid syntax", pos),
        };
        Ok(Stmt { kind, pos })
    }

    fn aliases(&mut self, names: &[ruff::Alias]) -> Vec<Alias> {
        names
            .iter()
            .map(|a| Alias {
                name: {
                    // A dotted name may be spaced out in the source.
                    let id = a.name.as_str();
                    self.name(id)
                },
                asname: self.opt_ident(&a.asname),
                pos: self.pos(a.range),
            })
            .collect()
    }

    fn arg(&mut self, p: &ruff::Parameter) -> Res<Arg> {
        let end = p
            .annotation
            .as_deref()
            .map_or(p.name.range.end(), |a| a.range().end().max(p.range.end()));
        Ok(Arg {
            arg: self.ident(&p.name),
            annotation: self.opt_expr(p.annotation.as_deref())?,
            pos: self.pos_of(p.name.range.start(), end),
        })
    }

    fn arguments(&mut self, p: &ruff::Parameters) -> Res<Arguments> {
        let mut out = Arguments::default();
        for a in &p.posonlyargs {
            out.posonlyargs.push(self.arg(&a.parameter)?);
        }
        for a in &p.args {
            out.args.push(self.arg(&a.parameter)?);
        }
        for a in p.posonlyargs.iter().chain(p.args.iter()) {
            if let Some(d) = &a.default {
                out.defaults.push(self.expr(d)?);
            }
        }
        if let Some(v) = &p.vararg {
            out.vararg = Some(Box::new(self.arg(v)?));
        }
        for a in &p.kwonlyargs {
            out.kwonlyargs.push(self.arg(&a.parameter)?);
            out.kw_defaults.push(match &a.default {
                Some(d) => Some(self.expr(d)?),
                None => None,
            });
        }
        if let Some(k) = &p.kwarg {
            out.kwarg = Some(Box::new(self.arg(k)?));
        }
        Ok(out)
    }

    fn type_params(&mut self, params: Option<&ruff::TypeParams>) -> Res<Vec<TypeParam>> {
        let Some(params) = params else {
            return Ok(Vec::new());
        };
        many(&params.type_params, |p| {
            let (kind, name, bound, default) = match p {
                ruff::TypeParam::TypeVar(t) => (
                    TypeParamKind::TypeVar,
                    &t.name,
                    t.bound.as_deref(),
                    t.default.as_deref(),
                ),
                ruff::TypeParam::ParamSpec(t) => (
                    TypeParamKind::ParamSpec,
                    &t.name,
                    None,
                    t.default.as_deref(),
                ),
                ruff::TypeParam::TypeVarTuple(t) => (
                    TypeParamKind::TypeVarTuple,
                    &t.name,
                    None,
                    t.default.as_deref(),
                ),
            };
            Ok(TypeParam {
                kind,
                name: self.ident(name),
                bound: self.opt_expr(bound)?,
                default: self.opt_expr(default)?,
                pos: self.pos(p.range()),
            })
        })
    }

    fn pattern(&mut self, p: &ruff::Pattern) -> Res<Pattern> {
        self.nested(|this| this.pattern_inner(p))
    }

    fn pattern_inner(&mut self, p: &ruff::Pattern) -> Res<Pattern> {
        use ruff::Pattern as R;
        use taipan_bytecode::Const;
        let kind = match p {
            R::MatchValue(v) => PatternKind::MatchValue(self.boxed(&v.value)?),
            R::MatchSingleton(s) => PatternKind::MatchSingleton(match s.value {
                ruff::Singleton::None => Const::None,
                ruff::Singleton::True => Const::True,
                ruff::Singleton::False => Const::False,
            }),
            R::MatchSequence(s) => {
                PatternKind::MatchSequence(many(&s.patterns, |p| self.pattern(p))?)
            }
            R::MatchMapping(m) => PatternKind::MatchMapping {
                keys: many(&m.keys, |k| self.expr(k))?,
                patterns: many(&m.patterns, |p| self.pattern(p))?,
                rest: self.opt_ident(&m.rest),
            },
            R::MatchClass(c) => PatternKind::MatchClass {
                cls: self.boxed(&c.cls)?,
                patterns: many(&c.arguments.patterns, |p| self.pattern(p))?,
                kwd_attrs: c
                    .arguments
                    .keywords
                    .iter()
                    .map(|k| self.ident(&k.attr))
                    .collect(),
                kwd_patterns: many(&c.arguments.keywords, |k| self.pattern(&k.pattern))?,
            },
            R::MatchStar(s) => PatternKind::MatchStar(self.opt_ident(&s.name)),
            R::MatchAs(a) => PatternKind::MatchAs {
                pattern: match &a.pattern {
                    Some(p) => Some(Box::new(self.pattern(p)?)),
                    None => None,
                },
                name: self.opt_ident(&a.name),
            },
            R::MatchOr(o) => PatternKind::MatchOr(many(&o.patterns, |p| self.pattern(p))?),
        };
        Ok(Pattern {
            kind,
            pos: self.pos(p.range()),
        })
    }
}

fn operator(op: ruff::Operator) -> Operator {
    use ruff::Operator as R;
    match op {
        R::Add => Operator::Add,
        R::Sub => Operator::Sub,
        R::Mult => Operator::Mult,
        R::MatMult => Operator::MatMult,
        R::Div => Operator::Div,
        R::Mod => Operator::Mod,
        R::Pow => Operator::Pow,
        R::LShift => Operator::LShift,
        R::RShift => Operator::RShift,
        R::BitOr => Operator::BitOr,
        R::BitXor => Operator::BitXor,
        R::BitAnd => Operator::BitAnd,
        R::FloorDiv => Operator::FloorDiv,
    }
}
