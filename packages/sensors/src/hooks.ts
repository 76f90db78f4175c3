// The interface between kernel and user space for policy hooks: records, arguments with their JSON,
// and requests of actions. It is a separate module because the main thread does not need it to
// start.

export type { UserRequest } from './compiler/actions/requests.ts'
export { addressesOf, type FoundAddress } from './compiler/arguments/addrinfo-entries.ts'
export type { DecodedArgument, NamesOfAddress } from './compiler/arguments/argument-type.ts'
export {
  capabilitiesJson,
  credentialsJson,
  namespaceJson,
} from './compiler/arguments/credentials-json.ts'
export { argumentType, hasArgumentType } from './compiler/arguments/index.ts'
export {
  type EnforcementDescription,
  type EventHead,
  enforcementOutcomes,
  type HookDescription,
  hookFlags,
  type hookHeader,
  hookRecord,
  noProcess,
  type RecordExtras,
  RefusalReport,
  type recordEnforcement,
  recordMax,
  type recordOwner,
  type recordRefusal,
  type recordWorkload,
  refusalsMax,
  returnExtras,
  stepField,
  type ValueTypes,
  valuesMax,
  valueTypes,
} from './compiler/hook-record.ts'
export type { CallOf } from './compiler/programs/calls.ts'
export { HookPiece } from './compiler/programs/long-data.ts'
export { type StackKind, stackField } from './compiler/programs/stacks.ts'
export { selectsPods, type WorkloadSelection } from './compiler/workload-sets.ts'
