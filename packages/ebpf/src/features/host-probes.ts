import { readFileSync } from 'node:fs'
import { enableRunStats } from '../programs/index.ts'
import { CouldNotTell } from './answer.ts'
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

/** How the kernel was built and is set up. */
export const hostProbes = {
  btf: () => {
    const id = vmlinux().find('task_struct', 'struct')
    if (id === undefined) throw new Error("the kernel's BTF has no struct task_struct")
    return '/sys/kernel/btf/vmlinux'
  },
  /** Yes means locked: `confidentiality` forbids programs to read kernel memory. */
  lockdown: () => {
    const line = readSetting('/sys/kernel/security/lockdown')
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
  run_stats: () => {
    enableRunStats()[Symbol.dispose]()
    return 'enabled and disabled'
  },
}
