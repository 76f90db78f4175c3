import { findingLevels } from '@tetragon-ts/api'
import { type Term, termsOf } from '../store/filter.ts'
import { splitFilter } from '../store/filter-text.ts'
import { code } from './markdown.ts'

const levels: readonly string[] = findingLevels

/** The conditions of a filter in words, as Markdown: all of them must hold. */
export function filterWords(text: string): string[] {
  const { terms, expression } = splitFilter(text)
  const conditions = termsOf(terms).map(wordsOf)
  return expression === '' ? conditions : [...conditions, `CEL expression: ${code(expression)}`]
}

function wordsOf({ isWanted, field, text }: Term): string {
  const not = isWanted ? '' : 'not: '
  if (field === undefined) return `${not}a text contains ${code(text)}`
  const value = text.startsWith('=') ? text.slice(1) : text
  if (field === 'tree') {
    const name = /^\d+$/.test(text) ? 'pid' : 'exec id'
    return `${not}the process with ${name} ${code(value)}, or one below it`
  }
  if (field === 'level' && levels.includes(text)) return `${not}level ${text} or above`
  if (text.startsWith('=')) return `${not}${field} is ${code(value)}`
  return `${not}${field} ${text.includes('*') ? 'matches' : 'contains'} ${code(text)}`
}
