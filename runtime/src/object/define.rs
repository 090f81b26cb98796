//! How built-in types, functions and modules are declared: as static tables.
//!
//! ```ignore
//! pub static RANGE: TypeDef = TypeDef {
//!     methods: &[
//!         method("count", "(self, value, /)", "Return number of occurrences of value.", range_count),
//!     ],
//!     ..TypeDef::new("range", RangeObject::LAYOUT)
//! };
//! ```
//!
//! A signature text is Python's: `(self, /, sep=None, *args, key=None, **kwargs)`.
//! It drives the binding of arguments and is what `inspect.signature` shows. The
//! Rust function gets one value for each parameter in the order of the text,
//! [`Value::MISSING`] for one with a default that was not given (the text's
//! default is for people; the function applies it), a tuple for `*args` and a
//! dict for `**kwargs`.

use super::Consumer;
use super::{Arguments, Arity, Class, ComplexCode, FloatCode, NativeEffect};
use crate::heap::{Gc, Layout};
use crate::types::tuple::Tuple;
use crate::value::Value;
use crate::vm::{Result, Vm};

/// A native function that gets its arguments bound to parameters.
pub type NativeCode = fn(&Vm, &[Value]) -> Result;

/// How a native function takes its arguments.
#[derive(Clone, Copy)]
pub enum NativeCall {
    /// One value a parameter, as the signature says.
    Bound(NativeCode),
    /// The arguments as they come: positional ones, then the values of the
    /// keywords named by the tuple. The signature is for people only.
    Raw(fn(&Vm, &[Value], Option<Gc<Tuple>>) -> Result),
}

/// What kind of attribute a method table's entry becomes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MethodKind {
    /// A method descriptor in a class, a function in a module.
    Plain,
    /// `classmethod`: the first argument is the class.
    Class,
    /// `staticmethod`.
    Static,
}

/// One function or method.
pub struct MethodDef {
    pub name: &'static str,
    /// Python's parameter list, or "" if it cannot be said in one.
    pub signature: &'static str,
    pub doc: &'static str,
    pub call: NativeCall,
    pub kind: MethodKind,
    pub arity: Arity,
    pub effect: NativeEffect,
    /// Its code for floats, if it has such one.
    pub floats: Option<FloatCode>,
    /// The same for complex numbers.
    pub complex: Option<ComplexCode>,
    /// What it does with the items of a generator, if that can be done in Python too.
    pub consumer: Option<Consumer>,
    /// With how many arguments it does no more than resume a generator, the first one; the
    /// second is sent.
    pub resumes: Option<usize>,
    /// Whether its result is what the `__len__` of its argument returns.
    pub is_length: bool,
    /// The field of its first argument that it reads or writes, if it does nothing else.
    pub field: Option<super::FieldAccess>,
}

impl MethodDef {
    /// With how many arguments a call does no more than run the code: there are no defaults to
    /// fill in, and nothing that the interpreter would do in its place.
    pub(crate) fn direct_count(&self) -> Option<u8> {
        let arity = self.arity;
        let is_direct = matches!(self.call, NativeCall::Bound(_))
            && !arity.complex
            && arity.total == arity.positional
            && arity.total < 15
            && self.consumer.is_none()
            && self.resumes.is_none()
            && !self.is_length;
        is_direct.then_some(arity.total)
    }

    /// A function, or a method of instances, by a bound signature.
    pub const fn new(
        name: &'static str,
        signature: &'static str,
        doc: &'static str,
        code: NativeCode,
    ) -> MethodDef {
        MethodDef {
            name,
            signature,
            doc,
            call: NativeCall::Bound(code),
            kind: MethodKind::Plain,
            arity: Arity::parse(signature),
            effect: NativeEffect::Any,
            floats: None,
            complex: None,
            consumer: None,
            is_length: false,
            resumes: None,
            field: None,
        }
    }

    /// As [`MethodDef::new`], taking the arguments as they come.
    pub const fn raw(
        name: &'static str,
        signature: &'static str,
        doc: &'static str,
        code: fn(&Vm, &[Value], Option<Gc<Tuple>>) -> Result,
    ) -> MethodDef {
        MethodDef {
            name,
            signature,
            doc,
            call: NativeCall::Raw(code),
            kind: MethodKind::Plain,
            arity: Arity::parse(signature),
            effect: NativeEffect::Any,
            floats: None,
            complex: None,
            consumer: None,
            is_length: false,
            resumes: None,
            field: None,
        }
    }

    /// Leaves it a plain one, for tables made by macros.
    pub const fn plain(self) -> MethodDef {
        self
    }

    /// States that it changes nothing if the arguments in `simple` are simple and those in
    /// `plain` plain; see [`super::effect`].
    pub const fn reads(mut self, simple: u8, plain: u8) -> MethodDef {
        self.effect = NativeEffect::Reads(Arguments {
            simple,
            plain,
            keys: 0,
        });
        self
    }

    /// As [`MethodDef::reads`], of one that changes its first argument.
    pub const fn changes(mut self, simple: u8, plain: u8) -> MethodDef {
        self.effect = NativeEffect::Changes(Arguments {
            simple,
            plain,
            keys: 0,
        });
        self
    }

    /// States the code for floats; see [`FloatCode`].
    pub const fn on_floats(mut self, code: FloatCode) -> MethodDef {
        self.floats = Some(code);
        self
    }

    /// States the code for complex numbers; see [`ComplexCode`].
    pub const fn on_complex(mut self, code: ComplexCode) -> MethodDef {
        self.complex = Some(code);
        self
    }

    /// Of one that has an effect stated: for it, the second argument only has to be fit for a
    /// key, and need not be simple.
    pub const fn by_key(mut self) -> MethodDef {
        self.effect = match self.effect {
            NativeEffect::Reads(a) => NativeEffect::Reads(a.by_key()),
            NativeEffect::Changes(a) => NativeEffect::Changes(a.by_key()),
            NativeEffect::Any => NativeEffect::Any,
        };
        self
    }

    /// States that it takes all items of an iterable; see [`super::consumer`].
    pub const fn consumes(mut self, consumer: Consumer) -> MethodDef {
        self.consumer = Some(consumer);
        self
    }

    /// States that its result is what the `__len__` of its argument returns.
    pub const fn measures(mut self) -> MethodDef {
        self.is_length = true;
        self
    }

    /// States that a call with so many arguments resumes a generator, if the first one is one.
    pub const fn resumes(mut self, arguments: usize) -> MethodDef {
        self.resumes = Some(arguments);
        self
    }

    /// States that it does nothing but read or write a field.
    pub const fn accesses(mut self, field: super::FieldAccess) -> MethodDef {
        self.field = Some(field);
        self
    }

    /// Makes it a class method.
    pub const fn class(mut self) -> MethodDef {
        self.kind = MethodKind::Class;
        self
    }

    /// Makes it a static method.
    pub const fn static_(mut self) -> MethodDef {
        self.kind = MethodKind::Static;
        self
    }
}

/// Stores an attribute of an object, or deletes it without a value.
pub type Setter = fn(&Vm, Value, Option<Value>) -> Result<()>;
/// Completes a class.
pub type Finish = fn(&Vm, Gc<Class>) -> Result<()>;
/// Fills a module.
pub type Exec = fn(&Vm, Gc<crate::types::module::Module>) -> Result<()>;

/// A computed attribute of instances.
#[derive(Clone, Copy)]
pub struct GetSetDef {
    pub name: &'static str,
    pub doc: &'static str,
    pub get: fn(&Vm, Value) -> Result,
    /// The new value, or `None` for deletion; no setter makes it read-only.
    pub set: Option<Setter>,
}

/// A [`crate::heap::Field`] of the native part that Python code sees as an attribute.
pub struct MemberDef {
    pub name: &'static str,
    pub doc: &'static str,
    /// Byte offset of the field in the object.
    pub offset: usize,
    pub readonly: bool,
    /// What an empty field reads as: `None`, or an AttributeError if false.
    pub none_if_empty: bool,
}

/// How an object answers calls whose result it knows, without running Python code.
#[derive(Clone, Copy)]
pub struct Recall {
    /// Whether it does, given the object and positional arguments; nothing changes.
    pub knows: fn(&Vm, &[Value]) -> bool,
    /// The result; none, nothing done, where that is not known.
    pub result: RecallCode,
}

/// See [`Recall`].
pub type RecallCode = fn(&Vm, &[Value]) -> Option<Value>;

/// A built-in type.
pub struct TypeDef {
    /// `__name__`.
    pub name: &'static str,
    /// `__module__`.
    pub module: &'static str,
    pub doc: &'static str,
    pub layout: &'static Layout,
    /// The base class's definition; `None` is `object`.
    pub base: Option<&'static TypeDef>,
    /// Whether Python classes may derive from it.
    pub subclassable: bool,
    /// Whether instances have a `__dict__`.
    pub has_dict: bool,
    /// Value slots behind the layout, for members (exceptions' fields).
    pub slots: usize,
    /// Whether `C[...]` makes a `types.GenericAlias`.
    pub generic: bool,
    pub methods: &'static [MethodDef],
    pub getset: &'static [GetSetDef],
    pub members: &'static [MemberDef],
    /// Further work on the class once it stands (other attributes).
    pub finish: Option<Finish>,
    /// The next item of an instance that is an iterator, `None` at the end: what
    /// loops call instead of `__next__`.
    pub next: Option<crate::types::protocol::NativeNext>,
    /// As `next` for iterators whose items are fresh pairs, without making the tuple: for
    /// loops that unpack them at once. `None` within the result: this iterator's items are
    /// no pairs.
    pub next_pair: Option<crate::types::protocol::NativeNextPair>,
    /// Offset of the word of instances that is their `len()`, if there is one.
    pub length_at: Option<usize>,
    /// Of descriptors that read an item of the tuple they are asked of: which one.
    pub item_read: Option<fn(Value) -> usize>,
    /// How `await` and `yield from` resume an instance with None, instead of calling
    /// `__next__` or `send`: what it returns needs no StopIteration then.
    pub send: Option<fn(&Vm, Value) -> Result<crate::vm::Step>>,
    /// Whether taking this iterator's next item runs no Python code; `None` if it may.
    pub plain_next: Option<fn(&Vm, Value) -> bool>,
    /// The name of the Python function by which the JIT sees an instance that is an iterator come to its
    /// next item; see [`Vm::step_of`].
    pub step: Option<&'static str>,
    /// How a call of an instance is answered that need not run Python code.
    pub recall: Option<Recall>,
    /// Flags of the class, see [`super::ClassFlags`].
    pub flags: u32,
    /// Flags of the instances' shapes, see [`super::ShapeFlags`].
    pub shape_flags: u8,
    /// How instances lend their memory, see [`crate::ops::buffer`].
    pub buffer: Option<crate::ops::buffer::BufferFn>,
    /// Whether a `__del__` need not be called for instances, whatever base class it is of: they
    /// hold nothing but memory. Those of subclasses are finalised as usual.
    pub holds_memory_only: bool,
}

impl TypeDef {
    /// A final type of the module `builtins` without methods, for `..` in a definition.
    pub const fn new(name: &'static str, layout: &'static Layout) -> TypeDef {
        TypeDef {
            name,
            module: "builtins",
            doc: "",
            layout,
            base: None,
            subclassable: false,
            has_dict: false,
            slots: 0,
            generic: false,
            methods: &[],
            getset: &[],
            members: &[],
            finish: None,
            next: None,
            next_pair: None,
            length_at: None,
            item_read: None,
            send: None,
            plain_next: None,
            step: None,
            recall: None,
            flags: 0,
            shape_flags: 0,
            buffer: None,
            holds_memory_only: false,
        }
    }
}

/// A native module.
pub struct ModuleDef {
    pub name: &'static str,
    pub doc: &'static str,
    pub functions: &'static [MethodDef],
    /// Types to make and bind under their names.
    pub types: &'static [&'static TypeDef],
    /// Adds everything else when the module is imported.
    pub exec: Option<Exec>,
}
