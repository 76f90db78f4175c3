import assert from 'node:assert/strict'
import { it } from 'node:test'

const script = new URL('../../../scripts/only-prints.mjs', import.meta.url).href

it('npm start shows what the agent prints as it is, and only events through tetra', async () => {
  const { onlyPrints } = (await import(script)) as { onlyPrints(args: readonly string[]): boolean }
  for (const args of [
    ['--help'],
    ['--log-level', 'debug', '-h'],
    ['--version'],
    ['compile', 'x'],
  ]) {
    assert.ok(onlyPrints(args), args.join(' '))
  }
  for (const args of [[], ['--export-filename', '/x'], ['--log-format=json'], ['--versions']]) {
    assert.ok(!onlyPrints(args), args.join(' '))
  }
})
