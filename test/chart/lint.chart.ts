import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { chart, examples, helm, render, valuesFile } from "../support/chart.ts";

describe("the chart", () => {
  it.each(examples)("has nothing that `helm lint --strict` reports with %s", (_file, values) => {
    const { status, output } = helm("lint", "--strict", chart, "--values", valuesFile(values));
    expect(output).not.toMatch(/\[(WARNING|ERROR)\]/);
    expect(status).toBe(0);
  });

  it("has no template that these tests do not render", () => {
    const rendered = new Set(examples.flatMap(([, values]) => [...render(values).templates]));
    const files = readdirSync(join(chart, "templates")).filter((file) => file.endsWith(".yaml"));
    expect([...rendered].sort()).toEqual(files.sort());
  });

  const blocks = [...readFileSync("docs/kubernetes.md", "utf8").matchAll(/^ *```yaml\n(.*?)^ *```/gms)];

  it.each(blocks.map(([, block = ""], index) => [index + 1, block] as const))(
    "takes the values in block %i of its documentation",
    (_index, block) => {
      expect(() => render(parse(block))).not.toThrow();
    },
  );

  it("is installed under the version of Houston", () => {
    const version = JSON.parse(readFileSync("package.json", "utf8")).version;
    expect(parse(readFileSync(join(chart, "Chart.yaml"), "utf8"))).toMatchObject({ appVersion: version });
  });

  it("can be packaged", () => {
    const folder = mkdtempSync(join(tmpdir(), "houston-chart-"));
    expect(helm("package", chart, "--destination", folder).status).toBe(0);
    const [file = ""] = readdirSync(folder);
    expect(file).toMatch(/^houston-\d+\.\d+\.\d+\.tgz$/);
    expect(helm("show", "values", join(folder, file)).output.trim()).toBe(
      readFileSync(join(chart, "values.yaml"), "utf8").trim(),
    );
  });
});
