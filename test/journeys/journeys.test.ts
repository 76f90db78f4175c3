import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { repositoryRoot } from '../vm/repository.ts'

/** Maximum number of files of each journey in docs/architecture.md. */
const maxima = {
  'From an exec to the export file': 20,
  'From a policy to attached programs': 45,
  'From a hit to the refusal': 13,
  'From the record of a hit to its event': 13,
  'From a uprobe to its event with arguments': 17,
  'From an event to a row of the console': 22,
}

const text = readFileSync(join(repositoryRoot, 'docs/architecture.md'), 'utf8')
const [, section = ''] = text.split('\n## Journeys\n')
const [journeys] = section.split('\n## ')

/** A journey: its title, the number in it, and its files. */
const found = journeys
  .split('\n### ')
  .slice(1)
  .map((part) => {
    const [head] = part.split('\n')
    const [, title = head, count = ''] = /^(.+): (\d+) files$/.exec(head) ?? []
    const files = [...part.matchAll(/`([\w/-]+\.tsx?)`/g)].map(([, file]) => file)
    return { title, count: Number(count), files: new Set(files) }
  })

/** `sensors/process/exec.ts` → `packages/sensors/src/process/exec.ts`. */
function pathOf(file: string): string {
  const [name, ...others] = file.split('/')
  return join(repositoryRoot, 'packages', name, 'src', ...others)
}

describe('the journeys of docs/architecture.md', () => {
  it('are those of which the length is limited', () => {
    const titles = found.map(({ title }) => title)
    assert.deepEqual(titles, Object.keys(maxima))
  })

  for (const [title, max] of Object.entries(maxima)) {
    const { count, files } = found.find((each) => each.title === title) ?? {
      count: 0,
      files: new Set<string>(),
    }

    it(`${title}: names files that exist`, () => {
      const missing = [...files].filter((file) => !existsSync(pathOf(file)))
      assert.deepEqual(missing, [])
    })

    it(`${title}: has ${max} files at most, and says how many`, () => {
      assert.equal(count, files.size)
      assert.ok(files.size <= max, `${files.size} files; the maximum is ${max}`)
    })
  }
})
