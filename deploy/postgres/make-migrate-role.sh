#!/bin/sh
# Run once by the postgres image, when its data are made: the role that migrates, which is no superuser.
set -eu
psql --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" --set ON_ERROR_STOP=1 \
  --set password="$(cat /run/secrets/migrate_password)" --set database="$POSTGRES_DB" <<'SQL'
CREATE ROLE purse_migrate LOGIN CREATEROLE PASSWORD :'password';
GRANT CREATE ON DATABASE :"database" TO purse_migrate;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
SQL
