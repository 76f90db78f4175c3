import type { Process } from '@tetragon-ts/api'

/** `namespace/pod` of a process; empty outside of pods. */
export function podText({ pod }: Pick<Process, 'pod'>): string {
  return pod ? `${pod.namespace ?? ''}/${pod.name ?? ''}` : ''
}
