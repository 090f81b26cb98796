//! The module `_locale`: the C library's locale functions.

use std::ffi::{CStr, CString};
use taipan_runtime::object::{MethodDef, ModuleDef};
use taipan_runtime::types::exception::classes as exc;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Vm};

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
        let class = vm.import_attr("_locale", "Error")?;
        let message = if name.is_some() {
            "unsupported locale setting"
        } else {
            "locale query failed"
        };
        let e = vm.call(class, &[vm.new_str(message).value()])?;
        return Err(vm.raise(e));
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
            "getencoding",
            "()",
            "Get the current locale encoding.",
            |vm, _| Ok(vm.new_str(&crate::io::locale_encoding(vm)).value()),
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
        for (name, v) in constants {
            module.set(vm, name, vm.new_int(v.into()));
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
