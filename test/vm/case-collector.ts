import { type CaseRecord, fileProblem, type NoteRecord, parseRecord } from './case-results.ts'

/**
 * Collects the results of one target, in any order of files, and finally knows which files are
 * missing.
 */
export class CaseCollector {
  readonly cases: CaseRecord[] = []
  /** Duration of each finished file in milliseconds. */
  readonly fileMs: Record<string, number> = {}
  /** Its processor time in milliseconds, if known. */
  readonly fileProcessorMs: Record<string, number> = {}
  private readonly open: Set<string>
  private readonly onCase: (record: CaseRecord) => void

  /** `files` are all that must run; `onCase` is called for each case immediately. */
  constructor(files: readonly string[], onCase: (record: CaseRecord) => void) {
    this.open = new Set(files)
    this.onCase = onCase
  }

  line(text: string): void {
    const record = parseRecord(text)
    if (record === undefined) return
    if (record.type === 'case') {
      this.add(record)
      return
    }
    if (record.type === 'note') {
      this.note(record)
      return
    }
    this.open.delete(record.file)
    this.fileMs[record.file] = record.durationMs
    const { processorMs } = record
    if (processorMs !== undefined) this.fileProcessorMs[record.file] = processorMs
    const reported = this.cases.filter((result) => result.file === record.file)
    const problem = fileProblem(record, reported)
    if (problem !== undefined) this.add(problem)
  }

  /** Turns every unfinished file into a failure with this reason. */
  close(reason: string): void {
    for (const file of this.open) {
      const error = `did not finish: ${reason}`
      this.add({
        type: 'case',
        file,
        name: '(whole file)',
        outcome: 'failed',
        durationMs: 0,
        error,
      })
    }
    this.open.clear()
  }

  private note({ file, name, text }: NoteRecord): void {
    const at = this.cases.findLastIndex((record) => record.file === file && record.name === name)
    if (at < 0) return
    const record = this.cases[at]
    this.cases[at] = { ...record, notes: [...(record.notes ?? []), text] }
  }

  private add(record: CaseRecord): void {
    this.cases.push(record)
    this.onCase(record)
  }
}
