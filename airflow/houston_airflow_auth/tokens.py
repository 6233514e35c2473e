"""Houston's tokens, which the ingress adds to each request: who is visiting this Airflow, and with which role."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass
from typing import Any

import jwt
import requests
from airflow.configuration import conf
from airflow.exceptions import AirflowConfigException

log = logging.getLogger(__name__)

#: Airflow's own roles that Houston gives, from the least to the most.
ROLES = ("Viewer", "User", "Op", "Admin")

#: How far the clocks may differ, in seconds. It does not prolong a token, or a lost role would count later.
CLOCK_SKEW = 60

#: How long the keys are used before they are read again, in seconds.
FRESH = 300

#: Shortest time between two attempts to read the keys, in seconds, whatever is wrong with them.
RETRY = 10

#: Longest wait for Houston, in seconds.
TIMEOUT = 5

CLAIMS = ("iss", "aud", "sub", "email", "roles", "exp", "nbf", "iat")


@dataclass(frozen=True)
class Visitor:
    """Who is visiting, as Houston says."""

    username: str
    email: str
    full_name: str
    #: Names from ROLES.
    roles: tuple[str, ...]

    @classmethod
    def of(cls, claims: dict[str, Any]) -> Visitor:
        """Read verified claims. Raises InvalidTokenError for claims that Houston would not write."""
        username, email, roles = claims.get("sub"), claims.get("email"), claims.get("roles")
        if not (isinstance(username, str) and username and isinstance(email, str) and email):
            raise jwt.InvalidTokenError("sub and email must be non-empty strings")
        known = tuple(role for role in ROLES if isinstance(roles, list) and role in roles)
        if not known:
            raise jwt.InvalidTokenError(f"roles must contain one of {', '.join(ROLES)}")
        full_name = claims.get("full_name")
        return cls(username, email, full_name if isinstance(full_name, str) and full_name else username, known)


class HoustonTokens:
    """Verifies tokens with the keys that Houston publishes. Safe for use by several threads."""

    def __init__(self, *, jwks_url: str, issuer: str, audience: str):
        self.issuer = issuer
        self.audience = audience
        self._keys = PublishedKeys(jwks_url)

    @classmethod
    def from_config(cls) -> HoustonTokens:
        """Read the section [houston]. Raises AirflowConfigException without a required option."""
        return cls(
            jwks_url=required("jwks_url"),
            issuer=conf.get("houston", "issuer", fallback="houston"),
            audience=required("audience"),
        )

    def issued(self, token: str) -> bool:
        """Whether a token says that it is Houston's. Nothing in it is verified."""
        try:
            return jwt.decode(token, options={"verify_signature": False}).get("iss") == self.issuer
        except jwt.InvalidTokenError:
            return False

    def verify(self, token: str) -> dict[str, Any]:
        """Return the claims. Raises jwt.InvalidTokenError for a token that Houston did not sign for this Airflow."""
        kid = jwt.get_unverified_header(token).get("kid")
        if not isinstance(kid, str):
            raise jwt.InvalidTokenError("The token does not name its key")
        claims = jwt.decode(
            token,
            self._keys.find(kid),
            # Never what the token or the key says: a public key must not become the secret of HS256.
            algorithms=["RS256"],
            issuer=self.issuer,
            audience=self.audience,
            leeway=CLOCK_SKEW,
            options={"require": list(CLAIMS), "strict_aud": True},
        )
        if int(claims["exp"]) <= time.time():
            raise jwt.ExpiredSignatureError("Signature has expired")
        return claims


class PublishedKeys:
    """The keys of Houston. They stay in use while Houston cannot be reached."""

    def __init__(self, url: str):
        self._url = url
        self._keys: dict[str, Any] = {}
        self._read_at = self._tried_at = float("-inf")
        self._lock = threading.Lock()

    def find(self, kid: str) -> Any:
        """Return the public key with this ID. Raises jwt.InvalidTokenError if Houston does not publish it."""
        if kid not in self._keys:
            # Who comes while another is reading waits for the result.
            with self._lock:
                if kid not in self._keys and self._waited():
                    self._read()
        elif time.monotonic() - self._read_at >= FRESH and self._waited() and self._lock.acquire(blocking=False):
            try:
                self._read()
            finally:
                self._lock.release()
        try:
            return self._keys[kid]
        except KeyError:
            raise jwt.InvalidTokenError("Houston does not publish the key of the token") from None

    def _waited(self) -> bool:
        return time.monotonic() - self._tried_at >= RETRY

    def _read(self) -> None:
        self._tried_at = time.monotonic()
        try:
            response = requests.get(self._url, timeout=TIMEOUT, allow_redirects=False)
            if response.status_code != 200:
                raise ValueError(f"status {response.status_code}")
            keys = jwt.PyJWKSet.from_dict(response.json()).keys
            # Houston publishes RSA keys only; nothing else may verify a token.
            self._keys = {key.key_id: key.key for key in keys if key.key_id and key.key_type == "RSA"}
            self._read_at = time.monotonic()
        except (requests.RequestException, jwt.PyJWTError, ValueError, AttributeError) as error:
            log.warning("Could not read the keys of Houston at %s: %s", self._url, error)


def bearer(authorization: str | None) -> str | None:
    """Return the token of an Authorization header; None for another scheme and without one."""
    scheme, _, token = (authorization or "").strip().partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def required(option: str) -> str:
    """Return an option of the section [houston]. Raises AirflowConfigException without it."""
    value = conf.get("houston", option, fallback="").strip()
    if not value:
        raise AirflowConfigException(f"[houston] {option} (AIRFLOW__HOUSTON__{option.upper()}) must not be empty")
    return value
