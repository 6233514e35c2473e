import { expect, it } from "vitest";
import { allowedNames } from "../../src/platform/config/allowedNames.ts";

const names = (count: number) => ["port", "host", ...Array.from({ length: count - 2 }, (_, n) => `setting${n + 1}`)];

it("lists all names of a small group, in order", () => {
  expect(allowedNames("prot", names(3))).toBe("not a setting; allowed here: host, port, setting1");
  expect(allowedNames("prot", names(12))).toMatch(/^not a setting; allowed here: (\w+, ){11}\w+$/);
});

it("lists the three closest names of a large group", () => {
  expect(allowedNames("Setting12", names(13))).toBe(
    "not a setting; closest of 13 names allowed here: setting1, setting10, setting11",
  );
  expect(allowedNames("prot", names(13))).toContain("here: port, host, ");
});
