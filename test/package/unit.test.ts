import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { endLimits } from '@tetragon-ts/agent'
import { repositoryRoot } from '../vm/repository.ts'

test('the unit gives the agent more time to end than the agent takes', () => {
  const unit = readFileSync(join(repositoryRoot, 'deploy/systemd/tetragon.service'), 'utf8')
  const seconds = Number(/^TimeoutStopSec=(\d+)$/m.exec(unit)?.[1])
  assert.ok(seconds > endLimits.profiles + endLimits.others)
})
