//! What was compiled quickly is compiled again.
//!
//! Cranelift takes two to three times as long for code that is 1.3 to 2 times as fast. In the first
//! milliseconds of a program the number of trees that wait for it matters more, and many grow a few
//! times before they stay as they are.

use super::queue::{Again, Finished};
use super::{Entry, Jit, Origin};
use crate::backend::Compiled;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use taipan_runtime::Vm;
use taipan_runtime::vm::Breaker;

impl Entry {
    /// Says which compilation is to come after the present one, if there is one; those before are no
    /// longer wanted.
    pub(super) fn set_again(&self, again: Option<Again>) {
        if let Some(old) = self.again.replace(again) {
            old.wanted.store(false, Ordering::Relaxed);
        }
    }
}

impl Jit {
    /// The number of the next compilation.
    pub(super) fn next_id(&self) -> u64 {
        let id = self.next_job.get();
        self.next_job.set(id + 1);
        id
    }

    /// What is to follow a quick compilation, if there is to be one: not for what continues code that
    /// was compiled with more care.
    pub(super) fn second_compilation(&self, origin: Origin) -> Option<Again> {
        let params = self.params.borrow();
        let owner = origin
            .owner()
            .map(|index| self.trees.borrow()[index].clone());
        let is_settled = owner.is_some_and(|entry| !entry.compiled.borrow().quick);
        let is_there = params.helper_thread || params.again.is_some();
        if !params.tiers || !is_there || params.quick || is_settled {
            return None;
        }
        Some(Again {
            id: self.next_id(),
            wanted: Arc::new(AtomicBool::new(true)),
            runs: Arc::default(),
        })
    }

    /// Other code finds a tree's code from now on.
    pub(super) fn lead_to(compiled: &Compiled) {
        let tree = &compiled.tree;
        if let Some(callee) = &tree.function
            && tree.side.is_none()
        {
            callee.entry.store(compiled.entry, Ordering::Release);
        }
        if let Some(code) = &tree.loop_code {
            code.entry.store(compiled.entry, Ordering::Release);
        }
        if let Some(door) = &tree.door {
            door.store(compiled.entry, Ordering::Release);
        }
    }

    /// Puts new code in the place of a tree's old one.
    pub(super) fn exchange(&self, entry: &Entry, compiled: Rc<Compiled>) {
        if let Some(shim) = &compiled.shim {
            entry.shim.set(shim.address() as usize);
        }
        let old = entry.compiled.replace(compiled);
        self.superseded.borrow_mut().push(old.version);
        self.close_crossing(entry);
    }

    /// Puts a second compilation in the place of the quick one, unless that has been replaced.
    pub(super) fn replace(&self, done: Finished, quick: u64) {
        self.stats.borrow_mut().compile_time += done.took;
        let known = self.versions.borrow().get(&quick).cloned();
        let (Some((index, old)), Ok(compiled)) = (known, done.result) else {
            return;
        };
        let entry = self.trees.borrow()[index].clone();
        if entry.dead.get() || !Rc::ptr_eq(&entry.compiled.borrow(), &old) {
            return;
        }
        {
            let mut stats = self.stats.borrow_mut();
            stats.compiled += 1;
            stats.code_bytes += compiled.code.length;
        }
        self.log(|| {
            format!(
                "compiled again: {}, {} bytes in {:?}\nmachine code:\n{}",
                entry.code.qualname,
                compiled.code.length,
                done.took,
                compiled.listing.as_deref().unwrap_or_default(),
            )
        });
        let compiled = Rc::new(compiled);
        self.versions
            .borrow_mut()
            .insert(done.id, (index, compiled.clone()));
        entry.set_again(None);
        Self::lead_to(&compiled);
        self.exchange(&entry, compiled);
    }

    /// Without a helper thread, on the way into a tree: compiles again what has become hot. It is taken up
    /// as if a thread had finished it just now, which is in the midst of the tree.
    #[inline]
    pub(super) fn compile_again_here(&self, vm: &Vm) {
        if let Some(here) = self.here.borrow_mut().as_mut()
            && let Some(hot) = self.params.borrow().again
            && here.compile_again(hot)
        {
            vm.breaker.set(Breaker::BETTER_CODE);
        }
    }

    /// At a safe point: takes up what was compiled again.
    pub fn take_better_code(&self, vm: &Vm) {
        self.poll(vm);
    }
}
