import { expect, it, onTestFinished, vi } from "vitest";
import { createConnections } from "../../src/services/provisioning/clusters/connections.ts";
import { testHouston } from "../support/houston.ts";

it("the default cluster without a kubeconfig is that of the environment which the process was started with", async () => {
  const { app, config, db } = await testHouston();
  vi.stubEnv("KUBERNETES_SERVICE_HOST", "10.0.0.1");
  onTestFinished(() => void vi.unstubAllEnvs());
  const { id } = await db.cluster.findFirstOrThrow({ where: { isDefault: true } });
  const versionIn = async (environment: NodeJS.ProcessEnv) => {
    const services = { config: { ...config, provisioner: "flux" as const }, db, secrets: app.services.secrets };
    const connections = createConnections(services, environment);
    onTestFinished(() => connections.stop());
    return (await connections.clientFor(id))?.version();
  };
  await expect(versionIn({})).rejects.toThrow("Not in a pod");
  await expect(versionIn({ KUBERNETES_SERVICE_HOST: "10.0.0.2" })).rejects.toThrow(
    "serviceaccount/token cannot be read",
  );
});
