/** What differs in each run: ids, times, hashes, addresses, counts. */
const wildcards: readonly RegExp[] = [
  // Events: ids in base 64, times, ids of containers and the first 31 digits of one.
  /\ba2luZC1[\w+/]+=*/,
  /\b\d{4}-\d\d-\d\dT[\d:.]+Z/,
  /\b[0-9a-f]{64}\b/,
  /\b[0-9a-f]{31}\b/,
  // The lines of sockets.
  /\b\d+\.\d+\.\d+\.\d+:\d+/,
  /\bbytes \d+$/,
  /\b\d+ bytes$/,
  // Helm and kubectl: the time of an installation, the age of a pod, the suffix of its name.
  /\b[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d [\d:]{8} \d{4}$/,
  /\b\d+m\d+s$/,
  /\b[0-9a-f]{9}-[a-z0-9]{5}\b/,
]

/** The form of each wildcard in another run. */
const forms: readonly string[] = [
  ...['[\\w+/]+=*', '\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z', '[0-9a-f]{64}', '[0-9a-f]{31}'],
  ...['\\d+\\.\\d+\\.\\d+\\.\\d+:\\d+', 'bytes \\d+', '\\d+ bytes'],
  ...['\\w{3} \\w{3} [ \\d]\\d [\\d:]{8} \\d{4}', '(?:\\d+[hms])+', '[a-z0-9]{7,10}-[a-z0-9]{5}'],
]

const anyWildcard = new RegExp(wildcards.map(({ source }) => `(${source})`).join('|'))

/** Words that depend on the node, not on the agent: theirs on the test cluster. */
export type Replacements = Readonly<Record<string, string>>

/** A pattern for a text of the walk-through in another run. */
export function patternOf(text: string, replacements: Replacements): RegExp {
  let expected = text
  for (const [word, ours] of Object.entries(replacements))
    expected = expected.replaceAll(word, ours)
  let pattern = ''
  for (let rest = expected; rest !== ''; ) {
    const found = anyWildcard.exec(rest)
    if (found === null) {
      pattern += literal(rest)
      break
    }
    const which = found.slice(1).findIndex((group) => group !== undefined)
    pattern += literal(rest.slice(0, found.index)) + forms[which]
    rest = rest.slice(found.index + found[0].length)
  }
  return new RegExp(`^${pattern}$`)
}

function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
