/** Languages in which a job brings a program of its own. */
export type Language = 'c' | 'perl' | 'python'

/**
 * What a person or program does on a machine, as data. It runs in a root that is thrown away
 * (`throw-away-root.ts`): scripts may change every file, and use every address of the loopback
 * interface there.
 */
export interface Job {
  /** Unique, kebab-case, stable: the page and the rotation name it. */
  readonly id: string
  readonly title: string
  /**
   * The script. It is run from a file, so that no program has its text as an argument.
   * `$PROGRAM` is its own program.
   */
  readonly run: string
  /** Interpreter of the script: `sh` if absent. */
  readonly shell?: 'bash' | 'busybox'
  /** User of the script: root if absent. */
  readonly as?: 'ann'
  /** A program of its own, compiled before if necessary; its path is `$PROGRAM`. */
  readonly program?: { readonly language: Language; readonly text: string }
  /** Prepares what the script finds on the machine; not part of what is observed. */
  readonly before?: string
  /**
   * A test that it had its effect: a script that succeeds. `$OUT` is the file with its output. If
   * absent, its own exit code decides.
   */
  readonly effect?: string
  /** Programs that the machine must have. */
  readonly needs?: readonly string[]
  /** What the kernel or machine must offer: a script that succeeds. */
  readonly requires?: string
  /** Restores what the throw-away root does not: settings of the kernel. */
  readonly cleanup?: string
  /** Why it cannot run without changing the machine; then it never runs. */
  readonly omitted?: string
}

/** What an attacker does. */
export interface Action extends Job {
  /** The technique of ATT&CK that a finding must name: `T1053.003`. */
  readonly technique: string
  /** Why it is not found, where that is known. */
  readonly blind?: string
}

/** Actions of one tactic of ATT&CK. */
export interface Tactic {
  readonly title: string
  readonly actions: readonly Action[]
}
