import type { ArgumentTypeName } from './argument-facts.ts'
import { BadValue } from './bad-value.ts'
import { type ArgumentTest, readers, type ValueOperator } from './index.ts'
import type { Read } from './operator.ts'

/**
 * Parses the values of a condition for arguments of a type that supports the operator (NotEqual is
 * read as Equal and so on). `report` is called for each invalid value; then the result is
 * undefined. For type `auto`, numbers and strings are distinguished by form: call it again once the
 * type is known.
 */
export function readArgumentTest(
  operator: ValueOperator,
  type: ArgumentTypeName,
  texts: readonly string[],
  report: (index: number, problem: BadValue) => void,
): ArgumentTest | undefined {
  let failed = false
  const all = <T>(read: Read<T>): T[] => {
    const results: T[] = []
    for (const [index, text] of texts.entries()) {
      const result = read(text)
      if (result instanceof BadValue) {
        failed = true
        report(index, result)
      } else {
        results.push(result)
      }
    }
    return results
  }
  const test = readers[operator].read({ type, texts, all })
  return failed ? undefined : test
}
