import type { Test } from '../model/test.ts'

/** A value while modifiers change it: a test, or bytes that an encoding produced. */
export type Draft = Test | { readonly kind: 'bytes'; readonly bytes: Uint8Array }

/** An item of a detection: a field with its values, while modifiers are applied in order. */
export interface Item {
  /** Undefined for keywords. */
  readonly field: string | undefined
  /** For each written value its alternatives; the values are joined by OR, or by AND with `all`. */
  values: readonly (readonly Draft[])[]
  all: boolean
  negated: boolean
  /** Modifiers that were applied. */
  readonly applied: string[]
}

/** A modifier of Sigma, such as `contains`. */
export interface Modifier {
  readonly name: string
  readonly aliases?: readonly string[]
  /** Its meaning, for documentation. */
  readonly doc: string
  /** Changes the item. @throws ModifierError if it cannot be used here */
  apply(item: Item, context: ModifierContext): void
}

/** What modifiers need besides the item. */
export interface ModifierContext {
  /** Values of placeholders by name. */
  readonly placeholders: Readonly<Record<string, readonly string[]>>
}

/** Thrown by a modifier for an item that it does not accept; becomes a diagnostic. */
export class ModifierError extends Error {
  override readonly name = 'ModifierError'
  readonly code = 'RULE_MODIFIER'
}

/** Replaces each alternative. */
export function changeEach(item: Item, change: (draft: Draft) => Draft | readonly Draft[]): void {
  item.values = item.values.map((alternatives) => {
    return alternatives.flatMap((draft) => change(draft))
  })
}

/** The modifier must come first. */
export function requireFirst(item: Item, name: string): void {
  if (item.applied.length > 0) {
    throw new ModifierError(`${name} must be the first modifier, before ${item.applied[0]}`)
  }
}

/** A text value without wildcards. @throws ModifierError for other values */
export function requirePlain(draft: Draft, name: string): string {
  if (draft.kind !== 'text') throw new ModifierError(`${name} needs a text`)
  if (draft.text.some((part) => typeof part !== 'string')) {
    throw new ModifierError(
      `${name} does not accept wildcards: write \\* or \\? for the characters`,
    )
  }
  return draft.text.join('')
}

/** A number value. @throws ModifierError for other values */
export function requireNumber(draft: Draft, name: string): number {
  const text = draft.kind === 'text' ? draft.text.join('') : ''
  const number = Number(text)
  if (text.trim() === '' || !Number.isFinite(number))
    throw new ModifierError(`${name} needs a number`)
  return number
}
