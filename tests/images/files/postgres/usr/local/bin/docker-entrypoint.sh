#!/bin/bash
# The first start makes the database of POSTGRES_DB and its owner POSTGRES_USER, and runs what is in
# /docker-entrypoint-initdb.d; VARIABLE_FILE names a file with the value of VARIABLE.
set -euo pipefail

from_file() {
  local file=${1}_FILE
  if [[ -n ${!file-} ]]; then
    export "$1=$(<"${!file}")"
    unset "$file"
  fi
}

make_database() {
  initdb --username="$POSTGRES_USER" --pwfile=<(echo "$POSTGRES_PASSWORD") --auth-local=trust --no-sync >/dev/null
  echo "host all all all scram-sha-256" >>"$PGDATA/pg_hba.conf"
  echo "listen_addresses = '*'" >>"$PGDATA/postgresql.conf"
  # Nobody but us may come in before it is ready.
  pg_ctl -s -w -o "-c listen_addresses=''" start
  local sql=(psql -q -v ON_ERROR_STOP=1 -U "$POSTGRES_USER")
  [[ $POSTGRES_DB == postgres ]] || "${sql[@]}" -d postgres -c "CREATE DATABASE \"$POSTGRES_DB\""
  local file
  for file in /docker-entrypoint-initdb.d/*.sql; do
    [[ ! -e $file ]] || "${sql[@]}" -d "$POSTGRES_DB" -f "$file"
  done
  pg_ctl -s -m fast -w stop
}

[[ ${1-} != -* ]] || set -- postgres "$@"
if [[ ${1-} != postgres ]]; then
  exec "$@"
fi
if [[ $(id -u) == 0 ]]; then
  install -d -o postgres -g postgres -m 700 "$PGDATA"
  install -d -o postgres -g postgres -m 2775 /run/postgresql
  exec setpriv --reuid postgres --regid postgres --init-groups -- "$0" "$@"
fi
from_file POSTGRES_PASSWORD
from_file POSTGRES_USER
from_file POSTGRES_DB
: "${POSTGRES_USER:=postgres}" "${POSTGRES_DB:=${POSTGRES_USER:-postgres}}"
if [[ ! -s $PGDATA/PG_VERSION ]]; then
  if [[ -z ${POSTGRES_PASSWORD-} ]]; then
    echo "POSTGRES_PASSWORD is not set: the new database would belong to everybody" >&2
    exit 1
  fi
  make_database
fi
exec "$@"
