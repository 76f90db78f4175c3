import { nearest } from '@tetragon-ts/api/nearest'

/**
 * What a term can be about: `pod:xwing`. `file` and `address` are what the operation of a hook was
 * about; `exec` is the exec id of a process; `rule` and `level` are those of findings.
 */
export const fieldNames = [
  'kind',
  'binary',
  'user',
  'pod',
  'container',
  'policy',
  'pid',
  'node',
  'hook',
  'file',
  'address',
  'action',
  'level',
  'rule',
  'exec',
] as const
export type FieldName = (typeof fieldNames)[number]

/** Names of terms: those of fields, and `tree`, a process with everything below it. */
export const termNames = [...fieldNames, 'tree'] as const
export type TermName = (typeof termNames)[number]

/** A filter as it is typed, in its two parts. */
export interface FilterText {
  readonly terms: string
  /** The CEL expression after `cel:`; empty without one. */
  readonly expression: string
  /** Index of the expression in the text. */
  readonly expressionStart: number
}

/** What is wrong with a filter, and where: a range of the text. */
export interface FilterProblem {
  readonly start: number
  readonly end: number
  readonly message: string
}

/** Quoted text, or the start of the expression. */
const partForm = /"[^"]*"?|(?<=^|\s)cel:/gi

/** Splits a filter into terms and the expression after them. */
export function splitFilter(text: string): FilterText {
  const start = [...text.matchAll(partForm)].find(([part]) => !part.startsWith('"'))
  if (start === undefined) return { terms: text, expression: '', expressionStart: text.length }
  const after = start.index + start[0].length
  const expression = text.slice(after).trim()
  const expressionStart = after + text.slice(after).search(/\S|$/)
  return { terms: text.slice(0, start.index), expression, expressionStart }
}

/** Adds a term to a filter, in front of its expression. */
export function addTerm(text: string, term: string): string {
  const { terms } = splitFilter(text)
  return [terms.trim(), term, text.slice(terms.length)].filter((part) => part !== '').join(' ')
}

/** A word before a colon; not of `https://…`, and not of `host:443`. */
const nameForm = /"[^"]*"?|(?<![^\s-])([a-z]+):(?!\/\/|\d)/gi

/** The words before a colon that are not fields: they are searched for as they are. */
export function unknownFields(text: string): FilterProblem[] {
  return [...splitFilter(text).terms.matchAll(nameForm)].flatMap(({ 1: name, index: start }) => {
    if (name === undefined || termNames.some((each) => each === name.toLowerCase())) return []
    const similar = nearest(name, termNames)
    const hint =
      similar === undefined ? `fields are ${termNames.join(', ')}` : `did you mean "${similar}"?`
    const message = `unknown field "${name}", which is searched for as text: ${hint}`
    return [{ start, end: start + name.length, message }]
  })
}
