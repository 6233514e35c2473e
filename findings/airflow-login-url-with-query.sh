#!/usr/bin/env bash
# An auth manager of Airflow 3 says where people sign in (get_url_login), and Airflow's route /auth/login sends the browser there
# with the page to come back to. It appends "?next=…" whatever the URL is, so a sign-in page that needs a query of its own, as
# those of OpenID Connect do, gets its last parameter damaged and no `next`.
#
# Versions: apache-airflow 3.3.2 with fastapi, starlette and httpx as it chooses them; Python 3.10 to 3.13.
# Expected: https://sso.example.com/login?client=airflow&next=…
# Seen: https://sso.example.com/login?client=airflow?next=…: the value of `client` is "airflow?next=…".
# Remedy: give a URL without a query, on Airflow's own host, that redirects on (airflow/houston_airflow_auth/auth_manager.py).
set -euo pipefail
constraints=$(cd "$(dirname "$0")/../airflow/constraints" && pwd)/airflow-3.3.txt
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv py
# With the versions that Airflow 3.3.2 was tried with; any that it accepts will do.
py/bin/pip install --quiet --disable-pip-version-check -c "$constraints" apache-airflow==3.3.2
cat > try.py <<'PY'
from urllib.parse import parse_qs, urlsplit

import airflow
from airflow.api_fastapi.core_api.routes.public.auth import auth_router
from fastapi import FastAPI
from fastapi.testclient import TestClient


class Manager:
    def __init__(self, url):
        self.url = url

    def get_url_login(self, **_):
        return self.url


def query_of(url):
    app = FastAPI()
    app.state.auth_manager = Manager(url)
    app.include_router(auth_router)
    with TestClient(app, follow_redirects=False) as client:
        response = client.get("/auth/login", params={"next": "http://testserver/dags"})
    return parse_qs(urlsplit(response.headers["location"]).query)


print("Airflow", airflow.__version__)
for url in ("https://sso.example.com/login", "https://sso.example.com/login?client=airflow"):
    print(url, query_of(url))
PY
seen=$(AIRFLOW_HOME=$folder/home AIRFLOW__CORE__LOAD_EXAMPLES=False py/bin/python -W ignore try.py 2> /dev/null | grep -E '^(Airflow|https)')
echo "$seen"
expected="Airflow 3.3.2
https://sso.example.com/login {'next': ['http://testserver/dags']}
https://sso.example.com/login?client=airflow {'client': ['airflow?next=http://testserver/dags']}"
[ "$seen" = "$expected" ] || { printf 'Changed; expected:\n%s\n' "$expected" >&2; exit 1; }
