//! `re.Pattern`, its scanner and iterator.

use super::matches::{Match, new_match};
use super::substitute;
use std::cell::Cell;
use std::mem::ManuallyDrop;
use taipan_runtime::heap::{Field, Gc, GcField, Header, Kind, Object};
use taipan_runtime::heap_object;
use taipan_runtime::object::{ClassFlags, GetSetDef, MethodDef, TypeDef, slots};
use taipan_runtime::ops::buffer::BufferView;
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::iterators::ITER_SELF;
use taipan_runtime::types::list::List;
use taipan_runtime::types::protocol::{NEXT, this};
use taipan_runtime::types::str::{Str, StrData};
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Vm};
use taipan_sre::{Cursor, Mode, Program, Scratch};
use taipan_text::{TextBuf, int};

/// A compiled regular expression.
#[repr(C)]
pub struct Pattern {
    pub header: Header,
    pattern: Field,
    groupindex: GcField<Dict>,
    indexgroup: GcField<Tuple>,
    pub flags: i64,
    pub groups: u32,
    /// Whether it is for bytes; unknown for a pattern without source.
    is_bytes: Option<bool>,
    code: Box<[u32]>,
    program: Box<Program>,
    /// Memory of the matcher while none runs.
    scratch: Cell<Option<Box<Scratch>>>,
}

heap_object!(
    Pattern,
    "Pattern",
    Kind::Other,
    |this, marker| {
        marker.field(&this.pattern);
        marker.gc_field(&this.groupindex);
        marker.gc_field(&this.indexgroup);
    },
    drop
);

/// `_sre.compile`.
pub fn compile(vm: &Vm, args: &[Value]) -> Result {
    let [pattern, flags, code, groups, groupindex, indexgroup] = *args else {
        return Ok(Value::NONE);
    };
    let flags = vm.to_i64(flags)?;
    let groups = vm.to_ssize_arg(groups)?;
    let wrong = |v: Value, n: usize, kind: &str| {
        vm.type_error(format!(
            "compile() argument {n} must be {kind}, not {}",
            vm.class_of(v).qualified_name()
        ))
    };
    let list = code.cast::<List>().ok_or_else(|| wrong(code, 3, "list"))?;
    let groupindex = groupindex
        .cast::<Dict>()
        .ok_or_else(|| wrong(groupindex, 5, "dict"))?;
    let indexgroup = indexgroup
        .cast::<Tuple>()
        .ok_or_else(|| wrong(indexgroup, 6, "tuple"))?;
    let mut words = Vec::with_capacity(list.len());
    for &word in list.as_slice() {
        let Some(i) = word.as_int_ref() else {
            return Err(vm.type_error("an integer is required"));
        };
        match int::to_i64(&i.to_big()).and_then(|i| u32::try_from(i).ok()) {
            Some(word) => words.push(word),
            None => return Err(vm.overflow_error("regular expression code size limit exceeded")),
        }
    }
    let is_bytes = if pattern.is_none() {
        None
    } else {
        Some(Subject::new(vm, pattern)?.is_bytes())
    };
    let groups = u32::try_from(groups).map_err(|_| vm.runtime_error("invalid SRE code"))?;
    let Ok(program) = Program::compile(&words, groups, super::TABLES) else {
        return Err(vm.runtime_error("invalid SRE code"));
    };
    let object = Pattern {
        header: Header::empty(),
        pattern: Field::new(pattern),
        groupindex: GcField::new(groupindex),
        indexgroup: GcField::new(indexgroup),
        flags,
        groups,
        is_bytes,
        code: words.into(),
        program: Box::new(program),
        scratch: Cell::new(None),
    };
    Ok(vm
        .heap
        .alloc(vm.class_of_def(&PATTERN)?.root_shape.get(), object)
        .value())
}

/// What is searched.
pub enum Subject<'vm> {
    Str(Gc<Str>),
    /// Boxed, since searches are moved about.
    Bytes(Value, Box<BufferView<'vm>>),
}

impl<'vm> Subject<'vm> {
    /// The text of a string or bytes-like object.
    pub fn new(vm: &'vm Vm, v: Value) -> Result<Subject<'vm>> {
        if let Some(s) = v.cast::<Str>() {
            return Ok(Subject::Str(s));
        }
        if !vm.supports_buffer(v) {
            let name = vm.class_of(v).qualified_name();
            return Err(vm.type_error(format!(
                "expected string or bytes-like object, got '{name}'"
            )));
        }
        let view = vm.get_contiguous_buffer(v, false)?;
        Ok(Subject::Bytes(v, Box::new(view)))
    }

    pub fn is_bytes(&self) -> bool {
        matches!(self, Subject::Bytes(..))
    }

    pub fn len(&self) -> usize {
        match self {
            Subject::Str(s) => s.len(),
            Subject::Bytes(_, view) => view.len(),
        }
    }

    /// The object itself.
    pub fn value(&self) -> Value {
        match self {
            Subject::Str(s) => s.value(),
            Subject::Bytes(v, _) => *v,
        }
    }

    pub fn bytes(&self) -> &[u8] {
        match self {
            Subject::Str(_) => &[],
            Subject::Bytes(_, view) => view.as_slice().unwrap_or(&[]),
        }
    }

    /// The part from `start` to `end` as `str` or `bytes`.
    pub fn slice(&self, vm: &Vm, start: usize, end: usize) -> Result {
        let end = end.max(start);
        match self {
            Subject::Str(s) => Ok(vm.substring(*s, start, end)?.value()),
            Subject::Bytes(v, view) => {
                if start == 0 && end == view.len() && vm.class_of(*v) == vm.types.bytes.get() {
                    return Ok(*v);
                }
                Ok(vm.new_bytes(&self.bytes()[start..end])?.value())
            }
        }
    }
}

/// A run of a pattern over a subject: the matcher's memory returns to the pattern at the end.
pub struct Search<'vm> {
    vm: &'vm Vm,
    pub pattern: Gc<Pattern>,
    pub subject: Subject<'vm>,
    pub scratch: ManuallyDrop<Box<Scratch>>,
    pub start: usize,
    pub end: usize,
}

impl Drop for Search<'_> {
    fn drop(&mut self) {
        // SAFETY: nothing uses it after this.
        let scratch = unsafe { ManuallyDrop::take(&mut self.scratch) };
        self.pattern.scratch.set(Some(scratch));
    }
}

impl<'vm> Search<'vm> {
    /// A search of `string` between the arguments `pos` and `endpos`.
    pub fn new(
        vm: &'vm Vm,
        pattern: Gc<Pattern>,
        string: Value,
        pos: Value,
        endpos: Value,
    ) -> Result<Search<'vm>> {
        let bound = |v: Value, default: usize| match v.given() {
            None => Ok(default),
            Some(v) => Ok(vm.to_ssize_arg(v)?.max(0) as usize),
        };
        let (start, end) = (bound(pos, 0)?, bound(endpos, usize::MAX)?);
        let subject = Subject::new(vm, string)?;
        match (pattern.is_bytes, subject.is_bytes()) {
            (Some(true), false) => {
                return Err(vm.type_error("cannot use a bytes pattern on a string-like object"));
            }
            (Some(false), true) => {
                return Err(vm.type_error("cannot use a string pattern on a bytes-like object"));
            }
            _ => {}
        }
        let len = subject.len();
        let (start, end) = (start.min(len), end.min(len));
        let scratch = pattern
            .scratch
            .take()
            .unwrap_or_else(|| Box::new(Scratch::new()));
        Ok(Search {
            vm,
            pattern,
            subject,
            scratch: ManuallyDrop::new(scratch),
            start,
            end,
        })
    }

    /// Tries from `at`.
    pub fn run(&mut self, at: usize, mode: Mode, must_advance: bool) -> Result<bool> {
        let (program, scratch, end) = (&self.pattern.program, &mut *self.scratch, self.end);
        let vm = self.vm;
        let mut failed = None;
        let mut check = || match crate::common::check_signals(vm) {
            Ok(()) => true,
            Err(raised) => {
                failed = Some(raised);
                false
            }
        };
        let found = match &self.subject {
            Subject::Str(s) => match s.data() {
                StrData::Latin1(d) => {
                    program.run(scratch, d, at, end, mode, must_advance, &mut check)
                }
                StrData::Ucs2(d) => {
                    program.run(scratch, d, at, end, mode, must_advance, &mut check)
                }
                StrData::Ucs4(d) => {
                    program.run(scratch, d, at, end, mode, must_advance, &mut check)
                }
            },
            Subject::Bytes(_, view) => {
                let d = view.as_slice().unwrap_or(&[]);
                program.run(scratch, d, at, end, mode, must_advance, &mut check)
            }
        };
        match (found, failed) {
            (Ok(found), _) => Ok(found),
            (Err(_), Some(raised)) => Err(raised),
            (Err(_), None) => Err(vm.runtime_error("the match was interrupted")),
        }
    }

    /// The next match of a walk through the subject.
    pub fn next(&mut self, cursor: &mut Cursor) -> Result<bool> {
        let found = self.run(cursor.pos, Mode::Search, cursor.must_advance)?;
        if found {
            cursor.advance(&self.scratch);
        }
        Ok(found)
    }

    /// The match found last as an object.
    pub fn found(&self) -> Result {
        new_match(
            self.vm,
            self.pattern,
            self.subject.value(),
            (self.start, self.end),
            &self.scratch,
        )
    }

    /// The text of a group of the match found last, if it took part.
    pub fn group(&self, group: u32) -> Result<Option<Value>> {
        let span = if group == 0 {
            Some(self.scratch.span())
        } else {
            self.scratch.group(group)
        };
        match span {
            Some((start, end)) => self.subject.slice(self.vm, start, end).map(Some),
            None => Ok(None),
        }
    }
}

impl Pattern {
    /// What `re.compile` was given.
    pub fn source(&self) -> Value {
        self.pattern.or_none()
    }

    /// The number of the group that a name or index means.
    pub fn group_number(&self, vm: &Vm, key: Value) -> Result<Option<i64>> {
        use taipan_runtime::object::Special::Index;
        if key.as_int_ref().is_some() || vm.class_of(key).special(Index).is_some() {
            return Ok(Some(vm.to_index_clamped(key)?));
        }
        let Some(names) = self.groupindex.get() else {
            return Ok(None);
        };
        Ok(names.get(vm, key)?.and_then(|v| v.as_int()))
    }

    /// The names of groups, by number.
    pub fn group_names(&self) -> Option<Gc<Dict>> {
        self.groupindex.get()
    }

    /// The name of a group.
    pub fn group_name(&self, group: u32) -> Value {
        let names = self.indexgroup.get();
        names
            .and_then(|n| n.as_slice().get(group as usize).copied())
            .unwrap_or(Value::NONE)
    }
}

fn pattern_run(vm: &Vm, args: &[Value], mode: Mode) -> Result {
    let mut search = Search::new(vm, this(args[0]), args[1], args[2], args[3])?;
    if search.run(search.start, mode, false)? {
        search.found()
    } else {
        Ok(Value::NONE)
    }
}

fn findall(vm: &Vm, args: &[Value]) -> Result {
    let mut search = Search::new(vm, this(args[0]), args[1], args[2], args[3])?;
    let groups = search.pattern.groups;
    let list = vm.new_list(&[])?;
    let mut cursor = Cursor::new(search.start);
    let empty = search.subject.slice(vm, 0, 0)?;
    let empty = if search.subject.is_bytes() {
        vm.new_bytes(&[])?.value()
    } else {
        empty
    };
    while search.next(&mut cursor)? {
        let item = match groups {
            0 | 1 => search.group(groups)?.unwrap_or(empty),
            _ => {
                let mut items = vm.rooted();
                for group in 1..=groups {
                    let item = search.group(group)?.unwrap_or(empty);
                    items.push(item);
                }
                vm.new_tuple(&items)?.value()
            }
        };
        list.push(vm, item)?;
    }
    Ok(list.value())
}

fn split(vm: &Vm, args: &[Value]) -> Result {
    let limit = match args[2].given() {
        Some(v) => vm.to_ssize_arg(v)?,
        None => 0,
    };
    let mut search = Search::new(vm, this(args[0]), args[1], Value::MISSING, Value::MISSING)?;
    let list = vm.new_list(&[])?;
    let (mut cursor, mut from, mut count) = (Cursor::new(0), 0, 0);
    while (limit == 0 || count < limit) && search.next(&mut cursor)? {
        let (start, end) = search.scratch.span();
        let part = search.subject.slice(vm, from, start)?;
        list.push(vm, part)?;
        for group in 1..=search.pattern.groups {
            let part = search.group(group)?.unwrap_or(Value::NONE);
            list.push(vm, part)?;
        }
        count += 1;
        from = end;
    }
    let rest = search.subject.slice(vm, from, search.end)?;
    list.push(vm, rest)?;
    Ok(list.value())
}

fn pattern_repr(vm: &Vm, args: &[Value]) -> Result {
    const NAMES: [(i64, &str); 7] = [
        (2, "re.IGNORECASE"),
        (8, "re.MULTILINE"),
        (16, "re.DOTALL"),
        (64, "re.VERBOSE"),
        (128, "re.DEBUG"),
        (256, "re.ASCII"),
        (4, "re.LOCALE"),
    ];
    let pattern = this::<Pattern>(args[0]);
    let mut flags = pattern.flags;
    // Unicode matching is what strings have anyway.
    if pattern.is_bytes == Some(false) && flags & (4 | 32 | 256) == 32 {
        flags &= !32;
    }
    let source = vm.repr(pattern.source())?;
    let mut text = TextBuf::new();
    text.push_ascii("re.compile(");
    source.code_points().take(200).for_each(|c| text.push(c));
    let mut names: Vec<String> = Vec::new();
    for (flag, name) in [
        NAMES[0],
        NAMES[6],
        NAMES[1],
        NAMES[2],
        (32, "re.UNICODE"),
        NAMES[3],
        NAMES[4],
        NAMES[5],
    ] {
        if flags & flag != 0 {
            names.push(name.to_owned());
            flags &= !flag;
        }
    }
    if flags != 0 {
        names.push(format!("0x{flags:x}"));
    }
    if !names.is_empty() {
        text.push_ascii(", ");
        text.push_str(&names.join("|"));
    }
    text.push_ascii(")");
    vm.finish_text(text)
}

fn pattern_eq(vm: &Vm, args: &[Value]) -> Result<Option<bool>> {
    let (a, Some(b)) = (this::<Pattern>(args[0]), args[1].cast::<Pattern>()) else {
        return Ok(None);
    };
    if a == b {
        return Ok(Some(true));
    }
    let same = a.flags == b.flags && a.is_bytes == b.is_bytes && a.code == b.code;
    Ok(Some(same && vm.equal(a.source(), b.source())?))
}

fn pattern_hash(vm: &Vm, args: &[Value]) -> Result {
    let pattern = this::<Pattern>(args[0]);
    let bytes: Vec<u8> = pattern.code.iter().flat_map(|w| w.to_le_bytes()).collect();
    let mut hash = vm.hash_bytes(&bytes) ^ vm.hash(pattern.source())?;
    hash ^= pattern.flags as u64
        ^ u64::from(pattern.is_bytes == Some(true))
        ^ u64::from(pattern.groups) << 8;
    Ok(vm.new_int(if hash == u64::MAX { -2 } else { hash as i64 }))
}

/// A walk over matches: the object that `Pattern.scanner` gives and, as
/// iterator of another type, what `Pattern.finditer` gives.
#[repr(C)]
pub struct Scanner {
    pub header: Header,
    pattern: GcField<Pattern>,
    string: Field,
    /// Keeps a buffer from being resized while the walk is under way.
    view: Field,
    start: usize,
    end: usize,
    cursor: Cell<Cursor>,
    /// A match came and went at the end, or there is no further one.
    done: Cell<bool>,
}

heap_object!(Scanner, "SRE_Scanner", Kind::Other, |this, marker| {
    marker.gc_field(&this.pattern);
    marker.field(&this.string);
    marker.field(&this.view);
});

fn new_scanner(vm: &Vm, args: &[Value], def: &'static TypeDef) -> Result {
    let search = Search::new(vm, this(args[0]), args[1], args[2], args[3])?;
    let immutable = !search.subject.is_bytes() || vm.class_of(args[1]) == vm.types.bytes.get();
    let view = if immutable {
        None
    } else {
        Some(vm.memoryview_of(args[1])?.value())
    };
    let object = Scanner {
        header: Header::empty(),
        pattern: GcField::new(search.pattern),
        string: Field::new(args[1]),
        view: Field::opt(view),
        start: search.start,
        end: search.end,
        cursor: Cell::new(Cursor::new(search.start)),
        done: Cell::new(false),
    };
    Ok(vm
        .heap
        .alloc(vm.class_of_def(def)?.root_shape.get(), object)
        .value())
}

fn scan(vm: &Vm, v: Value, mode: Mode) -> Result<Option<Value>> {
    let scanner = this::<Scanner>(v);
    let Some(pattern) = scanner.pattern.get().filter(|_| !scanner.done.get()) else {
        return Ok(None);
    };
    let (start, end) = (
        vm.new_int(scanner.start as i64),
        vm.new_int(scanner.end as i64),
    );
    let mut search = Search::new(vm, pattern, scanner.string.or_none(), start, end)?;
    let mut cursor = scanner.cursor.get();
    if !search.run(cursor.pos, mode, cursor.must_advance)? {
        scanner.done.set(true);
        return Ok(None);
    }
    cursor.advance(&search.scratch);
    scanner.cursor.set(cursor);
    search.found().map(Some)
}

static SCANNER: TypeDef = TypeDef {
    module: "_sre",
    flags: ClassFlags::NO_INSTANTIATION,
    methods: &[
        MethodDef::new("match", "(self, /)", "", |vm, args| {
            Ok(scan(vm, args[0], Mode::Match)?.unwrap_or(Value::NONE))
        }),
        MethodDef::new("search", "(self, /)", "", |vm, args| {
            Ok(scan(vm, args[0], Mode::Search)?.unwrap_or(Value::NONE))
        }),
    ],
    getset: &[GetSetDef {
        name: "pattern",
        doc: "",
        get: |_, v| {
            Ok(this::<Scanner>(v)
                .pattern
                .get()
                .map_or(Value::NONE, |p| p.value()))
        },
        set: None,
    }],
    ..TypeDef::new("SRE_Scanner", <Scanner as Object>::LAYOUT)
};

static MATCH_ITERATOR: TypeDef = TypeDef {
    flags: ClassFlags::NO_INSTANTIATION,
    methods: &[ITER_SELF, NEXT],
    next: Some(|vm, v| scan(vm, v, Mode::Search)),
    ..TypeDef::new("callable_iterator", <Scanner as Object>::LAYOUT)
};

fn identity(_: &Vm, args: &[Value]) -> Result {
    Ok(args[0])
}

const SEARCH_SIGNATURE: &str = "(self, /, string, pos=0, endpos=sys.maxsize)";

/// `re.Pattern`.
pub static PATTERN: TypeDef = TypeDef {
    module: "re",
    doc: "Compiled regular expression object.",
    generic: true,
    flags: ClassFlags::NO_INSTANTIATION | ClassFlags::WEAKREFS,
    methods: &[
        slots::repr(pattern_repr),
        slots::hash(pattern_hash),
        slots::eq(|vm, args| Ok(pattern_eq(vm, args)?.map_or(Value::NOT_IMPLEMENTED, Value::bool))),
        slots::ne(|vm, args| {
            Ok(pattern_eq(vm, args)?.map_or(Value::NOT_IMPLEMENTED, |e| Value::bool(!e)))
        }),
        MethodDef::new(
            "match",
            SEARCH_SIGNATURE,
            "Matches zero or more characters at the beginning of the string.",
            |vm, args| pattern_run(vm, args, Mode::Match),
        ),
        MethodDef::new(
            "fullmatch",
            SEARCH_SIGNATURE,
            "Matches against all of the string.",
            |vm, args| pattern_run(vm, args, Mode::FullMatch),
        ),
        MethodDef::new(
            "search",
            SEARCH_SIGNATURE,
            "Scan through string looking for a match, and return a corresponding match object instance.\n\n\
             Return None if no position in the string matches.",
            |vm, args| pattern_run(vm, args, Mode::Search),
        ),
        MethodDef::new(
            "sub",
            "(self, /, repl, string, count=0)",
            "Return the string obtained by replacing the leftmost non-overlapping occurrences of pattern in \
             string by the replacement repl.",
            |vm, args| Ok(substitute::sub(vm, args)?.0),
        ),
        MethodDef::new(
            "subn",
            "(self, /, repl, string, count=0)",
            "Return the tuple (new_string, number_of_subs_made) found by replacing the leftmost non-overlapping \
             occurrences of pattern with the replacement repl.",
            |vm, args| {
                let (text, count) = substitute::sub(vm, args)?;
                vm.pair(text, vm.new_int(count))
            },
        ),
        MethodDef::new(
            "findall",
            SEARCH_SIGNATURE,
            "Return a list of all non-overlapping matches of pattern in string.",
            findall,
        ),
        MethodDef::new(
            "split",
            "(self, /, string, maxsplit=0)",
            "Split string by the occurrences of pattern.",
            split,
        ),
        MethodDef::new(
            "finditer",
            SEARCH_SIGNATURE,
            "Return an iterator over all non-overlapping matches for the RE pattern in string.\n\n\
             For each match, the iterator returns a match object.",
            |vm, args| new_scanner(vm, args, &MATCH_ITERATOR),
        ),
        MethodDef::new("scanner", SEARCH_SIGNATURE, "", |vm, args| {
            new_scanner(vm, args, &SCANNER)
        }),
        MethodDef::new("__copy__", "(self, /)", "", identity),
        MethodDef::new("__deepcopy__", "(self, memo, /)", "", identity),
    ],
    getset: &[
        GetSetDef {
            name: "pattern",
            doc: "The pattern string from which the RE object was compiled.",
            get: |_, v| Ok(this::<Pattern>(v).source()),
            set: None,
        },
        GetSetDef {
            name: "flags",
            doc: "The regex matching flags.",
            get: |vm, v| Ok(vm.new_int(this::<Pattern>(v).flags)),
            set: None,
        },
        GetSetDef {
            name: "groups",
            doc: "The number of capturing groups in the pattern.",
            get: |vm, v| Ok(vm.new_int(this::<Pattern>(v).groups.into())),
            set: None,
        },
        GetSetDef {
            name: "groupindex",
            doc: "A dictionary mapping group names to group numbers.",
            get: |vm, v| {
                let names = this::<Pattern>(v)
                    .groupindex
                    .get()
                    .map_or(Value::NONE, |d| d.value());
                Ok(vm.new_mappingproxy(names))
            },
            set: None,
        },
    ],
    ..TypeDef::new("Pattern", <Pattern as Object>::LAYOUT)
};

/// The pattern of a match.
pub fn pattern_of(m: &Match) -> Gc<Pattern> {
    this(m.pattern_value())
}
