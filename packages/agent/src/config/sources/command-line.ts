import { parseArgs } from 'node:util'
import { AgentError } from '../../error.ts'
import { options } from '../families/index.ts'
import type { OptionText, OptionTexts } from './option-text.ts'
import { unknownOption } from './unknown-option.ts'

/** As node:util expects them. */
const table = Object.fromEntries(
  [...options].map(([name, { kind, short }]) => {
    const type = kind === 'flag' ? ('boolean' as const) : ('string' as const)
    return [name, short === undefined ? { type } : { type, short }]
  }),
)

/**
 * Parses a command line: `--name=value`, `--name value`, `--flag`, `--flag=false`. If an
 * option is given twice, the last value counts; lists are joined.
 * @throws AgentError AGENT_OPTION for unknown options
 */
export function readCommandLine(argv: readonly string[]): OptionTexts {
  const given = new Map<string, OptionText>()
  const { tokens } = parseArgs({
    args: [...argv],
    options: table,
    strict: false,
    allowPositionals: true,
    tokens: true,
  })
  for (const token of tokens) {
    if (token.kind === 'option-terminator') continue
    if (token.kind === 'positional') throw wrong(`unexpected argument '${token.value}'`)
    const { name, rawName } = token
    const option = options.get(name)
    if (option === undefined) {
      throw wrong(unknownOption(name, rawName.slice(0, -name.length)))
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

function wrong(message: string): AgentError {
  return new AgentError('AGENT_OPTION', `read options: ${message}; see --help`)
}
