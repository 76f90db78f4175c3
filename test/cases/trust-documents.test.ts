// The documents for security reviews name options, values, tests and numbers, which must stay true.

import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { options } from '@tetragon-ts/agent/config'
import { parse } from 'yaml'
import { matrixKernels } from '../vm/kernels.ts'
import { repositoryRoot } from '../vm/repository.ts'

const read = (path: string): string => readFileSync(join(repositoryRoot, path), 'utf8')

const names = ['threat-model', 'hardening', 'javascript-with-root', 'support-matrix'] as const
const pages = ['SECURITY.md', ...names.map((name) => `docs/${name}.md`)].map((path) => {
  return { path, text: read(path) }
})
const [, threatModel = '', , javascript = '', matrix = ''] = pages.map(({ text }) => text)

/** The texts in backticks outside of blocks. */
function* codeOf(text: string): Generator<string> {
  const prose = text.replaceAll(/```[\s\S]*?```/g, '')
  for (const [, code = ''] of prose.matchAll(/`([^`\n]+)`/g)) yield code
}

/** Options of `tetra` and of other programs that pages name alone. */
const foreignOptions = ['--allow-changes', '--full', '--egress-selector-mode']

/** Whether the chart has a value, such as `tetragon.grpc.tls.enabled`. */
function isValue(path: string): boolean {
  let value: unknown = parse(read('deploy/helm/tetragon/values.yaml'))
  for (const key of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return false
    value = (value as Record<string, unknown>)[key]
  }
  return true
}

/** The cells of the rows of tables whose head begins with a word. */
function* rowsOf(text: string, first: string): Generator<readonly string[]> {
  let isInside = false
  for (const line of text.split('\n')) {
    const cells = line
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim())
    if (cells.length === 0) isInside = false
    else if (cells[0] === first) isInside = true
    else if (isInside && !/^-+$/.test(cells[0]!)) yield cells
  }
}

describe('documents for security reviews', () => {
  it('name options of the agent that exist and have an effect', () => {
    const wrong: string[] = []
    let count = 0
    for (const { path, text } of pages) {
      for (const code of codeOf(text)) {
        const [, option] = /^(--[a-z-]+)(?:=.*|…)?$/.exec(code) ?? []
        if (option === undefined || foreignOptions.includes(option)) continue
        count++
        const known = options.get(option.slice(2))
        if (known === undefined || known.noEffect !== undefined) wrong.push(`${path}: ${code}`)
      }
    }
    assert.ok(count > 20, `${count} options`)
    assert.deepEqual(wrong, [])
  })

  it('name values of the chart that exist', () => {
    const wrong: string[] = []
    let count = 0
    for (const { path, text } of pages) {
      let parent = ''
      for (const code of codeOf(text)) {
        const [, given] =
          /^((?:tetragon|tetragonOperator|console|serviceAccount|…)\.[\w.]+)/.exec(code) ?? []
        if (given === undefined || /\.(?:yaml|service|log|sock|ts)$/.test(code)) continue
        const value = given.replace(/^…/, parent)
        count++
        parent = value.replace(/\.\w+$/, '')
        if (!isValue(value)) wrong.push(`${path}: ${code}`)
      }
    }
    assert.ok(count > 20, `${count} values`)
    assert.deepEqual(wrong, [])
  })

  it('name directives of the unit that it has, or has not', () => {
    const unit = read('deploy/systemd/tetragon.service')
    assert.equal(
      unit
        .match(/^CapabilityBoundingSet=.*$/gm)!
        .join(' ')
        .match(/CAP_/g)!.length,
      12,
    )
    for (const absent of ['MemoryDenyWriteExecute', 'MemoryMax', 'LimitCORE']) {
      assert.doesNotMatch(unit, new RegExp(`^${absent}=`, 'm'))
    }
  })
})

describe('the threat model', () => {
  it('has a test for each defence: documents.test.ts checks that it exists', () => {
    const rows = [...rowsOf(threatModel, 'threat')]
    assert.ok(rows.length > 30)
    const without = rows.filter(([, , test = '']) => !/`[\w./-]+\.test\.ts`/.test(test))
    assert.deepEqual(without, [])
  })
})

describe('the facts about JavaScript', () => {
  const lock = JSON.parse(read('package-lock.json')) as {
    packages: Record<string, { hasInstallScript?: boolean }>
  }
  const bundled = 'packages/agent/bundle/packages.json'

  it('list the packages with install scripts', () => {
    const scripts = Object.entries(lock.packages).filter(([, each]) => each.hasInstallScript)
    const found = scripts.map(([path]) => path.replace(/^node_modules\//, '')).sort()
    const listed = [...rowsOf(javascript, 'package')].map(([name = '']) => name.replaceAll('`', ''))
    assert.deepEqual(listed.sort(), found)
  })

  const skip = existsSync(join(repositoryRoot, bundled)) ? false : 'not built'
  it('count the packages of the agent, and name them', { skip }, () => {
    const contents = JSON.parse(read(bundled)) as { name: string }[]
    // The FFI and its native library are beside the bundle.
    const all = [...contents.map(({ name }) => name), 'koffi', '@koromix/koffi-linux-x64']
    assert.match(javascript, new RegExp(`code of ${all.length} packages`))
    const families = all.filter((name) => name.startsWith('@protobufjs/'))
    assert.equal(families.length, 9)
    const others = all.filter((name) => !families.includes(name))
    assert.deepEqual(
      others.filter((name) => !javascript.includes(`\`${name}\``)),
      [],
    )
  })

  it('know where code is made from strings', () => {
    const found: string[] = []
    for (const name of readdirSync(join(repositoryRoot, 'packages'))) {
      const folder = join('packages', name, 'src')
      for (const file of readdirSync(join(repositoryRoot, folder), { recursive: true })) {
        const path = join(folder, String(file))
        if (!/\.tsx?$/.test(path) || /\.test\.tsx?$/.test(path)) continue
        if (/new Function\(|(?<![.\w])eval\(/.test(read(path))) found.push(path)
      }
    }
    assert.deepEqual(found, ['packages/ebpf/src/records/reader.ts'])
  })

  it('count the functions of the FFI', () => {
    const functions = read('packages/ebpf/src/sys/ffi.ts').match(/libc\.func\(/g) ?? []
    assert.match(javascript, new RegExp(`\\b${functions.length} declarations`))
  })

  it('have dependencies with exact versions', () => {
    for (const name of readdirSync(join(repositoryRoot, 'packages'))) {
      const { dependencies = {} } = JSON.parse(read(`packages/${name}/package.json`)) as {
        dependencies?: Record<string, string>
      }
      for (const version of Object.values(dependencies)) assert.match(version, /^\d+\.\d+\.\d+$/)
    }
  })
})

describe('the support matrix', () => {
  const rows = [...rowsOf(matrix, 'distribution')]

  it('has a row for each kernel of the tests', () => {
    for (const { name } of matrixKernels) {
      assert.ok(
        rows.some((cells) => cells.at(-1)!.includes(`\`npm run test:vm ${name}\``)),
        name,
      )
    }
  })

  it('says of each managed platform that it is not tested', () => {
    const platforms = [...rowsOf(matrix, 'platform')]
    assert.equal(platforms.length, 7)
    assert.ok(platforms.every((cells) => cells.at(-1) === 'not tested'))
  })
})
