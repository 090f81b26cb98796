# bz2, lzma and zstd: whole streams, pieces, limits of output, errors, and who else uses them.
import bz2
import hashlib
import io
import lzma
import shutil
import tarfile
import zipfile
from compression import zstd

DATA = bytes(range(256)) * 20 + b"the tail " * 50


def tell(f, *args, **keywords):
    try:
        print(f(*args, **keywords))
    except Exception as e:
        print(type(e).__name__, e)


def digest(data):
    return len(data), hashlib.md5(data).hexdigest()


def in_pieces(decompressor, data):
    out = []
    for at in range(0, len(data), 50):
        out.append(decompressor.decompress(data[at:at + 50], 300))
    while not decompressor.eof:
        out.append(decompressor.decompress(b"", 2000))
    return b"".join(out) == DATA and max(map(len, out)) <= 2000


for name, module, compressor, decompressor in (
        ("bz2", bz2, bz2.BZ2Compressor, bz2.BZ2Decompressor),
        ("lzma", lzma, lzma.LZMACompressor, lzma.LZMADecompressor),
        ("zstd", zstd, zstd.ZstdCompressor, zstd.ZstdDecompressor)):
    packed = module.compress(DATA)
    print(name, digest(packed), module.decompress(packed + packed) == DATA * 2)
    c = compressor()
    pieces = [c.compress(DATA[:1000]), c.compress(DATA[1000:]), c.flush()]
    print(module.decompress(b"".join(pieces)) == DATA, in_pieces(decompressor(), packed))
    if name != "zstd":
        tell(c.compress, b"more")
        tell(c.flush)
    d = decompressor()
    print(d.decompress(packed + b"rest") == DATA, d.eof, d.needs_input, d.unused_data)
    tell(d.decompress, b"")
    tell(decompressor().decompress, b"no such stream")
    tell(module.decompress, packed[:-9])
    tell(c.compress, "text")
    d = decompressor()
    print(d.decompress(packed, 0), d.needs_input, d.decompress(b"", 10), d.eof, d.needs_input)
    with module.open(io.BytesIO(packed), "rt", encoding="latin-1") as file:
        print(len(file.read()))

for arguments in ((0,), (10,), ("x",)):
    tell(bz2.BZ2Compressor, *arguments)
d = bz2.BZ2Decompressor()
for _ in range(2):
    tell(d.decompress, b"no such stream")

for keywords in (dict(check=lzma.CHECK_SHA256), dict(format=lzma.FORMAT_ALONE), dict(preset=0),
                 dict(filters=[{"id": lzma.FILTER_DELTA, "dist": 4},
                               {"id": lzma.FILTER_LZMA2, "preset": 3, "lc": 1}])):
    packed = lzma.compress(DATA, **keywords)
    print(digest(packed), lzma.decompress(packed) == DATA)
filters = [{"id": lzma.FILTER_X86}, {"id": lzma.FILTER_LZMA2}]
packed = lzma.compress(DATA, lzma.FORMAT_RAW, filters=filters)
print(digest(packed), lzma.decompress(packed, lzma.FORMAT_RAW, filters=filters) == DATA)
for keywords in (dict(preset=10), dict(preset=1, filters=[]), dict(format=9), dict(format=3),
                 dict(filters=[{}]), dict(filters=[5]), dict(filters=[{"id": 99}]), dict(filters=[{"id": 33}] * 5),
                 dict(filters=[{"id": 33, "no": 1}]), dict(filters=[{"id": 3, "no": 1}]),
                 dict(filters=[{"id": 33, "lc": 77}]), dict(format=2, check=4), dict(check=99)):
    tell(lzma.LZMACompressor, **keywords)
print(lzma._encode_filter_properties({"id": lzma.FILTER_LZMA1, "lc": 2}),
      lzma._decode_filter_properties(lzma.FILTER_LZMA1, b"]\0\0\x10\0"), lzma.is_check_supported(99))

P = zstd.CompressionParameter
print(digest(zstd.compress(DATA, 19)), digest(zstd.compress(DATA, options={P.checksum_flag: 1, P.window_log: 12})))
for keywords in (dict(level=1000), dict(level="x"), dict(level=1, options={}), dict(options={P.window_log: 1}),
                 dict(options={5: 1}), dict(zstd_dict=5),
                 dict(options={zstd.DecompressionParameter.window_log_max: 10})):
    tell(zstd.ZstdCompressor, **keywords)
raw = zstd.ZstdDict(DATA[:5000], is_raw=True)
for use in (raw, raw.as_digested_dict, raw.as_prefix):
    packed = zstd.compress(DATA[100:900], zstd_dict=use)
    print(digest(packed), zstd.decompress(packed, use) == DATA[100:900])
print(raw, len(raw), zstd.get_frame_info(packed), zstd.get_frame_size(packed + b"rest") == len(packed))
c = zstd.ZstdCompressor()
c.set_pledged_input_size(5)
tell(c.compress, b"123456")
print(c.compress(b"123", c.FLUSH_FRAME), c.last_mode)

for mode in ("bz2", "xz", "zst"):
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:" + mode) as archive:
        info = tarfile.TarInfo("name")
        info.size = len(DATA)
        archive.addfile(info, io.BytesIO(DATA))
    file.seek(0)
    with tarfile.open(fileobj=file) as archive:
        print(mode, archive.extractfile("name").read() == DATA)
for method in (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA, zipfile.ZIP_ZSTANDARD):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        archive.writestr("name", DATA)
    with zipfile.ZipFile(file) as archive:
        print(method, archive.read("name") == DATA)
print([name for name, *_ in shutil.get_archive_formats()])
