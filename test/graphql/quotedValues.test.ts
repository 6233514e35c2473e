import { expect, it } from "vitest";
import { doorsOf } from "../support/doors.ts";
import { testHouston } from "../support/houston.ts";

const { url, build } = await testHouston();
const doors = doorsOf(url, await build.systemAdmin());

const SIGN_IN = "mutation ($name: String!, $password: String!) { createToken(username: $name, password: $password)";
const one = "one; Expected canary";
const cases: [string, string, Record<string, unknown>, string][] = [
  ["a list", SIGN_IN, { name: "a", password: ["canary", one] }, "$password"],
  ["an object", SIGN_IN, { name: "a", password: { canary: one } }, "$password"],
  ["a string for a flag", "query ($yes: Boolean!) { __typename @include(if: $yes)", { yes: `"${one}` }, "$yes"],
  ["a literal list", 'mutation { createToken(username: "a", password: ["canary", "b"])', {}, "String"],
  ["a literal object", 'mutation { createToken(username: "a", password: {canary: "b"})', {}, "String"],
  ["a literal string for a flag", 'query { __typename @include(if: "canary")', {}, "Boolean"],
  ["a misplaced string", 'mutation { createToken(username: "a" "canary: 1")', {}, "Syntax Error"],
  ["a misplaced block", 'mutation { createToken(username: "a" """canary\n""")', {}, "Syntax Error"],
];

it.each(cases)("an error about %s does not quote it", async (_name, start, variables, about) => {
  for (const { name, send } of doors) {
    const selection = start.includes("createToken")
      ? name === "/alpha"
        ? "{ success } }"
        : "{ token { value } } }"
      : "}";
    const document = name === "/alpha" ? start : start.replaceAll("username:", "identity:");
    const { errors } = await send(`${document} ${selection}`, variables);
    expect(errors, name).toHaveLength(1);
    expect(errors[0]?.message, name).toContain(about);
    expect(JSON.stringify(errors), name).not.toMatch(/canary/);
  }
});

it("an error about a number quotes it", async () => {
  for (const { send } of doors) {
    const { errors } = await send("query ($yes: Boolean!) { __typename @include(if: $yes) }", { yes: 7 });
    expect(errors[0]?.message).toBe(
      'Variable "$yes" got invalid value 7; Boolean cannot represent a non boolean value: 7',
    );
  }
});
