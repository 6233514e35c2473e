import { readOne } from "../read/read.ts";
import type { Resolvers } from "../schema.ts";
import { deleteInviteToken, inviteToDelete } from "./deleteInviteToken.ts";
import { invites } from "./invites.ts";
import { inviteUser } from "./inviteUser.ts";

/** Invitations, to the platform and to Workspaces. */
export const resolvers: Resolvers = {
  Query: { invites, workspaceInvites: invites },
  Mutation: {
    inviteUser: async (_, args, ctx, info) => {
      const { id } = await inviteUser(ctx, args);
      return readOne(ctx, info, "Invite", { id });
    },
    deleteInviteToken: async (_, args: object, ctx, info) => {
      const answer = await readOne(ctx, info, "Invite", inviteToDelete(args));
      await deleteInviteToken(ctx, args);
      return answer;
    },
  },
};
