import type { Prisma } from "../../generated/prisma/client.ts";
import { AppError, badInput } from "../../platform/errors/appError.ts";
import { LOCAL } from "./teamInput.ts";

/** A team that the transaction holds. */
export interface LockedTeam {
  id: string;
  name: string;
  provider: string;
}

/** Names a team: by id, by name and provider, or by both. */
export interface WhichTeam {
  id?: string | undefined;
  name?: string | undefined;
  provider?: string | undefined;
}

/**
 * The team's row, locked until the transaction ends. Whoever changes a team's members or roles begins with this: what its
 * members gain is judged on both, so neither may change meanwhile. Throws NOT_FOUND for an unknown team, and BAD_USER_INPUT
 * when nothing names one or when id and name do not belong together; `idArgument` is how the caller calls the id.
 */
export async function lockTeam(
  tx: Prisma.TransactionClient,
  { id, name, provider }: WhichTeam,
  idArgument = "teamUuid",
): Promise<LockedTeam> {
  if (id === undefined && name === undefined) {
    throw badInput(`${idArgument}, name`, "one of them is needed: the id or the name of a team");
  }
  const [team] =
    id === undefined
      ? await tx.$queryRaw<LockedTeam[]>`SELECT id, name, provider FROM "Team"
          WHERE provider = ${provider ?? LOCAL} AND name = ${name} FOR UPDATE`
      : await tx.$queryRaw<LockedTeam[]>`SELECT id, name, provider FROM "Team" WHERE id = ${id} FOR UPDATE`;
  if (!team) throw teamNotFound(id === undefined ? "name" : idArgument);
  if (name !== undefined && name !== team.name)
    throw badInput("name", `is not the name of the team that ${idArgument} names`);
  if (provider !== undefined && provider !== team.provider) {
    throw badInput("provider", `is not the provider of the team that ${idArgument} names`);
  }
  return team;
}

/** NOT_FOUND for a team that `argument` was to name. */
export const teamNotFound = (argument: string) =>
  new AppError("NOT_FOUND", `${argument}: there is no such team`, argument);
