#!/usr/bin/env python3
"""Writes tests/golden/pictures.json: one small picture by every writer, bit depth and colour type that PIL, ImageMagick and libjpeg's
tools have, with the grey values that PIL (or, where PIL cannot, ImageMagick) sees in each.

Debian packages: python3-pil imagemagick libjpeg-turbo-progs. Run: /usr/bin/python3 tests/golden/make_image_golden.py
"""
import base64
import json
import os
import shutil
import subprocess
import tempfile
import zlib

from PIL import Image, ImageOps

TARGET = os.path.join(os.path.dirname(os.path.abspath(__file__)), "pictures.json")
FOLDER = tempfile.mkdtemp()
# The program itself, not whatever else is called `convert` in PATH.
CONVERT = "/usr/bin/convert"
WIDTH, HEIGHT = 37, 29
expected = {}


def picture():
    """Smooth colours, so that subsampled chroma says the same at every pixel, and edges in grey alone."""
    image = Image.new("RGB", (WIDTH, HEIGHT))
    for y in range(HEIGHT):
        for x in range(WIDTH):
            edge = 50 if 9 < x < 22 and 6 < y < 19 else 0
            image.putpixel((x, y), (60 + 3 * x + edge, 150 - 2 * y + edge, 40 + x + 3 * y + edge))
    return image


def colourful_picture():
    """Neighbours of opposite saturated colours: what blends chroma otherwise than libjpeg is far away in grey as well."""
    image = Image.new("RGB", (WIDTH, HEIGHT))
    for y in range(HEIGHT):
        for x in range(WIDTH):
            image.putpixel((x, y), (250, 10, 5) if (x // 5 + y // 3) % 2 else (5, 20 + 6 * x, 250 - 8 * y))
    return image


def grey_of(path):
    """What is to be seen in a file: [width, height, grey values]."""
    try:
        image = ImageOps.exif_transpose(Image.open(path))
        image.load()
        if image.mode == "I;16" or (image.mode == "I" and path.endswith((".png", ".pgm"))):
            values = bytes(min(255, value >> 8) for value in image.getdata())
        else:
            values = image.convert("RGB").convert("L").tobytes()
        return image.width, image.height, values
    except Exception:
        size = subprocess.run([CONVERT, path, "-format", "%w %h", "info:"], check=True, capture_output=True).stdout.split()
        width, height = int(size[0]), int(size[1])
        rgb = subprocess.run([CONVERT, path, "-alpha", "off", "-depth", "8", "rgb:-"], check=True, capture_output=True).stdout
        return width, height, Image.frombytes("RGB", (width, height), rgb).convert("L").tobytes()


def keep(name, refused=None):
    path = os.path.join(FOLDER, name)
    if refused is not None:
        expected[name] = {"refused": refused}
        return
    width, height, values = grey_of(path)
    expected[name] = {"width": width, "height": height, "grey": base64.b64encode(values).decode()}


def by_pil(name, image, refused=None, **options):
    image.save(os.path.join(FOLDER, name), **options)
    keep(name, refused)


def by_magick(source, name, *options, prefix="", refused=None):
    subprocess.run([CONVERT, source, *options, "-strip", prefix + os.path.join(FOLDER, name)], check=True)
    keep(name, refused)


def by_cjpeg(ppm, name, *options, refused=None):
    with open(os.path.join(FOLDER, name), "wb") as file:
        subprocess.run(["cjpeg", *options, ppm], check=True, stdout=file)
    keep(name, refused)


def changed(source, name, change, refused=None):
    with open(os.path.join(FOLDER, source), "rb") as file:
        data = bytearray(file.read())
    data = change(data)
    with open(os.path.join(FOLDER, name), "wb") as file:
        file.write(data)
    keep(name, refused)


def png_files(image, source):
    grey, rgba = image.convert("L"), image.copy()
    rgba.putalpha(image.convert("L").point(lambda value: 255 - value // 2))
    by_pil("pil_grey8.png", grey)
    by_pil("pil_rgb8.png", image)
    by_pil("pil_rgba8.png", rgba)
    by_pil("pil_greyalpha8.png", rgba.convert("LA"))
    by_pil("pil_palette8.png", image.quantize(200))
    for bits, colours in ((1, 2), (2, 4), (4, 16)):
        by_pil(f"pil_palette{bits}.png", image.quantize(colours), bits=bits)
    by_pil("pil_bilevel.png", grey.convert("1"))
    by_pil("pil_grey16.png", sixteen(grey))
    for kind, depths in ((0, (1, 2, 4, 8, 16)), (2, (8, 16)), (3, (1, 2, 4, 8)), (4, (8, 16)), (6, (8, 16))):
        for depth in depths:
            for interlaced in (False, True):
                name = f"type{kind}_depth{depth}{'_adam7' if interlaced else ''}.png"
                with open(os.path.join(FOLDER, name), "wb") as file:
                    file.write(encoded_png(image, kind, depth, interlaced))
                keep(name)
    for options, name in (((), "magick.png"), (("-interlace", "plane"), "magick_adam7.png"),
                          (("-depth", "16"), "magick_16.png"), (("-colors", "9"), "magick_palette.png"),
                          (("-monochrome",), "magick_bilevel.png"), (("-alpha", "set"), "magick_alpha.png")):
        by_magick(source, name, *options)
    # Transparent colours are shown as they are stored, as PIL does.
    by_pil("pil_clear_index.png", image.quantize(16), transparency=3)
    by_pil("pil_clear_palette.png", image.quantize(16), transparency=bytes([0, 100, 255, 3]))
    by_pil("pil_clear_rgb.png", image, transparency=image.getpixel((20, 10)))
    by_pil("pil_clear_grey.png", grey, transparency=grey.getpixel((20, 10)))
    rgba.putalpha(0)
    by_pil("pil_clear_rgba.png", rgba)
    exif = Image.Exif()
    exif[0x0112] = 6
    by_pil("pil_turned6.png", image, exif=exif)
    turned_png_files(exif)
    # A time that nobody needs, altered: its checksum is wrong, the picture is sound.

    changed("pil_rgb8.png", "broken_ancillary.png", lambda data: data[:33] + chunk(b"tIME", b"1234567", 9)
            + chunk(b"zTXt", b"\xff" * 40) + chunk(b"iCCP", b"") + chunk(b"gAMA", b"\0\0") + data[33:])


def turned_png_files(exif):
    """The other places where a PNG says which side is up. PIL 9.4 knows the Exif profile and XMP alone, so all are said to be those."""
    profile = exif.tobytes()
    xmp = xmp_packet('tiff:Orientation="6"/>')

    def raw(kind, data):
        digits = data.hex()
        lines = "\n".join(digits[at:at + 72] for at in range(0, len(digits), 72))
        return f"\n{kind}\n{len(data):8d}\n{lines}\n".encode()

    def text(name, *parts):
        changed("pil_rgb8.png", name, lambda data: data[:33] + chunk(parts[0], b"".join(parts[1:])) + data[33:])

    text("turned6_profile.png", b"tEXt", b"Raw profile type exif\0", raw("exif", profile))
    as_seen = expected["turned6_profile.png"]
    changed("pil_rgb8.png", "turned6_profile_at_end.png", lambda data: data[:-12] + chunk(
        b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(raw("exif", profile))) + data[-12:])
    for name, parts in {
        "app1": (b"zTXt", b"Raw profile type APP1\0\0", zlib.compress(raw("generic profile", profile))),
        "exif_with_prefix": (b"eXIf", profile),
        "xmp": (b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0", xmp),
        "xmp_compressed": (b"iTXt", b"XML:com.adobe.xmp\0\1\0en\0\0", zlib.compress(xmp)),
        "xmp_profile": (b"zTXt", b"Raw profile type xmp\0\0", zlib.compress(raw("xmp", xmp))),
    }.items():
        text(f"turned6_{name}.png", *parts)
        expected[f"turned6_{name}.png"] = dict(as_seen)
    # What the chunk says counts more than what a text says.
    changed("pil_turned6.png", "exif_turned6_over_xmp.png", lambda data: data[:33] + chunk(
        b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + xmp_packet('tiff:Orientation="3"/>')) + data[33:])
    # A bomb in place of a profile says nothing, and costs nothing.
    changed("pil_rgb8.png", "bomb_profile.png", lambda data: data)
    changed("pil_rgb8.png", "broken_profile.png", lambda data: data)
    for name, content in (("bomb_profile.png", zlib.compress(b"\n" * (9 << 20), 9)), ("broken_profile.png", b"\xff" * 40)):
        with open(os.path.join(FOLDER, name), "rb+") as file:
            data = file.read()
            file.seek(0)
            file.write(data[:33] + chunk(b"zTXt", b"Raw profile type exif\0\0" + content) + data[33:])


def xmp_packet(orientation):
    return ('<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
            '<rdf:Description xmlns:tiff="http://ns.adobe.com/tiff/1.0/" ' + orientation + '</rdf:RDF></x:xmpmeta>').encode()


def chunk(kind, data, crc=None):
    crc = zlib.crc32(kind + data) if crc is None else crc
    return len(data).to_bytes(4, "big") + kind + data + crc.to_bytes(4, "big")


def encoded_png(image, kind, depth, interlaced):
    """Written here, since no program writes all depths of all colour types, with and without interlacing; all five row filters."""
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[kind]
    largest = 2 ** depth - 1
    palette = image.quantize(min(256, 2 ** depth))
    grey = image.convert("L")

    def samples(x, y):
        if kind == 3:
            return [palette.getpixel((x, y))]
        eight = [grey.getpixel((x, y))] if kind in (0, 4) else list(image.getpixel((x, y)))
        scaled = [value * largest // 255 for value in eight]
        return scaled + ([largest // 3] if kind in (4, 6) else [])

    passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
    raw = b""
    for left, top, step_x, step_y in passes if interlaced else [(0, 0, 1, 1)]:
        columns = range(left, image.width, step_x)
        before = None
        for number, y in enumerate(range(top, image.height, step_y)):
            bits = "".join(f"{value:0{depth}b}" for x in columns for value in samples(x, y))
            bits += "0" * (-len(bits) % 8)
            row = int(bits, 2).to_bytes(len(bits) // 8, "big")
            raw += filtered(row, before or bytes(len(row)), max(1, depth * channels // 8), number % 5)
            before = row
    header = image.width.to_bytes(4, "big") + image.height.to_bytes(4, "big") + bytes([depth, kind, 0, 0, int(interlaced)])
    colours = chunk(b"PLTE", bytes(palette.getpalette()[:3 * 2 ** depth])) if kind == 3 else b""
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + colours + chunk(b"IDAT", zlib.compress(raw, 9)) + chunk(b"IEND", b"")


def filtered(row, before, pixel_bytes, number):
    out = bytearray([number])
    for i, value in enumerate(row):
        left = row[i - pixel_bytes] if i >= pixel_bytes else 0
        corner = before[i - pixel_bytes] if i >= pixel_bytes else 0
        up = before[i]
        nearest = min((abs(up - corner), 0, left), (abs(left - corner), 1, up), (abs(left + up - 2 * corner), 2, corner))[2]
        out.append((value - [0, left, up, (left + up) // 2, nearest][number]) % 256)
    return bytes(out)


def sixteen(grey):
    image = Image.new("I;16", grey.size)
    image.putdata([value * 257 for value in grey.getdata()])
    return image


def jpeg_files(image, source):
    grey = image.convert("L")
    by_pil("pil_grey.jpg", grey, quality=95)
    for sampling, name in ((0, "444"), (1, "422"), (2, "420")):
        by_pil(f"pil_{name}.jpg", image, quality=95, subsampling=sampling)
        by_pil(f"pil_{name}_progressive.jpg", image, quality=95, subsampling=sampling, progressive=True)
    by_pil("pil_cmyk.jpg", image.convert("CMYK"), quality=95)
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = orientation
        by_pil(f"pil_turned{orientation}.jpg", image, quality=95, exif=exif)
    for factors in ("1x2", "4x1", "2x1"):
        by_magick(source, f"magick_{factors}.jpg", "-quality", "95", "-sampling-factor", factors)
    by_magick(source, "magick_luma_subsampled.jpg", "-sampling-factor", "1x1,2x2,2x2",
              refused="luma of a lower resolution, which is not supported")
    by_magick(source, "magick_cmyk.jpg", "-quality", "95", "-colorspace", "CMYK")
    by_magick(source, "magick_grey_progressive.jpg", "-quality", "95", "-colorspace", "Gray", "-interlace", "JPEG")
    by_cjpeg(source, "cjpeg_rgb.jpg", "-rgb", "-quality", "95")
    by_cjpeg(source, "cjpeg_rgb_subsampled.jpg", "-rgb", "-sample", "2x2",
             refused="red, green and blue, some of lower resolution, which is not supported")
    by_pil("pil_cmyk_420.jpg", image.convert("CMYK"), subsampling=2,
           refused="four components, some of lower resolution, which is not supported")
    by_cjpeg(source, "cjpeg_restart.jpg", "-restart", "1B", "-quality", "95")
    by_cjpeg(source, "cjpeg_restart_progressive.jpg", "-restart", "1B", "-progressive", "-quality", "95")
    by_cjpeg(source, "cjpeg_restart_rows.jpg", "-restart", "1", "-sample", "1x2", "-quality", "95")
    by_cjpeg(source, "cjpeg_dct_float.jpg", "-dct", "float", "-quality", "97", "-optimize")
    by_cjpeg(source, "cjpeg_quality5.jpg", "-quality", "5", "-sample", "1x1")
    by_cjpeg(source, "cjpeg_arithmetic.jpg", "-arithmetic", refused="arithmetic coding, which is not supported")
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as scans:
        scans.write("0;\n1;\n2;\n")
        scans.flush()
        by_cjpeg(source, "cjpeg_scans.jpg", "-scans", scans.name, "-quality", "95", "-sample", "2x2")

    def frame(data):
        return next(at for at in range(len(data)) if data[at] == 0xFF and data[at + 1] in (0xC0, 0xC1, 0xC2))

    def twelve(data):
        data[frame(data) + 4] = 12
        return data

    changed("pil_420.jpg", "12bit.jpg", twelve, refused="12 bits a sample, which is not supported")

    def adobe(data, transform):
        jfif_end = 4 + int.from_bytes(data[4:6], "big")
        return data[:2] + b"\xff\xee\x00\x0eAdobe\0\x64\0\0\0\0" + bytes([transform]) + data[jfif_end:]

    changed("pil_444.jpg", "adobe0.jpg", lambda data: adobe(data, 0))
    changed("pil_444.jpg", "adobe1.jpg", lambda data: adobe(data, 1))
    # Written as LONG, which PIL takes as well as the SHORT of the standard.
    exif = b"Exif\0\0MM\0*\0\0\0\x08\0\1\x01\x12\0\4\0\0\0\1\0\0\0\6\0\0\0\0"
    segment = b"\xff\xe1" + (2 + len(exif)).to_bytes(2, "big") + exif
    changed("pil_444.jpg", "long_turned6.jpg", lambda data: data[:20] + segment + data[20:])
    # PIL 9.4 does not look into the XMP of a JPEG: as what it sees with Exif.
    xmp = b"http://ns.adobe.com/xap/1.0/\0" + xmp_packet("><tiff:Orientation>6</tiff:Orientation></rdf:Description>")
    segment = b"\xff\xe1" + (2 + len(xmp)).to_bytes(2, "big") + xmp
    changed("pil_turned6.jpg", "exif_over_xmp_turned6.jpg", lambda data: data[:20] + segment.replace(b">6<", b">3<") + data[20:])
    changed("pil_444.jpg", "xmp_turned6.jpg", lambda data: data[:20] + segment + data[20:])
    expected["xmp_turned6.jpg"] = dict(expected["long_turned6.jpg"])
    changed("pil_444.jpg", "stray_bytes.jpg", lambda data: data[:20] + b"\0\x12stray\0" + data[20:])
    def without(data, marker):
        at, kept = 2, data[:2]
        while data[at + 1] != 0xDA:
            end = at + 2 + int.from_bytes(data[at + 2:at + 4], "big")
            kept, at = kept + (b"" if data[at + 1] == marker else data[at:end]), end
        return kept + data[at:]

    for marker, name in ((0xC4, "huffman"), (0xDB, "quantization")):
        changed("pil_444.jpg", f"no_{name}_tables.jpg", lambda data: without(data, marker),
                refused="leaves its tables out, as frames of films do, which is not supported")

    def lossless(data):
        data[frame(data) + 1] = 0xF7
        return data

    changed("pil_444.jpg", "jpeg_ls.jpg", lossless, refused="JPEG-LS coding, which is not supported")

    def scans_of(data, wanted):
        """The first scans alone, or all but the first; each begins with its Huffman tables where it has some of its own."""
        starts = [at for at in range(len(data)) if data[at] == 0xFF and data[at + 1] == 0xDA]
        starts = starts[:1] + [next(at for at in range(before + 2, start + 1) if data[at] == 0xFF and data[at + 1] in (0xC4, 0xDA))
                               for before, start in zip(starts, starts[1:])]
        return data[:starts[wanted]] + b"\xff\xd9" if wanted > 0 else data[:starts[0]] + data[starts[1]:]

    for source_name, wanted, name in (("cjpeg_scans.jpg", 0, "no_luma_scan"), ("cjpeg_scans.jpg", 2, "no_last_scan"),
                                      ("pil_444_progressive.jpg", 1, "first_scan_alone"), ("pil_444_progressive.jpg", 9, "no_last_bits")):
        changed(source_name, f"{name}.jpg", lambda data: scans_of(data, wanted), refused="without all of its scans")
    changed("pil_444.jpg", "trailing.jpg", lambda data: data + b"more than a picture")
    changed("pil_420.jpg", "broken_app.jpg", lambda data: data[:20] + b"\xff\xe1\x00\x09Exif\0\0\1" + b"\xff\xe2\0\x04xx" + data[20:])


def colourful_jpeg_files():
    """Chroma of a lower resolution, in all the ways that PIL, ImageMagick and cjpeg store it."""
    image = colourful_picture()
    source = os.path.join(FOLDER, "colourful.ppm")
    image.save(source)
    for sampling, name in ((0, "444"), (1, "422"), (2, "420")):
        for quality in (1, 60, 95):
            by_pil(f"colourful_{name}_quality{quality}.jpg", image, quality=quality, subsampling=sampling)
    for factors in ("1x2", "2x1", "2x2", "4x1", "4x2", "1x4"):
        by_magick(source, f"colourful_{factors}.jpg", "-quality", "90", "-sampling-factor", factors, "-interlace", "JPEG")
    for factors, name in (("2x2,1x2,1x1", "mixed"), ("2x1,2x1,1x1", "red_alone"), ("3x1,1x1,1x1", "thirds")):
        by_cjpeg(source, f"colourful_{name}.jpg", "-sample", factors, "-quality", "90")
    for width, height in ((1, 1), (4, 3), (5, 4), (6, 1), (1, 6)):
        by_pil(f"colourful_{width}x{height}_pixels.jpg", image.crop((3, 2, 3 + width, 2 + height)), quality=90, subsampling=2)


def bmp_files(image, source):
    grey = image.convert("L")
    by_pil("pil_grey8.bmp", grey)
    by_pil("pil_rgb24.bmp", image)
    by_pil("pil_bilevel.bmp", grey.convert("1"))
    by_pil("pil_palette8.bmp", image.quantize(77))
    rgba = image.copy()
    rgba.putalpha(99)
    by_pil("pil_rgba32.bmp", rgba)
    by_magick(source, "magick_os2.bmp", prefix="bmp2:")
    by_magick(source, "magick_os2_palette4.bmp", "-colors", "16", "-type", "Palette", prefix="bmp2:")
    by_magick(source, "magick_v3.bmp", prefix="bmp3:")
    by_magick(source, "magick_v3_palette1.bmp", "-colors", "2", "-type", "Palette", prefix="bmp3:")
    by_magick(source, "magick_v3_palette4.bmp", "-colors", "16", "-type", "Palette", "-compress", "none", prefix="bmp3:")
    by_magick(source, "magick_v3_palette8.bmp", "-colors", "100", "-type", "Palette", "-compress", "none", prefix="bmp3:")
    by_magick(source, "magick_v3_rle8.bmp", "-colors", "40", "-type", "Palette", "-compress", "RLE", prefix="bmp3:")
    by_magick(source, "magick_v5.bmp", "-alpha", "set")
    # Not ARGB4444: PIL refuses it, and ImageMagick does not stretch 15 to 255.
    for subtype in ("RGB555", "RGB565", "ARGB1555"):
        alpha = ["-alpha", "set"] if subtype.startswith("A") else []
        by_magick(source, f"magick_{subtype.lower()}.bmp", *alpha, "-define", f"bmp:subtype={subtype}")
    header = lambda size, bits, compression, colours, pixels, palette: (
        b"BM" + (54 + len(palette) + len(pixels)).to_bytes(4, "little") + bytes(4)
        + (54 + len(palette)).to_bytes(4, "little") + (40).to_bytes(4, "little")
        + size[0].to_bytes(4, "little") + size[1].to_bytes(4, "little", signed=True) + (1).to_bytes(2, "little")
        + bits.to_bytes(2, "little") + compression.to_bytes(4, "little") + len(pixels).to_bytes(4, "little") + bytes(8)
        + colours.to_bytes(4, "little") + bytes(4) + palette + pixels)
    # Runs of 4 bits: a run, single pixels, a jump, an end of line and the end.
    palette = b"".join(bytes([16 * i, 17 * i, 255 - 16 * i, 0]) for i in range(16))
    runs = bytes([5, 0x12, 0, 3, 0x45, 0x60, 0, 0, 0, 2, 2, 1, 4, 0x77, 0, 0, 8, 0x9A, 0, 1])
    with open(os.path.join(FOLDER, "rle4.bmp"), "wb") as file:
        file.write(header((8, 4), 4, 2, 16, runs, palette))
    # By hand from the format's description: PIL loses the last of an odd number of single pixels, and the jump.
    rows = [[9, 10] * 4, [0] * 2 + [7] * 4 + [0] * 2, [0] * 8, [1, 2, 1, 2, 1, 4, 5, 6]]
    colours = Image.new("RGB", (8, 4))
    colours.putdata([(255 - 16 * i, 17 * i, 16 * i) for row in rows for i in row])
    expected["rle4.bmp"] = {"width": 8, "height": 4, "grey": base64.b64encode(colours.convert("L").tobytes()).decode()}
    with open(os.path.join(FOLDER, "png_inside.bmp"), "wb") as file:
        file.write(header((8, 4), 0, 5, 0, b"\x89PNG", b""))
    keep("png_inside.bmp", refused="a BMP with a PNG inside, which is not supported")


def netpbm_files(image, source):
    by_pil("pil.ppm", image)
    by_pil("pil.pgm", image.convert("L"))
    by_pil("pil.pbm", image.convert("1"))
    by_magick(source, "magick_text.ppm", "-compress", "none")
    by_magick(source, "magick_text.pgm", "-colorspace", "Gray", "-compress", "none")
    by_magick(source, "magick_text.pbm", "-monochrome", "-compress", "none")
    by_magick(source, "magick_16.ppm", "-depth", "16")
    by_magick(source, "magick_16.pgm", "-colorspace", "Gray", "-depth", "16")
    by_magick(source, "magick.pam", refused="a PAM image, which is not supported")
    by_magick(source, "magick.pfm", refused="a PFM image of floats, which is not supported")
    with open(os.path.join(FOLDER, "comments.pgm"), "wb") as file:
        file.write(b"P2 # written by hand\n# two\n4 2\n# largest\n31\n0 1 2 3\n29 30 31 16\n")
    keep("comments.pgm")


def other_files(image, source):
    by_pil("pil.gif", image.quantize(32), refused="a GIF, which is not supported")
    by_pil("pil.tif", image, refused="a TIFF, which is not supported")
    by_pil("pil.webp", image, refused="a WebP, which is not supported")
    by_magick(source, "magick.psd", refused="a Photoshop file, which is not supported")
    by_pil("pil.jp2", image, refused="a JPEG 2000, which is not supported")
    for extension, named in (
        ("pcx", "a PCX"), ("sgi", "an SGI image"), ("tga", "a Targa"), ("ico", "a Windows icon or cursor"),
        ("dib", "a bitmap without its file header (DIB)"), ("pdf", "a PDF"), ("eps", "a PostScript file"),
    ):
        by_pil(f"pil.{extension}", image.crop((0, 0, 16, 16)), refused=f"{named}, which is not supported")
    for start, named in (
        (b"qoif", "a QOI"), (b"BPG\xfb", "a BPG"), (b"II\xbc\x01", "a JPEG XR"), (b"FLIF", "a FLIF"), (b"farbfeld", "a farbfeld image"),
        (b"\x97JB2\r\n\x1a\n", "a JBIG2"), (b"\x80\x2a\x5f\xd7", "a Cineon"), (b"DanM", "a picture of Windows Paint 2 (MSP)"),
        (b"Image type: Greyscale image\r\n", "an IFUNC image (IM)"), (b"BLP2", "a texture of Blizzard's (BLP)"),
    ):
        name = named.split()[-1].lower().strip("()") + ".start"
        changed("pil.gif", name, lambda data: start + bytes(40), refused=f"{named}, which is not supported")
    for extension, named in (
        ("ras", "a Sun raster"), ("xpm", "an X bitmap or pixmap"), ("mng", "a MNG or JNG"), ("miff", "an ImageMagick file"),
        ("dds", "a DirectDraw surface"), ("dpx", "a DPX"), ("fits", "a FITS"), ("hdr", "a Radiance HDR"),
    ):
        by_magick(source, f"magick.{extension}", "-crop", "4x4+0+0", "+repage", refused=f"{named}, which is not supported")


def main():
    image = picture()
    source = os.path.join(FOLDER, "picture.ppm")
    image.save(source)
    png_files(image, source)
    jpeg_files(image, source)
    colourful_jpeg_files()
    bmp_files(image, source)
    netpbm_files(image, source)
    other_files(image, source)
    for name, entry in expected.items():
        with open(os.path.join(FOLDER, name), "rb") as file:
            entry["file"] = base64.b64encode(file.read()).decode()
    with open(TARGET, "w") as file:
        json.dump(expected, file, indent=1, sort_keys=True)
        file.write("\n")
    shutil.rmtree(FOLDER)


main()
