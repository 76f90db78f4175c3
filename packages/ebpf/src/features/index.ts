/** What the running kernel offers, found by trying. */
export type { Answer, ProbeResult } from './answer.ts'
export { entryPoint } from './entry-point.ts'
export { type FeatureName, featureNames, probe, report } from './probe.ts'
export { type SecurityModules, securityModules } from './security-files.ts'
