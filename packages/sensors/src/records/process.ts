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
// Imported from its own module: the main thread needs no other part of the policy language to
// start.
import { type NamespaceName, type NamespaceType, namespaces } from '@tetragon-ts/policy/namespaces'
import { credentialsShape } from './credentials.ts'

/** Identity of a process: the pid alone is not sufficient, since pids are reused. */
export const ProcessKey = record('process_key', {
  /** Boot time in nanoseconds at which this image began: its exec, or its fork. */
  ktime: u64,
  /** Thread group id in the host's pid namespace. */
  pid: u32,
  /** Low half of the kernel's count of the task's execs; 0 in keys of parents. */
  execs: u32,
})

/**
 * The namespaces of a process in the order of their numbers in records, which is that of the API.
 */
export const namespaceNames: readonly NamespaceName[] = Object.values(namespaces)

/** Index of a namespace in entries of the process table. */
export function namespaceIndex(type: NamespaceType): number {
  return namespaceNames.indexOf(namespaces[type])
}

/** Optional content of process records. */
export interface RecordContent {
  readonly credentials: boolean
  readonly namespaces: boolean
  /** Facts about an exec that are in its record only. */
  readonly exec: ExecContent
}

/** Optional facts about an exec. */
export interface ExecContent {
  /** The path of the executable. */
  readonly executable: boolean
  /** Names of environment variables that change what programs do. */
  readonly variables: boolean
  /** Session and terminal. */
  readonly session: boolean
  /** Whether the executable is in the writable layer of an overlay. */
  readonly layer: boolean
}

export const basicContent: RecordContent = {
  credentials: false,
  namespaces: false,
  exec: { executable: false, variables: false, session: false, layer: false },
}

/** Bits of `marks` in exec records. */
export const execMarks = {
  /** The executable has been deleted, or has never had a name, as that of memfd_create. */
  executableDeleted: 1,
  /** The start of its path is missing: it is too long, or its mount is detached. */
  executableCut: 2,
  /** Not all environment variables were looked at. */
  variablesCut: 4,
  /** The executable is in the writable layer of an overlay. */
  upperLayer: 8,
} as const

const Credentials = record('credentials', credentialsShape)

/** The file of an executed program, and privileges that it may have changed. */
const BinaryRecord = record('binary', {
  inode: u64,
  /** Capabilities that the process had at its last exec or fork. */
  permittedBefore: u64,
  mode: u32,
  links: u32,
  /** Not 0 if the kernel considered the exec privileged: linux_binprm.per_clear. */
  privileged: u32,
  padding: u32,
})

/** An optional part of a record; without it the record has no such fields. */
function part<S extends Shape>(isWanted: boolean, type: RecordType<S>): RecordType<S> {
  return isWanted ? type : (record(type.name, {}) as RecordType as RecordType<S>)
}

/** The process records with some content. */
export type ProcessRecords = ReturnType<typeof declareRecords>

const declared = new Map<string, ProcessRecords>()

/** The process records with the enabled content; the same objects for the same content. */
export function processRecords(content: RecordContent): ProcessRecords {
  const key = JSON.stringify(content)
  const records = declared.get(key) ?? declareRecords(content)
  declared.set(key, records)
  return records
}

function declareRecords({ credentials, namespaces }: RecordContent) {
  /** Identity of a process in all of its records. */
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

  /** An exec. */
  const ExecRecord = record('exec', {
    kind: u32,
    /** Length in bytes of arguments and environment, in the record or in pieces. */
    argsLength: u32,
    envLength: u32,
    cwdDeleted: u32,
    identity: Identity,
    /**
     * Boot time in nanoseconds of the process's fork: identifies the process together with the pid.
     */
    start: u64,
    /** Start of the image that this one replaced; 0 for the first one after a fork. */
    previousKtime: u64,
    binary: part(credentials, BinaryRecord),
    /** Bits of `execMarks`. */
    marks: u32,
    /** Pid of the leader of its session in the host's pid namespace; 0: none, or not wanted. */
    session: u32,
    filename: tail,
    cwd: tail,
    /** Path of the file that is executed, for a script that of the interpreter; or empty. */
    executable: tail,
    /** The starts of environment variables that may be watched: pieces of `variableSize` bytes. */
    variables: tail,
    /** Name of the controlling terminal. */
    tty: tail,
    args: tail,
    env: tail,
  })

  /** Optional facts of the exec record. */
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

  /** A process that started before the agent. */
  const RunningRecord = record('running', {
    kind: u32,
    /** Not 0 if its exec is not posted. */
    held: u32,
    identity: Identity,
    /** As in an exec record. */
    start: u64,
  })

  return { Identity, ExecRecord, ExecFacts, ForkRecord, RunningRecord }
}

/**
 * The last thread of a process ended. As a `forget` record: later events of this process are
 * throttled, the reader drops it. As an `unlisted` record: the process table had no entry for the
 * process, so the key has the time of its fork instead of its exec.
 */
export const ExitRecord = record('exit', {
  kind: u32,
  /** As of wait(2): signal in the low 7 bits, exit code above bit 8. */
  status: s32,
  key: ProcessKey,
  /** Boot time in nanoseconds of the process's fork. */
  start: u64,
  time: u64,
})

export const dataStream = { args: 0, env: 1 } as const

/** A piece of arguments or environment that are too long for the exec record; sent before it. */
export const DataRecord = record('data', { kind: u32, stream: u32, key: ProcessKey, bytes: tail })

/** Whether the reader knows an image. */
export const reported = {
  /** Omitted: its control group exceeds the rate. */
  no: 0,
  yes: 1,
  /** Its record was lost; the next reconciliation sends another one. */
  lost: 2,
  /** Its events are not posted: its records are in the backlog. */
  held: 3,
} as const

/** Votes about an exec. It is held if there is one for that, and none against it. */
export const filterVotes = { hold: 1, post: 2 } as const

/** Half of the backlog is full. */
export const BacklogRecord = record('backlog_state', { kind: u32, padding: u32, time: u64 })

/** Maximum size of an exec record that is kept in the kernel. */
export const heldExecMax = 1016

/** An exec record that is kept in the kernel. */
export const HeldExec = record('held_exec', {
  bytes: arrayOf(u8, heldExecMax),
  length: u32,
  padding: u32,
})

/** Images of a process that are kept in the kernel; without any its records are in the rings. */
export const heldImages = { fork: 1, exec: 2 } as const

/** State of a live process on the kernel side. */
export const ProcessEntry = record('process_entry', {
  key: ProcessKey,
  parent: ProcessKey,
  flags: u32,
  nspid: u32,
  /** Inode of the executable; identifies the binary together with the device. */
  inode: u64,
  device: u32,
  namespaces: arrayOf(u32, namespaceNames.length),
  /** Whether the reader knows this image: a value of `reported`. */
  reported: u32,
  /** `key.execs` after the exec program has run, else 0: the second copy checks it. */
  handled: u32,
  /** Votes of process filters about the exec in progress: bits of `filterVotes`. */
  votes: u32,
  /** Its images that are kept in the kernel: bits of `heldImages`. */
  heldImages: u32,
  /** Of such a process: low half of the bytes that had been posted before its fork. */
  postedBefore: u32,
  /** Boot time in nanoseconds of the process's fork. */
  start: u64,
  permitted: u64,
  effective: u64,
  inheritable: u64,
  /** Its control group if it was sent to the reader, else 0. */
  group: u64,
})
