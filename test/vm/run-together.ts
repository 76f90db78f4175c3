import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { reporterVariables } from './case-reporter.ts'
import type { FileRecord } from './case-results.ts'
import { lingeringExit } from './lingering.ts'
import { emulatedOptions, packedName, packedTests } from './packed-test.ts'
import type { Progress } from './progress.ts'
import { repositoryRoot } from './repository.ts'
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

/** How a process runs several files. */
export interface Together {
  /** A program that declares suites, given a name and the source of each file. */
  readonly runner: string
  readonly options: readonly string[]
  readonly name: (file: TestFile) => string
}

/** Packed tests on this machine. */
export const packedOnHost: Together = {
  runner: join(packedTests, 'run.js'),
  options: [],
  name: ({ compiled }) => packedName(compiled),
}

/** Packed tests on an emulated processor. */
export const packedInGuest: Together = { ...packedOnHost, options: emulatedOptions }

/** Unit tests. */
export const unitsTogether: Together = {
  runner: fileURLToPath(new URL('./unit-suites.js', import.meta.url)),
  options: ['--enable-source-maps'],
  name: ({ compiled }) => join(repositoryRoot, compiled),
}

/**
 * Runs files one after the other in one process. If it crashes or hangs, its current file fails,
 * and another process runs the files after that.
 * @param onEnd receives the record of a file whose process broke; the reporter writes those of
 *   others
 */
export async function runFilesTogether(
  plan: Pick<RunPlan, 'files' | 'timeoutMs' | 'results'>,
  onEnd: (record: FileRecord) => void,
  { runner, options, name }: Together,
): Promise<void> {
  for (let files = plan.files; files.length > 0; ) {
    const progress = new FileProgress()
    const args = files.flatMap((file) => [name(file), file.source])
    const env = { [reporterVariables.results]: plan.results, [reporterVariables.file]: '' }
    const program = [...options, runner, ...args]
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
  const endedItself = end.signal === null && end.exitCode !== lingeringExit
  const clean = endedItself && (end.exitCode === 0 || failed)
  if (clean) return undefined
  const note = `after its last case; the process also ran ${files.length - 1} other files`
  return { ...record, output: `${note}\n${end.output}` }
}
