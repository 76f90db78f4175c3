import { AsmError } from '@tetragon-ts/ebpf/asm'
import { BtfError } from '@tetragon-ts/ebpf/btf'
import { EbpfError } from '@tetragon-ts/ebpf/errors'
import { compileInSteps as buildInSteps } from '@tetragon-ts/ebpf/lang'
import { runSteps, type Steps } from '@tetragon-ts/ebpf/steps'
import type { Diagnostic, Hook, PolicyDocument } from '@tetragon-ts/policy'
import {
  type Compilation,
  type CompiledHook,
  type CompiledPolicy,
  compileInSteps,
  numbersOfOne,
} from '../compile/compile-policy.ts'
import { FileSets } from '../hook/file-sets.ts'
import { enforcingActionsOf } from '../plan/plan-enforcement.ts'
import type { DescribedKernel } from './described-kernel.ts'
import { type ActionCheck, checkAction } from './guarantee.ts'

/** `depends`: on files of the node, which a description does not have. */
export type Verdict = 'works' | 'depends' | 'fails'

/** Functions of a hook with one back end. */
export interface WayCheck {
  readonly backend: string
  readonly functions: number
  readonly why: string
  /** How it differs from a program at the function itself; empty if it does not. */
  readonly difference: string
  readonly enforcement: readonly ActionCheck[]
}

/** A hook on one kernel. */
export interface HookCheck {
  /** Its path in the policy. */
  readonly path: string
  readonly call: string
  readonly verdict: Verdict
  readonly ways: readonly WayCheck[]
  /** Functions that the kernel lacks, which the hook ignores. */
  readonly missing: readonly string[]
  /** Files of the node that decide, if the verdict is `depends`. */
  readonly files: readonly string[]
  readonly problems: readonly Diagnostic[]
}

/** A policy on one kernel. */
export interface PolicyCheck {
  readonly policy: string
  readonly verdict: Verdict
  readonly hooks: readonly HookCheck[]
  /** Errors and warnings that belong to no hook. */
  readonly problems: readonly Diagnostic[]
}

/**
 * Compiles a policy for a described kernel: the back end, the means and the guarantee of each hook,
 * or why it does not work. Nothing is loaded, and nothing of this machine is used.
 */
export function checkPolicy(document: PolicyDocument, kernel: DescribedKernel): PolicyCheck {
  return runSteps(checkInSteps(document, kernel))
}

/** The same in steps: policies with many hooks take seconds. */
export function* checkInSteps(
  document: PolicyDocument,
  kernel: DescribedKernel,
): Steps<PolicyCheck> {
  let compilation: Compilation
  const unbuilt: Diagnostic[] = []
  try {
    compilation = yield* compileInSteps(document, kernel.view, numbersOfOne())
    const { compiled } = compilation
    if (compiled) unbuilt.push(...(yield* buildAll(compiled, kernel)))
  } catch (error) {
    const problems = [problemOf(error, document, 'spec')]
    return { policy: document.policy.name, verdict: 'fails', hooks: [], problems }
  }
  const diagnostics = [...compilation.diagnostics, ...unbuilt]
  return judge(document, compilation, diagnostics, kernel.hasFiles)
}

function judge(
  document: PolicyDocument,
  { hooks: planned, compiled }: Compilation,
  diagnostics: readonly Diagnostic[],
  hasFiles: boolean,
): PolicyCheck {
  const { name, enforcers } = document.policy
  const written = [...enforcers.flatMap(({ hooks }) => hooks), ...document.policy.hooks]
  const left = new Set(diagnostics)
  const hooks = written.map((hook): HookCheck => {
    const problems = diagnostics.filter(({ path }) => isOf(hook, path))
    for (const problem of problems) left.delete(problem)
    const ways = planned.filter((each) => each.planned.hook.path === hook.path).map(describeWay)
    const notFound = compiled?.notFound.filter((each) => each.hook.path === hook.path) ?? []
    const missing = notFound.map((each) => each.name)
    const verdict = verdictOf(hook, problems, hasFiles)
    return {
      path: hook.path,
      call: hook.call || (hook.list ?? ''),
      verdict,
      ways,
      missing,
      files: verdict === 'depends' ? filesOf(hook) : [],
      problems,
    }
  })
  const problems = [...left]
  const all = hooks.map(({ verdict }) => verdict)
  const fails = all.includes('fails') || problems.some(isError)
  const verdict = fails ? 'fails' : all.includes('depends') ? 'depends' : 'works'
  return { policy: name, verdict, hooks, problems }
}

/** Whether a path is that of a hook, or in it: `spec.kprobes[1]` is not in `spec.kprobes[10]`. */
function isOf({ path }: Hook, other: string): boolean {
  return other === path || other.startsWith(`${path}.`) || other.startsWith(`${path}[`)
}

/** What depends on a file of the node can be neither right nor wrong without it. */
function verdictOf(hook: Hook, problems: readonly Diagnostic[], hasFiles: boolean): Verdict {
  const isUnknown = !hasFiles && filesOf(hook).length > 0
  // Its types are in the file too.
  const isOfFile = ({ code }: Diagnostic) =>
    code === 'POLICY_FILE' || (hook.user !== undefined && code === 'POLICY_RESOLVE')
  const errors = problems.filter(isError)
  if (errors.some((each) => !isUnknown || !isOfFile(each))) return 'fails'
  return isUnknown ? 'depends' : 'works'
}

/** The program of a hook in user space, and files that conditions name: `inode:/PATH`. */
function filesOf(hook: Hook): readonly string[] {
  const sets = new FileSets()
  sets.add(hook)
  const { file, btfFile } = hook.user ?? {}
  const own = [file, btfFile].filter((path) => path !== undefined)
  return [...new Set([...own, ...sets.all.flatMap(({ files }) => files)])]
}

/** How functions of a hook are attached, and their means. */
export function describeWay({ planned, functions }: CompiledHook): WayCheck {
  const { plan, hook } = planned
  return {
    backend: plan.backend,
    functions: functions.length,
    why: plan.why,
    difference: plan.difference ?? '',
    enforcement: enforcingActionsOf(hook).map((action) => checkAction(action, planned)),
  }
}

/** Builds all programs, which finds those that are too large. */
function* buildAll(
  compiled: CompiledPolicy,
  { target }: DescribedKernel,
): Steps<readonly Diagnostic[]> {
  const { document, hooks, processSets } = compiled
  const problems: Diagnostic[] = []
  for (const { planned, programs } of hooks) {
    try {
      const ofSets = processSets.all.flatMap((set) => [...set.keeping])
      for (const program of [...programs, ...ofSets]) {
        yield* buildInSteps(program, target, { mapFd: () => 1, positions: false })
      }
    } catch (error) {
      problems.push(problemOf(error, document, planned.hook.path))
    }
    yield 'part'
  }
  return problems
}

/** @throws the error if it is a bug of the compiler */
function problemOf(error: unknown, document: PolicyDocument, path: string): Diagnostic {
  const isTooLarge = error instanceof AsmError && error.code === 'EBPF_ASM_JUMP_TOO_FAR'
  if (isTooLarge || error instanceof RangeError) {
    return document.diagnose(path, 'POLICY_LIMIT', 'the hook is too large to compile')
  }
  if (error instanceof EbpfError || error instanceof BtfError) {
    return document.diagnose(path, 'POLICY_HOOK', `cannot compile it: ${error.message}`)
  }
  throw error
}

function isError({ severity }: Diagnostic): boolean {
  return severity === 'error'
}
