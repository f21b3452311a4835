#!/bin/sh
# Run once by the image of PostgreSQL when a store is new: the roles that `flask grants` gives their rights. docs/grants.md
set -eu
for role in field backup custodians; do
    psql -v ON_ERROR_STOP=1 -q -U "$POSTGRES_USER" -d "$POSTGRES_DB" -v word="$(cat /run/secrets/$role.password)" <<SQL
create role amanah_$role login password :'word';
SQL
done
