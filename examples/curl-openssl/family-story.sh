#!/usr/bin/env bash
# A family's story against a system that runs: `bash examples/curl-openssl/family-story.sh`. See README.md beside it.
set -euo pipefail
here=$(dirname "$0")
. "$here/purse.sh"

# The owner that is registered. Give both, and you can sign in as her afterwards and look at what the program left.
email=${EMAIL:-ann-$(openssl rand -hex 8)@example.org}
password=${PASSWORD:-$(openssl rand -base64 18)}
trail=$(mktemp)
trap 'rm -f "$trail" "$trail.forged"' EXIT
as() { use "${sessions[$1]}"; }
declare -A sessions

# Anybody may register and sign in: these calls have no session yet, so nothing to sign with.
call POST /api/v1/auth/register "$(jq -nc --arg email "$email" --arg password "$password" \
  '{$email, $password, display_name: "Ann", family_name: "The Examples"}')" >/dev/null
call POST /api/v1/auth/login "$(jq -nc --arg email "$email" --arg password "$password" '{$email, $password}')" >/dev/null
session=$answer_body
jq -r '"signed in: Ann is \(.family.role) of \(.family.name)"' <<<"$session"

# An access token lives 15 minutes. Each refresh token is good for one exchange: keep what it answers, forget what you sent.
call POST /api/v1/auth/token/refresh "$(jq -c '{refresh_token}' <<<"$session")" >/dev/null
sessions[ann]=$answer_body
echo 'refreshed: the session goes on with new tokens'

as ann
call POST "/api/v1/families/$(jq -r .family.id <<<"${sessions[ann]}")/invitations" '{"role":"member"}' >/dev/null
invitation=$answer_body
access_token= # a visitor again: Ben
call POST /api/v1/auth/register "$(jq -nc --argjson invitation "$invitation" --arg id "$(openssl rand -hex 8)" \
  --arg password "$(openssl rand -base64 18)" \
  '{email: "ben-\($id)@example.org", $password, display_name: "Ben", invitation_token: $invitation.token}')" >/dev/null
sessions[ben]=$answer_body
echo 'joined: Ben, a member, by an invitation'

# A clock that is ten minutes behind: the server refuses the signature, says its own time, and the client signs anew by it.
now() { echo $(($(date +%s) - 600)); }
as ann
call POST /api/v1/accounts '{"name":"Household","kind":"bank","currency":"EUR","opening_balance":"500.00"}' >/dev/null
account=$(jq -r .id <<<"$answer_body")
echo "opened: Household with 500.00 EUR, although Ann's clock is ten minutes behind"

# Amounts are text, "2.50": a JSON number would be refused.
spending() {
  jq -nc --arg account_id "$account" --arg amount "$1" --arg description "$2" \
    '{type: "expense", $account_id, $amount, currency: "EUR", $description}'
}

# Up to 100 EUR a member spends alone. The answer got lost? The same key again, signed anew, is the same spending.
as ben
key=$(openssl rand -hex 16)
KEY=$key call POST /api/v1/transactions "$(spending 2.50 'ice cream')" >/dev/null
ice=$answer_body
KEY=$key call POST /api/v1/transactions "$(spending 2.50 'ice cream')" >/dev/null
[ "$(jq -r .id <<<"$ice") true" = "$(jq -r .id <<<"$answer_body") $(header idempotent-replayed)" ]
echo "spent: 2.50 $(jq -r .status <<<"$ice"); repeated with the same key: the same transaction"

call POST /api/v1/transactions "$(spending 250.00 bike)" >/dev/null
bike=$(jq -r .id <<<"$answer_body")
jq -r '"waits: \(.amount) \(.status); \(.approval.can_approve | map(.display_name) | join(", ")) can approve"' <<<"$answer_body"

if call POST "/api/v1/transactions/$bike/approve" '{}' >/dev/null; then exit 1; fi
jq -r '"refused: Ben approving it himself, \(.status) \(.code)"' <<<"$answer_body"

as ann
call POST "/api/v1/transactions/$bike/approve" '{"comment":"ride safely"}' >/dev/null
jq -r '"approved: by Ann, \(.status)"' <<<"$answer_body"

call POST "/api/v1/transactions/$bike/reverse" '{"reason":"the wrong size"}' >/dev/null
jq -r '"reversed: by a transaction of its own, \(.status); nothing is erased"' <<<"$answer_body"

# Lists come in pages: ask with the cursor until there is none. Money is whole cents: bash knows no others.
cents() { echo $((10#${1/./})); }
found=0 spent=0 cursor=
while [ "$cursor" != null ]; do
  call GET "/api/v1/transactions?account_id=$account&limit=1${cursor:+&cursor=$(jq -rn --arg cursor "$cursor" '$cursor | @uri')}" >/dev/null
  cursor=$(jq -r .next_cursor <<<"$answer_body")
  found=$((found + $(jq '.items | length' <<<"$answer_body")))
  for amount in $(jq -r '.items[] | select(.status == "posted" and .reverses == null) | .amount' <<<"$answer_body"); do
    spent=$((spent + $(cents "$amount")))
  done
done
call GET "/api/v1/accounts/$account" >/dev/null
posted=$(jq -r .balance.posted <<<"$answer_body")
[ $(($(cents 500.00) - spent)) -eq "$(cents "$posted")" ]
echo "listed: $found transactions, a page each; what is left is $posted EUR"

# Events arrive within a second or so. The export is lines of JSON, and is checked here, without the system.
for _ in {1..50}; do
  call GET /api/v1/audit/export >"$trail"
  if grep -q '"action":"transaction.reversed"' "$trail"; then break; fi
  sleep 0.2
done
verified=$(bash "$here/verify-trail.sh" "$trail")
echo "verified: ${verified%%,*} of the trail, each chained to the one before"
sed 's/"ice cream"/"ice crime"/' "$trail" >"$trail.forged"
if forged=$(bash "$here/verify-trail.sh" "$trail.forged" 2>&1); then exit 1; fi
echo "forged: $forged"

call POST /api/v1/auth/logout '{"scope":"local"}'
echo 'signed out'
