// The files that describe the API, for generated clients and comparisons.

export { agentFiles } from './files.ts'
export { googleFiles } from './google-files.ts'
export { protoText } from './proto-text.ts'
