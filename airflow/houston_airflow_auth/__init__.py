"""Lets Airflow recognize the visitors that Houston admits. See README.md."""
