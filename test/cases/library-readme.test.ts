import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { repositoryRoot } from '../vm/repository.ts'

const library = join(repositoryRoot, 'packages/ebpf')
const readme = readFileSync(join(library, 'README.md'), 'utf8')
const blocks = [...readme.matchAll(/^```ts\n([\s\S]*?)^```/gm)].map(([, code = '']) => code)

describe('the README of the library', () => {
  // Below the repository, where the packages are found by their names.
  const cache = join(repositoryRoot, '.cache')
  mkdirSync(cache, { recursive: true })
  const folder = mkdtempSync(join(cache, 'library-readme-'))
  after(() => rmSync(folder, { recursive: true }))

  it('has code that compiles', () => {
    assert.equal(blocks.length, 2)
    for (const [index, code] of blocks.entries()) writeFileSync(join(folder, `${index}.ts`), code)
    const settings = {
      extends: join(repositoryRoot, 'tsconfig.base.json'),
      compilerOptions: { noEmit: true, composite: false, tsBuildInfoFile: null },
      include: ['*.ts'],
    }
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(settings))
    const tsc = join(repositoryRoot, 'node_modules/typescript/bin/tsc')
    const { stdout, status } = spawnSync(process.execPath, [tsc, '-p', folder], {
      encoding: 'utf8',
    })
    assert.deepEqual({ stdout, status }, { stdout: '', status: 0 })
  })

  it('shows the example of the package, with types', () => {
    const example = readFileSync(join(library, 'examples/count-syscalls.mjs'), 'utf8')
    const untyped = blocks[0]?.replace('type Int, ', '').replace(/tpBtf<.*>\(/, 'tpBtf(')
    assert.equal(untyped, example.replace(/^\/\/.*\n/, ''))
  })
})
