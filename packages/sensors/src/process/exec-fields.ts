import type { Code, Int, RecordWriter, Variable } from '@tetragon-ts/ebpf/lang'
import { execMarks, type ProcessRecords } from '../records/process.ts'
import type { ExecWalks } from './exec-walks.ts'
import type { Found } from './kept-numbers.ts'

const bytesMax = 4095

/**
 * Appends the optional facts about an exec to its record.
 * @param marks gets bits of `execMarks`
 */
export function appendExecFields(
  k: Code,
  { executable, variables, upper }: ExecWalks,
  writer: RecordWriter<ProcessRecords['ExecRecord']['shape']>,
  marks: Variable,
): void {
  const markIf = (test: Int, bit: number): void =>
    k.when(test.ne(0), () => marks.set(marks.or(bit)))
  if (upper) markIf(upper(), execMarks.upperLayer)
  if (executable) {
    markIf(executable.number('deleted'), execMarks.executableDeleted)
    markIf(executable.number('cut'), execMarks.executableCut)
    appendFound(k, 'executable', executable, writer)
  }
  if (variables) {
    markIf(variables.number('cut'), execMarks.variablesCut)
    k.when(variables.number('length').ne(0), () => appendFound(k, 'variables', variables, writer))
  }
}

/** Copies bytes from a buffer into the record. */
export function appendFound(
  k: Code,
  name: 'cwd' | 'executable' | 'variables',
  found: Pick<Found, 'buffer' | 'number'>,
  writer: RecordWriter<ProcessRecords['ExecRecord']['shape']>,
): void {
  writer.tail(name, (to) => {
    const length = found.number('length').and(bytesMax)
    k.readKernel(to, length, found.buffer.at(found.number('start').and(bytesMax)).address())
    return length
  })
}
