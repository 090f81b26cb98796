//! The symbol table: which scope every name of every block belongs to.
//!
//! As in CPython, a first pass over the tree (`collect`) records definitions
//! and uses block by block, a second (`analyze`) resolves them from the module
//! inwards. Blocks are found again by the address of the node that opens them,
//! so the tree must stay in place between this pass and code generation.

mod analyze;
mod annotations;
mod collect;

use crate::ast::{Mod, Name, Pos};
use crate::errors::{CompileError, Res};
use indexmap::IndexMap;
use rustc_hash::{FxBuildHasher, FxHashMap};
use std::cell::RefCell;
use std::rc::Rc;

/// Bits of a symbol, with CPython's values (`DEF_*`).
pub mod flag {
    pub const GLOBAL: u32 = 1;
    pub const LOCAL: u32 = 2;
    pub const PARAM: u32 = 4;
    pub const NONLOCAL: u32 = 8;
    pub const USE: u32 = 16;
    pub const FREE_CLASS: u32 = 1 << 6;
    pub const IMPORT: u32 = 1 << 7;
    pub const ANNOT: u32 = 1 << 8;
    pub const COMP_ITER: u32 = 1 << 9;
    pub const TYPE_PARAM: u32 = 1 << 10;
    pub const COMP_CELL: u32 = 1 << 11;
    /// Any binding.
    pub const BOUND: u32 = LOCAL | PARAM | IMPORT | TYPE_PARAM;
}

/// Where a name lives, as seen from one block.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[repr(u8)]
pub enum Scope {
    #[default]
    Unknown = 0,
    Local = 1,
    GlobalExplicit = 2,
    GlobalImplicit = 3,
    Free = 4,
    Cell = 5,
}

/// One name of a block.
#[derive(Clone, Copy, Debug, Default)]
pub struct Symbol {
    /// See [`flag`].
    pub flags: u32,
    pub scope: Scope,
}

/// The sort of a block.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BlockKind {
    Function,
    Class,
    Module,
    Annotation,
    TypeVariable,
    TypeAlias,
    TypeParameters,
}

/// The sort of comprehension a function block stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CompKind {
    List,
    Dict,
    Set,
    Generator,
}

/// Index of a block in [`SymbolTable::blocks`].
pub type BlockId = usize;

/// The symbols of a block by name, in order of first mention.
pub type Symbols = IndexMap<Name, Symbol, FxBuildHasher>;

/// One scope of the program.
#[derive(Debug)]
pub struct Block {
    pub kind: BlockKind,
    pub name: Name,
    pub pos: Pos,
    pub symbols: Symbols,
    /// Parameters in order.
    pub params: Vec<Name>,
    pub children: Vec<BlockId>,
    /// Places of `global` and `nonlocal` names, for errors.
    directives: Vec<(Name, Pos)>,
    /// The class or function is nested in a function-like block.
    pub nested: bool,
    pub is_generator: bool,
    pub is_coroutine: bool,
    pub is_async_comprehension: bool,
    pub comprehension: Option<CompKind>,
    pub comp_inlined: bool,
    comp_iter_target: bool,
    comp_iter_expr: u32,
    pub has_varargs: bool,
    pub has_varkeywords: bool,
    pub returns_value: bool,
    pub needs_class_closure: bool,
    pub needs_classdict: bool,
    pub can_see_class_scope: bool,
    pub is_method: bool,
    pub has_conditional_annotations: bool,
    in_conditional_block: bool,
    in_unevaluated_annotation: bool,
    pub has_docstring: bool,
    pub annotations_used: bool,
    /// The block of deferred annotations.
    pub annotation_block: Option<BlockId>,
    /// What the error messages call the block of a type variable.
    scope_info: &'static str,
    /// Names that a class's type parameter scope and those within it mangle, other
    /// classes aside.
    pub mangled_names: Option<Rc<RefCell<rustc_hash::FxHashSet<Name>>>>,
}

impl Block {
    fn new(kind: BlockKind, name: Name, pos: Pos) -> Block {
        Block {
            kind,
            name,
            pos,
            symbols: Symbols::default(),
            params: Vec::new(),
            children: Vec::new(),
            directives: Vec::new(),
            nested: false,
            is_generator: false,
            is_coroutine: false,
            is_async_comprehension: false,
            comprehension: None,
            comp_inlined: false,
            comp_iter_target: false,
            comp_iter_expr: 0,
            has_varargs: false,
            has_varkeywords: false,
            returns_value: false,
            needs_class_closure: false,
            needs_classdict: false,
            can_see_class_scope: false,
            is_method: false,
            has_conditional_annotations: false,
            in_conditional_block: false,
            in_unevaluated_annotation: false,
            has_docstring: false,
            annotations_used: false,
            annotation_block: None,
            scope_info: "",
            mangled_names: None,
        }
    }

    /// Whether the block's locals are fast slots.
    pub fn is_function_like(&self) -> bool {
        use BlockKind::*;
        matches!(
            self.kind,
            Function | Annotation | TypeVariable | TypeAlias | TypeParameters
        )
    }

    /// The scope of a name, which must already be mangled.
    pub fn scope_of(&self, name: &str) -> Scope {
        self.symbols.get(name).map_or(Scope::Unknown, |s| s.scope)
    }

    /// Names with the scope or any of the flags, sorted.
    pub fn names_with(&self, scope: Scope, flags: u32) -> Vec<Name> {
        let mut names: Vec<Name> = self
            .symbols
            .iter()
            .filter(|(_, s)| s.scope == scope || s.flags & flags != 0)
            .map(|(n, _)| n.clone())
            .collect();
        names.sort();
        names
    }
}

/// What a node opens a block for; one node may open several.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Opens {
    Body,
    TypeParams,
    Annotations,
    Default,
}

/// The blocks of a program and the nodes that open them.
#[derive(Debug)]
pub struct SymbolTable {
    pub blocks: Vec<Block>,
    by_node: FxHashMap<(usize, Opens), BlockId>,
    /// `from __future__` features in force.
    pub future: u32,
}

/// The key of a node: its address.
pub fn node_key<T>(node: &T) -> usize {
    std::ptr::from_ref(node) as usize
}

impl SymbolTable {
    /// Builds the table of a tree. `optimize` is the `-O` level; `future` holds
    /// the `CodeFlags::FUTURE_*` bits in force.
    pub fn build(tree: &Mod, future: u32, optimize: u8) -> Res<SymbolTable> {
        let mut table = collect::collect(tree, future, optimize)?;
        analyze::analyze(&mut table)?;
        Ok(table)
    }

    /// The module's block.
    pub const TOP: BlockId = 0;

    /// The block that a node opens.
    pub fn block_of(&self, node: usize, opens: Opens) -> Option<BlockId> {
        self.by_node.get(&(node, opens)).copied()
    }
}

/// The name as a class body `private` sees it (private name mangling).
pub fn mangle(private: Option<&str>, name: &Name) -> Name {
    let Some(class) = private else {
        return name.clone();
    };
    if !name.starts_with("__") || name.ends_with("__") || name.contains('.') {
        return name.clone();
    }
    let class = class.trim_start_matches('_');
    if class.is_empty() {
        return name.clone();
    }
    format!("_{class}{name}").into()
}

fn syntax<T>(message: String, pos: Pos) -> Res<T> {
    Err(CompileError::syntax(message, pos))
}
