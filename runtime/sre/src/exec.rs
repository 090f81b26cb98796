//! The matcher.
//!
//! Where CPython's engine calls itself for each choice, this one pushes a
//! [`Frame`] and goes on; a failure pops frames until one offers another way.
//! A frame is either a choice, a note of something to undo (a group's mark, a
//! loop's counter), or a barrier that marks the beginning of an assertion,
//! atomic group or possessive repeat. When such a body succeeds, its choices
//! are dropped and its notes about marks kept: groups set in a look-ahead must
//! still be undone when what comes before it is tried again.

use crate::chars::{Fold, ascii_word};
use crate::opcodes::*;
use crate::program::{First, Inst, Program};
use crate::unit::Unit;

/// What part of the subject a match has to cover.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// A match that begins at the start position.
    Match,
    /// A match from the start to the end position.
    FullMatch,
    /// The first match at or after the start position.
    Search,
}

/// The host's callback asked for the match to be abandoned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interrupted;

/// A mark that has not been set.
const UNSET: usize = usize::MAX;
/// No loop, no barrier.
const NONE: u32 = u32::MAX;
/// Work between two calls of the host's callback.
const STEPS: usize = 1 << 16;

#[derive(Clone, Copy)]
enum Frame {
    /// Undo: mark `mark` was at `old`, with these last marks.
    Mark {
        mark: u32,
        old: usize,
        last_mark: i32,
        last_index: i32,
    },
    /// Undo: the counter of loop context `rep`.
    Count { rep: u32, count: usize, last: usize },
    /// Undo: loop context `rep` was left.
    Left { rep: u32 },
    /// Undo: loop context `rep` was made.
    Made { rep: u32 },
    /// Choice: the alternatives in `mask`.
    Branch { index: u32, ptr: usize, mask: u64 },
    /// Choice: one character fewer, down to position `low`.
    Greedy { pc: u32, ptr: usize, low: usize },
    /// Choice: one character more, at most `left`.
    Lazy { pc: u32, ptr: usize, left: usize },
    /// Choice: leave the greedy loop instead of running its body once more.
    Leave { rep: u32, ptr: usize, last: usize },
    /// Choice: run the lazy loop's body once more instead of leaving it.
    Again { rep: u32, ptr: usize },
    /// Barrier of the assertion or atomic group at `pc`, or of an iteration of
    /// the possessive repeat there; `outer` is the barrier before.
    Barrier { pc: u32, ptr: usize, outer: usize },
}

/// A loop being run.
#[derive(Clone, Copy)]
struct Rep {
    index: u32,
    /// The loop context in force outside.
    outer: u32,
    /// Iterations so far; `usize::MAX` (that is, -1) before the first.
    count: usize,
    /// Where the last iteration that was not forced began.
    last: usize,
}

/// The memory of a matcher, kept from match to match, and the result of the
/// last one.
#[derive(Default)]
pub struct Scratch {
    stack: Vec<Frame>,
    reps: Vec<Rep>,
    marks: Vec<usize>,
    last_mark: i32,
    last_index: i32,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

impl Scratch {
    /// Fresh memory; allocates nothing yet.
    pub fn new() -> Scratch {
        Scratch {
            last_mark: -1,
            last_index: -1,
            ..Scratch::default()
        }
    }

    /// The span of the whole match.
    pub fn span(&self) -> (usize, usize) {
        (self.start, self.end)
    }

    /// The span of group `group` (1 is the first); `None` if it took no part.
    /// The end may lie before the start for a group set in a look-behind that
    /// was re-entered: CPython raises `SystemError` there.
    pub fn group(&self, group: u32) -> Option<(usize, usize)> {
        self.pair(group.checked_sub(1)?)
    }

    /// `Match.lastindex`: the last group that was closed.
    pub fn last_index(&self) -> Option<u32> {
        u32::try_from(self.last_index).ok()
    }

    /// The highest mark that was set (`2 * group - 2` for a group's start, the
    /// odd number above for its end); -1 if none was.
    pub fn last_mark(&self) -> i32 {
        self.last_mark
    }

    fn pair(&self, index: u32) -> Option<(usize, usize)> {
        let at = 2 * index as usize;
        if i64::from(self.last_mark) <= at as i64 {
            return None;
        }
        let (from, to) = (*self.marks.get(at)?, *self.marks.get(at + 1)?);
        (from != UNSET && to != UNSET).then_some((from, to))
    }

    pub(crate) fn reset(&mut self) {
        self.stack.clear();
        self.reps.clear();
        self.last_mark = -1;
        self.last_index = -1;
    }
}

/// The walk of `finditer`, `findall`, `sub`, `split` and scanners over a
/// subject: where the next search begins, and whether it may be empty there.
#[derive(Clone, Copy, Debug)]
pub struct Cursor {
    /// The position of the next search.
    pub pos: usize,
    /// A match that is empty at `pos` does not count.
    pub must_advance: bool,
}

impl Cursor {
    /// A walk that begins at `pos`.
    pub fn new(pos: usize) -> Cursor {
        Cursor {
            pos,
            must_advance: false,
        }
    }

    /// Steps behind the match in `scratch`.
    pub fn advance(&mut self, scratch: &Scratch) {
        let (start, end) = scratch.span();
        self.pos = end;
        self.must_advance = start == end;
    }
}

/// One run over one subject.
pub(crate) struct Matcher<'a, U> {
    pub program: &'a Program,
    /// The subject up to the end position.
    pub text: &'a [U],
    pub scratch: &'a mut Scratch,
    pub full: bool,
    /// Work left until the host is asked.
    pub steps: usize,
    pub check: &'a mut dyn FnMut() -> bool,
}

impl Program {
    /// Matches `subject` between `start` and `end`, which are clipped to its
    /// length. The text before `start` is seen by look-behinds, that after
    /// `end` by nothing. With `must_advance`, a match that is empty at `start`
    /// does not count (see [`Cursor`]).
    ///
    /// `check` is called every 64 Ki steps or so; if it returns false the match
    /// is given up.
    ///
    /// # Returns
    /// Whether there is a match; `scratch` then has its groups.
    ///
    /// # Errors
    /// [`Interrupted`] if `check` returned false.
    #[allow(clippy::too_many_arguments)] // The state of a match is just these.
    pub fn run<U: Unit>(
        &self,
        scratch: &mut Scratch,
        subject: &[U],
        start: usize,
        end: usize,
        mode: Mode,
        must_advance: bool,
        check: &mut dyn FnMut() -> bool,
    ) -> Result<bool, Interrupted> {
        let text = &subject[..end.min(subject.len())];
        if start > text.len() {
            return Ok(false);
        }
        let mut matcher = Matcher {
            program: self,
            text,
            scratch,
            full: mode == Mode::FullMatch,
            steps: STEPS,
            check,
        };
        if mode == Mode::Search {
            matcher.search(start, must_advance)
        } else if text.len() - start < self.min_width {
            Ok(false)
        } else {
            matcher.attempt(start, must_advance)
        }
    }
}

impl<U: Unit> Matcher<'_, U> {
    /// Counts `work` steps, and asks the host when it is time.
    #[inline(always)]
    pub fn step(&mut self, work: usize) -> Result<(), Interrupted> {
        match self.steps.checked_sub(work) {
            Some(left) => {
                self.steps = left;
                Ok(())
            }
            None => self.ask(),
        }
    }

    #[cold]
    fn ask(&mut self) -> Result<(), Interrupted> {
        self.steps = STEPS;
        if (self.check)() {
            Ok(())
        } else {
            Err(Interrupted)
        }
    }

    #[inline(always)]
    fn set_has(&self, set: u32, ptr: usize) -> bool {
        match self.text.get(ptr) {
            Some(&unit) => self.program.sets[set as usize].has(unit, &self.program.tables),
            None => false,
        }
    }

    /// The length of the run at `ptr` for the repeat `one`, at most `most`.
    #[inline(always)]
    fn run_length(&self, one: &crate::program::One, ptr: usize, most: usize) -> usize {
        let rest = &self.text[ptr..];
        let rest = &rest[..most.min(rest.len())];
        if one.any {
            return rest.len();
        }
        self.program.sets[one.set as usize].run_length(rest, &self.program.tables)
    }

    /// The last position in `low..=high` where `tail` can begin.
    #[inline(always)]
    fn last_place(&self, tail: &First, low: usize, high: usize) -> Option<usize> {
        let end = (high + 1).min(self.text.len());
        let places = self.text.get(low..end)?;
        let found = match tail.only {
            Some(c) => U::from_u32(c).and_then(|c| U::rfind(places, c)),
            None => places.iter().rposition(|&u| tail.has(u)),
        };
        found.map(|at| low + at)
    }

    /// The first position from `ptr` on where `tail` can begin, if the lazy
    /// repeat `one` can get there with at most `left` characters; and how many
    /// are left then.
    #[inline(always)]
    fn next_place(
        &self,
        one: &crate::program::One,
        ptr: usize,
        left: usize,
    ) -> Option<(usize, usize)> {
        let Some(tail) = &one.tail else {
            return Some((ptr, left));
        };
        let rest = self.text.get(ptr..)?;
        let rest = &rest[..left.saturating_add(1).min(rest.len())];
        let set = &self.program.sets[one.set as usize];
        let narrow = tail.only.and_then(|c| u8::try_from(c).ok());
        let skipped = match (narrow, set.stops.as_slice()) {
            // The search ends at the tail or where the set does.
            (Some(c), []) if one.any => U::find_any(rest, &[c])?,
            (Some(c), &[stop]) => U::find_any(rest, &[c, stop])?,
            (Some(c), &[stop, other]) => U::find_any(rest, &[c, stop, other])?,
            _ => rest
                .iter()
                .position(|&unit| tail.has(unit) || !set.has(unit, &self.program.tables))?,
        };
        if !tail.has(rest[skipped]) {
            return None;
        }
        let left = if left == usize::MAX {
            left
        } else {
            left - skipped
        };
        Some((ptr + skipped, left))
    }

    /// The alternatives of branch `index` that the next character allows.
    #[inline(always)]
    fn alternatives(&self, index: u32, ptr: usize) -> u64 {
        let branch = &self.program.branches[index as usize];
        match self.text.get(ptr) {
            Some(unit) => *branch
                .low
                .get(unit.to_u32() as usize)
                .unwrap_or(&branch.high),
            None => branch.end,
        }
    }

    #[inline(always)]
    fn set_mark(&mut self, mark: u32, ptr: usize) {
        let scratch = &mut *self.scratch;
        let at = mark as usize;
        if scratch.marks.len() <= at {
            scratch.marks.resize((at | 1) + 1, UNSET);
        }
        if !scratch.stack.is_empty() {
            scratch.stack.push(Frame::Mark {
                mark,
                old: scratch.marks[at],
                last_mark: scratch.last_mark,
                last_index: scratch.last_index,
            });
        }
        if mark & 1 == 1 {
            scratch.last_index = (mark / 2 + 1) as i32;
        }
        if mark as i32 > scratch.last_mark {
            let from = (scratch.last_mark + 1) as usize;
            if from < at {
                scratch.marks[from..at].fill(UNSET);
            }
            scratch.last_mark = mark as i32;
        }
        scratch.marks[at] = ptr;
    }

    fn at(&self, at: u32, ptr: usize) -> bool {
        let unit = |i: usize| self.text.get(i).map(|u| u.to_u32());
        let before = || ptr.checked_sub(1).and_then(unit);
        let tables = &self.program.tables;
        let ascii = |c: Option<u32>| c.is_some_and(ascii_word);
        let word = |c: Option<u32>| c.is_some_and(|c| tables.is_word(c));
        match at {
            AT_BEGINNING | AT_BEGINNING_STRING => ptr == 0,
            AT_BEGINNING_LINE => ptr == 0 || before() == Some(10),
            AT_END => {
                let left = self.text.len() - ptr;
                left == 0 || left == 1 && unit(ptr) == Some(10)
            }
            AT_END_LINE => matches!(unit(ptr), None | Some(10)),
            AT_END_STRING => ptr == self.text.len(),
            AT_BOUNDARY | AT_LOC_BOUNDARY => ascii(before()) != ascii(unit(ptr)),
            AT_NON_BOUNDARY | AT_LOC_NON_BOUNDARY => ascii(before()) == ascii(unit(ptr)),
            AT_UNI_BOUNDARY => word(before()) != word(unit(ptr)),
            _ => word(before()) == word(unit(ptr)),
        }
    }

    /// Where `ptr` gets by matching what group `index` matched.
    fn group_ref(&self, index: u32, fold: Fold, ptr: usize) -> Option<usize> {
        let (from, to) = self.scratch.pair(index).filter(|(from, to)| from <= to)?;
        let wanted = &self.text[from..to];
        let found = self.text.get(ptr..ptr + wanted.len())?;
        let tables = &self.program.tables;
        let same = match fold {
            Fold::None => wanted == found,
            _ => wanted
                .iter()
                .zip(found)
                .all(|(a, b)| tables.fold(fold, a.to_u32()) == tables.fold(fold, b.to_u32())),
        };
        same.then_some(ptr + wanted.len())
    }

    /// Ends the body of the barrier at stack index `barrier`: drops it and its
    /// choices, keeps what is needed to undo marks.
    fn cut(&mut self, barrier: usize) {
        let stack = &mut self.scratch.stack;
        let mut kept = barrier;
        for i in barrier..stack.len() {
            if let Frame::Mark { .. } = stack[i] {
                stack[kept] = stack[i];
                kept += 1;
            }
        }
        stack.truncate(kept);
        if barrier == 0 {
            // No choice is left to go back to.
            stack.clear();
        }
    }

    /// Tries to match the whole program at `start`. On success the scratch has
    /// the span and the groups.
    pub fn attempt(&mut self, start: usize, must_advance: bool) -> Result<bool, Interrupted> {
        self.scratch.reset();
        let program = self.program;
        let text = self.text;
        let mut pc = 0u32;
        let mut ptr = start;
        let mut rep = NONE;
        let mut barrier = UNSET;
        'run: loop {
            // Falling out of this match is failure.
            match program.insts[pc as usize] {
                Inst::Fail => {}
                Inst::Char(c) => {
                    if text.get(ptr).is_some_and(|u| u.to_u32() == c) {
                        ptr += 1;
                        pc += 1;
                        continue 'run;
                    }
                }
                Inst::Set(set) => {
                    if self.set_has(set, ptr) {
                        ptr += 1;
                        pc += 1;
                        continue 'run;
                    }
                }
                Inst::AnyAll => {
                    if ptr < text.len() {
                        ptr += 1;
                        pc += 1;
                        continue 'run;
                    }
                }
                Inst::Str { from, to } => {
                    let wanted = &program.literals[from as usize..to as usize];
                    if let Some(found) = text.get(ptr..ptr + wanted.len())
                        && found.iter().zip(wanted).all(|(f, &w)| f.to_u32() == w)
                    {
                        ptr += wanted.len();
                        pc += 1;
                        continue 'run;
                    }
                }
                Inst::Mark(mark) => {
                    self.set_mark(mark, ptr);
                    pc += 1;
                    continue 'run;
                }
                Inst::At(at) => {
                    if self.at(at, ptr) {
                        pc += 1;
                        continue 'run;
                    }
                }
                Inst::Jump(to) => {
                    pc = to;
                    continue 'run;
                }
                Inst::Branch(index) => {
                    let mask = self.alternatives(index, ptr);
                    if mask != 0 {
                        let rest = mask & (mask - 1);
                        if rest != 0 {
                            let mask = rest;
                            self.scratch.stack.push(Frame::Branch { index, ptr, mask });
                        }
                        let chosen = mask.trailing_zeros() as usize;
                        pc = program.branches[index as usize].targets[chosen];
                        continue 'run;
                    }
                }
                Inst::One(index) => {
                    let one = &program.ones[index as usize];
                    let count = self.run_length(one, ptr, one.max);
                    self.step(1 + count / 64)?;
                    if count >= one.min {
                        let low = ptr + one.min;
                        ptr += count;
                        let place = match &one.tail {
                            Some(tail) if one.exclusive => {
                                text.get(ptr).filter(|&&u| tail.has(u)).map(|_| ptr)
                            }
                            Some(tail) => self.last_place(tail, low, ptr),
                            None => Some(ptr),
                        };
                        if let Some(place) = place {
                            ptr = place;
                            if ptr > low && !one.exclusive {
                                self.scratch.stack.push(Frame::Greedy { pc, ptr, low });
                            }
                            pc += 1;
                            continue 'run;
                        }
                    }
                }
                Inst::PossessiveOne(index) => {
                    let one = &program.ones[index as usize];
                    let count = self.run_length(one, ptr, one.max);
                    self.step(1 + count / 64)?;
                    if count >= one.min {
                        ptr += count;
                        pc += 1;
                        continue 'run;
                    }
                }
                Inst::MinOne(index) => {
                    let one = &program.ones[index as usize];
                    let count = self.run_length(one, ptr, one.min);
                    if count == one.min {
                        let left = if one.max == usize::MAX {
                            usize::MAX
                        } else {
                            one.max - one.min
                        };
                        let from = ptr + count;
                        if let Some((place, left)) = self.next_place(one, from, left) {
                            self.step(1 + (place - from) / 64)?;
                            ptr = place;
                            if left > 0 {
                                self.scratch.stack.push(Frame::Lazy { pc, ptr, left });
                            }
                            pc += 1;
                            continue 'run;
                        }
                    }
                }
                Inst::Repeat(index) => {
                    self.step(1)?;
                    let made = self.scratch.reps.len() as u32;
                    self.scratch.reps.push(Rep {
                        index,
                        outer: rep,
                        count: usize::MAX,
                        last: UNSET,
                    });
                    self.scratch.stack.push(Frame::Made { rep: made });
                    rep = made;
                    // Run the loop's end: it decides on the first iteration.
                    pc = program.loops[index as usize].tail - 1;
                    continue 'run;
                }
                Inst::MaxUntil(index) => {
                    self.step(1)?;
                    let repeat = &program.loops[index as usize];
                    let scratch = &mut *self.scratch;
                    let state = &mut scratch.reps[rep as usize];
                    let count = state.count.wrapping_add(1);
                    if count < repeat.min {
                        scratch.stack.push(Frame::Count {
                            rep,
                            count: state.count,
                            last: state.last,
                        });
                        state.count = count;
                        pc = repeat.body;
                        continue 'run;
                    }
                    let can_begin = match &repeat.first {
                        Some(first) => text.get(ptr).is_some_and(|&u| first.has(u)),
                        None => true,
                    };
                    if can_begin && count < repeat.max && state.last != ptr {
                        scratch.stack.push(Frame::Leave {
                            rep,
                            ptr,
                            last: state.last,
                        });
                        state.count = count;
                        state.last = ptr;
                        pc = repeat.body;
                        continue 'run;
                    }
                    scratch.stack.push(Frame::Left { rep });
                    rep = state.outer;
                    pc += 1;
                    continue 'run;
                }
                Inst::MinUntil(index) => {
                    self.step(1)?;
                    let repeat = &program.loops[index as usize];
                    let scratch = &mut *self.scratch;
                    let state = &mut scratch.reps[rep as usize];
                    let count = state.count.wrapping_add(1);
                    if count < repeat.min {
                        scratch.stack.push(Frame::Count {
                            rep,
                            count: state.count,
                            last: state.last,
                        });
                        state.count = count;
                        pc = repeat.body;
                        continue 'run;
                    }
                    scratch.stack.push(Frame::Again { rep, ptr });
                    rep = state.outer;
                    pc += 1;
                    continue 'run;
                }
                Inst::Assert { back, .. } | Inst::AssertNot { back, .. } if ptr < back as usize => {
                    if let Inst::AssertNot { next, .. } = program.insts[pc as usize] {
                        pc = next;
                        continue 'run;
                    }
                }
                Inst::Assert { back, .. } | Inst::AssertNot { back, .. } => {
                    self.step(1)?;
                    barrier = self.push_barrier(pc, ptr, barrier);
                    ptr -= back as usize;
                    pc += 1;
                    continue 'run;
                }
                Inst::Atomic { .. } => {
                    self.step(1)?;
                    barrier = self.push_barrier(pc, ptr, barrier);
                    pc += 1;
                    continue 'run;
                }
                Inst::Possessive(index) => {
                    let repeat = &program.loops[index as usize];
                    if repeat.max == 0 {
                        pc = repeat.tail;
                        continue 'run;
                    }
                    let made = self.scratch.reps.len() as u32;
                    self.scratch.reps.push(Rep {
                        index,
                        outer: rep,
                        count: 0,
                        last: UNSET,
                    });
                    rep = made;
                    barrier = self.push_barrier(pc, ptr, barrier);
                    pc = repeat.body;
                    continue 'run;
                }
                Inst::GroupRef(group, fold) => {
                    self.step(1)?;
                    if let Some(to) = self.group_ref(group, fold, ptr) {
                        ptr = to;
                        pc += 1;
                        continue 'run;
                    }
                }
                Inst::GroupRefExists { group, otherwise } => {
                    let matched = self.scratch.pair(group).is_some_and(|(a, b)| a <= b);
                    pc = if matched { pc + 1 } else { otherwise };
                    continue 'run;
                }
                Inst::Success if barrier == UNSET => {
                    let refused = self.full && ptr != text.len() || must_advance && ptr == start;
                    if !refused {
                        self.scratch.start = start;
                        self.scratch.end = ptr;
                        return Ok(true);
                    }
                }
                Inst::Success => {
                    let Frame::Barrier {
                        pc: at,
                        ptr: before,
                        outer,
                    } = self.scratch.stack[barrier]
                    else {
                        unreachable!("a barrier's index leads to a barrier");
                    };
                    match program.insts[at as usize] {
                        Inst::AssertNot { .. } => {
                            // The body's choices must not be tried: undo only.
                            self.unwind(barrier);
                            barrier = outer;
                        }
                        Inst::Possessive(index) => {
                            self.cut(barrier);
                            barrier = outer;
                            let repeat = &program.loops[index as usize];
                            let state = &mut self.scratch.reps[rep as usize];
                            // An empty iteration is the last, unless it was
                            // forced by the lower bound.
                            let stuck = state.count >= repeat.min && ptr == before;
                            state.count += 1;
                            let more =
                                state.count < repeat.min || state.count < repeat.max && !stuck;
                            let outer_rep = state.outer;
                            self.step(1)?;
                            if more {
                                barrier = self.push_barrier(at, ptr, barrier);
                                pc = repeat.body;
                            } else {
                                self.scratch.reps.truncate(rep as usize);
                                rep = outer_rep;
                                pc = repeat.tail;
                            }
                            continue 'run;
                        }
                        Inst::Assert { next, .. } => {
                            self.cut(barrier);
                            barrier = outer;
                            ptr = before;
                            pc = next;
                            continue 'run;
                        }
                        Inst::Atomic { next } => {
                            self.cut(barrier);
                            barrier = outer;
                            pc = next;
                            continue 'run;
                        }
                        _ => unreachable!("only these push barriers"),
                    }
                }
            }
            // Failure: back to the last choice.
            self.step(1)?;
            loop {
                let scratch = &mut *self.scratch;
                let Some(frame) = scratch.stack.pop() else {
                    return Ok(false);
                };
                match frame {
                    Frame::Mark {
                        mark,
                        old,
                        last_mark,
                        last_index,
                    } => {
                        scratch.marks[mark as usize] = old;
                        scratch.last_mark = last_mark;
                        scratch.last_index = last_index;
                    }
                    Frame::Count { rep, count, last } => {
                        let state = &mut scratch.reps[rep as usize];
                        state.count = count;
                        state.last = last;
                    }
                    Frame::Left { rep: left } => rep = left,
                    Frame::Made { rep: made } => {
                        rep = scratch.reps[made as usize].outer;
                        scratch.reps.truncate(made as usize);
                    }
                    Frame::Branch {
                        index,
                        ptr: at,
                        mask,
                    } => {
                        let rest = mask & (mask - 1);
                        ptr = at;
                        if rest != 0 {
                            let mask = rest;
                            scratch.stack.push(Frame::Branch { index, ptr, mask });
                        }
                        let chosen = mask.trailing_zeros() as usize;
                        pc = program.branches[index as usize].targets[chosen];
                        continue 'run;
                    }
                    Frame::Greedy {
                        pc: at,
                        ptr: from,
                        low,
                    } => {
                        let Inst::One(index) = program.insts[at as usize] else {
                            unreachable!("a greedy choice belongs to a repeat");
                        };
                        let place = match &program.ones[index as usize].tail {
                            Some(tail) => self.last_place(tail, low, from - 1),
                            None => Some(from - 1),
                        };
                        if let Some(place) = place {
                            ptr = place;
                            if ptr > low {
                                self.scratch.stack.push(Frame::Greedy { pc: at, ptr, low });
                            }
                            pc = at + 1;
                            continue 'run;
                        }
                    }
                    Frame::Lazy {
                        pc: at,
                        ptr: from,
                        left,
                    } => {
                        let Inst::MinOne(index) = program.insts[at as usize] else {
                            unreachable!("a lazy choice belongs to a repeat");
                        };
                        let one = &program.ones[index as usize];
                        if self.set_has(one.set, from) {
                            let left = if left == usize::MAX { left } else { left - 1 };
                            let place = self.next_place(one, from + 1, left);
                            if let Some((place, left)) = place {
                                self.step(1 + (place - from) / 64)?;
                                ptr = place;
                                if left > 0 {
                                    self.scratch.stack.push(Frame::Lazy { pc: at, ptr, left });
                                }
                                pc = at + 1;
                                continue 'run;
                            }
                        }
                    }
                    Frame::Leave {
                        rep: left,
                        ptr: at,
                        last,
                    } => {
                        let state = &mut scratch.reps[left as usize];
                        state.count = state.count.wrapping_sub(1);
                        state.last = last;
                        ptr = at;
                        pc = program.loops[state.index as usize].tail;
                        rep = state.outer;
                        scratch.stack.push(Frame::Left { rep: left });
                        continue 'run;
                    }
                    Frame::Again {
                        rep: again,
                        ptr: at,
                    } => {
                        rep = again;
                        let state = &mut scratch.reps[again as usize];
                        let repeat = &program.loops[state.index as usize];
                        let count = state.count.wrapping_add(1);
                        if count < repeat.max && state.last != at {
                            scratch.stack.push(Frame::Count {
                                rep: again,
                                count: state.count,
                                last: state.last,
                            });
                            state.count = count;
                            state.last = at;
                            ptr = at;
                            pc = repeat.body;
                            continue 'run;
                        }
                    }
                    Frame::Barrier {
                        pc: at,
                        ptr: before,
                        outer,
                    } => {
                        barrier = outer;
                        match program.insts[at as usize] {
                            Inst::AssertNot { next, .. } => {
                                ptr = before;
                                pc = next;
                                continue 'run;
                            }
                            Inst::Possessive(index) => {
                                let repeat = &program.loops[index as usize];
                                let state = scratch.reps[rep as usize];
                                scratch.reps.truncate(rep as usize);
                                rep = state.outer;
                                if state.count >= repeat.min {
                                    ptr = before;
                                    pc = repeat.tail;
                                    continue 'run;
                                }
                            }
                            _ => {}
                        }
                    }
                }
            }
        }
    }

    fn push_barrier(&mut self, pc: u32, ptr: usize, outer: usize) -> usize {
        let at = self.scratch.stack.len();
        self.scratch.stack.push(Frame::Barrier { pc, ptr, outer });
        at
    }

    /// Drops the frames from stack index `to` on, undoing marks and loop
    /// contexts.
    fn unwind(&mut self, to: usize) {
        let scratch = &mut *self.scratch;
        while scratch.stack.len() > to {
            match scratch.stack.pop() {
                Some(Frame::Mark {
                    mark,
                    old,
                    last_mark,
                    last_index,
                }) => {
                    scratch.marks[mark as usize] = old;
                    scratch.last_mark = last_mark;
                    scratch.last_index = last_index;
                }
                Some(Frame::Made { rep }) => scratch.reps.truncate(rep as usize),
                _ => {}
            }
        }
    }
}
