import { createHash } from "node:crypto";
import { z } from "zod";

/** How to reach the image registry. */
export interface Registry {
  /** Without a path. */
  url: string;
  /** For the repository that is read. */
  token: string;
  /** Aborts the requests. */
  signal: AbortSignal;
}

/** The image is gone, or is not one: another attempt would end in the same way. */
export class UnreadableImage extends Error {}

/** Of the registry itself, which accepts no larger manifest. In bytes. */
const MAX_BYTES = 4 * 1024 * 1024;

const INDEXES = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
];
const MANIFESTS = [
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
];

const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);
const Index = z.object({
  manifests: z.array(z.object({ digest, platform: z.object({ os: z.string(), architecture: z.string() }).optional() })),
});
const Manifest = z.object({ config: z.object({ digest }) });
const Config = z.object({
  config: z.object({ Labels: z.record(z.string(), z.string()).nullish() }).nullish(),
});

/**
 * The labels of an image in a registry, by the digest of its manifest, or of the index of those for several platforms: then
 * of the first one for Linux. Everything is compared with its digest. Throws UnreadableImage, or the error of a registry that
 * is down.
 */
export async function readLabels(
  registry: Registry,
  image: { repository: string; digest: string },
): Promise<Readonly<Record<string, string>>> {
  const { repository } = image;
  const read = <Schema extends z.ZodType>(kind: "manifests" | "blobs", digest: string, schema: Schema) =>
    readJson(registry, { path: `/v2/${repository}/${kind}/${digest}`, digest }, schema);
  const top = await read("manifests", image.digest, z.union([Manifest, Index]));
  const linux = "manifests" in top ? top.manifests.find(({ platform }) => platform?.os === "linux") : undefined;
  if ("manifests" in top && !linux) throw new UnreadableImage("The image is not for Linux");
  const manifest = linux ? await read("manifests", linux.digest, Manifest) : top;
  if (!("config" in manifest)) throw new UnreadableImage("The image has no configuration");
  const { config } = await read("blobs", manifest.config.digest, Config);
  return config?.Labels ?? {};
}

async function readJson<Schema extends z.ZodType>(
  { url, token, signal }: Registry,
  { path, digest }: { path: string; digest: string },
  schema: Schema,
): Promise<z.output<Schema>> {
  const headers = { accept: [...MANIFESTS, ...INDEXES, "*/*;q=0.1"].join(", "), authorization: `Bearer ${token}` };
  const first = await fetch(new URL(path, url), { headers, signal, redirect: "manual" });
  const location = first.status === 307 || first.status === 302 ? first.headers.get("location") : null;
  // To the storage of the registry, which the token is not for.
  const response = location === null ? first : await fetch(new URL(location, url), { signal, redirect: "error" });
  if (location !== null) await first.body?.cancel();
  if (response.status === 404) throw new UnreadableImage("The image is gone");
  if (!response.ok) {
    await response.body?.cancel();
    throw new Error(`The image registry answered ${response.status}`);
  }
  const content = await contentOf(response);
  if (`sha256:${createHash("sha256").update(content).digest("hex")}` !== digest) {
    throw new UnreadableImage("The image differs from its digest");
  }
  const parsed = schema.safeParse(parsedJson(content));
  if (!parsed.success) throw new UnreadableImage("The image is of an unknown kind");
  return parsed.data;
}

async function contentOf(response: Response): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of response.body ?? []) {
    length += part.byteLength;
    if (length > MAX_BYTES) throw new UnreadableImage(`The image is described by more than ${MAX_BYTES} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function parsedJson(content: Buffer): unknown {
  try {
    return JSON.parse(content.toString("utf8"));
  } catch {
    return undefined;
  }
}
