import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'

const script = new URL('../../scripts/native-packages.mjs', import.meta.url).href
const { missingNativePackages } = await import(script)

const folder = mkdtempSync(join(tmpdir(), 'tetragon-native-'))
after(() => rmSync(folder, { recursive: true }))

const machine = { os: 'linux', cpu: 'x64', libc: 'glibc' }

/** Makes `folder` a clone whose lock file names packages for several machines. */
function install(...installed: string[]): void {
  const of = (os: string, cpu: string, libc?: string) => ({
    optional: true,
    os: [os],
    cpu: [cpu],
    ...(libc === undefined ? {} : { libc: [libc] }),
  })
  const packages = {
    '': { name: 'clone' },
    'node_modules/plain': {},
    'node_modules/@lint/linux-x64': of('linux', 'x64', 'glibc'),
    'node_modules/@lint/linux-x64-musl': of('linux', 'x64', 'musl'),
    'node_modules/@lint/darwin-arm64': of('darwin', 'arm64'),
    'node_modules/@calls/linux-x64': of('linux', 'x64'),
  }
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify({ packages }))
  for (const name of installed) {
    mkdirSync(join(folder, 'node_modules', name), { recursive: true })
    writeFileSync(join(folder, 'node_modules', name, 'package.json'), '{}')
  }
}

describe('npm packages with programs of this machine', () => {
  it('are missing if npm left them out, whatever it left out for other machines', () => {
    install('@calls/linux-x64')
    assert.deepEqual(missingNativePackages(folder, machine), ['node_modules/@lint/linux-x64'])
    assert.deepEqual(missingNativePackages(folder, { ...machine, libc: 'musl' }), [
      'node_modules/@lint/linux-x64-musl',
    ])
  })

  it('are not missing once all of them are installed', () => {
    install('@calls/linux-x64', '@lint/linux-x64')
    assert.deepEqual(missingNativePackages(folder, machine), [])
  })
})
