#!/usr/bin/env bash
# The one entry to Lampyris on a workstation:
#   ./setup.sh demo [SONG]   a lamp in the terminal, on SONG or on the demo piece
#   ./setup.sh test          every check of the project, the hardware mocked
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

usage() {
    cat <<'EOF'
Usage: ./setup.sh demo [SONG] [options of lampyris listen]
       ./setup.sh test [options of pytest]

  demo   installs the lamp's own runtime into .venv (no TensorFlow, no root) and lets it glow
         in the terminal, on SONG (wav, flac, ogg, opus, mp3) or on the piece that comes with it
  test   installs what the tests need (TensorFlow too, about 2 GB) and runs ruff, mypy,
         import-linter, shellcheck and pytest, with the hardware mocked

Needs Python 3.11 or newer, 64-bit. Another one than the first found: PYTHON=/path/to/python3 ./setup.sh …
EOF
}

fail() {
    printf 'setup.sh: %s\n' "$1" >&2
    exit 2
}

find_python() {
    local candidate
    # 3.11 first: the one that both TFLite runtimes and TensorFlow know.
    for candidate in ${PYTHON:+"$PYTHON"} python3.11 python3.12 python3.13 python3; do
        if "$candidate" -c 'import struct, sys; sys.exit(not (sys.version_info >= (3, 11) and struct.calcsize("P") == 8))' \
            >/dev/null 2>&1; then
            printf '%s\n' "$candidate"
            return
        fi
    done
    fail 'no 64-bit Python 3.11 or newer was found; install one (Debian, Ubuntu: sudo apt install python3 python3-venv).'
}

# install EXTRA: make .venv hold the project with that extra; does nothing when it already does.
install() {
    local extra=$1 python stamp
    stamp=.venv/lampyris-$extra-$(cat pyproject.toml constraints.txt | sha256sum | cut -c1-16)
    [ -e "$stamp" ] && return
    python=$(find_python)
    # A .venv that is broken, or of a Python that is gone, is made anew.
    if ! .venv/bin/python -c 'import pip' >/dev/null 2>&1; then
        printf 'Making .venv with %s …\n' "$("$python" --version)" >&2
        "$python" -m venv --clear .venv ||
            fail 'the environment .venv could not be made; on Debian and Ubuntu: sudo apt install python3-venv.'
    fi
    printf 'Installing what "%s" needs …\n' "$extra" >&2
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[$extra]" ||
        fail 'the installation failed, see above; check the network and run it again.'
    rm -f .venv/lampyris-"$extra"-*
    touch "$stamp"
}

demo() {
    local song=()
    if [ $# -gt 0 ] && [ "${1#-}" = "$1" ]; then
        song=(--file "$1")
        shift
    fi
    # What the tests need holds all that the demo needs.
    local tests
    tests=.venv/lampyris-test-$(cat pyproject.toml constraints.txt | sha256sum | cut -c1-16)
    [ -e "$tests" ] || install files
    exec .venv/bin/lampyris listen "${song[@]}" "$@"
}

checks() {
    install test
    export PATH="$PWD/.venv/bin:$PATH" CUDA_VISIBLE_DEVICES='' TF_CPP_MIN_LOG_LEVEL=3
    echo '== ruff' && ruff format --check . && ruff check .
    echo '== mypy' && mypy
    echo '== import-linter' && lint-imports
    echo '== shellcheck' && shellcheck setup.sh .ci/run
    echo '== pytest' && python -m pytest "$@"
}

case "${1:-}" in
demo)
    shift
    # Paths of songs are meant from where the user stands.
    if [ $# -gt 0 ] && [ "${1#-}" = "$1" ] && [ "${1#/}" = "$1" ] && [ -e "$OLDPWD/$1" ]; then
        set -- "$OLDPWD/$1" "${@:2}"
    fi
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
    fail "there is no '$1'; choose demo or test."
    ;;
esac
