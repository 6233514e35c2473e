import { describe, expect, it } from "vitest";
import { casesIn, caseTable, figuresIn, isFailure, type TestResult, verdictOf } from "../../scripts/cases.ts";

const page = `# Security

| F9 | not in the section | [a](../test/hard/a.test.ts) |

## Cases

| case | what | tests |
| --- | --- | --- |
| F1 | kill -9 loses nothing | [hard/f01](../test/hard/f01.test.ts), [faults/kill](../test/faults/kill.test.ts) |
| L1 | half of the load | [hard/l01](../test/hard/l01.test.ts) |
| T24 | OIDC | not applicable: there is no OIDC |
| F2 | nobody tests it | |

## Report a hole

| F3 | after the section | [a](../test/hard/a.test.ts) |
`;
const cases = casesIn(page);
const [F1, L1, T24, F2] = cases;
if (!F1 || !L1 || !T24 || !F2) throw new Error("missing");

const file = "test/hard/f01.test.ts";
const passed: TestResult = { file, name: "F1: loses nothing", state: "passed" };
const run = (results: TestResult[], isRun = (_file: string) => true) => verdictOf(F1, { results, figures: [], isRun });

it("reads the cases of the table, and no other one", () => {
  expect(cases.map(({ id, files }) => [id, files.length])).toEqual([
    ["F1", 2],
    ["L1", 1],
    ["T24", 0],
    ["F2", 0],
  ]);
  expect(F1.files).toEqual(["test/hard/f01.test.ts", "test/faults/kill.test.ts"]);
  expect(() => casesIn("# Nothing")).toThrow("no table");
  expect(() => casesIn(page.replace("F2", "F1"))).toThrow("F1 is listed twice");
});

describe("a case", () => {
  it("passes if every test with its ID in the title passed, whatever others do", () => {
    expect(run([passed, { file, name: "F10: another", state: "failed" }]).result).toBe("pass");
    expect(run([passed, { file: "test/hard/x.test.ts", name: "F1: elsewhere", state: "failed" }]).result).toBe("pass");
  });

  it("fails with a test that has its ID", () => {
    const failed = run([passed, { file, name: "faults > F1 again", state: "failed", note: "lost 1" }]);
    expect([failed.result, failed.note, isFailure(failed)]).toEqual(["FAIL", "lost 1", true]);
  });

  it("is judged by all tests of its files if no title has its ID", () => {
    expect(run([{ file, name: "anything", state: "passed" }]).result).toBe("pass");
    expect(run([{ file, name: "anything", state: "failed" }]).result).toBe("FAIL");
  });

  it("fails if one of its files cannot be loaded", () => {
    expect(run([passed, { file, state: "failed", note: "no such module" }]).result).toBe("FAIL");
  });

  it("fails if none of its tests ran", () => {
    for (const verdict of [run([]), verdictOf(F2, { results: [], figures: [], isRun: () => true })]) {
      expect([verdict.result, isFailure(verdict)]).toEqual(["not run", true]);
    }
  });

  it("that is skipped in part passes and says why, and as a whole fails", () => {
    const skipped: TestResult = { file, name: "F1: disk", state: "skipped", note: "needs root" };
    expect(run([passed, skipped])).toMatchObject({ result: "pass", note: "1 skipped: needs root" });
    expect(run([skipped])).toMatchObject({ result: "skipped", note: "needs root" });
    expect(isFailure(run([skipped]))).toBe(true);
  });

  it("does not fail if it does not apply, or if npm test runs it", () => {
    const given = { results: [], figures: [], isRun: () => false };
    expect(verdictOf(T24, given)).toMatchObject({ result: "not applicable", note: "there is no OIDC" });
    expect(verdictOf(F1, given)).toMatchObject({ result: "in npm test" });
    expect([T24, F1].some((one) => isFailure(verdictOf(one, given)))).toBe(false);
  });
});

it.each([
  ["F1: lost 0, writes 812.5", { id: "F1", values: "lost 0, writes 812.5" }],
  ["G16: 1 MiB of {}: peak MiB 3.2", { id: "G16", values: "peak MiB 3.2" }],
  ["G16: one: with colon: peak MiB 3.2", { id: "G16", values: "peak MiB 3.2" }],
  ["T23 sign-in: known 3.1 ms", { id: "T23", values: "known 3.1 ms" }],
  [" ✓ F1: loses nothing 12ms", undefined],
  ["F1: loses nothing", undefined],
])("finds the figures in %s", (line, found) => expect(figuresIn(line)).toEqual(found));

it("shows one row per case, with the range of figures that were printed more than once", () => {
  const figures = [
    { id: "F1", values: "lost 0, rate 200" },
    { id: "F1", values: "lost 0, rate 180.5" },
    { id: "L1", values: "p99 ms 3" },
  ];
  const results: TestResult[] = [
    passed,
    { file: "test/hard/l01.test.ts", name: "L1: x", state: "failed", note: "a|b\nc" },
  ];
  const verdicts = [F1, L1].map((one) => verdictOf(one, { results, figures, isRun: () => true }));
  expect(caseTable(verdicts)).toBe(`| case | what | result | figures |
| --- | --- | --- | --- |
| F1 | kill -9 loses nothing | pass | lost 0, rate 180.5–200 |
| L1 | half of the load | FAIL: a\\|b c | p99 ms 3 |`);
});
