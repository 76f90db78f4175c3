import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createContext, Script } from 'node:vm'
import { build } from 'esbuild'
import { repositoryRoot } from '../vm/repository.ts'

/** What code that is bundled for browsers may use besides the language itself. */
const webGlobals = { TextDecoder, TextEncoder, URL, performance, setTimeout }

/** A program packed for browsers. */
export interface BrowserBundle {
  readonly code: string
  /** Files of this repository in it, from its root. */
  readonly files: readonly string[]
}

/** Packs a program as a web page would have it; `exports` of the program are what it gives. */
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

/** Runs a bundle where nothing of Node.js is: no Buffer, no process, no require. */
export function runInBrowser({ code }: BrowserBundle): unknown {
  const context = createContext({ ...webGlobals })
  new Script(`${code}\nglobalThis.result = result`).runInContext(context)
  return context.result
}

/** What only Node.js has; `process` is also a usual name of a variable. */
const ofNode =
  /\bBuffer\b|\bprocess\.(arch|argv|cwd|env|hrtime|nextTick|platform|std\w+|versions?)\b|['"]node:/

/** Places in our own code that would need Node.js. */
export function nodeUses({ files }: BrowserBundle): string[] {
  return files.flatMap((path) => {
    const lines = readFileSync(join(repositoryRoot, path), 'utf8').split('\n')
    return lines.flatMap((line, i) => {
      const isComment = /^\s*(\/\/|\/?\*)/.test(line)
      return !isComment && ofNode.test(line) ? [`${path}:${i + 1}: ${line.trim()}`] : []
    })
  })
}
