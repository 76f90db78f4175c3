import type { KernelFile } from '../kernel/kernel-file.ts'
import type { PolicyRegistry } from '../registry/policy-registry.ts'

/** Receives messages of sources about problems that do not end the agent. */
export interface SourceLog {
  info(message: string): void
  warning(message: string): void
}

/** Changes of a reload. */
export interface ReloadReport {
  readonly added: number
  readonly replaced: number
  readonly removed: number
  /** Failures, with the reasons. */
  readonly failures: readonly string[]
}

/** The machine of the agent. */
export interface DescribedNode {
  /** @throws AgentError AGENT_KERNEL */
  describeKernel(): Promise<KernelFile>
}

/**
 * A source of policies. It adds its policies to the registry, which loads them; the source itself
 * does not access the kernel.
 */
export interface PolicySource {
  /** Name for messages, such as `policy files`. */
  readonly title: string
  /**
   * Adds the initial policies.
   * @param node undefined: its kernel is not offered to others
   * @throws Error that ends the start of the agent
   */
  start(registry: PolicyRegistry, node?: DescribedNode): Promise<void>
  /**
   * After SIGHUP: adds, replaces and removes changed policies. Absent if the source watches for
   * changes.
   */
  reload?(): Promise<ReloadReport>
  /** Stops making changes. Policies stay as they are. */
  close(): void
}
