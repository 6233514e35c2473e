import { stripVTControlCharacters } from "node:util";

/** A case of the table in docs/security.md. */
export interface Case {
  /** As in `F1`. Tests have it in their title. */
  id: string;
  what: string;
  /** Paths of its test files from the repository's root. */
  files: string[];
  /** Why the case does not apply to Houston, if it does not. */
  notApplicable: string | undefined;
}

/** The result of one test, as caseReporter.ts writes it; `name` is undefined for a file that could not be loaded. */
export interface TestResult {
  file: string;
  name?: string;
  state: "passed" | "failed" | "skipped";
  /** The reason for which it was skipped, or the error. */
  note?: string;
}

/** Figures that tests of a case have printed: `F1: name value, …`. */
export interface Figures {
  id: string;
  values: string;
}

export interface Verdict {
  case: Case;
  result: "pass" | "FAIL" | "skipped" | "not run" | "not applicable" | "in npm test";
  /** The reason, or the first error. */
  note: string;
  figures: string;
}

const ROW = /^\|([^|]+)\|(.+)\|([^|]*)\|$/;
const LINK = /\]\(\.\.\/(test\/[\w./-]+)\)/g;

/** The cases in the table below `## Cases` of a Markdown text. Throws if there is none, or an ID twice. */
export function casesIn(markdown: string): Case[] {
  const [, section = ""] = /^## Cases\n(.*?)(?=^## |$(?![\s\S]))/ms.exec(markdown) ?? [];
  const cases = section.split("\n").flatMap((line): Case[] => {
    const [, id = "", what = "", tests = ""] = ROW.exec(line.trim())?.map((cell) => cell.trim()) ?? [];
    if (!/^[A-Z]+\d+$/.test(id)) return [];
    const files = [...tests.matchAll(LINK)].map(([, file = ""]) => file);
    const [, reason] = /not applicable:?\s*(.*)/i.exec(tests) ?? /not applicable:?\s*(.*)/i.exec(what) ?? [];
    return [{ id, what, files, notApplicable: files.length === 0 ? reason : undefined }];
  });
  if (cases.length === 0) throw new Error('There is no table of cases below "## Cases"');
  const twice = cases.find(({ id }, n) => cases.findIndex((one) => one.id === id) !== n);
  if (twice) throw new Error(`The case ${twice.id} is listed twice`);
  return cases;
}

/** The figures in a line of output; undefined if it has none. Between the ID and them, there may be a title. */
export function figuresIn(line: string): Figures | undefined {
  const [, id, title = "", rest = ""] = /^([A-Z]+\d+)((?: [^:]*)?): (.+)$/.exec(line.trim()) ?? [];
  if (id === undefined) return undefined;
  const values = rest.split(": ").at(-1) ?? "";
  return title !== "" || /^[^,]* \d/.test(values) ? { id, values } : undefined;
}

const mentions = (id: string, name: string) => new RegExp(`(?<!\\w)${id}(?!\\w)`).test(name);

/**
 * How a case ended. It passes if in its files at least one test with its ID in the title ran, or if none has it any test,
 * and all of them passed. `isRun` tells which files were run at all.
 */
export function verdictOf(
  one: Case,
  {
    results,
    figures,
    isRun,
  }: { results: readonly TestResult[]; figures: readonly Figures[]; isRun(file: string): boolean },
): Verdict {
  const shown = summary(figures.filter(({ id }) => id === one.id).map(({ values }) => values));
  const verdict = (result: Verdict["result"], note = ""): Verdict => ({ case: one, result, note, figures: shown });
  if (one.notApplicable !== undefined) return verdict("not applicable", one.notApplicable);
  const files = one.files.filter(isRun);
  if (files.length === 0) return one.files.length > 0 ? verdict("in npm test") : verdict("not run", "no test is named");
  const inFiles = results.filter(({ file }) => files.includes(file));
  const broken = inFiles.find(({ name, state }) => name === undefined && state === "failed");
  if (broken) return verdict("FAIL", broken.note);
  const titled = inFiles.filter(({ name = "" }) => mentions(one.id, name));
  const tests = titled.length > 0 ? titled : inFiles;
  const failed = tests.find(({ state }) => state === "failed");
  if (failed) return verdict("FAIL", failed.note);
  const skipped = tests.filter(({ state }) => state === "skipped");
  const reasons = [...new Set(skipped.map(({ note }) => note ?? "no reason given"))].join("; ");
  if (tests.length === 0) return verdict("not run", "no test of these files ran");
  if (skipped.length === tests.length) return verdict("skipped", reasons);
  return verdict("pass", skipped.length > 0 ? `${skipped.length} skipped: ${reasons}` : "");
}

/** Whether the run as a whole fails because of this verdict. */
export const isFailure = ({ result }: Verdict) => ["FAIL", "skipped", "not run"].includes(result);

/** Figures of several lines: one that occurs more than once is shown with its lowest and highest value. */
function summary(lines: readonly string[]): string {
  const numbers = new Map<string, number[]>();
  const texts = new Set<string>();
  for (const part of lines.flatMap((line) => line.split(", "))) {
    const [, name, value] = /^(.+?) (-?\d+(?:\.\d+)?)$/.exec(part.trim()) ?? [];
    if (name === undefined) texts.add(part.trim());
    else numbers.set(name, [...(numbers.get(name) ?? []), Number(value)]);
  }
  const range = (values: readonly number[]) => [...new Set([Math.min(...values), Math.max(...values)])].join("–");
  return [...[...numbers].map(([name, values]) => `${name} ${range(values)}`), ...texts].join(", ");
}

/** The verdicts as a Markdown table. */
export function caseTable(verdicts: readonly Verdict[]): string {
  const cell = (text: string, length: number) => {
    const plain = stripVTControlCharacters(text).replace(/\s+/g, " ").replaceAll("|", "\\|").trim();
    return plain.length > length ? `${plain.slice(0, length - 1)}…` : plain;
  };
  return [
    "| case | what | result | figures |",
    "| --- | --- | --- | --- |",
    ...verdicts.map(({ case: { id, what }, result, note, figures }) => {
      const told = note ? `${result}: ${note}` : result;
      return `| ${id} | ${cell(what, 90)} | ${cell(told, 160)} | ${cell(figures, 300)} |`;
    }),
  ].join("\n");
}
