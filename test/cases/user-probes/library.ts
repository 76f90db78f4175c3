import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { HookEvent, PolicyRun } from '@tetragon-ts/agent/testing'
import { repositoryRoot } from '../../vm/repository.ts'

const folder = join(repositoryRoot, 'policies', 'user')

/** The text of a policy of the library. */
export function libraryPolicy(name: string): string {
  return readFileSync(join(folder, name), 'utf8')
}

/**
 * Loads policies of the library while a function runs.
 * @param changed changes their texts before they are loaded
 */
export async function withLibrary<T>(
  run: PolicyRun,
  names: readonly string[],
  act: () => Promise<T>,
  changed: (text: string) => string = (text) => text,
): Promise<T> {
  const policies: Awaited<ReturnType<PolicyRun['loadAttached']>>[] = []
  try {
    for (const name of names) policies.push(await run.loadAttached(changed(libraryPolicy(name))))
    return await act()
  } finally {
    for (const policy of policies) await run.unload(policy)
  }
}

/** The symbol or name of an event's probe, and its arguments as texts. */
export function textsOf({ body, args }: HookEvent): string[] {
  const texts = args.map(({ string_arg, bytes_arg, int_arg }) =>
    String(string_arg ?? int_arg ?? Buffer.from(bytes_arg ?? '', 'base64')),
  )
  return [body.symbol ?? body.name ?? '', ...texts]
}

/** The symbol of each event's probe and the bytes of its first argument, if these are bytes. */
export function bytesOf(events: readonly HookEvent[]): string[] {
  return events.flatMap(({ body, args: [{ bytes_arg }] }) =>
    bytes_arg === undefined ? [] : `${body.symbol} ${Buffer.from(bytes_arg, 'base64')}`,
  )
}
