#!/usr/bin/env bash
# How fast Davit is, as one table: what, ours, what it is held against, the ratio of the
# two, the goal and whether it is met. Nothing fails because it is slow.
#   tests/bench/run.sh [OPTION…] [NAME…]     all, or those named: commits, history…
#     --pairs=N          pairs of runs that are compared, 5 without
#     --smoke            tiny numbers: whether it works
#     --directory=PATH   where files are put, and kept: /var/tmp/davit-bench without
#     --strace           instead: whether everything is on disk before it is acknowledged
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

options=()
names=()
directory=/var/tmp/davit-bench
trace=""
for argument in "$@"; do
  case $argument in
    --strace) trace=yes ;;
    --directory=*) directory=${argument#*=} ;;
    --pairs=* | --smoke) options+=("$argument") ;;
    -*) sed -n '2,8s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
    *) names+=("$argument") ;;
  esac
done
mkdir -p "$directory"

build() {
  local log
  log=$(mktemp)
  if ! cmake --preset bench >"$log" 2>&1 || ! cmake --build --preset bench >>"$log" 2>&1; then
    cat "$log" >&2
    rm -f "$log"
    return 1
  fi
  rm -f "$log"
}

# The program that measures NAME: compiled, or a script.
program_of() {
  if [[ -x build-bench/tests/bench/bench_$1 ]]; then
    echo "build-bench/tests/bench/bench_$1"
  else
    compgen -G "tests/bench/$1_bench.[ps][yh]"
  fi
}

all_names() {
  local path
  for path in tests/bench/*_bench.*; do
    path=${path##*/}
    echo "${path%_bench.*}"
  done
}

trace() {
  local log
  log=$(mktemp -d "$directory/trace.XXXXXX")
  strace -f -y -s 100000 -e trace=pwrite64,write,fdatasync,fsync -o "$log/strace" \
    build-bench/tests/bench/bench_commits --trace --directory="$directory" >/dev/null
  python3 -B tests/bench/check_trace.py "$log/strace"
  rm -rf "$log"
}

table() {
  {
    echo "what | ours | against | ratio (least to most) | goal | met"
    cat
  } | column -t -s '|' -o '|'
}

deploy/dependencies.sh build engine bench
build
if [[ -n $trace ]]; then
  trace
  exit
fi
# shellcheck source=tests/support/engine.sh
source tests/support/engine.sh
engine_until_exit /var/tmp/davit-bench-engine
export DAVIT_WORKER_DOCKER_SOCKET=$DAVIT_TEST_DOCKER_SOCKET
[[ ${#names[@]} -gt 0 ]] || mapfile -t names < <(all_names)
for name in "${names[@]}"; do
  program=$(program_of "$name") || { echo "run.sh: there is no bench $name" >&2; exit 2; }
  echo "-- $name" >&2
  "$program" "${options[@]}" --directory="$directory"
done | table
