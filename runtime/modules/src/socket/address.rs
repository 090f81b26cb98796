//! Addresses: Python's values and the system's `sockaddr`.

use super::resolve;
use std::mem::{offset_of, size_of};
use taipan_runtime::heap::Gc;
use taipan_runtime::types::bytes::{ByteArray, Bytes};
use taipan_runtime::types::exception::classes as exc;
use taipan_runtime::types::str::Str;
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Vm};

/// An address of any family.
pub struct Address {
    pub storage: libc::sockaddr_storage,
    pub len: libc::socklen_t,
}

impl Address {
    /// Room for an address that the system is to fill in.
    pub fn empty() -> Address {
        Address {
            // SAFETY: all zeros is a valid address of no family.
            storage: unsafe { std::mem::zeroed() },
            len: size_of::<libc::sockaddr_storage>() as libc::socklen_t,
        }
    }

    /// An address whose structure is a `T`.
    pub fn of<T: Copy>(value: T) -> Address {
        let mut address = Address::empty();
        const { assert!(size_of::<T>() <= size_of::<libc::sockaddr_storage>()) };
        // SAFETY: the storage is large enough and aligned for every socket address.
        unsafe { (&raw mut address.storage).cast::<T>().write(value) };
        address.len = size_of::<T>() as libc::socklen_t;
        address
    }

    /// The address at a pointer.
    ///
    /// # Safety
    /// `len` bytes at `pointer` are valid.
    pub unsafe fn at(pointer: *const libc::sockaddr, len: libc::socklen_t) -> Address {
        let mut address = Address::empty();
        let len = len.min(address.len);
        // SAFETY: by contract, and the storage has room.
        unsafe {
            std::ptr::copy_nonoverlapping(
                pointer.cast::<u8>(),
                (&raw mut address.storage).cast::<u8>(),
                len as usize,
            );
        }
        address.len = len;
        address
    }

    pub fn pointer(&self) -> *const libc::sockaddr {
        (&raw const self.storage).cast()
    }

    pub fn pointer_mut(&mut self) -> *mut libc::sockaddr {
        (&raw mut self.storage).cast()
    }

    /// The structure as a `T`, of which shorter addresses leave the end zero.
    fn view<T: Copy>(&self) -> T {
        const { assert!(size_of::<T>() <= size_of::<libc::sockaddr_storage>()) };
        // SAFETY: the storage is large enough, aligned, and zeroed where nothing was written.
        unsafe { (&raw const self.storage).cast::<T>().read() }
    }

    fn bytes(&self) -> &[u8] {
        let len = (self.len as usize).min(size_of::<libc::sockaddr_storage>());
        // SAFETY: within the storage.
        unsafe { std::slice::from_raw_parts((&raw const self.storage).cast(), len) }
    }
}

/// The text of an IPv4 address.
pub fn ipv4_text(address: libc::in_addr) -> String {
    std::net::Ipv4Addr::from(u32::from_be(address.s_addr)).to_string()
}

/// The Python value of an address; None for an empty one.
pub fn to_value(vm: &Vm, address: &Address) -> Result {
    if address.len == 0 {
        return Ok(Value::NONE);
    }
    let family = i32::from(address.storage.ss_family);
    match family {
        libc::AF_INET => {
            let a: libc::sockaddr_in = address.view();
            let host = vm.new_str(&ipv4_text(a.sin_addr)).value();
            vm.pair(host, vm.new_int(u16::from_be(a.sin_port).into()))
        }
        libc::AF_INET6 => {
            let a: libc::sockaddr_in6 = address.view();
            let host = vm.new_str(&resolve::ipv6_text(a.sin6_addr.s6_addr)).value();
            let parts = [
                host,
                vm.new_int(u16::from_be(a.sin6_port).into()),
                vm.new_int(u32::from_be(a.sin6_flowinfo).into()),
                vm.new_int(a.sin6_scope_id.into()),
            ];
            Ok(vm.new_tuple(&parts)?.value())
        }
        libc::AF_UNIX => {
            let path = address.bytes();
            let path = path
                .get(offset_of!(libc::sockaddr_un, sun_path)..)
                .unwrap_or(&[]);
            // A name that starts with NUL is no path but one of the abstract namespace.
            if path.first() == Some(&0) {
                return Ok(vm.new_bytes(path)?.value());
            }
            let end = path.iter().position(|c| *c == 0).unwrap_or(path.len());
            Ok(vm.str_from_os(&path[..end])?.value())
        }
        libc::AF_NETLINK => {
            let a: libc::sockaddr_nl = address.view();
            vm.pair(vm.new_int(a.nl_pid.into()), vm.new_int(a.nl_groups.into()))
        }
        libc::AF_VSOCK => {
            let a: libc::sockaddr_vm = address.view();
            vm.pair(vm.new_int(a.svm_cid.into()), vm.new_int(a.svm_port.into()))
        }
        _ => {
            let data = address.bytes();
            let data = data
                .get(offset_of!(libc::sockaddr, sa_data)..)
                .unwrap_or(&[]);
            vm.pair(vm.new_int(family.into()), vm.new_bytes(data)?.value())
        }
    }
}

/// A host name: ASCII as it is, other text by the codec `idna`, bytes as they are.
pub fn host_name(vm: &Vm, v: Value) -> Result<Vec<u8>> {
    let name = if let Some(text) = v.cast::<Str>() {
        match text.as_ascii() {
            Some(text) => text.as_bytes().to_vec(),
            None => {
                let codec = vm.new_str("idna").value();
                let encoded = vm.call_method(v, "encode", &[codec])?;
                encoded
                    .cast::<Bytes>()
                    .map_or_else(Vec::new, |b| b.as_slice().to_vec())
            }
        }
    } else if let Some(bytes) = v.cast::<Bytes>() {
        bytes.as_slice().to_vec()
    } else if let Some(bytes) = v.cast::<ByteArray>() {
        bytes.as_slice().to_vec()
    } else {
        return Err(vm.type_error(format!(
            "str, bytes or bytearray expected, not {}",
            vm.class_of(v).qualified_name()
        )));
    };
    if name.contains(&0) {
        return Err(vm.type_error("host name must not contain null character"));
    }
    Ok(name)
}

/// The items of an address that must be a tuple.
fn items(vm: &Vm, caller: &str, family: &str, v: Value) -> Result<Gc<Tuple>> {
    v.cast::<Tuple>().ok_or_else(|| {
        vm.type_error(format!(
            "{caller}(): {family} address must be tuple, not {}",
            vm.class_of(v).qualified_name()
        ))
    })
}

/// A port number.
fn port(vm: &Vm, caller: &str, v: Value) -> Result<u16> {
    let range = || vm.overflow_error(format!("{caller}(): port must be 0-65535."));
    let n = vm.index(v)?;
    let n = n.as_int().ok_or_else(range)?;
    u16::try_from(n).map_err(|_| range())
}

fn word(vm: &Vm, v: Option<&Value>) -> Result<u32> {
    match v {
        None => Ok(0),
        Some(v) => u32::try_from(vm.to_i64(*v)?)
            .map_err(|_| vm.overflow_error("Python int too large to convert to C unsigned int")),
    }
}

/// Reads the address argument of a method, for a socket of a family.
///
/// # Errors
/// TypeError and OverflowError for what is no address, OSError for names that are not found.
pub fn from_value(vm: &Vm, caller: &str, family: i32, v: Value) -> Result<Address> {
    match family {
        libc::AF_INET => {
            let parts = items(vm, caller, "AF_INET", v)?;
            let [host, service] = *parts.as_slice() else {
                return Err(vm.type_error("AF_INET address must be a pair (host, port)"));
            };
            let host = host_name(vm, host)?;
            let port = port(vm, caller, service)?;
            let mut address = resolve::host(vm, &host, libc::AF_INET)?;
            let mut a: libc::sockaddr_in = address.view();
            a.sin_family = libc::AF_INET as libc::sa_family_t;
            a.sin_port = port.to_be();
            address = Address::of(a);
            Ok(address)
        }
        libc::AF_INET6 => {
            let parts = items(vm, caller, "AF_INET6", v)?;
            let parts = parts.as_slice();
            if !(2..=4).contains(&parts.len()) {
                return Err(vm.type_error(
                    "AF_INET6 address must be a tuple (host, port[, flowinfo[, scopeid]])",
                ));
            }
            let host = host_name(vm, parts[0])?;
            let port = port(vm, caller, parts[1])?;
            let flow = word(vm, parts.get(2))?;
            let scope = word(vm, parts.get(3))?;
            if flow > 0xFFFFF {
                return Err(vm.overflow_error(format!("{caller}(): flowinfo must be 0-1048575.")));
            }
            let address = resolve::host(vm, &host, libc::AF_INET6)?;
            let mut a: libc::sockaddr_in6 = address.view();
            a.sin6_family = libc::AF_INET6 as libc::sa_family_t;
            a.sin6_port = port.to_be();
            a.sin6_flowinfo = flow.to_be();
            if scope != 0 || a.sin6_scope_id == 0 {
                a.sin6_scope_id = scope;
            }
            Ok(Address::of(a))
        }
        libc::AF_UNIX => unix(vm, v),
        libc::AF_NETLINK => {
            let parts = items(vm, caller, "AF_NETLINK", v)?;
            let [pid, groups] = *parts.as_slice() else {
                return Err(vm.type_error("AF_NETLINK address must be a pair (pid, groups)"));
            };
            let mut a: libc::sockaddr_nl = Address::empty().view();
            a.nl_family = libc::AF_NETLINK as libc::sa_family_t;
            a.nl_pid = word(vm, Some(&pid))?;
            a.nl_groups = word(vm, Some(&groups))?;
            Ok(Address::of(a))
        }
        libc::AF_VSOCK => {
            let parts = v.cast::<Tuple>().ok_or_else(|| {
                let given = vm.class_of(v).qualified_name();
                vm.type_error(format!(
                    "{caller}(): AF_VSOCK address must be tuple, not {given}"
                ))
            })?;
            let [cid, port] = *parts.as_slice() else {
                return Err(vm.type_error("AF_VSOCK address must be a pair (CID, port)"));
            };
            let mut a: libc::sockaddr_vm = Address::empty().view();
            a.svm_family = libc::AF_VSOCK as libc::sa_family_t;
            a.svm_cid = word(vm, Some(&cid))?;
            a.svm_port = word(vm, Some(&port))?;
            Ok(Address::of(a))
        }
        _ => Err(vm.raise_str(
            vm.exception_class(&exc::OS_ERROR),
            &format!("{caller}(): bad family"),
        )),
    }
}

fn unix(vm: &Vm, v: Value) -> Result<Address> {
    let path = if v.cast::<Str>().is_some() {
        crate::posix::path_bytes(vm, v)?
    } else {
        vm.byte_slice(v)?.to_vec()
    };
    let mut a: libc::sockaddr_un = Address::empty().view();
    a.sun_family = libc::AF_UNIX as libc::sa_family_t;
    // Paths end in NUL; names of the abstract namespace, which start with it, do not.
    let is_abstract = path.first().is_none_or(|c| *c == 0);
    let room = a.sun_path.len() - usize::from(!is_abstract);
    if path.len() > room {
        return Err(vm.raise_str(vm.exception_class(&exc::OS_ERROR), "AF_UNIX path too long"));
    }
    for (to, c) in a.sun_path.iter_mut().zip(&path) {
        *to = *c as libc::c_char;
    }
    let mut address = Address::of(a);
    let len = offset_of!(libc::sockaddr_un, sun_path) + path.len() + usize::from(!is_abstract);
    address.len = len as libc::socklen_t;
    Ok(address)
}
