//! What lies before the root element: the document type and its declarations.

use super::chars::in_public_id;
use super::content::predefined;
use super::dtd::{Declared, Entity, Model, Sort};
use super::error::Error;
use super::event::{Event, External, Handler};
use super::grammar::{Group, Role};
use super::parser::{Mode, Open, Parser, Step, Then};
use super::scan::{Piece, Stop};
use std::ops::Range;
use std::rc::Rc;

impl Parser {
    pub(super) fn prolog(&mut self) -> Result<Step, Error> {
        let at = self.at();
        let (piece, end) = match self.scanner().prolog(at) {
            Ok((_, _, true)) if self.may_grow() && !self.input.has_tail() => {
                return self.stopped(Stop::Partial, Error::UnclosedToken);
            }
            Ok((piece, end, _)) => (piece, end),
            Err(Stop::End) if !self.may_grow() => return self.end_of_prolog(),
            Err(stop) => return self.stopped(stop, Error::UnclosedToken),
        };
        let text = match self.open.last() {
            Some(open) => &open.text[at..end],
            None => &self.input.text[at..end],
        };
        let role = self.grammar.step(piece, text);
        if role == Role::Error {
            return Err(match piece {
                Piece::ParameterReference => Error::ParameterReference,
                Piece::XmlDeclaration => Error::MisplacedXmlPi,
                _ => Error::Syntax,
            });
        }
        let default = self.play(role, piece, at..end)?;
        if default {
            if self.queue.is_empty() && self.then.is_empty() {
                self.report_default(at..end);
            } else {
                self.default_later(at..end);
            }
        }
        if role != Role::ParameterReference && role != Role::InnerParameterReference {
            self.advance(end)?;
        }
        Ok(Step::Done)
    }

    /// The end of a text without a root element: fine in entities.
    fn end_of_prolog(&mut self) -> Result<Step, Error> {
        if let Some(open) = self.open.last() {
            if open.between && self.grammar.step(Piece::None, "") == Role::Error {
                return Err(Error::IncompleteParameterEntity);
            }
            if let Some(open) = self.open.pop() {
                self.close_entity(&open);
            }
            return Ok(Step::Done);
        }
        if !self.is_parameter_entity {
            return Err(Error::NoElements);
        }
        match self.grammar.step(Piece::None, "") {
            Role::Error => Err(Error::IncompleteParameterEntity),
            _ => Ok(self.finish()),
        }
    }

    pub(super) fn ignored_section(&mut self) -> Result<Step, Error> {
        let at = self.at();
        match self.scanner().ignored(at) {
            Ok(end) => {
                self.report_default(at..end);
                self.mode = Mode::Prolog;
                self.advance(end)?;
                Ok(Step::Done)
            }
            Err(stop) => self.stopped(stop, Error::Syntax),
        }
    }

    /// The inside of a literal.
    fn literal(&self, range: &Range<usize>) -> &str {
        &self.source()[range.start + 1..range.end - 1]
    }

    fn counts(&self) -> bool {
        !self.dtd.borrow().skipping
    }

    fn public_id(&mut self, range: &Range<usize>) -> Result<String, Error> {
        let literal = self.literal(range);
        let wrong = literal.find(|c| !in_public_id(c));
        if let Some(wrong) = wrong {
            self.blame(range.start + 1 + wrong);
            return Err(Error::PublicId);
        }
        let words = literal
            .split([' ', '\r', '\n'])
            .filter(|word| !word.is_empty());
        Ok(words.collect::<Vec<_>>().join(" "))
    }

    /// The entity being declared, if the declaration counts.
    fn with_entity(&mut self, f: impl FnOnce(&mut Entity)) {
        if let Some((parameter, name)) = &self.declaration.entity
            && let Some(entity) = self.dtd.borrow_mut().entities(*parameter).get_mut(name)
        {
            f(entity);
        }
    }

    /// Acts on a piece of a certain role; whether its text is one for the default handler.
    fn play(&mut self, role: Role, piece: Piece, range: Range<usize>) -> Result<bool, Error> {
        let text = |parser: &Parser| parser.source()[range.clone()].to_owned();
        Ok(match role {
            Role::None(group) => match group {
                Group::Other => true,
                Group::Doctype => !self.has(Handler::StartDoctypeDecl),
                Group::Entity => !(self.counts() && self.has(Handler::EntityDecl)),
                Group::Notation => !self.has(Handler::NotationDecl),
                Group::AttributeList => !(self.counts() && self.has(Handler::AttlistDecl)),
                Group::Element => !self.has(Handler::ElementDecl),
            },
            Role::Error => false,
            Role::XmlDeclaration => {
                self.xml_declaration(range, false)?;
                false
            }
            Role::TextDeclaration => {
                self.xml_declaration(range, true)?;
                false
            }
            Role::Pi => {
                if let Piece::Pi { name_end } = piece {
                    self.report_pi(range, name_end);
                }
                false
            }
            Role::Comment => {
                self.report_comment(range);
                false
            }
            Role::InstanceStart => {
                self.mode = Mode::Content;
                if self.foreign_subset {
                    self.offer_subset(false);
                }
                false
            }
            Role::DoctypeName
            | Role::DoctypeSystemId
            | Role::DoctypePublicId
            | Role::InternalSubset
            | Role::DoctypeClose => return self.play_doctype(role, range),
            Role::GeneralEntityName
            | Role::ParameterEntityName
            | Role::EntityValue
            | Role::EntitySystemId
            | Role::EntityPublicId
            | Role::EntityComplete
            | Role::EntityNotationName => return self.play_entity(role, range),
            Role::NotationName => {
                self.declaration.public = None;
                let watched = self.has(Handler::NotationDecl);
                self.declaration.notation = watched.then(|| text(self));
                !watched
            }
            Role::NotationPublicId => {
                let id = self.public_id(&range)?;
                let watched = self.declaration.notation.is_some();
                self.declaration.public = watched.then_some(id);
                !watched
            }
            Role::NotationSystemId | Role::NotationNoSystemId => {
                let system = role == Role::NotationSystemId;
                let external = External {
                    base: self.base.clone(),
                    system: system.then(|| self.literal(&range).to_owned()),
                    public: self.declaration.public.take(),
                };
                let told = system || external.public.is_some();
                match self.declaration.notation.take() {
                    Some(name) if told && self.has(Handler::NotationDecl) => {
                        self.queue.push_back(Event::Notation(name, external));
                        false
                    }
                    _ => true,
                }
            }
            Role::AttributeListElement
            | Role::AttributeName
            | Role::AttributeType(_)
            | Role::AttributeChoice(_)
            | Role::NoDefault(_)
            | Role::DefaultValue(_) => return self.play_attribute(role, range),
            Role::ElementName
            | Role::ContentEmpty
            | Role::ContentAny
            | Role::ContentText
            | Role::ContentElement(_)
            | Role::GroupOpen
            | Role::GroupClose(_)
            | Role::GroupChoice
            | Role::GroupSequence => return self.play_element(role, range),
            Role::ParameterReference | Role::InnerParameterReference => {
                return self.parameter_reference(role == Role::ParameterReference, range);
            }
            Role::IgnoredSection => {
                self.mode = Mode::IgnoredSection;
                true
            }
        })
    }

    fn play_doctype(&mut self, role: Role, range: Range<usize>) -> Result<bool, Error> {
        let watched = self.has(Handler::StartDoctypeDecl);
        match role {
            Role::DoctypeName => {
                self.declaration.doctype = watched.then(|| self.source()[range].to_owned());
                Ok(!watched)
            }
            Role::DoctypePublicId => {
                self.foreign_subset = false;
                self.dtd.borrow_mut().incomplete = true;
                let id = self.public_id(&range)?;
                self.declaration.subset.public = Some(id);
                Ok(!watched)
            }
            Role::DoctypeSystemId => {
                self.foreign_subset = false;
                let system = self.literal(&range).to_owned();
                self.declaration.subset.system = Some(system);
                self.declaration.subset.base = self.base.clone();
                self.declaration.has_subset = true;
                let standalone = {
                    let mut dtd = self.dtd.borrow_mut();
                    dtd.incomplete = true;
                    dtd.standalone
                };
                if !standalone && self.parameter_parsing == 0 && self.has(Handler::NotStandalone) {
                    self.queue.push_back(Event::NotStandalone);
                }
                Ok(!watched)
            }
            Role::InternalSubset => Ok(!self.report_doctype(true)),
            _ => {
                let reported = self.report_doctype(false);
                let identified = self.declaration.has_subset;
                let ended = self.has(Handler::EndDoctypeDecl);
                if identified || self.foreign_subset {
                    self.offer_subset(true);
                } else if ended {
                    self.queue.push_back(Event::EndDoctype);
                }
                Ok(!reported && !ended)
            }
        }
    }

    fn report_doctype(&mut self, has_subset: bool) -> bool {
        let Some(name) = self.declaration.doctype.take() else {
            return false;
        };
        let subset = &self.declaration.subset;
        let event = Event::StartDoctype {
            name,
            system: subset.system.clone(),
            public: subset.public.clone(),
            has_subset,
        };
        self.queue.push_back(event);
        true
    }

    /// Asks for the external subset, at the doctype's end or at the root element.
    fn offer_subset(&mut self, closes: bool) {
        let identified = self.declaration.has_subset;
        let was_incomplete = {
            let mut dtd = self.dtd.borrow_mut();
            dtd.entity_read = false;
            std::mem::replace(&mut dtd.incomplete, true)
        };
        self.foreign_subset = false;
        if self.parameter_parsing > 0 && self.has(Handler::ExternalEntityRef) {
            let mut external = self.declaration.subset.clone();
            if !identified {
                external.base = self.base.clone();
            }
            self.queue.push_back(Event::ExternalEntity(None, external));
            self.then.push_back(Then::Subset {
                was_incomplete,
                identified,
                closes,
            });
        } else if closes && self.has(Handler::EndDoctypeDecl) {
            self.queue.push_back(Event::EndDoctype);
        }
    }

    pub(super) fn after_subset(&mut self, was_incomplete: bool, identified: bool, closes: bool) {
        let (read, standalone) = {
            let dtd = self.dtd.borrow();
            (dtd.entity_read, dtd.standalone)
        };
        if read {
            if !standalone && self.has(Handler::NotStandalone) {
                self.queue.push_back(Event::NotStandalone);
            }
        } else if !identified {
            self.dtd.borrow_mut().incomplete = was_incomplete;
        }
        if closes && self.has(Handler::EndDoctypeDecl) {
            self.queue.push_back(Event::EndDoctype);
        }
    }

    fn play_entity(&mut self, role: Role, range: Range<usize>) -> Result<bool, Error> {
        let counts = self.counts();
        let watched = self.has(Handler::EntityDecl);
        let declared = counts && self.declaration.entity.is_some();
        match role {
            Role::GeneralEntityName | Role::ParameterEntityName => {
                let parameter = role == Role::ParameterEntityName;
                let name = self.source()[range].to_owned();
                self.declaration.entity = None;
                if !counts || !parameter && predefined(&name).is_some() {
                    return Ok(true);
                }
                let in_document = !self.is_child && self.open.is_empty();
                let mut dtd = self.dtd.borrow_mut();
                let known = dtd.entities(parameter);
                if known.contains_key(&name) {
                    return Ok(true);
                }
                let entity = Entity {
                    in_document,
                    ..Entity::default()
                };
                known.insert(name.clone(), entity);
                self.declaration.entity = Some((parameter, name));
                Ok(!watched)
            }
            Role::EntityValue => {
                if !counts {
                    return Ok(true);
                }
                let (value, wrong) = self.entity_value(range.start + 1..range.end - 1);
                self.count_entity(value.len())?;
                let value: Rc<str> = value.into();
                self.with_entity(|entity| entity.text = Some(value.clone()));
                let reported = declared && watched;
                if reported {
                    let external = External {
                        base: self.base.clone(),
                        ..External::default()
                    };
                    self.report_entity(Some(value), external, None);
                }
                // What there was before the error is told all the same.
                wrong?;
                Ok(!reported)
            }
            Role::EntitySystemId => {
                let (system, base) = (self.literal(&range).to_owned(), self.base.clone());
                self.with_entity(|entity| {
                    entity.system = Some(system);
                    entity.base = base;
                });
                Ok(!(declared && watched))
            }
            Role::EntityPublicId => {
                let id = self.public_id(&range)?;
                self.with_entity(|entity| entity.public = Some(id));
                Ok(!(declared && watched))
            }
            Role::EntityComplete => {
                if declared && watched {
                    let external = self.declared_external();
                    self.report_entity(None, external, None);
                }
                Ok(!(declared && watched))
            }
            _ => {
                let notation = self.source()[range].to_owned();
                self.with_entity(|entity| entity.notation = Some(notation.clone()));
                if !declared {
                    return Ok(true);
                }
                let external = self.declared_external();
                if self.has(Handler::UnparsedEntityDecl) {
                    if let Some((_, name)) = self.declaration.entity.clone() {
                        let event = Event::UnparsedEntity(name, external, notation);
                        self.queue.push_back(event);
                    }
                    return Ok(false);
                }
                if watched {
                    self.report_entity(None, external, Some(notation));
                }
                Ok(!watched)
            }
        }
    }

    fn declared_external(&mut self) -> External {
        let mut external = External::default();
        self.with_entity(|entity| {
            external = External {
                base: entity.base.clone(),
                system: entity.system.clone(),
                public: entity.public.clone(),
            };
        });
        external
    }

    fn report_entity(
        &mut self,
        value: Option<Rc<str>>,
        external: External,
        notation: Option<String>,
    ) {
        if let Some((is_parameter, name)) = self.declaration.entity.clone() {
            self.queue.push_back(Event::Entity {
                name,
                is_parameter,
                value,
                external,
                notation,
            });
        }
    }

    fn play_attribute(&mut self, role: Role, range: Range<usize>) -> Result<bool, Error> {
        let counts = self.counts();
        let watched = counts && self.has(Handler::AttlistDecl);
        let text = self.source()[range.clone()].to_owned();
        match role {
            Role::AttributeListElement => self.declaration.element = text,
            Role::AttributeName => {
                self.declaration.attribute = text;
                self.declaration.sort.clear();
            }
            Role::AttributeType(sort) => self.declaration.sort = sort.to_owned(),
            Role::AttributeChoice(of_notations) => {
                let sort = &mut self.declaration.sort;
                match (sort.is_empty(), of_notations) {
                    (false, _) => sort.push('|'),
                    (true, true) => sort.push_str("NOTATION("),
                    (true, false) => sort.push('('),
                }
                sort.push_str(&text);
            }
            _ => return self.end_attribute(role, range, counts, watched),
        }
        Ok(!watched)
    }

    /// An attribute's default, which completes its declaration.
    fn end_attribute(
        &mut self,
        role: Role,
        range: Range<usize>,
        counts: bool,
        watched: bool,
    ) -> Result<bool, Error> {
        if !counts {
            return Ok(true);
        }
        let is_text = self.declaration.sort == "CDATA";
        let (default, required) = match role {
            Role::DefaultValue(fixed) => {
                let value = self.attribute_value(range.start + 1..range.end - 1, is_text)?;
                (Some(value), fixed)
            }
            Role::NoDefault(required) => (None, required),
            _ => (None, false),
        };
        let attribute = self.declaration.attribute.clone();
        let declared = Declared {
            name: attribute.clone(),
            is_text,
            default: default.clone(),
        };
        let element = self.declaration.element.clone();
        self.dtd.borrow_mut().declare(&element, declared);
        if watched {
            let mut sort = self.declaration.sort.clone();
            if sort.contains('(') {
                sort.push(')');
            }
            self.queue.push_back(Event::AttributeList {
                element,
                attribute,
                sort,
                default,
                required,
            });
        }
        Ok(!watched)
    }

    fn play_element(&mut self, role: Role, range: Range<usize>) -> Result<bool, Error> {
        let watched = self.has(Handler::ElementDecl);
        if role == Role::ElementName {
            self.declaration.element = self.source()[range].to_owned();
            self.declaration.model = watched.then(Model::default);
            return Ok(!watched);
        }
        // Groups must be sound even if nobody looks at them.
        let model = self.declaration.model.get_or_insert_default();
        let mut complete = false;
        match role {
            Role::ContentEmpty | Role::ContentAny => {
                *model = Model::word(if role == Role::ContentAny {
                    Sort::Any
                } else {
                    Sort::Empty
                });
                complete = true;
            }
            Role::ContentText => model.mix(),
            Role::ContentElement(quantifier) => {
                let name = match self.open.last() {
                    Some(open) => &open.text[range],
                    None => &self.input.text[range],
                };
                let name = name.trim_end_matches(['?', '*', '+']);
                model.element(name.to_owned(), quantifier);
            }
            Role::GroupOpen => model.open(),
            Role::GroupClose(quantifier) => complete = model.close(quantifier),
            Role::GroupChoice if !model.separate(Sort::Choice) => return Err(Error::Syntax),
            Role::GroupSequence if !model.separate(Sort::Sequence) => return Err(Error::Syntax),
            _ => {}
        }
        if complete
            && let Some(model) = self.declaration.model.take()
            && watched
        {
            let name = self.declaration.element.clone();
            self.queue.push_back(Event::Element(name, model));
        }
        Ok(!watched)
    }

    fn parameter_reference(&mut self, between: bool, range: Range<usize>) -> Result<bool, Error> {
        let name = self.source()[range.start + 1..range.end - 1].to_owned();
        self.advance(range.end)?;
        let shared = self.dtd.clone();
        let mut dtd = shared.borrow_mut();
        let standalone = dtd.standalone;
        dtd.incomplete = true;
        if self.parameter_parsing == 0 {
            dtd.skipping = !standalone;
        } else {
            let must_be_known = self.grammar.document && standalone && self.open.is_empty();
            let Some(entity) = dtd.parameter.get_mut(&name) else {
                if must_be_known {
                    return Err(Error::UndefinedEntity);
                }
                dtd.skipping = !standalone;
                if between && self.has(Handler::SkippedEntity) {
                    self.queue.push_back(Event::Skipped(name, true));
                    return Ok(false);
                }
                return Ok(true);
            };
            if must_be_known && !entity.in_document {
                return Err(Error::DeclaredInParameterEntity);
            }
            if entity.open {
                return Err(Error::RecursiveReference);
            }
            if let Some(text) = entity.text.clone() {
                entity.open = true;
                self.open.push(Open {
                    text,
                    at: 0,
                    name,
                    is_parameter: true,
                    between,
                    level: 0,
                });
                return Ok(false);
            }
            if self.has(Handler::ExternalEntityRef) {
                let external = External {
                    base: entity.base.clone(),
                    system: entity.system.clone(),
                    public: entity.public.clone(),
                };
                entity.open = true;
                dtd.entity_read = false;
                self.queue.push_back(Event::ExternalEntity(None, external));
                self.then.push_back(Then::Parameter(name));
                return Ok(false);
            }
            dtd.skipping = !standalone;
            return Ok(true);
        }
        if !standalone && self.has(Handler::NotStandalone) {
            self.queue.push_back(Event::NotStandalone);
        }
        Ok(true)
    }

    pub(super) fn after_parameter(&mut self, name: &str) {
        let mut dtd = self.dtd.borrow_mut();
        if let Some(entity) = dtd.parameter.get_mut(name) {
            entity.open = false;
        }
        if !dtd.entity_read {
            dtd.skipping = !dtd.standalone;
        } else if !dtd.standalone && self.handlers & (1 << Handler::NotStandalone as u8) != 0 {
            self.queue.push_back(Event::NotStandalone);
        }
    }
}
