import { z } from "zod";
import { assertGrantable } from "../../access/assertGrantable.ts";
import type { Context } from "../../access/context.ts";
import { type Prisma, Role } from "../../generated/prisma/client.ts";
import { recordAudit } from "../../platform/audit/recordAudit.ts";
import { AppError, badInput } from "../../platform/errors/appError.ts";
import { parse } from "../../platform/errors/parse.ts";
import { IdOf } from "../../platform/input/input.ts";
import { lockUser, userNotFound } from "../users/lockUser.ts";

const Input = z.object({ userId: IdOf, role: z.enum(Role) });

/**
 * Grants a user a system role; returns the existing binding if they already hold it. Throws NOT_FOUND for an unknown
 * user, BAD_USER_INPUT for a role of another level and for a user who is not active with an address that its owner
 * proved or a System Admin verified (in one of `allowedSystemLevelDomains`, unless that is empty), FORBIDDEN for a role
 * with permissions that the caller lacks.
 */
export async function createSystemRoleBinding(ctx: Context, input: unknown): Promise<{ id: string }> {
  const { userId, role } = parse(Input, input);
  assertGrantable(ctx, role, "SYSTEM", {});
  return ctx.db.$transaction(async (tx) => {
    const user = await lockUser(tx, { id: userId });
    if (!user) throw userNotFound("userId");
    if (user.status !== "active") throw badInput("userId", "the user has not confirmed their e-mail address yet");
    await assertTrusted(ctx, tx, userId);
    const scope = { workspaceId: null, deploymentId: null };
    const held = await tx.roleBinding.findFirst({ where: { userId, role, ...scope }, select: { id: true } });
    if (held) return held;
    const binding = await tx.roleBinding.create({ data: { userId, role }, select: { id: true } });
    await recordAudit(ctx, tx, {
      action: "createSystemRoleBinding",
      entityType: "User",
      entityId: userId,
      detail: { role },
    });
    return binding;
  });
}

async function assertTrusted(ctx: Context, tx: Prisma.TransactionClient, userId: string): Promise<void> {
  const emails = await tx.email.findMany({ where: { userId, proven: true }, select: { address: true } });
  if (emails.length === 0) {
    throw badInput("userId", "the user has no e-mail address that they proved or a System Admin verified");
  }
  const domains = ctx.config.allowedSystemLevelDomains;
  if (domains.length === 0) return;
  const domainOf = (address: string) => address.slice(address.lastIndexOf("@") + 1);
  if (emails.some(({ address }) => domains.includes(domainOf(address)))) return;
  throw new AppError(
    "BAD_USER_INPUT",
    `userId: system roles require a verified e-mail address at ${domains.join(", ")} (allowedSystemLevelDomains)`,
    "userId",
  );
}
