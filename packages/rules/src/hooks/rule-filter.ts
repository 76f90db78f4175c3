import { valueTest } from '../engine/test-value.ts'
import type { FieldRef } from '../log-sources/field-ref.ts'
import type { FieldSource, HookUse } from '../log-sources/hook-use.ts'
import type { Expression } from '../model/expression.ts'
import type { Test } from '../model/test.ts'
import { plainText } from '../text/wildcard.ts'
import { both, either, type KernelFilter, passAll, passNone } from './kernel-filter.ts'
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

/**
 * A path is that of a folder, which is complete, and the last part of an entry, whose path begins
 * at its mount: the folder of a start is certain, and the last part of an end.
 */
function inFolder(test: Test, { folder, file }: { folder: number; file: number }): KernelFilter {
  const [tests] = readings.text.filter(test, folder)
  const [found] = tests ?? []
  if (found === undefined) return passAll
  const slash = (text: string): number => text.lastIndexOf('/')
  if (found.operator === 'Prefix') {
    const values = found.values.map((text) => text.slice(0, Math.max(0, slash(text))))
    return values.includes('') ? passAll : [[{ ...found, values }]]
  }
  if (found.operator !== 'Postfix') return passAll
  const values = found.values.map((text) => text.slice(Math.max(0, slash(text))))
  return values.includes('/') ? passAll : [[{ ...found, argument: file, values }]]
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
