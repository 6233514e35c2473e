/** A group as SCIM shows one. */
export interface ShownGroup {
  id: string;
  name: string;
  externalId: string | null;
  createdAt: Date;
  updatedAt: Date;
  /** The IDs of the provider's users in it; undefined if they were not asked for. */
  members: string[] | undefined;
}
