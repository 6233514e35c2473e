import { describe, expect, it } from "vitest";
import { prototypes } from "../../src/services/clickstream/prototypes.ts";
import { createAlpha } from "../support/alpha.ts";
import { testHouston } from "../support/houston.ts";

const { url, build } = await testHouston();
const alpha = createAlpha(url);
const someone = await build.user();

const FIELD = "{ propertyName label type required secret description options default }";
const QUERY = `{ clickstreamPrototypes { id code name connectionPrototype ${FIELD} configPrototype ${FIELD} } }`;

describe("clickstreamPrototypes", () => {
  it("lists all destinations by code, with what a client must ask for", async () => {
    const { data, errors } = await alpha(someone).send(QUERY);
    expect(errors).toBeUndefined();
    const codes = data.clickstreamPrototypes.map(({ code }: { code: string }) => code);
    expect(codes).toEqual(prototypes.map(({ code }) => code));
    const webhook = data.clickstreamPrototypes.find(({ code }: { code: string }) => code === "webhook");
    expect(webhook).toMatchObject({ id: "webhook-1", name: "Webhook" });
    expect(webhook.connectionPrototype).toContainEqual({
      ...{ propertyName: "headerValue", label: "Secret", type: "input", required: false, secret: true },
      ...{ description: expect.any(String), options: null, default: null },
    });
    expect(webhook.configPrototype).toContainEqual(
      expect.objectContaining({ propertyName: "batchSize", type: "number", default: 1 }),
    );
  });

  it("has every type of field of the data files", async () => {
    const { data } = await alpha(someone).send(QUERY);
    type Row = { connectionPrototype: { type: string }[]; configPrototype: { type: string }[] };
    const types = (data.clickstreamPrototypes as Row[]).flatMap((one) =>
      [...one.connectionPrototype, ...one.configPrototype].map(({ type }) => type),
    );
    expect([...new Set(types)].sort()).toEqual(["array", "boolean", "input", "map", "number"]);
  });

  it("answers to the misspelled field of old documents", async () => {
    const { data } = await alpha(someone).send(
      "{ clickstreamPrototypes { connectionPrototye { label } connectionPrototype { label } } }",
    );
    for (const { connectionPrototye, connectionPrototype } of data.clickstreamPrototypes)
      expect(connectionPrototye).toEqual(connectionPrototype);
  });

  it("is open to everyone signed in, without the header organization, and to API keys", async () => {
    const { organization } = await build.organization();
    const router = await build.serviceAccount({ role: "ORGANIZATION_ROUTER", organizationId: organization.id });
    for (const caller of [someone, router])
      expect((await alpha(caller).send("{ clickstreamPrototypes { id } }")).errors).toBeUndefined();
  });

  it("is denied to an anonymous caller", async () => {
    const { errors } = await alpha(undefined).send("{ clickstreamPrototypes { id } }");
    expect(errors?.[0]?.extensions.code).toBe("UNAUTHENTICATED");
  });
});
