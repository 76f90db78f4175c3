import { readFileSync } from 'node:fs'
import { SourceMap } from 'node:module'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const maps = new Map<string, SourceMap | undefined>()

/**
 * Replaces positions in packed files in a stack by those in the sources, which Node.js does not do.
 */
export function withSourcePositions(stack: string): string {
  return stack.replace(/(file:[^\s():]+\.js):(\d+):(\d+)/g, (position, url, line, column) => {
    const path = fileURLToPath(url)
    const origin = mapOf(path)?.findOrigin(Number(line), Number(column))
    if (origin === undefined || !('fileName' in origin)) return position
    const file = resolve(dirname(path), origin.fileName)
    return `${file}:${origin.lineNumber}:${origin.columnNumber}`
  })
}

function mapOf(path: string): SourceMap | undefined {
  if (!maps.has(path)) maps.set(path, readMap(path))
  return maps.get(path)
}

function readMap(path: string): SourceMap | undefined {
  try {
    return new SourceMap(JSON.parse(readFileSync(`${path}.map`, 'utf8')))
  } catch {
    return undefined // no map beside the file: its own places have to do
  }
}
