import type { Test } from '../model/test.ts'
import { fold } from '../text/fold.ts'
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

/**
 * Literals of which a matching text contains at least one. Undefined if there are none: the test is
 * evaluated for each event.
 */
export function literalsOf(test: Test): readonly Literal[] | undefined {
  if (test.kind === 'regexp') {
    const found = requiredLiterals(test.source)
    return found?.map((text) => ({ text: fold(text), anchor: 'anywhere', decides: false }))
  }
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
