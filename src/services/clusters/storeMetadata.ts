import { isDeepStrictEqual } from "node:util";
import { type Cluster, type ClusterStatus, Prisma } from "../../generated/prisma/client.ts";
import { type Author, recordAudit } from "../../platform/audit/recordAudit.ts";
import type { JobServices } from "../../platform/jobs/scheduledJob.ts";
import { addAllJobs } from "../provisioning/jobs/addAllJobs.ts";
import type { Metadata, UnreadableMetadata } from "./readMetadata.ts";

/** The codes of reasons that come from here; any other reason is an operator's. */
const UNHEALTHY = "DATA_PLANE_UNHEALTHY";
const UNREACHABLE = "DATA_PLANE_UNREACHABLE";

/**
 * Stores what a cluster's data plane reported, and the status that follows from it: ACTIVE if it is HEALTHY, INACTIVE
 * with a reason otherwise. An INACTIVE that an operator gave a reason for stays until they clear the reason or the
 * status. Another domain is that of the cluster's Deployments at once. Returns whether the status changed; does nothing if
 * the cluster is gone or its metadata moved.
 */
export async function storeMetadata(
  { config, db }: JobServices,
  author: Author,
  { id, metadataUrl }: Pick<Cluster, "id" | "metadataUrl">,
  result: Metadata | UnreadableMetadata,
): Promise<boolean> {
  return db.$transaction(async (tx) => {
    await tx.$queryRaw`SELECT id FROM "Cluster" WHERE id = ${id} FOR UPDATE`;
    const stored = await tx.cluster.findUnique({ where: { id, metadataUrl } });
    if (!stored) return false;
    const before = pick(stored);
    const after = { ...before, ...changesBy(result, stored) };
    if (isDeepStrictEqual(before, after)) return false;
    const { statusReason, healthStatus, ...columns } = after;
    const reason = statusReason ?? Prisma.DbNull;
    await tx.cluster.update({
      where: { id },
      data: { ...columns, statusReason: reason, healthStatus: healthStatus ?? Prisma.DbNull },
      select: { id: true },
    });
    // Nobody is let in at the domain before any more, so the ingresses must follow now.
    if (after.baseDomain !== before.baseDomain && config.provisioner !== "none") await addAllJobs(tx, id);
    const { status } = after;
    if (status === before.status) return false;
    const detail = { status, ...(isByDataPlane(statusReason) ? { reason: statusReason.code } : {}) };
    await recordAudit(author, tx, { action: "syncDataplaneClusters", entityType: "Cluster", entityId: id, detail });
    return true;
  });
}

const pick = ({ status, statusReason, healthStatus, baseDomain }: Cluster) => ({
  status,
  statusReason,
  healthStatus,
  baseDomain,
});

type Changes = Partial<ReturnType<typeof pick>>;

function changesBy(result: Metadata | UnreadableMetadata, stored: Cluster): Changes {
  if (result instanceof Error) {
    const details = [{ code: UNREACHABLE, severity: "ERROR", description: result.message }];
    const { k8sVersion } = objectOf(stored.healthStatus);
    const healthStatus = { ...(k8sVersion === undefined ? {} : { k8sVersion }), value: "UNKNOWN", details };
    return { healthStatus, ...statusFor(stored, { code: UNREACHABLE, message: result.message }) };
  }
  const { healthStatus, baseDomain = stored.baseDomain } = result;
  const { value } = healthStatus;
  const problem = { code: UNHEALTHY, message: `The data plane reports ${value}.` };
  return { healthStatus, baseDomain, ...statusFor(stored, value === "HEALTHY" ? undefined : problem) };
}

interface Problem {
  code: string;
  message: string;
}

/** The status for a data plane with this problem, or without one. */
function statusFor({ status, statusReason }: Cluster, problem: Problem | undefined): Changes {
  const byOperator = statusReason !== null && !isByDataPlane(statusReason);
  if (status === "INACTIVE" && byOperator) return {};
  const next: ClusterStatus = problem ? "INACTIVE" : "ACTIVE";
  return { status: next, statusReason: problem ? { ...problem } : byOperator ? statusReason : null };
}

const objectOf = (value: Prisma.JsonValue): Prisma.JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};

/** Whether a `statusReason` is the data plane's, and not an operator's. */
export function isByDataPlane(reason: Prisma.JsonValue): reason is { code: string } {
  const { code } = objectOf(reason);
  return code === UNHEALTHY || code === UNREACHABLE;
}
