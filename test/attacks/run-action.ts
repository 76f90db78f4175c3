import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Job } from './action.ts'
import { actionFiles, exitCodes } from './action-script.ts'
import { namespaceOptions } from './throw-away-root.ts'

/** What happened when an action was tried. */
export type ActionRun =
  /** It ran; `output` is the end of what it printed. */
  | { readonly ran: true; readonly effect: boolean; readonly output: string }
  /** The machine lacks something, or it would be changed. */
  | { readonly ran: false; readonly reason: string }

/** Then the action and all that it has started are killed. */
const limitMs = 30_000 * (process.env.TETRAGON_TEST_KERNEL === undefined ? 1 : 10)

/** Other processes of the machine can disturb the preparation of a root, for moments. */
const attempts = 3

/** Runs an action in namespaces of its own. Needs root. @throws Error if they cannot be made */
export async function runAction(action: Job): Promise<ActionRun> {
  if (action.omitted !== undefined) return { ran: false, reason: action.omitted }
  const folder = mkdtempSync('/dev/shm/tetragon-action-')
  try {
    for (const [name, text] of actionFiles(action)) writeFileSync(join(folder, name), `${text}\n`)
    for (let attempt = 1; ; attempt += 1) {
      const { code, output } = await runMain(folder)
      const run = readRun(code, output.trim().split('\n'))
      if (run !== undefined) return run
      if (attempt === attempts) throw new Error(`prepare ${action.id}: code ${code}: ${output}`)
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function runMain(folder: string): Promise<{ code: number | null; output: string }> {
  const args = [...namespaceOptions, '/bin/sh', join(folder, 'main'), folder]
  const child = spawn('unshare', args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  }
  const timer = setTimeout(() => child.kill('SIGKILL'), limitMs)
  const [code] = (await once(child, 'close')) as [number | null]
  clearTimeout(timer)
  return { code, output }
}

/** What the end of the output means; undefined if the root could not be prepared. */
function readRun(code: number | null, lines: readonly string[]): ActionRun | undefined {
  const last = lines.at(-1) ?? ''
  if (code === null) return { ran: true, effect: false, output: 'killed after the time limit' }
  if (code === exitCodes.programMissing) return { ran: false, reason: `no program ${last}` }
  if (code === exitCodes.kernelMissing) return { ran: false, reason: `not offered here: ${last}` }
  if (code === exitCodes.notPrepared) return { ran: false, reason: `cannot be prepared: ${last}` }
  const [, effect] = /^\d+ (\d+)$/.exec(last) ?? []
  if (effect === undefined) return undefined
  const output = lines.slice(0, -1).filter((line) => line !== '')
  return { ran: true, effect: effect === '0', output: (output.at(-1) ?? '').slice(0, 120) }
}
