"""Checks an exported trail without the system that wrote it: `python3 verify_trail.py trail.ndjson`.

Every entry follows the one before and says what its hash says. docs/TRAIL.md has the rule.
"""

import hashlib
import json
import sys


class BrokenTrail(Exception):
    pass


def verify_trail(text):
    """The head of the file, (seq, hash). Kept somewhere else, it shows whether a later export tells the same beginning.

    Raises BrokenTrail with the number of the first entry that cannot be vouched for.
    """
    first, *lines = text.rstrip("\n").split("\n")
    header = json.loads(first)
    if header.get("format") != "common-purse-trail" or header.get("version") != 1:
        raise ValueError("This is no exported trail")
    seq, previous = 0, "0" * 64
    for line in lines:
        entry = json.loads(line)
        seq += 1
        content = {name: value for name, value in entry.items() if name not in ("prev_hash", "hash")}
        found = hashlib.sha256((previous + canonical(content)).encode()).hexdigest()
        fits = (
            compact(entry) == line  # no name twice, which two readers would read differently
            and entry["seq"] == seq
            and entry["prev_hash"] == previous
            and entry["hash"] == found
        )
        if not fits:
            raise BrokenTrail(f"The trail is broken at entry {seq}")
        previous = found
    if header["head"] != {"seq": seq, "hash": previous}:
        raise BrokenTrail(f"The trail is broken at entry {seq + 1}: the file was cut short or written on")
    return seq, previous


def compact(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def canonical(value):
    """The form of RFC 8785: no spaces, members sorted by name, by UTF-16 code units."""
    if isinstance(value, list):
        return "[" + ",".join(canonical(item) for item in value) + "]"
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be"))
        return "{" + ",".join(f"{compact(name)}:{canonical(value[name])}" for name in names) + "}"
    return compact(value)


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8", newline="") as file:
        try:
            print("Intact: {} entries, the last is {}".format(*verify_trail(file.read())))
        except BrokenTrail as broken:
            sys.exit(str(broken))
