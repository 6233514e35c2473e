import type { Resolvers } from "../../generated/resolvers.ts";
import { readThen, thenRead } from "../../query/thenRead.ts";
import { deleteInviteToken, inviteToDelete } from "./deleteInviteToken.ts";
import { invites } from "./invites.ts";
import { inviteUser } from "./inviteUser.ts";

/** Invitations, to the platform and to Workspaces. */
export const resolvers: Resolvers = {
  Query: { invites, workspaceInvites: invites },
  Mutation: {
    inviteUser: thenRead("Invite", inviteUser),
    deleteInviteToken: readThen("Invite", inviteToDelete, deleteInviteToken),
  },
};
