import { ownName } from "../pages/parts/cookies.ts";
import type { Site } from "../pages/parts/site.ts";

/** The cookie that binds a sign-in at a provider to the browser that began it. */
export const pendingCookie = (site: Site) => ownName(site, "houston_sign_on");
