/** Maps in the kernel: the objects made from declarations. */
export { createMap, openPinnedMap } from './create.ts'
export {
  type HeldMap,
  heldMaps,
  listMaps,
  type MapInfo,
} from './map-info.ts'
export { OpenMap, type UpdateCondition } from './open-map.ts'
export { OpenMaps } from './open-maps.ts'
export { waitForPrograms } from './program-barrier.ts'
