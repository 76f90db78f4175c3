import { BadValue } from './bad-value.ts'
import { didYouMean } from './did-you-mean.ts'

/** An option of a program, declared once. */
export interface Option<Value> {
  /**
   * A `flag` needs no value; a `list` can be repeated; an `integer` is reported to clients as a
   * number.
   */
  readonly kind: 'flag' | 'value' | 'integer' | 'list'
  /** Placeholder of the value in the help. */
  readonly value: string
  readonly short?: string
  /** Other long names, which help and completion omit. */
  readonly aliases?: readonly string[]
  readonly help: string
  /** Default as text. */
  readonly default: string
  /** Names to choose from, for help and completion. */
  readonly choices?: readonly string[]
  /** Section of the help; by default that of the program's own options. */
  readonly group?: string
  /** Whether help and completion omit it. */
  readonly hidden?: boolean
  /** Joins the values of a repeated list. */
  readonly separator?: string
  /** Why it has no effect; it is accepted so that configurations of the original work unchanged. */
  readonly noEffect?: string
  /** Whether it is limited to the command line. */
  readonly commandLineOnly?: boolean
  /** The value if it is not set. */
  readonly unset: Value
  /** @throws BadValue */
  read(text: string): Value
}

/** Options by long name, without the dashes. */
export type Options = Readonly<Record<string, Option<unknown>>>

/** The values of options by name. */
export type ValuesOf<O extends Options> = {
  readonly [Name in keyof O]: O[Name] extends Option<infer Value> ? Value : never
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
  readonly aliases?: readonly string[]
  readonly choices?: readonly string[]
  readonly group?: string
  readonly hidden?: boolean
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

/** Names to choose from. */
interface Choices<Name extends string> {
  readonly choices: readonly Name[]
  /** Alternative spellings. */
  readonly synonyms?: Readonly<Record<string, Name>>
}

/** One of several names. */
export function choice<Name extends string>(
  declaration: Declaration & Choices<Name>,
): Option<Name> {
  const { synonyms, ...rest } = declaration
  return option({ ...rest, read: choiceReader(declaration) })
}

/** One of several names, or undefined if it is not set. */
export function optionalChoice<Name extends string>(
  declaration: Omit<Declaration, 'default'> & Choices<Name>,
): Option<Name | undefined> {
  const { synonyms, ...rest } = declaration
  return optional({ ...rest, read: choiceReader(declaration) })
}

/** A parser of one of several names, whose case is ignored. It throws BadValue. */
export function choiceReader<Name extends string>({ choices, synonyms = {} }: Choices<Name>) {
  return (given: string): Name => {
    const lower = given.toLowerCase()
    const wanted = Object.hasOwn(synonyms, lower) ? synonyms[lower] : lower
    const found = choices.find((each) => each === wanted)
    if (found !== undefined) return found
    const hint = didYouMean(given, choices)
    throw new BadValue(`invalid value "${given}" (expected ${choices.join(', ')})${hint}`)
  }
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

/** A declaration of a list. */
interface ListDeclaration extends Declaration {
  /** Whether commas are part of a value: further values need the option again. */
  readonly keepsCommas?: boolean
  /** Whether empty values are omitted, as in configurations with empty settings. */
  readonly omitsEmpty?: boolean
}

/** A list of texts, separated by commas, or of the values that are read from them. */
export function list<Value = string>(
  declaration: ListDeclaration & { readonly each?: (text: string) => Value },
): Option<Value[]> {
  const {
    each,
    keepsCommas = false,
    omitsEmpty = false,
    default: initial = '',
    ...rest
  } = declaration
  // No argument has a NUL.
  const separator = keepsCommas ? '\0' : ','
  const read = (given: string): Value[] => {
    const all = given.split(separator)
    const texts = all.filter((one) => one !== '')
    if (!omitsEmpty && texts.length < all.length) {
      throw new BadValue(all.length === 1 ? 'empty value' : `empty value in "${all.join(',')}"`)
    }
    return each === undefined ? (texts as Value[]) : texts.map((one) => each(one))
  }
  const unset = initial === '' ? [] : read(initial)
  return { kind: 'list', value: 'VALUE', ...rest, default: initial, separator, unset, read }
}

const flagTexts = { true: true, '1': true, t: true, false: false, '0': false, f: false } as const

function readFlag(given: string): boolean {
  const lower = given.toLowerCase()
  if (Object.hasOwn(flagTexts, lower)) return flagTexts[lower as keyof typeof flagTexts]
  throw new BadValue(`invalid value "${given}" (expected true or false)`)
}
