#!/usr/bin/env bash
# Formats, lints and checks; the same by hand, in the git hook and in CI.
#   tests/lint.sh          all checks
#   tests/lint.sh fast     all but clang-tidy
#   tests/lint.sh format   formats the C++ files in place
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
build="build-sanitize"

sources() { git ls-files -- '*.cc' '*.h'; }

check_format() {
  echo "lint: clang-format"
  sources | xargs clang-format --dry-run -Werror
}

check_shell() {
  echo "lint: shellcheck"
  git ls-files -- '*.sh' .ci/run | xargs shellcheck -x
  git ls-files -- 'deploy/debian/*.in' | xargs shellcheck -s sh
}

check_protos() {
  echo "lint: buf"
  local tools=build-tools
  [[ -x $tools/node_modules/.bin/buf ]] ||
    npm install --silent --no-audit --no-fund --prefix "$tools" @bufbuild/buf@1
  "$tools/node_modules/.bin/buf" lint proto
  # Controllers, workers and stores of the released version are still understood.
  "$tools/node_modules/.bin/buf" breaking proto --against proto/released/0.1.0.binpb
}

# The clang build's own units: a folder's sources at a time, with clang's precompiled headers. That
# build has checked the thread-safety annotations as errors already.
check_tidy() {
  echo "lint: clang-tidy"
  cmake --preset sanitize >/dev/null
  cmake --build --preset sanitize --target davit_pch_base davit_pch_grpc \
    davit_config_proto davit_schema >/dev/null
  local found=$build/tidy.log
  if ! find "$build" -path '*/Unity/*.cxx' -print0 |
    xargs -0 -P "$(nproc)" -n 1 clang-tidy -p "$build" --quiet >"$found" 2>/dev/null; then
    cat "$found"
    return 1
  fi
}

deploy/dependencies.sh build test lint
case ${1:-all} in
  format) sources | xargs clang-format -i ;;
  fast) check_format; check_shell; check_protos ;;
  all) check_format; check_shell; check_protos; check_tidy ;;
  *) sed -n '2,5s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
echo "lint: clean"
