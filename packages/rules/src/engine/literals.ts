import { type Syntax, withBothCases } from '@tetragon-ts/policy/regexp'
import type { Test } from '../model/test.ts'
import { fold } from '../text/fold.ts'
import { partsOf } from './expression-head.ts'
import { requiredLiterals } from './regexp-literals.ts'

/** How a literal must lie in the field for its test to match. */
export type Anchor = 'anywhere' | 'start' | 'end' | 'whole'

/** A literal that a matching text contains, folded. */
export interface Literal {
  readonly text: string
  readonly anchor: Anchor
  /** Whether the occurrence alone decides; otherwise the test is then evaluated. */
  readonly decides: boolean
}

/** What a text has if it may match a test. */
export interface Requirement {
  /** Literals of which it contains at least one; undefined: none are certain. */
  readonly literals: readonly Literal[] | undefined
  /** Expression that it matches from its start on. */
  readonly head?: readonly Syntax[]
  /** Whether the head alone decides. */
  readonly headDecides: boolean
  /** Of a regular expression. */
  readonly syntax?: Syntax | undefined
}

/** Requirements of tests that are compiled: each is found once, and forgotten when it is used. */
export class Requirements {
  readonly #found = new Map<Test, Requirement>()

  of(test: Test): Requirement {
    let requirement = this.#found.get(test)
    if (requirement === undefined) {
      requirement = requirementOf(test)
      this.#found.set(test, requirement)
    }
    return requirement
  }

  /** The same for the last use. */
  take(test: Test): Requirement {
    const requirement = this.#found.get(test)
    this.#found.delete(test)
    return requirement ?? requirementOf(test)
  }
}

/** What is found by searching a text, before a test is evaluated. */
export function requirementOf(test: Test): Requirement {
  if (test.kind !== 'regexp') {
    const head = headOfText(test)
    if (head !== undefined) return { literals: undefined, head, headDecides: true }
    return { literals: textLiterals(test), headDecides: false }
  }
  const { syntax } = test.pattern
  if (syntax === undefined) return { literals: undefined, headDecides: false }
  const parts = partsOf(syntax)
  const searched: Syntax = parts ? { kind: 'sequence', of: parts.rest } : syntax
  const literals = requiredLiterals(searched)?.map(
    (text): Literal => ({ text, anchor: 'anywhere', decides: false }),
  )
  if (parts === undefined) return { literals, headDecides: false, syntax }
  return { literals, head: parts.head, headDecides: parts.rest.length === 0, syntax }
}

/** Longer texts are rare enough to be searched. */
const commonMax = 2

/** A short text that a value begins with: to search for it everywhere costs more than it saves. */
function headOfText(test: Test): readonly Syntax[] | undefined {
  if (test.kind !== 'text' || test.cased || test.text[1] !== 0 || test.text.length !== 2) {
    return undefined
  }
  const [text] = test.text
  if (typeof text !== 'string' || text.length > commonMax) return undefined
  const elements: Syntax[] = []
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    const set = code < 128 ? withBothCases([code, code]) : undefined
    if (set === undefined) return undefined
    elements.push({ kind: 'set', set })
  }
  return elements
}

function textLiterals(test: Test): readonly Literal[] | undefined {
  if (test.kind !== 'text') return undefined
  const { text: parts, cased } = test
  const texts = parts.filter((part) => typeof part === 'string')
  if (texts.length === 0) return undefined
  let longest = texts[0]
  for (const each of texts) if (each.length > longest.length) longest = each
  const shape = parts
    .map((part) => (typeof part === 'string' ? 'x' : part === 0 ? '*' : '?'))
    .join('')
  const anchor = anchors.get(shape)
  // Folded texts may have another length than the written ones, so only their order is certain.
  if (anchor !== undefined) return [{ text: fold(longest), anchor, decides: !cased }]
  return [{ text: fold(longest), anchor: 'anywhere', decides: false }]
}

const anchors = new Map<string, Anchor>([
  ['x', 'whole'],
  ['x*', 'start'],
  ['*x', 'end'],
  ['*x*', 'anywhere'],
])
