import type { ImageTest, Logic } from '@tetragon-ts/policy'
import { valueTest } from '../engine/test-value.ts'
import {
  allTests,
  isAlike,
  isNegated,
  type KernelTest,
  withValues,
} from '../log-sources/kernel-test.ts'
import type { Expression } from '../model/expression.ts'
import type { BlockHook } from './block-hooks.ts'
import { exactTests } from './block-tests.ts'
import { imageLogic } from './kill-condition.ts'
import type { Refusals } from './refusal.ts'

/** Conditions of a selector: all must match. */
export interface BlockSelector {
  readonly tests: readonly KernelTest[]
  readonly images: readonly Logic<ImageTest>[]
}

/** Selectors of a hook, at most. */
const selectorsMax = 32

/** The selectors of which one matches exactly if the condition does; refusals are collected. */
export function blockSelectors(
  condition: Expression,
  hook: BlockHook,
  refusals: Refusals,
): readonly BlockSelector[] {
  const own = new Selectors(hook, refusals).of(condition, false)
  if (own.length > selectorsMax) {
    refusals.add(`the condition has more than ${selectorsMax} alternatives for the kernel`)
  }
  return own.map(({ tests, images }) => ({ tests: [...(hook.always ?? []), ...tests], images }))
}

class Selectors {
  readonly #hook: BlockHook
  readonly #refusals: Refusals

  constructor(hook: BlockHook, refusals: Refusals) {
    this.#hook = hook
    this.#refusals = refusals
  }

  of(expression: Expression, negated: boolean): readonly BlockSelector[] {
    if (!readsEvent(expression)) {
      const image = imageLogic(expression, this.#refusals)
      return [{ tests: [], images: [negated ? { kind: 'not', of: image } : image] }]
    }
    switch (expression.kind) {
      case 'test':
        return this.#ofTest(expression, negated)
      case 'not':
        return this.of(expression.of, !negated)
      default: {
        const parts = expression.of.map((each) => this.of(each, negated))
        return (expression.kind === 'and') === negated ? either(parts) : both(parts)
      }
    }
  }

  #ofTest(
    { field, test, at }: Extract<Expression, { kind: 'test' }>,
    negated: boolean,
  ): readonly BlockSelector[] {
    const { fields } = this.#hook
    const source = Object.hasOwn(fields, field.path) ? fields[field.path] : 'unknown'
    if (source === 'unknown' || test.kind === 'field') {
      this.#refusals.addTest(field, 'it is not known before the operation', at)
      return []
    }
    if ('constant' in source) {
      return valueTest(test)(source.constant) === negated ? [] : [{ tests: [], images: [] }]
    }
    const found = exactTests(test, source, negated)
    if (typeof found !== 'string') return found.map((tests) => ({ tests, images: [] }))
    this.#refusals.addTest(field, found, at)
    return []
  }
}

function readsEvent(expression: Expression): boolean {
  if (expression.kind === 'test') return expression.field.of === 'event'
  return expression.kind === 'not' ? readsEvent(expression.of) : expression.of.some(readsEvent)
}

/** Alternatives; those of one test of the same kind are joined. */
function either(parts: readonly (readonly BlockSelector[])[]): readonly BlockSelector[] {
  const all: BlockSelector[] = []
  for (const each of parts.flat()) {
    const [test, ...others] = each.tests
    const isSingle = test !== undefined && others.length === 0 && each.images.length === 0
    const at = isSingle ? all.findIndex((one) => isSameKind(one, test)) : -1
    if (at < 0 || test === undefined) all.push(each)
    else all[at] = { tests: [withValues(all[at].tests[0], test.values)], images: [] }
  }
  return all
}

/** Whether a selector has one test, and its alternatives can be values of that. */
function isSameKind({ tests, images }: BlockSelector, test: KernelTest): boolean {
  return tests.length === 1 && images.length === 0 && !isNegated(test) && isAlike(tests[0], test)
}

function both(parts: readonly (readonly BlockSelector[])[]): readonly BlockSelector[] {
  let all: readonly BlockSelector[] = [{ tests: [], images: [] }]
  for (const part of parts) {
    // More are refused.
    if (all.length > selectorsMax) return all
    all = all.flatMap((one) => part.map((other) => combined(one, other)))
  }
  return all
}

/** All conditions of two. */
function combined(one: BlockSelector, other: BlockSelector): BlockSelector {
  return { tests: allTests(one.tests, other.tests), images: [...one.images, ...other.images] }
}
