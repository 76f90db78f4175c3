import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Event, Process } from '@tetragon-ts/api'
import { compiled, matchesOf } from '../testing/rule-text.ts'
import { importFalco } from './import-falco.ts'

const started = 'evt.type in (execve, execveat) and evt.dir=<'

function rule(condition: string, more = ''): string {
  return `- rule: a rule
  desc: what it means
  condition: >
    ${condition}
  output: seen (cmd=%proc.cmdline user=%user.name gone=%proc.nothing)
  priority: WARNING
${more}`
}

function translated(text: string): readonly string[] {
  const { documents, diagnostics } = importFalco([{ text, file: 'falco.yaml' }])
  assert.deepEqual(diagnostics, [])
  return documents
}

/** What is refused or changed, as messages. */
function messagesOf(text: string): string[] {
  return importFalco([{ text, file: 'falco.yaml' }]).diagnostics.map(({ message }) => message)
}

const bash: Process = {
  ...{ binary: '/usr/bin/bash', arguments: '-c "id"', cwd: '/root', uid: 0, pid: 7 },
  docker: 'c0ffee0123456789',
}
const nginx: Process = { binary: '/usr/sbin/nginx' }
const systemd: Process = { binary: '/usr/lib/systemd/systemd' }

/** Whether a condition on the start of bash by nginx holds. */
function isHit(condition: string): boolean {
  const text = rule(`${started} and ${condition}`)
  const { documents } = importFalco([{ text, file: 'falco.yaml' }])
  if (documents.length === 0)
    return messagesOf(text)[0] !== 'a rule: no event matches the condition'
  const rules = compiled(...documents)
  return matchesOf(rules, bash, nginx, [systemd]).length > 0
}

describe('conditions on starts of programs', () => {
  for (const [condition, expected] of [
    ['proc.name = bash', true],
    ['proc.name = BASH', false],
    ['tolower(proc.name) = bash', true],
    ['proc.name != bash', false],
    ['proc.name != sh', true],
    ['proc.name in (sh, bash)', true],
    ['proc.name startswith ba and proc.name endswith sh', true],
    ['proc.name startswith usr', false],
    ['proc.name contains usr', false],
    ['proc.name glob "b*h"', true],
    ['proc.name regex "b.s"', false],
    ['proc.exepath = /usr/bin/bash', true],
    ['proc.exepath pmatch (/usr, /opt)', true],
    ['proc.exepath pmatch (/usr/bi)', false],
    ['proc.exepath pmatch ("/u*/bin")', true],
    ['proc.exepath iglob "/USR/*"', true],
    ['proc.cmdline startswith "bash -c"', true],
    ['proc.cmdline startswith "ash -c"', false],
    ['proc.cmdline contains "*"', false],
    ['proc.cmdline icontains "ID"', true],
    ['proc.args startswith -c', true],
    ['proc.cmdline contains allof (bash, id)', true],
    ['proc.cmdline contains allof (bash, ls)', false],
    ['proc.cmdline contains anyof (bash, ls)', true],
    ['proc.pname = nginx', true],
    ['proc.aname = systemd', true],
    ['proc.aname = bash', false],
    ['proc.aname[1] = nginx and proc.aname[0] = bash', true],
    ['user.uid = 0 and user.uid < 1000', true],
    ['user.uid != 0', false],
    ['user.name = root', true],
    ['container.id != host', true],
    ['container.id = host', false],
    ['container.id = c0ffee012345', true],
    ['not container.id exists', false],
    // Without a value every comparison is false, != too.
    ['k8s.ns.name != kube-system', false],
    ['not k8s.ns.name = kube-system', true],
    ['fd.name = /etc/shadow', false],
    ['not fd.name startswith /etc', true],
    ['proc.tty = 0', true],
    ['(proc.name = sh or (proc.name = bash and not proc.pname = sshd))', true],
    ['evt.type = open', false],
    ['not evt.type in (open, openat)', true],
    ['evt.res = SUCCESS and evt.failed = false and evt.rawres >= 0', true],
    ['thread.cap_effective contains CAP_SYS_ADMIN', false],
  ] as const) {
    it(condition, () => assert.equal(isHit(condition), expected))
  }
})

describe('log sources', () => {
  const categoriesOf = (condition: string): string[] => {
    return translated(rule(condition)).map((text) => /category: (\w+)/.exec(text)?.[1] ?? '')
  }
  for (const [condition, expected] of [
    ['evt.type = openat and evt.is_open_write = true', ['file_event']],
    ['evt.type in (open, openat) and evt.is_open_read=true', ['file_access']],
    ['evt.type in (open, openat) and fd.name = /x', ['file_access', 'file_event']],
    ['evt.type = rename and fs.path.target = /x', ['file_rename']],
    ['evt.type in (unlink, unlinkat)', ['file_delete']],
    ['evt.type = chmod and evt.arg.mode contains S_ISUID', ['file_change']],
    ['evt.type = connect and fd.sip = 1.2.3.4', ['network_connection']],
    ['evt.type in (symlink, symlinkat)', ['tetragon_hook', 'tetragon_hook']],
    ['evt.type = ptrace and evt.arg.request = PTRACE_ATTACH', ['process_access']],
    ['proc.name = x', ['process_creation']],
    [
      '(evt.type = execve and proc.name = x) or (evt.type = connect and fd.sport = 4444)',
      ['process_creation', 'network_connection'],
    ],
  ] as const) {
    it(condition, () => assert.deepEqual(categoriesOf(condition), expected))
  }

  it('connections know their ends', () => {
    const [text] = translated(
      rule(`evt.type = connect and fd.typechar = 4 and fd.net != "127.0.0.0/8" and
            not fd.snet in ("10.0.0.0/8", 192.168.0.0/16) and fd.sport in (443, 4444)`),
    )
    const rules = compiled(text)
    const found = (daddr: string, dport: number): number => {
      const process = { binary: '/x' }
      const sock_arg = { saddr: '10.0.0.1', daddr, dport, protocol: 'IPPROTO_TCP' }
      const body = { process, function_name: 'tcp_connect', args: [{ sock_arg }] }
      const event: Event = { key: 'process_kprobe', body, response: { process_kprobe: body } }
      return rules.evaluateEvent(event).length
    }
    assert.equal(found('1.2.3.4', 4444), 1)
    assert.equal(found('1.2.3.4', 80), 0)
    assert.equal(found('10.1.2.3', 4444), 0)
    assert.equal(found('127.0.0.1', 4444), 0)
  })
})

describe('files', () => {
  it('lists, macros, overrides and exceptions are in order', () => {
    const [text] = translated(`
- required_engine_version: 0.57.0
- list: shells
  items: [sh, '"ba sh"']
- list: shells
  items: [zsh]
  override: {items: append}
- list: programs
  items: [shells, vim]
- macro: started
  condition: (${started})
- macro: started
  condition: and not proc.name = sh
  append: true
- rule: programs
  desc: d
  condition: started and proc.name in (programs)
  output: o
  priority: ERROR
  tags: [mitre_defense_evasion, T1059.004, container]
  exceptions:
  - {name: known, fields: [proc.name, proc.pname], comps: [=, in], values: [[vim, [git, ssh]]]}
- rule: programs
  enabled: true
- rule: programs
  condition: and proc.pname != cron
  priority: CRITICAL
  exceptions:
  - {name: known, values: [[zsh, [sshd]]]}
  override: {condition: append, priority: replace, exceptions: append}
`)
    const rules = compiled(text)
    const isFound = (name: string, parent: string): boolean => {
      const [process, by] = [{ binary: `/bin/${name}` }, { binary: `/bin/${parent}` }]
      return matchesOf(rules, process, by).length > 0
    }
    assert.equal(isFound('zsh', 'x'), true)
    assert.equal(isFound('ba sh', 'x'), true)
    assert.equal(isFound('sh', 'x'), false)
    assert.equal(isFound('vim', 'x'), true)
    assert.equal(isFound('vim', 'git'), false)
    assert.equal(isFound('zsh', 'git'), true)
    assert.equal(isFound('zsh', 'sshd'), false)
    assert.equal(isFound('zsh', 'cron'), false)
    assert.match(text, /level: critical/)
    assert.match(text, /attack\.defense-evasion\n\s*- attack\.t1059\.004\n\s*- falco\.container/)
  })

  it('the description and the shown fields stay', () => {
    const [text] = translated(rule(`${started} and proc.name = x`))
    assert.match(
      text,
      /title: a rule\nname: falco_a_rule\ndescription: what it means\nlevel: medium/,
    )
    assert.match(text, /fields:\n\s+- CommandLine\n\s+- User\n$/)
  })

  it('disabled rules are left out', () => {
    const { documents, counts } = importFalco([
      { text: rule(started, '  enabled: false\n'), file: 'a' },
    ])
    assert.deepEqual(documents, [])
    assert.deepEqual(counts, { translated: 0, partly: 0, refused: 0, disabled: 1 })
  })

  for (const [name, text, expected] of [
    ['an unknown macro', rule('startd'), 'a rule: unknown macro "startd"'],
    [
      'an unknown field',
      rule('proc.nme = x'),
      'a rule: execve: the field proc.nme is not translated, did you mean proc.name?',
    ],
    ['a missing parenthesis', rule('(proc.name = x'), 'a rule: missing ), not the end'],
    ['an unknown escape', rule('proc.name = "\\q"'), 'a rule: unknown escape \\q in "\\q"'],
    [
      'values of the environment',
      rule(`${started} and proc.env contains HTTP`),
      'a rule: execve: values of environment variables are not recorded',
    ],
    ['forks', rule('evt.type = clone'), 'a rule: clone: forks without a program have no event'],
    [
      'failures',
      rule('evt.type = execve and evt.failed = true'),
      'a rule: execve: rules see a call when it begins, not its error',
    ],
    [
      'another source',
      rule('ka.verb = get', '  source: k8s_audit\n'),
      'a rule: source k8s_audit: only system calls are observed',
    ],
    [
      'a macro in itself',
      `- macro: m\n  condition: n\n- macro: n\n  condition: m\n${rule('m')}`,
      'a rule: the macro m contains itself, or too many others',
    ],
    [
      'a change of nothing',
      '- rule: other\n  condition: x\n  append: true\n',
      'the rule "other" is changed before it is defined',
    ],
    ['another document', 'title: sigma\n', 'an item of a file of Falco is a rule, macro or list'],
  ] as const) {
    it(`${name}: the reason is named`, () => assert.deepEqual(messagesOf(text), [expected]))
  }

  it('a rule may be translated for some of its events', () => {
    const text = rule('evt.type in (clone, execve) and proc.name = x')
    const { documents, counts } = importFalco([{ text, file: 'a' }])
    assert.equal(documents.length, 1)
    assert.equal(counts.partly, 1)
  })
})

describe('hostile files', () => {
  it('macros that double are refused', () => {
    const lines = ['- macro: m0', '  condition: (proc.name = a or user.uid = 0)']
    for (let i = 1; i < 50; i++) {
      lines.push(`- macro: m${i}`)
      lines.push(
        `  condition: ((m${i - 1} and proc.pid = ${i}) or (m${i - 1} and proc.ppid = ${i}))`,
      )
    }
    const [message] = messagesOf(`${lines.join('\n')}\n${rule('m49')}`)
    assert.match(message, /more than 100000 parts/)
  })

  it('lists that double are refused', () => {
    const lines = ['- list: l0', '  items: [a, b, c, d]']
    for (let i = 1; i < 40; i++) {
      lines.push(`- list: l${i}`, `  items: [l${i - 1}, l${i - 1}]`)
    }
    const [message] = messagesOf(`${lines.join('\n')}\n${rule('proc.name in (l39)')}`)
    assert.equal(message, 'the list "l15" has more than 100000 items')
  })

  it('no text is an exception', () => {
    const words = [
      'and',
      'or',
      'not',
      '(',
      ')',
      '=',
      'in',
      'proc.name',
      'm',
      '"',
      "'",
      '[',
      '\\',
      '<',
      ',',
    ]
    let seed = 7
    const next = (below: number): number => {
      seed = (seed * 1103515245 + 12345) % 2147483648
      return seed % below
    }
    for (let i = 0; i < 2000; i++) {
      const condition = Array.from({ length: next(12) }, () => words[next(words.length)]).join(' ')
      const text = JSON.stringify([
        { macro: 'm', condition: 'proc.name = a' },
        { rule: 'r', condition, output: condition, priority: 'x' },
      ])
      importFalco([{ text, file: 'a' }])
    }
  })
})
