import { type FieldType, type RecordType, record, tail, u64 } from '@tetragon-ts/ebpf/records'
import type { Argument, ArgumentTypeName, Hook } from '@tetragon-ts/policy'
import {
  hookHeader,
  recordEnforcement,
  recordOwner,
  recordRefusal,
  recordWorkload,
} from '@tetragon-ts/sensors/records/hook'
import { type StackKind, stackField } from '../actions/stacks.ts'
import { argumentType } from '../arguments/index.ts'

/** A value of a hook's record: `a0` of `args`, `d0` of `data`, `r` the result. */
export type ValueName = `a${number}` | `d${number}` | 'r'

/** Description of an argument for the reader of events. */
export interface ArgumentDescription {
  readonly type: ArgumentTypeName
  readonly label: string
  /** Whether it has a member path: then one of the steps may fail. */
  readonly resolved: boolean
}

/** The arguments of a hook, its items of data and its return value. */
interface DescribedValues {
  readonly args: readonly ArgumentDescription[]
  readonly data: readonly ArgumentDescription[]
  readonly result?: ArgumentDescription | undefined
}

/** The parts of a record for named values. */
export type ValueTypes = readonly {
  readonly name: ValueName
  readonly type: ArgumentTypeName
  readonly resolved: boolean
}[]

/** Optional parts of an entry's record. */
export interface RecordExtras {
  /** Whether it has the owner of a tracked socket. */
  readonly owner: boolean
  readonly stacks: readonly StackKind[]
  /** Whether it has the IMA hash of the file. */
  readonly imaHash: boolean
  /** Whether the workload decides. */
  readonly workload: boolean
  /** Whether it has the outcome of enforcing actions. */
  readonly enforcement: boolean
  /** Whether equal refusals are counted. */
  readonly refusal: boolean
}
const noExtras: RecordExtras = {
  owner: false,
  stacks: [],
  imaHash: false,
  workload: false,
  enforcement: false,
  refusal: false,
}

/** Extras of the records of a return. */
export function returnExtras({ enforcement }: RecordExtras): RecordExtras {
  return { ...noExtras, enforcement }
}

/** The record of a hook: header, fixed parts of the values, tails in the order of the values. */
export function hookRecord(values: ValueTypes, extras: RecordExtras = noExtras): RecordType {
  const fixed: Record<string, FieldType> = {
    ...(extras.owner && { owner: recordOwner }),
    ...(extras.workload && { workload: recordWorkload }),
    ...(extras.enforcement && { enforcement: recordEnforcement }),
    ...(extras.refusal && { refusal: recordRefusal }),
  }
  const tails: Record<string, typeof tail> = {}
  for (const { name, type, resolved } of values) {
    const { shape, tailMax } = argumentType(type)
    if (resolved) fixed[stepField(name)] = u64
    if (Object.keys(shape).length > 0) fixed[name] = record(name, shape)
    if (tailMax > 0) tails[`${name}_tail`] = tail
  }
  for (const kind of extras.stacks) tails[stackField(kind)] = tail
  if (extras.imaHash) tails.ima_hash = tail
  return record('hook', { ...hookHeader, ...fixed, ...tails })
}

/** Field with a bit for each step of the member path whose address could not be read. */
export function stepField(name: ValueName): string {
  return `${name}_step`
}

/** The parts of a record for named values. */
export function valueTypes(
  { args, data, result }: DescribedValues,
  names: readonly ValueName[],
): ValueTypes {
  return names.map((name) => {
    const position = Number(name.slice(1))
    const value = name === 'r' ? result : (name[0] === 'a' ? args : data)[position]
    return { name, type: value?.type ?? 'nop', resolved: value?.resolved ?? false }
  })
}

/** The argument, item of data or return value with this name. */
export function argumentOf({ args, data, returnArg }: Hook, name: ValueName): Argument {
  if (name !== 'r') return (name[0] === 'a' ? args : data)[Number(name.slice(1))]
  if (!returnArg) throw new RangeError('a result that is not read')
  return returnArg
}
