import { generateKeyPairSync, type KeyObject, randomUUID } from "node:crypto";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import jsonwebtoken from "jsonwebtoken";
import Provider from "oidc-provider";
import { afterAll } from "vitest";

/** Someone with an account at the provider: the claims about them, apart from `sub`. */
export type Account = Record<string, unknown>;

interface Options {
  /** Where the client's sign-ins end: all that are allowed. */
  redirectUris: string[];
  postLogoutRedirectUris?: string[];
  /** Whether claims come from the userinfo endpoint only. */
  thin?: boolean;
  /** The method with which the client proves who it is. */
  authMethod?: string;
}

const claimNames = ["groups", "hasgroups", "hd", "tid", "oid", "upn", "preferred_username", "realm_access"];

/**
 * A real OpenID Connect provider on loopback, until the end of the file. It signs in `next` without asking, or with a page with a
 * button if `asks`. The tests change it while it runs.
 */
export async function identityProvider({
  redirectUris,
  postLogoutRedirectUris = [],
  thin = false,
  authMethod,
}: Options) {
  const accounts = new Map<string, Account>();
  /** Paths of the requests it got. */
  const requests: string[] = [];
  let key = newKey();
  let handler = listen();

  const server = createServer((request, response) => {
    const path = new URL(request.url ?? "/", "http://x").pathname;
    requests.push(path);
    if (idp.answer?.(path, response)) return;
    if (path.startsWith("/interaction/")) {
      if (idp.asks && request.method === "GET") {
        response.setHeader("content-type", "text/html");
        response.end(
          '<!doctype html><title>Provider</title><form method="post"><button>Sign in at the provider</button></form>',
        );
        return;
      }
      void handler.provider.interactionFinished(request, response, { login: { accountId: idp.next } });
      return;
    }
    if (path === "/token" && idp.change) changeIdToken(response, idp.change);
    handler.callback(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  const idp = {
    issuer,
    clientId: "houston",
    clientSecret: "secret of the client",
    accounts,
    requests,
    /** `sub` of whoever signs in next. */
    next: "",
    asks: false,
    /** Changes the claims of ID tokens before they are sent; they are signed again. */
    change: undefined as ((claims: Account) => Account) | undefined,
    /** Answers instead of the provider, if it returns true. */
    answer: undefined as ((path: string, response: ServerResponse) => boolean) | undefined,
    /** Adds an account, which signs in next. */
    account(claims: Account, sub: string = randomUUID()) {
      accounts.set(sub, claims);
      idp.next = sub;
      return sub;
    },
    /** Signs with a new key, and forgets the old one. */
    rotateKeys() {
      key = newKey();
      handler = start();
    },
    /** Signs a token with the key of the provider. */
    sign: (claims: Account) => sign(claims),
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
  handler = start();
  return idp;

  function start() {
    const provider = new Provider(issuer, {
      clients: [
        {
          client_id: idp.clientId,
          client_secret: idp.clientSecret,
          redirect_uris: redirectUris,
          post_logout_redirect_uris: postLogoutRedirectUris,
          grant_types: ["authorization_code", "client_credentials"],
          response_types: ["code"],
          token_endpoint_auth_method: authMethod ?? "client_secret_basic",
        },
      ],
      jwks: { keys: [{ ...key.privateKey.export({ format: "jwk" }), kid: key.id, alg: "RS256", use: "sig" }] },
      cookies: { keys: ["cookies of a test"] },
      pkce: { required: () => true },
      scopes: ["openid", "email", "profile", "groups", "offline_access"],
      claims: {
        openid: ["sub"],
        email: ["email", "email_verified"],
        profile: ["name", "_claim_names", "_claim_sources", ...claimNames],
      },
      conformIdTokenClaims: thin,
      ttl: {
        AccessToken: 600,
        AuthorizationCode: 60,
        ClientCredentials: 600,
        Grant: 600,
        IdToken: 600,
        Interaction: 600,
        Session: 600,
      },
      features: {
        devInteractions: { enabled: false },
        clientCredentials: { enabled: true },
        resourceIndicators: { enabled: false },
        rpInitiatedLogout: { enabled: true },
      },
      findAccount: (_: unknown, sub: string) => {
        const claims = accounts.get(sub);
        return claims && { accountId: sub, claims: async () => ({ sub, ...claims }) };
      },
      interactions: { url: (_: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
      // Nobody is asked for consent.
      async loadExistingGrant({ oidc }: { oidc: { client: { clientId: string }; session: { accountId: string } } }) {
        const grant = new provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId });
        grant.addOIDCScope("openid email profile groups");
        await grant.save();
        return grant;
      },
    });
    return { provider, callback: provider.callback() };
  }

  /** Before the server has a port. */
  function listen(): ReturnType<typeof start> {
    return undefined as never;
  }

  function sign(claims: Account): string {
    return jsonwebtoken.sign(claims, key.privateKey, { algorithm: "RS256", keyid: key.id });
  }

  function changeIdToken(response: ServerResponse, change: (claims: Account) => Account) {
    const end = response.end.bind(response);
    response.end = ((body: string | Buffer) => {
      const answer = JSON.parse(body.toString());
      if (typeof answer.id_token !== "string") return end(body);
      const claims = jsonwebtoken.decode(answer.id_token) as Account;
      const changed = JSON.stringify({ ...answer, id_token: idp.sign(change(claims)) });
      response.setHeader("content-length", Buffer.byteLength(changed));
      return end(changed);
    }) as never;
  }
}

export type IdentityProvider = Awaited<ReturnType<typeof identityProvider>>;

function newKey(): { id: string; privateKey: KeyObject } {
  return { id: randomUUID(), privateKey: generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey };
}
