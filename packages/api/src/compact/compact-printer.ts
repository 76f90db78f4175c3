import type { Event } from '../event.ts'
import { ansiPaint, noPaint, type Paint } from '../lines/colour.ts'
import type { Line } from '../lines/line.ts'
import type { Process } from '../messages/process.ts'
import { escapeUnprintable } from '../quoting/escape.ts'
import { maybeQuote } from '../quoting/quote.ts'
import { appendTrailer, capabilityTrailer } from './capability-trailer.ts'
import { eventLine } from './event-lines.ts'
import { stacksOf } from './event-stacks.ts'
import { type FindingLevel, findingLines } from './finding-lines.ts'
import { formatImaHash } from './ima-hash.ts'
import { formatKernelStack, formatUserStack } from './stack-trace.ts'
import { StackTree } from './stack-tree.ts'
import { formatTime } from './timestamp.ts'

/** Options of the compact printer; everything is off by default. */
export interface CompactOptions {
  readonly colour?: boolean
  /** Begin each line with the time of its event. */
  readonly timestamps?: boolean
  /** Print stack traces below their event: as a list, like Tetragon's `tetra`, or as a tree. */
  readonly stackTraces?: boolean | 'tree'
  /** Print IMA hashes below their event. */
  readonly imaHash?: boolean
  /** Print what detection rules have found below its event, from this level on. */
  readonly findings?: FindingLevel
  /** Include arguments of hooks that Tetragon's lines omit, such as paths. */
  readonly details?: boolean
}

/**
 * Prints one event as a line, including the line end, followed by the lines of its stack traces and
 * IMA hash. Untrusted text is escaped, so the only control characters are line ends and, with
 * colours on, the escape sequences of colours.
 * @throws CompactError for an event without process and for kinds without a compact form
 */
export type CompactPrinter = (event: Event) => string

function printProcess(process: Process, node: string | undefined, paint: Paint): string {
  const source =
    process.pod === undefined
      ? maybeQuote(node ?? '')
      : escapeUnprintable(`${process.pod.namespace ?? ''}/${process.pod.name ?? ''}`)
  return `${paint('green', source)} ${paint('magenta', maybeQuote(process.binary ?? ''))}`
}

function printLine(
  line: Line,
  { node_name: node, aggregation_info: info }: Event['response'],
  paint: Paint,
): string {
  const trailer = line.process ? capabilityTrailer(line.process, paint) : ''
  let text = paint(line.colour ?? 'blue', `${line.icon} ${line.word.padEnd(7)}`)
  if (line.process) text += ` ${printProcess(line.process, node, paint)}`
  // Empty columns keep their blank: scripts that split lines count columns.
  for (const { colour, text: raw } of line.columns) {
    const safe = escapeUnprintable(raw)
    text += ` ${colour === undefined ? safe : paint(colour, safe)}`
  }
  const count = Number(info?.count ?? 1)
  if (count > 1) text += ` ${paint('yellow', `×${count}`)}`
  return trailer === '' ? text : appendTrailer(text, trailer)
}

/** How the lines of stack traces are printed. */
function stackPrinter({ stackTraces }: CompactOptions, paint: Paint): CompactPrinter {
  if (!stackTraces) return () => ''
  if (stackTraces === 'tree') {
    const tree = new StackTree(paint)
    return (event) => tree.print(event)
  }
  return (event) => {
    const { kernel, user } = stacksOf(event)
    return formatKernelStack(kernel, paint) + formatUserStack(user, paint)
  }
}

/** Creates a printer of compact lines. */
export function compactPrinter(options: CompactOptions = {}): CompactPrinter {
  const paint = options.colour ? ansiPaint : noPaint
  const printStacks = stackPrinter(options, paint)
  return (event) => {
    const line = eventLine(event, options.details)
    const text = typeof line === 'string' ? line : printLine(line, event.response, paint)
    const time = options.timestamps ? `${formatTime(event.response.time)} ` : ''
    const hash = options.imaHash && event.key === 'process_lsm'
    const found = options.findings ? findingLines(event, options.findings, paint) : ''
    const measured = hash ? formatImaHash(event.body, paint) : ''
    return `${time}${text}\n${found}${printStacks(event)}${measured}`
  }
}
