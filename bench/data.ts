/** The two sizes of an installation. */
export type Size = "S" | "L";

/** How much of everything an installation of a size has. */
export interface Amounts {
  users: number;
  workspaces: number;
  deployments: number;
  /** Role bindings of each Deployment outside the bench Workspaces. */
  roleBindingsPerDeployment: number;
}

/** With 10 members in each Workspace, S has about 5 thousand role bindings and L about 600 thousand. */
export const amounts: Record<Size, Amounts> = {
  S: { users: 1_000, workspaces: 200, deployments: 1_000, roleBindingsPerDeployment: 3 },
  L: { users: 100_000, workspaces: 10_000, deployments: 100_000, roleBindingsPerDeployment: 5 },
};

/**
 * The Workspaces that are asked about: the first ones, alike in both sizes, so that both sizes give answers of one length.
 * Their members hold no role elsewhere.
 */
export const bench = { workspaces: 10, members: 10, deployments: 10, roleBindingsPerDeployment: 3 } as const;

/** The number of the nth member of the nth bench Workspace. The first one is its admin. */
export const memberOf = (workspace: number, member: number) => workspace * bench.members + member;

/** Users with a task of their own, by their number; the ones before them are the members of the bench Workspaces. */
export const people = {
  /** WORKSPACE_ADMIN of the 10 bench Workspaces and of nothing else. */
  manyWorkspaces: memberOf(bench.workspaces, 0),
  /** SYSTEM_ADMIN. */
  systemAdmin: memberOf(bench.workspaces, 1),
  /** The first of those who hold roles outside the bench Workspaces. */
  firstOther: memberOf(bench.workspaces, 2),
} as const;

/** Those who send requests. Everyone has a session; its id has the number of its user. */
export const callers = [
  ...Array.from({ length: bench.workspaces }, (_, workspace) => memberOf(workspace, 0)),
  people.manyWorkspaces,
  people.systemAdmin,
];

/** Starts of ids. An id is as long as a cuid and rises with the row, as cuids do. */
export const prefixes = { user: "cu", session: "cs", workspace: "cw", deployment: "cd", email: "ce" } as const;

/** The id of row `n`, counted from 0. */
export const idOf = (table: keyof typeof prefixes, n: number) => `${prefixes[table]}${String(n).padStart(23, "0")}`;

/** The e-mail address, and the name to sign in with, of user `n`. */
export const emailOf = (n: number) => `person${n}@example.com`;

/** The release name of Deployment `n`. */
export const releaseNameOf = (n: number) => `bright-orbit-${String(n).padStart(6, "0")}`;
