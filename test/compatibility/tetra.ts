import { commands as tetraCommands } from '@tetragon-ts/tetra/commands'
import { connectionOptions } from '@tetragon-ts/tetra/connection'
import { rootOptions, commands as theirs } from './reference/tetra.ts'
import { better, compare, type Exception, leftOut, type Section, same } from './table.ts'

/** By command, or by command and option. */
const exceptions: Record<string, Exception> = {
  '--debug': same('says which agent is asked, and where an error comes from'),
  getevents: better(
    'what was skipped or lost is counted and told; filters that are wrong say where',
  ),
  'getevents --cel-expression': better('types are checked before the first event; several by OR'),
  'tracingpolicy add': better('an error has all that is wrong, with line and column'),
  'tracingpolicy list': better('with the back end of each hook'),
  'tracingpolicy generate usdts': better('of libraries as well'),
  status: better('the exit code says it, too'),
  explain: better('from the schema that policies are checked with'),
  probe: better('the agent tries; `-o json` shows what was not tried and adds further features'),
  bugtool: better('secrets are taken out; what could not be had is listed; pieces of Go are not'),
  'bugtool --gops': same('taken, without effect: it is about Go'),
  'debug maps --path': same('nothing is pinned: an error says so'),
  'debug progs': better('with the policy of each program, and hits that were missed'),
  'debug progs --all': same('the agent tells of its own programs: an error says so'),
  'debug progs --bpf-lib': same('taken, without effect: there are no libraries'),
  'debug progs --bpf-dir': same('taken, without effect: nothing is pinned'),
  'debug enable-stats': better('ends with the command, however it ends'),
}

for (const name of ['execve', 'errmetrics']) {
  for (const path of ['debug dump', 'dump']) {
    exceptions[`${path} ${name} --map-fname`] = same('nothing is pinned: an error says so')
  }
}

type Command = (typeof tetraCommands)[number]

/** Reasons of commands that are there to say why they do nothing. */
function* reasonsOf(command: Command, parent = ''): Generator<[path: string, reason: string]> {
  const path = `${parent}${command.name}`
  if (command.leftOut !== undefined) yield [path, command.leftOut]
  for (const part of command.commands ?? []) yield* reasonsOf(part, `${path} `)
}

/** Names of a command and its parts, each with their options: `eventlog set --max-size`. */
function* namesOf(command: Command, parent = ''): Generator<string> {
  const path = `${parent}${command.name}`
  yield path
  for (const [option, { aliases = [], group }] of Object.entries(command.options)) {
    // Those of the connection belong to all commands.
    if (group === 'connection') continue
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
    ours: own
      .filter((name) => !isPartOf(name, names))
      .map((name) => ({ name, note: summaryOf(name) })),
  }
}

/** Whether one of the names is this one, or that of a part of this command. */
function isPartOf(name: string, names: readonly string[]): boolean {
  return names.some((each) => each === name || each.startsWith(`${name} `))
}

/** What the help says of a command or an option. */
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
