// The interface between kernel and user space for policy hooks: records, arguments with their JSON,
// and requests of actions. It is a separate module because the main thread does not need it to
// start.

export {
  enforcementOutcomes,
  hookFlags,
  type hookHeader,
  noProcess,
  RefusalReport,
  type recordEnforcement,
  recordMax,
  type recordOwner,
  type recordRefusal,
  type recordWorkload,
  refusalsMax,
  valuesMax,
} from '@tetragon-ts/sensors/records/hook'
export type { UserRequest } from './actions/requests.ts'
export { type StackKind, stackField } from './actions/stacks.ts'
export { addressesOf, type FoundAddress } from './arguments/addrinfo-entries.ts'
export type { DecodedArgument, NamesOfAddress } from './arguments/argument-type.ts'
export {
  capabilitiesJson,
  credentialsJson,
  namespaceJson,
} from './arguments/credentials-json.ts'
export { argumentType, hasArgumentType } from './arguments/index.ts'
export { HookPiece } from './arguments/long-data.ts'
export type { CallOf } from './plan/calls.ts'
export type { EnforcementDescription, HookDescription } from './plan/hook-description.ts'
export {
  hookRecord,
  noExtras,
  returnExtras,
  stepField,
  type ValueTypes,
  valueTypes,
} from './plan/hook-description.ts'
export type { RecordExtras } from './plan/record-extras.ts'
export type { EventHead } from './sections/section.ts'
export { selectsPods, type WorkloadSelection } from './workloads/workload-sets.ts'
