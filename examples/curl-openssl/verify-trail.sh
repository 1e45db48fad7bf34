#!/usr/bin/env bash
# Checks an exported trail without the system that wrote it: `verify-trail.sh trail.ndjson`. docs/TRAIL.md has the rule.
# Exit code 1, with the number of the first entry that cannot be vouched for.
set -euo pipefail

seq=0 previous=$(printf '0%.0s' {1..64})
{
  read -r header
  [ "$(jq -r '"\(.format) \(.version)"' <<<"$header")" = 'common-purse-trail 1' ] || { echo 'This is no exported trail' >&2 && exit 2; }
  # jq writes each entry without spaces and with its members sorted, which is the form of RFC 8785 for what stands in a
  # trail: text and whole numbers. The line as it was comes with it: written again it must be the same, or a name stood
  # twice in it, which two readers would read differently.
  while IFS=$'\t' read -r line_seq line_previous line_hash same content; do
    seq=$((seq + 1))
    hash=$(printf '%s%s' "$previous" "$content" | openssl dgst -sha256 -r)
    if [ "$line_seq $line_previous $line_hash $same" != "$seq $previous ${hash%% *} true" ]; then
      echo "The trail is broken at entry $seq" >&2
      exit 1
    fi
    previous=$line_hash
  done < <(jq -Rr '. as $line | fromjson | [(.seq | tostring), .prev_hash, .hash, (tojson == $line | tostring)] + [del(.prev_hash, .hash) | walk(if type == "object" then to_entries | sort_by(.key) | from_entries else . end) | tojson] | join("\t")')
} <"$1"
if [ "$(jq -r '"\(.seq) \(.hash)"' <<<"$(jq -c .head <<<"$header")")" != "$seq $previous" ]; then
  echo "The trail is broken at entry $((seq + 1)): the file was cut short or written on" >&2
  exit 1
fi
echo "$seq entries, the last is $previous"
