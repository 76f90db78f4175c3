import assert from 'node:assert/strict'
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { openBrowser } from './open-browser.ts'

test('the program of the desktop gets a file that only the user can read', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tetra-console-'))
  const { PATH, XDG_RUNTIME_DIR } = process.env
  try {
    const [program, seen] = [join(folder, 'xdg-open'), join(folder, 'seen')]
    writeFileSync(program, `#!/bin/sh\necho "$*" >"${seen}.part"; mv "${seen}.part" "${seen}"\n`)
    chmodSync(program, 0o755)
    Object.assign(process.env, { PATH: `${folder}:${PATH}`, XDG_RUNTIME_DIR: folder })
    const remove = openBrowser('http://127.0.0.1:1/?token=secret', assert.fail)
    while (!existsSync(seen)) await sleep(5)
    const path = readFileSync(seen, 'utf8').trim()
    assert.doesNotMatch(path, /secret/)
    assert.equal(statSync(path).mode & 0o777, 0o600)
    assert.match(readFileSync(path, 'utf8'), /url=http:\/\/127\.0\.0\.1:1\/\?token=secret"/)
    remove()
    assert.ok(!existsSync(path))
  } finally {
    process.env.PATH = PATH
    if (XDG_RUNTIME_DIR === undefined) delete process.env.XDG_RUNTIME_DIR
    else process.env.XDG_RUNTIME_DIR = XDG_RUNTIME_DIR
    rmSync(folder, { recursive: true })
  }
})

test('a missing program of the desktop is reported', async () => {
  const { PATH } = process.env
  process.env.PATH = '/nowhere'
  try {
    const reason = await new Promise<string>((resolve) => {
      const remove = openBrowser('http://127.0.0.1:1/', (text) => {
        remove()
        resolve(text)
      })
    })
    assert.match(reason, /^open a browser: .*ENOENT/)
  } finally {
    process.env.PATH = PATH
  }
})
