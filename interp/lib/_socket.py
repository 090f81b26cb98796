"""The part of the socket interface that is there: constants and ``socketpair``."""

import errno

import posix

AF_UNSPEC, AF_UNIX, AF_INET, AF_INET6 = 0, 1, 2, 10
SOCK_STREAM, SOCK_DGRAM, SOCK_RAW = 1, 2, 3
SOCK_NONBLOCK, SOCK_CLOEXEC = 2048, 524288
SOL_SOCKET, SO_REUSEADDR, SO_ERROR, SO_KEEPALIVE, SO_BROADCAST, SO_REUSEPORT = 1, 2, 4, 9, 6, 15
IPPROTO_IP, IPPROTO_TCP, IPPROTO_UDP, IPPROTO_IPV6, IPV6_V6ONLY = 0, 6, 17, 41, 26
TCP_NODELAY, SOMAXCONN = 1, 4096
AI_PASSIVE, AI_CANONNAME, AI_NUMERICHOST = 1, 2, 4
EAI_NONAME, EAI_FAMILY, NI_NUMERICHOST = -2, -6, 1
SHUT_RD, SHUT_WR, SHUT_RDWR = 0, 1, 2
MSG_PEEK, MSG_OOB, MSG_DONTWAIT = 2, 1, 64
INADDR_ANY, INADDR_LOOPBACK = 0, 0x7f000001
has_ipv6 = True
error, timeout = OSError, TimeoutError


class herror(OSError):
    """Raised for address errors of gethostbyname and its kin."""


class gaierror(OSError):
    """Raised for address errors of getaddrinfo and its kin."""


herror.__module__ = gaierror.__module__ = "socket"


class socket:
    """A connected socket made by ``socketpair``; others are not there yet."""

    __slots__ = ("_fd", "_timeout", "_family", "_type", "_proto")

    def __init__(self, family=-1, type=-1, proto=-1, fileno=None):
        if fileno is None:
            # What programs expect where an address family is missing.
            raise OSError(errno.EAFNOSUPPORT, "sockets other than those of socketpair() are not supported by Taipan yet")
        self._fd, self._timeout = fileno, None
        self._family = AF_UNIX if family == -1 else family
        self._type = SOCK_STREAM if type == -1 else type
        self._proto = 0 if proto == -1 else proto

    family = property(lambda self: self._family)
    type = property(lambda self: self._type)
    proto = property(lambda self: self._proto)

    def fileno(self):
        """The descriptor; -1 when closed."""
        return self._fd

    def detach(self):
        """Give the descriptor away."""
        fd, self._fd = self._fd, -1
        return fd

    def close(self):
        """Close the socket."""
        fd = self.detach()
        if fd >= 0:
            posix.close(fd)

    def setblocking(self, flag, /):
        """Whether operations wait."""
        posix.set_blocking(self._fd, bool(flag))
        self._timeout = None if flag else 0.0

    def settimeout(self, value, /):
        """How long operations wait: None forever, 0 not at all."""
        if value:
            raise NotImplementedError("timeouts of sockets are not supported by Taipan yet")
        self.setblocking(value is None)

    def gettimeout(self):
        """How long operations wait."""
        return self._timeout

    def recv(self, size, flags=0, /):
        """Receive up to size bytes."""
        return posix.read(self._fd, size)

    def send(self, data, flags=0, /):
        """Send data; how much of it was sent."""
        return posix.write(self._fd, data)

    def sendall(self, data, flags=0, /):
        """Send all of data."""
        data = memoryview(data).cast("B")
        while data:
            data = data[posix.write(self._fd, data):]


def socketpair(family=AF_UNIX, type=SOCK_STREAM, proto=0, /):
    """Two connected sockets."""
    return tuple(socket(family, type, proto, fd) for fd in posix._socketpair(family, type, proto))


SocketType = socket
_default_timeout = None


def getdefaulttimeout():
    """The timeout of new sockets."""
    return _default_timeout


def setdefaulttimeout(value, /):
    """Set the timeout of new sockets."""
    global _default_timeout
    _default_timeout = value


def _missing(name):
    def function(*args, **kwargs):
        raise NotImplementedError(f"socket.{name} is not supported by Taipan yet")
    function.__name__ = name
    return function


for _name in ("dup close getaddrinfo getnameinfo gethostname gethostbyname gethostbyname_ex "
              "gethostbyaddr getservbyname getservbyport getprotobyname inet_aton inet_ntoa inet_pton inet_ntop "
              "htons htonl ntohs ntohl sethostname if_nameindex if_nametoindex if_indextoname").split():
    globals()[_name] = _missing(_name)
del _name
