import { shellQuote } from '@tetragon-ts/api'
import type { CompletedCommand } from './entries.ts'

function cases(entries: readonly (readonly [pattern: string, body: string])[]): string {
  const lines = entries.map(([pattern, body]) => `    ${pattern}) ${body} ;;\n`)
  return `  case "$1" in\n${lines.join('')}  esac\n`
}

const words = (list: readonly string[]): string =>
  `printf '%s\\n' ${list.map(shellQuote).join(' ')}`

/**
 * Tables of the commands, as functions for bash and zsh: each prints its result. Paths of commands
 * and options are joined by a space and looked up as one word.
 */
export function shellTables(commands: readonly CompletedCommand[]): string {
  const named = commands.flatMap(({ path, commands: parts }) =>
    parts.flatMap(({ name, aliases = [] }) =>
      [name, ...aliases].map((word) => {
        const full = path === '' ? name : `${path} ${name}`
        return [`'${path}/${word}'`, `printf '%s\\n' '${full}'`] as const
      }),
    ),
  )
  const parts = commands
    .filter((each) => each.commands.length > 0)
    .map((each) => [`'${each.path}'`, words(each.commands.map(({ name }) => name))] as const)
  const options = commands.map(
    (each) => [`'${each.path}'`, words(each.options.flatMap(({ names }) => names))] as const,
  )
  const values = commands.flatMap(({ path, options: list }) =>
    list.flatMap(({ names, value }) => {
      if (value === 'none') return []
      const pattern = names.map((name) => `'${path}/${name}'`).join('|')
      return [[pattern, value === 'any' ? 'printf "\\n"' : words(value)] as const]
    }),
  )
  const operands = commands.flatMap((each) => {
    if (each.operands === undefined) return [[`'${each.path}'`, 'return 1'] as const]
    return each.operands.length === 0 ? [] : [[`'${each.path}'`, words(each.operands)] as const]
  })
  const fn = (name: string, comment: string, body: string): string =>
    `# ${comment}\n__tetra_${name}() {\n${body}}\n\n`
  return (
    fn('command', 'The command that a word means after a path: PATH/WORD.', cases(named)) +
    fn('parts', 'The commands that a path has.', cases(parts)) +
    fn('options', 'The options of a path.', cases(options)) +
    fn(
      'values',
      'Values of an option (PATH/OPTION), an empty line for any; fails if it takes none.',
      `${cases(values).replace(/ {2}esac\n$/, '    *) return 1 ;;\n  esac\n')}`,
    ) +
    fn('operands', 'Words that fit; fails where a file fits.', cases(operands))
  )
}
