import { fromBase64, hex } from '#platform'
import type { ProcessLoader } from '../../messages/event.ts'
import { type Column, type Line, plain } from '../line.ts'

/** `🧬 loader  default/xwing /usr/bin/curl 94d4… /usr/lib/libc.so.6`, with the build id if known. */
export function loaderLine({ process, path, buildid }: ProcessLoader): Line {
  const columns: Column[] = [{ text: path ?? '', colour: 'yellow' }]
  const id = hex(fromBase64(buildid ?? ''))
  if (id !== '') columns.unshift(plain(id))
  return { icon: '🧬', word: 'loader', process, columns }
}
