import { notYours } from "../../access/organizationHeader.ts";
import type { Prisma } from "../../generated/prisma/client.ts";

// Always locked in this order: Organization, Application, Connection, Integration. Deleting an Organization or an
// Application locks what belongs to it in the same order, so that no two transactions wait for each other.

type Transaction = Prisma.TransactionClient;

/** A Connection or Integration. */
export interface Destination {
  integrationCode: string;
}

/** Serializes creating what an Organization may have a limited number of. Throws FORBIDDEN if it was just deleted. */
export async function lockOrganization(tx: Transaction, id: string): Promise<void> {
  const [found] = await tx.$queryRaw<{ id: string }[]>`
    SELECT id FROM "Organization" WHERE id = ${id} FOR NO KEY UPDATE`;
  if (!found) throw notYours();
}

/** Locks an Application of the Organization against changes and new Integrations. undefined if it has no such one. */
export async function lockApplication(tx: Transaction, organizationId: string, id: string) {
  const [found] = await tx.$queryRaw<{ id: string }[]>`
    SELECT id FROM "Application" WHERE id = ${id} AND "organizationId" = ${organizationId} FOR UPDATE`;
  return found;
}

/** Locks a Connection of the Organization against changes and use. undefined if it has no such one. */
export async function lockConnection(tx: Transaction, organizationId: string, id: string) {
  const [found] = await tx.$queryRaw<Destination[]>`
    SELECT "integrationCode" FROM "Connection" WHERE id = ${id} AND "organizationId" = ${organizationId} FOR UPDATE`;
  return found;
}

/** The same only against deletion: for an Integration that is to use it. */
export async function keepConnection(tx: Transaction, organizationId: string, id: string) {
  const [found] = await tx.$queryRaw<Destination[]>`
    SELECT "integrationCode" FROM "Connection" WHERE id = ${id} AND "organizationId" = ${organizationId}
    FOR KEY SHARE`;
  return found;
}

/** Locks an Integration of one of the Organization's Applications. undefined if there is no such one. */
export async function lockIntegration(tx: Transaction, organizationId: string, id: string) {
  const [found] = await tx.$queryRaw<Destination[]>`
    SELECT i."integrationCode" FROM "Integration" i JOIN "Application" a ON a.id = i."applicationId"
    WHERE i.id = ${id} AND a."organizationId" = ${organizationId} FOR UPDATE OF i`;
  return found;
}
