import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { runProgram } from '@tetragon-ts/test/archives'
import { repositoryRoot } from '../vm/repository.ts'

const usage = '; usage: [--scale small|full] [--kernel 6.12] [--keep | NAME…]'

/** Command lines that are refused, and the only line that is printed. */
const refused: Readonly<Record<string, string>> = {
  '--kernal 6.12': `Unknown option '--kernal'${usage}`,
  '--kernel 5.4': '--kernel is 6.12, not "5.4"',
  '--kernel': `Option '--kernel <value>' argument missing${usage}`,
  '--kernel 6.12 rights walk-through': '--kernel: not possible for rights.cluster.test.ts',
  '--keep rights tls': '--keep runs no tests; omit rights tls',
  '--keep=yes': `Option '--keep' does not take an argument${usage}`,
  '--keep --kernel 5.4': '--kernel is 6.12, not "5.4"',
  '--scale huge': '--scale is small or full, not "huge"',
  nothing: 'no test file: nothing',
}

describe('npm run test:cluster', () => {
  for (const [line, message] of Object.entries(refused)) {
    it(`refuses ${line}`, async () => {
      const script = join(repositoryRoot, 'scripts/test-cluster.mjs')
      const { exitCode, stdout, stderr } = await runProgram(process.execPath, [
        script,
        ...line.split(' '),
      ])
      assert.deepEqual([exitCode, stdout, stderr], [1, '', `test:cluster: ${message}\n`])
    })
  }
})
