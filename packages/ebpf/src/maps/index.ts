/** Maps as they are declared: without a kernel object. */
export { type ArrayOptions, array, perCpuArray, progArray, stackTrace } from './array.ts'
export {
  type HashOptions,
  hashMap,
  lpmTrie,
  lruHashMap,
  lruPerCpuHashMap,
  perCpuHashMap,
} from './hash.ts'
export { cgroupStorage, taskStorage } from './local-storage.ts'
export { arrayOfMaps, hashOfMaps, type MapOfMapsSpec } from './map-of-maps.ts'
export { type MapTypeName, mapFlag, mapType, mapTypeName } from './map-type.ts'
export { type RingBufferSpec, ringBuffer } from './ring-buffer.ts'
export {
  isPerCpu,
  type MapContent,
  type MapOptions,
  type MapSpec,
  type PerCpuMapSpec,
  withContent,
} from './spec.ts'
