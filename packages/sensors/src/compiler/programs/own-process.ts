import { readFileSync } from 'node:fs'

let known: { readonly pid: number | undefined } | undefined

/**
 * The agent's own pid on the host; undefined inside a pid namespace, where it is unknown. Policies
 * ignore the agent: otherwise a policy that observes writes would observe its own events without
 * end.
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
