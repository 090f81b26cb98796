//! Entering and leaving scopes, and access to names.

use super::*;
use crate::symtable::{self, BlockId, BlockKind, Scope, Symbol};
use taipan_bytecode::Op::*;
use taipan_bytecode::{Code, FunctionAttribute, Op};

/// How a name is accessed.
enum Access {
    Fast,
    Deref,
    Global(Scope),
    Name,
}

impl<'a> Compiler<'a> {
    pub(super) fn enter(
        &mut self,
        name: Name,
        kind: UnitKind,
        block: BlockId,
        first_line: i32,
        private: Option<Name>,
    ) {
        let b = &self.table.blocks[block];
        let mut cellvars: NameTable = b
            .names_with(Scope::Cell, symtable::flag::COMP_CELL)
            .into_iter()
            .collect();
        for (needed, special) in [
            (b.needs_class_closure, "__class__"),
            (b.needs_classdict, "__classdict__"),
            (b.has_conditional_annotations, "__conditional_annotations__"),
        ] {
            if needed {
                cellvars.insert(special.into());
            }
        }
        let freevars = b.names_with(Scope::Free, symtable::flag::FREE_CLASS);
        let private = private.or_else(|| self.units.last().and_then(|u| u.private.clone()));
        let mut unit = Unit {
            kind,
            block,
            name: name.clone(),
            qualname: String::new(),
            private,
            first_line,
            seq: Sequence::default(),
            annotations: None,
            consts: ConstTable::default(),
            names: NameTable::default(),
            varnames: b.params.iter().cloned().collect(),
            cellvars,
            freevars: freevars.into_iter().collect(),
            fast_hidden: Default::default(),
            overrides: Default::default(),
            in_inlined_comp: 0,
            fblocks: Vec::new(),
            arg_count: 0,
            posonly_count: 0,
            kwonly_count: 0,
            static_attributes: (kind == UnitKind::Class).then(Default::default),
            deferred: Vec::new(),
            conditional_count: 0,
            in_conditional_block: false,
            has_docstring: false,
        };
        unit.qualname = self.qualname(&unit.name, kind);
        self.units.push(unit);
        let line = if kind == UnitKind::Module {
            0
        } else {
            first_line
        };
        self.emit(
            RESUME,
            Pos {
                line,
                col: 0,
                end_line: first_line,
                end_col: 0,
            },
        );
    }

    /// The qualified name of what would be opened now (PEP 3155).
    pub(super) fn qualname(&self, name: &Name, kind: UnitKind) -> String {
        let mut depth = self.units.len();
        if depth == 0 {
            return name.to_string();
        }
        let mut parent = &self.units[depth - 1];
        if matches!(parent.kind, UnitKind::TypeParams | UnitKind::Annotations) {
            depth -= 1;
            if depth == 0 {
                return name.to_string();
            }
            parent = &self.units[depth - 1];
        }
        if depth == 1 {
            return name.to_string();
        }
        if matches!(
            kind,
            UnitKind::Function | UnitKind::AsyncFunction | UnitKind::Class
        ) {
            let mangled = symtable::mangle(parent.private.as_deref(), name);
            if self.table.blocks[parent.block].scope_of(&mangled) == Scope::GlobalExplicit {
                return name.to_string();
            }
        }
        if matches!(
            parent.kind,
            UnitKind::Function | UnitKind::AsyncFunction | UnitKind::Lambda
        ) {
            format!("{}.<locals>.{name}", parent.qualname)
        } else {
            format!("{}.{name}", parent.qualname)
        }
    }

    /// Ends the current unit; `add_return` adds `return None` at its end.
    pub(super) fn leave(&mut self, add_return: bool) -> Res<Code> {
        if add_return {
            self.load_none(Pos::NONE);
            self.emit(RETURN_VALUE, Pos::NONE);
        }
        let Some(unit) = self.units.pop() else {
            return self.error("no unit to leave", Pos::NONE);
        };
        crate::assemble::assemble(unit, self.table, &self.settings, self.units.len())
    }

    pub(super) fn mangled(&self, name: &Name) -> Name {
        if let Some(names) = &self.block().mangled_names
            && !names.borrow().contains(name)
        {
            return name.clone();
        }
        symtable::mangle(self.unit_ref().private.as_deref(), name)
    }

    pub(super) fn symbol(&self, mangled: &str) -> Symbol {
        if let Some(s) = self.unit_ref().overrides.get(mangled) {
            return *s;
        }
        self.block()
            .symbols
            .get(mangled)
            .copied()
            .unwrap_or_default()
    }

    fn access(&self, mangled: &str) -> Access {
        let scope = self.symbol(mangled).scope;
        let function = self.block().is_function_like();
        match scope {
            Scope::Free | Scope::Cell => Access::Deref,
            Scope::Local if function => Access::Fast,
            Scope::Local if self.unit_ref().fast_hidden.get(mangled) == Some(&true) => Access::Fast,
            Scope::GlobalImplicit if function => Access::Global(scope),
            Scope::GlobalExplicit => Access::Global(scope),
            _ => Access::Name,
        }
    }

    pub(super) fn check_debug(&self, name: &str, ctx: Ctx, pos: Pos) -> Res<()> {
        match ctx {
            Ctx::Store if name == "__debug__" => self.error("cannot assign to __debug__", pos),
            Ctx::Del if name == "__debug__" => self.error("cannot delete __debug__", pos),
            _ => Ok(()),
        }
    }

    pub(super) fn load_classdict(&mut self, pos: Pos) {
        self.emit_deref(LOAD_DEREF, "__classdict__", pos);
    }

    /// An instruction on a cell or free variable.
    pub(super) fn emit_deref(&mut self, op: impl Into<Opc>, name: &str, pos: Pos) {
        let index = self.deref_index(name, true);
        self.emit_arg(op, index, pos);
    }

    /// Index of a variable among cells and free variables. A name can be both: free
    /// around an inlined comprehension that has a cell of it, or one of a class's
    /// own cells (`own`), which methods see, and free in its body.
    fn deref_index(&mut self, name: &str, own: bool) -> usize {
        let implicit = own
            && self.block().kind == BlockKind::Class
            && matches!(
                name,
                "__class__" | "__classdict__" | "__conditional_annotations__"
            );
        let free = self.symbol(name).scope == Scope::Free && !implicit;
        let unit = self.unit();
        match unit.freevars.get_index_of(name) {
            Some(i) if free => i + unit.cellvars.len(),
            _ => unit.deref_index(name).unwrap_or(0),
        }
    }

    /// An instruction on a fast slot.
    pub(super) fn emit_fast(&mut self, op: impl Into<Opc>, name: &Name, pos: Pos) {
        let index = self.unit().varnames.insert_full(name.clone()).0;
        self.emit_arg(op, index, pos);
    }

    /// Loads, stores or deletes a name.
    pub(super) fn name_op(&mut self, name: &Name, ctx: Ctx, pos: Pos) -> Res<()> {
        self.check_debug(name, ctx, pos)?;
        let mangled = self.mangled(name);
        let by_ctx = |load: Op, store: Op, delete: Op| match ctx {
            Ctx::Load => load,
            Ctx::Store => store,
            Ctx::Del => delete,
        };
        let block = self.block();
        match self.access(&mangled) {
            Access::Fast => {
                self.emit_fast(by_ctx(LOAD_FAST, STORE_FAST, DELETE_FAST), &mangled, pos);
            }
            Access::Deref => {
                let mut load = LOAD_DEREF;
                if ctx == Ctx::Load {
                    if block.kind == BlockKind::Class && self.unit().in_inlined_comp == 0 {
                        load = LOAD_FROM_DICT_OR_DEREF;
                        self.emit(LOAD_LOCALS, pos);
                    } else if block.can_see_class_scope {
                        load = LOAD_FROM_DICT_OR_DEREF;
                        self.load_classdict(pos);
                    }
                }
                let op = by_ctx(load, STORE_DEREF, DELETE_DEREF);
                let index = self.deref_index(&mangled, false);
                self.emit_arg(op, index, pos);
            }
            Access::Global(scope) => {
                if ctx == Ctx::Load && block.can_see_class_scope && scope == Scope::GlobalImplicit {
                    self.load_classdict(pos);
                    self.emit_name(LOAD_FROM_DICT_OR_GLOBALS, &mangled, pos);
                } else {
                    self.load_global_op(
                        by_ctx(LOAD_GLOBAL, STORE_GLOBAL, DELETE_GLOBAL),
                        &mangled,
                        pos,
                    );
                }
            }
            Access::Name => {
                let in_class_comp =
                    block.kind == BlockKind::Class && self.unit().in_inlined_comp > 0;
                let load = if in_class_comp {
                    LOAD_GLOBAL
                } else {
                    LOAD_NAME
                };
                self.load_global_op(by_ctx(load, STORE_NAME, DELETE_NAME), &mangled, pos);
            }
        }
        Ok(())
    }

    fn load_global_op(&mut self, op: Op, name: &Name, pos: Pos) {
        let index = self.unit().names.insert_full(name.clone()).0;
        let arg = if op == LOAD_GLOBAL { index << 1 } else { index };
        self.emit_arg(op, arg, pos);
    }

    pub(super) fn load_named(&mut self, name: &str, pos: Pos) -> Res<()> {
        self.name_op(&name.into(), Ctx::Load, pos)
    }

    pub(super) fn store_named(&mut self, name: &str, pos: Pos) -> Res<()> {
        self.name_op(&name.into(), Ctx::Store, pos)
    }

    /// Makes a function of code: its closure, and the attributes whose values
    /// are already on the stack (`flags`, see [`FunctionAttribute`]).
    pub(super) fn make_closure(&mut self, code: Code, mut flags: u32, pos: Pos) -> Res<()> {
        use taipan_bytecode::LocalKind;
        let free: Vec<&String> = code
            .locals_plus
            .iter()
            .filter(|(_, k)| k.0 & LocalKind::FREE != 0)
            .map(|(n, _)| n)
            .collect();
        if !free.is_empty() {
            for name in &free {
                self.emit_deref(Opc::LoadClosure, name, pos);
            }
            self.emit_arg(BUILD_TUPLE, free.len(), pos);
            flags |= FunctionAttribute::CLOSURE;
        }
        self.load_const(Const::Code(Box::new(code)), pos);
        self.emit(MAKE_FUNCTION, pos);
        for bit in [
            FunctionAttribute::CLOSURE,
            FunctionAttribute::ANNOTATIONS,
            FunctionAttribute::ANNOTATE,
            FunctionAttribute::KW_DEFAULTS,
            FunctionAttribute::DEFAULTS,
        ] {
            if flags & bit != 0 {
                self.emit_arg(SET_FUNCTION_ATTRIBUTE, bit as usize, pos);
            }
        }
        Ok(())
    }
}
