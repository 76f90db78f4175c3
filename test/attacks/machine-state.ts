import { execFileSync } from 'node:child_process'
import { lstatSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Folders that actions change in their own root, with their subfolders. */
const folders = [
  ...['/etc', '/var/spool/cron', '/var/www', '/var/mail', '/usr/local', '/usr/sbin', '/usr/bin'],
  ...['/usr/lib/systemd', '/usr/lib/udev', '/opt', '/boot', '/root/.ssh', '/root/.config', '/home'],
]
/** Folders whose own entries matter. */
const shallow = ['/', '/root', '/dev', '/dev/shm', '/usr/lib', '/run/systemd']

/** Files of tests and agents that run at the same time. */
const ofOthers = /^\/dev\/shm\/(?:tetragon-|sem\.)/

/** Settings of the kernel that actions write. */
const settings = [
  ...['kernel/core_pattern', 'kernel/modprobe', 'kernel/hostname', 'kernel/randomize_va_space'],
  ...['kernel/kptr_restrict', 'kernel/dmesg_restrict', 'kernel/yama/ptrace_scope', 'kernel/sysrq'],
  ...['kernel/perf_event_paranoid', 'kernel/unprivileged_bpf_disabled', 'net/ipv4/ip_forward'],
  ...['fs/suid_dumpable', 'vm/unprivileged_userfaultfd', 'vm/drop_caches'],
].map((name) => join('/proc/sys', name))

/** What actions could leave behind on the machine, by name. */
export type MachineState = ReadonlyMap<string, string>

/** Reads the state of the places that actions touch. */
export function readMachineState(): MachineState {
  const state = new Map<string, string>()
  for (const folder of folders) addFolder(state, folder, true)
  for (const folder of shallow) addFolder(state, folder, false)
  for (const path of settings) {
    const value = tryTo(() => readFileSync(path, 'utf8').trim())
    if (value !== undefined) state.set(path, value)
  }
  const read = (path: string) => tryTo(() => readFileSync(path, 'utf8'))
  for (const line of (read('/proc/self/mounts') ?? '').split('\n')) state.set(`mount ${line}`, '')
  const modules = (read('/proc/modules') ?? '').split('\n').map((line) => line.split(' ')[0])
  for (const module of modules) state.set(`module ${module}`, '')
  for (const link of readdirSync('/sys/class/net')) state.set(`interface ${link}`, '')
  for (const [name, args] of listings) {
    state.set(name, tryTo(() => execFileSync(args[0], args.slice(1), { encoding: 'utf8' })) ?? '')
  }
  return state
}

const listings: readonly (readonly [string, readonly [string, ...string[]]])[] = [
  ['addresses', ['ip', '-o', 'address']],
  ['routes', ['ip', 'route']],
]

/** Differences, as `+ name`, `- name` or `~ name`, sorted. */
export function compareStates(before: MachineState, after: MachineState): string[] {
  const differences: string[] = []
  for (const [name, value] of after) {
    if (!before.has(name)) differences.push(`+ ${name}`)
    else if (before.get(name) !== value) differences.push(`~ ${name}`)
  }
  for (const name of before.keys()) if (!after.has(name)) differences.push(`- ${name}`)
  return differences.sort()
}

function addFolder(state: Map<string, string>, folder: string, deep: boolean): void {
  for (const entry of tryTo(() => readdirSync(folder, { withFileTypes: true })) ?? []) {
    const path = join(folder, entry.name)
    if (ofOthers.test(path)) continue
    const facts = tryTo(() => lstatSync(path, { bigint: true }))
    // A folder's own time also changes by what other programs do and undo.
    if (facts === undefined) continue
    const { mode, uid, size, ctimeNs } = facts
    const isFile = entry.isFile() && deep
    state.set(path, isFile ? `${mode} ${uid} ${size} ${ctimeNs}` : `${mode} ${uid}`)
    if (deep && entry.isDirectory()) addFolder(state, path, true)
  }
}

function tryTo<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    // Files of other programs come and go, and not every kernel has all settings.
    return undefined
  }
}
