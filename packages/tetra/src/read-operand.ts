import { BadValue, choiceReader } from '@tetragon-ts/service/options'
import { UsageError } from './usage-error.ts'

/**
 * An operand that is one of several names, read like the value of an option: case is ignored.
 * @param name of the operand, as in the help
 * @throws UsageError with the names
 */
export function readOperand<Name extends string>(
  name: string,
  text: string,
  choices: readonly Name[],
): Name {
  try {
    return choiceReader({ choices })(text)
  } catch (error) {
    if (!(error instanceof BadValue)) throw error
    throw new UsageError(`parse ${name}: ${error.message}`)
  }
}
