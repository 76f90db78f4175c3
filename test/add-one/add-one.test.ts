import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { repositoryRoot } from '../vm/repository.ts'

// docs/contributing.md lists which files a new argument type, operator and so on takes. Here each
// gets a new name in a copy of the sources, and nothing else: the files in which the compiler then
// finds errors are files of the list. So nothing can be forgotten, and the list has no gap.

interface Addition {
  /** As the document has it, in bold. */
  readonly title: string
  /** Where the new name is declared: relative to packages/. */
  readonly file: string
  /** What is put right behind this text. */
  readonly behind: string
  readonly text: string
  /** Where the compiler finds that something is missing. */
  readonly missing: readonly string[]
}

const additions: readonly Addition[] = [
  {
    title: 'An argument type',
    file: 'policy/src/operators/argument-facts.ts',
    behind: 'const facts = {\n',
    text: "dummy: { kind: 'other', doc: '' },\n",
    missing: ['sensors/src/compiler/arguments/index.ts'],
  },
  {
    title: 'An operator',
    file: 'policy/src/operators/argument-operators.ts',
    behind: 'export const argumentOperators = [\n',
    text: "'Dummy',\n",
    missing: ['policy/src/operators/argument-test.ts'],
  },
  {
    title: 'An operator',
    file: 'policy/src/operators/argument-test.ts',
    behind: 'export interface TestValues {\n',
    text: 'dummy: object\n',
    missing: ['sensors/src/compiler/operators/index.ts'],
  },
  {
    title: 'An action',
    file: 'policy/src/schema/action.ts',
    behind: 'export const actionNames = [\n',
    text: "'Dummy',\n",
    missing: [
      'policy/src/schema/action.ts',
      'policy/src/checks/actions.ts',
      'sensors/src/compiler/actions/index.ts',
    ],
  },
  {
    title: 'A hook section',
    file: 'sensors/src/compiler/sections/index.ts',
    behind: 'const sections = {\n',
    text: 'dummies: functionSection,\n',
    missing: ['sensors/src/compiler/sections/index.ts'],
  },
  {
    title: 'A kind of event',
    file: 'api/src/events/stream-events.ts',
    behind: 'export const streamEvents = {\n',
    text: "process_dummy: { number: 99, message: ProcessThrottle, repeats: false, records: 'own' },\n",
    missing: ['api/src/events/stream-events.ts', 'agent/src/reader/record-dispatch.ts'],
  },
  {
    title: 'An agent option that reaches the reader',
    file: 'agent/src/reader/protocol.ts',
    behind: 'export interface ReaderOptions extends OutputOptions {\n',
    text: 'readonly dummy: boolean\n',
    missing: ['agent/src/reader/protocol.ts', 'agent/src/config/agent-options.ts'],
  },
  {
    title: 'An output',
    file: 'agent/src/reader/outputs/open-sink.ts',
    behind: 'interface Kinds {\n',
    text: 'readonly dummy: unknown\n',
    missing: ['agent/src/reader/outputs/open-sink.ts'],
  },
]

const packages = ['ebpf', 'api', 'policy', 'sensors', 'agent']

type Targets = Readonly<Record<string, Readonly<Record<string, string>> | string>>

/** Imports of packages, and of what differs between platforms, lead to sources in the copy. */
function pathsOf(name: string): [string, string[]][] {
  const file = join(repositoryRoot, 'packages', name, 'package.json')
  const { exports, imports = {} } = JSON.parse(readFileSync(file, 'utf8')) as {
    readonly exports: Targets
    readonly imports?: Targets
  }
  return Object.entries({ ...exports, ...imports }).flatMap(([path, target]) => {
    if (typeof target === 'string') return []
    const compiled = target.types ?? target.node
    const source = compiled.replace('./dist/', 'src/').replace(/\.d\.ts$|\.js$/, '.ts')
    const from = path.startsWith('#') ? path : `@tetragon-ts/${name}${path.slice(1)}`
    return [[from, [`./packages/${name}/${source}`]]]
  })
}

/** Files with errors, relative to packages/. */
function check(folder: string): string[] {
  const compiler = join(repositoryRoot, 'node_modules', 'typescript', 'bin', 'tsc')
  const run = spawnSync(process.execPath, [compiler, '-p', folder, '--pretty', 'false'], {
    encoding: 'utf8',
    cwd: folder,
  })
  const files = [...run.stdout.matchAll(/^(?:.*?packages\/)?(\S+?\.ts)\(\d+,\d+\): error/gm)]
  return [...new Set(files.map(([, file]) => file))].sort()
}

/** The files that the document lists under a title, and how many it says there are. */
function listed(title: string): { readonly count: number; readonly files: readonly string[] } {
  const text = readFileSync(join(repositoryRoot, 'docs', 'contributing.md'), 'utf8')
  const start = text.indexOf(`**${title}**`)
  assert.ok(start >= 0, `docs/contributing.md has no ${title}`)
  const block = text.slice(start).split(/\n\n(?!\d\. )/)[0]
  const files = [...block.matchAll(/^\d\. `([^`]+)`/gm)].map(([, file]) => file)
  return { count: Number(/\((\d+) files/.exec(block)?.[1]), files }
}

/** Whether a listed file is the given one: `…` is the name of the file of its family. */
function isThere(file: string): (listed: string) => boolean {
  return (listed) => {
    const [before, after] = listed.split('…')
    if (after === undefined) return listed === file
    return (
      file.startsWith(before) && file.endsWith(after) && !file.slice(before.length).includes('/')
    )
  }
}

describe('the lists of what a new thing takes', () => {
  let folder = ''
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'add-one-'))
    for (const name of packages) {
      const from = join(repositoryRoot, 'packages', name)
      cpSync(join(from, 'src'), join(folder, 'packages', name, 'src'), {
        recursive: true,
        filter: (path) => !/\.test\.ts$|\/testing$/.test(path),
      })
      cpSync(join(from, 'package.json'), join(folder, 'packages', name, 'package.json'))
    }
    symlinkSync(join(repositoryRoot, 'node_modules'), join(folder, 'node_modules'))
    const base = JSON.parse(readFileSync(join(repositoryRoot, 'tsconfig.base.json'), 'utf8'))
    const { composite, tsBuildInfoFile, declaration, sourceMap, ...options } = base.compilerOptions
    const paths = Object.fromEntries(packages.flatMap(pathsOf))
    const configuration = {
      compilerOptions: { ...options, noEmit: true, paths },
      include: packages.map((name) => `packages/${name}/src`),
    }
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(configuration))
  })
  after(() => rmSync(folder, { recursive: true }))

  it('name every file in which the compiler finds a new name missing', () => {
    assert.deepEqual(check(folder), [], 'the copy compiles')
    for (const { file, behind, text } of additions) {
      const path = join(folder, 'packages', file)
      const source = readFileSync(path, 'utf8')
      assert.ok(source.includes(behind), `${file} has ${behind}`)
      writeFileSync(
        path,
        source.replace(behind, () => behind + text),
      )
    }
    const found = check(folder)
    const wanted = new Set(additions.flatMap(({ missing }) => missing))
    assert.deepEqual(found, [...wanted].sort())
    for (const { title, file, missing } of additions) {
      const { files } = listed(title)
      for (const each of [file, ...missing]) {
        assert.ok(files.some(isThere(each)), `docs/contributing.md: ${title} takes ${each}`)
      }
    }
  })

  it('count right, and name files that there are', () => {
    for (const title of new Set(additions.map((addition) => addition.title))) {
      const { count, files } = listed(title)
      assert.equal(files.length, count, title)
      for (const file of files) {
        // A new file has its place in a folder.
        const place = file.replace(/[^/]*…[^/]*$/, '')
        const found = [join(repositoryRoot, 'packages', place), join(repositoryRoot, place)]
        assert.ok(found.some(existsSync), `${title}: ${file}`)
      }
    }
  })
})
