export { arbitraryMessage } from './arbitrary-message.ts'
export { relativeCost } from './relative-cost.ts'
