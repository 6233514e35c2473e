import type { IncomingMessage } from "node:http";
import { KubernetesError } from "./kubernetes.ts";

/** The text of a response. Throws KubernetesError, and closes the socket, if it has more than `max` bytes. */
export async function readBody(response: IncomingMessage, max: number): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > max) throw new KubernetesError(`The Kubernetes API answered with more than ${max} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
