import {
  type HookDescription,
  hookFlags,
  hookRecord,
  noExtras,
  returnExtras,
  valueTypes,
} from '@tetragon-ts/compiler/hooks'
import type { RecordType } from '@tetragon-ts/ebpf/records'
import {
  BacklogRecord,
  basicContent,
  ExitRecord,
  type ProcessRecords,
  processRecords,
  recordKind,
} from '@tetragon-ts/sensors'
import { type FieldValues, recordBytes } from './record-bytes.ts'

const { ExecRecord, ForkRecord, RunningRecord }: ProcessRecords = processRecords(basicContent)

/** A process of a test: its start is the boot time of its fork. */
export interface TestProcess {
  readonly pid: number
  readonly start: number
  /** Boot time at which its image began; by default that of the fork. */
  readonly ktime?: number
  readonly execs?: number
  readonly parent?: TestProcess
  /** Bits of `processFlags`. */
  readonly flags?: number
}

function key({ pid, start, ktime = start, execs = 0 }: TestProcess): FieldValues {
  return { pid, ktime, execs }
}

function identity(process: TestProcess): FieldValues {
  const { parent, flags = 0 } = process
  return { key: key(process), flags, ...(parent ? { parent: { ...key(parent), execs: 0 } } : {}) }
}

/** An exec. @param session pid of its leader; 0: not sent */
export function execRecord(
  process: TestProcess,
  filename: string,
  args = '',
  session = 0,
): Uint8Array {
  return recordBytes(ExecRecord as RecordType, {
    kind: recordKind.exec,
    identity: identity(process),
    start: process.start,
    session,
    filename,
    args,
    argsLength: args.length,
    cwd: '/',
  })
}

/** A fork. @param cloner of the process, which is not its parent with CLONE_PARENT */
export function forkRecord(process: TestProcess, cloner = process.parent): Uint8Array {
  const { pid = 0, start = 0, ktime = start } = cloner ?? {}
  return recordBytes(ForkRecord as RecordType, {
    kind: recordKind.fork,
    identity: identity(process),
    clonerPid: pid,
    clonerKtime: ktime,
  })
}

/** A process that started before the agent. */
export function runningRecord(process: TestProcess): Uint8Array {
  return recordBytes(RunningRecord as RecordType, {
    kind: recordKind.running,
    identity: identity(process),
    start: process.start,
  })
}

/** An exit. @param status as of wait(2) */
export function exitRecord(process: TestProcess, status: number, time: number): Uint8Array {
  return recordBytes(ExitRecord as RecordType, {
    kind: recordKind.exit,
    status,
    key: key(process),
    start: process.start,
    time,
  })
}

/** Half of the ring of held records is full. */
export function backlogRecord(time: number): Uint8Array {
  return recordBytes(BacklogRecord as RecordType, { kind: recordKind.backlog, time })
}

/** A hook of `vfs_read` that reads a number and a path. @param returns and the return value */
export function testHook(id: number, returns = false): HookDescription {
  const argument = (type: 'int' | 'file') => ({ type, label: '', resolved: false })
  return {
    id,
    event: 'process_kprobe',
    policyName: 'p',
    onlyFindings: false,
    functions: ['vfs_read'],
    heads: [{ function_name: 'vfs_read' }],
    message: '',
    tags: [],
    args: [argument('int'), argument('file')],
    data: [],
    result: returns ? argument('int') : undefined,
    actions: ['Post'],
    returnActions: [],
    requests: [],
    returnRequests: [],
    enforcedActions: ['Post'],
    enforcedReturnActions: [],
    enforcements: [],
    returnEnforcements: [],
    extras: noExtras,
    enter: ['a0', 'a1'],
    leave: returns ? ['r'] : [],
    returns,
    rereads: [],
    returnMatters: [],
  }
}

/** A hit of such a hook. */
export function hookRecordBytes(
  hook: HookDescription,
  process: TestProcess,
  time: number,
  values: FieldValues,
  when: 'entry' | 'return' = 'entry',
): Uint8Array {
  const types = valueTypes(hook, when === 'entry' ? hook.enter : hook.leave)
  const pending = hook.returns ? hookFlags.pending : 0
  const { pid, start, execs = 0 } = process
  const extras = when === 'entry' ? hook.extras : returnExtras(hook.extras)
  return recordBytes(hookRecord(types, extras), {
    kind: recordKind.hook,
    hook: hook.id,
    time,
    pid,
    tid: pid,
    start,
    execs,
    flags: when === 'entry' ? pending : hookFlags.returned,
    ...values,
  })
}
