import type { HookEvent } from '@tetragon-ts/agent/testing'
import type { FeatureName } from '@tetragon-ts/ebpf/features'

/** What a case is about, as the table in docs groups them. */
export interface Construct {
  readonly kind: 'argument' | 'operator' | 'matcher' | 'action' | 'hook' | 'selector'
  /** As policies spell it: `char_buf`, `NotPrefix`, `matchPIDs`, `FollowFD`, `tracepoints`. */
  readonly name: string
}

/**
 * What a process does: words for the workload `trigger` (see test/workloads/trigger/main.c), or a
 * text for the shell. It must end with status 0.
 */
export type Trigger = readonly string[] | string

/** What a kernel must have for a case; where it lacks that, the case is skipped. */
export interface Needs {
  readonly probes?: readonly FeatureName[]
  /** Functions, or their names in the kernel's types. */
  readonly functions?: readonly string[]
  /** Programs of this machine. */
  readonly programs?: readonly string[]
  /** A module of this kernel that can be loaded: `{module}` is its path. */
  readonly module?: boolean
}

/** Values of the placeholders in a case's texts, also for its expectations. */
export interface CaseVariables {
  /** `{folder}`: an empty folder of the case, the working directory of its processes. */
  readonly folder: string
  /** `{trigger}`: path of the workload. */
  readonly trigger: string
  /** `{pid}`: the process that hits; known to the policy if it starts first. */
  readonly pid: number
  /** `{module}`: path of a kernel module named dummy; empty where there is none. */
  readonly module: string
}

/**
 * A policy, a process whose hits it posts and one whose hits it must not post. All texts may use
 * the placeholders of {@link CaseVariables}; `{pid}` only in policies of cases with `startFirst`.
 */
export interface PolicyCase {
  /** What is special about it; no two cases of a construct share one. */
  readonly name: string
  readonly covers: Construct
  /** The `spec` of the policy, as YAML. */
  readonly policy: string
  readonly hit: Trigger
  /** Posts nothing. */
  readonly miss?: Trigger
  /** How many events the hit posts; 1 if not given, at least one if 'some'. */
  readonly count?: number | 'some'
  /** Looks at what the hit posted: the first event, and all. */
  expect?(event: HookEvent, all: readonly HookEvent[], place: CaseVariables): void
  readonly needs?: Needs
  /** What it shows depends on the kernel: it is tried on each, though others have its construct. */
  readonly everyKernel?: boolean
  /** The processes run before the policy is loaded; they begin with `wait`, or `read line`. */
  readonly startFirst?: boolean
}

/** The name of its test, and its row in the table. */
export function caseTitle({ covers, name }: PolicyCase): string {
  return `${covers.kind} ${covers.name}: ${name}`
}
