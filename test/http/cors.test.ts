import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";

const { url } = await testHouston({ cors: { allowedOrigins: ["https://tools.example.com"] } });

const preflight = (origin: string) =>
  fetch(`${url}/v1`, {
    method: "OPTIONS",
    headers: {
      origin,
      "access-control-request-method": "POST",
      "access-control-request-headers": "authorization,content-type",
    },
  });

describe("cross-origin requests", () => {
  it.each(["https://tools.example.com", "https://app.localhost"])("are allowed from %s", async (origin) => {
    const { headers } = await preflight(origin);
    expect(headers.get("access-control-allow-origin")).toBe(origin);
    expect(headers.get("access-control-allow-headers")).toContain("authorization");
    expect(headers.get("access-control-allow-methods")).toBe("GET, POST, DELETE");
  });

  it("are not allowed from other origins", async () => {
    const { headers } = await preflight("https://evil.example.com");
    expect(headers.get("access-control-allow-origin")).toBeNull();
  });
});
