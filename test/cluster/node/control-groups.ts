import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { isAlive, makerOf } from '../../vm/work-folder.ts'

const prefix = 'tetragon-cluster'

/** Name of the control group of a node with this work folder. */
export function groupOf(folder: string): string {
  return `${prefix}-${basename(folder)}`
}

/** The mounted hierarchies of control groups (of version 1, or the one of version 2). */
async function hierarchies(): Promise<string[]> {
  const mounts = (await readFile('/proc/self/mounts', 'utf8')).split('\n')
  const all = mounts
    .map((line) => line.split(' '))
    .filter(([, , type]) => /^cgroup2?$/.test(type ?? ''))
  return [...new Set(all.map(([, path]) => path!))]
}

/** Makes a control group in every hierarchy, for the groups of pods. */
export async function makeControlGroup(name: string): Promise<void> {
  for (const hierarchy of await hierarchies()) {
    const folder = join(hierarchy, name)
    await mkdir(folder, { recursive: true })
    // Version 1: a new group cannot have processes until it has processors and memory.
    for (const file of ['cpuset.cpus', 'cpuset.mems']) {
      const own = join(folder, file)
      const parents = join(hierarchy, file)
      if (!existsSync(parents) || (await readFile(own, 'utf8')).trim() !== '') continue
      await writeFile(own, await readFile(parents, 'utf8'))
    }
  }
}

/** The folders of a control group, innermost first. */
async function foldersOf(name: string): Promise<string[]> {
  const found: string[] = []
  const walk = async (folder: string): Promise<void> => {
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
    for (const entry of entries) if (entry.isDirectory()) await walk(join(folder, entry.name))
    if (existsSync(folder)) found.push(folder)
  }
  for (const hierarchy of await hierarchies()) await walk(join(hierarchy, name))
  return found
}

/**
 * Removes a control group and its children once their processes have ended.
 * @throws Error if they still have processes after the time limit
 */
export async function removeControlGroup(name: string): Promise<void> {
  const deadline = performance.now() + 30_000
  for (;;) {
    const folders = await foldersOf(name)
    if (folders.length === 0) return
    if (performance.now() > deadline)
      throw new Error(`remove control groups: ${folders.join(', ')}`)
    for (const folder of folders) await rmdir(folder).catch(() => {})
    await delay(50)
  }
}

/** Names of top-level control groups with this prefix. */
export async function controlGroups(prefix: string): Promise<string[]> {
  const names = await Promise.all((await hierarchies()).map((folder) => readdir(folder)))
  return [...new Set(names.flat())].filter((name) => name.startsWith(prefix))
}

/** Removes control groups of nodes whose process was killed; folders are removed with them. */
export async function removeAbandonedGroups(): Promise<void> {
  for (const name of await controlGroups(prefix)) {
    const maker = makerOf(name)
    if (maker !== undefined && !isAlive(maker)) await removeControlGroup(name)
  }
}
