/** The code of a system error (`ENOENT`), shown instead of its message, which may repeat the value of a setting. */
export const codeOf = (error: unknown) =>
  error instanceof Error && "code" in error ? String(error.code) : "unexpected error";
