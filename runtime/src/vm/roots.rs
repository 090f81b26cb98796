//! What is reachable without anybody pointing to it.

use super::Vm;
use crate::heap::{Gc, Marker, RootSource, StackBounds};
use crate::object::{Class, ClassFlags};
use crate::types::code::CodeObject;
use crate::types::frame::Frame;
use crate::value::Value;
use smallvec::SmallVec;
use std::cell::RefCell;
use std::collections::hash_map::Entry;
use std::mem::MaybeUninit;
use std::ops::Deref;

/// How many values a [`RootedVec`] holds without memory of its own.
const INLINE: usize = 8;

/// A vector of values in Rust memory that the collector knows of. Created by
/// [`Vm::rooted`], and kept on the native stack: there the collector finds the few
/// values that lie in the vector itself; memory for more is registered.
pub struct RootedVec<'vm> {
    vm: &'vm Vm,
    /// Values in `inline`, if nothing has spilled.
    len: usize,
    inline: [MaybeUninit<Value>; INLINE],
    /// All values, once they are more.
    spilled: Option<Box<RefCell<Vec<Value>>>>,
}

impl<'vm> RootedVec<'vm> {
    #[inline]
    fn empty(vm: &'vm Vm) -> RootedVec<'vm> {
        RootedVec {
            vm,
            len: 0,
            inline: [const { MaybeUninit::uninit() }; INLINE],
            spilled: None,
        }
    }

    /// Moves the values to registered memory with room for `more`.
    #[cold]
    #[inline(never)]
    fn spill(&mut self, more: usize) -> &mut Vec<Value> {
        if self.spilled.is_none() {
            let mut values = Vec::with_capacity((self.len + more).max(2 * INLINE));
            values.extend_from_slice(self);
            self.adopt(values);
        }
        match &mut self.spilled {
            Some(values) => values.get_mut(),
            None => unreachable!("just filled"),
        }
    }

    /// Takes over a vector with all values.
    fn adopt(&mut self, values: Vec<Value>) {
        let values = Box::new(RefCell::new(values));
        self.vm.rooted.borrow_mut().push(&*values);
        self.spilled = Some(values);
    }

    #[inline]
    pub fn push(&mut self, v: Value) {
        match &mut self.spilled {
            Some(values) => values.get_mut().push(v),
            None if self.len < INLINE => {
                self.inline[self.len].write(v);
                self.len += 1;
            }
            None => self.spill(1).push(v),
        }
    }
    pub fn pop(&mut self) -> Option<Value> {
        match &mut self.spilled {
            Some(values) => values.get_mut().pop(),
            None => {
                let last = self.last().copied()?;
                self.len -= 1;
                Some(last)
            }
        }
    }
    #[inline]
    pub fn extend_from_slice(&mut self, values: &[Value]) {
        if self.spilled.is_none() && self.len + values.len() <= INLINE {
            for &v in values {
                self.inline[self.len].write(v);
                self.len += 1;
            }
        } else {
            self.spill(values.len()).extend_from_slice(values);
        }
    }
    pub fn extend(&mut self, values: impl IntoIterator<Item = Value>) {
        for v in values {
            self.push(v);
        }
    }
    pub fn set(&mut self, index: usize, v: Value) {
        self.as_mut_slice()[index] = v;
    }
    pub fn truncate(&mut self, len: usize) {
        match &mut self.spilled {
            Some(values) => values.get_mut().truncate(len),
            None => self.len = self.len.min(len),
        }
    }
    pub fn insert(&mut self, index: usize, v: Value) {
        self.push(v);
        self.as_mut_slice()[index..].rotate_right(1);
    }
    pub fn remove(&mut self, index: usize) -> Value {
        let v = self[index];
        self.as_mut_slice()[index..].rotate_left(1);
        self.truncate(self.len() - 1);
        v
    }
    pub fn reverse(&mut self) {
        self.as_mut_slice().reverse();
    }
    pub fn clear(&mut self) {
        self.truncate(0);
    }
    /// The values as a mutable slice.
    pub fn as_mut_slice(&mut self) -> &mut [Value] {
        match &mut self.spilled {
            Some(values) => values.get_mut(),
            // SAFETY: the first `len` are written.
            None => unsafe {
                std::slice::from_raw_parts_mut(self.inline.as_mut_ptr().cast(), self.len)
            },
        }
    }
}

impl Deref for RootedVec<'_> {
    type Target = [Value];
    #[inline]
    fn deref(&self) -> &[Value] {
        match &self.spilled {
            // SAFETY: mutation needs `&mut self`, and the collector only reads.
            Some(values) => unsafe { &*values.as_ptr() },
            // SAFETY: the first `len` are written.
            None => unsafe { std::slice::from_raw_parts(self.inline.as_ptr().cast(), self.len) },
        }
    }
}

impl Drop for RootedVec<'_> {
    #[inline]
    fn drop(&mut self) {
        if let Some(values) = self.spilled.take() {
            let mut all = self.vm.rooted.borrow_mut();
            let this: *const RefCell<Vec<Value>> = &*values;
            if let Some(at) = all.iter().rposition(|p| *p == this) {
                all.swap_remove(at);
            }
        }
    }
}

impl Vm {
    /// A vector whose values stay alive.
    #[inline]
    pub fn rooted(&self) -> RootedVec<'_> {
        RootedVec::empty(self)
    }

    /// As [`Vm::rooted`], with room for so many values.
    #[inline]
    pub fn rooted_with_capacity(&self, capacity: usize) -> RootedVec<'_> {
        let mut vec = RootedVec::empty(self);
        if capacity > INLINE {
            vec.adopt(Vec::with_capacity(capacity));
        }
        vec
    }

    /// As [`Vm::rooted`], with values.
    #[inline]
    pub fn rooted_slice(&self, values: &[Value]) -> RootedVec<'_> {
        let mut vec = RootedVec::empty(self);
        vec.extend_from_slice(values);
        vec
    }

    /// As [`Vm::rooted`], with values.
    pub fn rooted_from(&self, values: Vec<Value>) -> RootedVec<'_> {
        let mut vec = RootedVec::empty(self);
        vec.adopt(values);
        vec
    }
}

impl RootSource for Vm {
    fn trace_roots(&self, marker: &mut Marker<'_>, stack_pointer: usize) {
        for class in self.types.all() {
            marker.object(class);
        }
        for class in self.def_classes.borrow().values() {
            marker.object(*class);
        }
        self.interned.borrow_mut().trace(marker);
        for v in self.permanent.borrow().iter() {
            marker.value(*v);
        }
        for dict in [self.modules.get(), self.builtins.get(), self.sys_dict.get()]
            .into_iter()
            .flatten()
        {
            marker.object(dict);
        }
        if let Some(t) = self.names.empty_tuple.get() {
            marker.object(t);
        }
        marker.opt(self.names.empty_bytes.get());
        marker.opt(self.raised.get());
        marker.opt(self.builtin_import.get());
        self.audit_hooks.trace(marker);
        self.monitoring.trace(marker);
        marker.opt(self.builtin_all.get());
        marker.opt(self.builtin_any.get());
        marker.opt(self.importlib.get());
        marker.opt(*self.async_error.borrow());
        for values in self.rooted.borrow().iter() {
            // SAFETY: removed from the list before it is dropped.
            marker.root_values(unsafe { &*(**values).as_ptr() });
        }
        let current = self.thread.get();
        for thread in self.threads.borrow().iter() {
            let sp = if std::ptr::eq(&**thread, current) {
                stack_pointer
            } else {
                thread.saved_sp()
            };
            thread.trace(marker, sp);
        }
        if self.threads.borrow().is_empty() {
            // Start-up, before the main thread is registered.
            let bounds = StackBounds::current();
            // SAFETY: the calling thread's own stack.
            unsafe { marker.conservative_range(stack_pointer, bounds.high) };
        }
    }

    fn finalization_pending(&self) {
        self.breaker.set(super::Breaker::FINALIZE);
    }

    fn memory_exhausted(&self) {
        self.breaker.set(super::Breaker::MEMORY);
    }

    fn visit_frames(&self, visit: &mut dyn FnMut(Gc<CodeObject>, u32)) {
        // SAFETY: set when a thread takes the lock; threads are boxed.
        let Some(thread) = (unsafe { self.thread.get().as_ref() }) else {
            return;
        };
        // SAFETY: the chain of activations is intact whenever something is allocated.
        let mut at = unsafe { thread.frame.get().as_ref() }.and_then(Frame::visible);
        while let Some(frame) = at {
            visit(frame.code, frame.instruction());
            at = frame.caller();
        }
    }

    fn after_mark(&self, marker: &Marker<'_>) {
        let mut weakrefs = self.weakrefs.borrow_mut();
        let keep = |address: u64, refs: &mut SmallVec<[Value; 1]>| {
            // SAFETY: keys are the bits of object values, whose memory is not yet reused.
            let alive = marker.is_marked(unsafe { Value::from_bits(address) });
            if alive {
                refs.retain(|r| marker.is_marked(*r));
            }
            alive && !refs.is_empty()
        };
        self.unfinished
            .borrow_mut()
            .retain(|task| marker.is_marked(*task));
        let new_keys = self.new_weakref_keys.take();
        let new_bases = self.new_bases.take();
        if marker.is_major() {
            weakrefs.retain(|address, refs| keep(*address, refs));
            for class in self.live_classes(marker) {
                retain_marked(class, marker);
            }
            return;
        }
        // Only what is new may have died.
        for key in new_keys {
            if let Entry::Occupied(mut entry) = weakrefs.entry(key)
                && !keep(key, entry.get_mut())
            {
                entry.remove();
            }
        }
        for base in new_bases {
            if marker.is_marked(base.value()) {
                retain_marked(base, marker);
            }
        }
    }
}

/// Forgets subclasses that died.
fn retain_marked(class: Gc<Class>, marker: &Marker<'_>) {
    class
        .subclasses
        .borrow_mut()
        .retain(|c| marker.is_marked(c.value()));
}

impl Vm {
    /// Enters a class among the subclasses of one of its bases, which refers to it weakly.
    pub fn add_subclass(&self, base: Gc<Class>, class: Gc<Class>) {
        if base.subclasses.borrow().is_empty() && !base.has_flag(ClassFlags::IMMUTABLE) {
            // Compiled code may go by there being none.
            base.version.set(self.next_class_version());
        }
        base.subclasses.borrow_mut().push(class);
        self.new_bases.borrow_mut().push(base);
    }

    /// Enters a weak reference to `referent`, before the others if `first`.
    pub fn add_weakref(&self, referent: Value, reference: Value, first: bool) {
        let key = referent.bits();
        self.new_weakref_keys.borrow_mut().push(key);
        let mut all = self.weakrefs.borrow_mut();
        let list = all.entry(key).or_default();
        list.insert(if first { 0 } else { list.len() }, reference);
    }

    /// Every marked class reachable from `object` through `__subclasses__`.
    fn live_classes(&self, marker: &Marker<'_>) -> Vec<Gc<Class>> {
        let Some(root) = self.types.object.try_get() else {
            return Vec::new();
        };
        let mut seen = rustc_hash::FxHashSet::default();
        let mut all = vec![root];
        let mut at = 0;
        while at < all.len() {
            let subclasses = all[at].subclasses.borrow().clone();
            for sub in subclasses {
                if marker.is_marked(sub.value()) && seen.insert(sub.value()) {
                    all.push(sub);
                }
            }
            at += 1;
        }
        all
    }
}
