//! Calls of native functions whose arguments do not fit, told in CPython's words.

use super::MethodKind;
use super::native::{NativeFunction, Signature};
use crate::heap::Gc;
use crate::types::function::Function;
use crate::types::str::Str;
use crate::types::structseq::is_struct_sequence;
use crate::types::tuple::Tuple;
use crate::value::Value;
use crate::vm::{Raised, Vm};
use smallvec::SmallVec;
use taipan_bytecode::CodeFlags;

/// Methods that CPython declares with the class that defines them. Their arguments always go
/// through the parser of named ones, so that messages give the bare name and count as it does.
const WITH_DEFINING_CLASS: &[(&str, &[&str])] = &[
    ("array", &["__reduce_ex__", "extend", "tofile", "fromfile"]),
    ("arrayiterator", &["__reduce__"]),
    ("SRE_Scanner", &["match", "search"]),
    ("BytesIO", &["getbuffer"]),
    (
        "FileIO",
        &["close", "readinto", "write", "read", "truncate"],
    ),
    ("Unpickler", &["load", "persistent_load", "find_class"]),
    ("Pickler", &["dump"]),
    ("md5", &["copy"]),
    ("sha1", &["copy"]),
    ("SHA224Type", &["copy"]),
    ("SHA256Type", &["copy"]),
    ("SHA384Type", &["copy"]),
    ("SHA512Type", &["copy"]),
    (
        "Compress",
        &["__copy__", "copy", "__deepcopy__", "compress", "flush"],
    ),
    ("Decompress", &["__copy__", "copy", "__deepcopy__", "flush"]),
    (
        "Future",
        &[
            "exception",
            "get_loop",
            "remove_done_callback",
            "set_exception",
            "set_result",
        ],
    ),
    ("_IOBase", &["truncate", "seek"]),
    ("_BufferedIOBase", &["read", "read1", "write"]),
    ("_TextIOBase", &["read", "readline", "write"]),
    ("BufferedReader", &["truncate"]),
    ("BufferedWriter", &["truncate"]),
    ("BufferedRandom", &["truncate"]),
    ("posix", &["_path_splitroot_ex"]),
];

fn plural(n: usize) -> &'static str {
    if n == 1 { "" } else { "s" }
}

/// A call whose arguments do not fit, to be told in CPython's words. Those depend on
/// how CPython declares the function, which the shape of the signature tells.
pub(super) struct Mistake<'a> {
    signature: &'a Signature<'a>,
    /// The bare name, or the class's for a constructor.
    name: String,
    /// As CPython names it when it has no or one argument: with class or module.
    full_name: String,
    /// The implementation of an operator.
    slot: bool,
    /// Of a class: `__new__` or `__init__`.
    constructor: bool,
    /// One of [`WITH_DEFINING_CLASS`].
    defining_class: bool,
    /// One of [`BY_FORMAT`].
    by_format: bool,
    /// Parameters and arguments that messages do not count: the receiver.
    hidden: usize,
    given: usize,
    keywords: usize,
}

/// What CPython calls the function where an instance of `class` or the class is called, if
/// that is another name than the usual one.
fn shown_name(class: &str, method: &str) -> Option<&'static str> {
    Some(match (class, method) {
        ("KeyWrapper", "__call__") => "K",
        ("Scanner", "__call__") => "scan_once",
        ("Encoder", "__call__") => "_iterencode",
        ("ReferenceType", "__call__") => "weakref",
        ("Scanner", "__new__") => "make_scanner",
        ("Encoder", "__new__") => "make_encoder",
        ("_lru_cache_wrapper", "__new__") => "lru_cache",
        ("sha3_256" | "sha3_384" | "sha3_512" | "shake_128" | "shake_256", "__new__") => "sha3_224",
        ("TokenizerIter", "__new__") => "tokenizeriter",
        ("TypeVar", "__new__") => "typevar",
        ("TypeVarTuple", "__new__") => "typevartuple",
        ("ParamSpec", "__new__") => "paramspec",
        ("TypeAliasType", "__new__") => "typealias",
        ("_tee_dataobject", "__new__") => "teedataobject",
        ("code", "__replace__") => "replace",
        _ => return None,
    })
}

/// What is wrong with a call of a function in Python, in the words for native ones; `None`
/// if nothing is. Parameters of methods without a default go by position alone, as most do there.
#[cold]
pub fn mistake_in_python(
    vm: &Vm,
    function: Gc<Function>,
    args: &[Value],
    names: Option<Gc<Tuple>>,
) -> Option<Raised> {
    let code = function.code();
    let positional = code.arg_count as usize;
    let named = positional + code.kwonly_arg_count as usize;
    let texts: Vec<String> = (0..code.total_args as usize)
        .map(|i| code.local_name(i).to_text())
        .collect();
    let first_default = positional - function.defaults.get().map_or(0, |d| d.len());
    let method = (function.qualname.get().and_then(|q| q.cast::<Str>()))
        .is_some_and(|q| q.to_text().contains('.'));
    let plain = method && first_default == positional && named == positional;
    let varargs = code.has(CodeFlags::VARARGS).then_some(positional);
    let mut parameters: Vec<(&str, bool)> = Vec::new();
    for (i, text) in texts[..positional].iter().enumerate() {
        parameters.push((text, i >= first_default));
    }
    if varargs.is_some() {
        parameters.push((&texts[named], true));
    }
    for text in &texts[positional..named] {
        let default = function
            .kw_defaults
            .get()
            .is_some_and(|d| d.get_str(vm.intern(text)).is_some());
        parameters.push((text, default));
    }
    let varkw = code.has(CodeFlags::VARKEYWORDS).then_some(parameters.len());
    if varkw.is_some() {
        parameters.push((&texts[texts.len() - 1], true));
    }
    let signature = Signature {
        parameters,
        positional_only: if plain {
            positional
        } else {
            code.posonly_arg_count as usize
        },
        positional,
        varargs,
        varkw,
    };
    let keywords = names.map_or(0, |n| n.len());
    let (given, values) = args.split_at(args.len() - keywords);
    let error = |vm: &Vm| Mistake::in_python(vm, function, &signature, given, keywords);
    let mut places = SmallVec::new();
    signature
        .place(vm, given, values, names, &mut places, error)
        .err()
}

/// Functions whose arguments CPython reads by a format, which tells of a wrong number in its
/// own words; by class or module.
const BY_FORMAT: &[(&str, &[&str])] = &[
    (
        "_socket",
        &["CMSG_LEN", "CMSG_SPACE", "inet_pton", "inet_ntop"],
    ),
    (
        "socket",
        &[
            "listen",
            "setsockopt",
            "getsockopt",
            "recv",
            "recvfrom",
            "send",
            "sendall",
            "sendmsg",
            "recvmsg",
            "recvmsg_into",
        ],
    ),
    ("_ThreadHandle", &["join"]),
    ("RLock", &["_acquire_restore"]),
    ("_json", &["scanstring", "encode_basestring_ascii"]),
];

impl<'a> Mistake<'a> {
    #[cold]
    pub(super) fn new(
        vm: &Vm,
        function: Gc<NativeFunction>,
        signature: &'a Signature<'a>,
        given: usize,
        keywords: usize,
    ) -> Mistake<'a> {
        let name = function.def.name;
        let constructor = matches!(name, "__new__" | "__init__");
        let is_static = function.def.kind == MethodKind::Static;
        let owner = function.owner.get();
        let class = match owner.and_then(|o| o.cast::<super::Class>()) {
            Some(class) => Some(class),
            None if constructor || is_static || function.passes_receiver() => function
                .receiver
                .get()
                .map(|r| r.cast::<super::Class>().unwrap_or_else(|| vm.class_of(r))),
            None => None,
        };
        let class_name = class.map(|c| c.name_string());
        let module = owner.and_then(|o| o.cast::<Str>()).map(|m| m.to_text());
        let owner_name = class_name.clone().or(module).unwrap_or_default();
        let among = |table: &[(&str, &[&str])]| {
            table
                .iter()
                .any(|(owner, names)| *owner == owner_name && names.contains(&function.def.name))
        };
        let defining_class = among(WITH_DEFINING_CLASS);
        let (name, full_name) = match (class_name, owner) {
            (Some(class), _) if shown_name(&class, name).is_some() => {
                let name = shown_name(&class, name).unwrap_or_default();
                (name.to_owned(), name.to_owned())
            }
            (Some(_), _) if constructor && class.is_some_and(|c| is_struct_sequence(vm, c)) => {
                // They share a constructor, which goes by its own name.
                ("structseq".to_owned(), "structseq".to_owned())
            }
            (Some(class), _) if constructor => (class.clone(), class),
            (Some(class), _) => (name.to_owned(), format!("{class}.{name}")),
            (None, Some(module))
                if module.cast::<Str>().is_some_and(|m| !m.is_text("builtins")) =>
            {
                let module = module
                    .cast::<Str>()
                    .map(|m| m.to_text())
                    .unwrap_or_default();
                (name.to_owned(), format!("{module}.{name}"))
            }
            _ => (name.to_owned(), name.to_owned()),
        };
        let receives = function.is_descriptor()
            || function.passes_receiver()
            || function.is_class_method()
            || constructor;
        let hidden = usize::from(receives).min(given).min(signature.positional);
        let slot = !constructor
            && name != "weakref"
            && [
                vm.types.wrapper_descriptor.get(),
                vm.types.method_wrapper.get(),
            ]
            .contains(&function.class());
        Mistake {
            signature,
            name,
            full_name,
            slot,
            constructor,
            defining_class,
            by_format: among(BY_FORMAT),
            hidden,
            given: given - hidden,
            keywords,
        }
    }

    /// For a function in Python that stands for a native one.
    #[cold]
    fn in_python(
        vm: &Vm,
        function: Gc<Function>,
        signature: &'a Signature<'a>,
        positional: &[Value],
        keywords: usize,
    ) -> Mistake<'a> {
        let text = |v: Option<Value>| {
            let text = v.and_then(|v| v.cast::<Str>()).map(|s| s.to_text());
            text.unwrap_or_default()
        };
        let name = text(function.name.get());
        let method = text(function.qualname.get()).contains('.');
        let constructor = matches!(name.as_str(), "__new__" | "__init__");
        let class = positional.first().filter(|_| method).map(|&first| {
            let class = first.cast::<super::Class>();
            class.unwrap_or_else(|| vm.class_of(first)).name_string()
        });
        let owner = class.clone().unwrap_or_else(|| text(function.module.get()));
        let hidden = usize::from(method).min(positional.len());
        Mistake {
            signature,
            full_name: match &class {
                Some(class) if constructor => class.clone(),
                _ => format!("{owner}.{name}"),
            },
            slot: method && !constructor && super::Special::is_slot_name(&name),
            name: match class {
                Some(class) => match shown_name(&class, &name) {
                    Some(shown) => shown.to_owned(),
                    None if constructor => class,
                    None => name,
                },
                None => name,
            },
            constructor,
            defining_class: false,
            by_format: false,
            hidden,
            given: positional.len() - hidden,
            keywords,
        }
    }

    /// Most and least positional arguments.
    fn limits(&self) -> (usize, usize) {
        let s = self.signature;
        let required = s.parameters[..s.positional].iter().filter(|p| !p.1).count();
        (
            s.positional - self.hidden,
            required.saturating_sub(self.hidden),
        )
    }

    /// Only positional parameters, and a wrong number of arguments for them.
    fn wrong_count(&self, vm: &Vm) -> Raised {
        let ((most, required), given) = (self.limits(), self.given);
        let (name, full) = (&self.name, &self.full_name);
        let bound = if given > most { most } else { required };
        if self.by_format {
            let how = match (most == required, given > most) {
                (true, _) => "exactly",
                (false, true) => "at most",
                (false, false) => "at least",
            };
            return vm.type_error(format!(
                "{name}() takes {how} {bound} argument{} ({given} given)",
                plural(bound)
            ));
        }
        // These slots name themselves.
        let named = matches!(
            name.as_str(),
            "__get__" | "__buffer__" | "__release_buffer__"
        );
        vm.type_error(match (self.slot && !named, required == most) {
            (false, true) if named => {
                format!(
                    "{name} expected {most} argument{}, got {given}",
                    plural(most)
                )
            }
            (true, true) if most < 2 => {
                format!("expected {most} argument{}, got {given}", plural(most))
            }
            (true, false) => format!("expected {required} or {most} arguments, got {given}"),
            (false, true) if most == 0 && !matches!(name.as_str(), "weakref" | "lock") => {
                format!("{full}() takes no arguments ({given} given)")
            }
            (false, true) if most == 1 && !self.constructor => {
                format!("{full}() takes exactly one argument ({given} given)")
            }
            (_, true) => format!(
                "{name} expected {most} argument{}, got {given}",
                plural(most)
            ),
            (false, false) => {
                let how = if given > most { "most" } else { "least" };
                format!(
                    "{name} expected at {how} {bound} argument{}, got {given}",
                    plural(bound)
                )
            }
        })
    }

    #[cold]
    pub(super) fn too_many(&self, vm: &Vm) -> Raised {
        let s = self.signature;
        if s.parameters.len() == s.positional_only && !self.defining_class {
            return self.wrong_count(vm);
        }
        let ((most, required), given, name) = (self.limits(), self.given, &self.name);
        let all = s.parameters.len() - self.hidden;
        let total = given + self.keywords;
        if self.constructor && name == "str" {
            return vm.type_error(format!("str expected at most {all} arguments, got {given}"));
        }
        // Which hands the named arguments on to `list.sort`.
        if name == "sorted" && given != 1 {
            return vm.type_error(format!("sorted expected 1 argument, got {given}"));
        }
        if all == 0 && self.defining_class {
            return vm.type_error(format!("{name}() takes no arguments"));
        }
        if total > all && s.varkw.is_none() {
            return vm.type_error(format!(
                "{name}() takes at most {all} argument{} ({total} given)",
                plural(all)
            ));
        }
        if most == 0 {
            return vm.type_error(format!("{name}() takes no positional arguments"));
        }
        let how = if required == most {
            "exactly"
        } else {
            "at most"
        };
        vm.type_error(format!(
            "{name}() takes {how} {most} positional argument{} ({given} given)",
            plural(most)
        ))
    }

    #[cold]
    pub(super) fn twice(&self, vm: &Vm, key: &str, at: usize) -> Raised {
        vm.type_error(format!(
            "argument for {}() given by name ('{key}') and position ({})",
            self.name,
            at + 1 - self.hidden
        ))
    }

    /// Keywords where there are to be none, or more arguments than parameters.
    pub(super) fn keywords_at_all(&self, vm: &Vm) -> Option<Raised> {
        let s = self.signature;
        let (name, full) = (&self.name, &self.full_name);
        let named = s.parameters.len() - usize::from(s.varargs.is_some());
        if self.defining_class && named <= self.hidden {
            return Some(vm.type_error(format!("{name}() takes no arguments")));
        }
        if !self.defining_class && (named <= s.positional_only || named <= self.hidden) {
            let what = if self.slot {
                format!("wrapper {name}")
            } else {
                full.clone()
            };
            return Some(vm.type_error(format!("{what}() takes no keyword arguments")));
        }
        let (all, total) = (named - self.hidden, self.given + self.keywords);
        if s.varargs.is_some() || total <= all {
            return None;
        }
        let kind = if self.given == 0 { "keyword " } else { "" };
        Some(vm.type_error(format!(
            "{name}() takes at most {all} {kind}argument{} ({total} given)",
            plural(all)
        )))
    }

    #[cold]
    pub(super) fn unexpected_keyword(&self, vm: &Vm, key: &str) -> Raised {
        let s = self.signature;
        let name = &self.name;
        if let Some(at) =
            (self.given + self.hidden..s.positional_only).find(|at| !s.parameters[*at].1)
        {
            return self.missing(vm, s.parameters[at].0, at);
        }
        let name = if name == "sorted" { "sort" } else { name };
        let candidates: Vec<String> = (s.positional_only.max(self.hidden)..s.parameters.len())
            .filter(|at| Some(*at) != s.varargs)
            .map(|at| s.parameters[at].0.to_owned())
            .collect();
        let hint = match taipan_text::suggest::closest(key, &candidates) {
            Some(name) => format!(". Did you mean '{name}'?"),
            None => String::new(),
        };
        vm.type_error(format!(
            "{name}() got an unexpected keyword argument '{key}'{hint}"
        ))
    }

    #[cold]
    pub(super) fn missing(&self, vm: &Vm, parameter: &str, at: usize) -> Raised {
        let s = self.signature;
        let name = &self.name;
        if at < self.hidden {
            return vm.type_error(format!("{name}.__new__(): not enough arguments"));
        }
        if at == 0 && s.positional > 0 && self.given == 0 && self.signature.parameters[0].0 == "cls"
        {
            return vm.type_error(format!("{name}.__new__(): not enough arguments"));
        }
        if name == "sorted" {
            let given = self.given;
            return vm.type_error(format!("sorted expected 1 argument, got {given}"));
        }
        if at < s.positional_only {
            if s.parameters.len() == s.positional_only && !self.defining_class {
                return self.wrong_count(vm);
            }
            let required = s.parameters[..s.positional_only]
                .iter()
                .filter(|p| !p.1)
                .count()
                - self.hidden;
            let how = if required == s.positional - self.hidden && s.positional == s.positional_only
            {
                "exactly"
            } else {
                "at least"
            };
            return vm.type_error(format!(
                "{name}() takes {how} {required} positional argument{} ({} given)",
                plural(required),
                self.given
            ));
        }
        if at >= s.positional {
            return vm.type_error(format!(
                "{name}() missing required keyword-only argument: '{parameter}'"
            ));
        }
        vm.type_error(format!(
            "{name}() missing required argument '{parameter}' (pos {})",
            at + 1 - self.hidden
        ))
    }
}
