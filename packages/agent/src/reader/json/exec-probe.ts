import type { ExecProbe } from '../../processes/workload.ts'
import { imageText } from './image-text.ts'

/**
 * Whether a process may be one of these probes: it has the same arguments, and the same binary. The
 * command line is all that the kubelet leaves of itself, so others that run it look the same.
 * @param image JSON of the process's image
 */
export function isExecProbe(image: string, probes: readonly ExecProbe[]): boolean {
  if (probes.length === 0) return false
  const [binary, args] = [imageText(image, 'binary'), imageText(image, 'arguments')]
  return probes.some(
    (probe) =>
      probe.arguments === args &&
      (probe.binary === binary || binary.endsWith(`/${probe.binary.replace(/^\.?\/+/, '')}`)),
  )
}
