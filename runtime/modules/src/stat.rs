//! The module `_stat`: constants and tests of file modes.

use taipan_runtime::object::{MethodDef, ModuleDef};
use taipan_runtime::value::Value;
use taipan_runtime::vm::{Result, Vm};

const CONSTANTS: &[(&str, i64)] = &[
    ("S_IFDIR", 0o040000),
    ("S_IFCHR", 0o020000),
    ("S_IFBLK", 0o060000),
    ("S_IFREG", 0o100000),
    ("S_IFIFO", 0o010000),
    ("S_IFLNK", 0o120000),
    ("S_IFSOCK", 0o140000),
    ("S_IFDOOR", 0),
    ("S_IFPORT", 0),
    ("S_IFWHT", 0),
    ("S_ISUID", 0o4000),
    ("S_ISGID", 0o2000),
    ("S_ISVTX", 0o1000),
    ("S_ENFMT", 0o2000),
    ("S_IREAD", 0o400),
    ("S_IWRITE", 0o200),
    ("S_IEXEC", 0o100),
    ("S_IRWXU", 0o700),
    ("S_IRUSR", 0o400),
    ("S_IWUSR", 0o200),
    ("S_IXUSR", 0o100),
    ("S_IRWXG", 0o070),
    ("S_IRGRP", 0o040),
    ("S_IWGRP", 0o020),
    ("S_IXGRP", 0o010),
    ("S_IRWXO", 0o007),
    ("S_IROTH", 0o004),
    ("S_IWOTH", 0o002),
    ("S_IXOTH", 0o001),
    ("UF_SETTABLE", 0xffff),
    ("UF_NODUMP", 1),
    ("UF_IMMUTABLE", 2),
    ("UF_APPEND", 4),
    ("UF_OPAQUE", 8),
    ("UF_NOUNLINK", 0x10),
    ("UF_COMPRESSED", 0x20),
    ("UF_TRACKED", 0x40),
    ("UF_DATAVAULT", 0x80),
    ("UF_HIDDEN", 0x8000),
    ("SF_SETTABLE", 0x3fff_0000),
    ("SF_ARCHIVED", 0x1_0000),
    ("SF_IMMUTABLE", 0x2_0000),
    ("SF_APPEND", 0x4_0000),
    ("SF_RESTRICTED", 0x8_0000),
    ("SF_NOUNLINK", 0x10_0000),
    ("SF_SNAPSHOT", 0x20_0000),
    ("SF_FIRMLINK", 0x80_0000),
    ("SF_DATALESS", 0x4000_0000),
    ("SF_SUPPORTED", 0x9f_0000),
    ("SF_SYNTHETIC", 0xc000_0000),
    ("ST_MODE", 0),
    ("ST_INO", 1),
    ("ST_DEV", 2),
    ("ST_NLINK", 3),
    ("ST_UID", 4),
    ("ST_GID", 5),
    ("ST_SIZE", 6),
    ("ST_ATIME", 7),
    ("ST_MTIME", 8),
    ("ST_CTIME", 9),
    ("FILE_ATTRIBUTE_ARCHIVE", 32),
    ("FILE_ATTRIBUTE_COMPRESSED", 2048),
    ("FILE_ATTRIBUTE_DEVICE", 64),
    ("FILE_ATTRIBUTE_DIRECTORY", 16),
    ("FILE_ATTRIBUTE_ENCRYPTED", 16384),
    ("FILE_ATTRIBUTE_HIDDEN", 2),
    ("FILE_ATTRIBUTE_INTEGRITY_STREAM", 32768),
    ("FILE_ATTRIBUTE_NORMAL", 128),
    ("FILE_ATTRIBUTE_NOT_CONTENT_INDEXED", 8192),
    ("FILE_ATTRIBUTE_NO_SCRUB_DATA", 131_072),
    ("FILE_ATTRIBUTE_OFFLINE", 4096),
    ("FILE_ATTRIBUTE_READONLY", 1),
    ("FILE_ATTRIBUTE_REPARSE_POINT", 1024),
    ("FILE_ATTRIBUTE_SPARSE_FILE", 512),
    ("FILE_ATTRIBUTE_SYSTEM", 4),
    ("FILE_ATTRIBUTE_TEMPORARY", 256),
    ("FILE_ATTRIBUTE_VIRTUAL", 65536),
];

fn mode(vm: &Vm, args: &[Value]) -> Result<i64> {
    let mode = vm.to_i64(args[0])?;
    if !(0..=0xFFFF_FFFF).contains(&mode) {
        return Err(vm.overflow_error("mode out of range"));
    }
    Ok(mode)
}

fn is(vm: &Vm, args: &[Value], kind: i64) -> Result {
    Ok(Value::bool(mode(vm, args)? & 0o170000 == kind))
}

fn filemode(vm: &Vm, args: &[Value]) -> Result {
    let mode = mode(vm, args)?;
    let mut out = String::with_capacity(10);
    out.push(match mode & 0o170000 {
        0o100000 => '-',
        0o040000 => 'd',
        0o120000 => 'l',
        0o060000 => 'b',
        0o020000 => 'c',
        0o010000 => 'p',
        0o140000 => 's',
        _ => '?',
    });
    for (shift, special, letters) in [
        (6, 0o4000, ['s', 'S']),
        (3, 0o2000, ['s', 'S']),
        (0, 0o1000, ['t', 'T']),
    ] {
        let bits = mode >> shift;
        out.push(if bits & 4 != 0 { 'r' } else { '-' });
        out.push(if bits & 2 != 0 { 'w' } else { '-' });
        out.push(match (mode & special != 0, bits & 1 != 0) {
            (true, true) => letters[0],
            (true, false) => letters[1],
            (false, true) => 'x',
            (false, false) => '-',
        });
    }
    Ok(vm.new_str(&out).value())
}

macro_rules! test {
    ($name:literal, $kind:expr, $doc:literal) => {
        MethodDef::new($name, "(mode, /)", $doc, |vm, args| is(vm, args, $kind))
    };
}

/// The module.
pub static STAT: ModuleDef = ModuleDef {
    name: "_stat",
    doc: "",
    functions: &[
        test!(
            "S_ISDIR",
            0o040000,
            "S_ISDIR(mode) -> bool\n\nReturn True if mode is from a directory."
        ),
        test!(
            "S_ISCHR",
            0o020000,
            "S_ISCHR(mode) -> bool\n\nReturn True if mode is from a character special device file."
        ),
        test!(
            "S_ISBLK",
            0o060000,
            "S_ISBLK(mode) -> bool\n\nReturn True if mode is from a block special device file."
        ),
        test!(
            "S_ISREG",
            0o100000,
            "S_ISREG(mode) -> bool\n\nReturn True if mode is from a regular file."
        ),
        test!(
            "S_ISFIFO",
            0o010000,
            "S_ISFIFO(mode) -> bool\n\nReturn True if mode is from a FIFO (named pipe)."
        ),
        test!(
            "S_ISLNK",
            0o120000,
            "S_ISLNK(mode) -> bool\n\nReturn True if mode is from a symbolic link."
        ),
        test!(
            "S_ISSOCK",
            0o140000,
            "S_ISSOCK(mode) -> bool\n\nReturn True if mode is from a socket."
        ),
        test!(
            "S_ISDOOR",
            -1,
            "S_ISDOOR(mode) -> bool\n\nReturn True if mode is from a door."
        ),
        test!(
            "S_ISPORT",
            -1,
            "S_ISPORT(mode) -> bool\n\nReturn True if mode is from an event port."
        ),
        test!(
            "S_ISWHT",
            -1,
            "S_ISWHT(mode) -> bool\n\nReturn True if mode is from a whiteout."
        ),
        MethodDef::new(
            "S_IMODE",
            "(mode, /)",
            "Return the portion of the file's mode that can be set by os.chmod().",
            |vm, args| Ok(vm.new_int(mode(vm, args)? & 0o7777)),
        ),
        MethodDef::new(
            "S_IFMT",
            "(mode, /)",
            "Return the portion of the file's mode that describes the file type.",
            |vm, args| Ok(vm.new_int(mode(vm, args)? & 0o170000)),
        ),
        MethodDef::new(
            "filemode",
            "(mode, /)",
            "Convert a file's mode to a string of the form '-rwxrwxrwx'",
            filemode,
        ),
    ],
    types: &[],
    exec: Some(|vm, module| {
        for (name, v) in CONSTANTS {
            module.set(vm, name, vm.new_int(*v));
        }
        Ok(())
    }),
};
