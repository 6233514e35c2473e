"""The security manager for Airflow 2.11, named in webserver_config.py as SECURITY_MANAGER_CLASS."""

from __future__ import annotations

import logging
from typing import Any

import jwt
from airflow.providers.fab.auth_manager.security_manager.override import FabAirflowSecurityManagerOverride
from flask import Request, Response, request, session
from flask_login import LoginManager, current_user
from sqlalchemy.exc import IntegrityError

from houston_airflow_auth.tokens import ROLES, HoustonTokens, Visitor, bearer

log = logging.getLogger(__name__)

#: Paths that Kubernetes asks about without a token.
OPEN_PATHS = {"/health"}

#: Roles that Houston gives and takes. Roles of other names are the Airflow's own, and stay.
MANAGED = {*ROLES, "Public"}

#: The entry of the Flask session that says whose it is.
OWNER = "houston_visitor"


class HoustonSecurityManager(FabAirflowSecurityManagerOverride):
    """
    Takes the token that the ingress adds to each request, and nothing else: no session, no password, no REMOTE_USER.

    The row of a visitor is created with their first request and follows the claims of each later one. Requests without
    a token for this Airflow are answered with 403.
    """

    def __init__(self, appbuilder: Any):
        self.tokens = HoustonTokens.from_config()
        # Before Airflow's own hooks, which look at the user.
        appbuilder.get_app.before_request(self.admit)
        super().__init__(appbuilder)

    def create_login_manager(self) -> LoginManager:
        """Let the token decide about each request, whatever user a session names."""
        manager = super().create_login_manager()
        manager.user_loader(lambda _user_id: None)
        manager.request_loader(self.load_visitor)
        return manager

    def admit(self) -> Response | None:
        """Answer requests of strangers, before anything else does."""
        if request.path in OPEN_PATHS or current_user.is_authenticated:
            return None
        return Response("Airflow needs a token of Houston for this Deployment", 403, content_type="text/plain")

    def load_visitor(self, incoming: Request) -> Any:
        """Return the row of the visitor, up to date; None without a valid token and for a deactivated user."""
        token = bearer(incoming.headers.get("Authorization"))
        if token is None:
            return None
        try:
            visitor = Visitor.of(self.tokens.verify(token))
        except jwt.InvalidTokenError as error:
            log.info("Refused a token: %s", error)
            return None
        user = self.sync(visitor)
        if user is None or not user.is_active:
            return None
        end_other_session(visitor)
        return user

    def sync(self, visitor: Visitor) -> Any:
        """Create or update the row. Returns None if the name belongs to somebody else but for its case."""
        try:
            return self._write(visitor)
        except IntegrityError:
            # Another request of the same visitor was first.
            self.get_session.rollback()
            try:
                return self._write(visitor)
            except IntegrityError as error:
                self.get_session.rollback()
                log.warning("Could not write the user %s: %s", visitor.username, error)
                return None

    def _write(self, visitor: Visitor) -> Any:
        users, rows = self.user_model, self.get_session
        # Not find_user, which ignores case: names that differ by it may be two people.
        found = rows.query(users).filter_by(username=visitor.username).one_or_none()
        user = found or users(username=visitor.username, active=True, roles=[])
        if user.username != visitor.username:
            log.warning("Refused %s, because %s is somebody else", visitor.username, user.username)
            return None
        first, _, last = visitor.full_name.partition(" ")
        wanted = {"first_name": first[:256], "last_name": last[:256], "email": visitor.email[:512]}
        if user.email != wanted["email"]:
            # Addresses are unique here and at Houston: whoever has it in an old row has it no longer.
            rows.query(users).filter(users.email == wanted["email"], users.username != visitor.username).update(
                {"email": users.username + "@former.invalid"}, synchronize_session=False
            )
        for name, value in wanted.items():
            if getattr(user, name) != value:
                setattr(user, name, value)
        if {role.name for role in user.roles if role.name in MANAGED} != set(visitor.roles):
            own = [role for role in user.roles if role.name not in MANAGED]
            user.roles = own + rows.query(self.role_model).filter(self.role_model.name.in_(visitor.roles)).all()
        if found is None:
            rows.add(user)
        if found is None or rows.dirty:
            rows.commit()
        return user


def end_other_session(visitor: Visitor) -> None:
    """Forget a session of somebody else, or from before a change of roles; requests without one get none."""
    owner = [visitor.username, *visitor.roles]
    if not set(session) - {"_permanent"}:
        return
    if session.setdefault(OWNER, owner) != owner:
        session.clear()
