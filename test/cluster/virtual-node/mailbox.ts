// Commands for a virtual machine, in a folder that it shares with the host: `request-N.json` and
// `answer-N.json`. A file gets its name when it is complete. The machine takes requests in order.

import { readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { ProgramResult } from '@tetragon-ts/test/archives'

/** A command for the virtual machine. */
export interface Request {
  /** `machine`: outside of the node's namespaces. */
  readonly where: 'node' | 'machine'
  readonly command: readonly string[]
}

const pollMs = 100

/** Writes a file that never exists in part. */
export async function writeWhole(file: string, value: unknown): Promise<void> {
  await writeFile(`${file}.part`, JSON.stringify(value))
  await rename(`${file}.part`, file)
}

/** Reads a file once it exists. @param check throws when it can no longer come */
export async function readOnceThere<Value>(file: string, check: () => void): Promise<Value> {
  for (;;) {
    const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error
    })
    if (text !== undefined) return JSON.parse(text) as Value
    check()
    await delay(pollMs)
  }
}

/** Runs a command in the virtual machine. One process of the host at a time may do so. */
export async function send(
  folder: string,
  request: Request,
  check: () => void,
): Promise<ProgramResult> {
  const names = await readdir(folder)
  const number = names.filter((name) => /^request-\d+\.json$/.test(name)).length
  await writeWhole(join(folder, `request-${number}.json`), request)
  return readOnceThere(join(folder, `answer-${number}.json`), check)
}

/** Answers requests, one after the other, forever. @param run runs a command */
export async function answerRequests(
  folder: string,
  run: (request: Request) => Promise<ProgramResult>,
): Promise<never> {
  for (let number = 0; ; number++) {
    const file = join(folder, `request-${number}.json`)
    const request = await readOnceThere<Request>(file, () => {})
    await writeWhole(join(folder, `answer-${number}.json`), await run(request))
  }
}
