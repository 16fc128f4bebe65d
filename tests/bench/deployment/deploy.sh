#!/bin/sh
# What a careful person would write instead of Davit: replaces a container by one of another image, with the
# docker command, and puts the old one back when the new one does not get healthy.
#   deploy.sh NAME IMAGE PORT HEALTH_PATH
set -eu
name=$1 image=$2 port=$3 path=$4

if docker container inspect "$name" >/dev/null 2>&1; then
  docker stop --time 0 "$name" >/dev/null
  docker rename "$name" "$name-old"
fi
docker run --detach --name "$name" --publish "$port:80" --restart unless-stopped "$image" >/dev/null

healthy=
end=$(($(date +%s) + 100))
while [ "$(date +%s)" -lt "$end" ]; do
  # No pause between probes: curl itself waits for the connection.
  if curl --silent --fail --max-time 5 --output /dev/null "http://127.0.0.1:$port$path"; then
    healthy=yes
    break
  fi
done

if [ -z "$healthy" ]; then
  docker rm --force "$name" >/dev/null
  docker rename "$name-old" "$name"
  docker start "$name" >/dev/null
  exit 1
fi
docker rm "$name-old" >/dev/null 2>&1 || true
