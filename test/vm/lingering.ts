import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'

/** Exit code of a process of tests that did not end after its last test. */
export const lingeringExit = 86

/** A process as /proc shows it. */
interface Running {
  readonly pid: number
  readonly parent: number
  readonly group: number
  readonly command: string
}

/** The processes of a group, and descendants of its leader, without the leader: a line each. */
export function describeGroup(leader: number): string[] {
  const all = runningProcesses()
  const ids = new Set([leader])
  // Children may precede their parents: pids start again.
  for (let size = 0; size < ids.size; ) {
    size = ids.size
    for (const { pid, parent, group } of all) {
      if (group === leader || ids.has(parent)) ids.add(pid)
    }
  }
  return all
    .filter(({ pid }) => pid !== leader && ids.has(pid))
    .map(({ pid, parent, command }) => `process ${pid} of ${parent}: ${command}`)
}

function runningProcesses(): Running[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(join('/proc', name, 'stat'), 'utf8')
        // The name of a program may have spaces and brackets.
        const end = stat.lastIndexOf(')')
        const [, parent, group] = stat.slice(end + 2).split(' ')
        const line = readFileSync(join('/proc', name, 'cmdline'), 'utf8').replaceAll('\0', ' ')
        const command = line.trim() || stat.slice(stat.indexOf('(') + 1, end)
        return [{ pid: Number(name), parent: Number(parent), group: Number(group), command }]
      } catch {
        // It has ended since.
        return []
      }
    })
}

/** Paths of the Unix sockets of this process: accepted connections have that of the server. */
function unixSockets(): string[] {
  const lines = readFileSync('/proc/net/unix', 'utf8').split('\n')
  const paths = new Map(lines.map((line) => [line.split(/ +/)[6], line.split(/ +/)[7]]))
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      const [, inode] = /^socket:\[(\d+)\]$/.exec(readlinkSync(join('/proc/self/fd', fd))) ?? []
      return paths.has(inode) ? [`${fd} ${paths.get(inode) ?? 'without a path'}`] : []
    } catch {
      // The descriptor of the list itself.
      return []
    }
  })
}

/**
 * Ends this process if it is still alive some time after its last test, and prints what keeps it
 * alive: a child, a timer or a socket that a test has left.
 */
export class LingerWatch {
  readonly #limitMs: number
  #open = 0
  #timer: NodeJS.Timeout | undefined

  constructor(limitMs: number) {
    this.#limitMs = limitMs
  }

  /** An outermost test or suite was declared. */
  begin(): void {
    this.#open++
    clearTimeout(this.#timer)
  }

  /** An outermost test or suite has ended. */
  end(): void {
    this.#open--
    if (this.#open > 0) return
    // Alone it does not keep the process alive.
    this.#timer = setTimeout(() => this.#report(), this.#limitMs).unref()
  }

  #report(): void {
    const lines = [
      `this process still runs ${this.#limitMs / 1000} s after its last test, with:`,
      ...describeGroup(process.pid),
      `resources: ${process.getActiveResourcesInfo().join(', ')}`,
      `Unix sockets: ${unixSockets().join(', ')}`,
    ]
    console.error(lines.join('\n'))
    process.exit(lingeringExit)
  }
}
