//! Names and addresses: what asks the system's resolver and its tables.

use super::address::{Address, host_name, ipv4_text, to_value};
use std::ffi::{CStr, CString};
use taipan_runtime::object::{ClassFlags, TypeDef};
use taipan_runtime::types::bytes::Bytes;
use taipan_runtime::types::exception::classes as exc;
use taipan_runtime::types::str::Str;
use taipan_runtime::types::support::arg_name;
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Raised, Result, Vm};

/// `gaierror`.
pub static GAI_ERROR: TypeDef = TypeDef {
    module: "socket",
    base: Some(&exc::OS_ERROR),
    subclassable: true,
    flags: ClassFlags::EXCEPTION,
    ..TypeDef::new("gaierror", exc::OS_ERROR.layout)
};

/// `herror`.
pub static H_ERROR: TypeDef = TypeDef {
    module: "socket",
    base: Some(&exc::OS_ERROR),
    subclassable: true,
    flags: ClassFlags::EXCEPTION,
    ..TypeDef::new("herror", exc::OS_ERROR.layout)
};

/// Text of the C library.
fn c_text(pointer: *const libc::c_char) -> String {
    if pointer.is_null() {
        return String::new();
    }
    // SAFETY: a string that the C library returned.
    unsafe { CStr::from_ptr(pointer) }
        .to_string_lossy()
        .into_owned()
}

/// Raises an error of `class` with a number and what it means.
fn numbered(vm: &Vm, class: &'static TypeDef, code: i32, text: String) -> Raised {
    match vm.class_of_def(class) {
        Ok(class) => vm.raise_new(class, &[vm.new_int(code.into()), vm.new_str(&text).value()]),
        Err(raised) => raised,
    }
}

/// Raises `gaierror`, or OSError for an error of the system.
#[cold]
pub fn gai_error(vm: &Vm, code: i32) -> Raised {
    if code == libc::EAI_SYSTEM {
        return vm.last_os_error(None);
    }
    // SAFETY: any code has a text.
    let text = c_text(unsafe { libc::gai_strerror(code) });
    numbered(vm, &GAI_ERROR, code, text)
}

#[cold]
fn host_error(vm: &Vm, code: i32) -> Raised {
    unsafe extern "C" {
        fn hstrerror(code: libc::c_int) -> *const libc::c_char;
    }
    // SAFETY: any code has a text.
    let text = c_text(unsafe { hstrerror(code) });
    numbered(vm, &H_ERROR, code, text)
}

#[cold]
fn os_text(vm: &Vm, text: &str) -> Raised {
    vm.raise_str(vm.exception_class(&exc::OS_ERROR), text)
}

/// One answer of `getaddrinfo`.
struct Found {
    family: i32,
    kind: i32,
    protocol: i32,
    canonical: String,
    address: Address,
}

/// What is asked of `getaddrinfo`.
#[derive(Clone, Copy, Default)]
struct Hints {
    family: i32,
    kind: i32,
    protocol: i32,
    flags: i32,
}

/// `getaddrinfo`, without the lock: the answers, or the error's code.
fn look_up(
    vm: &Vm,
    host: Option<&CStr>,
    service: Option<&CStr>,
    hints: Hints,
) -> std::result::Result<Vec<Found>, i32> {
    vm.allow_threads(|| {
        let null = std::ptr::null();
        let mut first = std::ptr::null_mut();
        let mut found = Vec::new();
        // SAFETY: the strings end in NUL; the list is read before it is freed.
        unsafe {
            let mut wanted: libc::addrinfo = std::mem::zeroed();
            wanted.ai_family = hints.family;
            wanted.ai_socktype = hints.kind;
            wanted.ai_protocol = hints.protocol;
            wanted.ai_flags = hints.flags;
            let code = libc::getaddrinfo(
                host.map_or(null, CStr::as_ptr),
                service.map_or(null, CStr::as_ptr),
                &wanted,
                &mut first,
            );
            if code != 0 {
                return Err(code);
            }
            let mut next = first;
            while let Some(info) = next.as_ref() {
                found.push(Found {
                    family: info.ai_family,
                    kind: info.ai_socktype,
                    protocol: info.ai_protocol,
                    canonical: c_text(info.ai_canonname),
                    address: Address::at(info.ai_addr, info.ai_addrlen),
                });
                next = info.ai_next;
            }
            libc::freeaddrinfo(first);
        }
        Ok(found)
    })
}

fn c_string(vm: &Vm, bytes: Vec<u8>) -> Result<CString> {
    CString::new(bytes).map_err(|_| vm.value_error("embedded null byte"))
}

/// The address of a host of a family; an empty name is any interface.
///
/// # Errors
/// `gaierror` if there is no such host.
pub fn host(vm: &Vm, name: &[u8], family: i32) -> Result<Address> {
    if name.is_empty() {
        let hints = Hints {
            family,
            kind: libc::SOCK_DGRAM,
            flags: libc::AI_PASSIVE,
            ..Hints::default()
        };
        let mut found = look_up(vm, None, Some(c"0"), hints).map_err(|e| gai_error(vm, e))?;
        if found.len() != 1 {
            return Err(os_text(vm, "wildcard resolved to multiple address"));
        }
        return Ok(found.remove(0).address);
    }
    let text = std::str::from_utf8(name).unwrap_or("");
    if matches!(text, "<broadcast>" | "255.255.255.255") {
        if family != libc::AF_INET && family != libc::AF_UNSPEC {
            return Err(os_text(vm, "address family mismatched"));
        }
        return Ok(ipv4(libc::INADDR_BROADCAST));
    }
    if family != libc::AF_INET6
        && let Ok(address) = text.parse::<std::net::Ipv4Addr>()
    {
        return Ok(ipv4(address.into()));
    }
    let name = c_string(vm, name.to_vec())?;
    let hints = Hints {
        family,
        ..Hints::default()
    };
    let mut found = look_up(vm, Some(&name), None, hints).map_err(|e| gai_error(vm, e))?;
    Ok(found.remove(0).address)
}

/// The text of an IPv6 address. The C library writes compatible addresses in IPv4's way, which Rust's
/// does not.
pub fn ipv6_text(address: [u8; 16]) -> String {
    unsafe extern "C" {
        fn inet_ntop(
            family: libc::c_int,
            address: *const libc::c_void,
            text: *mut libc::c_char,
            len: libc::socklen_t,
        ) -> *const libc::c_char;
    }
    let mut text = [0 as libc::c_char; 64];
    let place = text.as_mut_ptr();
    // SAFETY: the address has the family's length; the buffer is longer than any text.
    c_text(unsafe { inet_ntop(libc::AF_INET6, address.as_ptr().cast(), place, 64) })
}

/// The address of an IPv4 number in the machine's byte order.
fn ipv4(number: u32) -> Address {
    // SAFETY: all zeros is a valid address.
    let mut a: libc::sockaddr_in = unsafe { std::mem::zeroed() };
    a.sin_family = libc::AF_INET as libc::sa_family_t;
    a.sin_addr.s_addr = number.to_be();
    Address::of(a)
}

/// `getnameinfo`: host and service, or the error's code.
fn name_info(address: &Address, flags: i32) -> std::result::Result<(String, String), i32> {
    let mut host = [0 as libc::c_char; libc::NI_MAXHOST as usize];
    let mut service = [0 as libc::c_char; 32];
    // SAFETY: the buffers have the sizes that are said.
    let code = unsafe {
        libc::getnameinfo(
            address.pointer(),
            address.len,
            host.as_mut_ptr(),
            host.len() as libc::socklen_t,
            service.as_mut_ptr(),
            service.len() as libc::socklen_t,
            flags,
        )
    };
    if code != 0 {
        return Err(code);
    }
    Ok((c_text(host.as_ptr()), c_text(service.as_ptr())))
}

fn c_int(vm: &Vm, v: Value) -> Result<i32> {
    match v.given() {
        None => Ok(0),
        Some(v) => {
            let i = vm.to_i64(v)?;
            i32::try_from(i).map_err(|_| {
                vm.overflow_error(if i > 0 {
                    "signed integer is greater than maximum"
                } else {
                    "signed integer is less than minimum"
                })
            })
        }
    }
}

pub fn getaddrinfo(vm: &Vm, args: &[Value]) -> Result {
    let host = args[0];
    let name = if host.is_none() {
        None
    } else if host.cast::<Str>().is_some() || host.cast::<Bytes>().is_some() {
        Some(c_string(vm, host_name(vm, host)?)?)
    } else {
        return Err(vm.type_error("getaddrinfo() argument 1 must be string or None"));
    };
    let port = args[1];
    let service = if port.is_none() {
        None
    } else if port.as_int_ref().is_some() {
        Some(vm.str_text(port)?.into_bytes())
    } else if let Some(text) = port.cast::<Str>() {
        match text.to_utf8() {
            Some(text) => Some(text.as_bytes().to_vec()),
            None => {
                // The codec says what cannot be encoded.
                vm.call_method(port, "encode", &[])?;
                None
            }
        }
    } else if let Some(bytes) = port.cast::<Bytes>() {
        Some(bytes.as_slice().to_vec())
    } else {
        return Err(os_text(vm, "Int or String expected"));
    };
    let service = service.map(|s| c_string(vm, s)).transpose()?;
    let hints = Hints {
        family: c_int(vm, args[2])?,
        kind: c_int(vm, args[3])?,
        protocol: c_int(vm, args[4])?,
        flags: c_int(vm, args[5])?,
    };
    vm.audit("socket.getaddrinfo", &args[..5])?;
    let found =
        look_up(vm, name.as_deref(), service.as_deref(), hints).map_err(|e| gai_error(vm, e))?;
    let list = vm.new_list(&[])?;
    for f in &found {
        let entry = [
            vm.new_int(f.family.into()),
            vm.new_int(f.kind.into()),
            vm.new_int(f.protocol.into()),
            vm.new_str(&f.canonical).value(),
            to_value(vm, &f.address)?,
        ];
        list.push(vm, vm.new_tuple(&entry)?.value())?;
    }
    Ok(list.value())
}

pub fn getnameinfo(vm: &Vm, args: &[Value]) -> Result {
    let flags = c_int(vm, args[1])?;
    let Some(parts) = args[0].cast::<Tuple>() else {
        return Err(vm.type_error("getnameinfo() argument 1 must be a tuple"));
    };
    let parts = parts.as_slice();
    let illegal = || vm.type_error("getnameinfo(): illegal sockaddr argument");
    if !(2..=4).contains(&parts.len()) {
        return Err(illegal());
    }
    let host = parts[0].cast::<Str>().ok_or_else(illegal)?;
    let port = c_int(vm, parts[1])?;
    let mut rest = [0u32; 2];
    for (to, v) in rest.iter_mut().zip(&parts[2..]) {
        *to = vm.to_i64(*v)? as u32;
    }
    let [flow, scope] = rest;
    if flow > 0xFFFFF {
        return Err(vm.overflow_error("getnameinfo(): flowinfo must be 0-1048575."));
    }
    let name = c_string(vm, host.to_text().into_bytes())?;
    let service = c_string(vm, port.to_string().into_bytes())?;
    let hints = Hints {
        kind: libc::SOCK_DGRAM,
        flags: libc::AI_NUMERICHOST,
        ..Hints::default()
    };
    let mut found =
        look_up(vm, Some(&name), Some(&service), hints).map_err(|e| gai_error(vm, e))?;
    if found.len() > 1 {
        return Err(os_text(vm, "sockaddr resolved to multiple addresses"));
    }
    let found = found.remove(0);
    let mut address = found.address;
    if found.family == libc::AF_INET && parts.len() != 2 {
        return Err(os_text(vm, "IPv4 sockaddr must be 2 tuple"));
    }
    if found.family == libc::AF_INET6 {
        let a = address.pointer_mut().cast::<libc::sockaddr_in6>();
        // SAFETY: an address of this family, in storage aligned for it.
        unsafe {
            (*a).sin6_flowinfo = flow.to_be();
            (*a).sin6_scope_id = scope;
        }
    }
    let (host, service) = vm
        .allow_threads(|| name_info(&address, flags))
        .map_err(|e| gai_error(vm, e))?;
    vm.pair(vm.new_str(&host).value(), vm.new_str(&service).value())
}

pub fn gethostbyname(vm: &Vm, args: &[Value]) -> Result {
    vm.audit("socket.gethostbyname", &[args[0]])?;
    let name = host_name(vm, args[0])?;
    let address = host(vm, &name, libc::AF_INET)?;
    let pair = to_value(vm, &address)?;
    Ok(pair.cast::<Tuple>().map_or(Value::NONE, |p| p.get(0)))
}

unsafe extern "C" {
    fn gethostbyname_r(
        name: *const libc::c_char,
        result: *mut libc::hostent,
        buffer: *mut libc::c_char,
        len: libc::size_t,
        found: *mut *mut libc::hostent,
        error: *mut libc::c_int,
    ) -> libc::c_int;
    fn gethostbyaddr_r(
        address: *const libc::c_void,
        address_len: libc::socklen_t,
        family: libc::c_int,
        result: *mut libc::hostent,
        buffer: *mut libc::c_char,
        len: libc::size_t,
        found: *mut *mut libc::hostent,
        error: *mut libc::c_int,
    ) -> libc::c_int;
    fn setprotoent(stay_open: libc::c_int);
}

/// What a host's entry holds: its name, its aliases, the texts of its addresses.
type Entry = (String, Vec<String>, Vec<String>);

/// Reads an entry of the host table.
///
/// # Safety
/// The entry and what it points to are valid.
unsafe fn entry(host: &libc::hostent) -> Entry {
    // SAFETY: by contract; the lists end in null, the addresses have the family's length.
    unsafe {
        let mut aliases = Vec::new();
        let mut at = host.h_aliases;
        while !at.is_null() && !(*at).is_null() {
            aliases.push(c_text(*at));
            at = at.add(1);
        }
        let mut addresses = Vec::new();
        let mut at = host.h_addr_list;
        while !at.is_null() && !(*at).is_null() {
            addresses.push(if host.h_addrtype == libc::AF_INET6 {
                std::net::Ipv6Addr::from((*at).cast::<[u8; 16]>().read_unaligned()).to_string()
            } else {
                std::net::Ipv4Addr::from((*at).cast::<[u8; 4]>().read_unaligned()).to_string()
            });
            at = at.add(1);
        }
        (c_text(host.h_name), aliases, addresses)
    }
}

/// Asks for a host's entry, with a larger buffer until it fits.
fn ask(
    vm: &Vm,
    call: impl Fn(*mut libc::hostent, &mut [libc::c_char], *mut *mut libc::hostent, *mut i32) -> i32,
) -> Result {
    let answer = vm.allow_threads(|| {
        let mut buffer = vec![0 as libc::c_char; 16 << 10];
        loop {
            let (mut found, mut error) = (std::ptr::null_mut(), 0);
            // SAFETY: all zeros is a valid entry, which the call fills.
            let mut host: libc::hostent = unsafe { std::mem::zeroed() };
            let code = call(&mut host, &mut buffer, &mut found, &mut error);
            if code == libc::ERANGE && buffer.len() < 1 << 24 {
                let len = buffer.len() * 4;
                buffer.resize(len, 0);
                continue;
            }
            // SAFETY: null, or the entry just filled.
            return match unsafe { found.as_ref() } {
                // SAFETY: likewise, with its texts in the buffer.
                Some(host) => Ok(unsafe { entry(host) }),
                None => Err(error),
            };
        }
    });
    let (name, aliases, addresses) = answer.map_err(|e| host_error(vm, e))?;
    let list = |texts: Vec<String>| -> Result {
        let list = vm.new_list(&[])?;
        for text in texts {
            list.push(vm, vm.new_str(&text).value())?;
        }
        Ok(list.value())
    };
    let parts = [vm.new_str(&name).value(), list(aliases)?, list(addresses)?];
    Ok(vm.new_tuple(&parts)?.value())
}

pub fn gethostbyname_ex(vm: &Vm, args: &[Value]) -> Result {
    vm.audit("socket.gethostbyname", &[args[0]])?;
    let name = host_name(vm, args[0])?;
    // The resolver's own error is `gaierror`.
    host(vm, &name, libc::AF_INET)?;
    let name = c_string(vm, name)?;
    ask(vm, |host, buffer, found, error| {
        // SAFETY: the buffer has the length that is said; the other places are valid.
        unsafe {
            gethostbyname_r(
                name.as_ptr(),
                host,
                buffer.as_mut_ptr(),
                buffer.len(),
                found,
                error,
            )
        }
    })
}

pub fn gethostbyaddr(vm: &Vm, args: &[Value]) -> Result {
    let name = host_name(vm, args[0])?;
    let address = host(vm, &name, libc::AF_UNSPEC)?;
    let family = i32::from(address.storage.ss_family);
    let start = address.pointer().cast::<u8>();
    let (offset, len) = match family {
        libc::AF_INET => (std::mem::offset_of!(libc::sockaddr_in, sin_addr), 4),
        libc::AF_INET6 => (std::mem::offset_of!(libc::sockaddr_in6, sin6_addr), 16),
        _ => return Err(os_text(vm, "unsupported address family")),
    };
    ask(vm, |host, buffer, found, error| {
        // SAFETY: the address lies within the storage; the buffer has the length that is said.
        unsafe {
            gethostbyaddr_r(
                start.add(offset).cast(),
                len,
                family,
                host,
                buffer.as_mut_ptr(),
                buffer.len(),
                found,
                error,
            )
        }
    })
}

fn c_argument(vm: &Vm, function: &str, at: usize, v: Value) -> Result<CString> {
    match v.cast::<Str>() {
        Some(text) => c_string(vm, text.to_text().into_bytes()),
        None => Err(vm.type_error(format!(
            "{function}() argument {at} must be str, not {}",
            arg_name(vm, v)
        ))),
    }
}

pub fn getservbyname(vm: &Vm, args: &[Value]) -> Result {
    let name = c_argument(vm, "getservbyname", 1, args[0])?;
    let protocol = match args[1].given() {
        Some(v) => Some(c_argument(vm, "getservbyname", 2, v)?),
        None => None,
    };
    let pointer = protocol.as_ref().map_or(std::ptr::null(), |p| p.as_ptr());
    // SAFETY: the strings end in NUL, and the lock guards the table's entry until it is read.
    let port = unsafe {
        libc::getservbyname(name.as_ptr(), pointer)
            .as_ref()
            .map(|s| s.s_port)
    };
    match port {
        Some(port) => Ok(vm.new_int(u16::from_be(port as u16).into())),
        None => Err(os_text(vm, "service/proto not found")),
    }
}

pub fn getservbyport(vm: &Vm, args: &[Value]) -> Result {
    let Ok(port) = u16::try_from(vm.to_i64(args[0])?) else {
        return Err(vm.overflow_error("getservbyport: port must be 0-65535."));
    };
    let protocol = match args[1].given() {
        Some(v) => Some(c_argument(vm, "getservbyport", 2, v)?),
        None => None,
    };
    let pointer = protocol.as_ref().map_or(std::ptr::null(), |p| p.as_ptr());
    // SAFETY: the string ends in NUL, and the lock guards the table's entry until it is read.
    let name = unsafe {
        libc::getservbyport(i32::from(port.to_be()), pointer)
            .as_ref()
            .map(|s| c_text(s.s_name))
    };
    match name {
        Some(name) => Ok(vm.new_str(&name).value()),
        None => Err(os_text(vm, "port/proto not found")),
    }
}

pub fn getprotobyname(vm: &Vm, args: &[Value]) -> Result {
    let name = c_argument(vm, "getprotobyname", 1, args[0])?;
    // SAFETY: the string ends in NUL, and the lock guards the table's entry until it is read.
    let number = unsafe {
        setprotoent(0);
        libc::getprotobyname(name.as_ptr())
            .as_ref()
            .map(|p| p.p_proto)
    };
    match number {
        Some(number) => Ok(vm.new_int(number.into())),
        None => Err(os_text(vm, "protocol not found")),
    }
}

pub fn gethostname(vm: &Vm, _: &[Value]) -> Result {
    vm.audit("socket.gethostname", &[])?;
    let mut name = [0u8; 1024];
    // SAFETY: the buffer has the length that is said, and its last byte stays NUL.
    if unsafe { libc::gethostname(name.as_mut_ptr().cast(), name.len() - 1) } < 0 {
        return Err(vm.last_os_error(None));
    }
    let end = name.iter().position(|c| *c == 0).unwrap_or(0);
    Ok(vm.str_from_os(&name[..end])?.value())
}

pub fn sethostname(vm: &Vm, args: &[Value]) -> Result {
    let name = match args[0].cast::<Bytes>() {
        Some(name) => name.as_slice().to_vec(),
        None => c_argument(vm, "sethostname", 1, args[0])?.into_bytes(),
    };
    // SAFETY: the pointer and the length belong together.
    if unsafe { libc::sethostname(name.as_ptr().cast(), name.len()) } < 0 {
        return Err(vm.last_os_error(None));
    }
    Ok(Value::NONE)
}

pub fn if_nameindex(vm: &Vm, _: &[Value]) -> Result {
    // SAFETY: the list ends in an entry without index, and is read before it is freed.
    let found = unsafe {
        let first = libc::if_nameindex();
        if first.is_null() {
            return Err(vm.last_os_error(None));
        }
        let mut found = Vec::new();
        let mut at = first;
        while (*at).if_index != 0 && !(*at).if_name.is_null() {
            let name = CStr::from_ptr((*at).if_name).to_bytes().to_vec();
            found.push(((*at).if_index, name));
            at = at.add(1);
        }
        libc::if_freenameindex(first);
        found
    };
    let list = vm.new_list(&[])?;
    for (index, name) in found {
        let name = vm.str_from_os(&name)?.value();
        list.push(vm, vm.pair(vm.new_int(index.into()), name)?)?;
    }
    Ok(list.value())
}

pub fn if_nametoindex(vm: &Vm, args: &[Value]) -> Result {
    let name = crate::posix::path(vm, args[0])?.text;
    // SAFETY: the string ends in NUL.
    match unsafe { libc::if_nametoindex(name.as_ptr()) } {
        0 => Err(vm.last_os_error(None)),
        index => Ok(vm.new_int(index.into())),
    }
}

pub fn if_indextoname(vm: &Vm, args: &[Value]) -> Result {
    let index = vm.to_i64(args[0])?;
    let index = u32::try_from(index).map_err(|_| {
        if index < 0 {
            vm.value_error("Cannot convert negative int")
        } else {
            vm.overflow_error("index is too large")
        }
    })?;
    let mut name = [0 as libc::c_char; libc::IF_NAMESIZE];
    // SAFETY: the buffer has the length that the call wants.
    if unsafe { libc::if_indextoname(index, name.as_mut_ptr()) }.is_null() {
        return Err(vm.last_os_error(None));
    }
    Ok(vm.new_str(&c_text(name.as_ptr())).value())
}

/// An unsigned number of some bits, for the functions that turn bytes around.
fn unsigned(vm: &Vm, v: Value, bits: u32) -> Result<u32> {
    let n = vm.index(v)?;
    if n.as_int_ref().is_some_and(|i| i.is_negative()) {
        return Err(vm.value_error("Cannot convert negative int"));
    }
    match n.as_int() {
        Some(n) if n >> bits == 0 => Ok(n as u32),
        _ => Err(vm.overflow_error(format!("Python int too large for C uint{bits}_t"))),
    }
}

/// A short number in the other byte order.
pub fn short(vm: &Vm, args: &[Value]) -> Result {
    let n = unsigned(vm, args[0], 16)? as u16;
    Ok(vm.new_int(n.to_be().into()))
}

/// A number of 32 bits in the other byte order.
pub fn long(vm: &Vm, args: &[Value]) -> Result {
    let n = unsigned(vm, args[0], 32)?;
    Ok(vm.new_int(n.to_be().into()))
}

pub fn inet_aton(vm: &Vm, args: &[Value]) -> Result {
    unsafe extern "C" {
        fn inet_aton(text: *const libc::c_char, address: *mut libc::in_addr) -> libc::c_int;
    }
    let text = c_argument(vm, "inet_aton", 1, args[0])?;
    let mut address = libc::in_addr { s_addr: 0 };
    // SAFETY: the string ends in NUL; the place is valid.
    if unsafe { inet_aton(text.as_ptr(), &mut address) } == 0 {
        return Err(os_text(vm, "illegal IP address string passed to inet_aton"));
    }
    Ok(vm.new_bytes(&address.s_addr.to_ne_bytes())?.value())
}

pub fn inet_ntoa(vm: &Vm, args: &[Value]) -> Result {
    let packed = vm.byte_slice(args[0])?;
    let Ok(bytes) = <[u8; 4]>::try_from(&packed[..]) else {
        return Err(os_text(vm, "packed IP wrong length for inet_ntoa"));
    };
    let address = libc::in_addr {
        s_addr: u32::from_ne_bytes(bytes),
    };
    Ok(vm.new_str(&ipv4_text(address)).value())
}

pub fn inet_pton(vm: &Vm, args: &[Value]) -> Result {
    let family = c_int(vm, args[0])?;
    let text = c_argument(vm, "inet_pton", 2, args[1])?;
    unsafe extern "C" {
        fn inet_pton(
            family: libc::c_int,
            text: *const libc::c_char,
            address: *mut libc::c_void,
        ) -> libc::c_int;
    }
    let mut packed = [0u8; 16];
    // SAFETY: the string ends in NUL; there is room for either family's address.
    match unsafe { inet_pton(family, text.as_ptr(), packed.as_mut_ptr().cast()) } {
        -1 => Err(vm.last_os_error(None)),
        0 => Err(os_text(vm, "illegal IP address string passed to inet_pton")),
        _ => {
            let len = if family == libc::AF_INET { 4 } else { 16 };
            Ok(vm.new_bytes(&packed[..len])?.value())
        }
    }
}

pub fn inet_ntop(vm: &Vm, args: &[Value]) -> Result {
    let family = c_int(vm, args[0])?;
    let packed = vm.byte_slice(args[1])?;
    let packed: &[u8] = &packed;
    let wrong = || vm.value_error("invalid length of packed IP address string");
    let text = match family {
        libc::AF_INET => {
            let bytes = <[u8; 4]>::try_from(packed).map_err(|_| wrong())?;
            std::net::Ipv4Addr::from(bytes).to_string()
        }
        libc::AF_INET6 => {
            let bytes = <[u8; 16]>::try_from(packed).map_err(|_| wrong())?;
            ipv6_text(bytes)
        }
        _ => {
            return Err(vm.value_error(format!("unknown address family {family}")));
        }
    };
    Ok(vm.new_str(&text).value())
}
