import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { ownAlertKeys } from './alerts/alert-keys.ts'
import { ownEventKeys } from './events/event-keys.ts'
import { healthKeys } from './health/health-keys.ts'
import { filterForms, searchedTexts } from './page/filter-forms.ts'
import { keyRows, listKeys, pageKeys, paneKeys, treeKeys } from './page/keys.ts'
import { policyKeys } from './policies/policy-keys.ts'

const path = new URL('../../../docs/reference/console.md', import.meta.url)
const documentation = readFileSync(path, 'utf8')

/** The rows of the table in a section, without the head. */
function tableOf(section: string): string[][] {
  const [, text] = documentation.split(`\n## ${section}\n`)
  const lines = text
    .split('\n## ')[0]
    .split('\n')
    .filter((line) => line.startsWith('|'))
  return lines.slice(2).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
}

test('the documentation has the keys of the help', () => {
  const rows = keyRows(
    pageKeys,
    listKeys,
    treeKeys,
    paneKeys,
    ownEventKeys,
    policyKeys,
    healthKeys,
    ownAlertKeys,
  ).map(({ names, help }) => {
    return [names.map((name) => `\`${name}\``).join(' '), help]
  })
  assert.deepEqual(tableOf('Keys'), rows)
})

test('the documentation has the forms of filters of the help', () => {
  const rows = filterForms.map(({ form, meaning }) => [`\`${form}\``, meaning])
  assert.deepEqual(tableOf('Filter'), rows)
})

test('the documentation says where words are looked for, as the help does', () => {
  assert.ok(documentation.replaceAll(/\s+/g, ' ').includes(searchedTexts))
})
