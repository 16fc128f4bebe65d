#!/usr/bin/env bash
# Installs what is needed, builds, and passes all tests. One command, no set-up.
#   tests/run.sh               everything
#   tests/run.sh unit          only tests with these CTest labels (unit, integration, e2e)
#   tests/run.sh lint          tests/lint.sh
#   tests/run.sh sanitize      the unit tests under the address and undefined-behaviour sanitizers
# DAVIT_BUILD_DIR sets the build folder (default: build).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

build=${DAVIT_BUILD_DIR:-build}
scratch=""

cleanup() {
  if [[ -n $scratch ]]; then
    engine_stop "$scratch"
    rm -rf "$scratch"
  fi
}

build_and_test() {
  local labels=$1
  deploy/dependencies.sh build test engine
  cmake -G Ninja -S . -B "$build" -DCMAKE_BUILD_TYPE=Release >"$build.configure.log" 2>&1 || {
    cat "$build.configure.log"
    return 1
  }
  rm -f "$build.configure.log"
  cmake --build "$build"
  if [[ $labels != unit ]]; then
    # shellcheck source=tests/support/engine.sh
    source tests/support/engine.sh
    scratch=$(mktemp -d /var/tmp/davit-tests.XXXXXX)
    trap cleanup EXIT
    engine_ensure "$scratch"
  fi
  ctest --test-dir "$build" --output-on-failure --no-tests=error -L "$labels"
}

sanitize() {
  deploy/dependencies.sh build test lint
  cmake -G Ninja -S . -B "$build-sanitize" -DCMAKE_BUILD_TYPE=Debug -DDAVIT_SANITIZE=ON \
    -DCMAKE_C_COMPILER=clang -DCMAKE_CXX_COMPILER=clang++ >/dev/null
  cmake --build "$build-sanitize"
  ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1 \
    ctest --test-dir "$build-sanitize" --output-on-failure --no-tests=error -L unit
}

case ${1:-all} in
  unit | integration | e2e) build_and_test "$1" ;;
  lint) tests/lint.sh ;;
  sanitize) sanitize ;;
  all)
    build_and_test 'unit|integration|e2e'
    sanitize
    tests/lint.sh
    ;;
  *) sed -n '2,7s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
