import { shellQuote } from '@tetragon-ts/api'
import { type CompletedCommand, fieldRows } from './entries.ts'

function cases(entries: readonly (readonly [pattern: string, body: string])[]): string {
  const lines = entries.map(([pattern, body]) => `    ${pattern}) ${body} ;;\n`)
  return `  case "$1" in\n${lines.join('')}  esac\n`
}

const words = (list: readonly string[]): string =>
  `printf '%s\\n' ${list.map(shellQuote).join(' ')}`

/** For bash and zsh; `[…]` after a name is an index. */
const fieldPaths = `# Paths of fields that fit a word, of a path: PATH WORD.
__tetra_field_paths() {
  local left=$2 row=0 around='' name entry next
  while [[ $left == *.* ]]; do
    name=\${left%%.*}
    left=\${left#*.}
    around=$around$name.
    next=''
    for entry in $(__tetra_fields "$1/$row"); do
      [[ \${entry%%:*} == "\${name%%\\[*}" ]] && next=\${entry#*:}
    done
    [[ -z $next ]] && return
    row=$next
  done
  for entry in $(__tetra_fields "$1/$row"); do
    printf '%s\\n' "$around\${entry%%:*}"
  done
}

`

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
  const fields = commands.flatMap(({ path, fields: rows }) =>
    fieldRows(rows).map(([row, entries]) => [`'${path}/${row}'`, words(entries)] as const),
  )
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
    fn('operands', 'Words that fit; fails where a file fits.', cases(operands)) +
    fn('fields', 'Names in a row of a path (PATH/ROW): NAME:ROW, or NAME: alone.', cases(fields)) +
    fieldPaths
  )
}
