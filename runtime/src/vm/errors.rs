//! Raising exceptions from native code.

use super::{Raised, Result, Vm};
use crate::heap::Gc;
use crate::object::Class;
use crate::types::exception::Exception;
use crate::types::exception::classes as exc;
use crate::types::str::Str;
use crate::value::Value;

macro_rules! raisers {
    ($($(#[$doc:meta])* $name:ident $def:ident;)*) => {
        impl Vm {
            $($(#[$doc])*
            #[cold]
            pub fn $name(&self, message: impl AsRef<str>) -> Raised {
                self.raise_str(self.exception_class(&exc::$def), message.as_ref())
            })*
        }
    };
}

raisers! {
    /// Raises TypeError with this message.
    type_error TYPE_ERROR;
    /// Raises ValueError with this message.
    value_error VALUE_ERROR;
    /// Raises IndexError with this message.
    index_error INDEX_ERROR;
    /// Raises AttributeError with this message.
    attribute_error ATTRIBUTE_ERROR;
    /// Raises NameError with this message.
    name_error NAME_ERROR;
    /// Raises OverflowError with this message.
    overflow_error OVERFLOW_ERROR;
    /// Raises ZeroDivisionError with this message.
    zero_division_error ZERO_DIVISION_ERROR;
    /// Raises RuntimeError with this message.
    runtime_error RUNTIME_ERROR;
    /// Raises SystemError with this message.
    system_error SYSTEM_ERROR;
    /// Raises NotImplementedError with this message.
    not_implemented_error NOT_IMPLEMENTED_ERROR;
    /// Raises LookupError with this message.
    lookup_error LOOKUP_ERROR;
    /// Raises ImportError with this message.
    import_error IMPORT_ERROR;
    /// Raises EOFError with this message.
    eof_error EOF_ERROR;
    /// Raises BufferError with this message.
    buffer_error BUFFER_ERROR;
    /// Raises AssertionError with this message.
    assertion_error ASSERTION_ERROR;
    /// Raises RecursionError with this message.
    recursion_error RECURSION_ERROR;
    /// Raises ReferenceError with this message.
    reference_error REFERENCE_ERROR;
    /// Raises OSError with this message.
    os_error_text OS_ERROR;
}

impl Vm {
    /// The class of a built-in exception.
    pub fn exception_class(&self, def: &'static crate::object::TypeDef) -> Gc<Class> {
        match self.class_of_def(def) {
            Ok(class) => class,
            Err(_) => unreachable!("exception classes are made at start-up"),
        }
    }

    pub(super) fn exceptions_recursion(&self) -> Gc<Class> {
        self.exception_class(&exc::RECURSION_ERROR)
    }

    /// Raises an instance of a built-in exception class with one string argument.
    #[cold]
    pub fn raise_str(&self, class: Gc<Class>, message: &str) -> Raised {
        let message = self.new_str(message).value();
        self.raise_with(class, &[message])
    }

    /// Raises an instance of a built-in exception class with these arguments,
    /// without running its `__init__`.
    #[cold]
    pub fn raise_with(&self, class: Gc<Class>, args: &[Value]) -> Raised {
        match self.new_exception(class, args) {
            Ok(e) => self.raise(e.value()),
            Err(raised) => raised,
        }
    }

    /// Raises by calling the class, for exceptions whose constructor does work.
    #[cold]
    pub fn raise_new(&self, class: Gc<Class>, args: &[Value]) -> Raised {
        match self.call(class.value(), args) {
            Ok(e) => self.raise(e),
            Err(raised) => raised,
        }
    }

    /// Makes an exception instance the pending one; its context becomes the
    /// exception being handled.
    #[cold]
    pub fn raise(&self, exception: Value) -> Raised {
        if let Some(e) = exception.cast::<Exception>() {
            self.link_context(e);
        }
        self.raise_again(exception)
    }

    /// Makes the exception being handled, if there is another one, the context of this one.
    pub fn link_context(&self, exception: Gc<Exception>) {
        if let Some(handled) = self.handled_exception()
            && handled != exception.value()
        {
            self.set_context(exception, handled);
        }
    }

    /// Makes an exception instance the pending one and changes nothing in it.
    pub fn raise_again(&self, exception: Value) -> Raised {
        self.raised.set(Some(exception));
        Raised(())
    }

    /// Sets `__context__`, breaking a cycle that this would make.
    pub fn set_context(&self, exception: Gc<Exception>, context: Value) {
        let mut at = context;
        let mut slow = context;
        let mut advance = false;
        while let Some(e) = at.cast::<Exception>() {
            match e.context.get() {
                Some(next) if next == exception.value() => {
                    e.context.clear();
                    break;
                }
                Some(next) => at = next,
                None => break,
            }
            if at == slow {
                break;
            }
            if advance && let Some(next) = slow.cast::<Exception>().and_then(|e| e.context.get()) {
                slow = next;
            }
            advance = !advance;
        }
        exception.context.set(&exception.header, context);
    }

    /// Gives the pending exception, which nobody can catch, to `sys.unraisablehook`:
    /// `message` says what was being done with `object`.
    #[cold]
    pub fn report_unraisable(&self, message: &str, object: Value) {
        let e = self.take_raised();
        let report = || -> Result<()> {
            let text = format!("{message} {}", self.repr_text(object)?);
            self.call_unraisablehook(e, self.new_str(&text).value(), Value::NONE)
        };
        if report().is_err() {
            self.clear_raised();
        }
    }

    /// As [`Vm::report_unraisable`], where the message is all there is to say.
    #[cold]
    pub fn report_unraisable_text(&self, message: &str) {
        let e = self.take_raised();
        let text = self.new_str(message).value();
        if self.call_unraisablehook(e, text, Value::NONE).is_err() {
            self.clear_raised();
        }
    }

    /// As [`Vm::report_unraisable`], without a message: only where it happened.
    #[cold]
    pub fn report_unraisable_in(&self, object: Option<Value>) {
        let e = self.take_raised();
        let object = object.unwrap_or(Value::NONE);
        if self.call_unraisablehook(e, Value::NONE, object).is_err() {
            self.clear_raised();
        }
    }

    fn call_unraisablehook(&self, e: Value, message: Value, object: Value) -> Result<()> {
        let hook = self
            .sys_dict
            .get()
            .and_then(|d| d.get_str(self.names.unraisablehook.get()));
        let Some(hook) = hook else { return Ok(()) };
        let exception = e.cast::<Exception>();
        if let Some(x) = exception.filter(|x| x.traceback.get().is_none())
            && let Some(frame) = self.current_frame()
        {
            // One that no Python code saw tells where it happened.
            let at = frame.instruction() as i32 * 2;
            let entry = self.new_traceback(None, self.frame_object(frame), at, -1);
            x.traceback.set(&x.header, entry.value());
        }
        let tb = exception.map_or(Value::NONE, |x| x.traceback.or_none());
        let class = self.import_attr("sys", "UnraisableHookArgs")?;
        let parts = [self.class_of(e).value(), e, tb, message, object];
        let args = self.call(class, &[self.new_tuple(&parts)?.value()])?;
        self.audit("sys.unraisablehook", &[hook, args])?;
        if self.call(hook, &[args]).is_ok() {
            return Ok(());
        }
        // A hook of the program's that fails is reported by the one there was at the start.
        let original = self.import_attr("sys", "__unraisablehook__");
        let failed = self.take_raised();
        let original = original?;
        if original == hook {
            return Ok(());
        }
        let tb = failed
            .cast::<Exception>()
            .map_or(Value::NONE, |x| x.traceback.or_none());
        let message = self
            .new_str("Exception ignored in sys.unraisablehook")
            .value();
        let parts = [self.class_of(failed).value(), failed, tb, message, hook];
        let args = self.call(class, &[self.new_tuple(&parts)?.value()])?;
        self.call(original, &[args])?;
        Ok(())
    }

    /// Says that an exception is pending which native code left there by other means.
    pub fn raised_marker(&self) -> Raised {
        debug_assert!(self.raised.get().is_some());
        Raised(())
    }

    /// The pending exception.
    #[inline]
    pub fn pending(&self) -> Option<Value> {
        self.raised.get()
    }

    /// Takes the pending exception: it counts as caught.
    #[inline]
    pub fn take_raised(&self) -> Value {
        match self.raised.take() {
            Some(e) => e,
            None => unreachable!("an error result without an exception"),
        }
    }

    /// Drops the pending exception.
    pub fn clear_raised(&self) {
        self.raised.set(None);
    }

    /// Whether the pending exception is an instance of `class`.
    pub fn raised_is(&self, class: Gc<Class>) -> bool {
        self.raised
            .get()
            .is_some_and(|e| self.class_of(e).is_subclass_of(class))
    }

    /// Whether the pending exception is an instance of the built-in class `def`.
    pub fn raised_is_def(&self, def: &'static crate::object::TypeDef) -> bool {
        self.raised_is(self.exception_class(def))
    }

    /// Turns an error that is of the built-in class `def` into `None`.
    pub fn catch<T>(
        &self,
        result: Result<T>,
        def: &'static crate::object::TypeDef,
    ) -> Result<Option<T>> {
        match result {
            Ok(v) => Ok(Some(v)),
            Err(_) if self.raised_is_def(def) => {
                self.clear_raised();
                Ok(None)
            }
            Err(raised) => Err(raised),
        }
    }

    /// The innermost exception being handled.
    pub fn handled_exception(&self) -> Option<Value> {
        if self.threads.try_borrow().is_ok_and(|t| t.is_empty()) {
            return None;
        }
        self.thread().handled.get()
    }

    /// Raises MemoryError.
    #[cold]
    pub fn memory_error(&self) -> Raised {
        self.raise_with(self.exception_class(&exc::MEMORY_ERROR), &[])
    }

    /// Raises the MemoryError that waits for a safepoint, if one does: containers ask
    /// as they grow, since native loops that fill them may have no safepoint.
    #[inline]
    pub fn check_memory(&self) -> Result<()> {
        if self.breaker.get() & super::Breaker::MEMORY != 0 {
            self.breaker.clear(super::Breaker::MEMORY);
            return Err(self.memory_error());
        }
        Ok(())
    }

    /// Leaves a MemoryError for the next safepoint, from code that cannot raise.
    pub fn note_memory_error(&self) {
        self.clear_raised();
        self.breaker.set(super::Breaker::MEMORY);
    }

    /// Raises KeyError with the key as argument.
    #[cold]
    pub fn key_error(&self, key: Value) -> Raised {
        self.raise_with(self.exception_class(&exc::KEY_ERROR), &[key])
    }

    /// Raises StopIteration, with a value unless it is None.
    #[cold]
    pub fn stop_iteration(&self, value: Value) -> Raised {
        let class = self.exception_class(&exc::STOP_ITERATION);
        if value.is_none() {
            self.raise_with(class, &[])
        } else {
            self.raise_new(class, &[value])
        }
    }

    /// Raises the AttributeError of a missing attribute, with `name` and `obj` set.
    #[cold]
    pub fn no_attribute(&self, object: Value, name: Value) -> Raised {
        let text = name.cast::<Str>().map(|s| s.to_text()).unwrap_or_default();
        let class = object.cast::<Class>();
        let owner = class
            .unwrap_or_else(|| self.class_of(object))
            .qualified_name();
        let message = match class {
            Some(_) => ["type object '", &owner, "' has no attribute '", &text, "'"].concat(),
            None => ["'", &owner, "' object has no attribute '", &text, "'"].concat(),
        };
        self.attribute_error_about(&message, object, name)
    }

    /// Raises AttributeError with a message, `name` and `obj`.
    #[cold]
    pub fn attribute_error_about(&self, message: &str, object: Value, name: Value) -> Raised {
        let message = self.new_str(message).value();
        let class = self.exception_class(&exc::ATTRIBUTE_ERROR);
        match self.new_exception(class, &[message]) {
            Ok(e) => {
                exc::set_field(self, e, "name", name);
                exc::set_field(self, e, "obj", object);
                self.raise(e.value())
            }
            Err(raised) => raised,
        }
    }

    /// Raises NameError (or a subclass) about a name, with `name` set.
    #[cold]
    pub fn name_error_about(
        &self,
        def: &'static crate::object::TypeDef,
        message: &str,
        name: Value,
    ) -> Raised {
        let message = self.new_str(message).value();
        match self.new_exception(self.exception_class(def), &[message]) {
            Ok(e) => {
                exc::set_field(self, e, "name", name);
                self.raise(e.value())
            }
            Err(raised) => raised,
        }
    }

    /// Raises the OSError subclass of an `errno` value.
    #[cold]
    pub fn os_error(&self, errno: i32, filename: Option<Value>) -> Raised {
        let text = self.new_str(&errno_text(errno)).value();
        let class = self.exception_class(&exc::OS_ERROR);
        let number = self.new_int(errno.into());
        match filename {
            Some(name) => self.raise_new(class, &[number, text, name]),
            None => self.raise_new(class, &[number, text]),
        }
    }

    /// Raises the OSError of the calling thread's last failed system call.
    #[cold]
    pub fn last_os_error(&self, filename: Option<Value>) -> Raised {
        let errno = std::io::Error::last_os_error().raw_os_error().unwrap_or(0);
        self.os_error(errno, filename)
    }

    /// Raises the OSError of a Rust I/O error.
    #[cold]
    pub fn io_error(&self, error: &std::io::Error, filename: Option<Value>) -> Raised {
        match error.raw_os_error() {
            Some(errno) => self.os_error(errno, filename),
            None => self.os_error_text(error.to_string()),
        }
    }
}

/// The C library's text for an `errno` value.
pub fn errno_text(errno: i32) -> String {
    // SAFETY: `strerror` returns a valid string; the lock is held, so nobody overwrites it.
    unsafe {
        let p = libc::strerror(errno);
        std::ffi::CStr::from_ptr(p).to_string_lossy().into_owned()
    }
}
