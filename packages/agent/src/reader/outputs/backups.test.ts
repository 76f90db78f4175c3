import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { backupName, backupTime } from './backup-name.ts'
import { Backups } from './backups.ts'

const skip = process.getuid?.() !== 0 && 'needs root'

describe('names of backups', () => {
  const path = '/var/log/events.json'
  const time = new Date('2026-01-02T03:04:05.678Z')

  it('have the time before the extension', () => {
    assert.equal(backupName(path, time), '/var/log/events-2026-01-02T03-04-05.678.json')
    assert.equal(backupName('/log/events', time), '/log/events-2026-01-02T03-04-05.678')
  })

  it('are distinguished from other files', () => {
    const stamp = '2026-01-02T03-04-05.678'
    assert.equal(backupTime(path, `events-${stamp}.json`), stamp)
    assert.equal(backupTime(path, `events-${stamp}.json.gz`), stamp)
    for (const name of [
      'events.json',
      'events-x.json',
      `other-${stamp}.json`,
      `events-${stamp}.txt`,
    ]) {
      assert.equal(backupTime(path, name), undefined, name)
    }
  })
})

describe('backups', () => {
  let folder: string
  let path: string
  const warnings: string[] = []
  const add = (day: number, ending = ''): void => {
    const name = backupName(path, new Date(Date.UTC(2026, 0, day)))
    writeFileSync(name + ending, `day ${day}\n`, { mode: 0o640 })
  }
  const days = (): string[] =>
    readdirSync(folder).map((name) => name.slice(7).replace(/T[\d.-]+\d/, ''))
  const tidy = async (maxBackups: number, compress: boolean): Promise<void> => {
    const backups = new Backups(path, { maxBackups, compress }, (text) => warnings.push(text))
    backups.tidy()
    backups.tidy()
    await backups.done()
  }

  beforeEach(() => {
    folder = mkdtempSync('/dev/shm/tetragon-backups-')
    path = join(folder, 'events.json')
    for (const day of [1, 2, 3]) add(day)
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  it('are kept up to the limit, and other files are ignored', async () => {
    writeFileSync(join(folder, 'eventsx'), '')
    await tidy(2, false)
    assert.deepEqual(days().sort(), ['', '2026-01-02.json', '2026-01-03.json'])
    await tidy(0, false)
    assert.equal(days().length, 3)
  })

  it('are compressed, including those of earlier runs', async () => {
    add(4, '.gz.part')
    await tidy(2, true)
    assert.deepEqual(days().sort(), ['2026-01-02.json.gz', '2026-01-03.json.gz'])
    for (const name of readdirSync(folder)) {
      const file = join(folder, name)
      assert.match(gunzipSync(readFileSync(file)).toString(), /^day [23]\n$/)
      assert.equal(statSync(file).mode & 0o777, 0o640)
    }
    await tidy(1, true)
    assert.deepEqual(days(), ['2026-01-03.json.gz'])
    assert.deepEqual(warnings, [])
  })

  it('are only regular files of root or of this user', { skip }, async () => {
    const planted = [10, 11, 12, 13].map((day) =>
      backupName(path, new Date(Date.UTC(2027, 0, day))),
    )
    const victim = join(folder, 'victim')
    writeFileSync(victim, 'precious\n')
    symlinkSync(victim, planted[0])
    assert.equal(spawnSync('mkfifo', [planted[1]]).status, 0)
    writeFileSync(planted[2], 'of a stranger\n')
    chownSync(planted[2], 65534, 65534)
    mkdirSync(planted[3])
    await tidy(2, true)
    assert.equal(days().filter((name) => /^2026-01-0[23]\.json\.gz$/.test(name)).length, 2)
    assert.equal(days().filter((name) => name.startsWith('2027')).length, 4)
    assert.equal(readFileSync(victim, 'utf8'), 'precious\n')
    assert.deepEqual(warnings, [])
  })

  it('that cannot be removed are reported', async () => {
    path = join(folder, 'nowhere', 'events.json')
    await tidy(2, true)
    assert.deepEqual(warnings, [])
    writeFileSync(join(folder, 'nowhere'), '')
    await tidy(2, true)
    assert.match(warnings[0], /^remove old backups: ENOTDIR/)
  })
})
