import type { Services } from "../../access/context.ts";
import { scimSettings } from "../../platform/config/scim.ts";
import { AppError, tooManyRequests } from "../../platform/errors/appError.ts";
import { hashOf, isEqualSecret } from "../../platform/secrets/tokens.ts";
import { countedAddress } from "../users/clientLimits.ts";
import { countUse } from "../users/countUse.ts";
import type { ScimContext } from "./scimContext.ts";

/** What a request says about who sends it. */
export interface ScimRequest extends Pick<ScimContext, "requestId" | "origin" | "client"> {
  /** As in the path. */
  provider: string;
  /** What may be the token: clients write it in several ways. */
  candidates: readonly string[];
}

/** In milliseconds. */
const MINUTE = 60_000;

/** How old `lastUsedAt` may be, in milliseconds: a sync of thousands of requests is not thousands of updates. */
const USE_PRECISION = MINUTE;

const REFUSED = "authorization: must be a SCIM token of this provider, as Bearer or as the password of Basic";

/**
 * The context of a request with a token of the provider, or with its `scimAuthCode`. Throws UNAUTHENTICATED for anything else,
 * also for an unknown provider and one without SCIM, and TOO_MANY_REQUESTS after too many such requests from one client
 * address, as for sign-ins.
 */
export async function authenticateScim(
  services: Services & Pick<ScimContext, "reads">,
  request: ScimRequest,
): Promise<ScimContext> {
  const { candidates, ...context } = request;
  const { provider } = request;
  const settings = scimSettings(services.config, provider);
  const limit = { what: `SCIM from ${countedAddress(request.client)}`, window: MINUTE };
  const found = await lookUp(services, { provider: settings ? provider : "", candidates, counter: hashOf(limit.what) });
  const max = services.config.auth.local.limits.attemptsPerAddress;
  const wait = (found.windowEndsAt?.getTime() ?? 0) - services.now().getTime();
  if (found.failures >= max && wait > 0) throw tooManyRequests(wait);
  const code = settings?.scimAuthCode;
  // Every candidate is compared, whichever is right.
  const isCode = code ? candidates.filter((one) => isEqualSecret(one, code)).length > 0 : false;
  if (!settings || !(isCode || found.tokenId !== null)) {
    await countUse(services, { ...limit, max });
    refuse(services, request);
    throw new AppError("UNAUTHENTICATED", REFUSED);
  }
  if (found.tokenId !== null && found.isUseOld) await touch(services, found.tokenId);
  const caller = { kind: "scim", id: provider } as const;
  return { ...services, ...context, caller, provider, tokenId: found.tokenId };
}

interface Found {
  tokenId: string | null;
  /** Its last use was recorded more than a minute ago, or never. */
  isUseOld: boolean;
  failures: number;
  windowEndsAt: Date | null;
}

async function lookUp(
  { reads, now }: Pick<ScimContext, "reads" | "now">,
  { provider, candidates, counter }: Pick<ScimRequest, "provider" | "candidates"> & { counter: string },
): Promise<Found> {
  const at = now();
  const { rows } = await reads.query<Found>({
    name: "authenticateScim",
    text: `SELECT t.id AS "tokenId", coalesce(c.count, 0) AS failures, c."windowEndsAt",
        t."lastUsedAt" IS NULL OR t."lastUsedAt" < $5::timestamp AS "isUseOld"
      FROM (VALUES (1)) AS one
      LEFT JOIN "ScimToken" t ON t."tokenHash" = ANY($1) AND t.provider = $2
        AND (t."expiresAt" IS NULL OR t."expiresAt" > (now() AT TIME ZONE 'utc'))
      LEFT JOIN "AttemptCount" c ON c.id = $3 AND c."windowEndsAt" > $4::timestamp
      LIMIT 1`,
    values: [
      ...[candidates.map(hashOf), provider, counter, at.toISOString()],
      new Date(at.getTime() - USE_PRECISION).toISOString(),
    ],
  });
  return rows[0] ?? { tokenId: null, isUseOld: false, failures: 0, windowEndsAt: null };
}

/** Records the use of a token. */
async function touch({ pool, now }: Services, tokenId: string): Promise<void> {
  const at = now();
  await pool.query({
    name: "touchScimToken",
    text: `UPDATE "ScimToken" SET "lastUsedAt" = greatest("lastUsedAt", $2::timestamp) WHERE id = $1`,
    values: [tokenId, at.toISOString()],
  });
}

function refuse({ denials, config }: Services, { provider, requestId, origin }: ScimRequest): void {
  // A name that somebody made up is not recorded.
  const known = scimSettings(config, provider) !== undefined;
  const { address, via } = origin;
  denials.record({
    ...{ outcome: "FAILED", action: "scim", actor: "anonymous", requestId, address, via },
    ...{ entityType: "Platform", entityId: "1", workspaceId: null },
    detail: { code: "UNAUTHENTICATED", ...(known && { provider }) },
  });
}
