//! A parser that follows a grammar written as text, ordered choice by ordered
//! choice, to find out where and why a source does not parse.
//!
//! It works as CPython's generated parser does: once with the plain rules, to
//! find the furthest token reached, then once more with rules that match common
//! mistakes. Which of several errors is reported depends on that order, which is
//! why this is not the parser used for correct sources.
//!
//! Notation of the grammar ([`super::grammar`]): one rule a line, `name: a | b`.
//! `'x'` is an operator or keyword, `"x"` a soft keyword, capitals are token
//! sorts; `[a]`, `(a)`, `a*`, `a+`, `s.a+` (a's between s's), `&a`, `!a`, `~`
//! (no other alternative from here) and `&&'x'` (must follow) as in the language
//! reference. `a ^ (b | c)` is left recursion: a, then any number of b or c.
//! `=> Kind` names what an alternative makes; `{...}` is what it does.

use super::tokenizer::{Kind, Token, TokenError};
use rustc_hash::FxHashMap;
use std::rc::Rc;

/// An item of an alternative.
#[derive(Debug)]
pub enum Item {
    Text(&'static str),
    Soft(&'static str),
    Kind(Kind),
    Rule(usize),
    Opt(Vec<Alt>),
    Group(Vec<Alt>),
    Star(Box<Item>),
    Plus(Box<Item>),
    Gather(Box<Item>, Box<Item>),
    And(Box<Item>),
    Not(Box<Item>),
    Must(&'static str),
    Cut,
    /// Left recursion over what came before.
    Fold(Vec<Alt>),
}

/// An alternative.
#[derive(Debug, Default)]
pub struct Alt {
    pub items: Vec<Item>,
    pub makes: Option<&'static str>,
    pub action: Option<&'static str>,
}

/// A rule.
#[derive(Debug)]
pub struct Rule {
    pub name: &'static str,
    pub alts: Vec<Alt>,
    /// Only tried when looking for the reason of an error.
    pub invalid: bool,
}

/// A part of the source that matched.
#[derive(Debug)]
pub struct Node {
    pub kind: &'static str,
    /// First token, and the one behind the last.
    pub start: usize,
    pub end: usize,
    pub children: Vec<Rc<Node>>,
}

impl Drop for Node {
    /// Long chains (`a.b.c`...) nest deeply: they are taken apart without recursion.
    fn drop(&mut self) {
        let mut work = std::mem::take(&mut self.children);
        while let Some(node) = work.pop() {
            if let Ok(mut node) = Rc::try_unwrap(node) {
                work.append(&mut node.children);
            }
        }
    }
}

/// Why parsing stopped.
#[derive(Debug)]
pub enum Stop {
    /// The tokenizer failed.
    Token,
    /// A rule found the mistake.
    Error(Found),
}

/// A mistake that a rule found: the text and the bytes it is reported at.
#[derive(Clone, Debug)]
pub struct Found {
    pub kind: super::ErrorKind,
    pub message: String,
    pub start: usize,
    /// `None`: no end is reported.
    pub end: Option<usize>,
    /// The token the error is at, if it is at one.
    pub at_token: Option<usize>,
}

pub type Match = Result<Option<Rc<Node>>, Stop>;

const KEYWORDS: [&str; 35] = [
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue",
    "def", "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import",
    "in", "is", "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while",
    "with", "yield",
];

/// Reads the grammar's text.
pub fn read_grammar(text: &'static str) -> Vec<Rule> {
    let mut names: Vec<&'static str> = Vec::new();
    let lines = text
        .lines()
        .filter(|l| l.contains(':') && !l.starts_with([' ', '#']));
    for line in lines.clone() {
        names.push(&line[..line.find(':').unwrap_or(0)]);
    }
    let index: FxHashMap<&str, usize> = names.iter().enumerate().map(|(i, n)| (*n, i)).collect();
    lines
        .zip(&names)
        .map(|(line, &name)| {
            let mut r = GrammarReader {
                text: line,
                at: name.len() + 1,
                index: &index,
            };
            Rule {
                name,
                alts: r.alts(),
                invalid: name.starts_with("invalid_"),
            }
        })
        .collect()
}

struct GrammarReader<'i> {
    text: &'static str,
    at: usize,
    index: &'i FxHashMap<&'static str, usize>,
}

impl GrammarReader<'_> {
    fn rest(&self) -> &'static str {
        &self.text[self.at..]
    }
    fn blank(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }
    fn eat(&mut self, text: &str) -> bool {
        self.blank();
        let found = self.rest().starts_with(text);
        if found {
            self.at += text.len();
        }
        found
    }
    fn until(&mut self, end: char) -> &'static str {
        let rest = self.rest();
        let len = rest.find(end).unwrap_or(rest.len());
        self.at += len + 1;
        &rest[..len]
    }
    fn word(&mut self) -> &'static str {
        self.blank();
        let rest = self.rest();
        let len = rest
            .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .unwrap_or(rest.len());
        assert!(len > 0, "grammar: {} at {}", self.text, self.at);
        self.at += len;
        &rest[..len]
    }
    fn alts(&mut self) -> Vec<Alt> {
        let mut out = vec![self.alt()];
        while self.eat("|") {
            out.push(self.alt());
        }
        out
    }
    fn alt(&mut self) -> Alt {
        let mut alt = Alt::default();
        loop {
            self.blank();
            let rest = self.rest();
            if rest.is_empty() || rest.starts_with(['|', ')', ']']) {
                return alt;
            }
            if self.eat("=>") {
                alt.makes = Some(self.word());
            } else if self.eat("{") {
                alt.action = Some(self.until('}'));
            } else if self.eat("^") {
                self.eat("(");
                let alts = self.alts();
                self.eat(")");
                alt.items.push(Item::Fold(alts));
            } else {
                let item = self.item();
                alt.items.push(item);
            }
        }
    }
    fn item(&mut self) -> Item {
        if self.eat("&&") {
            self.eat("'");
            return Item::Must(self.until('\''));
        }
        if self.eat("&") {
            return Item::And(Box::new(self.item()));
        }
        if self.eat("!") {
            return Item::Not(Box::new(self.item()));
        }
        if self.eat("~") {
            return Item::Cut;
        }
        let atom = self.atom();
        let rest = self.rest();
        if rest.starts_with('*') {
            self.at += 1;
            return Item::Star(Box::new(atom));
        }
        if rest.starts_with('+') {
            self.at += 1;
            return Item::Plus(Box::new(atom));
        }
        if rest.starts_with('.') {
            self.at += 1;
            let element = self.atom();
            self.eat("+");
            return Item::Gather(Box::new(atom), Box::new(element));
        }
        atom
    }
    fn atom(&mut self) -> Item {
        if self.eat("(") {
            let alts = self.alts();
            self.eat(")");
            return Item::Group(alts);
        }
        if self.eat("[") {
            let alts = self.alts();
            self.eat("]");
            return Item::Opt(alts);
        }
        if self.eat("'") {
            return Item::Text(self.until('\''));
        }
        if self.eat("\"") {
            return Item::Soft(self.until('"'));
        }
        let word = self.word();
        Item::Kind(match word {
            "NAME" => Kind::Name,
            "NUMBER" => Kind::Number,
            "STRING" => Kind::String,
            "NEWLINE" => Kind::Newline,
            "INDENT" => Kind::Indent,
            "DEDENT" => Kind::Dedent,
            "ENDMARKER" => Kind::End,
            "FSTART" => Kind::FStart,
            "FMIDDLE" => Kind::FMiddle,
            "FEND" => Kind::FEnd,
            "TSTART" => Kind::TStart,
            "TMIDDLE" => Kind::TMiddle,
            "TEND" => Kind::TEnd,
            rule => match self.index.get(rule) {
                Some(&i) => return Item::Rule(i),
                None => panic!("grammar: no rule {rule}"),
            },
        })
    }
}

/// What a rule made at a token, and the token behind it.
type Remembered = Option<(Rc<Node>, usize)>;

/// A run of the parser.
pub struct Parser<'s> {
    pub source: &'s str,
    pub tokens: &'s [Token],
    pub token_error: Option<&'s TokenError>,
    rules: &'s [Rule],
    memo: FxHashMap<(usize, usize), Remembered>,
    pub at: usize,
    /// Tokens looked at so far.
    pub fill: usize,
    /// Whether rules for mistakes are tried.
    pub explain: bool,
    /// Start of the last compound statement that parsed, functions aside.
    pub last_statement: Option<usize>,
    depth: u32,
}

/// The statements that CPython's parser remembers for suggestions about what follows.
const NOTED: [&str; 7] = [
    "if_stmt",
    "class_def_raw",
    "with_stmt",
    "for_stmt",
    "try_stmt",
    "while_stmt",
    "match_stmt",
];

/// Nesting of rules that CPython's parser accepts.
const MAX_STACK: u32 = 4000 * 6;

impl<'s> Parser<'s> {
    pub fn new(
        source: &'s str,
        tokens: &'s [Token],
        token_error: Option<&'s TokenError>,
        rules: &'s [Rule],
    ) -> Self {
        Parser {
            source,
            tokens,
            token_error,
            rules,
            memo: FxHashMap::default(),
            at: 0,
            fill: 0,
            explain: false,
            last_statement: None,
            depth: 0,
        }
    }

    /// Starts again with the rules for mistakes.
    pub fn restart(&mut self) {
        self.memo.clear();
        self.at = 0;
        self.explain = true;
    }

    pub fn rule_named(&mut self, name: &str) -> Match {
        match self.rules.iter().position(|r| r.name == name) {
            Some(r) => self.rule(r),
            None => Ok(None),
        }
    }

    pub fn text(&self, token: usize) -> &'s str {
        self.tokens
            .get(token)
            .map_or("", |t| &self.source[t.start..t.end])
    }

    fn token(&mut self, i: usize) -> Result<Option<Token>, Stop> {
        match self.tokens.get(i) {
            Some(t) => {
                self.fill = self.fill.max(i + 1);
                Ok(Some(*t))
            }
            None if self.token_error.is_some() => Err(Stop::Token),
            None => Ok(None),
        }
    }

    fn rule(&mut self, r: usize) -> Match {
        let rules = self.rules;
        let rule = &rules[r];
        if rule.invalid && !self.explain {
            return Ok(None);
        }
        let key = (r, self.at);
        if let Some(found) = self.memo.get(&key) {
            return Ok(found.as_ref().map(|(node, at)| {
                self.at = *at;
                node.clone()
            }));
        }
        self.depth += 1;
        if self.depth > MAX_STACK {
            return Err(Stop::Error(Found {
                kind: super::ErrorKind::Memory,
                message: "Parser stack overflowed - Python source too complex to parse".into(),
                start: 0,
                end: None,
                at_token: None,
            }));
        }
        let result = stacker::maybe_grow(128 << 10, 4 << 20, || self.alts(&rule.alts));
        self.depth -= 1;
        let result = result?;
        if let Some(node) = &result
            && NOTED.contains(&rule.name)
        {
            let start = self.tokens.get(node.start).map(|t| t.start);
            self.last_statement = self.last_statement.max(start);
        }
        self.memo.insert(key, result.clone().map(|n| (n, self.at)));
        Ok(result)
    }

    fn alts(&mut self, alts: &'s [Alt]) -> Match {
        let start = self.at;
        for alt in alts {
            self.at = start;
            let mut cut = false;
            if let Some(node) = self.alt(alt, &mut cut)? {
                return Ok(Some(node));
            }
            self.at = start;
            if cut {
                return Ok(None);
            }
        }
        Ok(None)
    }

    fn alt(&mut self, alt: &'s Alt, cut: &mut bool) -> Match {
        let start = self.at;
        let mut nodes: Vec<Rc<Node>> = Vec::with_capacity(alt.items.len());
        for item in &alt.items {
            match item {
                Item::Cut => {
                    *cut = true;
                    nodes.push(self.make("cut", self.at, Vec::new()));
                }
                Item::Fold(alts) => {
                    let Some(mut left) = nodes.pop() else {
                        return Ok(None);
                    };
                    loop {
                        let at = self.at;
                        let Some(right) = self.alts(alts)? else { break };
                        if self.at == at {
                            break;
                        }
                        left = self.make(right.kind, start, vec![left, right]);
                    }
                    nodes.push(left);
                }
                item => match self.item(item)? {
                    Some(node) => nodes.push(node),
                    None => return Ok(None),
                },
            }
        }
        if let Some(action) = alt.action {
            return self.act(action, start, nodes);
        }
        if let Some(kind) = alt.makes {
            return Ok(Some(self.make(kind, start, nodes)));
        }
        // What only looks or commits does not count.
        let mut plain = nodes
            .iter()
            .enumerate()
            .filter(|(_, n)| !matches!(n.kind, "look" | "cut"))
            .map(|(i, _)| i);
        Ok(Some(match (plain.next(), plain.next()) {
            (Some(only), None) => nodes.swap_remove(only),
            _ => self.make("", start, nodes),
        }))
    }

    pub fn make(&self, kind: &'static str, start: usize, children: Vec<Rc<Node>>) -> Rc<Node> {
        Rc::new(Node {
            kind,
            start,
            end: self.at,
            children,
        })
    }

    fn leaf(&mut self, kind: &'static str) -> Match {
        let start = self.at;
        self.at += 1;
        Ok(Some(self.make(kind, start, Vec::new())))
    }

    fn item(&mut self, item: &'s Item) -> Match {
        match item {
            Item::Text(text) => {
                let Some(t) = self.token(self.at)? else {
                    return Ok(None);
                };
                if matches!(t.kind, Kind::Op | Kind::Name) && self.text(self.at) == *text {
                    return self.leaf("");
                }
                Ok(None)
            }
            Item::Soft(text) => {
                let Some(t) = self.token(self.at)? else {
                    return Ok(None);
                };
                if t.kind == Kind::Name && self.text(self.at) == *text {
                    self.leaf("Name")
                } else {
                    Ok(None)
                }
            }
            Item::Kind(kind) => {
                let Some(t) = self.token(self.at)? else {
                    return Ok(None);
                };
                if t.kind != *kind
                    || *kind == Kind::Name && KEYWORDS.binary_search(&self.text(self.at)).is_ok()
                {
                    return Ok(None);
                }
                self.leaf(match kind {
                    Kind::Name => "Name",
                    Kind::Number | Kind::String => "Constant",
                    _ => "",
                })
            }
            Item::Rule(r) => self.rule(*r),
            Item::Group(alts) => self.alts(alts),
            Item::Opt(alts) => {
                let start = self.at;
                match self.alts(alts)? {
                    Some(node) => Ok(Some(node)),
                    None => {
                        self.at = start;
                        Ok(Some(self.make("none", start, Vec::new())))
                    }
                }
            }
            Item::Star(inner) | Item::Plus(inner) => {
                let start = self.at;
                let mut nodes = Vec::new();
                loop {
                    let at = self.at;
                    match self.item(inner)? {
                        Some(node) if self.at > at => nodes.push(node),
                        _ => {
                            self.at = at;
                            break;
                        }
                    }
                }
                if nodes.is_empty() && matches!(item, Item::Plus(_)) {
                    return Ok(None);
                }
                Ok(Some(self.make("many", start, nodes)))
            }
            Item::Gather(separator, element) => {
                let start = self.at;
                let Some(first) = self.item(element)? else {
                    return Ok(None);
                };
                let mut nodes = vec![first];
                loop {
                    let at = self.at;
                    if self.item(separator)?.is_some()
                        && let Some(node) = self.item(element)?
                    {
                        nodes.push(node);
                    } else {
                        self.at = at;
                        break;
                    }
                }
                Ok(Some(self.make("many", start, nodes)))
            }
            Item::And(inner) | Item::Not(inner) => {
                let start = self.at;
                let found = self.item(inner)?.is_some();
                self.at = start;
                let wanted = matches!(item, Item::And(_));
                Ok((found == wanted).then(|| self.make("look", start, Vec::new())))
            }
            Item::Must(text) => {
                let Some(t) = self.token(self.at)? else {
                    return Ok(None);
                };
                if matches!(t.kind, Kind::Op | Kind::Name) && self.text(self.at) == *text {
                    return self.leaf("");
                }
                if !self.explain {
                    return Ok(None);
                }
                Err(Stop::Error(Found {
                    kind: super::ErrorKind::Syntax,
                    message: format!("expected '{text}'"),
                    start: t.start,
                    end: Some(t.end),
                    at_token: Some(self.at),
                }))
            }
            Item::Cut | Item::Fold(_) => Ok(None),
        }
    }
}
