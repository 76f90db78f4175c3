import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createContext, Script } from 'node:vm'
import { build } from 'esbuild'
import { repositoryRoot } from '../vm/repository.ts'

/** Globals that code for browsers may use. */
const webGlobals = {
  ...{ TextDecoder, TextEncoder, URL, performance, setTimeout },
  ...{ CompressionStream, DecompressionStream, crypto },
}

/** A program bundled for browsers. */
export interface BrowserBundle {
  readonly code: string
  /** Bundled files of this repository, relative to its root. */
  readonly files: readonly string[]
}

/** Bundles a program like a web page; its `exports` are returned. */
export async function bundleForBrowser(program: string): Promise<BrowserBundle> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: program, resolveDir: join(repositoryRoot, 'test') },
    absWorkingDir: repositoryRoot,
    bundle: true,
    write: false,
    metafile: true,
    platform: 'browser',
    format: 'iife',
    globalName: 'result',
    logLevel: 'silent',
  })
  const files = Object.keys(metafile.inputs).filter((path) => path.startsWith('packages/'))
  return { code: outputFiles[0].text, files }
}

/** Runs a bundle without the globals of Node.js: no Buffer, no process, no require. */
export function runInBrowser({ code }: BrowserBundle): unknown {
  const context = createContext({ ...webGlobals })
  new Script(`${code}\nglobalThis.result = result`).runInContext(context)
  return context.result
}

/** Names that only Node.js has; `process` is also a common name of variables. */
const ofNode =
  /\bBuffer\b|\bprocess\.(arch|argv|cwd|env|hrtime|nextTick|platform|std\w+|versions?)\b|['"]node:/

/** Positions in our code that need Node.js. */
export function nodeUses({ files }: BrowserBundle): string[] {
  return files.flatMap((path) => {
    const lines = readFileSync(join(repositoryRoot, path), 'utf8').split('\n')
    return lines.flatMap((line, i) => {
      const isComment = /^\s*(\/\/|\/?\*)/.test(line)
      return !isComment && ofNode.test(line) ? [`${path}:${i + 1}: ${line.trim()}`] : []
    })
  })
}
