import { readSync } from 'node:fs'
import { attachType } from '../asm/index.ts'
import { bpf, bpfCommand, Fd } from '../sys/index.ts'
import { type Attachable, FdLink } from './link.ts'

const chunkSize = 1 << 16

/** What an iterator goes over, where the kernel offers a choice. */
export type IteratorScope =
  | { readonly mapFd: number }
  /** One process with its threads. Kernel 6.1. */
  | { readonly pid: number }
  /** One thread. Kernel 6.1. */
  | { readonly tid: number }

/**
 * Links a tracing program (attach type traceIter) that {@link runIterator} runs for each object of
 * its kind: task, task_file, bpf_map_elem and so on. Kernel 5.8.
 * @param target name of the iterator, for messages
 * @throws SystemCallError
 */
export function attachIterator(program: Attachable, target: string, scope?: IteratorScope): FdLink {
  const fd = bpf(
    bpfCommand.linkCreate,
    (attr) => {
      attr.u32(0, program.fd.number).u32(8, attachType.traceIter)
      if (scope) {
        const info = linkInfo(scope)
        attr.copy(16, info)
        attr.u32(24, info.byteLength)
      }
    },
    `attach iterator ${target}`,
  )
  return new FdLink('iterator', target, new Fd(fd))
}

/** union bpf_iter_link_info in include/uapi/linux/bpf.h. */
function linkInfo(scope: IteratorScope): Uint8Array {
  if ('mapFd' in scope) return new Uint8Array(Uint32Array.of(scope.mapFd).buffer)
  const { tid, pid } = { tid: 0, pid: 0, ...scope }
  // The union is as large as its largest member, that of cgroup iterators.
  return new Uint8Array(Uint32Array.of(tid, pid, 0, 0).buffer)
}

/**
 * Runs an iterator over all its objects, in the context of the calling thread.
 * @returns what the program wrote with bpf_seq_write; empty for one that reports elsewhere
 * @throws SystemCallError
 */
export function runIterator(link: FdLink): Uint8Array {
  const action = `run iterator ${link.target}`
  using fd = new Fd(bpf(bpfCommand.iterCreate, (attr) => attr.u32(0, link.fd.number), action))
  const chunks: Uint8Array[] = []
  for (;;) {
    const chunk = Buffer.allocUnsafe(chunkSize)
    const count = readSome(fd, chunk)
    if (count === 0) return Buffer.concat(chunks)
    if (count > 0) chunks.push(chunk.subarray(0, count))
  }
}

/** @returns bytes, 0 at the end, -1 when the kernel took a break after a million silent objects */
function readSome(fd: Fd, chunk: Uint8Array): number {
  try {
    return readSync(fd.number, chunk, 0, chunk.byteLength, null)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return -1
    throw error
  }
}
