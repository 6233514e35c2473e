/** What is wrong with one setting. Never holds a secret's value. */
export interface Problem {
  /** `webserver.port`, or what the operator wrote instead of a known name. */
  key: string;
  /** What was given and what is allowed. */
  message: string;
  /** Where it came from: the path of a file or the name of an environment variable. */
  origin: string;
}

/** Everything that is wrong with the configuration at once. Houston does not start with it. */
export class ConfigError extends Error {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    const lines = problems.map(({ key, message, origin }) => `  ${key}: ${message} (from ${origin})`);
    super(`The configuration cannot be used:\n${lines.join("\n")}`);
    this.name = "ConfigError";
    this.problems = problems;
  }
}
