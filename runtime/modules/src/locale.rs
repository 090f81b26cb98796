//! The module `_locale`: the C library's locale functions.

use std::ffi::{CStr, CString};
use taipan_runtime::object::{MethodDef, ModuleDef};
use taipan_runtime::types::bytes::Bytes;
use taipan_runtime::types::exception::classes as exc;
use taipan_runtime::types::str::Str;
use taipan_runtime::types::support::{c_int_arg, str_arg};
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Raised, Result, Vm};

/// A C string of the locale as text.
fn text(vm: &Vm, p: *const libc::c_char) -> Result {
    if p.is_null() {
        return Ok(vm.new_str("").value());
    }
    // SAFETY: the C library's strings are terminated.
    let bytes = unsafe { CStr::from_ptr(p) }.to_bytes();
    Ok(vm.str_from_os(bytes)?.value())
}

fn setlocale(vm: &Vm, args: &[Value]) -> Result {
    let category = vm.to_i64(args[0])? as i32;
    let name = match args[1].given_not_none() {
        None => None,
        Some(v) => match CString::new(vm.str_text(v)?) {
            Ok(name) => Some(name),
            Err(_) => return Err(vm.value_error("embedded null character")),
        },
    };
    // SAFETY: null or a C string; the lock is held.
    let result = unsafe {
        libc::setlocale(
            category,
            name.as_ref().map_or(std::ptr::null(), |n| n.as_ptr()),
        )
    };
    if result.is_null() {
        let message = if name.is_some() {
            "unsupported locale setting"
        } else {
            "locale query failed"
        };
        return Err(locale_error(vm, message));
    }
    text(vm, result)
}

fn localeconv(vm: &Vm, _: &[Value]) -> Result {
    let dict = vm.new_dict();
    // SAFETY: the structure is valid until the next call, and the lock is held.
    let conv = unsafe { &*libc::localeconv() };
    let texts = [
        ("decimal_point", conv.decimal_point),
        ("thousands_sep", conv.thousands_sep),
        ("int_curr_symbol", conv.int_curr_symbol),
        ("currency_symbol", conv.currency_symbol),
        ("mon_decimal_point", conv.mon_decimal_point),
        ("mon_thousands_sep", conv.mon_thousands_sep),
        ("positive_sign", conv.positive_sign),
        ("negative_sign", conv.negative_sign),
    ];
    for (name, p) in texts {
        dict.set_str(vm, vm.intern(name), text(vm, p)?);
    }
    for (name, p) in [
        ("grouping", conv.grouping),
        ("mon_grouping", conv.mon_grouping),
    ] {
        let list = vm.new_list(&[])?;
        // SAFETY: the C library's strings are terminated.
        let groups = unsafe { CStr::from_ptr(p) }.to_bytes();
        for g in groups {
            list.push(vm, vm.new_int((*g).into()))?;
        }
        if !groups.is_empty() && groups.last() != Some(&127) {
            list.push(vm, vm.new_int(0))?;
        }
        dict.set_str(vm, vm.intern(name), list.value());
    }
    let numbers = [
        ("int_frac_digits", conv.int_frac_digits),
        ("frac_digits", conv.frac_digits),
        ("p_cs_precedes", conv.p_cs_precedes),
        ("p_sep_by_space", conv.p_sep_by_space),
        ("n_cs_precedes", conv.n_cs_precedes),
        ("n_sep_by_space", conv.n_sep_by_space),
        ("p_sign_posn", conv.p_sign_posn),
        ("n_sign_posn", conv.n_sign_posn),
    ];
    for (name, n) in numbers {
        dict.set_str(vm, vm.intern(name), vm.new_int(n.into()));
    }
    Ok(dict.value())
}

macro_rules! items {
    ($($name:ident)*) => { &[$((stringify!($name), libc::$name)),*] };
}

/// What `nl_langinfo()` can be asked for besides formats.
const ITEMS: &[(&str, libc::nl_item)] = items! {
    ABDAY_1 ABDAY_2 ABDAY_3 ABDAY_4 ABDAY_5 ABDAY_6 ABDAY_7 ABMON_1 ABMON_2 ABMON_3 ABMON_4 ABMON_5
    ABMON_6 ABMON_7 ABMON_8 ABMON_9 ABMON_10 ABMON_11 ABMON_12 DAY_1 DAY_2 DAY_3 DAY_4 DAY_5
    DAY_6 DAY_7 MON_1 MON_2 MON_3 MON_4 MON_5 MON_6 MON_7 MON_8 MON_9 MON_10
    MON_11 MON_12 ALT_DIGITS AM_STR CRNCYSTR ERA ERA_D_FMT ERA_D_T_FMT ERA_T_FMT NOEXPR PM_STR T_FMT_AMPM
    YESEXPR
};

fn c_string(vm: &Vm, function: &str, v: Value) -> Result<CString> {
    let text = taipan_runtime::types::support::str_arg(vm, v, function)?;
    CString::new(text.to_text()).map_err(|_| vm.value_error("embedded null character"))
}

fn strcoll(vm: &Vm, args: &[Value]) -> Result {
    let a = c_string(vm, "strcoll() argument 1", args[0])?;
    let b = c_string(vm, "strcoll() argument 2", args[1])?;
    // SAFETY: both are C strings.
    Ok(vm.new_int(unsafe { libc::strcoll(a.as_ptr(), b.as_ptr()) }.into()))
}

fn strxfrm(vm: &Vm, args: &[Value]) -> Result {
    let text = c_string(vm, "strxfrm() argument", args[0])?;
    // SAFETY: without room the call only tells the size.
    let size = unsafe { libc::strxfrm(std::ptr::null_mut(), text.as_ptr(), 0) };
    let mut out = vec![0u8; size + 1];
    // SAFETY: there is room for so many bytes and the terminator.
    unsafe { libc::strxfrm(out.as_mut_ptr().cast(), text.as_ptr(), out.len()) };
    out.truncate(size);
    Ok(vm.str_from_os(&out)?.value())
}

// Catalogues of messages. What comes back is an argument or lives as long as the process.
unsafe extern "C" {
    fn dcgettext(
        domain: *const libc::c_char,
        message: *const libc::c_char,
        category: libc::c_int,
    ) -> *const libc::c_char;
    fn textdomain(domain: *const libc::c_char) -> *const libc::c_char;
    fn bindtextdomain(
        domain: *const libc::c_char,
        folder: *const libc::c_char,
    ) -> *const libc::c_char;
    fn bind_textdomain_codeset(
        domain: *const libc::c_char,
        codeset: *const libc::c_char,
    ) -> *const libc::c_char;
}

/// A text for the C library.
fn c_text(vm: &Vm, v: Value, what: &str) -> Result<CString> {
    let text = str_arg(vm, v, what)?;
    let bytes = vm.encode_str(text, "utf-8", "surrogateescape")?;
    CString::new(bytes.as_slice()).map_err(|_| vm.value_error("embedded null character"))
}

/// As [`c_text`]; None is null.
fn c_text_or_none(vm: &Vm, v: Value, what: &str) -> Result<Option<CString>> {
    if v.is_none() {
        return Ok(None);
    }
    if v.cast::<Str>().is_none() {
        let got = vm.class_of(v).qualified_name();
        return Err(vm.type_error(format!("{what} must be str or None, not {got}")));
    }
    c_text(vm, v, what).map(Some)
}

fn pointer(text: &Option<CString>) -> *const libc::c_char {
    text.as_ref().map_or(std::ptr::null(), |t| t.as_ptr())
}

/// The message translated, in a domain or that of `textdomain`.
fn translated(
    vm: &Vm,
    domain: Option<CString>,
    message: Value,
    what: &str,
    category: i32,
) -> Result {
    let message = c_text(vm, message, what)?;
    // SAFETY: null or C strings; the lock is held.
    text(vm, unsafe {
        dcgettext(pointer(&domain), message.as_ptr(), category)
    })
}

fn locale_error(vm: &Vm, message: &str) -> Raised {
    let raise = || {
        let class = vm.import_attr("_locale", "Error")?;
        vm.call(class, &[vm.new_str(message).value()])
    };
    match raise() {
        Ok(e) => vm.raise(e),
        Err(raised) => raised,
    }
}

fn bind_domain(vm: &Vm, args: &[Value]) -> Result {
    let domain = c_text(vm, args[0], "bindtextdomain() argument 1")?;
    if domain.is_empty() {
        return Err(locale_error(vm, "domain must be a non-empty string"));
    }
    let folder = match args[1].is_none() {
        true => None,
        false => {
            let folder = vm.call(vm.import_attr("posix", "fspath")?, &[args[1]])?;
            match folder.cast::<Bytes>() {
                Some(bytes) => CString::new(bytes.as_slice()).ok(),
                None => Some(c_text(vm, folder, "bindtextdomain() argument 2")?),
            }
        }
    };
    // SAFETY: null or C strings; the lock is held.
    let result = unsafe { bindtextdomain(domain.as_ptr(), pointer(&folder)) };
    if result.is_null() {
        return Err(vm.last_os_error(None));
    }
    text(vm, result)
}

fn bind_codeset(vm: &Vm, args: &[Value]) -> Result {
    let domain = c_text(vm, args[0], "bind_textdomain_codeset() argument 1")?;
    let codeset = c_text_or_none(vm, args[1], "bind_textdomain_codeset() argument 2")?;
    // SAFETY: null or C strings; the lock is held.
    let result = unsafe { bind_textdomain_codeset(domain.as_ptr(), pointer(&codeset)) };
    if result.is_null() {
        return Ok(Value::NONE);
    }
    text(vm, result)
}

/// The module.
pub static LOCALE: ModuleDef = ModuleDef {
    name: "_locale",
    doc: "Support for POSIX locales.",
    functions: &[
        MethodDef::new(
            "setlocale",
            "(category, locale=None, /)",
            "Activates/queries locale processing.",
            setlocale,
        ),
        MethodDef::new(
            "localeconv",
            "()",
            "Returns numeric and monetary locale-specific parameters.",
            localeconv,
        ),
        MethodDef::new(
            "strcoll",
            "(os1, os2, /)",
            "Compares two strings according to the locale.",
            strcoll,
        ),
        MethodDef::new(
            "strxfrm",
            "(string, /)",
            "Return a string that can be used as a key for locale-aware comparisons.",
            strxfrm,
        ),
        MethodDef::new(
            "gettext",
            "(msg, /)",
            "Return translation of msg.",
            |vm, args| translated(vm, None, args[0], "gettext() argument", libc::LC_MESSAGES),
        ),
        MethodDef::new(
            "dgettext",
            "(domain, msg, /)",
            "Return translation of msg in domain.",
            |vm, args| {
                let domain = c_text_or_none(vm, args[0], "dgettext() argument 1")?;
                translated(
                    vm,
                    domain,
                    args[1],
                    "dgettext() argument 2",
                    libc::LC_MESSAGES,
                )
            },
        ),
        MethodDef::new(
            "dcgettext",
            "(domain, msg, category, /)",
            "Return translation of msg in domain and category.",
            |vm, args| {
                let domain = c_text_or_none(vm, args[0], "dcgettext() argument 1")?;
                let category = c_int_arg(vm, args[2])? as i32;
                translated(vm, domain, args[1], "dcgettext() argument 2", category)
            },
        ),
        MethodDef::new(
            "textdomain",
            "(domain, /)",
            "Set the C library's textdomain to domain, returning the new domain.",
            |vm, args| {
                let domain = c_text_or_none(vm, args[0], "textdomain() argument")?;
                // SAFETY: null or a C string; the lock is held.
                text(vm, unsafe { textdomain(pointer(&domain)) })
            },
        ),
        MethodDef::new(
            "bindtextdomain",
            "(domain, dir, /)",
            "Bind the C library's domain to dir.",
            bind_domain,
        ),
        MethodDef::new(
            "bind_textdomain_codeset",
            "(domain, codeset, /)",
            "Bind the C library's domain to codeset.",
            bind_codeset,
        ),
        MethodDef::new(
            "getencoding",
            "()",
            "Get the current locale encoding.",
            |vm, _| Ok(vm.new_str(&crate::io::codeset()).value()),
        ),
        MethodDef::new(
            "nl_langinfo",
            "(key, /)",
            "Return the value for the locale information associated with key.",
            |vm, args| {
                let key = vm.to_i64(args[0])?;
                // SAFETY: unknown keys give an empty string.
                text(vm, unsafe { libc::nl_langinfo(key as libc::nl_item) })
            },
        ),
    ],
    types: &[],
    exec: Some(|vm, module| {
        let constants = [
            ("LC_CTYPE", libc::LC_CTYPE),
            ("LC_NUMERIC", libc::LC_NUMERIC),
            ("LC_TIME", libc::LC_TIME),
            ("LC_COLLATE", libc::LC_COLLATE),
            ("LC_MONETARY", libc::LC_MONETARY),
            ("LC_MESSAGES", libc::LC_MESSAGES),
            ("LC_ALL", libc::LC_ALL),
            ("CHAR_MAX", 127),
            ("CODESET", libc::CODESET),
            ("RADIXCHAR", libc::RADIXCHAR),
            ("THOUSEP", libc::THOUSEP),
            ("D_T_FMT", libc::D_T_FMT),
            ("D_FMT", libc::D_FMT),
            ("T_FMT", libc::T_FMT),
        ];
        for (name, v) in constants.iter().chain(ITEMS) {
            module.set(vm, name, vm.new_int((*v).into()));
        }
        let bases = vm
            .new_tuple(&[vm.exception_class(&exc::EXCEPTION).value()])?
            .value();
        let namespace = vm.new_dict();
        namespace.set_str(vm, vm.intern("__module__"), vm.new_str("locale").value());
        let class = vm.call(
            vm.types.type_.get().value(),
            &[vm.new_str("Error").value(), bases, namespace.value()],
        )?;
        module.set(vm, "Error", class);
        Ok(())
    }),
};
