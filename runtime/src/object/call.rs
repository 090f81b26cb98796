//! Calling things from native code.

use super::{Class, ClassFlags, NativeFunction, Special};
use crate::heap::{Gc, Kind};
use crate::types::function::Function;
use crate::types::method::BoundMethod;
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::value::Value;
use crate::vm::{Result, Vm};
use smallvec::SmallVec;

impl Vm {
    /// `callable(*args)`.
    #[inline]
    pub fn call(&self, callable: Value, args: &[Value]) -> Result {
        self.call_with(callable, args, None)
    }

    /// Calls with positional arguments followed by values of the keywords in `names`.
    pub fn call_with(&self, callable: Value, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
        let Some(header) = callable.header() else {
            return Err(self.not_callable(callable));
        };
        // SAFETY: in each arm the kind says which layout.
        unsafe {
            match header.shape().layout.kind {
                Kind::Function => {
                    let function = callable.cast_unchecked::<Function>();
                    self.interpreter()
                        .call_function(self, function, args, names)
                }
                Kind::Native => {
                    self.check_native_stack()?;
                    callable
                        .cast_unchecked::<NativeFunction>()
                        .call(self, args, names)
                }
                Kind::BoundMethod => {
                    let method = callable.cast_unchecked::<BoundMethod>();
                    if let ([a], None) = (args, names) {
                        let all = [method.receiver.or_none(), *a];
                        return self.call_with(method.function.or_none(), &all, None);
                    }
                    // Methods of methods nest as deep as one likes.
                    self.check_native_stack()?;
                    let mut all: SmallVec<[Value; 8]> = SmallVec::with_capacity(args.len() + 1);
                    all.push(method.receiver.or_none());
                    all.extend_from_slice(args);
                    self.call_with(method.function.or_none(), &all, names)
                }
                Kind::Class if header.shape().class() == self.types.type_.get() => {
                    self.call_class(callable.cast_unchecked(), args, names)
                }
                _ => self.call_other(callable, args, names),
            }
        }
    }

    fn call_other(&self, callable: Value, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
        match self.class_of(callable).special(Special::Call) {
            Some(f) => {
                self.check_native_stack()?;
                self.call_special_with(f, callable, args, names)
            }
            None => Err(self.not_callable(callable)),
        }
    }

    #[cold]
    fn not_callable(&self, v: Value) -> crate::vm::Raised {
        if let Some(module) = v.cast::<crate::types::module::Module>()
            && let Some(name) = module.dict().get_str(self.names.__name__.get())
            && let Some(name) = name.cast::<Str>()
            && module
                .dict()
                .get_str(name)
                .is_some_and(|f| self.is_callable(f))
        {
            return self.type_error(format!(
                "'module' object is not callable. Did you mean: '{name}.{name}(...)'?"
            ));
        }
        self.type_error(format!(
            "'{}' object is not callable",
            self.class_of(v).qualified_name()
        ))
    }

    /// `type.__call__`: makes an instance by `__new__` and `__init__`.
    pub fn call_class(&self, class: Gc<Class>, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
        if class == self.types.type_.get() {
            if args.len() == 1 && names.is_none() {
                return Ok(self.class_of(args[0]).value());
            }
            if args.len() != 3 && names.is_none_or(|n| args.len() - n.len() != 3) {
                return Err(self.type_error("type() takes 1 or 3 arguments"));
            }
        }
        if self.makes_plain_exceptions(class)
            && names.is_none()
            && class.special(Special::Init) == self.defaults.exception_init.get()
        {
            return Ok(self.new_exception(class, args)?.value());
        }
        self.check_native_stack()?;
        let Some(new) = class.special(Special::New) else {
            return Err(self.type_error(format!(
                "cannot create '{}' instances",
                class.qualified_name()
            )));
        };
        if class.has_flag(ClassFlags::NO_INSTANTIATION) {
            return Err(self.type_error(format!(
                "cannot create '{}' instances",
                class.qualified_name()
            )));
        }
        let new = match new.cast::<crate::types::descriptor::StaticMethod>() {
            Some(s) => s.callable.or_none(),
            None => match self.class_of(new).special(Special::Get) {
                Some(_)
                    if new.cast::<Function>().is_none()
                        && new.cast::<NativeFunction>().is_none() =>
                {
                    self.bind_to_class(new, class)?
                }
                _ => new,
            },
        };
        let mut all: SmallVec<[Value; 8]> = SmallVec::with_capacity(args.len() + 1);
        all.push(class.value());
        all.extend_from_slice(args);
        if let Some(new) = self.whole_native_constructor(class) {
            return new.call_bound(self, &all, names);
        }
        let native = new.cast::<NativeFunction>();
        let object = match native.filter(|f| !f.passes_receiver()) {
            Some(native) => native.call_bound(self, &all, names)?,
            None => self.call_with(new, &all, names)?,
        };
        let object_class = self.class_of(object);
        if object_class != class && !object_class.is_subclass_of(class) {
            return Ok(object);
        }
        self.initialize(object, args, names)?;
        Ok(object)
    }

    /// The native `__new__` that is all there is to a call of a built-in class: it has no
    /// `__init__` of its own, and `object.__init__` would take whatever that took.
    #[inline]
    pub(crate) fn whole_native_constructor(&self, class: Gc<Class>) -> Option<Gc<NativeFunction>> {
        if !class.has_flag(ClassFlags::IMMUTABLE)
            || class.has_flag(ClassFlags::NO_INSTANTIATION)
            || class.class() != self.types.type_.get()
            || class.special(Special::Init) != self.defaults.init.get()
            || class == self.types.object.get()
        {
            return None;
        }
        let new: Gc<NativeFunction> = class.special(Special::New)?.cast()?;
        (!new.passes_receiver()).then_some(new)
    }

    /// Whether calling the class is what `type` makes of it: its metaclass, if that is another,
    /// leaves calls alone.
    #[inline]
    pub fn is_called_as_usual(&self, class: Gc<Class>) -> bool {
        let (metaclass, usual) = (class.class(), self.types.type_.get());
        metaclass == usual || metaclass.special(Special::Call) == usual.special(Special::Call)
    }

    /// Whether making an exception of this class sets its arguments and does nothing else,
    /// `__init__` aside.
    #[inline]
    pub fn makes_plain_exceptions(&self, class: Gc<Class>) -> bool {
        class.layout.kind == Kind::Exception
            && class.class() == self.types.type_.get()
            && class.special(Special::New) == self.defaults.exception_new.get()
            && !class.has_flag(ClassFlags::NO_INSTANTIATION)
    }

    /// Calls `__init__` of a new object.
    pub fn initialize(
        &self,
        object: Value,
        args: &[Value],
        names: Option<Gc<Tuple>>,
    ) -> Result<()> {
        let init = self.class_of(object).special(Special::Init);
        if let Some(init) = init
            && Some(init) != self.defaults.init.get()
        {
            let result = self.call_special_with(init, object, args, names)?;
            if !result.is_none() {
                return Err(self.type_error(format!(
                    "__init__() should return None, not '{}'",
                    self.class_of(result).qualified_name()
                )));
            }
        } else if let Some(init) = init
            && (args.len() + names.map_or(0, |n| n.len()) > 0)
        {
            // `object.__init__` complains about excess arguments when it should.
            self.call_special_with(init, object, args, names)?;
        }
        Ok(())
    }

    /// Calls a special method found on the class of `object`.
    #[inline]
    pub fn call_special(&self, f: Value, object: Value, args: &[Value]) -> Result {
        match *args {
            [] => self.call_special_array(f, [object]),
            [a] => self.call_special_array(f, [object, a]),
            [a, b] => self.call_special_array(f, [object, a, b]),
            _ => self.call_special_with(f, object, args, None),
        }
    }

    /// As [`Vm::call_special`], the object being the first of `all`.
    #[inline]
    fn call_special_array<const N: usize>(&self, f: Value, all: [Value; N]) -> Result {
        if let Some(native) = f.cast::<NativeFunction>() {
            if native.is_descriptor() {
                self.check_native_stack()?;
                return native.call_bound(self, &all, None);
            }
        } else if let Some(function) = f.cast::<Function>() {
            return self.interpreter().call_function(self, function, &all, None);
        }
        self.call_special_with(f, all[0], &all[1..], None)
    }

    /// As [`Vm::call_special`], with keywords.
    pub fn call_special_with(
        &self,
        f: Value,
        object: Value,
        args: &[Value],
        names: Option<Gc<Tuple>>,
    ) -> Result {
        if self.binds_by_argument(f) {
            let mut all: SmallVec<[Value; 8]> = SmallVec::with_capacity(args.len() + 1);
            all.push(object);
            all.extend_from_slice(args);
            if let Some(native) = f.cast::<NativeFunction>() {
                self.check_native_stack()?;
                return native.call_bound(self, &all, names);
            }
            return self.call_with(f, &all, names);
        }
        let bound = self.bind_descriptor(f, object, self.class_of(object))?;
        // A level of its own: a `__call__` that is an instance of its class has no end.
        let thread = self.thread();
        let depth = thread.depth.get();
        thread.depth.set(depth + 1);
        let result = self
            .check_native_stack()
            .and_then(|()| self.call_with(bound, args, names));
        thread.depth.set(depth);
        result
    }

    /// `object.name(*args)`.
    pub fn call_method(&self, object: Value, name: &str, args: &[Value]) -> Result {
        self.call_method_named(object, self.intern(name), args)
    }

    /// As [`Vm::call_method`] by an interned name.
    pub fn call_method_named(&self, object: Value, name: Gc<Str>, args: &[Value]) -> Result {
        match self.get_method(object, name)? {
            (f, Some(receiver)) => {
                let mut all: SmallVec<[Value; 8]> = SmallVec::with_capacity(args.len() + 1);
                all.push(receiver);
                all.extend_from_slice(args);
                match f.cast::<NativeFunction>() {
                    Some(native) => native.call_bound(self, &all, None),
                    None => self.call(f, &all),
                }
            }
            (f, None) => self.call(f, args),
        }
    }

    /// Calls a special method by kind, if the object's class has it. One set to None is called
    /// as any other object, which is a TypeError: it keeps a subclass from doing what its base does.
    pub fn call_if_defined(
        &self,
        object: Value,
        special: Special,
        args: &[Value],
    ) -> Result<Option<Value>> {
        match self.class_of(object).special(special) {
            Some(f) => self.call_special(f, object, args).map(Some),
            None => Ok(None),
        }
    }

    /// Whether `callable(v)`.
    pub fn is_callable(&self, v: Value) -> bool {
        self.class_of(v).special(Special::Call).is_some()
    }

    /// Calls with keyword arguments given as pairs.
    pub fn call_keywords(
        &self,
        callable: Value,
        args: &[Value],
        keywords: &[(&str, Value)],
    ) -> Result {
        let names: SmallVec<[Value; 4]> = keywords
            .iter()
            .map(|(n, _)| self.intern(n).value())
            .collect();
        let mut all: SmallVec<[Value; 8]> = SmallVec::from_slice(args);
        all.extend(keywords.iter().map(|(_, v)| *v));
        self.call_with(callable, &all, Some(self.new_tuple(&names)?))
    }

    /// Calls with a tuple-like list of positional arguments and a dict of keyword arguments.
    pub fn call_dict(
        &self,
        callable: Value,
        args: &[Value],
        keywords: Option<Gc<crate::types::dict::Dict>>,
    ) -> Result {
        let Some(dict) = keywords.filter(|d| !d.is_empty()) else {
            return self.call(callable, args);
        };
        let mut all = self.rooted_slice(args);
        let names = self.split_keywords(dict, &mut all)?;
        self.call_with(callable, &all, Some(names))
    }

    /// Appends a mapping's values to arguments; the names that go with them.
    ///
    /// # Errors
    /// TypeError for a key that is no string.
    pub fn split_keywords(
        &self,
        dict: Gc<crate::types::dict::Dict>,
        all: &mut crate::vm::RootedVec<'_>,
    ) -> Result<Gc<Tuple>> {
        let mut names: SmallVec<[Value; 8]> = SmallVec::with_capacity(dict.len());
        for (k, v) in dict.items() {
            if k.cast::<Str>().is_none() {
                return Err(self.type_error("keywords must be strings"));
            }
            // The dictionary keeps the names alive.
            names.push(k);
            all.push(v);
        }
        self.new_tuple(&names)
    }
}

impl Class {
    /// The name as messages give it: of a native type with its module, unless that is
    /// `builtins`. Native exceptions outside of it go by their name alone, as most of them
    /// are made like Python classes in CPython.
    pub fn qualified_name(&self) -> String {
        let full = self.has_flag(ClassFlags::FULL_NAME);
        match self.def.get() {
            Some(def)
                if full || def.module != "builtins" && self.layout.kind != Kind::Exception =>
            {
                format!("{}.{}", def.module, self.name_string())
            }
            None if full => self.module_string().map_or_else(
                || self.name_string(),
                |m| format!("{m}.{}", self.name_string()),
            ),
            _ => self.name_string(),
        }
    }
}
