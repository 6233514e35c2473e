#!/usr/bin/env bash
# Airflow's route /auth/logout removes its cookie `_token`, which holds the token of the session that has ended, and sends the
# browser to the sign-in page. With an auth manager that says where people sign out (get_url_logout), it sends them there and
# leaves the cookie in the browser. The token in it is revoked, so each later request shows one that is refused.
#
# Versions: apache-airflow 3.3.2 with fastapi, starlette and httpx as it chooses them; Python 3.10 to 3.13.
# Expected: the cookie is removed in both cases.
# Seen: it is removed only without a URL for signing out.
# Remedy: remove the cookie at that URL if it is on Airflow's own host, or give none.
set -euo pipefail
constraints=$(cd "$(dirname "$0")/../airflow/constraints" && pwd)/airflow-3.3.txt
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv py
# With the versions that Airflow 3.3.2 was tried with; any that it accepts will do.
py/bin/pip install --quiet --disable-pip-version-check -c "$constraints" apache-airflow==3.3.2
cat > try.py <<'PY'
import airflow
from airflow.api_fastapi.core_api.routes.public.auth import auth_router
from fastapi import FastAPI
from fastapi.testclient import TestClient


class Manager:
    def __init__(self, url):
        self.url = url

    def get_url_login(self, **_):
        return "/login"

    def get_url_logout(self):
        return self.url

    def revoke_token(self, token):
        print("revoked", token)


def sign_out(url):
    app = FastAPI()
    app.state.auth_manager = Manager(url)
    app.include_router(auth_router)
    with TestClient(app, follow_redirects=False, cookies={"_token": "abc"}) as client:
        response = client.get("/auth/logout")
    cookies = response.headers.get_list("set-cookie")
    return response.headers["location"], any(cookie.startswith("_token=") for cookie in cookies)


print("Airflow", airflow.__version__)
for url in (None, "https://sso.example.com/logout"):
    location, removed = sign_out(url)
    print("to", location, "removed" if removed else "kept")
PY
seen=$(AIRFLOW_HOME=$folder/home AIRFLOW__CORE__LOAD_EXAMPLES=False py/bin/python -W ignore try.py 2> /dev/null | grep -E '^(Airflow|revoked|to)')
echo "$seen"
expected="Airflow 3.3.2
revoked abc
to /login removed
revoked abc
to https://sso.example.com/logout kept"
[ "$seen" = "$expected" ] || { printf 'Changed; expected:\n%s\n' "$expected" >&2; exit 1; }
