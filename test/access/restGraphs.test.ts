import { expect, it } from "vitest";
import { DEFAULT_ORGANIZATION } from "../../src/access/scopePaths.ts";
import { testHouston } from "../support/houston.ts";
import { createRest } from "../support/restCalls.ts";
import type { Graph } from "./graph.ts";
import { bindingsOf, may } from "./graphRights.ts";
import { LIMIT, onGraphs } from "./onGraphs.ts";

const { build, db, url } = await testHouston();
const rest = createRest(url);
const another = await db.organization.create({ data: { name: "Another" } });

/** Every second Workspace of a graph belongs to another Organization, with its Deployments. */
const isAway = ({ workspaces }: Graph, id: string | null) => workspaces.findIndex((one) => one.id === id) % 2 === 1;

async function moveAway(graphs: readonly Graph[]) {
  const away = graphs.flatMap((graph) => graph.workspaces.filter(({ id }) => isAway(graph, id)).map(({ id }) => id));
  const data = { organizationId: another.id };
  await db.workspace.updateMany({ where: { id: { in: away } }, data });
  await db.deployment.updateMany({ where: { workspaceId: { in: away } }, data });
}

/** Batches of 25 platforms. */
const BATCHES = 8;

const get = ["workspace.config.get", "system.workspace.get"];

it("M5: lists and Workspaces are those that the public role file gives, in each Organization", {
  timeout: LIMIT,
}, async () => {
  await onGraphs(
    db,
    async (graphs) => {
      await moveAway(graphs);
      await Promise.all(graphs.map((graph) => check(graph, graphs)));
    },
    BATCHES,
  );
});

async function check(graph: Graph, all: readonly Graph[]) {
  const [user] = graph.users;
  const [account] = graph.accounts;
  const callers = [
    ...(user ? [{ kind: "user", id: user.id, token: await build.tokenOf(user.id) } as const] : []),
    ...(account ? [{ kind: "service account", id: account.id, token: account.token } as const] : []),
  ];
  for (const { kind, id: caller, token } of callers) {
    const held = bindingsOf(graph, caller);
    const workspaceOf = (deploymentId: string | null) =>
      graph.deployments.find(({ id }) => id === deploymentId)?.workspaceId ?? null;
    const isMember =
      may(kind, held, ["system.organizations.get"], {}) ||
      held.some(({ workspaceId, deploymentId }) => isAway(graph, workspaceId ?? workspaceOf(deploymentId)));
    for (const organizationId of [DEFAULT_ORGANIZATION, another.id]) {
      const away = organizationId === another.id;
      const path = `/organizations/${organizationId}/workspaces`;
      const visible = all.flatMap((one) =>
        one.workspaces
          .filter(({ id }) => isAway(one, id) === away && may(kind, held, get, { workspaceId: id }))
          .map(({ id }) => id),
      );
      const list = await rest({ token }).get(`${path}?limit=1000`);
      const answer =
        list.status === 200 ? list.body.workspaces.map(({ id }: { id: string }) => id).sort() : list.status;
      const expected = away && !isMember ? 403 : visible.sort();
      expect(answer, `${kind} ${caller} ${JSON.stringify(held)}`).toEqual(expected);
      if (list.status === 200) expect(list.body.totalCount).toBe(visible.length);
      const [first] = graph.workspaces.filter(({ id }) => isAway(graph, id) === away);
      if (!first) continue;
      const { status } = await rest({ token }).get(`${path}/${first.id}`);
      expect(status).toBe(away && !isMember ? 403 : visible.includes(first.id) ? 200 : 404);
    }
  }
}
