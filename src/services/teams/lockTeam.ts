import type { Prisma } from "../../generated/prisma/client.ts";
import { AppError, badInput } from "../../platform/errors/appError.ts";
import { LOCAL } from "./teamInput.ts";

/** A team that the transaction has locked. */
export interface LockedTeam {
  id: string;
  name: string;
  provider: string;
}

/** Identifies a team by ID, by name and provider, or by both. */
export interface WhichTeam {
  id?: string | undefined;
  name?: string | undefined;
  provider?: string | undefined;
}

/**
 * The team's row, locked until the transaction ends. Every change of a team's members or roles must start with this,
 * because permission checks depend on both, so neither may change in the meantime. Throws NOT_FOUND for an unknown team,
 * and BAD_USER_INPUT if neither ID nor name is given or they belong to different teams; `idArgument` is the argument of the
 * ID.
 */
export async function lockTeam(
  tx: Prisma.TransactionClient,
  { id, name, provider }: WhichTeam,
  idArgument = "teamUuid",
): Promise<LockedTeam> {
  if (id === undefined && name === undefined) {
    throw badInput(`${idArgument}, name`, "one of them is required: the ID or the name of a team");
  }
  const [team] =
    id === undefined
      ? await tx.$queryRaw<LockedTeam[]>`SELECT id, name, provider FROM "Team"
          WHERE provider = ${provider ?? LOCAL} AND name = ${name} FOR UPDATE`
      : await tx.$queryRaw<LockedTeam[]>`SELECT id, name, provider FROM "Team" WHERE id = ${id} FOR UPDATE`;
  if (!team) throw teamNotFound(id === undefined ? "name" : idArgument);
  if (name !== undefined && name !== team.name)
    throw badInput("name", `must be the name of the team given by ${idArgument}`);
  if (provider !== undefined && provider !== team.provider) {
    throw badInput("provider", `must be the provider of the team given by ${idArgument}`);
  }
  return team;
}

/** NOT_FOUND for the unknown team given by `argument`. */
export const teamNotFound = (argument: string) => new AppError("NOT_FOUND", `${argument}: unknown team`, argument);
