/** A table about one subject: some of the events, with further columns. */
export interface EventTable {
  readonly name: string
  readonly help: string
  /** Columns besides those of all events: name → meaning and SQL. */
  readonly columns: Readonly<Record<string, readonly [help: string, sql: string]>>
  /** Which events it has, in SQL. */
  readonly where: string
  /** A list, in SQL: the table has a row `item` for each of its elements. */
  readonly rows?: string
}

/** Values of one field of all arguments, in SQL: a list. */
function argument(path: string): string {
  return `json_extract_string(args, '$[*].${path}')`
}

function all(...paths: readonly string[]): string {
  return paths.map(argument).reduce((list, each) => `list_concat(${list}, ${each})`)
}

function first(...paths: readonly string[]): string {
  return `list_extract(${all(...paths)}, 1)`
}

const paths = ['file_arg.path', 'path_arg.path', 'linux_binprm_arg.path']
/** System calls whose texts are paths. */
const pathCalls =
  'sys_\\w*(open|creat|unlink|rename|link|mkdir|rmdir|chmod|chown|truncate|mount|stat|access|chdir|execve)'
const isPathCall = `regexp_matches(function, '${pathCalls}')`
const filePath = `coalesce(${first(...paths)}, CASE WHEN ${isPathCall} THEN ${first('string_arg')} END)`
const names = all('sock_arg.destination_names[*]', 'sockaddr_arg.names[*]')
const destination = first('sock_arg.daddr', 'skb_arg.daddr', 'sockaddr_arg.addr')
/** Hooks about users, capabilities and namespaces. */
const privileges =
  '(set(re|res|fs)?[ug]id|setgroups|setuid|cap(set|able)|commit_creds|setns|unshare|user_ns|userns)'

const isHook = 'function IS NOT NULL'

/** All tables besides `raw`. A new one is an entry here. */
export const eventTables: readonly EventTable[] = [
  { name: 'exec', help: 'programs that were started', columns: {}, where: "kind = 'process_exec'" },
  { name: 'exit', help: 'processes that ended', columns: {}, where: "kind = 'process_exit'" },
  { name: 'hook', help: 'hits of policies', columns: {}, where: isHook },
  {
    name: 'file',
    help: 'hits of policies with a path, and mapped files',
    columns: {
      path: ['the first path', `coalesce(mapped_file, ${filePath})`],
      paths: ['all paths of the arguments', all(...paths)],
      permission: ['such as -rw-r--r--', first('file_arg.permission', 'path_arg.permission')],
    },
    where: 'path IS NOT NULL',
  },
  {
    name: 'network',
    help: 'hits of policies with a socket, a packet or an address',
    columns: {
      family: ['AF_INET, …', first('sock_arg.family', 'skb_arg.family', 'sockaddr_arg.family')],
      protocol: ['IPPROTO_TCP, …', first('sock_arg.protocol', 'skb_arg.protocol')],
      source: ['address', first('sock_arg.saddr', 'skb_arg.saddr')],
      source_port: ['', `TRY_CAST(${first('sock_arg.sport', 'skb_arg.sport')} AS UINTEGER)`],
      destination: ['address', destination],
      destination_port: [
        '',
        `TRY_CAST(${first('sock_arg.dport', 'skb_arg.dport', 'sockaddr_arg.port')} AS UINTEGER)`,
      ],
      names: ['names of the destination that the process looked up', names],
    },
    where: 'family IS NOT NULL OR destination IS NOT NULL',
  },
  {
    name: 'dns',
    help: 'names that processes looked up before they connected',
    columns: { name: ['that was looked up', 'item'], address: ['the answer', destination] },
    where: 'name IS NOT NULL',
    rows: names,
  },
  {
    name: 'privilege',
    help: 'changes of users, capabilities and namespaces, and programs that change them',
    columns: { capability: ['CAP_SYS_ADMIN, …', first('capability_arg.name')] },
    where: `regexp_matches(function, '${privileges}') OR capability IS NOT NULL
      OR kind = 'process_exec' AND json_exists(properties, '$.privileges_changed')`,
  },
  {
    name: 'alert',
    help: 'findings of detection rules, one row for each',
    columns: {
      title: ['of the rule', "json_extract_string(item, '$.title')"],
      level: ['informational to critical', "json_extract_string(item, '$.level')"],
      rule: ['its id', "json_extract_string(item, '$.rule')"],
      techniques: ['of ATT&CK', "json_extract_string(item, '$.techniques[*]')"],
      rule_action: ['kill or block', "json_extract_string(item, '$.action')"],
      action_state: ['whether that was in force', "json_extract_string(item, '$.action_state')"],
    },
    where: 'rule IS NOT NULL',
    rows: "json_extract(findings, '$[*]')",
  },
  {
    name: 'loss',
    help: 'events that were lost or left out',
    columns: {},
    where: "kind IN ('process_throttle', 'rate_limit_info')",
  },
]
