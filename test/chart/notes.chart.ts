import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { chart, example, helm, readObjects, type Values, valuesFile } from "../support/chart.ts";

// Helm shows notes only while it installs something. In a copy of the chart they are an object.
const copy = mkdtempSync(join(tmpdir(), "houston-chart-"));
beforeAll(() => {
  cpSync(chart, copy, { recursive: true });
  const text = readFileSync(join(copy, "templates/NOTES.txt"), "utf8");
  rmSync(join(copy, "templates/NOTES.txt"));
  writeFileSync(join(copy, "templates/_notes.tpl"), `{{ define "notes" }}${text}{{ end }}`);
  writeFileSync(
    join(copy, "templates/notes.yaml"),
    'kind: Notes\nmetadata: {name: notes}\ntext: {{ include "notes" . | quote }}\n',
  );
});

/** What Helm says after an installation with these values. */
function notes(values: Values): unknown {
  const { output } = helm("template", "houston", copy, "--namespace", "astronomer", "--values", valuesFile(values));
  return readObjects(output).only("Notes").text;
}

describe("NOTES.txt", () => {
  it("says how to reach Houston and to become the first user", () => {
    const text = notes({ service: { port: 80 } });
    expect(text).toContain("kubectl --namespace astronomer port-forward service/houston 8871:80");
    expect(text).toContain("kubectl --namespace astronomer logs deployment/houston");
    expect(notes(example("everything.yaml"))).toContain("https://houston.example.com https://app.example.com");
    const hosts = ["houston.example.com"];
    expect(notes({ ingress: { enabled: true, hosts } })).toContain("http://houston.example.com");
    const parentRefs = [{ name: "public" }];
    expect(notes({ httpRoute: { enabled: true, hosts, parentRefs } })).toContain("https://houston.example.com");
  });

  it("says which database it uses", () => {
    expect(notes({})).toContain("the database in the Secret houston (databaseUrl)");
    expect(notes({ postgresql: { enabled: true } })).not.toContain("the database in the Secret");
  });

  it("says what does not work yet", () => {
    expect(notes({})).toContain("E-mails are not sent");
    expect(notes({ secrets: { smtpUrl: { name: "smtp" } } })).not.toContain("E-mails are not sent");
    expect(notes({ config: { email: { enabled: true } } })).not.toContain("E-mails are not sent");
    expect(notes({ serviceMonitor: { enabled: true } })).toContain("Prometheus cannot reach Houston");
    expect(notes(example("everything.yaml"))).not.toContain("Prometheus cannot reach Houston");
  });

  it("says where Deployments run", () => {
    expect(notes(example("namespaces.yaml"))).toContain("airflow-one, airflow-two");
  });
});
