#!/usr/bin/env bash
# Installs what is needed, builds, and passes all tests. One command, no set-up.
#   tests/run.sh              everything
#   tests/run.sh LABEL        only the tests of a CTest label: unit, integration or e2e
#   tests/run.sh sanitize     the unit tests under the address and undefined-behaviour sanitizers
#   tests/run.sh lint         tests/lint.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# shellcheck source=tests/support/engine.sh
source tests/support/engine.sh

# build PRESET: says nothing unless it fails.
build() {
  local log
  log=$(mktemp)
  if ! cmake --preset "$1" >"$log" 2>&1 || ! cmake --build --preset "$1" >>"$log" 2>&1; then
    cat "$log"
    rm -f "$log"
    return 1
  fi
  rm -f "$log"
}

build_tests() {
  echo "== build"
  deploy/dependencies.sh build test engine
  build test
}

run_tests() {
  echo "== tests: $1"
  [[ $1 == unit ]] || engine_until_exit /var/tmp/davit-tests
  ctest --test-dir build-test -j2 --output-on-failure --no-tests=error -L "$1"
}

sanitize() {
  echo "== unit tests under sanitizers"
  deploy/dependencies.sh build test lint
  build sanitize
  ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1 \
    LSAN_OPTIONS="suppressions=$PWD/tests/support/lsan.supp:print_suppressions=0" \
    ctest --test-dir build-sanitize -j2 --output-on-failure --no-tests=error -L unit
}

# Most tests wait for containers: what only computes is done beside them, and gives way.
everything() {
  local log checks failed=0
  build_tests
  deploy/dependencies.sh lint
  log=$(mktemp)
  nice -n 15 bash -c "tests/run.sh sanitize && tests/run.sh lint" >"$log" 2>&1 </dev/null &
  checks=$!
  run_tests 'unit|integration|e2e' || failed=1
  wait "$checks" || failed=1
  cat "$log"
  rm -f "$log"
  return "$failed"
}

case ${1:-all} in
  unit | integration | e2e)
    build_tests
    run_tests "$1"
    ;;
  sanitize) sanitize ;;
  lint) tests/lint.sh ;;
  all) everything ;;
  *) sed -n '2,6s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
