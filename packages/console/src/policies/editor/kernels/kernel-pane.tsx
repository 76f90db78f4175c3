import { useSignal } from '@preact/signals'
import { escapeUnprintable, programCounts } from '@tetragon-ts/api'
import type { KernelResult } from '../../../kernels/protocol.ts'
import { AnnotatedHooks } from '../../annotated-hooks.tsx'
import type { ChosenKernel, KernelModel } from './kernel-model.ts'
import type { ShownPrograms } from './kernel-programs.ts'

/** The kernels that the text is checked for, and how its hooks work on them. */
export function KernelPane({ model }: { readonly model: KernelModel }) {
  const isOver = useSignal(false)
  const result = model.result.value
  const problem = model.problem.value
  return (
    <section
      aria-label="Kernels"
      class={isOver.value ? 'kernels over' : 'kernels'}
      onDragOver={(event) => {
        event.preventDefault()
        isOver.value = true
      }}
      onDragLeave={() => {
        isOver.value = false
      }}
      onDrop={(event) => {
        event.preventDefault()
        isOver.value = false
        void model.addFiles([...(event.dataTransfer?.files ?? [])])
      }}
    >
      <h2>Kernels</h2>
      <div class="terms">
        <Offered model={model} />
        <label>
          Descriptions{' '}
          <input
            type="file"
            multiple
            onChange={({ currentTarget }) => {
              void model.addFiles([...(currentTarget.files ?? [])])
              currentTarget.value = ''
            }}
          />
        </label>
      </div>
      <p class="hint">
        Files of <code>tetragon kernel describe</code>: choose them, or drop them here.
      </p>
      {problem !== undefined && <p class="missing">{escapeUnprintable(problem)}</p>}
      <ul class="findings">
        {model.chosen.value.map((kernel) => (
          <Chosen key={kernel.id} kernel={kernel} model={model} />
        ))}
      </ul>
      <p role="status" class="hint">
        {statusOf(model)}
      </p>
      {result !== undefined && result.rows.length > 0 && <Results result={result} />}
      {model.programs.shown.value && <Programs model={model} shown={model.programs.shown.value} />}
    </section>
  )
}

function statusOf({ state, result, chosen }: KernelModel): string {
  if (typeof state.value === 'object') return escapeUnprintable(state.value.problem)
  if (state.value === 'checking') return 'checking for kernels'
  if (result.value === undefined) return chosen.value.length === 0 ? 'No kernel is chosen.' : ''
  const { checks, failed } = result.value
  return checks === 0 ? 'No policy to check.' : `${failed} of ${checks} checks for kernels fail`
}

/** The kernels of the source. */
function Offered({ model }: { readonly model: KernelModel }) {
  const offered = model.offered.value
  if (offered?.length === 0) return null
  return (
    <select
      aria-label={model.title}
      value=""
      disabled={offered === undefined}
      onChange={({ currentTarget }) => {
        const found = offered?.find(({ key }) => key === currentTarget.value)
        currentTarget.value = ''
        if (found !== undefined) void model.addOffered(found)
      }}
    >
      <option value="">{model.title}</option>
      {offered?.map(({ key, label }) => (
        <option key={key} value={key}>
          {escapeUnprintable(label)}
        </option>
      ))}
    </select>
  )
}

function Chosen({
  kernel: { id, source, release, problem },
  model,
}: {
  readonly kernel: ChosenKernel
  readonly model: KernelModel
}) {
  const isShown = model.programs.shown.value?.id === id
  return (
    <li>
      <bdi>{escapeUnprintable(release ?? source)}</bdi>{' '}
      {release !== undefined && <small>{escapeUnprintable(source)}</small>}
      {problem !== undefined && <span class="missing">{escapeUnprintable(problem)}</span>}
      {release === undefined && problem === undefined && 'reading'}{' '}
      {release !== undefined && (
        <button
          type="button"
          aria-pressed={isShown}
          aria-label={`Programs on ${escapeUnprintable(release)}`}
          onClick={() => model.programs.show(isShown ? undefined : id)}
        >
          Programs
        </button>
      )}{' '}
      <button
        type="button"
        aria-label={`Remove ${escapeUnprintable(release ?? source)}`}
        onClick={() => model.remove(id)}
      >
        Remove
      </button>
    </li>
  )
}

/** The same words as `tetra tracingpolicy validate --kernel`. */
function Results({ result: { rows, omitted } }: { readonly result: KernelResult }) {
  return (
    <>
      <table>
        <caption>Hooks by kernel</caption>
        <thead>
          <tr>
            {['Policy', 'Hook', 'Kernel', 'Result', 'Back end', 'Enforcement'].map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ policy, hook, kernel, result, backend, enforcement }, i) => (
            <tr key={i} class={result === 'fails' ? 'missing' : ''}>
              {[policy, hook, kernel, result, backend, enforcement].map((text, column) => (
                <td key={column}>
                  <bdi>{escapeUnprintable(text)}</bdi>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {omitted > 0 && (
        <p class="hint">{omitted} more rows: tetra tracingpolicy validate --kernel shows all.</p>
      )}
    </>
  )
}

interface ProgramsProperties {
  readonly model: KernelModel
  readonly shown: ShownPrograms
}

/** What \`tetragon compile --kernel\` lists. */
function Programs({ model, shown }: ProgramsProperties) {
  const { id, policies, omitted = 0, problem, isDone } = shown
  const { release = '' } = model.chosen.value.find((each) => each.id === id) ?? {}
  const hooks = policies?.flatMap((policy) => policy.hooks) ?? []
  const without = omitted > 0 ? `; ${omitted} ${omitted === 1 ? 'policy' : 'policies'} without` : ''
  const status = isDone ? `${programCounts(hooks)}${without}` : 'compiling'
  return (
    <section aria-label="Programs">
      <h3>Programs on {escapeUnprintable(release)}</h3>
      <p role="status" class="hint">
        {problem === undefined ? status : escapeUnprintable(problem)}
      </p>
      {hooks.length > 0 && <AnnotatedHooks hooks={hooks} />}
    </section>
  )
}
