//! Classes.

use super::*;
use crate::symtable::{Opens, Scope};
use taipan_bytecode::Intrinsic1;
use taipan_bytecode::Op::*;

const NO: Pos = Pos::NONE;

impl<'a> Compiler<'a> {
    pub(super) fn class_def(&mut self, s: &'a Stmt, c: &'a ClassDef) -> Res<()> {
        c.decorators.iter().try_for_each(|d| self.expr(d))?;
        let first_line = c.decorators.first().map_or(s.pos.line, |d| d.pos.line);
        let pos = s.pos;
        let generic = !c.type_params.is_empty();
        if generic {
            let name: Name = format!("<generic parameters of {}>", c.name).into();
            let block = self.opened(s, Opens::TypeParams);
            self.enter(
                name,
                UnitKind::TypeParams,
                block,
                first_line,
                Some(c.name.clone()),
            );
            self.type_params(&c.type_params)?;
            self.store_named(".type_params", pos)?;
        }
        self.class_body(s, c, first_line, generic)?;
        self.load_const(Const::str(&c.name), pos);
        if generic {
            self.load_named(".type_params", pos)?;
            self.emit_arg(CALL_INTRINSIC_1, Intrinsic1::SubscriptGeneric as usize, pos);
            self.store_named(".generic_base", pos)?;
            self.call_helper(pos, 2, &c.bases, Some(".generic_base"), &c.keywords)?;
            self.emit(RETURN_VALUE, pos);
            let code = self.leave(false)?;
            self.make_closure(code, 0, pos)?;
            self.emit(PUSH_NULL, pos);
            self.emit_arg(CALL, 0, pos);
        } else {
            self.call_helper(pos, 2, &c.bases, None, &c.keywords)?;
        }
        self.apply_decorators(&c.decorators);
        self.name_op(&c.name, Ctx::Store, pos)
    }

    fn class_body(
        &mut self,
        s: &'a Stmt,
        c: &'a ClassDef,
        first_line: i32,
        generic: bool,
    ) -> Res<()> {
        let block = self.opened(s, Opens::Body);
        self.enter(
            c.name.clone(),
            UnitKind::Class,
            block,
            first_line,
            Some(c.name.clone()),
        );
        let at = Pos::at(first_line, 0);
        self.load_named("__name__", at)?;
        self.store_named("__module__", at)?;
        let qualname = Const::str(&self.unit().qualname);
        self.load_const(qualname, at);
        self.store_named("__qualname__", at)?;
        self.load_const(Const::Int(i64::from(first_line)), at);
        self.store_named("__firstlineno__", at)?;
        if generic {
            self.load_named(".type_params", at)?;
            self.store_named("__type_params__", at)?;
        }
        let b = self.block();
        if b.needs_classdict {
            self.emit(LOAD_LOCALS, at);
            self.emit_deref(STORE_DEREF, "__classdict__", at);
        }
        if b.has_conditional_annotations {
            self.emit_arg(BUILD_SET, 0, at);
            self.emit_deref(STORE_DEREF, "__conditional_annotations__", at);
        }
        self.body(at, &c.body, false)?;
        let mut attributes: Vec<Name> = self
            .unit()
            .static_attributes
            .take()
            .unwrap_or_default()
            .into_iter()
            .collect();
        attributes.sort();
        let attributes = attributes.iter().map(|n| Const::str(n)).collect();
        self.load_const(Const::Tuple(attributes), NO);
        self.store_named("__static_attributes__", NO)?;
        if b.needs_classdict {
            self.emit_deref(Opc::LoadClosure, "__classdict__", NO);
            self.store_named("__classdictcell__", NO)?;
        }
        if b.needs_class_closure {
            self.emit_deref(Opc::LoadClosure, "__class__", NO);
            self.emit_arg(COPY, 1, NO);
            self.store_named("__classcell__", NO)?;
        } else {
            self.load_none(NO);
        }
        self.emit(RETURN_VALUE, NO);
        let code = self.leave(false)?;
        let pos = s.pos;
        self.emit(LOAD_BUILD_CLASS, pos);
        self.emit(PUSH_NULL, pos);
        self.make_closure(code, 0, pos)
    }

    /// Notes `self.x = ...` in a method for the class's `__static_attributes__`.
    pub(super) fn note_static_attribute(&mut self, target: &Expr) {
        let ExprKind::Attribute { value, attr, .. } = &target.kind else {
            return;
        };
        if value.as_name().is_none_or(|n| &**n != "self") {
            return;
        }
        let mut units = self.units.iter_mut().rev();
        units.next();
        if let Some(class) = units.find(|u| u.kind == UnitKind::Class)
            && let Some(attributes) = &mut class.static_attributes
        {
            attributes.insert(attr.clone());
        }
    }

    /// Whether `super().attr` can use its own instruction: `super` must be the
    /// builtin as far as one can see, and the arguments found without a call.
    pub(super) fn is_plain_super(&self, value: &Expr, attr: &str) -> bool {
        // `super().__class__` is the class of the proxy itself.
        if attr == "__class__" {
            return false;
        }
        let ExprKind::Call {
            func,
            args,
            keywords,
        } = &value.kind
        else {
            return false;
        };
        if func.as_name().is_none_or(|n| &**n != "super") || !keywords.is_empty() {
            return false;
        }
        if self.symbol("super").scope != Scope::GlobalImplicit
            || self.table.blocks[SymbolTable::TOP].scope_of("super") != Scope::Unknown
        {
            return false;
        }
        if args.len() == 2 {
            return !args
                .iter()
                .any(|a| matches!(a.kind, ExprKind::Starred { .. }));
        }
        args.is_empty()
            && self.unit_ref().arg_count > 0
            && self.symbol("__class__").scope == Scope::Free
    }

    /// Pushes `super` and its two arguments.
    pub(super) fn load_super_arguments(&mut self, value: &'a Expr) -> Res<()> {
        let ExprKind::Call { func, args, .. } = &value.kind else {
            return Ok(());
        };
        self.expr(func)?;
        if !args.is_empty() {
            return args.iter().try_for_each(|a| self.expr(a));
        }
        self.load_named("__class__", value.pos)?;
        // The first parameter: read as the name it has.
        let Some(first) = self.unit().varnames.get_index(0).cloned() else {
            return Ok(());
        };
        self.emit_first_parameter(&first, value.pos)
    }

    fn emit_first_parameter(&mut self, name: &Name, pos: Pos) -> Res<()> {
        // The name is already mangled.
        if self.symbol(name).scope == Scope::Cell {
            self.emit_deref(LOAD_DEREF, name, pos);
        } else {
            self.emit_fast(LOAD_FAST, name, pos);
        }
        Ok(())
    }
}
