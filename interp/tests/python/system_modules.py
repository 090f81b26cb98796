# mmap, select.epoll, pwd, grp, and os: processes, timers, names in open folders.
import grp
import mmap
import os
import pwd
import select
import time


def attempt(f, *args, **kwargs):
    try:
        print(f(*args, **kwargs))
    except Exception as error:
        print(type(error).__name__, error)


folder = f"/tmp/taipan-test-{os.getpid()}"
os.mkdir(folder)
name = os.path.join(folder, "file")
with open(name, "wb") as file:
    file.write(b"hello world\nline two\n" * 500)
with open(name, "r+b") as file, mmap.mmap(file.fileno(), 0) as m:
    print(m, len(m), m[:5], m[-1], m[1:10:3], m.find(b"two"), m.rfind(b"two"), m.find(b"x"))
    print(m.readline(), m.tell(), m.read(4), m.seek(0), m.read_byte())
    m[0:5] = b"HELLO"
    m[0] = ord("J")
    print(m.write(b"A"), m[:12], m.flush(), m.size())
    m.move(0, 6, 5)
    view = memoryview(m)
    attempt(m.close)
    print(view.readonly, view[0], view.nbytes)
    view.release()
    for wrong in [lambda: m["x"], lambda: m[99999], lambda: m.seek(-1), lambda: m.write("x"), lambda: m.resize(-1),
                  lambda: m.__setitem__(0, 256), lambda: m.__setitem__(slice(0, 2), b"x"), lambda: m.__delitem__(0)]:
        attempt(wrong)
    m.resize(8)
    print(bytes(m), m)
print(m, m.closed, os.stat(name).st_size)
attempt(m.read)
attempt(mmap.mmap, -1, 0)
attempt(mmap.mmap, -1, 5, access=9)
with mmap.mmap(-1, 10, access=mmap.ACCESS_READ) as m:
    attempt(m.write, b"x")
    with memoryview(m) as view:
        print(view.readonly)

print(pwd.getpwuid(0)[:4], pwd.getpwnam("root").pw_uid, grp.getgrgid(0).gr_name, grp.getgrnam("root").gr_gid)
attempt(pwd.getpwnam, "no such account")
attempt(pwd.getpwuid, "0")
attempt(grp.getgrgid, 1 << 70)
print(pwd.getpwuid(0) in pwd.getpwall())

reader, writer = os.pipe()
with select.epoll() as poller:
    poller.register(reader, select.EPOLLIN)
    print(poller.poll(0))
    os.write(writer, b"x")
    print(poller.poll(1) == [(reader, select.EPOLLIN)])
    poller.unregister(reader)
    attempt(poller.register, -1)
print(poller.closed)
attempt(poller.fileno)

pid = os.posix_spawn("/bin/sh", ["sh", "-c", "echo $WORD; exit 3"], {"WORD": "spawned"},
                     file_actions=[(os.POSIX_SPAWN_DUP2, writer, 1), (os.POSIX_SPAWN_CLOSE, reader)])
print(list(os.waitid(os.P_PID, pid, os.WEXITED))[2:], os.read(reader, 20))
attempt(os.posix_spawn, "/no/such/file", ["x"], os.environ)
attempt(os.posix_spawn, "/bin/true", [], os.environ)
attempt(os.posix_spawn, "/bin/true", ["x"], os.environ, file_actions=[(9,)])
pid = os.posix_spawnp("true", ["true"], None)
print(os.wait4(pid, 0)[1])
os.close(reader)
os.close(writer)

timer = os.timerfd_create(time.CLOCK_MONOTONIC)
print(os.timerfd_settime(timer, initial=0.001), os.read(timer, 8)[0] >= 1, os.timerfd_gettime_ns(timer))
os.close(timer)

fd = os.open(folder, os.O_RDONLY)
os.mkdir("inner", dir_fd=fd)
os.symlink("file", "link", dir_fd=fd)
os.rename("file", "moved", src_dir_fd=fd, dst_dir_fd=fd)
os.link("moved", "file", src_dir_fd=fd, dst_dir_fd=fd)
print(sorted(os.listdir(fd)), os.readlink("link", dir_fd=fd), os.stat("link", dir_fd=fd).st_nlink,
      os.access("moved", os.R_OK, dir_fd=fd), [e.path for e in os.scandir(fd) if e.is_symlink()])
os.utime("moved", (1, 2), dir_fd=fd)
print(os.stat("file", dir_fd=fd).st_mtime, os.lstat("link", dir_fd=fd).st_size)
attempt(os.stat, fd, follow_symlinks=False)
attempt(os.unlink, "nothing", dir_fd=fd)
for root, folders, files, inside in os.fwalk(folder):
    print(root == folder, folders, sorted(files), os.fstat(inside).st_ino == os.stat(root).st_ino)
for file in ["file", "link", "moved"]:
    os.unlink(file, dir_fd=fd)
os.rmdir("inner", dir_fd=fd)
os.close(fd)
os.rmdir(folder)
print(os.path.exists(folder))
