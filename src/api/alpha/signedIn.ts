import type { AuthUser } from "../../services/users/authUser.ts";
import type { Done } from "./statusMessage.ts";

/** A token that was just issued, with its content; nothing while the user's e-mail address is not confirmed. */
export function signedIn({ caller, token }: AuthUser): Pick<Done, "token" | "decoded"> {
  if (!token) return {};
  const { id, iat, exp } = token.payload;
  return {
    token: token.value,
    decoded: { id, iat, exp, sU: caller.bindings.some(({ role }) => role === "SYSTEM_ADMIN") },
  };
}
