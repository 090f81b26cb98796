"""Starting child processes: ``fork`` and ``exec``."""

import _signal
import os


def _check_id(name, value):
    if value is not None and value >= 0xFFFFFFFF:
        raise OverflowError(f"{name} is greater than maximum")


def _close_others(keep):
    """Close all descriptors but the standard ones and those in ``keep``."""
    try:
        numbers = [int(name) for name in os.listdir("/proc/self/fd")]
    except OSError:
        numbers = range(3, os.sysconf("SC_OPEN_MAX"))
    for fd in numbers:
        if fd > 2 and fd not in keep:
            try:
                os.close(fd)
            except OSError:
                pass  # It was the one that the folder was read by.


def _restore_signals():
    """Leave to the child's own choice what the interpreter ignores."""
    for name in ("SIGPIPE", "SIGXFSZ"):
        number = getattr(_signal, name, None)
        if number is not None:
            try:
                _signal.signal(number, _signal.SIG_DFL)
            except ValueError:
                pass  # The fork was made by a thread that may not.


def fork_exec(args, executable_list, close_fds, pass_fds, cwd, env, p2cread, p2cwrite, c2pread, c2pwrite, errread,
              errwrite, errpipe_read, errpipe_write, restore_signals, call_setsid, pgid_to_set, gid,
              extra_groups, uid, umask, preexec_fn, /):
    """Start a child process; what fails before ``exec`` is written to ``errpipe_write``."""
    _check_id("gid", gid)
    _check_id("uid", uid)
    if any(group > 0xFFFFFFFF for group in extra_groups or ()):
        raise ValueError("invalid group id")
    pid = os.fork()
    if pid:
        return pid
    stage = "noexec"
    try:
        for fd in (p2cwrite, c2pread, errread, errpipe_read):
            if fd >= 0:
                os.close(fd)
        wanted = [p2cread, c2pwrite, errwrite]
        for target in range(3):
            # None may be one that is about to be replaced.
            if 0 <= wanted[target] < target:
                while wanted[target] <= 2:
                    wanted[target] = os.dup(wanted[target])
        for target, fd in enumerate(wanted):
            if fd == target:
                os.set_inheritable(fd, True)
            elif fd >= 0:
                os.dup2(fd, target)
        if cwd is not None:
            stage = "noexec:chdir"
            os.chdir(cwd)
            stage = "noexec"
        if umask >= 0:
            os.umask(umask)
        if restore_signals:
            _restore_signals()
        if call_setsid:
            os.setsid()
        if pgid_to_set >= 0:
            os.setpgid(0, pgid_to_set)
        if extra_groups is not None:
            os.setgroups(extra_groups)
        if gid is not None:
            os.setregid(gid, gid)
        if uid is not None:
            os.setreuid(uid, uid)
        for fd in pass_fds:
            if fd > 2 and fd != errpipe_write:
                os.set_inheritable(fd, True)
        if preexec_fn is not None:
            try:
                preexec_fn()
            except BaseException:
                os.write(errpipe_write, b"SubprocessError:0:Exception occurred in preexec_fn.")
                os._exit(255)
        if close_fds:
            _close_others({errpipe_write, *pass_fds})
        stage = ""
        for path in executable_list:
            try:
                if env is None:
                    os.execv(path, args)
                else:
                    entries = (entry.partition(b"=") for entry in env)
                    os.execve(path, args, {name: value for name, _, value in entries})
            except (FileNotFoundError, NotADirectoryError) as e:
                failure = e
        raise failure
    except OSError as e:
        os.write(errpipe_write, f"OSError:{e.errno:x}:{stage}".encode())
    except BaseException:
        os.write(errpipe_write, b"SubprocessError:0:")
    finally:
        os._exit(255)
