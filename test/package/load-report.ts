/** What an app did while it was loaded. */
export interface LoadReport {
  readonly functions: {
    readonly name: string;
    readonly bindings: Readonly<Record<string, { readonly type: string; readonly direction: string }>>;
  }[];
  /** Names of settings read; `*` when all were listed. */
  readonly env: string[];
  /** Calls that touch files, network, processes or timers. */
  readonly io: string[];
}
