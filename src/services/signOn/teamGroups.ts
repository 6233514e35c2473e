import { createContext, Script } from "node:vm";
import type { Context } from "../../access/context.ts";
import { TeamName } from "../teams/teamInput.ts";

/** Maximum milliseconds for comparing all groups of a person with the pattern: a bad pattern can take for ever. A busy machine may stop us for 100. */
const TIMEOUT = 500;

const filter = new Script("names.filter((name) => pattern.test(name))");

/**
 * The groups that become teams: those that `auth.openidConnect.teamFilterRegex` matches and that can be names of teams. undefined
 * if the pattern takes too long, so that they are not known.
 */
export function teamGroups({ config, log }: Pick<Context, "config" | "log">, groups: readonly string[]) {
  const names = groups.filter((name) => TeamName.safeParse(name).success);
  if (names.length < groups.length) {
    log.warn({ count: groups.length - names.length }, "Groups whose names cannot be those of teams are not imported");
  }
  const { teamFilterRegex } = config.auth.openidConnect;
  if (teamFilterRegex === "") return names;
  try {
    const context = createContext({ names, pattern: new RegExp(teamFilterRegex, "u") });
    return filter.runInContext(context, { timeout: TIMEOUT }) as string[];
  } catch (error) {
    log.error({ err: error }, "auth.openidConnect.teamFilterRegex takes too long: the person keeps their teams");
    return undefined;
  }
}
