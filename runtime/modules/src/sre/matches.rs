//! `re.Match`.

use super::pattern::{Pattern, Subject, pattern_of};
use super::substitute;
use taipan_runtime::heap::{Field, Gc, Header, Kind, Object};
use taipan_runtime::heap_object;
use taipan_runtime::object::{ClassFlags, GetSetDef, MethodDef, TypeDef, slots};
use taipan_runtime::types::protocol::{no_keywords, this};
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Raised, Result, Vm};
use taipan_sre::Scratch;
use taipan_text::TextBuf;

/// A match; the spans of its groups, that of all of it first, lie behind the object.
#[repr(C)]
pub struct Match {
    pub header: Header,
    pattern: Field,
    string: Field,
    pos: usize,
    endpos: usize,
    last_index: Option<u32>,
    groups: u32,
}

heap_object!(
    Match,
    "Match",
    Kind::Other,
    |this, marker| {
        marker.field(&this.pattern);
        marker.field(&this.string);
    },
    variable
);

/// Both ends of a group that took no part.
const UNMATCHED: (i64, i64) = (-1, -1);

impl Match {
    fn spans(&self) -> &[(i64, i64)] {
        // SAFETY: that many spans follow the object.
        unsafe {
            std::slice::from_raw_parts(
                (self as *const Match).add(1).cast(),
                self.groups as usize + 1,
            )
        }
    }

    /// The span of a group, if it took part.
    pub fn span(&self, group: usize) -> Option<(usize, usize)> {
        match self.spans()[group] {
            UNMATCHED => None,
            (start, end) => Some((start as usize, end as usize)),
        }
    }

    pub fn pattern_value(&self) -> Value {
        self.pattern.or_none()
    }

    pub fn string(&self) -> Value {
        self.string.or_none()
    }
}

/// The match that the matcher's memory holds.
pub fn new_match(
    vm: &Vm,
    pattern: Gc<Pattern>,
    string: Value,
    (pos, endpos): (usize, usize),
    scratch: &Scratch,
) -> Result {
    let groups = pattern.groups;
    let object = Match {
        header: Header::empty(),
        pattern: Field::new(pattern),
        string: Field::new(string),
        pos,
        endpos,
        last_index: scratch.last_index(),
        groups,
    };
    let (start, end) = scratch.span();
    let spans = (groups as usize + 1) * size_of::<(i64, i64)>();
    let class = vm.class_of_def(&MATCH)?;
    let Some(m) = vm
        .heap
        .alloc_variable(class.root_shape.get(), object, spans)
    else {
        return Err(vm.memory_error());
    };
    // SAFETY: one past the object, where room for the spans was made.
    let out = unsafe { m.as_ptr().add(1).cast::<(i64, i64)>() };
    let mut bad = false;
    for group in 0..=groups {
        let span = if group == 0 {
            Some((start, end))
        } else {
            scratch.group(group)
        };
        bad |= span.is_some_and(|(start, end)| start > end);
        let span = span.map_or(UNMATCHED, |(start, end)| (start as i64, end as i64));
        // SAFETY: within that room.
        unsafe { out.add(group as usize).write(span) };
    }
    if bad {
        return Err(vm.system_error(
            "The span of capturing group is wrong, please report a bug for the re module.",
        ));
    }
    Ok(m.value())
}

fn no_such_group(vm: &Vm) -> Raised {
    vm.index_error("no such group")
}

/// The group that an argument means.
fn group_index(vm: &Vm, m: Gc<Match>, key: Value) -> Result<usize> {
    if let Some(i) = key.as_int() {
        return if (0..=i64::from(m.groups)).contains(&i) {
            Ok(i as usize)
        } else {
            Err(no_such_group(vm))
        };
    }
    match pattern_of(&m).group_number(vm, key)? {
        Some(i) if (0..=i64::from(m.groups)).contains(&i) => Ok(i as usize),
        _ => Err(no_such_group(vm)),
    }
}

/// The text of a group, or `default` if it took no part.
pub fn group_text(vm: &Vm, m: Gc<Match>, group: usize, default: Value) -> Result {
    let Some((start, end)) = m.span(group) else {
        return Ok(default);
    };
    let subject = Subject::new(vm, m.string())?;
    // A mutable subject may have become shorter.
    let len = subject.len();
    subject.slice(vm, start.min(len), end.min(len))
}

fn match_group(vm: &Vm, args: &[Value], names: Option<Gc<Tuple>>) -> Result {
    no_keywords(vm, "re.Match.group", names)?;
    let m = this::<Match>(args[0]);
    match *args {
        [_] => group_text(vm, m, 0, Value::NONE),
        [_, key] => group_text(vm, m, group_index(vm, m, key)?, Value::NONE),
        _ => {
            let mut all = vm.rooted();
            for key in &args[1..] {
                let text = group_text(vm, m, group_index(vm, m, *key)?, Value::NONE)?;
                all.push(text);
            }
            Ok(vm.new_tuple(&all)?.value())
        }
    }
}

fn match_groups(vm: &Vm, args: &[Value]) -> Result {
    let m = this::<Match>(args[0]);
    let default = args[1].given().unwrap_or(Value::NONE);
    let mut all = vm.rooted();
    for group in 1..=m.groups as usize {
        let text = group_text(vm, m, group, default)?;
        all.push(text);
    }
    Ok(vm.new_tuple(&all)?.value())
}

fn match_groupdict(vm: &Vm, args: &[Value]) -> Result {
    let m = this::<Match>(args[0]);
    let default = args[1].given().unwrap_or(Value::NONE);
    let result = vm.new_dict();
    let Some(names) = pattern_of(&m).group_names() else {
        return Ok(result.value());
    };
    let mut at = 0;
    while let Some((next, name, _)) = names.next_entry(at) {
        at = next;
        let text = group_text(vm, m, group_index(vm, m, name)?, default)?;
        result.set(vm, name, text)?;
    }
    Ok(result.value())
}

/// The span of the group that the optional argument means.
fn span_of(vm: &Vm, args: &[Value]) -> Result<(i64, i64)> {
    let m = this::<Match>(args[0]);
    let group = match args[1].given() {
        Some(key) => group_index(vm, m, key)?,
        None => 0,
    };
    Ok(m.spans()[group])
}

fn match_span(vm: &Vm, args: &[Value]) -> Result {
    let (start, end) = span_of(vm, args)?;
    vm.pair(vm.new_int(start), vm.new_int(end))
}

fn match_repr(vm: &Vm, args: &[Value]) -> Result {
    let m = this::<Match>(args[0]);
    let (start, end) = m.spans()[0];
    let mut text = TextBuf::new();
    let name = crate::common::full_name(vm, m.class())?;
    text.push_str(&format!("<{name} object; span=({start}, {end}), match="));
    let repr = vm.repr(group_text(vm, m, 0, Value::NONE)?)?;
    repr.code_points().take(50).for_each(|c| text.push(c));
    text.push_ascii(">");
    vm.finish_text(text)
}

fn match_regs(vm: &Vm, v: Value) -> Result {
    let m = this::<Match>(v);
    let mut all = vm.rooted();
    for &(start, end) in m.spans() {
        let span = vm.pair(vm.new_int(start), vm.new_int(end))?;
        all.push(span);
    }
    Ok(vm.new_tuple(&all)?.value())
}

fn identity(_: &Vm, args: &[Value]) -> Result {
    Ok(args[0])
}

const fn attribute(
    name: &'static str,
    doc: &'static str,
    get: fn(&Vm, Value) -> Result,
) -> GetSetDef {
    GetSetDef {
        name,
        doc,
        get,
        set: None,
    }
}

/// `re.Match`.
pub static MATCH: TypeDef = TypeDef {
    module: "re",
    doc: "The result of re.match() and re.search().\nMatch objects always have a boolean value of True.",
    generic: true,
    flags: ClassFlags::NO_INSTANTIATION,
    methods: &[
        slots::repr(match_repr),
        slots::getitem(|vm, args| {
            let m = this::<Match>(args[0]);
            group_text(vm, m, group_index(vm, m, args[1])?, Value::NONE)
        }),
        MethodDef::raw(
            "group",
            "",
            "group([group1, ...]) -> str or tuple.\n    Return subgroup(s) of the match by indices or names.\n    \
             For 0 returns the entire match.",
            match_group,
        ),
        MethodDef::new(
            "start",
            "(self, group=0, /)",
            "Return index of the start of the substring matched by group.",
            |vm, args| Ok(vm.new_int(span_of(vm, args)?.0)),
        ),
        MethodDef::new(
            "end",
            "(self, group=0, /)",
            "Return index of the end of the substring matched by group.",
            |vm, args| Ok(vm.new_int(span_of(vm, args)?.1)),
        ),
        MethodDef::new(
            "span",
            "(self, group=0, /)",
            "For match object m, return the 2-tuple (m.start(group), m.end(group)).",
            match_span,
        ),
        MethodDef::new(
            "groups",
            "(self, /, default=None)",
            "Return a tuple containing all the subgroups of the match, from 1.\n\n  \
             default\n    Is used for groups that did not participate in the match.",
            match_groups,
        ),
        MethodDef::new(
            "groupdict",
            "(self, /, default=None)",
            "Return a dictionary containing all the named subgroups of the match, keyed by the subgroup name.\n\n  \
             default\n    Is used for groups that did not participate in the match.",
            match_groupdict,
        ),
        MethodDef::new(
            "expand",
            "(self, /, template)",
            "Return the string obtained by doing backslash substitution on the string template, as done by the \
             sub() method.",
            substitute::expand,
        ),
        MethodDef::new("__copy__", "(self, /)", "", identity),
        MethodDef::new("__deepcopy__", "(self, memo, /)", "", identity),
    ],
    getset: &[
        attribute(
            "string",
            "The string passed to match() or search().",
            |_, v| Ok(this::<Match>(v).string()),
        ),
        attribute("re", "The regular expression object.", |_, v| {
            Ok(this::<Match>(v).pattern_value())
        }),
        attribute(
            "pos",
            "The index into the string at which the RE engine started looking for a match.",
            |vm, v| Ok(vm.new_int(this::<Match>(v).pos as i64)),
        ),
        attribute(
            "endpos",
            "The index into the string beyond which the RE engine will not go.",
            |vm, v| Ok(vm.new_int(this::<Match>(v).endpos as i64)),
        ),
        attribute(
            "lastindex",
            "The integer index of the last matched capturing group.",
            |vm, v| {
                Ok(this::<Match>(v)
                    .last_index
                    .map_or(Value::NONE, |i| vm.new_int(i.into())))
            },
        ),
        attribute(
            "lastgroup",
            "The name of the last matched capturing group.",
            |_, v| {
                let m = this::<Match>(v);
                Ok(m.last_index
                    .map_or(Value::NONE, |i| pattern_of(&m).group_name(i)))
            },
        ),
        attribute("regs", "", match_regs),
    ],
    ..TypeDef::new("Match", <Match as Object>::LAYOUT)
};
