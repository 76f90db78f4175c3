import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

/**
 * The public interface of a package: the declarations of its modules that can be imported by name,
 * and of all that they refer to, without comments. In order of their paths.
 * @param folder with the built package; `index.d.ts` in it and in its folders are public
 */
export function publicApi(folder: string): string {
  const inner = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  const indexes = ['.', ...inner.map(({ name }) => name)].map((name) =>
    join(folder, name, 'index.d.ts'),
  )
  const reached = new Map<string, string>()
  const left = indexes.filter((path) => existsSync(path))
  for (let path = left.pop(); path !== undefined; path = left.pop()) {
    if (reached.has(path)) continue
    const text = readFileSync(path, 'utf8')
    reached.set(path, withoutComments(text))
    for (const [, to] of text.matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)) {
      left.push(join(dirname(path), to!.replace(/\.(ts|js)$/, '.d.ts')))
    }
  }
  const sections = [...reached].map(([path, text]) => `== ${relative(folder, path)}\n${text}`)
  return `${sections.sort().join('\n')}`
}

/** Also without lines that say no more than that there are private members. */
function withoutComments(text: string): string {
  const lines = text.replaceAll(/\/\*[\s\S]*?\*\//g, '').split('\n')
  const kept = lines.filter((line) => !/^\s*(\/\/.*|#private;|export \{\};)?$/.test(line))
  return `${kept.map((line) => line.trimEnd()).join('\n')}\n`
}
