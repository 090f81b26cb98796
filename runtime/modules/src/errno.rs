//! `errno`: the numbers of system errors.

use taipan_runtime::object::ModuleDef;

macro_rules! errors {
    ($($name:ident)*) => { &[$((stringify!($name), libc::$name)),*] };
}

/// Names in an order in which the usual name of a number comes last.
const ERRORS: &[(&str, i32)] = errors! {
    EDEADLOCK EWOULDBLOCK ENOTSUP
    E2BIG EACCES EADDRINUSE EADDRNOTAVAIL EADV EAFNOSUPPORT EAGAIN EALREADY EBADE EBADF EBADFD EBADMSG EBADR
    EBADRQC EBADSLT EBFONT EBUSY ECANCELED ECHILD ECHRNG ECOMM ECONNABORTED ECONNREFUSED ECONNRESET EDEADLK
    EDESTADDRREQ EDOM EDOTDOT EDQUOT EEXIST EFAULT EFBIG EHOSTDOWN EHOSTUNREACH EHWPOISON EIDRM EILSEQ
    EINPROGRESS EINTR EINVAL EIO EISCONN EISDIR EISNAM EKEYEXPIRED EKEYREJECTED EKEYREVOKED EL2HLT EL2NSYNC
    EL3HLT EL3RST ELIBACC ELIBBAD ELIBEXEC ELIBMAX ELIBSCN ELNRNG ELOOP EMEDIUMTYPE EMFILE EMLINK EMSGSIZE
    EMULTIHOP ENAMETOOLONG ENAVAIL ENETDOWN ENETRESET ENETUNREACH ENFILE ENOANO ENOBUFS ENOCSI ENODATA ENODEV
    ENOENT ENOEXEC ENOKEY ENOLCK ENOLINK ENOMEDIUM ENOMEM ENOMSG ENONET ENOPKG ENOPROTOOPT ENOSPC ENOSR ENOSTR
    ENOSYS ENOTBLK ENOTCONN ENOTDIR ENOTEMPTY ENOTNAM ENOTRECOVERABLE ENOTSOCK ENOTTY ENOTUNIQ ENXIO EOPNOTSUPP
    EOVERFLOW EOWNERDEAD EPERM EPFNOSUPPORT EPIPE EPROTO EPROTONOSUPPORT EPROTOTYPE ERANGE EREMCHG EREMOTE
    EREMOTEIO ERESTART ERFKILL EROFS ESHUTDOWN ESOCKTNOSUPPORT ESPIPE ESRCH ESRMNT ESTALE ESTRPIPE ETIME
    ETIMEDOUT ETOOMANYREFS ETXTBSY EUCLEAN EUNATCH EUSERS EXDEV EXFULL
};

/// The module.
pub static ERRNO: ModuleDef = ModuleDef {
    name: "errno",
    doc: "This module makes available standard errno system symbols.\n\n\
          The value of each symbol is the corresponding integer value,\n\
          e.g., on most systems, errno.ENOENT equals the integer 2.\n\n\
          The dictionary errno.errorcode maps numeric codes to symbol names,\n\
          e.g., errno.errorcode[2] could be the string 'ENOENT'.\n\n\
          Symbols that are not relevant to the underlying system are not defined.\n\n\
          To map error codes to error messages, use the function os.strerror(),\n\
          e.g. os.strerror(2) could return 'No such file or directory'.",
    functions: &[],
    types: &[],
    exec: Some(|vm, module| {
        let codes = vm.new_dict();
        for &(name, number) in ERRORS {
            let number = vm.new_int(number.into());
            module.set(vm, name, number);
            codes.set(vm, number, vm.intern(name).value())?;
        }
        module.set(vm, "errorcode", codes);
        Ok(())
    }),
};
