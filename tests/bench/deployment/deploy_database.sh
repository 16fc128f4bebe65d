#!/bin/sh
# What a careful person would write instead of Davit for an app with a database: waits for it, makes a backup and reads it
# whole, migrates in the new image, then deploy.sh.
#   deploy_database.sh NAME IMAGE PORT HEALTH_PATH BACKUPS
# The database is that of libpq's variables (PGHOST, PGPORT, PGUSER, PGPASSWORD, PGDATABASE); containers get DATABASE_URL.
set -eu
name=$1 image=$2 backups=$5

attempts=0
until psql --no-psqlrc --quiet --command 'SELECT 1' >/dev/null; do
  attempts=$((attempts + 1))
  [ "$attempts" -lt 30 ] || exit 1
  sleep 1
done

mkdir -p "$backups"
chmod 700 "$backups"
stem=$backups/$PGDATABASE-$(date +%s%N)
pg_dump --format=custom --file="$stem.part"
sync "$stem.part"
sha256sum "$stem.part" >"$stem.sha256"
pg_restore --file=/dev/null "$stem.part"
mv "$stem.part" "$stem.dump"
sync "$backups"
find "$backups" -name '*.dump' | sort -r | tail -n +8 | while read -r old; do
  rm -f "$old" "${old%.dump}.sha256"
done

docker run --rm --name "$name-migrate" --env DATABASE_URL --env "PGOPTIONS=-c lock_timeout=10s" \
  --add-host host.docker.internal:host-gateway "$image" /bin/migrate
exec "$(dirname "$0")/deploy.sh" "$@"
