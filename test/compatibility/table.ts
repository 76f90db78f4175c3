/** State of a feature of Tetragon. */
export type State = 'same' | 'better' | 'omitted'

/** A feature of Tetragon's public interface, or of ours. */
export interface Entry {
  readonly name: string
  readonly state: State
  /** The improvement, or the reason why it is omitted; optional for equal features. */
  readonly note: string
}

/** A part of the page, with its errors. */
export interface Section {
  readonly title: string
  readonly intro: string
  readonly entries: readonly Entry[]
  /** What all fields of a message are called, if equal messages are listed by name only. */
  readonly wholes?: string
  /** Features that Tetragon does not have. */
  readonly ours: readonly { readonly name: string; readonly note: string }[]
  /** Disagreements with our code. */
  readonly problems: readonly string[]
}

/** Entries that are not simply equal. */
export type Exception = readonly [state: 'same' | 'better' | 'omitted', note: string]
export type Exceptions = Readonly<Record<string, Exception>>

/** Better than the original, with the improvement. */
export function better(note: string): Exception {
  return ['better', note]
}

/** Missing, with the reason. */
export function leftOut(note: string): Exception {
  return ['omitted', note]
}

/** Equal, with a remark. */
export function same(note: string): Exception {
  return ['same', note]
}

/** Names to compare: Tetragon's, ours, and exceptions. */
export interface Comparison {
  readonly theirs: readonly string[]
  readonly ours: ReadonlySet<string>
  readonly exceptions: Exceptions
  /** Accepted although omitted, for compatibility with clients and files. */
  readonly understood?: (name: string) => boolean
}

/** Creates the entries, and finds outdated exceptions and states. */
export function compare({ theirs, ours, exceptions, understood = () => false }: Comparison): {
  readonly entries: readonly Entry[]
  readonly problems: string[]
} {
  const problems: string[] = []
  const known = new Set(theirs)
  for (const name of Object.keys(exceptions)) {
    if (!known.has(name)) problems.push(`${name} has a note, but Tetragon does not have it`)
  }
  const entries = theirs.map((name): Entry => {
    const [state, note] = exceptions[name] ?? ['same', '']
    if (state === 'omitted' && ours.has(name) !== understood(name)) {
      problems.push(`${name} is omitted, and ${understood(name) ? 'not understood' : 'there'}`)
    }
    if (state !== 'omitted' && !ours.has(name)) problems.push(`${name} is ${state}, but not there`)
    if (state !== 'same' && note === '') problems.push(`${name} is ${state}: say why`)
    return { name, state, note }
  })
  return { entries, problems }
}
