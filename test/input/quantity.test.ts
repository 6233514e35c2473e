import { describe, expect, it } from "vitest";
import { Cron } from "../../src/platform/input/cron.ts";
import { amountOf, Quantity } from "../../src/platform/input/quantity.ts";

describe("Quantity", () => {
  it.each([
    ["0.5", 0.5],
    ["500m", 0.5],
    ["700m", 0.7],
    [".5", 0.5],
    ["2.", 2],
    ["1Gi", 2 ** 30],
    ["1024Mi", 2 ** 30],
    ["0.5Gi", 2 ** 29],
    ["2G", 2e9],
    ["1k", 1000],
    ["1E", 1e18],
    ["1e3", 1000],
    ["1E3", 1000],
    ["12e-1", 1.2],
  ])("reads %s", (text, amount) => {
    expect(Quantity.safeParse(text).success).toBe(true);
    expect(amountOf(text)).toBe(amount);
  });

  it.each(["", "-1", "+1", "1 Gi", "1gi", "1GB", "1e", "e3", "1e999", "0x10", "1,5", "Gi", ".", "NaN", "9".repeat(19)])(
    "rejects %j",
    (text) => {
      expect(Quantity.safeParse(text).error?.issues[0]?.message).toBe(
        "must be a quantity such as 0.5, 500m, 1Gi or 1024Mi",
      );
    },
  );
});

describe("Cron", () => {
  it.each(["* * * * *", "0 20 * * *", "*/15 0-6/2 1,15 JAN-mar mon-FRI", "0 0 31 12 7", " 5  4 * * sun "])(
    "accepts %j",
    (text) => {
      expect(Cron.safeParse(text).success).toBe(true);
    },
  );

  it.each([
    "",
    "* * * *",
    "* * * * * *",
    "60 * * * *",
    "* 24 * * *",
    "* * 0 * *",
    "* * * 13 *",
    "* * * * 8",
    "5-1 * * * *",
    "*/0 * * * *",
    "1- * * * *",
    "1-2-3 * * * *",
    "a * * * *",
    "@daily",
    `${"0,".repeat(100)}0 * * * *`,
    "* * mon * *",
  ])("rejects %j", (text) => {
    expect(Cron.safeParse(text).error?.issues[0]?.message).toContain("must be a cron expression");
  });
});
