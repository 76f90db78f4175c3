import { checkMessage, type MessageOf, type MessageType } from '@tetragon-ts/api'
import { BadValue, type Declaration, type Option, option } from '@tetragon-ts/options'
import { nearest } from '@tetragon-ts/policy/nearest'

/**
 * Reads consecutive JSON objects, each on one or more lines.
 * @throws BadValue
 */
export function readMessages<Type extends MessageType>(
  type: Type,
  text: string,
): MessageOf<Type>[] {
  const messages: MessageOf<Type>[] = []
  let rest = ''
  for (const line of `${text}\n`.split('\n')) {
    rest += `${line}\n`
    if (rest.trim() === '') continue
    const value = parse(rest)
    if (value === undefined) continue
    rest = ''
    for (const each of Array.isArray(value) ? value : [value]) {
      messages.push(check(type, each, messages.length + 1))
    }
  }
  if (rest.trim() === '') return messages
  throw new BadValue(`${type.name} ${messages.length + 1}: ${failure(rest)}`)
}

/** Messages of a type, as JSON. */
export function messageList<Type extends MessageType>(
  type: Type,
  declaration: Declaration,
): Option<readonly MessageOf<Type>[]> {
  return option({ value: 'JSON', ...declaration, read: (text) => readMessages(type, text) })
}

/** Undefined while the text is incomplete JSON. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function failure(text: string): string {
  try {
    JSON.parse(text)
    return 'not JSON'
  } catch (error) {
    return (error as Error).message
  }
}

function check<Type extends MessageType>(
  type: Type,
  value: unknown,
  position: number,
): MessageOf<Type> {
  const wrong = checkMessage(type, value) ?? unknownField(type, value as object)
  if (wrong === undefined) return value as MessageOf<Type>
  throw new BadValue(`${type.name} ${position}: ${wrong.replace(/^[.:] ?/, '')}`)
}

/** A misspelt field would make a filter match too much. */
function unknownField({ fields }: MessageType, value: object): string | undefined {
  const names = Object.keys(fields)
  const unknown = Object.keys(value).find((name) => !Object.hasOwn(fields, name))
  if (unknown === undefined) return undefined
  const near = nearest(unknown, names)
  return `unknown field ${unknown}${near === undefined ? '' : `; did you mean ${near}?`}`
}
