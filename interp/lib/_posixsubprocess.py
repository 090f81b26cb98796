"""Starting child processes: ``fork`` and ``exec``."""

import os


def fork_exec(args, executable_list, close_fds, pass_fds, cwd, env, p2cread, p2cwrite, c2pread, c2pwrite, errread,
              errwrite, errpipe_read, errpipe_write, restore_signals, call_setsid, pgid_to_set, gid,
              extra_groups, uid, umask, preexec_fn, /):
    """Start a child process; what fails before ``exec`` is written to ``errpipe_write``."""
    pid = os.fork()
    if pid:
        return pid
    try:
        for fd in (p2cwrite, c2pread, errread, errpipe_read):
            if fd >= 0:
                os.close(fd)
        wanted = [p2cread, c2pwrite, errwrite]
        for target in range(3):
            if 0 <= wanted[target] < target:
                wanted[target] = os.dup(wanted[target])
        for target, fd in enumerate(wanted):
            if fd == target:
                os.set_inheritable(fd, True)
            elif fd >= 0:
                os.dup2(fd, target)
        if cwd is not None:
            os.chdir(cwd)
        if umask >= 0:
            os.umask(umask)
        if call_setsid:
            os.setsid()
        for fd in pass_fds:
            if fd > 2 and fd != errpipe_write:
                os.set_inheritable(fd, True)
        if preexec_fn is not None:
            preexec_fn()
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
        os.write(errpipe_write, f"OSError:{e.errno:x}:".encode())
    except BaseException:
        os.write(errpipe_write, b"SubprocessError:0:Exception occurred in preexec_fn.")
    finally:
        os._exit(255)
