import type { Reencrypted } from "../secrets/reencrypt.ts";

/** Milliseconds between two lines about the progress. */
const INTERVAL = 2_000;
/** How many unreadable values are printed. */
const MAX_LISTED = 100;

/** Prints how far a rotation is, every two seconds. */
export function progressLines(print: (text: string) => void) {
  let last = Date.now();
  return (column: string, values: number, changed: number) => {
    if (Date.now() - last < INTERVAL) return;
    last = Date.now();
    print(`${column}: ${values} values read, ${changed} encrypted again`);
  };
}

/** What a rotation did and what to do next. `path`: `secrets.json`, if the command has changed the keys in it. */
export function resultText({ values, changed, remaining, unreadable }: Reencrypted, keys: number, path?: string) {
  const counts = [...values].map(([name, count]) => `  ${name}: ${count}`);
  const total = [...values.values()].reduce((sum, count) => sum + count, 0);
  return [
    `${total} encrypted values:`,
    ...counts,
    `${changed} were encrypted again. Under other keys than the first one: ${remaining}`,
    ...next(remaining, unreadable, keys, path),
  ].join("\n");
}

function next(remaining: number, unreadable: readonly string[], keys: number, path: string | undefined): string[] {
  if (unreadable.length > 0) {
    const listed = unreadable.slice(0, MAX_LISTED).map((name) => `  ${name}`);
    const more = unreadable.length > MAX_LISTED ? [`  and ${unreadable.length - MAX_LISTED} more`] : [];
    const advice =
      "Add the key that these values need to encryption.keys, or set them to new values, and run this command again. " +
      "Do not remove a key until then.";
    return [`${unreadable.length} values cannot be decrypted with any key:`, ...listed, ...more, advice];
  }
  if (remaining > 0)
    return [
      "A Houston is running that writes under another key. Restart all replicas with the same encryption.keys and run " +
        "this command again. Do not remove a key until then.",
    ];
  if (path !== undefined) return [`${path} contains only the new key now`];
  if (keys === 1) return ["encryption.keys has only this key, so there is none to remove"];
  const others = keys === 2 ? "the second key" : `keys 2 to ${keys}`;
  return [`Remove ${others} from encryption.keys, on all replicas`];
}
