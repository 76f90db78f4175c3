import type { Diagnostic, DryRunReport } from '@tetragon-ts/policy'

// Results of the worker about a text of policies.

/** What is shown at a position of a text. */
export interface Finding extends Pick<Diagnostic, 'severity' | 'line' | 'column' | 'suggestion'> {
  /** The message with hints and the path. */
  readonly text: string
  /** Stable; undefined for errors of agents. */
  readonly code?: string
}

/** A policy of a text. */
export interface CheckedPolicy {
  readonly name: string
  readonly namespace: string
  /** Whether it acts on processes, and does not only monitor. */
  readonly enforces: boolean
}

/** The policies of a text, and what is wrong with it. */
export interface PolicyCheck {
  /** By position. */
  readonly findings: readonly Finding[]
  /** Those that can be loaded. */
  readonly policies: readonly CheckedPolicy[]
  /** The text with the policy in mode monitor; undefined: it is not one policy that enforces. */
  readonly monitored?: string
}

/** Events that a selector would have matched. */
export interface SelectorMatches {
  /** Such as `spec.kprobes[0].selectors[1]`; that of the hook if it has no selectors. */
  readonly path: string
  readonly label: string
  /** Function or place of the hook. */
  readonly call: string
  readonly events: number
}

/** A kept event that a policy would have matched. */
export interface MatchedEvent {
  /** Number of the event. */
  readonly id: number
  /** Milliseconds since 1970. */
  readonly time: number
  readonly line: string
  /** Path of the selector. */
  readonly selector: string
}

/** What a policy would have done with the kept events. */
export interface PolicyOutcome {
  readonly name: string
  readonly selectors: readonly SelectorMatches[]
  /** Hooks whose calls no event records. */
  readonly unrecorded: readonly string[]
  readonly undecided: DryRunReport['undecided']
  readonly assumptions: readonly string[]
}

/** A dry run against the kept events. */
export interface TrialResult {
  /** Number of events that were tried. */
  readonly events: number
  /** Number of those that at least one selector matches. */
  readonly matched: number
  readonly policies: readonly PolicyOutcome[]
  /** The last ones. */
  readonly matches: readonly MatchedEvent[]
}
