import type { PolicyCheck } from '@tetragon-ts/compiler/kernel-description'
import type { PolicyContent, PolicyDocument } from '@tetragon-ts/policy'

/** A policy on one kernel. */
export type KernelResult =
  | {
      readonly kind: 'checked'
      readonly release: string
      /** Why it does not work; empty if it does, or depends on files of the node. */
      readonly problems: readonly string[]
      /** Actions that do less than they say. */
      readonly weak: readonly string[]
    }
  /** The compiler of this process is for other processors. */
  | { readonly kind: 'foreign'; readonly architecture: string }
  | { readonly kind: 'unreadable'; readonly reason: string }

/** A question about a valid policy for kernels, in this order. */
export interface CheckQuestion {
  readonly id: number
  readonly policy: Pick<PolicyContent, 'title' | 'content'>
  readonly kernels: readonly { readonly hash: string; readonly bytes: Uint8Array }[]
}

/** The answer about one of the kernels. */
export interface CheckAnswer {
  readonly id: number
  readonly hash: string
  readonly result: KernelResult
}

/** Texts per kernel: more would not be shown. */
const textsMax = 4
/** Maximum size of the content of a description: a Debian kernel has 13 MB. */
const contentMax = 24 << 20

type Compiler = typeof import('@tetragon-ts/compiler/kernel-description')

/** Checks a policy for a kernel whose description may be hostile. */
export async function checkKernel(
  compiler: Compiler,
  document: PolicyDocument,
  bytes: Uint8Array,
): Promise<KernelResult> {
  try {
    const description = await compiler.decodeKernel(bytes, contentMax)
    const { architecture, release } = description.facts
    if (architecture !== process.arch) return { kind: 'foreign', architecture }
    const check = compiler.checkPolicy(document, compiler.describedKernel(description))
    return { kind: 'checked', release, problems: problemsOf(check), weak: weakOf(document, check) }
  } catch (error) {
    if (!(error instanceof compiler.KernelFileError)) throw error
    return { kind: 'unreadable', reason: error.message }
  }
}

function problemsOf({ verdict, hooks, problems }: PolicyCheck): string[] {
  if (verdict !== 'fails') return []
  const all = [...hooks.flatMap((hook) => hook.problems), ...problems]
  const errors = all.filter(({ severity }) => severity === 'error').slice(0, textsMax)
  return errors.map(({ message, path, code }) => `${message}${path && ` (${path})`} [${code}]`)
}

function weakOf({ policy }: PolicyDocument, { verdict, hooks }: PolicyCheck): string[] {
  if (verdict === 'fails' || policy.options.mode === 'monitor') return []
  const texts = hooks.flatMap(({ path, ways }) =>
    ways.flatMap(({ enforcement }) =>
      enforcement.flatMap(({ action, guarantee, missed }) => {
        if (guarantee === 'monitors') return [`${action} only monitors (${path})`]
        return guarantee === 'can_be_missed' ? [`${action} can be missed: ${missed} (${path})`] : []
      }),
    ),
  )
  return [...new Set(texts)].slice(0, textsMax)
}
