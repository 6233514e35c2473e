import { z } from "zod";
import { scim } from "./scim.ts";
import { Domain, flag, integer, optionalText, setting, text } from "./setting.ts";

const LOOPBACK = /^http:\/\/(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?(\/|$)/;

/** True for a URL that secrets may be sent to: https, or http of this machine. */
export const isSafeUrl = (url: string): boolean =>
  URL.canParse(url) && (url.startsWith("https://") || LOOPBACK.test(url));

const url = (fallback: string | null, description: string) =>
  setting(z.string().refine(isSafeUrl).nullable(), fallback, description, {
    allowed: "an https URL, an http URL of this machine, or null",
  });

const domains = (description: string) =>
  setting(z.array(Domain), [], description, { allowed: "a list of domains such as example.com" });

const texts = (description: string) => setting(z.array(z.string().min(1)), [], description);

/** What every identity provider has. */
const client = (name: string, displayName: string) => ({
  enabled: flag(false, `Lets people sign in with ${name}.`),
  displayName: text(displayName, "Name on the sign-in page."),
  clientId: optionalText("ID that the provider gave to Houston. Required if the provider is enabled."),
  clientSecret: optionalText("Secret that the provider gave to Houston. null: none, for a public client.", {
    secret: true,
  }),
  emailDomains: domains(
    "E-mail domains that this provider speaks for. People with such an address may sign up, and get the account that has it, if the provider says that the address is verified, or sends them by SCIM. Empty: accounts are never linked by their address.",
  ),
});

interface ProviderDefaults {
  discoveryUrl?: string;
  authMethod?: "client_secret_post";
  email?: string;
  name?: string;
  audience?: string;
}

/** An OpenID Connect provider: what it is called, and its defaults. */
function openid(name: string, displayName: string, defaults: ProviderDefaults = {}) {
  return {
    ...client(name, displayName),
    discoveryUrl: url(
      defaults.discoveryUrl ?? null,
      "Issuer of the provider, with or without `/.well-known/openid-configuration`. Required if the provider is enabled.",
    ),
    scope: text("openid profile email", "Scopes to ask for, with spaces between them. `openid` is one of them."),
    tokenEndpointAuthMethod: setting(
      z.enum(["client_secret_basic", "client_secret_post"]),
      defaults.authMethod ?? "client_secret_basic",
      "How Houston proves to the provider who it is.",
    ),
    fetchUserInfo: flag(
      false,
      "Always asks the provider's userinfo endpoint too. false: only if the ID token has no e-mail address, or no groups although they are imported.",
    ),
    claimsMapping: z.strictObject({
      email: text(
        defaults.email ?? "email",
        "Claim with the e-mail address. Any other than `email` counts as verified for `emailDomains` only.",
      ),
      name: text(defaults.name ?? "name", "Claim with the full name."),
      groups: text(
        "groups",
        "Claim with the groups: a list of names, or one name. Dots lead into nested claims (`realm_access.roles`).",
      ),
    }),
    authUrlParams: z.strictObject({
      audience: setting(
        z.string().min(1).nullable(),
        defaults.audience ?? null,
        "Parameter `audience` of the request to the provider; null: none.",
      ),
      prompt: optionalText("Parameter `prompt`, such as select_account; null: none."),
      connection: optionalText("Parameter `connection` (Auth0); null: none."),
      organization: optionalText("Parameter `organization` (Auth0); null: none."),
      domain_hint: optionalText("Parameter `domain_hint` (Microsoft); null: none."),
      acr_values: optionalText("Parameter `acr_values`; null: none."),
      resource: optionalText("Parameter `resource` (ADFS); null: none."),
    }),
    ...scim(name),
  };
}

const SystemGroups = (role: string) => texts(`Groups whose members get the role ${role}.`);

/** `auth.openidConnect.*`: identity providers. Those with another name have the settings of `custom`. */
export const openidConnect = z.strictObject({
  flow: setting(
    z.enum(["implicit", "code"]),
    "implicit",
    "Both values use the authorization code flow with PKCE, which replaced the implicit flow; the provider must allow it.",
  ),
  clockTolerance: integer(
    0,
    "How much the clocks of Houston and of a provider may differ, in seconds, for the times in its tokens.",
    0,
    600,
  ),
  idpGroupsImportEnabled: flag(
    false,
    "Makes teams of the groups of those who sign in with OpenID Connect, and keeps their members at each sign-in.",
  ),
  teamFilterRegex: setting(
    z.string().refine(isPattern),
    "",
    "Regular expression (JavaScript): only groups whose name it matches become teams. Empty: all groups.",
    { allowed: "a regular expression" },
  ),
  manageSystemPermissionsViaIdpGroups: z.strictObject({
    enabled: flag(
      false,
      "The groups of those who sign in with OpenID Connect decide about their system roles: they get the highest one of their groups, and lose others. The last System Admin keeps the role. `allowedSystemLevelDomains` applies.",
    ),
    systemAdmin: SystemGroups("SYSTEM_ADMIN"),
    systemEditor: SystemGroups("SYSTEM_EDITOR"),
    systemViewer: SystemGroups("SYSTEM_VIEWER"),
  }),
  auth0: z.strictObject(
    openid("Auth0", "Auth0", {
      discoveryUrl: "https://astronomerio.auth0.com",
      audience: "astronomer-ee",
      authMethod: "client_secret_post",
    }),
  ),
  google: z.strictObject({
    ...openid("Google", "Google", { discoveryUrl: "https://accounts.google.com", authMethod: "client_secret_post" }),
    hostedDomains: domains(
      "Google Workspace domains whose accounts may sign in: the claim `hd` must be one of them. Empty: any Google account.",
    ),
  }),
  okta: z.strictObject(openid("Okta", "Okta")),
  custom: z.strictObject(openid("the custom OpenID Connect provider", "Custom oAuth")),
  microsoft: z.strictObject({
    ...openid("Microsoft Entra ID", "Azure AD", { email: "preferred_username", authMethod: "client_secret_post" }),
    tenants: texts(
      "IDs of the tenants whose accounts may sign in: the claim `tid` must be one of them. Required if `discoveryUrl` is that of several tenants (`common`, `organizations`, `consumers`).",
    ),
    fetchGroups: flag(
      false,
      "Asks Microsoft Graph for the groups of people who are in more than fit into a token (200). The application needs the permission GroupMember.Read.All. false: their teams stay as they are.",
    ),
    graphUrl: setting(
      z.string().refine(isSafeUrl),
      "https://graph.microsoft.com",
      "URL of Microsoft Graph, which differs in national clouds.",
      { allowed: "an https URL, or an http URL of this machine" },
    ),
  }),
  adfs: z.strictObject(openid("ADFS", "ADFS", { email: "upn", name: "upn" })),
});

/** `auth.github.*`: GitHub, which has OAuth without OpenID Connect. */
export const github = z.strictObject({
  ...client("GitHub", "GitHub"),
  url: setting(z.string().refine(isSafeUrl), "https://github.com", "URL of GitHub, or of a GitHub Enterprise Server.", {
    allowed: "an https URL, or an http URL of this machine",
  }),
  apiUrl: setting(
    z.string().refine(isSafeUrl),
    "https://api.github.com",
    "URL of GitHub's API; of a GitHub Enterprise Server, `<url>/api/v3`.",
    { allowed: "an https URL, or an http URL of this machine" },
  ),
});

function isPattern(source: string): boolean {
  try {
    new RegExp(source, "u");
    return true;
  } catch {
    return false;
  }
}
