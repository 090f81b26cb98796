//! The order in which the pieces of a prolog and of its declarations may come: a machine whose
//! every step says what the piece is for. Where nothing else is said, white space changes nothing.

use super::scan::{Piece, Quantifier};

/// Which kind of declaration a piece that says nothing by itself belongs to; handlers of those
/// keep it from the default handler.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Group {
    Other,
    Doctype,
    Entity,
    Notation,
    AttributeList,
    Element,
}

/// What a piece is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// Nothing by itself.
    None(Group),
    /// It can't stand here.
    Error,
    XmlDeclaration,
    TextDeclaration,
    InstanceStart,
    DoctypeName,
    DoctypeSystemId,
    DoctypePublicId,
    InternalSubset,
    DoctypeClose,
    GeneralEntityName,
    ParameterEntityName,
    EntityValue,
    EntitySystemId,
    EntityPublicId,
    EntityComplete,
    EntityNotationName,
    NotationName,
    NotationSystemId,
    NotationNoSystemId,
    NotationPublicId,
    AttributeListElement,
    AttributeName,
    AttributeType(&'static str),
    /// One of the values that an attribute may have, of notations if true.
    AttributeChoice(bool),
    /// No default; required if true.
    NoDefault(bool),
    /// A default value; the only one if true.
    DefaultValue(bool),
    ElementName,
    ContentEmpty,
    ContentAny,
    ContentText,
    ContentElement(Quantifier),
    GroupOpen,
    GroupClose(Quantifier),
    GroupChoice,
    GroupSequence,
    Pi,
    Comment,
    ParameterReference,
    /// A parameter entity within a declaration.
    InnerParameterReference,
    IgnoredSection,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    Start,
    BeforeDoctype,
    AfterDoctype,
    Doctype,
    DoctypeNamed,
    DoctypePublic,
    DoctypeSystem,
    DoctypeIdentified,
    SubsetClosed,
    InternalSubset,
    ExternalStart,
    ExternalSubset,
    Entity,
    ParameterEntity,
    EntityNamed,
    EntityPublic,
    EntitySystem,
    EntityIdentified,
    EntityNotation,
    ParameterNamed,
    ParameterPublic,
    ParameterSystem,
    ParameterIdentified,
    Notation,
    NotationNamed,
    NotationPublic,
    NotationSystem,
    NotationIdentified,
    AttributeList,
    AttributeName,
    AttributeType,
    Choice,
    ChoiceNext,
    NotationOpen,
    NotationChoice,
    NotationChoiceNext,
    Default,
    FixedDefault,
    Element,
    Content,
    FirstInGroup,
    AfterText,
    MixedName,
    AfterMixedName,
    InGroup,
    AfterItem,
    /// Only the declaration's end is missing.
    Closing(Group),
    Section,
    IncludedSection,
    IgnoredSection,
    Failed,
}

/// The machine.
#[derive(Clone, Debug)]
pub struct Grammar {
    state: State,
    /// How deep in groups of an element's content.
    pub level: usize,
    /// How deep in sections that are included.
    included: usize,
    /// Whether this is the document itself and not an external entity.
    pub document: bool,
}

impl Grammar {
    /// The grammar of a document.
    pub fn document() -> Grammar {
        Grammar {
            state: State::Start,
            level: 0,
            included: 0,
            document: true,
        }
    }

    /// The grammar of an external subset or parameter entity.
    pub fn external() -> Grammar {
        Grammar {
            state: State::ExternalStart,
            document: false,
            ..Grammar::document()
        }
    }

    fn top(&mut self) {
        self.state = if self.document {
            State::InternalSubset
        } else {
            State::ExternalSubset
        };
    }

    fn to(&mut self, state: State, role: Role) -> Role {
        self.state = state;
        role
    }

    /// A piece that none of the rules has.
    fn other(&mut self, piece: Piece) -> Role {
        if !self.document && piece == Piece::ParameterReference {
            return Role::InnerParameterReference;
        }
        self.state = State::Failed;
        Role::Error
    }

    /// Takes the next piece, whose text is `text`.
    pub fn step(&mut self, piece: Piece, text: &str) -> Role {
        use Group as G;
        use State as S;
        let state = self.state;
        let name = matches!(piece, Piece::Name | Piece::PrefixedName);
        let keyword = |wanted: &str| piece == Piece::Name && text == wanted;
        if piece == Piece::Space {
            return match state {
                S::Failed => Role::None(G::Other),
                S::ExternalStart => self.to(S::ExternalSubset, Role::None(G::Other)),
                // The XML declaration comes first or not at all.
                S::Start => self.to(S::BeforeDoctype, Role::None(G::Other)),
                _ => Role::None(group_of(state)),
            };
        }
        match (state, piece) {
            (S::Start, Piece::XmlDeclaration) => self.to(S::BeforeDoctype, Role::XmlDeclaration),
            (S::Start | S::BeforeDoctype | S::AfterDoctype, _) => {
                if state == S::Start {
                    self.state = S::BeforeDoctype;
                }
                match piece {
                    Piece::Pi { .. } => Role::Pi,
                    Piece::Comment => Role::Comment,
                    Piece::InstanceStart => self.to(S::Failed, Role::InstanceStart),
                    Piece::DeclarationOpen if state != S::AfterDoctype && text == "<!DOCTYPE" => {
                        self.to(S::Doctype, Role::None(G::Doctype))
                    }
                    _ => self.other(piece),
                }
            }
            (S::Doctype, _) if name => self.to(S::DoctypeNamed, Role::DoctypeName),
            (S::DoctypeNamed, _) if keyword("SYSTEM") => {
                self.to(S::DoctypeSystem, Role::None(G::Doctype))
            }
            (S::DoctypeNamed, _) if keyword("PUBLIC") => {
                self.to(S::DoctypePublic, Role::None(G::Doctype))
            }
            (S::DoctypeNamed | S::DoctypeIdentified, Piece::OpenBracket) => {
                self.to(S::InternalSubset, Role::InternalSubset)
            }
            (S::DoctypeNamed | S::DoctypeIdentified | S::SubsetClosed, Piece::DeclarationClose) => {
                self.to(S::AfterDoctype, Role::DoctypeClose)
            }
            (S::DoctypePublic, Piece::Literal) => self.to(S::DoctypeSystem, Role::DoctypePublicId),
            (S::DoctypeSystem, Piece::Literal) => {
                self.to(S::DoctypeIdentified, Role::DoctypeSystemId)
            }
            (S::ExternalStart, Piece::XmlDeclaration) => {
                self.to(S::ExternalSubset, Role::TextDeclaration)
            }
            (S::ExternalStart, _) => {
                self.state = S::ExternalSubset;
                self.in_external_subset(piece, text)
            }
            (S::ExternalSubset, _) => self.in_external_subset(piece, text),
            (S::InternalSubset, _) => self.in_subset(piece, text),
            (S::Entity, Piece::Percent) => self.to(S::ParameterEntity, Role::None(G::Entity)),
            (S::Entity, Piece::Name) => self.to(S::EntityNamed, Role::GeneralEntityName),
            (S::ParameterEntity, Piece::Name) => {
                self.to(S::ParameterNamed, Role::ParameterEntityName)
            }
            (S::EntityNamed, _) if keyword("SYSTEM") => {
                self.to(S::EntitySystem, Role::None(G::Entity))
            }
            (S::EntityNamed, _) if keyword("PUBLIC") => {
                self.to(S::EntityPublic, Role::None(G::Entity))
            }
            (S::ParameterNamed, _) if keyword("SYSTEM") => {
                self.to(S::ParameterSystem, Role::None(G::Entity))
            }
            (S::ParameterNamed, _) if keyword("PUBLIC") => {
                self.to(S::ParameterPublic, Role::None(G::Entity))
            }
            (S::EntityNamed | S::ParameterNamed, Piece::Literal) => {
                self.to(S::Closing(G::Entity), Role::EntityValue)
            }
            (S::EntityPublic, Piece::Literal) => self.to(S::EntitySystem, Role::EntityPublicId),
            (S::ParameterPublic, Piece::Literal) => {
                self.to(S::ParameterSystem, Role::EntityPublicId)
            }
            (S::EntitySystem, Piece::Literal) => self.to(S::EntityIdentified, Role::EntitySystemId),
            (S::ParameterSystem, Piece::Literal) => {
                self.to(S::ParameterIdentified, Role::EntitySystemId)
            }
            (S::EntityIdentified, _) if keyword("NDATA") => {
                self.to(S::EntityNotation, Role::None(G::Entity))
            }
            (S::EntityIdentified | S::ParameterIdentified, Piece::DeclarationClose) => {
                self.top();
                Role::EntityComplete
            }
            (S::EntityNotation, Piece::Name) => {
                self.to(S::Closing(G::Entity), Role::EntityNotationName)
            }
            (S::Notation, Piece::Name) => self.to(S::NotationNamed, Role::NotationName),
            (S::NotationNamed, _) if keyword("SYSTEM") => {
                self.to(S::NotationSystem, Role::None(G::Notation))
            }
            (S::NotationNamed, _) if keyword("PUBLIC") => {
                self.to(S::NotationPublic, Role::None(G::Notation))
            }
            (S::NotationPublic, Piece::Literal) => {
                self.to(S::NotationIdentified, Role::NotationPublicId)
            }
            (S::NotationSystem | S::NotationIdentified, Piece::Literal) => {
                self.to(S::Closing(G::Notation), Role::NotationSystemId)
            }
            (S::NotationIdentified, Piece::DeclarationClose) => {
                self.top();
                Role::NotationNoSystemId
            }
            (S::Closing(group), Piece::DeclarationClose) => {
                self.top();
                Role::None(group)
            }
            (S::Section, _) if keyword("INCLUDE") => {
                self.to(S::IncludedSection, Role::None(G::Other))
            }
            (S::Section, _) if keyword("IGNORE") => {
                self.to(S::IgnoredSection, Role::None(G::Other))
            }
            (S::IncludedSection, Piece::OpenBracket) => {
                self.included += 1;
                self.to(S::ExternalSubset, Role::None(G::Other))
            }
            (S::IgnoredSection, Piece::OpenBracket) => {
                self.to(S::ExternalSubset, Role::IgnoredSection)
            }
            _ => self.in_list(state, piece, text),
        }
    }

    /// Where declarations may start.
    fn in_subset(&mut self, piece: Piece, text: &str) -> Role {
        match piece {
            Piece::DeclarationOpen => match text {
                "<!ENTITY" => self.to(State::Entity, Role::None(Group::Entity)),
                "<!ATTLIST" => self.to(State::AttributeList, Role::None(Group::AttributeList)),
                "<!ELEMENT" => self.to(State::Element, Role::None(Group::Element)),
                "<!NOTATION" => self.to(State::Notation, Role::None(Group::Notation)),
                _ => self.other(piece),
            },
            Piece::Pi { .. } => Role::Pi,
            Piece::Comment => Role::Comment,
            Piece::ParameterReference => Role::ParameterReference,
            Piece::CloseBracket if self.document => {
                self.to(State::SubsetClosed, Role::None(Group::Doctype))
            }
            Piece::None => Role::None(Group::Other),
            _ => self.other(piece),
        }
    }

    fn in_external_subset(&mut self, piece: Piece, text: &str) -> Role {
        match piece {
            Piece::SectionOpen => self.to(State::Section, Role::None(Group::Other)),
            Piece::SectionClose if self.included > 0 => {
                self.included -= 1;
                Role::None(Group::Other)
            }
            Piece::None if self.included > 0 => self.other(piece),
            _ => self.in_subset(piece, text),
        }
    }

    /// Within declarations of attributes and elements.
    fn in_list(&mut self, state: State, piece: Piece, text: &str) -> Role {
        use Group as G;
        use State as S;
        let name = matches!(piece, Piece::Name | Piece::PrefixedName);
        let any_name = name || piece == Piece::NameToken;
        match (state, piece) {
            (S::AttributeList, _) if name => self.to(S::AttributeName, Role::AttributeListElement),
            (S::AttributeName, Piece::DeclarationClose) => {
                self.top();
                Role::None(G::AttributeList)
            }
            (S::AttributeName, _) if name => self.to(S::AttributeType, Role::AttributeName),
            (S::AttributeType, Piece::Name) if text == "NOTATION" => {
                self.to(S::NotationOpen, Role::None(G::AttributeList))
            }
            (S::AttributeType, Piece::Name) => match TYPES.iter().find(|known| **known == text) {
                Some(known) => self.to(S::Default, Role::AttributeType(known)),
                None => self.other(piece),
            },
            (S::AttributeType, Piece::OpenParenthesis) => {
                self.to(S::Choice, Role::None(G::AttributeList))
            }
            (S::Choice, _) if any_name => self.to(S::ChoiceNext, Role::AttributeChoice(false)),
            (S::ChoiceNext, Piece::Or) => self.to(S::Choice, Role::None(G::AttributeList)),
            (S::NotationOpen, Piece::OpenParenthesis) | (S::NotationChoiceNext, Piece::Or) => {
                self.to(S::NotationChoice, Role::None(G::AttributeList))
            }
            (S::NotationChoice, Piece::Name) => {
                self.to(S::NotationChoiceNext, Role::AttributeChoice(true))
            }
            (S::ChoiceNext | S::NotationChoiceNext, Piece::CloseParenthesis(Quantifier::Once)) => {
                self.to(S::Default, Role::None(G::AttributeList))
            }
            (S::Default, Piece::PoundName) => match text {
                "#IMPLIED" => self.to(S::AttributeName, Role::NoDefault(false)),
                "#REQUIRED" => self.to(S::AttributeName, Role::NoDefault(true)),
                "#FIXED" => self.to(S::FixedDefault, Role::None(G::AttributeList)),
                _ => self.other(piece),
            },
            (S::Default, Piece::Literal) => self.to(S::AttributeName, Role::DefaultValue(false)),
            (S::FixedDefault, Piece::Literal) => {
                self.to(S::AttributeName, Role::DefaultValue(true))
            }
            (S::Element, _) if name => self.to(S::Content, Role::ElementName),
            (S::Content, Piece::Name) if text == "EMPTY" => {
                self.to(S::Closing(G::Element), Role::ContentEmpty)
            }
            (S::Content, Piece::Name) if text == "ANY" => {
                self.to(S::Closing(G::Element), Role::ContentAny)
            }
            (S::Content, Piece::OpenParenthesis) => {
                self.level = 1;
                self.to(S::FirstInGroup, Role::GroupOpen)
            }
            (S::FirstInGroup, Piece::PoundName) if text == "#PCDATA" => {
                self.to(S::AfterText, Role::ContentText)
            }
            (S::FirstInGroup | S::InGroup, Piece::OpenParenthesis) => {
                self.level += 1;
                self.to(S::InGroup, Role::GroupOpen)
            }
            (S::FirstInGroup | S::InGroup, Piece::Counted(q)) => {
                self.to(S::AfterItem, Role::ContentElement(q))
            }
            (S::FirstInGroup | S::InGroup, _) if name => {
                self.to(S::AfterItem, Role::ContentElement(Quantifier::Once))
            }
            (S::AfterText, Piece::CloseParenthesis(Quantifier::Once)) => {
                self.level = 0;
                self.to(S::Closing(G::Element), Role::GroupClose(Quantifier::Once))
            }
            (S::AfterText | S::AfterMixedName, Piece::CloseParenthesis(Quantifier::Repeated)) => {
                self.level = 0;
                self.to(
                    S::Closing(G::Element),
                    Role::GroupClose(Quantifier::Repeated),
                )
            }
            (S::AfterText | S::AfterMixedName, Piece::Or) => {
                self.to(S::MixedName, Role::None(G::Element))
            }
            (S::MixedName, _) if name => {
                self.to(S::AfterMixedName, Role::ContentElement(Quantifier::Once))
            }
            (S::AfterItem, Piece::CloseParenthesis(q)) => {
                self.level -= 1;
                if self.level == 0 {
                    self.state = S::Closing(G::Element);
                }
                Role::GroupClose(q)
            }
            (S::AfterItem, Piece::Comma) => self.to(S::InGroup, Role::GroupSequence),
            (S::AfterItem, Piece::Or) => self.to(S::InGroup, Role::GroupChoice),
            _ => self.other(piece),
        }
    }
}

/// The types of attributes that are one word.
const TYPES: [&str; 8] = [
    "CDATA", "ID", "IDREF", "IDREFS", "ENTITY", "ENTITIES", "NMTOKEN", "NMTOKENS",
];

/// What kind of declaration white space in a state belongs to.
fn group_of(state: State) -> Group {
    use State as S;
    match state {
        S::Doctype
        | S::DoctypeNamed
        | S::DoctypePublic
        | S::DoctypeSystem
        | S::DoctypeIdentified
        | S::SubsetClosed => Group::Doctype,
        S::Entity
        | S::ParameterEntity
        | S::EntityNamed
        | S::EntityPublic
        | S::EntitySystem
        | S::EntityIdentified
        | S::EntityNotation
        | S::ParameterNamed
        | S::ParameterPublic
        | S::ParameterSystem
        | S::ParameterIdentified => Group::Entity,
        S::Notation
        | S::NotationNamed
        | S::NotationPublic
        | S::NotationSystem
        | S::NotationIdentified => Group::Notation,
        S::AttributeList
        | S::AttributeName
        | S::AttributeType
        | S::Choice
        | S::ChoiceNext
        | S::NotationOpen
        | S::NotationChoice
        | S::NotationChoiceNext
        | S::Default
        | S::FixedDefault => Group::AttributeList,
        S::Element
        | S::Content
        | S::FirstInGroup
        | S::AfterText
        | S::MixedName
        | S::AfterMixedName
        | S::InGroup
        | S::AfterItem => Group::Element,
        S::Closing(group) => group,
        _ => Group::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expat::scan::Scanner;

    fn roles(text: &str) -> Vec<Role> {
        let scanner = Scanner {
            text,
            namespaces: false,
            internal: false,
        };
        let mut grammar = Grammar::document();
        let (mut at, mut roles) = (0, Vec::new());
        while let Ok((piece, end, _)) = scanner.prolog(at) {
            match grammar.step(piece, &text[at..end]) {
                Role::None(_) => {}
                role => roles.push(role),
            }
            if piece == Piece::InstanceStart {
                break;
            }
            at = end;
        }
        roles
    }

    #[test]
    fn declarations_have_their_roles_in_order() {
        let doc = "<!DOCTYPE a [<!ELEMENT a (b?, (c|d)+)>]><a/>";
        let once = Quantifier::Once;
        assert_eq!(
            roles(doc),
            [
                Role::DoctypeName,
                Role::InternalSubset,
                Role::ElementName,
                Role::GroupOpen,
                Role::ContentElement(Quantifier::Optional),
                Role::GroupSequence,
                Role::GroupOpen,
                Role::ContentElement(once),
                Role::GroupChoice,
                Role::ContentElement(once),
                Role::GroupClose(Quantifier::Plus),
                Role::GroupClose(once),
                Role::DoctypeClose,
                Role::InstanceStart,
            ]
        );
    }

    #[test]
    fn an_xml_declaration_stands_first_or_nowhere() {
        assert_eq!(roles("<?xml version='1.0'?><a/>").len(), 2);
        assert_eq!(roles(" <?xml version='1.0'?>"), [Role::Error]);
    }
}
