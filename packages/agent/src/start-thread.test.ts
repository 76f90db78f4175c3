import assert from 'node:assert/strict'
import { once } from 'node:events'
import { closeSync, fstatSync, openSync } from 'node:fs'
import { test } from 'node:test'
import { startThread } from './start-thread.ts'

const program = new URL(
  `data:text/javascript,${encodeURIComponent(`
    import { openSync } from 'node:fs'
    import { parentPort } from 'node:worker_threads'
    import { Fd } from ${JSON.stringify(import.meta.resolve('@tetragon-ts/ebpf/sys'))}
    const fd = new Fd(openSync('/dev/null', 'r'))
    const { number } = fd
    fd.close()
    parentPort.postMessage(number)
    parentPort.once('message', () => {})`)}`,
)

test('a thread that ends closes no file of another one', async () => {
  const thread = startThread(program, {})
  const [number] = (await once(thread, 'message')) as [number]
  const opened: number[] = []
  while (!opened.includes(number)) opened.push(openSync('/dev/null', 'r'))
  await thread.terminate()
  assert.ok(fstatSync(number).isCharacterDevice())
  for (const each of opened) closeSync(each)
})
