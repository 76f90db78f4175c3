import { terminalJson } from '@tetragon-ts/api'
import { compileFieldFilter, type FieldSelection } from '@tetragon-ts/policy/filters'
import { byteOutput, type Output, textOutput } from './output.ts'

const lineEnd = Buffer.from('\n')

/**
 * JSON output: the line as it was received, or with selected fields. On a terminal, control
 * characters are escaped without changing the JSON's meaning.
 */
export function jsonOutput(fields: FieldSelection, terminal: boolean): Output {
  const selecting = fields.include.length > 0 || fields.exclude.length > 0
  if (!selecting && !terminal) {
    return byteOutput(({ buffer, start, end }) => [buffer.subarray(start, end), lineEnd])
  }
  const select = compileFieldFilter(fields)
  return textOutput(({ event, text }) => {
    const line = selecting ? select(event) : text
    return `${terminal ? terminalJson(line) : line}\n`
  })
}
