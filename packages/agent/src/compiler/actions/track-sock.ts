import type { Code, Int, Variable } from '@tetragon-ts/ebpf/lang'
import { lruHashMap, type MapSpec } from '@tetragon-ts/ebpf/maps'
import { record, u32, u64 } from '@tetragon-ts/ebpf/records'
import type { Policy } from '@tetragon-ts/policy'
import { processTable } from '../../sensors/process/maps.ts'
import type { ArgumentValue } from '../arguments/argument-type.ts'
import type { Hit } from '../hit.ts'
import type { HookContext } from '../hook-context.ts'
import type { ActionCode } from './action.ts'

const SockKey = record('sock_key', { policy: u32, padding: u32, sock: u64 })
const SockOwner = record('sock_owner', { ktime: u64, pid: u32, tid: u32 })

/** Which process a socket belongs to, for the policies that track it. */
export const sockOwners = lruHashMap('tg_sock_owners', {
  key: SockKey,
  value: SockOwner,
  maxEntries: 32768,
})

type Name = 'TrackSock' | 'UntrackSock'

/** Whether a policy tracks sockets. */
export function tracksSocks({ hooks }: Policy): boolean {
  return hooks.some(({ selectors, returnArgAction }) => {
    const all = selectors.flatMap(({ actions, returnActions }) => [...actions, ...returnActions])
    return returnArgAction === 'TrackSock' || all.some(({ action }) => action === 'TrackSock')
  })
}

/** TrackSock, UntrackSock: whom the events of a socket belong to, in whatever context they come. */
export const trackSock: ActionCode<Name> = {
  names: ['TrackSock', 'UntrackSock'],
  suppresses: () => false,
  needsScratch: false,
  uses: ({ sock }) => [sock],
  maps: () => [sockOwners as MapSpec],
  emit({ action, sock }, { hit, context, argument }) {
    changeOwner(action, hit, context, argument(sock).value)
  },
}

/** Makes the running process the owner of a socket, or forgets the owner. */
export function changeOwner(
  action: Name,
  { k, task }: Hit,
  { policyId }: HookContext,
  { socket }: ArgumentValue,
): void {
  const sock = socket?.address
  if (!sock) return
  const key = { policy: policyId, sock }
  k.when(sock.ne(0), () => {
    if (action === 'UntrackSock') {
      k.remove(sockOwners, key)
      return
    }
    const known = k.lookup(processTable, task.tgid)
    k.when(known, () => {
      const { ktime } = known.key
      k.update(sockOwners, key, { ktime, pid: task.tgid, tid: task.pid })
    })
  })
}

/** Whom an event belongs to: process and thread, 0 if that is who runs. */
export interface Owner {
  readonly pid: Variable
  readonly tid: Variable
}

/**
 * Finds the owner of the first of these sockets that has one. It must still be the process that it
 * was: of the same start, or having executed another program since.
 */
export function findOwner(
  { k }: Hit,
  { policyId }: HookContext,
  values: readonly ArgumentValue[],
): Owner {
  const owner = { pid: k.variable(0), tid: k.variable(0) }
  for (const { socket } of values) {
    const sock = socket?.address
    if (!sock) continue
    k.when(
      owner.pid.eq(0).and(() => sock.ne(0)),
      () => {
        const found = k.lookup(sockOwners, { policy: policyId, sock })
        k.when(found, () => {
          const { ktime, pid, tid } = found
          k.when(isStill(k, pid, ktime), () => {
            owner.pid.set(pid)
            owner.tid.set(tid)
          })
        })
      },
    )
  }
  return owner
}

/** Not 0 if the process of that pid is the one that began then, or if there is none any more. */
function isStill(k: Code, pid: Int, ktime: Int): Int {
  const same = k.variable(1)
  const known = k.lookup(processTable, pid)
  k.when(known, () => {
    const began = known.key.ktime
    const replaced = known.parent.ktime
    k.when(
      began.ne(ktime).and(() => replaced.ne(ktime)),
      () => same.set(0),
    )
  })
  return same
}
