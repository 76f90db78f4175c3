// Outputs of the agent's own metrics.

export { MetricOutput, type MetricOutputStatus } from './metric-output.ts'
