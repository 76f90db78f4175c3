import { type Code, type Int, type MarkedFiles, permissionEvent } from '@tetragon-ts/ebpf/lang'
import { currentTask } from '@tetragon-ts/sensors/kernel/current-task'
import { findThread } from '@tetragon-ts/sensors/process/walk/find-process'
import { fileOfDescriptor, LinuxBinprm } from '../arguments/file.ts'
import { byPolicy } from '../hook/refusal.ts'
import type { Backend } from '../hook-plans/backend.ts'
import type { Placement } from '../hook-plans/hook-plan.ts'
import { namesOf } from '../hook-plans/hook-target.ts'
import { planCaller } from './lsm.ts'
import { notForTarget, notPermitted } from './permitted-means.ts'
import { plainAddress } from './plain-address.ts'

interface Decided extends Pick<MarkedFiles, 'event'> {
  /** How it differs from the function. */
  readonly difference: string
  /** The function's first parameter, for a file. */
  parameter(k: Code, file: Int): Int
}

/** Functions that are called where fanotify has an event, for the same files. */
const decided: ReadonlyMap<string, Decided> = new Map<string, Decided>([
  [
    'security_file_open',
    {
      event: 'open',
      difference: 'flags and mode of the file are those with which the agent has it open',
      parameter: (_, file) => file,
    },
  ],
  [
    'security_bprm_check',
    {
      event: 'execute',
      difference:
        'seen when the program is opened, with the loader that it names; a program that is ' +
        'started by its loader (ld.so PROGRAM) is not seen',
      parameter: programOf,
    },
  ],
])

/** Paths in file systems with devices. */
const inDevices = /^\/dev\/(?!shm\/)/

/**
 * Permission events of fanotify, which a thread of the agent answers by running the program: they
 * need neither kprobes nor trampolines. Callers wait for it, so only the named files and their
 * folders are marked, and the policy has to permit this means.
 */
export const fanotifyDecider: Backend = {
  name: 'fanotify',
  alone: true,
  plan(target, kernel) {
    const { section, functions, files } = target
    if (section === 'lsmhooks') return planCaller(fanotifyDecider, target, kernel)
    const unsuitable = notForTarget('fanotify', target)
    if (unsuitable) return unsuitable
    const [{ symbol, shown }] = functions
    const found = decided.get(symbol)
    if (!found) return byPolicy(`it has no permission event for ${shown}`)
    const refused = kernel.refuses('fanotify')
    if (refused) return refused
    if (target.isNamespaced) return byPolicy('its files are those of the host, not of pods')
    if (files === undefined) {
      return byPolicy(
        'each selector must name its files: matchArgs with Equal on argument 0, absolute paths ' +
          '(not inode:)',
      )
    }
    // The kernel opens each file for the agent: that would have effects on devices.
    if (files.some((file) => inDevices.test(file)))
      return byPolicy('files in /dev (except /dev/shm) are not supported')
    const text = 'it covers only files that the policy names by their host paths'
    const forbidden = notPermitted('fanotify', target, text)
    if (forbidden) return forbidden
    return {
      backend: 'fanotify',
      why: 'the agent answers before the operation',
      difference: found.difference,
      plannedFor: 'fanotify',
      resultDecides: true,
      marks: { event: found.event, root: kernel.hostRoot, paths: files },
      anyTask: 'the agent runs the program',
      weakness: { short: 'only named files of the host', text },
      enter: [placementOf(found)],
      leave: [],
      parameters: [0],
      functionNames: namesOf(target),
    }
  },
}

function placementOf({ parameter }: Decided): Placement {
  return {
    hook: permissionEvent(),
    hit(k, args, end) {
      const [descriptor, thread] = args as readonly [Int, Int]
      const file = fileOfDescriptor({ k, task: currentTask(k) }, descriptor)
      const first = parameter(k, file)
      return {
        k,
        task: findThread(k, thread, end),
        functionIndex: 0,
        parameter: (index) => (index === 0 ? first : undefined),
      }
    },
  }
}

/** A struct linux_binprm of which only the file is there. */
function programOf(k: Code, file: Int): Int {
  const at = k.layout(LinuxBinprm).member('file')?.offset ?? 0
  const memory = k.stackBytes(at + 8)
  memory.store(8, at, file)
  return plainAddress(k, memory.address())
}
