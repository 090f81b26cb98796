//! From the compiler's tree to Python's nodes.

use taipan_compiler::ast::*;
use taipan_compiler::type_comments::TypeComments;
use taipan_runtime::heap::Gc;
use taipan_runtime::object::Class;
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::module::Module;
use taipan_runtime::{Result, Value, Vm};

/// Nesting beyond which building gives up, so that the native stack lasts.
const MAX_DEPTH: u32 = 3_000;

/// Makes nodes of the classes of `_ast`.
pub struct Builder<'vm> {
    vm: &'vm Vm,
    classes: Gc<Dict>,
    depth: std::cell::Cell<u32>,
    comments: TypeComments,
}

type Fields<'a> = &'a [(&'a str, Value)];

impl<'vm> Builder<'vm> {
    /// A builder that puts these comments where they belong.
    ///
    /// # Errors
    /// Whatever importing `_ast` raises.
    pub fn new(vm: &'vm Vm, comments: TypeComments) -> Result<Builder<'vm>> {
        let module = vm.import("_ast")?;
        match module.cast::<Module>() {
            Some(m) => Ok(Builder {
                vm,
                classes: m.dict(),
                depth: std::cell::Cell::new(0),
                comments,
            }),
            None => Err(vm.system_error("_ast is not a module")),
        }
    }

    fn node(&self, class: &str, fields: Fields<'_>) -> Result {
        let vm = self.vm;
        let found = self.classes.get_str(vm.intern(class));
        let Some(class) = found.and_then(|c| c.cast::<Class>()) else {
            return Err(vm.system_error(format!("_ast lacks {class}")));
        };
        let node = vm.new_instance(class).value();
        for (name, value) in fields {
            vm.set_attr(node, vm.intern(name), Some(*value))?;
        }
        Ok(node)
    }

    fn placed(&self, class: &str, fields: Fields<'_>, pos: Pos) -> Result {
        let node = self.node(class, fields)?;
        let places = [
            ("lineno", pos.line),
            ("col_offset", pos.col),
            ("end_lineno", pos.end_line),
            ("end_col_offset", pos.end_col),
        ];
        for (name, n) in places {
            let n = Some(self.vm.new_int(n.into()));
            self.vm.set_attr(node, self.vm.intern(name), n)?;
        }
        Ok(node)
    }

    /// The one node of a class without fields.
    fn single(&self, class: &str) -> Result {
        let key = self.vm.intern(&format!("_{class}_singleton"));
        if let Some(node) = self.classes.get_str(key) {
            return Ok(node);
        }
        let node = self.node(class, &[])?;
        self.classes.set_str(self.vm, key, node);
        Ok(node)
    }

    fn list<T>(&self, items: &[T], make: impl Fn(&Self, &T) -> Result) -> Result {
        let mut values = self.vm.rooted();
        for item in items {
            values.push(make(self, item)?);
        }
        Ok(self.vm.new_list(&values)?.value())
    }

    fn name(&self, name: &Name) -> Result {
        Ok(self.vm.intern(name).value())
    }

    fn opt_name(&self, name: &Option<Name>) -> Result {
        name.as_ref().map_or(Ok(Value::NONE), |n| self.name(n))
    }

    fn constant(&self, value: &taipan_bytecode::Const) -> Result {
        self.vm.load_const(value, self.vm.intern(""))
    }

    /// A whole tree.
    pub fn module(&self, tree: &Mod) -> Result {
        match tree {
            Mod::Module { body } => {
                let ignores = self.list(&self.comments.ignores, Self::type_ignore)?;
                let body = self.body(body)?;
                self.node("Module", &[("body", body), ("type_ignores", ignores)])
            }
            Mod::Interactive { body } => self.node("Interactive", &[("body", self.body(body)?)]),
            Mod::Expression { body } => self.node("Expression", &[("body", self.expr(body)?)]),
            Mod::FunctionType { argtypes, returns } => {
                let argtypes = self.exprs(argtypes)?;
                let fields = [("argtypes", argtypes), ("returns", self.expr(returns)?)];
                self.node("FunctionType", &fields)
            }
        }
    }

    /// The comments, which know whether a node took them.
    pub fn comments(&self) -> &TypeComments {
        &self.comments
    }

    fn type_ignore(&self, (line, tag): &(i32, String)) -> Result {
        let fields = [
            ("lineno", self.vm.new_int((*line).into())),
            ("tag", self.vm.new_str(tag).value()),
        ];
        self.node("TypeIgnore", &fields)
    }

    fn comment(&self, text: Option<&str>) -> Value {
        text.map_or(Value::NONE, |t| self.vm.new_str(t).value())
    }

    fn body(&self, body: &[Stmt]) -> Result {
        self.list(body, Self::stmt)
    }

    fn exprs(&self, exprs: &[Expr]) -> Result {
        self.list(exprs, Self::expr)
    }

    fn opt(&self, e: &Option<Box<Expr>>) -> Result {
        e.as_ref().map_or(Ok(Value::NONE), |e| self.expr(e))
    }

    fn names(&self, names: &[Name]) -> Result {
        self.list(names, Self::name)
    }

    fn type_params(&self, params: &[TypeParam]) -> Result {
        self.list(params, Self::type_param)
    }

    fn deeper(&self, make: impl FnOnce() -> Result) -> Result {
        let depth = self.depth.get();
        if depth >= MAX_DEPTH {
            return Err(self
                .vm
                .recursion_error("maximum recursion depth exceeded during ast construction"));
        }
        self.depth.set(depth + 1);
        let result = make();
        self.depth.set(depth);
        result
    }

    fn stmt(&self, s: &Stmt) -> Result {
        self.deeper(|| self.stmt_kind(s))
    }

    fn stmt_kind(&self, s: &Stmt) -> Result {
        let (start, end) = ((s.pos.line, s.pos.col), (s.pos.end_line, s.pos.end_col));
        let make = |class: &str, fields: Fields<'_>| self.placed(class, fields, s.pos);
        let asynchronous = |is_async: bool, name: &'static str, other: &'static str| {
            if is_async { other } else { name }
        };
        match &s.kind {
            StmtKind::FunctionDef(f) => make(
                asynchronous(f.is_async, "FunctionDef", "AsyncFunctionDef"),
                &[
                    ("name", self.name(&f.name)?),
                    ("args", self.arguments(&f.args, true)?),
                    ("body", self.body(&f.body)?),
                    ("decorator_list", self.exprs(&f.decorators)?),
                    ("returns", self.opt(&f.returns)?),
                    ("type_comment", self.comment(self.comments.function(start))),
                    ("type_params", self.type_params(&f.type_params)?),
                ],
            ),
            StmtKind::ClassDef(c) => make(
                "ClassDef",
                &[
                    ("name", self.name(&c.name)?),
                    ("bases", self.exprs(&c.bases)?),
                    ("keywords", self.list(&c.keywords, Self::keyword)?),
                    ("body", self.body(&c.body)?),
                    ("decorator_list", self.exprs(&c.decorators)?),
                    ("type_params", self.type_params(&c.type_params)?),
                ],
            ),
            StmtKind::Return(value) => make("Return", &[("value", self.opt(value)?)]),
            StmtKind::Delete(targets) => make("Delete", &[("targets", self.exprs(targets)?)]),
            StmtKind::Assign { targets, value } => make(
                "Assign",
                &[
                    ("targets", self.exprs(targets)?),
                    ("value", self.expr(value)?),
                    ("type_comment", self.comment(self.comments.behind(end))),
                ],
            ),
            StmtKind::TypeAlias {
                name,
                type_params,
                value,
            } => make(
                "TypeAlias",
                &[
                    ("name", self.expr(name)?),
                    ("type_params", self.type_params(type_params)?),
                    ("value", self.expr(value)?),
                ],
            ),
            StmtKind::AugAssign { target, op, value } => make(
                "AugAssign",
                &[
                    ("target", self.expr(target)?),
                    ("op", self.single(super::operator_name(*op))?),
                    ("value", self.expr(value)?),
                ],
            ),
            StmtKind::AnnAssign {
                target,
                annotation,
                value,
                simple,
            } => make(
                "AnnAssign",
                &[
                    ("target", self.expr(target)?),
                    ("annotation", self.expr(annotation)?),
                    ("value", self.opt(value)?),
                    ("simple", Value::small_int((*simple).into())),
                ],
            ),
            StmtKind::For {
                target,
                iter,
                body,
                orelse,
                is_async,
            } => make(
                asynchronous(*is_async, "For", "AsyncFor"),
                &[
                    ("target", self.expr(target)?),
                    ("iter", self.expr(iter)?),
                    ("body", self.body(body)?),
                    ("orelse", self.body(orelse)?),
                    ("type_comment", self.comment(self.comments.header(start))),
                ],
            ),
            StmtKind::While { test, body, orelse } | StmtKind::If { test, body, orelse } => {
                let class = if matches!(s.kind, StmtKind::If { .. }) {
                    "If"
                } else {
                    "While"
                };
                make(
                    class,
                    &[
                        ("test", self.expr(test)?),
                        ("body", self.body(body)?),
                        ("orelse", self.body(orelse)?),
                    ],
                )
            }
            StmtKind::With {
                items,
                body,
                is_async,
            } => make(
                asynchronous(*is_async, "With", "AsyncWith"),
                &[
                    ("items", self.list(items, Self::with_item)?),
                    ("body", self.body(body)?),
                    ("type_comment", self.comment(self.comments.header(start))),
                ],
            ),
            StmtKind::Match { subject, cases } => make(
                "Match",
                &[
                    ("subject", self.expr(subject)?),
                    ("cases", self.list(cases, Self::match_case)?),
                ],
            ),
            StmtKind::Raise { exc, cause } => make(
                "Raise",
                &[("exc", self.opt(exc)?), ("cause", self.opt(cause)?)],
            ),
            StmtKind::Try(t) => make(
                if t.is_star { "TryStar" } else { "Try" },
                &[
                    ("body", self.body(&t.body)?),
                    ("handlers", self.list(&t.handlers, Self::handler)?),
                    ("orelse", self.body(&t.orelse)?),
                    ("finalbody", self.body(&t.finalbody)?),
                ],
            ),
            StmtKind::Assert { test, msg } => make(
                "Assert",
                &[("test", self.expr(test)?), ("msg", self.opt(msg)?)],
            ),
            StmtKind::Import(names) => make("Import", &[("names", self.list(names, Self::alias)?)]),
            StmtKind::ImportFrom {
                module,
                names,
                level,
            } => make(
                "ImportFrom",
                &[
                    ("module", self.opt_name(module)?),
                    ("names", self.list(names, Self::alias)?),
                    ("level", Value::small_int((*level).into())),
                ],
            ),
            StmtKind::Global(names) => make("Global", &[("names", self.names(names)?)]),
            StmtKind::Nonlocal(names) => make("Nonlocal", &[("names", self.names(names)?)]),
            StmtKind::Expr(value) => make("Expr", &[("value", self.expr(value)?)]),
            StmtKind::Pass => make("Pass", &[]),
            StmtKind::Break => make("Break", &[]),
            StmtKind::Continue => make("Continue", &[]),
        }
    }

    fn expr(&self, e: &Expr) -> Result {
        self.deeper(|| self.expr_kind(e))
    }

    fn expr_kind(&self, e: &Expr) -> Result {
        let make = |class: &str, fields: Fields<'_>| self.placed(class, fields, e.pos);
        let ctx = |ctx: &Ctx| self.single(super::ctx_name(*ctx));
        match &e.kind {
            ExprKind::BoolOp { op, values } => make(
                "BoolOp",
                &[
                    (
                        "op",
                        self.single(if *op == BoolOp::And { "And" } else { "Or" })?,
                    ),
                    ("values", self.exprs(values)?),
                ],
            ),
            ExprKind::NamedExpr { target, value } => make(
                "NamedExpr",
                &[("target", self.expr(target)?), ("value", self.expr(value)?)],
            ),
            ExprKind::BinOp { left, op, right } => make(
                "BinOp",
                &[
                    ("left", self.expr(left)?),
                    ("op", self.single(super::operator_name(*op))?),
                    ("right", self.expr(right)?),
                ],
            ),
            ExprKind::UnaryOp { op, operand } => make(
                "UnaryOp",
                &[
                    ("op", self.single(super::unary_name(*op))?),
                    ("operand", self.expr(operand)?),
                ],
            ),
            ExprKind::Lambda { args, body } => make(
                "Lambda",
                &[
                    ("args", self.arguments(args, false)?),
                    ("body", self.expr(body)?),
                ],
            ),
            ExprKind::IfExp { test, body, orelse } => make(
                "IfExp",
                &[
                    ("test", self.expr(test)?),
                    ("body", self.expr(body)?),
                    ("orelse", self.expr(orelse)?),
                ],
            ),
            ExprKind::Dict { keys, values } => {
                let keys = self.list(keys, |b, k| {
                    k.as_ref().map_or(Ok(Value::NONE), |k| b.expr(k))
                })?;
                make("Dict", &[("keys", keys), ("values", self.exprs(values)?)])
            }
            ExprKind::Set(elts) => make("Set", &[("elts", self.exprs(elts)?)]),
            ExprKind::ListComp { elt, generators }
            | ExprKind::SetComp { elt, generators }
            | ExprKind::GeneratorExp { elt, generators } => {
                let class = match &e.kind {
                    ExprKind::ListComp { .. } => "ListComp",
                    ExprKind::SetComp { .. } => "SetComp",
                    _ => "GeneratorExp",
                };
                let generators = self.list(generators, Self::comprehension)?;
                make(
                    class,
                    &[("elt", self.expr(elt)?), ("generators", generators)],
                )
            }
            ExprKind::DictComp {
                key,
                value,
                generators,
            } => make(
                "DictComp",
                &[
                    ("key", self.expr(key)?),
                    ("value", self.expr(value)?),
                    ("generators", self.list(generators, Self::comprehension)?),
                ],
            ),
            ExprKind::Await(value) => make("Await", &[("value", self.expr(value)?)]),
            ExprKind::Yield(value) => make("Yield", &[("value", self.opt(value)?)]),
            ExprKind::YieldFrom(value) => make("YieldFrom", &[("value", self.expr(value)?)]),
            ExprKind::Compare {
                left,
                ops,
                comparators,
            } => make(
                "Compare",
                &[
                    ("left", self.expr(left)?),
                    (
                        "ops",
                        self.list(ops, |b, op| b.single(super::cmp_name(*op)))?,
                    ),
                    ("comparators", self.exprs(comparators)?),
                ],
            ),
            ExprKind::Call {
                func,
                args,
                keywords,
            } => make(
                "Call",
                &[
                    ("func", self.expr(func)?),
                    ("args", self.exprs(args)?),
                    ("keywords", self.list(keywords, Self::keyword)?),
                ],
            ),
            ExprKind::FormattedValue {
                value,
                conversion,
                format_spec,
            } => make(
                "FormattedValue",
                &[
                    ("value", self.expr(value)?),
                    ("conversion", Value::small_int((*conversion).into())),
                    ("format_spec", self.opt(format_spec)?),
                ],
            ),
            ExprKind::Interpolation {
                value,
                text,
                conversion,
                format_spec,
            } => make(
                "Interpolation",
                &[
                    ("value", self.expr(value)?),
                    ("str", self.constant(text)?),
                    ("conversion", Value::small_int((*conversion).into())),
                    ("format_spec", self.opt(format_spec)?),
                ],
            ),
            ExprKind::JoinedStr(values) => make("JoinedStr", &[("values", self.exprs(values)?)]),
            ExprKind::TemplateStr(values) => {
                make("TemplateStr", &[("values", self.exprs(values)?)])
            }
            ExprKind::Constant { value, u_prefix } => {
                let kind = if *u_prefix {
                    self.vm.intern("u").value()
                } else {
                    Value::NONE
                };
                make(
                    "Constant",
                    &[("value", self.constant(value)?), ("kind", kind)],
                )
            }
            ExprKind::Attribute {
                value,
                attr,
                ctx: c,
            } => make(
                "Attribute",
                &[
                    ("value", self.expr(value)?),
                    ("attr", self.name(attr)?),
                    ("ctx", ctx(c)?),
                ],
            ),
            ExprKind::Subscript {
                value,
                slice,
                ctx: c,
            } => make(
                "Subscript",
                &[
                    ("value", self.expr(value)?),
                    ("slice", self.expr(slice)?),
                    ("ctx", ctx(c)?),
                ],
            ),
            ExprKind::Starred { value, ctx: c } => {
                make("Starred", &[("value", self.expr(value)?), ("ctx", ctx(c)?)])
            }
            ExprKind::Name { id, ctx: c } => {
                make("Name", &[("id", self.name(id)?), ("ctx", ctx(c)?)])
            }
            ExprKind::List { elts, ctx: c } => {
                make("List", &[("elts", self.exprs(elts)?), ("ctx", ctx(c)?)])
            }
            ExprKind::Tuple { elts, ctx: c } => {
                make("Tuple", &[("elts", self.exprs(elts)?), ("ctx", ctx(c)?)])
            }
            ExprKind::Slice { lower, upper, step } => make(
                "Slice",
                &[
                    ("lower", self.opt(lower)?),
                    ("upper", self.opt(upper)?),
                    ("step", self.opt(step)?),
                ],
            ),
        }
    }

    fn comprehension(&self, c: &Comprehension) -> Result {
        let fields = [
            ("target", self.expr(&c.target)?),
            ("iter", self.expr(&c.iter)?),
            ("ifs", self.exprs(&c.ifs)?),
            ("is_async", Value::small_int(c.is_async.into())),
        ];
        self.node("comprehension", &fields)
    }

    fn handler(&self, h: &ExceptHandler) -> Result {
        let fields = [
            ("type", self.opt(&h.typ)?),
            ("name", self.opt_name(&h.name)?),
            ("body", self.body(&h.body)?),
        ];
        self.placed("ExceptHandler", &fields, h.pos)
    }

    /// Parameters, of which those of functions may have comments.
    fn arguments(&self, a: &Arguments, of_function: bool) -> Result {
        let arg = |arg: &Arg, default: Option<&Expr>| {
            let end = default.map_or(arg.pos, |d| d.pos);
            let comment = of_function
                .then(|| self.comments.behind((end.end_line, end.end_col)))
                .flatten();
            self.arg(arg, comment)
        };
        let opt_arg = |a: &Option<Box<Arg>>| a.as_ref().map_or(Ok(Value::NONE), |a| arg(a, None));
        let kw_defaults = self.list(&a.kw_defaults, |b, d| {
            d.as_ref().map_or(Ok(Value::NONE), |d| b.expr(d))
        })?;
        let pairs = |args: &[Arg], defaults: &[Option<&Expr>]| {
            let mut values = self.vm.rooted();
            for (a, default) in args.iter().zip(defaults) {
                values.push(arg(a, *default)?);
            }
            Ok(self.vm.new_list(&values)?.value())
        };
        // The first positional ones have none.
        let first = a.posonlyargs.len();
        let without = (first + a.args.len()).saturating_sub(a.defaults.len());
        let mut defaults = vec![None; without];
        defaults.extend(a.defaults.iter().map(Some));
        let kw: Vec<_> = a.kw_defaults.iter().map(Option::as_ref).collect();
        let fields = [
            ("posonlyargs", pairs(&a.posonlyargs, &defaults)?),
            ("args", pairs(&a.args, &defaults[first..])?),
            ("vararg", opt_arg(&a.vararg)?),
            ("kwonlyargs", pairs(&a.kwonlyargs, &kw)?),
            ("kw_defaults", kw_defaults),
            ("kwarg", opt_arg(&a.kwarg)?),
            ("defaults", self.exprs(&a.defaults)?),
        ];
        self.node("arguments", &fields)
    }

    fn arg(&self, a: &Arg, comment: Option<&str>) -> Result {
        let fields = [
            ("arg", self.name(&a.arg)?),
            ("annotation", self.opt(&a.annotation)?),
            ("type_comment", self.comment(comment)),
        ];
        self.placed("arg", &fields, a.pos)
    }

    fn keyword(&self, k: &Keyword) -> Result {
        let fields = [
            ("arg", self.opt_name(&k.arg)?),
            ("value", self.expr(&k.value)?),
        ];
        self.placed("keyword", &fields, k.pos)
    }

    fn alias(&self, a: &Alias) -> Result {
        let fields = [
            ("name", self.name(&a.name)?),
            ("asname", self.opt_name(&a.asname)?),
        ];
        self.placed("alias", &fields, a.pos)
    }

    fn with_item(&self, w: &WithItem) -> Result {
        let fields = [
            ("context_expr", self.expr(&w.context)?),
            ("optional_vars", self.opt(&w.vars)?),
        ];
        self.node("withitem", &fields)
    }

    fn match_case(&self, c: &MatchCase) -> Result {
        let fields = [
            ("pattern", self.pattern(&c.pattern)?),
            ("guard", self.opt(&c.guard)?),
            ("body", self.body(&c.body)?),
        ];
        self.node("match_case", &fields)
    }

    fn patterns(&self, patterns: &[Pattern]) -> Result {
        self.list(patterns, Self::pattern)
    }

    fn pattern(&self, p: &Pattern) -> Result {
        self.deeper(|| self.pattern_kind(p))
    }

    fn pattern_kind(&self, p: &Pattern) -> Result {
        let make = |class: &str, fields: Fields<'_>| self.placed(class, fields, p.pos);
        match &p.kind {
            PatternKind::MatchValue(value) => make("MatchValue", &[("value", self.expr(value)?)]),
            PatternKind::MatchSingleton(value) => {
                make("MatchSingleton", &[("value", self.constant(value)?)])
            }
            PatternKind::MatchSequence(patterns) => {
                make("MatchSequence", &[("patterns", self.patterns(patterns)?)])
            }
            PatternKind::MatchMapping {
                keys,
                patterns,
                rest,
            } => make(
                "MatchMapping",
                &[
                    ("keys", self.exprs(keys)?),
                    ("patterns", self.patterns(patterns)?),
                    ("rest", self.opt_name(rest)?),
                ],
            ),
            PatternKind::MatchClass {
                cls,
                patterns,
                kwd_attrs,
                kwd_patterns,
            } => make(
                "MatchClass",
                &[
                    ("cls", self.expr(cls)?),
                    ("patterns", self.patterns(patterns)?),
                    ("kwd_attrs", self.names(kwd_attrs)?),
                    ("kwd_patterns", self.patterns(kwd_patterns)?),
                ],
            ),
            PatternKind::MatchStar(name) => make("MatchStar", &[("name", self.opt_name(name)?)]),
            PatternKind::MatchAs { pattern, name } => {
                let pattern = pattern
                    .as_ref()
                    .map_or(Ok(Value::NONE), |p| self.pattern(p))?;
                make(
                    "MatchAs",
                    &[("pattern", pattern), ("name", self.opt_name(name)?)],
                )
            }
            PatternKind::MatchOr(patterns) => {
                make("MatchOr", &[("patterns", self.patterns(patterns)?)])
            }
        }
    }

    fn type_param(&self, p: &TypeParam) -> Result {
        let name = ("name", self.name(&p.name)?);
        let default = ("default_value", self.opt(&p.default)?);
        match p.kind {
            TypeParamKind::TypeVar => {
                let bound = ("bound", self.opt(&p.bound)?);
                self.placed("TypeVar", &[name, bound, default], p.pos)
            }
            TypeParamKind::ParamSpec => self.placed("ParamSpec", &[name, default], p.pos),
            TypeParamKind::TypeVarTuple => self.placed("TypeVarTuple", &[name, default], p.pos),
        }
    }
}
