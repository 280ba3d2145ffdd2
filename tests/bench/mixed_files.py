"""Small CT files as they lie in a worse folder: series all mixed, values of any length, sequences that vary."""

from __future__ import annotations

import random
from pathlib import Path
from struct import pack

CT = "1.2.840.10008.5.1.4.1.1.2"
EXPLICIT = "1.2.840.10008.1.2.1"
ROOT = "1.2.826.0.1.3680043.8.498"
_LONG = frozenset({"OB", "OW", "SQ", "UN", "UT"})


def element(tag: int, vr: str, value: bytes | str) -> bytes:
    """One explicit VR little endian element, padded to even length."""
    data = value.encode("ascii") if isinstance(value, str) else value
    if len(data) % 2:
        data += b"\0" if vr in ("UI", "OB", "UN") else b" "
    head = pack("<HH", tag >> 16, tag & 0xFFFF) + vr.encode("ascii")
    return head + (pack("<HL", 0, len(data)) if vr in _LONG else pack("<H", len(data))) + data


def sequence(tag: int, *items: bytes, undefined: bool = False) -> bytes:
    """One sequence, its items and itself of stated or of undefined length."""
    if not undefined:
        return element(tag, "SQ", b"".join(b"\xfe\xff\0\xe0" + pack("<L", len(item)) + item for item in items))
    body = b"".join(b"\xfe\xff\0\xe0\xff\xff\xff\xff" + item + b"\xfe\xff\x0d\xe0\0\0\0\0" for item in items)
    header = pack("<HH", tag >> 16, tag & 0xFFFF) + b"SQ\0\0\xff\xff\xff\xff"
    return header + body + b"\xfe\xff\xdd\xe0\0\0\0\0"


def mixed_files(folder: Path, count: int = 5000, series: int = 25) -> list[Path]:
    """Write files of several series of several patients into one folder; return their paths in name order."""
    chance = random.Random(7)
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for number in range(count):
        path = folder / f"{chance.getrandbits(64):016X}"
        path.write_bytes(_file(number % series, number // series, chance))
        paths.append(path)
    return sorted(paths)


def _file(series: int, index: int, chance: random.Random) -> bytes:
    uid = f"{ROOT}.{1000 + series}.{index + 1}.{chance.getrandbits(40)}"
    meta = b"".join(
        (
            element(0x00020001, "OB", b"\0\1"),
            element(0x00020002, "UI", CT),
            element(0x00020003, "UI", uid),
            element(0x00020010, "UI", EXPLICIT),
            element(0x00020012, "UI", f"{ROOT}.1"),
            element(0x00020013, "SH", "BENCH_1"),
        )
    )
    parts = {**_patient(series // 5), **_series(series), **_image(series, index, uid, chance)}
    body = b"".join(parts[tag] for tag in sorted(parts))
    return bytes(128) + b"DICM" + element(0x00020000, "UL", pack("<L", len(meta))) + meta + body


def _rows(rows: str) -> dict[int, bytes]:
    """Elements from lines of tag, VR and value."""
    made = (line.split(None, 2) for line in rows.strip().splitlines())
    return {int(row[0], 16): element(int(row[0], 16), row[1], row[2] if len(row) > 2 else "") for row in made}


def _code(tag: int, value: str, meaning: str, *, undefined: bool = False) -> dict[int, bytes]:
    item = element(0x00080100, "SH", value) + element(0x00080102, "SH", "SCT") + element(0x00080104, "LO", meaning)
    return {tag: sequence(tag, item, undefined=undefined)}


def _patient(number: int) -> dict[int, bytes]:
    return _rows(
        f"""
        00080020 DA 2024021{number}
        00080030 TM 10203{number}.000
        00080050 SH A20240{number:03}
        00080080 LO General Hospital
        00080081 ST 1 Main Street
        00080090 PN Refer^Anna
        00081030 LO CT chest abdomen pelvis
        00081048 PN Attend^Otto
        00081060 PN Reader^Rita
        00081070 PN Operator^Olaf
        00100010 PN Patient^Number{number}
        00100020 LO PID-{number:05}
        00100021 LO HOSPITAL
        00100030 DA 19{50 + number}0101
        00100040 CS F
        00101010 AS 0{60 - number}Y
        00101020 DS 1.7{number}
        00101030 DS 7{number}.5
        00102180 SH None
        001021B0 LT No history
        00104000 LT None
        0020000D UI {ROOT}.77.{number}
        00200010 SH S{number}
        00321060 LO CT chest
        00380008 CS
        00380010 LO ADM{number}
        """
    ) | _code(0x00081032, "CTCAP", "CT chest abdomen pelvis")


def _series(number: int) -> dict[int, bytes]:
    rows = _rows(
        f"""
        00080005 CS ISO_IR 100
        00080008 CS ORIGINAL\\PRIMARY\\AXIAL
        00080016 UI {CT}
        00080021 DA 2024021{number // 5}
        00080060 CS CT
        00080070 LO Maker
        00081010 SH CT{number % 3}
        0008103E LO Series {number} thin soft
        00081040 LO Radiology
        00081090 LO Scanner 9000
        00090010 LO MAKER PRIVATE A
        00091001 LO private {number}
        00091002 DS 1.25
        00180010 LO Iodine
        00180015 CS CHEST
        00180022 CS HELICAL MODE
        00180050 DS 1.{number:02}
        00180060 DS 120
        00180090 DS 500
        00181000 LO 12345
        00181020 LO v1.2\\v3.4
        00181030 LO 5.1 Thorax routine
        00181040 LO IV
        00181041 DS 80
        00181048 CS IV
        00181100 DS 360
        00181110 DS 1085.6
        00181111 DS 595
        00181120 DS 0
        00181130 DS 150.5
        00181140 CS CW
        00181150 IS 500
        00181160 SH BODY
        00181170 IS 30
        00181190 DS 1.2
        00181200 DA 20240101\\20240115
        00181201 TM 060000\\060000
        00181210 SH B{number % 4 + 30}f
        00185100 CS FFS
        00189305 FD
        00189345 FD
        0020000E UI {ROOT}.{1000 + number}
        00200011 IS {number + 1}
        00200037 DS 1\\0\\0\\0\\1\\0
        00200052 UI {ROOT}.88.{number // 5}
        00201040 LO SN
        00190010 LO MAKER PRIVATE B
        00280004 CS MONOCHROME2
        00280030 DS 0.7{number:02}\\0.7{number:02}
        00281050 DS 40
        00281051 DS 400
        00281052 DS -1024
        00281053 DS 1
        00281054 LO HU
        00281055 LO SOFT
        00282110 CS 00
        00290010 LO MAKER PRIVATE C
        00400002 DA 20240210
        00400003 TM 100000
        00400244 DA 2024021{number // 5}
        00400245 TM 101500
        00400253 ID PPS{number}
        00400254 LO CT chest
        """.replace(" ID ", " SH ")
    )
    for tag, value in ((0x00280002, 1), (0x00280010, 32), (0x00280011, 32), (0x00280100, 16), (0x00280101, 12)):
        rows[tag] = element(tag, "US", pack("<H", value))
    for tag, value in ((0x00280102, 11), (0x00280103, 0)):
        rows[tag] = element(tag, "US", pack("<H", value))
    for offset in range(0x1001, 0x1018):
        rows[0x00190000 | offset] = element(0x00190000 | offset, "LO", f"reconstruction parameter {offset:X} {number}")
    for offset in range(0x1001, 0x1009):
        rows[0x00290000 | offset] = element(0x00290000 | offset, "UN", pack("<4f", offset, number, 1.5, 2.5))
    request = element(0x00080050, "SH", "A1") + element(0x00321060, "LO", "CT chest")
    request += _code(0x00321064, "CTC", "CT chest")[0x00321064] + element(0x00401001, "SH", f"RP{number}")
    rows[0x00400275] = sequence(0x00400275, request)
    return (
        rows
        | _code(0x00082218, "51185008", "Chest")
        | _code(0x00180012, "385420005", "Contrast", undefined=True)
        | _code(0x00180014, "47625008", "Intravenous")
        | _code(0x00400260, "P5", "Protocol", undefined=True)
    )


def _image(series: int, index: int, uid: str, chance: random.Random) -> dict[int, bytes]:
    z = -300.5 + index * 1.25
    second = f"{10 + index // 60 % 50:02}{index % 60:02}.{chance.randrange(10**6):06}"
    rows = _rows(
        f"""
        00080012 DA 2024021{series // 5}
        00080013 TM 10{second}
        00080018 UI {uid}
        00080022 DA 2024021{series // 5}
        00080023 DA 2024021{series // 5}
        0008002A DT 2024021{series // 5}10{second}
        00080032 TM 10{second}
        00080033 TM 10{second}
        00181151 IS {200 + chance.randrange(150)}
        00181152 IS {chance.randrange(20, 90)}
        00189311 FD
        00200012 IS {index // 40 + 1}
        00200013 IS {index + 1}
        00200032 DS {-180 + series * 0.5}\\-{170 + series}.25\\{z}
        00201041 DS {z}
        00204000 LT
        """
    )
    rows[0x00280106] = element(0x00280106, "US", pack("<H", chance.randrange(30)))
    rows[0x00280107] = element(0x00280107, "US", pack("<H", 3000 + chance.randrange(1000)))
    rows[0x00091010] = element(0x00091010, "UN", pack("<2d", z, chance.random()))
    rows[0x00189345] = element(0x00189345, "FD", pack("<d", 8 + chance.random()))
    reference = element(0x00081150, "UI", CT) + element(0x00081155, "UI", f"{ROOT}.5.{series}.{index % 7}")
    rows[0x00081140] = sequence(0x00081140, reference)
    rows[0x00082112] = sequence(0x00082112, reference, reference, undefined=True)
    rows[0x7FE00010] = element(0x7FE00010, "OW", chance.randbytes(32 * 32 * 2))
    return rows
