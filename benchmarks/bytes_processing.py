"""Binary data: struct records, checksums, base64 and run lengths by hand, bytearray and memoryview."""
import struct
import sys

DEFAULT = 610
RECORD = struct.Struct("<IhBf8s")


def crc_table():
    table = []
    for i in range(256):
        for _ in range(8):
            i = i >> 1 ^ 0xEDB88320 if i & 1 else i >> 1
        table.append(i)
    return table


TABLE = crc_table()


def crc32(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = TABLE[(crc ^ byte) & 0xFF] ^ crc >> 8
    return crc ^ 0xFFFFFFFF


def adler(data):
    a, b = 1, 0
    for byte in data:
        a = (a + byte) % 65521
        b = (b + a) % 65521
    return b << 16 | a


def compress(data):
    out = bytearray()
    i = 0
    while i < len(data):
        run = 1
        while run < 255 and i + run < len(data) and data[i + run] == data[i]:
            run += 1
        out.append(run)
        out.append(data[i])
        i += run
    return bytes(out)


def expand(data):
    return b"".join(data[i + 1:i + 2] * data[i] for i in range(0, len(data), 2))


def xor(data, key):
    view = memoryview(bytearray(data))
    for i in range(len(view)):
        view[i] ^= key[i % len(key)]
    return view.tobytes()


def main(n):
    for _ in range(n):
        packed = b"".join(RECORD.pack(i * 1000, i - 100, i & 255, i / 2, b"name%d" % i) for i in range(200))
        total = 0.0
        for number, small, byte, real, name in RECORD.iter_unpack(packed):
            total += number + small + byte + real + len(name.rstrip(b"\0"))
        squeezed = compress(packed)
        same = expand(squeezed) == packed
        hidden = xor(packed, b"secret")
    print(total, len(packed), len(squeezed), same, f"{crc32(packed):08x}", f"{adler(hidden):08x}",
          hidden[:8].hex(), packed.count(b"name1"))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT)
