//! `_socket`: the system's sockets, names and addresses.

mod address;
mod constants;
mod object;
mod options;
mod resolve;
mod transfer;

use taipan_runtime::heap::Gc;
use taipan_runtime::object::{MethodDef, ModuleDef};
use taipan_runtime::types::exception::classes as exc;
use taipan_runtime::types::module::Module;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Vm};

fn close(vm: &Vm, args: &[Value]) -> Result {
    let fd = object::int_argument(vm, args[0])?;
    // SAFETY: the descriptor is the caller's responsibility.
    let result = vm.allow_threads(|| unsafe { libc::close(fd) });
    if result < 0 && object::errno() != libc::ECONNRESET {
        return Err(vm.last_os_error(None));
    }
    Ok(Value::NONE)
}

fn dup(vm: &Vm, args: &[Value]) -> Result {
    let fd = object::int_argument(vm, args[0])?;
    // SAFETY: a plain system call.
    let new = unsafe { libc::fcntl(fd, libc::F_DUPFD_CLOEXEC, 0) };
    if new < 0 {
        return Err(vm.last_os_error(None));
    }
    Ok(vm.new_int(new.into()))
}

fn fill(vm: &Vm, module: Gc<Module>) -> Result<()> {
    module.set(vm, "error", vm.exception_class(&exc::OS_ERROR));
    module.set(vm, "timeout", vm.exception_class(&exc::TIMEOUT_ERROR));
    module.set(vm, "SocketType", vm.class_of_def(&object::SOCKET)?);
    module.set(vm, "has_ipv6", Value::TRUE);
    for (name, value) in constants::KNOWN.iter().chain(constants::OTHERS) {
        module.set(vm, name, vm.new_int(*value));
    }
    Ok(())
}

/// The module.
pub static SOCKET: ModuleDef = ModuleDef {
    name: "_socket",
    doc: "Implementation module for socket operations.\n\nSee the socket module for documentation.",
    functions: &[
        MethodDef::new(
            "close",
            "(object, /)",
            "close(integer) -> None\n\nClose a socket's descriptor.",
            close,
        ),
        MethodDef::new(
            "dup",
            "(object, /)",
            "dup(integer) -> integer\n\nDuplicate a socket's descriptor.",
            dup,
        ),
        MethodDef::new(
            "socketpair",
            "([family[, type[, proto]]], /)",
            "socketpair([family[, type [, proto]]]) -> (socket object, socket object)\n\nTwo connected sockets.",
            object::socketpair,
        ),
        MethodDef::new(
            "getdefaulttimeout",
            "()",
            "getdefaulttimeout() -> timeout\n\nReturn the timeout of new sockets in seconds, or None.",
            object::getdefaulttimeout,
        ),
        MethodDef::new(
            "setdefaulttimeout",
            "(object, /)",
            "setdefaulttimeout(timeout)\n\nSet the timeout of new sockets.",
            object::setdefaulttimeout,
        ),
        MethodDef::new(
            "getaddrinfo",
            "(host, port, family=0, type=0, proto=0, flags=0)",
            "getaddrinfo(host, port [, family, type, proto, flags])\n    \
             -> list of (family, type, proto, canonname, sockaddr)",
            resolve::getaddrinfo,
        ),
        MethodDef::new(
            "getnameinfo",
            "(sockaddr, flags, /)",
            "getnameinfo(sockaddr, flags) --> (host, port)",
            resolve::getnameinfo,
        ),
        MethodDef::new(
            "gethostname",
            "()",
            "gethostname() -> string",
            resolve::gethostname,
        ),
        MethodDef::new(
            "sethostname",
            "(name, /)",
            "sethostname(name)",
            resolve::sethostname,
        ),
        MethodDef::new(
            "gethostbyname",
            "(host, /)",
            "gethostbyname(host) -> address",
            resolve::gethostbyname,
        ),
        MethodDef::new(
            "gethostbyname_ex",
            "(host, /)",
            "gethostbyname_ex(host) -> (name, aliaslist, addresslist)",
            resolve::gethostbyname_ex,
        ),
        MethodDef::new(
            "gethostbyaddr",
            "(host, /)",
            "gethostbyaddr(host) -> (name, aliaslist, addresslist)",
            resolve::gethostbyaddr,
        ),
        MethodDef::new(
            "getservbyname",
            "(servicename[, protocolname], /)",
            "getservbyname(servicename[, protocolname]) -> integer",
            resolve::getservbyname,
        ),
        MethodDef::new(
            "getservbyport",
            "(port[, protocolname], /)",
            "getservbyport(port[, protocolname]) -> string",
            resolve::getservbyport,
        ),
        MethodDef::new(
            "getprotobyname",
            "(name, /)",
            "getprotobyname(name) -> integer",
            resolve::getprotobyname,
        ),
        MethodDef::new(
            "if_nameindex",
            "()",
            "if_nameindex()",
            resolve::if_nameindex,
        ),
        MethodDef::new("if_nametoindex", "(oname, /)", "", resolve::if_nametoindex),
        MethodDef::new(
            "if_indextoname",
            "(if_index, /)",
            "",
            resolve::if_indextoname,
        ),
        MethodDef::new("htons", "(integer, /)", "", resolve::short),
        MethodDef::new("ntohs", "(integer, /)", "", resolve::short),
        MethodDef::new("htonl", "(integer, /)", "", resolve::long),
        MethodDef::new("ntohl", "(integer, /)", "", resolve::long),
        MethodDef::new("inet_aton", "(ip_addr, /)", "", resolve::inet_aton),
        MethodDef::new("inet_ntoa", "(packed_ip, /)", "", resolve::inet_ntoa),
        MethodDef::new(
            "inet_pton",
            "(address_family, ip_string, /)",
            "",
            resolve::inet_pton,
        ),
        MethodDef::new(
            "inet_ntop",
            "(address_family, packed_ip, /)",
            "",
            resolve::inet_ntop,
        ),
        MethodDef::new("CMSG_LEN", "(length, /)", "", transfer::cmsg_len),
        MethodDef::new("CMSG_SPACE", "(length, /)", "", transfer::cmsg_space),
    ],
    types: &[&object::SOCKET, &resolve::GAI_ERROR, &resolve::H_ERROR],
    exec: Some(fill),
};
