import type { Option, Options, OptionValues } from './command.ts'
import { didYouMean } from './suggest.ts'
import { UsageError } from './usage-error.ts'

/** A parsed command line. */
export interface ParsedOptions<O extends Options> {
  readonly values: OptionValues<O>
  readonly operands: readonly string[]
  /** Whether `-h` or `--help` was there. */
  readonly help: boolean
}

type Value = boolean | string | string[]

function initialValue(option: Option): Value {
  if (option.kind === 'list') return []
  return option.kind === 'text' ? option.default : (option.default ?? false)
}

function readFlag(spelled: string, text: string | undefined): boolean {
  if (text === undefined || text === 'true') return true
  if (text === 'false') return false
  throw new UsageError(`parse ${spelled}: invalid value "${text}" (expected true or false)`)
}

function readValue(option: Option, spelled: string, text: string, old: Value): Value {
  if (option.kind === 'list') {
    return [...(old as string[]), ...(option.whole ? [text] : text.split(','))]
  }
  if (option.kind === 'text' && option.choices !== undefined && !option.choices.includes(text)) {
    const hint = didYouMean(text, option.choices)
    throw new UsageError(
      `parse ${spelled}: invalid value "${text}" (expected ${option.choices.join(', ')})${hint}`,
    )
  }
  return text
}

/** Finds options by any of their names. */
function namesOf(options: Options): Map<string, string> {
  const names = new Map<string, string>()
  for (const [name, option] of Object.entries(options)) {
    names.set(`--${name}`, name)
    for (const alias of option.aliases ?? []) names.set(`--${alias}`, name)
    if (option.short !== undefined) names.set(`-${option.short}`, name)
  }
  return names
}

/** Splits an argument into options: `--a=b`, `-a`, `-ab`, `-avalue`. */
function* spelledOptions(
  argument: string,
  takesValue: (spelled: string) => boolean,
): Generator<[spelled: string, attached: string | undefined]> {
  if (argument.startsWith('--')) {
    const split = argument.indexOf('=')
    yield split < 0 ? [argument, undefined] : [argument.slice(0, split), argument.slice(split + 1)]
    return
  }
  for (let i = 1; i < argument.length; i++) {
    const spelled = `-${argument[i]}`
    const rest = argument.slice(i + 1)
    if (rest.startsWith('=')) {
      yield [spelled, rest.slice(1)]
      return
    }
    if (takesValue(spelled) && rest !== '') {
      yield [spelled, rest]
      return
    }
    yield [spelled, undefined]
  }
}

/**
 * Parses the arguments of a command by its table of options. Options and operands may be mixed;
 * `--` ends the options.
 * @throws UsageError with the nearest name for an unknown option
 */
export function parseOptions<O extends Options>(
  argv: readonly string[],
  options: O,
): ParsedOptions<O> {
  const names = namesOf(options)
  const values = new Map<string, Value>(
    Object.entries(options).map(([name, option]) => [name, initialValue(option)]),
  )
  const operands: string[] = []
  let help = false
  const takesValue = (spelled: string): boolean => {
    const name = names.get(spelled)
    return name !== undefined && options[name].kind !== 'flag'
  }
  for (let i = 0; i < argv.length; i++) {
    if (argv[i] === '--') {
      operands.push(...argv.slice(i + 1))
      break
    }
    if (!argv[i].startsWith('-') || argv[i] === '-') {
      operands.push(argv[i])
      continue
    }
    for (const [spelled, attached] of spelledOptions(argv[i], takesValue)) {
      const name = names.get(spelled)
      if (name === undefined) {
        if (spelled !== '-h' && spelled !== '--help') {
          // Every letter is similar to every other one.
          const isShort = !spelled.startsWith('--')
          const hint = isShort ? '' : didYouMean(spelled, [...names.keys(), '--help'])
          throw new UsageError(`unknown option ${spelled}${hint}`)
        }
        help = true
      } else if (options[name].kind === 'flag') {
        values.set(name, readFlag(spelled, attached))
      } else {
        const text = attached ?? argv[++i]
        if (text === undefined) throw new UsageError(`parse ${spelled}: missing value`)
        values.set(name, readValue(options[name], spelled, text, values.get(name) ?? []))
      }
    }
  }
  return { values: Object.fromEntries(values) as OptionValues<O>, operands, help }
}
