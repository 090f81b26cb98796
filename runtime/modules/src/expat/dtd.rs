//! What declarations say: entities, attributes with defaults, and the content of elements.

use super::scan::Quantifier;
use rustc_hash::FxHashMap;
use std::rc::Rc;

/// A declared entity.
#[derive(Clone, Default)]
pub struct Entity {
    /// Its replacement text, if it is an internal one.
    pub text: Option<Rc<str>>,
    pub system: Option<String>,
    pub public: Option<String>,
    pub base: Option<String>,
    pub notation: Option<String>,
    /// Whether it was declared in the document itself.
    pub in_document: bool,
    /// Whether its text is being read.
    pub open: bool,
}

/// An attribute as declared.
#[derive(Clone)]
pub struct Declared {
    pub name: String,
    /// Whether its value is text, in which white space counts.
    pub is_text: bool,
    pub default: Option<String>,
}

/// Everything declared so far.
#[derive(Clone, Default)]
pub struct Dtd {
    pub general: FxHashMap<String, Entity>,
    pub parameter: FxHashMap<String, Entity>,
    /// The attributes of each element.
    pub attributes: FxHashMap<String, Vec<Declared>>,
    /// Whether declarations may have been missed, in parameter entities that nobody read.
    pub incomplete: bool,
    pub standalone: bool,
    /// Whether declarations still count: not behind an entity that nobody read.
    pub skipping: bool,
    /// Whether a parser was made for the external entity asked for last.
    pub entity_read: bool,
}

impl Dtd {
    /// The entities of one sort.
    pub fn entities(&mut self, parameter: bool) -> &mut FxHashMap<String, Entity> {
        if parameter {
            &mut self.parameter
        } else {
            &mut self.general
        }
    }

    /// Whether a reference to an entity that is not declared is an error.
    pub fn is_whole(&self) -> bool {
        !self.incomplete || self.standalone
    }

    /// Declares an attribute, unless it is declared already.
    pub fn declare(&mut self, element: &str, attribute: Declared) {
        let list = self.attributes.entry(element.to_owned()).or_default();
        if list.iter().all(|known| known.name != attribute.name) {
            list.push(attribute);
        }
    }
}

/// What an element may hold, in expat's numbers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Sort {
    Empty = 1,
    Any = 2,
    Mixed = 3,
    Name = 4,
    Choice = 5,
    Sequence = 6,
}

/// One node of the description of an element's content.
pub struct Node {
    pub sort: Sort,
    pub quantifier: Quantifier,
    pub name: Option<String>,
    pub children: Vec<usize>,
}

/// The content of the element being declared: nodes by number, so that nesting costs no stack.
#[derive(Default)]
pub struct Model {
    pub nodes: Vec<Node>,
    /// The groups that are open.
    open: Vec<usize>,
    /// What stands between the items of each.
    separators: Vec<Option<Sort>>,
    depth: usize,
}

impl Model {
    /// A content that is one word.
    pub fn word(sort: Sort) -> Model {
        let mut model = Model::default();
        model.add(sort, None, Quantifier::Once);
        model
    }

    fn add(&mut self, sort: Sort, name: Option<String>, quantifier: Quantifier) -> usize {
        let at = self.nodes.len();
        self.nodes.push(Node {
            sort,
            quantifier,
            name,
            children: Vec::new(),
        });
        if let Some(group) = self.open.last() {
            self.nodes[*group].children.push(at);
        }
        at
    }

    /// A group begins.
    pub fn open(&mut self) {
        let at = self.add(Sort::Sequence, None, Quantifier::Once);
        self.open.push(at);
        self.separators.push(None);
        self.depth = self.depth.max(self.open.len());
    }

    /// The innermost group mixes text with elements.
    pub fn mix(&mut self) {
        if let Some(group) = self.open.last() {
            self.nodes[*group].sort = Sort::Mixed;
        }
    }

    /// An element in the innermost group.
    pub fn element(&mut self, name: String, quantifier: Quantifier) {
        self.add(Sort::Name, Some(name), quantifier);
    }

    /// A separator in the innermost group; false if it had another one.
    pub fn separate(&mut self, sort: Sort) -> bool {
        let (Some(known), Some(group)) = (self.separators.last_mut(), self.open.last()) else {
            return true;
        };
        if known.is_some_and(|known| known != sort) {
            return false;
        }
        *known = Some(sort);
        let node = &mut self.nodes[*group];
        if sort == Sort::Choice && node.sort == Sort::Sequence {
            node.sort = Sort::Choice;
        }
        true
    }

    /// How deep groups lie within each other.
    pub fn depth(&self) -> usize {
        self.depth
    }

    /// The innermost group ends; true if it was the outermost one.
    pub fn close(&mut self, quantifier: Quantifier) -> bool {
        self.separators.pop();
        if let Some(group) = self.open.pop() {
            self.nodes[group].quantifier = quantifier;
        }
        self.open.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_keep_to_one_separator() {
        let mut model = Model::default();
        model.open();
        model.element("a".into(), Quantifier::Once);
        assert!(model.separate(Sort::Choice));
        model.element("b".into(), Quantifier::Plus);
        assert!(!model.separate(Sort::Sequence));
        assert!(model.close(Quantifier::Optional));
        assert_eq!(model.nodes[0].sort, Sort::Choice);
        assert_eq!(model.nodes[0].children, [1, 2]);
    }

    #[test]
    fn the_first_declaration_of_an_attribute_counts() {
        let mut dtd = Dtd::default();
        for default in ["1", "2"] {
            let declared = Declared {
                name: "a".into(),
                is_text: true,
                default: Some(default.into()),
            };
            dtd.declare("e", declared);
        }
        assert_eq!(dtd.attributes["e"].len(), 1);
        assert_eq!(dtd.attributes["e"][0].default.as_deref(), Some("1"));
    }
}
