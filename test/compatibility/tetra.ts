import { commands as tetraCommands } from '@tetragon-ts/tetra/commands'
import { connectionOptions } from '@tetragon-ts/tetra/connection'
import { rootOptions, commands as theirs } from './reference/tetra.ts'
import { better, compare, type Exception, leftOut, type Section, same } from './table.ts'

/** By command, or by command and option. */
const exceptions: Record<string, Exception> = {
  '--debug': same('prints the address of the agent, and stack traces of errors'),
  getevents: better(
    'skipped and lost events are counted and reported; errors in filters have a position',
  ),
  'getevents --cel-expression': better(
    'types are checked before the first event; several expressions are joined by OR',
  ),
  'tracingpolicy add': better('all errors are reported together, with line and column'),
  'tracingpolicy list': better('with the back end of each hook'),
  'tracingpolicy generate uprobes': better('also functions that only debug files name'),
  'tracingpolicy generate usdts': better('also for libraries'),
  status: better('also as exit code'),
  explain: better('from the schema that validates policies'),
  probe: better(
    'features are found by probing; `-o json` distinguishes features that were not probed, and includes more',
  ),
  bugtool: better(
    'secrets are removed; missing parts are listed; parts specific to Go are omitted',
  ),
  'bugtool --gops': same('accepted, without effect: specific to Go'),
  'debug maps --path': same('an error: maps have no pins with their names'),
  'debug progs': better('with the policy of each program and its missed hits'),
  'debug progs --all': same('an error: the agent shows its own programs only'),
  'debug progs --bpf-lib': same('accepted, without effect: there are no libraries'),
  'debug progs --bpf-dir': same('accepted, without effect: programs are found in the kernel'),
  'debug enable-stats': better('ends with the command, however it ends'),
  'policyfilter listpolicies': better('of a pod, too, with the reasons, and on all nodes'),
  'policyfilter listpolicies --cgroup-mount': leftOut('the agent knows its control groups'),
}

for (const name of ['execve', 'errmetrics']) {
  for (const path of ['debug dump', 'dump']) {
    exceptions[`${path} ${name} --map-fname`] = same('an error: maps have no pins with their names')
  }
}

type Command = (typeof tetraCommands)[number]

/** Reasons of commands that only explain why they have no function. */
function* reasonsOf(command: Command, parent = ''): Generator<[path: string, reason: string]> {
  const path = `${parent}${command.name}`
  if (command.leftOut !== undefined) yield [path, command.leftOut]
  for (const part of command.commands ?? []) yield* reasonsOf(part, `${path} `)
}

/** Commands and subcommands, each with their options: `eventlog set --max-size`. */
function* namesOf(command: Command, parent = ''): Generator<string> {
  const path = `${parent}${command.name}`
  yield path
  for (const [option, { aliases = [], group }] of Object.entries(command.options)) {
    // Options of the connection belong to all commands, those of a cluster to several.
    if (group !== undefined) continue
    for (const each of [option, ...aliases]) yield `${path} --${each}`
  }
  for (const part of command.commands ?? []) yield* namesOf(part, `${path} `)
}

/** The command line of tetra. */
export function tetraSection(): Section {
  const connection = Object.keys(connectionOptions).map((name) => `--${name}`)
  const own = tetraCommands.flatMap((command) => [...namesOf(command)])
  const reasons = new Map(tetraCommands.flatMap((command) => [...reasonsOf(command)]))
  const isThere = (name: string): boolean => !reasons.has(name.split(' --')[0])
  const ours = new Set([...connection, ...own.filter(isThere)])
  const names = [
    ...rootOptions.map((name) => `--${name}`),
    ...Object.entries(theirs).flatMap(([command, options]) => [
      command,
      ...options.map((name) => `${command} --${name}`),
    ]),
  ]
  const known: Record<string, Exception> = { ...exceptions }
  for (const name of names) {
    const reason = reasons.get(name.split(' --')[0])
    if (reason !== undefined) known[name] = leftOut(reason)
  }
  return {
    title: 'Command line',
    intro: 'Commands of `tetra` with their options; the first ones belong to all commands.',
    ...compare({ theirs: names, ours, exceptions: known }),
    ours: [
      ...clusterOptions(),
      ...own
        .filter((name) => !isPartOf(name, names))
        .map((name) => ({ name, note: summaryOf(name) })),
    ],
  }
}

/** The options for all agents of a cluster; getevents has all of them. */
function clusterOptions() {
  const options = tetraCommands.find(({ name }) => name === 'getevents')?.options ?? {}
  return Object.entries(options)
    .filter(([, { group }]) => group === 'cluster')
    .map(([name, { help }]) => ({ name: `--${name}`, note: help }))
}

/** Whether one of the names is this one, or that of a subcommand. */
function isPartOf(name: string, names: readonly string[]): boolean {
  return names.some((each) => each === name || each.startsWith(`${name} `))
}

/** Help of a command or an option. */
function summaryOf(name: string): string {
  const [path, option] = name.split(' --')
  let found: Command | undefined
  for (const word of path.split(' ')) {
    const among: readonly Command[] = found?.commands ?? tetraCommands
    found = among.find((each) => each.name === word) ?? found
  }
  if (option === undefined) return found?.summary ?? ''
  const own = Object.entries(found?.options ?? {})
  return (
    own.find(([each, { aliases }]) => each === option || aliases?.includes(option))?.[1].help ?? ''
  )
}
