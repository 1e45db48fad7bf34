# A signed client of Common Purse for the shell: bash, curl, openssl and jq. Source it: `. purse.sh`.
# The rules that it follows are in docs/SIGNING.md.
#
#   use SESSION              whose calls follow: what signing in answered, as JSON
#   call METHOD TARGET [BODY] sends one request; TARGET is path and query, percent-encoded
#     prints the answer, and returns 0 for 2xx and 1 for a refusal (a problem document)
#     answer_status, answer_headers, answer_body   what came, for a look afterwards (call it without a pipe or $( ) for that)
#     KEY=…                  the Idempotency-Key, of your own choice; a new one for each call unless set
#     CLOCK_AHEAD=…          seconds that the server's clock is ahead of this one; learnt from a refusal

purse=${PURSE_URL:-http://127.0.0.1:8000}
access_token='' key_id='' secret='' CLOCK_AHEAD=${CLOCK_AHEAD:-0}
answer_status='' answer_headers='' answer_body=''

use() {
  access_token=$(jq -r .access_token <<<"$1")
  key_id=$(jq -r .signing_key.key_id <<<"$1")
  # base64url without padding; openssl wants hexadecimal digits
  secret=$(printf '%s=' "$(jq -r .signing_key.secret <<<"$1")" | tr -- '-_' '+/' | base64 -d | od -An -v -tx1 | tr -d ' \n')
}

call() {
  # Chosen once, before the first try: whatever gets lost, the intention is carried out once.
  local key=${KEY:-$(openssl rand -hex 16)} tries pause
  for tries in 1 2 3 4; do
    # Every try is signed anew: a new nonce and the time of now.
    send "$1" "$2" "${3-}" "$key"
    pause=$(pause_before "$tries")
    [ -n "$pause" ] && [ "$tries" -lt 4 ] || break
    learn_time
    sleep "$pause"
  done
  printf '%s' "$answer_body"
  [ "${answer_status:-0}" -ge 200 ] && [ "$answer_status" -lt 300 ]
}

# Seconds after which another try may help; nothing when the answer stands. No answer at all, 000, is a reason to ask again.
pause_before() {
  local code
  code=$(problem_code)
  case "$answer_status $code" in
    *' signature_expired') echo $(($1 - 1)) ;; # 0 first; later if that was not it: the server's guard has just started anew
    *' request_in_progress' | 000* | 50[234]*) header retry-after | grep . || echo "$1" ;;
  esac
}

# A refused signature says the server's time.
learn_time() {
  local told
  told=$(jq -r '.server_time // empty' <<<"$answer_body" 2>/dev/null)
  [ -z "$told" ] || CLOCK_AHEAD=$(($(date -d "$told" +%s) - $(now)))
}

problem_code() { [[ ${answer_status:-000} = [45]* ]] && jq -r '.code // empty' <<<"$answer_body" 2>/dev/null; }
header() { sed -n "s/^$1: *//Ip" <<<"$answer_headers" | tr -d '\r'; }
now() { date +%s; }

# send METHOD TARGET BODY KEY: one try
send() {
  local head out headers=() nothing=000
  [ -z "$access_token" ] || sign "$@"
  [ "$1" = GET ] || headers+=(-H "idempotency-key: $4")
  [ -z "$3" ] || headers+=(-H 'content-type: application/json' --data-binary "$3")
  head=$(mktemp) out=$(mktemp)
  answer_status=$(curl -sS -m 10 -X "$1" "$purse$2" "${headers[@]}" -D "$head" -o "$out" -w '%{http_code}') || answer_status=$nothing
  answer_headers=$(<"$head")
  answer_body=$(<"$out")
  rm -f "$head" "$out"
}

# Puts the headers that sign one request by RFC 9421 into `headers`.
sign() {
  local path query digest covered base params signature
  path=${2%%\?*}
  query=${2#"$path"}
  digest="sha-256=:$(printf %s "$3" | openssl dgst -sha256 -binary | base64):"
  covered='"@method" "@path" "@query" "content-digest" "authorization"'
  base="\"@method\": $1"$'\n'"\"@path\": $path"$'\n'"\"@query\": ${query:-?}"$'\n'
  base+="\"content-digest\": $digest"$'\n'"\"authorization\": Bearer $access_token"$'\n'
  if [ "$1" != GET ]; then
    covered+=' "idempotency-key"'
    base+="\"idempotency-key\": $4"$'\n'
  fi
  params="($covered);created=$(($(now) + CLOCK_AHEAD));nonce=\"$(openssl rand -hex 16)\";keyid=\"$key_id\";alg=\"hmac-sha256\""
  base+="\"@signature-params\": $params"
  signature=$(printf %s "$base" | openssl dgst -sha256 -mac HMAC -macopt "hexkey:$secret" -binary | base64)
  headers=(-H "authorization: Bearer $access_token" -H "content-digest: $digest")
  headers+=(-H "signature-input: sig=$params" -H "signature: sig=:$signature:")
}
