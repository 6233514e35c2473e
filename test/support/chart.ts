import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse, parseAllDocuments } from "yaml";

/** The folder of the chart. */
export const chart = fileURLToPath(new URL("../../charts/houston", import.meta.url));

const examplesFolder = new URL("../chart/values/", import.meta.url);

/** Values as operators give them. */
export type Values = Record<string, unknown>;

/** Files with values that together enable everything, by their name. */
export const examples: readonly (readonly [string, Values])[] = readdirSync(examplesFolder).map((file) => [
  file,
  parse(readFileSync(new URL(file, examplesFolder), "utf8")) ?? {},
]);

/** The values of one of these files. */
export function example(file: string): Values {
  const found = examples.find(([name]) => name === file);
  if (!found) throw new Error(`There is no test/chart/values/${file}`);
  return found[1];
}

/** A container of a pod. */
export interface Container {
  name: string;
  image: string;
  command?: string[];
  env: { name: string; value?: string; valueFrom?: unknown }[];
  volumeMounts: { name: string; mountPath: string; readOnly?: boolean; subPath?: string }[];
  [key: string]: unknown;
}

/** The spec of a pod. */
export interface Pod {
  containers: Container[];
  volumes: ({ name: string } & Record<string, unknown>)[];
  [key: string]: unknown;
}

/** An object that Helm gives to Kubernetes. */
export interface KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    labels: Record<string, string>;
    annotations?: Record<string, string>;
  };
  spec: Record<string, unknown> & { template?: { metadata: KubernetesObject["metadata"]; spec: Pod } };
  [key: string]: unknown;
}

/** The objects of a release. */
export interface Rendered {
  all: KubernetesObject[];
  /** The templates that they are from, such as `deployment.yaml`. */
  templates: Set<string>;
  /** The objects of this kind. */
  kind(kind: string): KubernetesObject[];
  /** The only object of this kind, or the one with this name. Throws if there is none. */
  only(kind: string, name?: string): KubernetesObject;
}

/** Commands that Helm runs for a version of Kubernetes. Builds of Helm 3 with plain Go assume an old one. */
const forVersion = ["template", "lint"];

/** Runs Helm, and returns its exit code and what it wrote. */
export function helm(command: string, ...args: string[]): { status: number | null; output: string } {
  const { HELM = "helm" } = process.env;
  const version = forVersion.includes(command) ? ["--kube-version", "1.37.0"] : [];
  const { status, stdout, stderr, error } = spawnSync(HELM, [command, ...version, ...args], { encoding: "utf8" });
  if (error) throw error;
  return { status, output: stdout + stderr };
}

/** A file with `values`, which is removed with all temporary files. */
export function valuesFile(values: Values): string {
  const file = join(mkdtempSync(join(tmpdir(), "houston-chart-")), "values.yaml");
  // JSON is YAML in which no text is taken for something else.
  writeFileSync(file, JSON.stringify(values));
  return file;
}

/** What Helm says about values that it refuses. Throws if it takes them. */
export function refusal(values: Values): string {
  const { status, output } = helm("template", "houston", chart, "--values", valuesFile(values));
  if (status === 0) throw new Error(`These values should be refused: ${JSON.stringify(values)}`);
  return output;
}

/** The objects of a release with these values. Throws what Helm says if it refuses them. */
export function render(values: Values = {}, { release = "houston", namespace = "astronomer" } = {}): Rendered {
  const { status, output } = helm("template", release, chart, "--namespace", namespace, "--values", valuesFile(values));
  if (status !== 0) throw new Error(output);
  return readObjects(output);
}

/** Reads what `helm template` wrote. Throws if it is not valid YAML. */
export function readObjects(text: string): Rendered {
  const all = parseAllDocuments(text).map((document): KubernetesObject | null => {
    const [error] = document.errors;
    if (error) throw error;
    return document.toJS();
  });
  const objects = all.filter((object) => object !== null);
  const kind = (wanted: string) => objects.filter((object) => object.kind === wanted);
  return {
    all: objects,
    templates: new Set([...text.matchAll(/^# Source: houston\/templates\/(\S+)$/gm)].map(([, file = ""]) => file)),
    kind,
    only(wanted, name) {
      const found = kind(wanted).filter(({ metadata }) => name === undefined || metadata.name === name);
      const [object] = found;
      if (!object || found.length > 1) {
        const names = kind(wanted).map(({ metadata }) => metadata.name);
        throw new Error(`One ${wanted} ${name ?? ""} was expected, but there are: ${names.join(", ") || "none"}`);
      }
      return object;
    },
  };
}

/** The pod that an object starts. Throws if it starts none. */
export function podOf({ kind, spec }: KubernetesObject): Pod {
  if (!spec.template) throw new Error(`A ${kind} starts no pods`);
  return spec.template.spec;
}

/** The only container of the pod that an object starts. */
export function containerOf(object: KubernetesObject): Container {
  const [container] = podOf(object).containers;
  if (!container) throw new Error(`The pod of ${object.metadata.name} has no container`);
  return container;
}

/** The labels of the pod that an object starts. */
export const podLabels = ({ spec }: KubernetesObject): Record<string, string> => spec.template?.metadata.labels ?? {};

/** The environment variables of a container with the values that are written in it. */
export const environmentOf = ({ env }: Container): Record<string, string> =>
  Object.fromEntries(env.filter(({ value }) => value !== undefined).map(({ name, value = "" }) => [name, value]));
