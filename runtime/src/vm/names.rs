//! The classes, shapes and strings that native code names.

use crate::heap::Gc;
use crate::object::{Class, Shape};
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::value::Value;
use std::cell::Cell;

/// Something set once at start-up.
pub struct Known<T>(Cell<Option<T>>);

impl<T: Copy> Known<T> {
    const fn unset() -> Self {
        Known(Cell::new(None))
    }
    /// The thing; start-up sets all of them before Python code runs.
    #[inline(always)]
    pub fn get(&self) -> T {
        // SAFETY: `bootstrap` sets every one before anything else may ask.
        unsafe { self.0.get().unwrap_unchecked() }
    }
    /// The thing, if start-up came that far.
    pub fn try_get(&self) -> Option<T> {
        self.0.get()
    }
    pub fn set(&self, value: T) {
        self.0.set(Some(value));
    }
}

macro_rules! types {
    ($($field:ident)*) => {
        /// The built-in classes.
        pub struct Types { $(pub $field: Known<Gc<Class>>,)* }
        impl Types {
            pub(super) const fn unset() -> Types {
                Types { $($field: Known::unset(),)* }
            }
            /// All that are set.
            pub fn all(&self) -> Vec<Gc<Class>> {
                [$(self.$field.try_get(),)*].into_iter().flatten().collect()
            }
        }
    };
}

types! {
    object type_ int bool float complex str bytes bytearray tuple list dict set frozenset slice range
    none ellipsis not_implemented function native_function method_descriptor wrapper_descriptor
    class_method_descriptor method_wrapper bound_method module cell code frame traceback generator coroutine
    async_generator property static_method class_method getset member mappingproxy super_ memoryview
    weakref generic_alias union_type
    enumerate reversed zip map filter
    base_exception
}

macro_rules! shapes {
    ($($field:ident)*) => {
        /// The shapes of exact instances of built-in types, and of internal objects.
        pub struct Shapes { $(pub $field: Known<&'static Shape>,)* }
        impl Shapes {
            pub(super) const fn unset() -> Shapes {
                Shapes { $($field: Known::unset(),)* }
            }
        }
    };
}

shapes! {
    big_int complex str bytes bytearray tuple list dict set frozenset slice range
    function bound_method module cell code frame traceback generator coroutine async_generator
    array dict_table set_table str_buffer
}

macro_rules! names {
    ($($field:ident)*) => {
        /// Interned strings that native code uses often.
        pub struct Names {
            $(pub $field: Known<Gc<Str>>,)*
            pub empty: Known<Gc<Str>>,
            pub empty_tuple: Cell<Option<Gc<Tuple>>>,
            pub empty_bytes: Cell<Option<Value>>,
            pub latin1: [Cell<Option<Gc<Str>>>; 256],
        }
        impl Names {
            pub(super) const fn unset() -> Names {
                Names {
                    $($field: Known::unset(),)*
                    empty: Known::unset(),
                    empty_tuple: Cell::new(None),
                    empty_bytes: Cell::new(None),
                    latin1: [const { Cell::new(None) }; 256],
                }
            }
            pub(super) fn fill(&self, vm: &super::Vm) {
                $(self.$field.set(vm.intern(stringify!($field)));)*
            }
        }
    };
}

names! {
    __name__ __qualname__ __module__ __doc__ __dict__ __class__ __builtins__ __file__ __path__ __spec__ __loader__
    __package__ __all__ __annotations__ __annotate__ __annotate_func__ __annotations_cache__ __type_params__
    __slots__ __classcell__ __classdictcell__ __orig_bases__ __mro_entries__ __prepare__ __bases__
    __abstractmethods__ __isabstractmethod__ __weakref__ __init_subclass__ __set_name__ __static_attributes__
    __firstlineno__ __match_args__ __import__ __build_class__ __main__ __debug__ __missing__ __reduce__ __reduce_ex__
    __getstate__ __setstate__ __getnewargs__ __getnewargs_ex__ __copy__ __deepcopy__ __notes__ __cause__
    __context__ __traceback__ __suppress_context__ __wrapped__ __text_signature__ __defaults__ __kwdefaults__
    __closure__ __code__ __globals__ __self__ __func__ __origin__ __args__ __parameters__ __typing_subst__
    __typing_unpacked_tuple_args__ __typing_prepare_subst__ __instancecheck__ __subclasscheck__ __dir__ __sizeof__
    __format__ __fspath__ __index__ __iter__ __next__ __len__ __getitem__ __call__ __init__ __new__ __get__ __set__
    __delete__ __enter__ __exit__ __aenter__ __aexit__ __await__ __aiter__ __anext__ __eq__ __hash__ __repr__
    __getattr__ __objclass__ __length_hint__ __bytes__ __complex__ __lltrace__ __warningregistry__
    __trunc__ __ceil__ __floor__ __conditional_annotations__ __classdict__ __subclasshook__ __version__
    modules path meta_path path_hooks path_importer_cache stdin stdout stderr argv excepthook displayhook
    unraisablehook warnoptions flags ps1 ps2 last_exc last_type last_value last_traceback
    send throw close keys values items get append extend write flush read readline name value args msg
    filename filename2 errno strerror lineno offset text end_lineno end_offset print_file_and_line
    code obj path_ object reason start end encoding metaclass key default reverse join fget fset fdel
    characters_written exceptions message
    sep file builtins strict errors mode copy update sort
    context call_soon get_debug
    annotations real imag numerator denominator stop step line lines
}
