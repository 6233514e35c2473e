"""webserver_config.py for Airflow 2.11 behind Houston."""

from airflow.configuration import conf
from flask_appbuilder.const import AUTH_REMOTE_USER
from houston_airflow_auth.security_manager import HoustonSecurityManager

AUTH_TYPE = AUTH_REMOTE_USER
SECURITY_MANAGER_CLASS = HoustonSecurityManager
LOGOUT_REDIRECT_URL = conf.get("houston", "logout_url", fallback="/")
WTF_CSRF_ENABLED = True
