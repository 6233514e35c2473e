import { z } from "zod";
import { Domain, flag, integer, milliseconds, optionalText, setting, text } from "./setting.ts";
import { github, openidConnect } from "./signOn.ts";

/** `auth.local.limits.*`: how often anonymous callers may try. Counted in the database, for all replicas together. */
const limits = z.strictObject({
  attemptsPerAddress: integer(
    10,
    "Maximum number of attempts to sign in per minute from one client address, and of sign-ups. An IPv6 network (/64) counts as one address. Behind a proxy, set `webserver.trustedProxies`.",
    1,
  ),
  failuresPerAccount: integer(
    10,
    "Number of wrong passwords for one account within `auth.local.limits.failureWindow` that locks its sign-in.",
    1,
  ),
  failureWindow: milliseconds(300_000, "Time in which wrong passwords add up to a lock, in milliseconds."),
  firstDelay: milliseconds(
    60_000,
    "Time that the address of the wrong passwords is locked for the account at first, in milliseconds; it doubles with each further wrong password. Other addresses are locked half as long, and not at all if they have signed in to the account before.",
  ),
  maxDelay: milliseconds(3_600_000, "Longest lock, in milliseconds. Other addresses are locked half as long."),
  maxFailures: integer(
    100,
    "Number of wrong passwords in a row after which an address can no longer sign in to the account, until `auth.local.limits.forgetAfter` has passed without another or a new password was set by e-mail.",
    1,
  ),
  forgetAfter: milliseconds(86_400_000, "Time after which wrong passwords are forgotten, in milliseconds."),
  knownAddressDays: integer(
    30,
    "Days for which an address that has signed in to an account is not locked by the wrong passwords of others.",
    0,
    3_650,
  ),
  mailsPerRecipient: integer(
    3,
    "Maximum number of e-mails of one kind (confirmation, new password, one invitation) per hour to one address. Further requests are answered as usual and send none; a further invitation is rejected.",
    1,
  ),
  mailsPerAddress: integer(
    20,
    "Maximum number of requests for e-mails per hour from one client address, whether or not they send one.",
    1,
  ),
  invitationsPerSender: integer(
    1_000,
    "Maximum number of invitations that one user or service account sends per day.",
    1,
  ),
});

/** `auth.*`: the ways to sign in. */
export const auth = z.strictObject({
  local: z.strictObject({
    enabled: flag(true, "Allows signing up and signing in with e-mail and password."),
    passwordCost: integer(
      10,
      "Rounds of bcrypt as a power of two: each step doubles the time for a password, about 60 ms with 10. The passwords of users are hashed again when they sign in after it was raised.",
      10,
      16,
    ),
    domainsWithoutPassword: setting(
      z.array(Domain),
      [],
      "E-mail domains whose users sign in with an identity provider only: they have no password, and cannot sign up with one.",
      { allowed: "a list of domains such as example.com" },
    ),
    breakGlass: setting(
      z.array(z.string().min(1)),
      [],
      "Usernames or e-mail addresses of System Admins who may sign in with a password although passwords are off: for the day when the identity provider is not available. Each such sign-in is a warning in the log, and marked in the audit log. While no System Admin has signed in with an enabled provider, all of them may.",
      { allowed: "a list of usernames and e-mail addresses" },
    ),
    limits,
    teams: z.strictObject({
      enabled: flag(
        true,
        "Allows creating teams in Houston and changing their members. false: teams come from an identity provider only; teams that exist keep their members and roles.",
      ),
    }),
  }),
  setupToken: setting(
    z
      .string()
      .min(20)
      .max(1_000)
      .regex(/^[\x21-\x7e]+$/)
      .nullable(),
    null,
    "Token that the first sign-up must send in the header `x-houston-setup-token`, unless it comes directly from this machine. null: one is generated and printed at startup. Without effect once there is a user.",
    { secret: true, allowed: "a string of 20 to 1,000 visible ASCII characters, or null" },
  ),
  github,
  openidConnect,
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
  registry: z.strictObject({
    issuer: optionalText("`iss` claim of tokens for the image registry, its `auth.token.issuer`. null: `jwt.issuer`."),
    service: optionalText(
      "`aud` claim of tokens for the image registry, its `auth.token.service`. null: docker-registry.",
    ),
    duration: setting(
      z.int().min(60_000).max(3_600_000),
      300_000,
      "Lifetime of tokens for the image registry, in milliseconds. Clients request a new one when it expires.",
      { allowed: "a whole number from 60000 to 3600000" },
    ),
    baseImages: setting(
      z.array(z.string().min(1)),
      ["base-images/airflow"],
      "Repositories with base images, which everyone who signs in may pull.",
      { allowed: "a list of names of repositories" },
    ),
  }),
});

/** 32 bytes in hex, or in base64 or base64url with or without padding. */
export const EncryptionKey = z.string().regex(/^([0-9a-fA-F]{64}|[\w+/-]{42}[AEIMQUYcgkosw048]=?)$/);

/** `encryption.*`: secrets in the database. */
export const encryption = z.strictObject({
  keys: setting(
    z.array(EncryptionKey),
    [],
    "Keys for secrets in the database. The first key encrypts, all keys decrypt: to rotate, add a new key at the start, keep the old ones and run `npm start -- rotate-keys`, which says when they can be removed. All replicas must have the same keys. Until then, Houston does not start without a key that has been the first one for its database. Required if `database.url` is set: `openssl rand -hex 32`. Empty: one is generated and stored in `secrets.json` in `database.dataFolder`.",
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
  maxKeyDays: integer(
    0,
    "Longest life of an API key, in days: new keys expire after that at the latest. Keys from before it was set are not affected until they are rotated. 0: no limit.",
    0,
    36_500,
  ),
  graceMinutes: integer(
    1_440,
    "Time for which the old API key stays valid after a rotation, in minutes, unless the rotation names another; at most `serviceAccounts.maxGraceMinutes`.",
    0,
    525_600,
  ),
  maxGraceMinutes: integer(
    10_080,
    "Longest time that a rotation can name, in minutes. 0: the old key always ends at once.",
    0,
    525_600,
  ),
});

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
