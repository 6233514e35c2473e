import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import pytest
from airflow.configuration import conf
from airflow.utils.session import create_session
from airflow.www.app import create_app
from conftest import Houston
from houston_airflow_auth.security_manager import HoustonSecurityManager
from sqlalchemy import event

from airflow import settings


@pytest.fixture(scope="module")
def world():
    """One Airflow with its database, and the Houston that it trusts."""
    houston = Houston()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AIRFLOW__HOUSTON__JWKS_URL", houston.jwks_url)
        # In a process of its own: it binds the model of sessions to a database client that the webserver does not have.
        subprocess.run([sys.executable, "-m", "airflow", "db", "migrate"], check=True, capture_output=True)
        # Reads examples/webserver_config.py.
        app = create_app(testing=True)
        yield houston, app
    houston.server.shutdown()


@pytest.fixture
def houston(world):
    return world[0]


@pytest.fixture
def manager(world):
    assert isinstance(world[1].appbuilder.sm, HoustonSecurityManager)
    return world[1].appbuilder.sm


@pytest.fixture
def client(world):
    return world[1].test_client()


def as_(token):
    return {"Authorization": f"Bearer {token}"}


def get(client, path, token, **headers):
    return client.get(path, headers={**as_(token), **headers})


def row(manager, username):
    with create_session() as rows:
        user = rows.query(manager.user_model).filter_by(username=username).one_or_none()
        return user and (user.first_name, user.last_name, user.email, {role.name for role in user.roles})


def test_creates_the_user_with_the_first_request(houston, manager, client):
    assert row(manager, "first") is None
    token = houston.token(sub="first", email="first@example.com", full_name="Ann B. Example", roles=["User"])
    assert get(client, "/api/v1/dags", token).status_code == 200
    assert row(manager, "first") == ("Ann", "B. Example", "first@example.com", {"User"})


def test_follows_each_later_request(houston, manager, client):
    for email, role in (("a@example.com", "Admin"), ("b@example.com", "Viewer"), ("b@example.com", "Op")):
        get(client, "/api/v1/dags", houston.token(sub="later", email=email, roles=[role]))
        assert row(manager, "later") == ("Ann", "Example", email, {role})


def test_keeps_roles_of_its_own(houston, manager, client):
    get(client, "/api/v1/dags", houston.token(sub="custom", email="custom@example.com", roles=["Admin"]))
    manager.add_role("Auditor")
    with create_session() as rows:
        user = rows.query(manager.user_model).filter_by(username="custom").one()
        user.roles = [*user.roles, rows.query(manager.role_model).filter_by(name="Auditor").one()]
    get(client, "/api/v1/dags", houston.token(sub="custom", email="custom@example.com", roles=["Viewer"]))
    assert row(manager, "custom")[3] == {"Auditor", "Viewer"}


@pytest.mark.parametrize(
    ("role", "reads", "writes"),
    [("Viewer", False, 403), ("User", False, 403), ("Op", True, 200), ("Admin", True, 200)],
)
def test_the_role_decides(houston, client, role, reads, writes):
    token = houston.token(sub=f"is-{role}", email=f"{role}@example.com", roles=[role])
    assert get(client, "/api/v1/dags", token).status_code == 200
    assert get(client, "/home", token).status_code == 200
    assert (get(client, "/api/v1/variables", token).status_code == 200) is reads
    variable = {"key": f"key-{role}", "value": "x"}
    assert client.post("/api/v1/variables", json=variable, headers=as_(token)).status_code == writes


def test_refuses_everybody_else(houston, client):
    tokens = (
        houston.token(aud="loud-comet-1001-airflow.example.com"),
        houston.token(iss="x"),
        houston.token(exp=int(time.time()) - 1),
        houston.token(kid="unknown"),
        houston.token(roles=["Made up"]),
        "x",
    )
    for path in ("/home", "/api/v1/dags", "/login/", "/static/x", "/", "/health/x", "/api/v1/health"):
        for headers in (
            {},
            {"Authorization": "Basic YWRtaW46YWRtaW4="},
            {"REMOTE_USER": "first", "X-Remote-User": "first", "username": "first"},
            *({"Authorization": f"Bearer {token}"} for token in tokens),
        ):
            assert client.get(path, headers=headers).status_code == 403, (path, headers)
    assert client.get("/health").status_code == 200


def test_no_session_and_no_remote_user_signs_in(houston, manager, client):
    get(client, "/home", houston.token(sub="first", email="first@example.com", roles=["Admin"]))
    with create_session() as rows:
        user_id = rows.query(manager.user_model).filter_by(username="first").one().id
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"] = str(user_id), True
    assert client.get("/home").status_code == 403
    assert client.get("/home", environ_overrides={"REMOTE_USER": "first"}).status_code == 403
    # The token decides, whoever the session names.
    viewer = houston.token(sub="other", email="other@example.com", roles=["Viewer"])
    assert get(client, "/api/v1/variables", viewer).status_code == 403


def test_a_change_of_roles_ends_the_session(houston, client):
    def csrf():
        with client.session_transaction() as session:
            return session.get("csrf_token")

    def visit(role):
        assert get(client, "/home", houston.token(sub="s", email="s@example.com", roles=[role])).status_code == 200
        return csrf()

    visit("Admin")
    before = visit("Admin")
    assert before and visit("Admin") == before
    assert visit("Viewer") != before


def test_the_sessions_table_does_not_grow_with_requests_of_programs(houston, world):
    interface = world[1].session_interface
    token = houston.token(sub="program", email="program@example.com", roles=["Viewer"])

    def count():
        with create_session() as rows:
            return rows.query(interface.sql_session_model).count()

    before = count()
    for _ in range(3):
        get(world[1].test_client(), "/api/v1/dags", token)
    assert count() == before


def test_a_deactivated_user_stays_out(houston, manager, client):
    token = houston.token(sub="gone", email="gone@example.com", roles=["Admin"])
    get(client, "/api/v1/dags", token)
    with create_session() as rows:
        rows.query(manager.user_model).filter_by(username="gone").one().active = False
    assert get(client, "/api/v1/dags", token).status_code == 403


def test_an_address_moves_to_whoever_has_it_now(houston, manager, client):
    get(client, "/api/v1/dags", houston.token(sub="old", email="shared@example.com", roles=["Admin"]))
    assert get(client, "/api/v1/dags", houston.token(sub="new", email="shared@example.com")).status_code == 200
    assert row(manager, "new")[2:] == ("shared@example.com", {"Viewer"})
    assert row(manager, "old")[2] == "old@former.invalid"


def test_names_that_differ_by_case_are_not_one_person(houston, manager, client):
    get(client, "/api/v1/dags", houston.token(sub="Case", email="1@example.com", roles=["Admin"]))
    # SQLite and MySQL compare without regard to case, so that there is no room for a second row.
    assert get(client, "/api/v1/dags", houston.token(sub="case", email="2@example.com")).status_code == 403
    assert row(manager, "Case")[3] == {"Admin"}


def test_many_first_requests_make_one_user(houston, manager, client):
    token = houston.token(sub="many", email="many@example.com")

    seen = []

    def another_is_first(_connection, _cursor, statement, *_others):
        if statement.startswith("UPDATE ab_user SET email") and not seen:
            seen.append(statement)
            with closing(sqlite3.connect(settings.engine.url.database)) as other, other:
                columns = "username, first_name, last_name, email, active"
                other.execute(f"INSERT INTO ab_user ({columns}) VALUES ('many', 'Ann', '', 'many@example.com', 1)")

    event.listen(settings.engine, "before_cursor_execute", another_is_first)
    assert get(client, "/api/v1/dags", token).status_code == 200
    event.remove(settings.engine, "before_cursor_execute", another_is_first)
    assert seen
    assert row(manager, "many") == ("Ann", "Example", "many@example.com", {"Viewer"})


def test_signs_out_at_houston(houston, world, client):
    world[1].config["WTF_CSRF_ENABLED"] = False
    try:
        response = client.post("/logout/", headers=as_(houston.token()))
    finally:
        world[1].config["WTF_CSRF_ENABLED"] = True
    assert response.headers["location"] == conf.get("houston", "logout_url")
