import { connectionOptions, tetraCommands } from './modules.ts'
import { rootOptions, commands as theirs } from './reference/tetra.ts'
import { better, compare, type Exception, type Exceptions, leftOut, type Section } from './table.ts'

/** By command, or by command and option. */
const exceptions: Exceptions = {
  'tracingpolicy add': better('an error has all that is wrong, with line and column'),
  explain: better('from the schema that policies are checked with'),
}

/** What is not there has no exception of its own as long as it is to come. */
const notYet: Exception = leftOut('not yet')

type Command = (typeof tetraCommands)[number]

/** Names of a command and its parts, each with their options: `eventlog set --max-size`. */
function* namesOf(command: Command, parent = ''): Generator<string> {
  const path = `${parent}${command.name}`
  yield path
  for (const [option, { aliases = [] }] of Object.entries(command.options)) {
    // Those of the connection belong to all commands.
    if (option in connectionOptions) continue
    for (const each of [option, ...aliases]) yield `${path} --${each}`
  }
  for (const part of command.commands ?? []) yield* namesOf(part, `${path} `)
}

/** The command line of tetra. */
export function tetraSection(): Section {
  const connection = Object.keys(connectionOptions).map((name) => `--${name}`)
  const own = tetraCommands.flatMap((command) => [...namesOf(command)])
  const ours = new Set([...connection, ...own])
  const names = [
    ...rootOptions.map((name) => `--${name}`),
    ...Object.entries(theirs).flatMap(([command, options]) => [
      command,
      ...options.map((name) => `${command} --${name}`),
    ]),
  ]
  const known: Record<string, Exception> = { ...exceptions }
  for (const name of names) if (!ours.has(name)) known[name] ??= notYet
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
