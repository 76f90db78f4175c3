import type { ArgumentTypeName } from './argument-facts.ts'
import { BadValue } from './bad-value.ts'
import { type ArgumentTest, readers, type ValueOperator } from './index.ts'
import type { Read } from './operator.ts'

/**
 * Reads the values of a condition for arguments of a type that allows the operator (NotEqual is
 * read as Equal and so on). `report` hears of every value that is wrong; then the result is
 * undefined. For type `auto`, numbers and strings are distinguished by form: read again with the
 * type once it is known.
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
