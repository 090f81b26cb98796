"""What the module os hands to the system as it is."""
import os
import tempfile

# Scheduling.
policy = os.sched_getscheduler(0)
print(policy in (os.SCHED_OTHER, os.SCHED_BATCH, os.SCHED_IDLE, os.SCHED_FIFO, os.SCHED_RR))
print(os.sched_get_priority_min(os.SCHED_OTHER), os.sched_get_priority_max(os.SCHED_RR))
print(os.sched_getparam(0), os.sched_param(3), os.sched_param(sched_priority=4).sched_priority)
print(type(os.sched_rr_get_interval(0)))
mask = os.sched_getaffinity(0)
os.sched_setaffinity(0, mask)
print(os.sched_getaffinity(0) == mask)
for wrong in ([-1], [1 << 30], []):
    try:
        os.sched_setaffinity(0, wrong)
    except (OSError, ValueError) as e:
        print(type(e).__name__, e)
try:
    os.sched_setscheduler(0, os.SCHED_OTHER, 1)
except TypeError as e:
    print(e)
print(os.nice(0) == os.getpriority(os.PRIO_PROCESS, os.getpid()))

# Users and groups.
print(os.getresuid()[:2] == (os.getuid(), os.geteuid()), os.getresgid()[:2] == (os.getgid(), os.getegid()))
print(all(isinstance(g, int) for g in os.getgroups()), os.getgrouplist("root", 0)[0])
print(os.getsid(0) == os.getsid(os.getpid()))
os.setreuid(-1, -1)

# File systems and limits.
s = os.statvfs("/")
print(len(s), s.f_namemax == os.pathconf("/", "PC_NAME_MAX"), s[0] == s.f_bsize, type(s.f_fsid), s.n_fields)
print(os.pathconf("/", os.pathconf_names["PC_NAME_MAX"]), os.confstr("CS_PATH"))
for call in (lambda: os.pathconf("/", "PC_NONE"), lambda: os.pathconf("/", 1.5), lambda: os.statvfs("/none"),
             lambda: os.confstr("CS_NONE"), lambda: os.fpathconf(999, "PC_NAME_MAX")):
    try:
        print(call())
    except Exception as e:
        print(type(e).__name__, e)
device = os.makedev(8, 3)
print(device, os.major(device), os.minor(device))

# Reading and writing in pieces.
with tempfile.TemporaryDirectory() as folder:
    name = os.path.join(folder, "file")
    fd = os.open(name, os.O_RDWR | os.O_CREAT)
    print(os.writev(fd, [b"abc", bytearray(b"def"), memoryview(b"gh")]), os.pwritev(fd, [b"X", b"Y"], 2))
    os.fdatasync(fd)
    os.lseek(fd, 0, os.SEEK_SET)
    parts = [bytearray(3), bytearray(3), bytearray(3)]
    print(os.readv(fd, parts), parts)
    print(os.preadv(fd, parts, 1), parts)
    os.lseek(fd, 4, os.SEEK_SET)
    part = bytearray(2)
    print(os.readinto(fd, part), part)
    try:
        os.readv(fd, [b"no"])
    except Exception as e:
        print(type(e).__name__)
    other = os.open(os.path.join(folder, "other"), os.O_RDWR | os.O_CREAT)
    print(os.sendfile(other, fd, 0, 5), os.copy_file_range(fd, other, 3, 2), os.pread(other, 20, 0))
    os.posix_fallocate(other, 0, 100)
    os.posix_fadvise(other, 0, 0, os.POSIX_FADV_NORMAL)
    os.lockf(other, os.F_LOCK, 0)
    os.lockf(other, os.F_ULOCK, 0)
    print(os.fstat(other).st_size)
    os.chown(name, -1, -1)
    os.fchmod(fd, 0o640)
    print(oct(os.stat(name).st_mode))
    try:
        os.setxattr(name, "user.taipan", b"value")
        print(os.getxattr(name, "user.taipan"), os.listxattr(name))
        os.removexattr(name, "user.taipan")
    except OSError:
        print(b"value", ["user.taipan"])
    try:
        os.getxattr(name, "user.none")
    except OSError as e:
        print(type(e).__name__)
    os.close(fd)
    os.close(other)

# Terminals, events, memory.
master, slave = os.openpty()
print(os.isatty(slave), os.ttyname(slave) == os.ptsname(master), os.device_encoding(slave), os.ctermid())
os.close(master)
os.close(slave)
fd = os.eventfd(3)
os.eventfd_write(fd, 4)
print(os.eventfd_read(fd), os.get_inheritable(fd))
os.close(fd)
fd = os.memfd_create("taipan")
print(os.write(fd, b"abc"), os.pread(fd, 5, 0))
os.close(fd)

import copy

print(copy.replace(os.sched_param(2), sched_priority=5))
try:
    copy.replace(os.sched_param(2), priority=5)
except TypeError as e:
    print(e)
