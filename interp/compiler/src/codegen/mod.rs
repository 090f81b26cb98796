//! From the tree to instructions, scope by scope, with the sequences that
//! CPython 3.14 generates. Labels and protected regions stay symbolic here;
//! [`crate::flowgraph`] turns each unit into code.

mod call;
mod class;
mod comprehension;
mod expression;
mod function;
mod loops;
mod module;
mod pattern;
mod scope;
mod statement;
mod try_;
pub mod unit;
mod with_;

use crate::ast::*;
use crate::errors::{CompileError, Res, Warning, WarningCategory};
use crate::symtable::{Block, SymbolTable};
use taipan_bytecode::{Code, Const};
use unit::*;

/// What the generator needs to know besides the tree.
#[derive(Clone, Debug)]
pub struct Settings {
    pub filename: String,
    pub optimize: u8,
    /// `CodeFlags::FUTURE_*` in force.
    pub future: u32,
    pub top_level_await: bool,
    pub interactive: bool,
}

/// Generates the code of one tree.
pub struct Compiler<'a> {
    table: &'a SymbolTable,
    settings: Settings,
    units: Vec<Unit<'a>>,
    pub warnings: Vec<Warning>,
    /// Warnings are off: the statement is compiled a second time (`finally`).
    mute: u32,
}

/// Compiles a tree whose symbols are resolved.
pub fn compile<'a>(
    tree: &'a Mod,
    table: &'a SymbolTable,
    settings: Settings,
) -> Res<(Code, Vec<Warning>)> {
    let mut c = Compiler {
        table,
        settings,
        units: Vec::new(),
        warnings: Vec::new(),
        mute: 0,
    };
    let code = c.module(tree)?;
    Ok((code, c.warnings))
}

impl<'a> Compiler<'a> {
    fn unit(&mut self) -> &mut Unit<'a> {
        let last = self.units.len() - 1;
        &mut self.units[last]
    }

    fn unit_ref(&self) -> &Unit<'a> {
        &self.units[self.units.len() - 1]
    }

    fn block(&self) -> &'a Block {
        &self.table.blocks[self.unit_ref().block]
    }

    fn future_annotations(&self) -> bool {
        self.settings.future & taipan_bytecode::CodeFlags::FUTURE_ANNOTATIONS != 0
    }

    fn emit(&mut self, op: impl Into<Opc>, pos: Pos) {
        self.unit().seq.push(op, 0, pos);
    }

    fn emit_arg(&mut self, op: impl Into<Opc>, arg: usize, pos: Pos) {
        self.unit().seq.push(op, arg as u32, pos);
    }

    fn jump(&mut self, op: impl Into<Opc>, label: Label, pos: Pos) {
        self.unit().seq.push(op, label.0, pos);
    }

    fn label(&mut self) -> Label {
        self.unit().seq.new_label()
    }

    fn here(&mut self, label: Label) {
        self.unit().seq.use_label(label);
    }

    fn load_const(&mut self, value: Const, pos: Pos) {
        let index = self.unit().consts.add(value);
        self.emit_arg(taipan_bytecode::Op::LOAD_CONST, index as usize, pos);
    }

    fn load_none(&mut self, pos: Pos) {
        self.load_const(Const::None, pos);
    }

    /// An instruction whose argument is an index into `names`.
    fn emit_name(&mut self, op: taipan_bytecode::Op, name: &Name, pos: Pos) {
        let index = self.unit().names.insert_full(name.clone()).0;
        self.emit_arg(op, index, pos);
    }

    fn error<T>(&self, message: impl Into<String>, pos: Pos) -> Res<T> {
        Err(CompileError::syntax(message, pos))
    }

    fn warn(&mut self, message: impl Into<String>, pos: Pos) {
        if self.mute == 0 {
            self.warnings.push(Warning {
                category: WarningCategory::Syntax,
                message: message.into(),
                pos,
                origin: crate::errors::WarningOrigin::Compiler,
            });
        }
    }

    fn push_fblock(&mut self, b: FrameBlock<'a>, pos: Pos) -> Res<()> {
        self.check_blocks(pos)?;
        self.unit().fblocks.push(b);
        Ok(())
    }

    /// The nesting that CPython allows (`CO_MAXBLOCKS`), of which generators take one
    /// level and inlined comprehensions one each.
    fn check_blocks(&mut self, pos: Pos) -> Res<()> {
        let b = self.block();
        let wraps = usize::from(b.is_generator || b.is_coroutine);
        let unit = self.unit();
        if unit.fblocks.len() + unit.in_inlined_comp as usize + wraps >= 21 {
            return self.error("too many statically nested blocks", pos);
        }
        Ok(())
    }

    fn pop_fblock(&mut self) {
        self.unit().fblocks.pop();
    }
}
