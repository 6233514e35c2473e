import { z } from "zod";
import { asciiDomain } from "../input/emailAddress.ts";
import { flag, integer, milliseconds, setting, text } from "./setting.ts";

const provider = (name: string) =>
  z.strictObject({
    enabled: setting(
      z.literal(false),
      false,
      `Signing in with ${name} is not implemented yet: Houston does not start with true.`,
      { allowed: "false, because Houston does not support identity providers yet" },
    ),
  });

/** `auth.*`: the ways to sign in. */
export const auth = z.strictObject({
  local: z.strictObject({
    enabled: flag(true, "Allows signing up and signing in with e-mail and password."),
    teams: z.strictObject({
      enabled: flag(
        true,
        "Allows creating teams in Houston and changing their members. false: teams come from an identity provider only; teams that exist keep their members and roles.",
      ),
    }),
  }),
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

/** `jwt.*`: the tokens that users receive when they sign in. */
export const jwt = z.strictObject({
  authDuration: milliseconds(
    86_400_000,
    "Lifetime of a token, in milliseconds. Signing out, for example, revokes it earlier.",
  ),
  secret: setting(
    z.string().min(32).nullable(),
    null,
    "Secret that signs tokens. All replicas must have the same. Required if `database.url` is set: `openssl rand -hex 32`. null: one is generated and stored in `secrets.json` in `database.dataFolder`.",
    { secret: true, allowed: "a string of at least 32 characters, or null" },
  ),
  issuer: text("houston", "`iss` claim of tokens. Tokens with another issuer are rejected."),
  audience: text("houston", "`aud` claim of tokens. Tokens with another audience are rejected."),
});

/** 32 bytes in hex, or in base64 or base64url with or without padding. */
export const EncryptionKey = z.string().regex(/^([0-9a-fA-F]{64}|[\w+/-]{42}[AEIMQUYcgkosw048]=?)$/);

/** `encryption.*`: secrets in the database. */
export const encryption = z.strictObject({
  keys: setting(
    z.array(EncryptionKey),
    [],
    "Keys for secrets in the database. The first key encrypts, all keys decrypt: to rotate, add a new key at the start and keep the old ones. All replicas must have the same keys. Houston does not start without a key that has ever been the first one for its database. Required if `database.url` is set: `openssl rand -hex 32`. Empty: one is generated and stored in `secrets.json` in `database.dataFolder`.",
    { secret: true, allowed: "a list of keys, each 32 bytes in hex or base64 (openssl rand -hex 32)" },
  ),
});

/** `userManagement.*`. */
export const userManagement = z.strictObject({
  enabled: flag(
    true,
    "Users sign up in Houston and are granted roles there. false: they get in by teams only; removing users and lowering their roles stays possible. Create the first System Admin before setting it to false.",
  ),
});

/** `serviceAccounts.*`: service accounts and their API keys. */
export const serviceAccounts = z.strictObject({
  enabled: flag(true, "Allows creating and using service accounts."),
  showFor: integer(10, "Time after creation during which an API key is shown in full, in minutes.", 0, 1_440),
  showFirstChars: integer(6, "Number of characters of an API key that are shown after that.", 0, 12),
});

const Domain = z
  .string()
  .overwrite((domain) => asciiDomain(domain) ?? domain)
  .refine((domain) => asciiDomain(domain) !== undefined, "a domain such as example.com");

/** Settings without a group: who may sign up. */
export const signUp = {
  publicSignups: flag(
    false,
    "Anyone may sign up. false: only with an invitation. The first sign-up is always allowed.",
  ),
  externalSignupUrl: setting(
    z.url({ protocol: /^https?$/ }).nullable(),
    null,
    "URL of an external sign-up page, shown by clients.",
    { allowed: "an http or https URL, or null" },
  ),
  emailConfirmation: flag(
    true,
    "New users must confirm their e-mail address before they can sign in. The first user need not.",
  ),
  allowedSystemLevelDomains: setting(
    z.array(Domain),
    [],
    "E-mail domains whose users may hold system roles. Empty: any domain.",
    { allowed: "a list of domains such as example.com" },
  ),
};
