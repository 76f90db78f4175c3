import { readFileSync } from 'node:fs'
import { enableRunStats } from '../programs/index.ts'
import { openPerfEvent } from '../sys/index.ts'
import { CouldNotTell } from './answer.ts'
import { readSecurityFile, securityModules } from './security-files.ts'
import { vmlinux } from './vmlinux.ts'

function readSetting(path: string): string {
  try {
    return readFileSync(path, 'latin1').trim()
  } catch {
    throw new CouldNotTell(`${path} cannot be read`)
  }
}

/** The mode in brackets of a line such as `none [integrity] confidentiality`. */
export function selectedMode(line: string): string | undefined {
  return /\[(\w+)\]/.exec(line)?.[1]
}

/** include/uapi/linux/perf_event.h */
const PERF_TYPE_SOFTWARE = 1
const PERF_COUNT_SW_DUMMY = 9
/** Flags of struct perf_event_attr, in its order. */
const [disabled, mappings, mappings2, buildIds] = [1n << 0n, 1n << 8n, 1n << 23n, 1n << 34n]
const action = 'open perf event with build ids'

/** How the kernel was built and is set up. */
export const hostProbes = {
  btf: () => {
    const id = vmlinux().find('task_struct', 'struct')
    if (id === undefined) throw new Error("the kernel's BTF has no struct task_struct")
    return '/sys/kernel/btf/vmlinux'
  },
  /** Yes means locked: `confidentiality` forbids programs to read kernel memory. */
  lockdown: () => {
    const { names, reason } = securityModules()
    if (names.length === 0) throw new CouldNotTell(reason)
    if (!names.includes('lockdown')) throw new Error('lockdown is not an active security module')
    const line = readSecurityFile('lockdown') ?? ''
    if (selectedMode(line) === 'none') throw new Error(`/sys/kernel/security/lockdown: ${line}`)
    return `/sys/kernel/security/lockdown: ${line}`
  },
  /** Yes means that users without capabilities may load programs. */
  unprivileged_bpf: () => {
    const path = '/proc/sys/kernel/unprivileged_bpf_disabled'
    const value = readSetting(path)
    if (value !== '0') throw new Error(`${path} is ${value}`)
    return `${path} is 0`
  },
  /** Records of executable mappings with build ids instead of inodes: Linux 5.12. */
  mapping_build_ids: () => {
    const flags = disabled | mappings | mappings2 | buildIds
    openPerfEvent({ type: PERF_TYPE_SOFTWARE, config: PERF_COUNT_SW_DUMMY, flags }, action).close()
    return 'opened a perf event with the flag build_id'
  },
  run_stats: () => {
    enableRunStats()[Symbol.dispose]()
    return 'enabled and disabled'
  },
}
