/** How a user proved who they are; what stands behind every token in their name. */
export interface SignIn {
  readonly hasSecondFactor: boolean;
  /** Authentication contexts that it has met. */
  readonly contexts: readonly string[];
}
