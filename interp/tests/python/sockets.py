"""Sockets on this machine: streams, datagrams, timeouts, names, servers, asyncio."""
import asyncio
import errno
import os
import select
import selectors
import signal
import socket
import socketserver
import tempfile
import threading
import time
import unicodedata


def show(name, function, *args):
    try:
        print(name, "->", function(*args))
    except Exception as error:
        print(name, "->", type(error).__name__, error)


# A server that sends back what it gets.
def echo(listener):
    connection, _ = listener.accept()
    with connection:
        while data := connection.recv(1000):
            connection.sendall(data.upper())


folder = tempfile.TemporaryDirectory()
for family, address in ((socket.AF_INET, ("127.0.0.1", 0)), (socket.AF_INET6, ("::1", 0)), (socket.AF_UNIX, os.path.join(folder.name, "s"))):
    try:
        listener = socket.socket(family)
        listener.bind(address)
    except OSError:
        print("no", family.name)
        continue
    listener.listen()
    thread = threading.Thread(target=echo, args=(listener,))
    thread.start()
    with socket.create_connection(listener.getsockname()[:2]) if family != socket.AF_UNIX else socket.socket(family) as client:
        if family == socket.AF_UNIX:
            client.connect(listener.getsockname())
        client.sendall(b"hello ")
        client.sendall(memoryview(b"world"))
        got = b""
        while len(got) < 11:
            got += client.recv(100)
        buffer = bytearray(4)
        client.send(b"more")
        time.sleep(0.01)
        count = client.recv_into(buffer)
        print(got, buffer[:count], client.family.name, client.type.name, type(client.getpeername()).__name__, len(client.getsockname()) > 0)
        client.shutdown(socket.SHUT_WR)
        print(client.recv(10))
    thread.join()
    listener.close()
    print(listener.fileno(), listener)

# Much data: sendall goes on, a file reads lines.
a, b = socket.socketpair()
payload = os.urandom(1 << 20)
thread = threading.Thread(target=lambda: (a.sendall(payload), a.shutdown(socket.SHUT_WR)))
thread.start()
with b.makefile("rb") as file:
    print(file.read() == payload)
thread.join()
b.sendall(b"one\ntwo\n")
with a.makefile("rw", newline="\n") as file:
    print(file.readline(), file.readline())
for s in (a, b):
    s.close()
show("closed", a.recv, 1)

# Datagrams.
with socket.socket(type=socket.SOCK_DGRAM) as one, socket.socket(type=socket.SOCK_DGRAM) as two:
    one.bind(("127.0.0.1", 0))
    two.bind(("", 0))
    print(two.sendto(b"datagram", one.getsockname()), one.recvfrom(100)[0], one.getsockname()[0], two.getsockname()[0])
    two.sendto(b"flags", 0, one.getsockname())
    buffer = bytearray(10)
    print(one.recvfrom_into(buffer)[0], bytes(buffer))
    two.connect(one.getsockname())
    print(two.sendmsg([b"in ", b"pieces"]), one.recvmsg(100, 0)[:3])

# Descriptors travel.
a, b = socket.socketpair()
with tempfile.TemporaryFile() as file:
    file.write(b"passed on")
    file.flush()
    socket.send_fds(a, [b"x"], [file.fileno()])
    data, fds, flags, _ = socket.recv_fds(b, 10, 4)
    print(data, len(fds), os.pread(fds[0], 100, 0))
    os.close(fds[0])

# Timeouts and blocking.
print(a.gettimeout(), a.getblocking(), a.timeout)
a.settimeout(0.02)
begun = time.monotonic()
show("timeout", a.recv, 10)
print(0.015 < time.monotonic() - begun < 5)
a.setblocking(False)
show("would block", a.recv, 10)
print(a.gettimeout(), a.getblocking(), os.get_inheritable(a.fileno()))
for value in (-1, "1", float("nan")):
    show(f"settimeout({value!r})", a.settimeout, value)
a.setblocking(True)

# A signal's handler runs while a receiver waits, and the wait goes on (PEP 475).
seen = []
signal.signal(signal.SIGALRM, lambda *_: (seen.append("alarm"), b.send(b"late")))
signal.setitimer(signal.ITIMER_REAL, 0.05)
print(a.recv(10), seen)
a.settimeout(30)
signal.setitimer(signal.ITIMER_REAL, 0.05)
print(a.recv(10), seen)

# Readiness.
b.send(b"ready")
print([len(l) for l in select.select([a, b], [a], [], 1)])
with selectors.DefaultSelector() as selector:
    selector.register(a, selectors.EVENT_READ, "a")
    selector.register(b, selectors.EVENT_READ, "b")
    print([(key.data, mask) for key, mask in selector.select(1)])
a.recv(10)
c = a.dup()
print(c.fileno() != a.fileno(), c.family, socket.socket(fileno=c.detach()).type.name)
a.close()
b.close()

# Options.
with socket.socket() as s:
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    print(s.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR), s.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 4))
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\5\0\0\0")
    print(s.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8))
    show("option", s.getsockopt, socket.SOL_SOCKET, 9999)
    show("size", s.getsockopt, 1, 2, 5000)
    show("value", s.setsockopt, 1, 2, "x")
    for address in (5, (), ("127.0.0.1",), ("127.0.0.1", 70000), ("127.0.0.1", "x"), (5, 6), ("a\0b", 1)):
        show(f"connect({address!r})", s.connect, address)
    show("data", s.send, "text")
    show("sendto", s.sendto, b"")
    show("recv", s.recv, -1)
    show("small", s.recv_into, bytearray(2), 3)
    show("readonly", s.recv_into, b"12")
    show("not connected", s.getpeername)
    show("accept", s.accept)
with socket.socket() as s:
    s.bind(("127.0.0.1", 0))
    print(s.connect_ex(s.getsockname()) in (0, errno.ECONNREFUSED, errno.ECONNABORTED))
with socket.socket(socket.AF_UNIX) as s:
    show("unix", s.connect, "/nowhere/at/all")
    show("long", s.bind, "x" * 200)
    show("type", s.bind, 5)
    s.bind("\0taipan-test-%d" % os.getpid())
    print(s.getsockname()[:12])
show("fileno", lambda: socket.socket(fileno=-5))
show("fileno", lambda: socket.socket(fileno=9999))
show("family", lambda: socket.socket(9999))
show("type", lambda: socket.socket("x"))
show("argument", lambda: socket.socket(fino=1))

# Names and numbers.
for text in """
socket.inet_aton('127.0.0.1'), socket.inet_ntoa(b'\\1\\2\\3\\4'), socket.inet_pton(socket.AF_INET6, '::1')
socket.inet_ntop(socket.AF_INET6, bytes(15) + b'\\1'), socket.inet_ntop(socket.AF_INET, b'\\1\\2\\3\\4')
socket.inet_aton('x')
socket.inet_ntoa(b'123')
socket.inet_pton(socket.AF_INET, '1.2.3')
socket.inet_pton(-1, '1.2.3')
socket.inet_ntop(socket.AF_INET, b'123')
socket.inet_ntop(-1, b'123')
socket.htons(1), socket.ntohs(256), socket.htonl(1), socket.ntohl(1 << 24)
socket.htons(1 << 16)
socket.htons(-1)
socket.htonl(1 << 32)
socket.htonl(-1)
socket.htonl('1')
socket.gethostbyname('127.0.0.1'), socket.gethostbyname('<broadcast>'), socket.gethostbyname('')
socket.gethostbyname_ex('127.0.0.1')
socket.getaddrinfo('127.0.0.1', 80, type=socket.SOCK_STREAM)
[i[4] for i in socket.getaddrinfo('::1', '80', proto=socket.IPPROTO_TCP, flags=socket.AI_NUMERICHOST)]
socket.getaddrinfo('x.y', None, flags=socket.AI_NUMERICHOST)
socket.getaddrinfo(5, 80)
socket.getaddrinfo('127.0.0.1', 1.5)
socket.getnameinfo(('127.0.0.1', 80), socket.NI_NUMERICHOST | socket.NI_NUMERICSERV)
socket.getnameinfo(5, 0)
socket.getnameinfo(('x.y', 80), 0)
socket.getservbyname('nothing of the kind')
socket.getservbyport(70000)
socket.getprotobyname('nothing of the kind')
socket.gethostname() == os.uname().nodename, isinstance(socket.if_nameindex(), list)
socket.if_nametoindex('nothing')
socket.if_indextoname(-1)
socket.getaddrinfo('b\\u00fccher.invalid', None, flags=socket.AI_NUMERICHOST)
'b\\u00fccher.Example'.encode('idna'), b'xn--bcher-kva.example'.decode('idna'), 'stra\\u00dfe'.encode('idna')
[(unicodedata.ucd_3_2_0.category(c), unicodedata.category(c), unicodedata.ucd_3_2_0.name(c, None)) for c in '\\u0221\\u1f600a']
unicodedata.ucd_3_2_0.unidata_version, unicodedata.ucd_3_2_0.normalize('NFKC', '\\ufb01\\u00bd'), unicodedata.ucd_3_2_0.numeric('\\u00bd')
unicodedata.ucd_3_2_0.lookup('LATIN SMALL LETTER D WITH CURL')
socket.CMSG_LEN(4), socket.CMSG_SPACE(4), socket.getdefaulttimeout()
socket.gaierror.__mro__[1], socket.herror.__module__, socket.timeout, socket.error, socket.gaierror(1, 'x').errno
""".strip().splitlines():
    show(text, lambda: eval(text))
socket.setdefaulttimeout(5)
with socket.socket() as s:
    print(s.gettimeout(), socket.getdefaulttimeout())
socket.setdefaulttimeout(None)


# A server in threads, and one of asyncio.
class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(self.rfile.readline()[::-1])


with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
    for text in (b"abc", b"xyz"):
        with socket.create_connection(server.server_address, 10) as s:
            s.sendall(text + b"\n")
            print(s.makefile("rb").read())
    server.shutdown()


async def answer(reader, writer):
    while line := await reader.readline():
        writer.writelines([b"<", line.strip(), b">\n"])
        await writer.drain()
    writer.close()


async def talk(port):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for word in (b"a\n", b"b\n"):
        writer.write(word)
        print(await reader.readline())
    writer.close()
    await writer.wait_closed()


async def main():
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        await talk(server.sockets[0].getsockname()[1])


asyncio.run(main())
folder.cleanup()
