import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { chart, examples, type KubernetesObject, render, type Values } from "../support/chart.ts";

// test/chart/previous has what each version of the chart made of its examples. A new version adds its file with
// `npm run test:chart -- -u`; the others never change.

/** What Kubernetes does not let an upgrade change, and what others know: the name of an object and its address. */
interface Fixed {
  object: string;
  fixed: Record<string, unknown>;
}

/** An example of a version. */
interface Example {
  values: Values;
  objects: Fixed[];
}

/** Fields of a kind that cannot be changed, or whose change would separate old pods from new ones. */
const fixedFields: Record<string, readonly string[]> = {
  Deployment: ["spec.selector"],
  Service: ["spec.selector", "spec.ports"],
  ClusterRoleBinding: ["roleRef"],
  RoleBinding: ["roleRef"],
  PodDisruptionBudget: ["spec.selector"],
  HorizontalPodAutoscaler: ["spec.scaleTargetRef"],
  Cluster: ["spec.bootstrap"],
};

const fieldAt = (object: KubernetesObject, path: string) =>
  path.split(".").reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], object);

function fixedIn(object: KubernetesObject): Fixed {
  const { apiVersion, kind, metadata } = object;
  const fields = fixedFields[kind] ?? [];
  return {
    object: [apiVersion, kind, ...(metadata.namespace ? [metadata.namespace] : []), metadata.name].join(" "),
    fixed: Object.fromEntries(fields.map((path) => [path, fieldAt(object, path)])),
  };
}

/** All objects but those that Helm makes anew for each version. */
const objectsWith = (values: Values): Fixed[] =>
  render(values)
    .all.filter(({ metadata }) => metadata.annotations?.["helm.sh/hook"] === undefined)
    .map(fixedIn)
    .sort((one, other) => (one.object < other.object ? -1 : 1));

const folder = new URL("previous/", import.meta.url);
const { version } = parse(readFileSync(join(chart, "Chart.yaml"), "utf8"));

it("this version is recorded", async () => {
  const now = Object.fromEntries(examples.map(([file, values]) => [file, { values, objects: objectsWith(values) }]));
  const text = stringify(now, { aliasDuplicateObjects: false, lineWidth: 0 });
  await expect(text).toMatchFileSnapshot(`previous/${version}.yaml`);
});

describe.each(readdirSync(folder))("an upgrade from %s", (file) => {
  const previous: Record<string, Example> = parse(readFileSync(new URL(file, folder), "utf8"));

  it.each(Object.entries(previous))(
    "takes the values of %s, and changes no object that cannot change",
    (_file, then) => {
      const now = objectsWith(then.values);
      expect(now).toEqual(expect.arrayContaining(then.objects));
    },
  );
});
