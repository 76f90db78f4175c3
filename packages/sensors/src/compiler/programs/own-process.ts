import { readFileSync } from 'node:fs'

let known: { readonly pid: number | undefined } | undefined

/**
 * The agent's own pid as the kernel side sees it; undefined inside of a pid namespace, where it is
 * not known. Policies leave the agent out: one that sees its writing of events would make new ones
 * of them without end.
 */
export function ownPid(): number | undefined {
  known ??= { pid: readOwnPid() }
  return known.pid
}

function readOwnPid(): number | undefined {
  const status = readFileSync('/proc/self/status', 'latin1')
  const pids = /^NSpid:\t(.*)$/m.exec(status)?.[1].split('\t') ?? []
  return pids.length === 1 ? Number(pids[0]) : undefined
}
