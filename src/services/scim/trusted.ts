import { scimSettings } from "../../platform/config/scim.ts";
import { domainOf } from "../signOn/profile.ts";
import type { ScimContext } from "./scimContext.ts";

/** True if the provider may say whose the address is: its domain is one of `emailDomains`. */
export function isTrustedFor({ config, provider }: Pick<ScimContext, "config" | "provider">, address: string): boolean {
  const domains = scimSettings(config, provider)?.emailDomains ?? [];
  return domains.includes(domainOf(address));
}
