// The borders: which package may import which others, and the order of the folders in a package.
// `node scripts/check-borders.mjs` checks all imports.

/** What the kernel side may not import. */
const kernelSide = [
  ...['node:worker_threads', 'node:http', 'node:http2', 'node:net', '@grpc/grpc-js'],
]

/**
 * Packages, and what each may import of the others. `names`: of these packages it may import these
 * names only. `parts`: of these packages it may import these modules only; its tests and the
 * folders of `withKernel` may import all of them. `refuses`: modules from outside that it may not
 * import. `pure`: folders that import nothing of the repository, not even of their own package.
 * `inBrowsers`: the package runs in browsers too, and so imports no module of Node.js, except in
 * tests and in the folders of `withKernel`; or a list of folders for which that holds.
 */
export const packages = {
  'packages/ebpf': {
    imports: [],
    because: 'eBPF for Node.js knows nothing of Tetragon',
    pure: ['elf', 'kallsyms'],
    inBrowsers: ['errors', 'processors', 'steps', 'asm', 'btf', 'records', 'maps', 'lang'],
  },
  'packages/api': { imports: [], because: 'the contract imports no other package' },
  'packages/kubernetes': {
    imports: [],
    names: {
      api: ['declare', 'MessageOf', 'RequestOf', 'ResponseOf', 'service', 'serviceDefinition'],
    },
    parts: { service: ['retry'] },
    because: 'the client of the Kubernetes API and of container runtimes knows nothing of Tetragon',
  },
  'packages/service': {
    imports: [],
    parts: { api: ['nearest'] },
    because: 'what services share knows no program',
  },
  'packages/policy': { imports: ['api'], because: 'policies are checked without a kernel' },
  'packages/rules': {
    imports: ['api', 'policy'],
    because: 'rules are checked and evaluated without a kernel, also in a browser',
  },
  'packages/outputs': {
    imports: ['api', 'policy', 'service'],
    because: 'outputs send the JSON of events, and know neither the kernel nor the agent',
  },
  'packages/sensors': {
    imports: ['ebpf', 'policy'],
    names: { api: ['EventKey', 'SyscallAbi', 'eventTable', 'processFlags', 'syscallName'] },
    refuses: kernelSide,
    because: 'the kernel side knows no JSON of messages, no threads and no server',
  },
  'packages/compiler': {
    imports: ['policy', 'sensors'],
    parts: {
      api: ['nearest'],
      ebpf: ['asm', 'btf', 'elf', 'errors', 'lang', 'maps', 'processors', 'records', 'steps'],
    },
    withKernel: { folders: ['running-kernel', 'generate', 'testing'], parts: ['ebpf'] },
    inBrowsers: true,
    names: {
      api: [
        ...['BpfCmd', 'CapabilitiesType', 'EnumType', 'SecureBitsType', 'TaintedBitsType'],
        ...['AnnotatedHook', 'AnnotatedMap', 'AnnotatedPart', 'AnnotatedProgram', 'PolicyListing'],
        ...['ActionCounter', 'EnforcementCounter', 'enforcementCounters'],
        ...['SyscallAbi', 'isSyscallAbi'],
        ...['syscallName', 'syscallNames', 'syscallNumber', 'syscallParameters'],
      ],
    },
    refuses: kernelSide,
    because: 'policies are compiled without system calls, threads and servers',
  },
  'packages/agent': {
    imports: [
      ...['ebpf', 'api', 'compiler', 'kubernetes', 'outputs', 'policy', 'rules', 'sensors'],
      'service',
    ],
    because: 'the daemon needs no client',
  },
  'packages/operator': {
    imports: ['api', 'kubernetes', 'policy', 'rules', 'service'],
    parts: { compiler: ['kernel-description'] },
    withKernel: { folders: ['testing'], parts: ['compiler'] },
    because: 'the operator runs without a kernel, and beside agents',
  },
  'packages/console': {
    imports: ['api', 'policy'],
    parts: { compiler: ['kernel-description', 'listing'], ebpf: ['processors', 'steps'] },
    withKernel: { folders: ['testing'], parts: ['compiler'] },
    because: 'the page runs in a browser, and is a client like any other',
  },
  'packages/tetra': {
    imports: ['api', 'console', 'kubernetes', 'outputs', 'policy', 'rules', 'service'],
    parts: { compiler: ['kernel-description'], ebpf: ['elf', 'kallsyms'] },
    because: 'tetra runs on any machine with Node: no kernel, no FFI',
  },
  test: {
    imports: [
      'compiler',
      'ebpf',
      'api',
      'kubernetes',
      'outputs',
      'policy',
      'rules',
      'sensors',
      'service',
      'agent',
      'operator',
      'tetra',
      'test',
    ],
  },
  bench: {
    imports: [
      ...[
        'ebpf',
        'api',
        'compiler',
        'console',
        'kubernetes',
        'policy',
        'rules',
        'sensors',
        'agent',
      ],
      'test',
    ],
  },
}

/**
 * Folders and files of a folder from the bottom up: each may import those listed before it. Files
 * beside these folders that are not listed are below all of them. Only tests may import a folder
 * `testing`.
 */
export const layers = {
  'packages/ebpf/src': [
    ...[
      'errors',
      'steps',
      'processors',
      'platform',
      'asm',
      'btf',
      'elf',
      'records',
      'maps',
      'lang',
      'sys',
      'programs',
      'open-maps',
    ],
    ...[
      'links',
      'collection',
      'features',
      'kallsyms',
      'perf-ring',
      'ringbuf',
      'index.ts',
      'testing',
    ],
  ],
  'packages/api/src': [
    ...['quoting', 'messages', 'syscalls', 'lines', 'events', 'event-type.ts', 'event.ts'],
    ...['compact', 'wire', 'service.ts', 'grpc', 'platform', 'services.ts', 'proto'],
    ...['parse-event.ts', 'program-listing.ts', 'distinct-kernels.ts', 'index.ts', 'testing'],
  ],
  'packages/service/src': [
    ...['own-files', 'options', 'metrics', 'timers', 'retry', 'queue', 'connections', 'listen'],
  ],
  'packages/kubernetes/src': [
    ...['cri', 'kubeconfig', 'cluster-address.ts', 'index.ts', 'testing'],
  ],
  'packages/policy/src': [
    ...['diagnostics', 'fields', 'regexp', 'cel', 'operators', 'arguments', 'actions', 'model'],
    ...['text-search', 'images', 'labels', 'filters', 'schema', 'checks', 'parse', 'dry-run'],
    ...['generate', 'status', 'policy-text', 'unsupported.ts', 'index.ts', 'testing'],
  ],
  'packages/outputs/src': [
    ...[
      'queue',
      'spool',
      'connection.ts',
      'events',
      'schemas',
      'network',
      'kinds',
      'specification.ts',
    ],
    ...['output-status.ts', 'output.ts', 'outputs.ts', 'metrics', 'index.ts', 'testing'],
  ],
  'packages/rules/src': [
    ...['diagnostics', 'text', 'log-sources', 'model', 'modifiers', 'condition', 'parse', 'link'],
    ...['engine', 'enforce', 'hooks', 'correlations', 'falco', 'index.ts', 'testing'],
  ],
  'packages/operator/src': [
    ...['certificates', 'certgen', 'crds', 'leader', 'policy-status', 'kernels', 'endpoints'],
    ...[
      'pod-info',
      'webhook',
      'help.ts',
      'operator-options.ts',
      'operator.ts',
      'replica.ts',
      'serve.ts',
    ],
    ...['main.ts', 'index.ts', 'testing'],
  ],
  'packages/console/src': [
    ...[
      'checker',
      'store',
      'stream',
      'summaries',
      'report',
      'worker',
      'kernels',
      'page',
      'losses',
      'report-menu',
      'time',
      'enforcement',
    ],
    ...['processes', 'overview', 'events', 'health', 'alerts', 'policies', 'playground'],
    ...['main.tsx', 'testing'],
  ],
  'packages/tetra/src': [
    ...['events', 'recorded', 'connection', 'cluster', 'agents', 'bugtool', 'completion'],
    ...['console', 'cri', 'replay', 'query'],
    ...['define-command.ts', 'dispatch.ts', 'define-group.ts', 'explain', 'policy-text'],
    'kernels',
    ...[
      'policytest',
      'rules',
      'top',
      'tree',
      'diff',
      'commands',
      'registry.ts',
      'run-command-line.ts',
    ],
    ...['main.ts', 'testing'],
  ],
  'packages/sensors/src': ['records', 'kernel', 'process', 'activity', 'index.ts'],
  'packages/compiler/src': [
    'workloads',
    'hook',
    'user-probes',
    'arguments',
    'operators',
    'process-sets',
    'matchers',
    'hook-plans',
    'means',
    'backends',
    'sections',
    'actions',
    'plan',
    'checks',
    'emit',
    'compile',
    'kernel-description',
    'listing',
    'generate',
    'running-kernel',
    'hooks.ts',
    'index.ts',
    'testing',
  ],
  'packages/agent/src': [
    // A separate program, which imports nothing from the agent.
    'export-stdout',
    'bytes',
    'files',
    'kubernetes',
    'processes',
    'workloads',
    'rules',
    'reader',
    'receivers',
    'policies',
    'log',
    'endpoints',
    'config',
    'daemon',
    'daemon.ts',
    'start.ts',
    // The start of the single executable, which loads packed files.
    'executable',
    'index.ts',
    'testing',
  ],
  'packages/agent/src/reader': [
    'question-thread',
    'process-files',
    'mapped-files',
    'symbols',
    'json',
    'findings',
    'export',
    'outputs',
    'label-sets.ts',
    'event-counts.ts',
    'event-context.ts',
    'handlers',
    'protocol.ts',
    'record-dispatch.ts',
    'pipeline.ts',
    'commands.ts',
    'loop.ts',
    'worker.ts',
    'questions.ts',
    'reader-thread.ts',
    'index.ts',
  ],
  'packages/agent/src/policies': ['registry', 'kernel', 'sources'],
  'packages/agent/src/endpoints': [
    'listen',
    'endpoint.ts',
    'health',
    'grpc',
    'metrics',
    'pprof',
    'index.ts',
    'running-endpoints.ts',
  ],
}
