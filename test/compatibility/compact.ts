import { compactPrinter, parseEvent } from '@tetragon-ts/api'
import { events, functions } from './reference/compact.ts'
import { better, compare, type Exception, type Section, same } from './table.ts'

const unquoted = 'arguments are not quoted, as in 1.5.0; main quotes them like the binary'
const anyInteger = better('the size is shown whatever its integer type')

const exceptions: Readonly<Record<string, Exception>> = {
  process_exec: same(unquoted),
  process_exit: same(unquoted),
  process_tracepoint: same('`raw_syscalls/sys_enter` as the call with its parameters'),
  sys_write: anyInteger,
  sys_read: anyInteger,
  tcp_sendmsg: anyInteger,
}

const print = compactPrinter()

/** The line of an event without its texts; undefined if it has none. */
function lineOf(event: object): string | undefined {
  const parsed = parseEvent(JSON.stringify(event))
  try {
    return parsed.ok ? print(parsed.event) : undefined
  } catch {
    return undefined
  }
}

function hasOwnLine(function_name: string): boolean {
  return lineOf({ process_kprobe: { process: {}, function_name } })?.includes(' syscall ') === false
}

/** The lines of `tetra getevents -o compact`. */
export function compactSection(): Section {
  const known = events.filter((event) => lineOf({ [event]: { process: {} } }) !== undefined)
  return {
    title: 'Compact output',
    intro:
      'Lines of `tetra getevents -o compact`, by kind of event and by function of a kprobe. Columns,\n' +
      'blanks and colours are those of 1.5.0. Two differences from main are intended: arguments are\n' +
      'printed without quotes, as in 1.5.0; and control and other unprintable characters of every text\n' +
      'are escaped (`\\n`, `\\x1b`), so that a process cannot control the terminal or forge lines.',
    ...compare({
      theirs: [...events, ...functions],
      ours: new Set([...known, ...functions.filter(hasOwnLine)]),
      exceptions,
    }),
    ours: [],
  }
}
