import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { Log } from '../log/log.ts'
import { noRules } from '../rules/rules-in-force.ts'
import { DaemonRules } from './daemon-rules.ts'

describe('rules of the daemon', () => {
  it('are starting until they are in force, and the log counts events before that', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'daemon-rules-'))
    try {
      writeFileSync(join(folder, 'a.yaml'), 'title: A')
      const lines: string[] = []
      const log = new Log('info', (line) => lines.push(line))
      const rules = new DaemonRules({ paths: [folder], folder: '' }, log)
      const states = [rules.list().isStarting]
      rules.open({
        setRules: async () => {
          states.push(rules.list().isStarting)
          return { ...noRules, early: 7 }
        },
      })
      await rules.load()
      states.push(rules.list().isStarting)
      assert.deepEqual(states, [true, true, false])
      const [line = ''] = lines
      rules.close()
      assert.match(line, /detection rules read: 0 in force; events before that .* findings: 7\b/)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('are not starting if there are none', () => {
    const rules = new DaemonRules({ paths: [], folder: '' }, new Log())
    assert.equal(rules.list().isStarting, false)
  })
})
