//! What a parser reports.

use super::dtd::Model;
use std::ops::Range;
use std::rc::Rc;

/// The handlers a program can set, in the order in which they are kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Handler {
    StartElement,
    EndElement,
    ProcessingInstruction,
    CharacterData,
    UnparsedEntityDecl,
    NotationDecl,
    StartNamespaceDecl,
    EndNamespaceDecl,
    Comment,
    StartCdataSection,
    EndCdataSection,
    Default,
    DefaultExpand,
    NotStandalone,
    ExternalEntityRef,
    StartDoctypeDecl,
    EndDoctypeDecl,
    EntityDecl,
    XmlDecl,
    ElementDecl,
    AttlistDecl,
    SkippedEntity,
}

/// How many handlers there are.
pub const HANDLERS: usize = Handler::SkippedEntity as usize + 1;

/// A stretch of text, left where it is.
#[derive(Debug)]
pub enum Text {
    /// Of the document.
    Document(Range<usize>),
    /// Of an entity.
    Entity(Rc<str>, Range<usize>),
    /// A single character.
    Character(char),
}

/// The identifiers of something outside the document.
#[derive(Clone, Debug, Default)]
pub struct External {
    pub base: Option<String>,
    pub system: Option<String>,
    pub public: Option<String>,
}

/// One thing to report, for the handler of its name.
pub enum Event {
    StartElement {
        name: String,
        /// Names and values.
        attributes: Vec<(String, String)>,
        /// How many of them the document has itself; the rest are defaults.
        specified: usize,
    },
    EndElement(String),
    Pi(String, String),
    Data(Text),
    UnparsedEntity(String, External, String),
    Notation(String, External),
    StartNamespace(Option<String>, Option<String>),
    EndNamespace(Option<String>),
    Comment(String),
    StartCdata,
    EndCdata,
    /// What no other handler takes.
    Default(Text),
    NotStandalone,
    /// With the context for the entity's parser.
    ExternalEntity(Option<String>, External),
    StartDoctype {
        name: String,
        system: Option<String>,
        public: Option<String>,
        has_subset: bool,
    },
    EndDoctype,
    Entity {
        name: String,
        is_parameter: bool,
        value: Option<Rc<str>>,
        external: External,
        notation: Option<String>,
    },
    XmlDeclaration {
        version: Option<String>,
        encoding: Option<String>,
        /// -1 if it is not said.
        standalone: i8,
    },
    Element(String, Model),
    AttributeList {
        element: String,
        attribute: String,
        sort: String,
        default: Option<String>,
        required: bool,
    },
    /// A parameter entity if true.
    Skipped(String, bool),
    /// The document is in an encoding that somebody must describe; see
    /// [`Parser::describe_encoding`](super::parser::Parser::describe_encoding).
    UnknownEncoding(String),
    /// Nothing to tell, but the next events have another place.
    Moved(usize),
}
