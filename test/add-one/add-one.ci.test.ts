import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, afterEach, before, describe, it } from 'node:test'
import { repositoryRoot } from '../vm/repository.ts'
import type { Addition } from './addition.ts'
import { agentAdditions } from './agent-additions.ts'
import { consoleAdditions } from './console-additions.ts'
import { enforcementAdditions } from './enforcement-additions.ts'
import { policyAdditions } from './policy-additions.ts'
import { program, type Results, results } from './program.ts'
import { ScratchCopy } from './scratch-copy.ts'
import { valueAdditions } from './value-additions.ts'

// docs/contributing.md lists the files for a new argument type, operator and so on. Each of them
// gets a new name in a copy of the sources: the compiler must report what is missing. Then each is
// completed, only in the listed files, and used. So no file is missing in a list, and none is
// superfluous.

const additions: readonly Addition[] = [
  ...policyAdditions,
  ...enforcementAdditions,
  ...valueAdditions,
  ...agentAdditions,
  ...consoleAdditions,
]

/** The files listed under a title of the document, and the number that it states. */
function listed(title: string): { readonly count: number; readonly files: readonly string[] } {
  const text = readFileSync(join(repositoryRoot, 'docs', 'contributing.md'), 'utf8')
  const start = text.indexOf(`**${title}**`)
  assert.ok(start >= 0, `docs/contributing.md has no ${title}`)
  const block = text.slice(start).split(/\n\n(?!\d\. )/)[0]
  const files = [...block.matchAll(/^\d\. `([^`]+)`/gm)].map(([, file]) => file)
  return { count: Number(/\((\d+) files/.exec(block)?.[1]), files }
}

/** Whether a listed file is the given one: `…` stands for the file or folder of its family. */
function isThere(file: string): (listed: string) => boolean {
  return (listed) => {
    const parts = listed.split('…').map((part) => part.replaceAll('.', '\\.'))
    return new RegExp(`^${parts.join('[^/]+')}$`).test(file)
  }
}

const isTest = (file: string): boolean => file.startsWith('test/')

describe('the lists of what a new thing takes', () => {
  let copy: ScratchCopy
  before(() => {
    copy = new ScratchCopy()
  })
  afterEach(() => copy.restore())
  after(() => copy[Symbol.dispose]())

  it('name every file in which the compiler finds a new name missing', () => {
    for (const { name } of additions) copy.edit(name)
    const wanted = new Set(additions.flatMap(({ missing }) => missing))
    assert.deepEqual(copy.filesWithErrors('.'), [...wanted].sort())
  })

  it('are all that a whole addition takes, which then works', () => {
    for (const { title, name, rest, most } of additions) {
      const listedFiles = listed(title).files.filter((file) => !isTest(file))
      const edits = [name, ...rest]
      const edited = [...new Set(edits.map(({ file }) => file))].filter((file) => !isTest(file))
      for (const file of edited) {
        assert.ok(listedFiles.some(isThere(file)), `docs/contributing.md: ${title} takes ${file}`)
      }
      assert.equal(edited.length, listedFiles.length, `${title}: ${edited.join()}`)
      assert.ok(edited.length <= most, `${title} takes ${edited.length} files, at most ${most}`)
      for (const edit of edits) copy.edit(edit)
    }
    assert.deepEqual(copy.filesWithErrors('.'), [])
    assert.deepEqual(copy.filesWithErrors('packages/console'), [])
    const { policy, ...others } = copy.run(program) as Results
    const { code, ...planned } = policy
    assert.match(code, /^(?:compiled|no structures)$/)
    assert.deepEqual(planned, {
      backend: 'kprobe',
      programs: 1,
      kill: 'dummy',
      freeze: 'signal',
      event: 'process_kprobe',
    })
    assert.deepEqual(others, results)
  })

  it('count right, and name files that there are', () => {
    for (const { title } of additions) {
      const { count, files } = listed(title)
      assert.equal(files.length, count, title)
      for (const file of files) {
        // A new file has its place in a folder.
        const place = file.replace(/[^/]*….*$/, '')
        const found = [join(repositoryRoot, 'packages', place), join(repositoryRoot, place)]
        assert.ok(found.some(existsSync), `${title}: ${file}`)
      }
    }
  })
})
