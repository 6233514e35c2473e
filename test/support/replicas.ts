import { afterAll } from "vitest";
import { testSecret } from "./app.ts";
import { dataFolder, type HoustonProcess, houstonProcess } from "./houstonProcess.ts";

/** `count` Houston processes, not started, on one database; each is stopped after the tests. */
export async function replicasOn(
  databaseUrl: string,
  count: number,
  env: Record<string, string> = {},
): Promise<HoustonProcess[]> {
  const folder = await dataFolder();
  const replicas = await Promise.all(
    Array.from({ length: count }, () =>
      houstonProcess({
        DATABASE_URL: databaseUrl,
        DATABASE__DATA_FOLDER: folder.path,
        JWT__SECRET: testSecret,
        ENCRYPTION__KEYS: JSON.stringify([testSecret]),
        ...env,
      }),
    ),
  );
  afterAll(async () => {
    await Promise.all(replicas.map((replica) => replica.stop()));
    await folder.remove();
  });
  return replicas;
}
