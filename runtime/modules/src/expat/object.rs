//! The type `xmlparser`: a parser with its handlers.

use super::event::{HANDLERS, Handler};
use super::input::Encoding;
use super::parser::Parser;
use super::{ERROR, dispatch};
use std::cell::{Cell, RefCell};
use taipan_runtime::heap::{Field, Gc, Header, Kind, Object};
use taipan_runtime::heap_object;
use taipan_runtime::object::{ClassFlags, GetSetDef, MethodDef, TypeDef};
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::protocol::this;
use taipan_runtime::types::str::Str;
use taipan_runtime::types::support::arg_name;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Raised, Result, Vm};

/// How many bytes of text are collected at first.
const TEXT_SIZE: usize = 8192;

/// A parser.
#[repr(C)]
pub struct XmlParser {
    pub header: Header,
    pub handlers: [Field; HANDLERS],
    /// Names, each once.
    intern: Field,
    pub parser: RefCell<Parser>,
    /// Text that waits for more.
    pub text: RefCell<String>,
    pub text_size: Cell<usize>,
    pub collects_text: Cell<bool>,
    pub ordered: Cell<bool>,
    pub only_specified: Cell<bool>,
    /// Whether a piece of the document is being parsed.
    busy: Cell<bool>,
}

heap_object!(
    XmlParser,
    "xmlparser",
    Kind::Other,
    |this, marker| {
        for handler in &this.handlers {
            marker.field(handler);
        }
        marker.field(&this.intern);
    },
    drop
);

impl XmlParser {
    /// The handler that is set.
    pub fn handler(&self, which: Handler) -> Option<Value> {
        self.handlers[which as usize].get()
    }

    /// The one string for a name.
    pub fn interned(&self, vm: &Vm, name: &str) -> Result {
        let text = vm.new_str(name).value();
        match self.intern.get().and_then(|v| v.cast::<Dict>()) {
            Some(names) => Ok(names.set_default(vm, text, text)?.0),
            None => Ok(text),
        }
    }

    /// Drops all handlers, after one of them failed.
    pub fn drop_handlers(&self) {
        self.handlers.iter().for_each(Field::clear);
        self.parser.borrow_mut().handlers = 0;
        self.text.borrow_mut().clear();
    }
}

fn make(vm: &Vm, parser: Parser, intern: Option<Value>) -> Result<Gc<XmlParser>> {
    let object = XmlParser {
        header: Header::empty(),
        handlers: [const { Field::empty() }; HANDLERS],
        intern: Field::opt(intern),
        parser: RefCell::new(parser),
        text: RefCell::default(),
        text_size: Cell::new(TEXT_SIZE),
        collects_text: Cell::new(false),
        ordered: Cell::new(false),
        only_specified: Cell::new(false),
        busy: Cell::new(false),
    };
    Ok(vm
        .heap
        .alloc(vm.class_of_def(&XML_PARSER)?.root_shape.get(), object))
}

/// An argument that is text or None.
fn text_or_none(vm: &Vm, v: Value, function: &str, which: &str) -> Result<Option<String>> {
    match v.given_not_none() {
        None => Ok(None),
        Some(v) => match v.cast::<Str>() {
            Some(text) => Ok(Some(text.to_text())),
            None => Err(vm.type_error(format!(
                "{function}() argument {which} must be str or None, not {}",
                arg_name(vm, v)
            ))),
        },
    }
}

/// The encoding of this name, if need be one of Python's.
pub fn encoding(vm: &Vm, name: &str) -> Result<Option<Encoding>> {
    if let Some(known) = Encoding::named(name) {
        return Ok(Some(known));
    }
    Ok(table(vm, name)?.map(Encoding::Table))
}

/// What each byte means in one of Python's encodings, if each means one character.
pub fn table(vm: &Vm, name: &str) -> Result<Option<Box<[i32; 256]>>> {
    let bytes: Vec<u8> = (0..=255).collect();
    let text = vm.decode_bytes(&bytes, name, "replace")?;
    if text.len() != 256 {
        return Err(vm.value_error("multi-byte encodings are not supported"));
    }
    let mut table = Box::new([-1; 256]);
    for (entry, c) in table.iter_mut().zip(text.code_points()) {
        if c != 0xFFFD {
            *entry = c as i32;
        }
    }
    Ok(Some(table))
}

/// `ParserCreate(encoding=None, namespace_separator=None, intern=None)`.
pub fn create(vm: &Vm, args: &[Value]) -> Result {
    let name = text_or_none(vm, args[0], "ParserCreate", "'encoding'")?;
    let separator = text_or_none(vm, args[1], "ParserCreate", "'namespace_separator'")?;
    if separator.as_ref().is_some_and(|s| s.chars().count() > 1) {
        return Err(
            vm.value_error("namespace_separator must be at most one character, omitted, or None")
        );
    }
    let intern = match args[2].given() {
        None => Some(vm.new_dict().value()),
        Some(v) if v.is_none() => None,
        Some(v) if v.cast::<Dict>().is_some() => Some(v),
        Some(_) => return Err(vm.type_error("intern must be a dictionary")),
    };
    let fixed = match name {
        Some(name) => encoding(vm, &name)?,
        None => None,
    };
    let parser = Parser::new(fixed, separator.map(|s| s.chars().next()));
    Ok(make(vm, parser, intern)?.value())
}

fn external_parser(vm: &Vm, args: &[Value]) -> Result {
    let function = "ExternalEntityParserCreate";
    let context = text_or_none(vm, args[1], function, "1")?;
    let fixed = match args[2].given() {
        None => None,
        Some(v) => match v.cast::<Str>() {
            Some(name) => encoding(vm, &name.to_text())?,
            None => {
                return Err(vm.type_error(format!(
                    "{function}() argument 2 must be str, not {}",
                    arg_name(vm, v)
                )));
            }
        },
    };
    let parent = this::<XmlParser>(args[0]);
    let parser = parent
        .parser
        .borrow()
        .for_external(context.as_deref(), fixed);
    let child = make(vm, parser, parent.intern.get())?;
    for (to, from) in child.handlers.iter().zip(&parent.handlers) {
        if let Some(handler) = from.get() {
            to.set(&child.header, handler);
        }
    }
    child.text_size.set(parent.text_size.get());
    child.collects_text.set(parent.collects_text.get());
    child.ordered.set(parent.ordered.get());
    child.only_specified.set(parent.only_specified.get());
    Ok(child.value())
}

/// Parses a piece; one at a time.
fn parse_piece(vm: &Vm, object: Gc<XmlParser>, data: &[u8], is_final: bool) -> Result {
    if object.busy.replace(true) {
        return Err(vm.runtime_error("the parser is parsing already"));
    }
    let result = dispatch::parse(vm, object, data, is_final);
    object.busy.set(false);
    result?;
    Ok(vm.new_int(1))
}

fn parse(vm: &Vm, args: &[Value]) -> Result {
    let object = this::<XmlParser>(args[0]);
    let is_final = args[2].given().map_or(Ok(false), |v| vm.truth(v))?;
    if let Some(text) = args[1].cast::<Str>() {
        let Some(data) = text.to_utf8() else {
            // Says which character it is.
            vm.call_method(args[1], "encode", &[])?;
            return Err(vm.value_error("surrogates not allowed"));
        };
        if let Ok(mut parser) = object.parser.try_borrow_mut() {
            parser.fix_encoding(Encoding::Utf8);
        }
        return parse_piece(vm, object, data.as_bytes(), is_final);
    }
    let data = vm.bytes_like(args[1])?.contiguous_bytes().into_owned();
    parse_piece(vm, object, &data, is_final)
}

/// How many bytes are read from a file at once.
const FILE_PIECE: usize = 2048;

fn parse_file(vm: &Vm, args: &[Value]) -> Result {
    let object = this::<XmlParser>(args[0]);
    let Some(read) = vm.find_attr(args[1], vm.intern("read"))? else {
        return Err(vm.type_error("argument must have 'read' attribute"));
    };
    loop {
        let piece = vm.call(read, &[vm.new_int(FILE_PIECE as i64)])?;
        let is_bytes = piece
            .cast::<taipan_runtime::types::bytes::Bytes>()
            .is_some()
            || piece
                .cast::<taipan_runtime::types::bytes::ByteArray>()
                .is_some();
        if !is_bytes {
            return Err(vm.type_error(format!(
                "read() did not return a bytes object (type={})",
                vm.type_name(piece)
            )));
        }
        let data = vm.bytes_like(piece)?.contiguous_bytes().into_owned();
        if data.len() > FILE_PIECE {
            return Err(vm.value_error(format!(
                "read() returned too much data: {FILE_PIECE} bytes requested, {} returned",
                data.len()
            )));
        }
        let result = parse_piece(vm, object, &data, data.is_empty())?;
        if data.is_empty() {
            return Ok(result);
        }
    }
}

fn set_base(vm: &Vm, args: &[Value]) -> Result {
    let Some(base) = args[1].cast::<Str>() else {
        return Err(vm.type_error(format!(
            "SetBase() argument must be str, not {}",
            arg_name(vm, args[1])
        )));
    };
    this::<XmlParser>(args[0]).parser.borrow_mut().base = Some(base.to_text());
    Ok(Value::NONE)
}

fn get_base(vm: &Vm, args: &[Value]) -> Result {
    let object = this::<XmlParser>(args[0]);
    let base = object.parser.borrow().base.clone();
    Ok(base.map_or(Value::NONE, |base| vm.new_str(&base).value()))
}

fn input_context(vm: &Vm, args: &[Value]) -> Result {
    let object = this::<XmlParser>(args[0]);
    if !object.busy.get() {
        return Ok(Value::NONE);
    }
    let context = object.parser.borrow().context();
    Ok(vm.new_bytes(&context)?.value())
}

fn set_parameter_parsing(vm: &Vm, args: &[Value]) -> Result {
    let how = vm.to_i64(vm.index(args[1])?)?;
    let object = this::<XmlParser>(args[0]);
    let done = object
        .parser
        .borrow_mut()
        .set_parameter_parsing(how.clamp(0, 2) as u8);
    Ok(vm.new_int(done.into()))
}

fn use_foreign_dtd(vm: &Vm, args: &[Value]) -> Result {
    let foreign = args[1].given().map_or(Ok(true), |v| vm.truth(v))?;
    let object = this::<XmlParser>(args[0]);
    let mut parser = object.parser.borrow_mut();
    if parser.has_started() {
        drop(parser);
        let position = dispatch::place(&object);
        return Err(dispatch::error(vm, 26, position));
    }
    parser.foreign_subset = foreign;
    Ok(Value::NONE)
}

fn set_deferral(vm: &Vm, args: &[Value]) -> Result {
    let defers = vm.truth(args[1])?;
    this::<XmlParser>(args[0]).parser.borrow_mut().defers = defers;
    Ok(Value::NONE)
}

fn get_deferral(_: &Vm, args: &[Value]) -> Result {
    let object = this::<XmlParser>(args[0]);
    let defers = object.parser.borrow().defers;
    Ok(defers.into())
}

/// Raises ExpatError with a message of our own.
fn refused(vm: &Vm, object: Gc<XmlParser>, message: &str) -> Raised {
    let place = dispatch::place(&object);
    dispatch::raise(vm, message, 41, place)
}

fn threshold(vm: &Vm, args: &[Value], memory: bool) -> Result {
    let object = this::<XmlParser>(args[0]);
    let index = vm.index(args[1])?;
    let value = match vm.to_i64(index) {
        Ok(value) => {
            u64::try_from(value).map_err(|_| vm.value_error("Cannot convert negative int"))?
        }
        Err(_) => {
            vm.clear_raised();
            let text = vm.str_text(index)?;
            if text.starts_with('-') {
                return Err(vm.value_error("Cannot convert negative int"));
            }
            text.parse()
                .map_err(|_| vm.overflow_error("Python int too large for C unsigned long long"))?
        }
    };
    let parser = object.parser.borrow();
    if parser.is_external() {
        drop(parser);
        return Err(refused(vm, object, "parser must be a root parser"));
    }
    if memory {
        parser.limits.memory_threshold.set(value);
    } else {
        parser.limits.threshold.set(value);
    }
    Ok(Value::NONE)
}

fn factor(vm: &Vm, args: &[Value], memory: bool) -> Result {
    let object = this::<XmlParser>(args[0]);
    let value = vm.to_float(args[1])?;
    if object.parser.borrow().is_external() {
        return Err(refused(vm, object, "parser must be a root parser"));
    }
    if value.is_nan() || value < 1.0 {
        return Err(refused(vm, object, "'max_factor' must be at least 1.0"));
    }
    let parser = object.parser.borrow();
    if memory {
        parser.limits.memory_factor.set(value as f32);
    } else {
        parser.limits.factor.set(value as f32);
    }
    Ok(Value::NONE)
}

/// The attribute of a handler.
macro_rules! handler {
    ($name:literal, $which:ident) => {
        GetSetDef {
            name: $name,
            doc: "",
            get: |_, v| Ok(this::<XmlParser>(v).handlers[Handler::$which as usize].or_none()),
            set: Some(|vm, v, new| set_handler(vm, v, Handler::$which, new)),
        }
    };
}

fn deleted(vm: &Vm) -> Raised {
    vm.runtime_error("Cannot delete attribute")
}

fn set_handler(vm: &Vm, v: Value, which: Handler, new: Option<Value>) -> Result<()> {
    let object = this::<XmlParser>(v);
    let new = new.ok_or_else(|| deleted(vm))?;
    if which == Handler::CharacterData {
        // Text collected so far is for the old one.
        dispatch::flush(vm, object)?;
    }
    let field = &object.handlers[which as usize];
    let mut parser = object.parser.borrow_mut();
    let bit = 1 << which as u8;
    if matches!(which, Handler::Default | Handler::DefaultExpand) {
        // The one set last counts, for both.
        parser.handlers &= !(1 << Handler::Default as u8 | 1 << Handler::DefaultExpand as u8);
        parser.expands = which == Handler::DefaultExpand;
    }
    if new.is_none() {
        parser.handlers &= !bit;
        field.clear();
    } else {
        parser.handlers |= bit;
        field.set(&object.header, new);
    }
    Ok(())
}

/// An attribute that is true or false.
macro_rules! flag {
    ($name:literal, $get:expr, $set:expr) => {
        GetSetDef {
            name: $name,
            doc: "",
            get: |_, v| {
                let get: fn(&XmlParser) -> bool = $get;
                Ok(get(&this::<XmlParser>(v)).into())
            },
            set: Some(|vm, v, new| {
                let set: fn(&Vm, Gc<XmlParser>, bool) -> Result<()> = $set;
                let new = vm.truth(new.ok_or_else(|| deleted(vm))?)?;
                set(vm, this::<XmlParser>(v), new)
            }),
        }
    };
}

/// An attribute that is a number to read only.
macro_rules! number {
    ($name:literal, $get:expr) => {
        GetSetDef {
            name: $name,
            doc: "",
            get: |vm, v| {
                let get: fn(&XmlParser) -> i64 = $get;
                Ok(vm.new_int(get(&this::<XmlParser>(v))))
            },
            set: None,
        }
    };
}

fn line(object: &XmlParser) -> i64 {
    dispatch::place(object).0
}

fn column(object: &XmlParser) -> i64 {
    dispatch::place(object).1
}

fn byte(object: &XmlParser) -> i64 {
    let place = object.parser.borrow().position();
    place.map_or(-1, |place| place.index as i64)
}

fn set_text_size(vm: &Vm, v: Value, new: Option<Value>) -> Result<()> {
    let object = this::<XmlParser>(v);
    let new = new.ok_or_else(|| deleted(vm))?;
    if new.as_int_ref().is_none() {
        return Err(vm.type_error("buffer_size must be an integer"));
    }
    let size = match vm.to_i64(new) {
        Ok(size) => size,
        Err(_) => {
            vm.clear_raised();
            return Err(vm.overflow_error("Python int too large to convert to C long"));
        }
    };
    if size <= 0 {
        return Err(vm.value_error("buffer_size must be greater than zero"));
    }
    if size > i64::from(i32::MAX) {
        return Err(vm.value_error(format!("buffer_size must not be greater than {}", i32::MAX)));
    }
    if size as usize != object.text_size.get() {
        dispatch::flush(vm, object)?;
        object.text_size.set(size as usize);
    }
    Ok(())
}

/// The type of parsers.
pub static XML_PARSER: TypeDef = TypeDef {
    module: "pyexpat",
    doc: "XML parser",
    flags: ClassFlags::NO_INSTANTIATION,
    methods: &[
        MethodDef::new(
            "Parse",
            "(self, data, isfinal=False, /)",
            "Parse XML data.",
            parse,
        ),
        MethodDef::new(
            "ParseFile",
            "(self, file, /)",
            "Parse XML data from a binary file-like object.",
            parse_file,
        ),
        MethodDef::new(
            "SetBase",
            "(self, base, /)",
            "Set the base URL for the parser.",
            set_base,
        ),
        MethodDef::new(
            "GetBase",
            "(self, /)",
            "Return base URL string for the parser.",
            get_base,
        ),
        MethodDef::new(
            "GetInputContext",
            "(self, /)",
            "Return the input which generated the current event as bytes.",
            input_context,
        ),
        MethodDef::new(
            "ExternalEntityParserCreate",
            "(self, context, encoding=<unrepresentable>, /)",
            "Create a parser for parsing an external entity based on the information passed to the ExternalEntityRefHandler.",
            external_parser,
        ),
        MethodDef::new(
            "SetParamEntityParsing",
            "(self, flag, /)",
            "Controls parsing of parameter entities (including the external DTD subset).",
            set_parameter_parsing,
        ),
        MethodDef::new(
            "UseForeignDTD",
            "(self, flag=True, /)",
            "Allows the application to provide an artificial external subset if one is not specified as part of the document instance.",
            use_foreign_dtd,
        ),
        MethodDef::new(
            "SetReparseDeferralEnabled",
            "(self, enabled, /)",
            "Enable/Disable reparse deferral; enabled by default with Expat >=2.6.0.",
            set_deferral,
        ),
        MethodDef::new(
            "GetReparseDeferralEnabled",
            "(self, /)",
            "Retrieve reparse deferral enabled status; always returns false with Expat <2.6.0.",
            get_deferral,
        ),
        MethodDef::new(
            "SetBillionLaughsAttackProtectionActivationThreshold",
            "(self, threshold, /)",
            "Sets the number of output bytes needed to activate protection against billion laughs attacks.",
            |vm, args| threshold(vm, args, false),
        ),
        MethodDef::new(
            "SetBillionLaughsAttackProtectionMaximumAmplification",
            "(self, max_factor, /)",
            "Sets the maximum tolerated amplification factor for protection against billion laughs attacks.",
            |vm, args| factor(vm, args, false),
        ),
        MethodDef::new(
            "SetAllocTrackerActivationThreshold",
            "(self, threshold, /)",
            "Sets the number of allocated bytes of dynamic memory needed to activate protection against disproportionate use of RAM.",
            |vm, args| threshold(vm, args, true),
        ),
        MethodDef::new(
            "SetAllocTrackerMaximumAmplification",
            "(self, max_factor, /)",
            "Sets the maximum amplification factor between direct input and bytes of dynamic memory allocated.",
            |vm, args| factor(vm, args, true),
        ),
    ],
    getset: &[
        handler!("StartElementHandler", StartElement),
        handler!("EndElementHandler", EndElement),
        handler!("ProcessingInstructionHandler", ProcessingInstruction),
        handler!("CharacterDataHandler", CharacterData),
        handler!("UnparsedEntityDeclHandler", UnparsedEntityDecl),
        handler!("NotationDeclHandler", NotationDecl),
        handler!("StartNamespaceDeclHandler", StartNamespaceDecl),
        handler!("EndNamespaceDeclHandler", EndNamespaceDecl),
        handler!("CommentHandler", Comment),
        handler!("StartCdataSectionHandler", StartCdataSection),
        handler!("EndCdataSectionHandler", EndCdataSection),
        handler!("DefaultHandler", Default),
        handler!("DefaultHandlerExpand", DefaultExpand),
        handler!("NotStandaloneHandler", NotStandalone),
        handler!("ExternalEntityRefHandler", ExternalEntityRef),
        handler!("StartDoctypeDeclHandler", StartDoctypeDecl),
        handler!("EndDoctypeDeclHandler", EndDoctypeDecl),
        handler!("EntityDeclHandler", EntityDecl),
        handler!("XmlDeclHandler", XmlDecl),
        handler!("ElementDeclHandler", ElementDecl),
        handler!("AttlistDeclHandler", AttlistDecl),
        handler!("SkippedEntityHandler", SkippedEntity),
        flag!("buffer_text", |p| p.collects_text.get(), |vm, p, new| {
            if !new {
                dispatch::flush(vm, p)?;
            }
            p.collects_text.set(new);
            Ok(())
        }),
        flag!("ordered_attributes", |p| p.ordered.get(), |_, p, new| {
            p.ordered.set(new);
            Ok(())
        }),
        flag!(
            "specified_attributes",
            |p| p.only_specified.get(),
            |_, p, new| {
                p.only_specified.set(new);
                Ok(())
            }
        ),
        flag!(
            "namespace_prefixes",
            |p| p.parser.borrow().shows_prefixes(),
            |_, p, new| {
                p.parser.borrow_mut().show_prefixes(new);
                Ok(())
            }
        ),
        GetSetDef {
            name: "buffer_size",
            doc: "",
            get: |vm, v| Ok(vm.new_int(this::<XmlParser>(v).text_size.get() as i64)),
            set: Some(set_text_size),
        },
        GetSetDef {
            name: "intern",
            doc: "",
            get: |_, v| Ok(this::<XmlParser>(v).intern.or_none()),
            set: None,
        },
        number!("buffer_used", |p| p.text.borrow().len() as i64),
        number!("ErrorCode", |p| p.parser.borrow().error_code()),
        number!("ErrorLineNumber", line),
        number!("ErrorColumnNumber", column),
        number!("ErrorByteIndex", byte),
        number!("CurrentLineNumber", line),
        number!("CurrentColumnNumber", column),
        number!("CurrentByteIndex", byte),
    ],
    ..TypeDef::new("xmlparser", <XmlParser as Object>::LAYOUT)
};

/// `pyexpat.ErrorString(code)`.
pub fn error_string(vm: &Vm, args: &[Value]) -> Result {
    let code = vm.to_i64(vm.index(args[0])?)?;
    Ok(match super::error::message(code) {
        Some(text) => vm.new_str(text).value(),
        None => Value::NONE,
    })
}

/// The class of the module's exceptions.
pub fn error_class(vm: &Vm) -> Gc<taipan_runtime::object::Class> {
    vm.exception_class(&ERROR)
}
