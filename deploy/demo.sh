#!/usr/bin/env bash
# A real deployment to this machine's Docker, from nothing:
#   deploy/demo.sh           installs, starts Docker if none answers, builds, deploys four versions
#   deploy/demo.sh --clean   removes all that it made and stops what it started
# Version 1 goes out, 2 replaces it; 3 never gets healthy and 4 exits at once: both are rolled back.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=tests/support/engine.sh
source tests/support/engine.sh

root=$PWD
demo=${DAVIT_DEMO_DIR:-/var/tmp/davit-demo}
build=$root/build-demo
davit=$build/davit
image="davit-demo/web"

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }

show() {
  printf '\n$ %s\n' "davit ${*}"
  "$davit" "$@"
}

build_davit() {
  say "Building Davit (release mode; the first time takes some minutes)"
  cmake --preset release -B "$build" \
    >"$demo/configure.log" || { cat "$demo/configure.log"; return 1; }
  cmake --build "$build" --target davit
}

# make_image VERSION COMMAND: a web server of a few files around busybox.
make_image() {
  local version=$1 command=$2 files=$demo/image
  rm -rf "$files"
  mkdir -p "$files"/{bin,www,tmp}
  cp "$(command -v busybox)" "$files/bin/busybox"
  for applet in sh httpd sleep echo cat; do ln -s busybox "$files/bin/$applet"; done
  echo "web $version" >"$files/www/index.html"
  [[ $version == v3 ]] || echo ok >"$files/www/health"
  tar -C "$files" -c . | docker import --change "CMD $command" - "$image:$version" >/dev/null
}

make_images() {
  say "Making four small images: v1, v2, v3 (no /health page), v4 (exits at once)"
  local serve='["/bin/httpd","-f","-p","80","-h","/www"]'
  make_image v1 "$serve"
  make_image v2 "$serve"
  make_image v3 "$serve"
  make_image v4 '["/bin/sh","-c","echo settings: DATABASE_URL is not set >&2; exit 1"]'
}

free_port() {
  local port=8080
  while (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do port=$((port + 1)); done
  echo "$port"
}

write_project() {
  [[ -e $demo/port ]] || free_port >"$demo/port"
  cat >"$demo/davit.yaml" <<YAML
project: demo
apps:
  web:
    image: $image
    container:
      ports: ["$(cat "$demo/port"):80"]
      stop_grace_period: 1s
    healthcheck:
      http: {path: /health, port: 80}
      attempts: 5
      interval: 1s
environments:
  dev: {}
YAML
}

expect_answer() {
  local answer
  answer=$(curl -sS --max-time 5 "http://127.0.0.1:$(cat "$demo/port")/")
  echo "http://127.0.0.1:$(cat "$demo/port")/ answers: $answer"
  [[ $answer == "web $1" ]] || { echo "expected: web $1" >&2; exit 1; }
}

# deploy_expecting EXIT_CODE VERSION SERVING
deploy_expecting() {
  local wanted=$1 version=$2 serving=$3 code=0
  show deploy web -e dev --local --tag "$version" || code=$?
  echo "exit code $code"
  [[ $code -eq $wanted ]] || { echo "expected exit code $wanted" >&2; exit 1; }
  expect_answer "$serving"
}

run_demo() {
  mkdir -p "$demo"
  deploy/dependencies.sh build engine
  say "Docker"
  engine_ensure "$demo/engine"
  docker version --format 'Docker Engine {{.Server.Version}} answers'
  build_davit
  make_images
  write_project
  cd "$demo"
  export DAVIT_STATE_DIR=$demo/agent
  say "1. The first release"
  deploy_expecting 0 v1 v1
  say "2. A second one replaces it"
  deploy_expecting 0 v2 v2
  say "3. One whose health check fails is rolled back"
  deploy_expecting 3 v3 v2
  say "4. One that exits at once is rolled back"
  deploy_expecting 3 v4 v2
  say "What happened, and what runs"
  show history -e dev --local
  show status -e dev --local
  say "Done. deploy/demo.sh --clean removes all of it."
}

claimed_directory() {
  docker volume inspect -f '{{index .Labels "davit.agent.directory"}}' davit-agent 2>/dev/null || true
}

clean() {
  [[ -d $demo ]] || { echo "There is nothing to clean."; return; }
  engine_ensure "$demo/engine"
  # An agent that served this engine before the demo stays.
  if [[ $(claimed_directory) == "$demo/agent" ]]; then
    "$davit" agent stop
    docker volume rm davit-agent >/dev/null
  fi
  docker ps -aq --filter label=davit.project=demo | xargs -r docker rm -f >/dev/null
  docker images -q --filter "reference=$image" --filter 'reference=davit.keep/demo/*/*' |
    sort -u | xargs -r docker rmi -f >/dev/null
  engine_stop "$demo/engine"
  rm -rf "$demo" "$build"
  echo "Clean."
}

case ${1:-} in
  "") run_demo ;;
  --clean) clean ;;
  *) sed -n '2,5s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
