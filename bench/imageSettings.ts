import { readFileSync } from "node:fs";

/** How the image starts Houston (docs/tuning.md). */
export interface ImageSettings {
  /** Its environment variables. */
  env: Record<string, string>;
  /** The flags of Node before the program. */
  flags: string[];
  program: string;
}

/** Reads the `ENV` lines and the `CMD` of the Dockerfile, each on a line of its own. */
export function imageSettings(): ImageSettings {
  const dockerfile = readFileSync(new URL("../Dockerfile", import.meta.url), "utf8");
  const env = [...dockerfile.matchAll(/^ENV (\w+)=(?:"([^"]*)"|(\S*))$/gm)].map(([, name, quoted, plain]) => [
    name,
    quoted ?? plain,
  ]);
  const [, command = "[]"] = /^CMD (.*)$/m.exec(dockerfile) ?? [];
  const [node, ...args] = JSON.parse(command) as string[];
  const program = args.pop();
  if (node !== "node" || program === undefined) throw new Error(`the image runs ${command}, not a program of Node`);
  return { env: Object.fromEntries(env), flags: args, program };
}
