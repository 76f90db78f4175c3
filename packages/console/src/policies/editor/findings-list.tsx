import { escapeUnprintable } from '@tetragon-ts/api'
import type { EditorModel } from './editor-model.ts'

/** Errors and warnings as tetra writes them; each leads to its position. */
export function FindingsList({ model }: { readonly model: EditorModel }) {
  const findings = model.findings.value
  const check = model.check.value
  return (
    <section aria-label="Findings">
      <h2>Findings</h2>
      <p role="status" class="hint">
        {check === undefined ? 'checking' : summaryOf(findings.length, check.policies.length)}
      </p>
      <ul class="findings">
        {findings.map(({ severity, line, column, text, code }, i) => (
          <li key={`${i} ${text}`}>
            <button
              type="button"
              class={severity === 'error' ? 'link missing' : 'link'}
              onClick={() => model.goTo?.(line, column)}
            >
              {line}:{column}: {severity}: <bdi>{escapeUnprintable(text)}</bdi>
            </button>{' '}
            {code !== undefined && <small>{code}</small>}
          </li>
        ))}
      </ul>
    </section>
  )
}

function summaryOf(findings: number, policies: number): string {
  if (findings > 0) return `${findings} ${findings === 1 ? 'finding' : 'findings'}`
  return policies === 1 ? 'The policy is right.' : `${policies} policies are right.`
}
