#!/usr/bin/env bash
# Installs Airflow 3.3 and 2.11, with pytest, into virtual environments: FOLDER/airflow-3.3 and FOLDER/airflow-2.11. What
# is installed already stays. Needs Python 3.10 or later with venv, and takes some minutes and 600 MB the first time.
set -euo pipefail
folder=$(realpath -m "${1:?Usage: install.sh FOLDER}")
cd "$(dirname "$0")/constraints"
for version in 3.3 2.11; do
  home=$folder/airflow-$version
  cmp -s "airflow-$version.txt" "$home/installed.txt" && continue
  rm -rf "$home"
  python3 -m venv "$home"
  "$home/bin/pip" install --quiet --disable-pip-version-check -c "airflow-$version.txt" "apache-airflow==$version.*" pytest
  # Last, so that an interrupted installation is repeated.
  cp "airflow-$version.txt" "$home/installed.txt"
done
