import type { Ptr, Variable } from '@tetragon-ts/ebpf/lang'
import { lruHashMap, type MapSpec } from '@tetragon-ts/ebpf/maps'
import { record, u32, u64 } from '@tetragon-ts/ebpf/records'
import type { Policy } from '@tetragon-ts/policy'
import { processTable } from '@tetragon-ts/sensors/kernel/maps'
import { isKernelThread } from '@tetragon-ts/sensors/process/identity'
import type { ArgumentValue } from '../arguments/argument-type.ts'
import type { Hit } from '../hook/hit.ts'
import type { HookContext } from '../hook/hook-context.ts'
import { processIdentity } from '../hook/process-identity.ts'
import type { ActionCode } from './action.ts'

const SockKey = record('sock_key', { policy: u32, padding: u32, sock: u64 })
const SockOwner = record('sock_owner', {
  /** Boot time in nanoseconds of the process's fork. */
  start: u64,
  pid: u32,
  tid: u32,
  /** Of the image that became the owner. */
  execs: u32,
  padding: u32,
})

/** Owners of sockets, for the policies that track them. */
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

/** TrackSock, UntrackSock: set the process of a socket's events, in whatever context they occur. */
const trackSock: ActionCode<Name> = {
  suppresses: () => false,
  needsScratch: false,
  uses: ({ sock }) => [sock],
  maps: () => [sockOwners as MapSpec],
  emit({ action, sock }, { hit, context, argument }) {
    changeOwner(action, hit, context, argument(sock).value)
  },
}

export const trackSockActions = {
  TrackSock: { kernel: { ...trackSock, remembers: true } },
  UntrackSock: { kernel: trackSock },
}

/** Makes the current process the owner of a socket, or removes the owner. */
export function changeOwner(
  action: Name,
  hit: Hit,
  { policyId }: HookContext,
  { socket }: ArgumentValue,
): void {
  const { k, task } = hit
  const sock = socket?.address
  if (!sock) return
  const key = { policy: policyId, sock }
  k.when(sock.ne(0), () => {
    if (action === 'UntrackSock') {
      k.remove(sockOwners, key)
      return
    }
    k.unless(isKernelThread(task), () => {
      const { pid, tid, start, execs } = processIdentity(hit)
      k.update(sockOwners, key, { start, pid, tid, execs })
    })
  })
}

/** The process and thread of an event; 0 for the current one. */
export interface Owner {
  readonly pid: Variable
  readonly tid: Variable
  readonly start: Variable
  readonly execs: Variable
}

/**
 * Finds the owner of the first socket that has one: that of the hit, or those of these arguments. A
 * process that reuses the pid of an owner is not the owner.
 */
export function findOwner(
  { k, socket: ofHit }: Hit,
  { policyId }: HookContext,
  values: readonly ArgumentValue[],
): Owner {
  const variable = (): Variable => k.variable(0)
  const owner = { pid: variable(), tid: variable(), start: variable(), execs: variable() }
  const own = ofHit && k.address(ofHit as Ptr<object>)
  for (const sock of [own, ...values.map(({ socket }) => socket?.address)]) {
    if (!sock) continue
    k.when(
      owner.pid.eq(0).and(() => sock.ne(0)),
      () => {
        const found = k.lookup(sockOwners, { policy: policyId, sock })
        k.when(found, () => {
          const { pid, start } = found
          const known = k.lookup(processTable, pid)
          const isOther = k.variable(0)
          owner.execs.set(found.execs)
          k.when(known, () => {
            k.when(
              known.start.eq(start),
              () => owner.execs.set(known.key.execs),
              () => isOther.set(1),
            )
          })
          k.when(isOther.eq(0), () => {
            owner.pid.set(pid)
            owner.tid.set(found.tid)
            owner.start.set(start)
          })
        })
      },
    )
  }
  return owner
}
