//! Expressions back to source text, as `from __future__ import annotations`
//! stores them.

use crate::ast::*;
use taipan_bytecode::Const;

/// Binding strength, weakest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Prec {
    Named,
    Tuple,
    Test,
    Or,
    And,
    Not,
    Cmp,
    BitOr,
    BitXor,
    BitAnd,
    Shift,
    Arith,
    Term,
    Factor,
    Power,
    Await,
    Atom,
}

impl Prec {
    fn next(self) -> Prec {
        use Prec::*;
        match self {
            Named => Tuple,
            Tuple => Test,
            Test => Or,
            Or => And,
            And => Not,
            Not => Cmp,
            Cmp => BitOr,
            BitOr => BitXor,
            BitXor => BitAnd,
            BitAnd => Shift,
            Shift => Arith,
            Arith => Term,
            Term => Factor,
            Factor => Power,
            Power => Await,
            Await | Atom => Atom,
        }
    }
}

/// The text of an expression, as WTF-8.
pub fn unparse(e: &Expr) -> Vec<u8> {
    let mut w = Writer { out: Vec::new() };
    w.expr(e, Prec::Test);
    w.out
}

/// `repr()` of a constant, replacing what is not UTF-8.
pub fn const_repr(value: &Const) -> String {
    let mut w = Writer { out: Vec::new() };
    w.constant(value);
    String::from_utf8_lossy(&w.out).into_owned()
}

struct Writer {
    out: Vec<u8>,
}

impl Writer {
    fn s(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    fn group(&mut self, paren: bool, f: impl FnOnce(&mut Self)) {
        if paren {
            self.s("(");
        }
        f(self);
        if paren {
            self.s(")");
        }
    }

    fn list(&mut self, es: &[Expr]) {
        for (i, e) in es.iter().enumerate() {
            if i > 0 {
                self.s(", ");
            }
            self.expr(e, Prec::Test);
        }
    }

    fn expr(&mut self, e: &Expr, level: Prec) {
        stacker::maybe_grow(64 << 10, 1 << 20, || self.expr_inner(e, level));
    }

    fn expr_inner(&mut self, e: &Expr, level: Prec) {
        match &e.kind {
            ExprKind::BoolOp { op, values } => {
                let (prec, text) = if *op == BoolOp::And {
                    (Prec::And, " and ")
                } else {
                    (Prec::Or, " or ")
                };
                self.group(level > prec, |w| {
                    for (i, v) in values.iter().enumerate() {
                        if i > 0 {
                            w.s(text);
                        }
                        w.expr(v, prec.next());
                    }
                });
            }
            ExprKind::BinOp { left, op, right } => {
                let (text, prec, right_assoc) = binary(*op);
                self.group(level > prec, |w| {
                    w.expr(left, if right_assoc { prec.next() } else { prec });
                    w.s(text);
                    w.expr(right, if right_assoc { prec } else { prec.next() });
                });
            }
            ExprKind::UnaryOp { op, operand } => {
                let (text, prec) = match op {
                    UnaryOp::Invert => ("~", Prec::Factor),
                    UnaryOp::Not => ("not ", Prec::Not),
                    UnaryOp::UAdd => ("+", Prec::Factor),
                    UnaryOp::USub => ("-", Prec::Factor),
                };
                self.group(level > prec, |w| {
                    w.s(text);
                    w.expr(operand, prec);
                });
            }
            ExprKind::Lambda { args, body } => self.group(level > Prec::Test, |w| {
                w.s("lambda");
                let start = w.out.len();
                w.s(" ");
                w.arguments(args);
                if w.out.len() == start + 1 {
                    w.out.truncate(start);
                }
                w.s(": ");
                w.expr(body, Prec::Test);
            }),
            ExprKind::IfExp { test, body, orelse } => self.group(level > Prec::Test, |w| {
                w.expr(body, Prec::Test.next());
                w.s(" if ");
                w.expr(test, Prec::Test.next());
                w.s(" else ");
                w.expr(orelse, Prec::Test);
            }),
            ExprKind::Dict { keys, values } => {
                self.s("{");
                for (i, (k, v)) in keys.iter().zip(values).enumerate() {
                    if i > 0 {
                        self.s(", ");
                    }
                    match k {
                        Some(k) => {
                            self.expr(k, Prec::Test);
                            self.s(": ");
                            self.expr(v, Prec::Test);
                        }
                        None => {
                            self.s("**");
                            self.expr(v, Prec::BitOr);
                        }
                    }
                }
                self.s("}");
            }
            ExprKind::Set(elts) => {
                self.s("{");
                self.list(elts);
                self.s("}");
            }
            ExprKind::GeneratorExp { elt, generators } => {
                self.comprehension("(", ")", elt, None, generators)
            }
            ExprKind::ListComp { elt, generators } => {
                self.comprehension("[", "]", elt, None, generators)
            }
            ExprKind::SetComp { elt, generators } => {
                self.comprehension("{", "}", elt, None, generators)
            }
            ExprKind::DictComp {
                key,
                value,
                generators,
            } => self.comprehension("{", "}", key, Some(value), generators),
            ExprKind::Yield(None) => self.s("(yield)"),
            ExprKind::Yield(Some(v)) => {
                self.s("(yield ");
                self.expr(v, Prec::Test);
                self.s(")");
            }
            ExprKind::YieldFrom(v) => {
                self.s("(yield from ");
                self.expr(v, Prec::Test);
                self.s(")");
            }
            ExprKind::Await(v) => self.group(level > Prec::Await, |w| {
                w.s("await ");
                w.expr(v, Prec::Atom);
            }),
            ExprKind::Compare {
                left,
                ops,
                comparators,
            } => self.group(level > Prec::Cmp, |w| {
                w.expr(left, Prec::Cmp.next());
                for (op, c) in ops.iter().zip(comparators) {
                    w.s(match op {
                        CmpOp::Eq => " == ",
                        CmpOp::NotEq => " != ",
                        CmpOp::Lt => " < ",
                        CmpOp::LtE => " <= ",
                        CmpOp::Gt => " > ",
                        CmpOp::GtE => " >= ",
                        CmpOp::Is => " is ",
                        CmpOp::IsNot => " is not ",
                        CmpOp::In => " in ",
                        CmpOp::NotIn => " not in ",
                    });
                    w.expr(c, Prec::Cmp.next());
                }
            }),
            ExprKind::Call {
                func,
                args,
                keywords,
            } => {
                self.expr(func, Prec::Atom);
                // A lone generator needs no parentheses of its own.
                if let (
                    [
                        Expr {
                            kind: ExprKind::GeneratorExp { .. },
                            ..
                        },
                    ],
                    [],
                ) = (&args[..], &keywords[..])
                {
                    self.expr(&args[0], Prec::Test);
                    return;
                }
                self.s("(");
                self.list(args);
                for (i, k) in keywords.iter().enumerate() {
                    if i > 0 || !args.is_empty() {
                        self.s(", ");
                    }
                    match &k.arg {
                        Some(name) => {
                            self.s(name);
                            self.s("=");
                        }
                        None => self.s("**"),
                    }
                    self.expr(&k.value, Prec::Test);
                }
                self.s(")");
            }
            ExprKind::Constant { value, u_prefix } => {
                if *u_prefix {
                    self.s("u");
                }
                self.constant(value);
            }
            ExprKind::JoinedStr(_) | ExprKind::FormattedValue { .. } => self.interpolated("f", e),
            ExprKind::TemplateStr(_) | ExprKind::Interpolation { .. } => self.interpolated("t", e),
            ExprKind::Attribute { value, attr, .. } => {
                self.expr(value, Prec::Atom);
                // `1 .real`: a point would belong to the number.
                if matches!(value.as_const(), Some(Const::Int(_) | Const::BigInt { .. })) {
                    self.s(" ");
                }
                self.s(".");
                self.s(attr);
            }
            ExprKind::Starred { value, .. } => {
                self.s("*");
                self.expr(value, Prec::BitOr);
            }
            ExprKind::Name { id, .. } => self.s(id),
            ExprKind::List { elts, .. } => {
                self.s("[");
                self.list(elts);
                self.s("]");
            }
            ExprKind::Tuple { elts, .. } => {
                if elts.is_empty() {
                    self.s("()");
                    return;
                }
                self.group(level > Prec::Tuple, |w| {
                    w.list(elts);
                    if elts.len() == 1 {
                        w.s(",");
                    }
                });
            }
            ExprKind::Subscript { value, slice, .. } => {
                self.expr(value, Prec::Atom);
                self.s("[");
                self.expr(slice, Prec::Tuple);
                self.s("]");
            }
            ExprKind::Slice { lower, upper, step } => {
                if let Some(e) = lower {
                    self.expr(e, Prec::Test);
                }
                self.s(":");
                if let Some(e) = upper {
                    self.expr(e, Prec::Test);
                }
                if let Some(e) = step {
                    self.s(":");
                    self.expr(e, Prec::Test);
                }
            }
            ExprKind::NamedExpr { target, value } => self.group(level > Prec::Named, |w| {
                w.expr(target, Prec::Atom);
                w.s(" := ");
                w.expr(value, Prec::Atom);
            }),
        }
    }

    fn comprehension(
        &mut self,
        open: &str,
        close: &str,
        elt: &Expr,
        value: Option<&Expr>,
        generators: &[Comprehension],
    ) {
        self.s(open);
        self.expr(elt, Prec::Test);
        if let Some(value) = value {
            self.s(": ");
            self.expr(value, Prec::Test);
        }
        for g in generators {
            self.s(if g.is_async { " async for " } else { " for " });
            self.expr(&g.target, Prec::Tuple);
            self.s(" in ");
            self.expr(&g.iter, Prec::Test.next());
            for cond in &g.ifs {
                self.s(" if ");
                self.expr(cond, Prec::Test.next());
            }
        }
        self.s(close);
    }

    fn arguments(&mut self, a: &Arguments) {
        let mut first = true;
        let mut comma = |w: &mut Self| {
            if !std::mem::take(&mut first) {
                w.s(", ");
            }
        };
        let positional = a.posonlyargs.len() + a.args.len();
        for (i, arg) in a.posonlyargs.iter().chain(&a.args).enumerate() {
            comma(self);
            self.arg(arg);
            if let Some(at) = (i + a.defaults.len()).checked_sub(positional) {
                self.s("=");
                self.expr(&a.defaults[at], Prec::Test);
            }
            if i + 1 == a.posonlyargs.len() {
                self.s(", /");
            }
        }
        if a.vararg.is_some() || !a.kwonlyargs.is_empty() {
            comma(self);
            self.s("*");
            if let Some(v) = &a.vararg {
                self.arg(v);
            }
        }
        for (arg, default) in a.kwonlyargs.iter().zip(&a.kw_defaults) {
            comma(self);
            self.arg(arg);
            if let Some(d) = default {
                self.s("=");
                self.expr(d, Prec::Test);
            }
        }
        if let Some(k) = &a.kwarg {
            comma(self);
            self.s("**");
            self.arg(k);
        }
    }

    fn arg(&mut self, a: &Arg) {
        self.s(&a.arg);
        if let Some(annotation) = &a.annotation {
            self.s(": ");
            self.expr(annotation, Prec::Test);
        }
    }

    fn interpolated(&mut self, prefix: &str, e: &Expr) {
        let mut body = Writer { out: Vec::new() };
        match &e.kind {
            ExprKind::JoinedStr(values) | ExprKind::TemplateStr(values) => {
                values.iter().for_each(|v| body.interpolated_part(v));
            }
            _ => body.interpolated_part(e),
        }
        self.s(prefix);
        self.quoted(&body.out);
    }

    fn interpolated_part(&mut self, e: &Expr) {
        match &e.kind {
            ExprKind::Constant {
                value: Const::Str(text),
                ..
            } => {
                for &b in text.iter() {
                    self.out.push(b);
                    if matches!(b, b'{' | b'}') {
                        self.out.push(b);
                    }
                }
            }
            ExprKind::JoinedStr(values) => values.iter().for_each(|v| self.interpolated_part(v)),
            ExprKind::FormattedValue {
                value,
                conversion,
                format_spec,
            }
            | ExprKind::Interpolation {
                value,
                conversion,
                format_spec,
                ..
            } => {
                let mut inner = Writer { out: Vec::new() };
                if let ExprKind::Interpolation {
                    text: Const::Str(text),
                    ..
                } = &e.kind
                {
                    inner.out.extend_from_slice(text);
                } else {
                    inner.expr(value, Prec::Test.next());
                }
                self.s(if inner.out.first() == Some(&b'{') {
                    "{ "
                } else {
                    "{"
                });
                self.out.extend_from_slice(&inner.out);
                if let Ok(c) = u8::try_from(*conversion) {
                    self.s("!");
                    self.out.push(c);
                }
                if let Some(spec) = format_spec {
                    self.s(":");
                    self.interpolated_part(spec);
                }
                self.s("}");
            }
            _ => self.expr(e, Prec::Test),
        }
    }

    fn constant(&mut self, value: &Const) {
        match value {
            Const::None => self.s("None"),
            Const::True => self.s("True"),
            Const::False => self.s("False"),
            Const::Ellipsis => self.s("..."),
            Const::Int(i) => self.s(&i.to_string()),
            Const::BigInt { .. } => {
                if let Some(i) = crate::lower::const_to_bigint(value) {
                    self.s(&i.to_string());
                }
            }
            Const::Float(f) => self.s(&float(*f)),
            Const::Complex { real, imag } => {
                let imag_text = imaginary(*imag);
                if *real == 0.0 && !real.is_sign_negative() {
                    self.s(&imag_text);
                } else {
                    let sign = if imag_text.starts_with('-') { "" } else { "+" };
                    self.s(&format!(
                        "({}{sign}{imag_text})",
                        float(*real).trim_end_matches(".0")
                    ));
                }
            }
            Const::Str(s) => self.quoted(s),
            Const::Bytes(b) => {
                self.s("b");
                self.quoted_bytes(b);
            }
            Const::Tuple(items) => {
                self.s("(");
                for (i, item) in items.iter().enumerate() {
                    if i > 0 {
                        self.s(", ");
                    }
                    self.constant(item);
                }
                self.s(if items.len() == 1 { ",)" } else { ")" });
            }
            Const::FrozenSet(items) => {
                self.s("frozenset({");
                for (i, item) in items.iter().enumerate() {
                    if i > 0 {
                        self.s(", ");
                    }
                    self.constant(item);
                }
                self.s("})");
            }
            Const::Slice(parts) => {
                self.s("slice(");
                for (i, item) in parts.iter().enumerate() {
                    if i > 0 {
                        self.s(", ");
                    }
                    self.constant(item);
                }
                self.s(")");
            }
            Const::Code(code) => self.s(&format!("<code object {}>", code.name)),
        }
    }

    fn quote_for(text: &[u8]) -> u8 {
        if text.contains(&b'\'') && !text.contains(&b'"') {
            b'"'
        } else {
            b'\''
        }
    }

    fn quoted_bytes(&mut self, bytes: &[u8]) {
        let quote = Self::quote_for(bytes);
        self.out.push(quote);
        for &b in bytes {
            self.byte(b, quote);
        }
        self.out.push(quote);
    }

    fn byte(&mut self, b: u8, quote: u8) {
        match b {
            b'\n' => self.s("\\n"),
            b'\r' => self.s("\\r"),
            b'\t' => self.s("\\t"),
            b'\\' => self.s("\\\\"),
            b if b == quote => {
                self.s("\\");
                self.out.push(b);
            }
            0x20..=0x7E => self.out.push(b),
            _ => self.s(&format!("\\x{b:02x}")),
        }
    }

    /// `repr()` of text.
    fn quoted(&mut self, text: &[u8]) {
        let quote = Self::quote_for(text);
        self.out.push(quote);
        for chunk in text.utf8_chunks() {
            for c in chunk.valid().chars() {
                match c {
                    '\0'..='\x7f' => self.byte(c as u8, quote),
                    c if is_printable(c) => self.s(c.encode_utf8(&mut [0; 4])),
                    c if (c as u32) < 0x100 => self.s(&format!("\\x{:02x}", c as u32)),
                    c if (c as u32) < 0x10000 => self.s(&format!("\\u{:04x}", c as u32)),
                    c => self.s(&format!("\\U{:08x}", c as u32)),
                }
            }
            // A surrogate shows up as one bad byte at a time.
            for &b in chunk.invalid() {
                self.surrogate(b);
            }
        }
        self.out.push(quote);
        self.fix_surrogates();
    }

    fn surrogate(&mut self, b: u8) {
        self.out.push(b);
    }

    /// Replaces the three raw bytes of each lone surrogate by its escape.
    fn fix_surrogates(&mut self) {
        let mut at = 0;
        while at + 2 < self.out.len() {
            if self.out[at] == 0xED && self.out[at + 1] >= 0xA0 {
                let code = 0xD000
                    | u32::from(self.out[at + 1] & 0x3F) << 6
                    | u32::from(self.out[at + 2] & 0x3F);
                let escape = format!("\\u{code:04x}");
                self.out.splice(at..at + 3, escape.bytes());
            }
            at += 1;
        }
    }
}

fn binary(op: Operator) -> (&'static str, Prec, bool) {
    match op {
        Operator::Add => (" + ", Prec::Arith, false),
        Operator::Sub => (" - ", Prec::Arith, false),
        Operator::Mult => (" * ", Prec::Term, false),
        Operator::MatMult => (" @ ", Prec::Term, false),
        Operator::Div => (" / ", Prec::Term, false),
        Operator::Mod => (" % ", Prec::Term, false),
        Operator::LShift => (" << ", Prec::Shift, false),
        Operator::RShift => (" >> ", Prec::Shift, false),
        Operator::BitOr => (" | ", Prec::BitOr, false),
        Operator::BitXor => (" ^ ", Prec::BitXor, false),
        Operator::BitAnd => (" & ", Prec::BitAnd, false),
        Operator::FloorDiv => (" // ", Prec::Term, false),
        Operator::Pow => (" ** ", Prec::Power, true),
    }
}

/// Whether `repr()` shows the character itself.
pub fn is_printable(c: char) -> bool {
    use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};
    c == ' '
        || !matches!(
            c.general_category_group(),
            GeneralCategoryGroup::Other | GeneralCategoryGroup::Separator
        )
}

fn imaginary(f: f64) -> String {
    let text = float(f);
    format!("{}j", text.strip_suffix(".0").unwrap_or(&text))
}

/// `repr()` of a float; infinity as a literal that overflows.
fn float(f: f64) -> String {
    if f.is_infinite() {
        return if f > 0.0 {
            "1e309".into()
        } else {
            "-1e309".into()
        };
    }
    if f.is_nan() {
        return "nan".into();
    }
    let scientific = format!("{f:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..16).contains(&exponent) {
        let plain = format!("{f}");
        return if plain.contains('.') {
            plain
        } else {
            format!("{plain}.0")
        };
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.abs())
}
