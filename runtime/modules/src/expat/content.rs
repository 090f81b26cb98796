//! Elements and what lies between their tags.

use super::error::Error;
use super::event::{Event, External, Handler, Text};
use super::input::Encoding;
use super::parser::{Mode, Open, Parser, Step, Then};
use super::scan::{Attribute, Stop, Token};
use rustc_hash::FxHashSet;
use std::ops::Range;

/// An open element.
pub(super) struct Tag {
    /// Its name as the document has it.
    raw: String,
    /// Its name with the namespace; nothing if that is no other one.
    full: Option<String>,
    /// How many prefixes it binds.
    bindings: usize,
}

impl Tag {
    fn name(&self) -> &str {
        self.full.as_deref().unwrap_or(&self.raw)
    }
}

/// What an entity that everybody knows stands for.
pub(super) fn predefined(name: &str) -> Option<char> {
    Some(match name {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "quot" => '"',
        "apos" => '\'',
        _ => return None,
    })
}

impl Parser {
    fn level(&self) -> usize {
        self.outer_level + self.tags.len()
    }

    /// How many elements must be open at the end of the text that is being read.
    fn level_at_start(&self) -> usize {
        self.open.last().map_or(self.outer_level, |open| open.level)
    }

    pub(super) fn content(&mut self) -> Result<Step, Error> {
        let at = self.at();
        let mut spans = std::mem::take(&mut self.spans);
        let scanned = self.scanner().content(at, &mut spans);
        self.spans = spans;
        let (token, end) = match scanned {
            Ok(found) => found,
            Err(Stop::End) if !self.may_grow() => return self.end_of_content(),
            Err(stop) => return self.stopped(stop, Error::UnclosedToken),
        };
        match token {
            Token::Data => {
                self.report_text(at..end);
            }
            Token::Newline => self.report_character('\n', at..end),
            Token::TrailingReturn | Token::TrailingBrackets => {
                if self.may_grow() {
                    return self.stopped(Stop::Partial, Error::UnclosedToken);
                }
                if token == Token::TrailingReturn {
                    self.report_character('\n', at..end);
                } else {
                    self.report_text(at..end);
                }
                if self.level_at_start() == 0 && self.open.is_empty() {
                    if token == Token::TrailingBrackets {
                        self.blame(end);
                    }
                    return Err(Error::NoElements);
                }
            }
            Token::StartTag { name_end, empty } => return self.start_tag(at, name_end, end, empty),
            Token::EndTag { name_end } => return self.end_tag(at, name_end, end),
            Token::EntityReference => return self.entity_reference(at..end),
            Token::CharReference(c) => {
                let c = c.ok_or(Error::BadCharReference)?;
                self.report_character(c, at..end);
            }
            Token::Pi { name_end } => self.report_pi(at..end, name_end),
            Token::XmlDeclaration => return Err(Error::MisplacedXmlPi),
            Token::Comment => self.report_comment(at..end),
            Token::CdataOpen => {
                self.report(Handler::StartCdataSection, at..end, |_| Event::StartCdata);
                self.mode = Mode::Cdata;
            }
            Token::CdataClose => {}
        }
        self.advance(end)?;
        Ok(Step::Done)
    }

    fn report_text(&mut self, range: Range<usize>) {
        let is_converted = !matches!(self.input.encoding, None | Some(Encoding::Utf8));
        if !is_converted || !self.open.is_empty() {
            self.report_piece(range);
            return;
        }
        let mut start = range.start;
        while start < range.end {
            let mut end = range.end.min(start + CONVERTED);
            while !self.input.text.is_char_boundary(end) {
                end -= 1;
            }
            if start > range.start {
                self.queue.push_back(Event::Moved(start));
            }
            self.report_piece(start..end);
            start = end;
        }
    }

    fn report_piece(&mut self, range: Range<usize>) {
        self.report(Handler::CharacterData, range.clone(), |parser| {
            Event::Data(parser.stretch(range))
        });
    }

    fn report_character(&mut self, c: char, range: Range<usize>) {
        self.report(Handler::CharacterData, range, |_| {
            Event::Data(Text::Character(c))
        });
    }

    /// The end of an entity, or of the document without its root element's end.
    fn end_of_content(&mut self) -> Result<Step, Error> {
        let start = self.level_at_start();
        if start == 0 && self.open.is_empty() {
            return Err(Error::NoElements);
        }
        if self.level() != start {
            return Err(Error::AsyncEntity);
        }
        match self.open.pop() {
            Some(open) => self.close_entity(&open),
            None => return Ok(self.finish()),
        }
        Ok(Step::Done)
    }

    pub(super) fn close_entity(&mut self, open: &Open) {
        let mut dtd = self.dtd.borrow_mut();
        if let Some(entity) = dtd.entities(open.is_parameter).get_mut(&open.name) {
            entity.open = false;
        }
    }

    pub(super) fn cdata(&mut self) -> Result<Step, Error> {
        let at = self.at();
        let (token, end) = match self.scanner().cdata(at) {
            Ok(found) => found,
            Err(Stop::End) => return self.stopped(Stop::Partial, Error::UnclosedCdata),
            Err(stop) => return self.stopped(stop, Error::UnclosedCdata),
        };
        match token {
            Token::Data => self.report_text(at..end),
            Token::Newline => self.report_character('\n', at..end),
            _ => {
                self.report(Handler::EndCdataSection, at..end, |_| Event::EndCdata);
                self.mode = Mode::Content;
            }
        }
        self.advance(end)?;
        Ok(Step::Done)
    }

    fn start_tag(
        &mut self,
        at: usize,
        name_end: usize,
        end: usize,
        empty: bool,
    ) -> Result<Step, Error> {
        let raw = self.source()[at + 1..name_end].to_owned();
        let spans = std::mem::take(&mut self.spans);
        let result = self.attributes(&raw, &spans);
        self.spans = spans;
        let (attributes, specified, bindings) = result?;
        let full = match &self.namespaces {
            Some(namespaces) => {
                let mut full = namespaces.expand(&raw, false)?;
                namespaces.show_prefix(&raw, &mut full);
                (full != raw).then_some(full)
            }
            None => None,
        };
        let tag = Tag {
            raw,
            full,
            bindings,
        };
        let starts = self.has(Handler::StartElement);
        let ends = empty && self.has(Handler::EndElement);
        if starts {
            self.queue.push_back(Event::StartElement {
                name: tag.name().to_owned(),
                attributes,
                specified,
            });
        }
        if ends {
            if starts && self.open.is_empty() {
                self.queue.push_back(Event::Moved(end));
            }
            self.queue
                .push_back(Event::EndElement(tag.name().to_owned()));
        }
        if !starts && !ends {
            self.report_default(at..end);
        }
        if empty {
            self.unbind(tag.bindings);
        } else {
            self.tags.push(tag);
        }
        self.advance(end)?;
        if empty {
            self.after_element();
        }
        Ok(Step::Done)
    }

    fn end_tag(&mut self, at: usize, name_end: usize, end: usize) -> Result<Step, Error> {
        if self.level() == self.level_at_start() {
            return Err(Error::AsyncEntity);
        }
        let Some(tag) = self.tags.pop() else {
            return Err(Error::AsyncEntity);
        };
        if self.source()[at + 2..name_end] != tag.raw {
            self.blame(at + 2);
            return Err(Error::TagMismatch);
        }
        self.report(Handler::EndElement, at..end, |_| {
            Event::EndElement(tag.name().to_owned())
        });
        self.unbind(tag.bindings);
        self.advance(end)?;
        self.after_element();
        Ok(Step::Done)
    }

    fn unbind(&mut self, bindings: usize) {
        for _ in 0..bindings {
            let Some(namespaces) = &mut self.namespaces else {
                return;
            };
            let prefix = namespaces.unbind();
            if self.has(Handler::EndNamespaceDecl) {
                self.queue.push_back(Event::EndNamespace(prefix));
            }
        }
    }

    fn after_element(&mut self) {
        if self.level() == 0 {
            self.mode = Mode::Epilog;
        }
    }

    /// The attributes of a start tag, how many of them the document has itself, and how many
    /// prefixes they bind.
    #[expect(
        clippy::type_complexity,
        reason = "the three parts are taken apart at once"
    )]
    fn attributes(
        &mut self,
        element: &str,
        spans: &[Attribute],
    ) -> Result<(Vec<(String, String)>, usize, usize), Error> {
        let dtd = self.dtd.clone();
        let mut attributes: Vec<(String, String)> = Vec::with_capacity(spans.len());
        let mut bindings = 0;
        for (i, span) in spans.iter().enumerate() {
            let name = &self.source()[span.name.clone()];
            let twice = |other: &Attribute| self.source()[other.name.clone()] == *name;
            if spans.len() <= MANY && spans[..i].iter().any(twice) {
                self.blame(span.name.start);
                return Err(Error::DuplicateAttribute);
            }
            let name = name.to_owned();
            let is_text = dtd.borrow().attributes.get(element).is_none_or(|list| {
                list.iter()
                    .find(|known| known.name == name)
                    .is_none_or(|known| known.is_text)
            });
            let value = self.attribute_value(span.value.clone(), is_text)?;
            if let Some(prefix) = self.bound_by(&name) {
                self.bind(prefix, &value)?;
                bindings += 1;
            } else {
                attributes.push((name, value));
            }
        }
        if spans.len() > MANY {
            let mut seen = FxHashSet::default();
            let again = spans
                .iter()
                .find(|s| !seen.insert(&self.source()[s.name.clone()]));
            if let Some(span) = again {
                let at = span.name.start;
                self.blame(at);
                return Err(Error::DuplicateAttribute);
            }
        }
        let specified = attributes.len();
        if let Some(list) = dtd.borrow().attributes.get(element) {
            for declared in list {
                let Some(value) = &declared.default else {
                    continue;
                };
                let given = |span: &Attribute| self.source()[span.name.clone()] == declared.name;
                if spans.iter().any(given) {
                    continue;
                }
                if let Some(prefix) = self.bound_by(&declared.name) {
                    self.bind(prefix, value)?;
                    bindings += 1;
                } else {
                    attributes.push((declared.name.clone(), value.clone()));
                }
            }
        }
        if let Some(namespaces) = &self.namespaces
            && attributes.iter().any(|(name, _)| name.contains(':'))
        {
            let mut seen = FxHashSet::default();
            for (name, _) in &mut attributes {
                let full = namespaces.expand(name, true)?;
                let raw = std::mem::replace(name, full);
                if !seen.insert(name.clone()) {
                    return Err(Error::DuplicateAttribute);
                }
                namespaces.show_prefix(&raw, name);
            }
        }
        Ok((attributes, specified, bindings))
    }

    /// The prefix that an attribute of this name binds, if that is its purpose.
    fn bound_by(&self, name: &str) -> Option<Option<String>> {
        self.namespaces.as_ref()?;
        match name.strip_prefix("xmlns")? {
            "" => Some(None),
            rest => Some(Some(rest.strip_prefix(':')?.to_owned())),
        }
    }

    fn bind(&mut self, prefix: Option<String>, uri: &str) -> Result<(), Error> {
        if let Some(namespaces) = &mut self.namespaces {
            namespaces.bind(prefix.as_deref(), uri)?;
        }
        if self.has(Handler::StartNamespaceDecl) {
            let uri = Some(uri).filter(|u| !u.is_empty()).map(str::to_owned);
            self.queue.push_back(Event::StartNamespace(prefix, uri));
        }
        Ok(())
    }

    fn entity_reference(&mut self, range: Range<usize>) -> Result<Step, Error> {
        let name = self.source()[range.start + 1..range.end - 1].to_owned();
        self.advance(range.end)?;
        if let Some(c) = predefined(&name) {
            self.report_character(c, range);
            return Ok(Step::Done);
        }
        let dtd = self.dtd.clone();
        let mut dtd = dtd.borrow_mut();
        let whole = dtd.is_whole();
        let Some(entity) = dtd.general.get_mut(&name) else {
            if whole {
                return Err(Error::UndefinedEntity);
            }
            self.skip_entity(name, range);
            return Ok(Step::Done);
        };
        if whole && !entity.in_document {
            return Err(Error::DeclaredInParameterEntity);
        }
        if entity.open {
            return Err(Error::RecursiveReference);
        }
        if entity.notation.is_some() {
            return Err(Error::BinaryReference);
        }
        if let Some(text) = &entity.text {
            if !self.expands {
                self.skip_entity(name, range);
                return Ok(Step::Done);
            }
            let (text, level) = (text.clone(), self.level());
            entity.open = true;
            self.open.push(Open {
                text,
                at: 0,
                name,
                is_parameter: false,
                between: false,
                level,
            });
        } else if self.has(Handler::ExternalEntityRef) {
            let external = External {
                base: entity.base.clone(),
                system: entity.system.clone(),
                public: entity.public.clone(),
            };
            let mut context = match &self.namespaces {
                Some(namespaces) => namespaces.context(),
                None => Vec::new(),
            };
            let open = dtd.general.iter().filter(|(_, entity)| entity.open);
            context.extend(open.map(|(name, _)| name.clone()));
            context.push(name);
            let context = Some(context.join("\x0C"));
            self.queue
                .push_back(Event::ExternalEntity(context, external));
        } else {
            self.report_default(range);
        }
        Ok(Step::Done)
    }

    fn skip_entity(&mut self, name: String, range: Range<usize>) {
        self.report(Handler::SkippedEntity, range, |_| {
            Event::Skipped(name, false)
        });
    }

    /// Leaves the token's own text for the default handler, behind what was reported.
    pub(super) fn default_later(&mut self, range: Range<usize>) {
        if self.has_default() {
            let text = self.stretch(range);
            self.then.push_back(Then::Default(text));
        }
    }
}

/// How many bytes of text expat converts from another encoding at once.
const CONVERTED: usize = 1024;

/// From how many attributes on finding a name twice is left to a table.
const MANY: usize = 16;
