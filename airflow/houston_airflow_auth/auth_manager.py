"""The auth manager for Airflow 3: `[core] auth_manager = houston_airflow_auth.auth_manager.HoustonAuthManager`."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urljoin

import jwt
from airflow.api_fastapi.app import AUTH_MANAGER_FASTAPI_APP_PREFIX
from airflow.api_fastapi.auth.managers.base_auth_manager import BaseAuthManager
from airflow.api_fastapi.auth.managers.models.base_user import BaseUser
from airflow.api_fastapi.common.types import MenuItem
from airflow.configuration import conf
from airflow.exceptions import AirflowConfigException
from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import RedirectResponse
from pydantic import BaseModel

from houston_airflow_auth.tokens import ROLES, HoustonTokens, Visitor, bearer, required

if TYPE_CHECKING:
    from airflow.api_fastapi.auth.managers.base_auth_manager import ResourceMethod
    from airflow.api_fastapi.auth.managers.models.resource_details import AccessView

#: Menu items that lead to what Viewers and Users may not read.
OP_MENU = {MenuItem.CONNECTIONS, MenuItem.VARIABLES}


class HoustonUser(BaseUser):
    """A visitor, as Airflow's auth managers know them."""

    def __init__(self, visitor: Visitor):
        self.visitor = visitor

    def get_id(self) -> str:
        return self.visitor.username

    def get_name(self) -> str:
        """Return the username too: Airflow logs who did what by this name, and people may choose their full name."""
        return self.visitor.username

    def may(self, role: str) -> bool:
        """Whether they have this role or a higher one."""
        return any(ROLES.index(own) >= ROLES.index(role) for own in self.visitor.roles)


class HoustonAuthManager(BaseAuthManager[HoustonUser]):
    """
    Takes the token that the ingress adds to each request, and Airflow's own tokens.

    A token that says it is Houston's is verified with Houston's keys only, and any other with Airflow's only, so that
    neither can sign for the other. Tasks use an API of their own, which takes none of Houston's.
    """

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.tokens = HoustonTokens.from_config()

    def init(self) -> None:
        """Refuse settings that would make Airflow's tokens and Houston's the same."""
        super().init()
        required("login_url")
        if self.tokens.issuer in conf.getlist("api_auth", "jwt_issuer", fallback="", delimiter=","):
            raise AirflowConfigException("[api_auth] jwt_issuer must differ from [houston] issuer")

    async def get_user_from_token(self, token: str) -> BaseUser:
        if not self.tokens.issued(token):
            return await super().get_user_from_token(token)
        # In a thread, because it may have to ask Houston for the keys.
        return self.deserialize_user(await asyncio.to_thread(self.tokens.verify, token))

    def deserialize_user(self, token: dict[str, Any]) -> HoustonUser:
        """Raises jwt.InvalidTokenError for the claims of a task, which has no roles."""
        return HoustonUser(Visitor.of(token))

    def serialize_user(self, user: HoustonUser) -> dict[str, Any]:
        visitor = user.visitor
        return {
            "sub": visitor.username,
            "email": visitor.email,
            "full_name": visitor.full_name,
            "roles": list(visitor.roles),
        }

    def revoke_token(self, token: str) -> None:
        """Do nothing about a token of Houston: signing out there ends the session, and the ingress asks each time."""
        if not self.tokens.issued(token):
            super().revoke_token(token)

    def get_url_login(self, **kwargs: Any) -> str:
        """Return a path of this Airflow, because Airflow adds `?next=` to it without regard to a query of its own."""
        next_url = kwargs.get("next_url")
        return f"{AUTH_MANAGER_FASTAPI_APP_PREFIX}/login" + (f"?{urlencode({'next': next_url})}" if next_url else "")

    def get_url_logout(self) -> str | None:
        return conf.get("houston", "logout_url", fallback="") or None

    def get_fastapi_app(self) -> FastAPI:
        return create_app(self)

    # Who may do what is what Airflow's SimpleAuthManager says, except that Viewers cannot change what plug-ins show.

    def is_authorized_configuration(self, *, method: ResourceMethod, user: HoustonUser, details: Any = None) -> bool:
        return may(user, method, read="Viewer", write="Op")

    def is_authorized_connection(self, *, method: ResourceMethod, user: HoustonUser, details: Any = None) -> bool:
        return may(user, method, read="Op", write="Op")

    def is_authorized_dag(
        self, *, method: ResourceMethod, user: HoustonUser, access_entity: Any = None, details: Any = None
    ) -> bool:
        return may(user, method, read="Viewer", write="User")

    def is_authorized_asset(self, *, method: ResourceMethod, user: HoustonUser, details: Any = None) -> bool:
        return may(user, method, read="Viewer", write="Op")

    def is_authorized_asset_alias(self, *, method: ResourceMethod, user: HoustonUser, details: Any = None) -> bool:
        return may(user, method, read="Viewer", write="Op")

    def is_authorized_pool(self, *, method: ResourceMethod, user: HoustonUser, details: Any = None) -> bool:
        return may(user, method, read="Viewer", write="Op")

    def is_authorized_variable(self, *, method: ResourceMethod, user: HoustonUser, details: Any = None) -> bool:
        return may(user, method, read="Op", write="Op")

    def is_authorized_view(self, *, access_view: AccessView, user: HoustonUser) -> bool:
        return user.may("Viewer")

    def is_authorized_custom_view(self, *, method: ResourceMethod, resource_name: str, user: HoustonUser) -> bool:
        return may(user, method, read="Viewer", write="User")

    def filter_authorized_menu_items(self, menu_items: list[MenuItem], *, user: HoustonUser) -> list[MenuItem]:
        return [item for item in menu_items if user.may("Op" if item in OP_MENU else "Viewer")]


def may(user: HoustonUser, method: str, *, read: str, write: str) -> bool:
    """Whether the user has the role that a method needs."""
    return user.may(read if str(method) in ("GET", "MENU") else write)


class TokenBody(BaseModel):
    """A token of Houston, where the header has none."""

    token: str | None = None


class TokenAnswer(BaseModel):
    """A token of Airflow, and for how many seconds it is valid."""

    access_token: str
    expires_in: int


def create_app(manager: HoustonAuthManager) -> FastAPI:
    """Create what Airflow serves below `/auth`."""
    app = FastAPI(title="Sign-in by Houston")

    @app.post("/token", status_code=201)
    def create_token(request: Request, body: TokenBody | None = None) -> TokenAnswer:
        """Exchange a token of Houston, in the header or the body, for one of Airflow that lives no longer."""
        token = bearer(request.headers.get("authorization")) or (body and body.token)
        if not token:
            raise HTTPException(401, "A token of Houston is needed, in the Authorization header or in `token`")
        claims = verified(manager, token, 401)
        left = int(int(claims["exp"]) - time.time())
        # In whole minutes if possible, because Airflow keeps a signer for each life of a token for ever.
        lifetime = left - left % 60 or left
        if lifetime < 1:
            raise HTTPException(401, "Token Expired")
        user = manager.deserialize_user(claims)
        access_token = manager.generate_jwt(user, expiration_time_in_seconds=lifetime)
        return TokenAnswer(access_token=access_token, expires_in=lifetime)

    @app.get("/login")
    def login(request: Request, next: str = "") -> RedirectResponse:
        """Send the browser to Houston's sign-in page, which sends it back; or back at once if it has signed in."""
        from airflow.api_fastapi.core_api.security import is_safe_url

        if next and not is_safe_url(next, request=request):
            raise HTTPException(400, "next must be a URL of this Airflow")
        back = urljoin(conf.get("api", "base_url", fallback="") or str(request.base_url), next)
        token = bearer(request.headers.get("authorization"))
        if token and manager.tokens.issued(token):
            # Houston would send the browser back for ever if Airflow does not take the token.
            verified(manager, token, 403)
            return RedirectResponse(back)
        return RedirectResponse(f"{required('login_url')}?{urlencode({'rd': back})}")

    return app


def verified(manager: HoustonAuthManager, token: str, status: int) -> dict[str, Any]:
    """Return the claims of a token of Houston, and nobody else's. Raises HTTPException."""
    try:
        claims = manager.tokens.verify(token)
        Visitor.of(claims)
        return claims
    except jwt.InvalidTokenError as error:
        raise HTTPException(status, f"Airflow does not accept the token of Houston: {error}") from None
