import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it, test } from 'node:test'
import { repositoryRoot } from '../vm/repository.ts'

interface Crossing {
  readonly module: string
  readonly line: number
  readonly reason: string
}

const rules = new URL('../../../scripts/border-rules.mjs', import.meta.url)
const { crossings } = (await import(rules.href)) as {
  crossings: (file: string, text: string) => readonly Crossing[]
}

/** Files with an import each, and whether it crosses a border. */
const imports = {
  'packages/agent/src/processes/a.ts': ["'../reader/pipeline.ts'", true],
  'packages/agent/src/processes/b.ts': ["'@tetragon-ts/sensors'", false],
  'packages/agent/src/reader/json/a.ts': ["'../../policies/kernel/policies.ts'", true],
  'packages/agent/src/reader/json/b.ts': ["'../../processes/process.ts'", false],
  'packages/agent/src/reader/json/c.ts': ["'../handlers/hook-events.ts'", true],
  'packages/agent/src/reader/handlers/a.ts': ["'../pipeline.ts'", true],
  'packages/agent/src/reader/handlers/b.ts': ["'../json/event-lines.ts'", false],
  'packages/agent/src/reader/handlers/b.test.ts': ["'../../testing/index.ts'", false],
  'packages/agent/src/reader/outputs/b.test.ts': ["'../handlers/overlap.ts'", true],
  'packages/agent/src/reader/pipeline.test.ts': ["'./handlers/overlap.ts'", false],
  'packages/agent/src/policies/sources/a.ts': ["'../../endpoints/grpc/status.ts'", true],
  'packages/agent/src/endpoints/grpc/a.ts': ["'../../daemon.ts'", true],
  'packages/agent/src/endpoints/grpc/b.ts': ["'./testing/fake-host.ts'", true],
  'packages/agent/src/endpoints/grpc/b.test.ts': ["'./testing/fake-host.ts'", false],
  'packages/agent/src/endpoints/grpc/c.test.ts': ["'../../daemon/agent.ts'", true],
  'packages/agent/src/error.ts': ["'./config/options.ts'", true],
  'packages/agent/src/daemon.ts': ["'./config/options.ts'", false],
  'packages/sensors/src/kernel/a.ts': ["'../process/identity.ts'", true],
  'packages/sensors/src/kernel/b.ts': ["'@tetragon-ts/compiler'", true],
  'packages/compiler/src/hook/a.ts': ["'../arguments/sock.ts'", true],
  'packages/compiler/src/arguments/a.ts': ["'../hook/hit.ts'", false],
  'packages/compiler/src/means/a.ts': ["'../backends/lsm.ts'", true],
  'packages/compiler/src/plan/a.ts': ["'../emit/hook-program.ts'", true],
  'packages/compiler/src/emit/a.ts': ["'../plan/plan-hook.ts'", false],
  'packages/compiler/src/emit/a.test.ts': ["'../testing/index.ts'", false],
  'packages/compiler/src/plan/b.ts': ["'@tetragon-ts/ebpf/collection'", true],
  'packages/compiler/src/plan/c.ts': ["'@tetragon-ts/ebpf/sys'", true],
  'packages/compiler/src/plan/d.ts': ["'@tetragon-ts/ebpf/lang'", false],
  'packages/compiler/src/plan/d.test.ts': ["'@tetragon-ts/ebpf/collection'", false],
  'packages/compiler/src/plan/e.ts': ["'../running-kernel/index.ts'", true],
  'packages/compiler/src/running-kernel/a.ts': ["'@tetragon-ts/ebpf/features'", false],
  'packages/compiler/src/a.ts': ["'@tetragon-ts/agent'", true],
  'packages/compiler/src/b.ts': ["'@tetragon-ts/api'", true],
  'packages/compiler/src/c.ts': ["'koffi'", true],
  'packages/compiler/src/d.ts': ["'node:worker_threads'", true],
  'packages/compiler/src/emit/f.ts': ["'node:fs'", true],
  'packages/compiler/src/emit/f.test.ts': ["'node:fs'", false],
  'packages/compiler/src/running-kernel/b.ts': ["'node:fs'", false],
  'packages/policy/src/a.ts': ["'@tetragon-ts/ebpf/btf'", true],
  'packages/policy/src/operators/a.ts': ["'../model/index.ts'", true],
  'packages/policy/src/checks/a.ts': ["'../model/index.ts'", false],
  'packages/policy/src/checks/a.test.ts': ["'../testing/index.ts'", false],
  'packages/rules/src/parse/a.ts': ["'../engine/scanner.ts'", true],
  'packages/rules/src/engine/a.ts': ["'../parse/read-rules.ts'", false],
  'packages/rules/src/a.ts': ["'@tetragon-ts/agent'", true],
  'packages/api/src/messages/a.ts': ["'../events/event-table.ts'", true],
  'packages/api/src/compact/a.ts': ["'../events/event-table.ts'", false],
  'packages/console/src/worker/a.ts': ["'../health/health-model.ts'", true],
  'packages/console/src/page/b.ts': ["'@tetragon-ts/compiler'", true],
  'packages/console/src/kernels/a.ts': ["'@tetragon-ts/compiler/kernel-description'", false],
  'packages/console/src/page/a.tsx': ["'../events/event-keys.ts'", true],
  'packages/tetra/src/connection/a.ts': ["'../cluster/cluster-options.ts'", true],
  'packages/tetra/src/commands/a.ts': ["'../registry.ts'", true],
  'packages/operator/src/endpoints/a.ts': ["'../webhook/webhook.ts'", true],
  'packages/kubernetes/src/kubeconfig/a.ts': ["'../cluster-address.ts'", true],
  'packages/tetra/src/a.ts': ["'@tetragon-ts/sensors'", true],
  'packages/ebpf/src/sys/a.ts': ["'../btf/index.ts'", true],
  'packages/ebpf/src/sys/c.ts': ["'../errors/index.ts'", false],
  'packages/ebpf/src/sys/b.ts': ["'koffi'", false],
  'packages/ebpf/src/maps/a.ts': ["'../lang/index.ts'", true],
  'packages/ebpf/src/lang/b.ts': ["'../sys/index.ts'", true],
  'packages/ebpf/src/lang/c.ts': ["'node:path'", true],
  'packages/ebpf/src/lang/c.test.ts': ["'node:path'", false],
  'packages/ebpf/src/lang/a.ts': ["'../maps/index.ts'", false],
  'packages/ebpf/src/elf/a.ts': ["'../sys/index.ts'", true],
  'packages/ebpf/src/elf/go/a.ts': ["'../../sys/index.ts'", true],
  'packages/ebpf/src/elf/go/b.ts': ["'../image.ts'", false],
  'bench/a.ts': ["'../packages/agent/src/reader/counters.ts'", true],
  'test/cases/a.ts': ["'@tetragon-ts/agent'", false],
} as const satisfies Record<string, readonly [module: string, refused: boolean]>

describe('borders between packages and layers', () => {
  for (const [path, [module, isRefused]] of Object.entries(imports)) {
    it(`${path} may ${isRefused ? 'not ' : ''}import ${module}`, () => {
      assert.equal(
        crossings(path, `import { one } from ${module}\n\none()\n`).length > 0,
        isRefused,
      )
    })
  }
})

/** Statements of a file that may not import `../loop.ts`, and the lines with the import. */
const statements = {
  "import '../loop.ts'": 1,
  "import type { Loop } from '../loop.ts'": 1,
  "import { a } from './a.ts'\nimport {\n  b,\n} from '../loop.ts'": 2,
  "export * from '../loop.ts'": 1,
  "const a = 1\nawait import('../loop.ts')": 2,
  "let a: import('../loop.ts').Loop": 1,
}

describe('an import across a border', () => {
  for (const [text, line] of Object.entries(statements)) {
    it(`is found: ${text}`, () => {
      const reason = 'layers above this one'
      const found = crossings('packages/agent/src/reader/json/a.ts', text)
      assert.deepEqual(found, [{ module: '../loop.ts', line, reason }])
    })
  }

  it('is found by its name', () => {
    const cross = (clause: string) =>
      crossings('packages/sensors/src/kernel/a.ts', `import ${clause} from '@tetragon-ts/api'`)
        .length
    assert.equal(cross('{ type EventKey, syscallName as name }'), 0)
    assert.equal(cross('{ EventKey, eventType }'), 1)
    assert.equal(cross('* as api'), 1)
  })
})

test('only startThread starts threads of the agent', () => {
  const folder = join(repositoryRoot, 'packages/agent/src')
  const starts = readdirSync(folder, { recursive: true })
    .map(String)
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))
    .filter((path) => readFileSync(join(folder, path), 'utf8').includes('new Worker('))
  assert.deepEqual(starts, ['start-thread.ts'])
})
