import { extname } from 'node:path'
import { gzipSync } from 'node:zlib'

const contentTypes: Readonly<Record<string, string>> = {
  '': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
}

/** A file of the page. */
export interface PageFile {
  readonly type: string
  readonly bytes: Buffer
  /** The same, compressed by gzip. */
  readonly compressed: Buffer
  /** Whether its name changes with its content. */
  readonly isImmutable: boolean
}

/** The files of the page by their paths in addresses; `/` is the page itself. */
export function pageOf(texts: Readonly<Record<string, string>>): ReadonlyMap<string, PageFile> {
  return new Map(
    Object.entries(texts).map(([path, text]) => {
      const bytes = Buffer.from(text)
      const type = contentTypes[extname(path)] ?? 'application/octet-stream'
      const isImmutable = path.startsWith('/assets/')
      return [path, { type, bytes, compressed: gzipSync(bytes), isImmutable }] as const
    }),
  )
}
