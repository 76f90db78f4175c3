/** What looking at a source again has changed. */
export interface ReloadReport {
  readonly added: number
  readonly replaced: number
  readonly removed: number
  /** What could not be done, and why. */
  readonly failures: readonly string[]
}

/**
 * Where policies come from. Every source puts them into the registry, which loads them; a source
 * itself knows nothing of the kernel.
 */
export interface PolicySource {
  /** Adds the policies that are there at the start. @throws Error for the first that fails */
  start(): Promise<void>
  /** Looks again, and adds, replaces and removes what has changed. */
  reload(): Promise<ReloadReport>
  /** Adds nothing any more. Policies stay as they are. */
  close(): void
}
