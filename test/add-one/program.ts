/**
 * The module that uses all additions in the copy, and prints what came of them as JSON. It runs in
 * one process, since loading the packages takes longest.
 */
export const program = String.raw`
import { existsSync, readFileSync } from 'node:fs'
import { compactPrinter, parseEvent } from './packages/api/src/index.ts'
import { agentOptionsOf } from './packages/agent/src/config/agent-options.ts'
import { policies as metrics } from './packages/agent/src/endpoints/metrics/collectors/policies.ts'
import { policyStats } from './packages/agent/src/policies/registry/policy-stats.ts'
import { EventBuffer } from './packages/agent/src/reader/json/event-lines.ts'
import { openSink } from './packages/agent/src/reader/outputs/open-sink.ts'
import { EventTap } from './packages/agent/src/reader/outputs/event-tap.ts'
import { Pipeline } from './packages/agent/src/reader/pipeline.ts'
import { readerOptions } from './packages/agent/src/reader/protocol.ts'
import { Counters } from './packages/agent/src/reader/counters.ts'
import { recordBytes } from './packages/agent/src/reader/testing/record-bytes.ts'
import { hookRecordBytes, testHook } from './packages/agent/src/reader/testing/test-records.ts'
import { TestSource } from './packages/agent/src/reader/testing/test-source.ts'
import { contextOf } from './packages/agent/src/reader/worker.ts'
import { noCounts } from './packages/compiler/src/plan/counts.ts'
import { compilePolicy } from './packages/compiler/src/index.ts'
import { describedKernel, documentOf } from './packages/compiler/src/testing/index.ts'
import { dummyView } from './packages/console/src/dummy/dummy-view.tsx'
import { Btf } from './packages/ebpf/src/btf/index.ts'
import { compile } from './packages/ebpf/src/lang/index.ts'
import { generatedFiles } from './packages/policy/src/generate/files.ts'
import { readPolicies } from './packages/policy/src/index.ts'
import { recordKind } from './packages/sensors/src/index.ts'
import { DummyRecord, dummyProgram } from './packages/sensors/src/process/dummy.ts'
import { actionCounts } from './packages/tetra/src/commands/tracingpolicy/policy-table.ts'
import { actionCases } from './test/cases/policies/actions/index.ts'
import { argumentCases } from './test/cases/policies/arguments/index.ts'
import { operatorCases } from './test/cases/policies/operators/index.ts'

const head = 'apiVersion: cilium.io/v1alpha1\nkind: TracingPolicy\nmetadata: {name: a}\nspec:'
const names = [/\bdummy\b/, /\bDummy\b/, /\bargDummy\b/, /\bFreeze\b/, /\bdummies\b/]
const cases = [...argumentCases, ...operatorCases, ...actionCases]
const added = cases.filter(({ covers }) => /^dummy$/i.test(covers.name))
const texts = added.map(({ policy }) => head + policy.replaceAll('\n', '\n  '))
const generated = generatedFiles().filter(({ content }) => names.every((each) => each.test(content)))

// A policy with the section, the argument type, the means and the action.
const spec = 'dummies:\n- call: tcp_close\n  args: [{index: 0, type: dummy_caps}]\n' +
  '  selectors:\n  - matchActions: [{action: Sigkill}]\n  - matchActions: [{action: Freeze}]'
const described = describedKernel({ functions: { tcp_close: ['sk'] }, supports: ['kprobe'] })
const numbers = { policyId: 1, nextHookId: () => 1, workloads: () => 0 }
const { compiled, diagnostics } = compilePolicy(documentOf(spec), described, numbers)
const [{ planned, programs, description }] = compiled.hooks
const [kill, freeze] = planned.hook.selectors.map(({ actions }) => planned.meansShown(actions[0]))

// The same as bytecode, with the structures of this kernel if it describes them.
function instructions() {
  const path = '/sys/kernel/btf/vmlinux'
  if (!existsSync(path)) return 'no structures'
  const btf = Btf.parse(readFileSync(path))
  const kernel = { ...described, btf }
  const [hook] = compilePolicy(documentOf(spec), kernel, numbers).compiled.hooks
  const codes = [...hook.programs, dummyProgram()].map((each) =>
    compile(each, { btf }, { mapFd: () => 1, positions: false }).code)
  return codes.every(({ length }) => length > 0) ? 'compiled' : 'empty'
}

// The reader's events from records, with an option that changes them.
const options = readerOptions(agentOptionsOf(['--dummy', 'marked']))
const lines = []
const warn = () => {}
const sink = await openSink({ kind: 'dummy', lines }, { rotated: warn, warn }, () => Buffer.alloc(0))
const out = new EventBuffer()
const tap = new EventTap(out.processOffsets, () => {})
const source = new TestSource()
const pipeline = new Pipeline(source, contextOf(options, out, tap), tap, sink, new Counters())
const argument = (type) => ({ type, label: '', resolved: false })
const hook = { ...testHook(1), args: [argument('dummy_caps')], enter: ['a0'] }
pipeline.begin()
pipeline.discovered(undefined)
pipeline.hooks.add(hook)
source.add(
  recordBytes(DummyRecord, { kind: recordKind.dummy, pid: 7, time: 5 }),
  hookRecordBytes(hook, { pid: 7, start: 1 }, 6, { a0: { mask: 0x3fn, size: 8 } }),
)
pipeline.drain(16)
pipeline.finish()
const events = lines.join('').split('\n').filter(Boolean).map((line) => parseEvent(line))
const print = compactPrinter({ details: true })

// Counters where they are shown.
const counts = { ...noCounts, freeze: 2, monitor_freeze: 1 }
const selector = { hook: 'f', hookIndex: 0, selectorIndex: 0, selectorLabel: '', counts }
const stats = policyStats({ counts: [selector], missed: [] }, 0)
const samples = []
metrics.collect({ policies: [{ name: 'a', stats }] }, (_, value, ...labels) => {
  if (/freeze/.test(labels.at(-1))) samples.push([labels.at(-1), value])
})

const view = dummyView({ link: { summary: { value: { kept: 3 } } } })

console.log(JSON.stringify({
  added: added.map(({ covers }) => covers),
  diagnostics: [...texts.flatMap((text) => readPolicies(text, 'added.yaml').diagnostics), ...diagnostics],
  generated: generated.map(({ path }) => path),
  policy: {
    backend: planned.plan.backend, programs: programs.length, kill, freeze, event: description.event,
    code: instructions(),
  },
  events: events.map((each) => each.ok ? [print(each.event), each.event.response.node_name] : each),
  argument: events.at(-1).event?.body.args,
  counters: { table: actionCounts([{ stats }]), samples: samples.sort() },
  view: [view.path, view.render().props.children],
}))
`

/** What the module prints. */
export interface Results {
  readonly policy: { readonly code: string }
}

const crds = ['crds', 'helm/tetragon/crds-yaml'].flatMap((folder) =>
  ['tracingpolicies', 'tracingpoliciesnamespaced'].map(
    (name) => `deploy/${folder}/cilium.io_${name}.yaml`,
  ),
)

/** What it prints besides the policy. */
export const results = {
  added: [
    { kind: 'argument', name: 'dummy' },
    { kind: 'operator', name: 'Dummy' },
    { kind: 'action', name: 'Dummy' },
  ],
  diagnostics: [],
  generated: [
    ...crds,
    'packages/policy/schema/tracing-policy.schema.json',
    'docs/reference/tracing-policy.md',
  ],
  events: [
    ['🚀 process marked <kernel> \n', 'marked'],
    ['🧪 dummy   7\n', 'marked'],
    ['❓ vfs_read marked  mask=000000000000003f size=8\n', 'marked'],
  ],
  argument: [{ dummy_caps_arg: { mask: '000000000000003f', size: 8 } }],
  counters: {
    table: ['0', '2', '1'],
    samples: [
      ['freeze', 2],
      ['monitor_freeze', 1],
    ],
  },
  view: ['/dummy', [3, ' events']],
}
