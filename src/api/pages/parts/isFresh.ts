import type { OwnVisit } from "./pageRoute.ts";

/** How long after signing in a visitor need not prove again who they are, in milliseconds. */
const FRESH = 5 * 60_000;

/** Whether the visitor signed in a moment ago. Whoever found an open browser did not. */
export const isFresh = ({ ctx, visitor }: OwnVisit): boolean =>
  ctx.now().getTime() - visitor.createdAt.getTime() <= FRESH;
