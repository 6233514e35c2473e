/** True if PostgreSQL rejected a statement because of a constraint (SQLSTATE class 23): it wrote nothing. */
export const isConstraintViolation = (error: unknown): boolean =>
  /^23...$/.test(String((error as { code?: unknown } | null)?.code));
