import type { HookEvent } from '@tetragon-ts/agent/testing'
import type { FeatureName } from '@tetragon-ts/ebpf/features'
import type { WorkloadName } from '@tetragon-ts/test/workloads'

/** The tested construct, for grouping in the table. */
export interface Construct {
  readonly kind: 'argument' | 'operator' | 'matcher' | 'action' | 'hook' | 'selector'
  /** As in policies: `char_buf`, `NotPrefix`, `matchPIDs`, `FollowFD`, `tracepoints`. */
  readonly name: string
}

/**
 * Actions of a process: words for the workload of the case (see test/workloads/trigger/main.c), or
 * a shell script.
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
  /** `{trigger}`: path of the workload `trigger`. */
  readonly trigger: string
  /** `{program}`: path of the workload of the case. */
  readonly program: string
  /** `{pid}`: the process that hits; only available to the policy if the process starts first. */
  readonly pid: number
  /** `{module}`: path of the kernel module `dummy`; empty if there is none. */
  readonly module: string
  /** `{NAME}`: further values that the case reads from the file of its program. */
  readonly facts: Readonly<Record<string, string>>
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
  /** The workload that `hit` and `miss` run; default `trigger`. */
  readonly program?: WorkloadName
  /** Values of further placeholders, from the file of the program. */
  facts?(program: string): Readonly<Record<string, string>>
  readonly hit: Trigger
  /** Must not post an event, and ends with status 0. */
  readonly miss?: Trigger
  /** Number of events of the hit; default 1; 'some' means at least one. */
  readonly count?: number | 'some'
  /** How the process of the hit ends; default: with status 0. */
  readonly end?: number | NodeJS.Signals
  /** What the process of the hit prints, if that matters. */
  readonly prints?: string
  /**
   * `execs`: instead of policy events, those of execs of programs in the folder are counted, each
   * with its exit. The default is the events of hooks.
   */
  readonly posts?: 'execs'
  /** Checks the events of the hit: the first event, and all. */
  expect?(event: HookEvent, all: readonly HookEvent[], place: CaseVariables): void
  /** The policy must be refused with this message: it is neither loaded nor tried. */
  readonly refused?: RegExp
  /** All back ends of its hooks must match this. */
  readonly backend?: RegExp
  readonly needs?: Needs
  /**
   * The result depends on the kernel: it runs on every kernel, even if others cover its construct.
   */
  readonly everyKernel?: boolean
  /**
   * The result depends on no kernel, because the agent decides or another case has the same
   * programs: in virtual machines, only a full run tries it.
   */
  readonly onHost?: boolean
  /** The processes start before the policy is loaded; they begin with `wait`, or `read line`. */
  readonly startFirst?: boolean
  /** The process of the hit ends after it reads a line, which it gets with its first event. */
  readonly isHeld?: boolean
}

/** The name of its test, and its row in the table. */
export function caseTitle({ covers, name }: PolicyCase): string {
  return `${covers.kind} ${covers.name}: ${name}`
}
