import { escapeUnprintable } from '@tetragon-ts/api'
import { HookPrograms } from './hook-programs.tsx'
import { countsText, type HookOnNode } from './policy-hooks.ts'
import type { ListedPolicy } from './policy-list.ts'
import type { PolicyModel } from './policy-model.ts'

interface TableProperties {
  readonly policy: ListedPolicy
  readonly node: string
  readonly hooks: readonly HookOnNode[]
  readonly model: PolicyModel
}

/** The hooks of a policy on a node; each opens its programs. */
export function HookTable({ hooks, ...properties }: TableProperties) {
  return (
    <table>
      <thead>
        <tr>
          <th>Hook</th>
          <th>Means</th>
          <th>Done</th>
        </tr>
      </thead>
      <tbody>
        {hooks.map((hook) => (
          <HookRow key={`${hook.section} ${hook.index} ${hook.call}`} {...properties} hook={hook} />
        ))}
      </tbody>
    </table>
  )
}

type RowProperties = Omit<TableProperties, 'hooks'> & { readonly hook: HookOnNode }

function HookRow(properties: RowProperties) {
  const { node, hook, model } = properties
  const { section, index, call, means, problem, selectors } = hook
  const id = `${node} ${section}[${index}] ${call}`
  const isOpen = model.openHook.value === id
  return (
    <>
      <tr>
        <td>
          <button
            type="button"
            class="link"
            aria-expanded={isOpen}
            onClick={() => {
              model.openHook.value = isOpen ? '' : id
            }}
          >
            <bdi>{escapeUnprintable(call)}</bdi>
          </button>{' '}
          <small>{escapeUnprintable(section)}</small>
        </td>
        <td>
          <bdi>{escapeUnprintable(means)}</bdi>
          {problem !== '' && <span class="missing"> {escapeUnprintable(problem)}</span>}
        </td>
        <td>
          {selectors.map(({ index, label, counts }) => (
            <div key={index}>
              {(selectors.length > 1 || label !== '') && (
                <small>{label === '' ? `selector ${index}` : escapeUnprintable(label)}: </small>
              )}
              {escapeUnprintable(countsText(counts)) || '–'}
            </div>
          ))}
        </td>
      </tr>
      {isOpen && (
        <tr>
          <td colSpan={3}>
            <HookPrograms {...properties} />
          </td>
        </tr>
      )}
    </>
  )
}
