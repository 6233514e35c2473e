import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { z } from "zod";
import type { Tree } from "../../../platform/config/tree.ts";
import type { KubernetesObject } from "../../../platform/kubernetes/kubernetes.ts";

/** What Helm stores of one version of a release: the chart and the values that it was installed with. */
export interface HelmRecord {
  chart: { name: string; version: string; appVersion: string | undefined };
  /** The values that were given. */
  values: Tree;
  /** Those that the chart has for what was not given. */
  defaults: Tree;
}

/** Maximum bytes of a record after decompression: a Secret has at most 1 MiB, of which templates are the most. */
const MAX_BYTES = 64 * 1024 * 1024;

const Values = z
  .record(z.string(), z.unknown())
  .nullish()
  .transform((values) => values ?? {});

/** A version as charts have it. */
export const Version = z.string().regex(/^[\w.+-]{1,80}$/);

const Stored = z.object({
  chart: z.object({
    metadata: z.object({ name: z.string(), version: Version, appVersion: Version.optional().catch(undefined) }),
    values: Values,
  }),
  config: Values,
});

const unzip = promisify(gunzip);

/** The name of the Secret in which Helm stores a version of a release. */
export const helmSecretName = (release: string, version: number) => `sh.helm.release.v1.${release}.v${version}`;

/**
 * The record in a Secret of Helm 3 or 4: JSON, compressed, in base64, which the API encodes once more. Undefined if the
 * Secret contains none. The release that it names is not read: whoever may write Secrets could name any other.
 */
export async function readHelmRecord({ data = {} }: KubernetesObject): Promise<HelmRecord | undefined> {
  const compressed = Buffer.from(Buffer.from(data.release ?? "", "base64").toString("latin1"), "base64");
  const json = await unzip(compressed, { maxOutputLength: MAX_BYTES }).catch(() => undefined);
  const { data: stored } = Stored.safeParse(json && parsed(json.toString("utf8")));
  if (!stored) return undefined;
  const { chart, config: values } = stored;
  const { name, version, appVersion } = chart.metadata;
  return { chart: { name, version, appVersion }, values, defaults: chart.values };
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
