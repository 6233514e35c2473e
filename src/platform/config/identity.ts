import { z } from "zod";
import { flag, milliseconds, setting, text, whole } from "./setting.ts";

const provider = (name: string) =>
  z.strictObject({ enabled: flag(false, `Clients see ${name} in \`authConfig\` as a way to sign in.`) });

/** `auth.*`: the ways to sign in. */
export const auth = z.strictObject({
  local: z.strictObject({ enabled: flag(true, "People may sign up and sign in with e-mail and password.") }),
  github: provider("GitHub"),
  openidConnect: z.strictObject({
    auth0: provider("Auth0"),
    google: provider("Google"),
    okta: provider("Okta"),
    custom: provider("the custom OpenID Connect provider"),
    microsoft: provider("Microsoft"),
    adfs: provider("ADFS"),
  }),
});

/** `jwt.*`: the tokens people get when they sign in. */
export const jwt = z.strictObject({
  authDuration: milliseconds(86_400_000, "Life of a token, in milliseconds. It ends earlier at logout and the like."),
  secret: setting(
    z.string().min(32).nullable(),
    null,
    "Signs tokens; all replicas need the same. null: generated once into `secrets.json` in `database.dataFolder`.",
    { secret: true, allowed: "text of at least 32 characters, or null" },
  ),
  issuer: text("houston", "`iss` of tokens; a token of another issuer is refused."),
  audience: text("houston", "`aud` of tokens; a token for another audience is refused."),
});

/** 32 bytes in base64 (or its form for URLs), with or without padding. */
export const EncryptionKey = z.string().regex(/^[\w+/-]{42}[AEIMQUYcgkosw048]=?$/);

/** `encryption.*`: secrets in the database. */
export const encryption = z.strictObject({
  keys: setting(
    z.array(EncryptionKey),
    [],
    "Keys for secrets in the database: the first one encrypts, all decrypt, so put a new one first and keep the old. All replicas need the same. Empty: one is generated into `secrets.json` in `database.dataFolder`.",
    { secret: true, allowed: "a list of keys, each 32 bytes in base64 (openssl rand -base64 32)" },
  ),
});

/** `userManagement.*`. */
export const userManagement = z.strictObject({
  enabled: flag(true, "Users are managed here. false: by an identity provider only."),
});

/** `serviceAccounts.*`: API keys of machines. */
export const serviceAccounts = z.strictObject({
  enabled: flag(true, "Service accounts can be created and used."),
  showFor: whole(10, "How long after creation an API key is shown in full, in minutes.", 0, 1_440),
  showFirstChars: whole(6, "How many characters of it are shown afterwards.", 0, 12),
});

const Domain = z.string().regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i, "a domain such as example.com");

/** Settings without a group: who may sign up. */
export const signUp = {
  publicSignups: flag(false, "Anyone may sign up, not only invited people. The first sign-up is always allowed."),
  externalSignupUrl: setting(
    z.url({ protocol: /^https?$/ }).nullable(),
    null,
    "Address of a sign-up page elsewhere, for clients to show.",
    { allowed: "an http or https address, or null" },
  ),
  emailConfirmation: flag(true, "A new person must confirm their e-mail before signing in. The first one need not."),
  allowedSystemLevelDomains: setting(
    z.array(Domain.toLowerCase()),
    [],
    "Domains whose e-mail addresses may hold system roles. Empty: any domain.",
    { allowed: "a list of domains such as example.com" },
  ),
};
