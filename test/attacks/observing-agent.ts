import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { RunningAgent } from '@tetragon-ts/agent/testing'
import { ruleLibrary } from '../cases/rules/library.ts'
import { repositoryRoot } from '../vm/repository.ts'

/** Folders of policies that observe, besides what needs probes in programs. */
const folders = ['containers', 'file', 'host', 'kernel', 'network', 'privilege', 'process'] as const

/** A policy that reports what no rule needs: each access below /etc. */
const omitted = ['file/follow-etc']

/** Two policies for the same: the second one is for kernels without kprobes. */
const needKprobes = ['file/log-removal', 'file/moved-into-place', 'network/udp-peers']
const withoutKprobes = ['file/log-removal-by-name']

/** Policies on functions of libraries. */
const onLibraries = ['user/authentication']

/** The observing policies of the library that this kernel can run. */
export function observingPolicies(): string[] {
  const all = folders.flatMap((folder) =>
    readdirSync(join(repositoryRoot, 'policies', folder))
      .filter((name) => name.endsWith('.yaml'))
      .map((name) => `${folder}/${name.replace('.yaml', '')}`),
  )
  const unfit = hasKprobes() ? withoutKprobes : needKprobes
  const libraries = existsSync('/usr/lib/x86_64-linux-gnu/libpam.so.0') ? onLibraries : []
  return [...all, ...libraries].filter((name) => ![...omitted, ...unfit].includes(name)).sort()
}

function hasKprobes(): boolean {
  return (
    existsSync('/sys/kernel/debug/kprobes') ||
    readFileSync('/proc/kallsyms', 'utf8').includes(' register_kprobe\n')
  )
}

/** Starts an agent with the observing policies and the rules of the library. */
export async function startObservingAgent(): Promise<RunningAgent> {
  const paths = observingPolicies().map((name) => join(repositoryRoot, `policies/${name}.yaml`))
  const agent = await RunningAgent.start(
    // Many actions in a minute find the same.
    ...[
      '--findings-per-minute',
      '100000',
      '--rules',
      ruleLibrary,
      '--enable-ancestors',
      'base,kprobe,tracepoint,lsm,uprobe',
    ],
    ...paths.flatMap((path) => ['--tracing-policy', path]),
  )
  // The agent is a process of its own, which would go on without this one.
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    process.once(signal, () => void agent.remove().finally(() => process.exit(code)))
  }
  return agent
}
