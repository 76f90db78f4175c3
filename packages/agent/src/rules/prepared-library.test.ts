import assert from 'node:assert/strict'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { pathToFileURL } from 'node:url'
import type { Level } from '@tetragon-ts/rules'
import { prepareLibrary } from './prepare-library.ts'
import { prepareTexts } from './prepare-texts.ts'
import { preparedLibrary } from './prepared-library.ts'
import { readRuleTexts } from './rule-texts.ts'

const source = 'logsource: {product: linux, category: process_creation}'
const rule = (name: string): string => {
  return `title: ${name}\nlevel: high\n${source}\ndetection: {s: {Image|re: "/${name}$"}, condition: s}\n`
}
const filter = `title: Ours\nexpires: 2026-06-15\n${source}\nfilter: {rules: any, s: {User: ours}, condition: not s}\n`

describe('rules that a build has prepared', () => {
  const work = mkdtempSync(join(tmpdir(), 'prepared-library-'))
  after(() => rmSync(work, { recursive: true }))
  const built = `${join(work, 'built')}/`
  mkdirSync(join(built, 'more'), { recursive: true })
  writeFileSync(join(built, 'first.yaml'), rule('first'))
  writeFileSync(join(built, 'more/second.yaml'), rule('second'))
  writeFileSync(join(built, 'more/filter.yaml'), filter)

  /** What an agent finds for a library elsewhere. */
  const found = (change: (folder: string) => void = () => {}, least: Level = 'low') => {
    const folder = mkdtempSync(join(work, 'installed-'))
    cpSync(built, folder, { recursive: true })
    change(folder)
    const file = join(work, 'library-rules.json')
    writeFileSync(file, prepareLibrary(built, 'low'))
    const { texts } = readRuleTexts([], { folder, least })
    return { texts, folder, prepared: preparedLibrary(texts, pathToFileURL(file)) }
  }

  it('are those that the same texts elsewhere have', (t) => {
    t.mock.timers.enable({ apis: ['Date'], now: Date.parse('2026-06-01') })
    const { texts, folder, prepared } = found()
    const read = prepareTexts({ texts })
    assert.deepEqual(prepared?.inForce, read.inForce)
    assert.equal(prepared?.inForce.rules[0].file, join(folder, 'first.yaml'))
    const relative = (all: readonly unknown[] | undefined): string => {
      return JSON.stringify(all).replaceAll(`${folder}/`, '')
    }
    assert.equal(relative(prepared?.rules), relative(read.rules))
    assert.equal(relative(prepared?.filters), relative(read.filters))
    assert.equal(prepared?.correlations, read.correlations)
  })

  it('are not used for changed, added, missing or renamed files, or another level', () => {
    const path = (folder: string): string => join(folder, 'first.yaml')
    assert.ok(found().prepared)
    assert.equal(found((to) => writeFileSync(path(to), rule('other'))).prepared, undefined)
    assert.equal(found((to) => writeFileSync(join(to, 'z.yaml'), rule('z'))).prepared, undefined)
    assert.equal(found((to) => rmSync(path(to))).prepared, undefined)
    const renamed = found((to) => {
      rmSync(path(to))
      writeFileSync(join(to, 'another.yaml'), rule('first'))
    })
    assert.equal(renamed.prepared, undefined)
    assert.equal(found(() => {}, 'high').prepared, undefined)
    const { texts } = found()
    const file = pathToFileURL(join(work, 'library-rules.json'))
    const own = { path: join(work, 'own.yaml'), text: rule('own') }
    assert.equal(preparedLibrary([...texts, own], file), undefined)
    assert.equal(preparedLibrary(texts, pathToFileURL(join(work, 'none.json'))), undefined)
  })

  it('are not used when one of their filters expires later', (t) => {
    t.mock.timers.enable({ apis: ['Date'], now: Date.parse('2026-06-01') })
    const { texts, prepared } = found()
    assert.ok(prepared)
    t.mock.timers.setTime(Date.parse('2026-06-16'))
    const file = pathToFileURL(join(work, 'library-rules.json'))
    assert.equal(preparedLibrary(texts, file), undefined)
  })

  it('have no errors, and no actions', () => {
    const folder = `${mkdtempSync(join(work, 'faulty-'))}/`
    writeFileSync(join(folder, 'a.yaml'), 'title: A\n')
    assert.throws(() => prepareLibrary(folder, 'low'), /prepare the library's rules: .*a\.yaml:1/)
    writeFileSync(
      join(folder, 'a.yaml'),
      `${rule('a').replace('|re: "/a$"', '|endswith: /a')}action: kill\n`,
    )
    assert.throws(() => prepareLibrary(folder, 'low'), /a must not have an action/)
  })
})
