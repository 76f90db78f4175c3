import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, afterEach, before, describe, it } from 'node:test'
import { repositoryRoot } from '../vm/repository.ts'
import type { Addition } from './addition.ts'
import { policyAdditions } from './policy-additions.ts'
import { ScratchCopy } from './scratch-copy.ts'

// docs/contributing.md lists the files for a new argument type, operator and so on. Each of them
// gets a new name in a copy of the sources: the compiler must report what is missing. Additions to
// policies are then completed, only in the listed files, and used. So no file is missing in the
// list, and none is superfluous.

const additions: readonly Addition[] = [
  ...policyAdditions,
  {
    title: 'A hook section',
    name: {
      file: 'compiler/src/sections/index.ts',
      insert: { 'const sections = {\n': 'dummies: functionSection,\n' },
    },
    missing: ['compiler/src/sections/index.ts'],
  },
  {
    title: 'A kind of event',
    name: {
      file: 'api/src/events/stream-events.ts',
      insert: {
        'export const streamEvents = {\n':
          'process_dummy: { number: 99, message: ProcessThrottle, repeats: false, ownRecord: true },\n',
      },
    },
    missing: ['api/src/events/stream-events.ts', 'agent/src/reader/record-dispatch.ts'],
  },
  {
    title: 'An agent option that reaches the reader',
    name: {
      file: 'agent/src/reader/protocol.ts',
      insert: {
        'export interface ReaderOptions extends OutputOptions {\n': 'readonly dummy: boolean\n',
      },
    },
    missing: ['agent/src/reader/protocol.ts', 'agent/src/config/agent-options.ts'],
  },
  {
    title: 'An output',
    name: {
      file: 'agent/src/reader/outputs/open-sink.ts',
      insert: { 'interface Kinds {\n': 'readonly dummy: unknown\n' },
    },
    missing: ['agent/src/reader/outputs/open-sink.ts'],
  },
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

/** Whether a listed file is the given one: `…` stands for the file of its family. */
function isThere(file: string): (listed: string) => boolean {
  return (listed) => {
    const [before, after] = listed.split('…')
    if (after === undefined) return listed === file
    return (
      file.startsWith(before) && file.endsWith(after) && !file.slice(before.length).includes('/')
    )
  }
}

/** Prints the result of compiling the cases of an addition. */
const program = String.raw`
import { readPolicies } from './packages/policy/src/index.ts'
import { generatedFiles } from './packages/policy/src/generate/files.ts'
import { actionCases } from './test/cases/policies/actions/index.ts'
import { argumentCases } from './test/cases/policies/arguments/index.ts'
import { operatorCases } from './test/cases/policies/operators/index.ts'

const head = 'apiVersion: cilium.io/v1alpha1\nkind: TracingPolicy\nmetadata: {name: a}\nspec:'
const names = [/\bdummy\b/, /\bDummy\b/, /\bargDummy\b/]
const cases = [...argumentCases, ...operatorCases, ...actionCases]
const added = cases.filter(({ covers }) => /^dummy$/i.test(covers.name))
const texts = added.map(({ policy }) => head + policy.replaceAll('\n', '\n  '))
const generated = generatedFiles().filter(({ content }) => names.every((each) => each.test(content)))
console.log(JSON.stringify({
  added: added.map(({ covers }) => covers),
  diagnostics: texts.flatMap((text) => readPolicies(text, 'added.yaml').diagnostics),
  generated: generated.map(({ path }) => path),
}))
`

describe('the lists of what a new thing takes', () => {
  let copy: ScratchCopy
  before(() => {
    copy = new ScratchCopy()
  })
  afterEach(() => copy.restore())
  after(() => copy[Symbol.dispose]())

  it('name every file in which the compiler finds a new name missing', () => {
    assert.deepEqual(copy.filesWithErrors(), [], 'the copy compiles')
    for (const { name } of additions) copy.edit(name)
    const wanted = new Set(additions.flatMap(({ missing }) => missing))
    assert.deepEqual(copy.filesWithErrors(), [...wanted].sort())
    for (const { title, name, missing, rest } of additions) {
      const { files } = listed(title)
      // An index of families reports an incomplete family: the name is missing there.
      for (const each of [name.file, ...(rest ? [] : missing)]) {
        assert.ok(files.some(isThere(each)), `docs/contributing.md: ${title} takes ${each}`)
      }
    }
  })

  it('are all that an addition to policies takes', () => {
    for (const { title, name, rest = [] } of policyAdditions) {
      const edits = [name, ...rest]
      const { files } = listed(title)
      assert.equal(edits.length, files.length, title)
      for (const [i, { file }] of edits.entries()) {
        assert.ok(isThere(file)(files[i]), `docs/contributing.md: ${title} takes ${file}`)
      }
      for (const edit of edits) copy.edit(edit)
    }
    assert.deepEqual(copy.filesWithErrors(), [])
    assert.deepEqual(copy.run(program), {
      added: [
        { kind: 'argument', name: 'dummy' },
        { kind: 'operator', name: 'Dummy' },
        { kind: 'action', name: 'Dummy' },
      ],
      diagnostics: [],
      generated: [
        'deploy/crds/cilium.io_tracingpolicies.yaml',
        'deploy/crds/cilium.io_tracingpoliciesnamespaced.yaml',
        'deploy/helm/tetragon/crds-yaml/cilium.io_tracingpolicies.yaml',
        'deploy/helm/tetragon/crds-yaml/cilium.io_tracingpoliciesnamespaced.yaml',
        'packages/policy/schema/tracing-policy.schema.json',
        'docs/reference/tracing-policy.md',
      ],
    })
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
