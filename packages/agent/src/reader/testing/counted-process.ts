import type { ContainerPod } from '../../processes/workload.ts'
import type { CountedProcess } from '../label-sets.ts'

/** A pod with this message, as processes refer to it. */
export function podOf(message: ContainerPod['text']['message']): ContainerPod {
  return {
    text: { head: '', tail: '', hasContainer: false, message, labels: undefined, probes: [] },
  }
}

/** A cached process with this binary, in a pod or outside of pods. */
export function countedProcess(
  binary: string,
  pod?: ContainerPod | ContainerPod['text']['message'],
): CountedProcess {
  const json = JSON.stringify({ cwd: '/","binary":"x', binary, arguments: '","binary":"y"' })
  return {
    image: Buffer.from(`,${json.slice(1, -1)}`).toString('latin1'),
    workload: { docker: '', container: undefined, pod: pod && ('text' in pod ? pod : podOf(pod)) },
    counts: undefined,
    countedText: undefined,
  }
}
