#!/usr/bin/env bash
# An auth manager of Airflow 3 makes tokens with generate_jwt(user, expiration_time_in_seconds=…). The signer is kept by
# functools.cache, which forgets nothing, for every lifetime that was ever asked for. A manager whose tokens live as long as a
# session that began elsewhere asks for another number of seconds each time: the API server keeps one signer for each.
#
# Versions: apache-airflow 3.3.2; Python 3.10 to 3.13.
# Expected: one signer, or a bounded number of them.
# Seen: 2,000 lifetimes leave 2,000 signers.
# Remedy: round the lifetime, or keep it below a limit (airflow/houston_airflow_auth/auth_manager.py: that of one token).
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
from airflow.api_fastapi.auth.managers.simple.simple_auth_manager import SimpleAuthManager
from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser

manager = SimpleAuthManager()
user = SimpleAuthManagerUser(username="ada", role="viewer")
print("Airflow", airflow.__version__)
for seconds in range(1, 2001):
    manager.generate_jwt(user, expiration_time_in_seconds=seconds)
print("signers", SimpleAuthManager._get_token_signer.__func__.cache_info().currsize)
PY
export AIRFLOW_HOME=$folder/home AIRFLOW__CORE__LOAD_EXAMPLES=False AIRFLOW__API_AUTH__JWT_SECRET=only-for-this-test-0123456789abcdef
seen=$(py/bin/python -W ignore try.py 2> /dev/null | grep -E '^(Airflow|signers)')
echo "$seen"
expected="Airflow 3.3.2
signers 2000"
[ "$seen" = "$expected" ] || { printf 'Changed; expected:\n%s\n' "$expected" >&2; exit 1; }
