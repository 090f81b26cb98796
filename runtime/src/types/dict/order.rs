//! Changes to the order of a dictionary's items, for `collections.OrderedDict`.

use super::{Dict, Table};
use crate::heap::Gc;
use crate::value::Value;
use crate::vm::{Result, Vm};

impl Dict {
    /// Makes the item of `key` the last or the first one; `false` if there is none.
    pub fn move_to_end(&self, vm: &Vm, key: Value, last: bool) -> Result<bool> {
        let hash = vm.hash_key(key)?;
        let Some(index) = self.find(vm, key, hash)? else {
            return Ok(false);
        };
        let outermost = if last {
            self.previous_entry(usize::MAX).map(|e| e.0)
        } else {
            self.next_entry(0).map(|e| e.0 - 1)
        };
        if outermost == Some(index) {
            return Ok(true);
        }
        let Some((key, value)) = self.remove_at(index) else {
            return Ok(false);
        };
        if last {
            self.insert_new(vm, key, hash, value)?;
        } else {
            self.insert_first(vm, key, hash, value)?;
        }
        Ok(true)
    }

    /// Removes and returns the first item.
    pub fn pop_first(&self) -> Option<(Value, Value)> {
        let (next, ..) = self.next_entry(0)?;
        self.remove_at(next - 1)
    }

    /// Inserts a key that is not there before all others: into the hole before
    /// the first entry, which is made large enough to pay for its making.
    fn insert_first(&self, vm: &Vm, key: Value, hash: u64, value: Value) -> Result<()> {
        let table = match self.table.get() {
            Some(table) if table.head.get() > 0 && table.usable.get() > 0 => table,
            _ => self.open_gap(vm)?,
        };
        let index = table.head.get() as usize - 1;
        table.header.barrier();
        let entry = table.entry(index);
        entry.hash.set(hash);
        entry.key.set(Some(key));
        entry.value.set(Some(value));
        table.head.set(index as u32);
        // As many index slots are taken as by an insertion at the end.
        table.usable.set(table.usable.get() - 1);
        table.link(hash, index);
        self.used.set(self.used.get() + 1);
        self.version.set(0);
        Ok(())
    }

    /// Gives the dictionary a table with deleted entries at its front.
    fn open_gap(&self, vm: &Vm) -> Result<Gc<Table>> {
        let gap = self.used.get() / 2 + 4;
        let table = self.resize(vm, self.used.get() + 2 * gap)?;
        table.header.barrier();
        let filled = table.filled.get() as usize;
        // SAFETY: the index lies within the object.
        unsafe {
            std::ptr::write_bytes(
                table.slots() as *mut u8,
                0xFF,
                1 << table.log_slots << table.log_width,
            )
        };
        for i in (0..filled).rev() {
            let (from, to) = (table.entry(i), table.entry(i + gap));
            to.hash.set(from.hash.get());
            to.key.set(from.key.take());
            to.value.set(from.value.take());
        }
        for i in gap..gap + filled {
            table.link(table.entry(i).hash.get(), i);
        }
        table.filled.set((filled + gap) as u32);
        table.usable.set(table.capacity - (filled + gap) as u32);
        table.head.set(gap as u32);
        Ok(table)
    }
}
