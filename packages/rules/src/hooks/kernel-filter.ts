import {
  allTests,
  isNegated,
  type KernelTest,
  keyOfTest,
  withValues,
} from '../log-sources/kernel-test.ts'

/** Tests that all must match. */
export type Conjunction = readonly KernelTest[]

/**
 * What the kernel passes: alternatives. Without any nothing passes; an alternative without tests
 * passes everything.
 */
export type KernelFilter = readonly Conjunction[]

export const passAll: KernelFilter = [[]]
export const passNone: KernelFilter = []

/** Whether the kernel tests nothing. */
export function passesAll(filter: KernelFilter): boolean {
  return filter.some((conjunction) => conjunction.length === 0)
}

/** Alternatives beyond which a filter is widened. */
const alternativesMax = 64
/** Values of a test beyond which it is left out: each of some operators is searched for. */
const valuesMax: Readonly<Record<string, number>> = { SubStringIgnCase: 256, SubString: 256 }
const otherValuesMax = 2000

/** Passes what one of the filters passes. */
export function either(filters: readonly KernelFilter[]): KernelFilter {
  const all: Conjunction[] = []
  for (const filter of filters) {
    for (const each of filter) {
      if (each.length === 0) return passAll
      all.push(each)
    }
  }
  return merged(all)
}

/** Passes at least what all filters pass. */
export function both(filters: readonly KernelFilter[]): KernelFilter {
  let result = passAll
  for (const filter of filters.toSorted((a, b) => a.length - b.length)) {
    if (filter.length * result.length > alternativesMax) continue
    result = result.flatMap((one) => filter.map((other) => allTests(one, other)))
  }
  return merged(result)
}

/** Joins alternatives that differ in the values of one test; drops those that others include. */
function merged(all: readonly Conjunction[]): KernelFilter {
  const groups = new Map<string, Conjunction>()
  for (const conjunction of all) {
    if (conjunction.length === 0) return passAll
    const tests = conjunction.toSorted((a, b) => (keyOfTest(a) < keyOfTest(b) ? -1 : 1))
    // The most specific test is usually the text.
    const own = tests.findLastIndex((test) => !isNegated(test))
    const key = JSON.stringify(
      tests.map((test, i) => (i === own ? [test.argument, test.operator] : test)),
    )
    const same = groups.get(key)
    if (same === undefined) groups.set(key, tests)
    else
      groups.set(
        key,
        same.map((test, i) => (i === own ? withValues(test, tests[i].values) : test)),
      )
  }
  const bounded = [...groups.values()].map((tests) => tests.filter(isBounded))
  if (bounded.some((tests) => tests.length === 0)) return passAll
  if (bounded.length > alternativesMax) return passAll
  const wider = (one: Conjunction, other: Conjunction): boolean =>
    one.every((test) => other.some((each) => keyOfTest(each) === keyOfTest(test)))
  return bounded.filter((each, i) => {
    return !bounded.some((other, j) => {
      return j !== i && wider(other, each) && (j < i || !wider(each, other))
    })
  })
}

function isBounded({ operator, values }: KernelTest): boolean {
  return values.length <= (valuesMax[operator] ?? otherValuesMax)
}
