# Keys from passwords, HMAC objects, and hashes by name.
import _hashlib
import hashlib
import hmac


def tell(f, *args, **keywords):
    try:
        print(f(*args, **keywords))
    except Exception as e:
        print(type(e).__name__, e)


for name in sorted(_hashlib.openssl_md_meth_names):
    h = hashlib.new(name, b"abc")
    length = (7,) if name.startswith("shake") else ()
    print(name, h.name, h.digest_size, h.block_size, h.hexdigest(*length))
for name in ("SHA-256", "Sha2-512/256", "blake2b512", "RIPEMD"):
    print(hashlib.new(name).name)
tell(hashlib.new, "nope")
tell(_hashlib.new, "nope")
print(type(hashlib.sha1()), type(hashlib.shake_128()), isinstance(hashlib.shake_128(), _hashlib.HASH))
print(sorted(_hashlib._constructors.values()))

derive = hashlib.pbkdf2_hmac
for name in ("md5", "sha1", "sha512", "sha3_256", "blake2b", "sm3", "ripemd160", "md5-sha1"):
    print(name, derive(name, b"password" * 20, b"salt", 3, 70).hex())
print(len(derive("sha384", b"p", b"s", 1)))
for args in (("nope", b"p", b"s", 1), ("sha1", "p", b"s", 1), ("sha1", b"p", b"s", 0),
             ("sha1", b"p", b"s", 1, 0), ("sha1", b"p", b"s", 2**31), ("sha1", b"p", b"s", 2**63),
             ("sha1", b"p", b"s", 1, 2**31), (5, b"p", b"s", 1), ("sha1", b"p", b"s", 1, "x"),
             ("shake_128", b"p", b"s", 1), ("shake_128", b"p", b"s", 1, 20)):
    tell(derive, *args)

scrypt = hashlib.scrypt
print(scrypt(b"", salt=b"", n=16, r=1, p=1).hex())
print(scrypt(b"password", salt=bytearray(b"NaCl"), n=64, r=8, p=3, dklen=20).hex())
for wrong in (dict(n=3), dict(n=1), dict(n=-2), dict(n=2**65), dict(n="x"), dict(r=0), dict(p=0), dict(r=-8),
              dict(n=2**15), dict(maxmem=-1), dict(maxmem=5), dict(maxmem=2**40), dict(dklen=0),
              dict(dklen=2**40), dict(salt="s"), dict(p=2**30)):
    tell(scrypt, b"p", **(dict(salt=b"s", n=2, r=8, p=1) | wrong))

code = hmac.new(b"key", b"mess", "sha256")
other = code.copy()
code.update(b"age")
print(code.hexdigest(), other.hexdigest(), code.name, code.block_size, code.digest_size)
print(code.digest() == hmac.digest(b"key", b"message", "sha256") == hmac.digest(b"key", b"message", hashlib.sha256))
print(type(code._hmac), hmac.new(b"k" * 300, b"", hashlib.blake2s).hexdigest())
print(hmac.compare_digest("a", "a"), hmac.compare_digest(b"a", b"b"))
for args in ((b"k",), (b"k", b"m", "nope"), (b"k", b"m", 5), (b"k", "m", "md5"), ("k", b"m", "md5"),
             (b"k", b"m", "shake_128")):
    tell(_hashlib.hmac_new, *args)
