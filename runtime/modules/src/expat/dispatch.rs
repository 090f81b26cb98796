//! Events become calls of handlers.

use super::dtd::Model;
use super::error::{Error, message};
use super::event::{Event, External, Handler, Text};
use super::object::{self, XmlParser};
use taipan_runtime::heap::Gc;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Raised, Result, Vm};

/// Line, from 1 on, and column of the current event.
pub fn place(object: &XmlParser) -> (i64, i64) {
    let place = object.parser.borrow().position().unwrap_or_default();
    (place.line as i64 + 1, place.column as i64)
}

/// Raises ExpatError for an error of the document.
#[cold]
pub fn error(vm: &Vm, code: u8, place: (i64, i64)) -> Raised {
    raise(vm, message(code.into()).unwrap_or(""), code, place)
}

/// Raises ExpatError with this message and the place behind it.
#[cold]
pub fn raise(vm: &Vm, message: &str, code: u8, (line, column): (i64, i64)) -> Raised {
    let text = format!("{message}: line {line}, column {column}");
    let make = || -> Result {
        let text = vm.new_str(&text).value();
        let e = vm.call(object::error_class(vm).value(), &[text])?;
        for (name, value) in [("code", code.into()), ("offset", column), ("lineno", line)] {
            vm.set_attr(e, vm.intern(name), Some(vm.new_int(value)))?;
        }
        Ok(e)
    };
    match make() {
        Ok(e) => vm.raise(e),
        Err(raised) => raised,
    }
}

/// Parses a piece of a document and calls the handlers for what is in it.
pub fn parse(vm: &Vm, object: Gc<XmlParser>, data: &[u8], is_final: bool) -> Result<()> {
    let fed = object.parser.borrow_mut().feed(data, is_final);
    if let Err(wrong) = fed {
        return Err(error(vm, wrong as u8, place(&object)));
    }
    loop {
        let next = object.parser.borrow_mut().next_event();
        match next {
            Ok(Some(event)) => {
                if let Err(raised) = report(vm, object, event) {
                    object.drop_handlers();
                    drain(object);
                    return Err(raised);
                }
            }
            Ok(None) => return flush(vm, object),
            Err(wrong) => {
                // Whoever collects text gets what there was before the error.
                let place = place(&object);
                let code = wrong as u8;
                return Err(error(vm, code, place));
            }
        }
    }
}

/// Parses on without handlers, so that what comes next starts where it would have.
fn drain(object: Gc<XmlParser>) {
    loop {
        let next = object.parser.borrow_mut().next_event();
        match next {
            Ok(Some(Event::UnknownEncoding(_))) => {
                object.parser.borrow_mut().describe_encoding(None);
            }
            Ok(Some(_)) => {}
            Ok(None) | Err(_) => return,
        }
    }
}

/// Gives collected text to its handler.
pub fn flush(vm: &Vm, object: Gc<XmlParser>) -> Result<()> {
    if object.text.borrow().is_empty() {
        return Ok(());
    }
    let text = std::mem::take(&mut *object.text.borrow_mut());
    if let Some(handler) = object.handler(Handler::CharacterData) {
        vm.call(handler, &[vm.new_str(&text).value()])?;
    }
    Ok(())
}

fn text(vm: &Vm, text: &str) -> Value {
    vm.new_str(text).value()
}

fn optional(vm: &Vm, text: Option<&str>) -> Value {
    text.map_or(Value::NONE, |text| vm.new_str(text).value())
}

/// Calls a handler, if it is still set, with the arguments that `arguments` makes.
fn call(
    vm: &Vm,
    object: Gc<XmlParser>,
    which: Handler,
    arguments: &[Value],
) -> Result<Option<Value>> {
    match object.handler(which) {
        Some(handler) => vm.call(handler, arguments).map(Some),
        None => Ok(None),
    }
}

/// Calls a handler that says with 0 that the document is to be refused.
fn ask(
    vm: &Vm,
    object: Gc<XmlParser>,
    which: Handler,
    arguments: &[Value],
    refusal: Error,
) -> Result<()> {
    if let Some(answer) = call(vm, object, which, arguments)?
        && vm.to_i64(vm.index(answer)?)? == 0
    {
        object.parser.borrow_mut().fail(refusal);
    }
    Ok(())
}

fn report(vm: &Vm, object: Gc<XmlParser>, event: Event) -> Result<()> {
    match event {
        Event::Data(data) => return report_data(vm, object, &data),
        Event::UnknownEncoding(name) => {
            let table = object::table(vm, &name)?;
            object.parser.borrow_mut().describe_encoding(table);
            return Ok(());
        }
        _ => flush(vm, object)?,
    }
    match event {
        Event::StartElement {
            name,
            attributes,
            specified,
        } => {
            let shown = if object.only_specified.get() {
                specified
            } else {
                attributes.len()
            };
            let name = object.interned(vm, &name)?;
            let made = if object.ordered.get() {
                let list = vm.new_list(&[])?;
                for (name, value) in &attributes[..shown] {
                    list.push(vm, object.interned(vm, name)?)?;
                    list.push(vm, text(vm, value))?;
                }
                list.value()
            } else {
                let dict = vm.new_dict();
                for (name, value) in &attributes[..shown] {
                    dict.set(vm, object.interned(vm, name)?, text(vm, value))?;
                }
                dict.value()
            };
            call(vm, object, Handler::StartElement, &[name, made])?;
        }
        Event::EndElement(name) => {
            let name = object.interned(vm, &name)?;
            call(vm, object, Handler::EndElement, &[name])?;
        }
        Event::Pi(target, data) => {
            let arguments = [object.interned(vm, &target)?, text(vm, &data)];
            call(vm, object, Handler::ProcessingInstruction, &arguments)?;
        }
        Event::Comment(comment) => {
            call(vm, object, Handler::Comment, &[text(vm, &comment)])?;
        }
        Event::StartNamespace(prefix, uri) => {
            let prefix = named(vm, object, prefix.as_deref())?;
            let uri = named(vm, object, uri.as_deref())?;
            call(vm, object, Handler::StartNamespaceDecl, &[prefix, uri])?;
        }
        Event::EndNamespace(prefix) => {
            let prefix = named(vm, object, prefix.as_deref())?;
            call(vm, object, Handler::EndNamespaceDecl, &[prefix])?;
        }
        Event::StartCdata => {
            call(vm, object, Handler::StartCdataSection, &[])?;
        }
        Event::EndCdata => {
            call(vm, object, Handler::EndCdataSection, &[])?;
        }
        Event::Default(range) => {
            let value = {
                let parser = object.parser.borrow();
                text(vm, parser.characters(&range, &mut [0; 4]))
            };
            let expands = object.parser.borrow().expands;
            let which = if expands {
                Handler::DefaultExpand
            } else {
                Handler::Default
            };
            call(vm, object, which, &[value])?;
        }
        Event::NotStandalone => {
            let refusal = Error::NotStandalone;
            ask(vm, object, Handler::NotStandalone, &[], refusal)?;
        }
        Event::ExternalEntity(context, external) => {
            let context = optional(vm, context.as_deref());
            let [base, system, public] = identifiers(vm, object, &external)?;
            let arguments = [context, base, system, public];
            let refusal = Error::ExternalEntityHandling;
            ask(vm, object, Handler::ExternalEntityRef, &arguments, refusal)?;
        }
        Event::UnparsedEntity(name, external, notation) => {
            let name = object.interned(vm, &name)?;
            let [base, system, public] = identifiers(vm, object, &external)?;
            let notation = object.interned(vm, &notation)?;
            let arguments = [name, base, system, public, notation];
            call(vm, object, Handler::UnparsedEntityDecl, &arguments)?;
        }
        Event::Notation(name, external) => {
            let name = object.interned(vm, &name)?;
            let [base, system, public] = identifiers(vm, object, &external)?;
            let arguments = [name, base, system, public];
            call(vm, object, Handler::NotationDecl, &arguments)?;
        }
        Event::StartDoctype {
            name,
            system,
            public,
            has_subset,
        } => {
            let arguments = [
                object.interned(vm, &name)?,
                named(vm, object, system.as_deref())?,
                named(vm, object, public.as_deref())?,
                vm.new_int(has_subset.into()),
            ];
            call(vm, object, Handler::StartDoctypeDecl, &arguments)?;
        }
        Event::EndDoctype => {
            call(vm, object, Handler::EndDoctypeDecl, &[])?;
        }
        Event::Entity {
            name,
            is_parameter,
            value,
            external,
            notation,
        } => {
            let name = object.interned(vm, &name)?;
            let value = optional(vm, value.as_deref());
            let [base, system, public] = identifiers(vm, object, &external)?;
            let notation = named(vm, object, notation.as_deref())?;
            let is_parameter = vm.new_int(is_parameter.into());
            let arguments = [name, is_parameter, value, base, system, public, notation];
            call(vm, object, Handler::EntityDecl, &arguments)?;
        }
        Event::XmlDeclaration {
            version,
            encoding,
            standalone,
        } => {
            let arguments = [
                optional(vm, version.as_deref()),
                optional(vm, encoding.as_deref()),
                vm.new_int(standalone.into()),
            ];
            call(vm, object, Handler::XmlDecl, &arguments)?;
        }
        Event::Element(name, content) => {
            let name = object.interned(vm, &name)?;
            let content = model(vm, object, &content)?;
            call(vm, object, Handler::ElementDecl, &[name, content])?;
        }
        Event::AttributeList {
            element,
            attribute,
            sort,
            default,
            required,
        } => {
            let arguments = [
                object.interned(vm, &element)?,
                object.interned(vm, &attribute)?,
                text(vm, &sort),
                optional(vm, default.as_deref()),
                vm.new_int(required.into()),
            ];
            call(vm, object, Handler::AttlistDecl, &arguments)?;
        }
        Event::Skipped(name, is_parameter) => {
            let arguments = [object.interned(vm, &name)?, vm.new_int(is_parameter.into())];
            call(vm, object, Handler::SkippedEntity, &arguments)?;
        }
        Event::Data(_) | Event::UnknownEncoding(_) | Event::Moved(_) => {}
    }
    Ok(())
}

fn named(vm: &Vm, object: Gc<XmlParser>, name: Option<&str>) -> Result {
    match name {
        Some(name) => object.interned(vm, name),
        None => Ok(Value::NONE),
    }
}

fn identifiers(vm: &Vm, object: Gc<XmlParser>, external: &External) -> Result<[Value; 3]> {
    Ok([
        named(vm, object, external.base.as_deref())?,
        named(vm, object, external.system.as_deref())?,
        named(vm, object, external.public.as_deref())?,
    ])
}

/// Collects text, or gives it to the handler at once.
fn report_data(vm: &Vm, object: Gc<XmlParser>, data: &Text) -> Result<()> {
    let single = &mut [0; 4];
    if !object.collects_text.get() {
        let value = {
            let parser = object.parser.borrow();
            text(vm, parser.characters(data, single))
        };
        call(vm, object, Handler::CharacterData, &[value])?;
        return Ok(());
    }
    let length = object.parser.borrow().characters(data, single).len();
    if object.text.borrow().len() + length > object.text_size.get() {
        flush(vm, object)?;
        // The handler may be another one now, or none.
        if object.handler(Handler::CharacterData).is_none() {
            return Ok(());
        }
    }
    if length > object.text_size.get() {
        let value = {
            let parser = object.parser.borrow();
            text(vm, parser.characters(data, single))
        };
        call(vm, object, Handler::CharacterData, &[value])?;
        return Ok(());
    }
    let parser = object.parser.borrow();
    let mut text = object.text.borrow_mut();
    text.push_str(parser.characters(data, single));
    Ok(())
}

/// The tuples that describe the content of an element, from the innermost ones outwards.
fn model(vm: &Vm, object: Gc<XmlParser>, model: &Model) -> Result {
    if model.depth() > vm.recursion_limit.get() as usize {
        return Err(vm.recursion_error("maximum recursion depth exceeded"));
    }
    let mut made = vm.rooted_from(vec![Value::NONE; model.nodes.len()]);
    // Children come behind their groups.
    for (at, node) in model.nodes.iter().enumerate().rev() {
        let mut children = vm.rooted();
        for child in &node.children {
            children.push(made[*child]);
        }
        let parts = [
            vm.new_int(node.sort as i64),
            vm.new_int(node.quantifier as i64),
            named(vm, object, node.name.as_deref())?,
            vm.new_tuple(&children)?.value(),
        ];
        made.set(at, vm.new_tuple(&parts)?.value());
    }
    Ok(made[0])
}
