export { chunkOps, type Pause, runSteps, type Steps, waitFor } from './steps.ts'
