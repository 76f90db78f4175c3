import type { ExecProbe } from '../../processes/workload.ts'
import { imageText } from './image-text.ts'

/**
 * Whether a process may be one of these probes: it has the same arguments and the same binary.
 * Processes of others with the same command line cannot be distinguished.
 * @param image JSON of the image of the process
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
