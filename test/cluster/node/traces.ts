import { readdir, readFile, readlink } from 'node:fs/promises'
import { controlGroups } from './control-groups.ts'
import { machineSettings } from './namespaces.ts'

/** Kinds of namespaces that the node and its containers have of their own. */
const kinds = ['mnt', 'net', 'pid', 'uts', 'ipc', 'cgroup'] as const

/** Processes and namespaces of a cluster on this machine. */
export interface Traces {
  /** Settings of this machine that a kubelet would change. */
  readonly settings: readonly string[]
  /** Processes: id and start time. */
  readonly processes: ReadonlySet<string>
  /** Namespaces, such as `net:[4026531840]`. */
  readonly namespaces: ReadonlySet<string>
  /** When this was seen, in clock ticks since the boot, as the start times of processes. */
  readonly at: number
}

/**
 * Clock ticks since the boot: the hundredths of a second in `/proc/uptime` (USER_HZ is 100), read
 * as digits since 4500.11 * 100 is less than 450011.
 */
async function ticksNow(): Promise<number> {
  const [seconds = ''] = (await readFile('/proc/uptime', 'utf8')).split(' ')
  return Number(seconds.replace('.', ''))
}

/** Settings of this machine that a kubelet would change, one per line. */
export async function settingsOfMachine(): Promise<string[]> {
  const files = machineSettings.map(([file]) => file)
  const read = async (file: string) =>
    `${file} ${(await readFile(`/proc/sys/${file}`, 'utf8')).trim()}`
  return Promise.all(files.map(read))
}

async function allProcesses(): Promise<Map<number, { parent: number; start: string }>> {
  const found = new Map<number, { parent: number; start: string }>()
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '')
    // The name of the program may have spaces and parentheses.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (stat !== '') found.set(Number(name), { parent: Number(fields[1]), start: fields[19]! })
  }
  return found
}

async function namespacesOf(pid: number): Promise<string[]> {
  const links = kinds.map((kind) => readlink(`/proc/${pid}/ns/${kind}`).catch(() => ''))
  return (await Promise.all(links)).filter((text) => text !== '')
}

/**
 * `pid` and its descendants, and their namespaces, except those of this process.
 * @param settings of the machine before the cluster was started
 */
export async function tracesOf(pid: number, settings: readonly string[]): Promise<Traces> {
  const at = await ticksNow()
  const all = await allProcesses()
  const isBelow = (id: number): boolean =>
    id === pid || (all.has(id) && isBelow(all.get(id)!.parent))
  const own = new Set(await namespacesOf(process.pid))
  const processes = new Set<string>()
  const namespaces = new Set<string>()
  for (const [id, { start }] of all) {
    if (!isBelow(id)) continue
    processes.add(`${id}/${start}`)
    for (const name of await namespacesOf(id)) if (!own.has(name)) namespaces.add(name)
  }
  return { settings, processes, namespaces, at }
}

/**
 * The remains of a cluster that has ended, one per line.
 * @param before its processes and namespaces
 * @param folder its work folder; @param cgroup its control group
 */
export async function remains(before: Traces, folder: string, cgroup: string): Promise<string[]> {
  const found: string[] = []
  for (const [id, { start }] of await allProcesses()) {
    if (before.processes.has(`${id}/${start}`)) found.push(`process ${id}`)
    // A namespace that others have made since can have the number of one that has ended.
    if (Number(start) > before.at) continue
    for (const name of await namespacesOf(id)) {
      if (before.namespaces.has(name)) found.push(`namespace ${name} of process ${id}`)
    }
  }
  const mounts = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n')
  found.push(...mounts.filter((line) => line.includes(folder)).map((line) => `mount ${line}`))
  found.push(...(await controlGroups(cgroup)).map((name) => `control group ${name}`))
  const settings = await settingsOfMachine()
  found.push(...settings.filter((line) => !before.settings.includes(line)))
  return found
}
