import { expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { jsonServer, type ReceivedRequest } from "../support/jsonServer.ts";
import { openKnownPort } from "../support/knownPort.ts";
import { createSignOnVisitor } from "../support/signOn.ts";

interface Email {
  email: string;
  primary: boolean;
  verified: boolean;
}

let user: unknown;
let emails: Email[] = [];
const tokens: ReceivedRequest[] = [];
const ANSWERS: Record<string, () => unknown> = {
  "/api/user": () => user,
  "/api/user/emails": () => emails,
};
const github = await jsonServer((request) => {
  const { pathname, searchParams } = request.url;
  if (pathname === "/login/oauth/authorize") {
    const back = new URL(searchParams.get("redirect_uri") ?? "");
    back.search = new URLSearchParams({ code: "one-time", state: searchParams.get("state") ?? "" }).toString();
    return { status: 302, body: {}, headers: { location: back.href } };
  }
  if (pathname === "/login/oauth/access_token") {
    tokens.push(request);
    return { status: 200, body: { access_token: "gho_secret", token_type: "bearer", scope: "read:user,user:email" } };
  }
  const answer = request.headers.authorization === "Bearer gho_secret" ? ANSWERS[pathname] : undefined;
  return answer ? { status: 200, body: answer() } : { status: 401, body: {} };
});
const known = await openKnownPort();
const base = `http://127.0.0.1:${known.port}`;
const { db, build, url } = await testHouston({
  webserver: { publicUrl: base },
  auth: {
    github: {
      enabled: true,
      clientId: "houston",
      clientSecret: "secret",
      url: github.url,
      apiUrl: `${github.url}/api`,
      emailDomains: ["example.com"],
    },
  },
});
known.leadTo(url);
await build.systemAdmin();
const signIn = () => createSignOnVisitor(base).signIn("github");

it("signs in with GitHub by the number of the account and its primary address, if that is verified", async () => {
  user = { id: 42, login: "ada", name: "Ada" };
  emails = [
    { email: "other@example.com", primary: false, verified: true },
    { email: "ada@example.com", primary: true, verified: false },
  ];
  expect((await signIn()).url).toBe(`${base}/app/login?refused=noAddress`);
  emails = [{ email: "Ada@example.com", primary: true, verified: true }];
  expect((await signIn()).url).toBe(`${base}/app/`);
  const identity = await db.identity.findFirstOrThrow({ include: { user: { include: { emails: true } } } });
  expect(identity).toMatchObject({
    provider: "github",
    issuer: github.url,
    subject: "42",
    user: { fullName: "Ada", emails: [{ address: "ada@example.com" }] },
  });
  expect(tokens[0]?.body).toMatch(/code_verifier=[\w-]{43}/);
  user = { id: 43, login: "mallory" };
  emails = [{ email: "mallory@elsewhere.example", primary: true, verified: true }];
  expect((await signIn()).url).toBe(`${base}/app/login?refused=notInvited`);
  user = {};
  expect((await signIn()).url).toBe(`${base}/app/login?refused=invalid`);
});
