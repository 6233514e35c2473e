import type { Context } from "../../access/context.ts";
import { logFilterOf } from "./logInput.ts";
import type { LogLine } from "./logLine.ts";
import { logStoreOf } from "./logStore.ts";

/** Maximum number of lines returned. */
const MAX_LINES = 1_000;

/** The latest lines, oldest first, at most about 4 MiB. Throws LOGGING_NOT_CONFIGURED and SERVICE_UNAVAILABLE. */
export async function logs(ctx: Context, input: unknown): Promise<LogLine[]> {
  const store = logStoreOf(ctx.config, ctx.log);
  const filter = await logFilterOf(ctx, input);
  const { lines } = await store({ ...filter, order: "desc", size: MAX_LINES });
  return lines.reverse();
}
