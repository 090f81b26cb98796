//! Audit hooks (PEP 578): functions that are told of what a program does to the world outside
//! it, before it is done, and that forbid it by raising.
//!
//! A native function tells of its event where it has read its arguments. Told of are code that
//! is compiled, run or imported, files, processes, the network's names and connections, threads,
//! and what looks into the interpreter. Not told of are reading an attribute
//! (`object.__getattr__`) and `id`, which compiled code does without a call, the making of code
//! and functions, and `fcntl` and `resource`.

use super::{Result, Vm};
use crate::heap::Marker;
use crate::types::exception::classes as exc;
use crate::value::Value;
use std::cell::RefCell;

/// The hooks of an interpreter, in the order in which they were added; they are never removed.
#[derive(Default)]
pub struct AuditHooks(RefCell<Vec<Value>>);

impl AuditHooks {
    /// Tells the collector of the hooks.
    pub(super) fn trace(&self, marker: &mut Marker<'_>) {
        for hook in self.0.borrow().iter() {
            marker.value(*hook);
        }
    }
}

impl Vm {
    /// Whether there is any audit hook: to be asked before values are made for an event.
    #[inline]
    pub fn is_audited(&self) -> bool {
        !self.audit_hooks.0.borrow().is_empty()
    }

    /// Tells the audit hooks, if there are any, of an event.
    ///
    /// # Errors
    /// What a hook raises: the event is forbidden then.
    #[inline]
    pub fn audit(&self, event: &str, args: &[Value]) -> Result<()> {
        if self.is_audited() {
            let event = self.intern(event).value();
            self.call_audit_hooks(event, args)
        } else {
            Ok(())
        }
    }

    /// Calls every hook with the event's name and a tuple of what it is about. They run
    /// unobserved by tracing functions unless their `__cantrace__` says otherwise.
    ///
    /// # Errors
    /// What the first hook to raise raises.
    #[cold]
    pub fn call_audit_hooks(&self, event: Value, args: &[Value]) -> Result<()> {
        let args = self.new_tuple(args)?.value();
        // By index: a hook may add others.
        for i in 0.. {
            let Some(hook) = self.audit_hooks.0.borrow().get(i).copied() else {
                break;
            };
            let traceable = match self.find_attr(hook, self.intern("__cantrace__"))? {
                Some(v) => self.truth(v)?,
                None => false,
            };
            let before = self.thread().tracing.get();
            if !traceable {
                self.thread().tracing.set(true);
            }
            let result = self.call(hook, &[event, args]);
            self.thread().tracing.set(before);
            result?;
        }
        Ok(())
    }

    /// `sys.addaudithook`. A hook there is already may keep another out by raising, of which the
    /// caller hears only if it is no `Exception`.
    ///
    /// # Errors
    /// What a hook raises that is no `Exception`.
    pub fn add_audit_hook(&self, hook: Value) -> Result<()> {
        match self.audit("sys.addaudithook", &[]) {
            Ok(()) => self.audit_hooks.0.borrow_mut().push(hook),
            Err(_) if self.raised_is_def(&exc::EXCEPTION) => self.clear_raised(),
            Err(raised) => return Err(raised),
        }
        Ok(())
    }
}
