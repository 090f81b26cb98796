//! `termios`: the attributes of terminals.

use crate::select::file;
use std::mem::MaybeUninit;
use taipan_runtime::heap::Gc;
use taipan_runtime::object::{ClassFlags, MethodDef, ModuleDef, TypeDef};
use taipan_runtime::types::bytes::Bytes;
use taipan_runtime::types::exception::classes as exc;
use taipan_runtime::types::list::List;
use taipan_runtime::types::module::Module;
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Raised, Result, Vm};

/// `termios.error`.
static ERROR: TypeDef = TypeDef {
    module: "termios",
    base: Some(&exc::EXCEPTION),
    subclassable: true,
    flags: ClassFlags::EXCEPTION,
    ..TypeDef::new("error", exc::EXCEPTION.layout)
};

/// Raises `termios.error` for the last error of the system.
#[cold]
fn failed(vm: &Vm) -> Raised {
    let errno = std::io::Error::last_os_error().raw_os_error().unwrap_or(0);
    let text = taipan_runtime::vm::errno_text(errno);
    match vm.class_of_def(&ERROR) {
        Ok(class) => {
            let arguments = [vm.new_int(errno.into()), vm.new_str(&text).value()];
            vm.raise_new(class, &arguments)
        }
        Err(raised) => raised,
    }
}

fn check(vm: &Vm, result: libc::c_int) -> Result {
    if result < 0 {
        return Err(failed(vm));
    }
    Ok(Value::NONE)
}

fn number(vm: &Vm, v: Value) -> Result<i32> {
    Ok(taipan_runtime::types::support::c_int_arg(vm, v)? as i32)
}

fn attributes(vm: &Vm, fd: i32) -> Result<libc::termios> {
    let mut mode = MaybeUninit::uninit();
    // SAFETY: the call fills the structure if it succeeds.
    unsafe {
        if libc::tcgetattr(fd, mode.as_mut_ptr()) < 0 {
            return Err(failed(vm));
        }
        Ok(mode.assume_init())
    }
}

/// Whether a control character is a number: what `read` waits for without lines.
fn is_number(mode: &libc::termios, at: usize) -> bool {
    mode.c_lflag & libc::ICANON == 0 && (at == libc::VMIN || at == libc::VTIME)
}

fn tcgetattr(vm: &Vm, args: &[Value]) -> Result {
    let mode = attributes(vm, file(vm, args[0])?)?;
    let characters = vm.new_list(&[])?;
    for (at, c) in mode.c_cc.iter().enumerate() {
        let v = if is_number(&mode, at) {
            vm.new_int((*c).into())
        } else {
            vm.new_bytes(&[*c])?.value()
        };
        characters.push(vm, v)?;
    }
    // SAFETY: only read the structure.
    let speeds = unsafe { [libc::cfgetispeed(&mode), libc::cfgetospeed(&mode)] };
    let flags = [mode.c_iflag, mode.c_oflag, mode.c_cflag, mode.c_lflag];
    let list = vm.new_list(&[])?;
    for n in flags.into_iter().chain(speeds) {
        list.push(vm, vm.new_int(n.into()))?;
    }
    list.push(vm, characters.value())?;
    Ok(list.value())
}

fn tcsetattr(vm: &Vm, args: &[Value]) -> Result {
    let (fd, when) = (file(vm, args[0])?, number(vm, args[1])?);
    let shape = || vm.type_error("tcsetattr, arg 3: must be 7 element list");
    if args[2].cast::<List>().is_none() {
        return Err(shape());
    }
    let given = vm.collect(args[2])?;
    let [input, output, control, local, ispeed, ospeed, characters] = given[..] else {
        return Err(shape());
    };
    let mut mode = attributes(vm, fd)?;
    let flag = |v: Value| Ok(vm.to_i64(v)? as libc::tcflag_t);
    mode.c_iflag = flag(input)?;
    mode.c_oflag = flag(output)?;
    mode.c_cflag = flag(control)?;
    mode.c_lflag = flag(local)?;
    let speeds = [flag(ispeed)?, flag(ospeed)?];
    let shape = || {
        vm.type_error(format!(
            "tcsetattr: attributes[6] must be {} element list",
            libc::NCCS
        ))
    };
    if characters.cast::<List>().is_none() {
        return Err(shape());
    }
    let characters = vm.collect(characters)?;
    if characters.len() != libc::NCCS {
        return Err(shape());
    }
    for (to, v) in mode.c_cc.iter_mut().zip(characters.iter()) {
        *to = match v.cast::<Bytes>().filter(|b| b.len() == 1) {
            Some(b) => b.as_slice()[0],
            None if v.as_int_ref().is_some() => vm.to_i64(*v)? as libc::cc_t,
            None => {
                return Err(vm.type_error(
                    "tcsetattr: elements of attributes must be characters or integers",
                ));
            }
        };
    }
    // SAFETY: the structure is valid throughout.
    let result = unsafe {
        if libc::cfsetispeed(&mut mode, speeds[0]) < 0
            || libc::cfsetospeed(&mut mode, speeds[1]) < 0
        {
            -1
        } else {
            vm.allow_threads(|| libc::tcsetattr(fd, when, &mode))
        }
    };
    check(vm, result)
}

fn tcsendbreak(vm: &Vm, args: &[Value]) -> Result {
    let (fd, duration) = (file(vm, args[0])?, number(vm, args[1])?);
    // SAFETY: a plain system call.
    check(
        vm,
        vm.allow_threads(|| unsafe { libc::tcsendbreak(fd, duration) }),
    )
}

fn tcdrain(vm: &Vm, args: &[Value]) -> Result {
    let fd = file(vm, args[0])?;
    // SAFETY: a plain system call.
    check(vm, vm.allow_threads(|| unsafe { libc::tcdrain(fd) }))
}

fn tcflush(vm: &Vm, args: &[Value]) -> Result {
    let (fd, queue) = (file(vm, args[0])?, number(vm, args[1])?);
    // SAFETY: a plain system call.
    check(vm, vm.allow_threads(|| unsafe { libc::tcflush(fd, queue) }))
}

fn tcflow(vm: &Vm, args: &[Value]) -> Result {
    let (fd, action) = (file(vm, args[0])?, number(vm, args[1])?);
    // SAFETY: a plain system call.
    check(vm, vm.allow_threads(|| unsafe { libc::tcflow(fd, action) }))
}

fn window(vm: &Vm, fd: i32) -> Result<libc::winsize> {
    let mut size = MaybeUninit::uninit();
    // SAFETY: the call fills the structure if it succeeds.
    unsafe {
        if libc::ioctl(fd, libc::TIOCGWINSZ, size.as_mut_ptr()) < 0 {
            return Err(failed(vm));
        }
        Ok(size.assume_init())
    }
}

fn tcgetwinsize(vm: &Vm, args: &[Value]) -> Result {
    let size = window(vm, file(vm, args[0])?)?;
    vm.pair(
        vm.new_int(size.ws_row.into()),
        vm.new_int(size.ws_col.into()),
    )
}

fn tcsetwinsize(vm: &Vm, args: &[Value]) -> Result {
    let fd = file(vm, args[0])?;
    let given = vm.collect(args[1])?;
    let [rows, columns] = given[..] else {
        return Err(vm.type_error("tcsetwinsize, arg 2: must be a two-item sequence"));
    };
    let part = |v: Value| {
        u16::try_from(vm.to_i64(v)?)
            .map_err(|_| vm.overflow_error("winsize value(s) out of range."))
    };
    let (rows, columns) = (part(rows)?, part(columns)?);
    let mut size = window(vm, fd)?;
    (size.ws_row, size.ws_col) = (rows, columns);
    // SAFETY: the call reads the structure.
    check(vm, unsafe { libc::ioctl(fd, libc::TIOCSWINSZ, &size) })
}

/// Says which name a constant has.
macro_rules! constants {
    ($($name:ident)*) => {
        &[$((stringify!($name), libc::$name as i64),)*]
    };
}

const KNOWN: &[(&str, i64)] = constants! {
    B0 B1000000 B110 B115200 B1152000 B1200 B134 B150 B1500000 B1800 B19200 B200 B2000000
    B230400 B2400 B2500000 B300 B3000000 B3500000 B38400 B4000000 B460800 B4800 B50 B500000
    B57600 B576000 B600 B75 B921600 B9600 BRKINT BS0 BS1 BSDLY CBAUD CBAUDEX CIBAUD CLOCAL
    CR0 CR1 CR2 CR3 CRDLY CREAD CRTSCTS CS5 CS6 CS7 CS8 CSIZE CSTOPB ECHO ECHOCTL ECHOE
    ECHOK ECHOKE ECHONL ECHOPRT EXTA EXTB EXTPROC FF0 FF1 FFDLY FIOASYNC FIOCLEX FIONBIO
    FIONCLEX FIONREAD FLUSHO HUPCL IBSHIFT ICANON ICRNL IEXTEN IGNBRK IGNCR IGNPAR IMAXBEL
    INLCR INPCK ISIG ISTRIP IUCLC IUTF8 IXANY IXOFF IXON NCCS NL0 NL1 NLDLY NOFLSH OCRNL
    OFDEL OFILL OLCUC ONLCR ONLRET ONOCR OPOST PARENB PARMRK PARODD PENDIN TAB0 TAB1 TAB2
    TAB3 TABDLY TCFLSH TCGETS TCIFLUSH TCIOFF TCIOFLUSH TCION TCOFLUSH TCOOFF TCOON
    TCSADRAIN TCSAFLUSH TCSANOW TCSBRK TCSBRKP TCSETS TCSETSF TCSETSW TCXONC TIOCCONS
    TIOCEXCL TIOCGETD TIOCGICOUNT TIOCGLCKTRMIOS TIOCGPGRP TIOCGSERIAL TIOCGSOFTCAR
    TIOCGWINSZ TIOCINQ TIOCLINUX TIOCMBIC TIOCMBIS TIOCMGET TIOCMIWAIT TIOCMSET TIOCM_CAR
    TIOCM_CD TIOCM_CTS TIOCM_DSR TIOCM_DTR TIOCM_LE TIOCM_RI TIOCM_RNG TIOCM_RTS TIOCM_SR
    TIOCM_ST TIOCNOTTY TIOCNXCL TIOCOUTQ TIOCPKT TIOCSCTTY
    TIOCSERCONFIG TIOCSERGETLSR TIOCSERGETMULTI TIOCSERGSTRUCT TIOCSERGWILD TIOCSERSETMULTI
    TIOCSERSWILD TIOCSETD TIOCSLCKTRMIOS TIOCSPGRP TIOCSSERIAL TIOCSSOFTCAR TIOCSTI
    TIOCSWINSZ TOSTOP VDISCARD VEOF VEOL VEOL2 VERASE VINTR VKILL VLNEXT VMIN VQUIT VREPRINT
    VSTART VSTOP VSUSP VSWTC VT0 VT1 VTDLY VTIME VWERASE XCASE XTABS _POSIX_VDISABLE
};

/// What the crate `libc` does not have.
const OTHERS: &[(&str, i64)] = &[
    ("CDSUSP", 25),
    ("CEOF", 4),
    ("CEOL", 0),
    ("CEOT", 4),
    ("CERASE", 127),
    ("CFLUSH", 15),
    ("CINTR", 3),
    ("CKILL", 21),
    ("CLNEXT", 22),
    ("CQUIT", 28),
    ("CRPRNT", 18),
    ("CSTART", 17),
    ("CSTOP", 19),
    ("CSUSP", 26),
    ("CWERASE", 23),
    ("IOCSIZE_MASK", 1_073_676_288),
    ("IOCSIZE_SHIFT", 16),
    ("N_MOUSE", 2),
    ("N_PPP", 3),
    ("N_SLIP", 1),
    ("N_STRIP", 4),
    ("N_TTY", 0),
    ("TIOCPKT_DATA", 0),
    ("TIOCPKT_FLUSHREAD", 1),
    ("TIOCPKT_FLUSHWRITE", 2),
    ("TIOCPKT_STOP", 4),
    ("TIOCPKT_START", 8),
    ("TIOCPKT_NOSTOP", 16),
    ("TIOCPKT_DOSTOP", 32),
    ("TIOCSER_TEMT", 1),
    ("VSWTCH", 7),
];

/// The module.
pub static TERMIOS: ModuleDef = ModuleDef {
    name: "termios",
    doc: "This module provides an interface to the Posix calls for tty I/O control.",
    functions: &[
        MethodDef::new(
            "tcgetattr",
            "(fd, /)",
            "Get the tty attributes for file descriptor fd.",
            tcgetattr,
        ),
        MethodDef::new(
            "tcsetattr",
            "(fd, when, attributes, /)",
            "Set the tty attributes for file descriptor fd.",
            tcsetattr,
        ),
        MethodDef::new(
            "tcsendbreak",
            "(fd, duration, /)",
            "Send a break on file descriptor fd.",
            tcsendbreak,
        ),
        MethodDef::new(
            "tcdrain",
            "(fd, /)",
            "Wait until all output written to file descriptor fd has been transmitted.",
            tcdrain,
        ),
        MethodDef::new(
            "tcflush",
            "(fd, queue, /)",
            "Discard queued data on file descriptor fd.",
            tcflush,
        ),
        MethodDef::new(
            "tcflow",
            "(fd, action, /)",
            "Suspend or resume input or output on file descriptor fd.",
            tcflow,
        ),
        MethodDef::new(
            "tcgetwinsize",
            "(fd, /)",
            "Get the tty winsize for file descriptor fd.",
            tcgetwinsize,
        ),
        MethodDef::new(
            "tcsetwinsize",
            "(fd, winsize, /)",
            "Set the tty winsize for file descriptor fd.",
            tcsetwinsize,
        ),
    ],
    types: &[&ERROR],
    exec: Some(|vm: &Vm, module: Gc<Module>| {
        for (name, value) in KNOWN.iter().chain(OTHERS) {
            module.set(vm, name, vm.new_int(*value));
        }
        Ok(())
    }),
};
