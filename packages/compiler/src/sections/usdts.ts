import { nearest } from '@tetragon-ts/api/nearest'
import type { Argument, Diagnostic, Hook, PolicyDocument } from '@tetragon-ts/policy'
import { usdtBackends } from '../backends/usdt.ts'
import type { TargetFunction } from '../hook-plans/hook-target.ts'
import type { KernelView } from '../hook-plans/kernel-view.ts'
import {
  hasDigest,
  layOut,
  layoutsMax,
  type UsdtLayout,
  usdtLocator,
} from '../user-probes/index.ts'
import type { HookSection } from './section.ts'
import { checkUserFile, userOf, withHostFile } from './user-section.ts'

/** usdts: static probes of programs and libraries. */
export const usdtSection: HookSection = {
  event: 'process_usdt',
  nameField: 'name',
  memory: 'user',
  backends: usdtBackends,
  targets: (hook, _, kernel) => targetsOf(hook, kernel),
  exists: ({ probe }) => probe?.isMissing !== true,
  absence: ({ shown }) => `the file has no static probe ${shown}`,
  nearest: (_, kernel, hook) =>
    withHostFile(hook, kernel, ({ usdtProbes }) => {
      const { provider, name: written = '' } = userOf(hook)
      const names = usdtProbes.flatMap((each) => (each.provider === provider ? each.name : []))
      if (names.length > 0) return nearest(written, names)
      const all = usdtProbes.map((each) => `${each.provider}/${each.name}`)
      return nearest(hook.call, all)
    }),
  parameters: () => undefined,
  resultType: () => undefined,
  inferredTypes: (hook, _, kernel) => typesOf(hook, kernel),
  check: checkUsdt,
  head(hook) {
    const { file, provider = '', name = '' } = userOf(hook)
    return { path: file, provider, name }
  },
}

/** A target for each layout of the files that there are. */
function targetsOf(hook: Hook, kernel: KernelView): readonly TargetFunction[] {
  const layouts = layoutsOf(hook, kernel)
  const planned: ReadonlySet<string> = new Set(layouts.keys())
  const isMissing = withHostFile(hook, kernel, (file) => layOut(hook, file).length === 0)
  const target = (layout?: UsdtLayout): TargetFunction => ({
    shown: hook.call,
    symbol: `${hook.call} ${layout?.key ?? ''}`,
    probe: { locator: usdtLocator(hook, layout, planned), layout, isMissing },
  })
  return layouts.size > 0 && !isMissing ? [...layouts.values()].map(target) : [target()]
}

/** The layouts of all files, by their keys. Files that cannot be read are reported elsewhere. */
function layoutsOf(hook: Hook, kernel: KernelView): ReadonlyMap<string, UsdtLayout> {
  const found = new Map<string, UsdtLayout>()
  for (const file of kernel.userFiles(userOf(hook).file)) {
    try {
      if (!hasDigest(file, userOf(hook))) continue
      for (const { layout } of layOut(hook, file)) {
        if (layout && found.size < layoutsMax) found.set(layout.key, layout)
      }
    } catch {
      // See checkUserFile and UserProbeTable.
    }
  }
  return found
}

/** What is wrong with the file of the host, and with the arguments of its probe. */
function checkUsdt(
  hook: Hook,
  document: PolicyDocument,
  kernel: KernelView,
): readonly Diagnostic[] {
  return checkUserFile(hook, document, kernel, (file) => {
    const problem = layOut(hook, file).find((place) => place.problem)?.problem
    return problem ? [document.diagnose(problem.path, problem.code, problem.message)] : []
  })
}

/**
 * Types of arguments for which the policy names none: the narrowest that holds them at all places,
 * of the file of the host, if that has the probe.
 */
function typesOf(hook: Hook, kernel: KernelView): (argument: Argument) => IntegerName {
  let layouts: readonly UsdtLayout[] | undefined
  return ({ index }) => {
    layouts ??= onHost(hook, kernel) ?? [...layoutsOf(hook, kernel).values()]
    const found = layouts.flatMap(({ operands }) => operands.get(index) ?? [])
    const signed = new Set(found.map((each) => each.signed))
    // Without a file there is no program yet.
    if (signed.size !== 1) return 'sint64'
    const bits = (Math.max(...found.map(({ size }) => size)) * 8) as 8 | 16 | 32 | 64
    return signed.has(true) ? `sint${bits}` : `uint${bits}`
  }
}

/** The layouts of the file of the host; undefined if it lacks the probe. */
function onHost(hook: Hook, kernel: KernelView): readonly UsdtLayout[] | undefined {
  const places = withHostFile(hook, kernel, (file) => layOut(hook, file))
  const layouts = places?.flatMap(({ layout }) => layout ?? [])
  return layouts?.length === 0 ? undefined : layouts
}

type IntegerName = `${'sint' | 'uint'}${8 | 16 | 32 | 64}`
