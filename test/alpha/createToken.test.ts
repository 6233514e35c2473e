import bcrypt from "bcrypt";
import { describe, expect, it } from "vitest";
import { createAlpha } from "../support/alpha.ts";
import { testHouston } from "../support/houston.ts";

const { url, as, build } = await testHouston();
const off = await testHouston({ auth: { local: { enabled: false } } });
const alpha = createAlpha(url);

const password = "correct horse";
const passwordHash = bcrypt.hashSync(password, 10);
const buildUser = (given: Parameters<typeof build.user>[0] = {}) =>
  build.user({ ...given, localCredential: { create: { passwordHash } } });

const SIGN_IN = `mutation ($username: String, $identity: String, $password: String!) {
  createToken(username: $username, identity: $identity, password: $password) {
    success message id token code decoded { id sU iat exp }
  }
}`;
const signIn = async (variables: Record<string, unknown>, at = url) => {
  const { data, errors, status } = await createAlpha(at)(undefined).send(SIGN_IN, { password, ...variables });
  expect([status, errors]).toEqual([200, undefined]);
  return data.createToken;
};

describe("createToken of the alpha API", () => {
  it("signs in by e-mail address or username, as username or identity", async () => {
    const { id } = await buildUser({ username: "grace", email: "grace@example.com" });
    for (const name of ["grace@example.com", " GRACE@Example.com", "grace"]) {
      for (const argument of [{ username: name }, { identity: name, username: "" }]) {
        const answer = await signIn(argument);
        expect(answer).toMatchObject({ success: true, message: "Signed in", code: null, decoded: { id, sU: false } });
      }
    }
  });

  it("returns the content of the token in decoded", async () => {
    const { email } = await buildUser({ roles: [{ role: "SYSTEM_ADMIN" }] });
    const { token, decoded } = await signIn({ username: email });
    const payload = JSON.parse(Buffer.from(token.split(".")[1], "base64url").toString());
    expect(decoded).toEqual({ id: payload.id, iat: payload.iat, exp: payload.exp, sU: true });
    expect(decoded.exp - decoded.iat).toBe(86_400);
  });

  it("returns a token for /v1 and the Platform API, and accepts the token of /v1", async () => {
    const { email, id } = await buildUser();
    const answer = await signIn({ username: email });
    expect((await as(answer).send("{ self { user { id } } }")).data.self.user.id).toBe(id);
    const headers = { authorization: `Bearer ${answer.token}` };
    expect((await fetch(`${url}/platform/v1beta1/organizations`, { headers })).status).toBe(200);

    const SIGN_IN_V1 = `mutation { createToken(identity: "${email}", password: "${password}") { token { value } } }`;
    const { data } = await as(undefined).send(SIGN_IN_V1);
    const token = data.createToken.token.value;
    for (const sent of [token, `Bearer ${token}`]) {
      expect((await alpha({ token: sent }).send("{ organizations { id } }")).data.organizations).toHaveLength(1);
    }
    await fetch(`${url}/v1/logout`, { method: "POST", headers: { authorization: token } });
    expect((await alpha({ token }).send("{ organizations { id } }")).errors?.[0]?.extensions.code).toBe(
      "UNAUTHENTICATED",
    );
  });

  it("reports a wrong password and an unknown user alike", async () => {
    const { email } = await buildUser();
    const wrong = { success: false, message: "Invalid username or password", code: "UNAUTHENTICATED" };
    const nothing = { id: null, token: null, decoded: null };
    expect(await signIn({ username: email, password: "wrong horse" })).toEqual({ ...wrong, ...nothing });
    expect(await signIn({ username: "nobody" })).toEqual({ ...wrong, ...nothing });
  });

  it.each([
    [{}, "username: is required (an e-mail address or a username)"],
    [{ username: " ", identity: "" }, "username: is required (an e-mail address or a username)"],
    [{ username: "one", identity: "two" }, "identity: cannot be combined with username"],
    [{ username: "nul\u0000" }, "username: must not contain a NUL character"],
  ])("names the invalid argument of %j", async (given, message) => {
    expect(await signIn(given)).toMatchObject({ success: false, message, code: "BAD_USER_INPUT" });
  });

  it("reports that sign-in with a password is disabled", async () => {
    expect(await signIn({ username: "grace" }, off.url)).toMatchObject({ success: false, code: "FEATURE_DISABLED" });
  });
});
