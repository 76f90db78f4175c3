import type { Located } from '../arguments/located.ts'
import type { NamedList } from '../arguments/named-list.ts'
import type { Hook } from './hook.ts'
import type { LabelSelector } from './label-selector.ts'

/** A complete policy. */
export interface Policy {
  readonly kind: 'TracingPolicy' | 'TracingPolicyNamespaced'
  readonly name: string
  /** Namespace of a TracingPolicyNamespaced; else empty. */
  readonly namespace: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  /** All hooks in their order in the document, section by section. */
  readonly hooks: readonly Hook[]
  readonly lists: ReadonlyMap<string, NamedList>
  readonly enforcers: readonly Enforcer[]
  readonly loader: boolean
  readonly options: PolicyOptions
  /** Workloads that it applies to; undefined: all. */
  readonly podSelector?: LabelSelector
  readonly containerSelector?: LabelSelector
  readonly hostSelector?: LabelSelector
  readonly nodeSelector?: LabelSelector
}

/** Values of the option `override-method`; `cgroup` and `fanotify` are ours. */
export const overrideMethods = ['fmod-ret', 'override-return', 'cgroup', 'fanotify'] as const
export type OverrideMethod = (typeof overrideMethods)[number]

/** `spec.options`, each with its default. */
export interface PolicyOptions {
  readonly disableKprobeMulti: boolean
  readonly disableUprobeMulti: boolean
  /** Which means must carry out Override; one with a weakness is used only if it is named. */
  readonly overrideMethod?: OverrideMethod
  readonly mode: 'enforce' | 'monitor'
  /** Ours: hooks only the functions themselves, never an equivalent (`exact-hooks`). */
  readonly exactHooks: boolean
  /** Ours (`unreadable-arguments`): what enforcing selectors do if an argument is unreadable. */
  readonly unreadableArguments: 'enforce' | 'allow'
  /** Ours (`unknown-workloads`): the same while the workload of the process is unknown. */
  readonly unknownWorkloads: 'enforce' | 'allow'
  /** Ours (`equal-refusals`): whether equal refusals are one event, with their number. */
  readonly equalRefusals: 'count' | 'post'
  /** Ours (`export`): whether an event is only exported if a detection rule has a finding on it. */
  readonly exports: 'all' | 'findings'
  /**
   * Ours (`process-limit`): maximum number of processes that enforcing actions hit within a minute;
   * beyond it the policy monitors.
   */
  readonly processLimit?: number
  /** `sleepable-preload-size`, as in the document. */
  readonly sleepablePreloadSize?: number
}

/** Calls that `NotifyEnforcer` can stop (`spec.enforcers`). */
export interface Enforcer extends Located {
  /** The calls as hooks without selectors. */
  readonly hooks: readonly Hook[]
}
