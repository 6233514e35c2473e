import type { IDToken } from "openid-client";
import type { OpenidProvider } from "./providers.ts";
import { SignOnRefused } from "./refused.ts";

/**
 * What the issuer calls the account, for ever. At Microsoft, `sub` differs from application to application, and the pair of
 * tenant and object does not. Throws SignOnRefused ("organization") for an account of a tenant or domain that may not sign in.
 */
export function subjectOf({ google, microsoft }: OpenidProvider, claims: IDToken): string {
  if (google && google.hostedDomains.length > 0) {
    const { hd } = claims;
    if (typeof hd !== "string" || !google.hostedDomains.includes(hd.toLowerCase()))
      throw new SignOnRefused("organization");
  }
  if (!microsoft) return claims.sub;
  const { tid, oid } = claims;
  if (typeof tid !== "string" || typeof oid !== "string") throw new SignOnRefused("invalid", "tid or oid is missing");
  if (microsoft.tenants.length > 0 && !microsoft.tenants.includes(tid)) throw new SignOnRefused("organization");
  return `${tid}:${oid}`;
}
