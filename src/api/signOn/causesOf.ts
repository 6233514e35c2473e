/** Longest part of an error that is logged, in characters. */
const MAX_CAUSE = 300;

/** What the checks and the provider said. Not the errors, which may contain tokens. */
export function causesOf(error: Error): string[] {
  const messages: string[] = [];
  for (let cause = error.cause; cause !== undefined && messages.length < 5; ) {
    messages.push(
      ...[cause instanceof Error ? cause.message : cause, saidBy(cause)].filter((text) => typeof text === "string"),
    );
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return messages.map((text) => text.slice(0, MAX_CAUSE));
}

/** The two fields in which providers say what is wrong (RFC 6749, section 5.2), in a body or a challenge. */
function saidBy(cause: unknown): string | undefined {
  const body = Array.isArray(cause) ? (cause[0] as { parameters?: unknown } | undefined)?.parameters : cause;
  if (typeof body !== "object" || body === null || body instanceof Error) return undefined;
  const { error, error_description: description } = body as Record<string, unknown>;
  return [error, description].filter((text) => typeof text === "string").join(": ") || undefined;
}
