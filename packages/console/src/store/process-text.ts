import type { Process } from '@tetragon-ts/api'
import type { ProcessFacts } from './process-facts.ts'

/** `namespace/pod` of a process; empty outside of pods. */
export function podText({ pod }: Pick<Process, 'pod'>): string {
  return pod ? `${pod.namespace ?? ''}/${pod.name ?? ''}` : ''
}

/** The name of the user of a process, or else `uid 0`; empty: unknown. */
export function userText({ user, uid }: Process): string {
  return user?.name || (uid === undefined ? '' : `uid ${uid}`)
}

/** The name of the container of a process, or else its id; empty: it has none. */
export function containerName({ pod, container = pod?.container, docker = '' }: Process): string {
  return container?.name || container?.id || docker
}

/** Where a process runs: its pod, or else its container; empty: on the host. */
export function placeText({ pod, container }: Pick<ProcessFacts, 'pod' | 'container'>): string {
  return pod || container
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
