#!/usr/bin/env bash
# Installs the Debian 12 packages that Davit needs: dependencies.sh SET...
#   build   compiler and libraries
#   engine  Docker Engine, to deploy to this machine
#   test    real parts that the tests run against
#   bench   what the bench needs besides
#   lint    formatters and linters
# Only what is absent is installed; with everything there, nothing is asked of the network.
set -euo pipefail

build=(g++ cmake ninja-build ccache mold pkg-config ca-certificates
  libgrpc++-dev libgrpc-dev protobuf-compiler protobuf-compiler-grpc libprotobuf-dev libabsl-dev
  libspdlog-dev libsqlitecpp-dev libsqlite3-dev libcurl4-openssl-dev libyaml-cpp-dev libre2-dev
  libarchive-dev libpqxx-dev libpq-dev nlohmann-json3-dev libcli11-dev libsodium-dev libssl-dev libsystemd-dev zlib1g-dev)
engine=(docker.io iptables iproute2 busybox-static curl)
tests=(libgtest-dev libgmock-dev docker-registry postgresql pgbouncer apache2-utils debootstrap python3 python3-grpcio
  python3-protobuf
  python3-jsonschema python3-yaml python3-dotenv python3-django-environ dpkg-dev systemd openssl git)
bench=(strace bsdextrautils ansible python3-docker python3-grpcio python3-protobuf docker.io busybox-static postgresql)
lint=(clang clang-tidy clang-format libclang-rt-14-dev shellcheck nodejs npm)

wanted=()
for set in "$@"; do
  case $set in
    build) wanted+=("${build[@]}") ;;
    engine) wanted+=("${engine[@]}") ;;
    test) wanted+=("${tests[@]}") ;;
    bench) wanted+=("${bench[@]}") ;;
    lint) wanted+=("${lint[@]}") ;;
    *) echo "dependencies.sh: no such set: $set (build, engine, test, bench, lint)" >&2; exit 2 ;;
  esac
done

# Programs that serve as well when they came from elsewhere.
declare -A program=([docker.io]=dockerd [nodejs]=node [npm]=npm [cmake]=cmake [python3]=python3 [git]=git)

missing=()
for package in "${wanted[@]}"; do
  if [[ -n ${program[$package]:-} ]] && command -v "${program[$package]}" >/dev/null; then
    continue
  fi
  if ! dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'install ok installed'; then
    missing+=("$package")
  fi
done
if [[ ${#missing[@]} -eq 0 ]]; then
  exit 0
fi

as_root=()
if [[ $EUID -ne 0 ]]; then
  command -v sudo >/dev/null || {
    echo "dependencies.sh: run as root, or install sudo; missing: ${missing[*]}" >&2
    exit 1
  }
  as_root=(sudo)
fi
echo "Installing: ${missing[*]}" >&2
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
  apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
