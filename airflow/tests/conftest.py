"""A Houston that publishes keys and signs tokens, in the Airflow of this Python: 3 or 2.11."""

import atexit
import functools
import json
import os
import pathlib
import shutil
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

AUDIENCE = "quiet-comet-1000-airflow.example.com"

# Airflow reads its settings when it is imported.
os.environ["AIRFLOW_HOME"] = tempfile.mkdtemp(prefix="houston-airflow-auth-")
atexit.register(shutil.rmtree, os.environ["AIRFLOW_HOME"], ignore_errors=True)
os.environ["AIRFLOW__CORE__LOAD_EXAMPLES"] = "False"
os.environ["AIRFLOW__WEBSERVER__CONFIG_FILE"] = str(
    pathlib.Path(__file__).parent.parent / "examples/webserver_config.py"
)
os.environ["AIRFLOW__API_AUTH__JWT_SECRET"] = os.urandom(64).hex()
os.environ["AIRFLOW__HOUSTON__AUDIENCE"] = AUDIENCE
os.environ["AIRFLOW__HOUSTON__LOGIN_URL"] = "https://app.example.com/login"
os.environ["AIRFLOW__HOUSTON__LOGOUT_URL"] = "https://app.example.com/logout"

import jwt  # noqa: E402
import pytest  # noqa: E402
from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: E402

import airflow  # noqa: E402

collect_ignore = ["test_security_manager.py" if airflow.__version__.startswith("3.") else "test_auth_manager.py"]


@functools.cache
def key_named(kid):
    """Return the key with this ID, the same for all tests, because creating one takes long."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Houston:
    """Signs tokens, and publishes keys as the real one does. `answers` replaces the answer of the key set."""

    def __init__(self):
        self.keys = {}
        self.reads = 0
        self.answer = None
        houston = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                houston.reads += 1
                status, body = houston.answer or (200, houston.key_set())
                self.send_response(status)
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, args=[0.01], daemon=True).start()
        self.jwks_url = f"http://127.0.0.1:{self.server.server_port}/v1/.well-known/jwks.json"
        self.rotate("first")

    def rotate(self, kid, keep=()):
        """Sign with another key from now on, and publish it with those to keep."""
        self.kid = kid
        self.keys = {name: key_named(name) for name in (kid, *keep)}

    def key_set(self):
        jwks = [
            {
                **json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key())),
                "kid": kid,
                "use": "sig",
                "alg": "RS256",
            }
            for kid, key in self.keys.items()
        ]
        return json.dumps({"keys": jwks, **jwks[0]})

    def claims(self, **given):
        now = int(time.time())
        claims = {
            "iss": "houston",
            "aud": AUDIENCE,
            "sub": "ann",
            "email": "ann@example.com",
            "full_name": "Ann Example",
            "roles": ["Viewer"],
            "iat": now,
            "nbf": now,
            "exp": now + 900,
            **given,
        }
        return {name: value for name, value in claims.items() if value is not None}

    def token(self, *, key=None, kid=None, algorithm="RS256", **given):
        return jwt.encode(
            self.claims(**given), key or self.keys[self.kid], algorithm=algorithm, headers={"kid": kid or self.kid}
        )


@pytest.fixture
def houston(monkeypatch):
    houston = Houston()
    monkeypatch.setenv("AIRFLOW__HOUSTON__JWKS_URL", houston.jwks_url)
    yield houston
    houston.server.shutdown()
    houston.server.server_close()
