#!/bin/sh
# Tests declarations in CI without an account: everything is created on a local sandbox that behaves like the vendor's
# service, once plainly and once with an answer that gets lost. No real secret is needed; any values do.
#   sh test-declarations.sh [FLAGS OF instate ...]        for example  -f instate.yaml --env-file ci.env
# Needs curl. INSTATE names the command, by default the one that the project installed.
set -eu
instate=${INSTATE:-./node_modules/.bin/instate}
fail() {
  echo "test-declarations: $1" >&2
  exit 1
}
command -v curl >/dev/null || fail 'curl is needed'
command -v "${instate%% *}" >/dev/null || fail "there is no ${instate%% *}: set INSTATE, or run it where node_modules is"

work=$(mktemp -d)
control=
finish() {
  # By a call and not by a signal: INSTATE may be a wrapper that passes none on.
  [ -z "$control" ] || curl -fsS -X POST "$control/stop" >/dev/null 2>&1 || :
  rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

$instate sandbox --port 0 >"$work/sandbox" 2>"$work/errors" </dev/null &
server=$!
until grep -q '^Sandbox listening on ' "$work/sandbox"; do
  kill -0 "$server" 2>/dev/null || fail "the sandbox did not start: $(cat "$work/errors")"
  sleep 0.1
done
INSTATE_BASE_URL=$(sed -n 's/^Sandbox listening on //p' "$work/sandbox")
control=${INSTATE_BASE_URL%/elements/api-v2}/__sandbox
INSTATE_STATE_KEY=base64:$(head -c 32 /dev/urandom | base64) # the throw-away states get a throw-away key
export INSTATE_BASE_URL INSTATE_STATE_KEY
export CE_USER_SECRET="${CE_USER_SECRET:-any}" CE_ORGANIZATION_SECRET="${CE_ORGANIZATION_SECRET:-thing}"
count() {
  curl -fsS "$control/stats" >"$work/stats"
  sed -n 's/.*"instances":\([0-9][0-9]*\).*/\1/p' "$work/stats"
}

echo '1. What is declared can be created, and is then as declared:'
$instate apply --yes --state "$work/plain.db" "$@"
$instate plan --detailed-exitcode --state "$work/plain.db" "$@"
declared=$(count)
[ "${declared:-0}" -gt 0 ] || fail 'nothing is declared'

echo '2. An answer gets lost, and still nothing is made twice:'
curl -fsS -X POST "$control/reset" >/dev/null
curl -fsS -X POST "$control/faults" --data '[{"on": "POST /instances", "do": "commit-then-drop"}]' >/dev/null
$instate apply --yes --grace 2 --timeout 5 --state "$work/lost.db" "$@" ||
  echo '(that run was cut short; the next one finishes the work)'
$instate apply --yes --grace 2 --timeout 5 --state "$work/lost.db" "$@"
made=$(count)
[ "$made" = "$declared" ] || fail "$made live, $declared declared"
echo "All $declared, each exactly once."
