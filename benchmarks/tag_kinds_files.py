"""Files of several dozen kinds, as common taggers and encoders write them: benchmarks/tag_kinds tags them."""
import base64
import struct
import subprocess
import zlib

import mutagen
import mutagen.apev2
import mutagen.asf
import mutagen.flac
import mutagen.id3 as id3
import mutagen.mp4

PICTURE = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==")
MP3 = ["-c:a", "libmp3lame", "-b:a", "96k", "-id3v2_version", "0", "-write_id3v1", "0"]
BARE = ["-map_metadata", "-1", "-fflags", "+bitexact", "-flags:a", "+bitexact"]
SOME = ["-metadata", "title=Some Title", "-metadata", "artist=Some Artist", "-metadata", "album=Ünï",
        "-metadata", "genre=Old"]


def encode(source, file, *options):
    command = ["ffmpeg", "-v", "error", "-y", "-t", "8", "-i", source, "-map", "0:a", "-map_metadata", "-1",
               *options, file]
    done = subprocess.run([str(word) for word in command], capture_output=True, check=False)
    if done.returncode != 0:
        raise AssertionError(f"{file.name}: {done.stderr.decode(errors='replace')}")


def edited(file, change):
    file.write_bytes(change(file.read_bytes()))


def synchsafe(number):
    return bytes(number >> shift & 127 for shift in (21, 14, 7, 0))


def frame(name, content, version=3, flags=0, plain=False):
    if version == 2:
        return name + len(content).to_bytes(3, "big") + content
    size = synchsafe(len(content)) if version == 4 and not plain else len(content).to_bytes(4, "big")
    return name + size + flags.to_bytes(2, "big") + content


def id3v2(frames, version=3, flags=0, padding=64, size=None, extended=b""):
    body = extended + frames + bytes(padding)
    return b"ID3" + bytes([version, 0, flags]) + (size or synchsafe(len(body))) + body


TEXTS = [(b"TPE1", b"\0Some Artist"), (b"TIT2", b"\0Some Title"), (b"TALB", b"\0Some Album")]
FRAMES = b"".join(frame(*text) for text in TEXTS)
FRAMES4 = b"".join(frame(*text, version=4) for text in TEXTS)
BIG = b"APIC", b"\0image/jpeg\0\3\0" + b"\xff\xd8\xff\xe0" + bytes(range(256)) * 3


def id3v1(genre=17, comment=b"a comment", track=7):
    fields = [b"Some Title".ljust(30, b"\0"), b"Some Artist".ljust(30, b"\0"), b"Some Album".ljust(30, b"\0"), b"1999"]
    last = comment.ljust(28, b"\0") + bytes([0, track]) if track else comment.ljust(30, b" ")
    return b"TAG" + b"".join(fields) + last + bytes([genre])


def enhanced():
    return b"TAG+" + b"".join(bytes(size) for size in (60, 60, 60, 1, 30, 6, 6))


def ape(**items):
    body = b"".join(struct.pack("<II", len(value), 0) + key.encode() + b"\0" + value for key, value in items.items())
    ends = [b"APETAGEX" + struct.pack("<IIII", 2000, len(body) + 32, len(items), flags) + bytes(8)
            for flags in (0xA0000000, 0x80000000)]
    return ends[0] + body + ends[1]


APE = {"Title": b"Some Title", "Artist": b"Some Artist", "Performer": b"One\0Two", "Genre": b"Old"}


def lyrics3():
    text = b"LYRICSBEGIN" + b"IND0000210" + b"LYR00005words"
    return text + f"{len(text):06d}".encode() + b"LYRICS200"


def unsynchronised(data):
    result = bytearray()
    for i, byte in enumerate(data):
        result.append(byte)
        if byte == 255 and (i + 1 == len(data) or data[i + 1] == 0 or data[i + 1] >= 224):
            result.append(0)
    return bytes(result)


def mp3(front=b"", behind=b"", cut=0):
    """Makes an MP3 of these bytes in front and behind."""
    def make(source, file):
        encode(source, file, *MP3)
        edited(file, lambda data: front + data[:len(data) - cut] + behind)
    return make


def mp3_by_mutagen(version, *frames):
    def make(source, file):
        encode(source, file, *MP3)
        tags = id3.ID3()
        encoding = 1 if version == 3 else 3
        tags.add(id3.TPE1(encoding, ["Ünï Artist"]))
        tags.add(id3.TIT2(encoding, ["Title"]))
        tags.add(id3.TCON(encoding, ["Old"]))
        for each in frames:
            tags.add(each)
        tags.save(file, v2_version=version)
    return make


def by_ffmpeg(*options):
    return lambda source, file: encode(source, file, *options)


def flac(change=None, options=(), bytes_of=None):
    def make(source, file):
        encode(source, file, *options)
        opened = mutagen.flac.FLAC(file)
        if change is not None:
            change(opened)
            opened.save()
        if bytes_of is not None:
            edited(file, bytes_of)
    return make


def tag_flac(opened):
    opened["TITLE"], opened["ARTIST"], opened["GENRE"] = "Some Title", ["One", "Two"], ["Old"]
    picture = mutagen.flac.Picture()
    picture.data, picture.mime, picture.type = PICTURE, "image/png", 3
    opened.add_picture(picture)


def flac_blocks(*added):
    """Puts blocks (type, content) behind STREAMINFO."""
    def change(data):
        made = b"".join(bytes([kind]) + len(content).to_bytes(3, "big") + content for kind, content in added)
        return data[:42] + made + data[42:]
    return change


def comments(*fields):
    vendor = b"someone"
    return (struct.pack("<I", len(vendor)) + vendor + struct.pack("<I", len(fields)) +
            b"".join(struct.pack("<I", len(each)) + each for each in fields))


def ogg(codec, size=0):
    def make(source, file):
        encode(source, file, "-c:a", codec, *(["-ar", "32000", "-ac", "1"] if codec == "libspeex" else []), *SOME)
        if size:
            opened = mutagen.File(file)
            opened["METADATA_BLOCK_PICTURE"] = "A" * size
            opened.save()
    return make


def chained(source, file):
    parts = []
    for name in ("first", "second"):
        part = file.with_name(name + ".part.ogg")
        encode(source, part, "-c:a", "libvorbis", "-metadata", f"artist={name}", "-metadata", f"genre={name}")
        parts.append(part.read_bytes())
        part.unlink()
    file.write_bytes(b"".join(parts))


def mp4(change=None, *options):
    def make(source, file):
        encode(source, file, "-c:a", "aac", *options)
        if change is not None:
            opened = mutagen.mp4.MP4(file)
            if opened.tags is None:
                opened.add_tags()
            change(opened.tags)
            opened.save()
    return make


def genre_by_number(source, file):
    encode(source, file, "-c:a", "aac", "-metadata", "genre=xx", "-metadata", "title=Some Title")
    # A number takes as many bytes as a name of two letters.
    edited(file, lambda data: data.replace(b"\xa9gen\0\0\0\x12data\0\0\0\1\0\0\0\0xx", b"gnre\0\0\0\x12data" + bytes(8) + b"\0\x12"))


def tag_mp4(tags):
    tags["\xa9nam"], tags["\xa9ART"], tags["trkn"], tags["tmpo"], tags["cpil"] = "Title", ["One", "Two"], [(3, 10)], [128], True
    tags["----:com.apple.iTunes:MusicBrainz Track Id"] = b"1-2-3"
    tags["----:com.serato.dj:markersv2"] = mutagen.mp4.MP4FreeForm(bytes(40), mutagen.mp4.AtomDataType.IMPLICIT)
    tags["covr"] = [mutagen.mp4.MP4Cover(PICTURE, mutagen.mp4.MP4Cover.FORMAT_PNG)] * 2
    tags["\xa9gen"] = ["Old"]


def wav(*chunks, options=(), end=b"", small=False):
    """Adds chunks (name, content) to a WAV, as they stand."""
    def make(source, file):
        encode(source, file, *options)
        made = b"".join(name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)
                        for name, content in chunks) + end
        edited(file, lambda data: data[:4] + struct.pack("<I", len(data) + len(made) - 8) + data[8:] + made)
    return make


def info(**fields):
    return b"INFO" + b"".join(name.encode() + struct.pack("<I", len(value)) + value + b"\0" * (len(value) % 2)
                              for name, value in fields.items())


def aiff(*chunks, options=()):
    def make(source, file):
        encode(source, file, *options)
        made = b"".join(name + struct.pack(">I", len(content)) + content + b"\0" * (len(content) % 2)
                        for name, content in chunks)
        edited(file, lambda data: data[:4] + struct.pack(">I", len(data) + len(made) - 8) + data[8:] + made)
    return make


def wma(change=None, options=()):
    def make(source, file):
        encode(source, file, "-c:a", "wmav2", *options)
        if change is not None:
            opened = mutagen.asf.ASF(file)
            change(opened)
            opened.save()
    return make


def tag_wma(opened):
    opened["Author"], opened["WM/AlbumArtist"], opened["WM/Genre"] = ["One", "Two"], "Both", ["Old", "Older"]
    opened["WM/Picture"] = mutagen.asf.ASFByteArrayAttribute(b"\3" + struct.pack("<I", len(PICTURE)) +
                                                             "image/png\0\0".encode("utf-16-le") + PICTURE)
    opened["WM/TrackNumber"] = [mutagen.asf.ASFDWordAttribute(3)]


def wavpack(items=None, behind=b""):
    def make(source, file):
        encode(source, file, "-c:a", "wavpack", *BARE)
        edited(file, lambda data: data + (ape(**items) if items else b"") + behind)
    return make


RVA2 = id3.RVA2(desc="track", channel=1, gain=-3.5, peak=0.9)
EXTENDED3 = lambda frames: struct.pack(">IHII", 10, 0x8000, 64, zlib.crc32(frames))  # noqa: E731
PNG = id3.APIC(encoding=0, mime="image/png", type=3, desc="", data=PICTURE)
V22 = b"".join(frame(*text, version=2) for text in [(b"TP1", b"\0Some Artist"), (b"TT2", b"\0Some Title"),
                                                    (b"TCO", b"\0(17)"), (b"COM", b"\0engiTunNORM\0 00000A")])

# Name (program or case, then what it is) and extension: how it is made.
KINDS = {
    ("no tags", "mp3"): mp3(),
    ("ffmpeg: ID3v2.4", "mp3"): by_ffmpeg("-b:a", "96k", *SOME),
    ("ffmpeg: ID3v2.3 and ID3v1", "mp3"): by_ffmpeg("-b:a", "96k", "-id3v2_version", "3", "-write_id3v1", "1", *SOME),
    ("Picard: ID3v2.3, UTF-16", "mp3"): mp3_by_mutagen(3, PNG, id3.UFID(owner="http://musicbrainz.org", data=b"1-2"),
                                                      id3.TXXX(1, "MusicBrainz Album Id", ["3-4"])),
    ("Picard: ID3v2.4, several values", "mp3"): mp3_by_mutagen(4, PNG, id3.TXXX(3, "ARTISTS", ["One", "Two"]),
                                                              id3.TIPL(3, [["producer", "Somebody"]])),
    ("foobar2000: ReplayGain", "mp3"): mp3_by_mutagen(4, RVA2, id3.TXXX(3, "replaygain_track_gain", ["-3.5 dB"])),
    ("Serato: GEOB", "mp3"): mp3_by_mutagen(3, id3.GEOB(encoding=0, mime="application/octet-stream", filename="",
                                                       desc="Serato Markers2", data=bytes(range(256)))),
    ("podcast: chapters", "mp3"): mp3_by_mutagen(3, id3.CHAP(element_id="c1", start_time=0, end_time=4000,
                                                            sub_frames=[id3.TIT2(1, ["One"])]),
                                                id3.CTOC(element_id="toc", flags=3, child_element_ids=["c1"])),
    ("iTunes: ID3v2.2", "mp3"): mp3(id3v2(V22, 2)),
    ("iTunes: ID3v2.4, plain sizes", "mp3"): mp3(id3v2(FRAMES4 + frame(*BIG, version=4, plain=True), 4)),
    ("ID3v2.3, unsynchronised", "mp3"): mp3(id3v2(unsynchronised(FRAMES + frame(*BIG)), 3, 0x80)),
    ("ID3v2.4, frames unsynchronised", "mp3"): mp3(id3v2(
        FRAMES4 + frame(BIG[0], unsynchronised(BIG[1]), 4, 2), 4, 0x80)),
    ("ID3v2.3, extended header with CRC", "mp3"): mp3(id3v2(FRAMES, 3, 0x40, extended=EXTENDED3(FRAMES))),
    ("ID3v2.4, extended header", "mp3"): mp3(id3v2(FRAMES4, 4, 0x40, extended=synchsafe(6) + b"\1\0")),
    ("ID3v2.3, no padding", "mp3"): mp3(id3v2(FRAMES, 3, padding=0)),
    ("ID3v2.4, behind the sound", "mp3"): mp3(b"", id3v2(FRAMES4, 4, 0x10, 0) + b"3DI" + id3v2(FRAMES4, 4, 0x10, 0)[3:10]),
    ("two ID3v2 tags", "mp3"): mp3(id3v2(frame(b"TXXX", b"\0shop\0x")) + id3v2(FRAMES4, 4)),
    ("empty frame first", "mp3"): mp3(id3v2(frame(b"MCDI", b"") + FRAMES + frame(*BIG))),
    ("unknown and old frames", "mp3"): mp3(id3v2(FRAMES + frame(b"RVAD", bytes(10)) + frame(b"XYZ0", b"what") +
                                                frame(b"TDAT", b"\x000102") + frame(b"TYER", b"\x001999"))),
    ("Latin-1 marked UTF-8", "mp3"): mp3(id3v2(frame(b"TPE1", b"\3Beyonc\xe9", 4), 4)),
    ("RealJukebox: size not synchsafe", "mp3"): mp3(id3v2(FRAMES, padding=200 - len(FRAMES), size=bytes([0, 0, 0, 200]))),
    ("ID3v1 alone", "mp3"): mp3(b"", id3v1()),
    ("ID3v1 alone, long comment", "mp3"): mp3(b"", id3v1(255, b"Thirty characters of comment!!", 0)),
    ("enhanced ID3v1", "mp3"): mp3(b"", enhanced() + id3v1()),
    ("Lyrics3 and ID3v1", "mp3"): mp3(id3v2(FRAMES), lyrics3() + id3v1()),
    ("APE alone", "mp3"): mp3(b"", ape(**APE)),
    ("APE and ID3v1", "mp3"): mp3(b"", ape(**APE) + id3v1()),
    ("mp3gain: APE beside ID3v2", "mp3"): mp3(id3v2(FRAMES), ape(MP3GAIN_MINMAX=b"100,200")),
    ("cut short, ID3v1", "mp3"): mp3(id3v2(FRAMES), id3v1(), cut=100),
    ("no comments", "flac"): by_ffmpeg(*BARE),
    ("Picard", "flac"): flac(tag_flac),
    ("no padding", "flac"): flac(tag_flac, bytes_of=lambda data: data),
    ("EAC: ID3v1 behind", "flac"): flac(tag_flac, bytes_of=lambda data: data + id3v1()),
    ("ID3v2 in front", "flac"): flac(tag_flac, bytes_of=lambda data: id3v2(FRAMES) + data),
    ("two comment blocks", "flac"): flac(bytes_of=flac_blocks((4, comments()), (4, comments(b"ARTIST=One", b"TITLE=Two")))),
    ("application and cue sheet", "flac"): flac(tag_flac, bytes_of=flac_blocks((2, b"test" + bytes(50)), (5, bytes(395) + b"\1" + bytes(8) + b"\xaa" + bytes(27)))),
    ("ffmpeg", "ogg"): ogg("libvorbis"),
    ("picture over many pages", "ogg"): ogg("libvorbis", 300000),
    ("comments that fill their page", "ogg"): ogg("libvorbis", 60000),
    ("chained", "ogg"): chained,
    ("ffmpeg", "opus"): ogg("libopus"),
    ("picture over many pages", "opus"): ogg("libopus", 300000),
    ("a page filled to its end", "opus"): ogg("libopus", 255 * 255 - 200),
    ("ffmpeg", "spx"): ogg("libspeex"),
    ("FLAC in Ogg", "oga"): ogg("flac"),
    ("no tags", "m4a"): mp4(None, *BARE),
    ("ffmpeg", "m4a"): mp4(None, *SOME),
    ("ffmpeg: faststart", "m4a"): mp4(None, "-movflags", "+faststart", *SOME),
    ("ffmpeg: faststart, no tags", "m4a"): mp4(None, "-movflags", "+faststart", *BARE),
    ("ffmpeg: fragments", "m4a"): mp4(None, "-movflags", "+frag_keyframe+empty_moov", "-frag_duration", "1000000", *SOME),
    ("ffmpeg: fragments, default base moof", "mp4"): mp4(None, "-movflags", "+frag_keyframe+empty_moov+default_base_moof", *SOME),
    ("ffmpeg: mdta keys", "m4a"): mp4(None, "-movflags", "+use_metadata_tags", "-metadata", "mood=merry", *SOME),
    ("iTunes and Picard", "m4a"): mp4(tag_mp4),
    ("Picard: faststart, free atom", "m4a"): mp4(tag_mp4, "-movflags", "+faststart"),
    ("iTunes: genre by number", "m4a"): genre_by_number,
    ("ALAC", "m4b"): by_ffmpeg("-c:a", "alac", *SOME),
    ("QuickTime", "mov"): by_ffmpeg("-c:a", "aac", *SOME),
    ("no tags", "wav"): by_ffmpeg(*BARE),
    ("ffmpeg: INFO", "wav"): by_ffmpeg(*SOME),
    ("INFO in Latin-1, odd", "wav"): wav((b"LIST", info(IART=b"Beyonc\xe9\0", INAM=b"odd", IGNR=b"Old\0")), options=BARE),
    ("broadcast: bext and iXML", "wav"): wav((b"iXML", b"<BWFXML/>"), options=("-write_bext", "1", *SOME)),
    ("ID3 and INFO", "wav"): wav((b"LIST", info(IART=b"One\0")), (b"id3 ", id3v2(FRAMES + frame(*BIG))), options=BARE),
    ("two ID3 chunks", "wav"): wav((b"id3 ", id3v2(FRAMES)), (b"id3 ", id3v2(FRAMES + frame(*BIG))), options=BARE),
    ("Traktor: ID3 chunk of odd length", "wav"): wav((b"id3 ", id3v2(FRAMES, padding=65 - len(FRAMES) % 2)), options=BARE),
    ("no tags", "aiff"): by_ffmpeg(*BARE),
    ("ffmpeg: ID3", "aiff"): by_ffmpeg("-write_id3v2", "1", *SOME),
    ("NAME, AUTH, ANNO", "aiff"): aiff((b"NAME", b"Some Title"), (b"AUTH", b"Some Artist"), (b"ANNO", b"one"), (b"ANNO", b"two"),
                                      options=BARE),
    ("AIFF-C", "aifc"): by_ffmpeg("-f", "aiff", "-c:a", "pcm_s16le", *BARE),
    ("no tags", "wma"): wma(None, BARE),
    ("ffmpeg", "wma"): wma(None, SOME),
    ("Picard: several values, picture", "wma"): wma(tag_wma),
    ("no tags", "wv"): wavpack(),
    ("foobar2000: APE", "wv"): wavpack(APE),
    ("ID3v1 alone", "wv"): wavpack(None, id3v1()),
    ("APE and ID3v1", "wv"): wavpack(APE, id3v1()),
    ("Ogg named MP3", "mp3"): lambda source, file: encode(source, file, "-c:a", "libvorbis", "-f", "ogg", *SOME),
    ("MP3 named WAV", "wav"): lambda source, file: encode(source, file, "-c:a", "libmp3lame", "-f", "mp3", *SOME),
}

# Kinds that hold sound, and no tags that Earmark writes.
UNTAGGABLE = {"mka": [], "webm": ["-c:a", "libopus"], "tta": [], "caf": [], "au": [], "w64": [], "aac": ["-c:a", "aac"],
              "ac3": [], "amr": ["-c:a", "libopencore_amrnb", "-ar", "8000", "-ac", "1"]}
