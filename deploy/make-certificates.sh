#!/usr/bin/env bash
# Makes a CA and certificates for a trial of Davit. See --help.
set -euo pipefail

usage() {
  cat <<'HELP'
make-certificates.sh [--ip ADDR]... [--days N] DIR NAME...

Makes certificates for a trial of Davit, with openssl. For each NAME there will be a
directory DIR/NAME with
  ca.crt   the CA that all of them believe
  tls.crt  the certificate of NAME, good for a server and for a client
  tls.key  its key, for its user only
to be copied to where NAME runs and given to davit-controller, davit-worker or davit as
their certificates. The CA is made once and kept in DIR/ca. Who has ca.key can make
certificates for everything: keep it off the hosts.

A worker's NAME is the name under which its host is added; a controller's, the host name
that clients dial; a person's, what `tls.allow` lists.

  --ip ADDR   also good for a server that is dialled at this address; for each NAME
  --days N    for how long, 365 days if not said; makes the certificates anew. A negative
              N makes ones that expired so many days ago, to try out what happens.
  --help      this text

A certificate that is there, in date, of the CA and for the wanted names, is kept.
HELP
}

fail() {
  echo "make-certificates.sh: $1" >&2
  exit "${2:-1}"
}

ips=()
days=
arguments=()
while [[ $# -gt 0 ]]; do
  case $1 in
    --help) usage; exit 0 ;;
    --ip) [[ $# -ge 2 ]] || fail "--ip needs an address" 2; ips+=("$2"); shift 2 ;;
    --days) [[ $# -ge 2 ]] || fail "--days needs a number" 2; days=$2; shift 2 ;;
    --) shift; arguments+=("$@"); break ;;
    -*) fail "no such option: $1; see --help" 2 ;;
    *) arguments+=("$1"); shift ;;
  esac
done
[[ ${#arguments[@]} -ge 2 ]] || { usage >&2; exit 2; }
[[ -z $days || $days =~ ^-?[0-9]{1,5}$ ]] || fail "--days takes a whole number: $days" 2
command -v openssl >/dev/null || fail "openssl is not installed"

is_ip() { [[ $1 =~ ^[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+$ || $1 == *:* ]]; }

directory=${arguments[0]}
names=("${arguments[@]:1}")
for name in "${names[@]}"; do
  [[ $name =~ ^[A-Za-z0-9:][A-Za-z0-9.:_-]{0,63}$ && $name != ca ]] ||
    fail "not a name for a certificate: $name" 2
done
for ip in "${ips[@]}"; do
  is_ip "$ip" || fail "not an IP address: $ip" 2
done

umask 022
mkdir -p "$directory/ca"
chmod 700 "$directory/ca"
ca=$directory/ca
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# quietly COMMAND...: what openssl has to say is shown only when it fails.
quietly() {
  "$@" >"$work/said" 2>&1 || { cat "$work/said" >&2; fail "openssl failed"; }
}

# new_key FILE
new_key() {
  (umask 077; quietly openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1")
}

date_in() { date -u -d "$1" +%Y%m%d%H%M%SZ; }

# sign REQUEST CERTIFICATE EXTENSIONS BEGIN END [ARGUMENT...]: by the CA. `openssl x509` of
# OpenSSL 3.0 takes no dates, `openssl ca` does.
sign() {
  local request=$1 certificate=$2 extensions=$3 begin=$4 end=$5
  shift 5
  : >"$work/index.txt"
  cat >"$work/ca.cnf" <<CONFIG
[ca]
default_ca = trial
[trial]
database = $work/index.txt
new_certs_dir = $work
default_md = sha256
policy = any
unique_subject = no
rand_serial = yes
[any]
commonName = supplied
[extensions]
$extensions
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid:always
CONFIG
  quietly openssl ca -config "$work/ca.cnf" -batch -notext -extensions extensions \
    -startdate "$(date_in "$begin")" -enddate "$(date_in "$end")" \
    -in "$request" -out "$certificate" -keyfile "$ca/ca.key" "$@"
  chmod 644 "$certificate"
}

# request KEY SUBJECT FILE
request() { quietly openssl req -new -key "$1" -subj "$2" -out "$3"; }

make_ca() {
  # Two trials' CAs are told apart by name.
  new_key "$ca/ca.key"
  request "$ca/ca.key" "/CN=Davit trial CA $(openssl rand -hex 4)" "$work/ca.csr"
  sign "$work/ca.csr" "$work/ca.crt" \
    $'basicConstraints = critical, CA:TRUE\nkeyUsage = critical, keyCertSign, cRLSign' \
    'now - 1 day' 'now + 3650 days' -selfsign
  mv "$work/ca.crt" "$ca/ca.crt"
  echo "made  $ca"
}

# alternatives_of NAME: what the certificate is for, as openssl's configuration has it.
alternatives_of() {
  local list="DNS:$1" ip
  is_ip "$1" && list+=",IP:$1"
  for ip in "${ips[@]}"; do list+=",IP:$ip"; done
  echo "$list"
}

# has_all CERTIFICATE NAME: whether it is for the name and the addresses that are asked for.
has_all() {
  local kind=-checkhost ip
  is_ip "$2" && kind=-checkip
  openssl x509 -in "$1" -noout "$kind" "$2" | grep -q 'does match' || return 1
  for ip in "${ips[@]}"; do
    openssl x509 -in "$1" -noout -checkip "$ip" | grep -q 'does match' || return 1
  done
}

# is_good NAME: whether what is there can be kept.
is_good() {
  local to=$directory/$1
  [[ -z $days && -f $to/tls.key && -f $to/tls.crt ]] || return 1
  cmp -s "$ca/ca.crt" "$to/ca.crt" || return 1
  openssl verify -CAfile "$ca/ca.crt" "$to/tls.crt" >/dev/null 2>&1 || return 1
  has_all "$to/tls.crt" "$1"
}

make_certificate() {
  local name=$1 to=$directory/$1 valid=${days:-365} begin='now - 1 hour'
  # What ends in the past has begun before.
  if ((valid <= 0)); then begin="now + $((valid - 1)) days"; fi
  mkdir -p "$to"
  new_key "$work/tls.key"
  request "$work/tls.key" "/CN=$name" "$work/tls.csr"
  sign "$work/tls.csr" "$work/tls.crt" "basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth, clientAuth
subjectAltName = $(alternatives_of "$name")" "$begin" "now + $valid days" -cert "$ca/ca.crt"
  cp "$ca/ca.crt" "$to/ca.crt"
  mv -f "$work/tls.key" "$work/tls.crt" "$to/"
  echo "made  $to"
}

[[ -f $ca/ca.key && -f $ca/ca.crt ]] || make_ca
for name in "${names[@]}"; do
  if is_good "$name"; then
    echo "kept  $directory/$name"
  else
    make_certificate "$name"
  fi
done
