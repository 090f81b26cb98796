//! What has no opcode of its own: classes and functions by name, everything else by what
//! `__reduce_ex__` says (PEP 307).

use super::opcodes::*;
use super::pickling_error;
use super::save::{BATCH, Saver};
use taipan_runtime::heap::{Gc, Kind};
use taipan_runtime::object::{Class, ClassFlags, own_attribute};
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::exception::classes as exc;
use taipan_runtime::types::list::List;
use taipan_runtime::types::str::Str;
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Raised, Result, Vm};

/// An attribute of a module that is a dict.
fn module_dict(vm: &Vm, module: &str, name: &str) -> Result<Gc<Dict>> {
    vm.import_attr(module, name)?
        .cast::<Dict>()
        .ok_or_else(|| vm.runtime_error(format!("{module}.{name} should be a dict")))
}

/// A pair of strings from a table of `_compat_pickle`.
fn pair_of(vm: &Vm, v: Value) -> Result<(Gc<Str>, Gc<Str>)> {
    let pair = v.cast::<Tuple>().filter(|t| t.len() == 2);
    pair.and_then(|t| Some((t.get(0).cast::<Str>()?, t.get(1).cast::<Str>()?)))
        .ok_or_else(|| vm.runtime_error("_compat_pickle should hold 2-tuples of strings"))
}

/// The name that Python 2 or 3 has for a module's attribute, by the tables of
/// `_compat_pickle` with these names.
///
/// # Errors
/// RuntimeError if the tables hold something else.
pub fn map_names(
    vm: &Vm,
    tables: [&str; 2],
    module: Gc<Str>,
    name: Gc<Str>,
) -> Result<(Gc<Str>, Gc<Str>)> {
    let names = module_dict(vm, "_compat_pickle", tables[0])?;
    let key = vm.pair(module.value(), name.value())?;
    if let Some(found) = names.get(vm, key)? {
        return pair_of(vm, found);
    }
    let modules = module_dict(vm, "_compat_pickle", tables[1])?;
    match modules.get(vm, module.value())? {
        Some(found) => match found.cast::<Str>() {
            Some(module) => Ok((module, name)),
            None => Err(vm.runtime_error("_compat_pickle should hold strings")),
        },
        None => Ok((module, name)),
    }
}

/// The module in which an object is found by this name, if that is plain to see.
fn plain_module(vm: &Vm, v: Value, name: Gc<Str>) -> Result<Option<Gc<Str>>> {
    if name.code_points().any(|c| c == u32::from('.')) {
        return Ok(None);
    }
    let Some(module) = vm.find_attr(v, vm.names.__module__.get())? else {
        return Ok(None);
    };
    let Some(module) = module.cast::<Str>() else {
        return Ok(None);
    };
    let loaded = vm.modules.get().and_then(|m| m.get_str(module));
    match loaded.filter(|m| !m.is_none()) {
        Some(m) if vm.find_attr(m, vm.intern_str(vm.exact_str(name)?))? == Some(v) => {
            Ok(Some(module))
        }
        _ => Ok(None),
    }
}

impl Saver<'_> {
    /// Writes an object that is of no built-in container or atom type.
    pub fn save_by_reduction(&mut self, v: Value, class: Gc<Class>) -> Result<()> {
        let vm = self.vm;
        if let Some(f) = self.reducer_override {
            let reduced = vm.call(f, &[v])?;
            if reduced != Value::NOT_IMPLEMENTED {
                return self.save_reduced(v, reduced);
            }
        }
        if class == vm.types.type_.get() {
            return self.save_class(v);
        }
        if class == vm.types.function.get() {
            return self.save_global(v, None);
        }
        let registered = match self.dispatch_table {
            None => module_dict(vm, "copyreg", "dispatch_table")?.get(vm, class.value())?,
            Some(table) => {
                let found = vm.get_item(table, class.value());
                vm.catch(found, &exc::KEY_ERROR)?
            }
        };
        let reduced = if let Some(f) = registered {
            vm.call(f, &[v])?
        } else if class.is_subclass_of(vm.types.type_.get()) {
            return self.save_global(v, None);
        } else if let Some(state) = self.plain_state(v, class)? {
            return self
                .save_plain(v, class, state)
                .map_err(|raised| self.note(raised, v, "object"));
        } else if let Some(f) = vm.find_attr(v, vm.names.__reduce_ex__.get())? {
            vm.call(f, &[vm.new_int(self.protocol)])?
        } else if let Some(f) = vm.find_attr(v, vm.names.__reduce__.get())? {
            vm.call(f, &[])?
        } else {
            let name = self.type_name(v);
            return Err(pickling_error(vm, format!("Can't pickle {name} object")));
        };
        self.save_reduced(v, reduced)
    }

    /// The state (None without attributes) of an object that says nothing about pickling,
    /// where it is as well known as what `object.__reduce_ex__` would return. An object whose
    /// `__dict__` nobody asked for does not get one here, which would make it slower.
    fn plain_state(&self, v: Value, class: Gc<Class>) -> Result<Option<Value>> {
        let vm = self.vm;
        let names = &vm.names;
        let Some(header) = v
            .header()
            .filter(|h| h.shape().layout.kind == Kind::Instance && h.shape().has_attributes())
        else {
            return Ok(None);
        };
        let object = vm.types.object.get();
        let asked = [
            names.__reduce_ex__.get(),
            names.__reduce__.get(),
            names.__getstate__.get(),
            names.__getnewargs_ex__.get(),
            names.__getnewargs__.get(),
            names.__class__.get(),
        ];
        // The names of slots are known once `copyreg` looked for them.
        let slots = class.namespace().get_str(vm.intern("__slotnames__"));
        let plain = self.protocol >= 2
            && class.has_flag(ClassFlags::PLAIN_GETATTR)
            && slots
                .and_then(|s| s.cast::<List>())
                .is_some_and(|s| s.is_empty())
            && asked.iter().all(|name| {
                class.lookup(vm, *name) == object.lookup(vm, *name)
                    && own_attribute(header, *name).is_none()
            });
        if !plain {
            return Ok(None);
        }
        if header.shape().is_dict_mode() {
            let dict = vm.own_dict(header)?;
            return Ok(Some(match dict.is_empty() {
                true => Value::NONE,
                false => dict.value(),
            }));
        }
        let attributes = vm.own_attributes(header);
        if attributes.is_empty() {
            return Ok(Some(Value::NONE));
        }
        let dict = vm.new_dict();
        for (name, value) in attributes {
            dict.set(vm, name, value)?;
        }
        Ok(Some(dict.value()))
    }

    /// Writes an object with its state as [`Saver::plain_state`] found it.
    fn save_plain(&mut self, v: Value, class: Gc<Class>, state: Value) -> Result<()> {
        self.noted(v, class.value(), "class")?;
        self.put(&[EMPTY_TUPLE, NEWOBJ]);
        match self.pickler.memo_index(v) {
            Some(index) => {
                self.op(POP);
                self.get(index);
            }
            None => self.memoize(v)?,
        }
        if !state.is_none() {
            self.noted(v, state, "state")?;
            self.op(BUILD);
        }
        Ok(())
    }

    /// Writes what a reducer returned for `v`.
    fn save_reduced(&mut self, v: Value, reduced: Value) -> Result<()> {
        let vm = self.vm;
        if let Some(name) = reduced.cast::<Str>() {
            return self.save_global(v, Some(name));
        }
        let result = match reduced.cast::<Tuple>() {
            Some(parts) if (2..=6).contains(&parts.len()) => {
                self.save_reduction(v, parts.as_slice())
            }
            Some(_) => Err(pickling_error(
                vm,
                "tuple returned by __reduce__ must contain 2 through 6 elements",
            )),
            None => Err(pickling_error(
                vm,
                format!(
                    "__reduce__ must return a string or tuple, not {}",
                    self.type_name(reduced)
                ),
            )),
        };
        result.map_err(|raised| self.note(raised, v, "object"))
    }

    #[cold]
    fn bad_part(&self, which: &str, must: &str, v: Value) -> Raised {
        let name = self.type_name(v);
        pickling_error(
            self.vm,
            format!("{which} item of the tuple returned by __reduce__ must be {must}, not {name}"),
        )
    }

    fn noted(&mut self, of: Value, v: Value, what: &str) -> Result<()> {
        self.save(v).map_err(|raised| self.note(raised, of, what))
    }

    /// Writes how to make `v` again: callable, arguments, state, items, pairs, state setter.
    pub fn save_reduction(&mut self, v: Value, parts: &[Value]) -> Result<()> {
        let vm = self.vm;
        let part = |i: usize| parts.get(i).copied().filter(|p| !p.is_none());
        let (f, args) = (parts[0], parts[1]);
        let (state, items, pairs, setter) = (part(2), part(3), part(4), part(5));
        if !vm.is_callable(f) {
            return Err(self.bad_part("first", "callable", f));
        }
        let Some(args) = args.cast::<Tuple>() else {
            return Err(self.bad_part("second", "a tuple", args));
        };
        for (which, iterator) in [("fourth", items), ("fifth", pairs)] {
            if let Some(it) = iterator
                && vm
                    .class_of(it)
                    .special(taipan_runtime::object::Special::Next)
                    .is_none()
            {
                return Err(self.bad_part(which, "an iterator", it));
            }
        }
        if let Some(setter) = setter.filter(|s| !vm.is_callable(*s)) {
            return Err(self.bad_part("sixth", "callable", setter));
        }
        self.save_constructor(v, f, args)?;
        // Writing the arguments may have led back to the object, which then is written already.
        match self.pickler.memo_index(v) {
            Some(index) => {
                self.op(POP);
                self.get(index);
            }
            None => self.memoize(v)?,
        }
        if let Some(items) = items {
            self.batch_list(items, v)?;
        }
        if let Some(pairs) = pairs {
            self.batch_dict(pairs, v)?;
        }
        match (state, setter) {
            (None, _) => {}
            (Some(state), None) => {
                self.noted(v, state, "state")?;
                self.op(BUILD);
            }
            (Some(state), Some(setter)) => {
                self.noted(v, setter, "state setter")?;
                self.save(v)?;
                self.noted(v, state, "state")?;
                self.put(&[TUPLE2, REDUCE, POP]);
            }
        }
        Ok(())
    }

    /// Writes the call that makes `v`, by a special opcode for `copyreg.__newobj__` and
    /// `copyreg.__newobj_ex__`.
    fn save_constructor(&mut self, v: Value, f: Value, args: Gc<Tuple>) -> Result<()> {
        let vm = self.vm;
        let name = match self.protocol >= 2 {
            true => vm.find_attr(f, vm.names.__name__.get())?,
            false => None,
        };
        let name = name.and_then(|n| n.cast::<Str>());
        if name.is_some_and(|n| n.is_text("__newobj_ex__")) {
            return self.save_newobj_ex(v, args);
        }
        if name.is_some_and(|n| n.is_text("__newobj__")) {
            let Some(&class) = args.as_slice().first() else {
                return Err(pickling_error(
                    vm,
                    "__newobj__ expected at least 1 argument, got 0",
                ));
            };
            if class.cast::<Class>().is_none() {
                let name = self.type_name(class);
                return Err(pickling_error(
                    vm,
                    format!("first argument to __newobj__() must be a class, not {name}"),
                ));
            }
            let own = vm.get_attr(v, vm.names.__class__.get())?;
            if own != class {
                return Err(pickling_error(
                    vm,
                    format!(
                        "first argument to __newobj__() must be {}, not {}",
                        vm.repr_text(own)?,
                        vm.repr_text(class)?
                    ),
                ));
            }
            self.noted(v, class, "class")?;
            let rest = vm.new_tuple(&args.as_slice()[1..])?;
            self.noted(v, rest.value(), "__new__ arguments")?;
            self.op(NEWOBJ);
            return Ok(());
        }
        self.noted(v, f, "reconstructor")?;
        self.noted(v, args.value(), "reconstructor arguments")?;
        self.op(REDUCE);
        Ok(())
    }

    fn save_newobj_ex(&mut self, v: Value, args: Gc<Tuple>) -> Result<()> {
        let vm = self.vm;
        let &[class, positional, keywords] = args.as_slice() else {
            let n = args.len();
            return Err(pickling_error(
                vm,
                format!("__newobj_ex__ expected 3 arguments, got {n}"),
            ));
        };
        let bad = |which: &str, must: &str, v: Value| {
            let name = self.type_name(v);
            pickling_error(
                vm,
                format!("{which} argument to __newobj_ex__() must be a {must}, not {name}"),
            )
        };
        if class.cast::<Class>().is_none() {
            return Err(bad("first", "class", class));
        }
        let Some(tuple) = positional.cast::<Tuple>() else {
            return Err(bad("second", "tuple", positional));
        };
        let Some(dict) = keywords.cast::<Dict>() else {
            return Err(bad("third", "dict", keywords));
        };
        if self.protocol >= 4 {
            self.noted(v, class, "class")?;
            self.noted(v, positional, "__new__ arguments")?;
            self.noted(v, keywords, "__new__ arguments")?;
            self.op(NEWOBJ_EX);
            return Ok(());
        }
        let partial = vm.import_attr("functools", "partial")?;
        let mut all = vm.rooted_slice(&[vm.get_attr(class, vm.names.__new__.get())?, class]);
        all.extend_from_slice(tuple.as_slice());
        let f = vm.call_dict(partial, &all, Some(dict))?;
        self.noted(v, f, "reconstructor")?;
        let none = vm.new_tuple(&[])?;
        self.save(none.value())?;
        self.op(REDUCE);
        Ok(())
    }

    /// Writes the items of an iterator as appended to the list-like `v`.
    pub fn batch_list(&mut self, iterator: Value, v: Value) -> Result<()> {
        let vm = self.vm;
        let mut at = 0;
        let mut save = |s: &mut Self, item: Value| {
            let result = s.save(item);
            at += 1;
            result.map_err(|raised| s.note(raised, v, &format!("item {}", at - 1)))
        };
        if self.protocol == 0 {
            while let Some(item) = vm.next(iterator)? {
                save(self, item)?;
                self.op(APPEND);
            }
            return Ok(());
        }
        loop {
            let Some(first) = vm.next(iterator)? else {
                return Ok(());
            };
            let Some(mut item) = vm.next(iterator)? else {
                save(self, first)?;
                self.op(APPEND);
                return Ok(());
            };
            self.op(MARK);
            save(self, first)?;
            let mut n = 1;
            loop {
                save(self, item)?;
                n += 1;
                if n == BATCH {
                    break;
                }
                match vm.next(iterator)? {
                    Some(next) => item = next,
                    None => break,
                }
            }
            self.op(APPENDS);
            if n < BATCH {
                return Ok(());
            }
        }
    }

    /// Writes the pairs of an iterator as set in the dict-like `v`.
    pub fn batch_dict(&mut self, iterator: Value, v: Value) -> Result<()> {
        let vm = self.vm;
        let next = || -> Result<Option<Gc<Tuple>>> {
            match vm.next(iterator)? {
                None => Ok(None),
                Some(item) => match item.cast::<Tuple>().filter(|t| t.len() == 2) {
                    Some(pair) => Ok(Some(pair)),
                    None => Err(vm.type_error("dict items iterator must return 2-tuples")),
                },
            }
        };
        if self.protocol == 0 {
            while let Some(pair) = next()? {
                self.entry(v, pair.get(0), pair.get(1))?;
                self.op(SETITEM);
            }
            return Ok(());
        }
        loop {
            let Some(first) = next()? else {
                return Ok(());
            };
            let Some(mut pair) = next()? else {
                self.entry(v, first.get(0), first.get(1))?;
                self.op(SETITEM);
                return Ok(());
            };
            self.op(MARK);
            self.entry(v, first.get(0), first.get(1))?;
            let mut n = 1;
            loop {
                self.entry(v, pair.get(0), pair.get(1))?;
                n += 1;
                if n == BATCH {
                    break;
                }
                match next()? {
                    Some(next) => pair = next,
                    None => break,
                }
            }
            self.op(SETITEMS);
            if n < BATCH {
                return Ok(());
            }
        }
    }

    /// Writes a class whose metaclass is `type`.
    fn save_class(&mut self, v: Value) -> Result<()> {
        let vm = self.vm;
        for single in [Value::NONE, Value::NOT_IMPLEMENTED, Value::ELLIPSIS] {
            if v == vm.class_of(single).value() {
                let args = vm.new_tuple(&[single])?.value();
                return self.save_reduction(v, &[vm.types.type_.get().value(), args]);
            }
        }
        self.save_global(v, None)
    }

    /// Writes an object by the name under which its module has it.
    pub fn save_global(&mut self, v: Value, name: Option<Gc<Str>>) -> Result<()> {
        let vm = self.vm;
        let name = match name {
            Some(name) => name.value(),
            None => match vm.find_attr(v, vm.names.__qualname__.get())? {
                Some(name) => name,
                None => vm.get_attr(v, vm.names.__name__.get())?,
            },
        };
        let plain = match name.cast::<Str>() {
            Some(text) => plain_module(vm, v, text)?,
            None => None,
        };
        let module = match plain {
            Some(module) => module.value(),
            // Which says what is wrong, too.
            None => {
                let find = vm.import_attr("pickle", "whichmodule")?;
                vm.call(find, &[v, name])?
            }
        };
        let (Some(name), Some(module)) = (name.cast::<Str>(), module.cast::<Str>()) else {
            let text = vm.repr_text(v)?;
            return Err(pickling_error(vm, format!("Can't pickle {text}")));
        };
        if self.protocol >= 2 && self.save_extension(module, name)? {
            return Ok(());
        }
        if self.protocol >= 4 {
            self.save(module.value())?;
            self.save(name.value())?;
            self.op(STACK_GLOBAL);
        } else {
            self.save_dotted(module, name)?;
        }
        self.memoize(v)
    }

    /// Writes the code that `copyreg.add_extension` registered for a name, if it did.
    fn save_extension(&mut self, module: Gc<Str>, name: Gc<Str>) -> Result<bool> {
        let vm = self.vm;
        let registry = module_dict(vm, "copyreg", "_extension_registry")?;
        if registry.is_empty() {
            return Ok(false);
        }
        let key = vm.pair(module.value(), name.value())?;
        let Some(code) = registry.get(vm, key)? else {
            return Ok(false);
        };
        let code = vm.to_i64(code)?;
        match (u8::try_from(code), u16::try_from(code), i32::try_from(code)) {
            (_, _, Ok(..=0) | Err(_)) => {
                return Err(vm.runtime_error(format!("extension code {code} is out of range")));
            }
            (Ok(byte), _, _) => self.put(&[EXT1, byte]),
            (_, Ok(short), _) => {
                self.op(EXT2);
                self.put(&short.to_le_bytes());
            }
            (_, _, Ok(int)) => {
                self.op(EXT4);
                self.put(&int.to_le_bytes());
            }
        }
        Ok(true)
    }

    /// Before protocol 4: names with dots by calls of `getattr`.
    fn save_dotted(&mut self, module: Gc<Str>, name: Gc<Str>) -> Result<()> {
        let vm = self.vm;
        let text = name.to_text();
        let mut parts = text.split('.');
        let first = parts.next().unwrap_or_default();
        let rest: Vec<&str> = parts.collect();
        if rest.is_empty() {
            return self.save_line_global(module, name);
        }
        let getattr = taipan_runtime::types::protocol::builtin(vm, "getattr")?;
        for _ in &rest {
            self.save(getattr)?;
            if self.protocol < 2 {
                self.op(MARK);
            }
        }
        self.save_line_global(module, vm.intern(first))?;
        for part in rest {
            self.save(vm.intern(part).value())?;
            self.op(if self.protocol < 2 { TUPLE } else { TUPLE2 });
            self.op(REDUCE);
        }
        Ok(())
    }

    fn save_line_global(&mut self, module: Gc<Str>, name: Gc<Str>) -> Result<()> {
        let vm = self.vm;
        let (mut module, mut name) = (module, name);
        if self.protocol < 3 && self.pickler.fix_imports.get() {
            let tables = ["REVERSE_NAME_MAPPING", "REVERSE_IMPORT_MAPPING"];
            (module, name) = map_names(vm, tables, module, name)?;
        }
        let mut lines = [Vec::new(), Vec::new()];
        for (i, (text, what)) in [(module, "module"), (name, "global")]
            .into_iter()
            .enumerate()
        {
            let encoding = if self.protocol >= 3 { "utf-8" } else { "ascii" };
            match vm.encode_str(text, encoding, "strict") {
                Ok(bytes) => lines[i] = bytes.as_slice().to_vec(),
                Err(_) if vm.raised_is_def(&exc::UNICODE_ENCODE_ERROR) => {
                    let cause = vm.take_raised();
                    let text = vm.repr_text(text.value())?;
                    let protocol = self.protocol;
                    let message = format!(
                        "can't pickle {what} identifier {text} using pickle protocol {protocol}"
                    );
                    return Err(super::chained(vm, cause, pickling_error(vm, message)));
                }
                Err(raised) => return Err(raised),
            }
        }
        self.op(GLOBAL);
        for line in lines {
            self.put(&line);
            self.op(b'\n');
        }
        Ok(())
    }
}
