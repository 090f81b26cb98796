//! Weak references.

use crate::heap::{Field, Gc, Header, Kind};
use crate::heap_object;
use crate::value::Value;
use std::cell::Cell;

/// `weakref.ref`, and the referent of a weak proxy. The collector clears it.
#[repr(C)]
pub struct WeakRef {
    pub header: Header,
    /// Not traced.
    referent: Cell<Option<Value>>,
    callback: Field,
    /// The referent's hash, once asked for.
    pub hash: Cell<Option<u64>>,
}

heap_object!(WeakRef, "ReferenceType", Kind::Other, |this, marker| { marker.field(&this.callback); });

impl WeakRef {
    /// A reference about to be placed on the heap.
    pub fn new(referent: Value, callback: Option<Value>) -> WeakRef {
        WeakRef {
            header: Header::empty(),
            referent: Cell::new(Some(referent)),
            callback: Field::opt(callback),
            hash: Cell::new(None),
        }
    }

    /// The object, unless it died.
    pub fn referent(&self) -> Option<Value> {
        self.referent.get()
    }

    /// Forgets the object.
    pub fn clear(&self) {
        self.referent.set(None);
    }

    /// The callback.
    pub fn callback(&self) -> Option<Value> {
        self.callback.get()
    }

    /// Takes the callback out, so that it runs once.
    pub fn take_callback(&self) -> Option<Value> {
        let callback = self.callback.get();
        self.callback.clear();
        callback
    }
}

impl Gc<WeakRef> {
    /// Whether it is the shared reference without callback of its referent.
    pub fn is_plain(self) -> bool {
        self.callback.get().is_none()
    }
}
