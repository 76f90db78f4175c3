import type { ParseError, TypeError as TypeCheckError } from '@marcbachmann/cel-js'
import { escapeUnprintable } from '../escape.ts'
import { FilterError } from '../filter-error.ts'
import type { GetEventsResponse } from '../messages/event.ts'
import { eventEnvironment } from './environment.ts'
import { variablesOf } from './messages.ts'
import { rewrite } from './rewrite.ts'

/** In UTF-16 units: more than any real expression. */
const longest = 10_000

function fail(expression: string, position: number, reason: string): never {
  const shown = escapeUnprintable(expression.slice(0, 200))
  throw new FilterError(
    `compile CEL expression "${shown}": ${escapeUnprintable(reason)} at character ${position + 1}`,
  )
}

/**
 * Compiles a CEL expression over an event, such as `process_exec.process.binary == "/bin/sh"`. Each
 * kind of event is a variable; kinds other than the event's are empty messages. An event for which
 * the evaluation fails does not match.
 * @throws FilterError with the position of the error
 */
export function compileExpression(expression: string): (event: GetEventsResponse) => boolean {
  if (expression.length > longest) fail(expression, longest, 'it is too long')
  const environment = eventEnvironment()
  const { valid, type, error } = environment.check(expression)
  if (!valid) {
    const { range, message } = error as ParseError | TypeCheckError
    fail(expression, range?.start ?? 0, message.split('\n')[0])
  }
  if (type !== 'bool' && type !== 'dyn') fail(expression, 0, `the result is ${type}, not bool`)
  const rewritten = rewrite(environment.parse(expression).ast)
  if ('bad' in rewritten) fail(expression, rewritten.bad.position, rewritten.bad.reason)
  const evaluate = environment.parse(rewritten.text)
  return (event) => {
    try {
      return evaluate(variablesOf(event)) === true
    } catch {
      return false
    }
  }
}
