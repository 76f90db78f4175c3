// Runs the command lines of docs/verify.md on small files.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { repositoryRoot } from '../vm/repository.ts'

const page = readFileSync(join(repositoryRoot, 'docs/verify.md'), 'utf8')
/** The line of the page that contains a text, without its comment. */
const line = (text: string) => {
  const found = page
    .split('\n')
    .find((each) => /^(openssl|cosign|echo|jq)/.test(each) && each.includes(text))
  assert.ok(found, `docs/verify.md has no line with ${text}`)
  return found.replace(/ +#.*$/, '')
}

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'signatures-'))
  run(line('genpkey'))
  run(line('-pubout'))
  writeFileSync(join(folder, 'artefact'), 'content')
})
afterEach(() => rmSync(folder, { recursive: true }))

const shell = (command: string) =>
  spawnSync('sh', ['-c', command], { cwd: folder, encoding: 'utf8' })
function run(command: string): void {
  const { status, stderr } = shell(command)
  assert.equal(status, 0, `${command}: ${stderr}`)
}

/** Describes the artefact in a process of its own. @returns its exit code and errors */
function describeArtefact(key: string | undefined) {
  const modules = ['bill/describe-artefacts', 'setup'].map((name) => {
    return JSON.stringify(join(repositoryRoot, `scripts/${name}.mjs`))
  })
  const script = `import { describeArtefacts } from ${modules[0]}
    import { runScript } from ${modules[1]}
    const artefacts = [{ file: ${JSON.stringify(join(folder, 'artefact'))}, version: '1.0.0', components: [] }]
    await runScript(() => describeArtefacts(${JSON.stringify(folder)}, artefacts))`
  const env = { PATH: process.env.PATH, ...(key && { TETRAGON_SIGNING_KEY: join(folder, key) }) }
  const args = ['--input-type=module', '--eval', script]
  return spawnSync(process.execPath, args, { env, encoding: 'utf8' })
}
const verify = (file: string) => shell(line('-verify').replaceAll('FILE', file))

describe('signatures', () => {
  it('are verified with openssl alone, and only of unchanged files', () => {
    assert.equal(describeArtefact('signing.pem').status, 0)
    for (const file of ['artefact', 'SHA256SUMS']) {
      const { status, stdout } = verify(file)
      assert.equal(status, 0)
      assert.equal(stdout, 'Verified OK\n')
    }
    writeFileSync(join(folder, 'artefact'), 'cOntent')
    const { status, stdout } = verify('artefact')
    assert.notEqual(status, 0)
    assert.match(stdout, /^Verification failure/i)
    const sums = shell('sha256sum --check --ignore-missing SHA256SUMS')
    assert.match(sums.stdout, /^artefact: FAILED$/m)
  })

  it('of another key are refused', () => {
    assert.equal(describeArtefact('signing.pem').status, 0)
    run(line('genpkey'))
    run(line('-pubout'))
    assert.notEqual(verify('artefact').status, 0)
  })

  it('of an earlier build do not stay', () => {
    describeArtefact('signing.pem')
    assert.equal(describeArtefact(undefined).status, 0)
    for (const file of ['artefact', 'SHA256SUMS'])
      assert.ok(!existsSync(join(folder, `${file}.sig`)))
    assert.ok(!existsSync(join(folder, 'artefact.sigstore.json')))
  })

  it('need a key of P-256', () => {
    run('openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 -out other.pem')
    const reasons = { 'other.pem': /: not an EC key of the curve P-256$/m, 'none.pem': /: ENOENT/ }
    for (const [key, reason] of Object.entries(reasons)) {
      const { status, stderr } = describeArtefact(key)
      assert.equal(status, 1)
      assert.match(stderr, /^read the key of TETRAGON_SIGNING_KEY: /)
      assert.match(stderr, reason)
    }
    assert.ok(!existsSync(join(folder, 'SHA256SUMS')))
  })
})

describe('provenance', () => {
  const check = () => shell(line('verify-blob-attestation').replaceAll('FILE', 'artefact'))
  const predicate = () => {
    const { stdout } = shell(line('.predicate').replace('FILE', 'artefact'))
    return JSON.parse(stdout)
  }
  beforeEach(() => {
    run(line('no-authority.json'))
    assert.equal(describeArtefact('signing.pem').status, 0)
  })

  it('is verified by cosign, and only with an unchanged file', () => {
    assert.match(check().stderr, /^Verified OK$/m)
    writeFileSync(join(folder, 'artefact'), 'cOntent')
    const { status, stderr } = check()
    assert.notEqual(status, 0)
    assert.match(stderr, /artifact digest does not match/)
  })

  it('of another key, or with a changed statement, is refused', () => {
    const path = join(folder, 'artefact.sigstore.json')
    const bundle = JSON.parse(readFileSync(path, 'utf8'))
    const statement = Buffer.from(bundle.dsseEnvelope.payload, 'base64').toString()
    const payload = Buffer.from(statement.replace('1.0.0', '1.0.1')).toString('base64')
    writeFileSync(
      path,
      JSON.stringify({ ...bundle, dsseEnvelope: { ...bundle.dsseEnvelope, payload } }),
    )
    assert.match(check().stderr, /could not verify envelope/)
    writeFileSync(path, JSON.stringify(bundle))
    assert.equal(check().status, 0)
    run(line('genpkey'))
    run(line('-pubout'))
    assert.notEqual(check().status, 0)
  })

  it('names the commit, and sources that differ from it', () => {
    const { buildDefinition, runDetails } = predicate()
    const git = (...args: string[]) =>
      spawnSync('git', ['-C', repositoryRoot, ...args], { encoding: 'utf8' }).stdout.trim()
    const [sources, packages] = buildDefinition.resolvedDependencies
    assert.deepEqual(sources.digest, { gitCommit: git('rev-parse', 'HEAD') })
    const changes = git('status', '--porcelain', '--untracked-files=no')
    assert.equal(sources.annotations?.modified ?? false, changes !== '')
    const lock = readFileSync(join(repositoryRoot, 'package-lock.json'))
    assert.equal(packages.digest.sha256, createHash('sha256').update(lock).digest('hex'))
    assert.equal(runDetails.builder.id, 'urn:tetragon-ts:builder:local')
  })
})
