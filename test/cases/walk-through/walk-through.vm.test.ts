import assert from 'node:assert/strict'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { makeTestFolder, PolicyRun } from '@tetragon-ts/agent/testing'
import { compactPrinter, type Process } from '@tetragon-ts/api'
import { repositoryRoot } from '../../vm/repository.ts'
import { lacks } from '../policies/requirements.ts'
import { Container, page } from './container.ts'

const policies = join(repositoryRoot, 'test/cases/walk-through')
const print = compactPrinter()
const curl = '/usr/bin/curl'
const url = 'http://shop.example/page'

/** The columns of a line: the event, and the words after the program. */
interface Line {
  readonly word: string
  readonly rest: string
}

// A user enters a container and requests a page from a server: the file and network activity of
// that is posted, but not that of the container.
describe('curl in a container, watched by two policies', {
  skip: lacks({ programs: ['runc'] }),
}, () => {
  let folder: string
  let container: Container
  let run: PolicyRun
  let lines: Line[]
  before(async () => {
    folder = makeTestFolder()
    container = new Container(folder)
    run = await PolicyRun.start()
    for (const name of ['follow-etc.yaml', 'connections.yaml']) {
      await run.load(readFileSync(join(policies, name), 'utf8'))
    }
    const { status, stdout, stderr } = container.exec(curl, '--silent', '--show-error', url)
    assert.equal(status, 0, stderr)
    assert.equal(stdout, page)
    const { id } = container
    // Others use the same program outside.
    lines = await compact(({ docker, binary }) => id.startsWith(docker || '-') && binary === curl)
  })
  after(async () => {
    container?.remove()
    await run?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  /** What `tetra getevents -o compact` prints of events of some processes so far. */
  async function compact(isWanted: (process: Process) => boolean): Promise<Line[]> {
    await run.finish(run.spawn('/bin/true', []))
    return run.events.flatMap((event) => {
      const { body } = event
      if (!('process' in body) || !body.process || !isWanted(body.process)) return []
      // Without pods, the second column is the node.
      const [, icon, word, rest] = /^(\S+) (\w+) +test (.*)\n/.exec(print(event)) ?? []
      return word === undefined ? [] : [{ word: icon + word, rest }]
    })
  }

  const described = () => lines.map(({ word, rest }) => `${word} ${rest}`).join('\n')
  const of = (word: string) => lines.filter((line) => line.word === word)

  it('begins with the program and ends with its exit', () => {
    const words = `${curl} --silent --show-error ${url}`
    assert.deepEqual(lines.at(0), { word: '🚀process', rest: words }, described())
    assert.deepEqual(lines.at(-1), { word: '💥exit', rest: `${words} 0` }, described())
  })

  it('shows what is opened below /etc and nothing else', () => {
    const opened = of('📬open').map(({ rest }) => rest.replace(`${curl} `, ''))
    assert.ok(
      opened.every((path) => path.startsWith('/etc/')),
      described(),
    )
    const expected = [
      ...['ld.so.cache', 'ssl/openssl.cnf', 'nsswitch.conf', 'host.conf', 'resolv.conf'],
      ...['hosts', 'gai.conf'],
    ]
    const seen = opened.map((path) => path.slice(5)).filter((path) => expected.includes(path))
    assert.deepEqual([...new Set(seen)], expected, described())
  })

  it('shows reads of the file that was opened last, and of no other', () => {
    let open = ''
    for (const { word, rest } of lines) {
      if (word === '📬open') open = rest
      if (word !== '📚read') continue
      const [, file, bytes] = /^(.*) (\d+) bytes$/.exec(rest) ?? []
      assert.equal(file, open, described())
      assert.ok(Number(bytes) > 0)
    }
    for (const name of ['nsswitch.conf', 'hosts', 'gai.conf']) {
      assert.ok(
        of('📚read').some(({ rest }) => rest.includes(` /etc/${name} `)),
        described(),
      )
    }
  })

  it('closes every file after it was opened', () => {
    let balance = 0
    for (const { word } of lines) {
      if (word === '📬open') balance++
      if (word === '📪close') balance = Math.max(0, balance - 1)
    }
    // The descriptor is a number in that policy: the column of its file is empty.
    assert.ok(
      of('📪close').every(({ rest }) => rest === `${curl} `),
      described(),
    )
    assert.equal(balance, 0, described())
  })

  it('shows the connection, what is sent and its end, after all the files', () => {
    const order = ['📬open', '🔌connect', '📤sendmsg', '🧹close']
    const kinds = lines.map(({ word }) => word).filter((word) => order.includes(word))
    const runs = kinds.filter((word, i) => word !== kinds[i - 1])
    assert.deepEqual(runs, order, described())
    const [connect, send, close] = order.slice(1).map((word) => of(word).map(({ rest }) => rest))
    const address = /^(\/usr\/bin\/curl tcp 127\.0\.0\.1:\d+ -> 127\.0\.0\.[12]:80)/
    const tuple = address.exec(connect[0])?.[1]
    assert.ok(tuple, described())
    assert.deepEqual(connect, [tuple])
    assert.deepEqual(close, [tuple])
    assert.equal(send.length, 1)
    const sent = Number(send[0].replace(`${tuple} bytes `, ''))
    assert.ok(sent > 50 && sent < 200, send[0])
  })

  it('shows no file of the container’s own processes, nor of the host', async () => {
    readFileSync('/etc/passwd')
    const isEnd = ({ word, rest }: Line) => word === '💥exit' && / cat \/etc\/passwd 0$/.test(rest)
    let all = await compact(() => true)
    while (!all.some(isEnd)) all = await compact(() => true)
    const files = all.filter(({ word }) => word === '📬open' || word === '📚read')
    const others = files.filter(
      ({ rest }) => !/^(\/usr\/bin\/curl|\S*runc\S*|\/proc\/\S+|\/dev\/fd\/\d+) /.test(rest),
    )
    assert.deepEqual(others, [])
  })
})
