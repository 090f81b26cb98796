//! Checks a code array and translates it in the same pass, so that what is
//! checked and what is run cannot differ.
//!
//! The code nests (a repeat's body, a branch's alternatives), and arrays come
//! from anyone who calls `_sre.compile`; the open constructs are therefore kept
//! in a list of our own instead of on the native stack. Each says where its
//! present part of the code ends, and every read is bounded by that.

use crate::chars::{Fold, ascii_lower, ascii_upper};
use crate::opcodes::*;
use crate::program::{Branch, Inst, Loop, One, Program};
use crate::set::{self, High, Set};

/// The code array is not well formed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidCode;

impl std::fmt::Display for InvalidCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("invalid SRE code")
    }
}

impl std::error::Error for InvalidCode {}

/// The literal prefix that the `INFO` block names.
pub(crate) struct Prefix {
    pub text: Vec<u32>,
    /// The pattern is the prefix and nothing else.
    pub whole: bool,
}

/// A construct whose body is being translated.
struct Open {
    kind: Kind,
    /// The position in the code where the present part ends.
    end: usize,
}

enum Kind {
    Top,
    Branch {
        targets: Vec<u32>,
        jumps: Vec<usize>,
        /// Where the code of the whole branch ends, once a jump has said it.
        after: Option<usize>,
        inst: usize,
    },
    /// Assertions and atomic groups: their instruction, to be given `next`.
    Group(usize),
    Repeat(usize),
    /// A `(...)?`, done with a branch: whether greedy, and its instruction.
    Optional(bool, usize),
    Possessive(usize),
    CondYes(usize),
    CondNo(usize),
}

type Checked<T> = Result<T, InvalidCode>;

/// Fills in `program` from `code`.
pub(crate) fn translate(program: &mut Program, code: &[u32]) -> Checked<Option<Prefix>> {
    if program.groups() > MAX_GROUPS || code.last() != Some(&SUCCESS) {
        return Err(InvalidCode);
    }
    let mut translator = Translator {
        program,
        code,
        pos: 0,
        open: vec![Open {
            kind: Kind::Top,
            end: code.len() - 1,
        }],
        joinable: false,
    };
    let prefix = translator.info()?;
    while !translator.open.is_empty() {
        if translator.pos == translator.end() {
            translator.close()?;
        } else {
            translator.op()?;
        }
    }
    Ok(prefix)
}

struct Translator<'a> {
    program: &'a mut Program,
    code: &'a [u32],
    pos: usize,
    open: Vec<Open>,
    /// Whether the last instruction is a literal that a further one may be
    /// appended to: nothing jumps to the place between them.
    joinable: bool,
}

impl Translator<'_> {
    fn end(&self) -> usize {
        self.open.last().map_or(0, |open| open.end)
    }

    /// The operand at `offset` from the present position.
    fn operand(&self, offset: usize) -> Checked<u32> {
        let at = self.pos + offset;
        if at < self.end() {
            Ok(self.code[at])
        } else {
            Err(InvalidCode)
        }
    }

    /// The position that a skip at `offset` leads to, which must not lie
    /// outside the part being translated.
    fn skip(&self, offset: usize) -> Checked<usize> {
        let to = self.pos + offset + self.operand(offset)? as usize;
        if to <= self.end() {
            Ok(to)
        } else {
            Err(InvalidCode)
        }
    }

    fn here(&self) -> u32 {
        self.program.insts.len() as u32
    }

    fn emit(&mut self, inst: Inst) -> usize {
        self.joinable = false;
        self.program.insts.push(inst);
        self.program.insts.len() - 1
    }

    /// Opens a construct whose code begins at `from` and ends at `to`.
    fn enter(&mut self, kind: Kind, from: usize, to: usize) -> Checked<()> {
        if from > to {
            return Err(InvalidCode);
        }
        self.joinable = false;
        self.pos = from;
        self.open.push(Open { kind, end: to });
        Ok(())
    }

    /// Reads the `INFO` block at the beginning, if there is one.
    fn info(&mut self) -> Checked<Option<Prefix>> {
        if self.end() == 0 || self.code[0] != INFO {
            return Ok(None);
        }
        let next = self.skip(1)?;
        let flags = self.operand(2)?;
        self.program.min_width = self.operand(3)? as usize;
        self.operand(4)?;
        let rest = self.code.get(5..next).ok_or(InvalidCode)?;
        self.pos = next;
        if flags & !(INFO_PREFIX | INFO_LITERAL | INFO_CHARSET) != 0
            || flags & INFO_PREFIX != 0 && flags & INFO_CHARSET != 0
            || flags & INFO_LITERAL != 0 && flags & INFO_PREFIX == 0
        {
            return Err(InvalidCode);
        }
        if flags & INFO_PREFIX != 0 {
            let [length, skip, data @ ..] = rest else {
                return Err(InvalidCode);
            };
            let length = *length as usize;
            if data.len() != 2 * length || *skip as usize > length {
                return Err(InvalidCode);
            }
            let (text, overlap) = data.split_at(length);
            if overlap.iter().any(|&o| o as usize >= length) {
                return Err(InvalidCode);
            }
            return Ok(Some(Prefix {
                text: text.to_vec(),
                whole: flags & INFO_LITERAL != 0,
            }));
        }
        if flags & INFO_CHARSET != 0 && !set::check(rest)
            || flags & INFO_CHARSET == 0 && !rest.is_empty()
        {
            return Err(InvalidCode);
        }
        Ok(None)
    }

    /// Translates the instruction at the present position.
    fn op(&mut self) -> Checked<()> {
        if let Some((set, width)) = self.single()? {
            self.pos += width;
            match set {
                Single::Literal(c) => self.literal(c),
                Single::All => {
                    self.emit(Inst::AnyAll);
                }
                Single::Set(set) => {
                    let set = self.add_set(*set);
                    self.emit(Inst::Set(set));
                }
            }
            return Ok(());
        }
        match self.code[self.pos] {
            FAILURE => {
                self.emit(Inst::Fail);
                self.pos += 1;
            }
            MARK => {
                let mark = self.operand(1)?;
                if mark / 2 >= self.program.groups() {
                    return Err(InvalidCode);
                }
                self.emit(Inst::Mark(mark));
                self.pos += 2;
            }
            AT => {
                let at = self.operand(1)?;
                if at > AT_UNI_NON_BOUNDARY {
                    return Err(InvalidCode);
                }
                self.emit(Inst::At(at));
                self.pos += 2;
            }
            GROUPREF => self.group_ref(Fold::None)?,
            GROUPREF_IGNORE => self.group_ref(Fold::Ascii)?,
            GROUPREF_LOC_IGNORE => self.group_ref(Fold::Locale)?,
            GROUPREF_UNI_IGNORE => self.group_ref(Fold::Unicode)?,
            GROUPREF_EXISTS => {
                let group = self.operand(1)?;
                let to = self.pos + 1 + self.operand(2)? as usize;
                if group >= self.program.groups() || to > self.end() {
                    return Err(InvalidCode);
                }
                let inst = self.emit(Inst::GroupRefExists {
                    group,
                    otherwise: 0,
                });
                self.enter(Kind::CondYes(inst), self.pos + 3, to)?;
            }
            JUMP => self.otherwise()?,
            BRANCH => {
                let inst = self.emit(Inst::Branch(0));
                let kind = Kind::Branch {
                    targets: Vec::new(),
                    jumps: Vec::new(),
                    after: None,
                    inst,
                };
                self.pos += 1;
                self.alternative(kind)?;
            }
            op @ (ASSERT | ASSERT_NOT) => {
                let to = self.skip(1)?;
                let back = self.operand(2)?;
                let next = 0;
                let inst = self.emit(if op == ASSERT {
                    Inst::Assert { back, next }
                } else {
                    Inst::AssertNot { back, next }
                });
                self.enter(Kind::Group(inst), self.pos + 3, to.saturating_sub(1))?;
            }
            ATOMIC_GROUP => {
                let to = self.skip(1)?;
                let inst = self.emit(Inst::Atomic { next: 0 });
                self.enter(Kind::Group(inst), self.pos + 2, to.saturating_sub(1))?;
            }
            op @ (REPEAT_ONE | MIN_REPEAT_ONE | POSSESSIVE_REPEAT_ONE) => self.repeat_one(op)?,
            REPEAT => self.repeat()?,
            POSSESSIVE_REPEAT => {
                let to = self.skip(1)?;
                let index = self.add_loop()?;
                self.emit(Inst::Possessive(index));
                let kind = Kind::Possessive(index as usize);
                self.enter(kind, self.pos + 4, to)?;
                self.set_body(index);
            }
            _ => return Err(InvalidCode),
        }
        Ok(())
    }

    /// Appends a literal, to the string before it if there is one.
    fn literal(&mut self, c: u32) {
        let literals = &mut self.program.literals;
        match self.program.insts.last_mut() {
            Some(Inst::Str { to, .. }) if self.joinable => {
                literals.push(c);
                *to += 1;
            }
            Some(last @ Inst::Char(_)) if self.joinable => {
                let Inst::Char(before) = *last else {
                    return;
                };
                let from = literals.len() as u32;
                literals.extend([before, c]);
                *last = Inst::Str { from, to: from + 2 };
            }
            _ => {
                self.emit(Inst::Char(c));
            }
        }
        self.joinable = true;
    }

    fn group_ref(&mut self, fold: Fold) -> Checked<()> {
        let group = self.operand(1)?;
        if group >= self.program.groups() {
            return Err(InvalidCode);
        }
        self.emit(Inst::GroupRef(group, fold));
        self.pos += 2;
        Ok(())
    }

    /// The `JUMP` at the end of a conditional's first part, over its second.
    fn otherwise(&mut self) -> Checked<()> {
        let Some(Open {
            kind: Kind::CondYes(inst),
            end,
        }) = self.open.pop()
        else {
            return Err(InvalidCode);
        };
        if self.pos + 2 != end {
            return Err(InvalidCode);
        }
        let to = self.pos + 1 + self.code[self.pos + 1] as usize;
        if to > self.end() {
            return Err(InvalidCode);
        }
        let jump = self.emit(Inst::Jump(0));
        self.set_target(inst);
        self.enter(Kind::CondNo(jump), end, to)
    }

    /// Begins the next alternative of a branch, or ends the branch.
    fn alternative(&mut self, mut kind: Kind) -> Checked<()> {
        let Kind::Branch {
            targets,
            jumps,
            after,
            inst,
        } = &mut kind
        else {
            return Err(InvalidCode);
        };
        let skip = self.operand(0)? as usize;
        if skip != 0 {
            let jump = self.skip(0)?.checked_sub(2).ok_or(InvalidCode)?;
            if jump <= self.pos {
                return Err(InvalidCode);
            }
            targets.push(self.here());
            return self.enter(kind, self.pos + 1, jump);
        }
        if targets.is_empty() || *after != Some(self.pos + 1) {
            return Err(InvalidCode);
        }
        self.pos += 1;
        let here = self.here();
        for &jump in jumps.iter() {
            self.program.insts[jump] = Inst::Jump(here);
        }
        let targets = std::mem::take(targets);
        let inst = *inst;
        self.branch(inst, targets);
        self.joinable = false;
        Ok(())
    }

    /// Makes `inst` a branch to `targets`.
    fn branch(&mut self, inst: usize, mut targets: Vec<u32>) {
        const MOST: usize = 64;
        // The tail of a long list becomes a branch of its own, placed out of
        // line behind a jump over it.
        while targets.len() > MOST {
            let rest = targets.split_off(targets.len() - MOST);
            let over = self.emit(Inst::Jump(0));
            let index = self.add_branch(rest);
            targets.push(self.here());
            self.emit(Inst::Branch(index));
            self.program.insts[over] = Inst::Jump(self.here());
        }
        self.program.insts[inst] = Inst::Branch(self.add_branch(targets));
    }

    fn add_branch(&mut self, targets: Vec<u32>) -> u32 {
        self.program.branches.push(Branch {
            targets,
            low: Box::new([0; 256]),
            high: 0,
            end: 0,
        });
        self.program.branches.len() as u32 - 1
    }

    fn repeat_one(&mut self, op: u32) -> Checked<()> {
        let to = self.skip(1)?;
        let (min, max) = self.bounds()?;
        let at = self.pos + 4;
        if to < at + 2 || self.code[to - 1] != SUCCESS {
            return Err(InvalidCode);
        }
        self.pos = at;
        let (single, width) = match self.single()? {
            Some(found) => found,
            None if self.code[at] == FAILURE => (self.synthetic(&[FAILURE], Fold::None), 1),
            None => return Err(InvalidCode),
        };
        if at + width + 1 != to {
            return Err(InvalidCode);
        }
        self.pos = to;
        let set = match single {
            Single::Literal(c) => {
                Set::new(&[LITERAL, c, FAILURE], Fold::None, &self.program.tables)
            }
            Single::All => Set::new(&[NEGATE, FAILURE], Fold::None, &self.program.tables),
            Single::Set(set) => *set,
        };
        let any = set.high == High::All && set.low.iter().all(|&inside| inside);
        let set = self.add_set(set);
        self.program.ones.push(One {
            set,
            min,
            max,
            any,
            tail: None,
            exclusive: false,
        });
        let index = self.program.ones.len() as u32 - 1;
        self.emit(match op {
            REPEAT_ONE => Inst::One(index),
            MIN_REPEAT_ONE => Inst::MinOne(index),
            _ => Inst::PossessiveOne(index),
        });
        Ok(())
    }

    fn repeat(&mut self) -> Checked<()> {
        let to = self.skip(1)?;
        let (min, max) = self.bounds()?;
        if to >= self.end() {
            return Err(InvalidCode);
        }
        let greedy = match self.code[to] {
            MAX_UNTIL => true,
            MIN_UNTIL => false,
            _ => return Err(InvalidCode),
        };
        if (min, max) == (0, 1) {
            let inst = self.emit(Inst::Branch(0));
            return self.enter(Kind::Optional(greedy, inst), self.pos + 4, to);
        }
        let index = self.add_loop()?;
        self.emit(Inst::Repeat(index));
        self.enter(Kind::Repeat(index as usize), self.pos + 4, to)?;
        self.set_body(index);
        Ok(())
    }

    fn bounds(&self) -> Checked<(usize, usize)> {
        let (min, max) = (self.operand(2)?, self.operand(3)?);
        if min > max {
            return Err(InvalidCode);
        }
        let max = if max == MAX_REPEAT {
            usize::MAX
        } else {
            max as usize
        };
        Ok((min as usize, max))
    }

    fn add_loop(&mut self) -> Checked<u32> {
        let (min, max) = self.bounds()?;
        self.program.loops.push(Loop {
            body: 0,
            tail: 0,
            min,
            max,
            first: None,
        });
        Ok(self.program.loops.len() as u32 - 1)
    }

    fn set_body(&mut self, index: u32) {
        self.program.loops[index as usize].body = self.here();
    }

    /// Points the instruction `inst` at the present place.
    fn set_target(&mut self, inst: usize) {
        let here = self.here();
        self.joinable = false;
        match &mut self.program.insts[inst] {
            Inst::Assert { next, .. } | Inst::AssertNot { next, .. } | Inst::Atomic { next } => {
                *next = here;
            }
            Inst::GroupRefExists { otherwise, .. } => *otherwise = here,
            Inst::Jump(to) => *to = here,
            _ => {}
        }
    }

    /// The present position is the end of the innermost construct's part.
    fn close(&mut self) -> Checked<()> {
        let Some(open) = self.open.pop() else {
            return Ok(());
        };
        self.joinable = false;
        match open.kind {
            Kind::Top => {
                self.emit(Inst::Success);
            }
            Kind::Branch {
                targets,
                mut jumps,
                after,
                inst,
            } => {
                // The part's last two words, within the enclosing part.
                if self.code[self.pos] != JUMP {
                    return Err(InvalidCode);
                }
                let to = self.pos + 1 + self.code[self.pos + 1] as usize;
                if after.is_some_and(|after| after != to) {
                    return Err(InvalidCode);
                }
                jumps.push(self.emit(Inst::Jump(0)));
                self.pos += 2;
                return self.alternative(Kind::Branch {
                    targets,
                    jumps,
                    after: Some(to),
                    inst,
                });
            }
            Kind::Group(inst) => {
                self.expect(SUCCESS)?;
                self.emit(Inst::Success);
                self.set_target(inst);
            }
            Kind::Repeat(index) => {
                let greedy = self.code[self.pos] == MAX_UNTIL;
                self.pos += 1;
                self.emit(if greedy {
                    Inst::MaxUntil(index as u32)
                } else {
                    Inst::MinUntil(index as u32)
                });
                self.program.loops[index].tail = self.here();
            }
            Kind::Optional(greedy, inst) => {
                self.pos += 1;
                let mut targets = vec![inst as u32 + 1, self.here()];
                if !greedy {
                    targets.reverse();
                }
                self.branch(inst, targets);
            }
            Kind::Possessive(index) => {
                self.expect(SUCCESS)?;
                self.emit(Inst::Success);
                self.program.loops[index].tail = self.here();
            }
            Kind::CondYes(inst) | Kind::CondNo(inst) => self.set_target(inst),
        }
        Ok(())
    }

    /// Steps over the word that must stand at the end of a construct.
    fn expect(&mut self, word: u32) -> Checked<()> {
        if self.pos < self.end() && self.code[self.pos] == word {
            self.pos += 1;
            Ok(())
        } else {
            Err(InvalidCode)
        }
    }

    /// The instruction at the present position as a matcher of one character,
    /// with its width; `None` if it is not one.
    fn single(&self) -> Checked<Option<(Single, usize)>> {
        let synthetic = |code: &[u32], fold| self.synthetic(code, fold);
        let one = |offset| self.operand(offset);
        let set = match self.code[self.pos] {
            ANY => {
                return Ok(Some((
                    synthetic(&[NEGATE, LITERAL, 10, FAILURE], Fold::None),
                    1,
                )));
            }
            ANY_ALL => return Ok(Some((Single::All, 1))),
            LITERAL => Single::Literal(one(1)?),
            NOT_LITERAL => synthetic(&[NEGATE, LITERAL, one(1)?, FAILURE], Fold::None),
            LITERAL_IGNORE => synthetic(&[LITERAL, one(1)?, FAILURE], Fold::Ascii),
            NOT_LITERAL_IGNORE => synthetic(&[NEGATE, LITERAL, one(1)?, FAILURE], Fold::Ascii),
            LITERAL_UNI_IGNORE => synthetic(&[LITERAL, one(1)?, FAILURE], Fold::Unicode),
            NOT_LITERAL_UNI_IGNORE => {
                synthetic(&[NEGATE, LITERAL, one(1)?, FAILURE], Fold::Unicode)
            }
            LITERAL_LOC_IGNORE => {
                let c = one(1)?;
                let code = [LITERAL, ascii_lower(c), LITERAL, ascii_upper(c), FAILURE];
                synthetic(&code, Fold::None)
            }
            NOT_LITERAL_LOC_IGNORE => {
                let c = one(1)?;
                let code = [
                    NEGATE,
                    LITERAL,
                    ascii_lower(c),
                    LITERAL,
                    ascii_upper(c),
                    FAILURE,
                ];
                synthetic(&code, Fold::None)
            }
            CATEGORY => {
                let category = one(1)?;
                if category > CATEGORY_UNI_NOT_LINEBREAK {
                    return Err(InvalidCode);
                }
                synthetic(&[CATEGORY, category, FAILURE], Fold::None)
            }
            op @ (IN | IN_IGNORE | IN_LOC_IGNORE | IN_UNI_IGNORE) => {
                let to = self.skip(1)?;
                let code = self.code.get(self.pos + 2..to).ok_or(InvalidCode)?;
                if !set::check(code) {
                    return Err(InvalidCode);
                }
                let fold = match op {
                    IN => Fold::None,
                    IN_IGNORE => Fold::Ascii,
                    IN_LOC_IGNORE => Fold::Locale,
                    _ => Fold::Unicode,
                };
                return Ok(Some((synthetic(code, fold), to - self.pos)));
            }
            _ => return Ok(None),
        };
        Ok(Some((set, 2)))
    }

    fn synthetic(&self, code: &[u32], fold: Fold) -> Single {
        Single::Set(Box::new(Set::new(code, fold, &self.program.tables)))
    }

    fn add_set(&mut self, set: Set) -> u32 {
        let sets = &mut self.program.sets;
        let index = sets.iter().position(|s| *s == set).unwrap_or_else(|| {
            sets.push(set);
            sets.len() - 1
        });
        index as u32
    }
}

enum Single {
    Literal(u32),
    All,
    Set(Box<Set>),
}
