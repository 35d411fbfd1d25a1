#!/bin/sh
# Tests declarations in CI without an account: everything is created on a local sandbox that behaves like the vendor's
# service, once plainly and once with an answer that gets lost. No secret is needed; any values do.
#   sh test-declarations.sh [FLAGS OF instate ...]        for example  -f instate.yaml --env-file ci.env
# Needs curl. INSTATE names the command, by default the one that the project installed.
set -eu
instate=${INSTATE:-./node_modules/.bin/instate}
work=$(mktemp -d)
server=
finish() {
  [ -z "$server" ] || { kill "$server" 2>/dev/null && wait "$server"; } || :
  rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT TERM

$instate sandbox --port 0 >"$work/sandbox" &
server=$!
until grep -q '^Sandbox listening on ' "$work/sandbox"; do
  kill -0 "$server" || { echo 'The sandbox did not start.' >&2; exit 1; }
  sleep 0.1
done
INSTATE_BASE_URL=$(sed -n 's/^Sandbox listening on //p' "$work/sandbox")
control=${INSTATE_BASE_URL%/elements/api-v2}/__sandbox
export INSTATE_BASE_URL CE_USER_SECRET=any CE_ORGANIZATION_SECRET=thing
export XDG_CONFIG_HOME="$work" # the throw-away states get a throw-away key
living() { curl -fsS "$control/stats" | sed -n 's/.*"instances":\([0-9]*\).*/\1/p'; }

echo '1. What is declared can be created, and is then as declared:'
$instate apply --yes --state "$work/plain.db" "$@"
$instate plan --detailed-exitcode --state "$work/plain.db" "$@"
declared=$(living)

echo '2. An answer gets lost, and still nothing is made twice:'
curl -fsS -X POST "$control/reset" >/dev/null
curl -fsS -X POST "$control/faults" --data '[{"on": "POST /instances", "do": "commit-then-drop"}]' >/dev/null
$instate apply --yes --state "$work/lost.db" "$@" || echo '(that run was cut short; the next one finishes the work)'
$instate apply --yes --state "$work/lost.db" "$@"
made=$(living)
[ "$made" = "$declared" ] || { echo "$made instances live, $declared are declared" >&2; exit 1; }
echo "$declared instances, each exactly once."
