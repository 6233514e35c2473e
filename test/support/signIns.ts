import bcrypt from "bcrypt";
import { type Config, configFrom, type DeepPartial } from "../../src/platform/config/config.ts";
import type { Answer } from "./as.ts";
import { testHouston } from "./houston.ts";

export const PASSWORD = "correct horse";
const passwordHash = bcrypt.hashSync(PASSWORD, 10);

export const SIGN_IN = `mutation ($identity: String, $password: String!) {
  createToken(identity: $identity, password: $password) { user { id } token { value } }
}`;

/**
 * Houston with the limits that it ships with, behind a trusted proxy: `from(address)` signs in as a client of that
 * address. `clock.pass(ms)` moves its clock.
 */
export async function houstonWithLimits(overrides: DeepPartial<Config> = {}) {
  const { limits } = configFrom().auth.local;
  const running = await testHouston({
    ...overrides,
    auth: {
      ...overrides.auth,
      local: { ...overrides.auth?.local, limits: { ...limits, ...overrides.auth?.local?.limits } },
    },
    webserver: { trustedProxies: ["127.0.0.1"], ...overrides.webserver },
  });
  const { app, build, url } = running;
  let passed = 0;
  app.services.now = () => new Date(Date.now() + passed);
  const clock = {
    pass(ms: number) {
      passed += ms;
    },
    now: () => passed,
  };

  async function send(address: string | undefined, query: string, variables: object = {}, path = "/v1") {
    const response = await fetch(`${url}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", ...(address && { "x-forwarded-for": address }) },
      body: JSON.stringify({ query, variables }),
    });
    const body = (await response.json()) as Omit<Answer, "status">;
    return { ...body, status: response.status, headers: response.headers };
  }
  const from = (address: string | undefined) => ({
    send: (query: string, variables?: object, path?: string) => send(address, query, variables, path),
    signIn: (identity: string, password = PASSWORD) => send(address, SIGN_IN, { identity, password }),
  });
  const buildUser = (given: Parameters<typeof build.user>[0] = {}) =>
    build.user({ ...given, localCredential: { create: { passwordHash } } });
  return { ...running, clock, from, buildUser };
}

/** "ok", or the code of the first error. */
export const codeOf = ({ errors }: Pick<Answer, "errors">): string => errors?.[0]?.extensions.code ?? "ok";
