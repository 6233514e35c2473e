import { z } from "zod";
import type { Config } from "./schema.ts";
import { setting } from "./setting.ts";

/** `auth.openidConnect.<provider>.*`: what a provider's SCIM client may do. */
export const scim = (name: string) => ({
  scimAuthCode: setting(
    z
      .string()
      .min(16)
      .max(1_000)
      .regex(/^[\x21-\x7e]+$/)
      .nullable(),
    null,
    `Secret with which ${name} keeps users and teams by SCIM: it sends it as bearer token, or as the password of Basic authentication. Tokens made with \`createScimToken\` are valid too. null: only those.`,
    { secret: true, allowed: "a string of 16 to 1,000 visible ASCII characters, or null" },
  ),
});

/** What a provider's SCIM client may do. */
export type ScimSettings = Pick<Config["auth"]["openidConnect"]["custom"], "scimAuthCode" | "emailDomains">;

/** The settings of an identity provider, whose users and groups can be kept by SCIM; undefined for an unknown name. */
export function scimSettings({ auth }: Pick<Config, "auth">, provider: string): ScimSettings | undefined {
  if (!Object.hasOwn(auth.openidConnect, provider)) return undefined;
  const settings: unknown = auth.openidConnect[provider as "custom"];
  const isProvider = typeof settings === "object" && settings !== null && "scimAuthCode" in settings;
  return isProvider ? (settings as ScimSettings) : undefined;
}

/** The names of these providers, also of those with a name of their own. */
export const scimProviders = (config: Pick<Config, "auth">): string[] =>
  Object.keys(config.auth.openidConnect).filter((name) => scimSettings(config, name) !== undefined);
