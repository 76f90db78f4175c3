import { fromBase64, hex } from '#platform'
import { extensionNumber } from '../extension-fields.ts'
import { type Column, detail, plain } from '../lines/line.ts'
import type { MessageOf } from '../message.ts'
import { bool, bytes, many, message, nested, string, timestamp, uint32 } from '../message.ts'
import { Process } from '../messages/process.ts'
import type { EventDeclarations, LinesOf } from './declaration.ts'

/** Process events, which need no policy. */

export const ProcessExec = message('ProcessExec', {
  process: nested(1, Process),
  parent: nested(2, Process),
  ancestors: many(nested(3, Process)),
  ancestors_truncated: bool(extensionNumber('ProcessExec.ancestors_truncated')),
})
export type ProcessExec = MessageOf<typeof ProcessExec>

export const ProcessExit = message('ProcessExit', {
  process: nested(1, Process),
  parent: nested(2, Process),
  signal: string(3),
  status: uint32(4),
  time: timestamp(5),
  ancestors: many(nested(6, Process)),
  ancestors_truncated: bool(extensionNumber('ProcessExit.ancestors_truncated')),
})
export type ProcessExit = MessageOf<typeof ProcessExit>

export const ProcessLoader = message('ProcessLoader', {
  process: nested(1, Process),
  path: string(2),
  buildid: bytes(3),
  parent: nested(4, Process),
  ancestors: many(nested(5, Process)),
  ancestors_truncated: bool(extensionNumber('ProcessLoader.ancestors_truncated')),
})
export type ProcessLoader = MessageOf<typeof ProcessLoader>

export const processEvents = {
  process_exec: { number: 1, message: ProcessExec, repeats: false, ownRecord: true },
  process_exit: { number: 5, message: ProcessExit, repeats: false, ownRecord: true },
  process_loader: { number: 11, message: ProcessLoader, repeats: true },
} as const satisfies EventDeclarations

export const processLines: LinesOf<typeof processEvents> = {
  /** `🚀 process default/xwing /usr/bin/curl cilium.io` */
  process_exec({ process }) {
    return { icon: '🚀', word: 'process', process, columns: [detail(process?.arguments ?? '')] }
  },

  /** `💥 exit    default/xwing /usr/bin/curl cilium.io 0`, or a signal's name for the status. */
  process_exit({ process, signal, status }) {
    const reason = signal === undefined || signal === '' ? String(status ?? 0) : signal
    const columns: Column[] = [detail(process?.arguments ?? ''), { text: reason, colour: 'red' }]
    return { icon: '💥', word: 'exit', process, columns }
  },

  /** `🧬 loader  default/xwing /usr/bin/curl 94d4… /usr/lib/libc.so.6`: the build id if known. */
  process_loader({ process, path, buildid }) {
    const columns: Column[] = [{ text: path ?? '', colour: 'yellow' }]
    const id = hex(fromBase64(buildid ?? ''))
    if (id !== '') columns.unshift(plain(id))
    return { icon: '🧬', word: 'loader', process, columns }
  },
}
