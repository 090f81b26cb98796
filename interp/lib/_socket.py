"""Constants of the socket interface. Sockets themselves are not there yet."""

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
    """A socket."""

    __slots__ = ()

    def __init__(self, family=-1, type=-1, proto=-1, fileno=None):
        raise NotImplementedError("sockets are not supported by Taipan yet")


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


for _name in ("socketpair dup close getaddrinfo getnameinfo gethostname gethostbyname gethostbyname_ex "
              "gethostbyaddr getservbyname getservbyport getprotobyname inet_aton inet_ntoa inet_pton inet_ntop "
              "htons htonl ntohs ntohl sethostname if_nameindex if_nametoindex if_indextoname").split():
    globals()[_name] = _missing(_name)
del _name
