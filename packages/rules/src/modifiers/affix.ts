import type { Test } from '../model/test.ts'
import { anyLength, type WildcardText } from '../text/wildcard.ts'
import { changeEach, type Draft, type Item, ModifierError } from './modifier.ts'

/** Ends of a value that a modifier leaves open. */
export interface OpenEnds {
  readonly before: boolean
  readonly after: boolean
}

function widen(text: WildcardText, { before, after }: OpenEnds): WildcardText {
  const parts = [...text]
  if (before && parts[0] !== anyLength) parts.unshift(anyLength)
  if (after && parts.at(-1) !== anyLength) parts.push(anyLength)
  return parts
}

function positionOf({ before, after }: OpenEnds): 'start' | 'end' | 'anywhere' {
  return before && after ? 'anywhere' : before ? 'end' : 'start'
}

function widened(draft: Draft, ends: OpenEnds, name: string): Draft {
  switch (draft.kind) {
    case 'text':
      return { ...draft, text: widen(draft.text, ends) }
    case 'bytes':
      return { kind: 'text', text: widen([latin1(draft.bytes)], ends), cased: false }
    // Regular expressions are searched unanchored: open ends are what they have.
    case 'regexp':
      return draft
    case 'field':
      return { ...draft, position: positionOf(ends) }
    default:
      throw new ModifierError(`${name} needs a text`)
  }
}

/** Lets values match with more text before or after them. */
export function openEnds(item: Item, ends: OpenEnds, name: string): void {
  changeEach(item, (draft) => widened(draft, ends, name))
}

/** Bytes as a text with a character for each. */
export function latin1(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return text
}

/** The test of a value when all modifiers are applied. */
export function finished(draft: Draft): Test {
  if (draft.kind !== 'bytes') return draft
  return { kind: 'text', text: [latin1(draft.bytes)], cased: false }
}
