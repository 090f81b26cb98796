//! Trees that are left almost at once rest: for a while the interpreter runs in their place.
//!
//! Until the bridges of a young tree are compiled, most ways through it end at a guard, and going
//! in and out takes longer than interpreting what it does in between. So a tree is tried for a few
//! entries now and then; if they were not worth it, it is left alone for a number of entries that
//! doubles each time. Its exits count for those that the rest has saved, so that bridges come as
//! early as without it.

use super::{Entry, Jit};
use std::cell::Cell;
use std::time::Duration;

/// Entries of one trial.
const TRIED: u32 = 8;
/// Entries before the first trial of new code, and between trials that went well.
const FIRST: u32 = 16;
const BETWEEN: u32 = 1000;
/// How many entries a tree is left alone for at first, and at most.
const SHORTEST: u32 = 128;
const LONGEST: u32 = 1024;
/// What a loop's tree does in a shorter stay, its exit included, the interpreter does as fast.
const LEAST_STAY: Duration = Duration::from_nanos(160);
/// So many of a trial's calls of a function that end in the interpreter are too many.
const MOST_LEFT: u32 = 5;

/// Whether a tree is worth being entered at present.
#[derive(Debug)]
pub(super) struct Rest {
    /// Entries that are still left out.
    remaining: Cell<u32>,
    /// Entries until the next trial, and those that are still missing in this one.
    until: Cell<u32>,
    tried: Cell<u32>,
    /// What the entries of the trial took: time of a loop's tree, calls left of a function's.
    spent: Cell<u64>,
    /// How long the last rest was, in entries; zero if the last trial went well.
    length: Cell<u32>,
}

impl Default for Rest {
    fn default() -> Rest {
        Rest {
            remaining: Cell::new(0),
            until: Cell::new(FIRST),
            tried: Cell::new(0),
            spent: Cell::new(0),
            length: Cell::new(0),
        }
    }
}

/// What to do about an entry.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Turn {
    /// The interpreter does this one.
    Rest,
    Enter,
    /// To be entered; what it took goes to [`Rest::stayed`] or [`Rest::left`].
    Try,
}

impl Rest {
    /// What to do about the next entry.
    #[inline]
    pub fn turn(&self) -> Turn {
        let remaining = self.remaining.get();
        if remaining > 0 {
            self.remaining.set(remaining - 1);
            return Turn::Rest;
        }
        if self.tried.get() > 0 {
            return Turn::Try;
        }
        let until = self.until.get();
        self.until.set(until.saturating_sub(1));
        if until > 0 {
            return Turn::Enter;
        }
        self.tried.set(TRIED);
        self.spent.set(0);
        Turn::Try
    }

    /// One entry of a trial took so much, and whether what all of them took was worth it.
    fn tried(&self, spent: u64, is_worth_it: impl Fn(u64) -> bool) {
        self.spent.set(self.spent.get() + spent);
        let missing = self.tried.get().saturating_sub(1);
        self.tried.set(missing);
        if missing > 0 {
            return;
        }
        if is_worth_it(self.spent.get()) {
            self.until.set(BETWEEN);
            self.length.set(0);
        } else {
            let length = (self.length.get() * 2).clamp(SHORTEST, LONGEST);
            self.length.set(length);
            self.remaining.set(length);
            self.until.set(0);
        }
    }

    /// An entry of a loop's tree took this time until a guard failed, its exit included; none if
    /// it was left in another way, which costs less.
    pub fn stayed(&self, time: Option<Duration>) {
        let least = LEAST_STAY.as_nanos() as u64;
        let time = time.map_or(2 * least, |time| time.as_nanos() as u64);
        self.tried(time, |all| all >= least * u64::from(TRIED));
    }

    /// A call of a function's tree was left for the interpreter so many times.
    pub fn left(&self, times: u32) {
        self.tried(times.min(1).into(), |all| all < MOST_LEFT.into());
    }

    /// For how many exits one counts.
    pub fn weight(&self) -> u32 {
        1 + self.length.get() / TRIED
    }

    /// The tree has new code.
    pub fn end(&self) {
        self.remaining.set(0);
        self.tried.set(0);
        self.until.set(FIRST);
        self.length.set(0);
    }

    /// Whether the next entry is one of every so many.
    fn is_one_of(&self, every: u32) -> bool {
        let count = self.until.get().wrapping_add(1);
        self.until.set(count);
        count.is_multiple_of(every)
    }

    /// Whether finished compilations are to be looked for at this point of a rest, in which there are no
    /// exits that do.
    pub fn is_due(&self) -> bool {
        self.remaining.get().is_multiple_of(16)
    }
}

impl Jit {
    /// What to do about the next entry of a tree: not what is worth it where tests say so.
    #[inline]
    pub(super) fn turn(&self, entry: &Entry) -> Turn {
        let params = self.params.borrow();
        if !params.unlimited {
            return entry.rest.turn();
        }
        match params.rest_every {
            0 => Turn::Enter,
            every if entry.rest.is_one_of(every) => Turn::Rest,
            _ => Turn::Enter,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn enter(rest: &Rest, times: u32, stay: Duration) -> u32 {
        let mut entered = 0;
        for _ in 0..times {
            match rest.turn() {
                Turn::Rest => continue,
                Turn::Enter => {}
                Turn::Try => rest.stayed(Some(stay)),
            }
            entered += 1;
        }
        entered
    }

    #[test]
    fn short_stays_lead_to_ever_longer_rests() {
        let rest = Rest::default();
        let short = Duration::from_nanos(100);
        assert_eq!(enter(&rest, FIRST + TRIED, short), FIRST + TRIED);
        assert_eq!(enter(&rest, SHORTEST, short), 0);
        assert_eq!(rest.weight(), 1 + SHORTEST / TRIED);
        assert_eq!(enter(&rest, TRIED, short), TRIED);
        assert_eq!(enter(&rest, 2 * SHORTEST, short), 0);
        assert_eq!(enter(&rest, 1, short), 1);
    }

    #[test]
    fn trees_that_are_left_in_another_way_do_not_rest() {
        let rest = Rest::default();
        for _ in 0..FIRST + TRIED + BETWEEN {
            match rest.turn() {
                Turn::Rest => panic!("rests"),
                Turn::Enter => {}
                Turn::Try => rest.stayed(None),
            }
        }
    }

    #[test]
    fn long_stays_and_new_code_end_them() {
        let rest = Rest::default();
        let (short, long) = (Duration::from_nanos(100), Duration::from_micros(2));
        enter(&rest, FIRST + TRIED + SHORTEST, short);
        assert_eq!(enter(&rest, TRIED, long), TRIED);
        assert_eq!(rest.weight(), 1);
        assert_eq!(enter(&rest, BETWEEN, short), BETWEEN);
        enter(&rest, TRIED, short);
        assert_eq!(rest.turn(), Turn::Rest);
        rest.end();
        assert_eq!(rest.turn(), Turn::Enter);
    }

    #[test]
    fn functions_are_judged_by_how_often_they_are_left() {
        let rest = Rest::default();
        for left in [0, 3] {
            rest.end();
            for _ in 0..FIRST {
                assert_eq!(rest.turn(), Turn::Enter);
            }
            for _ in 0..TRIED {
                assert_eq!(rest.turn(), Turn::Try);
                rest.left(left);
            }
            let turn = if left == 0 { Turn::Enter } else { Turn::Rest };
            assert_eq!(rest.turn(), turn);
        }
    }
}
