//! The values of attributes and of entities: texts in which references are replaced.

use super::content::predefined;
use super::error::Error;
use super::parser::Parser;
use super::scan::{Scanner, Stop, Token};
use std::ops::Range;
use std::rc::Rc;

/// Where a value's text is, for the places of errors.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Origin {
    /// In the text that is being read.
    Here,
    /// In an entity referred to from there.
    Entity,
}

/// The reference at `at` and where it ends, or where it is wrong.
fn reference_at(scanner: &Scanner<'_>, at: usize) -> Result<(Token, usize), usize> {
    scanner.reference(at).map_err(|stop| match stop {
        Stop::Invalid(wrong) => wrong,
        _ => at,
    })
}

impl Parser {
    /// The value of an attribute; one that is no text has its white space tidied.
    pub(super) fn attribute_value(
        &mut self,
        range: Range<usize>,
        is_text: bool,
    ) -> Result<String, Error> {
        let source = &self.source()[range.clone()];
        let special = |b: u8| matches!(b, b'&' | b'<' | b'\t' | b'\r' | b'\n');
        let mut value = String::with_capacity(source.len());
        if source.bytes().any(special) {
            let text = source.to_owned();
            self.append_attribute(&text, range.start, Origin::Here, &mut value)?;
        } else {
            value.push_str(source);
        }
        if is_text {
            return Ok(value);
        }
        // References to other characters than the space itself stay what they are.
        let words: Vec<&str> = value.split(' ').filter(|word| !word.is_empty()).collect();
        Ok(words.join(" "))
    }

    fn append_attribute(
        &mut self,
        text: &str,
        start: usize,
        origin: Origin,
        value: &mut String,
    ) -> Result<(), Error> {
        let internal = origin == Origin::Entity || !self.open.is_empty();
        let scanner = Scanner {
            text,
            namespaces: self.namespaces.is_some(),
            internal,
        };
        let bytes = text.as_bytes();
        let mut at = 0;
        let blame = |parser: &mut Parser, at: usize| {
            if origin == Origin::Here {
                parser.blame(start + at);
            }
        };
        while at < bytes.len() {
            let plain = bytes[at..]
                .iter()
                .position(|b| matches!(b, b'&' | b'<' | b'\t' | b'\r' | b'\n'))
                .unwrap_or(bytes.len() - at);
            value.push_str(&text[at..at + plain]);
            at += plain;
            match bytes.get(at) {
                None => break,
                Some(b'&') => {}
                Some(b'<') => {
                    blame(self, at);
                    return Err(Error::InvalidToken);
                }
                Some(b'\r') if !internal && bytes.get(at + 1) == Some(&b'\n') => {
                    value.push(' ');
                    at += 2;
                    continue;
                }
                Some(_) => {
                    value.push(' ');
                    at += 1;
                    continue;
                }
            }
            let (token, end) = reference_at(&scanner, at).map_err(|wrong| {
                blame(self, wrong);
                Error::InvalidToken
            })?;
            if let Token::CharReference(c) = token {
                let Some(c) = c else {
                    blame(self, at);
                    return Err(Error::BadCharReference);
                };
                value.push(c);
                at = end;
                continue;
            }
            let name = &text[at + 1..end - 1];
            if let Some(c) = predefined(name) {
                value.push(c);
                at = end;
                continue;
            }
            if let Some(inner) = self.enter_for_attribute(name, at, origin, start)? {
                self.limits.count(inner.len())?;
                let result = self.append_attribute(&inner, 0, Origin::Entity, value);
                if let Some(entity) = self.dtd.borrow_mut().general.get_mut(name) {
                    entity.open = false;
                }
                result?;
            }
            at = end;
        }
        Ok(())
    }

    /// The text of an entity referred to in an attribute, which then is open; nothing if it
    /// may have been declared where nobody looked.
    fn enter_for_attribute(
        &mut self,
        name: &str,
        at: usize,
        origin: Origin,
        start: usize,
    ) -> Result<Option<Rc<str>>, Error> {
        let dtd = self.dtd.clone();
        let mut dtd = dtd.borrow_mut();
        let whole = dtd.is_whole();
        let Some(entity) = dtd.general.get_mut(name) else {
            return if whole {
                Err(Error::UndefinedEntity)
            } else {
                Ok(None)
            };
        };
        if whole && !entity.in_document {
            return Err(Error::DeclaredInParameterEntity);
        }
        let error = if entity.open {
            Error::RecursiveReference
        } else if entity.notation.is_some() {
            Error::BinaryReference
        } else if let Some(text) = &entity.text {
            let text = text.clone();
            entity.open = true;
            return Ok(Some(text));
        } else {
            Error::ExternalInAttribute
        };
        if origin == Origin::Here {
            self.blame(start + at);
        }
        Err(error)
    }

    /// The replacement text of an entity from its literal, as far as that is right.
    pub(super) fn entity_value(&mut self, range: Range<usize>) -> (String, Result<(), Error>) {
        let text = self.source()[range.clone()].to_owned();
        let mut value = String::with_capacity(text.len());
        let result = self.append_entity(&text, range.start, true, &mut value);
        (value, result)
    }

    fn append_entity(
        &mut self,
        text: &str,
        start: usize,
        here: bool,
        value: &mut String,
    ) -> Result<(), Error> {
        let internal = !here || !self.open.is_empty();
        let namespaces = self.namespaces.is_some();
        let scanner = Scanner {
            text,
            namespaces,
            internal,
        };
        let bytes = text.as_bytes();
        let mut at = 0;
        while let Some(b) = bytes.get(at) {
            let blame = |parser: &mut Parser, at: usize| {
                if here {
                    parser.blame(start + at);
                }
            };
            match b {
                b'&' => {
                    let (token, end) = reference_at(&scanner, at).map_err(|wrong| {
                        blame(self, wrong);
                        Error::InvalidToken
                    })?;
                    match token {
                        Token::CharReference(Some(c)) => value.push(c),
                        Token::CharReference(None) => {
                            blame(self, at);
                            return Err(Error::BadCharReference);
                        }
                        _ => value.push_str(&text[at..end]),
                    }
                    at = end;
                }
                b'%' => {
                    let end = match scanner.name(at + 1) {
                        Ok(end) if bytes.get(end) == Some(&b';') => end,
                        Ok(wrong) | Err(Stop::Invalid(wrong)) => {
                            blame(self, wrong);
                            return Err(Error::InvalidToken);
                        }
                        Err(_) => {
                            blame(self, at);
                            return Err(Error::InvalidToken);
                        }
                    };
                    if !self.is_parameter_entity && self.open.is_empty() {
                        blame(self, at);
                        return Err(Error::ParameterReference);
                    }
                    self.append_parameter(&text[at + 1..end], at, start, here, value)?;
                    at = end + 1;
                }
                b'\r' if !internal => {
                    value.push('\n');
                    at += if bytes.get(at + 1) == Some(&b'\n') {
                        2
                    } else {
                        1
                    };
                }
                _ => {
                    let rest = &bytes[at..];
                    let special = |b: &u8| matches!(b, b'&' | b'%') || !internal && *b == b'\r';
                    let end = at + rest.iter().position(special).unwrap_or(rest.len());
                    value.push_str(&text[at..end]);
                    at = end;
                }
            }
        }
        Ok(())
    }

    fn append_parameter(
        &mut self,
        name: &str,
        at: usize,
        start: usize,
        here: bool,
        value: &mut String,
    ) -> Result<(), Error> {
        let dtd = self.dtd.clone();
        let text = {
            let mut dtd = dtd.borrow_mut();
            let standalone = dtd.standalone;
            let Some(entity) = dtd.parameter.get_mut(name) else {
                dtd.skipping = !standalone;
                return Ok(());
            };
            if entity.open {
                if here {
                    self.blame(start + at);
                }
                return Err(Error::RecursiveReference);
            }
            let Some(text) = entity.text.clone() else {
                dtd.skipping = !standalone;
                return Ok(());
            };
            entity.open = true;
            text
        };
        self.limits.count(text.len())?;
        let result = self.append_entity(&text, 0, false, value);
        if let Some(entity) = dtd.borrow_mut().parameter.get_mut(name) {
            entity.open = false;
        }
        result
    }
}
