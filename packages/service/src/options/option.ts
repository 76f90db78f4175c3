import { BadValue } from './bad-value.ts'

/** An option of a program, declared once. */
export interface Option<Value> {
  /**
   * A `flag` needs no value; a `list` can be repeated, and has comma-separated values; an `integer`
   * is reported to clients as a number.
   */
  readonly kind: 'flag' | 'value' | 'integer' | 'list'
  /** Placeholder of the value in the help. */
  readonly value: string
  readonly short?: string
  readonly help: string
  /** Default as text. */
  readonly default: string
  /** Why it has no effect; it is accepted so that configurations of the original work unchanged. */
  readonly noEffect?: string
  /** Whether it is limited to the command line. */
  readonly commandLineOnly?: boolean
  /** The value if it is not set. */
  readonly unset: Value
  /** @throws BadValue */
  read(text: string): Value
}

/** Properties of a declaration. */
export interface Declaration {
  readonly help: string
  readonly noEffect?: string
  readonly commandLineOnly?: boolean
  /** Placeholder of the value in the help. */
  readonly value?: string
  readonly default?: string
  readonly short?: string
}

/** An option with its own parser. */
export function option<Value>(
  declaration: Declaration & { read(text: string): Value },
): Option<Value> {
  const { read, value = 'VALUE', default: initial = '', ...rest } = declaration
  return { kind: 'value', ...rest, value, default: initial, unset: read(initial), read }
}

/** An optional value; undefined if it is not set. */
export function optional<Value>(
  declaration: Omit<Declaration, 'default'> & { read(text: string): Value },
): Option<Value | undefined> {
  const { read, value = 'VALUE', ...rest } = declaration
  return { kind: 'value', ...rest, value, default: '', unset: undefined, read }
}

/** Any text. */
export function text(declaration: Declaration): Option<string> {
  return option({ ...declaration, read: (given) => given })
}

/** One of several names. */
export function choice<Name extends string>(
  declaration: Declaration & {
    readonly choices: readonly Name[]
    /** Alternative spellings. */
    readonly aliases?: Readonly<Record<string, Name>>
  },
): Option<Name> {
  const { choices, aliases = {}, ...rest } = declaration
  const read = (given: string): Name => {
    const lower = given.toLowerCase()
    const wanted = Object.hasOwn(aliases, lower) ? aliases[lower] : lower
    const found = choices.find((each) => each === wanted)
    if (found !== undefined) return found
    throw new BadValue(`expected one of ${choices.join(', ')}`)
  }
  return option({ ...rest, read })
}

/** A flag. */
export function flag({ default: initial = 'false', ...rest }: Declaration): Option<boolean> {
  return {
    kind: 'flag',
    value: '',
    ...rest,
    default: initial,
    unset: readFlag(initial),
    read: readFlag,
  }
}

/** A list of texts. */
export function list({ default: initial = '', ...rest }: Declaration): Option<readonly string[]> {
  const read = (given: string): string[] => given.split(',').filter((each) => each !== '')
  return { kind: 'list', value: 'VALUE', ...rest, default: initial, unset: read(initial), read }
}

const flagTexts = { true: true, '1': true, t: true, false: false, '0': false, f: false } as const

function readFlag(given: string): boolean {
  const lower = given.toLowerCase()
  if (Object.hasOwn(flagTexts, lower)) return flagTexts[lower as keyof typeof flagTexts]
  throw new BadValue('expected true or false')
}
