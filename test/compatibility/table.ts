/** How a thing of Tetragon is here. */
export type State = 'same' | 'better' | 'left out'

/** A thing of Tetragon's public interface, or of ours alone. */
export interface Entry {
  readonly name: string
  readonly state: State
  /** In what it is better, or why it is left out; may say something of what is the same. */
  readonly note: string
}

/** A part of the page, with what is wrong about it. */
export interface Section {
  readonly title: string
  readonly intro: string
  readonly entries: readonly Entry[]
  /** What Tetragon does not have. */
  readonly ours: readonly { readonly name: string; readonly note: string }[]
  /** Whatever does not agree with our code. */
  readonly problems: readonly string[]
}

/** What is not simply the same. */
export type Exception = readonly [state: 'same' | 'better' | 'left out', note: string]
export type Exceptions = Readonly<Record<string, Exception>>

/** Better than the original, and in what. */
export function better(note: string): Exception {
  return ['better', note]
}

/** Not there, and why. */
export function leftOut(note: string): Exception {
  return ['left out', note]
}

/** The same, with something to say. */
export function same(note: string): Exception {
  return ['same', note]
}

/** What is to be compared: names of Tetragon, names of ours, and what is special about some. */
export interface Comparison {
  readonly theirs: readonly string[]
  readonly ours: ReadonlySet<string>
  readonly exceptions: Exceptions
  /** What is understood although it is left out, for the sake of clients and files. */
  readonly understood?: (name: string) => boolean
}

/** Makes the entries, and finds exceptions and states that are not true. */
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
    if (state === 'left out' && ours.has(name) !== understood(name)) {
      problems.push(`${name} is left out, and ${understood(name) ? 'not understood' : 'there'}`)
    }
    if (state !== 'left out' && !ours.has(name)) problems.push(`${name} is ${state}, but not there`)
    if (state !== 'same' && note === '') problems.push(`${name} is ${state}: say why`)
    return { name, state, note }
  })
  return { entries, problems }
}
