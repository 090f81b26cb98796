//! Struct sequences of `sys`, `os` and their neighbours that the program makes early or that
//! several modules share, and `SimpleNamespace`, as the module `_taipan_sequences`.

use taipan_runtime::heap::Gc;
use taipan_runtime::object::{ClassFlags, ModuleDef};
use taipan_runtime::struct_sequence;
use taipan_runtime::types::module::Module;
use taipan_runtime::vm::{Result, Vm};

struct_sequence! {
    static FLOAT_INFO = "sys"."float_info", "What the system's floating point type can do.";
    visible: max "", max_exp "", max_10_exp "", min "", min_exp "", min_10_exp "", dig "", mant_dig "", epsilon "", radix "", rounds "";
    hidden: ;
}

struct_sequence! {
    static INT_INFO = "sys"."int_info", "How integers are represented, and their limits.";
    visible: bits_per_digit "", sizeof_digit "", default_max_str_digits "", str_digits_check_threshold "";
    hidden: ;
}

struct_sequence! {
    static HASH_INFO = "sys"."hash_info", "Parameters of the hashes of numbers and strings.";
    visible: width "", modulus "", inf "", nan "", imag "", algorithm "", hash_bits "", seed_bits "", cutoff "";
    hidden: ;
}

struct_sequence! {
    static THREAD_INFO = "sys"."thread_info", "How threads are implemented.";
    visible: name "", lock "", version "";
    hidden: ;
}

struct_sequence! {
    static VERSION_INFO = "sys"."version_info", "The language's version.";
    visible: major "", minor "", micro "", releaselevel "", serial "";
    hidden: ;
}

struct_sequence! {
    static FLAGS = "sys"."flags", "Flags of the command line and the environment.";
    visible: debug "", inspect "", interactive "", optimize "", dont_write_bytecode "", no_user_site "", no_site "", ignore_environment "", verbose "", bytes_warning "", quiet "", hash_randomization "", isolated "", dev_mode "", utf8_mode "", warn_default_encoding "", safe_path "", int_max_str_digits "";
    hidden: gil "", thread_inherit_context "", context_aware_warnings "";
}

struct_sequence! {
    static ASYNCGEN_HOOKS = "sys"."asyncgen_hooks", "The hooks of asynchronous generators.";
    visible: firstiter "", finalizer "";
    hidden: ;
}

struct_sequence! {
    static UNRAISABLE_HOOK_ARGS = "sys"."UnraisableHookArgs", "What sys.unraisablehook() gets.";
    visible: exc_type "", exc_value "", exc_traceback "", err_msg "", object "";
    hidden: ;
}

struct_sequence! {
    static EXCEPT_HOOK_ARGS = "_thread"."_ExceptHookArgs", "What threading.excepthook() gets.";
    visible: exc_type "", exc_value "", exc_traceback "", thread "";
    hidden: ;
}

struct_sequence! {
    static TERMINAL_SIZE = "os"."terminal_size", "Columns and lines of a terminal.";
    visible: columns "", lines "";
    hidden: ;
}

struct_sequence! {
    static TIMES_RESULT = "posix"."times_result", "What os.times() returns.";
    visible: user "", system "", children_user "", children_system "", elapsed "";
    hidden: ;
}

struct_sequence! {
    static UNAME_RESULT = "posix"."uname_result", "What os.uname() returns.";
    visible: sysname "", nodename "", release "", version "", machine "";
    hidden: ;
}

struct_sequence! {
    static STATVFS_RESULT = "os"."statvfs_result", "What os.statvfs() returns.";
    visible: f_bsize "", f_frsize "", f_blocks "", f_bfree "", f_bavail "", f_files "", f_ffree "", f_favail "", f_flag "", f_namemax "";
    hidden: f_fsid "";
}

struct_sequence! {
    static WAITID_RESULT = "posix"."waitid_result", "What os.waitid() returns.";
    visible: si_pid "", si_uid "", si_signo "", si_status "", si_code "";
    hidden: ;
}

struct_sequence! {
    static STRUCT_PASSWD = "pwd"."struct_passwd", "An entry of the password database.";
    visible: pw_name "", pw_passwd "", pw_uid "", pw_gid "", pw_gecos "", pw_dir "", pw_shell "";
    hidden: ;
}

struct_sequence! {
    static STRUCT_GROUP = "grp"."struct_group", "An entry of the group database.";
    visible: gr_name "", gr_passwd "", gr_gid "", gr_mem "";
    hidden: ;
}

struct_sequence! {
    static STRUCT_RUSAGE = "resource"."struct_rusage", "What a process has used.";
    visible: ru_utime "", ru_stime "", ru_maxrss "", ru_ixrss "", ru_idrss "", ru_isrss "", ru_minflt "", ru_majflt "", ru_nswap "", ru_inblock "", ru_oublock "", ru_msgsnd "", ru_msgrcv "", ru_nsignals "", ru_nvcsw "", ru_nivcsw "";
    hidden: ;
}

/// The module `_taipan_sequences`.
pub static MODULE: ModuleDef = ModuleDef {
    name: "_taipan_sequences",
    doc: "Struct sequences of other modules.",
    functions: &[],
    types: &[
        &crate::namespace::NAMESPACE,
        &FLOAT_INFO,
        &INT_INFO,
        &HASH_INFO,
        &THREAD_INFO,
        &VERSION_INFO,
        &FLAGS,
        &ASYNCGEN_HOOKS,
        &UNRAISABLE_HOOK_ARGS,
        &EXCEPT_HOOK_ARGS,
        &TERMINAL_SIZE,
        &TIMES_RESULT,
        &UNAME_RESULT,
        &STATVFS_RESULT,
        &WAITID_RESULT,
        &STRUCT_PASSWD,
        &STRUCT_GROUP,
        &STRUCT_RUSAGE,
    ],
    exec: Some(fill),
};

/// There are no instances of these but those in `sys`.
fn fill(vm: &Vm, _: Gc<Module>) -> Result<()> {
    for def in [&FLAGS, &VERSION_INFO] {
        let class = vm.class_of_def(def)?;
        class.set_flag(ClassFlags::NO_INSTANTIATION, true);
        class.modified(vm);
    }
    Ok(())
}
