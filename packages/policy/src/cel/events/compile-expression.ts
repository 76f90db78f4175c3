import type { ParseError, TypeError as TypeCheckError } from '@marcbachmann/cel-js'
import { escapeUnprintable, type GetEventsResponse } from '@tetragon-ts/api'
import { FilterError } from '../../filter-error.ts'
import { eventEnvironment } from './environment.ts'
import { variablesOf } from './messages.ts'
import { rewrite } from './rewrite.ts'

/** In UTF-16 units: more than any real expression. */
const longest = 10_000

function fail(expression: string, start: number, reason: string, end = start): never {
  const shown = escapeUnprintable(expression.slice(0, 200))
  throw new FilterError(
    `compile CEL expression "${shown}": ${escapeUnprintable(reason)} at character ${start + 1}`,
    { start, end, reason },
  )
}

/**
 * Compiles a CEL expression over an event, such as `process_exec.process.binary == "/bin/sh"`. Each
 * kind of event is a variable; kinds other than the event's are empty messages. An event for which
 * the evaluation fails does not match.
 * @throws FilterError with the position of the error
 */
export function compileExpression(expression: string): (event: GetEventsResponse) => boolean {
  if (expression.length > longest) {
    fail(expression, longest, 'it is too long', expression.length)
  }
  const environment = eventEnvironment()
  const { valid, type, error } = environment.check(expression)
  if (!valid) {
    const { range, message } = error as ParseError | TypeCheckError
    fail(expression, range?.start ?? 0, message.split('\n')[0], range?.end)
  }
  if (type !== 'bool' && type !== 'dyn')
    fail(expression, 0, `the result is ${type}, not bool`, expression.length)
  const rewritten = rewrite(environment.parse(expression).ast)
  if ('bad' in rewritten) {
    const { start, end, reason } = rewritten.bad
    fail(expression, start, reason, end)
  }
  const evaluate = environment.parse(rewritten.text)
  return (event) => {
    try {
      return evaluate(variablesOf(event)) === true
    } catch {
      return false
    }
  }
}
