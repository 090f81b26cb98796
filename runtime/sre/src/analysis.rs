//! What can be known of a program before it runs: which characters a place in
//! it can begin with. From that follow
//!
//! - a search's starting places ([`Start`]);
//! - the alternatives of a branch worth trying, by the next character;
//! - for a greedy repeat, where its tail can go on, and whether it ever pays to
//!   give a character back: in `\w+\s` it does not, as no character is in both
//!   sets, so the repeat leaves no choice behind;
//! - whether a loop's body can begin once more.
//!
//! All sets are supersets of the truth, so a wrong guess costs time, never a
//! match. Zero-width tests are ignored: what follows them still has to match at
//! the same place.

use crate::opcodes::{AT_BEGINNING, AT_BEGINNING_STRING};
use crate::program::{Branch, First, Inst, Program, Start};
use crate::set::High;
use crate::translate::Prefix;

/// How far nested constructs are followed.
const DEPTH: u32 = 12;
/// How many instructions one question may look at.
const EFFORT: u32 = 400;

/// Fills in everything that is derived from the instructions.
pub(crate) fn analyse(program: &mut Program, prefix: Option<Prefix>) {
    for index in 0..program.insts.len() {
        match program.insts[index] {
            Inst::One(one) | Inst::MinOne(one) | Inst::PossessiveOne(one) => {
                let tail = first_at(program, index as u32 + 1);
                let one = &mut program.ones[one as usize];
                if let Some(tail) = &tail {
                    let set = &program.sets[one.set as usize];
                    one.exclusive = !(tail.high && set.high != High::None)
                        && tail.low.iter().zip(&set.low).all(|(a, b)| !(a & b));
                }
                one.tail = tail.map(Box::new);
            }
            Inst::Repeat(index) => {
                let body = program.loops[index as usize].body;
                program.loops[index as usize].first = first_at(program, body).map(Box::new);
            }
            Inst::Branch(branch) => fill_branch(program, branch as usize),
            _ => {}
        }
    }
    program.start = start(program, prefix);
}

fn fill_branch(program: &mut Program, index: usize) {
    let targets = program.branches[index].targets.clone();
    let mut low = Box::new([0u64; 256]);
    let (mut high, mut end) = (0, 0);
    for (i, &target) in targets.iter().enumerate() {
        let bit = 1u64 << i;
        match first_at(program, target) {
            Some(first) => {
                for (mask, _) in low.iter_mut().zip(&first.low).filter(|(_, has)| **has) {
                    *mask |= bit;
                }
                if first.high {
                    high |= bit;
                }
            }
            None => {
                low.iter_mut().for_each(|mask| *mask |= bit);
                high |= bit;
                end |= bit;
            }
        }
    }
    program.branches[index] = Branch {
        targets,
        low,
        high,
        end,
    };
}

fn start(program: &Program, prefix: Option<Prefix>) -> Start {
    let anchor = program.insts.iter().find(|i| !matches!(i, Inst::Mark(_)));
    if let Some(Inst::At(AT_BEGINNING | AT_BEGINNING_STRING)) = anchor {
        return Start::Anchored;
    }
    if let Some(Prefix { text, whole }) = prefix
        && (text.len() > 1 || whole && !text.is_empty())
    {
        let bytes: Option<Vec<u8>> = text.iter().map(|&c| u8::try_from(c).ok()).collect();
        let finder = bytes.map(|bytes| Box::new(memchr::memmem::Finder::new(&bytes).into_owned()));
        return Start::Prefix {
            text,
            finder,
            whole,
        };
    }
    match first_at(program, 0) {
        Some(first) if first.high && first.low.iter().all(|&has| has) => Start::Anywhere,
        Some(first) => {
            let mut few = Vec::new();
            if !first.high {
                few = (0..=255).filter(|&c| first.low[usize::from(c)]).collect();
                if few.len() > 3 {
                    few.clear();
                }
            }
            Start::Chars {
                first: Box::new(first),
                few,
            }
        }
        None => Start::Anywhere,
    }
}

/// The characters that the rest of the program at `pc` can begin with; `None`
/// if it may match without consuming any, or if that is not known.
fn first_at(program: &Program, pc: u32) -> Option<First> {
    let mut finder = Finder {
        program,
        first: First::nothing(),
        effort: EFFORT,
        count: 0,
        last: 0,
    };
    finder.add(pc, DEPTH)?;
    let mut first = finder.first;
    if finder.count == 1 {
        first.only = Some(finder.last);
    }
    Some(first)
}

struct Finder<'a> {
    program: &'a Program,
    first: First,
    effort: u32,
    /// How many characters and sets were added, and the last character.
    count: u32,
    last: u32,
}

impl Finder<'_> {
    fn add_char(&mut self, c: u32) {
        match self.first.low.get_mut(c as usize) {
            Some(has) => *has = true,
            None => self.first.high = true,
        }
        if self.count == 0 || self.last != c {
            self.count += 1;
        }
        self.last = c;
    }

    fn add_first(&mut self, more: &Finder<'_>) {
        for (has, more) in self.first.low.iter_mut().zip(&more.first.low) {
            *has |= more;
        }
        self.first.high |= more.first.high;
        self.count += 2;
    }

    fn add_set(&mut self, set: u32) {
        let set = &self.program.sets[set as usize];
        for (has, more) in self.first.low.iter_mut().zip(&set.low) {
            *has |= more;
        }
        self.first.high |= set.high != High::None;
        self.count += 2;
    }

    /// Adds what the program at `pc` can begin with.
    fn add(&mut self, mut pc: u32, depth: u32) -> Option<()> {
        let depth = depth.checked_sub(1)?;
        loop {
            self.effort = self.effort.checked_sub(1)?;
            match self.program.insts[pc as usize] {
                Inst::Fail => return Some(()),
                Inst::AnyAll => {
                    self.first.low = [true; 256];
                    self.first.high = true;
                    self.count += 2;
                    return Some(());
                }
                Inst::Char(c) => {
                    self.add_char(c);
                    return Some(());
                }
                Inst::Str { from, .. } => {
                    self.add_char(self.program.literals[from as usize]);
                    return Some(());
                }
                Inst::Set(set) => {
                    self.add_set(set);
                    return Some(());
                }
                Inst::Mark(_) | Inst::At(_) | Inst::Atomic { .. } => pc += 1,
                Inst::Assert { back: 0, next } => {
                    // What is looked at must come, if that is known.
                    let mut ahead = Finder {
                        first: First::nothing(),
                        effort: self.effort / 2,
                        ..*self
                    };
                    if ahead.add(pc + 1, depth).is_some() {
                        self.add_first(&ahead);
                        return Some(());
                    }
                    pc = next;
                }
                Inst::Assert { next, .. } | Inst::AssertNot { next, .. } | Inst::Jump(next) => {
                    pc = next;
                }
                Inst::Branch(branch) => {
                    for &target in &self.program.branches[branch as usize].targets {
                        self.add(target, depth)?;
                    }
                    return Some(());
                }
                Inst::Repeat(index) | Inst::Possessive(index) => {
                    let repeat = &self.program.loops[index as usize];
                    if repeat.max > 0 {
                        self.add(repeat.body, depth)?;
                    }
                    if repeat.min > 0 {
                        return Some(());
                    }
                    pc = repeat.tail;
                }
                Inst::MaxUntil(index) | Inst::MinUntil(index) => {
                    let repeat = &self.program.loops[index as usize];
                    self.add(repeat.body, depth)?;
                    pc = repeat.tail;
                }
                Inst::One(one) | Inst::MinOne(one) | Inst::PossessiveOne(one) => {
                    let one = &self.program.ones[one as usize];
                    self.add_set(one.set);
                    if one.min > 0 {
                        return Some(());
                    }
                    pc += 1;
                }
                Inst::Success | Inst::GroupRef(..) | Inst::GroupRefExists { .. } => return None,
            }
        }
    }
}
