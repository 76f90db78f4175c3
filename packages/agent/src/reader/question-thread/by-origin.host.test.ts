import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { ByOrigin } from './by-origin.ts'

/** `host` or `container`. */
function originOf(pid: number): string {
  const names = ['host', 'container']
  return new ByOrigin('/proc', () => names.shift()).of(pid) ?? ''
}

test('processes in namespaces of their own count as those of containers', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tetragon-test-'))
  for (const [option, origin] of [
    ['--mount', 'host'],
    ['--user', 'container'],
    ['--pid', 'container'],
  ] as const) {
    const ready = join(folder, origin + option)
    const script = `echo $$ >"${ready}"; read line`
    const child = spawn('unshare', ['--fork', option, '/bin/sh', '-c', script])
    try {
      while (!existsSync(ready)) await sleep(5)
      const children = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8')
      assert.equal(originOf(Number(children)), origin, option)
    } finally {
      child.stdin.end()
      await once(child, 'close')
    }
  }
  rmSync(folder, { recursive: true })
})

test('a process that has ended has no other files than those of the host', () => {
  assert.equal(originOf(2 ** 30), 'host')
})
