import type { Services } from "../../access/context.ts";

/** What the encrypted ID token of a session is bound to. */
export const idTokenSecretOf = (sessionId: string) => `Session.idToken:${sessionId}`;

/** An ID token, encrypted for the row of its session. */
export const sealIdToken = ({ secrets }: Pick<Services, "secrets">, sessionId: string, idToken: string): string =>
  secrets.seal(idToken, idTokenSecretOf(sessionId));

/** The ID token with which a session began; undefined if it was not kept. */
export async function idTokenOf({ db, secrets }: Pick<Services, "db" | "secrets">, sessionId: string) {
  const session = await db.session.findUnique({ where: { id: sessionId }, select: { idTokenEncrypted: true } });
  const sealed = session?.idTokenEncrypted;
  return sealed ? secrets.open(sealed, idTokenSecretOf(sessionId)) : undefined;
}
