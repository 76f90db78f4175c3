import { processFlags } from '@tetragon-ts/api'
import type { Code, Int, RecordWriter, Variable } from '@tetragon-ts/ebpf/lang'
import { execMarks, type ProcessRecords } from '../records/process.ts'
import type { ExecWalks, Found } from './exec-walks.ts'

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

/** Appends the working directory. */
export function appendCwd(
  k: Code,
  { cwd }: ExecWalks,
  writer: RecordWriter<ProcessRecords['ExecRecord']['shape']>,
  flags: Int & { set(value: Int): void },
): void {
  k.when(
    cwd.number('complete').eq(0),
    () => flags.set(flags.or(processFlags.errorPathResolutionCwd)),
    () => k.when(cwd.number('length').eq(0), () => flags.set(flags.or(processFlags.rootcwd))),
  )
  appendFound(k, 'cwd', cwd, writer)
}

/** Copies bytes from a buffer into the record. */
function appendFound(
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
