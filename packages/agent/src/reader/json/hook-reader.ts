import type { DecodedArgument, NamesOfAddress } from '@tetragon-ts/compiler/hooks'
import {
  argumentType,
  type HookDescription,
  type hookHeader,
  hookRecord,
  type RecordExtras,
  type recordEnforcement,
  type recordOwner,
  type recordRefusal,
  type recordWorkload,
  type StackKind,
  stackField,
  stepField,
  type ValueTypes,
  valuesMax,
} from '@tetragon-ts/compiler/hooks'
import {
  type RecordMemory,
  type RecordReader,
  type RecordType,
  reader,
} from '@tetragon-ts/ebpf/records'
import type { ByteWriter } from '../../bytes/byte-writer.ts'
import { type RedactText, redactedJson } from './redacted-data.ts'

/** Values that arrived in pieces, by their index. */
export type Pieces = ReadonlyMap<number, Uint8Array>

/** Location of the bytes at the end of a record. */
export interface Tail {
  readonly offset: number
  readonly length: number
}

export type Header = RecordReader<typeof hookHeader>
type Owner = RecordReader<typeof recordOwner.shape>
type WorkloadFields = RecordReader<typeof recordWorkload.shape>
type EnforcementFields = RecordReader<typeof recordEnforcement.shape>
type RefusalFields = RecordReader<typeof recordRefusal.shape>

/** A value of a record, ready to be written. */
export interface ReadableValue {
  /** Its index among the values of its kind. */
  readonly index: number
  /** As JSON, in UTF-8: `,"label":"…"`, or empty. */
  readonly label: Uint8Array
  readonly errors: number
  /** Field with the numbers of the failed steps of `resolve`. */
  readonly steps: string | undefined
  readonly fields: DecodedArgument['fields']
  readonly tail: Tail | undefined
  json(out: ByteWriter, value: DecodedArgument): void
}

/** The low half of the number. */
interface SyscallNumber {
  readonly valueLow: number
}

/** A kind of hook record: its fields in place, in the order of the event. */
export interface Readable {
  readonly header: Header
  readonly fields: Readonly<Record<string, number>>
  /** Owner of the socket, in policies that track sockets. */
  readonly owner: Owner | undefined
  /** What decides about an uncertain workload, in policies that select workloads. */
  readonly workload: WorkloadFields | undefined
  /** Outcome of enforcing actions, in hooks that have some. */
  readonly enforcement: EnforcementFields | undefined
  /** Identifies equal refusals, in hooks that count them. */
  readonly refusal: RefusalFields | undefined
  readonly stacks: readonly { readonly kind: StackKind; readonly tail: Tail }[]
  /** The IMA hash of the file, if the policy asks for it. */
  readonly imaHash: Tail | undefined
  readonly memory: RecordMemory
  /** Finds the names that the process of the event has for an address. */
  readonly namesOf: NamesOfAddress | undefined
  readonly args: readonly ReadableValue[]
  readonly data: readonly ReadableValue[]
  /** The number of a system call, in events of all system calls. */
  readonly syscall: SyscallNumber | undefined
  /** Long values of the current record. */
  pieces: Pieces | undefined
  readonly result: ReadableValue | undefined
}

/** Reads a kind of hook record in place. @param types its values, in order */
export function readable(
  description: HookDescription,
  types: ValueTypes,
  memory: RecordMemory,
  extras?: RecordExtras,
  redact?: RedactText,
  namesOf?: NamesOfAddress,
): Readable {
  const { args, data, result } = description
  const record: RecordType = hookRecord(types, extras)
  const fields = reader(record, memory) as Header & Readonly<Record<string, never>>
  const values = types.map(({ name, type: typeName, resolved }, errors) => {
    const type = argumentType(typeName)
    const index = name === 'r' ? valuesMax : Number(name.slice(1))
    const label = (name === 'r' ? result : (name[0] === 'a' ? args : data)[index])?.label ?? ''
    return {
      name,
      index,
      errors,
      steps: resolved ? stepField(name) : undefined,
      label: Buffer.from(label === '' ? '' : `,"label":${JSON.stringify(label)}`),
      fields: fields[name] ?? {},
      tail: type.tailMax > 0 ? fields[`${name}_tail`] : undefined,
      json: redactedJson(typeName, type.json.bind(type), redact),
    }
  })
  // Values of type nop are not read and omitted: the following ones move up.
  const shown = values.filter((_, i) => types[i].type !== 'nop')
  const named = (first: string) =>
    shown.filter(({ name }) => name[0] === first).sort((a, b) => a.index - b.index)
  return {
    header: fields,
    fields,
    owner: extras?.owner ? fields.owner : undefined,
    workload: extras?.workload ? fields.workload : undefined,
    enforcement: extras?.enforcement ? fields.enforcement : undefined,
    refusal: extras?.refusal ? fields.refusal : undefined,
    stacks: (extras?.stacks ?? []).map((kind) => ({ kind, tail: fields[stackField(kind)] })),
    imaHash: extras?.imaHash ? fields.ima_hash : undefined,
    memory,
    namesOf,
    args: hasResultField(description) ? named('a') : [...named('a'), ...named('r')],
    data: named('d'),
    syscall: hasSyscall(description) ? fields.a0 : undefined,
    pieces: undefined,
    result: named('r')[0],
  }
}

/** Whether the result has a field of its own in events; elsewhere it is the last argument. */
export function hasResultField({ event }: HookDescription): boolean {
  return event !== 'process_uprobe'
}

/**
 * Whether the first argument is that of `raw_syscalls/sys_enter`, of the type that it has there.
 */
function hasSyscall({ event, functions, args }: HookDescription): boolean {
  const isEnter = event === 'process_tracepoint' && functions[0] === 'raw_syscalls/sys_enter'
  return isEnter && args.length > 0 && syscallTypes.has(args[0].type)
}

const syscallTypes: ReadonlySet<string> = new Set([
  'syscall64',
  'int64',
  'sint64',
  'uint64',
  'long',
  'ulong',
  'size_t',
])
