import type { FalcoCondition } from './condition.ts'
import { type FalcoMacros, findMacro } from './translate.ts'

const opens = ['open', 'openat', 'openat2']

/** The event types that a condition names, also by its macros: the events it can be about. */
export function eventTypes(condition: FalcoCondition, macros: FalcoMacros): Set<string> {
  const types = new Set<string>()
  const seen = new Set<string>()
  const visit = (each: FalcoCondition): void => {
    if (each.kind === 'not') visit(each.of)
    else if (each.kind === 'and' || each.kind === 'or') each.of.forEach(visit)
    else if (each.kind === 'macro') {
      if (seen.has(each.name)) return
      seen.add(each.name)
      visit(findMacro(macros, each.name))
    } else if (each.kind === 'check') {
      const { field, operator, values } = each
      const isType = field.name === 'evt.type' || field.name === 'syscall.type'
      if (isType && operator !== '!=') for (const value of values) types.add(value)
      if (field.name === 'evt.type.is' && field.argument) types.add(field.argument)
      const isOpen = /^evt\.is_open_(?:read|write)$/.test(field.name)
      if (isOpen) for (const name of opens) types.add(name)
    }
  }
  visit(condition)
  return types
}
