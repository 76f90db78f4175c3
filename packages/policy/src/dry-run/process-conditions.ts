import type { Process } from '@tetragon-ts/api'
import {
  type BinaryMatch,
  type CapabilityMatch,
  type NamespaceMatch,
  namespaces,
  type PidMatch,
  type Selector,
} from '../model/index.ts'
import { capabilityMask } from './argument-value.ts'
import { commandCondition } from './command-arguments.ts'
import type { RecordedCondition } from './recorded-call.ts'
import { negatedIf, some, type Truth } from './truth.ts'
import { workloadCondition } from './workload-condition.ts'

/** Conditions of a selector on the process that makes the call. */
export function processConditions(selector: Selector): RecordedCondition[] {
  const undecidable = (path: string, name: string): RecordedCondition => ({
    path,
    needs: `${name} is never decided`,
    test: () => undefined,
  })
  return [
    ...selector.pids.map(pids),
    ...selector.binaries.map(binaries),
    ...selector.parentBinaries.map(parentBinaries),
    ...selector.commandArguments.map(commandCondition),
    ...selector.images.map(({ path }) => undecidable(path, 'the condition of a rule')),
    ...selector.namespaces.map(namespaceMatch),
    ...selector.capabilities.map(capabilities),
    ...selector.namespaceChanges.map(({ path }) => undecidable(path, 'matchNamespaceChanges')),
    ...selector.capabilityChanges.map(({ path }) => undecidable(path, 'matchCapabilityChanges')),
    ...(selector.workloads ? [workloadCondition(selector.workloads)] : []),
  ]
}

function pids(match: PidMatch): RecordedCondition {
  const { path, negated, values, isNamespacePid, followForks } = match
  const isListed = ({ pid }: Process): Truth =>
    pid === undefined ? undefined : values.includes(pid)
  return {
    path,
    needs: isNamespacePid ? 'pids of namespaces' : 'all ancestors of the process',
    test({ process, ancestors }) {
      // Events have the pid of the host only.
      if (isNamespacePid) return undefined
      if (!followForks) return negatedIf(negated, isListed(process))
      return negatedIf(negated, some([isListed(process), isDescendant(ancestors, isListed)]))
    },
  }
}

/** Whether an ancestor matches: if none does, there may be more than the event has. */
function isDescendant(ancestors: readonly Process[], matches: (process: Process) => Truth): Truth {
  // The kernel's process has no parent.
  const isComplete = ancestors.some(({ pid }) => pid === 0)
  return some([...ancestors.map(matches), isComplete ? false : undefined])
}

/** Whether the program of a process is one of the values. */
function isProgram(match: BinaryMatch, process: Process): Truth {
  const path = programPath(process)
  if (path === undefined) return undefined
  if (isOneOf(match, path)) return true
  // Whether one of them is a link to the file is not in events.
  return match.resolveLinks ? wasStartedBy(match, process) || undefined : false
}

/** Whether one of the values is the path that a program was started by, scripts excepted. */
function wasStartedBy({ values }: BinaryMatch, process: Process): boolean {
  return !maybeScript(process) && values.includes(process.binary ?? '')
}

function assumption({ resolveLinks }: BinaryMatch): string {
  return resolveLinks ? startedByLinks : noLinks
}

function needs({ resolveLinks }: BinaryMatch, otherwise: string): string {
  return resolveLinks ? 'the links of the host' : otherwise
}

/** The path of the file; undefined if the event does not have it. */
function programPath(process: Process): string | undefined {
  const { binary, executable } = process
  if (executable === undefined) return maybeScript(process) ? undefined : binary
  return executable.startsWith('(unreachable)')
    ? undefined
    : executable.replace(/ \(deleted\)$/, '')
}

/** Events without `executable` have only the path that a program was started by. */
export const noLinks = 'programs were not started by links to them'

const startedByLinks = 'processes that were started by a value of resolveLinks are on the host'

function isOneOf({ how, values }: BinaryMatch, path: string): boolean {
  return values.some((value) => {
    if (how === 'prefix') return path.startsWith(value)
    return how === 'postfix' ? path.endsWith(value) : path === value
  })
}

/**
 * Whether the program may be a script. Conditions are about its interpreter then, which events do
 * not have; the arguments of a script begin with its path.
 */
function maybeScript({ binary = '', arguments: words = '' }: Process): boolean {
  const last = (path: string): string => path.slice(path.lastIndexOf('/') + 1)
  return words !== '' && last(binary) === last(words.split(' ')[0])
}

function binaries(match: BinaryMatch): RecordedCondition {
  const { path, negated, followChildren } = match
  const isListed = (process: Process): Truth => isProgram(match, process)
  return {
    path,
    needs: needs(
      match,
      followChildren ? 'all ancestors of the process' : 'the program that makes the call',
    ),
    assumes: assumption(match),
    test({ caller, ancestors }) {
      const own = caller && isListed(caller)
      const truths = followChildren ? [own, isDescendant(ancestors, isListed)] : [own]
      return negatedIf(negated, some(truths))
    },
  }
}

function parentBinaries(match: BinaryMatch): RecordedCondition {
  const isListed = (process: Process): Truth => isProgram(match, process)
  return {
    path: match.path,
    needs: needs(match, 'the parent of the process'),
    assumes: assumption(match),
    test({ ancestors: [parent, ...others] }) {
      if (parent === undefined) return undefined
      const truths: Truth[] = [isListed(parent)]
      if (match.followChildren) truths.push(isDescendant(others, isListed))
      return negatedIf(match.negated, some(truths))
    },
  }
}

/** Events have what the process had when its program started. */
const asStarted = (what: string): string =>
  `${what} of processes are those at the start of their programs`

function namespaceMatch({ path, namespace, negated, values }: NamespaceMatch): RecordedCondition {
  return {
    path,
    needs: 'the namespaces of the process (--enable-process-ns)',
    assumes: asStarted('the namespaces'),
    test({ process }) {
      const own = process.ns?.[namespaces[namespace]]
      if (own === undefined) return undefined
      const isListed = values.some((value) =>
        value === 'host_ns' ? own.is_host === true : value === own.inum,
      )
      return negatedIf(negated, isListed)
    },
  }
}

function capabilities(match: CapabilityMatch): RecordedCondition {
  const { path, type, negated, mask, isNamespaceCapability } = match
  const set = (
    { Effective: 'effective', Inheritable: 'inheritable', Permitted: 'permitted' } as const
  )[type]
  return {
    path,
    needs: 'the capabilities of the process (--enable-process-cred)',
    assumes: asStarted('the capabilities'),
    test({ process }) {
      if (process.cap === undefined || isNamespaceCapability) return undefined
      const own = capabilityMask(process.cap[set] ?? [])
      return negatedIf(negated, (own & mask) !== 0n)
    },
  }
}
