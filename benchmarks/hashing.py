"""Hash functions on 32-bit words with masks: SHA-256 of our own, FNV, a Bloom filter."""
import sys

DEFAULT = 1400
MASK = 0xFFFFFFFF


def primes():
    found = []
    candidate = 2
    while len(found) < 64:
        if all(candidate % p for p in found):
            found.append(candidate)
        candidate += 1
    return found


def root_bits(n, power):
    """The first 32 bits of the fraction of the square or cube root of n."""
    low, high = 0, n << 33
    while low + 1 < high:
        middle = (low + high) // 2
        if middle ** power <= n << 32 * power:
            low = middle
        else:
            high = middle
    return low & MASK


K = [root_bits(p, 3) for p in primes()]
INITIAL = [root_bits(p, 2) for p in primes()[:8]]


def rotate(x, n):
    return (x >> n | x << 32 - n) & MASK


def sha256(message):
    length = len(message) * 8
    message += b"\x80" + b"\0" * ((55 - len(message)) % 64) + length.to_bytes(8, "big")
    state = INITIAL[:]
    for start in range(0, len(message), 64):
        w = [int.from_bytes(message[i:i + 4], "big") for i in range(start, start + 64, 4)]
        for i in range(16, 64):
            s0 = rotate(w[i - 15], 7) ^ rotate(w[i - 15], 18) ^ w[i - 15] >> 3
            s1 = rotate(w[i - 2], 17) ^ rotate(w[i - 2], 19) ^ w[i - 2] >> 10
            w.append((w[i - 16] + s0 + w[i - 7] + s1) & MASK)
        a, b, c, d, e, f, g, h = state
        for i in range(64):
            s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)
            t1 = (h + s1 + (e & f ^ ~e & g) + K[i] + w[i]) & MASK
            s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)
            t2 = (s0 + (a & b ^ a & c ^ b & c)) & MASK
            a, b, c, d, e, f, g, h = (t1 + t2) & MASK, a, b, c, (d + t1) & MASK, e, f, g
        state = [(x + y) & MASK for x, y in zip(state, (a, b, c, d, e, f, g, h))]
    return "".join(f"{word:08x}" for word in state)


def fnv(data):
    value = 0x811C9DC5
    for byte in data:
        value = (value ^ byte) * 0x01000193 & MASK
    return value


def bloom(words, size):
    bits = 0
    for word in words:
        value = fnv(word)
        bits |= 1 << value % size | 1 << (value >> 16) % size
    return bits


def main(n):
    words = [b"word%d" % i for i in range(200)]
    for i in range(n):
        digest = sha256(b"message %d " % i * 10)
        bits = bloom(words, 2048)
    print(sha256(b"abc"), digest, bin(bits).count("1"), f"{fnv(b'taipan'):08x}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT)
