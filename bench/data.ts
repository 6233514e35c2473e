/** The sizes of an installation. The benchmark uses S and L. */
export type Size = "S" | "M" | "L";

/** The number of rows in an installation of each size. */
export interface Amounts {
  users: number;
  workspaces: number;
  deployments: number;
  /** Role bindings per Deployment outside the bench Workspaces. */
  roleBindingsPerDeployment: number;
}

/** With 10 members per Workspace, S has about 5,000 role bindings, M 50,000 and L 600,000. */
export const amounts: Record<Size, Amounts> = {
  S: { users: 1_000, workspaces: 200, deployments: 1_000, roleBindingsPerDeployment: 3 },
  M: { users: 10_000, workspaces: 1_000, deployments: 5_000, roleBindingsPerDeployment: 8 },
  L: { users: 100_000, workspaces: 10_000, deployments: 100_000, roleBindingsPerDeployment: 5 },
};

/**
 * The Workspaces that requests are about. They are the first ones and equal in both sizes, so that responses have the same
 * length. Their members hold no other roles.
 */
export const bench = { workspaces: 10, members: 10, deployments: 10, roleBindingsPerDeployment: 3 } as const;

/** The user number of a member of a bench Workspace. The first member is its Admin. */
export const memberOf = (workspace: number, member: number) => workspace * bench.members + member;

/** Numbers of users with a special role; lower numbers are members of the bench Workspaces. */
export const people = {
  /** WORKSPACE_ADMIN of the 10 bench Workspaces only. */
  manyWorkspaces: memberOf(bench.workspaces, 0),
  /** SYSTEM_ADMIN. */
  systemAdmin: memberOf(bench.workspaces, 1),
  /** Member of a team that is DEPLOYMENT_EDITOR of the Deployments of the first bench Workspace. */
  inTeam: memberOf(bench.workspaces, 2),
  /** The first user with roles outside the bench Workspaces. */
  firstOther: memberOf(bench.workspaces, 3),
} as const;

/** The numbers below `amount`. */
export const numbers = (amount: number) => Array.from({ length: amount }, (_, n) => n);

/** The users who send requests. Every user has a session, whose ID has the number of the user. */
export const callers = [
  ...numbers(bench.workspaces).map((workspace) => memberOf(workspace, 0)),
  people.manyWorkspaces,
  people.systemAdmin,
  people.inTeam,
];

/** Each bench Workspace, for its own Admin and for the Admin of all ten. */
export const admins = numbers(bench.workspaces).flatMap((workspace) =>
  [memberOf(workspace, 0), people.manyWorkspaces].map((person) => ({ workspace, person })),
);

/** Prefixes of IDs. An ID is as long as a cuid, and ascends with the row number, as cuids do. */
export const prefixes = { user: "cu", session: "cs", workspace: "cw", deployment: "cd", email: "ce" } as const;

/** The ID of row `n`, counted from 0. */
export const idOf = (table: keyof typeof prefixes, n: number) => `${prefixes[table]}${String(n).padStart(23, "0")}`;

/** The e-mail address and username of user `n`. */
export const emailOf = (n: number) => `person${n}@example.com`;

/** The release name of Deployment `n`. */
export const releaseNameOf = (n: number) => `bright-orbit-${String(n).padStart(6, "0")}`;
