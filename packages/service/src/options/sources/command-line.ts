import { parseArgs } from 'node:util'
import type { OptionTable, OptionText, OptionTexts } from '../option-table.ts'
import { unknownOption } from './unknown-option.ts'

/**
 * Parses a command line: `--name=value`, `--name value`, `--flag`, `--flag=false`. If an
 * option is given twice, the last value counts; lists are joined. Unknown options are errors, since
 * a misspelt one must not go unnoticed. node:util only splits the command line: the meaning of
 * options is in the table, because values also come from files and the environment.
 * @throws the error of the table for unknown options
 */
export function readCommandLine(table: OptionTable, argv: readonly string[]): OptionTexts {
  const wrong = (message: string): Error => table.error(`read options: ${message}; see --help`)
  const given = new Map<string, OptionText>()
  const { tokens } = parseArgs({
    args: [...argv],
    options: parserOptions(table),
    strict: false,
    allowPositionals: true,
    tokens: true,
  })
  for (const token of tokens) {
    if (token.kind === 'option-terminator') continue
    if (token.kind === 'positional') throw wrong(`unexpected argument '${token.value}'`)
    const { name, rawName } = token
    const option = table.options.get(name)
    if (option === undefined) {
      throw wrong(unknownOption(table, name, rawName.slice(0, -name.length)))
    }
    const text = token.value ?? (option.kind === 'flag' ? 'true' : undefined)
    if (text === undefined) throw wrong(`missing value of ${rawName}`)
    const before = option.kind === 'list' ? given.get(name) : undefined
    given.set(name, {
      text: before === undefined ? text : `${before.text},${text}`,
      origin: `option ${rawName}`,
    })
  }
  return given
}

/** As node:util expects them. */
function parserOptions({ options }: OptionTable) {
  return Object.fromEntries(
    [...options].map(([name, { kind, short }]) => {
      const type = kind === 'flag' ? ('boolean' as const) : ('string' as const)
      return [name, short === undefined ? { type } : { type, short }]
    }),
  )
}
