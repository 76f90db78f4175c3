// The files that describe the API, for clients that are generated from them, and comparisons.

export { agentFiles } from './files.ts'
export { googleFiles } from './google-files.ts'
export { protoText } from './proto-text.ts'
