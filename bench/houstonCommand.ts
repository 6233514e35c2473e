import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { imageSettings } from "./imageSettings.ts";

/** The arguments of Node that start a Houston, and the environment it needs. */
export interface StartCommand {
  env: Record<string, string>;
  args: string[];
}

/**
 * How Houston is started: as `npm start` does in `folder`, by default this checkout; or with the settings of the image when
 * `tuned`, which applies to this checkout only.
 */
export function startCommand(folder = fileURLToPath(new URL("..", import.meta.url)), tuned = false): StartCommand {
  const image = tuned ? imageSettings() : undefined;
  const { scripts } = JSON.parse(readFileSync(resolve(folder, "package.json"), "utf8"));
  const [, ...args] = image ? ["node", ...image.flags, image.program] : (scripts.start as string).split(" ");
  // Houston runs in a folder of its own, so paths must be absolute.
  return {
    env: image?.env ?? {},
    args: args.map((part) => (/^(\.\/)?src\//.test(part) ? resolve(folder, part) : part)),
  };
}
