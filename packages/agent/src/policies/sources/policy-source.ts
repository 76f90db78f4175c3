import type { PolicyRegistry } from '../registry/policy-registry.ts'

/** What looking at a source again has changed. */
export interface ReloadReport {
  readonly added: number
  readonly replaced: number
  readonly removed: number
  /** What could not be done, and why. */
  readonly failures: readonly string[]
}

/**
 * Where policies come from. A source puts its policies into the registry, which loads them; the
 * source itself knows nothing of the kernel.
 */
export interface PolicySource {
  /** For messages, such as `policy files`. */
  readonly title: string
  /** Adds the policies that exist at the start. @throws Error that ends the start of the agent */
  start(registry: PolicyRegistry): Promise<void>
  /** After SIGHUP: adds, replaces and removes what has changed. Absent in a source that watches. */
  reload?(): Promise<ReloadReport>
  /** Makes no changes any more. Policies stay as they are. */
  close(): void
}
