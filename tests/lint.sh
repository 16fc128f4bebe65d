#!/usr/bin/env bash
# Formats, lints and checks; the same by hand, in the git hook and in CI.
#   tests/lint.sh          all checks
#   tests/lint.sh fast     all but clang-tidy
#   tests/lint.sh format   formats the C++ files in place
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
build=${DAVIT_BUILD_DIR:-build}-sanitize

sources() { git ls-files -- '*.cc' '*.h'; }

check_format() {
  echo "lint: clang-format"
  sources | xargs clang-format --dry-run -Werror
}

check_shell() {
  echo "lint: shellcheck"
  git ls-files -- '*.sh' .ci/run | xargs shellcheck -x
}

check_protos() {
  echo "lint: buf"
  local tools=build-tools
  [[ -x $tools/node_modules/.bin/buf ]] ||
    npm install --silent --no-audit --no-fund --prefix "$tools" @bufbuild/buf@1
  "$tools/node_modules/.bin/buf" lint proto
}

# The compilation database of the clang build: its precompiled headers are clang's own, and that
# build has already checked the thread-safety annotations as errors.
check_tidy() {
  echo "lint: clang-tidy"
  cmake -G Ninja -S . -B "$build" -DCMAKE_BUILD_TYPE=Debug -DDAVIT_SANITIZE=ON \
    -DCMAKE_C_COMPILER=clang -DCMAKE_CXX_COMPILER=clang++ >/dev/null
  cmake --build "$build" --target davit_pch_base davit_pch_grpc >/dev/null
  git ls-files -- '*.cc' | grep -v '^tests/fuzz/' |
    xargs -P "$(nproc)" -n 4 clang-tidy -p "$build" --quiet 2>/dev/null
}

deploy/dependencies.sh build test lint
case ${1:-all} in
  format) sources | xargs clang-format -i ;;
  fast) check_format; check_shell; check_protos ;;
  all) check_format; check_shell; check_protos; check_tidy ;;
  *) sed -n '2,5s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
echo "lint: clean"
