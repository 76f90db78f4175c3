import {
  hookEvents,
  type MessageOf,
  type Process,
  processEvents,
  streamEvents,
} from '@tetragon-ts/api'

/** A column of all events. */
export interface EventColumn {
  readonly name: string
  /** As DuckDB writes it. */
  readonly type: string
  readonly help: string
  /** The value in a row of the JSON source, in SQL. */
  readonly sql: string
}

const hookKinds = Object.keys(hookEvents)
const allEvents = { ...processEvents, ...hookEvents, ...streamEvents }
const kinds = Object.keys(allEvents)

type Events = typeof allEvents
/** A field that events of some kind have. */
type EventField = {
  [Kind in keyof Events]: keyof MessageOf<Events[Kind]['message']>
}[keyof Events]

/** DuckDB's type of the JSON of a process; what is not here stays in the exported file. */
const process = struct({
  exec_id: 'VARCHAR',
  pid: 'UINTEGER',
  uid: 'UINTEGER',
  auid: 'UINTEGER',
  binary: 'VARCHAR',
  arguments: 'VARCHAR',
  cwd: 'VARCHAR',
  flags: 'VARCHAR',
  start_time: 'TIMESTAMP',
  docker: 'VARCHAR',
  parent_exec_id: 'VARCHAR',
  executable: 'VARCHAR',
  tty: 'VARCHAR',
  user: struct({ name: 'VARCHAR' }),
  binary_properties: 'JSON',
  pod: struct({
    namespace: 'VARCHAR',
    name: 'VARCHAR',
    workload: 'VARCHAR',
    workload_kind: 'VARCHAR',
    container: struct({ id: 'VARCHAR', name: 'VARCHAR', image: struct({ name: 'VARCHAR' }) }),
  }),
  container: struct({ id: 'VARCHAR', name: 'VARCHAR', image: struct({ name: 'VARCHAR' }) }),
} satisfies Partial<Record<keyof Process, string>>)

/** Fields of events besides `process` and `parent`. */
const details = {
  function_name: 'VARCHAR',
  subsys: 'VARCHAR',
  event: 'VARCHAR',
  symbol: 'VARCHAR',
  provider: 'VARCHAR',
  name: 'VARCHAR',
  path: 'VARCHAR',
  policy_name: 'VARCHAR',
  message: 'VARCHAR',
  tags: 'VARCHAR[]',
  action: 'VARCHAR',
  args: 'JSON',
  return: 'JSON',
  enforcement: 'JSON',
  signal: 'VARCHAR',
  status: 'UINTEGER',
  type: 'VARCHAR',
  cgroup: 'VARCHAR',
  number_of_dropped_process_events: 'UBIGINT',
} satisfies Partial<Record<EventField, string>>

/** What DuckDB reads of each JSON line: name → type. */
export const sourceTypes: Readonly<Record<string, string>> = {
  time: 'TIMESTAMP',
  node_name: 'VARCHAR',
  cluster_name: 'VARCHAR',
  findings: 'JSON',
  ...Object.fromEntries(
    kinds.map((kind) => [kind, struct({ process, parent: process, ...details })]),
  ),
}

/** A field of whichever event a line has. */
function ofEvent(field: string, among: readonly string[] = kinds): string {
  return `coalesce(${among.map((kind) => `${kind}.${field}`).join(', ')})`
}

function ofProcess(name: string, type: string, help: string, field = name): EventColumn {
  return { name, type, help, sql: ofEvent(`process.${field}`) }
}

/**
 * Columns that every table has. The order is that of the output. None is a keyword of SQL, as
 * `binary`, `user` and `return` are.
 */
export const eventColumns: readonly EventColumn[] = [
  { name: 'time', type: 'TIMESTAMP', help: 'when it happened, in UTC', sql: 'time' },
  { name: 'node', type: 'VARCHAR', help: 'name of the node', sql: 'node_name' },
  {
    name: 'kind',
    type: 'VARCHAR',
    help: 'process_exec, process_kprobe, …',
    sql: `CASE ${kinds.map((kind) => `WHEN ${kind} IS NOT NULL THEN '${kind}'`).join(' ')} END`,
  },
  ofProcess('exec_id', 'VARCHAR', 'of the process'),
  ofProcess('pid', 'UINTEGER', 'of the host'),
  ofProcess('uid', 'UINTEGER', 'effective user'),
  ofProcess('auid', 'UINTEGER', 'user of the login; 4294967295: none'),
  ofProcess('user_name', 'VARCHAR', 'name of the user, if the agent looks it up', 'user.name'),
  ofProcess('program', 'VARCHAR', 'its path', 'binary'),
  ofProcess('arguments', 'VARCHAR', 'arguments after the first one'),
  ofProcess('cwd', 'VARCHAR', 'working directory'),
  ofProcess('flags', 'VARCHAR', 'such as execve clone'),
  ofProcess('start_time', 'TIMESTAMP', 'of the process'),
  ofProcess('executable', 'VARCHAR', 'path of the executed file (--exec-fields)'),
  ofProcess('tty', 'VARCHAR', 'terminal (--exec-fields)'),
  ofProcess(
    'properties',
    'JSON',
    'of the executed file: set-user-ID, capabilities',
    'binary_properties',
  ),
  ofProcess('parent_exec_id', 'VARCHAR', 'of the parent'),
  {
    name: 'parent_program',
    type: 'VARCHAR',
    help: 'path of the program of the parent',
    sql: ofEvent('parent.binary'),
  },
  {
    name: 'parent_arguments',
    type: 'VARCHAR',
    help: 'its arguments',
    sql: ofEvent('parent.arguments'),
  },
  ofProcess('namespace', 'VARCHAR', 'of Kubernetes', 'pod.namespace'),
  ofProcess('pod', 'VARCHAR', 'name of the pod', 'pod.name'),
  ofProcess('workload', 'VARCHAR', 'such as the Deployment', 'pod.workload'),
  ...(['name', 'id', 'image.name'] as const).map((field) => ({
    name: { name: 'container', id: 'container_id', 'image.name': 'image' }[field],
    type: 'VARCHAR',
    help: `${field.replace('.', ' ')} of the container`,
    sql: `coalesce(${ofEvent(`process.pod.container.${field}`)}, ${ofEvent(`process.container.${field}`)}${
      field === 'id' ? `, ${ofEvent('process.docker')}` : ''
    })`,
  })),
  {
    name: 'function',
    type: 'VARCHAR',
    help: 'hooked function, symbol or tracepoint',
    sql: `coalesce(${ofEvent('function_name', hookKinds)}, ${ofEvent('symbol', hookKinds)},
      process_tracepoint.subsys || ':' || process_tracepoint.event,
      process_usdt.provider || ':' || process_usdt.name)`,
  },
  ofHook('policy', 'VARCHAR', 'name of the policy', 'policy_name'),
  ofHook('message', 'VARCHAR', 'message of the hook in the policy'),
  ofHook('tags', 'VARCHAR[]', 'tags of the policy'),
  ofHook('action', 'VARCHAR', 'such as KPROBE_ACTION_POST'),
  ofHook('args', 'JSON', 'arguments of the hook, as in the event'),
  ofHook('returned', 'JSON', 'value of the function', 'return'),
  ofHook('enforcement', 'JSON', 'how the operation or process was stopped'),
  {
    name: 'mapped_file',
    type: 'VARCHAR',
    help: 'mapped file, or the file of a hook in user space',
    sql: ofEvent('path', ['process_loader', ...hookKinds]),
  },
  { name: 'signal', type: 'VARCHAR', help: 'that ended the process', sql: 'process_exit.signal' },
  {
    name: 'status',
    type: 'UINTEGER',
    help: 'exit code',
    // Exported JSON leaves out 0.
    sql: 'CASE WHEN process_exit IS NOT NULL THEN coalesce(process_exit.status, 0) END',
  },
  { name: 'findings', type: 'JSON', help: 'of detection rules', sql: 'findings' },
  {
    name: 'cgroup',
    type: 'VARCHAR',
    help: 'whose events are omitted',
    sql: 'process_throttle.cgroup',
  },
  {
    name: 'dropped',
    type: 'UBIGINT',
    help: 'number of lost events',
    sql: 'rate_limit_info.number_of_dropped_process_events',
  },
]

function ofHook(name: string, type: string, help: string, field = name): EventColumn {
  return { name, type, help, sql: ofEvent(`"${field}"`, hookKinds) }
}

/** DuckDB's name of a type with fields. */
function struct(fields: Readonly<Record<string, string>>): string {
  return `STRUCT(${Object.entries(fields)
    .map(([name, type]) => `"${name}" ${type}`)
    .join(', ')})`
}
