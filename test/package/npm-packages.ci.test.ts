import assert from 'node:assert/strict'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { stripVTControlCharacters } from 'node:util'
import { runOrThrow } from '@tetragon-ts/test/archives'
import { repositoryRoot } from '../vm/repository.ts'
import { componentsOf } from './bill-schema.ts'

const script = join(repositoryRoot, 'scripts/npm-packages.mjs')
const install = ['--no-audit', '--no-fund', '--ignore-scripts', '--prefer-offline']

/** Libraries whose README begins with an example. */
const libraries = ['ebpf', 'api', 'policy']

/** The first example of a README, and the text block that follows it. */
function exampleOf(name: string) {
  const readme = readFileSync(join(repositoryRoot, 'packages', name, 'README.md'), 'utf8')
  const [, code = '', output = ''] =
    /```ts\n([\s\S]*?)```(?:\n+```\n([\s\S]*?)```)?/.exec(readme) ?? []
  return { code, output }
}

describe('the packages for npm', () => {
  const work = mkdtempSync(join(tmpdir(), 'npm-packages-'))
  let files: readonly string[]
  before(async () => {
    files = (await runOrThrow(process.execPath, [script])).trim().split('\n')
  })
  after(() => rmSync(work, { recursive: true }))

  it('have bills of what an installation brings', () => {
    const library = files.find((file) => file.includes('tetragon-ts-ebpf-'))!
    assert.deepEqual(componentsOf(library), [`@koromix/koffi-linux-${process.arch}`, 'koffi'])
  })

  it('have nothing that publint or arethetypeswrong finds', async () => {
    const checks = join(work, 'checks')
    cpSync(join(repositoryRoot, 'test/package/npm-checks'), checks, { recursive: true })
    await runOrThrow('npm', ['ci', ...install], { cwd: checks })
    const found = await runOrThrow(process.execPath, [join(checks, 'check.mjs'), ...files])
    assert.equal(found, '')
  })

  it('work in an empty project, with their types', async () => {
    const project = join(work, 'project')
    mkdirSync(project)
    writeFileSync(join(project, 'package.json'), '{ "private": true, "type": "module" }')
    await runOrThrow('npm', ['install', ...install, ...files], { cwd: project })
    const commands = join(project, 'node_modules/.bin')
    assert.match(await runOrThrow(join(commands, 'tetra'), ['version', '--build']), /0\.\d+\.\d/)
    const examples = libraries.map((name) => ({ name, ...exampleOf(name) }))
    for (const { name, code } of examples) writeFileSync(join(project, `${name}.ts`), code)
    const compilerOptions = {
      ...{ module: 'nodenext', target: 'es2023', strict: true, types: ['node'] },
      typeRoots: [join(repositoryRoot, 'node_modules/@types')],
      ...{ outDir: 'out', rootDir: '.' },
    }
    const configuration = { compilerOptions, files: libraries.map((name) => `${name}.ts`) }
    writeFileSync(join(project, 'tsconfig.json'), JSON.stringify(configuration))
    await runOrThrow(join(repositoryRoot, 'node_modules/.bin/tsc'), ['-p', project])
    for (const { name, output } of examples) {
      const example = join(project, 'out', `${name}.js`)
      const printed = stripVTControlCharacters(await runOrThrow(process.execPath, [example]))
      if (name === 'ebpf') assert.match(printed, /^system call \d+: \d+$/m)
      else assert.equal(printed, output)
    }
  })
})
