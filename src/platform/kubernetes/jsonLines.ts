import { KubernetesError } from "./kubernetes.ts";

/** Maximum bytes of a line. Kubernetes stores objects of up to 1.5 MiB, and JSON writes some bytes as six. */
const MAX_LINE = 16 * 1024 * 1024;

const NEWLINE = 0x0a;

/**
 * The values in lines of JSON, however the bytes are split: a chunk may end within a character. Throws KubernetesError for what
 * is not JSON, for a line of more than 16 MiB, and if the bytes end within a line.
 */
export async function* jsonLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<unknown> {
  let begun: Buffer[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, from)) {
      const line = Buffer.concat([...begun, chunk.subarray(from, end)]).toString("utf8");
      begun = [];
      length = 0;
      from = end + 1;
      if (line.trim() !== "") yield parseJson(line);
    }
    if (from === chunk.length) continue;
    begun.push(chunk.subarray(from));
    length += chunk.length - from;
    if (length > MAX_LINE) throw new KubernetesError(`The Kubernetes API sent a line of more than ${MAX_LINE} bytes`);
  }
  if (length > 0) throw new KubernetesError("The Kubernetes API ended a watch in the middle of a line");
}

/** Parses JSON of the API. Throws KubernetesError without quoting it, because it may contain secrets. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new KubernetesError("The Kubernetes API sent something other than JSON");
  }
}
