import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Command } from './command.ts'
import { commands } from './registry.ts'
import { runTetra } from './testing/run-tetra.ts'

interface Placed {
  readonly path: readonly string[]
  readonly command: Command
}

function all(list: readonly Command[], around: readonly string[] = []): Placed[] {
  return list.flatMap((command) => {
    const path = [...around, command.name]
    return [{ path, command }, ...all(command.commands ?? [], path)]
  })
}

describe('every command', () => {
  for (const { path, command } of all(commands)) {
    it(`${path.join(' ')} has help with an example that begins with it`, async () => {
      const { out, err, code } = await runTetra([...path, '--help'])
      assert.deepEqual([err, code], ['', 0])
      assert.equal((await runTetra(['help', ...path])).out, out)
      assert.match(out, new RegExp(`\\nUsage:\\n {2}tetra ${path.join(' ')} `))
      if (command.leftOut === undefined) {
        assert.match(out, /\nExamples:\n {2}# /)
        const lines = (command.examples ?? []).map(([line]) => line)
        const names = [path.at(-1) ?? '', ...(command.aliases ?? [])]
        const isOwn = (line: string): boolean => names.some((name) => line.includes(name))
        assert.ok(lines.some(isOwn), lines.join('\n'))
      } else {
        assert.match(out, /It always fails: /)
      }
    })
  }

  it('accepts connection options, and suggests similar ones', async () => {
    for (const { path, command } of all(commands)) {
      if (command.commands !== undefined) continue
      const { err, code } = await runTetra([...path, '--timeuot', '3s', '--help'])
      // One that has an option of that name suggests the same.
      assert.match(err, /unknown option --timeuot; did you mean "--timeout"/, path.join(' '))
      assert.equal(code, 2)
    }
  })
})
