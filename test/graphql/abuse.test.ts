import { describe, expect, it } from "vitest";
import { abuses, circularIntrospection, nestedLists, times } from "../support/abuse.ts";
import { doorsOf } from "../support/doors.ts";
import { testHouston } from "../support/houston.ts";

const { url, as, build } = await testHouston({ apollo: { anonymousIntrospection: true } });
const nobody = as(undefined);

const doorsFor = (title: string) =>
  doorsOf(url).filter(({ name }) => name !== "/alpha" || !nestedLists.some(([known]) => known === title));

describe("G14: a document that abuses GraphQL is rejected with one error, in all APIs and over both sockets", () => {
  it.each([...abuses, ...nestedLists])("%s", async (title, query, message) => {
    const verdicts = await Promise.all(
      doorsFor(title).map(async ({ name, send }) => ({ name, ...(await send(query)) })),
    );
    for (const { name, status, errors, data } of verdicts) {
      expect(data, name).toBeUndefined();
      if (status !== undefined) expect(status, name).toBe(400);
      expect(errors, name).toMatchObject([{ message: expect.stringMatching(message), extensions: expect.anything() }]);
      expect(errors[0]?.extensions, name).toEqual({ code: "GRAPHQL_VALIDATION_FAILED" });
    }
  });

  it("G10: circular introspection", async () => {
    for (const { name, send } of doorsOf(url)) {
      const { status, errors, data } = await send(circularIntrospection);
      expect(data, name).toBeUndefined();
      expect(status ?? 400).toBe(400);
      expect(errors, name).toMatchObject([
        { message: "Maximum introspection depth exceeded", extensions: { code: "GRAPHQL_VALIDATION_FAILED" } },
      ]);
    }
  });

  it("is rejected in a subscription, too", async () => {
    const query = `subscription { deploymentStatus(releaseName: "a") { ${times(16, (n) => `a${n}: status`)} } }`;
    for (const { name, send } of doorsOf(url).slice(2)) {
      expect((await send(query)).errors, name).toMatchObject([
        { message: expect.stringMatching(/^Aliases limit of 15/), extensions: { code: "GRAPHQL_VALIDATION_FAILED" } },
      ]);
    }
  });
});

describe("what is within the limits", () => {
  it.each([
    ["G2: 15 aliases", `{ ${times(15, (n) => `a${n}: __typename`)} }`],
    ["G3: 15 repetitions", `{ ${times(15, () => "__typename")} }`],
    [
      "G4: 8 directives",
      `{ appConfig ${times(1, () => "@skip(if: false)")} { ${times(7, (n) => `${"version baseDomain smtpConfigured manualReleaseNames configureDagDeployment nfsMountDagDeployment hardDeleteDeployment".split(" ")[n]} @include(if: true)`)} } }`,
    ],
    ["G1: 10 levels", `{ __type(name: "Query") { ${"ofType { ".repeat(8)} name ${"} ".repeat(9)} }`],
    [
      "several operations, each within them",
      times(3, (n) => `query q${n} { ${times(10, (a) => `a${a}: __typename`)} }`),
    ],
  ])("is accepted: %s", async (_, query) => {
    const operationName = query.startsWith("query q0") ? "q1" : undefined;
    const response = await fetch(`${url}/v1`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query, operationName }),
    });
    expect([response.status, await response.json()]).toMatchObject([200, { data: {} }]);
  });

  it("G5: is one operation of a document: each is measured alone, and a batch of requests is rejected", async () => {
    for (const size of [1, 10, 1_000]) {
      for (const path of ["/v1", "/alpha"]) {
        const body = JSON.stringify(Array.from({ length: size }, () => ({ query: "{ __typename }" })));
        const headers = { "content-type": "application/json" };
        const response = await fetch(`${url}${path}`, { method: "POST", headers, body });
        expect(response.status).toBe(400);
        const { errors } = (await response.json()) as { errors: { extensions: { code: string } }[] };
        expect(errors).toHaveLength(1);
        expect(errors[0]?.extensions.code).toBe("BAD_REQUEST");
      }
    }
  });
});

describe("sign-ins by alias", () => {
  const signIn = (n: number) =>
    `a${n}: createToken(identity: "a@example.com", password: "wrong ${n}") { token { value } }`;

  it("G15: are at most 15 in one document", async () => {
    const { status, errors } = await nobody.send(`mutation { ${times(16, signIn)} }`);
    expect(status).toBe(400);
    expect(errors).toMatchObject([{ message: expect.stringMatching(/^Aliases limit of 15 exceeded, found 16/) }]);
  });
});

describe("G8: requests other than POST with a JSON body", () => {
  const query = "{ appConfig { version } }";
  const mutation = "mutation { __typename }";
  const get = (document: string, headers: Record<string, string> = {}, path = "/v1") =>
    fetch(`${url}${path}?query=${encodeURIComponent(document)}`, { headers });
  const preflight = { "apollo-require-preflight": "1" };

  it("are rejected: mutations by GET, and queries without a header that needs a CORS preflight", async () => {
    for (const path of ["/v1", "/alpha"]) {
      expect((await get(mutation, preflight, path)).status).toBe(405);
      expect((await get("{ __typename }", {}, path)).status).toBe(400);
      expect((await get("{ __typename }", preflight, path)).status).toBe(200);
    }
  });

  it("are rejected: GET with a content type other than JSON", async () => {
    for (const type of ["text/plain", "application/xml", "multipart/form-data; boundary=a"]) {
      expect((await get(query, { ...preflight, "content-type": type })).status).toBe(415);
    }
  });

  it("are rejected: bodies that a form of another site could send", async () => {
    const { token } = await build.user();
    for (const [type, body] of [
      ["application/x-www-form-urlencoded", `query=${encodeURIComponent(query)}`],
      ["text/plain", JSON.stringify({ query })],
      [
        "multipart/form-data; boundary=a",
        `--a\r\ncontent-disposition: form-data; name="query"\r\n\r\n${query}\r\n--a--`,
      ],
    ] as const) {
      const headers = { "content-type": type, authorization: token };
      const response = await fetch(`${url}/v1`, { method: "POST", headers, body });
      expect([response.status, (await response.json()).errors]).toMatchObject([
        415,
        [{ extensions: { code: "UNSUPPORTED_MEDIA_TYPE" } }],
      ]);
    }
  });
});
