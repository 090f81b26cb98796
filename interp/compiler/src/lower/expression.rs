//! Expressions.

use super::{Lowerer, many, number, operator};
use crate::ast::*;
use crate::errors::{Res, Warning, WarningCategory};
use ruff_python_ast as ruff;
use ruff_text_size::{Ranged, TextSize};
use taipan_bytecode::Const;

fn ctx(ctx: ruff::ExprContext) -> Ctx {
    match ctx {
        ruff::ExprContext::Store => Ctx::Store,
        ruff::ExprContext::Del => Ctx::Del,
        ruff::ExprContext::Load | ruff::ExprContext::Invalid => Ctx::Load,
    }
}

pub(super) fn constant(value: Const) -> ExprKind {
    ExprKind::Constant {
        value,
        u_prefix: false,
    }
}

impl Lowerer<'_> {
    pub(super) fn boxed(&mut self, e: &ruff::Expr) -> Res<Box<Expr>> {
        self.expr(e).map(Box::new)
    }

    pub(super) fn opt_expr(&mut self, e: Option<&ruff::Expr>) -> Res<Option<Box<Expr>>> {
        e.map(|e| self.boxed(e)).transpose()
    }

    /// Lowers one expression.
    pub fn expr(&mut self, e: &ruff::Expr) -> Res<Expr> {
        self.nested(|this| this.expr_inner(e))
    }

    fn exprs(&mut self, es: &[ruff::Expr]) -> Res<Vec<Expr>> {
        many(es, |e| self.expr(e))
    }

    pub(super) fn call_arguments(
        &mut self,
        args: &ruff::Arguments,
    ) -> Res<(Vec<Expr>, Vec<Keyword>)> {
        let sole = args.args.len() == 1 && args.keywords.is_empty();
        let positional = many(args.args.iter(), |a| {
            let mut e = self.expr(a)?;
            // A generator that is the only argument borrows the call's parentheses.
            if let ruff::Expr::Generator(g) = a
                && sole
                && !g.parenthesized
            {
                e.pos = self.pos(args.range);
            }
            Ok(e)
        })?;
        let keywords = many(&args.keywords, |k| {
            Ok(Keyword {
                arg: self.opt_ident(&k.arg),
                value: self.expr(&k.value)?,
                pos: self.pos(k.range),
            })
        })?;
        Ok((positional, keywords))
    }

    fn comprehensions(&mut self, gens: &[ruff::Comprehension]) -> Res<Vec<Comprehension>> {
        many(gens, |g| {
            Ok(Comprehension {
                target: self.expr(&g.target)?,
                iter: self.expr(&g.iter)?,
                ifs: self.exprs(&g.ifs)?,
                is_async: g.is_async,
            })
        })
    }

    fn number(&mut self, n: &ruff::ExprNumberLiteral) -> Res<ExprKind> {
        if self
            .source
            .as_bytes()
            .get(n.range.end().to_usize())
            .is_some_and(u8::is_ascii_alphabetic)
        {
            // `1if x`: the number and the keyword should be kept apart.
            let text = self.text(n.range);
            let what = match (&n.value, text.as_bytes()) {
                (ruff::Number::Complex { .. }, _) => "imaginary",
                (_, [b'0', b'x' | b'X', ..]) => "hexadecimal",
                (_, [b'0', b'o' | b'O', ..]) => "octal",
                (_, [b'0', b'b' | b'B', ..]) => "binary",
                _ => "decimal",
            };
            let mut pos = self.pos(n.range);
            (pos.line, pos.col) = (pos.end_line, pos.end_col - 1);
            self.warnings.push(Warning {
                category: WarningCategory::Syntax,
                message: format!("invalid {what} literal"),
                pos,
                origin: crate::errors::WarningOrigin::Tokenizer,
            });
        }
        Ok(constant(match n.value {
            ruff::Number::Int(ref i) => match i.as_i64() {
                Some(i) => Const::Int(i),
                None => match number::parse_int(self.text(n.range)) {
                    Ok(value) => value,
                    Err(digits) => {
                        let message = format!(
                            "Exceeds the limit (4300 digits) for integer string conversion: value has {digits} digits; \
                             use sys.set_int_max_str_digits() to increase the limit - Consider hexadecimal for huge \
                             integer literals to avoid decimal conversion limits."
                        );
                        return self.error(message, self.pos(n.range));
                    }
                },
            },
            ruff::Number::Float(f) => Const::Float(f),
            ruff::Number::Complex { real, imag } => Const::Complex { real, imag },
        }))
    }

    fn expr_inner(&mut self, e: &ruff::Expr) -> Res<Expr> {
        use ruff::Expr as R;
        let pos = self.pos(e.range());
        let kind = match e {
            R::BoolOp(b) => ExprKind::BoolOp {
                op: match b.op {
                    ruff::BoolOp::And => BoolOp::And,
                    ruff::BoolOp::Or => BoolOp::Or,
                },
                values: self.exprs(&b.values)?,
            },
            R::Named(n) => ExprKind::NamedExpr {
                target: self.boxed(&n.target)?,
                value: self.boxed(&n.value)?,
            },
            R::BinOp(b) => ExprKind::BinOp {
                left: self.boxed(&b.left)?,
                op: operator(b.op),
                right: self.boxed(&b.right)?,
            },
            R::UnaryOp(u) => ExprKind::UnaryOp {
                op: match u.op {
                    ruff::UnaryOp::Invert => UnaryOp::Invert,
                    ruff::UnaryOp::Not => UnaryOp::Not,
                    ruff::UnaryOp::UAdd => UnaryOp::UAdd,
                    ruff::UnaryOp::USub => UnaryOp::USub,
                },
                operand: self.boxed(&u.operand)?,
            },
            R::Lambda(l) => ExprKind::Lambda {
                args: Box::new(match &l.parameters {
                    Some(p) => self.arguments(p)?,
                    None => Arguments::default(),
                }),
                body: self.boxed(&l.body)?,
            },
            R::If(i) => ExprKind::IfExp {
                test: self.boxed(&i.test)?,
                body: self.boxed(&i.body)?,
                orelse: self.boxed(&i.orelse)?,
            },
            R::Dict(d) => {
                let mut keys = Vec::with_capacity(d.items.len());
                let mut values = Vec::with_capacity(d.items.len());
                for item in &d.items {
                    keys.push(match &item.key {
                        Some(k) => Some(self.expr(k)?),
                        None => None,
                    });
                    values.push(self.expr(&item.value)?);
                }
                ExprKind::Dict { keys, values }
            }
            R::Set(s) => ExprKind::Set(self.exprs(&s.elts)?),
            R::ListComp(c) => ExprKind::ListComp {
                elt: self.boxed(&c.elt)?,
                generators: self.comprehensions(&c.generators)?,
            },
            R::SetComp(c) => ExprKind::SetComp {
                elt: self.boxed(&c.elt)?,
                generators: self.comprehensions(&c.generators)?,
            },
            R::DictComp(c) => {
                let Some(key) = &c.key else {
                    return self.error("dict unpacking cannot be used in dict comprehension", pos);
                };
                ExprKind::DictComp {
                    key: self.boxed(key)?,
                    value: self.boxed(&c.value)?,
                    generators: self.comprehensions(&c.generators)?,
                }
            }
            R::Generator(c) => ExprKind::GeneratorExp {
                elt: self.boxed(&c.elt)?,
                generators: self.comprehensions(&c.generators)?,
            },
            R::Await(a) => ExprKind::Await(self.boxed(&a.value)?),
            R::Yield(y) => ExprKind::Yield(self.opt_expr(y.value.as_deref())?),
            R::YieldFrom(y) => ExprKind::YieldFrom(self.boxed(&y.value)?),
            R::Compare(c) => ExprKind::Compare {
                left: self.boxed(&c.left)?,
                ops: c.ops.iter().map(|&op| cmp_op(op)).collect(),
                comparators: self.exprs(&c.comparators)?,
            },
            R::Call(c) => {
                let func = self.boxed(&c.func)?;
                let (args, keywords) = self.call_arguments(&c.arguments)?;
                ExprKind::Call {
                    func,
                    args,
                    keywords,
                }
            }
            R::FString(f) => return self.fstring(f),
            R::TString(t) => return self.tstring(t),
            R::StringLiteral(s) => {
                let value = self.string_literals(s.value.as_slice())?;
                let u_prefix = s
                    .value
                    .as_slice()
                    .first()
                    .is_some_and(|p| p.flags.prefix().is_unicode());
                ExprKind::Constant {
                    value: Const::Str(value.into()),
                    u_prefix,
                }
            }
            R::BytesLiteral(b) => constant(Const::Bytes(
                self.bytes_literals(b.value.as_slice())?.into(),
            )),
            R::NumberLiteral(n) => self.number(n)?,
            R::BooleanLiteral(b) => constant(if b.value { Const::True } else { Const::False }),
            R::NoneLiteral(_) => constant(Const::None),
            R::EllipsisLiteral(_) => constant(Const::Ellipsis),
            R::Attribute(a) => ExprKind::Attribute {
                value: self.boxed(&a.value)?,
                attr: self.ident(&a.attr),
                ctx: ctx(a.ctx),
            },
            R::Subscript(s) => ExprKind::Subscript {
                value: self.boxed(&s.value)?,
                slice: self.boxed(&s.slice)?,
                ctx: ctx(s.ctx),
            },
            R::Starred(s) => ExprKind::Starred {
                value: self.boxed(&s.value)?,
                ctx: ctx(s.ctx),
            },
            R::Name(n) => ExprKind::Name {
                id: self.name(n.id.as_str()),
                ctx: ctx(n.ctx),
            },
            R::List(l) => ExprKind::List {
                elts: self.exprs(&l.elts)?,
                ctx: ctx(l.ctx),
            },
            R::Tuple(t) => ExprKind::Tuple {
                elts: self.exprs(&t.elts)?,
                ctx: ctx(t.ctx),
            },
            R::Slice(s) => ExprKind::Slice {
                lower: self.opt_expr(s.lower.as_deref())?,
                upper: self.opt_expr(s.upper.as_deref())?,
                step: self.opt_expr(s.step.as_deref())?,
            },
            R::IpyEscapeCommand(_) => return self.error("invalid syntax", pos),
        };
        Ok(Expr { kind, pos })
    }

    /// An empty range at an offset.
    pub(super) fn offset_pos(&self, start: usize, end: usize) -> Pos {
        self.pos_of(TextSize::new(start as u32), TextSize::new(end as u32))
    }
}

fn cmp_op(op: ruff::CmpOp) -> CmpOp {
    use ruff::CmpOp as R;
    match op {
        R::Eq => CmpOp::Eq,
        R::NotEq => CmpOp::NotEq,
        R::Lt => CmpOp::Lt,
        R::LtE => CmpOp::LtE,
        R::Gt => CmpOp::Gt,
        R::GtE => CmpOp::GtE,
        R::Is => CmpOp::Is,
        R::IsNot => CmpOp::IsNot,
        R::In => CmpOp::In,
        R::NotIn => CmpOp::NotIn,
    }
}
