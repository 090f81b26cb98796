//! Options of sockets.

use super::object::{Socket, int_argument};
use taipan_runtime::types::exception::classes as exc;
use taipan_runtime::types::protocol::this;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Vm};

pub fn getsockopt(vm: &Vm, args: &[Value]) -> Result {
    let fd = this::<Socket>(args[0]).fd();
    let (level, option) = (int_argument(vm, args[1])?, int_argument(vm, args[2])?);
    let size = match args[3].given() {
        Some(v) => int_argument(vm, v)?,
        None => 0,
    };
    if !(0..=1024).contains(&size) {
        return Err(vm.raise_str(
            vm.exception_class(&exc::OS_ERROR),
            "getsockopt buflen out of range",
        ));
    }
    let mut data = [0u8; 1024];
    let mut len = if size == 0 {
        4
    } else {
        size as libc::socklen_t
    };
    // SAFETY: the buffer has room for as much as is said.
    let result = unsafe { libc::getsockopt(fd, level, option, data.as_mut_ptr().cast(), &mut len) };
    if result < 0 {
        return Err(vm.last_os_error(None));
    }
    if size == 0 {
        let [a, b, c, d, ..] = data;
        return Ok(vm.new_int(i32::from_ne_bytes([a, b, c, d]).into()));
    }
    Ok(vm.new_bytes(&data[..len as usize])?.value())
}

pub fn setsockopt(vm: &Vm, args: &[Value]) -> Result {
    let fd = this::<Socket>(args[0]).fd();
    let (level, option, value) = (
        int_argument(vm, args[1])?,
        int_argument(vm, args[2])?,
        args[3],
    );
    let set = |data: *const u8, len: usize| {
        // SAFETY: so many bytes are at the pointer, or it is null.
        let result =
            unsafe { libc::setsockopt(fd, level, option, data.cast(), len as libc::socklen_t) };
        if result < 0 {
            Err(vm.last_os_error(None))
        } else {
            Ok(Value::NONE)
        }
    };
    if let Some(len) = args[4].given() {
        if !value.is_none() {
            return Err(vm.type_error(format!(
                "socket option should be NoneType, not {}, when optlen is specified",
                vm.class_of(value).qualified_name()
            )));
        }
        let len = u32::try_from(vm.to_i64(len)?)
            .map_err(|_| vm.overflow_error("can't convert negative value to unsigned int"))?;
        return set(std::ptr::null(), len as usize);
    }
    if value.as_int_ref().is_some() {
        let n = vm.to_i64(value)?;
        // A number that is too large for a signed one may fit an unsigned one.
        let n = i32::try_from(n)
            .or_else(|_| u32::try_from(n).map(|n| n as i32))
            .map_err(|_| vm.overflow_error("Python int too large to convert to C int"))?;
        let n = n.to_ne_bytes();
        return set(n.as_ptr(), n.len());
    }
    if value.is_none() {
        return Err(vm.type_error("need 4 arguments when the value is None"));
    }
    let data = vm.byte_slice(value)?;
    let data: &[u8] = &data;
    set(data.as_ptr(), data.len())
}
