/** What is wrong with one setting. Never contains the value of a secret. */
export interface Problem {
  /** `webserver.port`, or what the operator wrote instead of a known name. */
  key: string;
  /** The value and what is allowed. */
  message: string;
  /** Where the value came from: the path of a file or the name of an environment variable. */
  origin: string;
}

/** All problems of the configuration. Houston does not start with an invalid configuration. */
export class ConfigError extends Error {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    const lines = problems.map(({ key, message, origin }) => `  ${key}: ${message} (from ${origin})`);
    super(`The configuration is invalid:\n${lines.join("\n")}`);
    this.name = "ConfigError";
    this.problems = problems;
  }
}
