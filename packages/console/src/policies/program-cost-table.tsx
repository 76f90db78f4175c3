import { escapeUnprintable } from '@tetragon-ts/api'
import type { ListedPolicy } from './policy-list.ts'
import type { PolicyModel } from './policy-model.ts'

interface Properties {
  readonly policy: ListedPolicy
  readonly model: PolicyModel
}

/** What the kernel programs of a policy cost, when the user asks. Agents of the original cannot say. */
export function ProgramCostTable({ policy, model }: Properties) {
  const costs = model.costs.value
  const isMeasuring = costs === 'measuring'
  const own = isMeasuring ? [] : costs?.filter((each) => each.policy === policy.name)
  return (
    <>
      <h2>Cost</h2>
      <button type="button" disabled={isMeasuring} onClick={() => model.measure()}>
        {isMeasuring ? 'Measuring…' : 'Measure for a second'}
      </button>
      {own !== undefined && own.length > 0 && (
        <table>
          <thead>
            <tr>
              <th>Kernel program</th>
              <th>Runs/s</th>
              <th>ns/run</th>
            </tr>
          </thead>
          <tbody>
            {own.map(({ node, name, rate, perRun }, i) => (
              <tr key={`${i} ${node}`}>
                <td>
                  {node !== '' && <bdi>{escapeUnprintable(node)}: </bdi>}
                  <bdi>{escapeUnprintable(name)}</bdi>
                </td>
                <td>{Math.round(rate)}</td>
                <td>{perRun === undefined ? '–' : Math.round(perRun)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
  )
}
