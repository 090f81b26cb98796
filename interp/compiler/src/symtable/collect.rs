//! First pass: definitions and uses, block by block.

use super::*;
use crate::ast::*;
use taipan_bytecode::CodeFlags;

/// The state of the pass.
pub(super) struct Collector {
    pub(super) table: SymbolTable,
    pub(super) stack: Vec<BlockId>,
    pub(super) private: Option<Name>,
    optimize: u8,
    special: Special,
}

/// Names the pass adds itself.
struct Special {
    classdict: Name,
    class: Name,
    conditional: Name,
}

pub fn collect(tree: &Mod, future: u32, optimize: u8) -> Res<SymbolTable> {
    let table = SymbolTable {
        blocks: Vec::new(),
        by_node: FxHashMap::default(),
        future,
    };
    let special = Special {
        classdict: "__classdict__".into(),
        class: "__class__".into(),
        conditional: "__conditional_annotations__".into(),
    };
    let mut c = Collector {
        table,
        stack: Vec::new(),
        private: None,
        optimize,
        special,
    };
    c.enter(
        BlockKind::Module,
        "top".into(),
        (node_key(tree), Opens::Body),
        Pos::at(0, 0),
    );
    match tree {
        Mod::Module { body } => {
            c.docstring_of(body);
            c.body(body)?;
        }
        Mod::Interactive { body } => c.body(body)?,
        Mod::Expression { body } => c.expr(body)?,
        Mod::FunctionType { .. } => {
            return syntax(
                "this compiler does not handle FunctionTypes".into(),
                Pos::NONE,
            );
        }
    }
    c.exit();
    Ok(c.table)
}

impl Collector {
    pub(super) fn cur(&mut self) -> &mut Block {
        let id = self.cur_id();
        &mut self.table.blocks[id]
    }

    fn cur_id(&self) -> BlockId {
        *self.stack.last().unwrap_or(&SymbolTable::TOP)
    }

    fn docstring_of(&mut self, body: &[Stmt]) {
        self.cur().has_docstring = self.optimize < 2 && docstring(body).is_some();
    }

    /// Makes a block without entering it.
    fn make(&mut self, kind: BlockKind, name: Name, key: (usize, Opens), pos: Pos) -> BlockId {
        let id = self.table.blocks.len();
        let mut block = Block::new(kind, name, pos);
        if let Some(&parent) = self.stack.last() {
            let parent = &self.table.blocks[parent];
            block.nested = parent.nested || parent.is_function_like();
            // A lambda or method in a class's type parameters sees through to it.
            block.is_method = kind == BlockKind::Function && parent.kind == BlockKind::Class;
        }
        if matches!(
            kind,
            BlockKind::Annotation | BlockKind::TypeVariable | BlockKind::TypeAlias
        ) {
            let format: Name = ".format".into();
            block.symbols.insert(
                format.clone(),
                Symbol {
                    flags: flag::PARAM | flag::USE,
                    scope: Scope::Unknown,
                },
            );
            block.params.push(format);
        }
        self.table.blocks.push(block);
        self.table.by_node.insert(key, id);
        id
    }

    pub(super) fn enter_existing(&mut self, id: BlockId) {
        let parent = self.stack.last().copied();
        self.stack.push(id);
        // Under `from __future__ import annotations` these are text, and leave no trace.
        if self.table.future & CodeFlags::FUTURE_ANNOTATIONS != 0
            && self.table.blocks[id].kind == BlockKind::Annotation
        {
            return;
        }
        if let Some(parent) = parent {
            self.table.blocks[parent].children.push(id);
            self.table.blocks[id].comp_iter_expr = self.table.blocks[parent].comp_iter_expr;
            if self.table.blocks[id].kind != BlockKind::Class {
                let names = self.table.blocks[parent].mangled_names.clone();
                self.table.blocks[id].mangled_names = names;
            }
        }
    }

    pub(super) fn enter(
        &mut self,
        kind: BlockKind,
        name: Name,
        key: (usize, Opens),
        pos: Pos,
    ) -> BlockId {
        let id = self.make(kind, name, key, pos);
        self.enter_existing(id);
        id
    }

    pub(super) fn exit(&mut self) {
        self.stack.pop();
    }

    fn mangled(&self, name: &Name) -> Name {
        if let Some(names) = self
            .stack
            .last()
            .and_then(|&id| self.table.blocks[id].mangled_names.as_ref())
            && !names.borrow().contains(name)
        {
            return name.clone();
        }
        mangle(self.private.as_deref(), name)
    }

    fn lookup(&mut self, name: &Name) -> u32 {
        let name = self.mangled(name);
        self.cur().symbols.get(&name).map_or(0, |s| s.flags)
    }

    pub(super) fn add(&mut self, name: &Name, flags: u32, pos: Pos) -> Res<()> {
        // A name that type parameters define is mangled within them.
        if flags & flag::TYPE_PARAM != 0
            && let Some(names) = &mut self.cur().mangled_names
        {
            names.borrow_mut().insert(name.clone());
        }
        let id = self.cur_id();
        self.add_to(id, name, flags, pos)
    }

    fn add_to(&mut self, id: BlockId, name: &Name, flags: u32, pos: Pos) -> Res<()> {
        let name = self.mangled(name);
        let block = &mut self.table.blocks[id];
        let entry = block.symbols.entry(name.clone());
        let symbol = entry.or_default();
        if flags & flag::PARAM != 0 && symbol.flags & flag::PARAM != 0 {
            return syntax(
                format!("duplicate argument '{name}' in function definition"),
                pos,
            );
        }
        if flags & flag::TYPE_PARAM != 0 && symbol.flags & flag::TYPE_PARAM != 0 {
            return syntax(format!("duplicate type parameter '{name}'"), pos);
        }
        let mut all = symbol.flags | flags;
        if block.comp_iter_target {
            // The target of a comprehension must not be bound by `:=` within it.
            if all & (flag::GLOBAL | flag::NONLOCAL) != 0 {
                return syntax(
                    format!(
                        "comprehension inner loop cannot rebind assignment expression target '{name}'"
                    ),
                    pos,
                );
            }
            all |= flag::COMP_ITER;
        }
        symbol.flags = all;
        if flags & flag::PARAM != 0 {
            block.params.push(name);
        } else if flags & flag::GLOBAL != 0 && id != SymbolTable::TOP {
            // Referring to a global declares it to the module.
            self.table.blocks[SymbolTable::TOP]
                .symbols
                .entry(name)
                .or_default()
                .flags |= flags;
        }
        Ok(())
    }

    pub(super) fn body(&mut self, body: &[Stmt]) -> Res<()> {
        body.iter().try_for_each(|s| self.stmt(s))
    }

    fn conditional_body(&mut self, body: &[Stmt]) -> Res<()> {
        let outer = std::mem::replace(&mut self.cur().in_conditional_block, true);
        self.body(body)?;
        self.cur().in_conditional_block = outer;
        Ok(())
    }

    fn stmt(&mut self, s: &Stmt) -> Res<()> {
        stacker::maybe_grow(64 << 10, 1 << 20, || self.stmt_inner(s))
    }

    fn stmt_inner(&mut self, s: &Stmt) -> Res<()> {
        match &s.kind {
            StmtKind::FunctionDef(f) => self.function(s, f)?,
            StmtKind::ClassDef(c) => self.class(s, c)?,
            StmtKind::TypeAlias {
                name,
                type_params,
                value,
            } => {
                self.expr(name)?;
                let Some(id) = name.as_name() else {
                    return Ok(());
                };
                let in_class = self.cur().kind == BlockKind::Class;
                let generic = !type_params.is_empty();
                if generic {
                    self.enter_type_params(id, s, false, false, false, s.pos)?;
                    self.type_params(type_params)?;
                }
                self.enter(
                    BlockKind::TypeAlias,
                    id.clone(),
                    (node_key(s), Opens::Body),
                    s.pos,
                );
                if in_class {
                    self.see_class(value.pos)?;
                }
                self.expr(value)?;
                self.exit();
                if generic {
                    self.exit();
                }
            }
            StmtKind::Return(value) => {
                if let Some(value) = value {
                    self.expr(value)?;
                    self.cur().returns_value = true;
                }
            }
            StmtKind::Delete(targets) => self.exprs(targets)?,
            StmtKind::Assign { targets, value } => {
                self.exprs(targets)?;
                self.expr(value)?;
            }
            StmtKind::AugAssign { target, value, .. } => {
                self.expr(target)?;
                self.expr(value)?;
            }
            StmtKind::AnnAssign {
                target,
                annotation,
                value,
                simple,
            } => {
                self.annotated(s.pos, target, annotation, value.as_deref(), *simple)?;
            }
            StmtKind::For {
                target,
                iter,
                body,
                orelse,
                ..
            } => {
                self.expr(target)?;
                self.expr(iter)?;
                self.conditional_body(body)?;
                self.conditional_body(orelse)?;
            }
            StmtKind::While { test, body, orelse } | StmtKind::If { test, body, orelse } => {
                self.expr(test)?;
                self.conditional_body(body)?;
                self.conditional_body(orelse)?;
            }
            StmtKind::With { items, body, .. } => {
                for item in items {
                    self.expr(&item.context)?;
                    self.opt(item.vars.as_deref())?;
                }
                self.conditional_body(body)?;
            }
            StmtKind::Match { subject, cases } => {
                self.expr(subject)?;
                for case in cases {
                    self.pattern(&case.pattern)?;
                    self.opt(case.guard.as_deref())?;
                    self.conditional_body(&case.body)?;
                }
            }
            StmtKind::Raise { exc, cause } => {
                self.opt(exc.as_deref())?;
                self.opt(cause.as_deref())?;
            }
            StmtKind::Try(t) => {
                self.conditional_body(&t.body)?;
                for h in &t.handlers {
                    self.opt(h.typ.as_deref())?;
                    if let Some(name) = &h.name {
                        self.add(name, flag::LOCAL, h.pos)?;
                    }
                    self.conditional_body(&h.body)?;
                }
                self.conditional_body(&t.orelse)?;
                self.conditional_body(&t.finalbody)?;
            }
            StmtKind::Assert { test, msg } => {
                self.expr(test)?;
                self.opt(msg.as_deref())?;
            }
            StmtKind::Import(names) | StmtKind::ImportFrom { names, .. } => {
                for alias in names {
                    self.alias(alias)?;
                }
            }
            StmtKind::Global(names) => self.directive(names, flag::GLOBAL, "global", s.pos)?,
            StmtKind::Nonlocal(names) => {
                self.directive(names, flag::NONLOCAL, "nonlocal", s.pos)?
            }
            StmtKind::Expr(e) => self.expr(e)?,
            StmtKind::Pass | StmtKind::Break | StmtKind::Continue => {}
        }
        Ok(())
    }

    fn directive(&mut self, names: &[Name], bit: u32, what: &str, pos: Pos) -> Res<()> {
        for name in names {
            let seen = self.lookup(name);
            if seen & (flag::PARAM | flag::LOCAL | flag::USE | flag::ANNOT) != 0 {
                let message = if seen & flag::PARAM != 0 {
                    format!("name '{name}' is parameter and {what}")
                } else if seen & flag::USE != 0 {
                    format!("name '{name}' is used prior to {what} declaration")
                } else if seen & flag::ANNOT != 0 {
                    format!("annotated name '{name}' can't be {what}")
                } else {
                    format!("name '{name}' is assigned to before {what} declaration")
                };
                return syntax(message, pos);
            }
            self.add(name, bit, pos)?;
            let mangled = self.mangled(name);
            self.cur().directives.push((mangled, pos));
        }
        Ok(())
    }

    fn alias(&mut self, a: &Alias) -> Res<()> {
        if a.asname.is_none() && &*a.name == "*" {
            if self.cur().kind != BlockKind::Module {
                return syntax("import * only allowed at module level".into(), a.pos);
            }
            return Ok(());
        }
        let bound = match &a.asname {
            Some(name) => name.clone(),
            None => match a.name.split_once('.') {
                Some((first, _)) => first.into(),
                None => a.name.clone(),
            },
        };
        self.add(&bound, flag::IMPORT, a.pos)
    }

    fn function(&mut self, s: &Stmt, f: &FunctionDef) -> Res<()> {
        self.add(&f.name, flag::LOCAL, s.pos)?;
        self.exprs(&f.args.defaults)?;
        self.exprs(f.args.kw_defaults.iter().flatten())?;
        self.exprs(&f.decorators)?;
        let generic = !f.type_params.is_empty();
        if generic {
            // CPython makes room for defaults even if there are none.
            let kwdefaults = f.args.kw_defaults.iter().any(Option::is_some);
            self.enter_type_params(&f.name, s, true, kwdefaults, false, s.pos)?;
            self.type_params(&f.type_params)?;
        }
        let id = self.make(
            BlockKind::Function,
            f.name.clone(),
            (node_key(s), Opens::Body),
            s.pos,
        );
        self.function_annotations(s, f)?;
        self.enter_existing(id);
        self.docstring_of(&f.body);
        if f.is_async {
            self.cur().is_coroutine = true;
        }
        self.parameters(&f.args)?;
        self.body(&f.body)?;
        self.exit();
        if generic {
            self.exit();
        }
        Ok(())
    }

    fn class(&mut self, s: &Stmt, c: &ClassDef) -> Res<()> {
        self.add(&c.name, flag::LOCAL, s.pos)?;
        self.exprs(&c.decorators)?;
        let outer = self.private.clone();
        let generic = !c.type_params.is_empty();
        if generic {
            self.enter_type_params(&c.name, s, false, false, true, s.pos)?;
            // The class's name mangles its parameters, not what the bases mention.
            self.private = Some(c.name.clone());
            self.cur().mangled_names = Some(Default::default());
            self.type_params(&c.type_params)?;
        }
        self.exprs(&c.bases)?;
        for k in &c.keywords {
            self.expr(&k.value)?;
        }
        self.enter(
            BlockKind::Class,
            c.name.clone(),
            (node_key(s), Opens::Body),
            s.pos,
        );
        self.private = Some(c.name.clone());
        if generic {
            self.add(&"__type_params__".into(), flag::LOCAL, s.pos)?;
            self.add(&".type_params".into(), flag::USE, s.pos)?;
        }
        self.docstring_of(&c.body);
        self.body(&c.body)?;
        self.exit();
        if generic {
            self.exit();
        }
        self.private = outer;
        Ok(())
    }

    fn enter_type_params(
        &mut self,
        name: &Name,
        s: &Stmt,
        has_defaults: bool,
        has_kwdefaults: bool,
        is_class: bool,
        pos: Pos,
    ) -> Res<()> {
        let in_class = self.cur().kind == BlockKind::Class;
        self.enter(
            BlockKind::TypeParameters,
            name.clone(),
            (node_key(s), Opens::TypeParams),
            pos,
        );
        if in_class {
            self.see_class(pos)?;
        }
        if is_class {
            for special in [".type_params", ".generic_base"] {
                self.add(&special.into(), flag::LOCAL, pos)?;
                self.add(&special.into(), flag::USE, pos)?;
            }
        }
        if has_defaults {
            self.add(&".defaults".into(), flag::PARAM, pos)?;
        }
        if has_kwdefaults {
            self.add(&".kwdefaults".into(), flag::PARAM, pos)?;
        }
        Ok(())
    }

    /// Lets the current annotation scope see the class around it.
    pub(super) fn see_class(&mut self, pos: Pos) -> Res<()> {
        self.cur().can_see_class_scope = true;
        let name = self.special.classdict.clone();
        self.add(&name, flag::USE, pos)
    }

    fn type_params(&mut self, params: &[TypeParam]) -> Res<()> {
        let mut seen_default = false;
        for p in params {
            if &*p.name == "__classdict__" {
                return syntax(
                    format!(
                        "reserved name '{}' cannot be used for type parameter",
                        p.name
                    ),
                    p.pos,
                );
            }
            self.add(&p.name, flag::TYPE_PARAM | flag::LOCAL, p.pos)?;
            let (bound_info, default_info) = match (p.kind, p.bound.as_deref().map(|b| &b.kind)) {
                (TypeParamKind::TypeVar, Some(ExprKind::Tuple { .. })) => {
                    ("a TypeVar constraint", "a TypeVar default")
                }
                (TypeParamKind::TypeVar, _) => ("a TypeVar bound", "a TypeVar default"),
                (TypeParamKind::ParamSpec, _) => ("", "a ParamSpec default"),
                (TypeParamKind::TypeVarTuple, _) => ("", "a TypeVarTuple default"),
            };
            // The evaluator of the bound goes by the parameter's address, that of
            // the default by its own kind of opening.
            if let Some(bound) = &p.bound {
                self.type_param_value(bound, p, Opens::Body, bound_info)?;
            }
            if let Some(default) = &p.default {
                seen_default = true;
                self.type_param_value(default, p, Opens::Default, default_info)?;
            } else if seen_default {
                return syntax(
                    format!(
                        "non-default type parameter '{}' follows default type parameter",
                        p.name
                    ),
                    p.pos,
                );
            }
        }
        Ok(())
    }

    fn type_param_value(
        &mut self,
        e: &Expr,
        p: &TypeParam,
        opens: Opens,
        info: &'static str,
    ) -> Res<()> {
        let in_class = self.cur().can_see_class_scope;
        self.enter(
            BlockKind::TypeVariable,
            p.name.clone(),
            (node_key(p), opens),
            e.pos,
        );
        self.cur().scope_info = info;
        if in_class {
            self.see_class(e.pos)?;
        }
        self.expr(e)?;
        self.exit();
        Ok(())
    }

    fn parameters(&mut self, a: &Arguments) -> Res<()> {
        for arg in a.posonlyargs.iter().chain(&a.args).chain(&a.kwonlyargs) {
            self.add(&arg.arg, flag::PARAM, arg.pos)?;
        }
        if let Some(v) = &a.vararg {
            self.add(&v.arg, flag::PARAM, v.pos)?;
            self.cur().has_varargs = true;
        }
        if let Some(k) = &a.kwarg {
            self.add(&k.arg, flag::PARAM, k.pos)?;
            self.cur().has_varkeywords = true;
        }
        Ok(())
    }

    fn pattern(&mut self, p: &Pattern) -> Res<()> {
        stacker::maybe_grow(64 << 10, 1 << 20, || match &p.kind {
            PatternKind::MatchValue(v) => self.expr(v),
            PatternKind::MatchSingleton(_) => Ok(()),
            PatternKind::MatchSequence(ps) | PatternKind::MatchOr(ps) => {
                ps.iter().try_for_each(|p| self.pattern(p))
            }
            PatternKind::MatchMapping {
                keys,
                patterns,
                rest,
            } => {
                self.exprs(keys)?;
                patterns.iter().try_for_each(|p| self.pattern(p))?;
                rest.iter()
                    .try_for_each(|n| self.add(n, flag::LOCAL, p.pos))
            }
            PatternKind::MatchClass {
                cls,
                patterns,
                kwd_patterns,
                ..
            } => {
                self.expr(cls)?;
                patterns
                    .iter()
                    .chain(kwd_patterns)
                    .try_for_each(|p| self.pattern(p))
            }
            PatternKind::MatchStar(name) => name
                .iter()
                .try_for_each(|n| self.add(n, flag::LOCAL, p.pos)),
            PatternKind::MatchAs { pattern, name } => {
                pattern.iter().try_for_each(|p| self.pattern(p))?;
                name.iter()
                    .try_for_each(|n| self.add(n, flag::LOCAL, p.pos))
            }
        })
    }

    pub(super) fn opt(&mut self, e: Option<&Expr>) -> Res<()> {
        e.map_or(Ok(()), |e| self.expr(e))
    }

    fn exprs<'e>(&mut self, es: impl IntoIterator<Item = &'e Expr>) -> Res<()> {
        es.into_iter().try_for_each(|e| self.expr(e))
    }

    pub(super) fn expr(&mut self, e: &Expr) -> Res<()> {
        stacker::maybe_grow(64 << 10, 1 << 20, || self.expr_inner(e))
    }

    fn expr_inner(&mut self, e: &Expr) -> Res<()> {
        match &e.kind {
            ExprKind::NamedExpr { target, value } => {
                self.forbid_in_annotation(e, "named expression")?;
                self.named(e, target, value)
            }
            ExprKind::BoolOp { values, .. } => self.exprs(values),
            ExprKind::BinOp { left, right, .. } => {
                self.expr(left)?;
                self.expr(right)
            }
            ExprKind::UnaryOp { operand, .. } => self.expr(operand),
            ExprKind::Lambda { args, body } => {
                self.exprs(&args.defaults)?;
                self.exprs(args.kw_defaults.iter().flatten())?;
                self.enter(
                    BlockKind::Function,
                    "lambda".into(),
                    (node_key(e), Opens::Body),
                    e.pos,
                );
                self.parameters(args)?;
                self.expr(body)?;
                self.exit();
                Ok(())
            }
            ExprKind::IfExp { test, body, orelse } => {
                self.expr(test)?;
                self.expr(body)?;
                self.expr(orelse)
            }
            ExprKind::Dict { keys, values } => {
                self.exprs(keys.iter().flatten())?;
                self.exprs(values)
            }
            ExprKind::Set(elts) | ExprKind::JoinedStr(elts) | ExprKind::TemplateStr(elts) => {
                self.exprs(elts)
            }
            ExprKind::ListComp { elt, generators } => {
                self.comprehension(e, CompKind::List, generators, elt, None)
            }
            ExprKind::SetComp { elt, generators } => {
                self.comprehension(e, CompKind::Set, generators, elt, None)
            }
            ExprKind::GeneratorExp { elt, generators } => {
                self.comprehension(e, CompKind::Generator, generators, elt, None)
            }
            ExprKind::DictComp {
                key,
                value,
                generators,
            } => self.comprehension(e, CompKind::Dict, generators, key, Some(value)),
            ExprKind::Yield(value) => {
                self.forbid_in_annotation(e, "yield expression")?;
                self.opt(value.as_deref())?;
                self.yields(e)
            }
            ExprKind::YieldFrom(value) => {
                self.forbid_in_annotation(e, "yield expression")?;
                self.expr(value)?;
                self.yields(e)
            }
            ExprKind::Await(value) => {
                self.forbid_in_annotation(e, "await expression")?;
                self.expr(value)?;
                self.cur().is_coroutine = true;
                Ok(())
            }
            ExprKind::Compare {
                left, comparators, ..
            } => {
                self.expr(left)?;
                self.exprs(comparators)
            }
            ExprKind::Call {
                func,
                args,
                keywords,
            } => {
                self.expr(func)?;
                self.exprs(args)?;
                self.exprs(keywords.iter().map(|k| &k.value))
            }
            ExprKind::FormattedValue {
                value, format_spec, ..
            }
            | ExprKind::Interpolation {
                value, format_spec, ..
            } => {
                self.expr(value)?;
                self.opt(format_spec.as_deref())
            }
            ExprKind::Constant { .. } => Ok(()),
            ExprKind::Attribute { value, .. } | ExprKind::Starred { value, .. } => self.expr(value),
            ExprKind::Subscript { value, slice, .. } => {
                self.expr(value)?;
                self.expr(slice)
            }
            ExprKind::Slice { lower, upper, step } => {
                self.opt(lower.as_deref())?;
                self.opt(upper.as_deref())?;
                self.opt(step.as_deref())
            }
            ExprKind::Name { id, ctx } => {
                if !self.cur().in_unevaluated_annotation {
                    self.add(
                        id,
                        if *ctx == Ctx::Load {
                            flag::USE
                        } else {
                            flag::LOCAL
                        },
                        e.pos,
                    )?;
                    // `super` without arguments needs the class's cell.
                    if *ctx == Ctx::Load && self.cur().is_function_like() && &**id == "super" {
                        let class = self.special.class.clone();
                        self.add(&class, flag::USE, e.pos)?;
                    }
                }
                Ok(())
            }
            ExprKind::List { elts, .. } | ExprKind::Tuple { elts, .. } => self.exprs(elts),
        }
    }

    fn yields(&mut self, e: &Expr) -> Res<()> {
        let b = self.cur();
        b.is_generator = true;
        let what = match b.comprehension {
            None => return Ok(()),
            Some(CompKind::List) => "'yield' inside list comprehension",
            Some(CompKind::Set) => "'yield' inside set comprehension",
            Some(CompKind::Dict) => "'yield' inside dict comprehension",
            Some(CompKind::Generator) => "'yield' inside generator expression",
        };
        syntax(what.into(), e.pos)
    }

    fn named(&mut self, e: &Expr, target: &Expr, value: &Expr) -> Res<()> {
        if self.cur().comp_iter_expr > 0 {
            return syntax(
                "assignment expression cannot be used in a comprehension iterable expression"
                    .into(),
                e.pos,
            );
        }
        if self.cur().comprehension.is_some() {
            self.extend_named_target(target)?;
        }
        self.expr(value)?;
        self.expr(target)
    }

    /// Binds `:=` of a comprehension in the block around it.
    fn extend_named_target(&mut self, target: &Expr) -> Res<()> {
        let Some(name) = target.as_name().cloned() else {
            return Ok(());
        };
        let pos = target.pos;
        for at in (0..self.stack.len()).rev() {
            let id = self.stack[at];
            let b = &self.table.blocks[id];
            if b.comprehension.is_some() {
                let mangled = self.mangled(&name);
                let flags = b.symbols.get(&mangled).map_or(0, |s| s.flags);
                if flags & flag::COMP_ITER != 0 && flags & (flag::LOCAL | flag::GLOBAL) != 0 {
                    return syntax(
                        format!(
                            "assignment expression cannot rebind comprehension iteration variable '{name}'"
                        ),
                        pos,
                    );
                }
                continue;
            }
            let (kind, mangled) = (b.kind, self.mangled(&name));
            match kind {
                BlockKind::Function => {
                    let flags = b.symbols.get(&mangled).map_or(0, |s| s.flags);
                    let bit = if flags & flag::GLOBAL != 0 {
                        flag::GLOBAL
                    } else {
                        flag::NONLOCAL
                    };
                    self.add(&name, bit, pos)?;
                    self.cur().directives.push((mangled, pos));
                    return self.add_to(id, &name, flag::LOCAL, pos);
                }
                BlockKind::Module => {
                    self.add(&name, flag::GLOBAL, pos)?;
                    self.cur().directives.push((mangled, pos));
                    return self.add_to(id, &name, flag::GLOBAL, pos);
                }
                _ => {
                    let place = match kind {
                        BlockKind::Class => "in a class body",
                        BlockKind::TypeVariable => "in a TypeVar bound",
                        BlockKind::TypeAlias => "in a type alias",
                        BlockKind::TypeParameters => "within the definition of a generic",
                        _ => return Ok(()),
                    };
                    return syntax(
                        format!(
                            "assignment expression within a comprehension cannot be used {place}"
                        ),
                        pos,
                    );
                }
            }
        }
        Ok(())
    }

    fn comprehension(
        &mut self,
        e: &Expr,
        kind: CompKind,
        generators: &[Comprehension],
        elt: &Expr,
        value: Option<&Expr>,
    ) -> Res<()> {
        let Some((outermost, rest)) = generators.split_first() else {
            return Ok(());
        };
        let is_generator = kind == CompKind::Generator;
        // The outermost iterable is evaluated outside the comprehension's scope.
        self.cur().comp_iter_expr += 1;
        self.expr(&outermost.iter)?;
        self.cur().comp_iter_expr -= 1;
        let name = match kind {
            CompKind::List => "<listcomp>",
            CompKind::Set => "<setcomp>",
            CompKind::Dict => "<dictcomp>",
            CompKind::Generator => "<genexpr>",
        };
        let in_unevaluated = self.cur().in_unevaluated_annotation;
        self.enter(
            BlockKind::Function,
            name.into(),
            (node_key(e), Opens::Body),
            e.pos,
        );
        let cur = self.cur();
        cur.comprehension = Some(kind);
        cur.in_unevaluated_annotation = in_unevaluated;
        if outermost.is_async {
            cur.is_coroutine = true;
            cur.is_async_comprehension = true;
        }
        let implicit: Name = ".0".into();
        self.add(&implicit, flag::PARAM, e.pos)?;
        self.cur().comp_iter_target = true;
        self.expr(&outermost.target)?;
        self.cur().comp_iter_target = false;
        self.exprs(&outermost.ifs)?;
        for g in rest {
            self.cur().comp_iter_target = true;
            self.expr(&g.target)?;
            self.cur().comp_iter_target = false;
            self.cur().comp_iter_expr += 1;
            self.expr(&g.iter)?;
            self.cur().comp_iter_expr -= 1;
            self.exprs(&g.ifs)?;
            if g.is_async {
                self.cur().is_coroutine = true;
                self.cur().is_async_comprehension = true;
            }
        }
        if let Some(value) = value {
            self.expr(value)?;
            self.expr(elt)?;
        } else {
            self.expr(elt)?;
        }
        self.cur().is_generator = is_generator;
        let is_async = self.cur().is_coroutine && !is_generator;
        self.exit();
        if is_async {
            self.cur().is_coroutine = true;
        }
        Ok(())
    }

    pub(super) fn conditional_name(&self) -> Name {
        self.special.conditional.clone()
    }
}
