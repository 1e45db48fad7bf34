"""A family's story against a system that runs: `python3 examples/python/family_story.py`. See README.md beside it."""

import os
import secrets
import time
import uuid
from decimal import Decimal
from urllib.parse import urlencode

from purse_client import PurseClient, PurseError
from verify_trail import BrokenTrail, verify_trail

ORIGIN = os.environ.get("PURSE_URL", "http://127.0.0.1:8000")
# The owner that is registered. Give both, and you can sign in as her afterwards and look at what the program left.
EMAIL = os.environ.get("EMAIL", f"ann-{uuid.uuid4()}@example.org")
PASSWORD = os.environ.get("PASSWORD", secrets.token_urlsafe(18))

# Anybody may register and sign in: these calls have no session yet, so nothing to sign with.
visitor = PurseClient(ORIGIN)


def main():
    ann = sign_in()
    ben = invite_ben(ann)
    print("joined: Ben, a member, by an invitation")

    account = ann.call(
        "POST",
        "/api/v1/accounts",
        {"name": "Household", "kind": "bank", "currency": "EUR", "opening_balance": "500.00"},
    ).body
    print("opened: Household with 500.00 EUR, although Ann's clock is ten minutes behind")

    spend_once(ben, account)
    bike = spend_much(ann, ben, account)
    reversal = ann.call("POST", f"/api/v1/transactions/{bike['id']}/reverse", {"reason": "the wrong size"}).body
    print(f"reversed: by a transaction of its own, {reversal['status']}; nothing is erased")

    list_all(ann, account)
    check_trail(ann)
    ann.call("POST", "/api/v1/auth/logout", {"scope": "local"})
    print("signed out")


def sign_in():
    visitor.call(
        "POST",
        "/api/v1/auth/register",
        {"email": EMAIL, "password": PASSWORD, "display_name": "Ann", "family_name": "The Examples"},
    )
    session = visitor.call("POST", "/api/v1/auth/login", {"email": EMAIL, "password": PASSWORD}).body
    print(f"signed in: Ann is {session['family']['role']} of {session['family']['name']}")
    # An access token lives 15 minutes. Each refresh token is good for one exchange: keep what it answers, forget what
    # you sent.
    token = session["refresh_token"]
    session = visitor.call("POST", "/api/v1/auth/token/refresh", {"refresh_token": token}).body
    print("refreshed: the session goes on with new tokens")
    # Her clock is ten minutes behind. The server refuses the signature, says its own time, and the client signs anew
    # by it.
    return PurseClient(ORIGIN, session, now=lambda: time.time() - 600)


def invite_ben(ann):
    family_id = ann.session["family"]["id"]
    invitation = ann.call("POST", f"/api/v1/families/{family_id}/invitations", {"role": "member"}).body
    session = visitor.call(
        "POST",
        "/api/v1/auth/register",
        {
            "email": f"ben-{uuid.uuid4()}@example.org",
            "password": secrets.token_urlsafe(18),
            "display_name": "Ben",
            "invitation_token": invitation["token"],
        },
    ).body
    return PurseClient(ORIGIN, session)


def spend(who, account, amount, description, key=None):
    body = {
        "type": "expense",
        "account_id": account["id"],
        "amount": amount,
        "currency": "EUR",
        "description": description,
    }
    return who.call("POST", "/api/v1/transactions", body, key)


def spend_once(ben, account):
    """Up to 100 EUR a member spends alone. The answer got lost? The same key again, signed anew, is the same spending."""
    key = str(uuid.uuid4())
    ice = spend(ben, account, "2.50", "ice cream", key)
    again = spend(ben, account, "2.50", "ice cream", key)
    if again.body["id"] != ice.body["id"] or not again.replayed:
        raise SystemExit("It was spent twice")
    print(f"spent: 2.50 {ice.body['status']}; repeated with the same key: the same transaction")


def spend_much(ann, ben, account):
    """More waits until somebody else approves."""
    bike = spend(ben, account, "250.00", "bike").body
    names = ", ".join(person["display_name"] for person in bike["approval"]["can_approve"])
    print(f"waits: 250.00 {bike['status']}; {names} can approve")
    try:
        ben.call("POST", f"/api/v1/transactions/{bike['id']}/approve", {})
    except PurseError as refusal:
        print(f"refused: Ben approving it himself, {refusal.status} {refusal.code}")
    approved = ann.call("POST", f"/api/v1/transactions/{bike['id']}/approve", {"comment": "ride safely"}).body
    print(f"approved: by Ann, {approved['status']}")
    return bike


def list_all(ann, account):
    """Lists come in pages: ask with the cursor until there is none. Money is Decimal, never float."""
    found, query = [], {"account_id": account["id"], "limit": 1}
    while True:
        page = ann.call("GET", f"/api/v1/transactions?{urlencode(query)}").body
        found += page["items"]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    spent = sum(
        (Decimal(one["amount"]) for one in found if one["status"] == "posted" and one["reverses"] is None), Decimal(0)
    )
    posted = ann.call("GET", f"/api/v1/accounts/{account['id']}").body["balance"]["posted"]
    if Decimal("500.00") - spent != Decimal(posted):
        raise SystemExit("The list is not the balance")
    print(f"listed: {len(found)} transactions, a page each; what is left is {posted} EUR")


def check_trail(ann):
    """Events arrive within a second or so. The export is lines of JSON, and is checked here, without the system."""
    trail = export_with(ann, "transaction.reversed")
    entries, _ = verify_trail(trail)
    print(f"verified: {entries} entries of the trail, each chained to the one before")
    try:
        verify_trail(trail.replace('"ice cream"', '"ice crime"'))
        raise SystemExit("A forged trail was not found out")
    except BrokenTrail as broken:
        print(f"forged: {broken}")


def export_with(ann, action):
    for _ in range(50):
        trail = ann.call("GET", "/api/v1/audit/export").body
        if f'"action":"{action}"' in trail:
            return trail
        time.sleep(0.2)
    raise SystemExit(f"{action} did not come to the trail")


if __name__ == "__main__":
    main()
