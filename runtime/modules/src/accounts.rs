//! `pwd` and `grp`: the accounts and groups of the system.

use crate::posix::structure;
use std::ffi::{CStr, CString};
use taipan_runtime::heap::Gc;
use taipan_runtime::object::{MethodDef, ModuleDef};
use taipan_runtime::types::module::Module;
use taipan_runtime::types::str::Str;
use taipan_runtime::types::support::arg_name;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Raised, Result, Vm};

/// Room for the texts of an entry at first, and at most.
const ROOM: (usize, usize) = (1024, 1 << 24);

/// A text of an entry; None if it has none.
fn text(vm: &Vm, c: *const libc::c_char) -> Result {
    if c.is_null() {
        return Ok(Value::NONE);
    }
    // SAFETY: the entry's texts end in NUL and live as long as its buffer.
    let bytes = unsafe { CStr::from_ptr(c) }.to_bytes();
    Ok(vm.str_from_os(bytes)?.value())
}

fn account(vm: &Vm, entry: &libc::passwd) -> Result {
    let mut parts = vm.rooted();
    parts.push(text(vm, entry.pw_name)?);
    parts.push(text(vm, entry.pw_passwd)?);
    parts.push(vm.new_int(entry.pw_uid.into()));
    parts.push(vm.new_int(entry.pw_gid.into()));
    parts.push(text(vm, entry.pw_gecos)?);
    parts.push(text(vm, entry.pw_dir)?);
    parts.push(text(vm, entry.pw_shell)?);
    structure(vm, "struct_passwd", &parts)
}

fn group(vm: &Vm, entry: &libc::group) -> Result {
    let members = vm.new_list(&[])?;
    let mut at = entry.gr_mem;
    // SAFETY: the list of members ends in a null pointer and lives as long as the entry.
    while let Some(member) = unsafe { at.as_ref() }.filter(|m| !m.is_null()) {
        members.push(vm, text(vm, *member)?)?;
        // SAFETY: the last one was not the end.
        at = unsafe { at.add(1) };
    }
    let mut parts = vm.rooted();
    parts.push(text(vm, entry.gr_name)?);
    parts.push(text(vm, entry.gr_passwd)?);
    parts.push(vm.new_int(entry.gr_gid.into()));
    parts.push(members.value());
    structure(vm, "struct_group", &parts)
}

/// Calls one of the system's functions that look for an entry, with as much room as it wants.
/// What `make` makes of the entry; nothing if there is none.
fn look<T>(
    vm: &Vm,
    call: impl Fn(&mut T, *mut libc::c_char, usize, *mut *mut T) -> libc::c_int,
    make: fn(&Vm, &T) -> Result,
) -> Result<Option<Value>> {
    let mut room = ROOM.0;
    loop {
        let mut texts: Vec<libc::c_char> = vec![0; room];
        // SAFETY: entries are numbers and pointers, for which zeros are valid.
        let mut entry: T = unsafe { std::mem::zeroed() };
        let mut found: *mut T = std::ptr::null_mut();
        let status =
            vm.allow_threads(|| call(&mut entry, texts.as_mut_ptr(), texts.len(), &mut found));
        if status == libc::ERANGE && room < ROOM.1 {
            room *= 2;
        } else if status == 0 && !found.is_null() {
            return make(vm, &entry).map(Some);
        } else if status == libc::ENOMEM {
            return Err(vm.memory_error());
        } else {
            return Ok(None);
        }
    }
}

/// The name that is asked for.
fn name_argument(vm: &Vm, v: Value, what: &str) -> Result<CString> {
    if v.cast::<Str>().is_none() {
        return Err(vm.type_error(format!("{what} must be str, not {}", arg_name(vm, v))));
    }
    Ok(crate::posix::path(vm, v)?.text)
}

/// The number of an account or a group, `which`; nothing with -1.
pub(crate) fn id_argument(vm: &Vm, v: Value, which: &str) -> Result<u32> {
    let Ok(index) = vm.index(v) else {
        vm.clear_raised();
        return Err(vm.type_error(format!(
            "{which} should be integer, not {}",
            vm.type_name(v)
        )));
    };
    match index.as_int() {
        Some(-1) => Ok(u32::MAX),
        Some(n) => {
            u32::try_from(n).map_err(|_| vm.overflow_error(format!("{which} is less than minimum")))
        }
        None => {
            let negative = index.as_int_ref().is_some_and(|i| i.is_negative());
            let side = if negative {
                "less than minimum"
            } else {
                "greater than maximum"
            };
            Err(vm.overflow_error(format!("{which} is {side}")))
        }
    }
}

#[cold]
fn unknown(vm: &Vm, message: &str) -> Raised {
    vm.key_error(vm.new_str(message).value())
}

fn getpwuid(vm: &Vm, args: &[Value]) -> Result {
    let uid = match id_argument(vm, args[0], "uid") {
        Ok(uid) => uid,
        Err(raised) => {
            let overflow = &taipan_runtime::types::exception::classes::OVERFLOW_ERROR;
            if !vm.raised_is_def(overflow) {
                return Err(raised);
            }
            vm.clear_raised();
            return Err(unknown(vm, "getpwuid(): uid not found"));
        }
    };
    let call = |entry: &mut libc::passwd, texts, room, found| {
        // SAFETY: the room and the entry are valid for the call.
        unsafe { libc::getpwuid_r(uid, entry, texts, room, found) }
    };
    look(vm, call, account)?.ok_or_else(|| {
        let shown = if uid == u32::MAX { -1 } else { i64::from(uid) };
        unknown(vm, &format!("getpwuid(): uid not found: {shown}"))
    })
}

fn getpwnam(vm: &Vm, args: &[Value]) -> Result {
    let name = name_argument(vm, args[0], "getpwnam() argument")?;
    let call = |entry: &mut libc::passwd, texts, room, found| {
        // SAFETY: likewise, and the name ends in NUL.
        unsafe { libc::getpwnam_r(name.as_ptr(), entry, texts, room, found) }
    };
    match look(vm, call, account)? {
        Some(found) => Ok(found),
        None => {
            let shown = vm.repr_text(args[0])?;
            Err(unknown(vm, &format!("getpwnam(): name not found: {shown}")))
        }
    }
}

fn getpwall(vm: &Vm, _: &[Value]) -> Result {
    let all = vm.new_list(&[])?;
    // SAFETY: the interpreter's lock keeps others from the system's one list.
    unsafe { libc::setpwent() };
    let result = loop {
        // SAFETY: likewise; the entry is read before the next is asked for.
        let Some(entry) = (unsafe { libc::getpwent().as_ref() }) else {
            break Ok(());
        };
        if let Err(raised) = account(vm, entry).and_then(|made| all.push(vm, made)) {
            break Err(raised);
        }
    };
    // SAFETY: likewise.
    unsafe { libc::endpwent() };
    result?;
    Ok(all.value())
}

fn getgrgid(vm: &Vm, args: &[Value]) -> Result {
    let gid = id_argument(vm, args[0], "gid")?;
    let call = |entry: &mut libc::group, texts, room, found| {
        // SAFETY: the room and the entry are valid for the call.
        unsafe { libc::getgrgid_r(gid, entry, texts, room, found) }
    };
    look(vm, call, group)?.ok_or_else(|| {
        let shown = if gid == u32::MAX { -1 } else { i64::from(gid) };
        unknown(vm, &format!("getgrgid(): gid not found: {shown}"))
    })
}

fn getgrnam(vm: &Vm, args: &[Value]) -> Result {
    let name = name_argument(vm, args[0], "getgrnam() argument 'name'")?;
    let call = |entry: &mut libc::group, texts, room, found| {
        // SAFETY: likewise, and the name ends in NUL.
        unsafe { libc::getgrnam_r(name.as_ptr(), entry, texts, room, found) }
    };
    match look(vm, call, group)? {
        Some(found) => Ok(found),
        None => {
            let shown = vm.repr_text(args[0])?;
            Err(unknown(vm, &format!("getgrnam(): name not found: {shown}")))
        }
    }
}

fn getgrall(vm: &Vm, _: &[Value]) -> Result {
    let all = vm.new_list(&[])?;
    // SAFETY: the interpreter's lock keeps others from the system's one list.
    unsafe { libc::setgrent() };
    let result = loop {
        // SAFETY: likewise; the entry is read before the next is asked for.
        let Some(entry) = (unsafe { libc::getgrent().as_ref() }) else {
            break Ok(());
        };
        if let Err(raised) = group(vm, entry).and_then(|made| all.push(vm, made)) {
            break Err(raised);
        }
    };
    // SAFETY: likewise.
    unsafe { libc::endgrent() };
    result?;
    Ok(all.value())
}

/// The module `pwd`.
pub static PWD: ModuleDef = ModuleDef {
    name: "pwd",
    doc: "This module provides access to the Unix password database.",
    functions: &[
        MethodDef::new(
            "getpwuid",
            "(uidobj, /)",
            "Return the password database entry for the given numeric user ID.",
            getpwuid,
        ),
        MethodDef::new(
            "getpwnam",
            "(name, /)",
            "Return the password database entry for the given user name.",
            getpwnam,
        ),
        MethodDef::new(
            "getpwall",
            "()",
            "Return a list of all available password database entries, in arbitrary order.",
            getpwall,
        ),
    ],
    types: &[],
    exec: Some(|vm: &Vm, module: Gc<Module>| {
        let class = vm.import_attr("_taipan_structs", "struct_passwd")?;
        module.set(vm, "struct_passwd", class);
        Ok(())
    }),
};

/// The module `grp`.
pub static GRP: ModuleDef = ModuleDef {
    name: "grp",
    doc: "Access to the Unix group database.",
    functions: &[
        MethodDef::new(
            "getgrgid",
            "(id)",
            "Return the group database entry for the given numeric group ID.\n\nIf id is not valid, raise KeyError.",
            getgrgid,
        ),
        MethodDef::new(
            "getgrnam",
            "(name)",
            "Return the group database entry for the given group name.\n\nIf name is not valid, raise KeyError.",
            getgrnam,
        ),
        MethodDef::new(
            "getgrall",
            "()",
            "Return a list of all available group entries, in arbitrary order.",
            getgrall,
        ),
    ],
    types: &[],
    exec: Some(|vm: &Vm, module: Gc<Module>| {
        let class = vm.import_attr("_taipan_structs", "struct_group")?;
        module.set(vm, "struct_group", class);
        Ok(())
    }),
};
