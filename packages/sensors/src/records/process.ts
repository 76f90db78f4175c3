import {
  arrayOf,
  type RecordType,
  record,
  type Shape,
  s32,
  tail,
  u8,
  u32,
  u64,
} from '@tetragon-ts/ebpf/records'
// From its own module: the main thread needs no other part of the policy language to start.
import { type NamespaceName, namespaces } from '@tetragon-ts/policy/namespaces'
import { credentialsShape } from './credentials.ts'

/** Which process: the pid alone is not enough, since pids come back. */
export const ProcessKey = record('process_key', {
  /** Boot time in nanoseconds at which this program image began: its exec, else its fork. */
  ktime: u64,
  /** Thread group id in the host's pid namespace. */
  pid: u32,
  /** Low half of the kernel's count of the task's execs; 0 in keys of parents. */
  execs: u32,
})

/** The namespaces of a process in the order of their numbers in records, which is the API's. */
export const namespaceNames: readonly NamespaceName[] = Object.values(namespaces)

/** What records say of a process beyond the basics. */
export interface RecordContent {
  readonly credentials: boolean
  readonly namespaces: boolean
}

export const basicContent: RecordContent = { credentials: false, namespaces: false }

const Credentials = record('credentials', credentialsShape)

/** The file of an executed program, and what its execution may have changed. */
const BinaryRecord = record('binary', {
  inode: u64,
  /** Capabilities that the process had at its last exec or fork. */
  permittedBefore: u64,
  mode: u32,
  links: u32,
  /** Not 0 if the kernel took the execution for a privileged one: linux_binprm.per_clear. */
  privileged: u32,
  padding: u32,
})

/** An optional part of a record; if it is switched off it has no fields and no size. */
function part<S extends Shape>(isWanted: boolean, type: RecordType<S>): RecordType<S> {
  return isWanted ? type : (record(type.name, {}) as RecordType as RecordType<S>)
}

/** The records about processes, with what is asked for and nothing else. */
export type ProcessRecords = ReturnType<typeof processRecords>

export function processRecords({ credentials, namespaces }: RecordContent) {
  /** Who a process is, as all records about it say. */
  const Identity = record('identity', {
    key: ProcessKey,
    parent: ProcessKey,
    cgroup: u64,
    /** Bits of the API's process flags. */
    flags: u32,
    /** Its pid in its own pid namespace; 0 in the host's. */
    nspid: u32,
    /** Login uid, 4294967295 if not set. */
    auid: u32,
    euid: u32,
    namespaces: arrayOf(u32, namespaces ? namespaceNames.length : 0),
    credentials: part(credentials, Credentials),
  })

  /** A process replaced its program. */
  const ExecRecord = record('exec', {
    kind: u32,
    /** Length in bytes of arguments and environment, wherever they travel. */
    argsLength: u32,
    envLength: u32,
    cwdDeleted: u32,
    identity: Identity,
    /** Boot time in nanoseconds of the process's fork: with the pid it identifies the process. */
    start: u64,
    /** Start of the image that this one replaced; 0 for the first one after a fork. */
    previousKtime: u64,
    binary: part(credentials, BinaryRecord),
    filename: tail,
    cwd: tail,
    args: tail,
    env: tail,
  })

  /** Facts of an executed task that the exec record has besides the basic ones. */
  const ExecFacts = record('exec_facts', {
    namespaces: Identity.shape.namespaces,
    credentials: Identity.shape.credentials,
    binary: ExecRecord.shape.binary,
  })

  /** A new process that still runs the program of the process that cloned it. */
  const ForkRecord = record('fork', {
    kind: u32,
    /** The process that called clone(2): with CLONE_PARENT it is not the parent. */
    clonerPid: u32,
    clonerKtime: u64,
    identity: Identity,
  })

  /** A process that was there before us. */
  const RunningRecord = record('running', {
    kind: u32,
    padding: u32,
    identity: Identity,
    /** As in an exec record. */
    start: u64,
  })

  return { Identity, ExecRecord, ExecFacts, ForkRecord, RunningRecord }
}

/** Names in a group's record, and bytes of each. */
export const groupNames = 6
export const groupNameMax = 256

/** A control group that the reader has not seen; sent before the first process in it. */
export const GroupRecord = record('group', {
  kind: u32,
  padding: u32,
  cgroup: u64,
  /** Names of it and of groups above that may be a container's, the outermost last; else empty. */
  names: arrayOf(u8, groupNames * groupNameMax),
})

/**
 * The last thread of a process ended. As a `forget` record: later events of this process are
 * throttled, the reader drops it. As an `unlisted` record: the process table had no room for the
 * process, so the key has the time of its fork instead of its exec.
 */
export const ExitRecord = record('exit', {
  kind: u32,
  /** As wait(2) gives it: signal in the low 7 bits, exit code above 8. */
  status: s32,
  key: ProcessKey,
  /** Boot time in nanoseconds of the process's fork. */
  start: u64,
  time: u64,
})

export const dataStream = { args: 0, env: 1 } as const

/**
 * A piece of arguments or environment that were too long for their exec's record; sent before it.
 */
export const DataRecord = record('data', {
  kind: u32,
  stream: u32,
  key: ProcessKey,
  bytes: tail,
})

/** Whether the reader knows an image. */
export const reported = {
  /** Left out: its control group exceeds the rate. */
  no: 0,
  yes: 1,
  /** Its record found no room in the ring; the next reconciliation sends another one. */
  lost: 2,
} as const

/** What the kernel side remembers of a live process. */
export const ProcessEntry = record('process_entry', {
  key: ProcessKey,
  parent: ProcessKey,
  flags: u32,
  nspid: u32,
  /** Inode of the program's file; with the device it names the binary. */
  inode: u64,
  device: u32,
  namespaces: arrayOf(u32, namespaceNames.length),
  /** Whether the reader knows this image: a value of `reported`. */
  reported: u32,
  /** `key.execs` after the exec program has run, else 0: the second copy checks it. */
  handled: u32,
  padding: u32,
  /** Boot time in nanoseconds of the process's fork. */
  start: u64,
  permitted: u64,
  effective: u64,
  inheritable: u64,
  /** Its control group if the reader was sent it, else 0. */
  group: u64,
})
