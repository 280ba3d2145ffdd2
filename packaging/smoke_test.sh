#!/usr/bin/env bash
# Tries a built program: smoke_test.sh dist/workstation/workstation
#
# It must tell its version, test itself, compile its kernels, render the demo window without a display and the same on an
# X server, and talk to itself: a receiver in a process of its own answers an echo.
set -euo pipefail
program=$(realpath "$1")
work=$(mktemp -d)
server=
receiver=
finish() {
    [ -n "$server" ] && kill "$server" 2>/dev/null
    [ -n "$receiver" ] && kill "$receiver" 2>/dev/null
    rm -rf "$work"
}
trap finish EXIT
export WORKSTATION_HOME=$work/home XDG_RUNTIME_DIR=$work
cd "$work"

is_png() { [ "$(head -c 8 "$1" | od -An -tx1 | tr -d ' \n')" = 89504e470d0a1a0a ] && [ "$(stat -c %s "$1")" -gt 10000 ]; }

timeout 60 "$program" --version
timeout 120 "$program" selftest >selftest.txt || { cat selftest.txt; exit 1; }

timeout 300 "$program" --compile-kernels
[ -n "$(find "$WORKSTATION_HOME" -name '*.nbi' -print -quit)" ] || { echo "no compiled kernels are kept" >&2; exit 1; }

QT_QPA_PLATFORM=offscreen timeout 120 "$program" --demo --screenshot offscreen.png --size 1400x900
is_png offscreen.png || { echo "no picture without a display" >&2; exit 1; }

if command -v Xvfb >/dev/null; then
    # The server picks a free display number itself and writes it to the given descriptor.
    exec 3>"$work/display"
    timeout 300 Xvfb -displayfd 3 -screen 0 1600x1000x24 -nolisten tcp >/dev/null 2>&1 &
    server=$!
    for _ in $(seq 100); do [ -s "$work/display" ] && break; sleep 0.1; done
    DISPLAY=:$(cat "$work/display") QT_QPA_PLATFORM=xcb timeout 120 "$program" --demo --screenshot x11.png --size 1400x900
    is_png x11.png || { echo "no picture on the X server" >&2; exit 1; }
fi
port=$((20000 + RANDOM % 20000))
timeout 60 "$program" receive --anyone --port "$port" --out received >received.txt 2>&1 &
receiver=$!
for _ in $(seq 100); do
    timeout 30 "$program" echo --peer "WORKSTATION@127.0.0.1:$port" >echo.txt 2>&1 && break
    sleep 0.1
done
grep -q "answered the echo" echo.txt || { cat echo.txt received.txt; exit 1; }
timeout 30 "$program" web search --url http://127.0.0.1:9/dicom-web -k PatientID=1 >web.txt 2>&1 && exit 1
grep -q "nothing listens" web.txt || { cat web.txt; exit 1; }

echo "smoke test passed: $(du -sm "$(dirname "$program")" | cut -f1) MB, $(wc -l <selftest.txt) lines of self-test"
