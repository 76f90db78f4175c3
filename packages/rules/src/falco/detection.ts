import type { Term, TermValue } from './term.ts'

/** A detection of Sigma: search identifiers, and the condition that joins them. */
export type Detection = Readonly<Record<string, unknown>> & { readonly condition: string }

type Test = Extract<Term, { readonly kind: 'test' }>
/** A search identifier whose members must all match. */
type Members = Record<string, TermValue | readonly TermValue[]>

/** Writes a term as a detection. */
export function detectionOf(term: Term): Detection {
  const writer = new DetectionWriter()
  const condition = writer.write(grouped(term))
  return { ...writer.identifiers, condition }
}

/** Tests that are joined by `and` with other terms come first, as one identifier. */
function grouped(term: Term): Term {
  if (term.kind !== 'and') return term
  const tests = term.of.filter((each) => each.kind === 'test')
  if (tests.length < 2) return term
  const others = term.of.filter((each) => each.kind !== 'test')
  return { ...term, of: [{ ...term, of: tests }, ...others] }
}

class DetectionWriter {
  readonly identifiers: Record<string, unknown> = {}
  /** Terms that occur again, such as macros, are written once. */
  readonly #names = new Map<Term, string>()
  readonly #numbers = new Map<string, number>()

  write(term: Term, outer: 'or' | 'and' | 'not' | 'top' = 'top', isException = false): string {
    const known = this.#names.get(term)
    if (known !== undefined) return known
    const content = contentOf(term)
    if (content !== undefined) {
      const name = this.#name(isException ? 'exception' : 'selection')
      this.identifiers[name] = content
      this.#names.set(term, name)
      return name
    }
    if (term.kind === 'not') return `not ${this.write(term.of, 'not', !isException)}`
    if (term.kind !== 'and' && term.kind !== 'or') throw new TypeError(`no test: ${term.kind}`)
    const parts = term.of.map((each) => this.write(each, term.kind, isException))
    const joined = parts.join(` ${term.kind} `)
    return outer === 'top' || outer === term.kind ? joined : `(${joined})`
  }

  #name(kind: string): string {
    const number = (this.#numbers.get(kind) ?? 0) + 1
    this.#numbers.set(kind, number)
    return number === 1 ? kind : `${kind}_${number}`
  }
}

/** A term as the content of one identifier; undefined if it needs a condition. */
function contentOf(term: Term): Members | readonly Members[] | undefined {
  if (term.kind === 'test') return mapOf([term])
  if (term.kind === 'and') return isTests(term.of) ? mapOf(term.of) : undefined
  if (term.kind !== 'or') return undefined
  const maps = term.of.map((each) => {
    return each.kind === 'test'
      ? mapOf([each])
      : each.kind === 'and' && isTests(each.of)
        ? mapOf(each.of)
        : undefined
  })
  return maps.every((each) => each !== undefined) ? maps : undefined
}

function isTests(terms: readonly Term[]): terms is readonly Test[] {
  return terms.every((each) => each.kind === 'test')
}

/** Tests as the members of a map; undefined if two have the same key. */
function mapOf(tests: readonly Test[]): Members | undefined {
  const map: Members = {}
  for (const { key, values } of tests) {
    if (Object.hasOwn(map, key)) return undefined
    map[key] = values.length === 1 ? values[0] : values
  }
  return map
}
