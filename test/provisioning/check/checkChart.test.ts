import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { checkChart } from "../../../src/services/provisioning/check/checkChart.ts";
import { platform } from "../wantedDeployment.ts";

/** A chart in a temporary folder, which goes with the test run. */
function chart(files: Record<string, unknown>): string {
  const folder = mkdtempSync(join(tmpdir(), "houston-chart-"));
  for (const [path, content] of Object.entries({ "Chart.yaml": "name: airflow\nversion: 1.22.0\n", ...files })) {
    mkdirSync(join(folder, path, ".."), { recursive: true });
    writeFileSync(join(folder, path), typeof content === "string" ? content : JSON.stringify(content));
  }
  return folder;
}

const draft = { $schema: "http://json-schema.org/draft-07/schema#", type: "object" };
const ours = JSON.parse(
  readFileSync(new URL("../../contract/airflow-chart-values.schema.json", import.meta.url), "utf8"),
);

describe("checkChart", () => {
  it("allows what our own schema allows", () => {
    const { text, valid } = checkChart(platform(), chart({ "values.schema.json": ours }));
    expect({ text, valid }).toEqual({
      text: "airflow 1.22.0, 72 kinds of Deployments: all values are allowed",
      valid: true,
    });
  });

  it("names each value that the chart does not allow, once, with the Deployments that have it", () => {
    const { jwtSecretName: _removed, ...properties } = ours.properties;
    const schema = { ...ours, properties: { ...properties, executor: { enum: ["LocalExecutor"] } } };
    const { text, valid } = checkChart(platform(), chart({ "values.schema.json": schema }));
    expect(valid).toBe(false);
    expect(text.split("\n")).toEqual([
      expect.stringMatching(
        /^jwtSecretName: is no value of the chart \(LocalExecutor, Airflow 3\.0\.6, .*, and 47 more\)$/,
      ),
      expect.stringMatching(
        /^executor: must be equal to one of the allowed values: \["LocalExecutor"\] \(CeleryExecutor, .*, and 47 more\)$/,
      ),
      "airflow 1.22.0, 72 kinds of Deployments: 2 values are not allowed",
    ]);
  });

  it("uses the configuration of the operator", () => {
    const folder = chart({ "values.schema.json": ours });
    const helm = { airflow: { shceduler: { replicas: 2 } } };
    const { text } = checkChart(platform({ deployments: { helm } } as never), folder);
    expect(text).toContain("shceduler: is no value of the chart");
    const local = { name: "LocalExecutor", enabled: true, components: [], defaultExtraAu: 0 } as const;
    const executors = [{ ...local, defaultExtraCapacity: { cpu: 0, memory: 0 } }];
    expect(checkChart(platform({ deployments: { executors } } as never), folder).text).toContain("24 kinds");
  });

  it("lays the values over the defaults of the chart, as Helm does", () => {
    const schema = {
      ...draft,
      required: ["pinned"],
      properties: { pinned: { type: "string" }, executor: { const: 1 } },
    };
    const withDefaults = chart({ "values.schema.json": schema, "values.yaml": "pinned: text\nexecutor: 1\n" });
    expect(checkChart(platform(), withDefaults).text).toMatch(/^executor: must be equal to constant/);
    const helm = { airflow: { pinned: null, executor: 1 } };
    expect(checkChart(platform({ deployments: { helm } } as never), withDefaults).text).toMatch(
      /^the values: must have required property 'pinned'/,
    );
  });

  it("checks the charts inside, unless the values turn them off", () => {
    const files = (condition: string) => ({
      "Chart.yaml": `name: outer\nversion: 2.0.0\ndependencies: [{name: airflow, condition: "${condition}"}]\n`,
      "charts/airflow/Chart.yaml": "name: airflow\nversion: 1.17.0\n",
      "charts/airflow/values.schema.json": { ...draft, properties: { data: { required: ["other"] } } },
    });
    const config = platform({ flux: { profile: "astronomer" } });
    expect(checkChart(config, chart(files("airflow.enabled"))).text).toMatch(
      /^airflow\.data: must have required property 'other' \(.*\nouter 2\.0\.0, 90 kinds/,
    );
    expect(checkChart(config, chart(files("airflow.postgresql.enabled"))).valid).toBe(true);
  });

  it("refuses a folder without a chart, without a schema, and with a schema of another kind", () => {
    expect(() => checkChart(platform(), join(chart({}), "nothing"))).toThrow("must be the folder of a chart");
    expect(() => checkChart(platform(), chart({}))).toThrow("airflow has no values.schema.json");
    const remote = chart({ "values.schema.json": { ...draft, $ref: "https://example.com/schema.json" } });
    expect(() => checkChart(platform(), remote)).toThrow("values.schema.json of airflow cannot be used");
  });

  it.each(["Chart.yaml", "values.yaml", "values.schema.json", "charts/redis/Chart.yaml"])(
    "names the file that cannot be read: %s",
    (path) => {
      const folder = chart({ [path]: "{" });
      expect(() => checkChart(platform(), folder)).toThrow(`${join(folder, path)} cannot be read: Flow map must end`);
    },
  );

  it("names a file that is a folder", () => {
    const folder = chart({ "values.yaml/x": "" });
    expect(() => checkChart(platform(), folder)).toThrow(`${join(folder, "values.yaml")} cannot be read: EISDIR`);
  });
});

describe("npm start -- provision check", () => {
  const houston = (...args: string[]) =>
    spawnSync(process.execPath, ["src/main.ts", "provision", "check", ...args], {
      encoding: "utf8",
      env: { PATH: process.env.PATH },
    });

  it("ends with code 0 if the chart allows all values, otherwise with code 1", () => {
    expect(houston("--chart", chart({ "values.schema.json": ours }))).toMatchObject({
      ...{ status: 0, stderr: "", stdout: "airflow 1.22.0, 72 kinds of Deployments: all values are allowed\n" },
    });
    const strict = houston("--chart", chart({ "values.schema.json": { ...draft, maxProperties: 1 } }));
    expect(strict).toMatchObject({ status: 1, stderr: "" });
    expect(strict.stdout).toContain("the values: must NOT have more than 1 properties");
  });

  it("says in one message what is wrong with the chart, without log lines", () => {
    expect(houston("--chart", "/nowhere")).toMatchObject({
      ...{ status: 1, stdout: "" },
      stderr: "Houston did not check the chart: /nowhere must be the folder of a chart, with Chart.yaml\n",
    });
    const broken = chart({ "values.schema.json": "{" });
    const { status, stdout, stderr } = houston("--chart", broken);
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toMatch(
      `Houston did not check the chart: ${broken}/values.schema.json cannot be read: Flow map must end with a }`,
    );
  });
});
