/** What the type TeamPayload is made of. */
export interface TeamAnswer {
  /** Id of the team. */
  id: string;
  message: string;
}
