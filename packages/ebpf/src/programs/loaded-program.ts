import type { Fd } from '../sys/index.ts'
import { type ProgramInfo, programInfo } from './program-info.ts'
import { type TestRunOptions, type TestRunResult, testRun } from './test-run.ts'

/** A program in the kernel. It lives as long as this descriptor or a link holds it. */
export class LoadedProgram implements Disposable {
  readonly name: string
  /** A number of `programType`. */
  readonly type: number
  readonly fd: Fd
  /** What the verifier wrote; only when the log was asked for. */
  readonly verifierLog: string | undefined

  constructor(name: string, type: number, fd: Fd, verifierLog?: string) {
    this.name = name
    this.type = type
    this.fd = fd
    this.verifierLog = verifierLog
  }

  /** @throws SystemCallError */
  info(): ProgramInfo {
    return programInfo(this.fd, `ask for program ${this.name}`)
  }

  /** Runs it without attaching it; which types allow that depends on the kernel. */
  testRun(options?: TestRunOptions): TestRunResult {
    return testRun(this.fd, `test program ${this.name}`, options)
  }

  close(): void {
    this.fd.close()
  }

  [Symbol.dispose](): void {
    this.close()
  }
}
