// `npm start`: sets up the clone and runs the agent, with its events shown by `tetra`, one line
// each. Arguments are passed to the agent. Ctrl-C and SIGTERM stop the agent, and its last output
// is shown before this ends with the agent's exit code.

import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { onlyPrints } from './only-prints.mjs'
import { root, runScript, SetupError, setup } from './setup.mjs'

/** Resolves with the exit code of a child, or 128 plus the number of the signal that ended it. */
function exitOf(child) {
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', (code, signal) => resolve(code ?? 128 + constants.signals[signal]))
  })
}

// The agent's program chooses the variables and options of Node.js itself; it finds this release.
const path = [dirname(process.execPath), process.env.PATH].join(delimiter)
const env = { ...process.env, PATH: path }
const args = process.argv.slice(2)

// It would open a debugger otherwise, in a process of root.
for (const signal of ['SIGUSR1', 'SIGUSR2']) process.on(signal, () => {})

await runScript(async () => {
  if (onlyPrints(args)) {
    await setup()
    return exitOf(
      spawn(join(root, 'packages/agent/bin/tetragon.js'), args, { stdio: 'inherit', env }),
    )
  }
  if (process.getuid?.() !== 0) {
    throw new SetupError(
      'start the agent: root is needed to load eBPF programs; try: sudo npm start',
    )
  }
  await setup()

  // Both have their own session. Ctrl-C on a terminal signals a whole process group: the agent
  // would receive it twice, and tetra would end before the agent's last events.
  const start = (program, args, stdio) =>
    spawn(join(root, program), args, { stdio, env, detached: true })
  const view = ['getevents', '-o', 'compact']
  const tetra = start('packages/tetra/bin/tetra.js', view, ['pipe', 'inherit', 'inherit'])
  const agent = start('packages/agent/bin/tetragon.js', args, ['ignore', 'pipe', 'inherit'])

  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.on(signal, () => agent.kill('SIGTERM'))
  // If tetra ends first, the events have no reader.
  tetra.on('exit', () => agent.kill('SIGTERM'))
  tetra.stdin.on('error', () => agent.kill('SIGTERM'))
  agent.stdout.pipe(tetra.stdin)

  const [exitCode] = await Promise.all([exitOf(agent), exitOf(tetra)])
  return exitCode
})
