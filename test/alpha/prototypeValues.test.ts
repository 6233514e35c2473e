import { describe, expect, it } from "vitest";
import { AppError } from "../../src/platform/errors/appError.ts";
import { Prototype } from "../../src/services/clickstream/prototype.ts";
import { configFor, detailsFor, prototypeByCode } from "../../src/services/clickstream/prototypes.ts";

const field = (propertyName: string, rest: object) => ({ propertyName, label: "Label", description: "Text.", ...rest });

/** One with every kind of field. */
const example = Prototype.parse({
  id: "example-1",
  code: "example",
  name: "Example",
  connectionPrototype: [
    field("account", { type: "input", required: true, maxLength: 20 }),
    field("apiKey", { type: "input", secret: true }),
    field("url", { type: "input", format: "url" }),
    field("residency", { type: "input", options: ["us", "eu"], default: "us" }),
  ],
  configPrototype: [
    field("size", { type: "number", whole: true, min: 1, max: 5000, default: 10 }),
    field("rate", { type: "number" }),
    field("delay", { type: "number", min: 0 }),
    field("score", { type: "number", max: 9 }),
    field("isOn", { type: "boolean", default: true }),
    field("events", { type: "array", values: { type: "input", maxLength: 1000 }, default: ["Order"] }),
    field("names", { type: "map", values: { type: "input", maxLength: 1000 } }),
    field("kinds", { type: "map", values: { type: "input", options: ["a", "b"] } }),
    field("levels", { type: "array", values: { type: "number", whole: true, min: 0, max: 9 } }),
    field("note", { type: "input" }),
  ],
});

/** The error of `details`. */
const errorOf = (read: () => unknown): AppError => {
  try {
    read();
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error("Nothing was thrown");
};
const detailsError = (details: unknown) => errorOf(() => detailsFor(example, details)).message;
const configError = (config: unknown) => errorOf(() => configFor(example, config)).message;

describe("the details of a Connection", () => {
  it("are returned with defaults", () => {
    expect(detailsFor(example, { account: "a", apiKey: "k" })).toEqual({ account: "a", apiKey: "k", residency: "us" });
  });

  it("may omit properties as null, empty strings or spaces", () => {
    const given = { account: "a", apiKey: " ", url: null, residency: "" };
    expect(detailsFor(example, given)).toEqual({ account: "a", residency: "us" });
  });

  it("are trimmed, except for secrets", () => {
    expect(detailsFor(example, { account: " a ", apiKey: " k " })).toMatchObject({ account: "a", apiKey: " k " });
  });

  it.each([undefined, null, "{}", 1, []])("must be an object: %j", (details) => {
    expect(detailsError(details)).toBe("details: must be an object; allowed: account, apiKey, url, residency");
  });

  it.each([{}, { account: null }, { account: "" }, { account: "  " }])(
    "must contain required properties: %j",
    (given) => {
      expect(errorOf(() => detailsFor(example, given))).toMatchObject({
        code: "BAD_USER_INPUT",
        message: "details.account: is required",
        argument: "details.account",
      });
    },
  );

  it.each(["other", "Account", "constructor", "toString", "hasOwnProperty"])("must not contain others: %s", (name) => {
    expect(detailsError({ account: "a", [name]: "x" })).toBe(
      `details.${name}: is not a known property; allowed: account, apiKey, url, residency`,
    );
  });

  it("do not take __proto__ for anything but an unknown property", () => {
    expect(detailsError(JSON.parse('{ "account": "a", "__proto__": { "apiKey": "k" } }'))).toBe(
      "details.__proto__: is not a known property; allowed: account, apiKey, url, residency",
    );
  });

  it("do not take inherited properties", () => {
    expect(detailsError(Object.create({ account: "a" }))).toBe("details.account: is required");
    expect(detailsFor(example, Object.assign(Object.create(null), { account: "a" }))).toMatchObject({ account: "a" });
  });

  it("report every problem, shortened to 20, with long names cut", () => {
    expect(detailsError({ account: 1, residency: "x" })).toBe(
      "details.account: must be a string of 1 to 20 characters; details.residency: must be one of us, eu",
    );
    const many = Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`${n}`.padEnd(1000, "x"), 1]));
    expect(detailsError(many)).toMatch(/; and 31 more$/);
    expect(detailsError(many).length).toBeLessThan(20 * 250);
  });

  it.each([1, true, {}, [], ["a"], "x".repeat(21)])("have strings of limited length: %j", (account) => {
    expect(detailsError({ account })).toBe("details.account: must be a string of 1 to 20 characters");
  });

  it("have secrets of at most 4,096 characters", () => {
    expect(detailsFor(example, { account: "a", apiKey: "k".repeat(4096) }).apiKey).toHaveLength(4096);
    expect(detailsError({ account: "a", apiKey: "k".repeat(4097) })).toBe(
      "details.apiKey: must be a string of 1 to 4,096 characters",
    );
  });

  it.each(["a\nb", "a\0b", "a\u2028b", "a\ud800b"])("have no control characters: %j", (account) => {
    expect(detailsError({ account })).toBe(
      "details.account: must not contain line breaks, control characters or unpaired surrogates",
    );
  });

  it.each(["https://example.com", "http://10.0.0.1:8080/path?a=b", "HTTPS://EXAMPLE.COM/"])("accept %s", (url) => {
    expect(detailsFor(example, { account: "a", url })).toMatchObject({ url });
  });

  it.each([
    "https://user:password@example.com",
    "https://user@example.com",
    "https://:password@example.com",
    "https://example.com/#part",
    "ftp://example.com",
    "javascript:alert(1)",
    "https:example.com",
    "//example.com",
    "https://exam ple.com",
    "https://",
    `https://example.com/${"a".repeat(2048)}`,
  ])("reject the URL %s, and say where credentials belong", (url) => {
    expect(detailsError({ account: "a", url })).toBe(
      "details.url: must be an http or https URL of at most 2,048 characters, without user, password or fragment;" +
        " credentials: apiKey",
    );
  });

  it("never have a given value in an error", () => {
    const given = { account: "VALUE".repeat(9), apiKey: "VALUE\n", url: "https://VALUE@x", residency: "VALUE" };
    expect(detailsError(given).split(";")).toHaveLength(5);
    expect(detailsError(given)).not.toContain("VALUE");
  });

  it("name another argument if it is given", () => {
    expect(errorOf(() => detailsFor(example, {}, "connection.details"))).toMatchObject({
      message: "connection.details.account: is required",
    });
  });

  it.each([
    [
      "zendesk",
      { subdomain: "evil.example/#", email: "a@example.com", apiToken: "t" },
      "subdomain: must be a subdomain",
    ],
    ["zendesk", { subdomain: "x", email: "a@b@c", apiToken: "t" }, "email: must be an e-mail address"],
    ["redshift", { host: "https://x", database: "d", username: "u", password: "p" }, "host: must be a DNS name"],
    ["redshift", { host: "u@x", database: "d", username: "u", password: "p" }, "host: must be a DNS name"],
    [
      "redshift",
      { host: "x", port: "5439", database: "d", username: "u", password: "p" },
      "port: must be a whole number",
    ],
    [
      "amazon-s3",
      { bucket: "A", region: "eu-west-1", accessKeyId: "a", secretAccessKey: "b" },
      "bucket: must be a bucket",
    ],
    [
      "amazon-s3",
      { bucket: "abc", region: "x", accessKeyId: "a", secretAccessKey: "b" },
      "region: must be an AWS region",
    ],
    ["webhook", { url: "https://x", headerName: "Host" }, "headerName: must be the name of an HTTP header"],
    ["webhook", { url: "https://x", headerName: "a b" }, "headerName: must be the name of an HTTP header"],
    ["webhook", { url: "https://x", headerValue: " a" }, "headerValue: must be the value of an HTTP header"],
    ["webhook", { url: "https://x", headerValue: "a\r\nb: c" }, "headerValue: must not contain line breaks"],
    ["google-analytics", { measurementId: "UA-1-1" }, "measurementId: must be a measurement ID"],
    ["facebook-pixel", { pixelId: "x" }, "pixelId: must be a string of 1 to 20 digits"],
    ["mailchimp", { apiKey: "x" }, "apiKey: must be 32 hexadecimal digits"],
  ])("of %s must have the right form: %o", (code, details, message) => {
    const prototype = prototypeByCode(code) ?? expect.fail();
    expect(errorOf(() => detailsFor(prototype, details)).message).toContain(`details.${message}`);
  });
});

describe("the config of an Integration", () => {
  it("is returned with defaults, which later changes leave alone", () => {
    const config = configFor(example, {});
    expect(config).toEqual({ size: 10, isOn: true, events: ["Order"] });
    (config.events as string[]).push("Refund");
    expect(configFor(example, {})).toMatchObject({ events: ["Order"] });
  });

  it("may contain false, 0 and empty lists and maps", () => {
    const config = { isOn: false, rate: 0, events: [], names: {} };
    expect(configFor(example, config)).toMatchObject(config);
  });

  it.each(["5", 0, 5001, 1.5, true, [1], 2 ** 60])("has whole numbers given as numbers: %j", (size) => {
    expect(configError({ size })).toBe(
      "configPayload.size: must be a whole number from 1 to 5,000, given as a number, not as a string",
    );
  });

  it.each([
    [{ rate: Number.POSITIVE_INFINITY }, "rate: must be a number, given"],
    [{ rate: "1" }, "rate: must be a number, given"],
    [{ delay: -1 }, "delay: must be a number of at least 0, given"],
    [{ score: 10 }, "score: must be a number of at most 9, given"],
  ])("has numbers within their bounds: %o", (config, message) => {
    expect(configError(config)).toContain(`configPayload.${message}`);
  });

  it.each(["true", "false", 0, 1, "x"])("has booleans given as true or false: %j", (isOn) => {
    expect(configError({ isOn })).toBe("configPayload.isOn: must be true or false, not a string");
  });

  it.each(["Order", { 0: "Order" }, 1, Array(201).fill("a")])("has lists of at most 200 values: %j", (events) => {
    expect(configError({ events })).toBe("configPayload.events: must be a list of 0 to 200 values");
  });

  it.each([
    [{ events: ["Order", 1] }, "events.1: must be a string of 1 to 1,000 characters"],
    [{ events: [""] }, "events.0: must be a string of 1 to 1,000 characters"],
    [{ events: [null] }, "events.0: must be a string of 1 to 1,000 characters"],
    [{ events: [["a"]] }, "events.0: must be a string of 1 to 1,000 characters"],
    [{ levels: [1, "2"] }, "levels.1: must be a whole number from 0 to 9, given as a number, not as a string"],
    [{ names: { Order: 1 } }, "names.Order: must be a string of 1 to 1,000 characters"],
    [{ kinds: { Order: "c" } }, "kinds.Order: must be one of a, b"],
  ])("has values of one type in lists and maps: %j", (config, message) => {
    expect(configError(config)).toBe(`configPayload.${message}`);
  });

  it.each([["a"], "x", 1, Object.fromEntries(Array.from({ length: 101 }, (_, n) => [n, "a"]))])(
    "has maps of at most 100 keys: %j",
    (names) => {
      expect(configError({ names })).toBe("configPayload.names: must be an object of 0 to 100 keys");
    },
  );

  it.each(["", "a\nb", "x".repeat(256), "__proto__"])("has keys of limited length and form: %j", (key) => {
    expect(configError({ names: JSON.parse(JSON.stringify({ [key]: "a" })) })).toContain(
      "configPayload.names: must have keys of 1 to 255 characters",
    );
  });

  it("keeps keys that objects inherit", () => {
    expect(configFor(example, { names: { constructor: "a" } })).toMatchObject({ names: { constructor: "a" } });
  });

  it("requires a value in a required map", () => {
    const slack = prototypeByCode("slack") ?? expect.fail();
    for (const config of [{}, { messages: null }]) {
      expect(errorOf(() => configFor(slack, config)).message).toBe("configPayload.messages: is required");
    }
    expect(errorOf(() => configFor(slack, { messages: {} })).message).toBe(
      "configPayload.messages: must be an object of 1 to 100 keys",
    );
  });

  it("has at most 64 KiB as JSON, in UTF-8", () => {
    expect(configFor(example, { events: Array(60).fill("x".repeat(1000)) }).events).toHaveLength(60);
    for (const text of ["x".repeat(1000), "ü".repeat(600)]) {
      expect(configError({ events: Array(66).fill(text) })).toBe(
        "configPayload: must be at most 64 KiB (65,536 bytes) of JSON",
      );
    }
  });

  it("accepts the tracking ID of acquisio", () => {
    const acquisio = prototypeByCode("acquisio") ?? expect.fail();
    expect(configFor(acquisio, { trackId: "x" })).toEqual({ trackId: "x", trackPages: false });
  });
});
