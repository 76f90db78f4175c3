import type { Coverage, CoveredTechnique } from './technique-coverage.ts'

/** Colours and scores; distinguishable for colour-blind people. */
const shown: Readonly<Record<Coverage, { color: string; score: number; label: string }>> = {
  detected: { color: '#2e7d32', score: 3, label: 'detected by a rule of level medium or above' },
  low: { color: '#f9a825', score: 2, label: 'found by rules of level low or in correlations only' },
  seen: { color: '#90caf9', score: 1, label: 'visible in events of a policy, no rule' },
}

/**
 * A layer of the ATT&CK Navigator, in the format 4.5:
 * https://github.com/mitre-attack/attack-navigator/blob/master/layers/spec/v4.5/layerformat.md
 */
export function navigatorLayer(techniques: readonly CoveredTechnique[]): object {
  return {
    name: 'Detection rules of Tetragon',
    versions: { layer: '4.5' },
    domain: 'enterprise-attack',
    description: 'What rules say that they detect; attacks that really run are another measure.',
    filters: { platforms: ['Linux', 'Containers'] },
    sorting: 3,
    hideDisabled: false,
    techniques: techniques.map(({ technique, coverage, names }) => ({
      techniqueID: technique,
      score: shown[coverage].score,
      color: shown[coverage].color,
      comment: names.join('; '),
      enabled: true,
      // So that a coloured sub-technique is not hidden.
      showSubtechniques: technique.includes('.'),
    })),
    legendItems: Object.values(shown).map(({ label, color }) => ({ label, color })),
  }
}
