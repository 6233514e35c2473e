import { afterAll, beforeAll, expect, it } from "vitest";
import { figures } from "../support/figures.ts";
import { type MeasuredHouston, measuredHouston } from "../support/measuredHouston.ts";

/**
 * A large Workspace: its rows multiply in nested lists. A caller in 10 Workspaces of 5 Deployments and 50 users gets as
 * many.
 */
const DEPLOYMENTS = 50;
const USERS = 50;

const MAX_CPU = 500;
const MAX_MEMORY = 50;
const TIMES = 5;

let houston: MeasuredHouston;
let token: string;
beforeAll(async () => {
  houston = await measuredHouston();
  const { db, build } = houston;
  const { workspace, admin } = await build.workspace();
  token = admin.token;
  const workspaceId = workspace.id;
  for (let n = 0; n < USERS; n += 1) await build.user({ roles: [{ role: "WORKSPACE_EDITOR", workspaceId }] });
  const { deployment } = await build.deployment({ workspaceId });
  const names = Array.from({ length: DEPLOYMENTS - 1 }, (_, n) => `worst-case-${1000 + n}`);
  await db.releaseName.createMany({ data: names.map((name) => ({ name })) });
  const { id: _id, ...row } = deployment;
  await db.deployment.createMany({
    data: names.map((releaseName) => ({ ...row, label: releaseName, releaseName, namespace: releaseName })) as never,
  });
}, 120_000);
afterAll(() => houston?.stop());

const scalars = (...names: string[]) => names.join(" ");
const user = scalars("id", "uuid", "username", "fullName", "status", "createdAt", "updatedAt");
const aliases = Array.from({ length: 14 }, (_, n) => `a${n}: username`).join(" ");

/** At every limit at once: 10 levels, 4 lists, 15 aliases, 15 repetitions and 8 directives. */
const worst = `query {
  workspaces {
    id
    deployments {
      id label releaseName @include(if: true) status version executor createdAt @include(if: true) updatedAt
      workspace {
        id label @include(if: true) description @include(if: true)
        users {
          ${user} ${aliases}
          a14: fullName
          emails { address @include(if: true) verified primary createdAt @include(if: true) updatedAt @include(if: true)
            user { id username @include(if: true) fullName status }
          }
        }
      }
    }
  }
}`;

it("L7: the worst allowed document takes at most 500 ms of CPU and 50 MiB", { timeout: 120_000 }, async () => {
  const send = async () => {
    const response = await fetch(`${houston.url}/v1`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: token },
      body: JSON.stringify({ query: worst }),
    });
    const text = await response.text();
    const { data, errors } = JSON.parse(text);
    expect(errors).toBeUndefined();
    expect(data.workspaces[0].deployments).toHaveLength(DEPLOYMENTS);
    expect(data.workspaces[0].deployments[0].workspace.users.length).toBeGreaterThanOrEqual(USERS);
    return text.length / 1024 / 1024;
  };
  let size = await send();
  const base = await houston.rss();
  await houston.forgetPeak();
  const before = await houston.cpu();
  for (let n = 0; n < TIMES; n += 1) size = await send();
  const cpu = ((await houston.cpu()) - before) / TIMES;
  const peak = (await houston.peak()) - base;
  figures("L7", { "CPU ms": cpu, "peak MiB": peak, "answer MiB": size });
  expect(cpu).toBeLessThan(MAX_CPU);
  expect(peak).toBeLessThan(MAX_MEMORY);
});
