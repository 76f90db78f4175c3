import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { agentEnvironment, needsNewProcess } from './environment.ts'

const clean = { PATH: '/usr/bin', NODE_NAME: 'node-1', MALLOC_ARENA_MAX: '1' }

describe('the environment of the executable', () => {
  it('has the variables of the agent only', () => {
    const given = { ...clean, HOME: '/root', NODE_OPTIONS: '--require /tmp/x', TETRAGON_X: '1' }
    assert.deepEqual(agentEnvironment(given), { ...clean, TETRAGON_X: '1' })
  })

  it('needs a new process for variables that Node.js and libraries have read', () => {
    for (const name of ['NODE_EXTRA_CA_CERTS', 'OPENSSL_CONF', 'LD_PRELOAD', 'GLIBC_TUNABLES']) {
      assert.equal(needsNewProcess({ ...clean, [name]: '/tmp/x' }), true, name)
    }
    assert.equal(needsNewProcess({ PATH: '/usr/bin' }), true)
    assert.equal(needsNewProcess({ ...clean, HOME: '/root', LANG: 'C' }), false)
  })

  it('of a new process needs no further one', () => {
    const given = { NODE_OPTIONS: '-r x', MALLOC_ARENA_MAX: '8', LD_LIBRARY_PATH: '/tmp' }
    assert.equal(needsNewProcess(agentEnvironment(given)), false)
  })

  it('is that of bin/tetragon.js', () => {
    const launcher = readFileSync(new URL('../../bin/tetragon.js', import.meta.url), 'utf8')
    const list = /case \$name in\n([^;]*?) \| ''/.exec(launcher)?.[1] ?? ''
    const names = list.replaceAll(/[\\\s]/g, '').split('|')
    assert.ok(names.includes('NOTIFY_SOCKET'), list)
    for (const name of names) {
      const variable = name.replace('*', 'X')
      assert.ok(variable in agentEnvironment({ [variable]: 'value' }), name)
    }
  })
})
