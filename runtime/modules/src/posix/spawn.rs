//! Processes: starting them with `posix_spawn`, waiting for them, and who they are.

use super::process::{environment, pointers};
use super::{c_strings, descriptor, done, path, structure};
use crate::accounts::id_argument;
use crate::select::usage;
use std::ffi::CString;
use std::mem::MaybeUninit;
use taipan_runtime::object::MethodDef;
use taipan_runtime::types::list::List;
use taipan_runtime::types::str::Str;
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::{Raised, Result, Value, Vm};

const fn f(
    name: &'static str,
    signature: &'static str,
    code: fn(&Vm, &[Value]) -> Result,
) -> MethodDef {
    MethodDef::new(name, signature, "", code)
}

/// The signature of both functions that start a process.
const SPAWN: &str = "(path, argv, env, /, *, file_actions=(), setpgroup=None, resetids=False, \
                     setsid=False, setsigmask=(), setsigdef=(), scheduler=None)";

/// The functions.
pub static FUNCTIONS: &[MethodDef] = &[
    f("posix_spawn", SPAWN, |vm, args| spawn(vm, args, false)),
    f("posix_spawnp", SPAWN, |vm, args| spawn(vm, args, true)),
    f("waitid", "(idtype, id, options, /)", waitid),
    f("wait3", "(options)", |vm, args| {
        wait_with_usage(vm, -1, descriptor(vm, args[0])?)
    }),
    f("wait4", "(pid, options)", |vm, args| {
        wait_with_usage(vm, descriptor(vm, args[0])?, descriptor(vm, args[1])?)
    }),
    f("WIFCONTINUED", "(status)", |vm, args| {
        Ok(Value::bool(libc::WIFCONTINUED(descriptor(vm, args[0])?)))
    }),
    f("setresuid", "(ruid, euid, suid, /)", |vm, args| {
        let id = |at: usize| id_argument(vm, args[at], "uid");
        let (real, effective, saved) = (id(0)?, id(1)?, id(2)?);
        // SAFETY: a plain system call.
        done(vm, unsafe { libc::setresuid(real, effective, saved) }, None)
    }),
    f("setresgid", "(rgid, egid, sgid, /)", |vm, args| {
        let id = |at: usize| id_argument(vm, args[at], "gid");
        let (real, effective, saved) = (id(0)?, id(1)?, id(2)?);
        // SAFETY: a plain system call.
        done(vm, unsafe { libc::setresgid(real, effective, saved) }, None)
    }),
    f("setgroups", "(groups, /)", setgroups),
    f("initgroups", "(username, gid, /)", |vm, args| {
        let name = encoded(vm, args[0])?;
        let gid = id_argument(vm, args[1], "gid")?;
        // SAFETY: the name is a valid C string.
        done(vm, unsafe { libc::initgroups(name.as_ptr(), gid) }, None)
    }),
    f("setns", "(fd, nstype=0)", |vm, args| {
        let fd = crate::select::file(vm, args[0])?;
        let kind = args[1].given().map_or(Ok(0), |v| descriptor(vm, v))?;
        // SAFETY: a plain system call.
        done(
            vm,
            vm.allow_threads(|| unsafe { libc::setns(fd, kind) }),
            None,
        )
    }),
    f("unshare", "(flags)", |vm, args| {
        let flags = descriptor(vm, args[0])?;
        // SAFETY: a plain system call.
        done(
            vm,
            vm.allow_threads(|| unsafe { libc::unshare(flags) }),
            None,
        )
    }),
    f("forkpty", "()", forkpty),
    f("login_tty", "(fd, /)", |vm, args| {
        let fd = crate::select::file(vm, args[0])?;
        // SAFETY: a plain system call.
        done(vm, unsafe { libc::login_tty(fd) }, None)
    }),
    f("_create_environ", "()", |vm, _| super::environ(vm)),
];

/// The file actions of `posix_spawn`, by the numbers of their constants.
pub(super) const ACTIONS: [(&str, i64); 4] = [
    ("POSIX_SPAWN_OPEN", 0),
    ("POSIX_SPAWN_CLOSE", 1),
    ("POSIX_SPAWN_DUP2", 2),
    ("POSIX_SPAWN_CLOSEFROM", 3),
];

/// The attributes of a process to start; freed in the end.
struct Attributes(MaybeUninit<libc::posix_spawnattr_t>);

impl Drop for Attributes {
    fn drop(&mut self) {
        // SAFETY: made by `posix_spawnattr_init`.
        unsafe { libc::posix_spawnattr_destroy(self.0.as_mut_ptr()) };
    }
}

/// What is done to the files of a process to start; freed in the end.
struct Actions {
    list: MaybeUninit<libc::posix_spawn_file_actions_t>,
    /// The names in it.
    names: Vec<CString>,
}

impl Drop for Actions {
    fn drop(&mut self) {
        // SAFETY: made by `posix_spawn_file_actions_init`.
        unsafe { libc::posix_spawn_file_actions_destroy(self.list.as_mut_ptr()) };
    }
}

/// Raises for a function that returns its error.
fn check(vm: &Vm, errno: i32) -> Result<()> {
    match errno {
        0 => Ok(()),
        errno => Err(vm.os_error(errno, None)),
    }
}

/// A name argument of a function that encodes it and nothing else.
pub(super) fn encoded(vm: &Vm, v: Value) -> Result<CString> {
    let found = path(vm, v);
    match found {
        Ok(p) => Ok(p.text),
        Err(raised) => {
            let type_error = &taipan_runtime::types::exception::classes::TYPE_ERROR;
            if !vm.raised_is_def(type_error) {
                return Err(raised);
            }
            vm.clear_raised();
            let name = vm.type_name(v);
            Err(vm.type_error(format!(
                "expected str, bytes or os.PathLike object, not {name}"
            )))
        }
    }
}

fn file_actions(vm: &Vm, given: Value) -> Result<Actions> {
    let mut actions = Actions {
        list: MaybeUninit::uninit(),
        names: Vec::new(),
    };
    // SAFETY: makes the list.
    check(vm, unsafe {
        libc::posix_spawn_file_actions_init(actions.list.as_mut_ptr())
    })?;
    let items = match given.given_not_none() {
        None => return Ok(actions),
        Some(v) if v.cast::<Tuple>().is_some() || v.cast::<List>().is_some() => vm.collect(v)?,
        Some(_) => return Err(vm.type_error("file_actions must be a sequence or None")),
    };
    let list = actions.list.as_mut_ptr();
    for item in items.iter() {
        let Some(parts) = item.cast::<Tuple>().filter(|t| !t.is_empty()) else {
            return Err(vm.type_error("Each file_actions element must be a non-empty tuple"));
        };
        let parts = parts.as_slice();
        let wrong = |kind: &str, count: usize| {
            vm.type_error(format!(
                "A {kind} file_action tuple must have {count} elements"
            ))
        };
        let number = |at: usize| descriptor(vm, vm.index(parts[at])?);
        match vm.to_i64(vm.index(parts[0])?)? {
            0 => {
                if parts.len() != 5 {
                    return Err(wrong("open", 5));
                }
                let (fd, flags) = (number(1)?, number(3)?);
                let mode = vm.to_i64(vm.index(parts[4])?)? as libc::mode_t;
                let name = encoded(vm, parts[2])?;
                // SAFETY: the list was made, and the name is kept as long as it is.
                check(vm, unsafe {
                    libc::posix_spawn_file_actions_addopen(list, fd, name.as_ptr(), flags, mode)
                })?;
                actions.names.push(name);
            }
            1 => {
                if parts.len() != 2 {
                    return Err(wrong("close", 2));
                }
                // SAFETY: the list was made.
                check(vm, unsafe {
                    libc::posix_spawn_file_actions_addclose(list, number(1)?)
                })?;
            }
            2 => {
                if parts.len() != 3 {
                    return Err(wrong("dup2", 3));
                }
                // SAFETY: the list was made.
                check(vm, unsafe {
                    libc::posix_spawn_file_actions_adddup2(list, number(1)?, number(2)?)
                })?;
            }
            3 => {
                if parts.len() != 2 {
                    return Err(wrong("closefrom", 2));
                }
                let from = number(1)?;
                // SAFETY: the list was made.
                check(vm, unsafe {
                    posix_spawn_file_actions_addclosefrom_np(list, from)
                })?;
            }
            _ => return Err(vm.type_error("Unknown file_actions identifier")),
        }
    }
    Ok(actions)
}

unsafe extern "C" {
    /// Of the GNU C library from 2.34 on; the crate `libc` does not have it.
    fn posix_spawn_file_actions_addclosefrom_np(
        list: *mut libc::posix_spawn_file_actions_t,
        from: libc::c_int,
    ) -> libc::c_int;
}

/// A set of signals from an iterable of their numbers.
fn signal_set(vm: &Vm, v: Value) -> Result<libc::sigset_t> {
    // SAFETY: all zeros is the empty set.
    let mut set: libc::sigset_t = unsafe { std::mem::zeroed() };
    let most = libc::SIGRTMAX();
    for signal in vm.collect(v)?.iter() {
        let number = vm.to_i64(vm.index(*signal)?)?;
        let Some(number) = i32::try_from(number)
            .ok()
            .filter(|n| (1..=most).contains(n))
        else {
            return Err(vm.value_error(format!("signal number {number} out of range [1; {most}]")));
        };
        // SAFETY: the set is valid; numbers of the C library's own are refused by it.
        unsafe { libc::sigaddset(&mut set, number) };
    }
    Ok(set)
}

fn attributes(vm: &Vm, args: &[Value], function: &str) -> Result<Attributes> {
    let mut made = Attributes(MaybeUninit::uninit());
    let attr = made.0.as_mut_ptr();
    // SAFETY: makes the attributes.
    check(vm, unsafe { libc::posix_spawnattr_init(attr) })?;
    let mut flags = 0;
    if let Some(group) = args[4].given_not_none() {
        let group = descriptor(vm, vm.index(group)?)?;
        // SAFETY: the attributes were made.
        check(vm, unsafe { libc::posix_spawnattr_setpgroup(attr, group) })?;
        flags |= libc::POSIX_SPAWN_SETPGROUP;
    }
    if args[5].given().map_or(Ok(false), |v| vm.truth(v))? {
        flags |= libc::POSIX_SPAWN_RESETIDS;
    }
    if args[6].given().map_or(Ok(false), |v| vm.truth(v))? {
        flags |= i32::from(libc::POSIX_SPAWN_SETSID);
    }
    if let Some(signals) = args[7].given() {
        let set = signal_set(vm, signals)?;
        // SAFETY: the attributes were made.
        check(vm, unsafe { libc::posix_spawnattr_setsigmask(attr, &set) })?;
        flags |= libc::POSIX_SPAWN_SETSIGMASK;
    }
    if let Some(signals) = args[8].given() {
        let set = signal_set(vm, signals)?;
        // SAFETY: the attributes were made.
        check(vm, unsafe {
            libc::posix_spawnattr_setsigdefault(attr, &set)
        })?;
        flags |= libc::POSIX_SPAWN_SETSIGDEF;
    }
    if let Some(scheduler) = args[9].given_not_none() {
        let Some(pair) = scheduler.cast::<Tuple>().filter(|t| t.len() == 2) else {
            return Err(vm.type_error(format!("{function}: scheduler must be a tuple or None")));
        };
        if !pair.get(0).is_none() {
            let policy = descriptor(vm, vm.index(pair.get(0))?)?;
            // SAFETY: the attributes were made.
            check(vm, unsafe {
                libc::posix_spawnattr_setschedpolicy(attr, policy)
            })?;
            flags |= libc::POSIX_SPAWN_SETSCHEDULER;
        }
        let priority = vm.get_attr(pair.get(1), vm.intern("sched_priority"))?;
        let parameters = libc::sched_param {
            sched_priority: descriptor(vm, priority)?,
        };
        // SAFETY: the attributes were made.
        check(vm, unsafe {
            libc::posix_spawnattr_setschedparam(attr, &parameters)
        })?;
        flags |= libc::POSIX_SPAWN_SETSCHEDPARAM;
    }
    // SAFETY: the attributes were made.
    check(vm, unsafe {
        libc::posix_spawnattr_setflags(attr, flags as libc::c_short)
    })?;
    Ok(made)
}

fn spawn(vm: &Vm, args: &[Value], search: bool) -> Result {
    crate::io::close_dropped(vm)?;
    let function = if search {
        "posix_spawnp"
    } else {
        "posix_spawn"
    };
    let p = match path(vm, args[0]) {
        Ok(p) => p,
        Err(raised) => return Err(about(vm, raised, args[0], function)),
    };
    if args[1].cast::<Tuple>().is_none() && args[1].cast::<List>().is_none() {
        return Err(vm.type_error(format!("{function}: argv must be a tuple or list")));
    }
    let items = vm.collect(args[1])?;
    if items.is_empty() {
        return Err(vm.value_error(format!("{function}: argv must not be empty")));
    }
    for item in items.iter() {
        encoded(vm, *item)?;
    }
    let argv = c_strings(vm, args[1])?;
    if argv[0].is_empty() {
        return Err(vm.value_error(format!("{function}: argv first element cannot be empty")));
    }
    let environment = match args[2].given_not_none() {
        None => None,
        Some(v) => {
            if vm.find_attr(v, vm.intern("keys"))?.is_none() {
                return Err(vm.type_error(format!(
                    "{function}: environment must be a mapping object or None"
                )));
            }
            Some(environment(vm, v)?)
        }
    };
    let actions = file_actions(vm, args[3])?;
    let attributes = attributes(vm, args, function)?;
    vm.audit("os.posix_spawn", &args[..3])?;
    let argv = pointers(&argv);
    let given = environment.as_deref().map(pointers);
    let mut pid = 0;
    // SAFETY: both vectors end in null pointers, and the rest was made above.
    let errno = vm.allow_threads(|| unsafe {
        let start = if search {
            libc::posix_spawnp
        } else {
            libc::posix_spawn
        };
        let environment = match &given {
            Some(list) => list.as_ptr().cast(),
            None => environ.cast_const().cast(),
        };
        start(
            &mut pid,
            p.text.as_ptr(),
            actions.list.as_ptr(),
            attributes.0.as_ptr(),
            argv.as_ptr().cast(),
            environment,
        )
    });
    match errno {
        0 => Ok(vm.new_int(pid.into())),
        errno => Err(vm.os_error(errno, Some(p.value))),
    }
}

unsafe extern "C" {
    /// The process's environment, as POSIX has it.
    static environ: *mut *mut libc::c_char;
}

/// As `raised`, with the function named if `v` is no path.
fn about(vm: &Vm, raised: Raised, v: Value, function: &str) -> Raised {
    let type_error = &taipan_runtime::types::exception::classes::TYPE_ERROR;
    if !vm.raised_is_def(type_error) {
        return raised;
    }
    vm.clear_raised();
    let name = vm.type_name(v);
    vm.type_error(format!(
        "{function}: path should be string, bytes or os.PathLike, not {name}"
    ))
}

fn waitid(vm: &Vm, args: &[Value]) -> Result {
    let kind = descriptor(vm, args[0])?;
    let (id, options) = (descriptor(vm, args[1])?, descriptor(vm, args[2])?);
    loop {
        // SAFETY: all zeros is valid, and the call fills it.
        let mut found: libc::siginfo_t = unsafe { std::mem::zeroed() };
        // SAFETY: likewise.
        let r = vm.allow_threads(|| unsafe {
            libc::waitid(
                kind as libc::idtype_t,
                id as libc::id_t,
                &mut found,
                options,
            )
        });
        if r == 0 {
            // SAFETY: the call wrote about a child, or left zeros.
            let (pid, uid, status) = unsafe { (found.si_pid(), found.si_uid(), found.si_status()) };
            if pid == 0 {
                return Ok(Value::NONE);
            }
            let parts = [
                vm.new_int(pid.into()),
                vm.new_int(uid.into()),
                vm.new_int(found.si_signo.into()),
                vm.new_int(status.into()),
                vm.new_int(found.si_code.into()),
            ];
            return structure(vm, "waitid_result", &parts);
        }
        if std::io::Error::last_os_error().raw_os_error() != Some(libc::EINTR) {
            return Err(vm.last_os_error(None));
        }
        vm.interpreter().check_signals(vm)?;
    }
}

fn wait_with_usage(vm: &Vm, pid: i32, options: i32) -> Result {
    loop {
        let mut status = 0;
        // SAFETY: all zeros is valid, and the call fills it.
        let mut used: libc::rusage = unsafe { std::mem::zeroed() };
        // SAFETY: likewise.
        let found =
            vm.allow_threads(|| unsafe { libc::wait4(pid, &mut status, options, &mut used) });
        if found >= 0 {
            let used = usage(vm, &used)?;
            let parts = [vm.new_int(found.into()), vm.new_int(status.into()), used];
            return Ok(vm.new_tuple(&parts)?.value());
        }
        if std::io::Error::last_os_error().raw_os_error() != Some(libc::EINTR) {
            return Err(vm.last_os_error(None));
        }
        vm.interpreter().check_signals(vm)?;
    }
}

fn setgroups(vm: &Vm, args: &[Value]) -> Result {
    let is_sequence = args[0].cast::<Tuple>().is_some()
        || args[0].cast::<List>().is_some()
        || args[0].cast::<Str>().is_some();
    if !is_sequence {
        return Err(vm.type_error("setgroups argument must be a sequence"));
    }
    let mut groups = Vec::new();
    for group in vm.collect(args[0])?.iter() {
        if group.as_int_ref().is_none() {
            return Err(vm.type_error("groups must be integers"));
        }
        groups.push(id_argument(vm, *group, "gid")?);
    }
    // SAFETY: there are as many groups as is said.
    done(
        vm,
        unsafe { libc::setgroups(groups.len(), groups.as_ptr()) },
        None,
    )
}

fn forkpty(vm: &Vm, _: &[Value]) -> Result {
    let pair = super::system::openpty(vm, &[])?;
    let Some(pair) = pair.cast::<Tuple>() else {
        return Err(vm.system_error("openpty returned no pair"));
    };
    let (master, slave) = (descriptor(vm, pair.get(0))?, descriptor(vm, pair.get(1))?);
    let pid = super::process::fork(vm, &[])?;
    if pid.as_int() == Some(0) {
        // SAFETY: plain system calls on descriptors of this process.
        unsafe {
            libc::close(master);
            libc::login_tty(slave);
        }
        return vm.pair(pid, vm.new_int(-1));
    }
    // SAFETY: likewise.
    unsafe { libc::close(slave) };
    vm.pair(pid, vm.new_int(master.into()))
}
