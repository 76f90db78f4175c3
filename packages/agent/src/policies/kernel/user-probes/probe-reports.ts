import { SystemCallError } from '@tetragon-ts/ebpf/sys'

/** Errors of a process that has just ended. */
const ended: ReadonlySet<string> = new Set(['ENOENT', 'ESRCH'])

/** Warns about problems with probes, about each kind once: containers may cause any number. */
export class ProbeReports {
  readonly #warn: (message: string) => void
  /** What was reported; the number of different subjects is limited by the policies. */
  readonly #known = new Set<string>()

  constructor(warn: (message: string) => void) {
    this.#warn = warn
  }

  /** @param subject what it is about, without anything that a container chooses */
  once(subject: string, detail = ''): void {
    if (this.#known.has(subject)) return
    this.#known.add(subject)
    this.#warn(detail === '' ? subject : `${subject}: ${detail}`)
  }

  /** Reports an error of a step. @returns whether it was done */
  attempt(subject: string, step: () => void): boolean {
    try {
      step()
      return true
    } catch (error) {
      if (!ended.has(errnoOf(error) ?? '')) this.once(subject, (error as Error).message)
      return false
    }
  }
}

/** The name of an error number, such as ENOENT, of this library or of Node.js. */
export function errnoOf(error: unknown): string | undefined {
  return error instanceof SystemCallError ? error.errno : (error as NodeJS.ErrnoException).code
}
