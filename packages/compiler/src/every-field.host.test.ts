import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { Btf } from '@tetragon-ts/ebpf/btf'
import { Collection } from '@tetragon-ts/ebpf/collection'
import { ElfFile } from '@tetragon-ts/ebpf/elf'
import { compile, type Program } from '@tetragon-ts/ebpf/lang'
import type { MapSpec } from '@tetragon-ts/ebpf/maps'
import { type Diagnostic, findUnsupported, linkValues, readPolicies } from '@tetragon-ts/policy'
import { type ObjectSchema, policySchema, type Schema, schemaOf } from '@tetragon-ts/policy/schema'
import { iteratorWalk } from '@tetragon-ts/sensors/process/walk'
import { compilePolicy } from './compile/compile-policy.ts'
import type { KernelView } from './hook-plans/kernel-view.ts'
import { policyTarget, runningKernel } from './running-kernel/running-kernel.ts'

// Nothing is accepted without effect: for every field of the schema there are two policies that
// differ only in it, and they differ in their programs, in their events, or in a diagnostic.

const walk = iteratorWalk(true)

const none = 'options: []'
const hook = (fields = '', call = 'call: vfs_open, syscall: false') =>
  `kprobes: [{${call}${fields && `, ${fields}`}}]`
const numbers = 'args: [{type: int, index: 0}, {type: int, index: 1}]'
const select = (selector: string, fields = numbers) =>
  hook(`${fields}, selectors: [{${selector}}]`, 'call: sys_lseek')
const argument = (fields: string) => hook(`args: [{index: 1, ${fields}}]`)
const buffer = (fields: string) => hook(`args: [{index: 1, ${fields}}]`, 'call: sys_read')
const data = (fields: string) => hook(`data: [{type: uint64, ${fields}}]`)
const act = (action: string, fields?: string) => select(`matchActions: [{${action}}]`, fields)
const result = 'return: true, returnArg: {type: int}'
const equal = (fields = '', value = '1') =>
  select(`matchArgs: [{${fields}operator: Equal, values: ["${value}"]}]`)
const sockets = (action: string) =>
  hook(
    `args: [{type: sock}, {index: 1, type: sock}], selectors: [{matchActions: [{${action}}]}]`,
    'call: tcp_close, syscall: false',
  )
const files = 'args: [{type: int}, {index: 1, type: file}, {index: 0, type: int}]'
const descriptors = (fields: string) =>
  hook(`${files}, selectors: [{matchActions: [{${fields}}]}]`, 'call: fd_install, syscall: false')
const binaries = (match: string) => select(`matchBinaries: [{${match}}]`)
const commandArgument = (fields: string, operator = 'Equal', value = 'a') =>
  select(`matchCmdArgs: [{${fields && `${fields}, `}operator: ${operator}, values: [${value}]}]`)
const pids = (match: string) => select(`matchPIDs: [{${match}}]`)
const namespaces = (match: string) => select(`matchNamespaces: [{${match}}]`)
const capabilities = (match: string) => select(`matchCapabilities: [{${match}}]`)
const tracepoint = (fields = '', name = 'subsystem: sched, event: sched_process_exec') =>
  `tracepoints: [{${name}${fields && `, ${fields}`}}]`
const lsm = (fields = '', name = 'file_open') =>
  `lsmhooks: [{hook: ${name}${fields && `, ${fields}`}}]`
const ofTask = 'data: [{type: int, source: current_task, resolve: pid}]'
const listed = (list: string, name = 'a') =>
  `lists: [{${list}}]\n  ${hook('', `call: "list:${name}", syscall: false`)}`
const pod = (selector: string) => `podSelector: {${selector}}\n  ${hook()}`
const processes = (action: string) =>
  `processes: [{selectors: [{matchActions: [{action: ${action}}]}]}]`
const labelled = (expression: string) => pod(`matchExpressions: [{${expression}}]`)
const selector = (name: string, value: string) => [
  select('matchActions: []'),
  select(`${name}: ${value}`),
]
const inBash = '[{operator: In, values: ["/bin/bash"]}]'
const filter = '[{operator: LT, values: ["0"]}]'

/** A program with functions that can be probed. */
const program = '/bin/bash'
const bash = ElfFile.open(program)
const [{ address }] = bash.symbols.find('readline')
const offset = bash.offsetOf(address)
bash.close()
const readline = `path: ${program}, symbols: [readline]`
const uprobe = (fields = '', where = readline) => `uprobes: [{${where}${fields && `, ${fields}`}}]`
const override = (fields: string) =>
  uprobe(`selectors: [{matchActions: [{action: Override, ${fields}}]}]`)
const digest = `binaryDigests: ["sha1:${'0'.repeat(40)}"]`

/** By field: two specs that differ only in it. */
const pairs: Readonly<Record<string, readonly string[]>> = {
  'Spec.kprobes': [none, hook()],
  'Spec.fentries': [none, hook().replace('kprobes', 'fentries')],
  'Spec.tracepoints': [none, tracepoint()],
  'Spec.lsmhooks': [none, lsm()],
  'Spec.uprobes': [none, uprobe()],
  'Spec.usdts': [none, 'usdts: [{path: /bin/sh, provider: a, name: b}]'],
  'Spec.lists': [hook(), `lists: [{name: a, values: [f]}]\n  ${hook()}`],
  'Spec.processes': [hook(), `${processes('NoPost')}\n  ${hook()}`],
  'ProcessFilter.selectors': [processes('Post'), processes('NoPost')],
  'Spec.enforcers': [hook(), `enforcers: [{calls: [sys_read]}]\n  ${hook()}`],
  'Spec.options': [hook(), `options: [{name: no-such, value: "1"}]\n  ${hook()}`],
  'Spec.podSelector': [hook(), pod('')],
  'Spec.containerSelector': [hook(), `containerSelector: {}\n  ${hook()}`],
  'Spec.hostSelector': [hook(), `hostSelector: {}\n  ${hook()}`],
  'Spec.nodeSelector': [hook(), `nodeSelector: {}\n  ${hook()}`],
  'Spec.selectorsMacros': [hook(), `selectorsMacros: {m: {label: x}}\n  ${hook()}`],
  'Kprobe.call': [hook(), hook('', 'call: vfs_read, syscall: false')],
  'Kprobe.syscall': [
    hook('', 'call: sys_lseek, syscall: true'),
    hook('', 'call: sys_lseek, syscall: false'),
  ],
  'Kprobe.return': [hook('returnArg: {type: int}'), hook(result)],
  'Kprobe.returnArg': [hook('return: true'), hook(result)],
  'Kprobe.returnArgAction': ['', ', returnArgAction: TrackSock'].map((action) =>
    hook(`return: true, returnArg: {type: sock}${action}`, 'call: inet_csk_accept, syscall: false'),
  ),
  'Kprobe.args': [hook(), argument('type: file')],
  'Kprobe.data': [hook(), data('source: current_task, resolve: pid')],
  'Kprobe.selectors': [hook(), hook('selectors: [{matchPIDs: [{operator: In, values: [1]}]}]')],
  'Kprobe.message': [hook(), hook('message: text')],
  'Kprobe.tags': [hook(), hook('tags: [word]')],
  'Kprobe.ignore': ['', 'ignore: {callNotFound: true}'].map((ignore) =>
    hook(ignore, 'call: no_such_function, syscall: false'),
  ),
  'KprobeIgnore.callNotFound': ['false', 'true'].map((value) =>
    hook(`ignore: {callNotFound: ${value}}`, 'call: no_such_function, syscall: false'),
  ),
  'Uprobe.path': [uprobe(), uprobe('', 'path: /nothing, symbols: [readline]')],
  'Uprobe.symbols': [uprobe(), uprobe('', `path: ${program}, symbols: [add_history]`)],
  'Uprobe.offsets': [uprobe(), uprobe('', `path: ${program}, offsets: [${offset}]`)],
  'Uprobe.addrs': [uprobe(), uprobe('', `path: ${program}, addrs: [${address}]`)],
  'Uprobe.refCtrOffsets': [uprobe(), uprobe('refCtrOffsets: [64]')],
  'Uprobe.args': [uprobe(), uprobe('args: [{type: string}]')],
  'Uprobe.data': [uprobe(), uprobe('data: [{type: int, source: current_task, resolve: pid}]')],
  'Tracepoint.data': [tracepoint(), tracepoint(ofTask)],
  'LsmHook.data': [lsm(), lsm(ofTask)],
  'Uprobe.return': [uprobe('returnArg: {type: int}'), uprobe(result)],
  'Uprobe.returnArg': [uprobe('return: true'), uprobe(result)],
  'Uprobe.selectors': [uprobe(), uprobe('selectors: [{matchPIDs: [{operator: In, values: [1]}]}]')],
  'Uprobe.message': [uprobe(), uprobe('message: text')],
  'Uprobe.tags': [uprobe(), uprobe('tags: [word]')],
  'Uprobe.btfPath': ['', ', btfPath: /sys/kernel/btf/vmlinux'].map((path) =>
    uprobe(`args: [{type: int, btfType: task_struct, resolve: pid}]${path}`),
  ),
  'Uprobe.binaryDigests': [uprobe(), uprobe(digest)],
  'Uprobe.ignore': ['', ', ignore: {digestVerificationFailure: true}'].map((ignore) =>
    uprobe(`${digest}${ignore}`),
  ),
  'UprobeIgnore.digestVerificationFailure': ['false', 'true'].map((value) =>
    uprobe(`${digest}, ignore: {digestVerificationFailure: ${value}}`),
  ),
  'Action.argRegs': [override('argError: 1'), override('argRegs: ["rax=11"]')],
  'Action.argNewSymbol': [override('argError: 1'), override('argNewSymbol: add_history')],
  'Action.argNewAddr': [override('argError: 1'), override(`argNewAddr: ${address}`)],
  'Action.argNewOffset': [override('argError: 1'), override(`argNewOffset: ${offset}`)],
  'Argument.index': [
    hook('args: [{index: 0, type: path}]'),
    hook('args: [{index: 1, type: path}]'),
  ],
  'Argument.type': [argument('type: file'), argument('type: uint64')],
  'Argument.resolve': [argument('type: uint64'), argument('type: uint64, resolve: f_flags')],
  'Argument.btfType': ['file', 'inode'].map((type) =>
    argument(`type: uint64, btfType: ${type}, resolve: f_flags`),
  ),
  'Argument.btfTypeModule': ['', ', btfTypeModule: no_such'].map((module) =>
    argument(`type: uint64, btfType: file, resolve: f_flags${module}`),
  ),
  'Argument.sizeArgIndex': ['', ', sizeArgIndex: 3'].map((size) => buffer(`type: char_buf${size}`)),
  'Argument.returnCopy': ['', ', returnCopy: true'].map((copy) => buffer(`type: char_buf${copy}`)),
  'Argument.maxData': ['', ', maxData: true'].map((max) => buffer(`type: char_buf${max}`)),
  'Argument.size': ['2', '3'].map((size) => argument(`type: int32_arr, size: ${size}`)),
  'Argument.label': [argument('type: file'), argument('type: file, label: x')],
  'Argument.source': ['current_task', 'pt_regs'].map((source) =>
    data(`source: ${source}, resolve: sp`),
  ),
  'Selector.matchPIDs': selector('matchPIDs', '[{operator: In, values: [1]}]'),
  'Selector.matchArgs': selector('matchArgs', '[{operator: Equal, values: ["1"]}]'),
  'Selector.matchData': ['', 'matchData: [{operator: Equal, values: ["1"]}]'].map((match) =>
    select(match, 'data: [{type: int, source: current_task, resolve: pid}]'),
  ),
  'Selector.matchActions': [select(''), act('action: NoPost')],
  'Selector.matchReturnArgs': ['', `matchReturnArgs: ${filter}`].map((match) =>
    select(match, result),
  ),
  'Selector.matchReturnActions': ['', 'matchReturnActions: [{action: NoPost}]'].map((match) =>
    select(match, result),
  ),
  'Selector.matchBinaries': selector('matchBinaries', inBash),
  'Selector.matchParentBinaries': selector('matchParentBinaries', inBash),
  'Selector.matchCmdArgs': selector('matchCmdArgs', '[{operator: Equal, values: [a]}]'),
  'Selector.matchCEL': [select('matchCEL: {expr: arg0 == 1}'), select('')],
  'Selector.matchNamespaces': selector(
    'matchNamespaces',
    '[{namespace: Net, operator: In, values: ["1"]}]',
  ),
  'Selector.matchNamespaceChanges': selector(
    'matchNamespaceChanges',
    '[{operator: In, values: [Net]}]',
  ),
  'Selector.matchCapabilities': selector(
    'matchCapabilities',
    '[{operator: In, values: [CAP_CHOWN]}]',
  ),
  'Selector.matchCapabilityChanges': selector(
    'matchCapabilityChanges',
    '[{operator: In, values: [CAP_CHOWN]}]',
  ),
  'Selector.matchWorkloads': selector('matchWorkloads', '{hostSelector: {}}'),
  'Selector.macros': [select(''), select('macros: [m]')].map(
    (text) => `selectorsMacros: {m: {matchBinaries: ${inBash}}}\n  ${text}`,
  ),
  'PidMatch.operator': [pids('operator: In, values: [1]'), pids('operator: NotIn, values: [1]')],
  'PidMatch.values': [pids('operator: In, values: [1]'), pids('operator: In, values: [2]')],
  'PidMatch.isNamespacePID': ['false', 'true'].map((value) =>
    pids(`operator: In, values: [1], isNamespacePID: ${value}`),
  ),
  'PidMatch.followForks': ['false', 'true'].map((value) =>
    pids(`operator: In, values: [1], followForks: ${value}`),
  ),
  'ArgumentMatch.index': [equal('index: 0, '), equal('index: 1, ')],
  'ArgumentMatch.args': [equal('args: [0], '), equal('args: [1], ')],
  'ArgumentMatch.operator': [equal(), equal().replace('Equal', 'NotEqual')],
  'ArgumentMatch.values': [equal(), equal('', '2')],
  'Action.action': [act('action: Post'), act('action: NoPost')],
  'Action.argFd': ['0', '2'].map((fd) => descriptors(`action: FollowFD, argFd: ${fd}, argName: 1`)),
  'Action.argName': ['0', '2'].map((name) =>
    descriptors(`action: CopyFD, argFd: 0, argName: ${name}`),
  ),
  'Action.argUrl': ['a', 'b'].map((host) => act(`action: GetUrl, argUrl: "http://${host}/"`)),
  'Action.argFqdn': ['a', 'b'].map((name) => act(`action: DnsLookup, argFqdn: ${name}`)),
  'Action.argSock': ['0', '1'].map((sock) => sockets(`action: TrackSock, argSock: ${sock}`)),
  'Action.argSig': ['10', '12'].map((number) => act(`action: Signal, argSig: ${number}`)),
  'Action.argError': ['-1', '-13'].map((error) =>
    lsm(`selectors: [{matchActions: [{action: Override, argError: ${error}}]}]`),
  ),
  'Action.rateLimit': [act('action: Post'), act('action: Post, rateLimit: 5s')],
  'Action.rateLimitScope': ['thread', 'global'].map((scope) =>
    act(`action: Post, rateLimit: 5s, rateLimitScope: ${scope}`),
  ),
  'Action.kernelStackTrace': [act('action: Post'), act('action: Post, kernelStackTrace: true')],
  'Action.userStackTrace': [act('action: Post'), act('action: Post, userStackTrace: true')],
  'Action.imaHash': ['false', 'true'].map((value) =>
    lsm(`args: [{type: file}], selectors: [{matchActions: [{action: Post, imaHash: ${value}}]}]`),
  ),
  'BinaryMatch.operator': ['In', 'NotIn'].map((how) => binaries(`operator: ${how}, values: [/a]`)),
  'BinaryMatch.values': ['/a', '/b'].map((path) => binaries(`operator: In, values: [${path}]`)),
  'BinaryMatch.followChildren': ['false', 'true'].map((value) =>
    binaries(`operator: In, values: [/a], followChildren: ${value}`),
  ),
  'BinaryMatch.resolveLinks': ['false', 'true'].map((value) =>
    binaries(`operator: In, values: [/a], resolveLinks: ${value}`),
  ),
  'CommandArgumentMatch.index': ['0', '1'].map((index) => commandArgument(`index: ${index}`)),
  'CommandArgumentMatch.anyIndex': ['false', 'true'].map((any) =>
    commandArgument(`anyIndex: ${any}`),
  ),
  'CommandArgumentMatch.operator': [commandArgument(''), commandArgument('', 'NotEqual')],
  'CommandArgumentMatch.values': [commandArgument(''), commandArgument('', 'Equal', 'b')],
  'CommandArgumentMatch.ignoreCase': ['false', 'true'].map((value) =>
    commandArgument(`ignoreCase: ${value}`),
  ),
  'ExpressionMatch.expr': ['1', '2'].map((value) => select(`matchCEL: {expr: arg0 == ${value}}`)),
  'NamespaceMatch.namespace': ['Net', 'Mnt'].map((name) =>
    namespaces(`namespace: ${name}, operator: In, values: ["1"]`),
  ),
  'NamespaceMatch.operator': ['In', 'NotIn'].map((how) =>
    namespaces(`namespace: Net, operator: ${how}, values: ["1"]`),
  ),
  'NamespaceMatch.values': ['1', '2'].map((value) =>
    namespaces(`namespace: Net, operator: In, values: ["${value}"]`),
  ),
  'NamespaceChangeMatch.operator': ['In', 'NotIn'].map((how) =>
    select(`matchNamespaceChanges: [{operator: ${how}, values: [Net]}]`),
  ),
  'NamespaceChangeMatch.values': ['Net', 'Mnt'].map((name) =>
    select(`matchNamespaceChanges: [{operator: In, values: [${name}]}]`),
  ),
  'CapabilityMatch.type': ['Effective', 'Permitted'].map((type) =>
    capabilities(`type: ${type}, operator: In, values: [CAP_CHOWN]`),
  ),
  'CapabilityMatch.operator': ['In', 'NotIn'].map((how) =>
    capabilities(`operator: ${how}, values: [CAP_CHOWN]`),
  ),
  'CapabilityMatch.isNamespaceCapability': ['false', 'true'].map((value) =>
    capabilities(`operator: In, values: [CAP_CHOWN], isNamespaceCapability: ${value}`),
  ),
  'CapabilityMatch.values': ['CAP_CHOWN', 'CAP_FOWNER'].map((name) =>
    capabilities(`operator: In, values: [${name}]`),
  ),
  'WorkloadMatch.podSelector': [select(''), select('matchWorkloads: {podSelector: {}}')],
  'WorkloadMatch.containerSelector': [
    select(''),
    select('matchWorkloads: {containerSelector: {}}'),
  ],
  'WorkloadMatch.hostSelector': [select(''), select('matchWorkloads: {hostSelector: {}}')],
  'LabelSelector.matchLabels': [pod(''), pod('matchLabels: {a: b}')],
  'LabelSelector.matchExpressions': [pod(''), labelled('key: a, operator: Exists')],
  'LabelExpression.key': ['a', 'b'].map((key) => labelled(`key: ${key}, operator: Exists`)),
  'LabelExpression.operator': ['In', 'NotIn'].map((how) =>
    labelled(`key: a, operator: ${how}, values: [x]`),
  ),
  'LabelExpression.values': ['x', 'y'].map((value) =>
    labelled(`key: a, operator: In, values: [${value}]`),
  ),
  'Tracepoint.subsystem': [
    tracepoint(),
    tracepoint('', 'subsystem: none, event: sched_process_exec'),
  ],
  'Tracepoint.event': [tracepoint(), tracepoint('', 'subsystem: sched, event: sched_process_exit')],
  'Tracepoint.raw': [tracepoint('args: [{index: 2}]'), tracepoint('raw: true, args: [{index: 2}]')],
  'Tracepoint.args': [tracepoint(), tracepoint('args: [{index: 5}]')],
  'Tracepoint.selectors': [tracepoint(), tracepoint(`selectors: [{matchBinaries: ${inBash}}]`)],
  'Tracepoint.message': [tracepoint(), tracepoint('message: text')],
  'Tracepoint.tags': [tracepoint(), tracepoint('tags: [word]')],
  'LsmHook.hook': [lsm(), lsm('', 'file_permission')],
  'LsmHook.args': [lsm(), lsm('args: [{type: file}]')],
  'LsmHook.selectors': [lsm(), lsm(`selectors: [{matchBinaries: ${inBash}}]`)],
  'LsmHook.message': [lsm(), lsm('message: text')],
  'LsmHook.tags': [lsm(), lsm('tags: [word]')],
  'List.name': [listed('name: a, values: [vfs_open]'), listed('name: b, values: [vfs_open]')],
  'List.type': [
    listed('name: a, values: [vfs_open]'),
    listed('name: a, type: syscalls, values: [vfs_open]'),
  ],
  'List.values': [listed('name: a, values: [vfs_open]'), listed('name: a, values: [vfs_read]')],
  'List.pattern': ['open', 'read'].map((name) =>
    listed(`name: a, type: generated_ftrace, pattern: "^vfs_${name}$"`),
  ),
  'Option.name': ['policy-mode', 'no-such'].map(
    (name) => `options: [{name: ${name}, value: monitor}]\n  ${hook()}`,
  ),
  'Option.value': ['monitor', 'enforce'].map(
    (mode) => `options: [{name: policy-mode, value: ${mode}}]\n  ${act('action: Sigkill')}`,
  ),
}

/** Fields without effect on a policy, and the reason. */
const exceptions: Readonly<Record<string, string>> = {
  'TracingPolicy.*': 'names the kind of document; status is for the API server',
  'Metadata.*': 'names and describes the policy; the rest is for the API server',
  'Spec.loader': 'needs no program (loader-switch.ts)',
  'Selector.label': 'names the selector where its matches are counted (kernel-loader.ts)',
  'Uprobe.resolvePathInContainer': 'paths are always looked up in containers, as true says',
  'List.validated': 'written by the original for itself',
  'Usdt.*': 'test/cases/user-probes/usdts.early.test.ts',
  'Enforcer.calls': 'NotifyEnforcer is refused, or only counted',
  'Action.argIndex': 'test/cases/user-probes/usdts.early.test.ts',
  'Action.argValue': 'test/cases/user-probes/usdts.early.test.ts',
}

function fieldsOf(
  schema: Schema,
  found = new Map<string, ObjectSchema>(),
): Map<string, ObjectSchema> {
  if (schema.kind === 'list') return fieldsOf(schema.item, found)
  if (schema.kind === 'map') return fieldsOf(schema.value, found)
  if (schema.kind !== 'object' || found.has(schema.title)) return found
  found.set(schema.title, schema)
  for (const field of Object.values(schema.fields)) fieldsOf(schemaOf(field), found)
  return found
}

const btf = Btf.open()
const target = policyTarget(btf)
const collection = new Collection(target)
const running = runningKernel(btf)
/** This kernel, with every program type: nothing is loaded here. */
const kernel: KernelView = {
  btf,
  tracepointFields: running.tracepointFields,
  tracepoints: running.tracepoints,
  agent: running.agent,
  hostNamespace: running.hostNamespace,
  openUserFile: running.openUserFile,
  userFiles: running.userFiles,
  hierarchy: running.hierarchy,
  ringSize: running.ringSize,
  hasGuards: false,
  hostRoot: '/',
  cgroupRoot: running.cgroupRoot,
  preemptsPrograms: running.preemptsPrograms,
  hasSymbol: (name) => running.hasSymbol(name),
  symbols: running.symbols,
  traceable: running.traceable,
  returnDistance: () => 0,
  refuses: () => undefined,
}

const summary = ({ severity, code, path, message }: Diagnostic) => [severity, code, path, message]

/** The complete result of compiling a policy, with its diagnostics. */
function outcome(spec: string): string {
  const text = `apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata: {name: test}
spec:
  ${spec}
`
  const { documents, diagnostics } = readPolicies(text, 'test.yaml')
  if (documents.length === 0) return JSON.stringify(diagnostics.map(summary))
  const links = linkValues(documents[0].policy)
  const targets = links.map((value) => [value, { value, target: `/target${value}` }] as const)
  const document = documents[0].withTargets(new Map(targets))
  let hookId = 1
  let set = 0
  const numbers = { policyId: 1, nextHookId: () => hookId++, workloads: () => set++ }
  const made = compilePolicy(document, kernel, numbers)
  const said = [...diagnostics, ...findUnsupported(document), ...made.diagnostics].map(summary)
  const { compiled } = made
  if (compiled === undefined) return JSON.stringify(said)
  const maps: MapSpec[] = []
  const mapFd = (map: MapSpec): number => {
    if (!maps.includes(map)) maps.push(map)
    return maps.indexOf(map) + 1
  }
  const codeOf = (program: Program) =>
    Buffer.from(compile(program, target, { mapFd }).code).toString('hex')
  const hooks = compiled.hooks.map(({ planned, functions, description, programs }) => [
    planned.plan.backend,
    functions.map(({ shown }) => shown),
    description,
    programs.map(codeOf),
  ])
  const sets = compiled.processSets.all.map((set) =>
    [...set.keeping, ...set.filling(walk)].map(codeOf),
  )
  const filled = maps.map(({ content }) => content)
  const workloads = compiled.workloads.all.map(({ selection }) => selection)
  return JSON.stringify([said, hooks, sets, filled, workloads], (name, value) =>
    typeof value === 'bigint' ? `${value}n` : name === 'path' ? undefined : value,
  )
}

describe('every field of a policy has an effect, or is refused or warned about', () => {
  after(() => collection.close())
  for (const { title, fields } of fieldsOf(policySchema).values()) {
    if (`${title}.*` in exceptions) continue
    it(title, () => {
      for (const field of Object.keys(fields)) {
        const name = `${title}.${field}`
        if (name in exceptions) continue
        const pair = pairs[name]
        assert.ok(pair, `${name} has no pair of policies that differ in it`)
        const [without, outcomeWith] = pair.map(outcome)
        assert.notEqual(without, outcomeWith, `${name} is accepted without effect`)
      }
    })
  }
})
