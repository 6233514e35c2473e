import type { GraphQLResolveInfo } from "graphql";
import { z } from "zod";
import type { Context } from "../context.ts";
import { parse } from "../errors.ts";
import { optional } from "../input.ts";
import { readMany, type Tree } from "../read/read.ts";

const Input = z.object({
  workspaceUuid: z.string().optional(),
  invite: z
    .object({
      inviteUuid: optional(z.string("needs an id")),
      email: optional(z.string("needs an e-mail address").trim().toLowerCase()),
    })
    .nullish(),
});

/** The open invitations that match every value of `invite`: of one Workspace where it is named, else of the platform. */
export function invites(_: unknown, args: unknown, ctx: Context, info: GraphQLResolveInfo): Promise<Tree[]> {
  const { workspaceUuid: workspaceId, invite } = parse(Input, args);
  return readMany(ctx, info, "Invite", { workspaceId, id: invite?.inviteUuid, email: invite?.email });
}
