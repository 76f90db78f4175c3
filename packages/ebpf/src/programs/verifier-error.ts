import { EbpfError } from '../errors/index.ts'
import type { SystemCallError } from '../sys/index.ts'

const shownLines = 20

// The texts below are the kernel's: its log is the only place where it says what is wrong.

/** Lines that say how much work the verifier had, not what it found. */
const bookkeeping = /^(processed \d+ insns|verification time|stack depth|max_states|peak_states)/

/** From here on kernel 7 explains its finding once more, in sections for people. */
const explanation = /^Verification failed:/

/** A program that the kernel refused to load, with the verifier's reason. */
export class VerifierError extends EbpfError {
  override readonly name: string = 'VerifierError'
  /** Name of the program. */
  readonly program: string
  /** The kernel's error number by name, e.g. `EACCES`. */
  readonly errno: string
  /** The verifier's line that says why; empty when it logged nothing. */
  readonly reason: string
  /** Slot of the refused instruction, if the log has it. */
  readonly slot: number | undefined
  /** Source position of that instruction, when the loader was given positions. */
  readonly position: string | undefined
  /** The message without lines of the log. */
  readonly summary: string
  /** The whole log. */
  readonly log: string

  constructor(
    program: string,
    cause: SystemCallError,
    log: string,
    positions?: (slot: number) => string | undefined,
  ) {
    const lines = log.split('\n').filter((line) => line.trim() !== '')
    const start = lines.findIndex((line) => explanation.test(line))
    const walk = start < 0 ? lines : lines.slice(0, start)
    const explained = start < 0 ? [] : lines.slice(start)
    const findings = walk.filter((line) => !bookkeeping.test(line))
    const reason = findings.at(-1)?.trim() ?? ''
    const slot = failingSlot(findings)
    const position = slot === undefined ? undefined : positions?.(slot)
    const at = position === undefined ? '' : `\n  at ${position} (slot ${slot})`
    const shown = [...walk.slice(-shownLines), ...explained.slice(0, shownLines)].map(
      (line) => `\n  | ${line}`,
    )
    const summary = `${cause.message}${reason && `: ${reason}`}${at}`
    super('EBPF_VERIFIER', `${summary}${shown.join('')}`, { cause })
    this.program = program
    this.errno = cause.errno
    this.reason = reason
    this.slot = slot
    this.position = position
    this.summary = summary
    this.log = log
  }
}

/** The last instruction that the log shows, as in `12: (85) call bpf_probe_read#4`. */
function failingSlot(lines: readonly string[]): number | undefined {
  for (let i = lines.length - 1; i >= 0; i--) {
    const found = /^(\d+): \([0-9a-f]{2}\)/.exec(lines[i]) ?? /\binsn (\d+)\b/.exec(lines[i])
    if (found) return Number(found[1])
  }
  return undefined
}
