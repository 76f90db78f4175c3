import assert from 'node:assert/strict'
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, beforeEach, describe, it } from 'node:test'
import { readRequest } from '../options.ts'

const folder = mkdtempSync(join(tmpdir(), 'tetragon-config-'))
const root = join(folder, 'root')
const workingFolder = join(folder, 'here')
after(() => rmSync(folder, { recursive: true, force: true }))
beforeEach(() => {
  rmSync(root, { recursive: true, force: true })
  rmSync(workingFolder, { recursive: true, force: true })
  mkdirSync(workingFolder)
})

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}

async function run(argv: string[] = [], env: NodeJS.ProcessEnv = {}) {
  const request = await readRequest(argv, env, { root, workingFolder })
  if (request.kind !== 'run') throw new Error(`asks for ${request.kind}`)
  return request
}

const sources: readonly (readonly [string, (path: string) => void])[] = [
  ['what comes with the system', (path) => drop('usr/lib', path)],
  ['what was installed', (path) => drop('usr/local/lib', path)],
  [
    'tetragon.yaml where it starts',
    (path) => write(join(workingFolder, 'tetragon.yaml'), yaml(path)),
  ],
  [
    'tetragon.yaml of the system',
    (path) => write(join(root, 'etc/tetragon/tetragon.yaml'), yaml(path)),
  ],
  ['drop-ins of the administrator', (path) => drop('etc', path)],
  ['--config-dir', (path) => write(join(folder, 'config/btf'), path)],
]

function drop(place: string, path: string): void {
  write(join(root, place, 'tetragon/tetragon.conf.d/btf'), `${path}\n`)
}

function yaml(path: string): string {
  return `btf: ${path}\n`
}

describe('options come from', () => {
  it('each source, and later ones override earlier ones', async () => {
    const env: NodeJS.ProcessEnv = {}
    assert.equal((await run()).options.btf, '/sys/kernel/btf/vmlinux')
    mkdirSync(join(folder, 'config'), { recursive: true })
    const argv = ['--config-dir', join(folder, 'config')]
    for (const [name, put] of sources) {
      put(`/from ${name}`)
      assert.equal((await run(argv)).options.btf, `/from ${name}`, name)
    }
    env.TETRAGON_BTF = '/from the environment'
    assert.equal((await run(argv, env)).options.btf, '/from the environment')
    assert.equal((await run([...argv, '--btf', '/argv'], env)).options.btf, '/argv')
  })

  it('the folder in the environment', async () => {
    write(join(folder, 'other/procfs'), '/host/proc')
    const { options } = await run([], { TETRAGON_CONFIG_DIR: join(folder, 'other') })
    assert.equal(options.procfs, '/host/proc')
  })

  it('lists of YAML, and texts with commas', async () => {
    write(
      join(workingFolder, 'tetragon.yaml'),
      'tracing-policy: [a, b]\nrb-size-total: 4M\ntracing-policy-dir:\n',
    )
    const { options, policies } = await run()
    assert.deepEqual(policies.paths, ['a', 'b'])
    assert.equal(options.ringSize, 4194304)
    const again = await run([], { TETRAGON_TRACING_POLICY: 'c,d' })
    assert.deepEqual(again.policies.paths, ['c', 'd'])
  })

  it('no empty variable, no variable of a service, none for command-line flags', async () => {
    const env = { TETRAGON_BTF: '', TETRAGON_SERVICE_HOST: '10.0.0.1', TETRAGON_VERSION: 'v1' }
    assert.equal((await run([], env)).options.btf, '/sys/kernel/btf/vmlinux')
  })
})

describe('a folder of drop-ins', () => {
  const place = join(root, 'etc/tetragon/tetragon.conf.d')

  it('is read through symbolic links, as Kubernetes mounts it; folders are skipped', async () => {
    write(join(place, '..2026/btf'), '/linked')
    symlinkSync('..2026', join(place, '..data'))
    symlinkSync('..data/btf', join(place, 'btf'))
    write(join(place, 'procfs/procfs'), '/not/this')
    const { options, warnings } = await run()
    assert.equal(options.btf, '/linked')
    assert.equal(options.procfs, '/proc')
    assert.deepEqual(warnings, [])
  })

  it('may contain unknown options: a warning has the nearest name or the reason', async () => {
    write(join(place, 'export-filname'), '/x')
    write(join(place, 'gops-address'), 'localhost:8118')
    write(join(place, 'help'), 'true')
    const { warnings } = await run()
    assert.match(
      warnings[0],
      /export-filname: unknown option export-filname; did you mean "export-filename"/,
    )
    assert.match(warnings[1], /gops-address is not supported: gops inspects Go/)
    assert.match(warnings[2], /help is for the command line only/)
    assert.equal(warnings.length, 3)
  })

  it('must have values that can be read: the error names the file', async () => {
    write(join(place, 'verbose'), 'loud')
    const message = `parse ${place}/verbose: invalid number "loud" (0 to 2)`
    await assert.rejects(run(), { code: 'AGENT_OPTION', message })
  })

  it('must exist if it is specified', async () => {
    const none = join(folder, 'none')
    await assert.rejects(run(['--config-dir', none]), { code: 'AGENT_OPTION', message: /none/ })
  })

  it('may contain options without effect: a warning lists those with another value than the default', async () => {
    write(join(place, 'release-pinned-bpf'), 'true')
    write(join(place, 'force-large-progs'), 'true')
    const { notices } = await run()
    assert.equal(notices.length, 1)
    assert.match(notices[0], /force-large-progs has no effect: programs are generated/)
  })
})

describe('tetragon.yaml', () => {
  const file = join(workingFolder, 'tetragon.yaml')

  for (const [what, text] of [
    ['broken YAML', 'a: [1'],
    ['a list', '- btf'],
    ['values that are maps', 'btf: { a: 1 }'],
    ['tags that hide code', 'btf: !!js/function x\n- y'],
  ]) {
    it(`refuses ${what}`, async () => {
      write(file, text)
      await assert.rejects(run(), { code: 'AGENT_OPTION', message: /tetragon\.yaml: / })
    })
  }

  it('may have several outputs', async () => {
    const outputs = ['a=syslog+tcp://host?events=exec,exit', 'b=syslog+udp://host']
    write(file, `output:\n- ${outputs.join('\n- ')}\n`)
    assert.deepEqual((await run()).options.outputs, outputs)
    write(file, `output: ${outputs[0]} a=syslog+udp://host\n`)
    await assert.rejects(run(), { code: 'AGENT_OPTION', message: /two outputs have the name a$/ })
  })

  it('may be empty', async () => {
    write(file, '# nothing\n')
    assert.equal((await run()).options.procfs, '/proc')
  })

  it('of another user is skipped', { skip: process.getuid?.() !== 0 && 'needs root' }, async () => {
    write(file, 'btf: /stranger\n')
    chownSync(file, 65534, 65534)
    chmodSync(file, 0o644)
    const { options, warnings } = await run()
    assert.equal(options.btf, '/sys/kernel/btf/vmlinux')
    assert.match(warnings[0], /^skip .*tetragon.yaml: it belongs neither to root/)
  })
})

describe('options that contradict each other are refused:', () => {
  for (const argv of [
    ['--rb-size=64K', '--rb-size-total=1M'],
    ['--execve-map-entries=5', '--execve-map-size=1M'],
    ['--parents-map-entries=5', '--parents-map-size=1M'],
    ['--force-small-progs', '--force-large-progs'],
  ]) {
    it(argv.join(' '), async () => {
      await assert.rejects(run(argv), { code: 'AGENT_OPTION', message: /not both/ })
    })
  }
})
