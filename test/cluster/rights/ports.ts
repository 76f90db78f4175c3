import { readdir, readFile, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { Cluster } from '../cluster.ts'

/** State of a listening socket in /proc/net/tcp. */
const listening = '0A'

/** The TCP ports on which a process of the node listens. @param pid of the node */
export async function listeningPorts(cluster: Cluster, pid: number): Promise<number[]> {
  const folder = join('/proc', String(cluster.address.pid), 'root/proc', String(pid))
  const names = await readdir(join(folder, 'fd'))
  const links = await Promise.all(
    names.map((name) => readlink(join(folder, 'fd', name)).catch(() => '')),
  )
  const sockets = new Set(links.map((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1]))
  const ports = new Set<number>()
  for (const table of ['tcp', 'tcp6']) {
    const lines = (await readFile(join(folder, 'net', table), 'latin1')).split('\n').slice(1)
    for (const line of lines) {
      const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/)
      if (state !== listening || !sockets.has(inode)) continue
      ports.add(Number.parseInt(local.slice(local.lastIndexOf(':') + 1), 16))
    }
  }
  return [...ports]
}
