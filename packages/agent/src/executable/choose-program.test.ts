import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { chooseProgram } from './choose-program.ts'

describe('the programs of the executable', () => {
  it('are chosen by its name', () => {
    for (const name of ['tetra', '/usr/bin/tetra', './tetra-0.1.0']) {
      assert.deepEqual(
        chooseProgram(name, ['status']),
        { program: 'tetra', argv: ['status'] },
        name,
      )
    }
    for (const name of ['tetragon', './tetragon-ts-0.1.0-linux-x64', '/opt/tetra/agent']) {
      assert.deepEqual(chooseProgram(name, ['--help']), { program: 'tetragon', argv: ['--help'] })
    }
  })

  it('are chosen by the first word under other names', () => {
    const tetra = { program: 'tetra', argv: ['getevents', '-o', 'json'] }
    assert.deepEqual(chooseProgram('tetragon', ['tetra', 'getevents', '-o', 'json']), tetra)
    assert.deepEqual(chooseProgram('tetragon', ['licences']), { program: 'licences', argv: [] })
    assert.deepEqual(chooseProgram('tetragon', ['compile', 'tetra']).program, 'tetragon')
  })
})
