import { readdirSync } from 'node:fs'
import { Collection } from '@tetragon-ts/ebpf/collection'
import { EbpfError } from '@tetragon-ts/ebpf/errors'
import { onDemand, program, type Target } from '@tetragon-ts/ebpf/lang'
import { hostPid } from '@tetragon-ts/ebpf/programs'
import { findProcess } from './find-process.ts'
import type { ProcessWalk } from './process-walk.ts'

/**
 * Looks up each pid of the host's /proc in the kernel, for kernels whose only iterator is limited
 * to the pid namespace of the agent. Kernel 5.10.
 */
export function pidWalk(procfs: string): ProcessWalk {
  return {
    kind: 'lookup',
    isComplete: true,
    program: (name, body) =>
      program(name, onDemand('pid'), (k, pid) => body(k, findProcess(k, pid))),
    run(loaded) {
      const context = new BigUint64Array(1)
      for (const name of readdirSync(procfs)) {
        if (!/^\d+$/.test(name)) continue
        context[0] = BigInt(name)
        loaded.testRun({ context: new Uint8Array(context.buffer) })
      }
    },
  }
}

/** Whether such a program finds the process that it runs in. */
export function findsItself(target: Target): boolean {
  const pid = hostPid()
  if (pid === undefined) return false
  const search = program('tg_find', onDemand('pid'), (k, wanted) => {
    const found = findProcess(k, wanted)
    const current = k.call('get_current_pid_tgid').shiftRight(32)
    k.exit(k.select(found.tgid.eq(current), 1, 0))
  })
  using collection = new Collection(target)
  try {
    const context = new Uint8Array(BigUint64Array.of(BigInt(pid)).buffer)
    return collection.load(search).testRun({ context }).returnValue === 1
  } catch (error) {
    if (error instanceof EbpfError) return false
    throw error
  }
}
