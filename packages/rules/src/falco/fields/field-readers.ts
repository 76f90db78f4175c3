import {
  type Comparison,
  expressionTest,
  type FieldReader,
  globExpression,
  literal,
  plain,
  textTest,
} from '../comparison.ts'
import { always, and, never, not, or, type Term, test, unknown } from '../term.ts'

const numberText = /^-?(?:\d+|0x[0-9a-f]+)$/i

/** Fields that all events have. */
const everPresent = new Set(['Image', 'CommandLine', 'ProcessId', 'User', 'process.uid'])

function exists(field: string): Term {
  return everPresent.has(field) ? always : test(`${field}|exists`, true)
}

/** A field of texts. */
export function text(field: string): FieldReader {
  return (comparison) => {
    const { how, values, all } = comparison
    switch (how) {
      case 'exists':
        return exists(field)
      case 'equals':
        return all ? never : textTest(field, [], comparison, values.map(plain))
      case 'contains':
      case 'startswith':
      case 'endswith':
        return textTest(field, [how], comparison, values.map(plain))
      case 'glob':
        return expressionTest(
          field,
          comparison,
          values.map((each) => `^${globExpression(each)}$`),
        )
      case 'regex':
        return expressionTest(
          field,
          comparison,
          values.map((each) => `^(?:${each})$`),
        )
      case 'below':
        return expressionTest(field, comparison, values.map(belowExpression))
      default:
        return unknown(`${field} is a text, which has no order`)
    }
  }
}

/** A path, or what is below; components may be patterns. */
function belowExpression(path: string): string {
  return `^${globExpression(path.replace(/\/+$/, ''))}(?:/.*)?$`
}

/** The last part of a path. */
export function lastPart(field: string): FieldReader {
  const whole = text(field)
  return (comparison) => {
    const { how, values } = comparison
    const expressions = (of: (value: string) => string): Term => {
      return expressionTest(field, comparison, values.map(of))
    }
    switch (how) {
      case 'equals':
        return textTest(
          field,
          ['endswith'],
          comparison,
          values.map((each) => plain(`/${each}`)),
        )
      case 'contains':
        return expressions((each) => `${literal(each)}[^/]*$`)
      case 'startswith':
        return expressions((each) => `/${literal(each)}[^/]*$`)
      case 'glob':
        return expressions((each) => `/${globExpression(each).replaceAll('.*', '[^/]*')}$`)
      case 'regex':
        return expressions((each) => `/(?:${each})$`)
      case 'below':
        return unknown('pmatch needs a path')
      default:
        return whole(comparison)
    }
  }
}

/** The folder of a path. */
export function folder(field: string): FieldReader {
  const whole = text(field)
  return (comparison) => {
    const { how, values } = comparison
    if (how === 'equals') {
      const expressions = values.map((each) => `^${literal(each.replace(/\/+$/, ''))}/[^/]*$`)
      return expressionTest(field, comparison, expressions)
    }
    return how === 'exists' || how === 'startswith' || how === 'below'
      ? whole(comparison)
      : unknown(`the folder of a path is compared with =, in, startswith and pmatch only`)
  }
}

/** A command line: Falco's begins with the name of the program, ours with its path. */
export function commandLine(field: string): FieldReader {
  const whole = text(field)
  return (comparison) => {
    const { how, values } = comparison
    const end = how === 'equals' ? '$' : ''
    if (how !== 'equals' && how !== 'startswith') return whole(comparison)
    const expressions = values.map((each) => `^(?:[^ ]*/)?${literal(each)}${end}`)
    return expressionTest(field, comparison, expressions)
  }
}

/** A number. */
export function number(field: string): FieldReader {
  return (comparison) => {
    const { how, values, all } = comparison
    if (how === 'exists') return exists(field)
    const numbers = values.filter((each) => numberText.test(each)).map(Number)
    if (numbers.length < values.length) return unknown(`${field} is a number`)
    if (how === 'equals') return all ? never : test(field, ...numbers)
    if (how === 'lt' || how === 'lte' || how === 'gt' || how === 'gte') {
      return test(`${field}|${how}`, ...numbers)
    }
    return unknown(`${field} is a number, which has no parts`)
  }
}

/** An address; `net` compares with networks. */
export function address(...fields: readonly string[]): FieldReader {
  return ({ how, values }) => {
    const each = (of: (field: string) => Term): Term => or(fields.map(of))
    if (how === 'exists') return each((field) => exists(field))
    if (how !== 'equals') return unknown('addresses are compared with =, != and in only')
    const networks = values.filter((value) => value.includes('/'))
    const single = values.filter((value) => !value.includes('/'))
    return each((field) => {
      return or([
        ...(single.length > 0 ? [test(field, ...single)] : []),
        ...(networks.length > 0 ? [test(`${field}|cidr`, ...networks)] : []),
      ])
    })
  }
}

/** A value that is there or not: Falco's text for "not there" is `absent`. */
export function presence(field: string, absent: string, others: FieldReader): FieldReader {
  return (comparison) => {
    const { how, values } = comparison
    if (how === 'exists') return exists(field)
    if (how !== 'equals' || !values.includes(absent)) return others(comparison)
    const left = values.filter((value) => value !== absent)
    const rest = left.length === 0 ? [] : [others({ ...comparison, values: left })]
    return or([not(exists(field)), ...rest])
  }
}

/** Yes or no. */
export function flag(whenTrue: Term): FieldReader {
  return ({ how, values }) => {
    if (how === 'exists') return always
    if (how !== 'equals') return unknown('a flag is compared with = and != only')
    return or(values.map((value) => (/^(?:true|1|yes)$/i.test(value) ? whenTrue : not(whenTrue))))
  }
}

/** Any of several fields. */
export function anyOf(...readers: readonly FieldReader[]): FieldReader {
  return (comparison: Comparison) => {
    const terms = readers.map((read) => read(comparison))
    return comparison.all ? and(terms) : or(terms)
  }
}

/** What events of a host do not have. */
export function missing(reason: string): FieldReader {
  return () => unknown(reason)
}
