// Parts of upper layers for tests of lower ones.

export { Btf, BtfError } from '../btf/index.ts'
export { entryPoint, type FeatureName, probe } from '../features/index.ts'
export { attachRawTracepoint } from '../links/index.ts'
export { array } from '../maps/index.ts'
export { createMap, listMaps, type OpenMap } from '../open-maps/index.ts'
export { u32, u64 } from '../records/index.ts'
