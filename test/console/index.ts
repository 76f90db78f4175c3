export { FloodingAgent } from './flooding-agent.ts'
export { launchBrowser, OpenConsole } from './open-console.ts'
export { originalEvents } from './original-events.ts'
