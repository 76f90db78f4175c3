/** Maps: declarations without a kernel object, and the objects made from them. */
export { possibleCpus } from '../sys/index.ts'
export { type ArrayOptions, array, perCpuArray, progArray, stackTrace } from './array.ts'
export { createMap, openPinnedMap } from './create.ts'
export {
  type HashOptions,
  hashMap,
  lpmTrie,
  lruHashMap,
  lruPerCpuHashMap,
  perCpuHashMap,
} from './hash.ts'
export { cgroupStorage, taskStorage } from './local-storage.ts'
export {
  type HeldMap,
  heldMaps,
  listMaps,
  type MapInfo,
} from './map-info.ts'
export { arrayOfMaps, hashOfMaps, type MapOfMapsSpec } from './map-of-maps.ts'
export { type MapTypeName, mapFlag, mapType, mapTypeName } from './map-type.ts'
export { OpenMap, type UpdateCondition } from './open-map.ts'
export { OpenMaps } from './open-maps.ts'
export { waitForPrograms } from './program-barrier.ts'
export { type RingBufferSpec, ringBuffer } from './ring-buffer.ts'
export {
  isPerCpu,
  type MapOptions,
  type MapSpec,
  type PerCpuMapSpec,
} from './spec.ts'
