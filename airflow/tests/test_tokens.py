import json
import time
from concurrent.futures import ThreadPoolExecutor

import jwt
import pytest
from conftest import AUDIENCE
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from houston_airflow_auth import tokens as module
from houston_airflow_auth.tokens import HoustonTokens, Visitor, bearer


@pytest.fixture
def tokens(houston):
    return HoustonTokens.from_config()


@pytest.fixture
def clock(monkeypatch):
    """A clock of the cache that a test sets forward."""

    class Clock:
        now = 1_000.0

        def monotonic(self):
            return self.now

        def time(self):
            return time.time()

    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock


def refused(tokens, token):
    with pytest.raises(jwt.InvalidTokenError) as error:
        tokens.verify(token)
    return str(error.value)


def test_accepts_what_houston_signed(houston, tokens):
    assert tokens.verify(houston.token())["sub"] == "ann"
    assert tokens.issued(houston.token())


def test_refuses_the_key_of_somebody_else(houston, tokens):
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    assert "Signature" in refused(tokens, houston.token(key=other))


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"aud": "loud-comet-1001-airflow.example.com"}, "udience"),
        ({"aud": [AUDIENCE]}, "strict"),
        ({"aud": "docker-registry"}, "udience"),
        ({"iss": "https://example.org"}, "ssuer"),
        ({"exp": int(time.time()) - 1}, "expired"),
        ({"nbf": int(time.time()) + 3_600}, "not yet valid"),
        ({"iat": int(time.time()) + 3_600}, "not yet valid"),
        *(({claim: None}, claim) for claim in ("iss", "aud", "exp", "nbf", "iat", "sub", "email", "roles")),
    ],
)
def test_refuses_other_claims(houston, tokens, given, reason):
    assert reason in refused(tokens, houston.token(**given))


def test_allows_for_a_clock_that_is_behind_but_prolongs_no_token(houston, tokens):
    now = int(time.time())
    assert tokens.verify(houston.token(iat=now + 30, nbf=now + 30))
    assert "expired" in refused(tokens, houston.token(exp=now))


def test_refuses_other_algorithms(houston, tokens):
    public = houston.keys["first"].public_key()
    pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    refused(tokens, jwt.encode(houston.claims(), None, algorithm="none", headers={"kid": "first"}))
    # PyJWT itself does not sign with a public key as a secret.
    for algorithm in ("HS256", "HS512"):
        hmac = jwt.get_algorithm_by_name(algorithm)
        head, body, _ = jwt.encode(houston.claims(), "x" * 64, algorithm=algorithm, headers={"kid": "first"}).split(".")
        signature = jwt.utils.base64url_encode(hmac.sign(f"{head}.{body}".encode(), pem)).decode()
        assert "alg" in refused(tokens, f"{head}.{body}.{signature}")
    refused(tokens, houston.token(algorithm="RS512"))
    refused(tokens, houston.token(key=ec.generate_private_key(ec.SECP256R1()), algorithm="ES256"))


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "Bearer x", "...", "eyJhbGciOiJSUzI1NiJ9.e30.x"])
def test_refuses_nonsense(tokens, token):
    refused(tokens, token)
    assert not tokens.issued(token)


def test_refuses_a_token_that_names_no_key(houston, tokens):
    token = jwt.encode(houston.claims(), houston.keys["first"], algorithm="RS256")
    assert "key" in refused(tokens, token)


def test_reads_the_keys_once_in_five_minutes(houston, tokens, clock):
    for seconds in (0, 100, 299):
        clock.now = 1_000 + seconds
        tokens.verify(houston.token())
        assert houston.reads == 1
    clock.now = 1_300
    tokens.verify(houston.token())
    assert houston.reads == 2


def test_reads_an_unknown_key_at_most_every_ten_seconds(houston, tokens, clock):
    tokens.verify(houston.token())
    for seconds in (1, 5, 9.9):
        clock.now = 1_000 + seconds
        refused(tokens, houston.token(kid="unknown"))
        assert houston.reads == 1
    clock.now = 1_010
    refused(tokens, houston.token(kid="unknown"))
    refused(tokens, houston.token(kid="another"))
    assert houston.reads == 2


def test_follows_a_rotation(houston, tokens, clock):
    old = houston.token()
    tokens.verify(old)
    houston.rotate("second", keep=["first"])
    clock.now += 10
    assert tokens.verify(houston.token()) and tokens.verify(old)
    houston.rotate("third")
    clock.now += 300
    assert tokens.verify(houston.token())
    assert "publish" in refused(tokens, old)


@pytest.mark.parametrize("answer", [(500, ""), (302, ""), (200, "x"), (200, "[]"), (200, '{"keys": []}'), (200, "{}")])
def test_keeps_the_keys_while_houston_fails(houston, tokens, clock, answer):
    tokens.verify(houston.token())
    houston.answer = answer
    clock.now += 1_000
    assert tokens.verify(houston.token())
    refused(tokens, houston.token(kid="unknown"))
    assert houston.reads == 2
    houston.answer = None
    clock.now += 10
    assert tokens.verify(houston.token())
    assert houston.reads == 3


def test_keeps_the_keys_while_houston_is_away(houston, tokens, clock):
    tokens.verify(houston.token())
    houston.server.shutdown()
    houston.server.server_close()
    clock.now += 1_000
    assert tokens.verify(houston.token())


def test_reads_once_for_many_first_requests(houston, tokens):
    with ThreadPoolExecutor(20) as threads:
        assert all(threads.map(tokens.verify, [houston.token()] * 60))
    assert houston.reads == 1


def test_a_key_that_is_not_rsa_verifies_nothing(houston, tokens):
    curve = ec.generate_private_key(ec.SECP256R1())
    jwk = jwt.get_algorithm_by_name("ES256").to_jwk(curve.public_key(), as_dict=True)
    houston.answer = (
        200,
        json.dumps({"keys": [{**jwk, "kid": "curve"}, {"kty": "oct", "kid": "secret", "k": "AAAA"}]}),
    )
    head, body, _ = jwt.encode(houston.claims(), "x" * 64, algorithm="HS256", headers={"kid": "secret"}).split(".")
    signature = jwt.get_algorithm_by_name("HS256").sign(f"{head}.{body}".encode(), b"\0\0\0")
    for token in (
        f"{head}.{body}.{jwt.utils.base64url_encode(signature).decode()}",
        houston.token(key=curve, kid="curve", algorithm="ES256"),
        houston.token(kid="curve"),
    ):
        assert "publish" in refused(tokens, token)


@pytest.mark.parametrize("option", ["JWKS_URL", "AUDIENCE"])
def test_names_a_missing_option(houston, monkeypatch, option):
    monkeypatch.setenv(f"AIRFLOW__HOUSTON__{option}", " ")
    with pytest.raises(Exception, match=f"AIRFLOW__HOUSTON__{option}"):
        HoustonTokens.from_config()


def test_the_issuer_can_be_set(houston, monkeypatch):
    monkeypatch.setenv("AIRFLOW__HOUSTON__ISSUER", "https://houston.example.com")
    tokens = HoustonTokens.from_config()
    assert tokens.verify(houston.token(iss="https://houston.example.com"))
    refused(tokens, houston.token())


@pytest.mark.parametrize(
    "given", [{"sub": ""}, {"sub": 1}, {"email": ""}, {"roles": []}, {"roles": "Admin"}, {"roles": ["x"]}]
)
def test_refuses_visitors_that_houston_would_not_describe(houston, given):
    with pytest.raises(jwt.InvalidTokenError):
        Visitor.of(houston.claims(**given))


def test_reads_the_visitor(houston):
    assert Visitor.of(houston.claims(full_name=None, roles=["Admin", "Made up"])) == Visitor(
        "ann", "ann@example.com", "ann", ("Admin",)
    )


def test_reads_the_header():
    assert bearer("Bearer  x ") == bearer("bearer x") == "x"
    assert [bearer(None), bearer(""), bearer("Basic x"), bearer("Bearer ")] == [None] * 4
