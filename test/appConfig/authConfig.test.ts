import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";

const plain = await testHouston();
const other = await testHouston({
  publicSignups: true,
  externalSignupUrl: "https://example.com/join",
  auth: { local: { enabled: false } },
});

const CONFIG = `query ($redirect: String) { authConfig(redirect: $redirect) {
  publicSignup externalSignupUrl initialSignup localEnabled googleEnabled githubEnabled auth0Enabled googleOAuthUrl
  providers { name displayName url }
} }`;

describe("authConfig", () => {
  it("offers sign-up until the first user exists, even with a stale token", async () => {
    const { as, build } = plain;
    const answer = {
      publicSignup: true,
      externalSignupUrl: null,
      initialSignup: true,
      localEnabled: true,
      googleEnabled: false,
      githubEnabled: false,
      auth0Enabled: false,
      googleOAuthUrl: null,
      providers: [],
    };
    expect((await as(undefined).send(CONFIG)).data.authConfig).toEqual(answer);
    await build.systemAdmin();
    const { data, errors } = await as({ token: "stale" }).send(CONFIG, { redirect: "https://app.localhost" });
    expect(errors).toBeUndefined();
    expect(data.authConfig).toEqual({ ...answer, publicSignup: false, initialSignup: false });
  });

  it("returns configured values", async () => {
    await other.build.user();
    expect((await other.as(undefined).send(CONFIG)).data.authConfig).toMatchObject({
      publicSignup: true,
      externalSignupUrl: "https://example.com/join",
      initialSignup: false,
      localEnabled: false,
      googleEnabled: false,
      githubEnabled: false,
      auth0Enabled: false,
    });
  });
});
