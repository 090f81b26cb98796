//! Native functions and the binding of their arguments.

use super::mistake::Mistake;
use super::{MethodDef, NativeCall, NativeCode};
use crate::heap::{Field, Gc, Header, Kind};
use crate::heap_object;
use crate::types::protocol::class_argument;
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::value::Value;
use crate::vm::{Result, Vm};
use rustc_hash::FxHashMap;
use smallvec::SmallVec;
use std::cell::RefCell;

/// What of a signature the fast paths of calls need.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Arity {
    /// Positional parameters without a default.
    pub required: u8,
    /// Positional parameters.
    pub positional: u8,
    /// Values that the function gets.
    pub total: u8,
    /// Whether there are required keyword-only parameters, `*args` or `**kwargs`.
    pub complex: bool,
}

impl Arity {
    /// Reads a signature text at compile time.
    pub const fn parse(signature: &str) -> Arity {
        let text = signature.as_bytes();
        let mut arity = Arity {
            required: 0,
            positional: 0,
            total: 0,
            complex: false,
        };
        let mut i = 1;
        let mut keyword_only = false;
        // Parameters in brackets, as in `sub[, start[, end]]`, may be left out.
        let mut optional = false;
        while i < text.len() {
            while i < text.len() && matches!(text[i], b' ' | b',' | b'[' | b']') {
                optional |= text[i] == b'[';
                i += 1;
            }
            if i >= text.len() || text[i] == b')' {
                break;
            }
            let start = i;
            let mut depth = 0;
            let mut has_default = false;
            let mut quote = 0;
            while i < text.len() {
                let c = text[i];
                if quote != 0 {
                    if c == quote {
                        quote = 0;
                    }
                } else if c == b'\'' || c == b'"' {
                    quote = c;
                } else if depth == 0
                    && (c == b']' || c == b'[' && i + 1 < text.len() && text[i + 1] == b',')
                {
                    break;
                } else if c == b'(' || c == b'[' || c == b'{' {
                    depth += 1;
                } else if (c == b')' || c == b']' || c == b'}') && depth > 0 {
                    depth -= 1;
                } else if depth == 0 && (c == b',' || c == b')') {
                    break;
                } else if c == b'=' {
                    has_default = true;
                }
                i += 1;
            }
            let length = i - start;
            if text[start] == b'/' {
                continue;
            }
            if text[start] == b'*' {
                if length > 1 {
                    arity.complex = true;
                    arity.total += 1;
                }
                keyword_only |= length == 1 || text[start + 1] != b'*';
                continue;
            }
            arity.total += 1;
            if keyword_only {
                arity.complex |= !has_default;
            } else {
                arity.positional += 1;
                if !has_default && !optional {
                    arity.required += 1;
                }
            }
        }
        arity
    }
}

/// A signature in full, for calls with keywords.
pub struct Signature<'a> {
    /// Name, whether it has a default, in order of the text, without stars.
    pub parameters: Vec<(&'a str, bool)>,
    pub positional_only: usize,
    pub positional: usize,
    /// Index of `*args` and of `**kwargs` among the parameters.
    pub varargs: Option<usize>,
    pub varkw: Option<usize>,
}

impl<'a> Signature<'a> {
    /// Reads a signature text.
    pub fn parse(text: &'a str) -> Signature<'a> {
        let mut s = Signature {
            parameters: vec![],
            positional_only: 0,
            positional: 0,
            varargs: None,
            varkw: None,
        };
        let inner = text
            .strip_prefix('(')
            .and_then(|t| t.strip_suffix(')'))
            .unwrap_or("");
        let (mut keyword_only, mut optional) = (false, false);
        for part in split_top_level(inner) {
            let opens = part.ends_with('[');
            let part = part.trim_end_matches(['[', ']']).trim();
            let (name, default) = match part.split_once('=') {
                Some((n, _)) => (n.trim(), true),
                None => (part, optional),
            };
            if name.is_empty() {
                continue;
            } else if name == "/" {
                s.positional_only = s.parameters.len();
            } else if let Some(name) = name.strip_prefix("**") {
                s.varkw = Some(s.parameters.len());
                s.parameters.push((name, true));
            } else if let Some(name) = name.strip_prefix('*') {
                keyword_only = true;
                if !name.is_empty() {
                    s.varargs = Some(s.parameters.len());
                    s.parameters.push((name, true));
                }
            } else {
                if !keyword_only {
                    s.positional += 1;
                }
                s.parameters.push((name, default));
            }
            optional |= opens;
        }
        s
    }
}

fn split_top_level(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut depth, mut quote, mut start) = (0, None, 0);
    for (i, c) in text.char_indices() {
        match (quote, c) {
            (Some(q), c) if c == q => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(c),
            (None, '[') if depth == 0 && text[i..].starts_with("[,") => {}
            (None, ']') if depth == 0 => {}
            (None, '(' | '[' | '{') => depth += 1,
            (None, ')' | ']' | '}') => depth -= 1,
            (None, ',') if depth == 0 => {
                parts.push(&text[start..i]);
                start = i + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

/// A built-in function or method: `builtin_function_or_method`,
/// `method_descriptor`, `wrapper_descriptor` or `classmethod_descriptor`, by its class.
#[repr(C)]
pub struct NativeFunction {
    pub header: Header,
    pub def: &'static MethodDef,
    /// The object that it is bound to: an instance, a class, or a module.
    pub receiver: Field,
    /// `__module__` of a function, the class of a method descriptor.
    pub owner: Field,
}

heap_object!(
    NativeFunction,
    "builtin_function_or_method",
    Kind::Native,
    |this, marker| {
        marker.field(&this.receiver);
        marker.field(&this.owner);
    }
);

impl NativeFunction {
    /// Whether the receiver is passed as first argument.
    pub const PASS_RECEIVER: u8 = 1;
    /// A descriptor: binds to instances when looked up.
    pub const DESCRIPTOR: u8 = 2;
    /// A descriptor that binds to the class.
    pub const CLASS_METHOD: u8 = 4;

    /// A `__new__`: its first argument is a class that derives from the one it belongs to.
    pub const CONSTRUCTOR: u8 = 8;

    /// From this bit on, the flags hold one more than the number of arguments with which a call
    /// does no more than run the code; zero if there is no such number.
    const DIRECT_SHIFT: u32 = 4;

    /// The flags of a function of `def`.
    pub(crate) fn flags_for(def: &MethodDef, flags: u8) -> u8 {
        let binds = flags & (Self::PASS_RECEIVER | Self::CLASS_METHOD) != 0;
        match def.direct_count() {
            Some(count) if !binds => flags | (count + 1) << Self::DIRECT_SHIFT,
            _ => flags,
        }
    }

    /// The code, if calling with these arguments is no more than to run it.
    #[inline(always)]
    pub fn direct_code(&self, vm: &Vm, args: &[Value]) -> Option<NativeCode> {
        let flags = self.header.flags.get();
        if usize::from(flags >> Self::DIRECT_SHIFT) != args.len() + 1 {
            return None;
        }
        if flags & (Self::DESCRIPTOR | Self::CONSTRUCTOR) != 0 {
            let first = *args.first()?;
            let is_own = match flags & Self::DESCRIPTOR {
                0 => self.receiver.get() == Some(first),
                _ => self.owner.get() == Some(vm.class_of(first).value()),
            };
            if !is_own {
                return None;
            }
        }
        match self.def.call {
            NativeCall::Bound(code) => Some(code),
            NativeCall::Raw(_) => None,
        }
    }

    /// Whether it is a `__new__`.
    #[inline(always)]
    pub fn is_constructor(&self) -> bool {
        self.header.flags.get() & Self::CONSTRUCTOR != 0
    }

    #[inline(always)]
    pub fn passes_receiver(&self) -> bool {
        self.header.flags.get() & Self::PASS_RECEIVER != 0
    }

    #[inline(always)]
    pub fn is_descriptor(&self) -> bool {
        self.header.flags.get() & Self::DESCRIPTOR != 0
    }

    /// Whether looking it up on a class's instance passes that class.
    pub fn is_class_method(&self) -> bool {
        self.header.flags.get() & Self::CLASS_METHOD != 0
    }
}

impl Gc<NativeFunction> {
    /// Calls with positional arguments, then values of the keywords in `names`.
    #[inline]
    pub fn call(self, vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
        if self.passes_receiver()
            && let Some(receiver) = self.receiver.get()
        {
            return match *args {
                [] => self.call_bound(vm, &[receiver], names),
                [a] => self.call_bound(vm, &[receiver, a], names),
                [a, b] => self.call_bound(vm, &[receiver, a, b], names),
                _ => {
                    let mut all: SmallVec<[Value; 8]> = SmallVec::with_capacity(args.len() + 1);
                    all.push(receiver);
                    all.extend_from_slice(args);
                    self.call_bound(vm, &all, names)
                }
            };
        }
        self.call_bound(vm, args, names)
    }

    /// As [`Gc::call`](Gc<NativeFunction>::call), the receiver among the arguments already.
    #[inline]
    pub fn call_bound(self, vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
        if self.is_descriptor() {
            let keywords = names.map_or(0, |n| n.len());
            self.check_receiver(vm, args.get(..args.len() - keywords).unwrap_or_default())?;
        } else if self.is_constructor()
            && let Some(owner) = self.receiver.get().and_then(|o| o.cast::<super::Class>())
        {
            let keywords = names.map_or(0, |n| n.len());
            let positional = args.get(..args.len() - keywords).unwrap_or_default();
            class_argument(vm, positional, owner)?;
        }
        match self.def.call {
            NativeCall::Raw(code) => code(vm, args, names),
            NativeCall::Bound(code) => {
                let arity = self.def.arity;
                if names.is_none() && !arity.complex {
                    let (given, total) = (args.len(), arity.total as usize);
                    if given == total && given == arity.positional as usize {
                        return code(vm, args);
                    }
                    let positional = arity.required as usize..=arity.positional as usize;
                    if positional.contains(&given) && total <= 6 {
                        // The usual ones: a method's last argument or its only one was left out.
                        match (args, total) {
                            ([a], 2) => return code(vm, &[*a, Value::MISSING]),
                            ([a, b], 3) => return code(vm, &[*a, *b, Value::MISSING]),
                            ([a], 3) => return code(vm, &[*a, Value::MISSING, Value::MISSING]),
                            ([a, b], 4) => {
                                return code(vm, &[*a, *b, Value::MISSING, Value::MISSING]);
                            }
                            _ => {}
                        }
                        let mut all = [Value::MISSING; 6];
                        for (to, from) in all.iter_mut().zip(args) {
                            *to = *from;
                        }
                        return code(vm, &all[..total]);
                    }
                }
                let bound = self.bind(vm, args, names)?;
                code(vm, &bound)
            }
        }
    }

    /// A descriptor's first argument must be an instance of its class.
    #[inline]
    fn check_receiver(self, vm: &Vm, args: &[Value]) -> Result<()> {
        let Some(owner) = self.owner.get() else {
            return Ok(());
        };
        // SAFETY: descriptors are made with the class as owner.
        let owner = unsafe { owner.cast_unchecked::<super::Class>() };
        if let Some(&first) = args.first() {
            let class = vm.class_of(first);
            if class == owner || class.is_subclass_of(owner) {
                return Ok(());
            }
        }
        self.bad_receiver(vm, owner, args)
    }

    #[cold]
    fn bad_receiver(self, vm: &Vm, owner: Gc<super::Class>, args: &[Value]) -> Result<()> {
        let name = self.def.name;
        let owner_name = owner.qualified_name();
        match args.first() {
            None if self.class() == vm.types.wrapper_descriptor.get() => Err(vm.type_error(
                format!("descriptor '{name}' of '{owner_name}' object needs an argument"),
            )),
            None => Err(vm.type_error(format!(
                "unbound method {}.{name}() needs an argument",
                owner.name_string()
            ))),
            Some(&first) => {
                if self.is_class_method() {
                    return Ok(());
                }
                let got = vm.class_of(first).qualified_name();
                Err(vm.type_error(if self.class() == vm.types.wrapper_descriptor.get() {
                    format!("descriptor '{name}' requires a '{owner_name}' object but received a '{got}'")
                } else {
                    format!("descriptor '{name}' for '{owner_name}' objects doesn't apply to a '{got}' object")
                }))
            }
        }
    }

    /// Whether this is a constructor that takes no keywords, called for a subclass
    /// whose own `__init__` may take some.
    fn leaves_keywords_to_init(
        self,
        vm: &Vm,
        signature: &Signature<'_>,
        positional: &[Value],
    ) -> bool {
        if self.def.name != "__new__" || signature.parameters.len() > signature.positional_only + 1
        {
            return false;
        }
        let all_positional = signature.parameters.len() == signature.positional_only
            || signature.varargs == Some(signature.positional_only);
        let class = positional.first().and_then(|c| c.cast::<super::Class>());
        all_positional
            && class.is_some_and(|c| {
                c.def.get().is_none() && c.special(super::Special::Init) != vm.defaults.init.get()
            })
    }

    fn bind(
        self,
        vm: &Vm,
        args: &[Value],
        names: Option<Gc<Tuple>>,
    ) -> Result<SmallVec<[Value; 8]>> {
        let mut keywords = names.map_or(0, |n| n.len());
        let (positional, mut values) = args.split_at(args.len() - keywords);
        if let Some(names) = names
            && let Some(places) = (vm.keyword_places).find(vm, self.def, names, positional.len())
        {
            let count = self.def.arity.total as usize;
            let mut bound: SmallVec<[Value; 8]> = SmallVec::from_elem(Value::MISSING, count);
            bound[..positional.len()].copy_from_slice(positional);
            for (i, &value) in values.iter().enumerate() {
                bound[places.parameter(i)] = value;
            }
            return Ok(bound);
        }
        let signature = cached_signature(self.def);
        if keywords > 0 && self.leaves_keywords_to_init(vm, signature, positional) {
            values = &[];
            keywords = 0;
        }
        let error = |vm: &Vm| Mistake::new(vm, self, signature, positional.len(), keywords);
        let mut places: SmallVec<[u8; 8]> = SmallVec::new();
        let bound = signature.place(vm, positional, values, names, &mut places, error)?;
        if let Some(names) = names
            && signature.varargs.is_none()
            && signature.varkw.is_none()
            && keywords > 0
        {
            let given = positional.len();
            (vm.keyword_places).remember(vm, self.def, names, given, &places);
        }
        Ok(bound)
    }
}

impl Signature<'_> {
    /// Puts arguments into the places of their parameters, `values` being those of keywords;
    /// `places` gets the parameters that keywords went to.
    pub(super) fn place<'m>(
        &self,
        vm: &Vm,
        positional: &[Value],
        values: &[Value],
        names: Option<Gc<Tuple>>,
        places: &mut SmallVec<[u8; 8]>,
        error: impl Fn(&Vm) -> Mistake<'m>,
    ) -> Result<SmallVec<[Value; 8]>> {
        let (signature, keywords) = (self, values.len());
        let count = signature.parameters.len();
        let named = count - usize::from(signature.varargs.is_some());
        if keywords > 0
            && signature.varkw.is_none()
            && (named <= signature.positional_only.max(1) || positional.len() + keywords > named)
            && let Some(raised) = error(vm).keywords_at_all(vm)
        {
            return Err(raised);
        }
        let (mut unexpected, mut twice) = (None, None);
        let mut bound: SmallVec<[Value; 8]> = SmallVec::from_elem(Value::MISSING, count);
        let taken = positional.len().min(signature.positional);
        bound[..taken].copy_from_slice(&positional[..taken]);
        match signature.varargs {
            Some(i) => bound[i] = vm.new_tuple(&positional[taken..])?.value(),
            None if positional.len() > signature.positional => {
                return Err(error(vm).too_many(vm));
            }
            None => {}
        }
        let extra = match signature.varkw {
            Some(i) => {
                let dict = vm.new_dict();
                bound[i] = dict.value();
                Some(dict)
            }
            None => None,
        };
        for (i, &value) in values.iter().enumerate() {
            let Some(key) = names.map(|n| n.get(i)) else {
                break;
            };
            let name = key.cast::<Str>();
            let text = || name.map(|s| s.to_text()).unwrap_or_default();
            let found = signature
                .parameters
                .iter()
                .enumerate()
                .position(|(at, (n, _))| {
                    at >= signature.positional_only
                        && Some(at) != signature.varargs
                        && Some(at) != signature.varkw
                        && name.is_some_and(|s| s.is_text(n))
                });
            match (found, extra) {
                (Some(at), _) if bound[at].is_missing() => {
                    bound[at] = value;
                    places.push(at as u8);
                }
                (Some(at), _) => {
                    // What is missing is told first.
                    twice.get_or_insert_with(|| (text(), at));
                }
                (None, Some(dict)) => dict.set(vm, key, value)?,
                (None, None) if unexpected.is_none() => unexpected = Some(text()),
                (None, None) => {}
            }
        }
        for (at, (parameter, default)) in signature.parameters.iter().enumerate() {
            if bound[at].is_missing() && !default {
                return Err(error(vm).missing(vm, parameter, at));
            }
        }
        if let Some((key, at)) = twice {
            return Err(error(vm).twice(vm, &key, at));
        }
        if let Some(key) = unexpected {
            return Err(error(vm).unexpected_keyword(vm, &key));
        }
        Ok(bound)
    }
}

/// The signature of a definition, read once.
fn cached_signature(def: &'static MethodDef) -> &'static Signature<'static> {
    thread_local! {
        static SIGNATURES: RefCell<FxHashMap<usize, &'static Signature<'static>>> = RefCell::default();
    }
    SIGNATURES.with_borrow_mut(|known| {
        let key = def as *const MethodDef as usize;
        // Definitions are static, so what is leaked here is bounded by their number.
        *known
            .entry(key)
            .or_insert_with(|| Box::leak(Box::new(Signature::parse(def.signature))))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arity_of_signature_texts() {
        let a = |required, positional, total, complex| Arity {
            required,
            positional,
            total,
            complex,
        };
        assert_eq!(Arity::parse("()"), a(0, 0, 0, false));
        assert_eq!(Arity::parse("(self, /)"), a(1, 1, 1, false));
        assert_eq!(
            Arity::parse("(self, /, sep=None, maxsplit=-1)"),
            a(1, 3, 3, false)
        );
        assert_eq!(
            Arity::parse("(x, default=(1, 2), s=', ')"),
            a(1, 3, 3, false)
        );
        assert_eq!(
            Arity::parse("(self, /, *args, key=None, **kwargs)"),
            a(1, 1, 4, true)
        );
        assert_eq!(
            Arity::parse("(iterable, /, *, key=None)"),
            a(1, 1, 2, false)
        );
        assert_eq!(Arity::parse("(x, /, *, key)"), a(1, 1, 2, true));
        assert_eq!(
            Arity::parse("(self, sub[, start[, end]], /)"),
            a(2, 4, 4, false)
        );
        let s = Signature::parse("(self, sub[, start[, end]], /)");
        assert_eq!(
            s.parameters,
            [
                ("self", false),
                ("sub", false),
                ("start", true),
                ("end", true)
            ]
        );
        assert_eq!((s.positional, s.positional_only), (4, 4));
    }
}
