//! From Python's nodes to the compiler's tree. Nodes may be made by hand, so
//! every field is checked for presence and type, in CPython's words.

use super::{CMP_NAMES, CTX_NAMES, OPERATOR_NAMES, UNARY_NAMES};
use taipan_bytecode::Const;
use taipan_compiler::ast::*;
use taipan_runtime::heap::Gc;
use taipan_runtime::object::Class;
use taipan_runtime::types::bytes::Bytes;
use taipan_runtime::types::complex::Complex;
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::int::IntRef;
use taipan_runtime::types::list::List;
use taipan_runtime::types::module::Module;
use taipan_runtime::types::str::Str;
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::{Raised, Result, Value, Vm};

/// Nesting beyond which reading gives up, so that the native stack lasts.
const MAX_DEPTH: u32 = 2_000;

/// Reads nodes of the classes of `_ast`.
pub struct Reader<'vm> {
    vm: &'vm Vm,
    classes: Gc<Dict>,
    depth: std::cell::Cell<u32>,
}

/// A node whose fields are being read: the name of its class for errors, and itself.
#[derive(Clone, Copy)]
struct Node {
    class: &'static str,
    value: Value,
}

const STATEMENTS: &[&str] = &[
    "FunctionDef",
    "AsyncFunctionDef",
    "ClassDef",
    "Return",
    "Delete",
    "Assign",
    "TypeAlias",
    "AugAssign",
    "AnnAssign",
    "For",
    "AsyncFor",
    "While",
    "If",
    "With",
    "AsyncWith",
    "Match",
    "Raise",
    "Try",
    "TryStar",
    "Assert",
    "Import",
    "ImportFrom",
    "Global",
    "Nonlocal",
    "Expr",
    "Pass",
    "Break",
    "Continue",
];
const EXPRESSIONS: &[&str] = &[
    "Name",
    "Constant",
    "Attribute",
    "Call",
    "BoolOp",
    "NamedExpr",
    "BinOp",
    "UnaryOp",
    "Lambda",
    "IfExp",
    "Dict",
    "Set",
    "ListComp",
    "SetComp",
    "DictComp",
    "GeneratorExp",
    "Await",
    "Yield",
    "YieldFrom",
    "Compare",
    "FormattedValue",
    "Interpolation",
    "JoinedStr",
    "TemplateStr",
    "Subscript",
    "Starred",
    "List",
    "Tuple",
    "Slice",
];
const PATTERNS: &[&str] = &[
    "MatchValue",
    "MatchSingleton",
    "MatchSequence",
    "MatchMapping",
    "MatchClass",
    "MatchStar",
    "MatchAs",
    "MatchOr",
];

impl<'vm> Reader<'vm> {
    /// # Errors
    /// Whatever importing `_ast` raises.
    pub fn new(vm: &'vm Vm) -> Result<Reader<'vm>> {
        let module = vm.import("_ast")?;
        match module.cast::<Module>() {
            Some(m) => Ok(Reader {
                vm,
                classes: m.dict(),
                depth: std::cell::Cell::new(0),
            }),
            None => Err(vm.system_error("_ast is not a module")),
        }
    }

    fn class(&self, name: &str) -> Option<Gc<Class>> {
        self.classes.get_str(self.vm.intern(name))?.cast()
    }

    /// Whether a value is a node at all.
    pub fn is_node(&self, v: Value) -> bool {
        self.is_a(v, "AST")
    }

    fn is_a(&self, v: Value, class: &str) -> bool {
        let of = self.vm.class_of(v);
        self.class(class).is_some_and(|c| of.is_subclass_of(c))
    }

    /// The class out of `names` that a node is of.
    fn which(&self, v: Value, names: &[&'static str]) -> Option<&'static str> {
        let of = self.vm.class_of(v);
        let exact = names.iter().find(|n| self.class(n) == Some(of));
        exact
            .or_else(|| names.iter().find(|n| self.is_a(v, n)))
            .copied()
    }

    fn unexpected<T>(&self, sort: &str, v: Value) -> Result<T> {
        let shown = self.vm.repr(v)?.to_text();
        Err(self
            .vm
            .type_error(format!("expected some sort of {sort}, but got {shown}")))
    }

    fn field(&self, node: Node, name: &str) -> Result<Option<Value>> {
        self.vm.find_attr(node.value, self.vm.intern(name))
    }

    fn missing(&self, node: Node, name: &str) -> Raised {
        let class = node.class;
        self.vm
            .type_error(format!("required field \"{name}\" missing from {class}"))
    }

    /// A field that must not be None either.
    fn required(&self, node: Node, name: &str) -> Result {
        match self.field(node, name)? {
            None => Err(self.missing(node, name)),
            Some(v) if v.is_none() => {
                let class = node.class;
                Err(self
                    .vm
                    .value_error(format!("field '{name}' is required for {class}")))
            }
            Some(v) => Ok(v),
        }
    }

    fn optional(&self, node: Node, name: &str) -> Result<Option<Value>> {
        Ok(self.field(node, name)?.filter(|v| !v.is_none()))
    }

    fn items<T>(
        &self,
        node: Node,
        name: &str,
        read: impl Fn(&Self, Value) -> Result<T>,
    ) -> Result<Vec<T>> {
        let Some(v) = self.field(node, name)? else {
            return Ok(Vec::new());
        };
        let Some(list) = v.cast::<List>() else {
            let (class, found) = (node.class, self.vm.class_of(v).name_string());
            return Err(self.vm.type_error(format!(
                "{class} field \"{name}\" must be a list, not a {found}"
            )));
        };
        let mut out = Vec::with_capacity(list.as_slice().len());
        let mut i = 0;
        while let Some(item) = list.as_slice().get(i).copied() {
            let before = list.as_slice().len();
            out.push(read(self, item)?);
            if list.as_slice().len() != before {
                let class = node.class;
                return Err(self.vm.runtime_error(format!(
                    "{class} field \"{name}\" changed size during iteration"
                )));
            }
            i += 1;
        }
        Ok(out)
    }

    fn int(&self, v: Value) -> Result<i32> {
        if v.as_int_ref().is_none() {
            let shown = self.vm.repr(v)?.to_text();
            return Err(self
                .vm
                .value_error(format!("invalid integer value: {shown}")));
        }
        match i32::try_from(self.vm.to_i64(v)?) {
            Ok(i) => Ok(i),
            Err(_) => Err(self
                .vm
                .overflow_error("Python int too large to convert to C int")),
        }
    }

    fn place(&self, node: Node, sort: &'static str) -> Result<Pos> {
        let named = Node {
            class: sort,
            ..node
        };
        let line = match self.field(named, "lineno")? {
            Some(v) => self.int(v)?,
            None => return Err(self.missing(named, "lineno")),
        };
        let col = match self.field(named, "col_offset")? {
            Some(v) => self.int(v)?,
            None => return Err(self.missing(named, "col_offset")),
        };
        let end_line = self.optional(named, "end_lineno")?;
        let end_col = self.optional(named, "end_col_offset")?;
        let pos = Pos {
            line,
            col,
            end_line: end_line.map_or(Ok(line), |v| self.int(v))?,
            end_col: end_col.map_or(Ok(col), |v| self.int(v))?,
        };
        self.check_place(pos)?;
        Ok(pos)
    }

    fn check_place(&self, p: Pos) -> Result<()> {
        let Pos {
            line,
            col,
            end_line,
            end_col,
        } = p;
        let message = if line > end_line {
            format!("AST node line range ({line}, {end_line}) is not valid")
        } else if line < 0 && end_line != line || col < 0 && col != end_col {
            format!(
                "AST node column range ({col}, {end_col}) for line range ({line}, {end_line}) is not valid"
            )
        } else if line == end_line && col > end_col {
            format!("line {line}, column {col}-{end_col} is not a valid range")
        } else {
            return Ok(());
        };
        Err(self.vm.value_error(message))
    }

    fn identifier(&self, v: Value) -> Result<Name> {
        match v.cast::<Str>() {
            Some(s) => Ok(s.to_text().into()),
            None => Err(self.vm.type_error("AST identifier must be of type str")),
        }
    }

    fn name(&self, node: Node, field: &str) -> Result<Name> {
        self.identifier(self.required(node, field)?)
    }

    fn opt_name(&self, node: Node, field: &str) -> Result<Option<Name>> {
        let v = self.optional(node, field)?;
        v.map(|v| self.identifier(v)).transpose()
    }

    fn names(&self, node: Node, field: &str) -> Result<Vec<Name>> {
        self.items(node, field, |r, v| r.identifier(v))
    }

    fn constant(&self, v: Value) -> Result<Const> {
        let vm = self.vm;
        Ok(if v.is_none() {
            Const::None
        } else if v == Value::ELLIPSIS {
            Const::Ellipsis
        } else if v.is_bool() {
            if v == Value::TRUE {
                Const::True
            } else {
                Const::False
            }
        } else if let Some(i) = v.as_int() {
            Const::Int(i)
        } else if let Some(f) = v.as_float() {
            Const::Float(f)
        } else {
            let class = vm.class_of(v);
            let exact = |t: Gc<Class>| class == t;
            if class == vm.types.int.get()
                && let Some(IntRef::Big(big)) = v.as_int_ref()
            {
                match big.to_i64() {
                    Some(i) => Const::Int(i),
                    None => Const::BigInt {
                        negative: big.is_negative(),
                        magnitude: big.big().to_bytes_le().1,
                    },
                }
            } else if let Some(s) = v.cast::<Str>().filter(|_| exact(vm.types.str.get())) {
                Const::Str(s.to_wtf8().into())
            } else if let Some(b) = v.cast::<Bytes>().filter(|_| exact(vm.types.bytes.get())) {
                Const::Bytes(b.as_slice().into())
            } else if let Some(c) = v
                .cast::<Complex>()
                .filter(|_| exact(vm.types.complex.get()))
            {
                Const::Complex {
                    real: c.re,
                    imag: c.im,
                }
            } else if let Some(t) = v.cast::<Tuple>().filter(|_| exact(vm.types.tuple.get())) {
                let parts: Result<Vec<_>> = t.as_slice().iter().map(|v| self.nested(*v)).collect();
                Const::Tuple(parts?)
            } else if exact(vm.types.frozenset.get()) {
                let items = vm.collect(v)?;
                let parts: Result<Vec<_>> = items.iter().map(|v| self.nested(*v)).collect();
                Const::FrozenSet(parts?)
            } else {
                let name = class.name_string();
                return Err(vm.type_error(format!("got an invalid type in Constant: {name}")));
            }
        })
    }

    fn nested(&self, v: Value) -> Result<Const> {
        self.deeper("Constant", || self.constant(v))
    }

    fn deeper<T>(&self, what: &str, read: impl FnOnce() -> Result<T>) -> Result<T> {
        let depth = self.depth.get();
        if depth >= MAX_DEPTH {
            return Err(self.vm.recursion_error(format!(
                "maximum recursion depth exceeded while traversing '{what}' node"
            )));
        }
        self.depth.set(depth + 1);
        let result = read();
        self.depth.set(depth);
        result
    }

    /// A whole tree; `expected` is the class that the mode asks for.
    ///
    /// # Errors
    /// TypeError or ValueError for what no source could be parsed to.
    pub fn module(&self, v: Value, expected: &'static str) -> Result<Mod> {
        if !self.is_a(v, expected) {
            let found = self.vm.class_of(v).name_string();
            return Err(self
                .vm
                .type_error(format!("expected {expected} node, got {found}")));
        }
        let node = Node {
            class: expected,
            value: v,
        };
        Ok(match expected {
            "Expression" => Mod::Expression {
                body: self.expr_in(node, "body")?,
            },
            "Interactive" => Mod::Interactive {
                body: self.body(node, "body")?,
            },
            _ => Mod::Module {
                body: self.body(node, "body")?,
            },
        })
    }

    fn body(&self, node: Node, field: &str) -> Result<Vec<Stmt>> {
        self.items(node, field, |r, v| {
            if v.is_none() {
                return Err(r.vm.value_error("None disallowed in statement list"));
            }
            r.stmt(v)
        })
    }

    fn exprs(&self, node: Node, field: &str) -> Result<Vec<Expr>> {
        self.items(node, field, |r, v| {
            if v.is_none() {
                return Err(r.vm.value_error("None disallowed in expression list"));
            }
            r.expr(v)
        })
    }

    fn opt_exprs(&self, node: Node, field: &str) -> Result<Vec<Option<Expr>>> {
        self.items(node, field, |r, v| {
            (!v.is_none()).then(|| r.expr(v)).transpose()
        })
    }

    fn expr_in(&self, node: Node, field: &str) -> Result<Box<Expr>> {
        Ok(Box::new(self.expr(self.required(node, field)?)?))
    }

    fn opt(&self, node: Node, field: &str) -> Result<Option<Box<Expr>>> {
        let v = self.optional(node, field)?;
        v.map(|v| self.expr(v).map(Box::new)).transpose()
    }

    fn chosen<T: Copy>(
        &self,
        node: Node,
        field: &str,
        sort: &str,
        table: &[(&'static str, T)],
    ) -> Result<T> {
        self.choice(self.required(node, field)?, sort, table)
    }

    fn choice<T: Copy>(&self, v: Value, sort: &str, table: &[(&'static str, T)]) -> Result<T> {
        match table.iter().find(|(name, _)| self.is_a(v, name)) {
            Some((_, t)) => Ok(*t),
            None => self.unexpected(sort, v),
        }
    }

    fn ctx(&self, node: Node) -> Result<Ctx> {
        self.chosen(node, "ctx", "expr_context", &CTX_NAMES)
    }

    fn type_params(&self, node: Node) -> Result<Vec<TypeParam>> {
        self.items(node, "type_params", |r, v| r.type_param(v))
    }

    fn stmt(&self, v: Value) -> Result<Stmt> {
        self.deeper("stmt", || self.stmt_kind(v))
    }

    fn stmt_kind(&self, v: Value) -> Result<Stmt> {
        let plain = Node {
            class: "stmt",
            value: v,
        };
        let pos = self.place(plain, "stmt")?;
        let Some(class) = self.which(v, STATEMENTS) else {
            return self.unexpected("stmt", v);
        };
        let n = Node { class, value: v };
        let is_async = class.starts_with("Async");
        let kind = match class {
            "FunctionDef" | "AsyncFunctionDef" => StmtKind::FunctionDef(Box::new(FunctionDef {
                name: self.name(n, "name")?,
                args: self.arguments(self.required(n, "args")?)?,
                body: self.body(n, "body")?,
                decorators: self.exprs(n, "decorator_list")?,
                returns: self.opt(n, "returns")?,
                type_params: self.type_params(n)?,
                is_async,
            })),
            "ClassDef" => StmtKind::ClassDef(Box::new(ClassDef {
                name: self.name(n, "name")?,
                bases: self.exprs(n, "bases")?,
                keywords: self.items(n, "keywords", |r, v| r.keyword(v))?,
                body: self.body(n, "body")?,
                decorators: self.exprs(n, "decorator_list")?,
                type_params: self.type_params(n)?,
            })),
            "Return" => StmtKind::Return(self.opt(n, "value")?),
            "Delete" => StmtKind::Delete(self.exprs(n, "targets")?),
            "Assign" => StmtKind::Assign {
                targets: self.exprs(n, "targets")?,
                value: self.expr_in(n, "value")?,
            },
            "TypeAlias" => StmtKind::TypeAlias {
                name: self.expr_in(n, "name")?,
                type_params: self.type_params(n)?,
                value: self.expr_in(n, "value")?,
            },
            "AugAssign" => StmtKind::AugAssign {
                target: self.expr_in(n, "target")?,
                op: self.chosen(n, "op", "operator", &OPERATOR_NAMES)?,
                value: self.expr_in(n, "value")?,
            },
            "AnnAssign" => StmtKind::AnnAssign {
                target: self.expr_in(n, "target")?,
                annotation: self.expr_in(n, "annotation")?,
                value: self.opt(n, "value")?,
                simple: match self.field(n, "simple")? {
                    Some(v) => self.int(v)? != 0,
                    None => return Err(self.missing(n, "simple")),
                },
            },
            "For" | "AsyncFor" => StmtKind::For {
                target: self.expr_in(n, "target")?,
                iter: self.expr_in(n, "iter")?,
                body: self.body(n, "body")?,
                orelse: self.body(n, "orelse")?,
                is_async,
            },
            "While" => StmtKind::While {
                test: self.expr_in(n, "test")?,
                body: self.body(n, "body")?,
                orelse: self.body(n, "orelse")?,
            },
            "If" => StmtKind::If {
                test: self.expr_in(n, "test")?,
                body: self.body(n, "body")?,
                orelse: self.body(n, "orelse")?,
            },
            "With" | "AsyncWith" => StmtKind::With {
                items: self.items(n, "items", |r, v| r.with_item(v))?,
                body: self.body(n, "body")?,
                is_async,
            },
            "Match" => StmtKind::Match {
                subject: self.expr_in(n, "subject")?,
                cases: self.items(n, "cases", |r, v| r.match_case(v))?,
            },
            "Raise" => StmtKind::Raise {
                exc: self.opt(n, "exc")?,
                cause: self.opt(n, "cause")?,
            },
            "Try" | "TryStar" => StmtKind::Try(Box::new(Try {
                body: self.body(n, "body")?,
                handlers: self.items(n, "handlers", |r, v| r.handler(v))?,
                orelse: self.body(n, "orelse")?,
                finalbody: self.body(n, "finalbody")?,
                is_star: class == "TryStar",
            })),
            "Assert" => StmtKind::Assert {
                test: self.expr_in(n, "test")?,
                msg: self.opt(n, "msg")?,
            },
            "Import" => StmtKind::Import(self.items(n, "names", |r, v| r.alias(v))?),
            "ImportFrom" => StmtKind::ImportFrom {
                module: self.opt_name(n, "module")?,
                names: self.items(n, "names", |r, v| r.alias(v))?,
                level: match self.optional(n, "level")? {
                    Some(v) => match u32::try_from(self.int(v)?) {
                        Ok(level) => level,
                        Err(_) => return Err(self.vm.value_error("Negative ImportFrom level")),
                    },
                    None => 0,
                },
            },
            "Global" => StmtKind::Global(self.names(n, "names")?),
            "Nonlocal" => StmtKind::Nonlocal(self.names(n, "names")?),
            "Expr" => StmtKind::Expr(self.expr_in(n, "value")?),
            "Pass" => StmtKind::Pass,
            "Break" => StmtKind::Break,
            _ => StmtKind::Continue,
        };
        Ok(Stmt { kind, pos })
    }

    fn expr(&self, v: Value) -> Result<Expr> {
        self.deeper("expr", || self.expr_kind(v))
    }

    fn expr_kind(&self, v: Value) -> Result<Expr> {
        let plain = Node {
            class: "expr",
            value: v,
        };
        let pos = self.place(plain, "expr")?;
        let Some(class) = self.which(v, EXPRESSIONS) else {
            return self.unexpected("expr", v);
        };
        let n = Node { class, value: v };
        let generators = || self.items(n, "generators", |r, v| r.comprehension(v));
        let conversion = || match self.field(n, "conversion")? {
            Some(v) => self.int(v),
            None => Err(self.missing(n, "conversion")),
        };
        let kind = match class {
            "Name" => ExprKind::Name {
                id: self.name(n, "id")?,
                ctx: self.ctx(n)?,
            },
            "Constant" => ExprKind::Constant {
                value: match self.field(n, "value")? {
                    Some(v) => self.constant(v)?,
                    None => return Err(self.missing(n, "value")),
                },
                u_prefix: match self.optional(n, "kind")? {
                    Some(kind) => match kind.cast::<Str>() {
                        Some(s) => s.is_text("u"),
                        None => return Err(self.vm.type_error("AST string must be of type str")),
                    },
                    None => false,
                },
            },
            "Attribute" => ExprKind::Attribute {
                value: self.expr_in(n, "value")?,
                attr: self.name(n, "attr")?,
                ctx: self.ctx(n)?,
            },
            "Call" => ExprKind::Call {
                func: self.expr_in(n, "func")?,
                args: self.exprs(n, "args")?,
                keywords: self.items(n, "keywords", |r, v| r.keyword(v))?,
            },
            "BoolOp" => ExprKind::BoolOp {
                op: self.chosen(
                    n,
                    "op",
                    "boolop",
                    &[("And", BoolOp::And), ("Or", BoolOp::Or)],
                )?,
                values: self.exprs(n, "values")?,
            },
            "NamedExpr" => ExprKind::NamedExpr {
                target: self.expr_in(n, "target")?,
                value: self.expr_in(n, "value")?,
            },
            "BinOp" => ExprKind::BinOp {
                left: self.expr_in(n, "left")?,
                op: self.chosen(n, "op", "operator", &OPERATOR_NAMES)?,
                right: self.expr_in(n, "right")?,
            },
            "UnaryOp" => ExprKind::UnaryOp {
                op: self.chosen(n, "op", "unaryop", &UNARY_NAMES)?,
                operand: self.expr_in(n, "operand")?,
            },
            "Lambda" => ExprKind::Lambda {
                args: Box::new(self.arguments(self.required(n, "args")?)?),
                body: self.expr_in(n, "body")?,
            },
            "IfExp" => ExprKind::IfExp {
                test: self.expr_in(n, "test")?,
                body: self.expr_in(n, "body")?,
                orelse: self.expr_in(n, "orelse")?,
            },
            "Dict" => ExprKind::Dict {
                keys: self.opt_exprs(n, "keys")?,
                values: self.exprs(n, "values")?,
            },
            "Set" => ExprKind::Set(self.exprs(n, "elts")?),
            "ListComp" => ExprKind::ListComp {
                elt: self.expr_in(n, "elt")?,
                generators: generators()?,
            },
            "SetComp" => ExprKind::SetComp {
                elt: self.expr_in(n, "elt")?,
                generators: generators()?,
            },
            "GeneratorExp" => ExprKind::GeneratorExp {
                elt: self.expr_in(n, "elt")?,
                generators: generators()?,
            },
            "DictComp" => ExprKind::DictComp {
                key: self.expr_in(n, "key")?,
                value: self.expr_in(n, "value")?,
                generators: generators()?,
            },
            "Await" => ExprKind::Await(self.expr_in(n, "value")?),
            "Yield" => ExprKind::Yield(self.opt(n, "value")?),
            "YieldFrom" => ExprKind::YieldFrom(self.expr_in(n, "value")?),
            "Compare" => ExprKind::Compare {
                left: self.expr_in(n, "left")?,
                ops: self.items(n, "ops", |r, v| r.choice(v, "cmpop", &CMP_NAMES))?,
                comparators: self.exprs(n, "comparators")?,
            },
            "FormattedValue" => ExprKind::FormattedValue {
                value: self.expr_in(n, "value")?,
                conversion: conversion()?,
                format_spec: self.opt(n, "format_spec")?,
            },
            "Interpolation" => ExprKind::Interpolation {
                value: self.expr_in(n, "value")?,
                text: self.constant(self.required(n, "str")?)?,
                conversion: conversion()?,
                format_spec: self.opt(n, "format_spec")?,
            },
            "JoinedStr" => ExprKind::JoinedStr(self.exprs(n, "values")?),
            "TemplateStr" => ExprKind::TemplateStr(self.exprs(n, "values")?),
            "Subscript" => ExprKind::Subscript {
                value: self.expr_in(n, "value")?,
                slice: self.expr_in(n, "slice")?,
                ctx: self.ctx(n)?,
            },
            "Starred" => ExprKind::Starred {
                value: self.expr_in(n, "value")?,
                ctx: self.ctx(n)?,
            },
            "List" => ExprKind::List {
                elts: self.exprs(n, "elts")?,
                ctx: self.ctx(n)?,
            },
            "Tuple" => ExprKind::Tuple {
                elts: self.exprs(n, "elts")?,
                ctx: self.ctx(n)?,
            },
            _ => ExprKind::Slice {
                lower: self.opt(n, "lower")?,
                upper: self.opt(n, "upper")?,
                step: self.opt(n, "step")?,
            },
        };
        Ok(Expr { kind, pos })
    }

    /// A node whose class is not looked at: its fields say enough.
    fn product(&self, value: Value, class: &'static str) -> Node {
        Node { class, value }
    }

    fn comprehension(&self, v: Value) -> Result<Comprehension> {
        let n = self.product(v, "comprehension");
        Ok(Comprehension {
            target: *self.expr_in(n, "target")?,
            iter: *self.expr_in(n, "iter")?,
            ifs: self.exprs(n, "ifs")?,
            is_async: match self.field(n, "is_async")? {
                Some(v) => self.int(v)? != 0,
                None => return Err(self.missing(n, "is_async")),
            },
        })
    }

    fn handler(&self, v: Value) -> Result<ExceptHandler> {
        let n = self.product(v, "excepthandler");
        let pos = self.place(n, "excepthandler")?;
        if !self.is_a(v, "ExceptHandler") {
            return self.unexpected("excepthandler", v);
        }
        let n = Node {
            class: "ExceptHandler",
            value: v,
        };
        Ok(ExceptHandler {
            typ: self.opt(n, "type")?,
            name: self.opt_name(n, "name")?,
            body: self.body(n, "body")?,
            pos,
        })
    }

    fn arguments(&self, v: Value) -> Result<Arguments> {
        let n = self.product(v, "arguments");
        let opt_arg = |field: &str| -> Result<Option<Box<Arg>>> {
            let v = self.optional(n, field)?;
            v.map(|v| self.arg(v).map(Box::new)).transpose()
        };
        Ok(Arguments {
            posonlyargs: self.items(n, "posonlyargs", |r, v| r.arg(v))?,
            args: self.items(n, "args", |r, v| r.arg(v))?,
            vararg: opt_arg("vararg")?,
            kwonlyargs: self.items(n, "kwonlyargs", |r, v| r.arg(v))?,
            kw_defaults: self.opt_exprs(n, "kw_defaults")?,
            kwarg: opt_arg("kwarg")?,
            defaults: self.exprs(n, "defaults")?,
        })
    }

    fn arg(&self, v: Value) -> Result<Arg> {
        let n = self.product(v, "arg");
        Ok(Arg {
            arg: self.name(n, "arg")?,
            annotation: self.opt(n, "annotation")?,
            pos: self.place(n, "arg")?,
        })
    }

    fn keyword(&self, v: Value) -> Result<Keyword> {
        let n = self.product(v, "keyword");
        Ok(Keyword {
            arg: self.opt_name(n, "arg")?,
            value: *self.expr_in(n, "value")?,
            pos: self.place(n, "keyword")?,
        })
    }

    fn alias(&self, v: Value) -> Result<Alias> {
        let n = self.product(v, "alias");
        Ok(Alias {
            name: self.name(n, "name")?,
            asname: self.opt_name(n, "asname")?,
            pos: self.place(n, "alias")?,
        })
    }

    fn with_item(&self, v: Value) -> Result<WithItem> {
        let n = self.product(v, "withitem");
        Ok(WithItem {
            context: *self.expr_in(n, "context_expr")?,
            vars: self.opt(n, "optional_vars")?,
        })
    }

    fn match_case(&self, v: Value) -> Result<MatchCase> {
        let n = self.product(v, "match_case");
        Ok(MatchCase {
            pattern: self.pattern(self.required(n, "pattern")?)?,
            guard: self.opt(n, "guard")?,
            body: self.body(n, "body")?,
        })
    }

    fn patterns(&self, node: Node, field: &str) -> Result<Vec<Pattern>> {
        self.items(node, field, |r, v| r.pattern(v))
    }

    fn pattern(&self, v: Value) -> Result<Pattern> {
        self.deeper("pattern", || self.pattern_kind(v))
    }

    fn pattern_kind(&self, v: Value) -> Result<Pattern> {
        let plain = self.product(v, "pattern");
        let pos = self.place(plain, "pattern")?;
        let Some(class) = self.which(v, PATTERNS) else {
            return self.unexpected("pattern", v);
        };
        let n = Node { class, value: v };
        let kind = match class {
            "MatchValue" => PatternKind::MatchValue(self.expr_in(n, "value")?),
            "MatchSingleton" => PatternKind::MatchSingleton(match self.field(n, "value")? {
                Some(v) if v.is_none() || v.is_bool() => self.constant(v)?,
                Some(_) => {
                    let message = "MatchSingleton can only contain True, False and None";
                    return Err(self.vm.value_error(message));
                }
                None => return Err(self.missing(n, "value")),
            }),
            "MatchSequence" => PatternKind::MatchSequence(self.patterns(n, "patterns")?),
            "MatchMapping" => PatternKind::MatchMapping {
                keys: self.exprs(n, "keys")?,
                patterns: self.patterns(n, "patterns")?,
                rest: self.opt_name(n, "rest")?,
            },
            "MatchClass" => PatternKind::MatchClass {
                cls: self.expr_in(n, "cls")?,
                patterns: self.patterns(n, "patterns")?,
                kwd_attrs: self.names(n, "kwd_attrs")?,
                kwd_patterns: self.patterns(n, "kwd_patterns")?,
            },
            "MatchStar" => PatternKind::MatchStar(self.opt_name(n, "name")?),
            "MatchAs" => PatternKind::MatchAs {
                pattern: match self.optional(n, "pattern")? {
                    Some(v) => Some(Box::new(self.pattern(v)?)),
                    None => None,
                },
                name: self.opt_name(n, "name")?,
            },
            _ => PatternKind::MatchOr(self.patterns(n, "patterns")?),
        };
        Ok(Pattern { kind, pos })
    }

    fn type_param(&self, v: Value) -> Result<TypeParam> {
        let plain = self.product(v, "type_param");
        let pos = self.place(plain, "type_param")?;
        const KINDS: [(&str, TypeParamKind); 3] = [
            ("TypeVar", TypeParamKind::TypeVar),
            ("ParamSpec", TypeParamKind::ParamSpec),
            ("TypeVarTuple", TypeParamKind::TypeVarTuple),
        ];
        let kind = self.choice(v, "type_param", &KINDS)?;
        let class = super::name_in(&KINDS, kind);
        let n = Node { class, value: v };
        Ok(TypeParam {
            kind,
            name: self.name(n, "name")?,
            bound: match kind {
                TypeParamKind::TypeVar => self.opt(n, "bound")?,
                _ => None,
            },
            default: self.opt(n, "default_value")?,
            pos,
        })
    }
}
