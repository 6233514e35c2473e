/** The cluster needs time, for example to uninstall: the job is to run again after `delay` milliseconds. */
export class Waiting extends Error {
  readonly delay: number;
  /** What users should know about the reason; undefined if it is usual. */
  readonly problem: string | undefined;
  /** Flux has been told already why the job ran. */
  readonly isPoked: boolean;

  constructor(
    message: string,
    delay: number,
    { problem, isPoked = false }: { problem?: string | undefined; isPoked?: boolean } = {},
  ) {
    super(message);
    this.name = "Waiting";
    this.delay = delay;
    this.problem = problem;
    this.isPoked = isPoked;
  }
}
