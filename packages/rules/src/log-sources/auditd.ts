import type { Event, KprobeArgument, Process, SyscallAbi } from '@tetragon-ts/api'
import { syscallNumber } from '@tetragon-ts/api'
import { actingProcess } from './acting-process.ts'
import { splitArguments } from './arguments-text.ts'
import {
  type EventRecord,
  eventField,
  type FieldTable,
  type FieldValue,
  unanswerable,
} from './field.ts'
import { hookCall, numberOf, pathOf } from './hook-call.ts'
import type { LogSource } from './log-source.ts'

const argumentFields: FieldTable = Object.fromEntries(
  Array.from({ length: 32 }, (_, i) => [
    `a${i}`,
    eventField(
      i < 4
        ? `EXECVE: argument ${i}; SYSCALL: argument ${i} of the call in hex digits`
        : `EXECVE: argument ${i}`,
    ),
  ]),
)

/** Length of a task's name (TASK_COMM_LEN without the end). */
const commLength = 15

const byAuditRule = 'keys belong to rules of auditd; write the condition of that rule instead'

/**
 * Fields that all records of an event share. `auid` of a process without login is 4294967295, as
 * in the audit log.
 */
function common(process: Process | undefined, event: Event): EventRecord {
  const { binary = '', pid, uid, auid, process_credentials: ids } = process ?? {}
  return {
    time: event.response.time,
    pid: pid?.toString(),
    uid: uid?.toString(),
    auid: auid?.toString(),
    euid: ids?.euid?.toString(),
    exe: binary || undefined,
    comm: binary === '' ? undefined : baseName(binary).slice(0, commLength),
    cwd: process?.cwd,
  }
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

function* execRecords(process: Process, shared: EventRecord): Generator<EventRecord> {
  const words = [process.binary ?? '', ...splitArguments(process.arguments ?? '')]
  const args: Record<string, FieldValue> = Object.fromEntries(
    words.slice(0, 32).map((word, i) => [`a${i}`, word]),
  )
  // Events do not have argv[0], only the called path: rules may have either.
  args.a0 = [words[0], baseName(words[0])]
  yield { ...shared, type: 'SYSCALL', ...syscall('execve', 'x64'), success: 'yes' }
  yield { time: shared.time, type: 'EXECVE', argc: String(words.length), ...args }
  yield { time: shared.time, type: 'PATH', name: process.binary, nametype: 'NORMAL' }
}

/** Name and number of a system call. */
function syscall(name: string, abi: SyscallAbi): EventRecord {
  return { SYSCALL: name, syscall: syscallNumber(abi, name)?.toString() }
}

/** The interface in a hook's name; without one, that of most machines. */
function abiOf({ key, body }: Event): SyscallAbi {
  const name = key === 'process_kprobe' ? (body.function_name ?? '') : ''
  return name.startsWith('__arm64_') || name.startsWith('arm64/') ? 'arm64' : 'x64'
}

/** The kind of a name in PATH records, by the start of the function that changes it. */
const nameTypes: readonly (readonly [RegExp, string])[] = [
  [/_(?:mknod|mkdir|create|symlink|link)(?:at)?$/, 'CREATE'],
  [/_(?:unlink|rmdir)(?:at)?$/, 'DELETE'],
]

function hex(argument: KprobeArgument): string | undefined {
  const number = numberOf(argument)
  if (number === undefined) return undefined
  return (number < 0 ? BigInt.asUintN(64, BigInt(number)) : number).toString(16)
}

function* callRecords(event: Event, shared: EventRecord): Generator<EventRecord> {
  const call = hookCall(event)
  if (call === undefined) return
  const isSyscall = call.name.startsWith('sys_')
  if (isSyscall) {
    const args = Object.fromEntries(call.args.slice(0, 4).map((each, i) => [`a${i}`, hex(each)]))
    const name = call.name.slice('sys_'.length)
    yield { ...shared, type: 'SYSCALL', ...syscall(name, abiOf(event)), ...args }
  }
  const nametype = nameTypes.find(([pattern]) => pattern.test(call.name))?.[1] ?? 'NORMAL'
  for (const argument of call.args) {
    const isPath = argument.string_arg === undefined || isSyscall
    const name = isPath ? pathOf(argument) : undefined
    if (name?.startsWith('/')) yield { time: shared.time, type: 'PATH', name, nametype }
  }
}

/**
 * Records of auditd, rebuilt from our events. A rule is about one record: conditions on fields of
 * two types of records are never true together.
 */
export const auditd: LogSource = {
  name: 'auditd',
  key: 'service',
  doc: 'records of auditd, rebuilt from events: SYSCALL, EXECVE, PATH',
  fields: {
    ...Object.fromEntries(
      Object.entries(actingProcess).filter(([, { of }]) => of === 'process' || of === 'parent'),
    ),
    type: {
      of: 'event',
      kind: 'text',
      doc: 'type of the record: SYSCALL, EXECVE or PATH',
      values: {
        allowed: ['SYSCALL', 'EXECVE', 'PATH'],
        reason: 'only SYSCALL, EXECVE and PATH can be rebuilt from events of the kernel',
      },
    },
    time: eventField('time of the event', 'time'),
    SYSCALL: eventField('name of the system call'),
    syscall: eventField('its number'),
    success: eventField('yes for programs that were started'),
    ...argumentFields,
    argc: eventField('EXECVE: number of arguments', 'number'),
    name: eventField('PATH: path of the file'),
    nametype: eventField('PATH: NORMAL, CREATE or DELETE'),
    exe: eventField('path of the executable'),
    comm: eventField('its name, at most 15 characters'),
    cwd: eventField('working directory'),
    pid: eventField('process id', 'number'),
    uid: eventField('user id', 'number'),
    auid: eventField('login uid', 'number'),
    euid: eventField('effective user id; needs --enable-process-cred', 'number'),
    key: unanswerable(byAuditRule),
    unit: unanswerable('records of systemd about services are not events of the kernel'),
    proctitle: unanswerable('use CommandLine of process_creation'),
    tty: unanswerable('events do not name the terminal of a process'),
    ses: unanswerable('events do not name the session of a process'),
    data: unanswerable('input of terminals is not recorded'),
  },
  events: ['process_exec', 'process_kprobe', 'process_tracepoint', 'process_lsm'],
  hooks: ['sys_*'],
  records(event) {
    if (event.key === 'process_throttle' || event.key === 'rate_limit_info') return []
    if (event.key === 'test') return []
    const { process } = event.body
    const shared = common(process, event)
    const records =
      event.key === 'process_exec' && process !== undefined
        ? execRecords(process, shared)
        : callRecords(event, shared)
    return [...records]
  },
}
