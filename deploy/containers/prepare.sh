#!/bin/sh
# Makes what compose.yaml reads, once: passwords that nobody has to know, and nginx.conf for its host.
# ./prepare.sh study.example.org; then put fullchain.pem and privkey.pem into secrets/.
set -eu
cd "$(dirname "$0")"
host=${1:?"Usage: ./prepare.sh study.example.org"}
case $host in *[!a-z0-9.-]*) echo "That is no name of a host." >&2; exit 1 ;; esac
[ ! -e secrets ] || { echo "secrets/ is there already; nothing was changed." >&2; exit 1; }
umask 077
mkdir secrets
for role in owner field backup custodians; do
    head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n' > secrets/$role.password
    for store in research identity office; do
        printf '%s-db:5432:%s:amanah_%s:%s\n' $store $store $role "$(cat secrets/$role.password)"
    done > secrets/$role.pgpass
done
# The image of nginx runs without root, so it listens high up; compose.yaml leads 80 and 443 there.
sed -e '/^user /d' -e "s/study\.example\.org/$host/g" \
    -e 's/listen 80/listen 8080/' -e 's/listen 443/listen 8443/' \
    -e 's|/etc/amanah/|/run/secrets/|' -e 's|http://127\.0\.0\.1:8000|http://field:8000|' ../nginx.conf > nginx.conf
chmod 0644 nginx.conf
# Files keep their owner in a container: the field app is 10001 there, PostgreSQL 999, nginx 101.
if [ "$(id -u)" = 0 ]; then
    chown 10001 secrets/*.pgpass
    chown 999 secrets/*.password
else
    echo "As root: chown 10001 secrets/*.pgpass; chown 999 secrets/*.password; chown 101 secrets/*.pem"
fi
echo "Put fullchain.pem and privkey.pem into secrets/ (0600, owner 101)."
