//! Globals, built-ins, cells.

use super::{Recorded, Recorder, Stop};
use crate::driver::Jit;
use crate::ir::{Class, Mem, Op, Ref, Ty};
use taipan_bytecode::opcode::Op as Bytecode;
use taipan_runtime::heap::Gc;
use taipan_runtime::types::cell::CellObject;
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::function::Function;
use taipan_runtime::types::str::Str;
use taipan_runtime::{Kind, Value, Vm};

pub(crate) const DICT_TABLE: Mem = Mem::new(Class::Dict, 8, Dict::TABLE_OFFSET);
const CONTENTS: Mem = Mem::new(Class::Cell, 8, CellObject::CONTENTS_OFFSET);

/// Whether a global of this kind is unlikely to be rebound, and worth a bridge if it is: it is
/// called, mostly.
fn is_steady(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Function | Kind::Native | Kind::Class | Kind::Module | Kind::BoundMethod
    )
}

impl Recorder {
    /// The value of a string key of a dictionary, by the version of its keys: a constant if it is
    /// unlikely to be rebound; `None` if the key is not there (which is guarded too).
    pub(crate) fn namespace_value(
        &mut self,
        vm: &Vm,
        dict: Gc<Dict>,
        name: Gc<Str>,
    ) -> Recorded<Option<(Ref, Value)>> {
        let Some((mut r, v)) = self.namespace_entry(vm, dict, name)? else {
            return Ok(None);
        };
        let kind = v.header().map(|h| h.shape().layout.kind);
        let is_constant = match kind {
            Some(Kind::List | Kind::Dict) => !self.is_rebound(vm, dict, name),
            Some(kind) => is_steady(kind),
            None => false,
        };
        if is_constant {
            r = self.guard_is(r, v)?;
        } else {
            self.guard1(Op::GuardNonNull, Ty::None, r)?;
        }
        Ok(Some((r, v)))
    }

    /// Whether the container that a name stands for was found to be another one than before, which
    /// a bridge that begins here means.
    fn is_rebound(&self, vm: &Vm, dict: Gc<Dict>, name: Gc<Str>) -> bool {
        let is_now = self.recorded <= 1 && !self.is_loop();
        Jit::of(vm).is_some_and(|jit| jit.is_rebound(dict, name, is_now))
    }

    /// What the entry of a name holds, by the version of the keys: nothing if the name was
    /// removed since, for which the version stays the same.
    fn namespace_entry(
        &mut self,
        vm: &Vm,
        dict: Gc<Dict>,
        name: Gc<Str>,
    ) -> Recorded<Option<(Ref, Value)>> {
        if dict.class() != vm.types.dict.get() {
            return Err(Stop::Abort("namespace is no plain dict"));
        }
        let base = self.constant(dict.value());
        let found = dict.find_str_hashed(name, name.hash(vm));
        let version = match found {
            Some(_) => dict.version_with_name(vm),
            None => dict.version_without(vm, name),
        };
        self.guard_version(base, Class::Dict, Dict::VERSION_OFFSET, version)?;
        let Some(index) = found else {
            return Ok(None);
        };
        let Some(v) = dict.value_at(index) else {
            return Ok(None);
        };
        let table = self.e.load(Ty::Ptr, base, DICT_TABLE)?;
        let offset = Dict::VALUE_OFFSET + index * Dict::ENTRY_SIZE;
        let r = self
            .e
            .load(Ty::Val, table, Mem::new(Class::DictValue, 8, offset))?;
        Ok(Some((r, v)))
    }

    pub(crate) fn load_global(&mut self, vm: &Vm, arg: usize) -> Recorded {
        let f = self.frame();
        let (globals, builtins) = (f.globals, f.builtins);
        let name = f.code.name_at(arg >> 1);
        let units = 1 + Bytecode::LOAD_GLOBAL.caches();
        let found = match self.namespace_value(vm, globals, name)? {
            Some(found) => Some(found),
            None => self.namespace_value(vm, builtins, name)?,
        };
        let Some((r, _)) = found else {
            return Err(Stop::Abort("undefined name"));
        };
        self.push(r);
        if arg & 1 != 0 {
            let null = self.null();
            self.push(null);
        }
        self.advance(units);
        Ok(())
    }

    pub(super) fn store_in(
        &mut self,
        vm: &Vm,
        dict: Gc<Dict>,
        name: Gc<Str>,
        v: Ref,
    ) -> Recorded<bool> {
        if dict.class() != vm.types.dict.get()
            || dict.find_str_hashed(name, name.hash(vm)).is_none()
        {
            return Ok(false);
        }
        let Some((old, _)) = self.namespace_entry(vm, dict, name)? else {
            return Ok(false);
        };
        self.guard1(Op::GuardNonNull, Ty::None, old)?;
        let Some(index) = dict.find_str_hashed(name, name.hash(vm)) else {
            return Ok(false);
        };
        let base = self.constant(dict.value());
        let table = self.e.load(Ty::Ptr, base, DICT_TABLE)?;
        let v = self.e.boxed(v);
        let offset = Dict::VALUE_OFFSET + index * Dict::ENTRY_SIZE;
        self.e
            .store(table, Mem::new(Class::DictValue, 8, offset), v)?;
        Ok(true)
    }

    pub(crate) fn store_global(&mut self, vm: &Vm, _arg: usize) -> Recorded {
        let f = self.frame();
        let globals = f.globals;
        let name = f.code.name_at(_arg);
        let v = self.peek(1)?;
        if !self.store_in(vm, globals, name, v)? {
            return self.step(Bytecode::STORE_GLOBAL, 1);
        }
        self.pop_one();
        self.advance(1 + Bytecode::STORE_GLOBAL.caches());
        Ok(())
    }

    /// The namespace of module code: the frame's `locals` being its globals.
    fn module_namespace(&self) -> Option<Gc<Dict>> {
        let f = self.frame();
        // SAFETY: the frame is an activation.
        let locals = unsafe { (*f.frame).locals }?;
        (self.frames.len() == 1 && locals == f.globals.value()).then_some(f.globals)
    }

    pub(crate) fn load_name(&mut self, vm: &Vm, arg: usize) -> Recorded {
        if self.module_namespace().is_none() {
            return self.step(Bytecode::LOAD_NAME, 0);
        }
        let f = self.frame();
        let (globals, builtins) = (f.globals, f.builtins);
        let name = f.code.name_at(arg);
        let found = match self.namespace_value(vm, globals, name)? {
            Some(found) => Some(found),
            None => self.namespace_value(vm, builtins, name)?,
        };
        let Some((r, _)) = found else {
            return Err(Stop::Abort("undefined name"));
        };
        self.push(r);
        self.advance(1 + Bytecode::LOAD_NAME.caches());
        Ok(())
    }

    pub(crate) fn store_name(&mut self, vm: &Vm, arg: usize) -> Recorded {
        if let Some(globals) = self.module_namespace() {
            let name = self.frame().code.name_at(arg);
            let v = self.peek(1)?;
            if self.store_in(vm, globals, name, v)? {
                self.pop_one();
                self.advance(1 + Bytecode::STORE_NAME.caches());
                return Ok(());
            }
        }
        self.step(Bytecode::STORE_NAME, 1)
    }

    // ---- cells ---------------------------------------------------------

    pub(crate) fn make_cell(&mut self, vm: &Vm, arg: usize) -> Recorded {
        let v = self.local(arg)?;
        let cell = self.new_cell(vm, v)?;
        self.set_local(arg, cell);
        self.advance(1);
        Ok(())
    }

    pub(crate) fn copy_free_vars(&mut self, _arg: usize) -> Recorded {
        if self.frame().function.is_none() {
            return Err(Stop::Abort("function entry"));
        }
        let f = self.frame();
        let (function, first) = (f.function, f.code.first_free as usize);
        // SAFETY: the frame was seen.
        let closure = unsafe {
            let frame = &*f.frame;
            frame.function.closure.get()
        };
        if let Some(closure) = closure {
            let offset = std::mem::offset_of!(Function, closure);
            let tuple = self
                .e
                .load(Ty::Val, function, Mem::new(Class::Const, 8, offset))?;
            for i in 0..closure.len() {
                let index = self.e.tree.int(i as i64);
                let cell = self.tuple_item(tuple, index)?;
                self.set_local(first + i, cell);
            }
        }
        self.advance(1);
        Ok(())
    }

    pub(crate) fn load_deref(&mut self, arg: usize) -> Recorded {
        let cell = self.local(arg)?;
        let actual = self
            .actual_local(arg)
            .and_then(|c| c.cast::<CellObject>())
            .and_then(|c| c.get());
        if actual.is_none() {
            return Err(Stop::Exit);
        }
        let r = self.e.load(Ty::Val, cell, CONTENTS)?;
        if !self.is_unboxed(r) {
            self.guard1(Op::GuardNonNull, Ty::None, r)?;
        }
        self.push(r);
        self.advance(1);
        Ok(())
    }

    pub(crate) fn store_deref(&mut self, arg: usize) -> Recorded {
        let cell = self.local(arg)?;
        let v = self.peek(1)?;
        let v = self.e.boxed(v);
        self.e.store(cell, CONTENTS, v)?;
        self.pop_one();
        self.advance(1);
        Ok(())
    }
}
