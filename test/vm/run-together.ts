import { join } from 'node:path'
import { reporterVariables } from './case-reporter.ts'
import type { FileRecord } from './case-results.ts'
import { emulatedOptions, packedName, packedTests } from './packed-test.ts'
import type { Progress } from './progress.ts'
import type { RunPlan } from './run-files.ts'
import type { TestFile } from './test-files.ts'
import { type ProcessEnd, runTestProcess } from './test-process.ts'

/** Progress of a process with its files. */
class FileProgress {
  /** The file that is loaded or runs, or ran last. */
  current: string | undefined
  ended = false
  failed = false
  private readonly begun = new Set<string>()

  report({ at, file, failed = false }: Progress): void {
    if (at === 'case') return
    this.current = file
    this.ended = at === 'end'
    this.failed ||= failed
    if (at === 'begin') this.begun.add(file)
  }

  /** The files that another process can run: neither started nor the one that broke. */
  left(files: readonly TestFile[]): TestFile[] {
    return files.filter(({ source }) => !this.begun.has(source) && source !== this.current)
  }
}

/**
 * Runs packed files one after the other in one process, on an emulated processor. If it crashes or
 * hangs, its current file fails, and another process runs the files after that.
 * @param onEnd receives the record of a file whose process broke; the reporter writes those of
 *   others
 * @param runner program that declares packed tests, given their names and sources
 */
export async function runFilesTogether(
  plan: Pick<RunPlan, 'files' | 'timeoutMs' | 'results'>,
  onEnd: (record: FileRecord) => void,
  runner: string = join(packedTests, 'run.js'),
): Promise<void> {
  for (let files = plan.files; files.length > 0; ) {
    const progress = new FileProgress()
    const args = files.flatMap(({ source, compiled }) => [packedName(compiled), source])
    const env = { [reporterVariables.results]: plan.results, [reporterVariables.file]: '' }
    const program = [...emulatedOptions, runner, ...args]
    const end = await runTestProcess(program, env, plan.timeoutMs, (each) => progress.report(each))
    const broken = brokenFile(progress, end, files)
    if (broken !== undefined) onEnd(broken)
    // A process that could not load any file would fail again.
    files = progress.current === undefined ? [] : progress.left(files)
  }
}

/** The error of the file that the process was running when it ended, if any. */
function brokenFile(
  { current, ended, failed }: FileProgress,
  end: ProcessEnd,
  files: readonly TestFile[],
): FileRecord | undefined {
  const file = current ?? files[0].source
  const record: FileRecord = { type: 'file', file, ...end }
  if (current === undefined || !ended) return record
  const clean = end.signal === null && (end.exitCode === 0 || failed)
  if (clean) return undefined
  const note = `after its last case; the process also ran ${files.length - 1} other files`
  return { ...record, output: `${note}\n${end.output}` }
}
