import { escapeUnprintable } from '@tetragon-ts/api'

/** Longest reason that is reported; receivers write them. */
const longestReason = 250

/** The message; of a host with several addresses that of each, since the error itself has none. */
export function reasonOf(error: Error): string {
  if (!(error instanceof AggregateError) || error.message !== '') return printable(error.message)
  return printable(error.errors.map(({ message }: Error) => message).join(', '))
}

/** A reason for the terminal of the operator. */
export function printable(reason: string): string {
  return escapeUnprintable(reason.slice(0, longestReason))
}
