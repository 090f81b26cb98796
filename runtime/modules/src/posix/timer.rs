//! Timers that are descriptors, and moving bytes between pipes: `timerfd_*` and `splice`.

use super::{descriptor, done};
use crate::select::file;
use taipan_runtime::object::MethodDef;
use taipan_runtime::{Result, Value, Vm};

const fn f(
    name: &'static str,
    signature: &'static str,
    code: fn(&Vm, &[Value]) -> Result,
) -> MethodDef {
    MethodDef::new(name, signature, "", code)
}

/// The functions.
pub static FUNCTIONS: &[MethodDef] = &[
    f(
        "timerfd_create",
        "(clockid, /, *, flags=TFD_CLOEXEC)",
        |vm, args| {
            let clock = descriptor(vm, args[0])?;
            let flags = args[1]
                .given()
                .map_or(Ok(libc::TFD_CLOEXEC), |v| descriptor(vm, v))?;
            // SAFETY: a plain system call.
            let fd = unsafe { libc::timerfd_create(clock, flags | libc::TFD_CLOEXEC) };
            if fd < 0 {
                return Err(vm.last_os_error(None));
            }
            Ok(vm.new_int(fd.into()))
        },
    ),
    f(
        "timerfd_settime",
        "(fd, /, *, flags=0, initial=0.0, interval=0.0)",
        |vm, args| set(vm, args, false),
    ),
    f(
        "timerfd_settime_ns",
        "(fd, /, *, flags=0, initial=0, interval=0)",
        |vm, args| set(vm, args, true),
    ),
    f("timerfd_gettime", "(fd, /)", |vm, args| {
        get(vm, args, false)
    }),
    f("timerfd_gettime_ns", "(fd, /)", |vm, args| {
        get(vm, args, true)
    }),
    f(
        "splice",
        "(src, dst, count, offset_src=None, offset_dst=None, flags=0)",
        splice,
    ),
];

const NANOS: i64 = 1_000_000_000;

fn seconds(vm: &Vm, v: Value) -> Result<libc::timespec> {
    let Some(v) = v.given() else {
        return nanoseconds(vm, v);
    };
    let seconds = vm.to_float(v)?;
    let nanos = (seconds * NANOS as f64).floor();
    if nanos.is_nan() || nanos.abs() >= i64::MAX as f64 {
        return Err(vm.overflow_error("timestamp out of range for C PyTime_t"));
    }
    Ok(spec(nanos as i64))
}

fn nanoseconds(vm: &Vm, v: Value) -> Result<libc::timespec> {
    let nanos = v.given().map_or(Ok(0), |v| vm.to_i64(v))?;
    Ok(spec(nanos))
}

fn spec(nanos: i64) -> libc::timespec {
    libc::timespec {
        tv_sec: nanos.div_euclid(NANOS),
        tv_nsec: nanos.rem_euclid(NANOS),
    }
}

/// Next expiry and interval, in nanoseconds or seconds.
fn made(vm: &Vm, timer: &libc::itimerspec, in_nanos: bool) -> Result {
    let time = |t: &libc::timespec| {
        if in_nanos {
            vm.new_int(t.tv_sec.saturating_mul(NANOS).saturating_add(t.tv_nsec))
        } else {
            Value::float(t.tv_sec as f64 + t.tv_nsec as f64 * 1e-9)
        }
    };
    vm.pair(time(&timer.it_value), time(&timer.it_interval))
}

fn set(vm: &Vm, args: &[Value], in_nanos: bool) -> Result {
    let read = if in_nanos { nanoseconds } else { seconds };
    let fd = file(vm, args[0])?;
    let flags = args[1].given().map_or(Ok(0), |v| descriptor(vm, v))?;
    let new = libc::itimerspec {
        it_value: read(vm, args[2])?,
        it_interval: read(vm, args[3])?,
    };
    // SAFETY: all zeros is valid, and the call fills it.
    let mut old: libc::itimerspec = unsafe { std::mem::zeroed() };
    // SAFETY: likewise.
    if unsafe { libc::timerfd_settime(fd, flags, &new, &mut old) } < 0 {
        return Err(vm.last_os_error(None));
    }
    made(vm, &old, in_nanos)
}

fn get(vm: &Vm, args: &[Value], in_nanos: bool) -> Result {
    let fd = file(vm, args[0])?;
    // SAFETY: all zeros is valid, and the call fills it.
    let mut timer: libc::itimerspec = unsafe { std::mem::zeroed() };
    // SAFETY: likewise.
    if unsafe { libc::timerfd_gettime(fd, &mut timer) } < 0 {
        return Err(vm.last_os_error(None));
    }
    made(vm, &timer, in_nanos)
}

fn splice(vm: &Vm, args: &[Value]) -> Result {
    let (from, to) = (descriptor(vm, args[0])?, descriptor(vm, args[1])?);
    let count = vm.to_ssize_arg(args[2])?;
    let Ok(count) = usize::try_from(count) else {
        return Err(vm.value_error("negative value for 'count' not allowed"));
    };
    let offset = |v: Value| match v.given_not_none() {
        Some(v) => vm.to_i64(v).map(Some),
        None => Ok(None),
    };
    let (mut offset_from, mut offset_to) = (offset(args[3])?, offset(args[4])?);
    let flags = args[5].given().map_or(Ok(0), |v| vm.to_i64(v))? as libc::c_uint;
    fn pointer(offset: &mut Option<i64>) -> *mut i64 {
        offset.as_mut().map_or(std::ptr::null_mut(), |at| at)
    }
    let moved = crate::io::retry(vm, || {
        let (at, into) = (pointer(&mut offset_from), pointer(&mut offset_to));
        // SAFETY: the offsets are valid for the call, or null.
        unsafe { libc::splice(from, at, to, into, count, flags) }
    })?;
    if moved < 0 {
        return done(vm, -1, None);
    }
    Ok(vm.new_int(moved as i64))
}
