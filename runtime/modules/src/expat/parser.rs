//! The parser: a document is fed in pieces, and events are drawn from it one by one.
//!
//! Drawing instead of calling back keeps Python out: a handler runs between two events, when the
//! parser is in nobody's hands, and may ask it anything. What an event depends on (which handlers
//! there are) is asked as its token is read.
//!
//! Internal entities are read from a stack of texts on top of the document. External ones are
//! read by parsers of their own, see [`Parser::for_external`].

use super::content::Tag;
use super::dtd::{Dtd, Model};
use super::error::Error;
use super::event::{Event, External, Handler, Text};
use super::grammar::Grammar;
use super::input::{Encoding, Input, Position};
use super::namespaces::Namespaces;
use super::scan::{Attribute, Scanner, Stop};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::ops::Range;
use std::rc::Rc;

/// What is being read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Mode {
    Prolog,
    Content,
    Cdata,
    IgnoredSection,
    Epilog,
    /// An external entity whose text declaration may come.
    ExternalStart,
}

/// An internal entity being read.
pub(super) struct Open {
    pub text: Rc<str>,
    pub at: usize,
    pub name: String,
    pub is_parameter: bool,
    /// Whether its reference stands between declarations.
    pub between: bool,
    /// How many elements were open at its start.
    pub level: usize,
}

/// What is to be done once the events in the queue were drawn.
pub(super) enum Then {
    /// The external subset was offered: what [`Dtd::incomplete`] was before, whether it has an
    /// identifier, whether the doctype ends here.
    Subset {
        was_incomplete: bool,
        identified: bool,
        closes: bool,
    },
    /// An external parameter entity was offered.
    Parameter(String),
    /// The token's own text goes to the default handler.
    Default(Text),
}

/// What a declaration told so far.
#[derive(Default)]
pub(super) struct Declaration {
    pub doctype: Option<String>,
    /// The external subset's.
    pub subset: External,
    /// Whether it was named at all.
    pub has_subset: bool,
    /// The entity declared, in the tables; nothing if the declaration does not count.
    pub entity: Option<(bool, String)>,
    pub notation: Option<String>,
    pub public: Option<String>,
    pub element: String,
    pub attribute: String,
    pub sort: String,
    pub model: Option<Model>,
}

/// How much may come out of how little; shared by a parser and those of its entities.
pub struct Limits {
    /// Bytes of the document itself.
    pub direct: Cell<u64>,
    /// Bytes of entities.
    pub indirect: Cell<u64>,
    pub threshold: Cell<u64>,
    pub factor: Cell<f32>,
    pub memory_threshold: Cell<u64>,
    pub memory_factor: Cell<f32>,
}

impl Limits {
    fn new() -> Limits {
        Limits {
            direct: Cell::new(0),
            indirect: Cell::new(0),
            threshold: Cell::new(8 << 20),
            factor: Cell::new(100.0),
            memory_threshold: Cell::new(64 << 20),
            memory_factor: Cell::new(100.0),
        }
    }

    /// Counts bytes that came out of an entity.
    pub(super) fn count(&self, bytes: usize) -> Result<(), Error> {
        let indirect = self.indirect.get() + bytes as u64;
        self.indirect.set(indirect);
        let all = self.direct.get() + indirect;
        // The documents of attacks are small; without any the factor that expat assumes.
        let factor = match self.direct.get() {
            0 => (22 + indirect) as f32 / 22.0,
            direct => all as f32 / direct as f32,
        };
        if all >= self.threshold.get() && factor > self.factor.get() {
            return Err(Error::Amplification);
        }
        Ok(())
    }

    /// Judges the memory that a parser takes.
    fn count_memory(&self, bytes: u64) -> Result<(), Error> {
        let factor = bytes as f32 / self.direct.get().max(1) as f32;
        if bytes > self.memory_threshold.get() && factor > self.memory_factor.get() {
            return Err(Error::NoMemory);
        }
        Ok(())
    }
}

/// About what a parser takes before it declared anything.
const EMPTY_PARSER: u64 = 4096;

/// About what an entity takes besides its text.
const EMPTY_ENTITY: u64 = 128;

/// A parser of one document or external entity.
pub struct Parser {
    pub(super) input: Input,
    pub(super) open: Vec<Open>,
    pub(super) mode: Mode,
    pub(super) queue: VecDeque<Event>,
    pub(super) then: VecDeque<Then>,
    /// A bit a handler that is set.
    pub handlers: u32,
    /// Whether references to internal entities are followed although there is a default handler.
    pub expands: bool,
    pub namespaces: Option<Namespaces>,
    pub(super) grammar: Grammar,
    pub(super) dtd: Rc<RefCell<Dtd>>,
    pub(super) tags: Vec<Tag>,
    /// How many elements lie around this parser's entity.
    pub(super) outer_level: usize,
    /// Where in the document the current event is.
    pub(super) event: usize,
    /// Whether the document's encoding was given from outside.
    fixed_encoding: bool,
    started: bool,
    pub(super) failed: Option<Error>,
    finished: bool,
    /// Whether a token that was cut off waits until twice as much text is there.
    pub defers: bool,
    /// The length of such a token so far: reading it again for every byte of it would take
    /// quadratic time.
    cut_off: usize,
    /// Whether the rest waits for the next piece.
    deferred: bool,
    fed_from: usize,
    /// Where relative identifiers start from.
    pub base: Option<String>,
    /// Whether parameter entities are read: 1 unless the document stands alone, 2 always.
    pub(super) parameter_parsing: u8,
    pub foreign_subset: bool,
    shows_prefixes: bool,
    pub(super) is_parameter_entity: bool,
    pub(super) is_child: bool,
    pub limits: Rc<Limits>,
    pub(super) declaration: Declaration,
    pub(super) spans: Vec<Attribute>,
    /// About how many bytes it takes.
    memory: u64,
}

/// What one step came to.
pub(super) enum Step {
    Done,
    /// The rest has to wait for more text.
    Wait,
}

impl Parser {
    /// A parser of a document. Without `separator`, names have no namespaces; with `Some(None)`
    /// their parts are joined without anything between.
    pub fn new(encoding: Option<Encoding>, separator: Option<Option<char>>) -> Parser {
        Parser {
            fixed_encoding: encoding.is_some(),
            input: Input::new(encoding),
            open: Vec::new(),
            mode: Mode::Prolog,
            queue: VecDeque::new(),
            then: VecDeque::new(),
            handlers: 0,
            expands: true,
            namespaces: separator.map(Namespaces::new),
            grammar: Grammar::document(),
            dtd: Rc::default(),
            tags: Vec::new(),
            outer_level: 0,
            event: 0,
            started: false,
            failed: None,
            finished: false,
            defers: true,
            cut_off: 0,
            deferred: false,
            fed_from: 0,
            base: None,
            parameter_parsing: 0,
            foreign_subset: false,
            shows_prefixes: false,
            is_parameter_entity: false,
            is_child: false,
            limits: Rc::new(Limits::new()),
            declaration: Declaration::default(),
            spans: Vec::new(),
            memory: EMPTY_PARSER,
        }
    }

    /// A parser of an external entity of this document: of a general one in the context that
    /// its reference reported, of a parameter entity without.
    pub fn for_external(&self, context: Option<&str>, encoding: Option<Encoding>) -> Parser {
        let mut child = Parser::new(encoding, None);
        child.namespaces = self.namespaces.clone();
        child.handlers = self.handlers;
        child.expands = self.expands;
        child.defers = self.defers;
        child.parameter_parsing = self.parameter_parsing;
        child.is_child = true;
        child.limits = self.limits.clone();
        child.memory = self.memory;
        match context {
            Some(context) => {
                child.dtd = Rc::new(RefCell::new(self.dtd.borrow().clone()));
                for part in context.split('\x0C') {
                    if part.contains('=') {
                        child.namespaces.iter_mut().for_each(|n| n.adopt(part));
                    } else if let Some(entity) = child.dtd.borrow_mut().general.get_mut(part) {
                        entity.open = true;
                    }
                }
                child.mode = Mode::ExternalStart;
                child.outer_level = 1;
            }
            None => {
                child.dtd = self.dtd.clone();
                self.dtd.borrow_mut().entity_read = true;
                child.is_parameter_entity = true;
                child.grammar = Grammar::external();
            }
        }
        child
    }

    /// Sets how parameter entities are treated; false if it is too late.
    pub fn set_parameter_parsing(&mut self, how: u8) -> bool {
        if !self.started {
            self.parameter_parsing = how;
        }
        !self.started
    }

    /// Whether the first piece of the document was fed.
    pub fn has_started(&self) -> bool {
        self.started
    }

    /// Whether this is a parser of an external entity.
    pub fn is_external(&self) -> bool {
        self.is_child
    }

    /// The number of the error that ended the parsing; 0 if none did.
    pub fn error_code(&self) -> i64 {
        self.failed.map_or(0, |error| error as i64)
    }

    /// Whether names show their prefixes.
    pub fn shows_prefixes(&self) -> bool {
        self.shows_prefixes
    }

    /// Shows prefixes in names, if names have namespaces.
    pub fn show_prefixes(&mut self, show: bool) {
        if !self.started {
            self.shows_prefixes = show;
            if let Some(namespaces) = &mut self.namespaces {
                namespaces.with_prefixes = show;
            }
        }
    }

    /// Fixes the encoding, whatever the document says; too late once it was fed.
    pub fn fix_encoding(&mut self, encoding: Encoding) {
        if !self.started {
            self.fixed_encoding = true;
            self.input = Input::new(Some(encoding));
        }
    }

    /// Takes a piece of the document; events may follow.
    ///
    /// # Errors
    /// If the document failed or ended before.
    pub fn feed(&mut self, data: &[u8], is_final: bool) -> Result<(), Error> {
        if self.finished {
            return Err(Error::Finished);
        }
        if let Some(error) = self.failed {
            return Err(error);
        }
        self.started = true;
        let keep = self.event.min(self.input.at);
        self.input.feed(data, is_final, keep);
        self.event -= keep;
        self.fed_from = self.input.at;
        self.deferred = self.defers && !is_final && self.rest() < 2 * self.cut_off;
        if !self.is_child {
            self.limits
                .direct
                .set(self.limits.direct.get() + data.len() as u64);
        }
        Ok(())
    }

    /// The next event; nothing if the rest has to wait for more text, or at the end.
    ///
    /// # Errors
    /// If the document is wrong. Where, [`Parser::position`] tells.
    pub fn next_event(&mut self) -> Result<Option<Event>, Error> {
        loop {
            if let Some(event) = self.queue.pop_front() {
                if let Event::Moved(to) = event {
                    self.event = to;
                    continue;
                }
                return Ok(Some(event));
            }
            if let Some(error) = self.failed {
                return Err(error);
            }
            if let Some(then) = self.then.pop_front() {
                self.go_on(then);
                continue;
            }
            if self.finished || self.deferred {
                return Ok(None);
            }
            match self.step() {
                Ok(Step::Done) => {}
                // What was reported so far is drawn first.
                Ok(Step::Wait) => {
                    let progress = self.input.at > self.fed_from;
                    self.cut_off = if progress { 0 } else { self.rest() };
                    self.deferred = true;
                }
                Err(error) => self.failed = Some(error),
            }
        }
    }

    /// Notes an entity of so many bytes.
    pub(super) fn count_entity(&mut self, bytes: usize) -> Result<(), Error> {
        self.memory += bytes as u64 + EMPTY_ENTITY;
        let held = self.memory + self.input.text.len() as u64;
        self.limits.count_memory(held)
    }

    /// How many bytes wait.
    fn rest(&self) -> usize {
        self.input.text.len() - self.input.at + self.input.undecoded()
    }

    /// Refuses the document, on behalf of a handler.
    pub fn fail(&mut self, error: Error) {
        self.failed.get_or_insert(error);
        self.queue.clear();
    }

    /// Answers [`Event::UnknownEncoding`]; without a table nobody knows it.
    pub fn describe_encoding(&mut self, table: Option<Box<[i32; 256]>>) {
        match table {
            // Markup must look as it does in ASCII.
            Some(table) if (0..=255).all(|b| markup_agrees(b, table[usize::from(b)])) => {
                self.input.settle(Encoding::Table(table));
            }
            _ => self.fail(Error::UnknownEncoding),
        }
    }

    /// Where the current event is, or the error.
    pub fn position(&self) -> Option<Position> {
        self.started.then(|| self.input.position(self.event))
    }

    /// The document from the current event on, as far as it was fed.
    pub fn context(&self) -> Vec<u8> {
        let text = &self.input.text[self.event.min(self.input.text.len())..];
        match &self.input.encoding {
            Some(encoding) => encoding.encode(text),
            None => text.as_bytes().to_vec(),
        }
    }

    /// The characters of a text.
    pub fn characters<'a>(&'a self, text: &'a Text, single: &'a mut [u8; 4]) -> &'a str {
        match text {
            Text::Document(range) => &self.input.text[range.clone()],
            Text::Entity(text, range) => &text[range.clone()],
            Text::Character(c) => c.encode_utf8(single),
        }
    }

    pub(super) fn has(&self, handler: Handler) -> bool {
        self.handlers & (1 << handler as u8) != 0
    }

    pub(super) fn has_default(&self) -> bool {
        self.has(Handler::Default) || self.has(Handler::DefaultExpand)
    }

    /// Reports something to its handler, or else the text it stands for to the default one.
    pub(super) fn report(
        &mut self,
        handler: Handler,
        range: Range<usize>,
        event: impl FnOnce(&Parser) -> Event,
    ) {
        if self.has(handler) {
            let event = event(self);
            self.queue.push_back(event);
        } else {
            self.report_default(range);
        }
    }

    pub(super) fn report_default(&mut self, range: Range<usize>) {
        if self.has_default() {
            let text = self.stretch(range);
            self.queue.push_back(Event::Default(text));
        }
    }

    /// A stretch of the text that is being read.
    pub(super) fn stretch(&self, range: Range<usize>) -> Text {
        match self.open.last() {
            Some(open) => Text::Entity(open.text.clone(), range),
            None => Text::Document(range),
        }
    }

    /// The text that is being read.
    pub(super) fn source(&self) -> &str {
        match self.open.last() {
            Some(open) => &open.text,
            None => &self.input.text,
        }
    }

    pub(super) fn at(&self) -> usize {
        self.open.last().map_or(self.input.at, |open| open.at)
    }

    pub(super) fn scanner(&self) -> Scanner<'_> {
        Scanner {
            text: self.source(),
            namespaces: self.namespaces.is_some(),
            internal: !self.open.is_empty(),
        }
    }

    /// Goes on behind a token.
    pub(super) fn advance(&mut self, to: usize) -> Result<(), Error> {
        match self.open.last_mut() {
            Some(open) => {
                let passed = to - open.at;
                open.at = to;
                self.limits.count(passed)
            }
            None => {
                let passed = to - self.input.at;
                self.input.at = to;
                if self.is_child {
                    self.limits.count(passed)?;
                }
                Ok(())
            }
        }
    }

    /// The place of an error within the token that is being read.
    pub(super) fn blame(&mut self, at: usize) {
        if !self.open.is_empty() {
            return;
        }
        // What was reported of the token before keeps its place.
        if self.queue.is_empty() {
            self.event = at;
        } else {
            self.queue.push_back(Event::Moved(at));
        }
    }

    /// What the end of the text means to a token.
    pub(super) fn stopped(&mut self, stop: Stop, unclosed: Error) -> Result<Step, Error> {
        if let Stop::Invalid(at) = stop {
            self.blame(at);
            return Err(Error::InvalidToken);
        }
        if !self.open.is_empty() {
            return Err(unclosed);
        }
        if self.input.is_waiting() {
            self.input.settle(Encoding::Utf8);
            return Ok(Step::Done);
        }
        if self.input.broken {
            self.event = self.input.text.len();
            return Err(Error::InvalidToken);
        }
        if !self.input.complete {
            return Ok(Step::Wait);
        }
        Err(if self.input.ends_within_character() {
            Error::PartialChar
        } else if self.input.has_tail() {
            Error::UnclosedToken
        } else {
            unclosed
        })
    }

    /// Whether more text may follow what is there.
    pub(super) fn may_grow(&self) -> bool {
        self.open.is_empty()
            && (!self.input.complete
                || self.input.broken
                || self.input.is_waiting()
                || self.input.has_tail())
    }

    fn step(&mut self) -> Result<Step, Error> {
        if self.open.is_empty() {
            self.event = self.input.at;
        }
        match self.mode {
            Mode::Prolog => self.prolog(),
            Mode::Content => self.content(),
            Mode::Cdata => self.cdata(),
            Mode::IgnoredSection => self.ignored_section(),
            Mode::Epilog => self.epilog(),
            Mode::ExternalStart => self.external_start(),
        }
    }

    /// The end of the document or of this parser's entity.
    pub(super) fn finish(&mut self) -> Step {
        self.finished = true;
        Step::Done
    }

    /// Behind the root element.
    fn epilog(&mut self) -> Result<Step, Error> {
        use super::scan::Piece;
        let at = self.at();
        let (piece, end) = match self.scanner().prolog(at) {
            // A carriage return that may be half of an end of a line is told of all the same.
            Ok((Piece::Space, end, true)) => {
                self.report_default(at..end);
                self.advance(end)?;
                return Ok(if self.may_grow() {
                    Step::Wait
                } else {
                    self.finish()
                });
            }
            Ok((piece, end, _)) => (piece, end),
            Err(Stop::End) if !self.may_grow() => return Ok(self.finish()),
            Err(stop) => return self.stopped(stop, Error::UnclosedToken),
        };
        match piece {
            Piece::Space => self.report_default(at..end),
            Piece::Pi { name_end } => self.report_pi(at..end, name_end),
            Piece::Comment => self.report_comment(at..end),
            _ => return Err(Error::JunkAfterDocument),
        }
        self.advance(end)?;
        Ok(Step::Done)
    }

    pub(super) fn report_pi(&mut self, range: Range<usize>, name_end: usize) {
        self.report(Handler::ProcessingInstruction, range.clone(), |parser| {
            let text = parser.source();
            let data = text[name_end..range.end - 2].trim_start_matches([' ', '\t', '\r', '\n']);
            Event::Pi(text[range.start + 2..name_end].to_owned(), lines(data))
        });
    }

    pub(super) fn report_comment(&mut self, range: Range<usize>) {
        self.report(Handler::Comment, range.clone(), |parser| {
            Event::Comment(lines(&parser.source()[range.start + 4..range.end - 3]))
        });
    }

    /// The declaration at the start of a document or an external entity.
    pub(super) fn xml_declaration(
        &mut self,
        range: Range<usize>,
        is_text: bool,
    ) -> Result<(), Error> {
        let found = super::declaration::read(self.source(), range.clone(), is_text);
        let declaration = match found {
            Ok(declaration) => declaration,
            Err(at) => {
                self.blame(at);
                return Err(if is_text {
                    Error::TextDeclaration
                } else {
                    Error::XmlDeclaration
                });
            }
        };
        if declaration.standalone == 1 && !is_text {
            let mut dtd = self.dtd.borrow_mut();
            dtd.standalone = true;
            if self.parameter_parsing == 1 {
                self.parameter_parsing = 0;
            }
        }
        let source = self.source();
        let text = |part: &Option<Range<usize>>| part.clone().map(|r| source[r].to_owned());
        let (version, encoding) = (text(&declaration.version), text(&declaration.encoding));
        let standalone = declaration.standalone;
        let name = encoding.clone();
        self.report(Handler::XmlDecl, range, |_| Event::XmlDeclaration {
            version,
            encoding,
            standalone,
        });
        if self.fixed_encoding {
            return Ok(());
        }
        let Some(name) = name else {
            let known = self.input.encoding.clone();
            self.input.settle(known.unwrap_or(Encoding::Utf8));
            return Ok(());
        };
        let is_wide = matches!(self.input.encoding, Some(Encoding::Utf16(_)));
        match Encoding::named(&name) {
            Some(encoding) => {
                let fits = match (&encoding, &self.input.encoding) {
                    (Encoding::Utf16(_), _) if name.eq_ignore_ascii_case("UTF-16") => is_wide,
                    (Encoding::Utf16(a), Some(Encoding::Utf16(b))) => a == b,
                    (Encoding::Utf16(_), _) => false,
                    _ => !is_wide,
                };
                if !fits {
                    self.blame(declaration.encoding.map_or(0, |r| r.start));
                    return Err(Error::IncorrectEncoding);
                }
                if !is_wide {
                    self.input.settle(encoding);
                }
            }
            None => {
                self.blame(declaration.encoding.map_or(0, |r| r.start));
                self.queue.push_back(Event::UnknownEncoding(name));
            }
        }
        Ok(())
    }

    /// An external general entity, which may begin with a text declaration.
    fn external_start(&mut self) -> Result<Step, Error> {
        let at = self.at();
        self.mode = Mode::Content;
        if self.source()[at..].starts_with("<?xml") || self.source().len() < at + 5 {
            match self.scanner().content(at, &mut Vec::new()) {
                Ok((super::scan::Token::XmlDeclaration, end)) => {
                    self.xml_declaration(at..end, true)?;
                    self.advance(end)?;
                }
                Err(Stop::End | Stop::Partial) if self.may_grow() => {
                    self.mode = Mode::ExternalStart;
                    return self.stopped(Stop::Partial, Error::UnclosedToken);
                }
                _ => {}
            }
        }
        Ok(Step::Done)
    }

    /// Does what had to wait for a handler.
    fn go_on(&mut self, then: Then) {
        match then {
            Then::Subset {
                was_incomplete,
                identified,
                closes,
            } => self.after_subset(was_incomplete, identified, closes),
            Then::Parameter(name) => self.after_parameter(&name),
            Then::Default(text) => {
                if self.has_default() {
                    self.queue.push_back(Event::Default(text));
                }
            }
        }
    }
}

/// A text with every end of a line a line feed.
pub(super) fn lines(text: &str) -> String {
    if text.contains('\r') {
        text.replace("\r\n", "\n").replace('\r', "\n")
    } else {
        text.to_owned()
    }
}

/// Whether a byte and its character are the same, if either is more than text to the scanner.
fn markup_agrees(byte: u8, character: i32) -> bool {
    let is_markup = |c: u8| {
        c.is_ascii_alphanumeric()
            || matches!(c, b'\t' | b'\n' | b'\r' | b' ')
            || b"!\"#%&'()*+,-./:;<=>?[]_|".contains(&c)
    };
    let means_markup = u8::try_from(character).is_ok_and(is_markup);
    character == i32::from(byte) || !is_markup(byte) && !means_markup
}
