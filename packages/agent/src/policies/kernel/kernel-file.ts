import { createHash } from 'node:crypto'
import { release } from 'node:os'
import {
  describeKernel,
  type RunningKernelOptions,
  runningKernel,
} from '@tetragon-ts/compiler/running-kernel'
import { Btf } from '@tetragon-ts/ebpf/btf'

/** The description of the running kernel, as a file of `tetragon kernel describe`. */
export interface KernelFile {
  /** SHA-256 in hexadecimal. */
  readonly hash: string
  /** Output of `uname -r`. */
  readonly release: string
  readonly bytes: Buffer
}

/** A file has 3 MB, and describing holds up the agent: clients cannot make it do that often. */
const keptMs = 60_000

let kept: KernelFile | undefined

/**
 * Describes the kernel, with the back ends that the operator has switched off as refused. It blocks
 * this thread for a second, at most once a minute.
 */
export function describeOnce(
  options: Partial<Pick<RunningKernelOptions, 'switchedOff' | 'hierarchy'>>,
): KernelFile {
  if (kept) return kept
  const bytes = Buffer.from(describeKernel(runningKernel(Btf.open(), options)))
  const hash = createHash('sha256').update(bytes).digest('hex')
  kept = { hash, release: release(), bytes }
  const drop = (): void => {
    kept = undefined
  }
  setTimeout(drop, keptMs).unref()
  return kept
}
