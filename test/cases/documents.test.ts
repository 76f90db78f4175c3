import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { describe, it } from 'node:test'
import { repositoryRoot } from '../vm/repository.ts'

const generated = new Set(['node_modules', 'dist', 'bundle', '.git', '.cache'])

function* files(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory() && !generated.has(entry.name)) yield* files(path)
    if (entry.isFile()) yield relative(repositoryRoot, path)
  }
}

const all = [...files(repositoryRoot)]
const documents = all.filter((path) => path.endsWith('.md') && path !== 'CHANGELOG.md')
const read = (path: string): string => readFileSync(join(repositoryRoot, path), 'utf8')

/** The anchors that GitHub gives to the headings of a page. */
function anchorsOf(text: string): Set<string> {
  const headings = [...text.matchAll(/^#+ (.*)$/gm)]
  return new Set(
    headings.map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  )
}

describe('documents', () => {
  it('link to pages and sections that exist', () => {
    const broken: string[] = []
    for (const document of documents) {
      const prose = read(document).replaceAll(/```[\s\S]*?```|`[^`\n]*`/g, '')
      for (const [, link = ''] of prose.matchAll(/\]\(([^)\s]+)\)/g)) {
        if (/^\w+:/.test(link)) continue
        const [path = '', anchor] = link.split('#')
        const target = path === '' ? document : join(dirname(document), path)
        const exists = existsSync(join(repositoryRoot, target))
        if (exists && (anchor === undefined || anchorsOf(read(target)).has(anchor))) continue
        broken.push(`${document}: ${link}`)
      }
    }
    assert.deepEqual(broken, [])
  })

  it('name source files and folders that exist', () => {
    const missing: string[] = []
    for (const document of documents) {
      const names = [...read(document).matchAll(/`([\w@./-]+)`/g)].map(([, name = '']) => name)
      for (const name of names) {
        const isFile = /^(?!x\.)[\w@./-]+\.(ts|mjs)$/.test(name)
        const isFolder = /^(packages|bench|test|scripts|policies|deploy)\/[\w/-]*[\w-]$/.test(name)
        // `sensors/process/exec.ts` is `packages/sensors/src/process/exec.ts`.
        const isThere = (path: string) =>
          `/${path}`.endsWith(`/${name}`) || path.replace('/src/', '/').endsWith(`/${name}`)
        if (isFile && !all.some(isThere)) missing.push(`${document}: ${name}`)
        if (isFolder && !existsSync(join(repositoryRoot, name)))
          missing.push(`${document}: ${name}`)
      }
    }
    assert.deepEqual(missing, [])
  })
})
