import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { after, it } from 'node:test'
import { remains, tracesOf } from './traces.ts'

const started: ChildProcess[] = []
after(() => {
  for (const each of started) each.kill('SIGKILL')
})

/** Starts a process in a network namespace: a new one, or that of another process. */
async function inNetwork(...command: readonly string[]): Promise<ChildProcess> {
  const [program, ...args] = [...command, 'sh', '-c', 'echo up; exec sleep 600']
  const child = spawn(program!, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  started.push(child)
  await once(child.stdout, 'data')
  return child
}

it('remains are processes in a namespace of the cluster, not in a later one of its number', async () => {
  const node = await inNetwork('unshare', '--net')
  const enter = ['nsenter', '--target', `${node.pid}`, '--net']
  const left = await inNetwork(...enter)
  const traces = await tracesOf(node.pid!, [])
  // Clock ticks are 10 ms long.
  await new Promise((resolve) => setTimeout(resolve, 20))
  const later = await inNetwork(...enter)
  node.kill('SIGKILL')
  await once(node, 'exit')
  const lines = await remains(traces, '/no-such-folder', 'no-such-group')
  const named = (child: ChildProcess) => lines.filter((line) => line.endsWith(` ${child.pid}`))
  const seen = `at tick ${traces.at}: ${[...traces.namespaces].join()}\n${lines.join('\n')}`
  assert.match(named(left).join(), /^namespace net:\[\d+\] of process \d+$/, seen)
  assert.deepEqual(named(later), [])
})
