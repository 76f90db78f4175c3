import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, describe, it } from 'node:test'
import { readPolicyFiles } from './policy-files.ts'

const folder = mkdtempSync(join(tmpdir(), 'tetragon-policies-'))
after(() => rmSync(folder, { recursive: true, force: true }))

function policy(name: string): string {
  return `apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata: { name: ${name} }
spec: { tracepoints: [{ subsystem: sched, event: sched_process_exec }] }
`
}

function write(path: string, text = policy('p')): void {
  const whole = join(folder, path)
  mkdirSync(dirname(whole), { recursive: true })
  writeFileSync(whole, text)
}

function namesIn(path: string): string[] {
  return readPolicyFiles(join(folder, path)).map((document) => document.policy.name)
}

describe('policies of a folder', () => {
  it('are those of its YAML files and of its direct subfolders', () => {
    write('tree/b.yaml', policy('b'))
    write('tree/a.yml', policy('a'))
    write('tree/more/c.yaml', policy('c'))
    write('tree/more/deeper/d.yaml', 'not read')
    write('tree/notes.txt', 'not read')
    write('tree/.hidden.yaml', 'not read')
    assert.deepEqual(namesIn('tree'), ['a', 'b', 'c'])
  })

  it('are read through symbolic links, as Kubernetes mounts them, and once', () => {
    write('mounted/..2026/p.yaml')
    symlinkSync('..2026', join(folder, 'mounted/..data'))
    symlinkSync('..data/p.yaml', join(folder, 'mounted/p.yaml'))
    assert.deepEqual(namesIn('mounted'), ['p'])
  })

  it('that are invalid are all reported', () => {
    write('wrong/a.yaml', 'kind: [')
    write('wrong/b/b.yaml', policy('b').replace('event:', 'evnt:'))
    const message = /a\.yaml:[\s\S]*b\.yaml:4:/
    assert.throws(() => namesIn('wrong'), { code: 'AGENT_POLICY', message })
  })

  it('that is missing is an error', () => {
    assert.throws(() => namesIn('missing'), { code: 'AGENT_POLICY', message: /ENOENT.*missing/ })
  })
})
