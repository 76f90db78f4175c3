import { findingLevels } from '@tetragon-ts/api'
import { type FieldName, splitFilter, type TermName, termNames } from './filter-text.ts'
import type { ProcessFacts } from './process-facts.ts'
import { Word } from './word.ts'

/** What a filter sees of an event or of a process. */
export interface Subject {
  /** Whether a word is in a text of it. */
  has(word: Word): boolean
  /** As in {@link fieldNames}; missing ones are empty. */
  readonly fields: Readonly<Partial<Record<FieldName, string>>>
  /** The event in wire form, for expressions; processes have none. */
  readonly bytes?: Uint8Array
}

export type Match = (subject: Subject) => boolean

/** A term of a filter, as it is written. */
export interface Term {
  readonly isWanted: boolean
  /** Undefined: the word may be anywhere. */
  readonly field: TermName | undefined
  readonly text: string
}

/** Whether a test accepts the process with an exec id or one above it, as far as they are known. */
export type IsBelow = (
  execId: string,
  test: (facts: Pick<ProcessFacts, 'execId' | 'pid'>) => boolean,
) => boolean

/** A term; options of programs, such as `--one`, are words. */
const form = /(-(?!-)|)(?:([a-z]+):)?(?:"([^"]*)"?|([^\s"]+))/g

/**
 * A filter as it is typed: terms that must all hold, whatever their case. A word must be in a
 * text; `pod:xwing` must be in a field, and `pid:=1` must be all of it. `*` stands for any
 * characters: then the field must match as a whole. `tree:=…` is a process or one below it.
 * A term after `-` must not hold. Quotes hold words together.
 * @param expression tests what the terms let pass; expressions are compiled by compileExpression
 * @param isBelow for terms about the tree of a process
 */
export function compileFilter(
  text: string,
  expression: Match = () => true,
  isBelow: IsBelow = () => false,
): Match {
  const conditions = termsOf(splitFilter(text).terms).map(({ isWanted, field, text: wanted }) => {
    if (field === undefined) {
      const word = new Word(wanted)
      return (subject: Subject) => subject.has(word) === isWanted
    }
    if (field === 'tree') {
      const isTop = topOfTree(wanted)
      return ({ fields }: Subject) => isBelow(fields.exec ?? '', isTop) === isWanted
    }
    const holds = (field === 'level' ? atLeast(wanted) : undefined) ?? matcher(wanted)
    return ({ fields }: Subject) => holds((fields[field] ?? '').toLowerCase()) === isWanted
  })
  return (subject) => conditions.every((condition) => condition(subject)) && expression(subject)
}

/** The terms of a filter without its expression. */
export function termsOf(text: string): Term[] {
  return [...text.toLowerCase().matchAll(form)].flatMap(
    ([whole, minus, name = '', quoted, plain]) => {
      const field = termNames.find((each) => each === name)
      const isWanted = minus === ''
      // Another word before a colon is a part of the word: `https://…`.
      if (name !== '' && field === undefined) {
        const word = whole.slice(minus.length).replaceAll('"', '')
        return [{ isWanted, field: undefined, text: word }]
      }
      const value = quoted ?? plain ?? ''
      // The name of a field whose value is still to come.
      const isUnfinished = termNames.some((each) => value === `${each}:`)
      return value === '' || isUnfinished ? [] : [{ isWanted, field, text: value }]
    },
  )
}

function contains(wanted: string): (value: string) => boolean {
  return (value) => value.includes(wanted)
}

/** `=text` is the whole field, `*` stands for any characters, and other text is a part of it. */
function matcher(wanted: string): (value: string) => boolean {
  if (wanted.startsWith('=')) return (value) => value === wanted.slice(1)
  return wanted.includes('*') ? pattern(wanted) : contains(wanted)
}

/** `tree:12` is that of a pid, of which there may be several; other texts are about exec ids. */
function topOfTree(wanted: string): (facts: Pick<ProcessFacts, 'execId' | 'pid'>) => boolean {
  if (/^\d+$/.test(wanted)) return ({ pid }) => String(pid) === wanted
  const isExecId = matcher(wanted)
  return ({ execId }) => isExecId(execId.toLowerCase())
}

const levels: readonly string[] = findingLevels

/** `level:medium` is medium or above; undefined for another text. */
function atLeast(wanted: string): ((value: string) => boolean) | undefined {
  const least = levels.indexOf(wanted)
  return least < 0 ? undefined : (value) => levels.indexOf(value) >= least
}

/** Without backtracking: the parts between the stars must come one after the other. */
function pattern(wanted: string): (value: string) => boolean {
  const [first, ...others] = wanted.split('*')
  const last = others.pop() ?? ''
  return (value) => {
    if (!value.startsWith(first)) return false
    let at = first.length
    for (const part of others) {
      const found = value.indexOf(part, at)
      if (found < 0) return false
      at = found + part.length
    }
    return value.length - last.length >= at && value.endsWith(last)
  }
}

/**
 * A term for exactly this value of a field: `pod:=default/xwing`. In one with quotes, stars stand
 * for these, and for a first `=`, which would be a sign of its own.
 */
export function termOf(field: TermName, value: string, isWanted = true): string {
  const exact = value.includes('"') ? value.replaceAll(/^=|"/g, '*') : `=${value}`
  const text = /[\s"]/.test(value) ? `"${exact}"` : exact
  return `${isWanted ? '' : '-'}${field}:${text}`
}
