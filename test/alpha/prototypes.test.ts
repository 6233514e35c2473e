import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { clickstreamPrototypes } from "../../src/services/clickstream/clickstreamPrototypes.ts";
import { loadPrototypes } from "../../src/services/clickstream/loadPrototypes.ts";
import { prototypeByCode, prototypes } from "../../src/services/clickstream/prototypes.ts";

describe("Clickstream prototypes", () => {
  it("exist for at least 12 destinations, among them acquisio and a generic webhook", () => {
    expect(prototypes.length).toBeGreaterThanOrEqual(12);
    expect(prototypes.map(({ code }) => code)).toEqual(expect.arrayContaining(["acquisio", "webhook"]));
  });

  it("are sorted by code, with unique codes and IDs", () => {
    const codes = prototypes.map(({ code }) => code);
    expect(codes).toEqual([...new Set(codes)].sort());
    expect(new Set(prototypes.map(({ id }) => id)).size).toBe(prototypes.length);
  });

  it("are found by code, and by nothing that objects inherit", () => {
    expect(prototypeByCode("acquisio")).toMatchObject({ id: "acquisio-1", name: "Acquisio" });
    for (const code of ["acquisio-1", "constructor", "__proto__", ""]) expect(prototypeByCode(code)).toBeUndefined();
  });

  it("use the types of the contract only", () => {
    const fields = prototypes.flatMap((one) => [...one.connectionPrototype, ...one.configPrototype]);
    const types = new Set(fields.map(({ type }) => type));
    expect([...types].sort()).toEqual(["array", "boolean", "input", "map", "number"]);
  });

  it("ask for secrets, and for where they are sent to, in connectionPrototype only", () => {
    const fields = prototypes.flatMap(({ configPrototype }) => configPrototype);
    expect(fields.filter((field) => field.type === "input" && field.secret)).toEqual([]);
    const values = fields.map((field) => ("values" in field ? field.values : field));
    const formats = new Set(values.map((value) => (value.type === "input" ? value.format : undefined)));
    expect([...formats].filter((format) => format !== undefined)).toEqual(["sqlName"]);
  });

  it("are returned with every property that a client asks for", () => {
    const rows = clickstreamPrototypes();
    expect(rows.map(({ id }) => id)).toEqual(prototypes.map(({ id }) => id));
    const webhook = rows.find(({ code }) => code === "webhook");
    expect(webhook?.connectionPrototype[1]).toEqual({
      propertyName: "headerName",
      label: "Header",
      type: "input",
      required: false,
      secret: false,
      description: "The name of the header that contains the secret.",
      options: null,
      default: "Authorization",
    });
    expect(webhook?.connectionPrototype[2]).toMatchObject({ propertyName: "headerValue", secret: true, default: null });
    expect(webhook?.configPrototype[1]).toMatchObject({ propertyName: "batchSize", type: "number", default: 1 });
    const mixpanel = rows.find(({ code }) => code === "mixpanel")?.connectionPrototype;
    expect(mixpanel?.[2]).toMatchObject({ propertyName: "residency", options: ["us", "eu", "in"], default: "us" });
    expect(JSON.parse(JSON.stringify(rows))).toEqual(rows);
  });
});

describe("a data file of a prototype", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "houston-prototypes-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const input = { propertyName: "account", label: "Account", description: "The account.", type: "input" };
  const valid = { id: "example-1", code: "example", name: "Example", connectionPrototype: [], configPrototype: [] };

  /** Loads the folder with one file. */
  async function load(content: unknown, name = "example.json") {
    await writeFile(join(folder, name), typeof content === "string" ? content : JSON.stringify(content));
    return loadPrototypes(folder);
  }

  it("may leave out what has a default", async () => {
    expect(await load({ ...valid, connectionPrototype: [input] })).toEqual([
      { ...valid, connectionPrototype: [{ ...input, required: false, secret: false, maxLength: 4096 }] },
    ]);
  });

  it("is named by the error if it is not JSON", async () => {
    await expect(load("{")).rejects.toThrow(/^Clickstream prototype example.json is invalid: .*JSON/);
  });

  it("must exist", () => {
    expect(() => loadPrototypes(folder)).toThrow("contains no .json file");
  });

  it("must contain an object", async () => {
    await expect(load([])).rejects.toThrow("example.json is invalid: file: ");
  });

  it("must have its code as its name", async () => {
    await expect(load(valid, "other.json")).rejects.toThrow(
      "other.json is invalid: code: must be the name of the file",
    );
  });

  it.each([
    [{ id: "other-1" }, "id: must be example- and a version"],
    [{ id: "example" }, "id: must be the code and a version, such as webhook-1"],
    [{ code: "Example" }, "code: must be a name such as google-analytics"],
    [{ name: undefined }, "name: "],
    [{ extra: 1 }, 'Unrecognized key: "extra"'],
  ])("rejects %o", async (change, message) => {
    await expect(load({ ...valid, ...change })).rejects.toThrow(`example.json is invalid: `);
    await expect(load({ ...valid, ...change })).rejects.toThrow(message);
  });

  it.each([
    ["an unknown type", { type: "password" }, "account.type: "],
    ["an unknown property", { placeholder: "x" }, 'account: Unrecognized key: "placeholder"'],
    ["an unknown format", { format: "anything" }, "account.format: "],
    ["a missing label", { label: undefined }, "account.label: "],
    ["a limit above the platform's", { maxLength: 5000 }, "account.maxLength: "],
    ["a limit of another type", { min: 1 }, 'account: Unrecognized key: "min"'],
    ["an array without the type of its values", { type: "array" }, "account.values: "],
    ["an invalid default", { maxLength: 3, default: "long" }, "account.default: must be a string of 1 to 3 characters"],
    ["a default of another type", { default: 1 }, "account.default: must be a string"],
    ["a default of a required property", { required: true, default: "x" }, "account.default: is not possible"],
    ["a default of a secret", { secret: true, default: "x" }, "account.secret: is not possible with default"],
    ["options of a secret", { secret: true, options: ["a", "b"] }, "account.secret: is not possible with default"],
    ["a name with other characters", { propertyName: "api_key" }, "api_key.propertyName: must be a camelCase name"],
    ["a name that objects inherit", { propertyName: "constructor" }, "constructor.propertyName: must not be"],
    ["apiKey without secret", { propertyName: "apiKey" }, "apiKey.secret: must be true, judging by the name"],
  ])("rejects %s in connectionPrototype, by name", async (_, change, message) => {
    const content = { ...valid, connectionPrototype: [{ ...input, ...change }] };
    await expect(load(content)).rejects.toThrow(`example.json is invalid: connectionPrototype.${message}`);
  });

  it("rejects two fields of one name", async () => {
    await expect(load({ ...valid, configPrototype: [input, input] })).rejects.toThrow(
      "configPrototype.account.propertyName: is already in use",
    );
  });

  it.each([
    [{ secret: true }, "account.secret: belongs to connectionPrototype"],
    [{ propertyName: "accessToken" }, "accessToken.secret: belongs to connectionPrototype"],
    [{ propertyName: "signingKey" }, "signingKey.secret: belongs to connectionPrototype"],
  ])("rejects a secret in configPrototype: %o", async (change, message) => {
    const content = { ...valid, configPrototype: [{ ...input, ...change }] };
    await expect(load(content)).rejects.toThrow(`example.json is invalid: configPrototype.${message}`);
  });

  it.each([
    ...["url", "host", "subdomain", "awsRegion", "bucket"].map((format) => ({ format })),
    ...["callbackUrl", "region", "apiHost", "dataCenter", "endpoints", "proxyServer", "mailAddress", "port"].map(
      (propertyName) => ({
        propertyName,
      }),
    ),
    { type: "array", values: { type: "input", format: "url" } },
    { type: "map", values: { type: "input", format: "host" } },
  ])("rejects what says where a secret is sent to in configPrototype: %o", async (change) => {
    const content = { ...valid, configPrototype: [{ ...input, ...change }] };
    await expect(load(content)).rejects.toThrow("says where data is sent to, which belongs to connectionPrototype");
  });
});
