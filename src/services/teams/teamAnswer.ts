/** Source of the type TeamPayload. */
export interface TeamAnswer {
  /** ID of the team. */
  id: string;
  message: string;
}
