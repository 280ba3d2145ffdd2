#!/usr/bin/env bash
# Makes sure the Debian packages for one purpose are installed: system_libraries.sh run|test|bench|bundle
#
# Installs what is missing when run as root, otherwise prints the one line to run. Costs some milliseconds when
# all is there. On a system without dpkg it only says what to look for.
set -euo pipefail

# The least that PySide6's wheels need, found by leaving out one at a time.
qt=(libegl1 libgl1 libglib2.0-0 libdbus-1-3 libfontconfig1 libxkbcommon0 libgssapi-krb5-2)
x11=(libxkbcommon-x11-0 libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 libxcb-shape0)
# A screen, a window manager that gives focus, reference readers of DICOM and of PDF, servers to talk to, a tracer of
# system calls, and glyphs for Chinese, Japanese, Korean.
test_only=(xvfb xauth openbox dcmtk poppler-utils orthanc orthanc-dicomweb strace fonts-wqy-zenhei)
# A screen, and a window manager that gives the window its size.
bench_only=(xvfb openbox)
bundle_only=(binutils xvfb xauth desktop-file-utils)

python=${PYTHON:-python3}
wanted=("${qt[@]}" "${x11[@]}")
case ${1:-run} in
    run) ;;
    test) wanted+=("${test_only[@]}") ;;
    bench) wanted+=("${bench_only[@]}") ;;
    bundle) wanted+=("${bundle_only[@]}") ;;
    *) echo "usage: $0 run|test|bench|bundle" >&2; exit 2 ;;
esac

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
    || { echo "Python 3.11 or later is needed; '$python' is not." >&2; exit 1; }
# Debian keeps these two apart from python3 itself.
"$python" -c 'import ensurepip' 2>/dev/null || wanted+=(python3-venv)
if [ "${1:-run}" = bundle ] && [[ $(command -v "$python") == /usr/bin/python3* ]]; then
    wanted+=("libpython$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')")
fi

if ! command -v dpkg-query >/dev/null; then
    echo "No dpkg here: make sure Qt's libraries (EGL, GL, GLib, D-Bus, fontconfig, xkbcommon, xcb) are installed."
    exit 0
fi

installed=$(dpkg-query -W -f='${db:Status-Abbrev} ${Package}\n' 2>/dev/null | sed -n 's/^ii *//p' | sort -u)
missing=()
for package in "${wanted[@]}"; do
    # Debian 13 and Ubuntu 24.04 renamed this one for 64-bit time.
    grep -qxE "${package}(t64)?" <<<"$installed" || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

if [ "$(id -u)" -ne 0 ]; then
    echo "These system packages are missing. Run this once, then make again:" >&2
    echo "    sudo apt-get install -y --no-install-recommends ${missing[*]}" >&2
    exit 1
fi
export DEBIAN_FRONTEND=noninteractive
echo "Installing system packages: ${missing[*]}"
apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null 2>&1 && exit 0
# The package lists of a bare machine are empty or old.
apt-get update -qq
apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
