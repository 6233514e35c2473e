import { appendFileSync } from "node:fs";
import { relative } from "node:path";
import type { Reporter, TestCase, TestModule } from "vitest/node";
import type { TestResult } from "./cases.ts";

/** Appends the result of each test to the file that TEST_RESULTS names, one line of JSON each. */
export default class CaseReporter implements Reporter {
  readonly #path = process.env.TEST_RESULTS ?? "";

  onTestCaseResult(test: TestCase): void {
    const result = test.result();
    if (result.state === "pending") return;
    const note = result.state === "skipped" ? result.note : result.errors?.[0]?.message;
    this.#write({
      ...{ file: fileOf(test.module), name: test.fullName, state: result.state },
      ...(note !== undefined && { note }),
    });
  }

  onTestModuleEnd(module: TestModule): void {
    const [error] = module.errors();
    if (error) this.#write({ file: fileOf(module), state: "failed", note: error.message });
  }

  #write(result: TestResult): void {
    appendFileSync(this.#path, `${JSON.stringify(result)}\n`);
  }
}

const fileOf = ({ moduleId }: TestModule) => relative(process.cwd(), moduleId);
