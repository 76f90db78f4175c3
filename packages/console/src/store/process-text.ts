import type { Process } from '@tetragon-ts/api'

/** `namespace/pod` of a process; empty outside of pods. */
export function podText({ pod }: Pick<Process, 'pod'>): string {
  return pod ? `${pod.namespace ?? ''}/${pod.name ?? ''}` : ''
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
