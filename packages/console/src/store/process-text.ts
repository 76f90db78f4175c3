import type { Process } from '@tetragon-ts/api'

/** `namespace/pod` of a process; empty outside of pods. */
export function podText({ pod }: Pick<Process, 'pod'>): string {
  return pod ? `${pod.namespace ?? ''}/${pod.name ?? ''}` : ''
}

/** The name of the user of a process, or else `uid 0`; empty: unknown. */
export function userText({ user, uid }: Process): string {
  return user?.name || (uid === undefined ? '' : `uid ${uid}`)
}

/** The pod of a process, or else the name or the id of its container; empty: it has none. */
export function containerText({ pod, container, docker = '' }: Process): string {
  return podText({ pod }) || container?.name || container?.id || docker
}

/**
 * The container, workload and user of a process, which words of filters are looked for in. Few
 * processes differ in them.
 */
export function processDetails({ pod, container = pod?.container, ...process }: Process): string {
  const { docker, uid, user } = process
  const id = container?.id ?? docker
  const parts = [
    ...[container?.name, id, container?.image?.name, container?.image?.id],
    ...[pod?.workload_kind, pod?.workload, user?.name],
    uid === undefined ? undefined : `uid ${uid}`,
  ]
  return parts.filter((part) => part !== undefined && part !== '').join('\n')
}
