//! What the alternatives of the grammar do when they match.

use super::ErrorKind;
use super::peg::{Found, Match, Node, Parser, Stop};
use super::tokenizer::Kind;
use std::rc::Rc;

/// What the error messages call an expression.
fn expression_name(kind: &str) -> &'static str {
    match kind {
        "Attribute" => "attribute",
        "Subscript" => "subscript",
        "Starred" => "starred",
        "Name" => "name",
        "List" => "list",
        "Tuple" => "tuple",
        "Lambda" => "lambda",
        "Call" => "function call",
        "BoolOp" | "BinOp" | "UnaryOp" => "expression",
        "GeneratorExp" => "generator expression",
        "Yield" => "yield expression",
        "Await" => "await expression",
        "ListComp" => "list comprehension",
        "SetComp" => "set comprehension",
        "DictComp" => "dict comprehension",
        "Dict" => "dict literal",
        "Set" => "set display",
        "JoinedStr" => "f-string expression",
        "TemplateStr" => "t-string expression",
        "None" => "None",
        "True" => "True",
        "False" => "False",
        "Ellipsis" => "ellipsis",
        "Compare" => "comparison",
        "IfExp" => "conditional expression",
        "NamedExpr" => "named expression",
        _ => "literal",
    }
}

/// Which targets a statement allows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Targets {
    Assign,
    Delete,
    For,
}

/// The elements of a list or tuple node.
fn elements(node: &Rc<Node>, out: &mut Vec<Rc<Node>>) {
    for c in &node.children {
        if c.kind.is_empty() || c.kind == "many" {
            elements(c, out);
        } else if !matches!(c.kind, "none" | "look" | "cut") {
            out.push(c.clone());
        }
    }
}

fn last_element(node: &Rc<Node>, kind: &str) -> Option<Rc<Node>> {
    let mut all = Vec::new();
    elements(node, &mut all);
    all.into_iter().rev().find(|n| n.kind == kind)
}

impl Parser<'_> {
    /// The first part of an expression that cannot be a target.
    fn invalid_target(&self, node: &Rc<Node>, targets: Targets) -> Option<Rc<Node>> {
        match node.kind {
            "Name" | "Attribute" | "Subscript" => None,
            "List" | "Tuple" => {
                let mut all = Vec::new();
                elements(node, &mut all);
                all.iter().find_map(|e| self.invalid_target(e, targets))
            }
            "Starred" if targets != Targets::Delete => node
                .children
                .last()
                .and_then(|e| self.invalid_target(e, targets)),
            "Compare" if targets == Targets::For => {
                let op = node.children.get(1).map_or(0, |n| n.start);
                if self.text(op) == "in" {
                    self.invalid_target(&node.children[0], targets)
                } else {
                    None
                }
            }
            _ => Some(node.clone()),
        }
    }

    fn start_of(&self, node: &Node) -> usize {
        self.tokens
            .get(node.start)
            .map_or(self.source.len(), |t| t.start)
    }

    fn end_of(&self, node: &Node) -> usize {
        node.end
            .checked_sub(1)
            .and_then(|i| self.tokens.get(i))
            .map_or(0, |t| t.end)
    }

    fn raise(&self, message: impl Into<String>, from: &Node, to: &Node) -> Match {
        Err(Stop::Error(Found {
            kind: ErrorKind::Syntax,
            message: message.into(),
            start: self.start_of(from),
            end: Some(self.end_of(to)),
            at_token: None,
        }))
    }

    /// An error at a token, which may have no place of its own.
    fn raise_at(&self, kind: ErrorKind, message: String, token: usize) -> Match {
        let t = self.tokens.get(token);
        Err(Stop::Error(Found {
            kind,
            message,
            start: t.map_or(self.source.len(), |t| t.start),
            end: t.map(|t| t.end),
            at_token: Some(token),
        }))
    }

    fn fill_in(&self, text: &str, nodes: &[Rc<Node>]) -> String {
        let mut out = String::new();
        let mut chars = text.chars();
        while let Some(c) = chars.next() {
            let node = matches!(c, '%' | '$')
                .then(|| chars.clone().next().and_then(|d| d.to_digit(10)))
                .flatten()
                .and_then(|d| nodes.get((d as usize).wrapping_sub(1)));
            match node {
                Some(node) => {
                    chars.next();
                    if c == '%' {
                        out.push_str(expression_name(node.kind));
                    } else {
                        let at = self.start_of(node);
                        out.push_str(&(self.source[..at].matches('\n').count() + 1).to_string());
                    }
                }
                None => out.push(c),
            }
        }
        out
    }

    pub(super) fn act(
        &mut self,
        action: &'static str,
        start: usize,
        nodes: Vec<Rc<Node>>,
    ) -> Match {
        let (word, rest) = action.split_once(' ').unwrap_or((action, ""));
        match word {
            "E" | "I" | "F" => {
                let (place, text) = rest.split_once(' ').unwrap_or((rest, ""));
                let kind = if word == "I" {
                    ErrorKind::Indentation
                } else {
                    ErrorKind::Syntax
                };
                let mut message = self.fill_in(text, &nodes);
                if word == "F" {
                    let letter = if self.in_template(start) { 't' } else { 'f' };
                    message = format!("{letter}-string: {}", message.replace("'>'", "'}'"));
                }
                self.report(kind, message, place, &nodes)
            }
            "fail" => Ok(None),
            "first" => Ok(nodes.first().cloned()),
            "second" => Ok(nodes.get(1).cloned()),
            "conversion" => self.conversion(start, &nodes),
            "strings" => {
                self.check_strings(&nodes[0])?;
                let parts = &nodes[0].children;
                let formatted = parts.iter().any(|p| p.kind == "JoinedStr");
                Ok(Some(self.make(
                    if formatted { "JoinedStr" } else { "Constant" },
                    start,
                    Vec::new(),
                )))
            }
            "plain_expression" => {
                let outer = std::mem::replace(&mut self.explain, false);
                let result = self.rule_named("expression_plain");
                self.explain = outer;
                result
            }
            "legacy" => {
                let name = self.text(nodes[0].start);
                if matches!(name, "print" | "exec") {
                    let message = format!(
                        "Missing parentheses in call to '{name}'. Did you mean {name}(...)?"
                    );
                    return self.raise(message, &nodes[0], &nodes[2]);
                }
                Ok(None)
            }
            "forgot_comma" => {
                let (a, b) = (&nodes[1], &nodes[2]);
                let legacy = a.kind == "Name" && matches!(self.text(a.start), "print" | "exec");
                let inside = self
                    .tokens
                    .get(self.at.wrapping_sub(1))
                    .is_some_and(|t| t.level > 0);
                if legacy || !inside {
                    return Ok(None);
                }
                self.raise("invalid syntax. Perhaps you forgot a comma?", a, b)
            }
            "cannot_assign_constant" => {
                let message = format!("cannot assign to {}", self.text(nodes[0].start));
                self.raise(message, &nodes[0], &nodes[1])
            }
            "type_bound" => {
                let sort = rest.rsplit(' ').next().unwrap_or("");
                let what = if nodes[3].kind == "Tuple" {
                    "constraints"
                } else {
                    "bound"
                };
                let message = format!("cannot use {what} with {sort}");
                self.report(ErrorKind::Syntax, message, "3>", &nodes)
            }
            "target" => {
                let (which, item) = rest.split_once(' ').unwrap_or((rest, "1"));
                let targets = match which {
                    "delete" => Targets::Delete,
                    "for" => Targets::For,
                    _ => Targets::Assign,
                };
                let item: usize = item.parse().unwrap_or(1);
                let Some(bad) = self.invalid_target(&nodes[item - 1], targets) else {
                    return Ok(None);
                };
                let verb = if targets == Targets::Delete {
                    "delete"
                } else {
                    "assign to"
                };
                self.raise(
                    format!("cannot {verb} {}", expression_name(bad.kind)),
                    &bad,
                    &bad,
                )
            }
            "arguments_order" => {
                let unpacking = last_element(&nodes[0], "DoubleStarred").is_some()
                    || nodes[0].kind == "DoubleStarred"
                    || self.ends_with_unpacking(&nodes[0]);
                let message = if unpacking {
                    "positional argument follows keyword argument unpacking"
                } else {
                    "positional argument follows keyword argument"
                };
                self.raise_at(
                    ErrorKind::Syntax,
                    message.into(),
                    self.fill.saturating_sub(1),
                )
            }
            "genexp_in_call" => {
                // `f(a for a in b)` alone is fine; only after other arguments it is not.
                let mut all = Vec::new();
                elements(&nodes[0], &mut all);
                if all.len() <= 1 {
                    return Ok(None);
                }
                let last = all[all.len() - 1].clone();
                self.raise(
                    "Generator expression must be parenthesized",
                    &last,
                    &nodes[1],
                )
            }
            "missing_colon" => {
                let end = self.end_of(&nodes[0]);
                Err(Stop::Error(Found {
                    kind: ErrorKind::Syntax,
                    message: "':' expected after dictionary key".into(),
                    start: end - 1,
                    end: None,
                    at_token: None,
                }))
            }
            _ => Ok(None),
        }
    }

    /// `!r` and the like in a replacement field.
    fn conversion(&self, start: usize, nodes: &[Rc<Node>]) -> Match {
        let letter = if self.in_template(start) { 't' } else { 'f' };
        let (mark, name) = (&nodes[0], &nodes[1]);
        if self.end_of(mark) != self.start_of(name) {
            let message = format!(
                "{letter}-string: conversion type must come right after the exclamation mark"
            );
            return self.raise(message, name, name);
        }
        let text = self.text(name.start);
        if !matches!(text, "s" | "r" | "a") {
            let message = format!(
                "{letter}-string: invalid conversion character '{text}': expected 's', 'r', or 'a'"
            );
            return self.raise(message, name, name);
        }
        Ok(Some(self.make("", start, Vec::new())))
    }

    /// Errors of literals that are found while the tree is made.
    fn check_strings(&self, parts: &Node) -> Result<(), Stop> {
        let is_bytes = |i: usize| {
            let text = self.text(i);
            let prefix = &text[..text.find(['"', '\'']).unwrap_or(0)];
            prefix.contains(['b', 'B'])
        };
        let mut bytes = 0;
        for p in &parts.children {
            if p.kind == "Constant" && is_bytes(p.start) {
                bytes += 1;
                if !self.text(p.start).is_ascii() {
                    self.raise("bytes can only contain ASCII literal characters", p, p)?;
                }
            }
        }
        if bytes != 0 && bytes != parts.children.len() {
            let message = "cannot mix bytes and nonbytes literals".into();
            self.raise_at(ErrorKind::Syntax, message, self.fill.saturating_sub(1))?;
        }
        Ok(())
    }

    fn ends_with_unpacking(&self, node: &Rc<Node>) -> bool {
        node.kind == "DoubleStarred" || node.children.iter().any(|c| self.ends_with_unpacking(c))
    }

    /// Whether the token is in a t-string rather than an f-string.
    fn in_template(&self, token: usize) -> bool {
        let mut depth = 0;
        for t in self.tokens[..token.min(self.tokens.len())].iter().rev() {
            match t.kind {
                Kind::FEnd | Kind::TEnd => depth += 1,
                Kind::FStart | Kind::TStart if depth > 0 => depth -= 1,
                Kind::FStart => return false,
                Kind::TStart => return true,
                _ => {}
            }
        }
        false
    }

    fn report(
        &mut self,
        kind: ErrorKind,
        message: String,
        place: &str,
        nodes: &[Rc<Node>],
    ) -> Match {
        let node = |n: &str| n.parse::<usize>().ok().and_then(|n| nodes.get(n - 1));
        if place == "@" {
            return self.raise_at(kind, message, self.fill.saturating_sub(1));
        }
        if place == "n" {
            // The next token is fetched if it has not been yet.
            self.fill = self.fill.max((self.at + 1).min(self.tokens.len()));
            if self.at >= self.tokens.len() && self.token_error.is_some() {
                return Err(Stop::Token);
            }
            return self.raise_at(kind, message, self.at);
        }
        if let Some(n) = place.strip_suffix('>') {
            let Some(n) = node(n) else { return Ok(None) };
            let end = self
                .fill
                .checked_sub(1)
                .and_then(|i| self.tokens.get(i))
                .map(|t| t.end - 1);
            return Err(Stop::Error(Found {
                kind,
                message,
                start: self.start_of(n),
                end,
                at_token: None,
            }));
        }
        let (a, b) = place.split_once('-').unwrap_or((place, place));
        let (Some(a), Some(b)) = (node(a), node(b)) else {
            return Ok(None);
        };
        self.raise(message, a, b)
    }
}
