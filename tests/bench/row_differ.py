"""The header differ over 1,000 slices: columns read from files in memory, what varies, what changed at each slice.

The headers are those of a CT with 155 elements. pydicom reads the same files and compares their elements as text, the
way a script would.
"""

from __future__ import annotations

import gc
import time

import pydicom
from harness import Bench, Seconds
from series import native_ct

from workstation.cli.collect import collect
from workstation.objects.header_columns import header_columns
from workstation.objects.header_differences import changed, varying


def main() -> None:
    bench = Bench("differ")
    count = 200 if bench.quick else 1000
    made = native_ct(slices=count, size=64)
    (stack,) = collect([str(made.folder)]).catalogue.ordered_stacks()
    assert len(stack.frames) == count

    def ours() -> Seconds:
        begin = time.perf_counter()
        columns = header_columns(stack.frames)
        assert columns is not None
        found = varying(columns)
        took = Seconds(time.perf_counter() - begin)
        assert len(found) > 2
        return took

    def script() -> Seconds:
        begin = time.perf_counter()
        values: dict[int, set[str]] = {}
        for path in made.files:
            for element in pydicom.dcmread(path, stop_before_pixels=True):
                values.setdefault(int(element.tag), set()).add(str(element.value))
        assert sum(len(each) > 1 for each in values.values()) > 2
        return Seconds(time.perf_counter() - begin)

    found = bench.interleave({"ours": ours, "script": script}, rounds=3 if bench.quick else 5)
    bench.say(f"columns of {count:,} slices and what varies", found["ours"] * 1000, most=count, unit="ms")
    bench.say("a script with pydicom against it", found["script"] / found["ours"], least=2)
    columns = header_columns(stack.frames)
    assert columns is not None
    gc.collect()
    begin = time.perf_counter()
    for index in range(1, count):
        changed(columns, index, index - 1)
    bench.say("what changed at a slice", (time.perf_counter() - begin) / (count - 1) * 1000, most=5, unit="ms")
    bench.finish()


if __name__ == "__main__":
    main()
