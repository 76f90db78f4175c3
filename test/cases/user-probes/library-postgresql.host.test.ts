import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { PolicyRun } from '@tetragon-ts/agent/testing'
import { DebianPostgresql } from './debian-postgresql.ts'
import { textsOf, withLibrary } from './library.ts'

describe('policies for PostgreSQL', () => {
  let run: PolicyRun
  let postgresql: DebianPostgresql
  before(async () => {
    postgresql = await DebianPostgresql.create()
    run = await PolicyRun.start()
  })
  after(async () => {
    await run?.stop()
    await postgresql?.remove()
  })

  /** The answers to queries, or undefined if there is no server yet. */
  function answersTo(queries: readonly string[]): string[] | undefined {
    const input = queries.map((query) => `${query}\n`).join('')
    const { status, stdout } = spawnSync('setpriv', postgresql.client(), {
      input,
      encoding: 'utf8',
    })
    return status === 0 ? stdout.split('\n').slice(0, -1) : undefined
  }

  /** Runs a server until it has answered queries. @returns the answers and its events */
  async function serve(queries: readonly string[]) {
    const server = run.spawn('setpriv', postgresql.server())
    let answers: string[] | undefined
    try {
      for (;;) {
        answers = answersTo(queries)
        if (answers !== undefined) break
        const { exitCode, signalCode } = server.child
        assert.ok(exitCode === null && signalCode === null, server.output)
        await sleep(20)
      }
    } finally {
      // SIGINT is PostgreSQL's fast shutdown.
      server.child.kill('SIGINT')
      await server.ended
    }
    return { answers, shown: (await run.finish(server)).map(textsOf) }
  }

  it('show the text of queries, also of those whose values are separate', async () => {
    const queries = ["select upper('secret');", 'select upper($1) \\bind hidden \\g']
    const { answers, shown } = await withLibrary(
      run,
      ['postgresql-queries.yaml'],
      () => serve(queries),
      (text) =>
        text.replaceAll('/usr/lib/postgresql/17/bin/postgres', postgresql.program('postgres')),
    )
    assert.deepEqual(answers, ['SECRET', 'HIDDEN'])
    assert.deepEqual(
      shown.map(([, text]) => text.trim()),
      ["select upper('secret');", 'select upper($1)'],
    )
  })
})
