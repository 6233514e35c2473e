import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Answer, createAs } from "../support/as.ts";
import { createTestDatabase } from "../support/db.ts";
import { figures } from "../support/figures.ts";
import { firstUser } from "../support/firstUser.ts";
import { inTime } from "../support/inTime.ts";
import { replicasOn } from "../support/replicas.ts";
import { openAs, operationsOn, protocols } from "../support/sockets.ts";

const database = await createTestDatabase();
afterAll(() => database.drop());
const [here, there] = await replicasOn(database.url, 2);
const urls = [here?.url ?? "", there?.url ?? ""];
let token = "";
beforeAll(async () => {
  await Promise.all([here?.start(), there?.start()]);
  token = await firstUser(urls[0] ?? "");
}, 120_000);

/** How a key ends: mutations about its account `$id`, sent to the first replica. */
const ends: Record<string, string> = {
  "its account is deleted": "mutation ($id: Uuid!) { deleteServiceAccount(serviceAccountUuid: $id) { id } }",
  "it is rotated without a grace time":
    "mutation ($id: Uuid!) { rotateServiceAccountKey(serviceAccountUuid: $id, graceMinutes: 0) { id } }",
};
const TIMES = 10;
const LIMIT = 1_000;

const CREATE = `mutation ($deployment: Uuid!) {
  result: createDeploymentServiceAccount(label: "CI", deploymentUuid: $deployment, role: DEPLOYMENT_VIEWER) { id apiKey } }`;
const READ = "query ($deployment: Uuid!) { deploymentServiceAccounts(deploymentUuid: $deployment) { id } }";
const SUBSCRIBE = "subscription ($release: String) { deploymentStatus(releaseName: $release) { status } }";

const codeOf = ({ errors }: Answer) => errors?.[0]?.extensions.code ?? "ok";

it.each(Object.entries(ends))(
  "T22: a key is dead on every replica within a second after %s",
  { timeout: 240_000 },
  async (name, document) => {
    const admin = createAs(urls[0] ?? "")({ token });
    const { data } = await admin.send(`mutation { createWorkspace(label: "T22 ${name.slice(0, 20)}") { id } }`);
    const made = await admin.send(
      `mutation { createDeployment(workspaceUuid: "${data.createWorkspace.id}", type: "airflow", label: "ETL",
        executor: CeleryExecutor) { id releaseName } }`,
    );
    const { id: deployment, releaseName: release } = made.data.createDeployment;
    const late: Record<"request" | "subscription", number[]> = { request: [], subscription: [] };
    for (let n = 0; n < TIMES; n++) {
      const { result } = (await admin.send(CREATE, { deployment })).data;
      const key = { token: result.apiKey as string };
      // The replicas have answered it, in each protocol.
      for (const url of urls)
        for (const _ of [1, 2]) expect(codeOf(await createAs(url)(key).send(READ, { deployment }))).toBe("ok");
      const sockets = await Promise.all(
        urls.flatMap((url) => protocols.map((protocol) => openAs(url, protocol, key.token))),
      );
      for (const socket of sockets) {
        operationsOn(socket).start("1", SUBSCRIBE, { release });
        await socket.next(({ type }) => type === "data" || type === "next");
      }
      expect(codeOf(await admin.send(document, { id: result.id }))).toBe("ok");
      const ended = performance.now();
      const subscriptions = sockets.map(async (socket) => {
        await socket.next(({ type }) => type === "error");
        late.subscription.push(performance.now() - ended);
        socket.socket.terminate();
      });
      const requests = urls.map(async (url) => {
        while (codeOf(await createAs(url)(key).send(READ, { deployment })) !== "UNAUTHENTICATED") await sleep(5);
        late.request.push(performance.now() - ended);
      });
      await Promise.all([...subscriptions, ...requests]);
    }
    const worst = { requests: Math.max(...late.request), subscriptions: Math.max(...late.subscription) };
    figures(`T22 after ${name}, worst in ms`, worst);
    expect(late.request).toHaveLength(TIMES * 2);
    expect(late.subscription).toHaveLength(TIMES * 4);
    inTime(Math.max(worst.requests, worst.subscriptions), LIMIT);
  },
);
