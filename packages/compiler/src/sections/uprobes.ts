import { nearest } from '@tetragon-ts/api/nearest'
import type { Hook } from '@tetragon-ts/policy'
import { uprobeBackends } from '../backends/uprobe.ts'
import type { TargetFunction } from '../hook-plans/hook-target.ts'
import type { KernelView } from '../hook-plans/kernel-view.ts'
import { type Locator, uprobeLocators } from '../user-probes/index.ts'
import type { HookSection } from './section.ts'
import { checkUserFile, userOf, withHostFile } from './user-section.ts'

/** uprobes: functions of user space. */
export const uprobeSection: HookSection = {
  event: 'process_uprobe',
  nameField: 'path',
  memory: 'user',
  backends: uprobeBackends,
  targets: (hook, _, kernel) => targetsOf(hook, kernel),
  exists: ({ probe }) => probe?.isMissing !== true,
  absence: ({ shown }) => `the file has no function ${shown}`,
  nearest: ({ shown }, kernel, hook) => {
    const [name] = shown.split('+')
    return withHostFile(hook, kernel, ({ elf }) =>
      nearest(
        name,
        // Indirect functions are not suggested: the compiler refuses them.
        elf.symbols
          .functions()
          .filter(({ kind }) => kind === 'function')
          .map((each) => each.name),
      ),
    )
  },
  parameters: () => undefined,
  resultType: () => undefined,
  check: checkUserFile,
  head(hook, name, { functions = [] }, index) {
    const { file, symbols } = userOf(hook)
    const { onHost, locator } = functions[index]?.probe ?? {}
    const offset = locator?.offset ?? onHost?.offset
    const counterOffset = locator?.counterOffset
    return {
      path: file,
      ...(symbols.length > 0 ? { symbol: name } : offset ? { offset: String(offset) } : {}),
      ...(counterOffset ? { ref_ctr_offset: String(counterOffset) } : {}),
    }
  },
}

/** If the host has the file, the places there are known. */
function targetsOf(hook: Hook, kernel: KernelView): readonly TargetFunction[] {
  const locators = uprobeLocators(userOf(hook))
  const target = (locator: Locator): TargetFunction => ({
    shown: locator.shown,
    symbol: locator.shown,
    probe: { locator },
  })
  const found = withHostFile(hook, kernel, (file) =>
    locators.map((locator) => {
      const [onHost] = locator.find(file)
      const probe = { locator, isMissing: onHost === undefined, onHost }
      return { ...target(locator), probe }
    }),
  )
  return found ?? locators.map(target)
}
