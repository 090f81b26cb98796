//! What tools asked of `sys.monitoring` (PEP 669): events, callbacks, and where a callback
//! wants none any more.

use super::Vm;
use crate::heap::{Gc, Marker};
use crate::types::code::CodeObject;
use crate::value::Value;
use rustc_hash::{FxHashMap, FxHashSet};
use std::cell::{Cell, RefCell};

/// Tools that there may be.
pub const TOOLS: usize = 6;

/// Kinds of events, by the number of their bit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Event {
    PyStart,
    PyResume,
    PyReturn,
    PyYield,
    Call,
    Line,
    Instruction,
    Jump,
    BranchLeft,
    BranchRight,
    StopIteration,
    Raise,
    ExceptionHandled,
    PyUnwind,
    PyThrow,
    Reraise,
    CReturn,
    CRaise,
}

impl Event {
    /// Their number.
    pub const COUNT: usize = 18;
    /// Names in the order of their bits.
    pub const NAMES: [&str; Event::COUNT] = [
        "PY_START",
        "PY_RESUME",
        "PY_RETURN",
        "PY_YIELD",
        "CALL",
        "LINE",
        "INSTRUCTION",
        "JUMP",
        "BRANCH_LEFT",
        "BRANCH_RIGHT",
        "STOP_ITERATION",
        "RAISE",
        "EXCEPTION_HANDLED",
        "PY_UNWIND",
        "PY_THROW",
        "RERAISE",
        "C_RETURN",
        "C_RAISE",
    ];
    /// Those that can be asked for in single code objects, and disabled at a place.
    pub const LOCAL: u32 = 1 << Event::Raise as u32;

    /// Its bit.
    pub const fn bit(self) -> u32 {
        1 << self as u32
    }

    /// Whether a callback may disable it at the place where it happened.
    pub const fn is_local(self) -> bool {
        self.bit() < Event::LOCAL || matches!(self, Event::CReturn | Event::CRaise)
    }

    /// The bit that has to be asked for to get it: results of native calls come with the calls.
    const fn asked_by(self) -> u32 {
        match self {
            Event::CReturn | Event::CRaise => Event::Call.bit(),
            other => other.bit(),
        }
    }
}

/// One tool.
#[derive(Default)]
struct Tool {
    name: Cell<Option<Value>>,
    events: Cell<u32>,
    callbacks: [Cell<Option<Value>>; Event::COUNT],
}

/// Everything that tools asked for.
#[derive(Default)]
pub struct Monitoring {
    tools: [Tool; TOOLS],
    /// By code object, kept alive by `codes`: each tool's events there.
    local: RefCell<FxHashMap<Value, [u32; TOOLS]>>,
    /// Tool, code object (kept alive too), instruction and event that a callback disabled.
    disabled: RefCell<FxHashSet<(u8, Value, u32, u8)>>,
    codes: RefCell<FxHashSet<Value>>,
    /// The union of what is asked for anywhere.
    wanted: Cell<u32>,
}

impl Monitoring {
    /// Whether some tool may want an event of these bits.
    #[inline]
    pub fn wants(&self, bits: u32) -> bool {
        self.wanted.get() & bits != 0
    }

    /// The tool's name, if it is in use.
    pub fn name(&self, tool: usize) -> Option<Value> {
        self.tools[tool].name.get()
    }

    /// Gives a tool its name.
    pub fn set_name(&self, tool: usize, name: Option<Value>) {
        self.tools[tool].name.set(name);
    }

    /// The events that a tool asked for everywhere.
    pub fn events(&self, tool: usize) -> u32 {
        self.tools[tool].events.get()
    }

    /// The events that a tool asked for in a code object.
    pub fn local_events(&self, tool: usize, code: Gc<CodeObject>) -> u32 {
        let local = self.local.borrow();
        local.get(&code.value()).map_or(0, |events| events[tool])
    }

    /// Sets a tool's callback for an event; the one before.
    pub fn set_callback(&self, tool: usize, event: usize, f: Option<Value>) -> Option<Value> {
        self.tools[tool].callbacks[event].replace(f)
    }

    /// A tool's callback for an event at a place, if it wants to be called.
    pub fn callback(
        &self,
        tool: usize,
        event: Event,
        code: Gc<CodeObject>,
        index: u32,
    ) -> Option<Value> {
        let asked = event.asked_by();
        let callback = self.tools[tool].callbacks[event as usize].get()?;
        if (self.events(tool) | self.local_events(tool, code)) & asked == 0 {
            return None;
        }
        let place = (tool as u8, code.value(), index, event as u8);
        (!self.disabled.borrow().contains(&place)).then_some(callback)
    }

    /// Notes that a callback wants no more such events at a place.
    pub fn disable(&self, tool: usize, event: Event, code: Gc<CodeObject>, index: u32) {
        self.codes.borrow_mut().insert(code.value());
        let place = (tool as u8, code.value(), index, event as u8);
        self.disabled.borrow_mut().insert(place);
    }

    /// Undoes all [`Monitoring::disable`].
    pub fn restart(&self) {
        self.disabled.borrow_mut().clear();
        let local = self.local.borrow();
        self.codes
            .borrow_mut()
            .retain(|code| local.contains_key(code));
    }

    /// For each event the tools that asked for it everywhere, as bits.
    pub fn all_events(&self) -> Vec<(&'static str, u32)> {
        let tools = |bit: u32| {
            (0..TOOLS)
                .filter(|t| self.events(*t) & bit != 0)
                .fold(0, |all, t| all | 1 << t)
        };
        Event::NAMES
            .iter()
            .enumerate()
            .map(|(i, name)| (*name, tools(1 << i)))
            .filter(|(_, tools)| *tools != 0)
            .collect()
    }

    pub(super) fn trace(&self, marker: &mut Marker<'_>) {
        for tool in &self.tools {
            marker.opt(tool.name.get());
            tool.callbacks.iter().for_each(|c| marker.opt(c.get()));
        }
        self.codes.borrow().iter().for_each(|c| marker.value(*c));
    }
}

impl Vm {
    /// Sets the events that a tool asks for, in a code object or everywhere.
    pub fn set_monitoring(&self, tool: usize, code: Option<Gc<CodeObject>>, events: u32) {
        let m = &self.monitoring;
        match code {
            None => m.tools[tool].events.set(events),
            Some(code) => {
                m.codes.borrow_mut().insert(code.value());
                let mut local = m.local.borrow_mut();
                local.entry(code.value()).or_default()[tool] = events;
            }
        }
        self.monitoring_changed();
    }

    /// Forgets what a tool asked for.
    pub fn clear_monitoring(&self, tool: usize) {
        let m = &self.monitoring;
        m.tools[tool].events.set(0);
        m.tools[tool].callbacks.iter().for_each(|c| c.set(None));
        m.local.borrow_mut().values_mut().for_each(|e| e[tool] = 0);
        m.disabled.borrow_mut().retain(|d| d.0 != tool as u8);
        self.monitoring_changed();
    }

    fn monitoring_changed(&self) {
        let m = &self.monitoring;
        m.local.borrow_mut().retain(|_, e| *e != [0; TOOLS]);
        let global = m.tools.iter().fold(0, |all, t| all | t.events.get());
        let local = m.local.borrow();
        let all = local.values().flatten().fold(global, |all, e| all | e);
        m.wanted.set(all);
        drop(local);
        self.update_tracing();
    }

    /// Whether running code is to be observed: for this thread's tracing functions, or for
    /// tools.
    pub(super) fn is_observed(&self) -> bool {
        let thread = self.thread();
        thread.trace_function.get().is_some()
            || thread.profile_function.get().is_some()
            || self.monitoring.wants(u32::MAX)
    }
}
