import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { it } from 'node:test'
import { aloneFiles, ownProcess } from './alone.ts'
import { repositoryRoot } from './repository.ts'

it('every file that runs alone exists', () => {
  const missing = [...aloneFiles, ...ownProcess].filter(
    (file) => !existsSync(join(repositoryRoot, file)),
  )
  assert.deepEqual(missing, [])
})
