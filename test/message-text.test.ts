import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { it } from 'node:test'
import { repositoryRoot } from './vm/repository.ts'

/** Detects code that inspects the text of an error or reason. Showing its first line is allowed. */
const looks =
  /\.(?:test|exec)\((?:\w+\.)*(?:message|reason|details|log)\)|\b(?:message|reason|details|log)\)?\.(?:match|matchAll|includes|startsWith|endsWith|search)\(|\b(?:message|reason) ===? ['"`]\w/

/** Exceptions for texts of foreign programs; each has a comment. */
const foreign: Readonly<Record<string, string>> = {
  'packages/ebpf/src/features/helper-probes.ts': "the verifier's log",
  'packages/kubernetes/src/api-error.ts': 'the API server, whose 500 has no reason otherwise',
  'packages/outputs/src/kinds/nats/nats-session.ts': 'the NATS server, whose errors have no codes',
  'packages/policy/src/parse/policy-document.ts': 'the YAML library',
  'packages/tetra/src/cluster/agent-connection.ts': 'tetra of the original',
  'packages/tetra/src/connection/connection-error.ts': 'gRPC and TLS',
}

function sources(): string[] {
  const root = join(repositoryRoot, 'packages')
  const packages = readdirSync(root).map((name) => `packages/${name}/src`)
  return packages.flatMap((folder) =>
    readdirSync(join(repositoryRoot, folder), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts') && !/\.test\.ts$|(?:^|\/)testing\//.test(path))
      .map((path) => `${folder}/${path}`),
  )
}

it('nothing is decided by the text of a message', () => {
  const found = sources().flatMap((path) => {
    const lines = readFileSync(join(repositoryRoot, path), 'utf8').split('\n')
    return lines.flatMap((line, i) =>
      looks.test(line) ? [{ path, line: i + 1, text: line.trim() }] : [],
    )
  })
  const places = found.filter(({ path }) => !(path in foreign))
  assert.deepEqual(places, [])
  const used = new Set(found.map(({ path }) => path))
  assert.deepEqual([...used].sort(), Object.keys(foreign).sort())
})
