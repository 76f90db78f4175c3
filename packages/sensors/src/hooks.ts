// The interface between kernel and user space for policy hooks: records, arguments with their JSON,
// and requests of actions. It is a separate module because the main thread does not need it to
// start.

export type { UserRequest } from './compiler/actions/requests.ts'
export { type StackKind, stackField } from './compiler/actions/stacks.ts'
export { addressesOf, type FoundAddress } from './compiler/arguments/addrinfo-entries.ts'
export type { DecodedArgument, NamesOfAddress } from './compiler/arguments/argument-type.ts'
export {
  capabilitiesJson,
  credentialsJson,
  namespaceJson,
} from './compiler/arguments/credentials-json.ts'
export { argumentType, hasArgumentType } from './compiler/arguments/index.ts'
export { HookPiece } from './compiler/arguments/long-data.ts'
export type { CallOf } from './compiler/plan/calls.ts'
export type { EnforcementDescription, HookDescription } from './compiler/plan/hook-description.ts'
export {
  hookRecord,
  type RecordExtras,
  returnExtras,
  stepField,
  type ValueTypes,
  valueTypes,
} from './compiler/plan/hook-record.ts'
export type { EventHead } from './compiler/sections/section.ts'
export { selectsPods, type WorkloadSelection } from './compiler/workloads/workload-sets.ts'
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
} from './records/hook.ts'
