import { isReason, type Reason } from "../../../services/signOn/refused.ts";
import { parameterOf, type Visit } from "./visit.ts";

/** Why a sign-in with an identity provider failed, and what to do. */
const words: Record<Reason | "failed", string> = {
  denied: "The identity provider did not sign you in. Try again, or sign in another way.",
  expired: "The sign-in took longer than 10 minutes, or was started in another browser or tab. Start again.",
  invalid:
    "The answer of the identity provider could not be verified. Start again; if it happens again, tell whoever runs the platform.",
  unknownProvider: "There is no such identity provider here. Choose one that is on this page.",
  unavailable: "The identity provider does not answer at the moment. Try again in a minute, or sign in another way.",
  organization:
    "Accounts of your organization may not sign in here. Sign in with the account of your work, or ask whoever runs the platform.",
  noAddress:
    "The identity provider did not tell your e-mail address, or it is not a valid one. Add a verified address to your account there, or ask whoever runs the identity provider.",
  unverified: "Your e-mail address is not verified at the identity provider. Verify it there, and sign in again.",
  addressInUse:
    "There is an account with your e-mail address already. Sign in as before, and add the identity provider on the page “Account”.",
  notInvited:
    "Sign-up is by invitation. Ask an Admin of a Workspace, or whoever runs the platform, to invite you; then open the link in the e-mail.",
  otherInvitation:
    "The invitation is for another e-mail address, or no longer open. Sign in with the account that has the address, or ask for another invitation.",
  notProvisioned:
    "The identity provider has not sent your account to this platform. Ask whoever runs the identity provider to assign it to you.",
  setupToken:
    "The first user becomes System Admin, and needs the set-up token. Enter the one that Houston prints when it starts.",
  identityInUse: "This account of the identity provider belongs to another user here.",
  inactive: "Your account here is not active. Ask whoever runs the platform.",
  failed: "Something went wrong on our side. Try again.",
};

/** The words for the parameter `refused`; undefined without it. The words are ours, not those of a link. */
export function refusalOf(visit: Pick<Visit, "query">): string | undefined {
  const reason = reasonOf(visit);
  return reason && words[reason];
}

/** The parameter `refused` for another page; "" without it. */
export function refusedQuery(visit: Pick<Visit, "query">): string {
  const reason = reasonOf(visit);
  return reason ? `?refused=${reason}` : "";
}

function reasonOf(visit: Pick<Visit, "query">): Reason | "failed" | undefined {
  const reason = parameterOf(visit, "refused") ?? "";
  return isReason(reason) || reason === "failed" ? reason : undefined;
}
