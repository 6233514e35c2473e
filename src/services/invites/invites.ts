import { z } from "zod";
import { parse } from "../../platform/errors/parse.ts";
import { AddressToFind } from "../../platform/input/emailAddress.ts";
import { optional } from "../../platform/input/input.ts";
import { defineRead } from "../../query/defineRead.ts";

const Input = z.object({
  workspaceUuid: z.string().optional(),
  invite: z
    .object({
      inviteUuid: optional(z.string("must be an ID")),
      email: optional(AddressToFind),
    })
    .nullish(),
});

/** The open invitations that match every value in `invite`: of the given Workspace, otherwise of the platform. */
export const invites = defineRead({
  entity: "Invite",
  many: true,
  toQuery(args) {
    const { workspaceUuid: workspaceId, invite } = parse(Input, args);
    return { where: { workspaceId, id: invite?.inviteUuid, email: invite?.email } };
  },
});
