# shellcheck shell=bash
# A Docker Engine for scripts: the one that answers, else one of our own, which
# leaves other engines' data alone. To be sourced.
#
#   engine_ensure DIR   Exports DOCKER_HOST and DAVIT_TEST_DOCKER_SOCKET. Where
#                       no engine answered, starts one with all that is its own
#                       under DIR and sets ENGINE_STARTED_PID, else sets it
#                       empty. Prints nothing; 1 and a reason on stderr when no
#                       engine can be had.
#   engine_until_exit PREFIX
#                       engine_ensure with a new directory PREFIX.*; what was
#                       started is stopped, and removed, when the script exits.
#                       What scripts that were killed have left is removed first:
#                       a container's address lives as long as its namespace.
#   engine_stop DIR     Stops what engine_ensure has started for DIR, also from
#                       another shell. Does nothing where that is nothing. What
#                       is under DIR stays and can be removed.
#
# A running engine needs root, dockerd, iptables and the docker command.

ENGINE_START_SECONDS=${ENGINE_START_SECONDS:-60}
ENGINE_STOP_SECONDS=${ENGINE_STOP_SECONDS:-60}
ENGINE_STARTED_PID=

engine_ensure() {
  local dir host
  dir=$(realpath -m -- "$1")
  ENGINE_STARTED_PID=
  for host in "${DOCKER_HOST:-}" unix:///var/run/docker.sock "unix://$dir/docker.sock"; do
    if [[ -n $host ]] && _engine_answers "$host"; then
      _engine_use "$host"
      ENGINE_STARTED_PID=$(_engine_pid "$dir")
      return 0
    fi
  done
  _engine_start "$dir"
}

engine_until_exit() {
  local left
  for left in "$1".??????; do
    _engine_abandoned "$left" || continue
    engine_stop "$left"
    rm -rf -- "$left"
  done
  ENGINE_SCRATCH=$(mktemp -d "$1.XXXXXX")
  printf '%s\n%s\n' "$$" "$0" >"$ENGINE_SCRATCH/owner"
  trap _engine_end EXIT
  engine_ensure "$ENGINE_SCRATCH"
}

_engine_end() {
  engine_stop "$ENGINE_SCRATCH"
  rm -rf -- "$ENGINE_SCRATCH"
}

# Directory $1 belongs to a script that has ended without removing it.
_engine_abandoned() {
  local owner
  [[ -r $1/owner ]] || return 1
  mapfile -t owner <"$1/owner"
  ! _engine_has_argument "${owner[0]}" "${owner[1]}"
}

engine_stop() {
  local dir pid
  dir=$(realpath -m -- "$1")
  pid=$(_engine_pid "$dir")
  if [[ -n $pid ]]; then
    kill -TERM "$pid" 2>/dev/null
    if ! _engine_wait_for_end "$pid" "$ENGINE_STOP_SECONDS"; then
      kill -KILL "$pid" 2>/dev/null
      _engine_wait_for_end "$pid" 10
    fi
  fi
  _engine_stop_containerd "$dir"
  _engine_stop_containers "$dir"
  _engine_unmount "$dir"
  rm -f -- "$dir/docker.sock" "$dir/dockerd.pid"
  ENGINE_STARTED_PID=
}

_engine_fail() {
  printf 'engine: %s\n' "$*" >&2
  return 1
}

_engine_answers() {
  timeout 10 docker --host "$1" version --format '{{.Server.Version}}' >/dev/null 2>&1
}

_engine_use() {
  export DOCKER_HOST=$1
  export DAVIT_TEST_DOCKER_SOCKET=${1#unix://}
}

# The process id in file $1, if that process was started with argument $2: ids
# are used again.
_engine_live_pid() {
  local pid
  [[ -r $1 ]] || return 0
  pid=$(<"$1")
  [[ $pid =~ ^[0-9]+$ ]] || return 0
  _engine_has_argument "$pid" "$2" && printf '%s' "$pid"
  return 0
}

_engine_has_argument() {
  { tr '\0' '\n' <"/proc/$1/cmdline" | grep -qxF -- "$2"; } 2>/dev/null
}

# A process that has ended and that nobody has asked about counts as gone.
_engine_alive() {
  [[ -r /proc/$1/status ]] && ! grep -q '^State:[[:space:]]*Z' "/proc/$1/status" 2>/dev/null
}

_engine_pid() {
  _engine_live_pid "$1/dockerd.pid" "$1/dockerd.pid"
}

_engine_start() {
  local dir=$1 left launched deadline
  [[ $(id -u) == 0 ]] || _engine_fail "no Docker Engine answers, and only root can start one" ||
    return 1
  command -v dockerd >/dev/null || _engine_fail "no Docker Engine answers, and there is no dockerd" ||
    return 1
  # The sockets below it may have 107 bytes.
  [[ ${#dir} -le 70 ]] || _engine_fail "$dir is too long a name for a directory of sockets" ||
    return 1
  engine_stop "$dir"
  left=$(ls /sys/class/net/docker0/brif 2>/dev/null)
  [[ -z $left ]] || _engine_fail "docker0 has containers of an engine that does not answer:" \
    "the addresses of new ones would collide with theirs (${left//$'\n'/, })" || return 1
  mkdir -p -- "$dir" || return 1
  _engine_mount_cgroups || _engine_fail "the cgroups cannot be mounted" || return 1
  # In a subshell of its own no job control makes setsid fork: the id is dockerd's.
  launched=$(
    setsid dockerd --data-root "$dir/data" --exec-root "$dir/exec" --pidfile "$dir/dockerd.pid" \
      -H "unix://$dir/docker.sock" </dev/null >"$dir/dockerd.log" 2>&1 &
    printf '%s' "$!"
  )
  deadline=$((SECONDS + ENGINE_START_SECONDS))
  until _engine_answers "unix://$dir/docker.sock"; do
    if ! _engine_alive "$launched" || ((SECONDS >= deadline)); then
      kill -TERM "$launched" 2>/dev/null
      engine_stop "$dir"
      _engine_fail "dockerd did not start: $(tail -n 1 "$dir/dockerd.log")"
      return 1
    fi
    sleep 0.2
  done
  _engine_use "unix://$dir/docker.sock"
  # shellcheck disable=SC2034  # for the caller
  ENGINE_STARTED_PID=$launched
}

# Machines without a service manager may have no cgroups at all. Where there are
# some, they stay as they are: one hierarchy more, and containerd no longer sees
# which containers of any engine were killed for memory.
_engine_mount_cgroups() {
  local root=/sys/fs/cgroup name enabled
  grep -qE '^[^ ]+ [^ ]+ cgroup2? ' /proc/self/mounts && return 0
  mountpoint -q "$root" || mount -t tmpfs -o mode=755 cgroup "$root" || return 1
  while read -r name _ _ enabled; do
    [[ $name == \#* || $enabled != 1 ]] && continue
    mkdir -p "$root/$name" || return 1
    mount -t cgroup -o "$name" cgroup "$root/$name" || return 1
  done </proc/cgroups
}

_engine_wait_for_end() {
  local deadline=$((SECONDS + $2))
  while _engine_alive "$1"; do
    ((SECONDS < deadline)) || return 1
    sleep 0.1
  done
}

# dockerd ends its containerd itself, unless it was killed.
_engine_stop_containerd() {
  local dir=$1 pid
  pid=$(_engine_live_pid "$dir/exec/containerd/containerd.pid" \
    "$dir/exec/containerd/containerd.toml")
  [[ -n $pid ]] || return 0
  kill -TERM "$pid" 2>/dev/null
  _engine_wait_for_end "$pid" 10 || kill -KILL "$pid" 2>/dev/null
}

# Containers, and the shims that hold them, outlive a dockerd that was killed.
_engine_stop_containers() {
  local status pid
  for status in /proc/[0-9]*/status; do
    pid=${status//[!0-9]/}
    _engine_has_argument "$pid" "$1/exec/containerd/containerd.sock" || continue
    pkill -KILL -P "$pid"
    kill -KILL "$pid" 2>/dev/null
  done
}

# A removal of the directory must not reach into what is still mounted there.
_engine_unmount() {
  local target
  while read -r _ target _; do
    [[ $target == "$1"/* ]] && umount -l -- "$target" 2>/dev/null
  done < <(tac /proc/self/mounts)
  return 0
}
