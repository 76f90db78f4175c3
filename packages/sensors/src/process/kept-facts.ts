import type { Bytes, Code } from '@tetragon-ts/ebpf/lang'
import { factsBuffer } from '../kernel/maps.ts'
import type { TaskFacts } from './identity.ts'
import type { SensorSetup } from './setup.ts'

/**
 * Stores the optional facts in memory: they do not fit into the program's stack.
 * @param memory created by `entryScratch`
 * @returns them as fields of the record
 */
export function keepFacts(
  k: Code,
  memory: Bytes,
  { content, records }: SensorSetup,
  { identity: { namespaces, credentials } }: TaskFacts,
) {
  if (!content.namespaces && !content.credentials) return () => ({})
  const at = memory.at(factsBuffer.offset)
  const kept = k.recordAt(at, records.ExecFacts, { namespaces, credentials })
  const { length } = kept.namespaces
  return () => ({
    namespaces: Array.from({ length }, (_, index) => kept.namespaces.at(index)),
    credentials: kept.credentials,
  })
}
