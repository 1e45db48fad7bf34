"""A signed client of Common Purse in one file, with nothing but Python's standard library: copy it and change it.

The rules that it follows are in docs/SIGNING.md. Python 3.9 or newer.
"""

import base64
import hashlib
import hmac
import http.client
import json
import secrets
import time
import uuid
from datetime import datetime
from urllib.parse import urlsplit

TRIES = 4


class PurseError(Exception):
    """An answer that is not 2xx: a problem document (RFC 9457).

    Act on `code`, show `detail`, quote `request_id` when you ask for help. `errors` names the fields that were refused.
    """

    def __init__(self, problem):
        super().__init__("{status} {code}: {detail} (request {request_id})".format(**problem))
        self.problem = problem
        self.status = problem["status"]
        self.code = problem["code"]


class Answer:
    def __init__(self, status, headers, body):
        self.status = status
        #: The server had this Idempotency-Key before: nothing was done again, this is the answer of then.
        self.replayed = headers.get("idempotent-replayed") == "true"
        self.retry_after = float(headers.get("retry-after") or 0)
        is_json = headers.get_content_subtype() in ("json", "problem+json")
        #: What JSON says, or text, or None where the answer has no body. Amounts are text, "12.50".
        self.body = json.loads(body) if is_json else body.decode() or None

    def problem(self):
        if isinstance(self.body, dict):
            return self.body
        # Something on the way, a proxy for instance, may refuse with a page of its own.
        detail = (self.body or "")[:200]
        return {"code": "no_problem", "status": self.status, "detail": detail, "request_id": "unknown", "errors": []}


class PurseClient:
    """One person's calls. `now` is this machine's clock in seconds: a wrong one is put right by what the server says."""

    def __init__(self, origin, session=None, now=time.time):
        self.origin = urlsplit(origin)
        #: What signing in or a refresh answered; None for calls that anybody may make.
        self.session = session
        self.now = now
        self.ahead = 0.0

    def call(self, method, target, body=None, key=None):
        """Sends one request, and again where that may help. `target` is path and query, percent-encoded.

        `key` is the Idempotency-Key. It names the intention, not the try: a call that is repeated keeps it. A new one
        unless given. Raises PurseError for an answer that is not 2xx, OSError where there is none.
        """
        data = b"" if body is None else json.dumps(body).encode()
        if method != "GET" and key is None:
            key = str(uuid.uuid4())
        for tries in range(1, TRIES + 1):
            # Every try is signed anew: a new nonce and the time of now. No answer is a reason to ask again, too.
            pause = 0.2 * 2**tries
            try:
                answer = self._send(method, target, data, key)
            except (OSError, http.client.HTTPException):
                if tries == TRIES:
                    raise
            else:
                if answer.status < 300:
                    return answer
                pause = self._pause_before(answer, tries)
                if pause is None or tries == TRIES:
                    raise PurseError(answer.problem())
            time.sleep(pause)

    def _pause_before(self, answer, tries):
        """Seconds after which another try may help; None when the refusal stands."""
        code = answer.problem()["code"]
        if code == "signature_expired":
            # Our clock is wrong, and the answer has the server's. A second later if that was not it: its guard has
            # just started anew.
            server = datetime.fromisoformat(answer.body["server_time"].replace("Z", "+00:00"))
            self.ahead = server.timestamp() - self.now()
            return tries - 1.0
        if code == "request_in_progress" or answer.status in (502, 503, 504):
            return max(answer.retry_after, 0.2 * 2**tries)
        return None

    def _send(self, method, target, data, key):
        headers = {} if key is None else {"idempotency-key": key}
        if self.session:
            headers = self._sign(method, target, data, key)
        if data:
            headers["content-type"] = "application/json"
        secure = self.origin.scheme == "https"
        connect = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        connection = connect(self.origin.netloc, timeout=10)
        try:
            connection.request(method, target, data or None, headers)
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())
        finally:
            connection.close()

    def _sign(self, method, target, data, key):
        """The headers that sign one request by RFC 9421, in the order in which they are signed."""
        path, _, query = target.partition("?")
        headers = {
            "content-digest": f"sha-256=:{base64.b64encode(hashlib.sha256(data).digest()).decode()}:",
            "authorization": f"Bearer {self.session['access_token']}",
        }
        if key is not None:
            headers["idempotency-key"] = key
        lines = {"@method": method, "@path": path, "@query": f"?{query}", **headers}
        signing_key = self.session["signing_key"]
        covered = " ".join(f'"{name}"' for name in lines)
        created = int(self.now() + self.ahead)
        nonce, key_id = secrets.token_urlsafe(18), signing_key["key_id"]
        params = f'({covered});created={created};nonce="{nonce}";keyid="{key_id}";alg="hmac-sha256"'
        lines["@signature-params"] = params
        base = "\n".join(f'"{name}": {value}' for name, value in lines.items())
        secret = base64.urlsafe_b64decode(signing_key["secret"] + "=")
        signature = base64.b64encode(hmac.new(secret, base.encode(), hashlib.sha256).digest()).decode()
        return {**headers, "signature-input": f"sig={params}", "signature": f"sig=:{signature}:"}
