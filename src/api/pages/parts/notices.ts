import { parameterOf, type Visit } from "./visit.ts";

/** What was done before the page was opened, by the parameter `done`. The words are ours, not those of a link. */
const notices: Record<string, string> = {
  confirmed: "Your e-mail address is confirmed.",
  passwordSet: "Your new password is set. You were signed out everywhere else.",
  passwordChanged: "Your password is changed. You were signed out everywhere else.",
  sessionEnded: "The session has ended.",
  othersEnded: "You are signed out everywhere else.",
  identityAdded: "You can sign in with the identity provider now.",
  identityRemoved: "You can no longer sign in with the identity provider.",
  signedOut: "You are signed out.",
  signedUp: "Welcome! Your account is ready.",
};

/** The words for what was done; undefined for nothing. */
export function doneOf(visit: Pick<Visit, "query">): string | undefined {
  const done = parameterOf(visit, "done");
  return done !== undefined && Object.hasOwn(notices, done) ? notices[done] : undefined;
}
