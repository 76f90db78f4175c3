import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { PolicyCase } from '../policy-case.ts'

const program = '/usr/bin/true'

export const imaHashCases: readonly PolicyCase[] = [
  {
    name: 'imaHash of a program',
    covers: { kind: 'action', name: 'Post' },
    needs: { probes: ['lsm'], functions: ['bpf_ima_file_hash', 'ima_file_hash'] },
    policy: `
      lsmhooks:
      - hook: bprm_check_security
        args: [{index: 0, type: linux_binprm}]
        selectors:
        - matchArgs: [{index: 0, operator: Equal, values: ["${program}"]}]
          matchActions: [{action: Post, imaHash: true}]
        - matchArgs: [{index: 0, operator: Equal, values: ["/usr/bin/false"]}]`,
    hit: `${program}; /usr/bin/false || true`,
    miss: ['exec', '/usr/bin/sleep', '0'],
    count: 2,
    expect(_, all) {
      const [hashed, plain] = all.map(({ body }) => (body as { ima_hash?: string }).ima_hash)
      const [algorithm, digest] = hashed?.split(':') ?? []
      assert.equal(digest, createHash(algorithm).update(readFileSync(program)).digest('hex'))
      assert.equal(plain, undefined)
    },
  },
  {
    name: 'imaHash of a mapped file',
    covers: { kind: 'action', name: 'Post' },
    needs: { probes: ['lsm'], functions: ['bpf_ima_file_hash', 'ima_file_hash'] },
    policy: `
      lsmhooks:
      - hook: mmap_file
        args: [{index: 0, type: file}, {index: 1, type: uint64}]
        selectors:
        - matchArgs: [{index: 0, operator: Equal, values: ["${program}"]}]
          matchActions: [{action: Post, imaHash: true}]`,
    hit: program,
    miss: ['mmap', '1', '4096'],
    count: 'some',
    expect({ body }) {
      assert.match((body as { ima_hash?: string }).ima_hash ?? '', /^sha\d+:[0-9a-f]{40,}$/)
    },
  },
]
