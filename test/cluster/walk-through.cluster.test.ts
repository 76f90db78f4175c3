// The tests are steps: each continues where the one before it has left the shell and the chart.

import assert from 'node:assert/strict'
import { appendFile, mkdir, writeFile } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import { cachePath } from '../vm/repository.ts'
import { sharedCluster, waitForKinds } from './installation.ts'
import { blockFolder, readBlock } from './walk-through/block.ts'
import { compareObjects, firstMissingLine } from './walk-through/compare.ts'
import { makeDemoImage } from './walk-through/demo-image.ts'
import { type Followed, Terminal } from './walk-through/terminal.ts'
import { WebSites } from './walk-through/web-sites.ts'

const cluster = sharedCluster()
const kernel = cluster.address.virtual?.kernel

/** Words of the walk-through that depend on its node; the node of the tests has others. */
const replacements = {
  'kind-control-plane': 'test-node',
  '/usr/local/sbin/runc': '/opt/kubernetes/bin/runc',
  // The machine of the tests has no systemd: the kubelet makes the control groups.
  ' --systemd-cgroup': '',
}

/** Values of the JSON event that differ from those of the walk-through. */
const otherValues: Readonly<Record<string, RegExp>> = {
  // Newer releases of Tetragon have this flag, too.
  'process_exec.process.flags': /^execve clone inInitTree$/,
  // The name that the pod asks for, not the id that the runtime gives to an image without a tag.
  'process_exec.process.pod.container.image.name':
    /^quay\.io\/cilium\/json-mock@sha256:[0-9a-f]{64}$/,
  // The parent is a child of `runc create` and a copy of `runc init`. Tetragon shows the program of
  // the former for it.
  'process_exec.parent.cwd':
    /^\/run\/containerd\/io.containerd.runtime.v2.task\/k8s.io\/\w+\/rootfs$/,
  'process_exec.parent.binary': /^\/dev\/fd\/\d+$/,
  'process_exec.parent.arguments': /^init$/,
  'process_exec.parent.flags': /^clone inInitTree$/,
}

/** Fields of the JSON event that the walk-through does not show. */
const extraFields = [
  ...['process_exec.process.pod.uid', 'process_exec.process.in_init_tree'],
  // The parent is in the container, too.
  ...['pod', 'docker', 'in_init_tree'].map((name) => `process_exec.parent.${name}`),
  'node_labels',
]

/** What the commands printed, for docs/walkthrough.md. */
const transcript = cachePath(
  'results',
  `walk-through${kernel === undefined ? '' : `-${kernel}`}.txt`,
)

let sites: WebSites | undefined
let terminal: Terminal
let jsonLog: Followed
let compactLog: Followed

before(async () => {
  const demo = await makeDemoImage(cachePath('image', 'root/usr/bin/node'))
  sites = await WebSites.publish(
    cluster,
    blockFolder,
    await cluster.node.importImage(demo, { byTag: false }),
  )
  terminal = new Terminal(cluster)
  await mkdir(cachePath('results'), { recursive: true })
  await writeFile(transcript, '')
})
after(() => sites?.end())

/** Adds commands and their output to the transcript. */
async function record(command: string, lines: readonly string[]): Promise<void> {
  const commands = command.split('\n').map((line) => `$ ${line}`)
  await appendFile(transcript, `${[...commands, ...lines].join('\n')}\n\n`)
}

/** A descriptor that is closed, without a name. */
const closed = /^📪 close +\S+ \S+ *$/

/** Asserts that all lines of a block are there in order. */
function assertShown(name: string, lines: readonly string[]): void {
  const { command, output } = readBlock(name)
  // The longest cell decides how wide a column of a table is.
  const compact = (text: string) =>
    command === 'kubectl get pods' ? text.replace(/ +/g, ' ') : text
  // How many descriptors are closed one after the other depends on the libraries of the program.
  const all = output.filter((line) => line !== '...')
  const expected = all.filter((line, i) => !closed.test(line) || line !== all[i - 1])
  const missing = firstMissingLine(expected.map(compact), lines.map(compact), replacements)
  assert.equal(missing, undefined, `missing: ${missing}\n${lines.join('\n')}`)
}

/** Replaces a field of an object. @param path names of the objects and the field */
function replaceField(object: object, path: string, value: unknown): void {
  const [name = '', ...rest] = path.split('.')
  const fields = object as Record<string, object>
  if (rest.length === 0) Object.assign(object, { [name]: value })
  else replaceField(fields[name]!, rest.join('.'), value)
}

/** The lines of a pipeline, which is ended when the last line of the block is there. */
async function linesOf(name: string, log: Followed): Promise<readonly string[]> {
  const { command, output } = readBlock(name)
  // Of JSON, `...` is last: the other pipeline was waited for.
  const last = output.slice(-1).filter((line) => line !== '...')
  await cluster.waitFor(`the last line of ${name}`, async () => {
    return firstMissingLine(last, log.lines()) === undefined
  })
  const lines = await log.end()
  await record(command, lines)
  return lines
}

/** Runs the commands of a block. */
async function runBlock(name: string): Promise<readonly string[]> {
  const { command } = readBlock(name)
  const { lines, exitCode } = await terminal.run(command)
  await record(command, lines)
  assert.equal(exitCode, 0, lines.join('\n'))
  assertShown(name, lines)
  return lines
}

test('helm installs the chart', async () => {
  await runBlock('install')
  let log = ''
  await cluster.waitFor('the log of the agent', async () => {
    const of = ['-n', 'kube-system', 'ds/tetragon', '-c', 'tetragon']
    log = (await cluster.tryKubectl(['logs', ...of])).stdout
    return log !== ''
  })
  await waitForKinds(cluster)
  // Features of the kernel for the hooks of the policies: the agent's probes.
  console.log(log.match(/^ {2}(kernel|tracing|functions) .*$/gm)?.join('\n'))
  if (kernel === undefined) return
  assert.match(log, new RegExp(`^ {2}kernel +Linux ${kernel.replaceAll('.', '\\.')}\\.`, 'm'))
  assert.match(log, /^ {2}functions +fentry, fexit, kprobe, kprobe_multi\b/m)
})

test('the sample app runs', async () => {
  // The user would open two more terminals, and see the pods start.
  jsonLog = terminal.follow(readBlock('export-json').command)
  compactLog = terminal.follow(readBlock('export-compact').command)
  // With a selector, kubectl starts with the last lines of the log.
  const list = 'ls -l /proc/$(pgrep -x kubelet)/fd | grep --count /export-stdout/'
  await cluster.waitFor('both pipelines read the log', async () => {
    return (await cluster.node.run(['sh', '-c', list])).stdout.trim() === '2'
  })
  await runBlock('create-app')
  await cluster.kubectl('wait', 'pods', '--all', '--for=condition=Ready', cluster.timeout(240))
  await runBlock('get-pods')
})

test('tetra prints what the container of xwing executes', async () => {
  assertShown('export-compact', await linesOf('export-compact', compactLog))
})

test('export-stdout has the event of the hook of xwing', async () => {
  const wanted = readBlock('export-json')
  const lines = await linesOf('export-json', jsonLog)
  const events = lines
    .join('\n')
    .split(/(?<=^\})\n/m)
    .flatMap((text) => {
      return text.trim() === '' ? [] : [JSON.parse(text)]
    })
  const expected = JSON.parse(wanted.output.filter((line) => line !== '...').join('\n'))
  const { name, container } = expected.process_exec.process.pod
  // The hook also runs for the sandbox of the pod, which is not in a container of its own.
  const event = events.find(({ process_exec: exec }) => {
    const { binary, pod } = exec?.process ?? {}
    return (
      binary === expected.process_exec.process.binary &&
      pod?.name === name &&
      pod.container?.name === container.name
    )
  })
  assert.ok(event !== undefined, lines.join('\n'))
  for (const [path, value] of Object.entries(otherValues)) replaceField(expected, path, value)
  const { missing, extra } = compareObjects(expected, event, replacements)
  assert.deepEqual(missing, [])
  assert.deepEqual(extra, extraFields)
})

test('curl in xwing is seen by two policies', async () => {
  for (const name of ['apply-files', 'apply-network']) await runBlock(name)
  await cluster.waitFor('both policies are enabled', async () => {
    const command = ['exec', '-n', 'kube-system', 'ds/tetragon', '-c', 'tetragon', '--']
    // It fails while the node is busy.
    const { stdout: list } = await cluster.tryKubectl([
      ...command,
      'tetra',
      'tracingpolicy',
      'list',
    ])
    return list.split('\n').filter((line) => line.includes(' enabled ')).length === 2
  })
  const log = terminal.follow(readBlock('follow-xwing').command)
  await runBlock('curl')
  const shell = 'kubectl exec -it xwing -- sh'
  // Ctrl-C, then Ctrl-D.
  const { exitCode, lines: screen } = await terminal.run(shell, {
    prompt: '# ',
    keys: ['\x03', '\x04'],
  })
  await record(shell, screen)
  assert.equal(exitCode, 130, screen.join('\n'))
  const lines = await linesOf('follow-xwing', log)
  assertShown('follow-xwing', lines)
  assert.deepEqual(
    lines.filter((line) => line !== '' && !/^\S+ \w+ +default\/xwing /.test(line)),
    [],
  )
})
