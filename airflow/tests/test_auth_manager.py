import asyncio
import time

import jwt
import pytest
from airflow.api_fastapi.auth.managers.models.resource_details import AccessView, DagAccessEntity
from airflow.api_fastapi.auth.managers.simple.simple_auth_manager import SimpleAuthManager
from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser
from airflow.api_fastapi.auth.tokens import JWTGenerator, JWTValidator, get_sig_validation_args, get_signing_args
from airflow.api_fastapi.common.types import MenuItem
from airflow.configuration import conf
from airflow.models.revoked_token import RevokedToken
from fastapi.testclient import TestClient
from houston_airflow_auth.auth_manager import HoustonAuthManager, HoustonUser
from houston_airflow_auth.tokens import ROLES, Visitor

METHODS = ["GET", "POST", "PUT", "DELETE", "MENU"]


@pytest.fixture
def manager(houston, monkeypatch):
    # There is no database here, and so no list of revoked tokens.
    monkeypatch.setattr(RevokedToken, "is_revoked", lambda jti: False)
    manager = HoustonAuthManager()
    manager.init()
    return manager


@pytest.fixture
def client(manager):
    return TestClient(manager.get_fastapi_app(), base_url="https://airflow.example.com", follow_redirects=False)


def user_of(manager, token):
    return asyncio.run(manager.get_user_from_token(token))


def user_with(*roles):
    return HoustonUser(Visitor("ann", "ann@example.com", "Ann Example", roles))


@pytest.mark.parametrize("role", ROLES)
def test_takes_the_token_of_houston(houston, manager, role):
    user = user_of(manager, houston.token(roles=[role]))
    assert (user.get_id(), user.get_name(), user.visitor.roles) == ("ann", "ann", (role,))


@pytest.mark.parametrize("given", [{"aud": "x"}, {"exp": 1}, {"roles": []}, {"sub": ""}, {"kid": "unknown"}])
def test_refuses_another_token_of_houston(houston, manager, given):
    with pytest.raises(jwt.InvalidTokenError):
        user_of(manager, houston.token(**given))


def test_takes_the_tokens_of_airflow(manager):
    user = user_of(manager, manager.generate_jwt(user_with("User")))
    assert user.visitor == user_with("User").visitor


def signed_by_airflow(manager, **claims):
    audience = claims.pop("aud", "apache-airflow")
    return JWTGenerator(**get_signing_args(), valid_for=600, audience=audience).generate(claims)


def test_neither_signs_for_the_other(houston, manager):
    claims = houston.claims()
    secret = conf.get("api_auth", "jwt_secret")
    for token in (
        # Airflow's secret for a token that says it is Houston's.
        jwt.encode(claims, secret, algorithm="HS512", headers={"kid": houston.kid}),
        # Houston's key for a token that says it is Airflow's.
        houston.token(iss=None, aud="apache-airflow"),
        houston.token(iss="airflow", aud="apache-airflow"),
    ):
        with pytest.raises(jwt.InvalidTokenError):
            user_of(manager, token)


def test_tokens_of_tasks_are_apart(houston, manager):
    audience = conf.get("execution_api", "jwt_audience")
    for token in (
        signed_by_airflow(manager, sub="019", aud=audience, scope="execution"),
        # Even where both audiences are configured to be the same.
        signed_by_airflow(manager, sub="019", scope="execution"),
    ):
        with pytest.raises(jwt.InvalidTokenError):
            user_of(manager, token)
    tasks = JWTValidator(**get_sig_validation_args(), leeway=0, audience=audience)
    for token in (houston.token(), houston.token(aud=audience)):
        with pytest.raises(jwt.InvalidTokenError):
            tasks.validated_claims(token)


def test_airflow_must_not_sign_as_houston(houston, monkeypatch):
    monkeypatch.setenv("AIRFLOW__API_AUTH__JWT_ISSUER", "houston")
    with pytest.raises(Exception, match="must differ"):
        HoustonAuthManager().init()


def test_the_sign_in_page_must_be_configured(houston, monkeypatch):
    monkeypatch.setenv("AIRFLOW__HOUSTON__LOGIN_URL", "")
    with pytest.raises(Exception, match="AIRFLOW__HOUSTON__LOGIN_URL"):
        HoustonAuthManager().init()


CHECKS = [
    *(
        (f"is_authorized_{name}", {"method": method})
        for name in ("configuration", "connection", "dag", "asset", "asset_alias", "pool", "variable")
        for method in METHODS
    ),
    *(
        ("is_authorized_dag", {"method": method, "access_entity": entity})
        for entity in DagAccessEntity
        for method in METHODS
    ),
    *(("is_authorized_view", {"access_view": view}) for view in AccessView),
    ("is_authorized_custom_view", {"method": "GET", "resource_name": "x"}),
]


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(("check", "given"), CHECKS)
def test_allows_what_airflow_itself_allows_the_role(manager, role, check, given):
    expected = getattr(SimpleAuthManager(), check)(user=SimpleAuthManagerUser(username="ann", role=role), **given)
    if given.get("method") == "MENU":
        expected = getattr(manager, check)(user=user_with(role), **{**given, "method": "GET"})
    assert getattr(manager, check)(user=user_with(role), **given) is expected


#: Who may read, and who may also write: the same once more, by hand.
TABLE = {
    "configuration": ("Viewer", "Op"),
    "connection": ("Op", "Op"),
    "dag": ("Viewer", "User"),
    "asset": ("Viewer", "Op"),
    "asset_alias": ("Viewer", "Op"),
    "pool": ("Viewer", "Op"),
    "variable": ("Op", "Op"),
}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("noun", TABLE)
def test_allows_what_the_table_says(manager, role, noun):
    check = getattr(manager, f"is_authorized_{noun}")
    read, write = (ROLES.index(role) >= ROLES.index(lowest) for lowest in TABLE[noun])
    allowed = {method: check(method=method, user=user_with(role)) for method in METHODS}
    assert allowed == {"GET": read, "MENU": read, "POST": write, "PUT": write, "DELETE": write}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "can_change"])
def test_a_viewer_changes_nothing_of_plug_ins(manager, role, method):
    allowed = manager.is_authorized_custom_view(method=method, resource_name="x", user=user_with(role))
    assert allowed is (role != "Viewer")


def test_the_highest_role_counts(manager):
    assert manager.is_authorized_pool(method="POST", user=user_with("Viewer", "Admin"))


@pytest.mark.parametrize("role", ROLES)
def test_shows_the_menu_of_what_the_role_may_read(manager, role):
    hidden = set(MenuItem) - set(manager.get_authorized_menu_items(user=user_with(role)))
    assert hidden == (set() if role in ("Op", "Admin") else {MenuItem.CONNECTIONS, MenuItem.VARIABLES})


def test_a_token_of_houston_is_not_revoked_here(houston, manager, monkeypatch):
    revoked = []
    monkeypatch.setattr(RevokedToken, "revoke", lambda jti, expires: revoked.append(jti))
    manager.revoke_token(houston.token(jti="x"))
    assert revoked == []
    manager.revoke_token(manager.generate_jwt(user_with("User")))
    assert len(revoked) == 1


def test_exchanges_a_token(houston, manager, client):
    token = houston.token(roles=["User"], exp=int(time.time()) + 330)
    for request in ({"headers": {"authorization": f"Bearer {token}"}}, {"json": {"token": token}}):
        response = client.post("/token", **request)
        assert response.status_code == 201
        answer = response.json()
        assert answer["expires_in"] == 300
        claims = jwt.decode(answer["access_token"], options={"verify_signature": False})
        assert claims["exp"] - time.time() <= 300
        assert user_of(manager, answer["access_token"]).visitor.roles == ("User",)


def test_a_token_lives_no_longer_than_the_one_it_is_exchanged_for(houston, client):
    expires = int(time.time()) + 20
    answer = client.post("/token", json={"token": houston.token(exp=expires)}).json()
    assert jwt.decode(answer["access_token"], options={"verify_signature": False})["exp"] <= expires


def test_exchanges_nothing_else(houston, manager, client):
    own = manager.generate_jwt(user_with("Admin"))
    for token in ("x", own, houston.token(aud="x"), houston.token(exp=1), houston.token(roles=["x"])):
        assert client.post("/token", headers={"authorization": f"Bearer {token}"}).status_code == 401
        assert client.post("/token", json={"token": token}).status_code == 401
    assert client.post("/token").status_code == 401
    assert client.post("/token", headers={"authorization": "Basic eDp5"}).status_code == 401


def test_sends_the_browser_to_the_sign_in_page_and_back(houston, manager, client, monkeypatch):
    monkeypatch.setenv("AIRFLOW__API__BASE_URL", "https://airflow.example.com")
    assert manager.get_url_login() == "/auth/login"
    assert manager.get_url_login(next_url="/a?b") == "/auth/login?next=%2Fa%3Fb"
    assert manager.get_url_logout() == "https://app.example.com/logout"
    response = client.get("/login", params={"next": "/dags?x=1"})
    assert response.headers["location"] == (
        "https://app.example.com/login?rd=https%3A%2F%2Fairflow.example.com%2Fdags%3Fx%3D1"
    )
    assert client.get("/login").headers["location"].endswith("?rd=https%3A%2F%2Fairflow.example.com")
    for elsewhere in ("https://evil.example.org/", "//evil.example.org", "javascript:alert(1)"):
        assert client.get("/login", params={"next": elsewhere}).status_code == 400


def test_sends_nobody_in_circles(houston, client, monkeypatch):
    monkeypatch.setenv("AIRFLOW__API__BASE_URL", "https://airflow.example.com")
    signed_in = {"authorization": f"Bearer {houston.token()}"}
    assert client.get("/login?next=/x", headers=signed_in).headers["location"] == "https://airflow.example.com/x"
    refused = client.get("/login?next=/x", headers={"authorization": f"Bearer {houston.token(aud='x')}"})
    assert (refused.status_code, "udience" in refused.json()["detail"]) == (403, True)
