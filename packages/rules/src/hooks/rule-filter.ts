import { valueTest } from '../engine/test-value.ts'
import type { FieldRef } from '../log-sources/field-ref.ts'
import type { FieldSource, HookUse } from '../log-sources/hook-use.ts'
import type { Expression } from '../model/expression.ts'
import type { Test } from '../model/test.ts'
import { plainText } from '../text/wildcard.ts'
import {
  both,
  type Conjunction,
  either,
  type KernelFilter,
  passAll,
  passNone,
} from './kernel-filter.ts'
import { readings } from './readings.ts'

/**
 * What the kernel must pass so that a condition sees every call of a hook that it can match: it may
 * pass too much, never too little. Only tests of arguments narrow, and of negated ones those that
 * the kernel decides alike. Letters outside of ASCII that equal one of ASCII if case is ignored
 * (`ſ`, the Kelvin sign) are an exception: the kernel does not know them.
 */
export function kernelFilter(condition: Expression, use: HookUse): KernelFilter {
  const own = filterOf(condition, use, false)
  return use.always === undefined ? own : both([[use.always], own])
}

function filterOf(expression: Expression, use: HookUse, negated: boolean): KernelFilter {
  switch (expression.kind) {
    case 'not':
      return filterOf(expression.of, use, !negated)
    case 'test':
      return ofTest(expression.field, expression.test, use, negated)
    default: {
      const parts = expression.of.map((each) => filterOf(each, use, negated))
      return (expression.kind === 'and') === negated ? either(parts) : both(parts)
    }
  }
}

function ofTest(field: FieldRef, test: Test, use: HookUse, negated: boolean): KernelFilter {
  if (field.of !== 'event' || test.kind === 'field') return passAll
  const source = sourceOf(field.path, use)
  if (source === 'unknown') return passAll
  if ('constant' in source) {
    return valueTest(test)(source.constant) === negated ? passNone : passAll
  }
  if ('folder' in source) return negated ? passAll : inFolder(test, source)
  const { as, argument } = source
  const reading = readings[as]
  if (!negated) return reading.filter(test, argument)
  return reading.not?.(test, argument) ?? passAll
}

function sourceOf(name: string, { fields, otherFields }: HookUse): FieldSource {
  if (Object.hasOwn(fields, name)) return fields[name]
  return name === 'UtcTime' ? 'unknown' : (otherFields?.(name) ?? { constant: undefined })
}

interface PathInFolder {
  readonly folder: number
  readonly file: number
}

/**
 * A path is that of a folder, which is complete, and the last part of an entry, whose path begins
 * at its mount: the folder of a start is certain, and the last part of an end. If no complete path
 * can match, the hooks of kernels without this one still see relative ones.
 */
function inFolder(test: Test, place: PathInFolder): KernelFilter {
  const alternatives = readings.text.filter(test, place.folder)
  const filter = either(alternatives.map((each) => ofFolder(each, place)))
  return filter.length === 0 ? passAll : filter
}

function ofFolder([found]: Conjunction, { folder, file }: PathInFolder): KernelFilter {
  if (found === undefined) return passAll
  const { operator, values } = found
  if (operator === 'Prefix') {
    const complete = values.filter((text) => text.startsWith('/'))
    const folders = complete.map((text) => text.slice(0, text.lastIndexOf('/')))
    if (folders.includes('')) return passAll
    return folders.length === 0 ? passNone : [[{ operator, argument: folder, values: folders }]]
  }
  if (operator === 'Postfix') {
    const ends = values.map((text) => text.slice(Math.max(0, text.lastIndexOf('/'))))
    return ends.includes('/') ? passAll : [[{ operator, argument: file, values: ends }]]
  }
  // A part without a slash is in the path of the folder or in the last part.
  const parts = values.map(longestPart)
  if (parts.includes('')) return passAll
  return [folder, file].map((argument) => [{ operator, argument, values: parts }])
}

function longestPart(text: string): string {
  return text.split('/').reduce((best, each) => (each.length > best.length ? each : best))
}

/** Whether a condition is false if a field has a value that no rule names. */
export function requiresField(condition: Expression, name: string): boolean {
  switch (condition.kind) {
    case 'and':
      return condition.of.some((each) => requiresField(each, name))
    case 'or':
      return condition.of.length > 0 && condition.of.every((each) => requiresField(each, name))
    case 'not':
      return false
    case 'test': {
      const { field, test } = condition
      if (field.of !== 'event' || field.path !== name || test.kind !== 'text') return false
      return plainText(test.text) !== undefined
    }
  }
}
