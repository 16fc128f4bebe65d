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

# build PRESET [TARGET…]: says nothing unless it fails. $niceness: how much it gives way to others.
build() {
  local log targets=()
  log=$(mktemp)
  [[ $# == 1 ]] || targets=(--target "${@:2}")
  if ! cmake --preset "$1" >"$log" 2>&1 ||
    ! nice -n "${niceness:-0}" cmake --build --preset "$1" "${targets[@]}" >>"$log" 2>&1; then
    cat "$log"
    rm -f "$log"
    return 1
  fi
  rm -f "$log"
}

run_tests() {
  echo "== tests: $1"
  ctest --test-dir build-test -j2 --output-on-failure --no-tests=error -L "$1"
}

some() {
  echo "== build"
  deploy/dependencies.sh build test engine
  build test
  [[ $1 == unit ]] || engine_until_exit /var/tmp/davit-tests
  run_tests "$1"
}

sanitize() {
  echo "== unit tests under sanitizers"
  deploy/dependencies.sh build test lint
  build sanitize
  ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1 \
    LSAN_OPTIONS="suppressions=$PWD/tests/support/lsan.supp:print_suppressions=0" \
    ctest --test-dir build-sanitize -j2 --output-on-failure --no-tests=error -L unit
}

# The programs' tests take longest, and wait for containers: they begin when the programs are there.
# What computes is done beside them and gives way. What runs behind is shown when it is through.
everything() {
  local logs programs checks failed=0
  logs=$(mktemp -d)
  echo "== build"
  deploy/dependencies.sh build test engine lint
  build test davit davit-controller davit-worker
  engine_until_exit /var/tmp/davit-tests
  run_tests e2e >"$logs/programs" 2>&1 </dev/null &
  programs=$!
  if niceness=15 build test; then
    nice -n 15 bash -c "tests/run.sh sanitize && tests/run.sh lint" >"$logs/checks" 2>&1 </dev/null &
    checks=$!
    run_tests 'unit|integration' || failed=1
    wait "$checks" || failed=1
    cat "$logs/checks"
  else
    failed=1
  fi
  wait "$programs" || failed=1
  cat "$logs/programs"
  rm -rf "$logs"
  return "$failed"
}

case ${1:-all} in
  unit | integration | e2e) some "$1" ;;
  sanitize) sanitize ;;
  lint) tests/lint.sh ;;
  all) everything ;;
  *) sed -n '2,6s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
