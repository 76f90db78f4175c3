import { Process } from '@tetragon-ts/api'
import type { FieldKind, FieldValue } from './field.ts'
import { readPath, scalarPaths } from './message-path.ts'

/** A field of processes. */
export interface ProcessField {
  readonly kind: FieldKind
  readonly read: (process: Process) => FieldValue
  /** What the value begins with; many processes have the same. */
  readonly start?: (process: Process) => string | undefined
  /** What the value has after its start and a blank; undefined: nothing. */
  readonly rest?: (process: Process) => string | undefined
}

const binary = ({ binary }: Process): string | undefined => binary

/** Fields that are composed of several others. */
const composed: Readonly<Record<string, ProcessField>> = {
  binary: { kind: 'text', read: binary, start: binary },
  cwd: { kind: 'text', read: ({ cwd }) => cwd },
  /** The called path and the arguments, joined by blanks as events have them. */
  command_line: {
    kind: 'text',
    start: binary,
    rest: ({ arguments: text }) => text || undefined,
    read: ({ binary, arguments: text }) =>
      binary === undefined || text === undefined || text === '' ? binary : `${binary} ${text}`,
  },
  /** The name, if the agent knows it; otherwise `root` or the number. */
  user_name: {
    kind: 'text',
    read: ({ user, uid }) => user?.name || (uid === 0 ? 'root' : uid?.toString()),
  },
}

const paths = scalarPaths(Process)

/** Paths of fields of processes, for messages and completion. */
export const processPaths: readonly string[] = [...Object.keys(composed), ...paths.keys()]

/** A field of processes by its path in `Process`; undefined if there is none. */
export function processField(path: string): ProcessField | undefined {
  if (Object.hasOwn(composed, path)) return composed[path]
  const read = readPath(Process, path)
  return read && { kind: read.kind, read: (process) => read.read(process) }
}
