import type { HookEvent } from '@tetragon-ts/agent/testing'
import type { FeatureName } from '@tetragon-ts/ebpf/features'

/** The tested construct, for grouping in the table. */
export interface Construct {
  readonly kind: 'argument' | 'operator' | 'matcher' | 'action' | 'hook' | 'selector'
  /** As in policies: `char_buf`, `NotPrefix`, `matchPIDs`, `FollowFD`, `tracepoints`. */
  readonly name: string
}

/**
 * Actions of a process: words for the workload `trigger` (see test/workloads/trigger/main.c), or a
 * shell script. It must end with status 0.
 */
export type Trigger = readonly string[] | string

/** Requirements of a case on the kernel; without them the case is skipped. */
export interface Needs {
  readonly probes?: readonly FeatureName[]
  /** Functions, or their types in BTF. */
  readonly functions?: readonly string[]
  /** Programs of this machine. */
  readonly programs?: readonly string[]
  /** A loadable module of this kernel: `{module}` is its path. */
  readonly module?: boolean
}

/** Values of the placeholders in a case's texts, also for its expectations. */
export interface CaseVariables {
  /** `{folder}`: an empty folder of the case, the working directory of its processes. */
  readonly folder: string
  /** `{trigger}`: path of the workload. */
  readonly trigger: string
  /** `{pid}`: the process that hits; only available to the policy if the process starts first. */
  readonly pid: number
  /** `{module}`: path of the kernel module `dummy`; empty if there is none. */
  readonly module: string
}

/**
 * A policy, a process whose hits it posts and one whose hits it must not post. All texts may use
 * the placeholders of {@link CaseVariables}; `{pid}` only in policies of cases with `startFirst`.
 */
export interface PolicyCase {
  /** Distinguishes the case; unique within a construct. */
  readonly name: string
  readonly covers: Construct
  /** The `spec` of the policy, as YAML. */
  readonly policy: string
  readonly hit: Trigger
  /** Must not post an event. */
  readonly miss?: Trigger
  /** Number of events of the hit; default 1; 'some' means at least one. */
  readonly count?: number | 'some'
  /** Checks the events of the hit: the first event, and all. */
  expect?(event: HookEvent, all: readonly HookEvent[], place: CaseVariables): void
  readonly needs?: Needs
  /**
   * The result depends on the kernel: it runs on every kernel, even if others cover its construct.
   */
  readonly everyKernel?: boolean
  /** The processes start before the policy is loaded; they begin with `wait`, or `read line`. */
  readonly startFirst?: boolean
}

/** The name of its test, and its row in the table. */
export function caseTitle({ covers, name }: PolicyCase): string {
  return `${covers.kind} ${covers.name}: ${name}`
}
