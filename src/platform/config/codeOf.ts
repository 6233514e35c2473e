/** The code of a system error (`ENOENT`), to show instead of its message: that may repeat what was given. */
export const codeOf = (error: unknown) =>
  error instanceof Error && "code" in error ? String(error.code) : "unexpected error";
