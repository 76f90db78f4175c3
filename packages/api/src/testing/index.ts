export { arbitraryMessage } from './arbitrary-message.ts'
export { originalMessage } from './original-message.ts'
export { relativeCost } from './relative-cost.ts'
