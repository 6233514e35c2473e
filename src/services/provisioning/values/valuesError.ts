/** A Deployment that the chart in `flux.profile` cannot run. The message says why, for its users. */
export class ValuesError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "ValuesError";
  }
}
