import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Cluster } from '../cluster.ts'
import { programFolder } from '../node/names.ts'

/** Programs of the node that scenarios kill, by their command lines. */
const killable = {
  agent: /\/agent\/bin\/tetragon\.js\0/,
  operator: /\/tetragon-operator\0serve\0/,
  kubelet: new RegExp(`^${programFolder}/bin/kubelet\\0`),
  containerd: new RegExp(`^${programFolder}/bin/containerd\\0`),
} as const

/** The name of a program that scenarios kill. */
export type Killable = keyof typeof killable

/** Processes of the node, by the process ids of the node. */
export async function processesOnNode(cluster: Cluster): Promise<Map<number, string>> {
  const folder = join('/proc', String(cluster.address.pid), 'root/proc')
  const found = new Map<number, string>()
  for (const name of await readdir(folder)) {
    if (!/^\d+$/.test(name)) continue
    const command = await readFile(join(folder, name, 'cmdline'), 'latin1').catch(() => '')
    if (command !== '') found.set(Number(name), command)
  }
  return found
}

/** The process of a program; undefined while it does not run. */
export async function processOfProgram(
  cluster: Cluster,
  name: Killable,
): Promise<number | undefined> {
  for (const [pid, command] of await processesOnNode(cluster)) {
    if (killable[name].test(command)) return pid
  }
  return undefined
}

/** Kills a program, as soon as it runs. */
export async function killProgram(cluster: Cluster, name: Killable): Promise<void> {
  let pid: number | undefined
  await cluster.waitFor(`${name} runs`, async () => {
    pid = await processOfProgram(cluster, name)
    return pid !== undefined
  })
  await cluster.node.run(['kill', '-9', String(pid)])
}
