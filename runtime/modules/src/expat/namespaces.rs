//! Prefixes and the namespaces they stand for.

use super::error::Error;

const XML: &str = "http://www.w3.org/XML/1998/namespace";
const XMLNS: &str = "http://www.w3.org/2000/xmlns/";

/// A prefix, or the default one, with what it stands for; no namespace ends a default.
#[derive(Clone)]
struct Binding {
    prefix: Option<String>,
    uri: Option<String>,
}

/// The bindings in force, those of inner elements last.
#[derive(Clone)]
pub struct Namespaces {
    /// What stands between the parts of names, if anything does.
    pub separator: Option<char>,
    /// Whether names show their prefixes too.
    pub with_prefixes: bool,
    bindings: Vec<Binding>,
}

impl Namespaces {
    /// The prefix `xml` only.
    pub fn new(separator: Option<char>) -> Namespaces {
        Namespaces {
            separator,
            with_prefixes: false,
            bindings: vec![Binding {
                prefix: Some("xml".to_owned()),
                uri: Some(XML.to_owned()),
            }],
        }
    }

    /// Binds a prefix.
    ///
    /// # Errors
    /// For prefixes and namespaces that are reserved.
    pub fn bind(&mut self, prefix: Option<&str>, uri: &str) -> Result<(), Error> {
        match prefix {
            Some(_) if uri.is_empty() => return Err(Error::UndeclaringPrefix),
            Some("xmlns") => return Err(Error::ReservedPrefixXmlns),
            Some("xml") if uri != XML => return Err(Error::ReservedPrefixXml),
            Some("xml") => {}
            _ if uri == XML || uri == XMLNS => return Err(Error::ReservedNamespace),
            _ => {}
        }
        // Names could not be taken apart again.
        if let Some(separator) = self.separator
            && uri.contains(separator)
            && !in_uri(separator)
        {
            return Err(Error::Syntax);
        }
        self.bindings.push(Binding {
            prefix: prefix.map(str::to_owned),
            uri: Some(uri).filter(|u| !u.is_empty()).map(str::to_owned),
        });
        Ok(())
    }

    /// Ends the binding made last; its prefix.
    pub fn unbind(&mut self) -> Option<String> {
        self.bindings.pop().and_then(|binding| binding.prefix)
    }

    fn find(&self, prefix: Option<&str>) -> Option<&str> {
        let bound = self.bindings.iter().rev();
        let mut bound = bound.filter(|b| b.prefix.as_deref() == prefix);
        bound.next()?.uri.as_deref()
    }

    /// The full name of an element or an attribute.
    ///
    /// # Errors
    /// If its prefix is not bound.
    pub fn expand(&self, name: &str, is_attribute: bool) -> Result<String, Error> {
        let (prefix, local) = match name.split_once(':') {
            Some((prefix, local)) => (Some(prefix), local),
            None if is_attribute => return Ok(name.to_owned()),
            None => (None, name),
        };
        let uri = match (self.find(prefix), prefix) {
            (Some(uri), _) => uri,
            (None, Some(_)) => return Err(Error::UnboundPrefix),
            (None, None) => return Ok(name.to_owned()),
        };
        let mut full = String::with_capacity(uri.len() + name.len() + 2);
        full.push_str(uri);
        full.extend(self.separator);
        full.push_str(local);
        Ok(full)
    }

    /// A full name with the prefix of `name` behind it, if names show prefixes.
    pub fn show_prefix(&self, name: &str, full: &mut String) {
        if self.with_prefixes
            && let Some(separator) = self.separator
            && let Some((prefix, _)) = name.split_once(':')
        {
            full.push(separator);
            full.push_str(prefix);
        }
    }

    /// The bindings in force as parsers of external entities are told of them.
    pub fn context(&self) -> Vec<String> {
        let mut parts: Vec<String> = Vec::new();
        let mut seen: Vec<Option<&str>> = Vec::new();
        for binding in self.bindings.iter().rev() {
            let prefix = binding.prefix.as_deref();
            if !seen.contains(&prefix) {
                seen.push(prefix);
                if let Some(uri) = &binding.uri {
                    parts.push(format!("{}={uri}", prefix.unwrap_or("")));
                }
            }
        }
        // The default comes first, and the prefix that is always there last.
        parts.sort_by_key(|part| !part.starts_with('='));
        parts
    }

    /// Binds what a context tells.
    pub fn adopt(&mut self, part: &str) {
        if let Some((prefix, uri)) = part.split_once('=') {
            self.bindings.push(Binding {
                prefix: Some(prefix).filter(|p| !p.is_empty()).map(str::to_owned),
                uri: Some(uri.to_owned()),
            });
        }
    }
}

/// Whether URIs may have this character, so that names with it as separator are the caller's
/// own fault.
fn in_uri(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-._~%:/?#[]@!$&'()*+,;=".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_get_the_namespace_of_their_prefix() {
        let mut namespaces = Namespaces::new(Some(' '));
        namespaces.bind(None, "urn:a").unwrap();
        namespaces.bind(Some("p"), "urn:p").unwrap();
        assert_eq!(namespaces.expand("x", false).unwrap(), "urn:a x");
        assert_eq!(namespaces.expand("x", true).unwrap(), "x");
        assert_eq!(namespaces.expand("p:x", true).unwrap(), "urn:p x");
        assert_eq!(namespaces.expand("q:x", true), Err(Error::UnboundPrefix));
        namespaces.unbind();
        assert_eq!(namespaces.expand("p:x", false), Err(Error::UnboundPrefix));
    }

    #[test]
    fn reserved_names_stay_what_they_are() {
        let mut namespaces = Namespaces::new(None);
        let bind = |n: &mut Namespaces, p, u| n.bind(p, u).unwrap_err();
        assert_eq!(
            bind(&mut namespaces, Some("xmlns"), "u"),
            Error::ReservedPrefixXmlns
        );
        assert_eq!(
            bind(&mut namespaces, Some("xml"), "u"),
            Error::ReservedPrefixXml
        );
        assert_eq!(
            bind(&mut namespaces, Some("a"), XML),
            Error::ReservedNamespace
        );
        assert_eq!(
            bind(&mut namespaces, Some("a"), ""),
            Error::UndeclaringPrefix
        );
    }
}
