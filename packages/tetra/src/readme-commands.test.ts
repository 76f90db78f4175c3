import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { runTetra } from './testing/run-tetra.ts'

const repository = fileURLToPath(new URL('../../..', import.meta.url))

const time = '2026-11-24T18:10:01.996502869Z'
const curl = { exec_id: 'dm06MTox', pid: 20826, uid: 0, binary: '/usr/bin/curl', cwd: '/srv' }
const recorded = [
  {
    process_exec: { process: { ...curl, start_time: time } },
    findings: [{ title: 'A download', level: 'low' }],
    node_name: 'vm',
    time,
  },
  { process_exit: { process: curl, status: 3, time }, node_name: 'vm', time },
]
const log = recorded.map((event) => `${JSON.stringify(event)}\n`).join('')

/** The command lines of `tetra` in the code blocks of the README. */
const examples = async (): Promise<string[]> => {
  const readme = await readFile(join(repository, 'README.md'), 'utf8')
  const blocks = [...readme.matchAll(/^```sh\n([\s\S]*?)^```/gm)].map(([, block = '']) => block)
  const lines = blocks.join('').replaceAll('\\\n', '').split('\n')
  return lines.filter((line) => /npx tetra /.test(line)).map((line) => line.split(' #')[0].trim())
}

const readsLog = (line: string): boolean =>
  /[<|] (npx tetra|\S+\.log$)/.test(line) || line.includes('--against')
const isOffline = (line: string): boolean =>
  readsLog(line) || /npx tetra (explain|completion|tracingpolicy validate)\b/.test(line)

describe('the tetra commands of the README that need no agent', async () => {
  let folder = ''
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'readme-'))
    await writeFile(join(folder, 'tetragon.log'), log)
  })
  after(() => rm(folder, { recursive: true }))

  /** A word of a command line, with the files that it stands for. */
  const argument = (word: string): string => {
    if (word.endsWith('tetragon.log')) return join(folder, 'tetragon.log')
    if (word === 'policy.yaml') return join(repository, 'policies/file/follow-etc.yaml')
    if (word.startsWith('policies/')) return join(repository, word)
    return word.replaceAll("'", '')
  }

  const offline = (await examples()).filter(isOffline)
  for (const line of offline) {
    it(line, async () => {
      const [, command = ''] = /npx tetra ([^<)]*)/.exec(line) ?? []
      const argv = (command.match(/'[^']*'|\S+/g) ?? []).map(argument)
      const { out, err, code } = await runTetra(argv, readsLog(line) ? log : '')
      assert.equal(code, 0, err)
      assert.match(out + err, /^(?:getevents|findings)$/.test(argv[0]) ? /curl/ : /./)
    })
  }

  it('are found', () => assert.ok(offline.length >= 7, offline.join('\n')))
})
