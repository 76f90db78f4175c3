import { readFileSync } from 'node:fs'
import { EbpfError } from '../errors/index.ts'
import { SystemCallError } from '../sys/index.ts'

/** Whether this kernel, for this process, offers a feature. */
export type Answer = 'yes' | 'no' | 'unknown'

export interface ProbeResult {
  readonly answer: Answer
  /** What was tried and with what result, such as the kernel's error or the verifier's line. */
  readonly reason: string
}

/** Thrown by a probe that could not find out. */
export class CouldNotTell extends Error {}

/** Errors that say something about the moment or about us, not about the kernel. */
const transient = new Set(['ENOMEM', 'EMFILE', 'ENFILE', 'EAGAIN', 'EINTR', 'ENOSPC'])
const refusals = new Set(['EPERM', 'EACCES'])

/** Judges what a probe threw. */
export function judge(error: unknown): ProbeResult {
  const reason = error instanceof Error ? error.message.split('\n')[0] : String(error)
  if (error instanceof CouldNotTell) return { answer: 'unknown', reason }
  // Mounting it is all that is missing.
  const notMounted = error instanceof EbpfError && error.code === 'EBPF_NO_TRACEFS'
  if (notMounted) return { answer: 'unknown', reason }
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  if (cause instanceof SystemCallError) {
    if (transient.has(cause.errno)) return { answer: 'unknown', reason }
    // Without the capability the kernel says the same whether it has the feature or not.
    if (refusals.has(cause.errno) && !mayUseBpf()) {
      return { answer: 'unknown', reason: `${reason}; this process lacks CAP_BPF or CAP_SYS_ADMIN` }
    }
  }
  return { answer: 'no', reason }
}

const CAP_SYS_ADMIN = 21n
const CAP_BPF = 39n

/** Whether a `CapEff` line of /proc/PID/status has the capabilities that bpf(2) asks for. */
export function hasBpfCapability(status: string): boolean {
  const found = /^CapEff:\s*([0-9a-f]+)/m.exec(status)
  const capabilities = found ? BigInt(`0x${found[1]}`) : 0n
  return ((capabilities >> CAP_SYS_ADMIN) & 1n) === 1n || ((capabilities >> CAP_BPF) & 1n) === 1n
}

function mayUseBpf(): boolean {
  return hasBpfCapability(readFileSync('/proc/self/status', 'latin1'))
}
