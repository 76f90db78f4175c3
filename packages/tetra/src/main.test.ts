import assert from 'node:assert/strict'
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type Outcome, runTetra } from './testing/run-tetra.ts'

const program = fileURLToPath(new URL('../bin/tetra.js', import.meta.url))

function start(...argv: string[]): ChildProcessWithoutNullStreams {
  const child = spawn(process.execPath, [program, ...argv], {
    env: { ...process.env, NO_COLOR: '' },
  })
  child.stdin.on('error', () => {})
  return child
}

/** Result of a child process: for signals, and for closed output. */
async function outcome(child: ChildProcessWithoutNullStreams) {
  const exit = once(child, 'exit')
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)])
  const [code] = (await exit) as [number | null]
  return { out, err, code }
}

function run(input: string | Buffer, ...argv: string[]): Promise<Outcome> {
  return runTetra(argv, input)
}

function exec(args: string, pod?: object): string {
  return JSON.stringify({
    process_exec: { process: { binary: '/usr/bin/curl', arguments: args, pod } },
    node_name: 'n',
  })
}

const xwing = { namespace: 'default', name: 'xwing', container: { name: 'spaceship' } }
const events = [
  exec('a', xwing),
  exec('b'),
  '{"process_exit":{"process":{"binary":"/bin/sh","pod":{"namespace":"kube-system","name":"dns"}}}}',
  '{"process_lsm":{"process":{"binary":"/bin/cat"},"function_name":"f","policy_name":"files"}}',
]
const input = `${events.join('\n')}\n`

/** Digits of the input lines in the output. */
async function chosen(...argv: string[]): Promise<string> {
  const { out, err, code } = await run(input, 'getevents', ...argv)
  assert.equal(err, '')
  assert.equal(code, 0)
  return out
    .split('\n')
    .filter(Boolean)
    .map((line) => events.indexOf(line))
    .join('')
}

test('JSON is printed as it was received', async () => {
  const odd = ' { "process_exec" : {"new_field":[1, 2]}, "time":"x" } \r'
  const { out, err, code } = await run(`${odd}\n${exec('é')}`, 'getevents')
  assert.deepEqual({ out, err, code }, { out: `${odd}\n${exec('é')}\n`, err: '', code: 0 })
})

test('compact lines are printed', async () => {
  const { out, err, code } = await run(input, 'getevents', '-o', 'compact')
  const lines = [
    '🚀 process default/xwing /usr/bin/curl a',
    '🚀 process n /usr/bin/curl b',
    '💥 exit    kube-system/dns /bin/sh  0',
    '🔒 LSM      /bin/cat f',
  ]
  assert.deepEqual({ out, err, code }, { out: `${lines.join('\n')}\n`, err: '', code: 0 })
  const coloured = await run(input, 'getevents', '-o', 'compact', '--color', 'always')
  assert.match(coloured.out, /^\x1b\[34m🚀 process\x1b\[0m \x1b\[32mdefault\/xwing\x1b\[0m /)
  const stamped = await run(
    '{"test":{},"time":"2024-10-26T16:02:01Z"}',
    'getevents',
    '-o',
    'compact',
    '--timestamps',
  )
  assert.equal(stamped.out, '2024-10-26T16:02:01.000000000Z TEST EVENT\n')
})

test('stacks are printed as lists or trees', async () => {
  const stack = ['inner', 'outer', 'main'].map((symbol) => ({ symbol, module: '/a' }))
  const body = {
    process: { exec_id: 'x', binary: '/a' },
    policy_name: 'p',
    user_stack_trace: stack,
  }
  const event = JSON.stringify({ process_tracepoint: body })
  const list = await run(event, 'getevents', '-o', 'compact')
  assert.match(list.out, /\nUser:\n {3}0x0: inner \(\/a\+0x0\)\n/)
  const tree = await run(`${event}\n${event}`, 'getevents', '-o', 'compact', '--stacks=tree')
  const [, outermost, , innermost, , folded, last] = tree.out.split('\n')
  assert.equal(outermost, '   main (/a)')
  assert.equal(innermost, '    └inner (/a)')
  assert.deepEqual([folded, last], ['   … 2 frames as before', innermost])
  const none = await run(event, 'getevents', '-o', 'compact', '--stack-traces=false')
  assert.equal(none.out.split('\n').length, 2)
  for (const others of [[], ['-o', 'json'], ['-o', 'compact', '--stack-traces=false']]) {
    const { out, err, code } = await run(event, 'getevents', '--stacks=tree', ...others)
    assert.deepEqual([out, code], ['', 2], others.join(' '))
    assert.match(err, /--stacks=tree requires compact output with stack traces/)
  }
})

test('filters choose events', async () => {
  assert.equal(await chosen(), '0123')
  assert.equal(await chosen('-e', 'PROCESS_EXIT,process_lsm'), '23')
  assert.equal(await chosen('--namespaces', 'default', '--pods', 'xwing'), '0')
  assert.equal(await chosen('-n', 'default,kube-system'), '02')
  assert.equal(await chosen('--host'), '13')
  assert.equal(await chosen('--host', '-n', 'default'), '013')
  assert.equal(await chosen('--namespace-regex', '^kube-'), '2')
  assert.equal(await chosen('--process', '/(sh|cat)$'), '23')
  assert.equal(await chosen('--processes', '(?i)CURL', '--host'), '1')
  assert.equal(await chosen('--containers', 'space'), '0')
  assert.equal(await chosen('--policy-names', 'files'), '3')
  const fromPod = 'has(process_exec.process.pod)'
  assert.equal(await chosen('--cel-expression', fromPod), '0')
  const commas = 'process_lsm.process.binary in ["/bin/cat", "/bin/dog"]'
  assert.equal(await chosen('--cel-expression', commas, '--cel-expression', fromPod), '03')
})

test('a set of pids includes their descendants', async () => {
  const process = (pid: number, exec_id: string, parent_exec_id: string) =>
    `${JSON.stringify({ process_exec: { process: { pid, exec_id, parent_exec_id } } })}\n`
  const lines = [
    process(5, 'a', ''),
    process(6, 'b', 'a'),
    process(7, 'c', 'b'),
    process(8, 'd', ''),
  ]
  const { out } = await run(lines.join(''), 'getevents', '--pid-set', '4,6')
  assert.equal(out, lines.slice(1, 3).join(''))
})

test('fields are chosen in JSON output', async () => {
  const kept = await run(events[0], 'getevents', '-f', 'process.arguments,process.pod.name')
  assert.equal(
    kept.out,
    '{"process_exec":{"process":{"arguments":"a","pod":{"name":"xwing"}}},"node_name":"n"}\n',
  )
  const rest = await run(events[1], 'getevents', '-F', 'process.binary')
  assert.equal(rest.out, '{"process_exec":{"process":{"arguments":"b"}},"node_name":"n"}\n')
})

test('output to a terminal is replayed', async () => {
  const hook = (path: string, bytes: string): string =>
    JSON.stringify({
      process_kprobe: {
        process: {},
        args: [{ file_arg: { path } }, { bytes_arg: Buffer.from(bytes).toString('base64') }],
      },
    })
  const lines = [hook('/dev/pts/0', '\x1b[1mhi'), hook('/dev/pts/1', 'no'), exec('x')]
  const { out } = await run(lines.join('\n'), 'getevents', '-t', '/dev/pts/0')
  assert.equal(out, '\x1b[1mhi')
})

test('bad lines and unknown events are skipped and counted', async () => {
  const deep = `{"process_exec":{"process":{},"x":${'['.repeat(50_000)}${']'.repeat(50_000)}}}`
  const lines = [
    'not json\x1b[2J',
    '{"process_exec":{"process":7}}',
    '',
    '{"process_dns":{}}',
    '{"process_exec":{}}',
    exec('good'),
    Buffer.from([0xff, 0xfe]).toString('latin1'),
    deep,
  ]
  const { out, err, code } = await run(lines.join('\n'), 'getevents', '-o', 'compact')
  assert.equal(out, '🚀 process n /usr/bin/curl good\n🚀 process   \n')
  assert.equal(code, 0)
  assert.match(err, /skipped 3 lines without valid event JSON \(the first is line 1: .*\\x1b/)
  assert.match(err, /skipped 1 event of unknown type \(.*line 4: unknown event type: process_dns\)/)
  assert.match(err, /skipped 1 event that cannot be printed \(.*line 5: .*missing process info\)/)
  const rewritten = await run(deep, 'getevents', '-F', 'parent')
  assert.equal(rewritten.out, '')
  assert.match(rewritten.err, /skipped 1 event that cannot be printed/)
})

test('lines of several megabytes and characters split between chunks are handled', async () => {
  const long = exec('é🚀'.repeat(1_000_000))
  const { out } = await run(`${long}\n${events[1]}\n`, 'getevents')
  assert.ok(out === `${long}\n${events[1]}\n`)
  const child = start('getevents', '-o', 'compact')
  const end = outcome(child)
  for (const byte of Buffer.from(exec('🚀'))) {
    child.stdin.write(Buffer.from([byte]))
    await new Promise((resolve) => setImmediate(resolve))
  }
  child.stdin.end()
  assert.equal((await end).out, '🚀 process n /usr/bin/curl 🚀\n')
})

test('a closed output ends tetra silently', async () => {
  const child = start('getevents')
  const errors = text(child.stderr)
  const exit = once(child, 'exit')
  child.stdout.once('data', () => child.stdout.destroy())
  const feed = setInterval(() => child.stdin.write(input.repeat(1000)), 1)
  const [code] = await exit
  clearInterval(feed)
  assert.equal(code, 0)
  assert.equal(await errors, '')
})

test('after the first interrupt the last events are printed, the second ends tetra', async () => {
  const child = start('getevents')
  const end = outcome(child)
  child.stdin.write(`${events[0]}\n`)
  await once(child.stdout, 'readable')
  child.kill('SIGINT')
  child.stdin.write(`${events[1]}\n`)
  child.stdin.end()
  assert.deepEqual(await end, { out: `${events[0]}\n${events[1]}\n`, err: '', code: 0 })

  const stuck = start('getevents')
  stuck.stdin.write(`${events[0]}\n`)
  await once(stuck.stdout, 'readable')
  const exit = once(stuck, 'exit')
  stuck.kill('SIGINT')
  const again = setInterval(() => stuck.kill('SIGINT'), 50)
  assert.deepEqual(await exit, [130, null])
  clearInterval(again)
})

test('a slow reader delays the input', async () => {
  const child = start('getevents')
  const chunk = input.repeat(20_000)
  let accepted = 0
  const feed = (): void => {
    while (accepted < 40 && child.stdin.write(chunk)) accepted++
    if (accepted < 40) {
      accepted++
      child.stdin.once('drain', feed)
    }
  }
  feed()
  await new Promise((resolve) => setTimeout(resolve, 500))
  assert.ok(accepted < 40, 'everything was read although nobody reads the output')
  const exit = once(child, 'exit')
  child.stdout.destroy()
  assert.deepEqual(await exit, [0, null])
})

test('help and version are shown', async () => {
  const root = await run('', '--help')
  assert.match(root.out, /Commands:\n {2}getevents .*\n/)
  assert.deepEqual(await run('', 'help'), root)
  const help = await run('', 'getevents', '--help')
  assert.match(
    help.out,
    /Examples:\n.*\n {2}tetra getevents -o compact\n[^$]*\n {2}kubectl logs .* \| tetra getevents -o compact\n/,
  )
  assert.match(help.out, /-o, --output FORMAT/)
  assert.doesNotMatch(help.out, /--containers|--pods/)
  assert.deepEqual(await run('', 'help', 'getevents'), help)
  assert.match((await run('', 'version')).out, /^CLI version: \d+\.\d+\.\d+\n$/)
  assert.deepEqual((await run('')).code, 2)
})

test('invalid command lines end with code 2 and a suggestion', async () => {
  const cases: [string[], RegExp][] = [
    [['getevent'], /^tetra: unknown command "getevent"; did you mean "getevents"\?\n/],
    [['help', 'verison'], /did you mean "version"\?/],
    [['getevents', '--namespaec', 'x'], /unknown option --namespaec; did you mean "--namespace"\?/],
    [['getevents', '-e', 'PROCES_EXEC'], /unknown type "PROCES_EXEC"; did you mean "PROCESS_EXEC"/],
    [['getevents', '--process', 'a(b'], /"a\(b": missing \) at character 2\n/],
    [['getevents', '--pid-set', '-1'], /invalid pid "-1"/],
    [['getevents', '--cel-expression', 'process_exec.pid'], /No such key: pid at character 14\n/],
    [['getevents', '-f', 'process.bin'], /no event has a field process\.bin\n/],
    [['getevents', 'x'], /unexpected argument "x"/],
    [['--server'], /unknown option --server/],
    [['get\x1b[31m'], /unknown command "get\\x1b/],
  ]
  for (const [argv, message] of cases) {
    const { out, err, code } = await run('', ...argv)
    assert.deepEqual([out, code], ['', 2])
    assert.match(err, message)
  }
})

test('a file is read even with an address', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tetra-'))
  const file = join(folder, 'events.json')
  const address = ['--server-address', `unix://${folder}/nothing.sock`]
  const read = (text: string, ...argv: string[]) => {
    writeFileSync(file, text)
    const stdin = openSync(file, 'r')
    try {
      const { stdout, stderr, status } = spawnSync(process.execPath, [program, ...argv], {
        stdio: [stdin, 'pipe', 'pipe'],
        encoding: 'utf8',
      })
      return { out: stdout, err: stderr, code: status }
    } finally {
      closeSync(stdin)
    }
  }
  try {
    const lines = `${events[0]}\n`
    assert.deepEqual(read(lines, ...address, 'getevents'), { out: lines, err: '', code: 0 })
    assert.deepEqual(read(lines, 'getevents', ...address), { out: lines, err: '', code: 0 })
    assert.deepEqual(read('', 'getevents', ...address), { out: '', err: '', code: 0 })
    assert.deepEqual(read('', 'tree', ...address), { out: '', err: '', code: 0 })
  } finally {
    rmSync(folder, { recursive: true })
  }
})
