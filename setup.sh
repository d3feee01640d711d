#!/usr/bin/env bash
# The one entry to Lampyris:
#   ./setup.sh demo [SONG]   a lamp in the terminal, on SONG or on the demo piece
#   ./setup.sh test          every check of the project, the hardware mocked
#   ./setup.sh install       makes this Raspberry Pi a lamp          (docs/install.md)
#   ./setup.sh wheelhouse    what a Raspberry Pi installs from       (docs/flash.md)
#   ./setup.sh flash         a card that becomes a lamp by itself    (docs/flash.md)
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
venv=$root/.venv

trap 'printf "\nsetup.sh: stopped; run it again, it carries on.\n" >&2; exit 130' INT

usage() {
    cat <<'EOF'
Usage: ./setup.sh demo [SONG] [options of lampyris listen]
       ./setup.sh test [options of pytest]
       sudo ./setup.sh install [options]     on a Raspberry Pi
       ./setup.sh wheelhouse [options]
       ./setup.sh flash [options]

  demo   installs the lamp's own runtime into .venv (no TensorFlow, no root) and lets it glow
         in the terminal, on SONG (wav, flac, ogg, opus, mp3) or on the piece that comes with it
  test   installs what the tests need (TensorFlow too, about 2 GB) and runs ruff, mypy,
         import-linter, shellcheck and pytest, with the hardware mocked
  install     makes this Raspberry Pi a lamp that starts by itself, updates it, or takes it away again
  wheelhouse  gathers what a Raspberry Pi installs, so that it needs no network
  flash       writes a card that becomes a lamp at its first start
              (each of these three says more with --help)

demo and test need 64-bit Python 3.11 or newer (test: up to 3.13, as TensorFlow does; on Linux gcc and PortAudio too).
Another one than the first found: PYTHON=/path/to/python3 ./setup.sh …
EOF
}

fail() {
    printf 'setup.sh: %s\n' "$1" >&2
    exit 2
}

# suits PYTHON EXTRA: is it 64-bit, new enough, and for the tests not too new?
suits() {
    "$1" -c '
import struct, sys
below = (3, 14) if sys.argv[1] == "test" else (4,)
sys.exit(not ((3, 11) <= sys.version_info < below and struct.calcsize("P") == 8))' "$2" >/dev/null 2>&1
}

find_python() {
    local extra=$1 candidate
    if [ -n "${PYTHON:-}" ]; then
        suits "$PYTHON" "$extra" || fail "PYTHON=$PYTHON is not a 64-bit Python that fits (see ./setup.sh --help)."
        printf '%s\n' "$PYTHON"
        return
    fi
    # 3.11 first: the one that both TFLite runtimes and TensorFlow know.
    for candidate in python3.11 python3.12 python3.13 python3; do
        if suits "$candidate" "$extra"; then
            printf '%s\n' "$candidate"
            return
        fi
    done
    fail 'no fitting 64-bit Python was found; install 3.11 to 3.13 (Debian, Ubuntu: sudo apt install python3 python3-venv).'
}

# stamp EXTRA: the file that says "installed"; its name changes with all that the installation depends on.
stamp() {
    local state
    state=$({
        printf '%s\n%s\n' "$root" "${PYTHON:-}"
        cat "$root/pyproject.toml" "$root/constraints.txt"
    } | sha256sum | cut -c1-16)
    printf '%s/lampyris-%s-%s\n' "$venv" "$1" "$state"
}

# install EXTRA: make .venv hold the project with that extra; does nothing when it already does.
install() {
    local extra=$1 python done_file
    done_file=$(stamp "$extra")
    # The environment may have lost its Python to an upgrade of the system: then the stamp counts for nothing.
    if [ -e "$done_file" ] && "$venv/bin/python" -c '' >/dev/null 2>&1; then
        return
    fi
    # Before two gigabytes are on their way, not after.
    if [ "$extra" = test ] && [ "$(uname -s)" = Linux ] && ! echo '#include <portaudio.h>' | gcc -E - >/dev/null 2>&1; then
        fail 'the tests build the C libraries of the LEDs and of the microphone; install what that needs (Debian, Ubuntu: sudo apt install gcc python3-dev portaudio19-dev).'
    fi
    python=$(find_python "$extra")
    if ! "$venv/bin/python" -m pip --version >/dev/null 2>&1 || ! suits "$venv/bin/python" "$extra" ||
        [ ! -e "$venv/lampyris-place" ] || [ "$(cat "$venv/lampyris-place")" != "$root $python" ]; then
        printf 'Making .venv with %s …\n' "$("$python" --version)" >&2
        "$python" -m venv --clear "$venv" ||
            fail 'the environment .venv could not be made; on Debian and Ubuntu: sudo apt install python3-venv.'
        printf '%s %s' "$root" "$python" >"$venv/lampyris-place"
    fi
    if [ "$extra" = test ]; then
        printf 'Installing the lamp, TensorFlow and the checkers (about 2 GB, some minutes) …\n' >&2
    else
        printf 'Installing the lamp: numpy, scipy, a TFLite runtime, soundfile (about 260 MB) …\n' >&2
    fi
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check \
        --constraint "$root/constraints.txt" --editable "${root}[$extra]" ||
        fail 'the installation failed, see above; check the network and run it again.'
    rm -f "$venv"/lampyris-"$extra"-*
    touch "$done_file"
}

demo() {
    # Named, because on a Raspberry Pi `lampyris listen` would take its microphone, which needs more than this installs.
    local song=(--file "$root/device/assets/demo.ogg")
    if [ $# -gt 0 ] && [ "${1#-}" = "$1" ]; then
        song=(--file "$1")
        shift
    fi
    case " $* " in
    *' --file'* | *' --mic'*) song=() ;;
    esac
    # What the tests need holds all that the demo needs.
    if [ -e "$(stamp test)" ]; then
        install test
    else
        install files
    fi
    # From where the user stands, so that all names of files are meant from there.
    trap - INT
    exec "$venv/bin/lampyris" listen "${song[@]}" "$@"
}

checks() {
    install test
    cd "$root"
    export PATH="$venv/bin:$PATH" CUDA_VISIBLE_DEVICES='' TF_CPP_MIN_LOG_LEVEL=3
    echo '== ruff'
    ruff format --check .
    ruff check .
    echo '== mypy'
    mypy
    echo '== import-linter'
    lint-imports
    echo '== shellcheck'
    shellcheck setup.sh .ci/run tests/appliance/run
    echo '== pytest'
    python -m pytest "$@"
}

# appliance COMMAND: any Python will do here that knows TOML; what the lamp runs on is checked by install itself.
appliance() {
    local candidate
    for candidate in ${PYTHON:+"$PYTHON"} python3 python3.11 python3.12 python3.13; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
            trap - INT
            # -P: nothing of the folder one stands in; and as root no bytecode is left in somebody's checkout.
            PYTHONPATH=$root PYTHONDONTWRITEBYTECODE=1 exec "$candidate" -P -m hardware.appliance "$@"
        fi
    done
    fail 'Python 3.11 or newer is needed; on a Raspberry Pi that is Raspberry Pi OS Lite (64-bit) Bookworm or newer.'
}

case "${1:-}" in
install | wheelhouse | flash)
    appliance "$@"
    ;;
demo)
    shift
    demo "$@"
    ;;
test)
    shift
    checks "$@"
    ;;
-h | --help | help)
    usage
    ;;
'')
    usage >&2
    exit 2
    ;;
*)
    usage >&2
    fail "there is no '$1'; choose demo, test, install, wheelhouse or flash."
    ;;
esac
