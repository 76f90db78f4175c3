import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { cgroupDecisions } from './cgroup-decisions/index.ts'
import { equivalents } from './equivalents/index.ts'
import { hooksPage } from './hooks-page.ts'

const path = fileURLToPath(new URL('../../../../docs/hooks.md', import.meta.url))

/** Without the blanks and dashes that align the columns of tables. */
function unaligned(page: string): string {
  return page.replaceAll(/ +/g, ' ').replaceAll(/-{3,}/g, '---')
}

test('docs/hooks.md is up to date', () => {
  assert.equal(unaligned(readFileSync(path, 'utf8')), unaligned(hooksPage()))
})

test('every equivalent describes its differences, and each function has one', () => {
  const functions = equivalents.flatMap((each) => each.functions)
  assert.equal(new Set(functions).size, functions.length)
  for (const { prototype, functions, difference } of equivalents) {
    assert.ok(prototype.startsWith(`${functions[0]}(`), prototype)
    assert.ok(difference.length > 20)
  }
})

test('each function has one decision at cgroups, which describes its differences', () => {
  const functions = cgroupDecisions.map((each) => each.function)
  assert.equal(new Set(functions).size, functions.length)
  for (const each of cgroupDecisions) {
    assert.ok(each.prototype.startsWith(`${each.function}(`), each.prototype)
    assert.notEqual(each.difference, '')
    // Parameters that programs have are among those of the function.
    const count = each.prototype.split(',').length
    assert.ok(
      each.parameters.every((index) => index < count),
      each.prototype,
    )
  }
})
