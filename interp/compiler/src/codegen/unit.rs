//! One code object under construction, and the instructions it is made of.

use crate::ast::{Name, Pos, Stmt};
use crate::symtable::{BlockId, Symbol};
use indexmap::{IndexMap, IndexSet};
use rustc_hash::{FxBuildHasher, FxHashMap, FxHashSet};
use taipan_bytecode::{Const, Op};

/// An opcode, or one that only exists until the code is assembled.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Opc {
    Real(Op),
    /// Protects what follows up to `PopBlock`; the handler gets the exception.
    SetupFinally,
    /// As `SetupFinally`, and the handler also gets the place of the exception.
    SetupCleanup,
    /// As `SetupCleanup`, below the result of `__enter__`.
    SetupWith,
    PopBlock,
    Jump,
    JumpNoInterrupt,
    /// Jump if the top of the stack is false, and keep it.
    JumpIfFalse,
    JumpIfTrue,
    LoadClosure,
    StoreFastMaybeNull,
    /// Where a module's `__annotate__` is set up.
    AnnotationsPlaceholder,
}

impl From<Op> for Opc {
    fn from(op: Op) -> Opc {
        Opc::Real(op)
    }
}

impl Opc {
    /// Whether the argument is a label.
    pub fn has_target(self) -> bool {
        use Op::*;
        match self {
            Opc::SetupFinally
            | Opc::SetupCleanup
            | Opc::SetupWith
            | Opc::Jump
            | Opc::JumpNoInterrupt
            | Opc::JumpIfFalse
            | Opc::JumpIfTrue => true,
            Opc::Real(op) => matches!(
                op,
                JUMP_FORWARD
                    | JUMP_BACKWARD
                    | JUMP_BACKWARD_NO_INTERRUPT
                    | POP_JUMP_IF_TRUE
                    | POP_JUMP_IF_FALSE
                    | POP_JUMP_IF_NONE
                    | POP_JUMP_IF_NOT_NONE
                    | FOR_ITER
                    | SEND
                    | END_ASYNC_FOR
            ),
            _ => false,
        }
    }
    /// Whether it opens a protected region.
    pub fn is_setup(self) -> bool {
        matches!(self, Opc::SetupFinally | Opc::SetupCleanup | Opc::SetupWith)
    }
}

/// A jump target.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct Label(pub u32);

/// One instruction; the argument of a jump is its label.
#[derive(Clone, Copy, Debug)]
pub struct Ins {
    pub op: Opc,
    pub arg: u32,
    pub pos: Pos,
}

/// Instructions with the places of their labels.
#[derive(Clone, Debug, Default)]
pub struct Sequence {
    pub instrs: Vec<Ins>,
    /// Index of the instruction each label stands before.
    pub labels: Vec<u32>,
}

impl Sequence {
    pub fn new_label(&mut self) -> Label {
        self.labels.push(u32::MAX);
        Label(self.labels.len() as u32 - 1)
    }
    pub fn use_label(&mut self, label: Label) {
        self.labels[label.0 as usize] = self.instrs.len() as u32;
    }
    pub fn push(&mut self, op: impl Into<Opc>, arg: u32, pos: Pos) {
        self.instrs.push(Ins {
            op: op.into(),
            arg,
            pos,
        });
    }
}

/// The sort of scope a unit compiles.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum UnitKind {
    Module,
    Class,
    Function,
    AsyncFunction,
    Lambda,
    Comprehension,
    Annotations,
    TypeParams,
}

/// What a `break`, `continue` or `return` has to undo on its way out.
#[derive(Clone, Copy, Debug)]
pub enum FrameBlock<'a> {
    While {
        top: Label,
        exit: Label,
    },
    For {
        top: Label,
        exit: Label,
    },
    AsyncFor {
        top: Label,
        exit: Label,
    },
    TryExcept,
    /// Inside `try` of `try ... finally`.
    FinallyTry(&'a [Stmt]),
    /// Inside `finally` when it runs for an exception.
    FinallyEnd,
    With(Pos),
    AsyncWith(Pos),
    HandlerCleanup(Option<&'a Name>),
    PopValue,
    ExceptionHandler,
    ExceptionGroupHandler,
    AsyncComprehension,
}

/// Names of a code object in order of first use.
pub type NameTable = IndexSet<Name, FxBuildHasher>;

/// An annotated assignment kept for `__annotate__`.
#[derive(Clone, Copy, Debug)]
pub struct DeferredAnnotation<'a> {
    pub stmt: &'a Stmt,
    /// Number in `__conditional_annotations__`.
    pub condition: Option<u32>,
}

/// A code object under construction.
#[derive(Debug)]
pub struct Unit<'a> {
    pub kind: UnitKind,
    pub block: BlockId,
    pub name: Name,
    pub qualname: String,
    /// The class whose private names are mangled.
    pub private: Option<Name>,
    pub first_line: i32,
    pub seq: Sequence,
    pub annotations: Option<Sequence>,
    pub consts: ConstTable,
    pub names: NameTable,
    pub varnames: NameTable,
    pub cellvars: NameTable,
    pub freevars: NameTable,
    /// Names of inlined comprehensions that are fast slots of a module or class.
    pub fast_hidden: FxHashMap<Name, bool>,
    /// Symbols as an inlined comprehension sees them.
    pub overrides: FxHashMap<Name, Symbol>,
    pub in_inlined_comp: u32,
    pub fblocks: Vec<FrameBlock<'a>>,
    pub arg_count: u32,
    pub posonly_count: u32,
    pub kwonly_count: u32,
    /// Attributes assigned through `self` in a class's methods.
    pub static_attributes: Option<FxHashSet<Name>>,
    pub deferred: Vec<DeferredAnnotation<'a>>,
    pub conditional_count: u32,
    pub in_conditional_block: bool,
    pub has_docstring: bool,
}

impl Unit<'_> {
    /// Index of a variable among cells and then free variables.
    pub fn deref_index(&self, name: &str) -> Option<usize> {
        self.cellvars.get_index_of(name).or_else(|| {
            self.freevars
                .get_index_of(name)
                .map(|i| i + self.cellvars.len())
        })
    }
}

/// Constants of a code object, equal ones (by type and value) shared.
#[derive(Debug, Default)]
pub struct ConstTable {
    pub values: Vec<Const>,
    index: IndexMap<Vec<u8>, u32, FxBuildHasher>,
}

impl ConstTable {
    /// The index of a constant.
    pub fn add(&mut self, value: Const) -> u32 {
        let mut key = Vec::new();
        const_key(&value, &mut key);
        let next = self.values.len() as u32;
        let at = *self.index.entry(key).or_insert(next);
        if at == next {
            self.values.push(value);
        }
        at
    }
}

/// Writes bytes that are equal exactly for constants that may be shared.
fn const_key(value: &Const, out: &mut Vec<u8>) {
    let sized = |tag: u8, bytes: &[u8], out: &mut Vec<u8>| {
        out.push(tag);
        out.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
        out.extend_from_slice(bytes);
    };
    let many = |tag: u8, items: &[Const], out: &mut Vec<u8>| {
        out.push(tag);
        out.extend_from_slice(&(items.len() as u64).to_le_bytes());
        items.iter().for_each(|i| const_key(i, out));
    };
    match value {
        Const::None => out.push(0),
        Const::True => out.push(1),
        Const::False => out.push(2),
        Const::Ellipsis => out.push(3),
        Const::Int(i) => {
            out.push(4);
            out.extend_from_slice(&i.to_le_bytes());
        }
        Const::BigInt {
            negative,
            magnitude,
        } => sized(5 + u8::from(*negative), magnitude, out),
        Const::Float(f) => {
            out.push(7);
            out.extend_from_slice(&f.to_bits().to_le_bytes());
        }
        Const::Complex { real, imag } => {
            out.push(8);
            out.extend_from_slice(&real.to_bits().to_le_bytes());
            out.extend_from_slice(&imag.to_bits().to_le_bytes());
        }
        Const::Str(s) => sized(9, s, out),
        Const::Bytes(b) => sized(10, b, out),
        Const::Tuple(items) => many(11, items, out),
        Const::FrozenSet(items) => {
            // Equal whatever the order.
            let mut keys: Vec<Vec<u8>> = items
                .iter()
                .map(|i| {
                    let mut key = Vec::new();
                    const_key(i, &mut key);
                    key
                })
                .collect();
            keys.sort_unstable();
            out.push(12);
            keys.iter().for_each(|k| sized(0, k, out));
        }
        Const::Slice(items) => many(13, &items[..], out),
        Const::Code(code) => {
            sized(14, code.qualname.as_bytes(), out);
            out.extend_from_slice(&code.first_line.to_le_bytes());
            sized(0, &code.line_table, out);
            sized(0, &code.exception_table, out);
            code.instrs
                .iter()
                .for_each(|i| out.extend_from_slice(&i.to_le_bytes()));
            many(0, &code.consts, out);
            code.names.iter().for_each(|n| sized(0, n.as_bytes(), out));
            code.locals_plus
                .iter()
                .for_each(|(n, k)| sized(k.0, n.as_bytes(), out));
        }
    }
}
