import { fileURLToPath } from 'node:url'

/** Prefix of the line with the results. */
export const hitMarker = 'hook hits: '

/** Results of hits. */
export type Outcome = 'not named' | 'filtered early' | 'filtered late' | 'posted'

/** Hits of a policy's hooks with the same result. */
export interface Situation {
  readonly policy: string
  readonly what: string
  readonly outcome: Outcome
  /** Arguments of the workload hook-loop; NOOP is a program under /dev/shm. */
  readonly operation: readonly string[]
}

export interface Hit {
  readonly situation: Situation
  /** Programs that ran, with the mean time of a run; the empty one is at sys_enter. */
  readonly programs: readonly {
    readonly name: string
    readonly isEmpty: boolean
    readonly hits: number
    readonly ns: number
  }[]
}

const situation = (
  policy: string,
  what: string,
  outcome: Outcome,
  ...operation: string[]
): Situation => ({
  policy: fileURLToPath(new URL(`../../policies/${policy}`, import.meta.url)),
  what,
  outcome,
  operation,
})

const follow = 'file/follow-etc.yaml'
const etcFile = '/etc/opt/tetragon-bench'
const shell = '/usr/bin/true'

/** The walk-through's policies and five others. */
export const situations: readonly Situation[] = [
  // Of policies with calls that other programs of the machine rarely make.
  situation('privilege/namespaces.yaml', 'getpid', 'not named', 'getpid'),
  situation('file/sensitive-reads.yaml', 'getpid', 'not named', 'getpid'),
  situation(follow, 'write, host', 'filtered early', 'write', '/dev/shm/tetragon-bench'),
  situation(follow, 'open, read, close; elsewhere', 'filtered late', 'open', shell, 'in-namespace'),
  situation(follow, 'write, followed', 'posted', 'write', etcFile, 'in-namespace'),
  situation('network/tcp-connections.yaml', 'connect, send, close', 'posted', 'send'),
  situation('file/sensitive-reads.yaml', 'open, read, close', 'filtered late', 'open', shell),
  situation(
    'file/sensitive-reads.yaml',
    'the same of a named file',
    'posted',
    'open',
    '/etc/shadow',
  ),
  situation('network/listening.yaml', 'listen', 'posted', 'listen'),
  situation(
    'process/exec-from-writable-folders.yaml',
    'execute a program of the system',
    'filtered late',
    ...['execute', shell],
  ),
  situation(
    'process/exec-from-writable-folders.yaml',
    'execute one in /dev/shm',
    'posted',
    ...['execute', 'NOOP'],
  ),
  situation('privilege/namespaces.yaml', 'unshare files', 'filtered early', 'unshare-files'),
  situation('privilege/namespaces.yaml', 'unshare the name', 'posted', 'unshare'),
  situation('containers/mounts.yaml', 'mount, host', 'filtered early', 'mount'),
  situation(
    'containers/mounts.yaml',
    'mount, in a namespace',
    'posted',
    'mount',
    '',
    'in-namespace',
  ),
]
