//! The form in which patterns run: instructions with absolute targets, their
//! sets, and what was learnt about them beforehand.

use crate::chars::{CharTables, Fold};
use crate::set::Set;
use crate::translate::InvalidCode;

/// One instruction. `u32` operands named for a table are indices into it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Inst {
    Fail,
    /// The end of the pattern or of an assertion, atomic group or possessive
    /// repeat: what it ends is known from the barrier in force.
    Success,
    AnyAll,
    Char(u32),
    /// The literals `literals[from..to]`.
    Str {
        from: u32,
        to: u32,
    },
    Set(u32),
    Mark(u32),
    At(u32),
    Jump(u32),
    Branch(u32),
    /// Look-ahead, or look-behind by `back` characters; the body follows, and
    /// `next` comes after its `Success`.
    Assert {
        back: u32,
        next: u32,
    },
    AssertNot {
        back: u32,
        next: u32,
    },
    Atomic {
        next: u32,
    },
    Repeat(u32),
    /// The end of a greedy loop's body.
    MaxUntil(u32),
    /// The end of a lazy loop's body.
    MinUntil(u32),
    Possessive(u32),
    One(u32),
    MinOne(u32),
    PossessiveOne(u32),
    GroupRef(u32, Fold),
    /// Goes on if the group has matched, else to `otherwise`.
    GroupRefExists {
        group: u32,
        otherwise: u32,
    },
}

/// The characters with which something can begin: a superset, to be asked
/// before it is tried.
#[derive(Clone)]
pub(crate) struct First {
    pub low: [bool; 256],
    /// Whether characters from U+0100 on may begin it.
    pub high: bool,
    /// The only character it can begin with, if there is but one.
    pub only: Option<u32>,
}

/// A repeat of single characters.
pub(crate) struct One {
    pub set: u32,
    pub min: usize,
    /// `usize::MAX` if unbounded.
    pub max: usize,
    /// Whether the set has every character.
    pub any: bool,
    /// What the rest of the pattern begins with, if it must consume anything.
    pub tail: Option<Box<First>>,
    /// The tail cannot begin with any character of the set: giving characters
    /// back can never help, so the repeat needs no choices.
    pub exclusive: bool,
}

/// A repeat of anything else.
pub(crate) struct Loop {
    pub body: u32,
    pub tail: u32,
    pub min: usize,
    /// `usize::MAX` if unbounded.
    pub max: usize,
    /// What the body begins with, if it must consume anything.
    pub first: Option<Box<First>>,
}

/// Alternatives, at most 64 (longer lists are chained through the last one).
pub(crate) struct Branch {
    pub targets: Vec<u32>,
    /// For each character below 256, the alternatives that can begin with it,
    /// a bit each.
    pub low: Box<[u64; 256]>,
    /// The same for all other characters.
    pub high: u64,
    /// The alternatives that can match at the end of the subject.
    pub end: u64,
}

/// How a search finds the places where an attempt is worth while.
pub(crate) enum Start {
    /// Every position.
    Anywhere,
    /// The beginning of the subject alone.
    Anchored,
    /// A literal prefix. With `whole`, the prefix is the entire pattern.
    Prefix {
        text: Vec<u32>,
        finder: Option<Box<memchr::memmem::Finder<'static>>>,
        whole: bool,
    },
    /// One of a set of first characters, which are `few` if the list has any.
    Chars { first: Box<First>, few: Vec<u8> },
}

/// A translated pattern. Immutable, and free to be shared between threads.
pub struct Program {
    pub(crate) insts: Vec<Inst>,
    pub(crate) literals: Vec<u32>,
    pub(crate) sets: Vec<Set>,
    pub(crate) ones: Vec<One>,
    pub(crate) loops: Vec<Loop>,
    pub(crate) branches: Vec<Branch>,
    pub(crate) start: Start,
    /// No match is shorter (from the pattern's `INFO`).
    pub(crate) min_width: usize,
    pub(crate) tables: CharTables,
    groups: u32,
}

impl Program {
    /// Checks and translates a code array made by `re._compiler._code` for a
    /// pattern with `groups` capturing groups. `tables` serve the pattern's
    /// Unicode categories and case-insensitive comparisons.
    ///
    /// # Errors
    /// [`InvalidCode`] where `_sre.compile` raises
    /// `RuntimeError("invalid SRE code")`: any array that is not well formed.
    pub fn compile(code: &[u32], groups: u32, tables: CharTables) -> Result<Program, InvalidCode> {
        let mut program = Program {
            insts: Vec::new(),
            literals: Vec::new(),
            sets: Vec::new(),
            ones: Vec::new(),
            loops: Vec::new(),
            branches: Vec::new(),
            start: Start::Anywhere,
            min_width: 0,
            tables,
            groups,
        };
        let prefix = crate::translate::translate(&mut program, code)?;
        crate::analysis::analyse(&mut program, prefix);
        Ok(program)
    }

    /// The number of capturing groups.
    pub fn groups(&self) -> u32 {
        self.groups
    }
}

impl First {
    /// The beginning of something that never matches.
    pub fn nothing() -> First {
        First {
            low: [false; 256],
            high: false,
            only: None,
        }
    }

    /// Whether `unit` can begin it.
    #[inline(always)]
    pub fn has<U: crate::unit::Unit>(&self, unit: U) -> bool {
        *self.low.get(unit.to_u32() as usize).unwrap_or(&self.high)
    }
}
