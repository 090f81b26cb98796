//! The built-in exception classes.

use super::Exception;
use super::methods as m;
use crate::heap::{Field, Gc, Object};
use crate::object::{ClassFlags, GetSetDef, MemberDef, MethodDef, TypeDef};
use crate::types::descriptor::Member;
use crate::value::Value;
use crate::vm::Vm;

const LAYOUT: &crate::heap::Layout = <Exception as Object>::LAYOUT;

/// Byte offset of the extra field number `i` behind the layout.
const fn slot(i: usize) -> usize {
    LAYOUT.size + 8 * i
}

const fn field(name: &'static str, i: usize) -> MemberDef {
    MemberDef {
        name,
        doc: "",
        offset: slot(i),
        readonly: false,
        none_if_empty: true,
    }
}

/// How the sequence that a group was made from showed itself, unless it was a list or a tuple.
pub(super) fn group_text(e: Gc<Exception>) -> &'static Field {
    // SAFETY: asked of groups, which have this slot.
    unsafe { &*((e.as_ptr() as usize + slot(2)) as *const Field) }
}

/// Sets an extra field by name, if the exception's class has it.
pub fn set_field(vm: &Vm, e: Gc<Exception>, name: &str, value: Value) {
    if let Some(offset) = field_offset(vm, e, name) {
        // SAFETY: the member's class is the exception's, so the offset is that of a field.
        unsafe { &*((e.as_ptr() as usize + offset) as *const Field) }.set(&e.header, value);
    }
}

/// Where an extra field lies.
pub fn field_offset(vm: &Vm, e: Gc<Exception>, name: &str) -> Option<usize> {
    let class = e.class();
    // Of the class itself, as nearly always.
    let own = class.def.get().and_then(|def| {
        let member = def.members.iter().find(|m| m.name == name)?;
        Some(member.offset)
    });
    own.or_else(|| {
        let member = class.lookup(vm, vm.intern(name))?.cast::<Member>()?;
        Some(member.offset)
    })
}

/// An extra field by name; None if empty or absent.
pub fn get_field(vm: &Vm, e: Gc<Exception>, name: &str) -> Value {
    read_field(vm, e, name).unwrap_or(Value::NONE)
}

/// Whether an extra field holds a value.
pub fn has_field(vm: &Vm, e: Gc<Exception>, name: &str) -> bool {
    read_field(vm, e, name).is_some()
}

fn read_field(vm: &Vm, e: Gc<Exception>, name: &str) -> Option<Value> {
    let offset = field_offset(vm, e, name)?;
    // SAFETY: as in `set_field`.
    unsafe { &*((e.as_ptr() as usize + offset) as *const Field) }.get()
}

/// `BaseException`.
pub static BASE_EXCEPTION: TypeDef = TypeDef {
    doc: "Common base class for all exceptions",
    subclassable: true,
    has_dict: true,
    flags: ClassFlags::EXCEPTION | ClassFlags::WEAKREFS,
    methods: &[
        MethodDef::raw(
            "__new__",
            "(type, /, *args, **kwargs)",
            "Create and return a new object.",
            m::base_new,
        )
        .static_(),
        MethodDef::raw(
            "__init__",
            "(self, /, *args, **kwargs)",
            "Initialize self.",
            m::base_init,
        ),
        MethodDef::new("__str__", "(self, /)", "Return str(self).", m::base_str),
        MethodDef::new("__repr__", "(self, /)", "Return repr(self).", m::base_repr),
        MethodDef::new(
            "__reduce__",
            "(self, /)",
            "Helper for pickle.",
            m::base_reduce,
        ),
        MethodDef::new("__setstate__", "(self, state, /)", "", m::base_setstate),
        MethodDef::new(
            "with_traceback",
            "(self, tb, /)",
            "Set self.__traceback__ to tb and return self.",
            m::with_traceback,
        ),
        MethodDef::new(
            "add_note",
            "(self, note, /)",
            "Add a note to the exception",
            m::add_note,
        ),
    ],
    getset: &[
        GetSetDef {
            name: "args",
            doc: "",
            get: m::get_args,
            set: Some(m::set_args),
        },
        GetSetDef {
            name: "__traceback__",
            doc: "",
            get: m::get_traceback,
            set: Some(m::set_traceback),
        },
        GetSetDef {
            name: "__context__",
            doc: "",
            get: m::get_context,
            set: Some(m::set_context),
        },
        GetSetDef {
            name: "__cause__",
            doc: "",
            get: m::get_cause,
            set: Some(m::set_cause),
        },
        GetSetDef {
            name: "__suppress_context__",
            doc: "",
            get: m::get_suppress,
            set: Some(m::set_suppress),
        },
    ],
    ..TypeDef::new("BaseException", LAYOUT)
};

macro_rules! exceptions {
    ($($static:ident = $name:literal : $base:ident, $doc:literal;)*) => {
        $(
            #[doc = concat!("`", $name, "`.")]
            pub static $static: TypeDef = TypeDef {
                doc: $doc,
                subclassable: true,
                base: Some(&$base),
                flags: ClassFlags::EXCEPTION,
                ..TypeDef::new($name, LAYOUT)
            };
        )*
        const PLAIN: &[&TypeDef] = &[$(&$static,)*];
    };
}

exceptions! {
    EXCEPTION = "Exception": BASE_EXCEPTION, "Common base class for all non-exit exceptions.";
    GENERATOR_EXIT = "GeneratorExit": BASE_EXCEPTION, "Request that a generator exit.";
    KEYBOARD_INTERRUPT = "KeyboardInterrupt": BASE_EXCEPTION, "Program interrupted by user.";
    TYPE_ERROR = "TypeError": EXCEPTION, "Inappropriate argument type.";
    STOP_ASYNC_ITERATION = "StopAsyncIteration": EXCEPTION, "Signal the end from iterator.__anext__().";
    RUNTIME_ERROR = "RuntimeError": EXCEPTION, "Unspecified run-time error.";
    RECURSION_ERROR = "RecursionError": RUNTIME_ERROR, "Recursion limit exceeded.";
    NOT_IMPLEMENTED_ERROR = "NotImplementedError": RUNTIME_ERROR, "Method or function hasn't been implemented yet.";
    PYTHON_FINALIZATION_ERROR = "PythonFinalizationError": RUNTIME_ERROR, "Operation blocked during Python finalization.";
    EOF_ERROR = "EOFError": EXCEPTION, "Read beyond end of file.";
    ASSERTION_ERROR = "AssertionError": EXCEPTION, "Assertion failed.";
    ARITHMETIC_ERROR = "ArithmeticError": EXCEPTION, "Base class for arithmetic errors.";
    FLOATING_POINT_ERROR = "FloatingPointError": ARITHMETIC_ERROR, "Floating-point operation failed.";
    OVERFLOW_ERROR = "OverflowError": ARITHMETIC_ERROR, "Result too large to be represented.";
    ZERO_DIVISION_ERROR = "ZeroDivisionError": ARITHMETIC_ERROR, "Second argument to a division or modulo operation was zero.";
    LOOKUP_ERROR = "LookupError": EXCEPTION, "Base class for lookup errors.";
    INDEX_ERROR = "IndexError": LOOKUP_ERROR, "Sequence index out of range.";
    VALUE_ERROR = "ValueError": EXCEPTION, "Inappropriate argument value (of correct type).";
    UNICODE_ERROR = "UnicodeError": VALUE_ERROR, "Unicode related error.";
    BUFFER_ERROR = "BufferError": EXCEPTION, "Buffer error.";
    MEMORY_ERROR = "MemoryError": EXCEPTION, "Out of memory.";
    REFERENCE_ERROR = "ReferenceError": EXCEPTION, "Weak ref proxy used after referent went away.";
    SYSTEM_ERROR = "SystemError": EXCEPTION, "Internal error in the Python interpreter.";
    WARNING = "Warning": EXCEPTION, "Base class for warning categories.";
    USER_WARNING = "UserWarning": WARNING, "Base class for warnings generated by user code.";
    DEPRECATION_WARNING = "DeprecationWarning": WARNING, "Base class for warnings about deprecated features.";
    PENDING_DEPRECATION_WARNING = "PendingDeprecationWarning": WARNING, "Base class for warnings about features which will be deprecated in the future.";
    SYNTAX_WARNING = "SyntaxWarning": WARNING, "Base class for warnings about dubious syntax.";
    RUNTIME_WARNING = "RuntimeWarning": WARNING, "Base class for warnings about dubious runtime behavior.";
    FUTURE_WARNING = "FutureWarning": WARNING, "Base class for warnings about constructs that will change semantically in the future.";
    IMPORT_WARNING = "ImportWarning": WARNING, "Base class for warnings about probable mistakes in module imports";
    UNICODE_WARNING = "UnicodeWarning": WARNING, "Base class for warnings about Unicode related problems, mostly related to conversion problems.";
    BYTES_WARNING = "BytesWarning": WARNING, "Base class for warnings about bytes and buffer related problems, mostly related to conversion from str or comparing to str.";
    RESOURCE_WARNING = "ResourceWarning": WARNING, "Base class for warnings about resource usage.";
    ENCODING_WARNING = "EncodingWarning": WARNING, "Base class for warnings about encodings.";
    BLOCKING_IO_ERROR = "BlockingIOError": OS_ERROR, "I/O operation would block.";
    CHILD_PROCESS_ERROR = "ChildProcessError": OS_ERROR, "Child process error.";
    CONNECTION_ERROR = "ConnectionError": OS_ERROR, "Connection error.";
    BROKEN_PIPE_ERROR = "BrokenPipeError": CONNECTION_ERROR, "Broken pipe.";
    CONNECTION_ABORTED_ERROR = "ConnectionAbortedError": CONNECTION_ERROR, "Connection aborted.";
    CONNECTION_REFUSED_ERROR = "ConnectionRefusedError": CONNECTION_ERROR, "Connection refused.";
    CONNECTION_RESET_ERROR = "ConnectionResetError": CONNECTION_ERROR, "Connection reset.";
    FILE_EXISTS_ERROR = "FileExistsError": OS_ERROR, "File already exists.";
    FILE_NOT_FOUND_ERROR = "FileNotFoundError": OS_ERROR, "File not found.";
    INTERRUPTED_ERROR = "InterruptedError": OS_ERROR, "Interrupted by signal.";
    IS_A_DIRECTORY_ERROR = "IsADirectoryError": OS_ERROR, "Operation doesn't work on directories.";
    NOT_A_DIRECTORY_ERROR = "NotADirectoryError": OS_ERROR, "Operation only works on directories.";
    PERMISSION_ERROR = "PermissionError": OS_ERROR, "Not enough permissions.";
    PROCESS_LOOKUP_ERROR = "ProcessLookupError": OS_ERROR, "Process not found.";
    TIMEOUT_ERROR = "TimeoutError": OS_ERROR, "Timeout expired.";
    MODULE_NOT_FOUND_ERROR = "ModuleNotFoundError": IMPORT_ERROR, "Module not found.";
    UNBOUND_LOCAL_ERROR = "UnboundLocalError": NAME_ERROR, "Local name referenced but not bound to a value.";
    INDENTATION_ERROR = "IndentationError": SYNTAX_ERROR, "Improper indentation.";
    TAB_ERROR = "TabError": INDENTATION_ERROR, "Improper mixture of spaces and tabs.";
    INCOMPLETE_INPUT_ERROR = "_IncompleteInputError": SYNTAX_ERROR, "incomplete input.";
}

const fn derived(name: &'static str, base: &'static TypeDef) -> TypeDef {
    TypeDef {
        subclassable: true,
        base: Some(base),
        flags: ClassFlags::EXCEPTION,
        ..TypeDef::new(name, LAYOUT)
    }
}

/// `StopIteration`.
pub static STOP_ITERATION: TypeDef = TypeDef {
    doc: "Signal the end from iterator.__next__().",
    slots: 1,
    members: &[field("value", 0)],
    methods: &[MethodDef::raw(
        "__init__",
        "(self, /, *args, **kwargs)",
        "Initialize self.",
        m::stop_iteration_init,
    )],
    ..derived("StopIteration", &EXCEPTION)
};

/// `SystemExit`.
pub static SYSTEM_EXIT: TypeDef = TypeDef {
    doc: "Request to exit from the interpreter.",
    slots: 1,
    members: &[field("code", 0)],
    methods: &[MethodDef::raw(
        "__init__",
        "(self, /, *args, **kwargs)",
        "Initialize self.",
        m::system_exit_init,
    )],
    ..derived("SystemExit", &BASE_EXCEPTION)
};

/// `KeyError`.
pub static KEY_ERROR: TypeDef = TypeDef {
    doc: "Mapping key not found.",
    methods: &[MethodDef::new(
        "__str__",
        "(self, /)",
        "Return str(self).",
        m::key_error_str,
    )],
    ..derived("KeyError", &LOOKUP_ERROR)
};

/// `ImportError`.
pub static IMPORT_ERROR: TypeDef = TypeDef {
    doc: "Import can't find module, or can't find name in module.",
    slots: 4,
    members: &[
        field("msg", 0),
        field("name", 1),
        field("path", 2),
        field("name_from", 3),
    ],
    methods: &[
        MethodDef::raw(
            "__init__",
            "(self, /, *args, **kwargs)",
            "Initialize self.",
            m::import_error_init,
        ),
        MethodDef::new(
            "__str__",
            "(self, /)",
            "Return str(self).",
            m::import_error_str,
        ),
        MethodDef::new(
            "__reduce__",
            "(self, /)",
            "Helper for pickle.",
            m::import_error_reduce,
        ),
    ],
    ..derived("ImportError", &EXCEPTION)
};

/// `NameError`.
pub static NAME_ERROR: TypeDef = TypeDef {
    doc: "Name not found globally.",
    slots: 1,
    members: &[field("name", 0)],
    methods: &[MethodDef::raw(
        "__init__",
        "(self, /, *args, **kwargs)",
        "Initialize self.",
        m::name_error_init,
    )],
    ..derived("NameError", &EXCEPTION)
};

/// `AttributeError`.
pub static ATTRIBUTE_ERROR: TypeDef = TypeDef {
    doc: "Attribute not found.",
    slots: 2,
    members: &[field("name", 0), field("obj", 1)],
    methods: &[
        MethodDef::raw(
            "__init__",
            "(self, /, *args, **kwargs)",
            "Initialize self.",
            m::attribute_error_init,
        ),
        MethodDef::new(
            "__getstate__",
            "(self, /)",
            "Return the state to pickle: obj is left out.",
            m::attribute_error_getstate,
        ),
        MethodDef::new(
            "__reduce__",
            "(self, /)",
            "Helper for pickle.",
            m::attribute_error_reduce,
        ),
    ],
    ..derived("AttributeError", &EXCEPTION)
};

/// `OSError`.
pub static OS_ERROR: TypeDef = TypeDef {
    doc: "Base class for I/O related errors.",
    slots: 5,
    members: &[
        field("errno", 0),
        field("strerror", 1),
        field("filename", 2),
        field("filename2", 3),
        MemberDef {
            name: "characters_written",
            doc: "",
            offset: slot(4),
            readonly: false,
            none_if_empty: false,
        },
    ],
    methods: &[
        MethodDef::raw(
            "__new__",
            "(type, /, *args, **kwargs)",
            "Create and return a new object.",
            m::os_error_new,
        )
        .static_(),
        MethodDef::raw(
            "__init__",
            "(self, /, *args, **kwargs)",
            "Initialize self.",
            m::os_error_init,
        ),
        MethodDef::new("__str__", "(self, /)", "Return str(self).", m::os_error_str),
        MethodDef::new(
            "__reduce__",
            "(self, /)",
            "Helper for pickle.",
            m::os_error_reduce,
        ),
    ],
    ..derived("OSError", &EXCEPTION)
};

/// `SyntaxError`.
pub static SYNTAX_ERROR: TypeDef = TypeDef {
    doc: "Invalid syntax.",
    slots: 9,
    members: &[
        field("msg", 0),
        field("filename", 1),
        field("lineno", 2),
        field("offset", 3),
        field("text", 4),
        field("end_lineno", 5),
        field("end_offset", 6),
        field("print_file_and_line", 7),
        field("_metadata", 8),
    ],
    methods: &[
        MethodDef::raw(
            "__init__",
            "(self, /, *args, **kwargs)",
            "Initialize self.",
            m::syntax_error_init,
        ),
        MethodDef::new(
            "__str__",
            "(self, /)",
            "Return str(self).",
            m::syntax_error_str,
        ),
    ],
    ..derived("SyntaxError", &EXCEPTION)
};

/// `UnicodeEncodeError`.
pub static UNICODE_ENCODE_ERROR: TypeDef = TypeDef {
    doc: "Unicode encoding error.",
    slots: 5,
    members: UNICODE_FIELDS,
    methods: &[
        MethodDef::raw(
            "__init__",
            "(self, /, *args, **kwargs)",
            "Initialize self.",
            m::unicode_encode_error_init,
        ),
        MethodDef::new(
            "__str__",
            "(self, /)",
            "Return str(self).",
            m::unicode_encode_error_str,
        ),
    ],
    ..derived("UnicodeEncodeError", &UNICODE_ERROR)
};

/// `UnicodeDecodeError`.
pub static UNICODE_DECODE_ERROR: TypeDef = TypeDef {
    doc: "Unicode decoding error.",
    slots: 5,
    members: UNICODE_FIELDS,
    methods: &[
        MethodDef::raw(
            "__init__",
            "(self, /, *args, **kwargs)",
            "Initialize self.",
            m::unicode_decode_error_init,
        ),
        MethodDef::new(
            "__str__",
            "(self, /)",
            "Return str(self).",
            m::unicode_decode_error_str,
        ),
    ],
    ..derived("UnicodeDecodeError", &UNICODE_ERROR)
};

/// `UnicodeTranslateError`.
pub static UNICODE_TRANSLATE_ERROR: TypeDef = TypeDef {
    doc: "Unicode translation error.",
    slots: 5,
    members: &[
        field("object", 1),
        field("start", 2),
        field("end", 3),
        field("reason", 4),
    ],
    methods: &[
        MethodDef::raw(
            "__init__",
            "(self, /, *args, **kwargs)",
            "Initialize self.",
            m::unicode_translate_error_init,
        ),
        MethodDef::new(
            "__str__",
            "(self, /)",
            "Return str(self).",
            m::unicode_translate_error_str,
        ),
    ],
    ..derived("UnicodeTranslateError", &UNICODE_ERROR)
};

const UNICODE_FIELDS: &[MemberDef] = &[
    field("encoding", 0),
    field("object", 1),
    field("start", 2),
    field("end", 3),
    field("reason", 4),
];

/// `BaseExceptionGroup`.
pub static BASE_EXCEPTION_GROUP: TypeDef = TypeDef {
    doc: "A combination of multiple unrelated exceptions.",
    slots: 3,
    generic: true,
    members: &[
        MemberDef {
            name: "message",
            doc: "exception message",
            offset: slot(0),
            readonly: true,
            none_if_empty: true,
        },
        MemberDef {
            name: "exceptions",
            doc: "nested exceptions",
            offset: slot(1),
            readonly: true,
            none_if_empty: true,
        },
    ],
    methods: &[
        MethodDef::raw(
            "__new__",
            "(type, /, *args, **kwargs)",
            "Create and return a new object.",
            super::group::group_new,
        )
        .static_(),
        MethodDef::raw(
            "__init__",
            "(self, /, *args, **kwargs)",
            "Initialize self.",
            super::group::group_init,
        ),
        MethodDef::new(
            "__str__",
            "(self, /)",
            "Return str(self).",
            super::group::group_str,
        ),
        MethodDef::new(
            "__repr__",
            "(self, /)",
            "Return repr(self).",
            super::group::group_repr,
        ),
        MethodDef::new("derive", "(self, excs, /)", "", super::group::group_derive),
        MethodDef::new(
            "split",
            "(self, condition, /)",
            "",
            super::group::group_split,
        ),
        MethodDef::new(
            "subgroup",
            "(self, condition, /)",
            "",
            super::group::group_subgroup,
        ),
    ],
    ..derived("BaseExceptionGroup", &BASE_EXCEPTION)
};

const FIELDS: &[&TypeDef] = &[
    &STOP_ITERATION,
    &SYSTEM_EXIT,
    &KEY_ERROR,
    &IMPORT_ERROR,
    &NAME_ERROR,
    &ATTRIBUTE_ERROR,
    &OS_ERROR,
    &SYNTAX_ERROR,
    &UNICODE_ENCODE_ERROR,
    &UNICODE_DECODE_ERROR,
    &UNICODE_TRANSLATE_ERROR,
    &BASE_EXCEPTION_GROUP,
];

/// All of them but `BaseException` and `ExceptionGroup` (which has two bases).
pub fn all() -> impl Iterator<Item = &'static TypeDef> {
    PLAIN.iter().chain(FIELDS).copied()
}
